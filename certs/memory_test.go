package certs_test

import (
	"bytes"
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
