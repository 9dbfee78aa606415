package exchange

import (
	"context"
	"log/slog"
	"slices"
	"time"
)

const (
	// CodeUnsigned is the reason with which a delivery stands still that a gateway refused again and again without
	// signing that it did: one of a version that could not.
	CodeUnsigned = "peer.refused_unsigned"
	// unsignedFor is how long a delivery stays owed that is refused without a signature.
	unsignedFor = 24 * time.Hour
	// unprovenRest is how long what was refused without proof is left alone. Other messages go on.
	unprovenRest = 15 * time.Minute
)

// askAgain names with each office the refusal that the gateway gave for it last: what is owed after that was resent,
// and is another question.
func (b *batch) askAgain(ctx context.Context, tx Tx) error {
	ids := make([]DocumentID, 0, len(b.headers))
	for id := range b.headers {
		ids = append(ids, DocumentID(id))
	}
	refusals, err := tx.RefusedAtDoors(ctx, ids)
	if err != nil || len(refusals) == 0 {
		return err
	}
	for i := range b.frames {
		frame := &b.frames[i]
		for _, receipt := range refusals {
			if MessageID(receipt.Document) != frame.ID || receipt.Node != b.node.ID ||
				!slices.Contains(frame.To, receipt.addressee()) {
				continue
			}
			if frame.Again == nil {
				frame.Again = map[OfficeID]MessageID{}
			}
			frame.Again[receipt.addressee()] = receipt.ID // the last counts
		}
	}
	return nil
}

// refusal checks the statement with which a frame was refused: sealed by the gateway that answered, about these bytes
// and this office, and in answer to what was asked.
func (b *batch) refusal(opener *opener, answer Answer) (Receipt, error) {
	i := slices.IndexFunc(b.frames, func(frame Frame) bool { return frame.ID == answer.ID })
	if i < 0 {
		return Receipt{}, Errorf(Untrusted, "receipt.false", "an answer about %s, which was not brought", answer.ID)
	}
	receipt, err := opener.receipt(answer.Receipt)
	if err != nil {
		return Receipt{}, err
	}
	if receipt.Node != b.node.ID || !receipt.AtDoor() || receipt.Document != DocumentID(answer.ID) ||
		receipt.addressee() != answer.To || receipt.After != b.frames[i].again(answer.To) ||
		!receipt.SpeaksOf(digestOf(b.frames[i].Sealed)) {
		return Receipt{}, Errorf(Untrusted, "receipt.false", "refusal %s of %s about %s for %s", receipt.ID, receipt.Node,
			receipt.Document, receipt.Office)
	}
	return receipt, receipt.check(b.directory, b.at)
}

// refuses says whether the outcome is for good.
func (o Outcome) refuses() bool { return o == Rejected || o == Clash }

// provable says whether an answer must carry a statement.
func (b *batch) provable(answer Answer) bool {
	_, isDocument := b.headers[answer.ID]
	return answer.Outcome.refuses() || isDocument && (answer.Outcome == Taken || answer.Outcome == Duplicate)
}

// believe takes over what a proved refusal says, whatever stands beside it. One that is not proved ends nothing: the
// delivery rests and is tried again, and the operator is told. A gateway that says no without a signature for a whole
// day may be one that cannot sign it; then a person is to look.
func (g *Gateway) believe(ctx context.Context, b *batch, found *answered, proof proved) bool {
	if proof.err == nil {
		found.receipt, found.Code, found.Outcome = proof.receipt, proof.receipt.Reason, outcomeOf(proof.receipt.Reason)
		return true
	}
	unsigned := len(found.Receipt) == 0
	g.Log.LogAttrs(ctx, slog.LevelError, "a refusal without proof", slog.String("peer", string(b.node.ID)),
		slog.String("id", string(found.ID)), slog.String("office", string(found.To)), slog.String("code", found.Code),
		slog.Bool("unsigned", unsigned), slog.Any("error", proof.err))
	if unsigned && b.at.Sub(found.delivery.At) >= unsignedFor {
		found.Outcome, found.Code, found.Receipt = Rejected, CodeUnsigned, nil
		return true
	}
	b.letRest(g, found.delivery, rest{until: b.at.Add(unprovenRest)})
	return false
}

// passRefusal tells the gateway that issued a document that it cannot be passed on. What the next one has signed is
// passed on as it is; what it has not signed is stated by this one.
func (g *Gateway) passRefusal(ctx context.Context, tx Tx, batch batch, answered answered) error {
	header, refusal := batch.headers[answered.ID], answered.receipt
	entry := Entry{Act: "message.undeliverable", Detail: map[string]string{
		"peer": string(batch.node.ID), "code": answered.Code,
	}}
	if refusal.ID != "" {
		entry.At, entry.Office, entry.Document = batch.at, answered.To, header.ID
		entry.Detail["receipt"] = string(digestOf(refusal.Sealed))
		if _, err := tx.AppendLog(ctx, entry); err != nil {
			return err
		}
		refusal.At = batch.at // when it is owed
		return g.sendReceipt(ctx, tx, batch.directory, header, refusal)
	}
	refusal, err := g.receipt(ctx, tx, header, Receipt{
		Office: answered.To, Status: Undeliverable, Reason: answered.Code, At: batch.at,
	}, entry)
	if err != nil {
		return err
	}
	if err := tx.AddReceipt(ctx, refusal); err != nil {
		return err
	}
	return g.sendReceipt(ctx, tx, batch.directory, header, refusal)
}

func (g *Gateway) alarmAnswers(ctx context.Context, b batch, done []answered) {
	for _, answered := range done {
		if answered.Outcome.refuses() {
			g.Log.LogAttrs(ctx, slog.LevelError, "delivery refused", slog.String("peer", string(b.node.ID)),
				slog.String("id", string(answered.ID)), slog.String("office", string(answered.To)),
				slog.String("outcome", string(answered.Outcome)), slog.String("code", answered.Code))
		}
	}
}
