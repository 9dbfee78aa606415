package signing

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strconv"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"

	"congvan/certs/cms"
)

// maxCMSFile is the largest signature file that is read, PEM armour included.
const maxCMSFile = 2 * cms.MaxSize

// maxCounterDepth is how deep countersignatures of countersignatures are followed.
const maxCounterDepth = 4

// cmsExamination is the examination of one signature file that is no PDF.
type cmsExamination struct {
	*judge
	report   *Report
	signed   *cms.SignedData
	digests  map[crypto.Hash][]byte // of the signed content
	subjects []*subject
}

func examineCMS(ctx context.Context, file io.ReaderAt, report *Report, policy Policy) error {
	if err := onlyDigest(ctx, file, report); err != nil {
		return err
	}
	if report.Size > maxCMSFile {
		report.Error = codeFileTooLarge
		return nil
	}
	data := make([]byte, report.Size)
	if n, err := file.ReadAt(data, 0); n < len(data) {
		return fmt.Errorf("read file: %w", err)
	}
	e := &cmsExamination{judge: newJudge(policy), report: report}
	return e.examine(ctx, unarmour(data))
}

// unarmour takes the PEM armour off; what has none is given back as it is.
func unarmour(data []byte) []byte {
	if block, _ := pem.Decode(data); block != nil {
		return block.Bytes
	}
	return data
}

func (e *cmsExamination) examine(ctx context.Context, data []byte) error {
	if response, err := cms.ParseTimestampResponse(data); err == nil && response.Token != nil {
		data = response.Token
	}
	signed, fault := cms.ParseWith(data, e.policy.Anchors.ParseCertificate)
	if e.report.Error = fileCode(fault); fault != nil {
		return nil //nolint:nilerr // what is wrong with the file is part of the report
	}
	if len(signed.Signers) == 0 {
		e.report.note(codeFileCertificates)
		return nil
	}
	e.signed = signed
	e.evidence.addSigned(signed)
	if err := e.readContent(ctx); err != nil {
		return err
	}
	if signed.ContentType.Equal(cms.OIDTSTInfo) && len(signed.Signers) == 1 {
		e.examineToken(ctx)
		return ctx.Err()
	}
	e.enlist(signed, nil, "")
	return e.judgeAll(ctx)
}

// fileCode says why a signature file cannot be read; empty when it can.
func fileCode(fault error) string {
	switch {
	case fault == nil:
		return ""
	case errors.Is(fault, cms.ErrLimit):
		return codeFileTooLarge
	default:
		return codeFileUnreadable
	}
}

// readContent takes the digests of the signed content: that inside the signature, or the file that the policy gives.
// When there are both, they must be the same.
func (e *cmsExamination) readContent(ctx context.Context) error {
	e.digests = e.policy.ContentDigests
	if e.policy.Content == nil {
		return nil
	}
	hashes := e.signed.Hashes()
	if token, err := e.signed.TimestampToken(); err == nil && cms.Available(token.Info.Hash) {
		hashes = append(hashes, token.Info.Hash)
	}
	given, err := digestReader(ctx, e.policy.Content, append(hashes, crypto.SHA256))
	if err != nil {
		return err
	}
	e.digests = given
	return nil
}

// digestReader reads everything once for all hashes.
func digestReader(ctx context.Context, content io.Reader, hashes []crypto.Hash) (map[crypto.Hash][]byte, error) {
	if content == nil {
		return nil, nil
	}
	states := map[crypto.Hash]hash.Hash{}
	for _, algorithm := range hashes {
		states[algorithm] = cms.NewHash(algorithm)
	}
	window := make([]byte, sweepWindow)
	for {
		n, err := content.Read(window)
		for _, state := range states {
			_, _ = state.Write(window[:n])
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read signed file: %w", err)
		}
	}
	digests := map[crypto.Hash][]byte{}
	for algorithm, state := range states {
		digests[algorithm] = state.Sum(nil)
	}
	return digests, nil
}

