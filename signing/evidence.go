package signing

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"

	"github.com/digitorus/pdfsign/revocation"
	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"

	"congvan/certs"
	"congvan/certs/cms"
	"congvan/signing/pdf"
)

// Limits of the heap of evidence that one file may carry. What is beyond is left aside, and the report says so.
const (
	maxPool     = 512
	maxEvidence = 1024
)

// heap collects certificates and revocation bytes from everywhere in a file, each once. All of it is foreign until it
// has been checked against issuer and anchors, so that it does not matter where it was found.
type heap struct {
	certs.Evidence
	held     map[string]bool
	overflow bool
	parse    cms.CertificateParser
}

func newHeap(parse cms.CertificateParser) *heap { return &heap{held: map[string]bool{}, parse: parse} }

// fresh says whether a piece is new and there is room for it.
func (h *heap) fresh(piece []byte, room bool) bool {
	if len(piece) == 0 || h.held[string(piece)] {
		return false
	}
	if !room {
		h.overflow = true
		return false
	}
	h.held[string(piece)] = true
	return true
}

func (h *heap) addCertificate(certificate *x509.Certificate) {
	if h.fresh(certificate.Raw, len(h.Certificates) < maxPool) {
		h.Certificates = append(h.Certificates, certificate)
	}
}

func (h *heap) addDER(der []byte) {
	if h.held[string(der)] {
		return
	}
	if certificate, err := h.parse(der); err == nil {
		h.addCertificate(certificate)
	}
}

func (h *heap) addOCSP(der []byte) {
	if h.fresh(der, len(h.OCSPs)+len(h.CRLs) < maxEvidence) {
		h.OCSPs = append(h.OCSPs, der)
	}
}

func (h *heap) addCRL(der []byte) {
	if h.fresh(der, len(h.OCSPs)+len(h.CRLs) < maxEvidence) {
		h.CRLs = append(h.CRLs, der)
	}
}

// about leaves out the responses that do not even contain the certificate's serial number: reading them is dear.
func (h *heap) about(certificate *x509.Certificate) certs.Evidence {
	serial := certificate.SerialNumber.Bytes()
	evidence := certs.Evidence{Certificates: h.Certificates, CRLs: h.CRLs}
	for _, response := range h.OCSPs {
		if bytes.Contains(response, serial) {
			evidence.OCSPs = append(evidence.OCSPs, response)
		}
	}
	return evidence
}

// addSigned takes what a CMS object carries beside its signatures, and in the attributes of its signers.
func (h *heap) addSigned(signed *cms.SignedData) {
	for _, certificate := range signed.Certificates {
		h.addCertificate(certificate)
	}
	for _, der := range signed.CRLs {
		h.addCRL(der)
	}
	for _, der := range signed.OCSPs {
		h.addOCSP(der)
	}
	for i := range signed.Signers {
		h.addAttributes(&signed.Signers[i])
	}
}

func (h *heap) addAttributes(signer *cms.SignerInfo) {
	for _, attribute := range cms.Find(signer.Signed, cms.OIDAdobeRevocation) {
		h.addAdobe(attribute)
	}
	for _, attribute := range cms.Find(signer.Unsigned, cms.OIDAdobeRevocation) {
		h.addAdobe(attribute)
	}
	for _, attribute := range cms.Find(signer.Unsigned, cms.OIDCertificateValues) {
		for _, value := range attribute.Values {
			h.addCertificateValues(value)
		}
	}
	for _, attribute := range cms.Find(signer.Unsigned, cms.OIDRevocationValues) {
		for _, value := range attribute.Values {
			h.addRevocationValues(value)
		}
	}
}

// addAdobe reads adbe-revocationInfoArchival (ISO 32000-1, 12.8.3.3.2).
func (h *heap) addAdobe(attribute cms.Attribute) {
	for _, value := range attribute.Values {
		var archive revocation.InfoArchival
		if _, err := asn1.Unmarshal(value, &archive); err != nil {
			continue
		}
		for _, list := range archive.CRL {
			h.addCRL(list.FullBytes)
		}
		for _, response := range archive.OCSP {
			h.addOCSP(response.FullBytes)
		}
	}
}

// addCertificateValues reads the CAdES attribute certificate-values (EN 319 122-1, A.1.1.2).
func (h *heap) addCertificateValues(der []byte) {
	value := cryptobyte.String(der)
	var list, element cryptobyte.String
	if !value.ReadASN1(&list, tags.SEQUENCE) {
		return
	}
	for !list.Empty() && list.ReadASN1Element(&element, tags.SEQUENCE) {
		h.addDER(element)
	}
}

// addRevocationValues reads the CAdES attribute revocation-values (EN 319 122-1, A.1.2.2).
func (h *heap) addRevocationValues(der []byte) {
	value := cryptobyte.String(der)
	var fields cryptobyte.String
	if !value.ReadASN1(&fields, tags.SEQUENCE) {
		return
	}
	for number, add := range []func([]byte){h.addCRL, h.addOCSP} {
		var wrapped, list, element cryptobyte.String
		var present bool
		tag := tags.Tag(number).Constructed().ContextSpecific()
		if !fields.ReadOptionalASN1(&wrapped, &present, tag) {
			return
		}
		if !present || !wrapped.ReadASN1(&list, tags.SEQUENCE) {
			continue
		}
		for !list.Empty() && list.ReadASN1Element(&element, tags.SEQUENCE) {
			add(element)
		}
	}
}

// addStore takes what a document security store holds, by signature or for all.
func (h *heap) addStore(store pdf.Evidence) {
	add := func(certificates, responses, lists [][]byte) {
		for _, der := range certificates {
			h.addDER(der)
		}
		for _, der := range responses {
			h.addOCSP(der)
		}
		for _, der := range lists {
			h.addCRL(der)
		}
	}
	add(store.Certs, store.OCSPs, store.CRLs)
	for _, record := range store.VRI {
		add(record.Certs, record.OCSPs, record.CRLs)
	}
}
