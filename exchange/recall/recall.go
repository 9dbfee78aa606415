// Package recall answers: how does an office take back what it has sent, what do the receivers say to it, and which
// documents answer, replace or copy each other?
//
// The wire, and what a notice does where it arrives, are in package exchange; here are the acts of people. A recall
// that comes before anybody has seen the document withdraws it without asking; later it is a request that a clerk
// answers. The package knows nothing of storage, HTTP or screens.
package recall

import (
	"context"
	"slices"
	"unicode/utf8"

	"congvan/exchange"
)

// Desk is where recalls are made and answered. All methods may be called by several goroutines.
type Desk struct {
	Gateway *exchange.Gateway
}

// Order (lệnh lấy lại) says from whom a document is taken back, and why.
type Order struct {
	Offices []exchange.OfficeID // of the recipients; empty: all of them, and those of the office's own copies of it
	Reason  string              // 10 to 500 characters; it reaches the receivers
}

func (o Order) check() error {
	if !exchange.ValidReason(o.Reason) {
		return exchange.Errorf(exchange.Invalid, "recall.reason", "a reason of %d characters",
			utf8.RuneCountInString(o.Reason))
	}
	return nil
}

// Recall (thu hồi, lấy lại) owes the recipients the notice that the document is taken back. Nobody is asked twice while
// the answer is open or after it was yes, so that asked again it changes nothing; after a refusal it may be asked anew.
// Errors: Invalid recall.reason, recall.not_recipient; Conflict document.not_issued, recall.no_way.
func (d *Desk) Recall(
	ctx context.Context, actor exchange.Actor, id exchange.DocumentID, order Order,
) (exchange.Document, error) {
	if err := actor.May(exchange.ActSend); err != nil {
		return exchange.Document{}, err
	}
	if err := order.check(); err != nil {
		return exchange.Document{}, err
	}
	var document exchange.Document
	err := d.Gateway.Commit(ctx, func(tx exchange.Tx) error {
		var err error
		if document, err = d.Gateway.FindDocument(ctx, tx, actor.Office, id); err != nil {
			return err
		}
		if document.IssuedAt.IsZero() {
			return exchange.Errorf(exchange.Conflict, "document.not_issued", "%s is %s", id, document.Step())
		}
		if err := d.ask(ctx, tx, actor, document, order); err != nil || len(order.Offices) > 0 {
			return err
		}
		return d.askCopies(ctx, tx, errand{actor: actor, reason: order.Reason}, id)
	})
	return document, err
}

// ask owes the notice to those who are not asked yet.
func (d *Desk) ask(
	ctx context.Context, tx exchange.Tx, actor exchange.Actor, document exchange.Document, order Order,
) error {
	progress, err := d.Gateway.Progress(ctx, tx, document.ID)
	if err != nil {
		return err
	}
	var offices []exchange.OfficeID
	known := map[exchange.OfficeID]bool{}
	for _, recipient := range progress {
		known[recipient.Office] = true
		wanted := len(order.Offices) == 0 || slices.Contains(order.Offices, recipient.Office)
		if wanted && !recipient.TakenBack() {
			offices = append(offices, recipient.Office)
		}
	}
	for _, office := range order.Offices {
		if !known[office] {
			return exchange.Errorf(exchange.Invalid, "recall.not_recipient", "%s is no recipient of %s", office, document.ID)
		}
	}
	if len(offices) == 0 {
		return nil
	}
	notice := exchange.Notice{
		Document: document.ID, Content: document.Current().Digest, From: actor.Office, To: offices,
		Status: exchange.RecallRequested, Reason: order.Reason, By: actor.Name,
	}
	if document.Office != actor.Office { // it was issued by an office that has ended
		notice.For = document.Office
	}
	_, err = d.Gateway.Notify(ctx, tx, notice, exchange.Entry{Act: "document.recalled", Actor: actor.Name})
	return err
}

// longestChain is how far copies of copies are followed within one office.
const longestChain = 8

