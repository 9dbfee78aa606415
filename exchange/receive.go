package exchange

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"time"
)

// shownRecipients is how many other recipients an arrival names. A letter to three thousand communes must not be kept
// three thousand times with three thousand names; the sealed message has them all.
const shownRecipients = 100

// Receive takes in what another gateway brings: it checks every frame, and in one transaction keeps what is in order.
// What it answers as taken is durable, and the answer carries the signed receipt; asked again it gives the same
// receipt, byte for byte, for ever. The bytes of all files must be there before; else the answer is Missing. An error
// means that nothing was taken. Without frames it is a greeting: what is owed to the other gateway is tried at once.
func (g *Gateway) Receive(ctx context.Context, from NodeID, frames []Frame) ([]Answer, error) {
	directory := g.Directory()
	if _, err := directory.Node(from); err != nil {
		return nil, Errorf(Denied, "node.unknown", "gateway %q", from)
	}
	if len(frames) > MaxFrames {
		return nil, Errorf(Invalid, "batch.too_large", "%d frames, at most %d", len(frames), MaxFrames)
	}
	if from != g.Node {
		g.Reachable(from)
	}
	if len(frames) == 0 {
		return nil, nil
	}
	intakes, err := g.open(ctx, directory, from, frames)
	if err != nil {
		return nil, err
	}
	if err := g.makeReceipts(ctx, intakes); err != nil {
		return nil, err
	}
	err = g.Records.Update(ctx, func(tx Tx) error { return g.takeAll(ctx, tx, intakes) })
	if err != nil {
		return nil, err
	}
	g.wakeJudge()
	g.wakeDelivery()
	var answers []Answer
	for _, in := range intakes {
		answers = append(answers, in.answers...)
		g.conclude(ctx, in)
	}
	return answers, nil
}

// intake is a frame on its way in.
type intake struct {
	directory *Directory
	from      NodeID // that brought it
	frame     Frame
	digest    Digest // of the sealed bytes
	at        time.Time
	header    Header                // of a DocumentMessage
	receipt   Receipt               // of a ReceiptMessage
	notice    Notice                // of a NoticeMessage
	refusal   error                 // of the whole frame
	missing   bool                  // some files are not there
	to        []OfficeID            // of a DocumentMessage: see recipients
	ways      map[OfficeID]*passage // of a DocumentMessage: of each office of the frame to which it is addressed
	before    []Notice              // of a DocumentMessage: those about it that came before it
	handed    handedIn              // of a NoticeMessage about a transfer

	answers []Answer
	clash   bool
	refusing
}

// open checks the frames as far as that needs no transaction.
func (g *Gateway) open(ctx context.Context, directory *Directory, from NodeID, frames []Frame) ([]*intake, error) {
	intakes := make([]*intake, len(frames))
	var digests []Digest
	opener := newOpener(directory)
	for i, frame := range frames {
		in := &intake{directory: directory, from: from, frame: frame, at: g.now(), digest: digestOf(frame.Sealed)}
		in.refusal = in.check(opener)
		digests = append(digests, in.brings()...)
		intakes[i] = in
	}
	if len(digests) == 0 {
		return intakes, nil
	}
	kept, err := g.Blobs.Has(ctx, digests)
	if err != nil {
		return nil, err
	}
	for _, in := range intakes {
		in.missing = slices.ContainsFunc(in.brings(), func(digest Digest) bool { return !kept[digest] })
	}
	return intakes, nil
}

func (in *intake) check(opener *opener) (err error) {
	switch in.frame.Kind {
	case DocumentMessage:
		if in.header, err = opener.header(in.frame.Sealed); err != nil {
			return err
		}
		if MessageID(in.header.ID) != in.frame.ID {
			return Errorf(Invalid, "message.unreadable", "frame %q of message %q", in.frame.ID, in.header.ID)
		}
		return in.header.check(in.directory, in.at)
	case ReceiptMessage:
		if in.receipt, err = opener.receipt(in.frame.Sealed); err != nil {
			return err
		}
		if in.receipt.ID != in.frame.ID {
			return Errorf(Invalid, "message.unreadable", "frame %q of receipt %q", in.frame.ID, in.receipt.ID)
		}
		return in.receipt.check(in.directory, in.at)
	case NoticeMessage:
		if in.notice, err = opener.notice(in.frame.Sealed); err != nil {
			return err
		}
		if in.notice.ID != in.frame.ID {
			return Errorf(Invalid, "message.unreadable", "frame %q of notice %q", in.frame.ID, in.notice.ID)
		}
		if err := in.notice.check(in.directory, in.at); err != nil {
			return err
		}
		return in.checkHanded(opener)
	}
	return Errorf(Invalid, "message.unreadable", "kind %q", in.frame.Kind)
}