// enlist makes a subject of every signer, and of every countersignature of one.
func (e *cmsExamination) enlist(signed *cms.SignedData, parent *subject, name string) {
	for i := range signed.Signers {
		if len(e.subjects) == maxSignatures {
			e.report.Error = codeFileSignatures
			return
		}
		s := newCMSSubject(signed, i, name)
		s.anchors = e.policy.Anchors
		if parent != nil {
			s.parent = parent
			s.note(codeCounter)
		}
		e.subjects = append(e.subjects, s)
		for _, attribute := range cms.Find(s.signer.Unsigned, cms.OIDCounterSignature) {
			for n, value := range attribute.Values {
				e.enlistCounter(s, value, n+1)
			}
		}
	}
}

func (e *cmsExamination) enlistCounter(parent *subject, der []byte, number int) {
	depth := 0
	for p := parent; p != nil; p = p.parent {
		depth++
	}
	name := parent.Field + "." + strconv.Itoa(number)
	wrapped, err := wrapSigner(der)
	if err != nil || depth > maxCounterDepth {
		s := &subject{}
		s.Field, s.Kind, s.Format, s.Level = name, KindSignature, formatCAdES, LevelNone
		s.Integrity, s.Coverage, s.Modification = Unreadable, CoversInvalid, ModifiedNone
		s.fail(subFormat, codeUnreadable)
		e.subjects = append(e.subjects, s)
		return
	}
	wrapped.Certificates = e.signed.Certificates
	e.enlist(wrapped, parent, name)
}

// wrapSigner parses a SignerInfo that stands alone, as the only one of an empty SignedData.
func wrapSigner(der []byte) (*cms.SignedData, error) {
	var b cryptobyte.Builder
	b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(cms.OIDSignedData)
		b.AddASN1(tags.Tag(0).Constructed().ContextSpecific(), func(b *cryptobyte.Builder) {
			b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(1)
				b.AddASN1(tags.SET, func(*cryptobyte.Builder) {})
				b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(cms.OIDData) })
				b.AddASN1(tags.SET, func(b *cryptobyte.Builder) { b.AddBytes(der) })
			})
		})
	})
	wrapped, err := b.Bytes()
	if err != nil {
		return nil, fmt.Errorf("wrap countersignature: %w", err)
	}
	return cms.Parse(wrapped)
}

func newCMSSubject(signed *cms.SignedData, index int, name string) *subject {
	s := &subject{signed: signed, signer: &signed.Signers[index]}
	s.Field = name
	if name == "" {
		s.Field = strconv.Itoa(index + 1)
	}
	s.Kind, s.Format, s.Integrity, s.Level = KindSignature, formatCAdES, Unreadable, LevelNone
	s.Coverage, s.Modification = CoversDocument, ModifiedNone // a CMS signature is over all of its content
	if len(s.signer.ESSCertificate) == 0 {
		s.Format = formatPKCS7
	}
	if signed.WasBER {
		s.note(codeNotDER)
	}
	if !s.signer.SigningTime.IsZero() {
		s.SigningTime = s.signer.SigningTime.Format(time.RFC3339)
	}
	s.describeScheme(s.signer.Scheme)
	return s
}

func (e *cmsExamination) judgeAll(ctx context.Context) error {
	for _, s := range e.subjects {
		if s.signer != nil {
			e.verify(s)
			e.readStamps(s)
		}
	}
	for _, s := range e.subjects {
		if err := ctx.Err(); err != nil {
			return err
		}
		if s.signer != nil {
			e.date(ctx, s, nil)
			e.judgeSigner(ctx, s)
			e.judgeLevel(s)
		}
		e.report.Signatures = append(e.report.Signatures, s.settle())
	}
	e.keepEvidence(e.subjects)
	return ctx.Err()
}

// keepEvidence puts the digests of the signed file beside what the judgement rests on.
func (e *cmsExamination) keepEvidence(subjects []*subject) {
	if e.policy.NoBundle {
		return
	}
	e.report.Bundle = e.collect(subjects)
	e.report.Bundle.Content = e.contentDigests()
}

