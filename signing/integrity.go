package signing

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"

	"congvan/certs"
	"congvan/certs/cms"
	"congvan/signing/pdf"
)

// The kinds of signature in a PDF (ISO 32000-1, 12.8.3; ETSI EN 319 142-1).
const (
	subFilterCAdES  = "ETSI.CAdES.detached"
	subFilterStamp  = "ETSI.RFC3161"
	subFilterPKCS7  = "adbe.pkcs7.detached"
	subFilterSHA1   = "adbe.pkcs7.sha1"
	subFilterX509   = "adbe.x509.rsa_sha1"
	formatPAdES     = "PAdES"
	formatCAdES     = "CAdES"
	formatPKCS7     = "PKCS#7"
	formatPKCS7SHA1 = "PKCS#7-SHA1"
	formatX509      = "X509-RSA-SHA1"
	formatRFC3161   = "RFC3161"
)

// newPDFSubject starts the judgement of a signature that a field of a PDF holds: it reads what can be read of it.
func newPDFSubject(found *pdf.SignatureDict, anchors certs.Anchors) *subject {
	s := &subject{pdf: found, anchors: anchors}
	s.Field, s.Kind, s.Integrity, s.Coverage = found.Field, KindSignature, Unreadable, CoversInvalid
	s.Level, s.Modification = LevelNone, ModifiedUnknown
	s.Certification = found.Certification()
	s.SigningTime = claimedTime(found.M)
	s.recognise(string(found.SubFilter))
	if found.Err != nil {
		s.fail(subFormat, codeUnreadable)
		return s
	}
	if s.Format == formatX509 {
		s.readLegacy(found)
		return s
	}
	s.readCMS(found.Contents)
	return s
}

// recognise tells the format by the sub-filter.
func (s *subject) recognise(subFilter string) {
	switch subFilter {
	case subFilterCAdES:
		s.Format = formatPAdES
	case subFilterStamp:
		s.Format, s.Kind = formatRFC3161, KindTimestamp
	case subFilterSHA1:
		s.Format = formatPKCS7SHA1
		s.note(codeLegacy)
	case subFilterX509:
		s.Format = formatX509
		s.note(codeLegacy)
	case subFilterPKCS7:
		s.Format = formatPKCS7
	default:
		s.Format = formatPKCS7
		s.note(codeSubFilter)
	}
}

// readCMS reads the signature itself; zero bytes behind it are the padding of the field.
func (s *subject) readCMS(contents []byte) {
	signed, err := cms.ParseWith(contents, s.anchors.ParseCertificate)
	switch {
	case errors.Is(err, cms.ErrLimit):
		s.doubt(subConstraints, codeTooLarge)
		return
	case err != nil:
		s.fail(subFormat, codeUnreadable)
		return
	case len(signed.Signers) == 0:
		s.fail(subFormat, codeSigners)
		return
	}
	s.signed, s.signer = signed, &signed.Signers[0]
	if len(signed.Signers) > 1 {
		s.doubt(subConstraints, codeSigners)
	}
	if signed.WasBER {
		s.note(codeNotDER)
	}
	s.describeScheme(s.signer.Scheme)
	if s.SigningTime == "" && !s.signer.SigningTime.IsZero() {
		s.SigningTime = s.signer.SigningTime.Format(time.RFC3339)
	}
	if s.Kind == KindTimestamp {
		s.readToken()
	}
}

// readToken reads a document time stamp.
func (s *subject) readToken() {
	token, err := s.signed.TimestampToken()
	if err != nil {
		s.fail(subFormat, codeStampForm)
		return
	}
	s.token = token
	s.SigningTime = token.Info.Time.Format(time.RFC3339)
}

