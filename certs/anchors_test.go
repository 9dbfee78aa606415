package certs_test

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/certs/cms"
)

func TestAnchorsAreLoadedWithTheirRealms(t *testing.T) {
	t.Parallel()
	var roots []*x509.Certificate
	for _, name := range []string{"A", "B", "C", "D", "E", "F", "G", "H"} {
		roots = append(roots, certstest.Root(t, name).Certificate)
	}
	bundle, err := cms.CertificateBundle(roots[4:6])
	if err != nil {
		t.Fatal(err)
	}
	pemBundle := pem.EncodeToMemory(&pem.Block{Type: "PKCS7", Bytes: bundle})
	anchors, err := certs.LoadAnchors(fstest.MapFS{
		"official/a.crt":        {Data: roots[0].Raw},
		"official/a.crt.window": {Data: []byte("2015-01-01T00:00:00Z/2025-06-30T23:59:59+07:00\n")},
		"public/b+c.PEM":        {Data: certs.EncodePEM(roots[1], roots[2])},
		"public/b+c.PEM.window": {Data: []byte("../2030-01-01T00:00:00Z")},
		"test/d.cer":            {Data: roots[3].Raw},
		"test/again.cer":        {Data: roots[0].Raw},
		"official/ef.p7b":       {Data: bundle},
		"public/ef.p7b":         {Data: pemBundle},
		"g.der":                 {Data: roots[6].Raw},
		"elsewhere/h.der":       {Data: roots[7].Raw},
		"official/README.txt":   {Data: []byte("not a certificate")},
		"official/.hidden.pem":  {Data: []byte("not a certificate")},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]certs.Realm{
		"A": certs.Official, "B": certs.Public, "C": certs.Public, "D": certs.Test,
		"E": certs.Official, "F": certs.Official, "G": certs.Public,
	}
	if anchors.Len() != len(want) {
		t.Errorf("%d anchors, want %d", anchors.Len(), len(want))
	}
	for _, anchor := range anchors.List() {
		name := anchor.Certificate.Subject.CommonName
		if anchor.Realm != want[name] {
			t.Errorf("%s is %s, want %s", name, anchor.Realm, want[name])
		}
		switch name {
		case "A":
			if !anchor.From.Equal(time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)) ||
				!anchor.Until.Equal(time.Date(2025, 6, 30, 16, 59, 59, 0, time.UTC)) {
				t.Errorf("A is in force from %s until %s", anchor.From, anchor.Until)
			}
		case "B", "C":
			if !anchor.From.IsZero() || anchor.Until.Year() != 2030 {
				t.Errorf("%s is in force from %s until %s", name, anchor.From, anchor.Until)
			}
		default:
			if !anchor.From.IsZero() || !anchor.Until.IsZero() {
				t.Errorf("%s is in force from %s until %s", name, anchor.From, anchor.Until)
			}
		}
	}
}

func TestBadAnchorFoldersAreRefused(t *testing.T) {
	t.Parallel()
	root := certstest.Root(t, "A").Certificate
	for _, test := range []struct {
		name   string
		folder fs.FS
		want   error
	}{
		{"empty", fstest.MapFS{}, certs.ErrNoAnchors},
		{"other files only", fstest.MapFS{"README.md": {Data: []byte("x")}}, certs.ErrNoAnchors},
		{"damaged", fstest.MapFS{"official/a.pem": {Data: []byte("x")}}, certs.ErrUnreadable},
		{
			"PEM of something else",
			fstest.MapFS{"a.pem": {Data: pem.EncodeToMemory(&pem.Block{Type: "X"})}},
			certs.ErrNoCertificate,
		},
		{"damaged bundle", fstest.MapFS{"a.p7b": {Data: []byte{0x30, 0}}}, certs.ErrUnreadable},
		{"window that is none", fstest.MapFS{
			"a.crt": {Data: root.Raw}, "a.crt.window": {Data: []byte("2025")},
		}, certs.ErrUnreadable},
		{"window without zone", fstest.MapFS{
			"a.crt": {Data: root.Raw}, "a.crt.window": {Data: []byte("../2025-06-30")},
		}, certs.ErrUnreadable},
		{"too large", fstest.MapFS{"a.crt": {Data: make([]byte, 2<<20)}}, certs.ErrUnreadable},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			anchors, err := certs.LoadAnchors(test.folder)
			if !errors.Is(err, test.want) || anchors.Len() != 0 {
				t.Errorf("%d anchors, %v; want %v", anchors.Len(), err, test.want)
			}
		})
	}
}

func TestAnchorsAreUnited(t *testing.T) {
	t.Parallel()
	a, b := certstest.Root(t, "A"), certstest.Root(t, "B")
	official := certs.NewAnchors(certs.Anchor{Certificate: a.Certificate, Realm: certs.Official}, certs.Anchor{})
	both := official.With(certstest.Trusting(a, b))
	if both.Len() != 2 || !both.Holds(a.Certificate) || !both.Holds(b.Certificate) || official.Holds(b.Certificate) {
		t.Errorf("%d anchors", both.Len())
	}
	for _, anchor := range both.List() {
		if anchor.Certificate.Equal(a.Certificate) && anchor.Realm != certs.Official {
			t.Errorf("A became %s", anchor.Realm)
		}
	}
}
