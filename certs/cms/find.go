package cms

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"
)

// Names says whether the signer identifier names the certificate. That alone proves nothing: identifiers can be
// imitated, only the key and the ESS certificate identifier bind.
func (s *SignerInfo) Names(certificate *x509.Certificate) bool {
	return s.names(certificate.RawIssuer, certificate.SerialNumber, certificate.SubjectKeyId)
}

func (s *SignerInfo) names(issuer []byte, serial *big.Int, keyID []byte) bool {
	if s.Serial == nil {
		return len(s.SubjectKeyID) > 0 && bytes.Equal(keyID, s.SubjectKeyID)
	}
	return serial.Cmp(s.Serial) == 0 && bytes.Equal(issuer, s.Issuer)
}

// MatchESS says whether the signer bound its certificate by signing-certificate attributes, and whether each of them
// names this certificate first.
func (s *SignerInfo) MatchESS(certificate *x509.Certificate) (present, matches bool) {
	return s.BindsTo(certificate.Raw)
}

// maxBindings is how many identifiers of its certificate a signer may give. Two, of version 1 and 2, are common; each
// costs the digest of a certificate.
const maxBindings = 4

// BindsTo is [SignerInfo.MatchESS] for the DER of a certificate, readable or not.
func (s *SignerInfo) BindsTo(der []byte) (present, matches bool) {
	count := 0
	for _, id := range s.ESSCertificate {
		if !id.First {
			continue
		}
		count++
		if count > maxBindings || !Available(id.Hash) || !bytes.Equal(digest(id.Hash, der), id.Digest) {
			return true, false
		}
	}
	return count > 0, count > 0
}

// FindSigner returns the signer's certificate among the given ones: of those that the identifier names, the one that
// the ESS certificate identifier names too, else the first; nil when there is none.
func (s *SignerInfo) FindSigner(certificates []*x509.Certificate) *x509.Certificate {
	var first *x509.Certificate
	for _, certificate := range certificates {
		if !s.Names(certificate) {
			continue
		}
		if _, matches := s.MatchESS(certificate); matches {
			return certificate
		}
		if first == nil {
			first = certificate
		}
	}
	return first
}

// Bare is what can be read of a certificate that crypto/x509 refuses (a negative serial number, odd policies): enough
// to verify a signature value and to name the signer, never enough to rely upon it.
type Bare struct {
	Raw          []byte // DER
	RawIssuer    []byte
	RawSubject   []byte
	Serial       *big.Int
	NotBefore    time.Time        // UTC
	NotAfter     time.Time        // UTC
	SubjectKeyID []byte           // nil when absent
	PublicKey    crypto.PublicKey // nil when its kind or curve is not known
}

// FindBare is [SignerInfo.FindSigner] among the certificates of [SignedData.Unparsed].
func (s *SignerInfo) FindBare(unparsed [][]byte) *Bare {
	var first *Bare
	for _, der := range unparsed {
		bare, err := ParseBare(der)
		if err != nil || !s.names(bare.RawIssuer, bare.Serial, bare.SubjectKeyID) {
			continue
		}
		if _, matches := s.BindsTo(der); matches {
			return bare
		}
		if first == nil {
			first = bare
		}
	}
	return first
}

// ParseBare reads the little of a certificate that a signature value needs. It returns [ErrMalformed].
func ParseBare(der []byte) (*Bare, error) {
	input := cryptobyte.String(der)
	var certificate, fields, issuer, subject, key, validity, serial cryptobyte.String
	ok := input.ReadASN1(&certificate, tags.SEQUENCE) && certificate.ReadASN1(&fields, tags.SEQUENCE) &&
		fields.SkipOptionalASN1(contextTag(0)) && fields.ReadASN1(&serial, tags.INTEGER) &&
		fields.SkipASN1(tags.SEQUENCE) && fields.ReadASN1Element(&issuer, tags.SEQUENCE) &&
		fields.ReadASN1(&validity, tags.SEQUENCE) && fields.ReadASN1Element(&subject, tags.SEQUENCE) &&
		fields.ReadASN1Element(&key, tags.SEQUENCE)
	if !ok {
		return nil, fmt.Errorf("%w: certificate", ErrMalformed)
	}
	bare := &Bare{Raw: der, RawIssuer: issuer, RawSubject: subject, Serial: bigInt(serial)}
	bare.NotBefore, _ = readTime(&validity)
	bare.NotAfter, _ = readTime(&validity)
	bare.SubjectKeyID = subjectKeyID(fields)
	bare.PublicKey = barePublicKey(key)
	return bare, nil
}

// barePublicKey reads a public key, or returns nil. The modulus of an RSA key is taken to be positive whatever its
// first bit: the Estonian identity cards of 2014 lack the zero before it.
func barePublicKey(der cryptobyte.String) crypto.PublicKey {
	if key, err := x509.ParsePKIXPublicKey(der); err == nil {
		return key
	}
	if key := readEd448(der); key != nil {
		return key
	}
	var info, numbers, modulus cryptobyte.String
	var bits []byte
	var exponent int
	ok := der.ReadASN1(&info, tags.SEQUENCE)
	oid, _, okAlgorithm := readAlgorithm(&info)
	if !ok || !okAlgorithm || !oid.Equal(oidRSA) || !info.ReadASN1BitStringAsBytes(&bits) {
		return nil
	}
	key := cryptobyte.String(bits)
	ok = key.ReadASN1(&numbers, tags.SEQUENCE) && numbers.ReadASN1(&modulus, tags.INTEGER) &&
		numbers.ReadASN1Integer(&exponent)
	if !ok || len(modulus) == 0 {
		return nil
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: exponent}
}

// bigInt is the value of the contents of an INTEGER, whether or not they are minimal.
func bigInt(contents []byte) *big.Int {
	n := new(big.Int).SetBytes(contents)
	if len(contents) > 0 && contents[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(contents))))
	}
	return n
}

// subjectKeyID looks for the extension among the last fields of a certificate.
func subjectKeyID(fields cryptobyte.String) []byte {
	var wrapped, extensions cryptobyte.String
	ok := fields.SkipOptionalASN1(tags.Tag(1).ContextSpecific()) &&
		fields.SkipOptionalASN1(tags.Tag(2).ContextSpecific()) &&
		fields.ReadASN1(&wrapped, contextTag(3)) && wrapped.ReadASN1(&extensions, tags.SEQUENCE)
	for ok && !extensions.Empty() {
		var extension, value, id cryptobyte.String
		var oid asn1.ObjectIdentifier
		ok = extensions.ReadASN1(&extension, tags.SEQUENCE) && extension.ReadASN1ObjectIdentifier(&oid) &&
			extension.SkipOptionalASN1(tags.BOOLEAN) && extension.ReadASN1(&value, tags.OCTET_STRING)
		if ok && oid.Equal(asn1.ObjectIdentifier{2, 5, 29, 14}) && value.ReadASN1(&id, tags.OCTET_STRING) {
			return id
		}
	}
	return nil
}
