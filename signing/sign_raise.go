package signing

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"congvan/certs"
	"congvan/certs/cms"
	"congvan/signing/pdf"
)

// Raising says to which level the signatures of a document are to be raised.
type Raising struct {
	Level     Level // LevelT, LevelLT or LevelLTA
	Stamper   certs.Stamper
	Evidence  EvidenceGatherer
	At        time.Time
	Midstates map[crypto.Hash][]byte // as in Order
}

// Augment raises every signature of a document: to B-T by a document time stamp where a signature has no time stamp
// yet, to B-LT by adding evidence, to B-LTA by evidence for everything so far and a document time stamp over it.
// Ordering LevelLTA again, before the last time stamp fades, renews it. A document that is at the level already comes
// back with an empty tail. What cannot be had now is Pending, and what could be had is kept.
func Augment(ctx context.Context, original io.ReaderAt, size int64, order Raising) (Signed, error) {
	if order.Level == LevelB {
		return Signed{}, fmt.Errorf("%q: %w", order.Level, ErrLevel)
	}
	check := Order{Level: order.Level, Stamper: order.Stamper, Evidence: order.Evidence, At: order.At}
	if err := check.check(); err != nil {
		return Signed{}, err
	}
	doc, err := pdf.Open(original, size)
	if err != nil {
		return Signed{}, fmt.Errorf("open the document: %w", err)
	}
	signatures, err := doc.Signatures()
	if err != nil {
		return Signed{}, fmt.Errorf("read the signatures: %w", err)
	}
	if len(signatures) == 0 {
		return Signed{}, ErrNothingSigned
	}
	hashed, err := newPrefix(ctx, hashingOf(original, size, order.Midstates))
	if err != nil {
		return Signed{}, err
	}
	g := &growth{original: original, start: size, prefix: hashed, at: order.At}
	if !allStamped(signatures) {
		if err := g.stamp(ctx, order.Stamper); err != nil {
			return g.owing(ctx, order.Level, err)
		}
	}
	reached, err := g.raise(ctx, order.Level, raising{order.Stamper, order.Evidence})
	if err != nil {
		return Signed{}, err
	}
	return g.signed(reached, order.Level)
}

// owing is what comes back when the first step could not be made.
func (g *growth) owing(ctx context.Context, ordered Level, cause error) (Signed, error) {
	if ctx.Err() != nil || RefusalCode(cause) != "" { // the document itself cannot be extended
		return Signed{}, cause
	}
	g.owed = cause
	return g.signed(LevelB, ordered)
}

// allStamped says whether every signature has a time stamp: its own, or one of a later revision.
func allStamped(signatures []pdf.SignatureDict) bool {
	var stampedTo int64
	for _, s := range signatures {
		if s.SubFilter == "ETSI.RFC3161" {
			stampedTo = max(stampedTo, s.ContentsAt)
		}
	}
	return !slices.ContainsFunc(signatures, func(s pdf.SignatureDict) bool {
		if s.SubFilter == "ETSI.RFC3161" || s.ContentsAt < stampedTo {
			return false
		}
		signed, err := cms.ParseSigners(s.Contents)
		return err != nil || len(signed.Signers) != 1 || len(signed.Signers[0].SignatureStamps) == 0
	})
}

// raising is where a higher level comes from.
type raising struct {
	stamper  certs.Stamper
	evidence EvidenceGatherer
}

// growth is a document that grows by revisions, none of which is stored yet. The hash goes along, so that a revision
// costs no more than its own bytes.
type growth struct {
	original io.ReaderAt
	start    int64  // size of the original
	added    []byte // every tail so far
	prefix   prefix // of the original and everything added
	at       time.Time
	field    string // of the signature that is being made; empty when the document as a whole is raised
	renews   string // the field of the time stamp whose proof is renewed; empty: all signatures are to be proved
	owed     error
}

func (g *growth) document() (*pdf.Document, error) {
	whole := pdf.Tail{Start: g.start, Bytes: g.added}
	return pdf.Open(whole.Extended(g.original), whole.Size())
}

func (g *growth) append(tail pdf.Tail) {
	g.added = append(g.added[:len(g.added):len(g.added)], tail.Bytes...)
	g.prefix.write(tail.Bytes)
}