// readLegacy reads adbe.x509.rsa_sha1: a bare PKCS #1 value, with the certificates in the dictionary.
func (s *subject) readLegacy(found *pdf.SignatureDict) {
	contents := cryptobyte.String(found.Contents)
	var value cryptobyte.String
	if !contents.ReadASN1(&value, tags.OCTET_STRING) {
		s.fail(subFormat, codeUnreadable)
		return
	}
	s.legacyKey = value
	s.Algorithm = "RSA-SHA1"
}

// legacyCertificates gives the certificates of the dictionary's /Cert, which is a string or an array of strings.
func legacyCertificates(doc *pdf.Document, found *pdf.SignatureDict) []*x509.Certificate {
	value, err := doc.Resolve(found.Dict["Cert"])
	if err != nil {
		return nil
	}
	list, ok := value.(pdf.Array)
	if !ok {
		list = pdf.Array{value}
	}
	var certificates []*x509.Certificate
	for _, item := range list[:min(len(list), maxPool)] {
		if certificate, err := x509.ParseCertificate(bytes.TrimRight(doc.Text(item), "\x00")); err == nil {
			certificates = append(certificates, certificate)
		}
	}
	return certificates
}

// contentHash is the hash to take of the covered bytes.
func (s *subject) contentHash() crypto.Hash {
	switch {
	case s.Format == formatX509, s.Format == formatPKCS7SHA1:
		return crypto.SHA1
	case s.token != nil:
		return s.token.Info.Hash
	case s.signer != nil:
		return s.signer.Digest
	default:
		return 0
	}
}

// verify checks the signature value against the digest of the covered bytes. The certificates are where to look for the
// signer's beside the signature itself.
func (s *subject) verify(others []*x509.Certificate) {
	switch {
	case s.order == nil: // the coverage has been refused
	case s.order.value == nil && s.readable():
		s.doubt(subWeakNoProof, codeUnsupported)
		s.checkValue(cms.OverNothing, cms.ErrUnsupported)
	case s.legacyKey != nil:
		s.verifyLegacy(others)
	case s.token != nil:
		s.verifyToken(others)
	case s.signer != nil && s.Kind == KindSignature:
		s.verifyCMS(others)
	}
}

func (s *subject) readable() bool {
	return s.legacyKey != nil || s.token != nil || s.signer != nil
}

func (s *subject) verifyLegacy(certificates []*x509.Certificate) {
	signer := cms.SignerInfo{
		Encapsulated: cms.OIDData, Digest: crypto.SHA1, Signature: s.legacyKey,
		Scheme: cms.Scheme{Algorithm: cms.RSAPKCS1, Hash: crypto.SHA1},
	}
	for _, certificate := range certificates {
		if _, err := signer.Verify(certificate, s.order.value); err == nil {
			s.describeSigner(certificate)
			s.judgeValue(cms.OverContent, nil)
			return
		}
	}
	if len(certificates) == 0 {
		s.lackSigner(codeNoSigner)
		return
	}
	s.describeSigner(certificates[0])
	s.judgeValue(cms.OverNothing, cms.ErrSignature)
}

func (s *subject) verifyToken(others []*x509.Certificate) {
	certificate := s.token.FindSigner(others)
	if certificate == nil {
		s.lackSigner(codeStampNoCert)
		return
	}
	s.describeSigner(certificate)
	s.judgeValue(cms.OverAttributes, s.token.Verify(certificate))
	if !s.token.Covers(s.order.hash, s.order.value) {
		s.judgeValue(cms.OverNothing, cms.ErrDigest)
	}
}

func (s *subject) verifyCMS(others []*x509.Certificate) {
	content := s.order.value
	switch {
	case s.Format == formatPKCS7SHA1:
		if s.signed.Detached || !bytes.Equal(s.signed.Content, content) {
			s.judgeValue(cms.OverNothing, cms.ErrDigest)
		}
		if !cms.Available(s.signer.Digest) {
			s.judgeValue(cms.OverNothing, cms.ErrUnsupported)
			return
		}
		content = digestOf(s.signer.Digest, s.signed.Content)
	case !s.signed.Detached:
		s.fail(subFormat, codeEnclosed)
	}
	s.verifyDigest(content, others)
}

