package main

import (
	"bufio"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"congvan/certs"
	"congvan/exchange"
)

type certsAdd struct {
	anchorFlags
	Realm certs.Realm `required:"" enum:"official,public,test" help:"${help_realm}"`
	From  string      `help:"${help_certs_from}"`
	Until string      `help:"${help_certs_until}"`
	Yes   bool        `short:"y" help:"${help_yes}"`
	File  string      `arg:"" help:"${help_certs_file}"`
}

// Run shows what is in the file, and after a yes writes each certificate as a file of its own into the realm.
func (c certsAdd) Run(p program) error {
	folder, err := c.folder()
	if err != nil {
		return err
	}
	window, err := c.window()
	if err != nil {
		return err
	}
	fresh, err := c.fresh(p, folder, window)
	if err != nil || len(fresh) == 0 {
		return err
	}
	if err := p.confirm(c.Yes, c.File); err != nil {
		return err
	}
	realm := filepath.Join(folder, string(c.Realm))
	if err := os.MkdirAll(realm, 0o700); err != nil {
		return err
	}
	for _, anchor := range fresh {
		path := filepath.Join(realm, "anchor-"+fingerprint(anchor.Certificate)[:16]+".pem")
		if err := writeWindow(path+".window", window); err != nil { // first: it must not be wider for a moment
			return err
		}
		if err := writeWhole(path, strings.NewReader(string(certs.EncodePEM(anchor.Certificate)))); err != nil {
			return err
		}
	}
	return nil
}

// window reads --from and --until.
func (c certsAdd) window() (window certs.Anchor, err error) {
	for text, into := range map[string]*time.Time{c.From: &window.From, c.Until: &window.Until} {
		if text == "" {
			continue
		}
		if *into, err = time.Parse(time.RFC3339, text); err != nil {
			return window, usageError(err)
		}
	}
	return window, nil
}

// writeWindow writes the operator's own validity of an anchor, or takes away what was left of an earlier one.
func writeWindow(path string, window certs.Anchor) error {
	if window.From.IsZero() && window.Until.IsZero() {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return nil
	}
	bound := func(at time.Time) string {
		if at.IsZero() {
			return ".."
		}
		return at.UTC().Format(time.RFC3339)
	}
	return writeWhole(path, strings.NewReader(bound(window.From)+"/"+bound(window.Until)+"\n"))
}

// fresh shows the certificates of the file and gives those that are not in the realm yet.
func (c certsAdd) fresh(p program, folder string, window certs.Anchor) ([]certs.Anchor, error) {
	data, err := readInput(c.File, maxAnchorInput)
	if err != nil {
		return nil, err
	}
	found, err := certs.ParseCertificates(data)
	if err != nil {
		return nil, failure(exchange.Invalid, "certificate.unreadable", c.File, err)
	}
	files, err := listAnchors(folder)
	if err != nil {
		return nil, err
	}
	var fresh []certs.Anchor
	for _, certificate := range found {
		anchor := certs.Anchor{Certificate: certificate, Realm: c.Realm, From: window.From, Until: window.Until}
		if err := lineOf(anchor, "", p.now()).print(p, c.JSON); err != nil {
			return nil, err
		}
		held := heldIn(files, certificate)
		switch {
		case held == "":
			fresh = append(fresh, anchor)
		case held != c.Realm:
			return nil, failure(exchange.Conflict, "anchors.known_elsewhere", string(held), nil)
		case !c.JSON:
			fmt.Fprintf(p.out, "  %s\n", p.say.word("certs_held"))
		}
	}
	return fresh, nil
}

// maxAnchorInput is the largest file of anchors, in bytes.
const maxAnchorInput = 1 << 20

// heldIn says in which realm the certificate is an anchor already; empty when in none.
func heldIn(files []certs.AnchorFile, certificate *x509.Certificate) certs.Realm {
	for _, file := range files {
		for _, anchor := range file.Anchors {
			if anchor.Certificate.Equal(certificate) {
				return anchor.Realm
			}
		}
	}
	return ""
}

func readInput(path string, most int64) ([]byte, error) {
	file, _, err := openInput(path)
	if err != nil {
		return nil, err
	}
	defer done(file)
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(data)) > most {
		err = failure(exchange.Invalid, "file.too_large", path, nil)
	}
	return data, err
}

// confirm asks whether to go on, where somebody can answer; else only --yes is a yes.
func (p program) confirm(yes bool, about string) error {
	if yes {
		return nil
	}
	if p.terminal {
		fmt.Fprint(p.err, p.say.word("certs_confirm"))
		line, err := bufio.NewReader(p.in).ReadString('\n')
		answer := strings.ToLower(strings.TrimSpace(line))
		if (err == nil || errors.Is(err, io.EOF)) && slices.Contains([]string{"y", "yes", "c", "có", "co"}, answer) {
			return nil
		}
	}
	return failure(exchange.Denied, "anchors.not_confirmed", about, nil)
}

type certsRemove struct {
	anchorFlags
	Yes    bool   `short:"y" help:"${help_yes}"`
	SHA256 string `arg:"" name:"sha256" help:"${help_certs_sha256}"`
}

// Run takes one anchor away. What was signed below it is not trusted from then on, also in older documents.
func (c certsRemove) Run(p program) error {
	folder, err := c.folder()
	if err != nil {
		return err
	}
	files, err := listAnchors(folder)
	if err != nil {
		return err
	}
	file, anchor, err := c.find(files)
	if err != nil {
		return err
	}
	if err := lineOf(anchor, file.Path, p.now()).print(p, c.JSON); err != nil {
		return err
	}
	if err := p.confirm(c.Yes, file.Path); err != nil {
		return err
	}
	path := filepath.Join(folder, filepath.FromSlash(file.Path))
	var rest []*x509.Certificate
	for _, other := range file.Anchors {
		if !other.Certificate.Equal(anchor.Certificate) {
			rest = append(rest, other.Certificate)
		}
	}
	if len(rest) > 0 {
		return writeWhole(path, strings.NewReader(string(certs.EncodePEM(rest...))))
	}
	if err := os.Remove(path); err != nil {
		return err
	}
	if err := os.Remove(path + ".window"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// find gives the one anchor whose SHA-256 begins as asked.
func (c certsRemove) find(files []certs.AnchorFile) (found certs.AnchorFile, anchor certs.Anchor, err error) {
	const least = 8 // hexadecimal digits
	wanted := strings.ToLower(strings.ReplaceAll(c.SHA256, ":", ""))
	for _, file := range files {
		for _, each := range file.Anchors {
			if len(wanted) < least || !strings.HasPrefix(fingerprint(each.Certificate), wanted) {
				continue
			}
			if anchor.Certificate != nil {
				return found, anchor, failure(exchange.Invalid, "anchors.ambiguous", c.SHA256, nil)
			}
			found, anchor = file, each
		}
	}
	if anchor.Certificate == nil {
		return found, anchor, failure(exchange.NotFound, "anchors.not_found", c.SHA256, nil)
	}
	return found, anchor, nil
}
