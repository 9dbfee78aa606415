package certs_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/binary"
	"testing"

	"congvan/certs"
	"congvan/certs/certstest"
)

func TestACertificateThatComesBackIsNotReadAgain(t *testing.T) {
	t.Parallel()
	root := certstest.Root(t, "A").Certificate
	anchors := certs.NewAnchors(certs.Anchor{Certificate: root, Realm: certs.Test})
	given := bytes.Clone(root.Raw)
	first, err := anchors.ParseCertificate(given)
	if err != nil || !first.Equal(root) {
		t.Fatalf("read %v, %v", first, err)
	}
	clear(given) // what is remembered must not hang on the document it came in
	again, err := anchors.ParseCertificate(bytes.Clone(root.Raw))
	if err != nil || again != first || !again.Equal(root) {
		t.Errorf("the second time: %v", err)
	}
	if _, err := anchors.ParseCertificate(given); err == nil {
		t.Error("zeros are read as a certificate")
	}
	var nobody certs.Anchors
	if alone, err := nobody.ParseCertificate(root.Raw); err != nil || alone == first || !alone.Equal(root) {
		t.Errorf("without anchors: %v", err)
	}
}

func TestCertificatesThatComeBackAreForgottenWhenThereAreTooMany(t *testing.T) {
	t.Parallel()
	root := certstest.Root(t, "A").Certificate
	anchors := certs.NewAnchors(certs.Anchor{Certificate: root, Realm: certs.Test})
	first, err := anchors.ParseCertificate(root.Raw)
	if err != nil {
		t.Fatal(err)
	}
	other := bytes.Clone(root.Raw)
	for number := range uint32(2<<20) / uint32(len(other)) {
		binary.BigEndian.PutUint32(other[len(other)-4:], number) // another signature value: it is not checked here
		if read, err := anchors.ParseCertificate(other); err != nil || read.Equal(root) {
			t.Fatalf("certificate %d: %v", number, err)
		}
	}
	if again, err := anchors.ParseCertificate(root.Raw); err != nil || again == first {
		t.Errorf("nothing was forgotten: %v", err)
	}
}

func TestThePartiesOfACertificateAreItsOwn(t *testing.T) {
	t.Parallel()
	a, b := certstest.Root(t, "A").Certificate, certstest.Root(t, "B").Certificate
	anchors := certs.NewAnchors(certs.Anchor{Certificate: a, Realm: certs.Test})
	for range 2 {
		for _, certificate := range []*x509.Certificate{a, b} {
			want := certs.Parties{Subject: certificate.Subject.String(), Issuer: certificate.Issuer.String()}
			if got := anchors.Parties(certificate); got != want || (certs.Anchors{}).Parties(certificate) != want {
				t.Errorf("%v, want %v", got, want)
			}
		}
	}
	if found, held := anchors.Find(a); !held || found.Certificate != a || len(anchors.Certificates()) != 1 {
		t.Errorf("found %v", found)
	}
	if _, held := anchors.Find(b); held {
		t.Error("B is no anchor")
	}
}

// What was found good is remembered by all that it depends on: whatever is forged beside it is judged as if nothing had
// been remembered.
func TestAForgedChainIsNeverTakenFromMemory(t *testing.T) {
	t.Parallel()
	h := newHierarchy(t, nil)
	leaf := h.leaf.Certificate
	stranger := certstest.Root(t, "Stranger")
	namesake := certstest.Make(t, certstest.Spec{Name: "CA", CA: true, Issuer: &stranger})
	flipped := func(piece []byte, at int) *x509.Certificate {
		der := bytes.Clone(leaf.Raw)
		der[bytes.LastIndex(der, piece)+at] ^= 1
		forged, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return forged
	}
	warm := certstest.Trusting(h.root)
	for range 2 {
		if !warm.Check(leaf, h.leaf.Chain, certstest.Noon, certs.ForSigning).Trusted {
			t.Fatal("the genuine chain is not trusted")
		}
	}
	serial := leaf.SerialNumber.Bytes()
	for name, forged := range map[string]struct {
		leaf   *x509.Certificate
		others []*x509.Certificate
	}{
		"another serial number, the same signature": {flipped(serial, len(serial)-1), h.leaf.Chain},
		"the same content, another signature":       {flipped(leaf.Signature, len(leaf.Signature)-1), h.leaf.Chain},
		"another key under the issuer's name": {
			certstest.Resign(t, h.leaf, namesake, crypto.SHA256).Certificate,
			append([]*x509.Certificate{namesake.Certificate}, h.leaf.Chain...),
		},
	} {
		want := certstest.Trusting(h.root).Check(forged.leaf, forged.others, certstest.Noon, certs.ForSigning)
		for range 2 {
			got := warm.Check(forged.leaf, forged.others, certstest.Noon, certs.ForSigning)
			if got.Trusted || got.Reason != want.Reason {
				t.Errorf("%s: trusted %t, reason %q; without memory %q", name, got.Trusted, got.Reason, want.Reason)
			}
		}
	}
}
