package certs

import (
	"cmp"
	"crypto/x509"
	"slices"
	"time"
)

// Rules of freshness. Evidence counts for a moment when that moment lies between its thisUpdate and its nextUpdate, or
// when it speaks of a later moment and was made before the certificate expired (after that, issuers may forget it).
// Revocation is for ever, so that an old revocation counts as well as a new one; only a suspension (certificateHold)
// must be as fresh as a good answer. Nothing may speak from after the moment of judging.
const (
	// clockSkew is how far the clocks of others may be wrong.
	clockSkew = 5 * time.Minute
	// freshFor is how long evidence without nextUpdate counts.
	freshFor = 24 * time.Hour
)

// Limits of foreign evidence.
const (
	// MaxOCSP is the largest OCSP response that is read, in bytes.
	MaxOCSP = 64 << 10
	// MaxCRL is the largest certificate revocation list that is read, in bytes.
	MaxCRL      = 32 << 20
	maxEvidence = 256 // pieces of each kind that [Best] looks at
	maxWeighed  = 32  // pieces of each kind that speak of the certificate, whose signatures [Best] checks
)

// reasonHold is the CRLReason certificateHold (RFC 5280, 5.3.1): a suspension that may end.
const reasonHold = 6

// When says as at which moment revocation is judged.
type When struct {
	At  time.Time // when the certificate was used, such as the best signature time
	Now time.Time // the moment of judging, not before At; zero: the same as At
}

func (w When) now() time.Time {
	if w.Now.IsZero() {
		return w.At
	}
	return w.Now
}

// StatusAt gives the status as at a moment: a certificate that was revoked later was good then.
func (r Revocation) StatusAt(at time.Time) Status {
	if r.Status == StatusRevoked && at.Before(r.RevokedAt) {
		return StatusGood
	}
	return r.Status
}

// Best gives the best that the heap of evidence says of the certificate: revoked counts more than good, good more than
// unknown, and of two that say the same the later one is taken. The issuer must be the certificate's issuer on a path
// that is relied upon. The result has no Source; the caller knows where the heap came from.
func Best(evidence Evidence, certificate, issuer *x509.Certificate, when When) Revocation {
	return best(evidence, question{certificate, issuer, when, nil})
}

// Best is the function Best, faster when the same evidence comes back: signatures found good are remembered with the
// anchors. The anchors decide nothing here.
func (a Anchors) Best(evidence Evidence, certificate, issuer *x509.Certificate, when When) Revocation {
	return best(evidence, question{certificate, issuer, when, a.proved()})
}

func best(evidence Evidence, asked question) Revocation {
	fromOCSP := weigh(evidence.OCSPs, func(der []byte) Revocation {
		return asked.judgeOCSP(der, evidence.Certificates)
	})
	return better(fromOCSP, weigh(evidence.CRLs, asked.judgeCRL))
}

// weigh bounds the work that a heap can cause: judging what speaks of other certificates is cheap, the rest is not.
func weigh(heap [][]byte, judge func(der []byte) Revocation) Revocation {
	found, weighed := Revocation{Reason: RevocationMissing}, 0
	for _, der := range heap[:min(len(heap), maxEvidence)] {
		answer := judge(der)
		found = better(found, answer)
		if answer.Reason != RevocationNotCovered && answer.Reason != RevocationUnreadable {
			weighed++
		}
		if weighed == maxWeighed {
			break
		}
	}
	return found
}

// question is what is asked of a piece of evidence.
type question struct {
	certificate, issuer *x509.Certificate
	when                When
	proved              *provedCache
}

// better chooses between two answers to one question.
func better(a, b Revocation) Revocation {
	order := cmp.Or(
		cmp.Compare(a.weight(b), b.weight(a)),
		a.ThisUpdate.Compare(b.ThisUpdate),
		cmp.Compare(closeness(a.Reason), closeness(b.Reason)),
	)
	if order >= 0 {
		return a
	}
	return b
}

// weight says how much an answer counts against another. A suspension that later evidence no longer knows has ended.
func (r Revocation) weight(other Revocation) int {
	switch {
	case r.Status == StatusUnknown:
		return 0
	case r.Status == StatusRevoked && r.ReasonCode == reasonHold &&
		other.Status == StatusGood && other.ThisUpdate.After(r.ThisUpdate):
		return 1
	case r.Status == StatusRevoked:
		return 3
	default:
		return 2
	}
}

// closeness orders the reasons for not knowing: the more that was right before the fault was found, the closer.
func closeness(reason string) int {
	return slices.Index([]string{
		RevocationMissing, RevocationNoSource, RevocationOffline, RevocationNotCovered, RevocationWrongIssuer,
		RevocationUnreadable, RevocationRefused,
		RevocationBadSignature, RevocationUnauthorised, RevocationOutsideIssuer, RevocationExtension,
		RevocationDelta, RevocationIndirect, RevocationFromFuture, RevocationUnknown, RevocationAfterExpiry,
		RevocationStale,
	}, reason)
}

// unknown is the answer of evidence that says nothing.
func unknown(reason string) Revocation {
	return Revocation{Reason: reason}
}

// settle judges the times of evidence whose signature holds. A definite revocation needs no freshness.
func (q question) settle(found Revocation, archived time.Time) Revocation {
	reason := q.timely(found, archived)
	if reason == "" {
		return found
	}
	forever := found.Status == StatusRevoked && found.ReasonCode != reasonHold
	if forever && (reason == RevocationStale || reason == RevocationAfterExpiry) {
		return found
	}
	found.Status, found.Reason = StatusUnknown, reason
	return found
}

// timely says why the times of the evidence do not fit the question; empty when they do. Archived is the moment since
// which the issuer keeps expired certificates; zero when it does not say.
func (q question) timely(found Revocation, archived time.Time) string {
	at, now := q.when.At, q.when.now()
	ends := found.NextUpdate
	if ends.IsZero() {
		ends = found.ThisUpdate.Add(freshFor)
	}
	switch {
	case found.ThisUpdate.After(now.Add(clockSkew)), found.ProducedAt.After(now.Add(clockSkew)):
		return RevocationFromFuture
	case found.ThisUpdate.Before(q.issuer.NotBefore), found.ThisUpdate.After(q.issuer.NotAfter):
		return RevocationOutsideIssuer
	case ends.Before(at):
		return RevocationStale
	case found.ThisUpdate.After(q.certificate.NotAfter) &&
		(archived.IsZero() || archived.After(q.certificate.NotAfter)):
		return RevocationAfterExpiry
	default:
		return ""
	}
}
