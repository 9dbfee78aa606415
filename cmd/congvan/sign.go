package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"congvan/certs"
	"congvan/exchange"
	"congvan/signing"
)

// signCommand signs a file with a key that the person has. It is a tool: which office may sign what is asked by a
// gateway, not here. A refusal writes nothing.
type signCommand struct {
	Key          string   `required:"" help:"${help_key}"`
	PasswordFile string   `help:"${help_password_file}"`
	Level        string   `enum:"B-B,B-T,B-LT,B-LTA" default:"B-B" help:"${help_level}"`
	TSA          []string `name:"tsa" help:"${help_tsa}"`
	Allow        []string `help:"${help_allow}"`
	Anchors      string   `help:"${help_anchors}"`
	Field        string   `help:"${help_field}"`
	Page         int      `default:"-1" help:"${help_page}"`
	Rect         string   `help:"${help_rect}"`
	Image        string   `help:"${help_image}"`
	Reason       string   `help:"${help_reason}"`
	In           string   `arg:"" help:"${help_in}"`
	Out          string   `arg:"" help:"${help_out}"`
}

// stampTime is how long a time-stamp authority may take.
const stampTime = 30 * time.Second

// Run signs In and writes Out, which is whole or not there at all.
func (c signCommand) Run(ctx context.Context, p program) error {
	order, err := c.order(ctx, p)
	if err != nil {
		return err
	}
	if token, ok := order.Identity.Signer.(io.Closer); ok {
		defer done(token)
	}
	original, size, err := openInput(c.In)
	if err != nil {
		return err
	}
	defer done(original)
	if !isPDF(original) {
		return c.signDetached(ctx, original, size, order)
	}
	signed, err := signing.SignPDF(ctx, original, size, order)
	if err != nil {
		return notSigned(c.In, err)
	}
	if err := writeWhole(c.Out, signed.Reader(original, size)); err != nil {
		return err
	}
	return pending(signed.Pending)
}

func (c signCommand) signDetached(ctx context.Context, original io.ReaderAt, size int64, order signing.Order) error {
	signed, err := signing.SignDetached(ctx, io.NewSectionReader(original, 0, size), order)
	if err != nil {
		return notSigned(c.In, err)
	}
	if err := writeWhole(c.Out, bytes.NewReader(signed.Bytes)); err != nil {
		return err
	}
	return pending(signed.Pending)
}

// pending says that the file is signed and written, but not yet at the level that was ordered.
func pending(level signing.Level) error {
	if level == "" {
		return nil
	}
	return failure(exchange.Unavailable, "sign.level_pending", string(level), nil)
}

// order gathers the key, the services and the appearance.
func (c signCommand) order(ctx context.Context, p program) (signing.Order, error) {
	order := signing.Order{
		Level: signing.Level(c.Level), Field: c.Field, Reason: c.Reason, At: exchange.InVietnam(p.now()),
	}
	identity, err := p.openKey(ctx, c.Key, c.PasswordFile)
	if err != nil {
		return order, err
	}
	order.Identity = identity
	anchors := certs.Anchors{}
	if c.Anchors != "" {
		if anchors, err = loadAnchors(c.Anchors); err != nil {
			return order, err
		}
		standing := anchors.Check(identity.Certificate, identity.Chain, order.At, certs.ForSigning)
		if !standing.Trusted {
			return order, failure(exchange.Untrusted, standing.Reason, c.Key, nil)
		}
	}
	if err := c.addServices(&order, p, anchors); err != nil {
		return order, err
	}
	order.Appearance, err = c.appearance(identity, order.At)
	return order, err
}

// addServices gives the order what its level needs: time stamps from B-T, revocation evidence from B-LT.
func (c signCommand) addServices(order *signing.Order, p program, anchors certs.Anchors) error {
	if order.Level == signing.LevelB {
		return nil
	}
	if len(c.TSA) == 0 {
		return failure(exchange.Invalid, "timestamp.no_authority", c.Level, nil)
	}
	outbound := certs.Outbound{Timeout: stampTime, Allow: c.Allow}
	stamper, err := certs.NewTSA(certs.Timestamping{URLs: c.TSA, Now: p.now, Outbound: outbound})
	if err != nil {
		return usageError(err)
	}
	order.Stamper = stamper
	if order.Level == signing.LevelT {
		return nil
	}
	fetcher, err := certs.NewFetcher(certs.Fetching{Now: p.now, Anchors: anchors, Outbound: outbound})
	if err != nil {
		return usageError(err)
	}
	order.Evidence = fetcher
	return nil
}

// appearance reads the place, and says who signs and when where there is no image.
func (c signCommand) appearance(identity certs.Identity, at time.Time) (*signing.Appearance, error) {
	if c.Rect == "" {
		return nil, nil //nolint:nilnil // an invisible signature is what was asked for
	}
	var place [4]float64
	parts := strings.Split(c.Rect, ",")
	if len(parts) != len(place) {
		return nil, usageError(fmt.Errorf("--rect %q is not x,y,width,height", c.Rect))
	}
	for i, part := range parts {
		number, err := strconv.ParseFloat(part, 64)
		if err != nil {
			return nil, usageError(fmt.Errorf("--rect %q: %w", c.Rect, err))
		}
		place[i] = number
	}
	look := &signing.Appearance{Page: c.Page, X: place[0], Y: place[1], Width: place[2], Height: place[3]}
	if c.Image == "" {
		look.Lines = []string{
			"Người ký: " + identity.Certificate.Subject.CommonName,
			"Ngày ký: " + at.Format("02/01/2006 15:04:05 -07:00"),
		}
		return look, nil
	}
	picture, err := openPicture(c.Image)
	look.Image = picture
	return look, err
}

// notSigned names the file beside the reason why it was not signed; what the maker gave no code is an error of ours.
func notSigned(path string, err error) error {
	if code := codeOf(err); code != "internal" {
		return failure(exchange.Invalid, code, path, err)
	}
	return fmt.Errorf("sign %s: %w", path, err)
}

// openInput opens a file to be read at any offset, and says plainly when there is nothing in it.
func openInput(path string) (*os.File, int64, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err == nil && info.IsDir() {
		err = failure(exchange.Invalid, "file.not_found", path, nil)
	}
	if err == nil && info.Size() == 0 {
		err = failure(exchange.Invalid, "file.empty", path, nil)
	}
	if err != nil {
		done(file)
		return nil, 0, err
	}
	return file, info.Size(), nil
}

// isPDF looks for the header where ISO 32000 readers look: in the first 1,024 bytes.
func isPDF(file io.ReaderAt) bool {
	head := make([]byte, 1024)
	n, _ := file.ReadAt(head, 0) // a short file is read short
	return strings.Contains(string(head[:n]), "%PDF-")
}

// writeWhole writes a file beside its final name and renames it when it is durable: never half a document.
func writeWhole(path string, content io.Reader) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".congvan-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			done(file)
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	if _, err = io.Copy(file, content); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err = file.Chmod(0o644); err != nil {
		return err
	}
	if err = file.Sync(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err = file.Close(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(file.Name(), path)
}
