//go:build pkcs11 && (linux || darwin) && (amd64 || arm64)

package certs_test

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/certs/cms"
)

const (
	pin      = "123456"
	tokenOne = "Một Cửa" // labels are UTF-8
)

func newToken(t *testing.T, util, label string) {
	t.Helper()
	run(t, true, ".", util, "--init-token", "--free", "--label", label, "--so-pin", "12345678", "--pin", pin)
}

// put brings a key to the token, and its certificates when asked.
func put(t *testing.T, util, module string, key placed) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key.identity.Signer)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	write(t, folder, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	run(t, true, folder, util, "--import", "key.pem", "--token", key.token, "--label", key.label, "--id", key.id,
		"--pin", pin)
	if key.bare {
		return
	}
	certstest.StoreCertificates(t, module, key.token, pin, append(key.identity.Chain, key.identity.Certificate)...)
}

type placed struct {
	identity         certs.Identity
	token, label, id string
	bare             bool // without certificates
}

func (p placed) uri(module string) string {
	return "pkcs11:token=" + url.PathEscape(p.token) + ";object=" + url.PathEscape(p.label) + "?module-path=" + module
}

func closeSigner(t *testing.T, identity certs.Identity) {
	t.Helper()
	closer, ok := identity.Signer.(io.Closer)
	if !ok {
		t.Fatal("the signer cannot be closed")
	}
	for range 2 {
		if err := closer.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}

// signedMessage signs by CMS and gives what our own reader says of it.
func signedMessage(t *testing.T, identity certs.Identity, policy cms.Policy) error {
	t.Helper()
	scheme, err := cms.SchemeFor(identity.Certificate.PublicKey, policy)
	if err != nil {
		t.Fatal(err)
	}
	content := []byte("Công văn số 1")
	der, err := cms.Sign(identity.Signer, cms.Draft{
		Scheme: scheme, Certificate: identity.Certificate, Chain: identity.Chain, Content: content,
	})
	if err != nil {
		return err
	}
	message, err := cms.Parse(der)
	if err != nil {
		return err
	}
	digest := scheme.ContentHash().New()
	digest.Write(content)
	_, err = message.Signers[0].Verify(identity.Certificate, digest.Sum(nil))
	return err
}

func TestTokensSignWhatCMSVerifies(t *testing.T) {
	util, module := certstest.SoftHSM(t)
	newToken(t, util, tokenOne)
	for name, kind := range map[string]certs.KeyKind{"RSA-2048": certs.RSA2048, "P-256": certs.ECDSAP256} {
		key := placed{identity: threeStoreys(t, kind), token: tokenOne, label: "Khoá " + name, id: fmt.Sprintf("A%d", kind)}
		put(t, util, module, key)
		identity, err := certs.OpenToken(t.Context(), key.uri(module), pin)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		sameIdentity(t, identity, key.identity)
		for _, policy := range []cms.Policy{{}, {PSS: true}, {Hash: crypto.SHA384}, {PSS: true, Hash: crypto.SHA512}} {
			if err := signedMessage(t, identity, policy); err != nil {
				t.Errorf("%s, %+v: %v", name, policy, err)
			}
		}
		if _, err := certs.SealKey(identity, []byte("x")); !errors.Is(err, certs.ErrNotExportable) {
			t.Errorf("%s: the key of a token was put in a file: %v", name, err)
		}
		for _, hash := range []crypto.Hash{crypto.SHA1, crypto.MD5} {
			digest := make([]byte, hash.Size())
			if _, err := identity.Signer.Sign(rand.Reader, digest, hash); !errors.Is(err, cms.ErrUnsupported) {
				t.Errorf("%s signed %v: %v", name, hash, err)
			}
		}
		if _, err := identity.Signer.Sign(rand.Reader, []byte("short"), crypto.SHA256); err == nil {
			t.Errorf("%s signed a digest of 5 bytes", name)
		}
		closeSigner(t, identity)
		digest := make([]byte, 32)
		if _, err := identity.Signer.Sign(rand.Reader, digest, crypto.SHA256); !errors.Is(err, certs.ErrTokenGone) {
			t.Errorf("%s signed after it was closed: %v", name, err)
		}
	}
}

func TestTokensServeManyAtOnce(t *testing.T) {
	util, module := certstest.SoftHSM(t)
	newToken(t, util, tokenOne)
	newToken(t, util, "Hai")
	all := []placed{
		{identity: threeStoreys(t, certs.RSA2048), token: tokenOne, label: "a", id: "01"},
		{identity: threeStoreys(t, certs.ECDSAP256), token: tokenOne, label: "b", id: "02"},
		{identity: threeStoreys(t, certs.ECDSAP256), token: "Hai", label: "c", id: "03"},
	}
	for _, key := range all {
		put(t, util, module, key)
	}
	var keys certs.Tokens
	var opened []certs.Identity
	for _, key := range all {
		identity, err := keys.Open(t.Context(), certs.TokenKey{URI: key.uri(module), PIN: pin})
		if err != nil {
			t.Fatal(err)
		}
		opened = append(opened, identity)
	}
	var group sync.WaitGroup
	for i := range 60 {
		group.Go(func() {
			if err := signedMessage(t, opened[i%len(opened)], cms.Policy{PSS: i%2 == 0}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	closeSigner(t, opened[0])
	if err := signedMessage(t, opened[1], cms.Policy{}); err != nil {
		t.Errorf("closing one key disturbs another of the same token: %v", err)
	}
	if err := errors.Join(keys.Close(), keys.Close()); err != nil {
		t.Error(err)
	}
	if err := signedMessage(t, opened[2], cms.Policy{}); !errors.Is(err, certs.ErrTokenGone) {
		t.Errorf("a key signs after all was closed: %v", err)
	}
	identity, err := keys.Open(t.Context(), certs.TokenKey{URI: all[2].uri(module), PIN: pin})
	if err != nil {
		t.Fatalf("open again after all was closed: %v", err)
	}
	closeSigner(t, identity)
}

func TestTokensAreRefusedWithAReason(t *testing.T) {
	util, module := certstest.SoftHSM(t)
	newToken(t, util, tokenOne)
	own := threeStoreys(t, certs.ECDSAP256)
	put(t, util, module, placed{identity: own, token: tokenOne, label: "a", id: "01"})
	put(t, util, module, placed{identity: threeStoreys(t, certs.ECDSAP256), token: tokenOne, label: "b", id: "02"})
	bare := placed{identity: threeStoreys(t, certs.ECDSAP256), token: tokenOne, label: "bare", id: "03", bare: true}
	put(t, util, module, bare)
	text := filepath.Join(t.TempDir(), "text.so")
	write(t, filepath.Dir(text), "text.so", []byte("no library"))
	one := "pkcs11:token=" + url.PathEscape(tokenOne)
	at := "?module-path=" + module
	for _, test := range []struct {
		uri, pin string
		want     error
		code     string
	}{
		{one + ";object=a" + at, "999999", certs.ErrPassword, "token.wrong_pin"},
		{one + ";object=a" + at, "", certs.ErrTokenPIN, "token.wrong_pin"},
		{one + ";object=z" + at, pin, certs.ErrNoKey, ""},
		{one + ";id=%09" + at, pin, certs.ErrNoKey, ""},
		{one + ";object=bare" + at, pin, certs.ErrKeyMismatch, ""},
		{one + at, pin, certs.ErrTokenAmbiguous, "token.ambiguous"},
		{"pkcs11:token=Ba" + at, pin, certs.ErrTokenAbsent, "token.absent"},
		{one + ";slot-id=77" + at, pin, certs.ErrTokenAbsent, "token.absent"},
		{one + ";serial=1" + at, pin, certs.ErrTokenAbsent, "token.absent"},
		{one, pin, certs.ErrTokenURI, "token.bad_address"},
		{one + "?module-path=/nowhere/a.so", pin, certs.ErrTokenModule, "token.module"},
		{one + "?module-path=" + text, pin, certs.ErrTokenModule, "token.module"},
		{one + "?module-path=" + libc(t), pin, certs.ErrTokenModule, "token.module"},
	} {
		identity, err := certs.OpenToken(t.Context(), test.uri, test.pin)
		if !errors.Is(err, test.want) || certs.KeyCode(err) != test.code || identity.Signer != nil {
			t.Errorf("%s: %v (%s), want %v", test.uri, err, certs.KeyCode(err), test.want)
		}
		if err != nil && test.pin != "" && strings.Contains(err.Error(), test.pin) {
			t.Errorf("%s: the PIN is told: %v", test.uri, err)
		}
	}
	var keys certs.Tokens
	identity, err := keys.Open(t.Context(), certs.TokenKey{
		URI: bare.uri(module), PIN: pin,
		Certificates: append(own.Chain, own.Certificate, bare.identity.Chain[1], bare.identity.Chain[0],
			bare.identity.Certificate),
	})
	if err != nil {
		t.Fatal(err)
	}
	sameIdentity(t, identity, bare.identity)
	closeSigner(t, identity)
}

// libc is a library that is no PKCS #11 module.
func libc(t *testing.T) string {
	t.Helper()
	for _, pattern := range []string{"/lib/*/libc.so.6", "/lib/libc.so.6", "/usr/lib/libSystem.B.dylib"} {
		if found, err := filepath.Glob(pattern); err == nil && len(found) > 0 {
			return found[0]
		}
	}
	t.Fatal("no C library")
	return ""
}

func TestATokenThatIsPulledOutIsNamed(t *testing.T) {
	util, module := certstest.SoftHSM(t)
	newToken(t, util, tokenOne)
	key := placed{identity: threeStoreys(t, certs.RSA2048), token: tokenOne, label: "a", id: "01"}
	put(t, util, module, key)
	identity, err := certs.OpenToken(t.Context(), key.uri(module), pin)
	if err != nil {
		t.Fatal(err)
	}
	run(t, true, ".", util, "--delete-token", "--token", tokenOne)
	digest := make([]byte, 32)
	_, err = identity.Signer.Sign(rand.Reader, digest, crypto.SHA256)
	if !errors.Is(err, certs.ErrTokenGone) || certs.KeyCode(err) != "token.gone" {
		t.Errorf("%v (%s)", err, certs.KeyCode(err))
	}
	closeSigner(t, identity)
	if _, err := certs.OpenToken(t.Context(), key.uri(module), pin); !errors.Is(err, certs.ErrTokenAbsent) {
		t.Errorf("opened again: %v", err)
	}
	newToken(t, util, tokenOne)
	put(t, util, module, key)
	identity, err = certs.OpenToken(t.Context(), key.uri(module), pin)
	if err != nil {
		t.Fatalf("opened again after it is back: %v", err)
	}
	defer closeSigner(t, identity)
	if err := signedMessage(t, identity, cms.Policy{}); err != nil {
		t.Error(err)
	}
}

func TestOfRenewedCertificatesTheYoungestIsTaken(t *testing.T) {
	util, module := certstest.SoftHSM(t)
	newToken(t, util, tokenOne)
	first := threeStoreys(t, certs.ECDSAP256)
	root := certstest.Root(t, "Root")
	later := certstest.Make(t, certstest.Spec{
		Name: "Nguyễn Văn An", Issuer: &root, Like: &first, From: certstest.Noon.AddDate(0, -1, 0),
	})
	key := placed{identity: first, token: tokenOne, label: "a", id: "01"}
	put(t, util, module, key)
	certstest.StoreCertificates(t, module, tokenOne, pin, later.Certificate)
	identity, err := certs.OpenToken(t.Context(), key.uri(module), pin)
	if err != nil {
		t.Fatal(err)
	}
	defer closeSigner(t, identity)
	if !identity.Certificate.Equal(later.Certificate) {
		t.Errorf("certificate from %v", identity.Certificate.NotBefore)
	}
}
