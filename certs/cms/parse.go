package cms

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"
)

// More than these is nowhere met in an honest object.
const (
	maxCertificates = 256
	maxRevocations  = 1024 // CRLs and OCSP responses
	maxSigners      = 64
	maxAttributes   = 256 // of one signer, signed or unsigned
	maxValues       = 256 // of one attribute
)

// Parse reads a SignedData in its ContentInfo. BER is accepted and converted; zero bytes after it are taken for the
// padding of a PDF signature, other bytes are counted in Trailing. It returns [ErrLimit] or [ErrMalformed], and decides
// nothing about any signature.
func Parse(data []byte) (*SignedData, error) { return ParseWith(data, x509.ParseCertificate) }

// CertificateParser reads one certificate. It gives what [x509.ParseCertificate] gives.
type CertificateParser func(der []byte) (*x509.Certificate, error)

// ParseWith is [Parse] with another way to read certificates, such as one that remembers those that come back.
func ParseWith(data []byte, certificate CertificateParser) (*SignedData, error) {
	der, found, err := normalise(data)
	if err != nil {
		return nil, err
	}
	signed, err := parseDER(der, certificate)
	if err != nil {
		return nil, err
	}
	signed.WasBER, signed.Trailing = found.ber, found.trailing
	return signed, nil
}

// ParseWithin is [ParseWith] for a value of something that has been parsed, such as a time stamp in an attribute of a
// signer: that it is DER within the limits is known, and it shares the memory of what it stands in.
func ParseWithin(value []byte, certificate CertificateParser) (*SignedData, error) {
	return parseDER(value, certificate)
}

func parseDER(der []byte, certificate CertificateParser) (*SignedData, error) {
	signed := &SignedData{Raw: der}
	input := cryptobyte.String(der)
	var info, body, fields cryptobyte.String
	var contentType asn1.ObjectIdentifier
	if !input.ReadASN1(&info, tags.SEQUENCE) || !info.ReadASN1ObjectIdentifier(&contentType) {
		return nil, fmt.Errorf("%w: content info", ErrMalformed)
	}
	if !contentType.Equal(OIDSignedData) {
		return nil, fmt.Errorf("%w: content type %v is not signed data", ErrMalformed, contentType)
	}
	if !info.ReadASN1(&body, contextTag(0)) || !body.ReadASN1(&fields, tags.SEQUENCE) || !body.Empty() || !info.Empty() {
		return nil, fmt.Errorf("%w: signed data", ErrMalformed)
	}
	if err := signed.read(fields, certificate); err != nil {
		return nil, err
	}
	return signed, nil
}

// ParseSigners is [Parse] for those who ask of the signers alone: the certificates, which are most of its price, are
// all left in Unparsed.
func ParseSigners(data []byte) (*SignedData, error) {
	return ParseWith(data, func([]byte) (*x509.Certificate, error) { return nil, ErrCertificate })
}

func (d *SignedData) read(fields cryptobyte.String, parse CertificateParser) error {
	var version int
	var digests, certificates, revocations, signers cryptobyte.String
	var hasCertificates, hasRevocations bool
	if !fields.ReadASN1Integer(&version) || !fields.ReadASN1(&digests, tags.SET) {
		return fmt.Errorf("%w: signed data version or digests", ErrMalformed)
	}
	if err := d.readContent(&fields); err != nil {
		return err
	}
	ok := fields.ReadOptionalASN1(&certificates, &hasCertificates, contextTag(0)) &&
		fields.ReadOptionalASN1(&revocations, &hasRevocations, contextTag(1)) &&
		fields.ReadASN1(&signers, tags.SET) && fields.Empty()
	if !ok {
		return fmt.Errorf("%w: fields of signed data", ErrMalformed)
	}
	if err := d.readCertificates(certificates, parse); err != nil {
		return err
	}
	if err := d.readRevocations(revocations); err != nil {
		return err
	}
	return d.readSigners(signers)
}

