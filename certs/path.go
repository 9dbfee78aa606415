package certs

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"hash/maphash"
	"slices"
	"time"
)

// Limits of the search for a path. The certificates of a document are foreign: the work they can cause is bounded.
const (
	maxCandidates = 64  // certificates looked at beside the leaf and the anchors
	maxPathLength = 8   // certificates in a path, leaf and anchor included
	maxSignatures = 128 // signatures checked for one answer
	maxSteps      = 1024
)

// Check says whether the leaf may be relied upon for the purpose as at the moment: it looks for a path from the leaf,
// through others, to an anchor, and judges every certificate on it. All paths are tried within fixed limits, so that
// cross certificates and stray ones do no harm; of several bad paths the least bad is reported. A leaf that is itself
// an anchor counts. At most 64 of the others are looked at.
//
// Unlike crypto/x509 it judges certificates signed with SHA-1 or by short RSA keys, and notes it
// (certificate.weak_algorithm); MD5 is refused. Validity is judged by the shell model: every certificate on the path
// must be valid at the moment. Certificate policies are not judged, nor is revocation: see [CheckOCSP] and
// [CheckCRL].
func (a Anchors) Check(leaf *x509.Certificate, others []*x509.Certificate, at time.Time, purpose Purpose) Standing {
	if leaf == nil {
		return Standing{Reason: ReasonUnreadable, Detail: "no certificate"}
	}
	search := &search{anchors: a, leaf: leaf, others: others, at: at, purpose: purpose}
	search.run()
	return search.standing()
}

// search is one look for a path. It is used once, by one goroutine.
type search struct {
	anchors Anchors
	leaf    *x509.Certificate
	others  []*x509.Certificate
	pool    []*x509.Certificate // candidates, once they are asked for: an anchor is often the next above the leaf
	at      time.Time
	purpose Purpose

	steps, signatures int
	exhausted         bool
	forged            bool // an issuer by name was found, but its key did not make the signature
	longest           []*x509.Certificate
	found             *finding
}

// finding is a complete path and the worst that is to be said of it.
type finding struct {
	path   []*x509.Certificate
	realm  Realm
	fault  fault // the worst
	faults []string
	notes  []string
}

// candidates gives the first of the others, each certificate once and never the leaf itself.
func (s *search) candidates() []*x509.Certificate {
	if s.pool != nil {
		return s.pool
	}
	s.pool = make([]*x509.Certificate, 0, min(len(s.others), maxCandidates))
	seed := maphash.MakeSeed()
	seen := map[uint64]*x509.Certificate{maphash.Bytes(seed, s.leaf.Raw): s.leaf}
	for _, other := range s.others {
		if len(s.pool) == maxCandidates {
			break
		}
		if other == nil {
			continue
		}
		key := maphash.Bytes(seed, other.Raw)
		if same := seen[key]; same != nil && bytes.Equal(same.Raw, other.Raw) {
			continue
		}
		seen[key] = other
		s.pool = append(s.pool, other)
	}
	return s.pool
}

func (s *search) run() {
	if anchor, held := s.anchors.Find(s.leaf); held {
		s.arrive([]*x509.Certificate{s.leaf}, anchor)
	}
	s.climb([]*x509.Certificate{s.leaf})
}

// climb extends the path by every issuer that fits, anchors first, until a path without fault is found.
func (s *search) climb(path []*x509.Certificate) {
	if len(path) > len(s.longest) {
		s.longest = slices.Clone(path)
	}
	last := path[len(path)-1]
	for _, anchor := range s.anchors.named(last.RawIssuer) {
		if s.done() {
			return
		}
		if !onPath(path, anchor.Certificate) && s.signed(last, anchor.Certificate) {
			s.arrive(append(slices.Clone(path), anchor.Certificate), anchor)
		}
	}
	if len(path) >= maxPathLength-1 {
		return
	}
	for _, issuer := range s.issuers(last) {
		if s.done() {
			return
		}
		if !onPath(path, issuer) && s.signed(last, issuer) {
			s.climb(append(slices.Clone(path), issuer))
		}
	}
}

