package signing

import (
	"crypto"
	"encoding/asn1"
	"slices"

	"congvan/certs/cms"
)

// cadesOID gives an attribute type of ETSI under id-smime id-aa.
func cadesOID(last int) asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, last}
}

// The attribute types that decide a profile and have no name in package cms (EN 319 122-1, 5 and A).
const (
	aaContentReference  = 10
	aaContentIdentifier = 7
	aaContentHints      = 4
	aaCommitment        = 16
	aaSignerLocation    = 17
	aaSignerAttributes  = 18
	aaCertificateRefs   = 21
	aaRevocationRefs    = 22
	aaStampOnSignature  = 25
	aaStampOnRefs       = 26
	aaAttributeCertRefs = 44
	aaAttributeRevRefs  = 45
	aaEvidenceInternal  = 49
	aaEvidenceExternal  = 50
)

// profiler finds the profile of one signature: which of ETSI's requirements on form and evidence it meets (EN 319 142-1
// and 142-2, EN 319 122-1 and 122-2). It says nothing of trust.
type profiler struct {
	*subject
	pades    bool
	reason   bool // the PDF dictionary has /Reason
	dated    bool // the PDF dictionary has /M
	filtered bool // the PDF dictionary has /Filter
	stamped  int  // time stamps over this signature's value
	later    int  // document time stamps after this signature
	longTerm bool // all evidence for this signature is in the file
	archived bool // a document time stamp covers that evidence
	stored   bool // there is a document security store
	lone     bool // all certificates are self-signed
}

// Attribute types of ETSI outside id-smime (EN 319 122-1, 5.2).
var (
	oidSignerAttributesV2 = asn1.ObjectIdentifier{0, 4, 0, 19122, 1, 1}
	oidPolicyStore        = asn1.ObjectIdentifier{0, 4, 0, 19122, 1, 3}
	oidMIMEType           = asn1.ObjectIdentifier{0, 4, 0, 1733, 2, 1}
)

func signedCount(s *cms.SignerInfo, types ...asn1.ObjectIdentifier) int {
	return count(s.Signed, types)
}

func unsignedCount(s *cms.SignerInfo, types ...asn1.ObjectIdentifier) int {
	return count(s.Unsigned, types)
}

func count(attributes []cms.Attribute, types []asn1.ObjectIdentifier) int {
	n := 0
	for _, oid := range types {
		for _, found := range cms.Find(attributes, oid) {
			if len(found.Values) > 0 {
				n++
			}
		}
	}
	return n
}

// boundOnce says whether exactly one attribute names the signing certificate, in the form that goes with its hash: the
// first version with SHA-1, the second with any other.
func (p *profiler) boundOnce() bool {
	first := signedCount(p.signer, cms.OIDSigningCertificate)
	second := signedCount(p.signer, cms.OIDSigningCertificateV2)
	if first+second != 1 {
		return false
	}
	for _, id := range p.signer.ESSCertificate {
		if id.First {
			return (id.Hash == crypto.SHA1) == (first == 1)
		}
	}
	return true
}

// advanced says whether the signature is an advanced one of the extended kind (BES) at all.
func (p *profiler) advanced() bool {
	s := p.signer
	contentTypes := signedCount(s, cms.OIDContentType)
	switch {
	case contentTypes != 1 && (p.parent == nil || contentTypes != 0),
		signedCount(s, cms.OIDMessageDigest) != 1,
		signedCount(s, cms.OIDSigningCertificate, cms.OIDSigningCertificateV2) != 1,
		signedCount(s, cadesOID(aaSignerAttributes), oidSignerAttributesV2) > 1:
		return false
	case p.pades:
		return len(p.signed.Signers) == 1 && p.signed.Detached && p.filtered && p.Format == formatPAdES &&
			s.ContentTypeAttr.Equal(cms.OIDData) && (!p.reason || signedCount(s, cadesOID(aaCommitment)) == 0)
	}
	for _, atMostOnce := range []asn1.ObjectIdentifier{
		cms.OIDSigningTime, cadesOID(aaCommitment), cadesOID(aaContentHints), oidMIMEType, cadesOID(aaSignerLocation),
		cms.OIDSignaturePolicy, cadesOID(aaContentReference), cadesOID(aaContentIdentifier),
	} {
		if signedCount(s, atMostOnce) > 1 {
			return false
		}
	}
	for _, atMostOnce := range []asn1.ObjectIdentifier{
		oidPolicyStore, cadesOID(aaCertificateRefs), cadesOID(aaRevocationRefs), cadesOID(aaAttributeCertRefs),
		cadesOID(aaAttributeRevRefs), cms.OIDCertificateValues, cms.OIDRevocationValues,
	} {
		if unsignedCount(s, atMostOnce) > 1 {
			return false
		}
	}
	return p.boundOnce()
}