// take decides about one frame inside the transaction, which may run more than once.
func (g *Gateway) take(ctx context.Context, tx Tx, in *intake) error {
	in.answers, in.clash = nil, false
	if in.refusal != nil {
		return g.refuse(ctx, tx, in)
	}
	if in.missing {
		in.answerAll(Missing, "blob.missing")
		return nil
	}
	stored, known, err := tx.AddMessage(ctx, Message{
		ID: in.frame.ID, Kind: in.frame.Kind, Origin: in.origin(), Sealed: in.frame.Sealed, At: in.at,
	})
	if err != nil {
		return err
	}
	if known && (stored.Kind != in.frame.Kind || !bytes.Equal(stored.Sealed, in.frame.Sealed)) {
		return g.clashWith(ctx, tx, in, stored)
	}
	switch in.frame.Kind {
	case ReceiptMessage:
		return g.takeReceipt(ctx, tx, in, known)
	case NoticeMessage:
		return g.takeNotice(ctx, tx, in)
	case DocumentMessage:
	}
	return g.takeDocument(ctx, tx, in, known)
}

func (in *intake) origin() NodeID {
	switch in.frame.Kind {
	case ReceiptMessage:
		return in.receipt.Node
	case NoticeMessage:
		return in.notice.Node
	case DocumentMessage:
	}
	return in.header.Node
}

func (in *intake) answer(to OfficeID, outcome Outcome, code string, receipt []byte) {
	in.answers = append(in.answers, Answer{ID: in.frame.ID, To: to, Outcome: outcome, Code: code, Receipt: receipt})
}

func (in *intake) answerAll(outcome Outcome, code string) {
	for _, to := range in.frame.To {
		in.answer(to, outcome, code, nil)
	}
}

// conclude tells the operator what is wrong with a frame, and those who wait for its document that it has arrived.
func (g *Gateway) conclude(ctx context.Context, in *intake) {
	switch {
	case in.refusal == nil && in.receipt.Status == Arrived:
		g.moved([]MessageID{MessageID(in.receipt.Document)})
	case in.clash:
		g.Log.LogAttrs(ctx, slog.LevelError, "two messages with one id",
			slog.String("peer", string(in.from)), slog.String("id", string(in.frame.ID)))
	case in.refusal != nil:
		g.Log.LogAttrs(ctx, slog.LevelWarn, "message refused", slog.String("peer", string(in.from)),
			slog.String("code", CodeOf(in.refusal)), slog.Any("error", in.refusal))
	case len(in.fresh) > 0:
		g.Log.LogAttrs(ctx, slog.LevelWarn, "message refused", slog.String("peer", string(in.from)),
			slog.String("code", in.fresh[0].Code), slog.Int("offices", len(in.fresh)))
	}
}

// takeDocument takes the document in for every office of the frame.
func (g *Gateway) takeDocument(ctx context.Context, tx Tx, in *intake, known bool) error {
	prior, failed := map[OfficeID]Receipt{}, map[OfficeID]int{}
	if known {
		var err error
		if prior, failed, err = g.answeredBefore(ctx, tx, in.header.ID); err != nil {
			return err
		}
	}
	added, err := in.header.addressedTo(ctx, tx, in.frame.To)
	if err != nil {
		return err
	}
	addressed := make(map[OfficeID]bool, len(added.To))
	for _, office := range added.To {
		addressed[office] = true
	}
	var here, onward []OfficeID
	for _, office := range in.frame.To {
		receipt, done := prior[office]
		way := in.ways[office]
		switch {
		case !addressed[office]:
			err = g.reject(ctx, tx, in, office, codeNotAddressed)
		case done:
			in.answer(office, Duplicate, "", receipt.Sealed)
		case in.refusedBefore(office):
			err = g.reject(ctx, tx, in, office, "")
		case way == nil: // the notice that adds the office came in this moment by another request
			in.answer(office, Later, "", nil)
		case way.code != "":
			err = g.reject(ctx, tx, in, office, way.code)
		case way.next == g.Node:
			var held bool
			if held, err = g.holds(ctx, tx, in, office); !held {
				here = append(here, office)
			}
		default:
			onward = append(onward, office)
		}
		if err != nil {
			return err
		}
		delete(addressed, office) // an office that is named twice counts once
	}
	if err := g.arriveAll(ctx, tx, in, here); err != nil {
		return err
	}
	if err := g.resume(ctx, tx, in, failed); err != nil {
		return err
	}
	return g.relay(ctx, tx, in, onward)
}

