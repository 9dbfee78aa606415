package checkpoint

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"

	"congvan/exchange"
)

// noteOrigin is what the names in checkpoints begin with.
const noteOrigin = "congvan/"

// noteKey signs and verifies notes with the key of a gateway. It hashes with SHA-256 and writes ECDSA as ASN.1.
type noteKey struct {
	name   string
	hash   uint32
	public *ecdsa.PublicKey
	signer crypto.Signer
}

func newNoteKey(node exchange.NodeID, certificate *x509.Certificate) (*noteKey, error) {
	public, ok := certificate.PublicKey.(*ecdsa.PublicKey)
	if !ok {
		return nil, exchange.Errorf(exchange.Invalid, "checkpoint.key", "the key of %s is %T, not ECDSA", node,
			certificate.PublicKey)
	}
	sum := sha256.Sum256(certificate.RawSubjectPublicKeyInfo)
	return &noteKey{name: noteOrigin + string(node), hash: binary.BigEndian.Uint32(sum[:4]), public: public}, nil
}

// Name is the name in the signature line.
func (k *noteKey) Name() string { return k.name }

// KeyHash is the first four bytes of the SHA-256 of the public key.
func (k *noteKey) KeyHash() uint32 { return k.hash }

// Sign signs the text of a note.
func (k *noteKey) Sign(message []byte) ([]byte, error) {
	sum := sha256.Sum256(message)
	return k.signer.Sign(rand.Reader, sum[:], crypto.SHA256)
}

// Verify checks a signature of the text of a note.
func (k *noteKey) Verify(message, signature []byte) bool {
	sum := sha256.Sum256(message)
	return ecdsa.VerifyASN1(k.public, sum[:], signature)
}