// errand is why copies are recalled, and how far down the chain that is.
type errand struct {
	actor  exchange.Actor
	reason string
	depth  int
}

// askCopies recalls the copies of a document that the office itself has made and issued: only it can take them back
// (Decree 30/2020, Article 18(4)). Where a copy was copied by its receivers in turn, they do the same when they agree.
func (d *Desk) askCopies(
	ctx context.Context, tx exchange.Tx, why errand, of exchange.DocumentID,
) error {
	ties, err := tx.Ties(ctx, of)
	if err != nil || why.depth == longestChain {
		return err
	}
	why.depth++
	for _, tie := range ties {
		if tie.Kind != exchange.Copies || tie.Target != of || tie.From != why.actor.Office {
			continue
		}
		made, err := tx.Document(ctx, why.actor.Office, tie.Source)
		if err != nil {
			return err
		}
		if err := d.ask(ctx, tx, why.actor, made, Order{Reason: why.reason}); err != nil {
			return err
		}
		if err := d.askCopies(ctx, tx, why, made.ID); err != nil {
			return err
		}
	}
	return nil
}

// Reply is the clerk's answer to a request to give a document back.
type Reply struct {
	Agree  bool
	Reason string // mandatory for a refusal, and reaches the sender
}

// Answer (trả lời yêu cầu lấy lại) states 15 or 16 about an arrival that is asked back. With 15 it is out of use: it
// can be read and proved, but not copied, filed or worked on, and copies of it that the office issued are recalled for
// the reason that was given for it. Asked again with the same answer it changes nothing. Errors: Invalid recall.reason;
// Conflict recall.not_asked, arrival.withdrawn, arrival.recalled.
func (d *Desk) Answer(
	ctx context.Context, actor exchange.Actor, id exchange.ArrivalID, reply Reply,
) (exchange.Arrival, error) {
	if err := actor.May(exchange.ActDecide); err != nil {
		return exchange.Arrival{}, err
	}
	if reply.Reason != "" || !reply.Agree {
		if err := (Order{Reason: reply.Reason}).check(); err != nil {
			return exchange.Arrival{}, err
		}
	}
	var arrival exchange.Arrival
	err := d.Gateway.Commit(ctx, func(tx exchange.Tx) error {
		var err error
		if arrival, err = d.Gateway.FindArrival(ctx, tx, actor.Office, id); err != nil {
			return err
		}
		if err := d.Gateway.Show(ctx, tx, actor, &arrival); err != nil {
			return err
		}
		return d.answer(ctx, tx, actor, &arrival, reply)
	})
	return arrival, err
}

func (d *Desk) answer(
	ctx context.Context, tx exchange.Tx, actor exchange.Actor, arrival *exchange.Arrival, reply Reply,
) error {
	status, act := exchange.RecallRefused, "arrival.recall_refused"
	if reply.Agree {
		status, act = exchange.RecallAccepted, "arrival.recalled"
	}
	switch arrival.Recall() { //nolint:exhaustive // there are no others of a recall
	case status:
		return nil
	case exchange.RecallRequested:
	case exchange.RecallAccepted:
		return exchange.Errorf(exchange.Conflict, "arrival.recalled", "%s was given back", arrival.ID)
	default:
		return exchange.Errorf(exchange.Conflict, "recall.not_asked", "%s is not asked back", arrival.ID)
	}
	reason := requestOf(*arrival)
	receipt, err := d.Gateway.State(ctx, tx, *arrival,
		exchange.Receipt{Status: status, Reason: reply.Reason, By: actor.Name}, act)
	if err != nil {
		return err
	}
	arrival.Receipts = append(arrival.Receipts, receipt)
	if !reply.Agree {
		return nil
	}
	return d.askCopies(ctx, tx, errand{actor: actor, reason: reason}, arrival.Document)
}

// requestOf gives the reason of the last request.
func requestOf(arrival exchange.Arrival) string {
	for _, receipt := range slices.Backward(arrival.Receipts) {
		if receipt.Status == exchange.RecallRequested {
			return receipt.Reason
		}
	}
	return ""
}
