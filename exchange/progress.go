package exchange

import (
	"context"
	"time"
)

// Progress is how far a document has come with one recipient.
type Progress struct {
	Office          OfficeID
	Node            NodeID           // the next gateway on the way
	OwedAt          time.Time        // last
	Deliveries      int              // one, and one more for each time it was resent
	Acknowledgement *Acknowledgement // of the last delivery; nil: not brought yet
	Receipts        []Receipt        // about this recipient's copy, oldest first
	Readdressed     []OfficeID       // those to whom the document was addressed anew instead

	asked int // how often it was asked back
}

// Status is the last status that counts, as the receipts say; empty when none came.
func (p Progress) Status() Status {
	if len(p.Receipts) == 0 {
		return ""
	}
	return lastStatus(p.Receipts)
}

// Progress tells how far a document has come with each recipient, within a transaction.
func (*Gateway) Progress(ctx context.Context, tx Tx, id DocumentID) ([]Progress, error) {
	return progressOf(ctx, tx, id)
}

// progressOf gives the progress with each recipient, in the order in which they were owed first.
func progressOf(ctx context.Context, tx Tx, id DocumentID) ([]Progress, error) {
	states, err := tx.Deliveries(ctx, MessageID(id))
	if err != nil {
		return nil, err
	}
	receipts, err := tx.Receipts(ctx, id)
	if err != nil {
		return nil, err
	}
	about := byAddressee(receipts)
	list := make([]Progress, 0, len(states))
	places := make(map[OfficeID]int, len(states))
	for _, state := range states {
		place, again := places[state.To]
		if !again {
			place = len(list)
			places[state.To] = place
			list = append(list, Progress{})
		}
		list[place] = Progress{
			Office: state.To, Node: state.Node, OwedAt: state.At, Deliveries: list[place].Deliveries + 1,
			Acknowledgement: state.Acknowledgement, Receipts: about[state.To],
		}
	}
	return list, noticed(ctx, tx, id, func(office OfficeID) *Progress {
		if place, known := places[office]; known {
			return &list[place]
		}
		return nil
	})
}

// noticed notes with recipients what the office said after sending: who gets the document instead of them, and from
// whom it was taken back.
func noticed(ctx context.Context, tx Tx, id DocumentID, of func(OfficeID) *Progress) error {
	notices, err := tx.Notices(ctx, id)
	if err != nil || len(notices) == 0 {
		return err
	}
	message, err := tx.Message(ctx, MessageID(id))
	if err != nil {
		return err
	}
	header, err := storedHeader(message)
	if err != nil {
		return err
	}
	for _, notice := range notices {
		if notice.about(header) {
			notice.note(of)
		}
	}
	return nil
}

func (n Notice) note(of func(OfficeID) *Progress) {
	switch n.Status { //nolint:exhaustive // others have no effect
	case RecipientsAdded:
		if progress := of(n.Instead); progress != nil {
			progress.Readdressed = append(progress.Readdressed, n.To...)
		}
	case RecallRequested:
		for _, office := range n.To {
			if progress := of(office); progress != nil {
				progress.asked++
			}
		}
	}
}

// TakenBack says whether the document was asked back from the recipient, who has not refused since, with those who have
// given it back.
func (p Progress) TakenBack() bool {
	open := p.asked
	for _, receipt := range p.Receipts {
		if receipt.Status == RecallRefused {
			open--
		}
	}
	return open > 0
}

// byAddressee groups receipts by the office that the document was addressed to.
func byAddressee(receipts []Receipt) map[OfficeID][]Receipt {
	about, heirs := map[OfficeID][]Receipt{}, map[OfficeID][]OfficeID{}
	for _, receipt := range receipts {
		about[receipt.addressee()] = append(about[receipt.addressee()], receipt)
		if receipt.For != "" && receipt.Status == Arrived {
			heirs[receipt.Office] = append(heirs[receipt.Office], receipt.For)
		}
	}
	for _, receipt := range receipts { // an heir decides once about what came to it for several
		for _, office := range heirs[receipt.Office] {
			if receipt.Status != Arrived && receipt.addressee() != office {
				about[office] = append(about[office], receipt)
			}
		}
	}
	return about
}
