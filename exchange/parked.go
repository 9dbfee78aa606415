package exchange

import (
	"cmp"
	"context"
	"slices"
	"strconv"
)

// Parked says why the way to this recipient stands still until somebody looks at it: the stable code with which a
// gateway refused the document for good. It is empty while the document is on its way, when it has arrived, when it was
// addressed anew to others instead, and when it was taken back: then nobody is to have it.
func (p Progress) Parked() string {
	if len(p.Readdressed) > 0 || p.TakenBack() {
		return ""
	}
	switch status := p.Status(); {
	case status != "" && status != Carried && status != Undeliverable:
		return ""
	case p.Acknowledgement == nil:
		return ""
	case p.Acknowledgement.Outcome == Rejected || p.Acknowledgement.Outcome == Clash:
		return cmp.Or(p.Acknowledgement.Code, "peer.refused")
	}
	reason, count := undeliverable(p.Receipts)
	// Each delivery ends with an arrival or with one such receipt; the clocks of two gateways cannot be compared.
	if count < p.Deliveries {
		return ""
	}
	return cmp.Or(reason, "peer.refused")
}

// undeliverable gives the reason of the last receipt that says so, and how many there are.
func undeliverable(receipts []Receipt) (reason string, count int) {
	for _, receipt := range receipts {
		if receipt.Status == Undeliverable {
			reason = receipt.Reason
			count++
		}
	}
	return reason, count
}

// Parked is a document with recipients to whom the way stands still.
type Parked struct {
	Document   Document
	Recipients []Progress // only those
}

// Parked lists documents of the actor's office that do not get through to some recipient until somebody looks, newest
// first. Documents that got through since are left out, so that a page may be shorter than its limit, and next is
// empty only after the last.
func (g *Gateway) Parked(ctx context.Context, actor Actor, page Page) (found []Parked, next string, err error) {
	if err := page.Check(actor); err != nil {
		return nil, "", err
	}
	err = g.Records.View(ctx, func(tx Tx) error {
		ids, err := g.refusals(ctx, tx, actor, page)
		if err != nil {
			return err
		}
		if len(ids) == page.Limit {
			next = string(ids[len(ids)-1])
		}
		found, err = g.parkedAmong(ctx, tx, actor.Office, ids)
		return err
	})
	return found, next, err
}

// refusals lists what was refused of the documents of the office and of those that it inherited.
func (g *Gateway) refusals(ctx context.Context, tx Tx, actor Actor, page Page) ([]DocumentID, error) {
	var all []DocumentID
	for _, source := range g.Sources(actor.Office) {
		ids, err := tx.Refusals(ctx, source, page)
		if err != nil {
			return nil, err
		}
		all = append(all, ids...)
	}
	slices.SortFunc(all, func(a, b DocumentID) int { return cmp.Compare(b, a) })
	return all[:min(len(all), page.Limit)], nil
}

func (g *Gateway) parkedAmong(ctx context.Context, tx Tx, office OfficeID, ids []DocumentID) ([]Parked, error) {
	var found []Parked
	for _, id := range ids {
		parked, err := parkedOf(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		if len(parked) == 0 {
			continue
		}
		document, err := g.FindDocument(ctx, tx, office, id)
		if err != nil {
			return nil, err
		}
		found = append(found, Parked{Document: document, Recipients: parked})
	}
	return found, nil
}

func parkedOf(ctx context.Context, tx Tx, id DocumentID) ([]Progress, error) {
	all, err := progressOf(ctx, tx, id)
	var parked []Progress
	for _, progress := range all {
		if progress.Parked() != "" {
			parked = append(parked, progress)
		}
	}
	return parked, err
}

// Resend (gửi lại) owes an issued document again to those recipients only to whom the way stands still, by the way that
// the directory knows today. Asked again it finds none and changes nothing. Errors: Conflict document.not_issued;
// recipient.closed, recipient.no_gateway when there is no way today, and then nothing is sent.
func (g *Gateway) Resend(ctx context.Context, actor Actor, id DocumentID) (Document, error) {
	if err := actor.May(ActSend); err != nil {
		return Document{}, err
	}
	directory := g.Directory()
	var document Document
	err := g.Records.Update(ctx, func(tx Tx) error {
		var err error
		if document, err = g.FindDocument(ctx, tx, actor.Office, id); err != nil {
			return err
		}
		if document.IssuedAt.IsZero() {
			return Errorf(Conflict, "document.not_issued", "%s is %s", id, document.Step())
		}
		parked, err := parkedOf(ctx, tx, id)
		if err != nil || len(parked) == 0 {
			return err
		}
		again := document
		again.Recipients, again.IssuedAt = nil, g.now() // only who is owed, and since when
		for _, progress := range parked {
			again.Recipients = append(again.Recipients, progress.Office)
		}
		deliveries, err := g.deliveries(directory, again, Today(document.IssuedAt))
		if err != nil {
			return err
		}
		return oweAgain(ctx, tx, actor, again, deliveries)
	})
	if err != nil {
		return Document{}, err
	}
	g.wakeDelivery()
	return document, nil
}

// Owe owes an issued document to further offices, by the way that the directory knows today, in the transaction that
// states that they are addressed too. Errors are those of [Gateway.Resend].
func (g *Gateway) Owe(ctx context.Context, tx Tx, document Document, offices []OfficeID) error {
	again := document
	again.Recipients, again.IssuedAt = offices, g.now()
	deliveries, err := g.deliveries(g.Directory(), again, Today(again.IssuedAt))
	if err != nil {
		return err
	}
	return tx.AddDeliveries(ctx, deliveries)
}

// CheckRecipients refuses recipients to whom an office cannot write today. Errors: Invalid draft.recipients,
// recipient.unknown; Conflict recipient.closed, recipient.no_gateway.
func (g *Gateway) CheckRecipients(from OfficeID, recipients []OfficeID) error {
	return CheckRecipients(g.Directory(), from, recipients, g.today())
}

func oweAgain(ctx context.Context, tx Tx, actor Actor, again Document, deliveries []Delivery) error {
	if err := tx.AddDeliveries(ctx, deliveries); err != nil {
		return err
	}
	_, err := tx.AppendLog(ctx, Entry{
		At: again.IssuedAt, Act: "document.resent", Actor: actor.Name, Office: again.Office, Document: again.ID,
		Detail: map[string]string{"recipients": strconv.Itoa(len(deliveries))},
	})
	return err
}

// resume owes onward again what came once more for offices that a gateway further on had stated undeliverable: the
// office that issued the document has resent it.
func (g *Gateway) resume(ctx context.Context, tx Tx, in *intake, failed map[OfficeID]int) error {
	if len(failed) == 0 {
		return nil
	}
	states, err := tx.Deliveries(ctx, in.frame.ID)
	if err != nil {
		return err
	}
	owed := map[OfficeID]bool{}
	for _, state := range states {
		failed[state.To]--
		owed[state.To] = owed[state.To] || state.Acknowledgement == nil
	}
	var again []Delivery
	for _, office := range in.frame.To {
		if count, relayed := failed[office]; !relayed || count < 0 || owed[office] {
			continue
		}
		next, code := g.way(in, office)
		if code != "" || next == g.Node {
			continue
		}
		again = append(again, Delivery{
			Message: in.frame.ID, To: office, Node: next, Lane: in.header.Urgency, At: in.at,
		})
	}
	if len(again) == 0 {
		return nil
	}
	return tx.AddDeliveries(ctx, again)
}
