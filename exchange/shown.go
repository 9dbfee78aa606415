package exchange

import (
	"context"
	"slices"
)

// Shown (đã xem) is a fact of its own, for on it depends what a recall does. An arrival counts as shown from the moment
// at which anybody of the office, person or system, is given any of it: in a list or alone, a file or a judgement of
// it, its evidence, a link to it from another document; or acts on it by its id. The timeline, which says that
// something happened and nothing of the content, does not count; nor do the examiner, the backup, the administrator.

// Recall says how far the recall of the arrival has come: empty when there is none, RecallRequested until a clerk has
// answered, then RecallAccepted for ever, or RecallRefused until it is asked again.
func (a Arrival) Recall() Status { return recallOf(a.Receipts) }

// Recall is [Arrival.Recall] as the issuing office knows it: empty too while the notice is on its way.
func (p Progress) Recall() Status { return recallOf(p.Receipts) }

// recallOf goes by the log of the gateway that made the receipts: on the way they may overtake each other.
func recallOf(receipts []Receipt) Status {
	var last Receipt
	for _, receipt := range receipts {
		switch receipt.Status { //nolint:exhaustive // of all the others none is about a recall
		case RecallAccepted:
			return RecallAccepted
		case RecallRequested, RecallRefused:
			if last.Status == "" || receipt.LogSize >= last.LogSize {
				last = receipt
			}
		}
	}
	return last.Status
}

// Withdrawn says whether the arrival was withdrawn before it was shown to anybody.
func (a Arrival) Withdrawn() bool {
	return slices.ContainsFunc(a.Receipts, func(receipt Receipt) bool {
		return receipt.Status == RecallAccepted && receipt.Reason == WithdrawnUnseen
	})
}

// Usable gives nil while the arrival may be copied, filed and brought to its end; else the Conflict arrival.withdrawn,
// arrival.recalled, or arrival.recall_pending.
func (a Arrival) Usable() error {
	if a.Recall() == RecallRequested {
		return Errorf(Conflict, "arrival.recall_pending", "%s is asked back", a.ID)
	}
	return a.InUse()
}

// InUse gives nil while the arrival may be worked on; else the Conflict arrival.withdrawn or arrival.recalled.
func (a Arrival) InUse() error {
	switch {
	case a.Withdrawn():
		return Errorf(Conflict, "arrival.withdrawn", "%s was withdrawn", a.ID)
	case a.Recall() == RecallAccepted:
		return Errorf(Conflict, "arrival.recalled", "%s was given back", a.ID)
	}
	return nil
}

// Show records, within the transaction that reads an arrival, that it is shown to somebody or handed to a system of its
// office. Whoever gives any of it to anybody calls it first. Error: Conflict arrival.withdrawn, and then nothing of it
// may be shown.
func (g *Gateway) Show(ctx context.Context, tx Tx, actor Actor, arrival *Arrival) error {
	if arrival.Withdrawn() {
		return arrival.InUse()
	}
	if !arrival.ShownAt.IsZero() {
		return nil
	}
	arrival.ShownAt = g.now()
	if err := tx.MarkShown(ctx, arrival.ID, arrival.ShownAt, actor.Name); err != nil {
		return err
	}
	_, err := tx.AppendLog(ctx, Entry{
		At: arrival.ShownAt, Act: "arrival.shown", Actor: actor.Name, Office: arrival.Office, Document: arrival.Document,
		Detail: map[string]string{"arrival": string(arrival.ID)},
	})
	return err
}
