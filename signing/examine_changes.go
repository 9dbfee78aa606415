package signing

import (
	"context"
	"fmt"

	"congvan/signing/pdf"
)

// maxCompared is how many revisions are compared with the last one: each may cost as much as reading both.
const maxCompared = 128

// judgeModifications classifies what was added after each signature. What cannot be judged is a doubt, never a pass.
func (e *pdfExamination) judgeModifications(ctx context.Context) error {
	compared := 0
	for _, s := range e.subjects {
		if err := ctx.Err(); err != nil {
			return err
		}
		var err error
		switch {
		case s.Coverage == CoversDocument && !e.doc.Repaired():
			s.Modification = ModifiedNone
		case s.Coverage == CoversRevision && s.readable() && compared < maxCompared:
			compared++
			s.Modification, s.Changes, err = classify(e.doc, *s.pdf, s.CoveredBytes)
		}
		if err != nil && pdf.Code(err) == "" {
			return fmt.Errorf("compare revisions: %w", err)
		}
		s.judgeModification()
	}
	return nil
}

func (s *subject) judgeModification() {
	switch s.Modification {
	case ModifiedNone:
	case ModifiedLTV:
		s.note(codeModifiedLTV)
	case ModifiedFormFill:
		s.note(codeModifiedForm)
	case ModifiedAnnotation:
		s.note(codeModifiedRemark)
	case ModifiedForbidden:
		s.judgeForbidden()
	case ModifiedUnknown:
		s.doubt(subConstraints, codeUnjudged)
	}
}

// judgeForbidden also tells, by a code of its own, when it is the signature's own description that was changed.
func (s *subject) judgeForbidden() {
	s.fail(subFormat, codeForbidden)
	for _, change := range s.Changes {
		if change.Grade == ModifiedForbidden && change.Code == "change.signature_value" {
			s.note(codeReplaced)
		}
	}
}
