package main

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"os"
	"time"

	"congvan/certs"
	"congvan/exchange"
	"congvan/exchange/expiry"
)

// certsCommand looks after the certificates that a gateway relies upon.
type certsCommand struct {
	List   certsList   `cmd:"" help:"${help_certs_list}"`
	Add    certsAdd    `cmd:"" help:"${help_certs_add}"`
	Remove certsRemove `cmd:"" help:"${help_certs_remove}"`
	Check  certsCheck  `cmd:"" help:"${help_certs_check}"`
	Import certsImport `cmd:"" help:"${help_certs_import}"`
}

// anchorFlags say which folder of anchors is meant: named, or that of a gateway's configuration.
type anchorFlags struct {
	Config  string `short:"c" default:"congvan.yaml" help:"${help_config_file}"`
	Anchors string `help:"${help_anchors}"`
	JSON    bool   `name:"json" help:"${help_json}"`
}

func (c anchorFlags) folder() (string, error) {
	if c.Anchors != "" {
		return c.Anchors, nil
	}
	config, err := loadConfig(c.Config)
	return config.Anchors, err
}

// anchorLine is one anchor as it is shown; its JSON is for scripts.
type anchorLine struct {
	Realm     certs.Realm `json:"realm"`
	Subject   string      `json:"subject"`
	Issuer    string      `json:"issuer"`
	Serial    string      `json:"serial"`
	SHA256    string      `json:"sha256"`
	NotBefore time.Time   `json:"not_before"`
	NotAfter  time.Time   `json:"not_after"`
	From      time.Time   `json:"from,omitzero"`  // the operator's own window
	Until     time.Time   `json:"until,omitzero"` // likewise
	Days      int         `json:"days"`           // left
	Authority bool        `json:"authority"`      // it may issue certificates
	File      string      `json:"file,omitempty"`
	Warning   string      `json:"warning,omitempty"`
}

func lineOf(anchor certs.Anchor, file string, now time.Time) anchorLine {
	certificate := anchor.Certificate
	end := anchorExpiry(anchor)
	return anchorLine{
		Realm: anchor.Realm, Subject: certificate.Subject.String(), Issuer: certificate.Issuer.String(),
		Serial: certificate.SerialNumber.Text(16), SHA256: fingerprint(certificate), NotBefore: certificate.NotBefore,
		NotAfter: certificate.NotAfter, From: anchor.From, Until: anchor.Until, Days: end.Days(now),
		Authority: certificate.IsCA, File: file, Warning: end.Warning(now),
	}
}

// anchorExpiry is the end of an anchor: of its certificate, or of the operator's window when that is earlier.
func anchorExpiry(anchor certs.Anchor) expiry.End {
	until := anchor.Certificate.NotAfter
	if !anchor.Until.IsZero() && anchor.Until.Before(until) {
		until = anchor.Until
	}
	return expiry.End{What: expiry.Anchor, Name: holderOf(anchor.Certificate), Until: until.UTC()}
}

// holderOf is whom a certificate names.
func holderOf(certificate *x509.Certificate) string {
	if name := certificate.Subject.CommonName; name != "" {
		return name
	}
	return certificate.Subject.String()
}

func fingerprint(certificate *x509.Certificate) string {
	sum := sha256.Sum256(certificate.Raw)
	return hex.EncodeToString(sum[:])
}

func (l anchorLine) print(p program, asJSON bool) error {
	if asJSON {
		return printJSON(p.out, l)
	}
	fmt.Fprintf(p.out, "%s: %s\n", p.say.word("realm_"+string(l.Realm)), l.Subject)
	fmt.Fprintf(p.out, "  SHA-256 %s\n  %s %s – %s (%s)\n", l.SHA256, p.say.word("certs_valid"),
		inVietnamDay(l.NotBefore), inVietnamDay(l.NotAfter), p.say.days(l.Days))
	if !l.From.IsZero() || !l.Until.IsZero() {
		fmt.Fprintf(p.out, "  %s %s – %s\n", p.say.word("certs_window"), inVietnamDay(l.From), inVietnamDay(l.Until))
	}
	if !l.Authority {
		fmt.Fprintf(p.out, "  %s\n", p.say.word("certs_no_authority"))
	}
	return nil
}

// inVietnamDay writes a day as people here read it; an open end is a dash of dots.
func inVietnamDay(at time.Time) string {
	if at.IsZero() {
		return "…"
	}
	return exchange.InVietnam(at).Format("02/01/2006")
}

func (s speech) days(days int) string {
	if days < 0 {
		return s.word("certs_over")
	}
	return fmt.Sprintf(s.word("certs_days"), days)
}

type certsList struct{ anchorFlags }

// Run lists the anchors, realm by realm.
func (c certsList) Run(p program) error {
	folder, err := c.folder()
	if err != nil {
		return err
	}
	files, err := listAnchors(folder)
	if err != nil {
		return err
	}
	for _, file := range files {
		for _, anchor := range file.Anchors {
			if err := lineOf(anchor, file.Path, p.now()).print(p, c.JSON); err != nil {
				return err
			}
		}
	}
	if len(files) == 0 && !c.JSON {
		fmt.Fprintln(p.out, p.say.word("certs_none"))
	}
	return nil
}

func listAnchors(folder string) ([]certs.AnchorFile, error) {
	if found, err := exists(folder); err != nil || !found {
		return nil, err
	}
	files, err := certs.ListAnchorFiles(os.DirFS(folder))
	if err != nil {
		return nil, failure(exchange.Invalid, "anchors.unreadable", folder, err)
	}
	return files, nil
}
