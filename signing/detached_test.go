package signing_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/certs/cms"
	"congvan/signing"
)

// TestEveryKeyAndHashSignsFilesOfEveryKind prints a row for each key and hash; openssl and our examiner judge.
func TestEveryKeyAndHashSignsFilesOfEveryKind(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	files := map[string][]byte{
		"phuluc.docx": []byte("PK\x03\x04" + strings.Repeat("word/document.xml", 900)),
		"bang.xlsx":   []byte("PK\x03\x04" + strings.Repeat("xl/workbook.xml\x00", 900)),
		"edoc.xml":    []byte("<?xml version=\"1.0\"?>\r\n<edXML>\r\n" + strings.Repeat("Phụ lục\n", 900) + "</edXML>"),
		"hoso.zip":    []byte("PK\x05\x06" + strings.Repeat("\x00", 18)),
	}
	p521, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	largest := certstest.Issue(t, w.authority, certs.Order{
		Subject: pkix.Name{CommonName: "Nguyễn Văn An"}, Use: certs.UseSigning, Signer: p521,
	})
	rsa2048, rsa4096 := certstest.Seal(t, w.authority, certs.RSA2048), certstest.Seal(t, w.authority, certs.RSA4096)
	for _, key := range []struct {
		name     string
		identity certs.Identity
		pss      bool
	}{
		{"RSA-2048", rsa2048, false},
		{"RSA-4096", rsa4096, false},
		{"RSA-2048 PSS", rsa2048, true},
		{"P-256", certstest.Seal(t, w.authority, certs.ECDSAP256), false},
		{"P-384", certstest.Seal(t, w.authority, certs.ECDSAP384), false},
		{"P-521", largest, false},
		{"Ed25519", certstest.Seal(t, w.authority, certs.Ed25519), false},
	} {
		for _, hash := range []crypto.Hash{0, crypto.SHA256, crypto.SHA384, crypto.SHA512} {
			for _, level := range []signing.Level{signing.LevelB, signing.LevelT} {
				order := w.order(key.identity, level)
				order.PSS, order.Hash = key.pss, hash
				for name, content := range files {
					signDetached(t, w, order, name, content)
				}
			}
			chosen := "the key's own"
			if hash != 0 {
				chosen = hash.String()
			}
			t.Logf("%-13s hash %s: %d files at B-B and B-T", key.name, chosen, len(files))
		}
	}
}

func signDetached(t *testing.T, w workshop, order signing.Order, name string, content []byte) {
	t.Helper()
	made, err := signing.SignDetached(t.Context(), bytes.NewReader(content), order)
	if err != nil || made.Level != order.Level || made.Pending != "" || made.SHA256 != sum256(content) {
		t.Fatalf("%s: %s %q: %v, %v", name, made.Level, made.Pending, made.Owed, err)
	}
	for changed, want := range map[bool]signing.Verdict{false: signing.Passed, true: signing.Failed} {
		file := bytes.Clone(content)
		if changed {
			file[len(file)-1] ^= 1
		}
		report, err := signing.Examine(t.Context(), bytes.NewReader(made.Bytes), int64(len(made.Bytes)), signing.Policy{
			At: w.at, Anchors: w.authority.Anchors(), Revocation: w.evidence, Content: bytes.NewReader(file),
		})
		if err != nil || report.Verdict != want || report.Signatures[0].Level != order.Level {
			t.Errorf("%s, changed %v: %s %v: %+v", name, changed, report.Verdict, err, report.Signatures)
		}
	}
	openssl := peer(t, "openssl")
	arguments := []string{
		"cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", file(t, "s.p7s", made.Bytes),
		"-content", file(t, name, content), "-out", os.DevNull, "-purpose", "any",
		"-CAfile", file(t, "root.pem", certs.EncodePEM(w.authority.Root())), "-attime", fmt.Sprint(w.at.Unix()),
	}
	if _, ed := order.Identity.Certificate.PublicKey.(ed25519.PublicKey); ed { // 3.0 does not know it in CMS
		signed, err := cms.Parse(made.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		arguments = []string{
			"pkeyutl", "-verify", "-rawin", "-certin", "-sigfile", file(t, "value", signed.Signers[0].Signature),
			"-inkey", file(t, "signer.pem", certs.EncodePEM([]*x509.Certificate{order.Identity.Certificate}...)),
			"-in", file(t, "attributes", signed.Signers[0].RawSigned),
		}
	}
	if out, err := run(t, openssl, arguments...); err != nil {
		t.Errorf("openssl on %s, hash %v, %s: %v\n%s", name, order.Hash, order.Level, err, out)
	}
}

func TestWeakKeysAndHashesSignNothing(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	short := certstest.Issue(t, w.authority, certs.Order{
		Subject: pkix.Name{CommonName: "Khoá ngắn"}, Use: certs.UseSigning, Signer: weak,
	})
	strong := certstest.Seal(t, w.authority, certs.ECDSAP256)
	for name, order := range map[string]signing.Order{
		"SHA-1":    {Identity: strong, Hash: crypto.SHA1},
		"MD5":      {Identity: strong, Hash: crypto.MD5},
		"RSA-1024": {Identity: short},
	} {
		order.Level, order.At = signing.LevelB, w.at
		if _, err := signing.SignDetached(t.Context(), strings.NewReader("x"), order); !errors.Is(err, signing.ErrWeakKey) {
			t.Errorf("%s beside a file: %v", name, err)
		}
		document := blank(1)
		_, err := signing.SignPDF(t.Context(), bytes.NewReader(document), int64(len(document)), order)
		if !errors.Is(err, signing.ErrWeakKey) {
			t.Errorf("%s in a PDF: %v", name, err)
		}
	}
}

func TestADetachedSignatureWithoutItsTimeStampIsPending(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	order := w.order(certstest.Seal(t, w.authority, certs.ECDSAP256), signing.LevelT)
	order.Stamper = certstest.Client(t, certstest.Down(t))
	made, err := signing.SignDetached(t.Context(), strings.NewReader("x"), order)
	if err != nil || made.Level != signing.LevelB || made.Pending != signing.LevelT || made.Owed == nil {
		t.Errorf("%s, pending %q: %v", made.Level, made.Pending, err)
	}
	order.Level = signing.LevelLTA
	if _, err := signing.SignDetached(t.Context(), strings.NewReader("x"), order); !errors.Is(err, signing.ErrLevel) {
		t.Errorf("error %v", err)
	}
}

func pemKey(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}
