package cms

import (
	"bytes"
	"crypto"
	"crypto/dsa" //nolint:staticcheck // archives hold DSA signatures; it is read only
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"
)

// Coverage says which bytes a signature value was found to be over.
type Coverage int

const (
	// OverNothing means that the value was not found to be over anything.
	OverNothing Coverage = iota
	// OverAttributes means the signed attributes in the order sent.
	OverAttributes
	// OverSortedAttributes means the signed attributes in DER order although they were sent in another: the signer's
	// program signed one thing and sent another, which is harmless and worth a note.
	OverSortedAttributes
	// OverContent means the content itself; there are no signed attributes, hence no binding to a certificate either.
	OverContent
)

// Verify checks the signature with the certificate's key, against the digest that the caller took of the content with
// the signer's Digest hash. It checks the signature value, that the message digest is that of the content, and that
// the content type agrees. It does not check that the certificate is the one named (see [SignerInfo.Names] and
// [SignerInfo.MatchESS]), nor anything of trust. It returns [ErrDigest], [ErrSignature], [ErrAttributes], possibly
// several joined, or [ErrUnsupported]; weak keys and hashes are verified like any others.
//
// The result OverContent deserves suspicion where the content could be mistaken for the DER of signed attributes: it
// can be made from another signature by leaving its attributes away.
func (s *SignerInfo) Verify(certificate *x509.Certificate, contentDigest []byte) (Coverage, error) {
	return s.VerifyKey(PublicKey(certificate), contentDigest)
}

// VerifyKey is [SignerInfo.Verify] for a key that comes without a readable certificate.
func (s *SignerInfo) VerifyKey(key crypto.PublicKey, contentDigest []byte) (Coverage, error) {
	if s.Digest == 0 || s.Scheme.Algorithm == UnknownAlgorithm {
		return OverNothing, fmt.Errorf("%w: digest %v, scheme %v", ErrUnsupported, s.DigestOID, s.Scheme)
	}
	if s.RawSigned == nil {
		return s.verifyBare(key, contentDigest)
	}
	var digestError error
	if !bytes.Equal(s.MessageDigest, contentDigest) {
		digestError = fmt.Errorf("%w: digest %x, signed %x", ErrDigest, contentDigest, s.MessageDigest)
	}
	coverage, err := s.verifyAttributes(key)
	return coverage, errors.Join(s.checkAttributes(), digestError, err)
}

// verifyBare checks a value over the content itself. Only plain data may be signed so (RFC 5652, 5.3).
func (s *SignerInfo) verifyBare(key crypto.PublicKey, contentDigest []byte) (Coverage, error) {
	switch {
	case !s.Encapsulated.Equal(OIDData):
		return OverNothing, fmt.Errorf("%w: content type %v without signed attributes", ErrAttributes, s.Encapsulated)
	case s.Scheme.whole():
		return OverNothing, fmt.Errorf("%w: %v without signed attributes", ErrUnsupported, s.Scheme)
	case s.Scheme.Hash != s.Digest:
		return OverNothing, fmt.Errorf("%w: digest %v but scheme %v", ErrAttributes, s.Digest, s.Scheme)
	}
	if err := s.Scheme.VerifyInput(key, contentDigest, s.Signature); err != nil {
		return OverNothing, err
	}
	return OverContent, nil
}

// verifyAttributes tries the attributes as sent, then in DER order: real programs need each.
func (s *SignerInfo) verifyAttributes(key crypto.PublicKey) (Coverage, error) {
	err := s.Scheme.Verify(key, s.RawSigned, s.Signature)
	if err == nil {
		return OverAttributes, nil
	}
	sorted := derAttributes(s.Signed)
	if !errors.Is(err, ErrSignature) || bytes.Equal(sorted, s.RawSigned) {
		return OverNothing, err
	}
	if err := s.Scheme.Verify(key, sorted, s.Signature); err != nil {
		return OverNothing, err
	}
	return OverSortedAttributes, nil
}

// checkAttributes holds the signed attributes against RFC 5652, 11.1 and 11.2, RFC 6211 and the rest of the signer.
func (s *SignerInfo) checkAttributes() error {
	if s.Scheme.Algorithm == Ed448 && s.Digest != SHAKE256 { // RFC 8419, 3.2
		return fmt.Errorf("%w: Ed448 with digest %v", ErrAttributes, s.DigestOID)
	}
	for _, oid := range []asn1.ObjectIdentifier{OIDContentType, OIDMessageDigest} {
		found := Find(s.Signed, oid)
		if len(found) != 1 || len(found[0].Values) != 1 {
			return fmt.Errorf("%w: %d attributes %v, not one of one value", ErrAttributes, len(found), oid)
		}
	}
	if !s.ContentTypeAttr.Equal(s.Encapsulated) {
		return fmt.Errorf("%w: content type %v, signed %v", ErrAttributes, s.Encapsulated, s.ContentTypeAttr)
	}
	for _, attribute := range Find(s.Signed, OIDAlgorithmProtection) {
		if !s.protectedBy(attribute) {
			return fmt.Errorf("%w: other algorithms were signed", ErrAttributes)
		}
	}
	return nil
}

