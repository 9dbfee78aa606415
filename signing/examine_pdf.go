package signing

import (
	"context"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"io"
	"slices"

	"congvan/signing/pdf"
)

// pdfExamination is the examination of one PDF file.
type pdfExamination struct {
	*judge
	report   *Report
	doc      *pdf.Document
	subjects []*subject
	store    pdf.Evidence // its Dict is nil when there is none that can be read
}

func examinePDF(ctx context.Context, file io.ReaderAt, report *Report, policy Policy) error {
	e := &pdfExamination{judge: newJudge(policy), report: report}
	fault := e.find(file)
	if fault != nil && pdf.Code(fault) == "" {
		return fmt.Errorf("read file: %w", fault)
	}
	if fault != nil {
		report.Error = pdf.Code(fault)
	}
	if err := e.sweep(ctx, file); err != nil {
		return err
	}
	if e.doc == nil {
		return nil
	}
	return e.judgeAll(ctx)
}

// find opens the document and enumerates its signatures. Its error is a fault of the file, or of reading.
func (e *pdfExamination) find(file io.ReaderAt) error {
	doc, err := pdf.Open(file, e.report.Size)
	if err != nil {
		return err
	}
	found, err := doc.Signatures()
	if err != nil {
		return err
	}
	e.doc = doc
	if len(found) > maxSignatures {
		e.report.Error, found = codeFileSignatures, found[:maxSignatures]
	}
	cover, err := newCoverer(file, e.report.Size, doc)
	if err != nil {
		return err
	}
	if cover.trailing {
		e.report.note(codeFileTrailing)
	}
	return e.enlist(found, cover)
}

// enlist makes a subject of every signature. Several fields with one value are one signature.
func (e *pdfExamination) enlist(found []pdf.SignatureDict, cover *coverer) error {
	seen := map[pdf.Ref]*subject{}
	for i := range found {
		if same := seen[found[i].ValueRef]; same != nil && found[i].ValueRef != (pdf.Ref{}) {
			same.note(codeShared)
			continue
		}
		s := newPDFSubject(&found[i], e.policy.Anchors)
		seen[found[i].ValueRef] = s
		e.subjects = append(e.subjects, s)
		if found[i].Err == nil {
			if err := cover.judge(s); err != nil {
				return err
			}
		}
	}
	if err := e.enlistRemoved(cover); err != nil {
		return err
	}
	separate(e.subjects)
	thrift(e.subjects)
	return nil
}

// sweep reads the file once: for its own digest, the digests of all signatures, and byte ranges of no signature.
func (e *pdfExamination) sweep(ctx context.Context, file io.ReaderAt) error {
	orders := make([]*digestOrder, 0, len(e.subjects))
	for _, s := range e.subjects {
		if s.order != nil {
			s.order.hash = s.contentHash()
			orders = append(orders, s.order)
		}
	}
	finder := &pdf.ByteRangeFinder{}
	pass := newSweep(orders, finder)
	if err := pass.run(ctx, file, e.report.Size); err != nil {
		return err
	}
	e.report.SHA256 = hex.EncodeToString(pass.whole())
	e.noteFile(finder)
	return nil
}

// noteFile notes what is to be known of the file as a whole.
func (e *pdfExamination) noteFile(finder *pdf.ByteRangeFinder) {
	if e.doc == nil {
		return
	}
	if e.doc.Repaired() {
		e.report.note(codeFileRepaired)
	}
	if e.doc.Encrypted() {
		e.report.note(codeFileEncrypted)
	}
	if slices.ContainsFunc(e.doc.Sections(), func(s *pdf.Section) bool { return s.Kind == pdf.HybridSection }) {
		e.report.note(codeFileHybrid)
	}
	orphans, err := e.doc.Orphans(finder)
	if err != nil {
		e.report.note(codeFileOrphan)
		return
	}
	codes := map[pdf.OrphanKind]string{
		pdf.OrphanUnreferenced: codeFileOrphan, pdf.OrphanSuperseded: codeFileReplaced,
		pdf.OrphanUsageRights: codeFileUsageRights, pdf.OrphanEmbedded: codeFileEmbedded,
	}
	for _, orphan := range orphans {
		e.report.note(codes[orphan.Kind])
	}
}

// judgeAll judges the signatures once everything has been read.
func (e *pdfExamination) judgeAll(ctx context.Context) error {
	if err := e.gather(); err != nil {
		return err
	}
	for _, s := range e.subjects {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.verify(e.candidates(s))
		e.readStamps(s)
	}
	proofs := e.prove(ctx, e.subjects)
	for _, s := range e.subjects {
		if err := ctx.Err(); err != nil {
			return err
		}
		if s.Kind == KindSignature {
			e.date(ctx, s, proofs)
			e.judgeSigner(ctx, s)
		}
	}
	if err := e.judgeModifications(ctx); err != nil {
		return err
	}
	e.judgeLevels()
	for _, s := range e.subjects {
		e.report.Signatures = append(e.report.Signatures, s.settle())
	}
	if !e.policy.NoBundle {
		e.report.Bundle = e.collect(e.subjects)
	}
	return ctx.Err()
}

// gather collects the evidence of the whole document. A store that cannot be read is no evidence.
func (e *pdfExamination) gather() error {
	for _, s := range e.subjects {
		if s.signed != nil {
			e.evidence.addSigned(s.signed)
		}
	}
	var err error
	if e.store, err = e.doc.DSS(); err != nil && pdf.Code(err) == "" {
		return fmt.Errorf("read security store: %w", err)
	}
	e.evidence.addStore(e.store)
	return nil
}

// candidates gives the certificates among which the signer's may be, beside those in the signature itself.
func (e *pdfExamination) candidates(s *subject) []*x509.Certificate {
	return e.pool(legacyCertificates(e.doc, s.pdf), e.anchors)
}