func (s *search) done() bool {
	s.steps++
	s.exhausted = s.exhausted || s.steps > maxSteps
	return s.exhausted || s.found != nil && s.found.fault.rank == faultless && len(s.found.notes) == 0
}

// issuers gives the candidates that bear the issuer's name, the likeliest first. Names that are spelt otherwise are
// looked at only when there is none that is spelt the same.
func (s *search) issuers(of *x509.Certificate) []*x509.Certificate {
	var fitting []*x509.Certificate
	for _, candidate := range s.candidates() {
		if bytes.Equal(candidate.RawSubject, of.RawIssuer) {
			fitting = append(fitting, candidate)
		}
	}
	if len(fitting) == 0 {
		name := s.anchors.proved().canonical(of.RawIssuer)
		for _, candidate := range s.candidates() {
			if s.anchors.proved().canonical(candidate.RawSubject) == name {
				fitting = append(fitting, candidate)
			}
		}
	}
	slices.SortStableFunc(fitting, func(x, y *x509.Certificate) int {
		return cmp.Compare(s.unlikeliness(x, of), s.unlikeliness(y, of))
	})
	return fitting
}

func (s *search) unlikeliness(issuer, of *x509.Certificate) int {
	unlikely := 0
	if len(of.AuthorityKeyId) > 0 && !bytes.Equal(of.AuthorityKeyId, issuer.SubjectKeyId) {
		unlikely += 2
	}
	if s.at.Before(issuer.NotBefore) || s.at.After(issuer.NotAfter) {
		unlikely++
	}
	return unlikely
}

// onPath says whether the path already holds this certificate or another of the same holder and key: going through it
// again can lead to nothing new.
func onPath(path []*x509.Certificate, certificate *x509.Certificate) bool {
	return slices.ContainsFunc(path, func(held *x509.Certificate) bool {
		return bytes.Equal(held.Raw, certificate.Raw) ||
			bytes.Equal(held.RawSubject, certificate.RawSubject) &&
				bytes.Equal(held.RawSubjectPublicKeyInfo, certificate.RawSubjectPublicKeyInfo)
	})
}

func (s *search) signed(certificate, issuer *x509.Certificate) bool {
	if s.signatures++; s.signatures > maxSignatures {
		s.exhausted = true
		return false
	}
	if err := s.anchors.proved().signedBy(certificate, issuer); err != nil {
		s.forged = true
		return false
	}
	return true
}

// arrive judges a path that has reached an anchor, and keeps it if it is the best so far.
func (s *search) arrive(path []*x509.Certificate, anchor Anchor) {
	finding := &finding{path: path, realm: anchor.Realm}
	faults := judgePath(path, anchor, s.at, s.purpose)
	finding.fault, finding.faults = worstOf(faults), codesOf(faults)
	finding.notes = notesOn(path)
	if s.found == nil || finding.better(s.found) {
		s.found = finding
	}
}

func (f *finding) better(than *finding) bool {
	return cmp.Or(
		cmp.Compare(f.fault.rank, than.fault.rank),
		cmp.Compare(len(f.notes), len(than.notes)),
		cmp.Compare(len(f.path), len(than.path)),
	) < 0
}

func (s *search) standing() Standing {
	switch {
	case s.found != nil:
		return Standing{
			Trusted: s.found.fault.rank == faultless,
			Reason:  s.found.fault.code,
			Detail:  s.found.fault.detail,
			Realm:   s.found.realm,
			Path:    s.found.path,
			Notes:   s.found.notes,
			Faults:  s.found.faults,
		}
	case s.exhausted:
		return s.unanchored(ReasonTooComplex, "the search for a path was given up")
	case s.forged && len(s.longest) == 1:
		return s.unanchored(ReasonChainBroken, "the named issuer's key did not make the signature")
	default:
		last := s.longest[len(s.longest)-1]
		return s.unanchored(ReasonNoAnchor, "no anchor above "+last.Subject.String())
	}
}

func (s *search) unanchored(code, detail string) Standing {
	faults := judgePath(s.longest, Anchor{}, s.at, s.purpose)
	return Standing{
		Reason: code, Detail: detail, Path: s.longest, Notes: notesOn(s.longest), Faults: codesOf(faults),
	}
}
