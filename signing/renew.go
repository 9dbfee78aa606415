package signing

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"time"

	"congvan/certs"
	"congvan/certs/cms"
	"congvan/signing/pdf"
)

// Fading says until when the proof of a document's time holds by itself. It is about the newest document time stamp:
// all before it is proved by it.
type Fading struct {
	Field  string    // of that time stamp; empty when the document has none
	Until  time.Time // the end of its authority's certificates, or of the trust in one of its algorithms
	Reason string    // the stable code of what happens then: certificate.expired or weak_algorithm
}

// Due says whether it is time to renew, so long before the end. A document without a time stamp over it is due at once.
func (f Fading) Due(at time.Time, lead time.Duration) bool { return !at.Before(f.Until.Add(-lead)) }

// ArchiveFades finds until when the newest document time stamp holds. It judges nothing: a time stamp that is broken is
// found by Examine. Errors are those of Augment.
func ArchiveFades(original io.ReaderAt, size int64) (Fading, error) {
	doc, err := pdf.Open(original, size)
	if err != nil {
		return Fading{}, fmt.Errorf("open the document: %w", err)
	}
	return archiveFades(doc)
}

func archiveFades(doc *pdf.Document) (Fading, error) {
	signatures, err := doc.Signatures()
	if err != nil {
		return Fading{}, fmt.Errorf("read the signatures: %w", err)
	}
	if len(signatures) == 0 {
		return Fading{}, ErrNothingSigned
	}
	var newest pdf.SignatureDict
	for _, s := range signatures {
		if s.SubFilter == "ETSI.RFC3161" && s.ContentsAt >= newest.ContentsAt {
			newest = s
		}
	}
	if newest.Field == "" {
		return Fading{}, nil
	}
	others, err := storedCertificates(doc)
	if err != nil {
		return Fading{}, err
	}
	token, err := cms.ParseTimestampToken(newest.Contents)
	if err != nil {
		return Fading{}, fmt.Errorf("time stamp in %q: %w", newest.Field, err)
	}
	certificate := token.FindSigner(others)
	if certificate == nil {
		return Fading{}, fmt.Errorf("time stamp in %q: %w", newest.Field, cms.ErrCertificate)
	}
	fading := Fading{Field: newest.Field, Until: certificate.NotAfter, Reason: certs.ReasonExpired}
	fading.endsWith(hashUntil(token.Signer().Digest))
	fading.endsWith(hashUntil(token.Info.Hash))
	fading.endsWith(keyUntil(certificate.PublicKey))
	pool := append(token.SignedData.Certificates, others...)
	for issuer := range issuers(certificate, pool) {
		if issuer.NotAfter.Before(fading.Until) {
			fading.Until, fading.Reason = issuer.NotAfter, certs.ReasonExpired
		}
		fading.endsWith(keyUntil(issuer.PublicKey))
	}
	return fading, nil
}

// endsWith takes the day until which an algorithm is relied upon: no day is without end, not known is never.
func (f *Fading) endsWith(until time.Time, known bool) {
	if !known || !until.IsZero() && until.Before(f.Until) {
		f.Until, f.Reason = until, codeWeak
	}
}

// issuers gives the certificates above one, as far as they are at hand and below the root, which is trusted by
// decision.
func issuers(certificate *x509.Certificate, pool []*x509.Certificate) func(yield func(*x509.Certificate) bool) {
	const longest = 8
	return func(yield func(*x509.Certificate) bool) {
		for range longest {
			above := issuerOf(certificate, pool)
			if above == nil || bytes.Equal(above.RawIssuer, above.RawSubject) || !yield(above) {
				return
			}
			certificate = above
		}
	}
}

func issuerOf(certificate *x509.Certificate, pool []*x509.Certificate) *x509.Certificate {
	for _, candidate := range pool {
		if bytes.Equal(candidate.RawSubject, certificate.RawIssuer) && certificate.CheckSignatureFrom(candidate) == nil {
			return candidate
		}
	}
	return nil
}

// Renew renews the proof of a document's time before it fades: when it is due, so long before its end, the evidence
// for the newest document time stamp is added and a new one made over everything (EN 319 142-1, 5.5). Nobody but that
// time stamp's authority is asked about: those of earlier ones may be gone for years. What is not due comes back with
// an empty tail; a document that has no such time stamp is raised as by Augment. Of the order the level is always
// LevelLTA.
func Renew(
	ctx context.Context, original io.ReaderAt, size int64, order Raising, lead time.Duration,
) (Signed, error) {
	order.Level = LevelLTA
	doc, err := pdf.Open(original, size)
	if err != nil {
		return Signed{}, fmt.Errorf("open the document: %w", err)
	}
	fading, err := archiveFades(doc)
	if err != nil {
		return Signed{}, err
	}
	if fading.Field == "" {
		return Augment(ctx, original, size, order)
	}
	check := Order{Level: order.Level, Stamper: order.Stamper, Evidence: order.Evidence, At: order.At}
	if err := check.check(); err != nil {
		return Signed{}, err
	}
	hashed, err := newPrefix(ctx, hashingOf(original, size, order.Midstates))
	if err != nil {
		return Signed{}, err
	}
	g := &growth{original: original, start: size, prefix: hashed, at: order.At, renews: fading.Field}
	if !fading.Due(order.At, lead) {
		return g.signed(LevelLTA, LevelLTA)
	}
	reached, err := g.raise(ctx, order.Level, raising{order.Stamper, order.Evidence})
	if err != nil {
		return Signed{}, err
	}
	return g.signed(reached, order.Level)
}