// raise goes on from B-T as far as was ordered and as the world allows. Only what is wrong with the document, or the
// end of the context, is an error.
func (g *growth) raise(ctx context.Context, ordered Level, from raising) (Level, error) {
	if ordered != LevelLT && ordered != LevelLTA {
		return ordered, nil
	}
	if err := g.addEvidence(ctx, from.evidence); err != nil {
		return LevelT, g.owe(ctx, err)
	}
	if ordered == LevelLT {
		return LevelLT, nil
	}
	if err := g.stamp(ctx, from.stamper); err != nil {
		return LevelLT, g.owe(ctx, err)
	}
	return LevelLTA, nil
}

// owe keeps the outside world's failures for later and gives back all others.
func (g *growth) owe(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil || RefusalCode(err) != "" {
		return err
	}
	g.owed = err
	return nil
}

// addEvidence appends a revision with the document security store. What was found is kept even when something is
// missing.
func (g *growth) addEvidence(ctx context.Context, gatherer EvidenceGatherer) error {
	doc, err := g.document()
	if err != nil {
		return err
	}
	found, missing := g.gather(ctx, doc, gatherer)
	tail, err := pdf.EvidenceTail(doc, found.certificates, found.ocsps, found.crls)
	switch {
	case errors.Is(err, pdf.ErrNothingToExtend):
		return missing
	case err != nil:
		return err
	}
	if err := checkTail(doc, tail, ""); err != nil {
		return err
	}
	g.append(tail)
	return missing
}

// stamp appends a revision with a document time stamp over everything before it.
func (g *growth) stamp(ctx context.Context, stamper certs.Stamper) error {
	doc, err := g.document()
	if err != nil {
		return err
	}
	room := tokenRoom(stamper)
	const attempts = 3
	for attempt := 1; ; attempt++ {
		tail, field, err := pdf.SignatureTail(doc, pdf.SignatureSpec{Room: room, Values: pdf.Dict{
			"Type": pdf.Name("DocTimeStamp"), "Filter": pdf.Name("Adobe.PPKLite"), "SubFilter": pdf.Name("ETSI.RFC3161"),
		}})
		if err != nil {
			return err
		}
		if err := checkTail(doc, tail, field); err != nil {
			return err
		}
		token, err := g.token(ctx, tail, stamper)
		if err != nil {
			return err
		}
		if err := tail.Put(token); errors.Is(err, pdf.ErrRoom) && attempt < attempts {
			room = len(token) + len(token)/4
			continue
		} else if err != nil {
			return err
		}
		g.append(tail)
		return nil
	}
}

func (g *growth) token(ctx context.Context, tail pdf.Tail, stamper certs.Stamper) ([]byte, error) {
	before, after := tail.Covered()
	digest, err := g.prefix.sum(crypto.SHA256, before, after)
	if err != nil {
		return nil, err
	}
	return stampDigest(ctx, stamper, crypto.SHA256, digest)
}

// stampDigest asks for a token and makes sure that it is about this digest.
func stampDigest(ctx context.Context, stamper certs.Stamper, hash crypto.Hash, digest []byte) ([]byte, error) {
	token, err := stamper.Stamp(ctx, hash, digest)
	if err != nil {
		return nil, fmt.Errorf("time stamp: %w", err)
	}
	signed, err := cms.ParseSigners(token) // the certificates are judged with the file
	if err != nil {
		return nil, fmt.Errorf("time stamp: %w", err)
	}
	parsed, err := signed.TimestampToken()
	if err != nil {
		return nil, fmt.Errorf("time stamp: %w", err)
	}
	if !parsed.Covers(hash, digest) {
		return nil, fmt.Errorf("time stamp: %w", certs.ErrTimestampWrongImprint)
	}
	return token, nil
}

func (g *growth) signed(reached, ordered Level) (Signed, error) {
	states, err := g.prefix.keep()
	if err != nil {
		return Signed{}, err
	}
	signed := Signed{
		Tail: g.added, Field: g.field, Level: reached, Owed: g.owed,
		SHA256: g.prefix.whole(), Size: g.start + int64(len(g.added)), Midstates: states,
	}
	if reached != ordered {
		signed.Pending = ordered
	}
	return signed, nil
}