// answeredBefore gives the receipts with which this gateway took the document before, by office, and how often it was
// stated undeliverable to which.
func (g *Gateway) answeredBefore(
	ctx context.Context, tx Tx, id DocumentID,
) (prior map[OfficeID]Receipt, failed map[OfficeID]int, err error) {
	receipts, err := tx.Receipts(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	prior, failed = make(map[OfficeID]Receipt, len(receipts)), map[OfficeID]int{}
	for _, receipt := range receipts {
		switch {
		case receipt.Status == Undeliverable:
			failed[receipt.Office]++
		case receipt.Node == g.Node && (receipt.Status == Arrived || receipt.Status == Carried):
			prior[receipt.addressee()] = receipt
		}
	}
	return prior, failed, nil
}

// way gives the next gateway on the way to the office, this one when it is here, or the code that says why there is no
// way. What came from the next gateway would run in a circle, and so would a document that was issued here.
func (g *Gateway) way(in *intake, office OfficeID) (next NodeID, code string) {
	var issued Date // of a notice nobody asks
	if in.frame.Kind == DocumentMessage {
		issued = Today(in.header.IssuedAt)
	}
	next, err := g.hop(in.directory, office, issued, Today(in.at))
	if err != nil {
		return "", CodeOf(err)
	}
	if next != g.Node && (next == in.from || in.origin() == g.Node && issued != "") {
		if _, err := in.directory.Recipient(office, Today(in.at)); err != nil {
			return "", codeSucceeded
		}
		return "", "route.circle"
	}
	return next, ""
}

// arriveAll records the arrivals at offices here, and what the document names.
func (g *Gateway) arriveAll(ctx context.Context, tx Tx, in *intake, offices []OfficeID) error {
	if len(offices) == 0 {
		return nil
	}
	if err := tx.AddTies(ctx, in.header.ties()); err != nil {
		return err
	}
	var err error
	if in.before, err = tx.Notices(ctx, in.header.ID); err != nil {
		return err
	}
	for _, office := range offices {
		arrival, fresh, err := g.arrive(ctx, tx, in, office)
		if err != nil {
			return err
		}
		if !fresh {
			continue
		}
		if err := in.shown(ctx, tx, &arrival); err != nil {
			return err
		}
		if err := g.flagWithout(ctx, tx, in, office, arrival.Office); err != nil {
			return err
		}
		if err := g.bornUnder(ctx, tx, in, office, arrival); err != nil {
			return err
		}
	}
	return nil
}

// arrive records the arrival with its receipt, and says whether the office did not have the document before. When the
// document came through another gateway than the one it was made by, the receipt is also sent to that one. For an
// office that has ended its heir takes it in, and receipt and log say both.
func (g *Gateway) arrive(
	ctx context.Context, tx Tx, in *intake, office OfficeID,
) (stored Arrival, fresh bool, err error) {
	id, err := g.NewID()
	if err != nil {
		return Arrival{}, false, err
	}
	receipt := in.ways[office].receipt
	heir := receipt.Office
	detail := map[string]string{
		"arrival": id, "peer": string(in.from), "digest": string(in.header.Main.Digest),
		"message": string(digestOf(in.frame.Sealed)), "receipt": string(digestOf(receipt.Sealed)),
	}
	if heir != office {
		in.directory.succession(detail, office, heir, Today(in.at))
	}
	_, err = tx.AppendLog(ctx, Entry{
		At: in.at, Act: "arrival.received", Office: heir, Document: in.header.ID, Detail: detail,
	})
	if err != nil {
		return Arrival{}, false, err
	}
	header := in.header
	if len(header.To) > shownRecipients {
		header.To = []OfficeID{office}
	}
	header.After = header.after(office)
	stored, known, err := tx.AddArrival(ctx, Arrival{
		ID: ArrivalID(id), Office: heir, Document: in.header.ID, Header: header, ArrivedAt: in.at,
		Receipts: []Receipt{receipt},
	})
	if err != nil {
		return Arrival{}, false, err
	}
	if before := g.arrived(stored, office); known && before.ID != "" {
		in.answer(office, Duplicate, "", before.Sealed)
		return stored, false, nil
	}
	if known { // the heir has it already, for itself or for another office that it took over
		if err := tx.AddReceipt(ctx, receipt); err != nil {
			return Arrival{}, false, err
		}
	}
	in.answer(office, Taken, "", receipt.Sealed)
	if in.from != in.header.Node || in.notice.Handed != nil {
		err = g.sendReceipt(ctx, tx, in.directory, in.header, receipt)
	}
	return stored, true, err
}

// arrived gives the receipt with which an arrival began for the office that the document was addressed to.
func (g *Gateway) arrived(arrival Arrival, office OfficeID) Receipt {
	for _, receipt := range arrival.Receipts {
		if receipt.Status == Arrived && receipt.Node == g.Node && receipt.addressee() == office {
			return receipt
		}
	}
	return Receipt{}
}
