package signing

import (
	"crypto/x509"
	"slices"

	"congvan/certs"
	"congvan/signing/pdf"
)

// judgeLevels finds the profile that each signature of a PDF has by its form, and the level that holds.
func (e *pdfExamination) judgeLevels() {
	for _, s := range e.subjects {
		if s.Kind == KindSignature && s.signer != nil {
			s.Profile = e.profile(s, true)
			s.Level = levelOf(e.profile(s, false))
		}
	}
}

// profile gives ETSI's name of the profile: by what holds, or by the form alone, which counts time stamps over
// something else.
func (e *pdfExamination) profile(s *subject, form bool) string {
	stored := e.store.Dict != nil
	p := profiler{
		subject: s, pades: true, stored: stored, stamped: s.countStamps(stampCount{form: form}),
		reason: s.pdf.Reason != "", dated: s.SigningTime != "" && s.pdf.M != "", filtered: s.pdf.Filter != "",
	}
	later := e.stampsAfter(s, form)
	p.later = len(later)
	p.longTerm = stored && e.hasEvidence(e.evidence, s, later)
	p.archived = p.longTerm && e.archived(s, later)
	return p.profile()
}

// stampsAfter gives the document time stamps that cover the signature, oldest first; by form also broken ones.
func (e *pdfExamination) stampsAfter(s *subject, form bool) []*subject {
	var later []*subject
	for _, other := range e.subjects {
		if other.Kind == KindTimestamp && other.pdf.Type != "Sig" && other.CoveredBytes > s.CoveredBytes &&
			other.Coverage != CoversInvalid && (other.Integrity == Intact || form) {
			later = append(later, other)
		}
	}
	slices.SortStableFunc(later, func(a, b *subject) int { return int(min(max(a.CoveredBytes-b.CoveredBytes, -1), 1)) })
	return later
}

// hasEvidence says whether the file holds evidence for the signer and for all time stamps but the last archive time
// stamp, whose evidence comes with the next one. Without a time stamp over the signature's value a document time stamp
// stands in its place and needs evidence like it.
func (j *judge) hasEvidence(evidence *heap, s *subject, later []*subject) bool {
	paths := s.paths()
	if len(s.stamps) > 0 && len(later) > 0 {
		later = later[:len(later)-1]
	}
	for _, stamp := range later {
		paths = append(paths, stamp.path)
	}
	return !slices.ContainsFunc(paths, func(path []*x509.Certificate) bool { return !j.evidenced(evidence, path) })
}

// paths gives the certificates on which the signature and the time stamps over its value rest.
func (s *subject) paths() [][]*x509.Certificate {
	paths := [][]*x509.Certificate{s.path}
	for _, st := range s.stamps {
		if st.path != nil {
			paths = append(paths, st.path)
		}
	}
	return paths
}

// archived says whether some document time stamp covers the evidence for the signature and an earlier time stamp: the
// only one there is proves the time of signing and archives nothing.
func (e *pdfExamination) archived(s *subject, later []*subject) bool {
	for i, stamp := range later {
		if i == 0 && len(s.stamps) == 0 {
			continue
		}
		view, err := e.doc.AsOf(stamp.CoveredBytes)
		if err != nil {
			continue
		}
		store, err := view.DSS()
		if err != nil || store.Dict == nil {
			continue
		}
		if e.hasEvidence(e.coveredEvidence(store, s), s, nil) {
			return true
		}
	}
	return false
}

// coveredEvidence gives what is in a store and in the signature itself.
func (j *judge) coveredEvidence(store pdf.Evidence, s *subject) *heap {
	evidence := newHeap(j.policy.Anchors.ParseCertificate)
	evidence.addSigned(s.signed)
	for _, st := range s.stamps {
		if st.token != nil {
			evidence.addSigned(st.token.SignedData)
		}
	}
	evidence.addStore(store)
	return evidence
}

// stampCount says which time stamps count: by form also those over something else; timely ones only are those from
// before the certificate expired (EN 319 122-1, 6.3 m).
type stampCount struct{ form, timely bool }

// countStamps counts the time stamps over this signature's value.
func (s *subject) countStamps(which stampCount) int {
	n := 0
	for _, st := range s.stamps {
		if st.token == nil || st.fault == codeStampImprint && !which.form {
			continue
		}
		if which.timely && s.certificate != nil && !st.token.Info.Time.Before(s.certificate.NotAfter) {
			return 0
		}
		n++
	}
	return n
}

// evidenced says whether the heap holds evidence of revocation for every certificate on the path that needs some. It
// asks whether the evidence is there, not what it says, how fresh it is and whether the responder may be believed: that
// is judged with the status.
func (j *judge) evidenced(evidence *heap, path []*x509.Certificate) bool {
	for i, certificate := range path {
		if i == len(path)-1 {
			return j.policy.Anchors.Holds(certificate) || selfSigned(certificate)
		}
		if piece := j.pieces[j.digest(certificate)]; len(piece) > 0 && evidence.held[string(piece)] {
			continue // it has been checked already
		}
		j.asked += 1 + len(evidence.OCSPs) + len(evidence.CRLs)
		if j.asked > maxAsked {
			return false
		}
		found := j.policy.Anchors.Best(evidence.Evidence, certificate, path[i+1], certs.When{At: j.policy.At})
		if found.Status == certs.StatusUnknown && !slices.Contains([]string{
			certs.RevocationStale, certs.RevocationAfterExpiry, certs.RevocationOutsideIssuer, certs.RevocationUnknown,
			certs.RevocationUnauthorised,
		}, found.Reason) {
			return false
		}
	}
	return len(path) > 0
}

func selfSigned(certificate *x509.Certificate) bool {
	return string(certificate.RawIssuer) == string(certificate.RawSubject)
}
