package signing

import (
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"time"

	"congvan/certs"
	"congvan/certs/cms"
	"congvan/signing/pdf"
)

// The sub-indications of ETSI EN 319 102-1, Table 6, that this package gives.
const (
	subFormat              = "FORMAT_FAILURE"
	subHash                = "HASH_FAILURE"
	subCrypto              = "SIG_CRYPTO_FAILURE"
	subConstraints         = "SIG_CONSTRAINTS_FAILURE"
	subNoSigner            = "NO_SIGNING_CERTIFICATE_FOUND"
	subNoChain             = "NO_CERTIFICATE_CHAIN_FOUND"
	subChain               = "CHAIN_CONSTRAINTS_FAILURE"
	subChainGeneral        = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
	subOutOfBounds         = "OUT_OF_BOUNDS_NO_POE"
	subOutOfBoundsUnbroken = "OUT_OF_BOUNDS_NOT_REVOKED"
	subExpired             = "EXPIRED"
	subNotYetValid         = "NOT_YET_VALID"
	subRevoked             = "REVOKED"
	subRevokedNoProof      = "REVOKED_NO_POE"
	subIssuerRevoked       = "REVOKED_CA_NO_POE"
	subTryLater            = "TRY_LATER"
	subWeak                = "CRYPTO_CONSTRAINTS_FAILURE"
	subWeakNoProof         = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
	subStampOrder          = "TIMESTAMP_ORDER_FAILURE"
	subNoContent           = "SIGNED_DATA_NOT_FOUND"
)

// subject is one signature on its way to its report: what was found, and the judgement as far as it has come.
type subject struct {
	Signature

	anchors     certs.Anchors      // what was read of certificates is remembered with them
	pdf         *pdf.SignatureDict // nil outside PDF files
	signed      *cms.SignedData    // nil when it cannot be read
	signer      *cms.SignerInfo
	token       *cms.Token // of a document time stamp
	certificate *x509.Certificate
	stray       bool   // the certificate is one that the standard library refuses to read
	legacyKey   []byte // PKCS #1 value of adbe.x509.rsa_sha1
	order       *digestOrder
	stamps      []*stamp
	parent      *subject // the signature that this one countersigns; nil: it signs the content

	best  time.Time // best signature time
	after time.Time // the signature was made after this moment; zero: nothing is known
	path  []*x509.Certificate
	found []Check // at most one for each criterion

	proofs []certs.Revocation // of the certificates on the path
}

// fail records a proof that the signature is bad. It overrides any doubt; of several the first counts.
func (s *subject) fail(sub, code string) {
	if s.Indication != TotalFailed {
		s.Indication, s.SubIndication = TotalFailed, sub
	}
	s.note(code)
}

// doubt records that something is missing for a verdict. Of several doubts the first counts.
func (s *subject) doubt(sub, code string) {
	if s.Indication == "" {
		s.Indication, s.SubIndication = TotalIndetermined, sub
	}
	s.note(code)
}

// note records a code that decides nothing.
func (s *subject) note(code string) {
	if code != "" && !slices.Contains(s.Reasons, code) {
		s.Reasons = append(s.Reasons, code)
	}
}

// settle ends the judgement: what nothing speaks against has passed.
func (s *subject) settle() Signature {
	if s.Indication == "" {
		s.Indication, s.SubIndication = TotalPassed, ""
	}
	if s.Reasons == nil {
		s.Reasons = []string{}
	}
	s.Checks = s.sixChecks()
	return s.Signature
}

// describeSigner fills in who signed.
func (s *subject) describeSigner(certificate *x509.Certificate) {
	s.certificate = certificate
	s.Certificate = certificate.Raw
	named := s.anchors.Parties(certificate)
	s.SignerSubject, s.Issuer = named.Subject, named.Issuer
	s.Serial = strings.ToUpper(certificate.SerialNumber.Text(16))
	s.Organizations = slices.Concat(certificate.Subject.Organization, certificate.Subject.OrganizationalUnit)
	s.Signer = certificate.Subject.CommonName
	if s.Signer == "" {
		s.Signer = s.SignerSubject
	}
}

// describeScheme fills in how it was signed, such as ECDSA-SHA256.
func (s *subject) describeScheme(scheme cms.Scheme) {
	names := map[cms.Algorithm]string{
		cms.RSAPKCS1: "RSA", cms.RSAPSS: "RSA-PSS", cms.ECDSA: "ECDSA", cms.Ed25519: "Ed25519", cms.Ed448: "Ed448",
		cms.DSA: "DSA",
	}
	s.Algorithm = names[scheme.Algorithm]
	if s.Algorithm != "" && scheme.Hash != 0 {
		s.Algorithm += "-" + strings.Replace(scheme.Hash.String(), "SHA-", "SHA", 1)
	}
}

// judgeValue takes the outcome of a cryptographic check into the judgement. What was broken stays broken.
func (s *subject) judgeValue(over cms.Coverage, err error) {
	integrity := Intact
	if over == cms.OverSortedAttributes {
		s.note(codeSorted)
	}
	if errors.Is(err, cms.ErrUnsupported) {
		integrity = Unreadable
		s.doubt(subWeakNoProof, codeUnsupported)
	}
	if errors.Is(err, cms.ErrDigest) {
		integrity = Broken
		s.fail(subHash, codeHash)
	}
	if errors.Is(err, cms.ErrSignature) {
		integrity = Broken
		s.fail(subCrypto, codeValue)
	}
	if errors.Is(err, cms.ErrAttributes) {
		s.fail(subFormat, codeAttributes)
	}
	if errors.Is(err, cms.ErrCertificate) {
		s.doubt(subNoSigner, codeWrongSigner)
	}
	if s.Integrity != Broken {
		s.Integrity = integrity
	}
	s.checkValue(over, err)
}

// relate turns a certificate's standing into the judgement of the signature it made.
func (s *subject) relate(standing certs.Standing) {
	switch standing.Reason {
	case "":
	case certs.ReasonNoAnchor, certs.ReasonChainBroken, certs.ReasonAnchorNotInForce:
		s.doubt(subNoChain, standing.Reason)
	case certs.ReasonExpired:
		s.relateExpired()
	case certs.ReasonNotYetValid:
		if s.Timestamped {
			s.fail(subNotYetValid, standing.Reason)
		} else {
			s.doubt(subOutOfBounds, standing.Reason)
		}
	case certs.ReasonExpiredIssuer, certs.ReasonIssuerNotYet:
		s.doubt(subOutOfBounds, standing.Reason)
	case certs.ReasonWeakAlgorithm:
		s.doubt(subWeak, standing.Reason)
	case certs.ReasonTooComplex, certs.ReasonUnreadable, certs.ReasonNotAuthority, certs.ReasonPathTooLong,
		certs.ReasonNameConstraint, certs.ReasonUnknownExtension:
		s.doubt(subChainGeneral, standing.Reason)
	default:
		s.doubt(subChain, standing.Reason)
	}
}

// relateExpired tells a signature that was proved to be made after the certificate expired from one that merely cannot
// be proved to be made before (EN 319 102-1, 5.2.6.4).
func (s *subject) relateExpired() {
	switch {
	case s.after.After(s.certificate.NotAfter):
		s.fail(subExpired, certs.ReasonExpired)
	case s.Revocation == revocationGood:
		s.doubt(subOutOfBoundsUnbroken, certs.ReasonExpired)
	default:
		s.doubt(subOutOfBounds, certs.ReasonExpired)
	}
}
