package signing

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"slices"
	"time"

	"congvan/certs"
)

const (
	revocationGood    = "good"
	revocationRevoked = "revoked"
	revocationUnknown = "unknown"
)

// maxAsked bounds how often one file may have a piece of its evidence checked against a certificate.
const maxAsked = 20_000

// judge is what stays the same while the signatures of one file are judged.
type judge struct {
	policy   Policy
	evidence *heap
	known    map[asked]certs.Revocation
	learnt   map[link]certs.Revocation               // from the policy's source
	digests  map[*x509.Certificate][sha256.Size]byte // of their DER
	pieces   map[[sha256.Size]byte][]byte            // by certificate: evidence in the document that speaks of it
	anchors  []*x509.Certificate                     // the anchors' own: a signer may be one of them
	asked    int
	outside  []outside // what the policy's source was asked, once each
}

// link is a certificate and its issuer's, by their digests.
type link struct{ certificate, issuer [sha256.Size]byte }

type asked struct {
	link
	at time.Time
}

func newJudge(policy Policy) *judge {
	return &judge{
		policy: policy, evidence: newHeap(policy.Anchors.ParseCertificate),
		known: map[asked]certs.Revocation{}, learnt: map[link]certs.Revocation{},
		digests: map[*x509.Certificate][sha256.Size]byte{}, pieces: map[[sha256.Size]byte][]byte{},
		anchors: policy.Anchors.Certificates(),
	}
}

// near gives the certificates that came with the signature itself.
func (s *subject) near() []*x509.Certificate {
	if s.signed == nil {
		return nil
	}
	return s.signed.Certificates
}

// pool gives the certificates among which to look for a path, those nearest to the signature first.
func (j *judge) pool(near ...[]*x509.Certificate) []*x509.Certificate {
	var pool []*x509.Certificate
	for _, list := range near {
		pool = append(pool, list...)
	}
	return append(pool, j.evidence.Certificates...)
}

// status tells what is known of one certificate's revocation: from the document first, then from the policy's source.
func (j *judge) status(ctx context.Context, certificate, issuer *x509.Certificate, at time.Time) certs.Revocation {
	key := asked{link{j.digest(certificate), j.digest(issuer)}, at}
	if known, ok := j.known[key]; ok {
		return known
	}
	found := j.documented(certificate, issuer, at)
	if found.Status == certs.StatusUnknown && j.policy.Revocation != nil {
		if other := j.learn(ctx, key.link, certificate, issuer); better(other, found) {
			found = other
		}
	}
	j.known[key] = found
	return found
}

// learn asks the policy's source, which answers as at the moment of judging, whichever signature asks: once is enough.
func (j *judge) learn(ctx context.Context, of link, certificate, issuer *x509.Certificate) certs.Revocation {
	if known, ok := j.learnt[of]; ok {
		return known
	}
	found := j.policy.Revocation.Check(ctx, certificate, issuer, j.policy.At)
	j.outside = append(j.outside, outside{certificate, issuer, found})
	j.learnt[of] = found
	return found
}

// digest gives the digest of a certificate, which one judgement asks for many times.
func (j *judge) digest(certificate *x509.Certificate) [sha256.Size]byte {
	known, ok := j.digests[certificate]
	if !ok {
		known = sha256.Sum256(certificate.Raw)
		j.digests[certificate] = known
	}
	return known
}

// documented tells what the document itself says of a certificate's revocation.
func (j *judge) documented(certificate, issuer *x509.Certificate, at time.Time) certs.Revocation {
	j.asked += 1 + len(j.evidence.OCSPs) + len(j.evidence.CRLs)
	if j.asked > maxAsked {
		return certs.Revocation{Reason: codeTooMuch}
	}
	when := certs.When{At: at, Now: j.policy.At}
	found := j.policy.Anchors.Best(j.evidence.about(certificate), certificate, issuer, when)
	found.Source = "document"
	if found.Status != certs.StatusUnknown {
		piece := found.OCSP
		if piece == nil {
			piece = found.CRL
		}
		j.pieces[j.digest(certificate)] = piece
	}
	if found.Status == certs.StatusGood && j.responderRevoked(found, issuer) {
		return certs.Revocation{Reason: certs.RevocationUnauthorised}
	}
	return found
}

// responderRevoked says whether the delegated responder's own certificate was revoked when it answered.
func (j *judge) responderRevoked(answer certs.Revocation, issuer *x509.Certificate) bool {
	if answer.Responder == nil {
		return false
	}
	own := certs.Evidence{Certificates: j.evidence.Certificates, CRLs: j.evidence.CRLs}
	found := j.policy.Anchors.Best(own, answer.Responder, issuer, certs.When{At: answer.ProducedAt, Now: j.policy.At})
	return found.StatusAt(answer.ProducedAt) == certs.StatusRevoked
}

func better(a, b certs.Revocation) bool {
	return a.Status != certs.StatusUnknown || b.Reason == certs.RevocationMissing && a.Reason != ""
}

