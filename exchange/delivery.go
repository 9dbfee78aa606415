package exchange

import (
	"cmp"
	"context"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Message is what gateways carry: a header sealed by the gateway it comes from (CMS SignedData, header inside). The
// bytes that were sealed are the bytes that are stored and sent; nothing is ever encoded again.
type Message struct {
	ID     MessageID
	Kind   MessageKind
	Origin NodeID // that sealed it
	Sealed []byte
	At     time.Time // when this gateway made it or took it in, UTC
}

// MessageID names a message: the DocumentID for a document, a ULID of its own for a receipt.
type MessageID string

// MessageKind tells what a message carries.
type MessageKind string

// The kinds of message.
const (
	DocumentMessage MessageKind = "document"
	ReceiptMessage  MessageKind = "receipt"
	NoticeMessage   MessageKind = "notice"
)

// Delivery (lượt gửi) is the duty to bring one message to one office. It is a fact; it is done when an Acknowledgement
// exists, and until then it is owed, however long that takes.
type Delivery struct {
	ID      int64 // given by Records, growing
	Message MessageID
	To      OfficeID
	Node    NodeID // the next gateway on the way
	Lane    Urgency
	At      time.Time // when it was owed, UTC
}

// Acknowledgement is a gateway's answer to a delivery; with it the delivery is done.
type Acknowledgement struct {
	Outcome Outcome
	Code    string    // stable, when refused
	Receipt []byte    // the sealed receipt of the gateway that took a document, or that refused anything
	At      time.Time // when the answer came, UTC
}

// Outcome is a gateway's answer for one office of one message.
type Outcome string

// The outcomes. Only Held, Later and Missing leave the delivery owed.
const (
	Taken     Outcome = "accepted"  // durable there; the receipt says so
	Duplicate Outcome = "duplicate" // was taken before; carries the original receipt, byte for byte
	Rejected  Outcome = "refused"   // will never be taken: a person must look
	Clash     Outcome = "conflict"  // same message id, other bytes: an alarm on both sides
	Moved     Outcome = "moved"     // owed by another way now: stated by this gateway itself, of an office that ended
	Held      Outcome = "held"      // its predecessor has not come: bring it again when that has gone
	Later     Outcome = "later"     // overloaded or full: try again
	Missing   Outcome = "missing"   // some blobs are not there yet: send them first
)

// Frame is one message on the wire, for the offices that are reached through the gateway it is sent to.
type Frame struct {
	ID     MessageID   `json:"id"`
	Kind   MessageKind `json:"kind"`
	Sealed []byte      `json:"sealed"`
	To     []OfficeID  `json:"to"`
	// Files are those of a document, as its header states them; not on the wire. Nothing rests on their sizes.
	Files []File `json:"-"`
	// Again names, of offices for which the gateway has refused the document before, its last refusal: it is asked anew.
	Again map[OfficeID]MessageID `json:"again,omitempty"`
}

// Answer is the receiving gateway's answer for one office of one frame.
type Answer struct {
	ID      MessageID `json:"id"`
	To      OfficeID  `json:"to"`
	Outcome Outcome   `json:"outcome"`
	Code    string    `json:"code,omitempty"`
	Receipt []byte    `json:"receipt,omitempty"`
}

// Carrier brings frames to another gateway.
type Carrier interface {
	// Carry brings the frames and whatever of blobs the gateway lacks. It gives an answer for each office of each
	// frame, or an error of kind Unavailable when it is not known what arrived: then everything is sent again. Without
	// frames it is a greeting: it still asks the gateway, which thereby learns that this one can be reached again.
	Carry(ctx context.Context, to Node, frames []Frame, blobs []Digest) ([]Answer, error)
}

// Busy is the error of a gateway that cannot take anything now and says when to come back. It is no outage.
type Busy struct {
	After time.Duration
	Err   error
}

// Error gives the cause.
func (b *Busy) Error() string { return b.Err.Error() }

// Unwrap gives the cause.
func (b *Busy) Unwrap() error { return b.Err }

// Upload is a part of a blob that a gateway brings, the rest of it as a rule.
type Upload struct {
	From   NodeID
	Digest Digest
	At     int64 // where the part begins
	Total  int64 // size of the blob, in bytes
}

// maxOwed is how many deliveries are looked at for one batch: with it memory is bounded, however long a gateway was
// away.
const maxOwed = 4096

// batch is what goes to one gateway at once.
type batch struct {
	directory  *Directory
	node       Node
	at         time.Time
	frames     []Frame
	headers    map[MessageID]Header // of document messages
	deliveries map[owedKey]Delivery
	resting    map[int64]bool // what is owed still and tried again later
	blobs      []Digest
	size       int  // of the sealed messages
	full       bool // nothing more fits
}

type owedKey struct {
	message MessageID
	office  OfficeID
}

// answered is an answer that ends a delivery, with the receipt that proves it.
type answered struct {
	Answer
	delivery Delivery
	receipt  Receipt
}

// nextBatch gathers what is owed to the gateway, urgent lanes first: a frame for each message. Deliveries that are away
// are on their way there in other batches.
func (g *Gateway) nextBatch(ctx context.Context, id NodeID, part window, away map[int64]bool) (batch, error) {
	directory := g.Directory()
	node, err := directory.Node(id)
	if err != nil {
		return batch{}, err
	}
	made := batch{directory: directory, node: node}
	err = g.Records.View(ctx, func(tx Tx) error {
		resting := g.ready().rested(id, g.now())
		owed, err := tx.Owed(ctx, id, maxOwed+len(away)+len(resting))
		if err != nil {
			return err
		}
		groups := byMessage(slices.DeleteFunc(owed, func(delivery Delivery) bool {
			return away[delivery.ID] || resting[delivery.ID]
		}))
		groups = groups[min(part.skip, len(groups)):]
		if err := made.fill(ctx, tx, groups[:min(cmp.Or(part.most, MaxFrames), len(groups))]); err != nil {
			return err
		}
		return made.askAgain(ctx, tx)
	})
	if part != (window{}) && len(made.frames) == 0 && err == nil {
		g.ready().passed(id)
	}
	for _, header := range made.headers {
		made.blobs = append(made.blobs, header.Blobs()...)
	}
	slices.Sort(made.blobs)
	made.blobs = slices.Compact(made.blobs)
	return made, err
}

// byMessage groups deliveries by message, in order.
func byMessage(owed []Delivery) [][]Delivery {
	var groups [][]Delivery
	index := map[MessageID]int{}
	for _, delivery := range owed {
		i, known := index[delivery.Message]
		if !known {
			i = len(groups)
			index[delivery.Message] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], delivery)
	}
	return groups
}

