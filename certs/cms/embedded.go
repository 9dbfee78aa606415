package cms

import (
	"crypto/x509"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"
)

// Embedded is the validation material that a signer's attributes carry. All of it is foreign until it is checked
// against issuers and anchors.
type Embedded struct {
	Certificates []*x509.Certificate
	Unparsed     [][]byte // certificates that could not be parsed, DER
	CRLs         [][]byte // DER
	OCSPs        [][]byte // DER of OCSPResponse (Adobe) or BasicOCSPResponse (CAdES)
}

// Embedded returns what is in certificate-values, revocation-values (EN 319 122-1, A.1) and Adobe's
// revocationInfoArchival. Values that cannot be read are left out.
func (s *SignerInfo) Embedded() Embedded {
	var found Embedded
	for _, attribute := range Find(s.Unsigned, OIDCertificateValues) {
		for _, value := range attribute.Values {
			found.readCertificates(value)
		}
	}
	for _, attribute := range slices.Concat(s.Signed, s.Unsigned) {
		if !attribute.Type.Equal(OIDAdobeRevocation) && !attribute.Type.Equal(OIDRevocationValues) {
			continue
		}
		for _, value := range attribute.Values {
			crls, ocsps, err := ParseRevocationValues(value)
			if err == nil && len(found.CRLs)+len(found.OCSPs) < maxRevocations {
				found.CRLs, found.OCSPs = append(found.CRLs, crls...), append(found.OCSPs, ocsps...)
			}
		}
	}
	return found
}

func (e *Embedded) readCertificates(value cryptobyte.String) {
	var list, element cryptobyte.String
	if !value.ReadASN1(&list, tags.SEQUENCE) {
		return
	}
	for list.ReadASN1Element(&element, tags.SEQUENCE) && len(e.Certificates)+len(e.Unparsed) < maxCertificates {
		if certificate, err := x509.ParseCertificate(element); err == nil {
			e.Certificates = append(e.Certificates, certificate)
		} else {
			e.Unparsed = append(e.Unparsed, element)
		}
	}
}

// ParseRevocationValues reads the DER of CAdES revocation-values or of Adobe's revocationInfoArchival, which are laid
// out alike: lists of CRLs and of OCSP responses, and others that are passed over.
func ParseRevocationValues(der []byte) (crls, ocsps [][]byte, err error) {
	input := cryptobyte.String(der)
	var fields cryptobyte.String
	if !input.ReadASN1(&fields, tags.SEQUENCE) {
		return nil, nil, fmt.Errorf("%w: revocation values", ErrMalformed)
	}
	for number, list := range []*[][]byte{&crls, &ocsps} {
		var wrapped, elements, element cryptobyte.String
		tag := tags.Tag(number).Constructed().ContextSpecific()
		if !fields.PeekASN1Tag(tag) {
			continue
		}
		if !fields.ReadASN1(&wrapped, tag) || !wrapped.ReadASN1(&elements, tags.SEQUENCE) {
			return nil, nil, fmt.Errorf("%w: revocation values", ErrMalformed)
		}
		for elements.ReadASN1Element(&element, tags.SEQUENCE) && len(*list) < maxRevocations {
			*list = append(*list, element)
		}
	}
	return crls, ocsps, nil
}