// judgeSigner judges the signer's certificate as at the best signature time: path, revocation, strength of algorithms.
func (j *judge) judgeSigner(ctx context.Context, s *subject) {
	if s.certificate == nil {
		return
	}
	if s.stray {
		s.Revocation = revocationUnknown
		s.doubt(subChainGeneral, certs.ReasonUnreadable)
		s.lack(certs.ReasonUnreadable)
		return
	}
	purpose := certs.ForSigning
	if s.Kind == KindTimestamp {
		purpose = certs.ForTimestamping
	}
	standing := j.policy.Anchors.Check(s.certificate, j.pool(s.near()), s.best, purpose)
	s.path = standing.Path
	s.Realm = string(standing.Realm)
	s.checkStanding(standing)
	if standing.Reason != certs.ReasonNoAnchor && standing.Reason != certs.ReasonChainBroken {
		j.judgeRevocation(ctx, s, standing.Path)
	} else {
		s.Revocation = revocationUnknown
	}
	s.relate(standing)
	if purpose == certs.ForSigning && forServer(s.certificate) {
		s.doubt(subChain, certs.ReasonWrongUsage)
		s.check(CheckPurpose, CheckFailed, certs.ReasonWrongUsage)
	}
	s.judgeStrength(standing.Path)
}

// forServer says whether the certificate is a machine's: it may name a server and says nothing of people or documents.
func forServer(certificate *x509.Certificate) bool {
	personal := slices.ContainsFunc(certificate.ExtKeyUsage, func(usage x509.ExtKeyUsage) bool {
		return usage == x509.ExtKeyUsageEmailProtection || usage == x509.ExtKeyUsageAny
	})
	return slices.Contains(certificate.ExtKeyUsage, x509.ExtKeyUsageServerAuth) && !personal &&
		len(certificate.UnknownExtKeyUsage) == 0
}

// judgeRevocation asks for every certificate below the anchor.
func (j *judge) judgeRevocation(ctx context.Context, s *subject, path []*x509.Certificate) {
	s.check(CheckStatus, CheckPassed, "")
	for i := range max(len(path)-1, 0) {
		found := j.status(ctx, path[i], path[i+1], s.best)
		s.proofs = append(s.proofs, found)
		if i == 0 {
			j.relateStatus(s, found)
		} else {
			j.relateIssuer(s, found)
		}
	}
}

// relateStatus turns the status of the signer's certificate into the judgement (EN 319 102-1, 5.2.6 and 5.5.4).
func (j *judge) relateStatus(s *subject, found certs.Revocation) {
	for _, note := range found.Notes {
		s.note(note)
	}
	switch found.Status {
	case certs.StatusGood:
		s.Revocation = revocationGood
	case certs.StatusUnknown:
		s.Revocation = revocationUnknown
		s.note(codeNoStatus)
		if j.policy.RequireRevocation {
			s.doubt(subTryLater, found.Reason)
		}
		s.note(found.Reason)
		s.check(CheckStatus, CheckUnknown, cmp.Or(found.Reason, codeNoStatus))
	case certs.StatusRevoked:
		s.Revocation = revocationRevoked
		s.relateRevoked(found)
	}
}

func (s *subject) relateRevoked(found certs.Revocation) {
	const hold = 6 // RFC 5280, 5.3.1: certificateHold
	switch {
	case s.best.Before(found.RevokedAt):
		s.Revocation = revocationGood
		s.note(codeRevokedLater)
	case found.ReasonCode == hold:
		s.doubt(subTryLater, codeOnHold)
		s.check(CheckStatus, CheckUnknown, codeOnHold)
	case s.after.After(found.RevokedAt):
		s.fail(subRevoked, codeRevoked)
		s.check(CheckStatus, CheckFailed, codeRevoked)
	default:
		s.doubt(subRevokedNoProof, codeRevoked)
		s.check(CheckStatus, CheckUnknown, codeRevoked)
	}
}

func (j *judge) relateIssuer(s *subject, found certs.Revocation) {
	switch {
	case found.Status == certs.StatusUnknown:
		if j.policy.RequireRevocation {
			s.doubt(subTryLater, codeIssuerUnknown)
		}
		s.note(codeIssuerUnknown)
		s.check(CheckStatus, CheckUnknown, codeIssuerUnknown)
	case found.StatusAt(s.best) == certs.StatusRevoked:
		s.doubt(subIssuerRevoked, codeIssuerRevoked)
		s.check(CheckStatus, CheckUnknown, codeIssuerRevoked)
	}
}

// judgeStrength applies the dated table of algorithms to the signature and to the certificates on its path.
func (s *subject) judgeStrength(path []*x509.Certificate) {
	if !s.weak(path, s.best) {
		s.check(CheckAlgorithms, CheckPassed, "")
		return
	}
	if s.Timestamped {
		s.doubt(subWeak, codeWeak)
	} else {
		s.doubt(subWeakNoProof, codeWeak)
	}
	s.check(CheckAlgorithms, failedIf(s.weak(path, s.notBefore())), codeWeak)
}

// weak says whether the signature rests on an algorithm that is not relied upon at the moment.
func (s *subject) weak(path []*x509.Certificate, at time.Time) bool {
	weak := weakPath(path, at) || s.certificate != nil && weakKey(s.certificate.PublicKey, at)
	if s.signer != nil && s.certificate != nil {
		weak = weak || weakSignature(s.signer, s.certificate.PublicKey, at)
	}
	if s.legacyKey != nil || s.Format == formatPKCS7SHA1 {
		weak = weak || weakHash(s.contentHash(), at)
	}
	return weak
}

// notBefore is the moment before which the signature was not made, unless its certificate was not valid yet.
func (s *subject) notBefore() time.Time {
	if s.certificate != nil && s.certificate.NotBefore.After(s.after) {
		return s.certificate.NotBefore
	}
	return s.after
}
