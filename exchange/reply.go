package exchange

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// sendReceipt owes a receipt of this gateway to the one that issued the document. That gateway keeps the document
// even when the office has ended since (domain rule: answers to old documents), and tells who keeps those of the
// office; when it is no more, that one is told from here. While nobody is named the receipt waits. On the same gateway
// there is nothing to send: the log says that the issuing office has it.
func (g *Gateway) sendReceipt(ctx context.Context, tx Tx, directory *Directory, header Header, receipt Receipt) error {
	goal, named := directory.answerGoal(header.From, header.Node, Today(receipt.At))
	if goal == g.Node {
		return g.answered(ctx, tx, directory, receipt, heard{g.Node, header.From, receipt.At})
	}
	next := header.Node // is no more, and nothing goes there
	if named {
		var err error
		if next, err = directory.NextHop(g.Node, goal); err != nil {
			return err
		}
	}
	return oweReceipt(ctx, tx, receipt, Delivery{To: header.From, Node: next, Lane: header.Urgency, At: receipt.At})
}

func oweReceipt(ctx context.Context, tx Tx, receipt Receipt, delivery Delivery) error {
	delivery.Message = receipt.ID
	_, _, err := tx.AddMessage(ctx, Message{
		ID: receipt.ID, Kind: ReceiptMessage, Origin: receipt.Node, Sealed: receipt.Sealed, At: delivery.At,
	})
	if err != nil {
		return err
	}
	return tx.AddDeliveries(ctx, []Delivery{delivery})
}

// answerGoal gives the gateway to which answers about a document go: the one that issued it, and when that is no more
// the one of whoever keeps the office's documents. named is false while the directory knows neither.
func (d *Directory) answerGoal(from OfficeID, issuer NodeID, on Date) (goal NodeID, named bool) {
	if _, there := d.nodes[issuer]; there {
		return issuer, true
	}
	return d.keeperHost(from, on)
}

// keeperHost gives the gateway of the office, or of who keeps its documents since it ended.
func (d *Directory) keeperHost(id OfficeID, on Date) (host NodeID, named bool) {
	if keeper, ok := d.Keeper(id, on); ok {
		id = keeper
	}
	host, err := d.Host(id, on)
	return host, err == nil
}

// heard is from where a receipt came, about a document of which office, and when.
type heard struct {
	from   NodeID
	office OfficeID
	at     time.Time
}

// answered logs that the issuing office has a receipt. When the office has ended, the log names who keeps its
// documents, and the receipt goes on to that one's gateway.
func (g *Gateway) answered(ctx context.Context, tx Tx, directory *Directory, receipt Receipt, about heard) error {
	on := Today(about.at)
	entry := Entry{At: about.at, Act: actReceipt, Office: about.office, Document: receipt.Document}
	entry.Detail = map[string]string{
		"peer": string(about.from), "office": string(receipt.Office), "status": string(receipt.Status),
		"receipt": string(receipt.Digest()),
	}
	keeper, ended := directory.Keeper(about.office, on)
	if ended {
		directory.succession(entry.Detail, about.office, keeper, on)
	}
	if _, err := tx.AppendLog(ctx, entry); err != nil || !ended {
		return err
	}
	host, named := directory.keeperHost(about.office, on)
	if !named || host == g.Node || host == about.from {
		return nil
	}
	next, err := directory.NextHop(g.Node, host)
	if err != nil {
		return err
	}
	return oweReceipt(ctx, tx, receipt, Delivery{To: about.office, Node: next, Lane: Urgent, At: about.at})
}

// takeReceipt takes a receipt in: at the gateway that issued the document it is applied, elsewhere it goes on.
func (g *Gateway) takeReceipt(ctx context.Context, tx Tx, in *intake, known bool) error {
	message, err := tx.Message(ctx, MessageID(in.receipt.Document))
	if err != nil && KindOf(err) != NotFound {
		return err
	}
	if err == nil && message.Origin == g.Node {
		if known {
			in.answerAll(Duplicate, "")
			return nil
		}
		return g.applyReceipt(ctx, tx, in, message)
	}
	return g.passReceipt(ctx, tx, in, message.Origin)
}

// applyReceipt records a receipt about a document that was issued here.
func (g *Gateway) applyReceipt(ctx context.Context, tx Tx, in *intake, message Message) error {
	header, err := storedHeader(message)
	if err != nil {
		return err
	}
	if header, err = header.addressedTo(ctx, tx, []OfficeID{in.receipt.addressee()}); err != nil {
		return err
	}
	if err := in.receipt.about(header); err != nil {
		return g.rejectAll(ctx, tx, in, CodeOf(err))
	}
	if in.receipt.AtDoor() && !in.receipt.SpeaksOf(digestOf(message.Sealed)) {
		return g.rejectAll(ctx, tx, in, "receipt.other_content")
	}
	if err := tx.AddReceipt(ctx, in.receipt); err != nil {
		return err
	}
	if err := g.noteContradictions(ctx, tx, header, []Receipt{in.receipt}); err != nil {
		return err
	}
	in.answerAll(Taken, "")
	return g.answered(ctx, tx, in.directory, in.receipt, heard{in.from, header.From, in.at})
}

// about says whether the receipt speaks of the document that was sent, and of an office that it was sent to.
func (r Receipt) about(header Header) error {
	switch {
	case r.Document != header.ID || r.Content != header.Main.Digest && !r.AtDoor():
		return Errorf(Untrusted, "receipt.other_content", "receipt %s: content %s of %s", r.ID, r.Content, r.Document)
	case !slices.Contains(header.To, r.addressee()):
		return Errorf(Untrusted, "receipt.not_addressed", "receipt %s: %s is no recipient of %s", r.ID, r.Office, r.Document)
	}
	return nil
}