// verifyDigest finds the signer's certificate and checks the signature over the digest of the content.
func (s *subject) verifyDigest(content []byte, others []*x509.Certificate) {
	s.judgeForm()
	certificate := s.findSigner(others)
	if certificate == nil {
		s.lackSigner(codeNoSigner)
		if s.signer.MessageDigest != nil && !bytes.Equal(s.signer.MessageDigest, content) {
			s.judgeValue(cms.OverNothing, cms.ErrDigest)
		}
		return
	}
	s.describeSigner(certificate)
	over, err := s.signer.Verify(certificate, content)
	s.judgeValue(over, err)
	s.judgeBinding(over, certificate)
}

// findSigner looks for the signer's certificate in the signature, then among others, then among those in the signature
// that the standard library refuses to read.
func (s *subject) findSigner(others []*x509.Certificate) *x509.Certificate {
	for _, list := range [][]*x509.Certificate{s.signed.Certificates, others} {
		if found := s.signer.FindSigner(list); found != nil {
			return found
		}
	}
	var strays []*x509.Certificate
	for _, der := range s.signed.Unparsed {
		if stray := strayCertificate(der); stray != nil {
			strays = append(strays, stray)
		}
	}
	found := s.signer.FindSigner(strays)
	s.stray = found != nil
	return found
}

// judgeForm refuses what RFC 5652 forbids although the value may hold: a signing time that is there twice (11.3), and
// another identifier where that of a hash belongs (10.1.1).
func (s *subject) judgeForm() {
	times := cms.Find(s.signer.Signed, cms.OIDSigningTime)
	if len(times) > 1 || len(times) == 1 && len(times[0].Values) != 1 {
		s.fail(subFormat, codeDoubled)
	}
	for _, family := range []asn1.ObjectIdentifier{
		{1, 2, 840, 113549, 1, 1}, {1, 2, 840, 10045, 4}, {1, 2, 840, 10040, 4}, {2, 16, 840, 1, 101, 3, 4, 3},
	} {
		if oid := s.signer.DigestOID; len(oid) > len(family) && family.Equal(oid[:len(family)]) {
			s.fail(subFormat, codeNotDigest)
		}
	}
}

// judgeBinding checks that what was signed names the certificate (EN 319 122-1, 5.2.2): else another certificate with
// the same key, of other rights, could be put in its place.
func (s *subject) judgeBinding(over cms.Coverage, certificate *x509.Certificate) {
	if over == cms.OverContent {
		s.doubt(subConstraints, codeNoAttributes)
		s.check(CheckSigner, CheckUnknown, codeNoAttributes)
		return
	}
	switch present, matches := s.signer.MatchESS(certificate); {
	case !present && s.Format == formatPAdES:
		s.doubt(subConstraints, codeUnbound)
		s.check(CheckSigner, CheckUnknown, codeUnbound)
	case !present:
		s.note(codeUnbound)
	case !matches:
		s.doubt(subNoSigner, codeWrongSigner)
		s.check(CheckSigner, CheckUnknown, codeWrongSigner)
	}
}

func digestOf(hash crypto.Hash, content []byte) []byte {
	state := cms.NewHash(hash)
	_, _ = state.Write(content)
	return state.Sum(nil)
}

// claimedTime reads a PDF date (ISO 32000-1, 7.9.4) as far as it is given; empty when it is none.
func claimedTime(date string) string {
	for _, layout := range []string{
		"D:20060102150405-07'00'", "D:20060102150405-07'00", "D:20060102150405Z", "D:20060102150405Z00'00'",
		"D:20060102150405-0700", "D:20060102150405-07:00", "D:20060102150405", "D:200601021504", "D:20060102",
	} {
		if moment, err := time.Parse(layout, date); err == nil {
			return moment.Format(time.RFC3339)
		}
	}
	return ""
}
