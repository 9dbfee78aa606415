package signing

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"

	"congvan/certs/cms"
	"congvan/signing/pdf"
)

// SignPDF signs a document by appending a revision. The original is read once, for hashing, and not at all when the
// order brings its midstates. Nothing is signed, and nothing but an error comes back, when the order or the document
// forbids it: the codes are those of RefusalCode. A level that is refused by the outside world at this moment (no
// time stamp, no revocation evidence) is not an error: Signed.Level says what was reached and Signed.Pending what is
// owed, which Augment can give later. A document with damaged cross-reference data that nobody has signed is mended
// first, by a revision of its own, when everything in it is there beyond doubt. Before it returns, the result is read
// back: everything that was there is still there.
func SignPDF(ctx context.Context, original io.ReaderAt, size int64, order Order) (Signed, error) {
	if order.Identity.Signer == nil || order.Identity.Certificate == nil {
		return Signed{}, ErrNoIdentity
	}
	preparation, err := prepare(ctx, original, size, order)
	if err != nil {
		return Signed{}, err
	}
	const attempts = 3 // the second knows the size of the token; the third, that it varies
	for attempt := 1; ; attempt++ {
		signed, err := preparation.sign(ctx)
		var tight *tightRoom
		if !errors.As(err, &tight) || attempt == attempts {
			return signed, err
		}
		if err := preparation.build(tight.need + tight.need/4); err != nil {
			return Signed{}, err
		}
	}
}

// tightRoom says that a signature did not fit; the tail is built again from nothing, with more room.
type tightRoom struct{ need int }

func (t *tightRoom) Error() string {
	return fmt.Sprintf("a signature of %d bytes does not fit", t.need)
}

func (*tightRoom) Unwrap() error { return pdf.ErrRoom }

// preparation is a signature on its way: a tail with an empty place, and what has to be signed.
type preparation struct {
	order    Order
	original io.ReaderAt
	size     int64
	doc      *pdf.Document
	prefix   prefix // of the original
	covered  prefix // of the original and the tail up to the place of the value; nil when it was not needed yet
	mended   []byte // what mends the document; the original of this preparation has it already
	scheme   cms.Scheme
	tail     pdf.Tail
	field    string
}

func prepare(ctx context.Context, original io.ReaderAt, size int64, order Order) (*preparation, error) {
	if err := order.check(); err != nil {
		return nil, err
	}
	p := &preparation{order: order, original: original, size: size}
	var err error
	if order.Identity.Certificate != nil {
		if p.scheme, err = order.scheme(); err != nil {
			return nil, err
		}
	}
	if p.doc, err = pdf.Open(original, size); err != nil {
		return nil, fmt.Errorf("open the document: %w", err)
	}
	if err := p.mend(); err != nil {
		return nil, err
	}
	if err := p.build(p.order.room(p.scheme)); err != nil {
		return nil, err
	}
	if p.prefix, err = newPrefix(ctx, hashingOf(original, size, order.Midstates), p.hash()); err != nil {
		return nil, err
	}
	p.prefix.write(p.mended)
	return p, nil
}

// mend puts a revision with whole cross-reference data behind a damaged document that nobody has signed yet.
func (p *preparation) mend() error {
	if !p.doc.Repaired() || p.doc.Encrypted() {
		return nil
	}
	tail, err := pdf.MendingTail(p.doc)
	if err != nil {
		return fmt.Errorf("mend the document: %w", err)
	}
	p.mended, p.original, p.size = tail.Bytes, tail.Extended(p.original), tail.Size()
	if p.doc, err = pdf.Open(p.original, p.size); err != nil {
		return fmt.Errorf("%w: mended: %w", errInvariant, err)
	}
	return nil
}

// hash is that of the covered bytes; while the certificate is unknown, the one that was ordered.
func (p *preparation) hash() crypto.Hash {
	switch {
	case p.order.Identity.Certificate != nil:
		return p.scheme.ContentHash()
	case p.order.Hash != 0:
		return p.order.Hash
	}
	return crypto.SHA256
}

// build makes the tail, and reads it back before any key is used.
func (p *preparation) build(room int) error {
	var err error
	if p.tail, p.field, err = pdf.SignatureTail(p.doc, p.order.spec(p.hash(), room)); err != nil {
		return fmt.Errorf("extend the document: %w", err)
	}
	return checkTail(p.doc, p.tail, p.field)
}

// sign makes the signature value, the time stamp over it and, where ordered, the revisions after it.
func (p *preparation) sign(ctx context.Context) (Signed, error) {
	draft, err := p.draft()
	if err != nil {
		return Signed{}, err
	}
	attributes, err := cms.SignedAttributes(draft)
	if err != nil {
		return Signed{}, fmt.Errorf("signed attributes: %w", err)
	}
	value, err := p.scheme.Sign(p.order.Identity.Signer, attributes)
	if err != nil {
		return Signed{}, fmt.Errorf("use the key: %w", err)
	}
	object, err := cms.Assemble(draft, attributes, value)
	if err != nil {
		return Signed{}, fmt.Errorf("assemble the signature: %w", err)
	}
	return p.complete(ctx, object)
}

func (p *preparation) draft() (cms.Draft, error) {
	before, after := p.tail.Covered()
	var err error
	if p.covered, err = p.prefix.clone(); err != nil {
		return cms.Draft{}, err
	}
	p.covered.write(before)
	digest, err := p.covered.sum(p.hash(), after)
	if err != nil {
		return cms.Draft{}, err
	}
	return p.order.draft(p.scheme, digest), nil
}

// complete puts a signature, of this key or of another, into its place, with a time stamp when one is ordered, and goes
// on to the level that was ordered.
func (p *preparation) complete(ctx context.Context, object []byte) (Signed, error) {
	reached := LevelB
	var owed error
	if p.order.Level != LevelB {
		stamped, err := stampSignature(ctx, p.order.Stamper, object)
		switch {
		case err == nil:
			object, reached = stamped, LevelT
		case ctx.Err() != nil:
			return Signed{}, err
		default:
			owed = err
		}
	}
	if len(object) > p.tail.Room() {
		return Signed{}, &tightRoom{need: len(object)}
	}
	if err := p.tail.Put(object); err != nil {
		return Signed{}, err
	}
	if p.covered != nil {
		p.prefix = p.covered
		p.prefix.write(p.tail.Bytes[p.tail.From:])
	} else {
		p.prefix.write(p.tail.Bytes)
	}
	growth := &growth{
		original: p.original, start: p.size, added: p.tail.Bytes, prefix: p.prefix, at: p.order.At, field: p.field,
		owed: owed,
	}
	if owed == nil {
		var err error
		if reached, err = growth.raise(ctx, p.order.Level, raising{p.order.Stamper, p.order.Evidence}); err != nil {
			return Signed{}, err
		}
	}
	signed, err := growth.signed(reached, p.order.Level)
	if len(p.mended) > 0 {
		signed.Tail = append(p.mended[:len(p.mended):len(p.mended)], signed.Tail...)
	}
	return signed, err
}

func tailReader(tail []byte) io.Reader { return bytes.NewReader(tail) }
