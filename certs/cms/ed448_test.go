package cms_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"testing"

	"github.com/cloudflare/circl/sign/ed448"

	"congvan/certs/cms"
)

func TestSHAKE256GivesTheDigestOfTheStandard(t *testing.T) {
	t.Parallel()
	// NIST, SHAKE256 of the empty message, the first 512 bits.
	const want = "46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f" +
		"d75dc4ddd8c0f200cb05019d67b592f6fc821c49479ab48640292eacb3b7c4be"
	state := cms.NewHash(cms.SHAKE256)
	if got := hex.EncodeToString(state.Sum(nil)); got != want {
		t.Errorf("digest is %s", got)
	}
	state.Write([]byte("cong "))
	state.Sum(nil) // must not end it
	state.Write([]byte("van"))
	if whole := hashed(cms.SHAKE256, []byte("cong van")); !bytes.Equal(state.Sum(nil), whole) {
		t.Error("asking for the digest changed what was written afterwards")
	}
	if !cms.Available(cms.SHAKE256) || !cms.Available(crypto.SHA256) || cms.Available(crypto.RIPEMD160) {
		t.Error("wrong about which hashes there are")
	}
}

func TestEd448ValuesAreCheckedAgainstTheKeyOfTheCertificate(t *testing.T) {
	t.Parallel()
	private := ed448.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed448.SeedSize))
	public, ok := private.Public().(ed448.PublicKey)
	if !ok {
		t.Fatal("no public key")
	}
	message := []byte("the signed attributes")
	value := ed448.Sign(private, message, "")
	info := func(key []byte) []byte {
		return raw(0x30, raw(0x30, oid(parseOID(t, "1.3.101.113"))), raw(0x03, []byte{0}, key))
	}
	key := cms.PublicKey(&x509.Certificate{RawSubjectPublicKeyInfo: info(public)})
	scheme := cms.Scheme{Algorithm: cms.Ed448}
	if err := scheme.Verify(key, message, value); err != nil {
		t.Error(err)
	}
	for name, err := range map[string]error{
		"another message":         scheme.Verify(key, message[1:], value),
		"a longer value":          scheme.Verify(key, message, append(bytes.Clone(value), 0)),
		"no value":                scheme.Verify(key, message, nil),
		"a value of another kind": cms.Scheme{Algorithm: cms.Ed25519}.Verify(key, message, value),
	} {
		if !errors.Is(err, cms.ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if key := cms.PublicKey(&x509.Certificate{RawSubjectPublicKeyInfo: info(public[1:])}); key != nil {
		t.Errorf("a short key is read as %v", key)
	}
	if _, err := scheme.Sign(keys["ed25519"](), message); err == nil {
		t.Error("Ed448 is read only")
	}
}
