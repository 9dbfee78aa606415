package signing_test

import (
	"crypto"
	"io"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/signing"
)

// counted is a key that counts how often it is used.
type counted struct {
	crypto.Signer
	used int
}

func (c *counted) Sign(random io.Reader, digest []byte, options crypto.SignerOpts) ([]byte, error) {
	c.used++
	return c.Signer.Sign(random, digest, options)
}

// A key that lies elsewhere, or asks for a PIN, must be asked once: the room is guessed right the first time.
func TestEveryKeyIsUsedOnceForASignature(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	for name, c := range map[string]struct {
		key  certs.KeyKind
		pss  bool
		hash crypto.Hash
	}{
		"RSA-2048": {certs.RSA2048, false, 0}, "RSA-4096 PSS SHA-512": {certs.RSA4096, true, crypto.SHA512},
		"P-256": {certs.ECDSAP256, false, 0}, "P-384": {certs.ECDSAP384, false, 0}, "Ed25519": {certs.Ed25519, false, 0},
		"P-256 SHA-512": {certs.ECDSAP256, false, crypto.SHA512}, "RSA-3072 PSS": {certs.RSA3072, true, 0},
	} {
		for _, level := range []signing.Level{signing.LevelB, signing.LevelT} {
			identity := certstest.Leader(t, w.authority, c.key)
			key := &counted{Signer: identity.Signer}
			identity.Signer = key
			order := w.order(identity, level)
			order.PSS, order.Hash = c.pss, c.hash
			document, _ := sign(t, blank(1), order)
			if key.used != 1 {
				t.Errorf("%s %s: the key was used %d times", name, level, key.used)
			}
			signatures, err := openPDF(t, document).Signatures()
			if err != nil {
				t.Fatal(err)
			}
			room := cryptobyte.String(signatures[0].Contents)
			var object cryptobyte.String
			if !room.ReadASN1Element(&object, tags.SEQUENCE) {
				t.Fatalf("%s %s: no object", name, level)
			}
			if level == signing.LevelB && len(room) > 300 {
				t.Errorf("%s: %d bytes of room are left over", name, len(room))
			}
			t.Logf("%s %s: %d of %d bytes", name, level, len(object), len(signatures[0].Contents))
		}
	}
}