func (b *batch) fill(ctx context.Context, tx Tx, groups [][]Delivery) error {
	b.frames, b.headers, b.deliveries, b.size = nil, map[MessageID]Header{}, map[owedKey]Delivery{}, 0
	b.resting = map[int64]bool{}
	for _, group := range groups {
		if fits, err := b.add(ctx, tx, group, 0); err != nil || !fits {
			b.full = !fits
			return err
		}
	}
	b.full = len(b.frames) >= MaxFrames
	return nil
}

// add makes the frame of a message, after those that it may not overtake, and says whether there may be more.
func (b *batch) add(ctx context.Context, tx Tx, group []Delivery, depth int) (fits bool, err error) {
	if _, there := b.deliveries[owedKey{group[0].Message, group[0].To}]; there {
		return true, nil // brought forward by a reply to it
	}
	message, err := tx.Message(ctx, group[0].Message)
	if err != nil {
		return false, err
	}
	before, err := b.before(ctx, tx, message, group)
	if err != nil {
		return false, err
	}
	for _, id := range before {
		if fits, err := b.addBefore(ctx, tx, id, depth); err != nil || !fits {
			delete(b.headers, message.ID)
			return false, err
		}
	}
	if b.size += len(message.Sealed); len(b.frames) > 0 && (b.size > MaxBatch || len(b.frames) == MaxFrames) {
		delete(b.headers, message.ID)
		return false, nil
	}
	frame := Frame{ID: message.ID, Kind: message.Kind, Sealed: message.Sealed, Files: b.headers[message.ID].files()}
	for _, delivery := range group {
		frame.To = append(frame.To, delivery.To)
		b.deliveries[owedKey{message.ID, delivery.To}] = delivery
	}
	b.frames = append(b.frames, frame)
	return true, nil
}

// before notes the header of a document, and gives the messages that must not come after it: what it answers, and what
// adds the offices of the group to its recipients. A recall comes after its document.
func (b *batch) before(ctx context.Context, tx Tx, message Message, group []Delivery) ([]MessageID, error) {
	switch message.Kind {
	case DocumentMessage:
		header, err := storedHeader(message)
		if err != nil {
			return nil, err
		}
		return b.beforeDocument(ctx, tx, header, group)
	case NoticeMessage:
		notice, err := storedNotice(message)
		if err != nil || notice.Status == RecipientsAdded {
			return nil, err
		}
		if notice.Handed != nil {
			return nil, b.bring(*notice.Handed)
		}
		return []MessageID{MessageID(notice.Document)}, nil
	case ReceiptMessage:
	}
	return nil, nil
}

