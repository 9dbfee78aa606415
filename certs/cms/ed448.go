package cms

import (
	"crypto"
	"crypto/sha3"
	"crypto/x509"
	"encoding/asn1"
	"hash"

	"github.com/cloudflare/circl/sign/ed448"
	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"
)

// SHAKE256 is SHAKE256 with 512 bits of output, the digest that goes with Ed448 (RFC 8419, 3.2). Package crypto has no
// name for it: ask [Available] and [NewHash] instead of its methods.
const SHAKE256 crypto.Hash = 1 << 16

const shakeSize = 64 // bytes

var (
	oidEd448       = asn1.ObjectIdentifier{1, 3, 101, 113}
	oidSHAKE256    = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 12} // RFC 8702: always 512 bits
	oidSHAKE256Len = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 18} // RFC 8419: the length is a parameter
)

// Available says whether this program can compute the hash.
func Available(algorithm crypto.Hash) bool { return algorithm == SHAKE256 || algorithm.Available() }

// NewHash starts a hash that is [Available].
func NewHash(algorithm crypto.Hash) hash.Hash {
	if algorithm == SHAKE256 {
		return &shake{sha3.NewSHAKE256()}
	}
	return algorithm.New()
}

// shake is SHAKE256 as a hash.
type shake struct{ *sha3.SHAKE }

// Sum appends the digest of what has been written; more may be written after it.
func (s *shake) Sum(b []byte) []byte {
	state := *s.SHAKE
	out := make([]byte, shakeSize)
	_, _ = state.Read(out) // it never fails
	return append(b, out...)
}

// Size is the length of the digest in bytes.
func (*shake) Size() int { return shakeSize }

// signerDigest is the digest that a signer names; 0 when it is not known.
func signerDigest(oid asn1.ObjectIdentifier, params cryptobyte.String) crypto.Hash {
	var bits int
	if oid.Equal(oidSHAKE256) || oid.Equal(oidSHAKE256Len) && params.ReadASN1Integer(&bits) && bits == 8*shakeSize {
		return SHAKE256
	}
	return hashFor(oid)
}

// Ed448Key is a public key of Ed448 (RFC 8032), which crypto/x509 does not read.
type Ed448Key []byte

// PublicKey is the key of a certificate, also where crypto/x509 does not know its kind; nil when nobody does.
func PublicKey(certificate *x509.Certificate) crypto.PublicKey {
	if certificate.PublicKey != nil {
		return certificate.PublicKey
	}
	if key := readEd448(certificate.RawSubjectPublicKeyInfo); key != nil {
		return key
	}
	return nil
}

// readEd448 reads a SubjectPublicKeyInfo (RFC 8410, 4); nil when it is of another kind.
func readEd448(der cryptobyte.String) Ed448Key {
	var info cryptobyte.String
	var key []byte
	if !der.ReadASN1(&info, tags.SEQUENCE) {
		return nil
	}
	oid, params, ok := readAlgorithm(&info)
	if !ok || !oid.Equal(oidEd448) || !params.Empty() || !info.ReadASN1BitStringAsBytes(&key) ||
		!info.Empty() || len(key) != ed448.PublicKeySize {
		return nil
	}
	return key
}

// verify checks a value over a message; the context is empty (RFC 8419, 2).
func (k Ed448Key) verify(message, value []byte) bool {
	return len(k) == ed448.PublicKeySize && len(value) == ed448.SignatureSize &&
		ed448.Verify(ed448.PublicKey(k), message, value, "")
}
