package exchange

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// sendReceipt owes a receipt of this gateway to the one that issued the document. That gateway keeps the document
// even when the office has ended since (domain rule: answers to old documents). On the same gateway there is nothing
// to send: the log says that the issuing office has it.
func (g *Gateway) sendReceipt(ctx context.Context, tx Tx, directory *Directory, header Header, receipt Receipt) error {
	if header.Node == g.Node {
		return logReceipt(ctx, tx, receipt, g.Node, Entry{At: receipt.At, Office: header.From, Document: header.ID})
	}
	next, err := directory.NextHop(g.Node, header.Node)
	if err != nil {
		return err
	}
	message := Message{
		ID: receipt.ID, Kind: ReceiptMessage, Origin: g.Node, Sealed: receipt.Sealed, At: receipt.At,
	}
	if _, _, err := tx.AddMessage(ctx, message); err != nil {
		return err
	}
	return tx.AddDeliveries(ctx, []Delivery{{
		Message: receipt.ID, To: header.From, Node: next, Lane: header.Urgency, At: receipt.At,
	}})
}

// takeReceipt takes a receipt in: at the gateway that issued the document it is applied, elsewhere it goes on.
func (g *Gateway) takeReceipt(ctx context.Context, tx Tx, in *intake, known bool) error {
	if known {
		in.answerAll(Duplicate, "")
		return nil
	}
	message, err := tx.Message(ctx, MessageID(in.receipt.Document))
	if err != nil && KindOf(err) != NotFound {
		return err
	}
	if err == nil && message.Origin == g.Node {
		return in.applyReceipt(ctx, tx, message)
	}
	return g.passReceipt(ctx, tx, in, message.Origin)
}

// applyReceipt records a receipt about a document that was issued here.
func (in *intake) applyReceipt(ctx context.Context, tx Tx, message Message) error {
	header, err := storedHeader(message)
	if err != nil {
		return err
	}
	if err := in.receipt.about(header); err != nil {
		in.refusal = err
		return in.refuse(ctx, tx)
	}
	if err := tx.AddReceipt(ctx, in.receipt); err != nil {
		return err
	}
	in.answerAll(Taken, "")
	return logReceipt(ctx, tx, in.receipt, in.from, Entry{At: in.at, Office: header.From, Document: header.ID})
}

// logReceipt writes that the issuing office, which the entry names, has a receipt, and from where.
func logReceipt(ctx context.Context, tx Tx, receipt Receipt, from NodeID, entry Entry) error {
	entry.Act = actReceipt
	entry.Detail = map[string]string{
		"peer": string(from), "office": string(receipt.Office), "status": string(receipt.Status),
		"receipt": string(digestOf(receipt.Sealed)),
	}
	_, err := tx.AppendLog(ctx, entry)
	return err
}

// about says whether the receipt speaks of the document that was sent, and of an office that it was sent to.
func (r Receipt) about(header Header) error {
	switch {
	case r.Document != header.ID || r.Content != header.Main.Digest:
		return Errorf(Untrusted, "receipt.other_content", "receipt %s: content %s of %s", r.ID, r.Content, r.Document)
	case !slices.Contains(header.To, r.addressee()):
		return Errorf(Untrusted, "receipt.not_addressed", "receipt %s: %s is no recipient of %s", r.ID, r.Office, r.Document)
	}
	return nil
}

// passReceipt owes the receipt to the gateway of the document's origin; when the document did not come this way, to the
// gateway of the office that it is for.
func (g *Gateway) passReceipt(ctx context.Context, tx Tx, in *intake, origin NodeID) error {
	for _, office := range in.frame.To {
		goal := origin
		if goal == "" {
			var err error
			if goal, err = in.directory.Host(office, Today(in.at)); err != nil {
				in.answer(office, Rejected, "recipient.no_gateway", nil)
				continue
			}
		}
		next, err := in.directory.NextHop(g.Node, goal)
		if err != nil || next == in.from || next == g.Node {
			in.answer(office, Rejected, "receipt.unknown_document", nil)
			continue
		}
		if err := tx.AddDeliveries(ctx, []Delivery{
			{Message: in.frame.ID, To: office, Node: next, Lane: Urgent, At: in.at},
		}); err != nil {
			return err
		}
		in.answer(office, Taken, "", nil)
	}
	if in.receipt.Status == Undeliverable {
		return tx.AddReceipt(ctx, in.receipt) // so that what is resent goes on from here
	}
	return nil
}

