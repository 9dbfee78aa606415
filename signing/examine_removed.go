package signing

import (
	"congvan/signing/pdf"
)

// maxLooked is how many revisions are looked at for signatures that were taken away.
const maxLooked = 32

// enlistRemoved finds signatures that a revision held and the document no longer shows, and that went away after the
// last signature that is still there: nobody signed their absence. Each is judged and reported like any other, as
// failed. A signature that its own signer cleared before signing anew is covered by the new one and does not count.
func (e *pdfExamination) enlistRemoved(cover *coverer) error {
	var signedUpTo int64
	shown := map[int64]bool{}
	for _, s := range e.subjects {
		shown[s.pdf.ContentsAt] = true
		if s.Coverage != CoversInvalid {
			signedUpTo = max(signedUpTo, s.CoveredBytes)
		}
	}
	looked := 0
	for _, revision := range cover.revisions[:max(len(cover.revisions)-1, 0)] {
		if revision.EndLine <= signedUpTo || looked == maxLooked {
			continue
		}
		looked++
		removed, err := e.removedFrom(revision, shown)
		if err != nil {
			return err
		}
		for i := range removed {
			s := newPDFSubject(&removed[i], e.policy.Anchors)
			s.fail(subFormat, codeRemoved)
			if err := cover.judge(s); err != nil {
				return err
			}
			e.subjects = append(e.subjects, s)
		}
	}
	return nil
}

// removedFrom gives the signatures of a revision that the document does not show. A revision that cannot be opened has
// none to show.
func (e *pdfExamination) removedFrom(revision pdf.Revision, shown map[int64]bool) ([]pdf.SignatureDict, error) {
	view, err := e.doc.AsOf(revision.End)
	if err != nil {
		return nil, onlyReading(err)
	}
	then, err := view.Signatures()
	if err != nil {
		return nil, onlyReading(err)
	}
	var removed []pdf.SignatureDict
	for _, signature := range then {
		if signature.Err == nil && signature.ContentsAt >= 0 && !shown[signature.ContentsAt] {
			shown[signature.ContentsAt] = true
			removed = append(removed, signature)
		}
	}
	return removed, nil
}

// onlyReading keeps errors of reading and drops faults of the file.
func onlyReading(err error) error {
	if pdf.Code(err) != "" {
		return nil
	}
	return err
}
