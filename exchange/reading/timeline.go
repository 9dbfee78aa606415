package reading

import (
	"context"
	"slices"
	"time"

	"congvan/exchange"
)

// Recipients tells of every recipient of a document of the actor's office how far it has come. It is empty before the
// document is issued.
func (d Desk) Recipients(
	ctx context.Context, actor exchange.Actor, id exchange.DocumentID,
) ([]exchange.Progress, error) {
	if err := actor.May(exchange.ActRead); err != nil {
		return nil, err
	}
	var list []exchange.Progress
	err := d.Gateway.Records.View(ctx, func(tx exchange.Tx) error {
		_, err := d.Gateway.FindDocument(ctx, tx, actor.Office, id)
		if err == nil {
			list, err = d.Gateway.Progress(ctx, tx, id)
		}
		return err
	})
	return list, err
}

// Event is something that happened to a document, as the log or a receipt tells it.
type Event struct {
	At      time.Time
	Act     string // of the log entry, or "receipt." and the status
	Actor   string
	Office  exchange.OfficeID
	Index   int64 // of the log entry; -1 for a receipt
	Detail  map[string]string
	Receipt *exchange.Receipt // nil for a log entry
}

// Timeline tells what happened to a document as far as it concerns the actor's office, oldest first: the entries of
// this gateway's log and the signed receipts. The office that issued it sees the receipts of all recipients, a
// recipient those about its own copy.
func (d Desk) Timeline(ctx context.Context, actor exchange.Actor, id exchange.DocumentID) ([]Event, error) {
	if err := actor.May(exchange.ActRead); err != nil {
		return nil, err
	}
	var events []Event
	err := d.Gateway.Records.View(ctx, func(tx exchange.Tx) error {
		issuer, err := d.hearsAll(ctx, tx, actor.Office, id)
		if err != nil {
			return err
		}
		entries, err := d.Gateway.FindEntries(ctx, tx, actor.Office, id)
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			return exchange.Errorf(exchange.NotFound, "document.not_found", "document %q", id)
		}
		receipts, err := tx.Receipts(ctx, id)
		if err != nil {
			return err
		}
		if !issuer {
			sources := d.Gateway.Sources(actor.Office)
			receipts = slices.DeleteFunc(receipts, func(receipt exchange.Receipt) bool {
				return !slices.Contains(sources, receipt.Office) && !slices.Contains(sources, receipt.For)
			})
		}
		events = timeline(entries, receipts)
		return nil
	})
	return events, err
}

// hearsAll says whether the office is told what all recipients say: it issued the document, or keeps those of the
// office that did. Of a document that came from a gateway that is no more only the answers are here.
func (d Desk) hearsAll(
	ctx context.Context, tx exchange.Tx, office exchange.OfficeID, id exchange.DocumentID,
) (bool, error) {
	_, err := d.Gateway.FindDocument(ctx, tx, office, id)
	if err == nil || exchange.KindOf(err) != exchange.NotFound {
		return err == nil, err
	}
	_, err = d.Gateway.FindArrivalOf(ctx, tx, office, id)
	if err == nil || exchange.KindOf(err) != exchange.NotFound {
		return false, err
	}
	return true, nil
}

func timeline(entries []exchange.Entry, receipts []exchange.Receipt) []Event {
	events := make([]Event, 0, len(entries)+len(receipts))
	for _, entry := range entries {
		if entry.OfReceipt() {
			continue // the receipt itself is shown
		}
		events = append(events, Event{
			At: entry.At, Act: entry.Act, Actor: entry.Actor, Office: entry.Office, Index: entry.Index, Detail: entry.Detail,
		})
	}
	for i := range receipts {
		receipt := &receipts[i]
		events = append(events, Event{
			At: receipt.At, Act: "receipt." + string(receipt.Status), Actor: receipt.By, Office: receipt.Office, Index: -1,
			Detail: map[string]string{"receipt": string(receipt.Digest())}, Receipt: receipt,
		})
	}
	slices.SortStableFunc(events, func(a, b Event) int { return a.At.Compare(b.At) })
	return events
}
