package cms

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"slices"
	"time"
)

// Draft is what a signature is made of, but for the value. The same draft goes to [SignedAttributes], which gives the
// bytes that the key signs, and with the value to [Assemble]; between the two may lie a remote key and days.
type Draft struct {
	Scheme        Scheme
	Certificate   *x509.Certificate
	Chain         []*x509.Certificate   // sent along with the certificate
	ContentType   asn1.ObjectIdentifier // nil means data
	ContentDigest []byte                // of the content, with Scheme.ContentHash(); may be nil when Content is given
	Content       []byte                // sent inside; nil makes a detached signature
	SigningTime   time.Time             // zero writes none; PAdES forbids it (EN 319 142-1, 6.3)
	Signed        []Attribute           // further signed attributes
	Unsigned      []Attribute           // for example a signature time stamp
	CRLs          [][]byte              // DER, sent along
	OCSPs         [][]byte              // DER of OCSPResponse, sent along
}

func (d *Draft) contentType() asn1.ObjectIdentifier {
	if d.ContentType == nil {
		return OIDData
	}
	return d.ContentType
}

// SignedAttributes returns the DER of the signed attributes, a SET OF: what the key signs (see [Scheme.Input]). They
// are content-type, message-digest and signing-certificate-v2, then signing-time and others where the draft has them.
func SignedAttributes(draft Draft) ([]byte, error) {
	if draft.Certificate == nil {
		return nil, fmt.Errorf("%w: the draft has none", ErrCertificate)
	}
	if err := draft.Scheme.fits(draft.Certificate.PublicKey); err != nil {
		return nil, err
	}
	hash := draft.Scheme.ContentHash()
	sum := draft.ContentDigest
	if sum == nil && draft.Content != nil {
		sum = digest(hash, draft.Content)
	}
	if len(sum) != hash.Size() {
		return nil, fmt.Errorf("%w: content digest of %d bytes is not %v", ErrDigest, len(sum), hash)
	}
	attributes := [][]byte{
		derAttribute(OIDContentType, derOID(draft.contentType())),
		derAttribute(OIDMessageDigest, tlv(tagOctetString, sum)),
		derAttribute(OIDSigningCertificateV2, derESS(hash, draft.Certificate)),
	}
	if !draft.SigningTime.IsZero() {
		attributes = append(attributes, derAttribute(OIDSigningTime, derTime(draft.SigningTime)))
	}
	if err := checkAttributes(draft.Signed); err != nil {
		return nil, err
	}
	for _, attribute := range draft.Signed {
		attributes = append(attributes, derAttribute(attribute.Type, attribute.Values...))
	}
	return setOf(tagSet, attributes), nil
}

// Assemble makes the complete ContentInfo from a draft, the attributes that [SignedAttributes] gave and the value that
// the key made over them. It does not check the value; [Scheme.Verify] does. It returns [ErrLimit] for objects that
// [Parse] would refuse.
func Assemble(draft Draft, attributes, value []byte) ([]byte, error) {
	if draft.Certificate == nil {
		return nil, fmt.Errorf("%w: the draft has none", ErrCertificate)
	}
	if len(attributes) == 0 || attributes[0] != tagSet {
		return nil, fmt.Errorf("%w: signed attributes are no set", ErrMalformed)
	}
	if err := checkDER(slices.Concat(draft.CRLs, draft.OCSPs, [][]byte{attributes})...); err != nil {
		return nil, err
	}
	scheme, err := derScheme(draft.Scheme)
	if err != nil {
		return nil, err
	}
	hash := derAlgorithm(oidForHash(draft.Scheme.ContentHash()), nil)
	signed := append([]byte{tagContext}, attributes[1:]...)
	var unsigned []byte
	if len(draft.Unsigned) > 0 {
		if err := checkAttributes(draft.Unsigned); err != nil {
			return nil, err
		}
		unsigned = derAttributes(draft.Unsigned)
		unsigned[0] = tagContext + 1
	}
	name := sequence(draft.Certificate.RawIssuer, derBigInt(draft.Certificate.SerialNumber))
	signer := sequence(derInt(1), name, hash, signed, scheme, tlv(tagOctetString, value), unsigned)
	out := derSignedData(&draft, hash, signer)
	if len(out) > MaxSize {
		return nil, fmt.Errorf("%w: %d bytes could not be read again", ErrLimit, len(out))
	}
	return out, nil
}

// derSignedData writes the ContentInfo around one signer.
func derSignedData(draft *Draft, hash, signer []byte) []byte {
	version := int64(1)
	if !draft.contentType().Equal(OIDData) {
		version = 3
	}
	if len(draft.OCSPs) > 0 {
		version = 5
	}
	content := derOID(draft.contentType())
	if draft.Content != nil {
		content = append(content, explicit(0, tlv(tagOctetString, draft.Content))...)
	}
	certificates := make([][]byte, 0, 1+len(draft.Chain))
	certificates = append(certificates, draft.Certificate.Raw)
	for _, certificate := range draft.Chain {
		certificates = append(certificates, certificate.Raw)
	}
	// The certificates are most of it: they are copied once, not once for every level above them.
	body := append([][]byte{
		derInt(version), tlv(tagSet, hash), sequence(content), head(tagContext, total(certificates)),
	}, sorted(certificates)...)
	body = append(body, derRevocations(draft.CRLs, draft.OCSPs), head(tagSet, len(signer)), signer)
	inner := head(tagSequence, total(body))
	return sequence(slices.Concat([][]byte{
		derOID(OIDSignedData), head(tagContext, len(inner)+total(body)), inner,
	}, body)...)
}

// derRevocations is the field crls; nil when there is nothing to say.
func derRevocations(crls, ocsps [][]byte) []byte {
	if len(crls)+len(ocsps) == 0 {
		return nil
	}
	choices := append([][]byte{}, crls...)
	for _, ocsp := range ocsps {
		choices = append(choices, explicit(1, derOID(oidOCSPResponse), ocsp))
	}
	return setOf(tagContext+1, choices)
}

// Sign makes a complete signature with a key at hand. It returns [ErrCertificate] when the key is not the
// certificate's and [ErrWeak] for schemes that must not make new signatures.
func Sign(signer crypto.Signer, draft Draft) ([]byte, error) {
	if draft.Certificate == nil || !sameKey(signer.Public(), draft.Certificate.PublicKey) {
		return nil, fmt.Errorf("%w: its key is not the one that signs", ErrCertificate)
	}
	attributes, err := SignedAttributes(draft)
	if err != nil {
		return nil, err
	}
	value, err := draft.Scheme.Sign(signer, attributes)
	if err != nil {
		return nil, err
	}
	return Assemble(draft, attributes, value)
}

func sameKey(a, b crypto.PublicKey) bool {
	key, ok := a.(interface {
		Equal(other crypto.PublicKey) bool
	})
	return ok && key.Equal(b)
}

func checkAttributes(attributes []Attribute) error {
	for _, attribute := range attributes {
		if err := checkDER(attribute.Values...); err != nil {
			return err
		}
	}
	return nil
}

func derAttribute(oid asn1.ObjectIdentifier, values ...[]byte) []byte {
	return sequence(derOID(oid), setOf(tagSet, values))
}

// derAttributes is the DER of a set of attributes, with the universal tag.
func derAttributes(attributes []Attribute) []byte {
	encoded := make([][]byte, 0, len(attributes))
	for _, attribute := range attributes {
		encoded = append(encoded, derAttribute(attribute.Type, attribute.Values...))
	}
	return setOf(tagSet, encoded)
}
