package signing

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"fmt"
	"io"
	"slices"
	"time"

	"congvan/certs"
	"congvan/certs/cms"
	"congvan/signing/pdf"
)

// Session is a signature that waits for a key elsewhere: a token behind a browser plug-in, a remote service, a phone.
// It is a plain value that may be kept as JSON and finished by any process; it holds no key and no open file. It
// belongs to one version of one document: whoever keeps it binds it to that version and lets only one session win.
type Session struct {
	Size        int64                  `json:"size"`                  // of the original
	Original    []byte                 `json:"original"`              // SHA-256 of the original
	Tail        pdf.Tail               `json:"tail"`                  // with an empty place
	Field       string                 `json:"field"`                 // that will be signed
	Hash        crypto.Hash            `json:"hash"`                  // of Digest
	Digest      []byte                 `json:"digest"`                // of everything the signature covers
	Scheme      Scheme                 `json:"scheme"`                // zero while the certificate is unknown
	Certificate []byte                 `json:"certificate,omitempty"` // DER; empty while unknown
	Chain       [][]byte               `json:"chain,omitempty"`       // DER
	Attributes  []byte                 `json:"attributes,omitempty"`  // DER of the signed attributes: what the key signs
	Midstates   map[crypto.Hash][]byte `json:"midstates"`             // of the original
	Level       Level                  `json:"level"`
	At          time.Time              `json:"at"`
}

// Scheme is how a session's key signs: the fields of package cms by the same names.
type Scheme struct {
	Algorithm cms.Algorithm `json:"algorithm"`
	Hash      crypto.Hash   `json:"hash"`
	SaltLen   int           `json:"salt_len,omitempty"`
}

// String names the scheme, such as ECDSA-SHA-256; an unknown scheme is named so.
func (s Scheme) String() string { return s.cms().String() }

func (s Scheme) cms() cms.Scheme {
	return cms.Scheme{Algorithm: s.Algorithm, Hash: s.Hash, SaltLen: s.SaltLen}
}

// Prepare makes everything of a signature but its value. The order's key is not used and may be nil. When the
// certificate is not known either, only a whole CMS object can finish the session, and room is reserved generously.
// It refuses what SignPDF refuses.
func Prepare(ctx context.Context, original io.ReaderAt, size int64, order Order) (Session, error) {
	p, err := prepare(ctx, original, size, order)
	if err != nil {
		return Session{}, err
	}
	if p.mended != nil { // a session belongs to the bytes as they are
		return Session{}, fmt.Errorf("mended: %w", pdf.ErrRepaired)
	}
	midstates, err := p.prefix.keep()
	if err != nil {
		return Session{}, err
	}
	before, after := p.tail.Covered()
	session := Session{
		Size: size, Original: p.prefix[crypto.SHA256].Sum(nil), Tail: p.tail, Field: p.field, Hash: p.hash(),
		Midstates: midstates, Level: order.Level, At: order.At,
	}
	if session.Digest, err = p.prefix.sum(session.Hash, before, after); err != nil {
		return Session{}, err
	}
	if order.Identity.Certificate == nil {
		return session, nil
	}
	session.Scheme = Scheme{p.scheme.Algorithm, p.scheme.Hash, p.scheme.SaltLen}
	session.Certificate = order.Identity.Certificate.Raw
	for _, certificate := range chainOf(order.Identity) {
		session.Chain = append(session.Chain, certificate.Raw)
	}
	session.Attributes, err = cms.SignedAttributes(order.draft(p.scheme, session.Digest))
	return session, err
}

// Input is what the key is given: a digest with the options that name its hash, or for Ed25519 the attributes
// themselves.
func (s Session) Input() ([]byte, crypto.SignerOpts) { return s.Scheme.cms().Input(s.Attributes) }

// Completion is what the end of a session needs from the world.
type Completion struct {
	Stamper  certs.Stamper
	Evidence EvidenceGatherer
}

// Finish puts a signature value that was made elsewhere into its place. The value is verified against the certificate
// first; ErrForeignValue says that it was made over something else or by another key. The original must be the one that
// the session was prepared for.
func Finish(ctx context.Context, original io.ReaderAt, session Session, value []byte, from Completion) (Signed, error) {
	p, err := session.restore(original, from)
	if err != nil {
		return Signed{}, err
	}
	if p.order.Identity.Certificate == nil {
		return Signed{}, fmt.Errorf("the certificate is not known: %w", ErrSession)
	}
	if err := p.scheme.Verify(p.order.Identity.Certificate.PublicKey, session.Attributes, value); err != nil {
		return Signed{}, fmt.Errorf("%w: %w", ErrForeignValue, err)
	}
	draft := p.order.draft(p.scheme, session.Digest)
	attributes, err := cms.SignedAttributes(draft)
	if err != nil || !bytes.Equal(attributes, session.Attributes) {
		return Signed{}, fmt.Errorf("signed attributes: %w", ErrSession)
	}
	object, err := cms.Assemble(draft, attributes, value)
	if err != nil {
		return Signed{}, fmt.Errorf("assemble the signature: %w", err)
	}
	return p.complete(ctx, object)
}