// baselineB says whether the requirements of level B-B are met.
func (p *profiler) baselineB() bool {
	s := p.signer
	wantedTimes := 1
	if p.pades {
		wantedTimes = 0
	}
	enclosed := p.certificate != nil && slices.ContainsFunc(p.signed.Certificates, p.certificate.Equal)
	switch {
	case !p.advanced(), !p.boundOnce(), !enclosed,
		signedCount(s, cms.OIDSigningTime) != wantedTimes, slices.Contains(p.Reasons, codeDoubled),
		signedCount(s, cms.OIDSignaturePolicy) > 1,
		s.ContentTypeAttr != nil && !s.ContentTypeAttr.Equal(cms.OIDData):
		return false
	case p.pades:
		bound := signedCount(s, cadesOID(aaCommitment), cms.OIDSignaturePolicy) > 0
		return p.dated && (!bound || !p.reason)
	}
	return true
}

func (p *profiler) policyBound() bool { return signedCount(p.signer, cms.OIDSignaturePolicy) > 0 }

// profile gives ETSI's name of the profile.
func (p *profiler) profile() string {
	switch {
	case p.signer == nil:
		return ""
	case !p.pades:
		return p.cadesProfile()
	case p.Format == formatPAdES && p.advanced():
		return p.padesProfile()
	case p.Format == formatPAdES || !p.plainPKCS7():
		return ""
	default:
		return "PKCS7-" + p.step()
	}
}

// plainPKCS7 says whether what ISO 32000-1, 12.8.3.3 demands is there.
func (p *profiler) plainPKCS7() bool {
	switch p.Format {
	case formatPKCS7SHA1:
		return p.certificate != nil && len(p.signed.Content) == crypto.SHA1.Size()
	case formatPKCS7:
		return p.certificate != nil && p.signed.Detached && p.signer.MessageDigest != nil &&
			!slices.Contains(p.Reasons, codeSubFilter)
	default:
		return false
	}
}

// step is how far the evidence in a PDF goes: B, T, LT or LTA.
func (p *profiler) step() string {
	switch {
	case p.stamped+p.later == 0:
		return "B"
	case !p.longTerm || !p.stored:
		return "T"
	case p.archived:
		return "LTA"
	default:
		return "LT"
	}
}

func (p *profiler) padesProfile() string {
	switch {
	case p.baselineB():
		return "PAdES-BASELINE-" + p.step()
	case p.step() == "LTA":
		return "PAdES-LTV"
	case p.policyBound() && !p.reason:
		return "PAdES-EPES"
	default:
		return "PAdES-BES"
	}
}

func (p *profiler) cadesProfile() string {
	if !p.advanced() {
		return ""
	}
	baseline := p.baselineB()
	if p.stamped == 0 {
		switch {
		case baseline:
			return "CAdES-BASELINE-B"
		case p.policyBound():
			return "CAdES-EPES"
		}
		return "CAdES-BES"
	}
	old := unsignedCount(p.signer, cms.OIDCertificateValues, cadesOID(aaCertificateRefs), cms.OIDRevocationValues,
		cadesOID(aaRevocationRefs), cadesOID(aaStampOnRefs)) > 0
	switch {
	case baseline && p.longTerm && !old:
		return p.cadesLongTerm()
	case p.referring() || p.longTerm:
		return p.cadesExtended()
	case baseline:
		return "CAdES-BASELINE-T"
	default:
		return "CAdES-T"
	}
}

func (p *profiler) cadesLongTerm() string {
	switch {
	case p.records():
		return "CAdES-ERS"
	case unsignedCount(p.signer, cms.OIDArchiveTimestampV3) > 0:
		return "CAdES-BASELINE-LTA"
	default:
		return "CAdES-BASELINE-LT"
	}
}

// referring says whether the references of level C are there.
func (p *profiler) referring() bool {
	certificates := unsignedCount(p.signer, cadesOID(aaCertificateRefs))
	revocations := unsignedCount(p.signer, cadesOID(aaRevocationRefs))
	return certificates == 1 && (revocations == 1 || revocations == 0 && p.lone)
}

func (p *profiler) cadesExtended() string {
	archived := unsignedCount(p.signer, cms.OIDArchiveTimestampV2, cms.OIDArchiveTimestampV3) > 0
	extended := unsignedCount(p.signer, cadesOID(aaStampOnRefs), cadesOID(aaStampOnSignature)) == 1
	switch {
	case p.longTerm && p.records():
		return "CAdES-ERS"
	case p.longTerm && archived:
		return "CAdES-A"
	case !p.referring():
		return "CAdES-LT"
	case p.longTerm && extended:
		return "CAdES-XL"
	case extended:
		return "CAdES-X"
	default:
		return "CAdES-C"
	}
}

// records says whether an evidence record (RFC 4998) of the right kind is there: one record serves all signers.
func (p *profiler) records() bool {
	kind := cadesOID(aaEvidenceInternal)
	if p.signed.Detached {
		kind = cadesOID(aaEvidenceExternal)
	}
	for i := range p.signed.Signers {
		signer := &p.signed.Signers[i]
		if unsignedCount(signer, kind) > 0 && unsignedCount(signer, cadesOID(aaEvidenceInternal),
			cadesOID(aaEvidenceExternal)) == unsignedCount(signer, kind) {
			return true
		}
	}
	return false
}

// levelOf gives the baseline level of a profile.
func levelOf(profile string) Level {
	for _, form := range []string{"PAdES-BASELINE-", "CAdES-BASELINE-"} {
		if len(profile) > len(form) && profile[:len(form)] == form {
			return Level("B-" + profile[len(form):])
		}
	}
	return LevelNone
}
