package signing

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"

	"congvan/signing/pdf"
)

// maxSignatures is how many signatures one file may have.
const maxSignatures = 1000

var errNoMoment = errors.New("examine: the policy names no moment")

// Examine judges every signature of a file as at the policy's moment. What it is, is told by its content: a PDF, a CMS
// signature (DER, BER or PEM; for a detached one the policy gives the signed file) or a time-stamp token. The file is
// read once, in bounded memory. The judgement depends on nothing but the file, the policy and what the policy's source
// of revocation answers. An error means that reading failed or that the context ended: a bad signature is a result, and
// so is a file that cannot be examined (Report.Error).
//
// The verdict is that of the worst signature. Time stamps over the document do not make a file signed; one that is
// broken makes a passed file indeterminate.
func Examine(ctx context.Context, file io.ReaderAt, size int64, policy Policy) (Report, error) {
	if policy.At.IsZero() {
		return Report{}, errNoMoment
	}
	file, head, err := open(file, size)
	if err != nil {
		return Report{}, err
	}
	report := Report{Size: size, JudgedAt: policy.At.UTC(), Signatures: []Signature{}}
	loose := false // signatures and time stamps stand alone, outside any document
	switch {
	case looksLikeCMS(head):
		loose = true
		err = examineCMS(ctx, file, &report, policy)
	case bytes.Contains(head, []byte("%PDF-")):
		err = examinePDF(ctx, file, &report, policy)
	case len(head) > 1 && head[0] == 0x30 && head[1] >= 0x80: // perhaps a time-stamp response
		loose = true
		err = examineCMS(ctx, file, &report, policy)
	default:
		report.Error = codeFileUnsupported
		err = onlyDigest(ctx, file, &report)
	}
	if err != nil {
		return Report{}, err
	}
	report.conclude(loose)
	if !policy.NoBundle {
		report.Bundle = policy.bundle(report)
	}
	return report, nil
}

// Memory is a whole file that is held in memory: it is judged where it lies, without copying.
type Memory = pdf.Memory

// smallFile is up to which size a file is read into memory at once, in bytes: nearly every letter is smaller.
const smallFile = 1 << 20

// open gives the file as it is best read, and its first bytes.
func open(file io.ReaderAt, size int64) (_ io.ReaderAt, head []byte, err error) {
	whole, held := file.(Memory)
	held = held && int64(len(whole)) == size
	if !held && size <= smallFile {
		whole, held = make(Memory, size), true
		if err := readFull(file, whole, 0); err != nil {
			return nil, nil, err
		}
	}
	if held {
		return whole, whole[:min(size, headSize)], nil
	}
	head = make([]byte, min(size, headSize))
	return file, head, readFull(file, head, 0)
}

// headSize is how much of a file tells what it is.
const headSize = 1024

// maimed says whether a damaged file holds something like a signature that no field shows: it may have been one.
func (r *Report) maimed() bool {
	damaged, trace := false, false
	for _, note := range r.Notes {
		damaged = damaged || note == codeFileRepaired || note == codeFileTrailing
		trace = trace || note == codeFileOrphan || note == codeFileReplaced || note == codeFileEmbedded
	}
	return damaged && trace
}

// looksLikeCMS says whether the file begins like a CMS ContentInfo, in DER, BER or PEM.
func looksLikeCMS(head []byte) bool {
	text := bytes.TrimLeft(head, " \t\r\n\xef\xbb\xbf")
	if bytes.HasPrefix(text, []byte("-----BEGIN ")) {
		return true
	}
	const contentType = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"
	at := bytes.Index(head[:min(len(head), 24)], []byte(contentType))
	return len(head) > 0 && head[0] == 0x30 && at > 0
}

// onlyDigest fills in the digest of a file of which nothing else is known.
func onlyDigest(ctx context.Context, file io.ReaderAt, report *Report) error {
	pass := newSweep(nil, nil)
	if err := pass.run(ctx, file, report.Size); err != nil {
		return err
	}
	report.SHA256 = hex.EncodeToString(pass.whole())
	return nil
}

// conclude gives the verdict for the file. A loose time stamp counts like a signature.
func (r *Report) conclude(loose bool) {
	worst := map[Indication]Verdict{TotalPassed: Passed, TotalIndetermined: Indeterminate, TotalFailed: Failed}
	rank := map[Verdict]int{Unsigned: 0, Passed: 1, Indeterminate: 2, Failed: 3}
	r.Verdict = Unsigned
	brokenStamp := false
	for i := range r.Signatures {
		s := &r.Signatures[i]
		if s.Kind == KindTimestamp && !loose {
			brokenStamp = brokenStamp || s.Indication == TotalFailed
			continue
		}
		if verdict := worst[s.Indication]; rank[verdict] > rank[r.Verdict] {
			r.Verdict = verdict
		}
	}
	if brokenStamp && r.Verdict == Passed {
		r.Verdict = Indeterminate
		r.note(codeFileStamp)
	}
	if r.Verdict == Unsigned && r.maimed() {
		r.Error = codeFileUnreadable
	}
	if r.Error != "" && r.Verdict != Failed {
		r.Verdict = Indeterminate
	}
}