// longestThread is how far back a thread of replies is followed, so that a made-up one cannot keep a gateway busy.
const longestThread = 16

// addBefore brings forward a message that another one may not overtake, when it is owed to the same gateway still. What
// does not fit beside it waits for the next batch.
func (b *batch) addBefore(ctx context.Context, tx Tx, before MessageID, depth int) (fits bool, err error) {
	if depth == longestThread {
		return true, nil
	}
	states, err := tx.Deliveries(ctx, before)
	if err != nil {
		return false, err
	}
	var owed []Delivery
	for _, state := range states {
		if state.Acknowledgement == nil && state.Node == b.node.ID {
			owed = append(owed, state.Delivery)
		}
	}
	if len(owed) == 0 {
		return true, nil
	}
	return b.add(ctx, tx, owed[:min(len(owed), maxOwed)], depth+1)
}

// send brings the batch to its gateway and records the answers. When nothing of it is done then, that is no success
// either. To offices on this same gateway everything goes the same way, only without a line between.
func (g *Gateway) send(ctx context.Context, b batch) error {
	var answers []Answer
	var err error
	if b.node.ID == g.Node {
		answers, err = g.Receive(ctx, g.Node, b.frames)
	} else {
		answers, err = g.Carrier.Carry(ctx, b.node, b.frames, b.blobs)
	}
	if err != nil {
		return err
	}
	b.at = g.now()
	done, err := g.settle(ctx, b, answers)
	if err == nil && done == 0 && len(b.resting) == 0 {
		return Errorf(Unavailable, "delivery.later", "nothing was taken of %d frames", len(b.frames))
	}
	return err
}

// match finds the deliveries that the answers end. An answer without the receipt that must prove it ends nothing.
func (b *batch) match(ctx context.Context, g *Gateway, answers []Answer) []answered {
	var done []answered
	proofs := b.proofs(answers)
	for i, answer := range answers {
		key := owedKey{answer.ID, answer.To}
		delivery, owed := b.deliveries[key]
		if !owed || b.waits(ctx, g, delivery, answer.Outcome) {
			continue
		}
		found := answered{Answer: answer, delivery: delivery}
		header, isDocument := b.headers[answer.ID]
		switch {
		case !slices.Contains([]Outcome{Taken, Duplicate, Rejected, Clash}, answer.Outcome):
			continue
		case answer.Outcome.refuses():
			if !g.believe(ctx, b, &found, proofs[i]) {
				continue
			}
		case isDocument && (answer.Outcome == Taken || answer.Outcome == Duplicate):
			if err := proofs[i].err; err != nil {
				g.Log.LogAttrs(ctx, slog.LevelError, "an answer without proof", slog.String("peer", string(b.node.ID)),
					slog.String("document", string(header.ID)), slog.Any("error", err))
				continue
			}
			found.receipt = proofs[i].receipt
		default:
			found.Receipt = nil
		}
		delete(b.deliveries, key)
		done = append(done, found)
	}
	return done
}

// proved is the receipt of an answer, or what is wrong with it.
type proved struct {
	receipt Receipt
	err     error
}

// proofs checks the receipts of the answers that must have one, on all processors: a letter to thousands of offices
// brings thousands of receipts back, while nothing else goes to that gateway.
func (b *batch) proofs(answers []Answer) []proved {
	found := make([]proved, len(answers))
	opener := newOpener(b.directory)
	var next atomic.Int64
	var checkers sync.WaitGroup
	for range min(len(answers), runtime.GOMAXPROCS(0)) {
		checkers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(answers); i = int(next.Add(1)) - 1 {
				if answer := answers[i]; b.provable(answer) {
					found[i].receipt, found[i].err = b.proof(opener, b.headers[answer.ID], answer)
				}
			}
		})
	}
	checkers.Wait()
	return found
}

// proof checks the receipt of an answer: sealed by the gateway that answered, about this document at this office.
func (b *batch) proof(opener *opener, header Header, answer Answer) (Receipt, error) {
	if answer.Outcome.refuses() {
		return b.refusal(opener, answer)
	}
	receipt, err := opener.receipt(answer.Receipt)
	if err != nil {
		return Receipt{}, err
	}
	if receipt.Node != b.node.ID || receipt.addressee() != answer.To ||
		receipt.Status != Arrived && receipt.Status != Carried {
		return Receipt{}, Errorf(Untrusted, "receipt.false", "receipt %s of %s about %s: %s",
			receipt.ID, receipt.Node, receipt.Office, receipt.Status)
	}
	if err := receipt.inherits(b.directory); err != nil {
		return Receipt{}, err
	}
	return receipt, receipt.about(header)
}
