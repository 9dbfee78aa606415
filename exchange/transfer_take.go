package exchange

import (
	"bytes"
	"context"
)

// takeOver takes in what an office that ended left open, for the office here that keeps its documents, and tells the
// gateway that handed it on.
func (g *Gateway) takeOver(ctx context.Context, tx Tx, in *intake) error {
	notice, on := in.notice, Today(in.at)
	heir, ok := in.directory.Keeper(notice.From, on)
	host, err := in.directory.Host(heir, on)
	if !ok || err != nil || host != g.Node {
		in.answerAll(Rejected, "transfer.not_heir")
		return nil //nolint:nilerr // the answer says it
	}
	stored, known, err := tx.AddMessage(ctx, Message{
		ID: MessageID(in.header.ID), Kind: DocumentMessage, Origin: in.header.Node, Sealed: notice.Handed.Header, At: in.at,
	})
	if err != nil {
		return err
	}
	if known && (stored.Kind != DocumentMessage || !bytes.Equal(stored.Sealed, notice.Handed.Header)) {
		return g.clashWith(ctx, tx, in, stored)
	}
	if err := tx.AddNotice(ctx, notice.bare()); err != nil {
		return err
	}
	heeded, err := tx.Heed(ctx, notice.ID, notice.From)
	if err != nil {
		return err
	}
	if heeded {
		in.answerAll(Duplicate, "")
		return nil
	}
	if err := in.keepHanded(ctx, tx); err != nil {
		return err
	}
	proofs, err := g.arriveHanded(ctx, tx, in, heir)
	if err != nil {
		return err
	}
	in.answerAll(Taken, "")
	_, err = g.Notify(ctx, tx, Notice{
		Document: notice.Document, Content: notice.Content, From: heir, For: notice.From, To: notice.To,
		Status: TakenOver, Goal: notice.Node, Handed: &Handed{Receipts: proofs},
	}, Entry{Act: actTakenOver, Detail: map[string]string{"peer": string(notice.Node), "heir": string(heir)}})
	return err
}

// keepHanded keeps what was said about the document before.
func (in *intake) keepHanded(ctx context.Context, tx Tx) error {
	for _, receipt := range in.handed.receipts {
		if err := tx.AddReceipt(ctx, receipt); err != nil {
			return err
		}
	}
	for i, said := range in.handed.notices {
		_, _, err := tx.AddMessage(ctx, Message{
			ID: said.ID, Kind: NoticeMessage, Origin: said.Node, Sealed: in.notice.Handed.Notices[i], At: in.at,
		})
		if err != nil {
			return err
		}
		if err := tx.AddNotice(ctx, said); err != nil {
			return err
		}
	}
	return nil
}

// bare is the notice without what it carries: that is in its message.
func (n Notice) bare() Notice {
	n.Handed = nil
	return n
}

// arriveHanded records the arrival at the heir for each office that the document was addressed to and for which it has
// not come before, and gives the sealed receipts of all.
func (g *Gateway) arriveHanded(ctx context.Context, tx Tx, in *intake, heir OfficeID) ([][]byte, error) {
	size, _, err := tx.LogHead(ctx)
	if err != nil {
		return nil, err
	}
	there, err := tx.ArrivalOf(ctx, heir, in.header.ID)
	if err != nil && KindOf(err) != NotFound {
		return nil, err
	}
	coming := &intake{
		directory: in.directory, from: in.notice.Node, at: in.at, header: in.header, notice: in.notice,
		handed: in.handed, ways: map[OfficeID]*passage{},
		frame: Frame{ID: in.frame.ID, Kind: in.frame.Kind, Sealed: in.frame.Sealed},
	}
	var proofs [][]byte
	var offices []OfficeID
	for _, office := range in.notice.To {
		if before := g.arrived(there, office); before.ID != "" {
			proofs = append(proofs, before.Sealed)
			continue
		}
		receipt, err := g.sealReceipt(Receipt{
			Document: in.header.ID, Content: in.header.Main.Digest, Office: heir, For: office, Status: Arrived, At: in.at,
			LogSize: size,
		})
		if err != nil {
			return nil, err
		}
		coming.ways[office] = &passage{next: g.Node, receipt: receipt}
		proofs, offices = append(proofs, receipt.Sealed), append(offices, office)
	}
	return proofs, g.arriveAll(ctx, tx, coming, offices)
}

// shown records that what was handed on had been shown before: a recall of it is for a clerk to answer.
func (in *intake) shown(ctx context.Context, tx Tx, arrival *Arrival) error {
	if in.notice.Handed == nil || in.notice.Handed.Shown.IsZero() {
		return nil
	}
	arrival.ShownAt = in.notice.Handed.Shown
	return tx.MarkShown(ctx, arrival.ID, arrival.ShownAt, string(in.notice.Node))
}

// bring has the files of a document that is handed on brought with the batch.
func (b *batch) bring(handed Handed) error {
	if len(handed.Header) == 0 {
		return nil
	}
	header, err := storedHeader(Message{Sealed: handed.Header})
	b.blobs = append(b.blobs, header.Blobs()...)
	return err
}

// heardTakenOver records that what was handed on is where it belongs, with the receipts that prove it.
func (*Gateway) heardTakenOver(ctx context.Context, tx Tx, in *intake) error {
	notice := in.notice
	arrival, err := tx.ArrivalOf(ctx, notice.For, notice.Document)
	if KindOf(err) == NotFound || err == nil && arrival.Header.Main.Digest != notice.Content {
		in.answerAll(Rejected, "arrival.not_found")
		return nil
	}
	if err != nil {
		return err
	}
	fresh, err := tx.AddTransfer(ctx, Transfer{Arrival: arrival.ID, Heir: notice.From, Node: notice.Node, At: in.at})
	if err != nil {
		return err
	}
	if !fresh {
		in.answerAll(Duplicate, "")
		return nil
	}
	in.answerAll(Taken, "")
	detail := in.directory.Succession(notice.For, notice.From, Today(in.at))
	detail["arrival"], detail["peer"] = string(arrival.ID), string(notice.Node)
	detail["message"] = string(digestOf(in.frame.Sealed))
	for _, receipt := range in.handed.receipts {
		if receipt.Status != Arrived || receipt.Office != notice.From {
			continue
		}
		detail["receipt"] = string(digestOf(receipt.Sealed))
		if err := tx.AddReceipt(ctx, receipt); err != nil {
			return err
		}
	}
	if err := tx.AddNotice(ctx, notice.bare()); err != nil {
		return err
	}
	_, err = tx.AppendLog(ctx, Entry{
		At: in.at, Act: actTakenOver, Office: notice.For, Document: notice.Document, Detail: detail,
	})
	return err
}