// protectedBy says whether a CMSAlgorithmProtection attribute names the algorithms that the signer sent. Parameters
// must be the same bytes: whoever wrote both did not write a default out in one of them.
func (s *SignerInfo) protectedBy(attribute Attribute) bool {
	if len(attribute.Values) != 1 {
		return false
	}
	value := cryptobyte.String(attribute.Values[0])
	var fields, inner cryptobyte.String
	if !value.ReadASN1(&fields, tags.SEQUENCE) {
		return false
	}
	digestOID, params, ok := readAlgorithm(&fields)
	var oid asn1.ObjectIdentifier
	ok = ok && fields.ReadASN1(&inner, contextTag(1)) && inner.ReadASN1ObjectIdentifier(&oid)
	return ok && signerDigest(digestOID, params) == s.Digest && schemeOf(oid, inner, s.Digest) == s.Scheme &&
		sameParams(params, s.digestParams) && sameParams(inner, s.schemeParams)
}

// sameParams compares the parameters of algorithms; NULL is the same as none (RFC 5754, 2).
func sameParams(a, b []byte) bool {
	null := []byte{0x05, 0x00}
	return bytes.Equal(bytes.TrimPrefix(a, null), bytes.TrimPrefix(b, null))
}

// Verify checks a signature value over a message, which is the DER of the signed attributes. It returns
// [ErrSignature] or [ErrUnsupported].
func (s Scheme) Verify(key crypto.PublicKey, message, value []byte) error {
	if s.whole() {
		return s.VerifyInput(key, message, value)
	}
	if !s.Hash.Available() {
		return fmt.Errorf("%w: hash %d", ErrUnsupported, s.Hash)
	}
	return s.VerifyInput(key, digest(s.Hash, message), value)
}

// VerifyInput is [Scheme.Verify] for what [Scheme.Input] gives: the digest of a message, or the message itself.
func (s Scheme) VerifyInput(key crypto.PublicKey, input, value []byte) error {
	if !s.whole() && (!s.Hash.Available() || len(input) != s.Hash.Size()) {
		return fmt.Errorf("%w: hash %d of a digest of %d bytes", ErrUnsupported, s.Hash, len(input))
	}
	valid := false
	switch key := key.(type) {
	case *rsa.PublicKey:
		if key.N.BitLen() > largestRSA {
			return fmt.Errorf("%w: RSA key of %d bits", ErrUnsupported, key.N.BitLen())
		}
		valid = verifyRSA(key, s, input, value)
	case *ecdsa.PublicKey:
		valid = s.Algorithm == ECDSA && ecdsa.VerifyASN1(key, input, value)
	case ed25519.PublicKey:
		valid = s.Algorithm == Ed25519 && len(key) == ed25519.PublicKeySize && ed25519.Verify(key, input, value)
	case Ed448Key:
		valid = s.Algorithm == Ed448 && key.verify(input, value)
	case *dsa.PublicKey:
		if key.P.BitLen() > largestDSA || key.Q.BitLen() > largestSubgroup {
			return fmt.Errorf("%w: DSA key of %d bits", ErrUnsupported, key.P.BitLen())
		}
		valid = s.Algorithm == DSA && verifyDSA(key, input, value)
	default:
		return fmt.Errorf("%w: key %T", ErrUnsupported, key)
	}
	if !valid {
		return fmt.Errorf("%w: %v with %T", ErrSignature, s, key)
	}
	return nil
}

func verifyDSA(key *dsa.PublicKey, input, value []byte) bool {
	der := cryptobyte.String(value)
	var fields cryptobyte.String
	r, s := new(big.Int), new(big.Int)
	ok := der.ReadASN1(&fields, tags.SEQUENCE) && der.Empty() &&
		fields.ReadASN1Integer(r) && fields.ReadASN1Integer(s) && fields.Empty()
	if size := (key.Q.BitLen() + 7) / 8; len(input) > size {
		input = input[:size] // FIPS 186-4, 4.6: the leftmost bits
	}
	return ok && dsa.Verify(key, input, r, s)
}
