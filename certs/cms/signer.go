package cms

import (
	"bytes"
	"encoding/asn1"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"
)

// readSigner reads the fields of one SignerInfo.
func readSigner(fields cryptobyte.String) (*SignerInfo, error) {
	signer := &SignerInfo{}
	var version int
	if !fields.ReadASN1Integer(&version) || !signer.readName(&fields) {
		return nil, fmt.Errorf("%w: signer identifier", ErrMalformed)
	}
	var ok bool
	var params cryptobyte.String
	if signer.DigestOID, params, ok = readAlgorithm(&fields); !ok {
		return nil, fmt.Errorf("%w: digest algorithm", ErrMalformed)
	}
	signer.Digest, signer.digestParams = signerDigest(signer.DigestOID, params), params
	var err error
	if signer.Signed, err = readAttributes(&fields, 0, &signer.RawSigned); err != nil {
		return nil, err
	}
	oid, params, ok := readAlgorithm(&fields)
	var value cryptobyte.String
	if !ok || !fields.ReadASN1(&value, tags.OCTET_STRING) {
		return nil, fmt.Errorf("%w: signature algorithm or value", ErrMalformed)
	}
	signer.Scheme, signer.Signature, signer.schemeParams = schemeOf(oid, params, signer.Digest), value, params
	if signer.Unsigned, err = readAttributes(&fields, 1, nil); err != nil {
		return nil, err
	}
	if !fields.Empty() {
		return nil, fmt.Errorf("%w: more fields in signer", ErrMalformed)
	}
	signer.interpret()
	return signer, nil
}

// readName reads the SignerIdentifier. A key identifier sent in pieces (BER) arrives as a constructed value.
func (s *SignerInfo) readName(fields *cryptobyte.String) bool {
	var inner cryptobyte.String
	if fields.PeekASN1Tag(tags.SEQUENCE) {
		var issuer, serial cryptobyte.String
		ok := fields.ReadASN1(&inner, tags.SEQUENCE) && inner.ReadASN1Element(&issuer, tags.SEQUENCE) &&
			inner.ReadASN1(&serial, tags.INTEGER) && inner.Empty()
		s.Issuer, s.Serial = issuer, bigInt(serial)
		return ok
	}
	if fields.PeekASN1Tag(tags.Tag(0).ContextSpecific()) {
		ok := fields.ReadASN1(&inner, tags.Tag(0).ContextSpecific())
		s.SubjectKeyID = inner
		return ok
	}
	if !fields.ReadASN1(&inner, contextTag(0)) {
		return false
	}
	for !inner.Empty() {
		var piece cryptobyte.String
		if !inner.ReadASN1(&piece, tags.OCTET_STRING) {
			return false
		}
		s.SubjectKeyID = append(s.SubjectKeyID, piece...)
	}
	return true
}

// readAttributes reads an optional set of attributes with the context tag number. raw, when asked for, receives the
// set with the universal tag, the form in which it is signed (RFC 5652, 5.4).
func readAttributes(fields *cryptobyte.String, number uint8, raw *[]byte) ([]Attribute, error) {
	if !fields.PeekASN1Tag(contextTag(number)) {
		return nil, nil
	}
	var element, set cryptobyte.String
	if !fields.ReadASN1Element(&element, contextTag(number)) {
		return nil, fmt.Errorf("%w: attributes", ErrMalformed)
	}
	if raw != nil {
		*raw = bytes.Clone(element)
		(*raw)[0] = tagSet
	}
	if !element.ReadASN1(&set, contextTag(number)) {
		return nil, fmt.Errorf("%w: attributes", ErrMalformed)
	}
	return readAttributeSet(set)
}

func readAttributeSet(set cryptobyte.String) ([]Attribute, error) {
	attributes := make([]Attribute, 0, 8)
	for !set.Empty() {
		var fields, values cryptobyte.String
		var attribute Attribute
		ok := set.ReadASN1(&fields, tags.SEQUENCE) && fields.ReadASN1ObjectIdentifier(&attribute.Type) &&
			fields.ReadASN1(&values, tags.SET) && fields.Empty()
		if !ok {
			return nil, fmt.Errorf("%w: attribute", ErrMalformed)
		}
		if len(attributes) == maxAttributes {
			return nil, fmt.Errorf("%w: more than %d attributes", ErrLimit, maxAttributes)
		}
		var err error
		if attribute.Values, err = readValues(values); err != nil {
			return nil, err
		}
		attributes = append(attributes, attribute)
	}
	return attributes, nil
}

func readValues(set cryptobyte.String) ([][]byte, error) {
	var values [][]byte
	for !set.Empty() {
		var element cryptobyte.String
		var tag tags.Tag
		if !set.ReadAnyASN1Element(&element, &tag) {
			return nil, fmt.Errorf("%w: attribute value", ErrMalformed)
		}
		if len(values) == maxValues {
			return nil, fmt.Errorf("%w: more than %d values of an attribute", ErrLimit, maxValues)
		}
		values = append(values, element)
	}
	return values, nil
}

// interpret reads the attributes that this program knows, each type where it comes first. What cannot be read is left
// as absent; where that matters, Verify says so.
func (s *SignerInfo) interpret() {
	for _, attribute := range s.Signed {
		if len(attribute.Values) > 0 {
			s.interpretSigned(attribute, attribute.Values[0])
		}
	}
	for _, attribute := range s.Unsigned {
		switch {
		case attribute.Type.Equal(OIDSignatureTimestamp), attribute.Type.Equal(oidMicrosoftRFC3161Stamp):
			s.SignatureStamps = append(s.SignatureStamps, attribute.Values...)
		case attribute.Type.Equal(OIDRevocationValues) && s.RevocationValues == nil && len(attribute.Values) > 0:
			s.RevocationValues = attribute.Values[0]
		}
	}
}

func (s *SignerInfo) interpretSigned(attribute Attribute, value cryptobyte.String) {
	switch {
	case attribute.Type.Equal(OIDMessageDigest) && s.MessageDigest == nil:
		var contents cryptobyte.String
		if value.ReadASN1(&contents, tags.OCTET_STRING) {
			s.MessageDigest = contents
		}
	case attribute.Type.Equal(OIDContentType) && s.ContentTypeAttr == nil:
		var oid asn1.ObjectIdentifier
		if value.ReadASN1ObjectIdentifier(&oid) {
			s.ContentTypeAttr = oid
		}
	case attribute.Type.Equal(OIDSigningTime) && s.SigningTime.IsZero():
		s.SigningTime, _ = readTime(&value)
	case attribute.Type.Equal(OIDSigningCertificate), attribute.Type.Equal(OIDSigningCertificateV2):
		s.ESSCertificate = append(s.ESSCertificate, readESS(attribute)...)
	case s.RevocationValues == nil && attribute.Type.Equal(OIDAdobeRevocation),
		s.RevocationValues == nil && attribute.Type.Equal(OIDRevocationValues):
		s.RevocationValues = value
	}
}