// actReceipt is the act of log entries about receipts that came back; timelines show the receipt itself.
const actReceipt = "receipt.received"

// settle records a gateway's answers: in one transaction deliveries become done, receipts are kept, and what will never
// be taken is stated to the gateway that issued the document. It says how many deliveries are done now.
func (g *Gateway) settle(ctx context.Context, batch batch, answers []Answer) (int, error) {
	done := batch.match(ctx, g, answers)
	if len(done) == 0 {
		return 0, nil
	}
	err := g.Records.Update(ctx, func(tx Tx) error {
		for _, answered := range done {
			if err := g.settleOne(ctx, tx, batch, answered); err != nil {
				return err
			}
		}
		return g.logAnswers(ctx, tx, batch, done)
	})
	if err != nil {
		return 0, err
	}
	g.alarmAnswers(ctx, batch, done)
	return len(done), nil
}

func (g *Gateway) settleOne(ctx context.Context, tx Tx, batch batch, answered answered) error {
	if back, err := g.sentBack(ctx, tx, batch, answered); back || err != nil {
		return err
	}
	err := tx.Acknowledge(ctx, answered.delivery.ID, Acknowledgement{
		Outcome: answered.Outcome, Code: answered.Code, Receipt: answered.Receipt, At: batch.at,
	})
	if err != nil {
		return err
	}
	if answered.receipt.ID != "" {
		return tx.AddReceipt(ctx, answered.receipt)
	}
	header, isDocument := batch.headers[answered.ID]
	if answered.Outcome == Taken || answered.Outcome == Duplicate || !isDocument || header.Node == g.Node {
		return nil
	}
	refusal, err := g.receipt(ctx, tx, header, Receipt{
		Office: answered.To, Status: Undeliverable, Reason: answered.Code, At: batch.at,
	}, Entry{Act: "message.undeliverable", Detail: map[string]string{
		"peer": string(batch.node.ID), "code": answered.Code,
	}})
	if err != nil {
		return err
	}
	if err := tx.AddReceipt(ctx, refusal); err != nil {
		return err
	}
	return g.sendReceipt(ctx, tx, batch.directory, header, refusal)
}

// logAnswers writes one leaf for each document and outcome of the batch, however many offices it concerns; a digest
// over their receipts binds them.
func (g *Gateway) logAnswers(ctx context.Context, tx Tx, batch batch, done []answered) error {
	type group struct {
		id      MessageID
		outcome Outcome
		code    string
	}
	groups := map[group][]string{}
	for _, answered := range done {
		if _, isDocument := batch.headers[answered.ID]; isDocument {
			key := group{answered.ID, answered.Outcome, answered.Code}
			groups[key] = append(groups[key], string(answered.To)+" "+string(digestOf(answered.Receipt)))
		}
	}
	ordered := slices.SortedFunc(maps.Keys(groups), func(a, b group) int {
		return strings.Compare(string(a.id)+string(a.outcome)+a.code, string(b.id)+string(b.outcome)+b.code)
	})
	for _, key := range ordered {
		header := batch.headers[key.id]
		office := header.From
		if header.Node != g.Node {
			office = "" // on the way: no office here is concerned
		}
		detail := map[string]string{
			"peer": string(batch.node.ID), "outcome": string(key.outcome), "offices": strconv.Itoa(len(groups[key])),
			"receipts": string(digestOf([]byte(strings.Join(groups[key], "\n")))),
		}
		if key.code != "" {
			detail["code"] = key.code
		}
		_, err := tx.AppendLog(ctx, Entry{
			At: batch.at, Act: "document.delivered", Office: office, Document: header.ID, Detail: detail,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