// FinishCMS puts a whole CMS object that was made elsewhere into its place, after making sure that it is one detached
// signature over exactly what was prepared, by the certificate that was announced, if any.
func FinishCMS(ctx context.Context, original io.ReaderAt, session Session, object []byte, from Completion) (Signed,
	error,
) {
	p, err := session.restore(original, from)
	if err != nil {
		return Signed{}, err
	}
	signed, err := cms.Parse(object)
	if err != nil {
		return Signed{}, fmt.Errorf("%w: %w", ErrForeignValue, err)
	}
	if err := p.checkForeign(ctx, session, signed); err != nil {
		return Signed{}, err
	}
	return p.complete(ctx, signed.Raw)
}

// restore takes a session up again, after making sure that its parts still belong together.
func (s Session) restore(original io.ReaderAt, from Completion) (*preparation, error) {
	p := &preparation{
		original: original, size: s.Size, scheme: s.Scheme.cms(), tail: s.Tail, field: s.Field,
		prefix: prefix{},
	}
	p.tail.Bytes = slices.Clone(s.Tail.Bytes) // the session may be finished again
	p.order = Order{Level: s.Level, At: s.At, Stamper: from.Stamper, Evidence: from.Evidence}
	if s.Certificate != nil {
		certificate, err := x509.ParseCertificate(s.Certificate)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrSession, err)
		}
		p.order.Identity.Certificate = certificate
	}
	for _, der := range s.Chain {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrSession, err)
		}
		p.order.Identity.Chain = append(p.order.Identity.Chain, certificate)
	}
	if err := p.order.check(); err != nil {
		return nil, err
	}
	if s.Tail.Start != s.Size || s.Tail.From < 0 || s.Tail.From >= s.Tail.To || s.Tail.To > len(s.Tail.Bytes) {
		return nil, fmt.Errorf("tail: %w", ErrSession)
	}
	for algorithm := range s.Midstates {
		if !algorithm.Available() {
			return nil, fmt.Errorf("hash %d: %w", algorithm, ErrSession)
		}
		p.prefix[algorithm] = algorithm.New()
	}
	if err := p.prefix.restore(s.Midstates); err != nil {
		return nil, err
	}
	return p, s.checkDigest(p)
}

func (s Session) checkDigest(p *preparation) error {
	if p.prefix[crypto.SHA256] == nil || p.prefix[s.Hash] == nil {
		return fmt.Errorf("midstates: %w", ErrSession)
	}
	before, after := s.Tail.Covered()
	digest, err := p.prefix.sum(s.Hash, before, after)
	if err != nil {
		return err
	}
	if !bytes.Equal(digest, s.Digest) || !bytes.Equal(p.prefix[crypto.SHA256].Sum(nil), s.Original) {
		return fmt.Errorf("digest: %w", ErrSession)
	}
	return nil
}

// checkForeign judges a CMS object of another program: integrity and binding; trust is judged elsewhere.
func (p *preparation) checkForeign(ctx context.Context, session Session, signed *cms.SignedData) error {
	if !signed.Detached || len(signed.Signers) != 1 {
		return fmt.Errorf("%w: not one detached signature", ErrForeignValue)
	}
	signer := &signed.Signers[0]
	certificate := signer.FindSigner(signed.Certificates)
	switch {
	case certificate == nil:
		return fmt.Errorf("%w: no certificate", ErrForeignValue)
	case session.Certificate != nil && !bytes.Equal(session.Certificate, certificate.Raw):
		return fmt.Errorf("%w: another certificate", ErrForeignValue)
	case weakSignature(signer, certificate.PublicKey, session.At):
		return ErrWeakKey
	}
	if err := checkCertificate(certificate, session.At); err != nil {
		return err
	}
	if present, matches := signer.MatchESS(certificate); present && !matches {
		return fmt.Errorf("%w: bound to another certificate", ErrForeignValue)
	}
	digest, err := p.foreignDigest(ctx, session, signer.Digest)
	if err != nil {
		return err
	}
	if coverage, err := signer.Verify(certificate, digest); err != nil || coverage == cms.OverContent {
		return fmt.Errorf("%w: %w", ErrForeignValue, err)
	}
	p.order.Identity.Certificate = certificate
	return nil
}

// foreignDigest hashes the original again when the other program chose a hash that was not prepared.
func (p *preparation) foreignDigest(ctx context.Context, session Session, hash crypto.Hash) ([]byte, error) {
	if hash == session.Hash {
		return session.Digest, nil
	}
	before, after := p.tail.Covered()
	if p.prefix[hash] != nil {
		return p.prefix.sum(hash, before, after)
	}
	if !hash.Available() {
		return nil, fmt.Errorf("%w: unknown hash", ErrForeignValue)
	}
	again, err := newPrefix(ctx, hashingOf(p.original, p.size, nil), hash)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again[crypto.SHA256].Sum(nil), session.Original) {
		return nil, fmt.Errorf("the document is another: %w", ErrSession)
	}
	return again.sum(hash, before, after)
}
