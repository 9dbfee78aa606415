package signing

import (
	"errors"
	"slices"

	"congvan/certs"
	"congvan/certs/cms"
)

// Criterion is one of the six things that the law has a verifying program check of every signature: the criteria of
// Annex II of Circular 15/2025/TT-BKHCN, 1.1 to 1.4 of the certificate, 2.1, 2.2 and 2.4 of the signature; 2.3 is what
// 1.1 to 1.4 say together. Its value is a stable code with a name for people.
type Criterion string

// The criteria, in the order in which they are reported.
const (
	CheckValidity   Criterion = "check.validity"   // 1.1: the certificate was valid at signing time
	CheckStatus     Criterion = "check.status"     // 1.2: it was not revoked then, by OCSP or CRL
	CheckAlgorithms Criterion = "check.algorithms" // 1.3: hash and key are of a kind that is allowed
	CheckPurpose    Criterion = "check.purpose"    // 1.4: the certificate is for signing, within its authority's scope
	CheckSigner     Criterion = "check.signer"     // 2.1, 2.2: known to a trusted authority, and it was the signer's key
	CheckDigest     Criterion = "check.digest"     // 2.4: the content is the content that was signed
)

// Criteria gives the six criteria in the order in which they are reported.
func Criteria() []Criterion {
	return []Criterion{CheckValidity, CheckStatus, CheckAlgorithms, CheckPurpose, CheckSigner, CheckDigest}
}

// Result is the outcome of a check.
type Result string

// The results. Unknown says that what would decide is missing: it is neither of the others.
const (
	CheckPassed  Result = "passed"
	CheckFailed  Result = "failed"
	CheckUnknown Result = "unknown"
)

// Check is one criterion as found. Every signature has a check for each of the six.
type Check struct {
	Criterion Criterion `json:"criterion"`
	Result    Result    `json:"result"`
	Reason    string    `json:"reason,omitempty"` // stable code; empty when passed
}

// check records what was found about a criterion. The worst counts; of equals, the first.
func (s *subject) check(criterion Criterion, result Result, reason string) {
	rank := []Result{CheckPassed, CheckUnknown, CheckFailed}
	if result == CheckPassed {
		reason = ""
	}
	for i := range s.found {
		if s.found[i].Criterion == criterion {
			if slices.Index(rank, result) > slices.Index(rank, s.found[i].Result) {
				s.found[i] = Check{criterion, result, reason}
			}
			return
		}
	}
	s.found = append(s.found, Check{criterion, result, reason})
}

// sixChecks gives the checks in order. One that was never reached, because an earlier fault stopped the examination, is
// unknown.
func (s *subject) sixChecks() []Check {
	checks := make([]Check, 0, len(Criteria()))
	for _, criterion := range Criteria() {
		check := Check{criterion, CheckUnknown, codeNotReached}
		if i := slices.IndexFunc(s.found, func(c Check) bool { return c.Criterion == criterion }); i >= 0 {
			check = s.found[i]
		}
		checks = append(checks, check)
	}
	return checks
}

// checkValue takes the outcome of a cryptographic check into the checks. Without signed attributes the value is over
// the content itself, and one that is wrong says as little of the content as of the key.
func (s *subject) checkValue(over cms.Coverage, err error) {
	bare := s.signer == nil || s.signer.RawSigned == nil
	switch {
	case errors.Is(err, cms.ErrUnsupported):
		s.check(CheckAlgorithms, CheckUnknown, codeUnsupported)
		s.check(CheckDigest, CheckUnknown, codeUnsupported)
		s.check(CheckSigner, CheckUnknown, codeUnsupported)
		return
	case errors.Is(err, cms.ErrDigest):
		s.check(CheckDigest, CheckFailed, codeHash)
	case errors.Is(err, cms.ErrSignature) && bare:
		s.check(CheckDigest, CheckFailed, codeValue)
	default:
		s.check(CheckDigest, CheckPassed, "")
	}
	switch {
	case errors.Is(err, cms.ErrSignature):
		s.check(CheckSigner, CheckFailed, codeValue)
	case errors.Is(err, cms.ErrAttributes):
		s.check(CheckSigner, CheckFailed, codeAttributes)
	case errors.Is(err, cms.ErrCertificate):
		s.check(CheckSigner, CheckUnknown, codeWrongSigner)
	case over != cms.OverNothing:
		s.check(CheckSigner, CheckPassed, "")
	}
}

// lackSigner records that the signer's certificate is nowhere to be found: what is to be checked of it is not known.
func (s *subject) lackSigner(code string) {
	s.doubt(subNoSigner, code)
	s.lack(code)
}

// lack records that of the signer's certificate nothing can be said.
func (s *subject) lack(code string) {
	for _, criterion := range []Criterion{CheckValidity, CheckStatus, CheckAlgorithms, CheckPurpose, CheckSigner} {
		s.check(criterion, CheckUnknown, code)
	}
}

// lackContent records that the signed file was not given.
func (s *subject) lackContent() {
	s.doubt(subNoContent, codeNoContent)
	s.check(CheckDigest, CheckUnknown, codeNoContent)
	s.check(CheckSigner, CheckUnknown, codeNoContent)
}

// checkStanding takes what is known of the certificate and its authorities into the checks.
func (s *subject) checkStanding(standing certs.Standing) {
	s.check(CheckValidity, CheckPassed, "")
	s.check(CheckPurpose, CheckPassed, "")
	for _, fault := range standing.Faults {
		s.checkFault(fault)
	}
	switch standing.Reason {
	case certs.ReasonNoAnchor, certs.ReasonChainBroken, certs.ReasonTooComplex:
		s.check(CheckSigner, CheckUnknown, standing.Reason)
		s.check(CheckStatus, CheckUnknown, standing.Reason) // who may speak of its status is not known either
	}
}

func (s *subject) checkFault(code string) {
	switch code {
	case certs.ReasonExpired:
		s.check(CheckValidity, failedIf(s.after.After(s.certificate.NotAfter)), code)
	case certs.ReasonNotYetValid:
		s.check(CheckValidity, failedIf(s.Timestamped), code)
	case certs.ReasonExpiredIssuer, certs.ReasonIssuerNotYet, certs.ReasonAnchorNotInForce:
		s.check(CheckValidity, CheckUnknown, code)
	case certs.ReasonWeakAlgorithm:
		s.check(CheckAlgorithms, CheckFailed, code)
	case certs.ReasonUnknownExtension:
		s.check(CheckPurpose, CheckUnknown, code)
	default:
		s.check(CheckPurpose, CheckFailed, code)
	}
}

// failedIf tells what is proved from what only cannot be excluded: the time of signing is known within bounds, and a
// criterion fails when it fails at every moment between them.
func failedIf(proved bool) Result {
	if proved {
		return CheckFailed
	}
	return CheckUnknown
}
