package certs_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"congvan/certs"
)

// shortKey gives an identity with an RSA key of 1024 bits, of which only subject and key count.
func shortKey(t *testing.T) *certs.Identity {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	name := pkix.Name{CommonName: "Small"}
	subject, err := asn1.Marshal(name.ToRDNSequence())
	if err != nil {
		t.Fatal(err)
	}
	return &certs.Identity{Signer: crypto.Signer(key), Certificate: &x509.Certificate{RawSubject: subject}}
}

// openSSL gives the path of openssl, or skips the test; where peers are required, it fails the test.
func openSSL(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("openssl")
	switch {
	case err == nil:
		return path
	case os.Getenv("CONGVAN_REQUIRE_PEERS") == "1":
		t.Fatal("openssl is required and not found")
	default:
		t.Skip("openssl is not installed")
	}
	return ""
}

// run runs a program in a folder and gives what it said; want says whether it must succeed.
func run(t *testing.T, want bool, folder string, command ...string) string {
	t.Helper()
	program := exec.CommandContext(t.Context(), command[0], command[1:]...)
	program.Dir = folder
	said, err := program.CombinedOutput()
	if (err == nil) != want {
		t.Fatalf("%v: %v\n%s", command, err, said)
	}
	return string(said)
}

func write(t *testing.T, folder, name string, data []byte) {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func random(tb testing.TB) io.Reader {
	tb.Helper()
	return rand.Reader
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