// passReceipt owes the receipt to the gateway of the document's origin; when the document did not come this way, or its
// gateway is no more, to the one of the office that it is for, or of who keeps that one's documents. There it is kept.
func (g *Gateway) passReceipt(ctx context.Context, tx Tx, in *intake, origin NodeID) error {
	states, err := tx.Deliveries(ctx, in.frame.ID)
	if err != nil {
		return err
	}
	for _, office := range in.frame.To {
		next, code := g.receiptWay(in, office, origin)
		passed := func(state DeliveryState) bool { return state.To == office && state.Node == next }
		switch {
		case code != "":
			err = g.reject(ctx, tx, in, office, code)
		case next == g.Node:
			err = g.keepReceipt(ctx, tx, in, office)
		case slices.ContainsFunc(states, passed):
			in.answer(office, Duplicate, "", nil)
		default:
			in.answer(office, Taken, "", nil)
			err = tx.AddDeliveries(ctx, []Delivery{
				{Message: in.frame.ID, To: office, Node: next, Lane: Urgent, At: in.at},
			})
		}
		if err != nil {
			return err
		}
	}
	if in.receipt.Status == Undeliverable {
		return tx.AddReceipt(ctx, in.receipt) // so that what is resent goes on from here
	}
	return nil
}

// receiptWay gives the next gateway on the way of a receipt, this one when it is kept here, or the code that says why
// there is none. What comes from where the document was issued is on its way to who keeps the office's documents.
func (g *Gateway) receiptWay(in *intake, office OfficeID, origin NodeID) (next NodeID, code string) {
	on := Today(in.at)
	goal, named := in.directory.answerGoal(office, origin, on)
	if !named {
		return "", "recipient.no_gateway"
	}
	next, err := in.directory.NextHop(g.Node, goal)
	_, ended := in.directory.Keeper(office, on)
	if err == nil && next == in.from && ended {
		if goal, named = in.directory.keeperHost(office, on); !named {
			return "", "recipient.no_gateway"
		}
		next, err = in.directory.NextHop(g.Node, goal)
	}
	if err != nil || next == in.from || next == g.Node && !ended {
		return "", "receipt.unknown_document"
	}
	return next, ""
}

// keepReceipt keeps an answer to a document that an office issued whose documents are kept by one of here.
func (g *Gateway) keepReceipt(ctx context.Context, tx Tx, in *intake, office OfficeID) error {
	receipts, err := tx.Receipts(ctx, in.receipt.Document)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(receipts, func(kept Receipt) bool { return kept.ID == in.receipt.ID }) {
		in.answer(office, Duplicate, "", nil)
		return nil
	}
	if err := tx.AddReceipt(ctx, in.receipt); err != nil {
		return err
	}
	in.answer(office, Taken, "", nil)
	return g.answered(ctx, tx, in.directory, in.receipt, heard{in.from, office, in.at})
}

// retargetReceipt brings an answer that was owed through a gateway that is no more to who keeps the documents of the
// office that asked. It waits, and the operator is told, while the directory names nobody.
func (g *Gateway) retargetReceipt(
	ctx context.Context, tx Tx, directory *Directory, stray Delivery, message Message,
) error {
	receipt, err := OpenReceipt(directory, message.Sealed)
	if err != nil {
		return nil //nolint:nilerr // its own gateway is no more, and nobody would believe it
	}
	about, err := tx.Message(ctx, MessageID(receipt.Document))
	if err != nil && KindOf(err) != NotFound {
		return err
	}
	at := g.now()
	goal, named := directory.answerGoal(stray.To, about.Origin, Today(at))
	if !named {
		g.Log.LogAttrs(ctx, slog.LevelWarn, "an answer waits: the directory does not name who keeps the documents",
			slog.String("office", string(stray.To)), slog.String("document", string(receipt.Document)))
		return nil
	}
	if err := tx.Acknowledge(ctx, stray.ID, Acknowledgement{Outcome: Moved, Code: codeSucceeded, At: at}); err != nil {
		return err
	}
	if goal == g.Node {
		if err := tx.AddReceipt(ctx, receipt); err != nil {
			return err
		}
		return g.answered(ctx, tx, directory, receipt, heard{g.Node, stray.To, at})
	}
	next, err := directory.NextHop(g.Node, goal)
	if err != nil {
		return err
	}
	detail := map[string]string{"peer": string(next), "instead": string(stray.Node), "receipt": string(receipt.ID)}
	if keeper, ended := directory.Keeper(stray.To, Today(at)); ended {
		directory.succession(detail, stray.To, keeper, Today(at))
	}
	_, err = tx.AppendLog(ctx, Entry{At: at, Act: "receipt.retargeted", Document: receipt.Document, Detail: detail})
	if err != nil {
		return err
	}
	stray.ID, stray.Node, stray.At = 0, next, at
	return tx.AddDeliveries(ctx, []Delivery{stray})
}

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
		if err := g.contradictionsAmong(ctx, tx, batch, done); err != nil {
			return err
		}
		return g.logAnswers(ctx, tx, batch, done)
	})
	if err != nil {
		return 0, err
	}
	g.alarmAnswers(ctx, batch, done)
	gone := make([]MessageID, len(done))
	for i, answered := range done {
		gone[i] = answered.ID
	}
	g.moved(gone)
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
	header, isDocument := batch.headers[answered.ID]
	if !isDocument {
		return nil
	}
	if answered.receipt.ID != "" {
		if err := tx.AddReceipt(ctx, answered.receipt); err != nil {
			return err
		}
	}
	if answered.Outcome == Taken || answered.Outcome == Duplicate || header.Node == g.Node {
		return nil
	}
	return g.passRefusal(ctx, tx, batch, answered)
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
