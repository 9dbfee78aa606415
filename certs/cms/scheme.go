package cms

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/asn1"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
)

// Policy says how a key is to sign where there is a choice.
type Policy struct {
	PSS  bool        // RSA keys sign with RSASSA-PSS instead of PKCS #1 v1.5
	Hash crypto.Hash // 0: as strong as the key asks for
}

// smallestRSA is the fewest bits of an RSA key that may sign (draft circular 15/2025, annex I).
const smallestRSA = 2048

// SchemeFor chooses the scheme a key signs with. It returns [ErrWeak] for keys and hashes that must not make new
// signatures and [ErrUnsupported] for keys of other kinds.
func SchemeFor(key crypto.PublicKey, policy Policy) (Scheme, error) {
	switch key := key.(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() < smallestRSA {
			return Scheme{}, fmt.Errorf("%w: RSA key of %d bits", ErrWeak, key.N.BitLen())
		}
		return schemeWith(RSAPKCS1, crypto.SHA256, policy)
	case *ecdsa.PublicKey:
		switch bits := key.Curve.Params().BitSize; {
		case bits < 256:
			return Scheme{}, fmt.Errorf("%w: curve of %d bits", ErrWeak, bits)
		case bits == 256:
			return schemeWith(ECDSA, crypto.SHA256, policy)
		case bits <= 384:
			return schemeWith(ECDSA, crypto.SHA384, policy)
		}
		return schemeWith(ECDSA, crypto.SHA512, policy)
	case ed25519.PublicKey:
		return Scheme{Algorithm: Ed25519}, nil
	}
	return Scheme{}, fmt.Errorf("%w: key %T", ErrUnsupported, key)
}

func schemeWith(algorithm Algorithm, hash crypto.Hash, policy Policy) (Scheme, error) {
	if policy.Hash != 0 {
		hash = policy.Hash
	}
	scheme := Scheme{Algorithm: algorithm, Hash: hash}
	if policy.PSS && algorithm == RSAPKCS1 {
		scheme.Algorithm, scheme.SaltLen = RSAPSS, hash.Size()
	}
	return scheme, scheme.strong()
}

// fits says whether the key may make new signatures so.
func (s Scheme) fits(key crypto.PublicKey) error {
	natural, err := SchemeFor(key, Policy{PSS: s.Algorithm == RSAPSS})
	if err != nil {
		return err
	}
	if natural.Algorithm != s.Algorithm {
		return fmt.Errorf("%w: key %T does not sign with %v", ErrUnsupported, key, s)
	}
	return s.strong()
}

// strong says whether new signatures may be made so. For crypto/rsa no salt means a salt as long as can be.
func (s Scheme) strong() error {
	switch {
	case s.Algorithm == UnknownAlgorithm || s.Algorithm == DSA || s.MGF != 0 || s.Algorithm == RSAPSS && s.SaltLen <= 0:
		return fmt.Errorf("%w: scheme %v", ErrUnsupported, s)
	case s.Algorithm == Ed448:
		return fmt.Errorf("%w: scheme %v", ErrUnsupported, s)
	case s.Algorithm == Ed25519:
		return nil
	case s.Hash == crypto.MD5 || s.Hash == crypto.SHA1 || s.Hash == crypto.RIPEMD160:
		return fmt.Errorf("%w: %v", ErrWeak, s.Hash)
	case oidForHash(s.Hash) == nil || !s.Hash.Available():
		return fmt.Errorf("%w: hash %d", ErrUnsupported, s.Hash)
	}
	return nil
}

// ContentHash is the hash to take of the content that is to be signed. For Ed25519 it is SHA-512,
// for Ed448 SHAKE256 (RFC 8419, 3).
func (s Scheme) ContentHash() crypto.Hash {
	if s.Algorithm == Ed25519 {
		return crypto.SHA512
	}
	if s.Algorithm == Ed448 {
		return SHAKE256
	}
	return s.Hash
}

// whole says that a message is signed itself, not its hash.
func (s Scheme) whole() bool { return s.Algorithm == Ed25519 || s.Algorithm == Ed448 }

// String names the scheme for logs.
func (s Scheme) String() string {
	switch s.Algorithm {
	case RSAPKCS1:
		return "RSA-PKCS1-" + s.Hash.String()
	case RSAPSS:
		return "RSA-PSS-" + s.Hash.String()
	case ECDSA:
		return "ECDSA-" + s.Hash.String()
	case DSA:
		return "DSA-" + s.Hash.String()
	case Ed25519:
		return "Ed25519"
	case Ed448:
		return "Ed448"
	case UnknownAlgorithm:
	}
	return "unknown"
}

// Input is what a signer is given to sign the message: its hash, or for Ed25519 the message itself, and the options
// that go with it. A remote key needs the same two.
func (s Scheme) Input(message []byte) ([]byte, crypto.SignerOpts) {
	switch s.Algorithm {
	case Ed25519, Ed448:
		return message, crypto.Hash(0)
	case RSAPSS:
		return digest(s.Hash, message), &rsa.PSSOptions{SaltLength: s.SaltLen, Hash: s.Hash}
	case RSAPKCS1, ECDSA, DSA, UnknownAlgorithm:
	}
	return digest(s.Hash, message), s.Hash
}

// Sign makes the signature value over a message, which is the DER of the signed attributes. It returns [ErrWeak] or
// [ErrUnsupported] for keys and schemes that must not make new signatures.
func (s Scheme) Sign(signer crypto.Signer, message []byte) ([]byte, error) {
	if err := s.fits(signer.Public()); err != nil {
		return nil, err
	}
	input, options := s.Input(message)
	value, err := signer.Sign(rand.Reader, input, options)
	if err != nil {
		return nil, fmt.Errorf("sign with %v: %w", s, err)
	}
	return value, nil
}

func digest(hash crypto.Hash, parts ...[]byte) []byte {
	h := NewHash(hash)
	for _, part := range parts {
		h.Write(part) // a hash never fails
	}
	return h.Sum(nil)
}

// derScheme is the AlgorithmIdentifier of a scheme.
func derScheme(s Scheme) ([]byte, error) {
	if s.Algorithm == RSAPSS {
		return derPSS(s)
	}
	for i := range signatureOIDs {
		known := &signatureOIDs[i]
		if known.algorithm != s.Algorithm || known.hash != s.Hash {
			continue
		}
		if s.Algorithm == RSAPKCS1 {
			return derAlgorithm(known.oid, derNull), nil
		}
		return derAlgorithm(known.oid, nil), nil
	}
	return nil, fmt.Errorf("%w: scheme %v", ErrUnsupported, s)
}

// schemeOf is the scheme that a signature algorithm names; its zero when it is not known.
func schemeOf(oid asn1.ObjectIdentifier, params cryptobyte.String, digest crypto.Hash) Scheme {
	if oid.Equal(oidRSAPSS) {
		scheme, ok := readPSS(params)
		if !ok {
			return Scheme{}
		}
		return scheme
	}
	for i := range signatureOIDs {
		known := &signatureOIDs[i]
		if !known.oid.Equal(oid) {
			continue
		}
		scheme := Scheme{Algorithm: known.algorithm, Hash: known.hash}
		if scheme.Hash == 0 && !scheme.whole() {
			scheme.Hash = digest
		}
		if scheme.Hash == SHAKE256 {
			return Scheme{} // RFC 8702 has identifiers of its own for it
		}
		return scheme
	}
	return Scheme{}
}