// verify checks one signature over the content.
func (e *cmsExamination) verify(s *subject) {
	others := e.pool(e.anchors)
	if s.parent != nil {
		s.verifyCounter(others)
		return
	}
	digest, known := e.contentDigest(s.signer.Digest)
	switch {
	case !cms.Available(s.signer.Digest):
		s.judgeValue(cms.OverNothing, cms.ErrUnsupported)
	case !known:
		s.lackContent()
		if certificate := s.findSigner(others); certificate != nil {
			s.describeSigner(certificate)
		}
	default:
		s.verifyDigest(digest, others)
		e.compareContent(s)
		if slices.Contains(s.Reasons, codeNoAttributes) && bytes.HasPrefix(e.signed.Content, []byte{0x31}) {
			s.fail(subFormat, codeAttributes) // the content may be the signed attributes of another signature
		}
	}
}

// contentDigest gives the digest of the signed content.
func (e *cmsExamination) contentDigest(algorithm crypto.Hash) ([]byte, bool) {
	if !e.signed.Detached {
		if !cms.Available(algorithm) {
			return nil, false
		}
		return digestOf(algorithm, e.signed.Content), true
	}
	digest, known := e.digests[algorithm]
	return digest, known
}

// compareContent refuses a signature whose own content is not the file that was given with it.
func (e *cmsExamination) compareContent(s *subject) {
	given, known := e.digests[crypto.SHA256]
	if !e.signed.Detached && known && !bytes.Equal(given, digestOf(crypto.SHA256, e.signed.Content)) {
		s.Integrity = Broken
		s.fail(subHash, codeOtherContent)
		s.check(CheckDigest, CheckFailed, codeOtherContent)
	}
}

// examineToken judges a time-stamp token that is a file of its own.
func (e *cmsExamination) examineToken(ctx context.Context) {
	s := &subject{signed: e.signed, signer: &e.signed.Signers[0], anchors: e.policy.Anchors}
	s.Field, s.Kind, s.Format, s.Level = "1", KindTimestamp, formatRFC3161, LevelNone
	s.Integrity, s.Coverage, s.Modification = Unreadable, CoversDocument, ModifiedNone
	s.describeScheme(s.signer.Scheme)
	s.readToken()
	if s.token != nil {
		s.order = &digestOrder{hash: s.token.Info.Hash}
		digest, known := e.digests[s.token.Info.Hash]
		if known {
			s.order.value = digest
		} else {
			s.order.value = s.token.Info.Imprint
		}
		s.verifyToken(e.pool(e.anchors))
		if !known {
			s.lackContent()
		}
		e.prove(ctx, []*subject{s})
		s.BestSignatureTime = s.SigningTime
	}
	e.report.Signatures = append(e.report.Signatures, s.settle())
	e.keepEvidence([]*subject{s})
}

func (e *cmsExamination) judgeLevel(s *subject) {
	s.Profile = e.profile(s, true)
	s.Level = levelOf(e.profile(s, false))
}

// profile gives ETSI's name of the profile, by the form alone or by what holds.
func (e *cmsExamination) profile(s *subject, form bool) string {
	p := profiler{subject: s, stamped: s.countStamps(stampCount{form: form, timely: true})}
	p.lone = true
	for _, certificate := range e.evidence.Certificates {
		p.lone = p.lone && selfSigned(certificate)
	}
	p.longTerm = e.hasEvidence(e.evidence, s, nil)
	return p.profile()
}

func (s *subject) verifyCounter(others []*x509.Certificate) {
	certificate := s.findSigner(others)
	if certificate == nil {
		s.lackSigner(codeNoSigner)
		return
	}
	s.describeSigner(certificate)
	s.judgeForm()
	if !cms.Available(s.signer.Digest) || s.signer.RawSigned == nil {
		s.judgeValue(cms.OverNothing, cms.ErrUnsupported)
		return
	}
	if !bytes.Equal(s.signer.MessageDigest, digestOf(s.signer.Digest, s.parent.signer.Signature)) {
		s.judgeValue(cms.OverNothing, cms.ErrDigest)
	}
	key := cms.PublicKey(certificate)
	s.judgeValue(cms.OverAttributes, s.signer.Scheme.Verify(key, s.signer.RawSigned, s.signer.Signature))
	s.judgeBinding(cms.OverAttributes, certificate)
}
