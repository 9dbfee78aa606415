// Package decide answers: what may a receiving office say to a document that came, and in which order?
//
// It accepts the document (03) or refuses it (02), and then reports what becomes of it (04, 05, 06). Each decision is a
// signed receipt, which goes to the office that issued the document, with its line in the log in one transaction. What
// a receiver answers to a recall is in package exchange/recall. The package knows nothing of storage, HTTP or screens.
package decide

import (
	"context"
	"strconv"
	"unicode/utf8"

	"congvan/exchange"
)

// Desk is where arrivals are decided on. All methods may be called by several goroutines.
type Desk struct {
	Gateway *exchange.Gateway
}

// Accept (tiếp nhận, vào sổ) enters the arrival in the office's register of incoming documents and owes the issuing
// office the signed receipt 03. Asked again it gives the accepted arrival. Errors: Conflict arrival.refused;
// Unavailable arrival.not_judged while its signatures have not been examined (Decree 30/2020, Article 21(2)).
func (d Desk) Accept(ctx context.Context, actor exchange.Actor, id exchange.ArrivalID) (exchange.Arrival, error) {
	return d.decide(ctx, actor, id, decision{status: exchange.Accepted})
}

// Refuse (từ chối tiếp nhận, trả lại) ends the arrival with a reason of 10 to 500 characters, and owes the issuing
// office the signed receipt 02. Asked again it gives the refused arrival. Errors: Invalid arrival.reason; Conflict
// arrival.accepted.
func (d Desk) Refuse(
	ctx context.Context, actor exchange.Actor, id exchange.ArrivalID, reason string,
) (exchange.Arrival, error) {
	if !exchange.ValidReason(reason) {
		return exchange.Arrival{}, exchange.Errorf(exchange.Invalid, "arrival.reason", "a reason of %d characters",
			utf8.RuneCountInString(reason))
	}
	return d.decide(ctx, actor, id, decision{status: exchange.Refused, reason: reason})
}

// Report (báo tình trạng) states what becomes of an accepted arrival: Assigned, InProgress or Completed, only forward,
// and owes the issuing office the signed receipt. Asked again with the same status it changes nothing. Errors: Invalid
// arrival.status; Conflict arrival.not_accepted, arrival.past; for Completed arrival.recall_pending.
func (d Desk) Report(
	ctx context.Context, actor exchange.Actor, id exchange.ArrivalID, status exchange.Status,
) (exchange.Arrival, error) {
	if status != exchange.Assigned && status != exchange.InProgress && status != exchange.Completed {
		return exchange.Arrival{}, exchange.Errorf(exchange.Invalid, "arrival.status", "status %q cannot be reported",
			status)
	}
	return d.decide(ctx, actor, id, decision{status: status})
}

type decision struct {
	status exchange.Status
	reason string
}

// acts names the log entries of decisions.
var acts = map[exchange.Status]string{
	exchange.Accepted: "arrival.accepted", exchange.Refused: "arrival.refused",
	exchange.Assigned: "arrival.assigned", exchange.InProgress: "arrival.in_progress",
	exchange.Completed: "arrival.completed",
}

func (d Desk) decide(
	ctx context.Context, actor exchange.Actor, id exchange.ArrivalID, made decision,
) (exchange.Arrival, error) {
	if err := actor.May(exchange.ActDecide); err != nil {
		return exchange.Arrival{}, err
	}
	gateway := d.Gateway
	if err := gateway.CheckIssuer(gateway.Directory(), actor.Office, exchange.Today(gateway.Now())); err != nil {
		return exchange.Arrival{}, err // no gateway would believe the receipt
	}
	var arrival exchange.Arrival
	err := gateway.Commit(ctx, func(tx exchange.Tx) error {
		var err error
		if arrival, err = gateway.FindArrival(ctx, tx, actor.Office, id); err != nil {
			return err
		}
		if err := gateway.Show(ctx, tx, actor, &arrival); err != nil {
			return err
		}
		done, err := made.allowed(arrival)
		if err != nil || done {
			return err
		}
		receipt, err := d.state(ctx, tx, actor, arrival, made)
		arrival.Receipts = append(arrival.Receipts, receipt)
		return err
	})
	if err != nil {
		return exchange.Arrival{}, err
	}
	return arrival, nil
}

// allowed says whether the decision may follow on what was decided before, or was taken already.
func (d decision) allowed(arrival exchange.Arrival) (done bool, err error) {
	status := arrival.Status()
	switch {
	case status == d.status:
		return true, nil
	case arrival.InUse() != nil:
		return false, arrival.InUse()
	case d.status == exchange.Completed && arrival.Usable() != nil:
		return false, arrival.Usable()
	case status == exchange.Refused:
		return false, exchange.Errorf(exchange.Conflict, "arrival.refused", "%s was refused", arrival.ID)
	case d.status == exchange.Refused && status != exchange.Arrived:
		return false, exchange.Errorf(exchange.Conflict, "arrival.accepted", "%s was accepted", arrival.ID)
	case d.status == exchange.Accepted && status != exchange.Arrived:
		return true, nil
	case d.status == exchange.Accepted && arrival.Judgement == nil:
		return false, exchange.Errorf(exchange.Unavailable, "arrival.not_judged", "%s was not judged yet", arrival.ID)
	case d.status > exchange.Accepted && status == exchange.Arrived:
		return false, exchange.Errorf(exchange.Conflict, "arrival.not_accepted", "%s was not accepted", arrival.ID)
	case d.status < status:
		return false, exchange.Errorf(exchange.Conflict, "arrival.past", "%s is %s already", arrival.ID, status)
	}
	return false, nil
}

// state takes the number, when there is one, logs the decision and owes its receipt.
func (d Desk) state(
	ctx context.Context, tx exchange.Tx, actor exchange.Actor, arrival exchange.Arrival, made decision,
) (exchange.Receipt, error) {
	receipt := d.Gateway.Speaking(arrival)
	receipt.Status, receipt.Reason, receipt.By = made.status, made.reason, actor.Name
	entry := exchange.Entry{Act: acts[made.status]}
	if made.status == exchange.Accepted {
		today := exchange.Today(receipt.At)
		register := exchange.Office{ID: receipt.Office}.Register(exchange.Incoming, arrival.Header.Kind, today)
		numbering, err := tx.TakeNumber(ctx, register, string(arrival.ID), "", today)
		if err != nil {
			return exchange.Receipt{}, err
		}
		receipt.Number = numbering.Number
		entry.Detail = map[string]string{
			"number": strconv.Itoa(numbering.Number), "verdict": arrival.Judgement.Verdict,
		}
	}
	return d.Gateway.Declare(ctx, tx, arrival, receipt, entry)
}
