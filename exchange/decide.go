package exchange

import (
	"context"
	"strconv"
	"unicode/utf8"
)

const (
	shortestReason = 10  // runes
	longestReason  = 500 // runes
)

// ValidReason says whether a reason that a person gave is one: 10 to 500 characters of text.
func ValidReason(reason string) bool {
	return isText(reason, shortestReason, longestReason) && utf8.ValidString(reason)
}

// Accept (tiếp nhận, vào sổ) enters the arrival in the office's register of incoming documents and owes the issuing
// office the signed receipt 03. Asked again it gives the accepted arrival. Errors: Conflict arrival.refused;
// Unavailable arrival.not_judged while its signatures have not been examined (Decree 30/2020, Article 21(2)).
func (g *Gateway) Accept(ctx context.Context, actor Actor, id ArrivalID) (Arrival, error) {
	return g.decide(ctx, actor, id, decision{status: Accepted})
}

// Refuse (từ chối tiếp nhận, trả lại) ends the arrival with a reason of 10 to 500 characters, and owes the issuing
// office the signed receipt 02. Asked again it gives the refused arrival. Errors: Invalid arrival.reason; Conflict
// arrival.accepted.
func (g *Gateway) Refuse(ctx context.Context, actor Actor, id ArrivalID, reason string) (Arrival, error) {
	if !ValidReason(reason) {
		return Arrival{}, Errorf(Invalid, "arrival.reason", "a reason of %d characters", utf8.RuneCountInString(reason))
	}
	return g.decide(ctx, actor, id, decision{status: Refused, reason: reason})
}

// Report (báo tình trạng) states what becomes of an accepted arrival: Assigned, InProgress or Completed, only forward,
// and owes the issuing office the signed receipt. Asked again with the same status it changes nothing. Errors: Invalid
// arrival.status; Conflict arrival.not_accepted, arrival.past; for Completed arrival.recall_pending.
func (g *Gateway) Report(ctx context.Context, actor Actor, id ArrivalID, status Status) (Arrival, error) {
	if status != Assigned && status != InProgress && status != Completed {
		return Arrival{}, Errorf(Invalid, "arrival.status", "status %q cannot be reported", status)
	}
	return g.decide(ctx, actor, id, decision{status: status})
}

type decision struct {
	status Status
	reason string
}

// acts names the log entries of decisions.
var acts = map[Status]string{
	Accepted: "arrival.accepted", Refused: "arrival.refused", Assigned: "arrival.assigned",
	InProgress: "arrival.in_progress", Completed: "arrival.completed",
}

func (g *Gateway) decide(ctx context.Context, actor Actor, id ArrivalID, decision decision) (Arrival, error) {
	if err := actor.May(ActDecide); err != nil {
		return Arrival{}, err
	}
	directory := g.Directory()
	if err := g.CheckIssuer(directory, actor.Office, g.today()); err != nil {
		return Arrival{}, err // no gateway would believe the receipt
	}
	var arrival Arrival
	err := g.Records.Update(ctx, func(tx Tx) error {
		var err error
		if arrival, err = g.FindArrival(ctx, tx, actor.Office, id); err != nil {
			return err
		}
		if err := g.Show(ctx, tx, actor, &arrival); err != nil {
			return err
		}
		done, err := decision.allowed(arrival)
		if err != nil || done {
			return err
		}
		receipt, err := g.decided(ctx, tx, actor, arrival, decision)
		if err != nil {
			return err
		}
		if err := tx.AddReceipt(ctx, receipt); err != nil {
			return err
		}
		arrival.Receipts = append(arrival.Receipts, receipt)
		return g.sendReceipt(ctx, tx, directory, arrival.Header, receipt)
	})
	if err != nil {
		return Arrival{}, err
	}
	g.wakeDelivery()
	return arrival, nil
}

// allowed says whether the decision may follow on what was decided before, or was taken already.
func (d decision) allowed(arrival Arrival) (done bool, err error) {
	status := arrival.Status()
	switch {
	case status == d.status:
		return true, nil
	case arrival.inUse() != nil:
		return false, arrival.inUse()
	case d.status == Completed && arrival.Usable() != nil:
		return false, arrival.Usable()
	case status == Refused:
		return false, Errorf(Conflict, "arrival.refused", "%s was refused", arrival.ID)
	case d.status == Refused && status != Arrived:
		return false, Errorf(Conflict, "arrival.accepted", "%s was accepted", arrival.ID)
	case d.status == Accepted && status != Arrived:
		return true, nil
	case d.status == Accepted && arrival.Judgement == nil:
		return false, Errorf(Unavailable, "arrival.not_judged", "%s was not judged yet", arrival.ID)
	case d.status > Accepted && status == Arrived:
		return false, Errorf(Conflict, "arrival.not_accepted", "%s was not accepted", arrival.ID)
	case d.status < status:
		return false, Errorf(Conflict, "arrival.past", "%s is %s already", arrival.ID, status)
	}
	return false, nil
}

// decided takes the number, when there is one, logs the decision and makes its receipt.
func (g *Gateway) decided(
	ctx context.Context, tx Tx, actor Actor, arrival Arrival, decision decision,
) (Receipt, error) {
	receipt := Receipt{Status: decision.status, Reason: decision.reason, By: actor.Name, At: g.now()}
	g.inTheNameOf(&receipt, arrival)
	detail := map[string]string{"arrival": string(arrival.ID), "digest": string(arrival.Header.Main.Digest)}
	if decision.status == Accepted {
		today := Today(receipt.At)
		register := Office{ID: receipt.Office}.Register(Incoming, arrival.Header.Kind, today)
		numbering, err := tx.TakeNumber(ctx, register, string(arrival.ID), "", today)
		if err != nil {
			return Receipt{}, err
		}
		receipt.Number = numbering.Number
		detail["number"] = strconv.Itoa(numbering.Number)
		detail["verdict"] = arrival.Judgement.Verdict
	}
	if decision.reason != "" {
		detail["reason"] = string(digestOf([]byte(decision.reason)))
	}
	entry := Entry{Act: acts[decision.status], Actor: actor.Name, Office: arrival.Office, Detail: detail}
	return g.receipt(ctx, tx, arrival.Header, receipt, entry)
}
