package exchange

import (
	"context"
	"log/slog"
	"slices"
)

// Contradicts says whether a gateway cannot have stated both honestly. Each question that is put to it has one answer:
// what it refused at its door it did not take, unless it was asked anew by somebody who had the refusal; then the
// receipt names it. Two different refusals of one question contradict each other, too.
func (r Receipt) Contradicts(other Receipt) bool {
	if !r.AtDoor() {
		return other.AtDoor() && other.Contradicts(r)
	}
	if r.ID == other.ID || r.Node != other.Node || r.addressee() != other.addressee() || r.After != other.After ||
		r.Document != other.Document {
		return false
	}
	switch other.Status { //nolint:exhaustive // others answer nothing at the door
	case Arrived:
		return true
	case Carried: // it may have taken the document on its way, and refused it as what it is to itself
		return r.From != r.Node
	case Undeliverable:
		return other.AtDoor() && r.Message == other.Message
	}
	return false
}

// Contradicted says whether a gateway has said two things of the copy of this recipient that cannot both be.
func (p Progress) Contradicted() bool {
	for i, receipt := range p.Receipts {
		if receipt.AtDoor() && slices.ContainsFunc(p.Receipts[:i], receipt.Contradicts) ||
			receipt.AtDoor() && slices.ContainsFunc(p.Receipts[i+1:], receipt.Contradicts) {
			return true
		}
	}
	return false
}

// contradictionsAmong looks at the receipts that answers have brought.
func (g *Gateway) contradictionsAmong(ctx context.Context, tx Tx, batch batch, done []answered) error {
	brought := map[DocumentID][]Receipt{}
	var ids []DocumentID
	for _, answered := range done {
		if id := answered.receipt.Document; answered.receipt.ID != "" {
			if brought[id] == nil {
				ids = append(ids, id)
			}
			brought[id] = append(brought[id], answered.receipt)
		}
	}
	refusals, err := tx.RefusedAtDoors(ctx, ids)
	if err != nil || len(refusals) == 0 { // mostly
		return err
	}
	for _, id := range ids {
		if header, isDocument := batch.headers[MessageID(id)]; isDocument {
			if err := g.noteContradictions(ctx, tx, header, brought[id]); err != nil {
				return err
			}
		}
	}
	return nil
}

// noteContradictions logs where new receipts about a document contradict others. Both are kept: together they prove
// that their gateway lied.
func (g *Gateway) noteContradictions(ctx context.Context, tx Tx, header Header, fresh []Receipt) error {
	refusals, err := tx.RefusedAtDoors(ctx, []DocumentID{header.ID})
	if err != nil || len(refusals) == 0 {
		return err
	}
	all, err := tx.Receipts(ctx, header.ID)
	if err != nil {
		return err
	}
	for _, receipt := range fresh {
		for _, other := range all {
			if !receipt.Contradicts(other) {
				continue
			}
			g.Log.LogAttrs(ctx, slog.LevelError, "a gateway contradicts itself", slog.String("peer", string(receipt.Node)),
				slog.String("document", string(header.ID)), slog.String("office", string(receipt.addressee())))
			entry := Entry{At: g.now(), Act: "receipt.contradiction", Document: header.ID, Detail: map[string]string{
				"peer": string(receipt.Node), "office": string(receipt.addressee()),
				"receipt": string(digestOf(receipt.Sealed)), "other": string(digestOf(other.Sealed)),
			}}
			if header.Node == g.Node {
				entry.Office = header.From
			}
			if _, err := tx.AppendLog(ctx, entry); err != nil {
				return err
			}
		}
	}
	return nil
}