// readContent reads encapContentInfo. Content that is no OCTET STRING is that of PKCS #7 1.5, whose digest is over the
// contents octets of whatever it is (RFC 2315, 9.3; RFC 5652, 5.2.1).
func (d *SignedData) readContent(fields *cryptobyte.String) error {
	var info, wrapped, content cryptobyte.String
	var present bool
	var tag tags.Tag
	ok := fields.ReadASN1(&info, tags.SEQUENCE) && info.ReadASN1ObjectIdentifier(&d.ContentType) &&
		info.ReadOptionalASN1(&wrapped, &present, contextTag(0)) && info.Empty()
	if !ok {
		return fmt.Errorf("%w: encapsulated content", ErrMalformed)
	}
	if d.Detached = !present; d.Detached {
		return nil
	}
	if !wrapped.ReadAnyASN1(&content, &tag) || !wrapped.Empty() {
		return fmt.Errorf("%w: encapsulated content", ErrMalformed)
	}
	d.Content = content
	if d.Content == nil {
		d.Content = []byte{}
	}
	return nil
}

// readCertificates keeps X.509 certificates. Attribute certificates and other formats say nothing here and are passed
// over.
func (d *SignedData) readCertificates(set cryptobyte.String, parse CertificateParser) error {
	for count := 0; !set.Empty(); count++ {
		var element cryptobyte.String
		var tag tags.Tag
		if !set.ReadAnyASN1Element(&element, &tag) {
			return fmt.Errorf("%w: certificates", ErrMalformed)
		}
		if count == maxCertificates {
			return fmt.Errorf("%w: more than %d certificates", ErrLimit, maxCertificates)
		}
		if tag != tags.SEQUENCE {
			continue
		}
		if certificate, err := parse(element); err == nil {
			d.Certificates = append(d.Certificates, certificate)
		} else {
			d.Unparsed = append(d.Unparsed, element)
		}
	}
	return nil
}

// readRevocations keeps CRLs and OCSP responses; other formats are passed over.
func (d *SignedData) readRevocations(set cryptobyte.String) error {
	for count := 0; !set.Empty(); count++ {
		var element, other cryptobyte.String
		var tag tags.Tag
		if !set.ReadAnyASN1Element(&element, &tag) {
			return fmt.Errorf("%w: revocation information", ErrMalformed)
		}
		if count == maxRevocations {
			return fmt.Errorf("%w: more than %d revocation values", ErrLimit, maxRevocations)
		}
		if tag == tags.SEQUENCE {
			d.CRLs = append(d.CRLs, element)
			continue
		}
		var format asn1.ObjectIdentifier
		if tag != contextTag(1) || !element.ReadASN1(&other, tag) || !other.ReadASN1ObjectIdentifier(&format) {
			continue
		}
		if format.Equal(oidOCSPResponse) || format.Equal(oidOCSPBasic) {
			d.OCSPs = append(d.OCSPs, other)
		}
	}
	return nil
}

func (d *SignedData) readSigners(set cryptobyte.String) error {
	for !set.Empty() {
		var fields cryptobyte.String
		if !set.ReadASN1(&fields, tags.SEQUENCE) {
			return fmt.Errorf("%w: signers", ErrMalformed)
		}
		if len(d.Signers) == maxSigners {
			return fmt.Errorf("%w: more than %d signers", ErrLimit, maxSigners)
		}
		signer, err := readSigner(fields)
		if err != nil {
			return err
		}
		signer.Encapsulated = d.ContentType
		d.Signers = append(d.Signers, *signer)
	}
	return nil
}

// Hashes lists the hashes of the content that the signers need, each once, so that a caller can take them all in one
// reading. Hashes that this program cannot compute are left out.
func (d *SignedData) Hashes() []crypto.Hash {
	var hashes []crypto.Hash
	for i := range d.Signers {
		hash := d.Signers[i].Digest
		if hash != 0 && Available(hash) && !slices.Contains(hashes, hash) {
			hashes = append(hashes, hash)
		}
	}
	return hashes
}
