package exchange

import (
	"cmp"
	"context"
	"slices"
)

// Heir gives the office that alone has taken over the duties of one that ended, by merger or renaming, and so on when
// it has ended, too. There is none when the office lives, when nobody took over, and when several did or by division
// or transfer: then a person chooses.
func (d *Directory) Heir(id OfficeID, on Date) (heir OfficeID, ok bool) {
	for { // loading has refused circles
		office, known := d.offices[id]
		if !known || !office.Exists.ended(on) {
			return id, known && ok
		}
		if len(office.Successors) != 1 || !slices.Contains([]string{"merge", "rename"}, office.Successors[0].Kind) {
			return "", false
		}
		id, ok = office.Successors[0].Office, true
	}
}

// Keeper gives the office that keeps the documents of one that ended and goes on with what was begun on them: its heir,
// or among several successors the one that the directory names; and so on when that has ended, too. There is none while
// the office lives, and when nobody was named.
func (d *Directory) Keeper(id OfficeID, on Date) (keeper OfficeID, ok bool) {
	for {
		office, known := d.offices[id]
		if !known || !office.Exists.ended(on) {
			return id, known && ok
		}
		if id, ok = office.keptBy(), true; id == "" {
			return "", false
		}
	}
}

// Line gives the office and, one after the other, who went on with its documents until the day.
func (d *Directory) Line(id OfficeID, on Date) []OfficeID {
	line := []OfficeID{id}
	for {
		office, known := d.offices[id]
		if !known || !office.Exists.ended(on) {
			return line
		}
		if id = office.keptBy(); id == "" {
			return line
		}
		line = append(line, id)
	}
}

// keptBy is the successor that keeps the documents, or empty.
func (o *Office) keptBy() OfficeID {
	if len(o.Successors) == 1 && slices.Contains([]string{"merge", "rename"}, o.Successors[0].Kind) {
		return o.Successors[0].Office
	}
	for _, successor := range o.Successors {
		if successor.Files {
			return successor.Office
		}
	}
	return ""
}

// Inherited lists the offices that have ended and whose documents the office keeps.
func (d *Directory) Inherited(id OfficeID, on Date) []OfficeID {
	var list []OfficeID
	for _, ended := range d.kept[id] {
		if d.offices[ended].Exists.ended(on) {
			list = append(append(list, ended), d.Inherited(ended, on)...)
		}
	}
	return list
}

// issues says whether the office may issue and answer on the day: it exists, or is being wound up.
func (o Office) issues(on Date) bool {
	return o.Exists.Contains(on) || o.Exists.ended(on) && on <= o.IssueUntil
}

// Ended says whether the office is over for good on the day: it neither exists nor is wound up.
func (o Office) Ended(on Date) bool { return o.Exists.ended(on) && !o.issues(on) }

// Speaker gives the gateway that speaks for the office on the day: its host, and while it is wound up the one that was
// its host last. Error: office.no_host.
func (d *Directory) Speaker(id OfficeID, on Date) (NodeID, error) {
	if office, known := d.offices[id]; known && office.Exists.ended(on) && office.issues(on) {
		on = office.Exists.To
	}
	return d.Host(id, on)
}

// Addressee gives who takes in on the day what was issued to the office on another: the office itself while it exists;
// its heir when the office ended while the document was on its way, or is forwarded for still. Without a day of issue
// it is who keeps the office's documents: that is for what is said later about one. Errors are those of
// [Directory.Recipient].
func (d *Directory) Addressee(id OfficeID, issued, on Date) (OfficeID, error) {
	_, err := d.Recipient(id, on)
	if err == nil {
		return id, nil
	}
	office, known := d.offices[id]
	if !known || !office.Exists.ended(on) {
		return "", err
	}
	if keeper, ok := d.Keeper(id, on); ok && issued == "" {
		return keeper, nil
	}
	heir, ok := d.Heir(id, on)
	if ok && issued != "" && (office.Exists.Contains(issued) || issued <= office.ForwardUntil) {
		return heir, nil
	}
	return "", err
}

// hostOf gives the gateway of whoever takes in for the office.
func (d *Directory) hostOf(id OfficeID, issued, on Date) (NodeID, error) {
	goal, err := d.Addressee(id, issued, on)
	if err != nil {
		return "", err
	}
	host, err := d.Host(goal, on)
	if err != nil {
		return "", Errorf(Conflict, "recipient.no_gateway", "%w", err)
	}
	return host, nil
}

// hop gives the next gateway on the way to the office.
func (g *Gateway) hop(directory *Directory, id OfficeID, issued, on Date) (NodeID, error) {
	host, err := directory.hostOf(id, issued, on)
	if err != nil {
		return "", err
	}
	next, err := directory.NextHop(g.Node, host)
	if err != nil {
		return "", Errorf(Conflict, "recipient.no_gateway", "%w", err)
	}
	return next, nil
}

// addressee is the office that the document was addressed to: the one that ended, when an heir speaks.
func (r Receipt) addressee() OfficeID { return cmp.Or(r.For, r.Office) }

// inherits says whether the office that speaks is the heir of the one that the document was addressed to.
func (r Receipt) inherits(directory *Directory) error {
	if r.For == "" {
		return nil
	}
	on := Today(r.At)
	heir, inherits := directory.Heir(r.For, on)
	keeper, keeps := directory.Keeper(r.For, on)
	if (!inherits || heir != r.Office) && (!keeps || keeper != r.Office) {
		return Errorf(Untrusted, "receipt.not_its_heir", "%s is not the heir of %s", r.Office, r.For)
	}
	return nil
}

// InheritedFrom gives the closed office to which the document was addressed; empty when the arrival's own office was.
func (a Arrival) InheritedFrom() OfficeID {
	var from OfficeID
	for _, receipt := range a.Receipts {
		if receipt.Status == Arrived && receipt.For == "" {
			return ""
		}
		from = cmp.Or(from, receipt.For)
	}
	return from
}

// inTheNameOf says who states a receipt about an arrival today: the office at which it arrived, or who keeps its
// documents since it ended.
func (g *Gateway) inTheNameOf(receipt *Receipt, arrival Arrival) {
	directory, today := g.Directory(), g.today()
	receipt.Office, receipt.For = arrival.Office, arrival.InheritedFrom()
	office, err := directory.Office(arrival.Office)
	keeper, ok := directory.Keeper(arrival.Office, today)
	if err == nil && ok && office.Ended(today) {
		receipt.Office, receipt.For, receipt.Arrival = keeper, cmp.Or(receipt.For, arrival.Office), arrival.ID
	}
}

// succession states both offices and their codes, for the log.
func (d *Directory) succession(detail map[string]string, closed, heir OfficeID, on Date) {
	detail["for"], detail["heir"] = string(closed), string(heir)
	for key, id := range map[string]OfficeID{"for_code": closed, "heir_code": heir} {
		if code := d.Code(id, on); code != "" {
			detail[key] = code
		}
	}
}

// Code gives the office's code of the day, or of its last; empty when it has none.
func (d *Directory) Code(id OfficeID, on Date) string {
	office, known := d.offices[id]
	if !known {
		return ""
	}
	if office.Exists.ended(on) {
		on = office.Exists.To
	}
	return cmp.Or(office.CodeOn(QD20, on), office.CodeOn(QCVN102, on))
}

// retargeted is a delivery that the directory of today brings elsewhere.
type retargeted struct {
	delivery Delivery
	header   Header // of a notice no more than what it says of its document
	issued   Date   // empty for a notice; see [Directory.Addressee]
	next     NodeID
}

// strayed reads what a delivery brings: a document, or what was said later about one; nothing of a transfer.
func strayed(delivery Delivery, message Message) (retargeted, error) {
	if message.Kind == NoticeMessage {
		notice, err := storedNotice(message)
		if notice.Goal != "" { // package transfer hands it on anew
			return retargeted{}, err
		}
		header := Header{ID: notice.Document, From: cmp.Or(notice.For, notice.From), Node: notice.Node}
		return retargeted{delivery: delivery, header: header}, err
	}
	header, err := storedHeader(message)
	return retargeted{delivery: delivery, header: header, issued: Today(header.IssuedAt)}, err
}

// Retarget looks at what is owed by gateways that are no more. It goes by the way of today from now on, to the heir
// when its office has ended, which the log says with both offices; or it is parked with the reason, and the gateway
// that issued the document is told. A gateway that is there still is asked: it may have taken the document in before
// its office ended, and only its answer tells. Called again it finds nothing to do.
func (g *Gateway) Retarget(ctx context.Context) error {
	directory := g.Directory()
	var stray []Delivery
	find := func(tx Tx) (err error) {
		stray, err = astray(ctx, tx, directory)
		return err
	}
	if err := g.Records.View(ctx, find); err != nil || len(stray) == 0 {
		return err
	}
	return g.Records.Update(ctx, func(tx Tx) error {
		if err := find(tx); err != nil { // another instance may have been quicker
			return err
		}
		for _, delivery := range stray {
			if err := g.retargetOne(ctx, tx, directory, delivery); err != nil {
				return err
			}
		}
		return nil
	})
}

// astray lists what is owed through gateways that are no more.
func astray(ctx context.Context, tx Tx, directory *Directory) ([]Delivery, error) {
	nodes, err := tx.OwedNodes(ctx)
	if err != nil {
		return nil, err
	}
	var stray []Delivery
	for _, node := range nodes {
		if _, there := directory.nodes[node]; there {
			continue
		}
		owed, err := tx.Owed(ctx, node, maxOwed)
		if err != nil {
			return nil, err
		}
		stray = append(stray, owed...)
	}
	return stray, nil
}

func (g *Gateway) retargetOne(ctx context.Context, tx Tx, directory *Directory, delivery Delivery) error {
	message, err := tx.Message(ctx, delivery.Message)
	if err != nil {
		return err
	}
	if message.Kind == ReceiptMessage {
		return g.retargetReceipt(ctx, tx, directory, delivery, message)
	}
	found, err := strayed(delivery, message)
	if err != nil || found.header.ID == "" {
		return err
	}
	found.next, err = g.hop(directory, delivery.To, found.issued, g.today())
	switch {
	case err == nil:
		return g.redirect(ctx, tx, directory, found)
	case message.Kind == NoticeMessage:
		return nil // it waits: the directory may name somebody yet
	}
	return g.park(ctx, tx, directory, found, CodeOf(err))
}

// sentBack owes a document or a notice by the way of today when the gateway that was asked has not taken it and says
// that who goes on is not behind it, and says whether there was one to send it to.
func (g *Gateway) sentBack(ctx context.Context, tx Tx, batch batch, answered answered) (bool, error) {
	if answered.Outcome != Rejected || answered.Code != codeSucceeded {
		return false, nil
	}
	message, err := tx.Message(ctx, answered.ID)
	if err != nil || message.Kind == ReceiptMessage {
		return false, err
	}
	found, err := strayed(answered.delivery, message)
	if err != nil || found.header.ID == "" {
		return false, err
	}
	found.next, err = g.hop(batch.directory, answered.To, found.issued, Today(batch.at))
	if err != nil || found.next == batch.node.ID {
		return false, nil //nolint:nilerr // it is undeliverable then
	}
	return true, g.redirect(ctx, tx, batch.directory, found)
}

// codeSucceeded says that an office has ended and that its heir is not behind the gateway that was asked.
const codeSucceeded = "recipient.succeeded"

// redirect ends a delivery and owes it by the other way, in one.
func (g *Gateway) redirect(ctx context.Context, tx Tx, directory *Directory, found retargeted) error {
	at := g.now()
	err := tx.Acknowledge(ctx, found.delivery.ID, Acknowledgement{Outcome: Moved, Code: codeSucceeded, At: at})
	if err != nil {
		return err
	}
	again := found.delivery
	again.ID, again.Node, again.At = 0, found.next, at
	if err := tx.AddDeliveries(ctx, []Delivery{again}); err != nil {
		return err
	}
	detail := map[string]string{
		"peer": string(found.next), "instead": string(found.delivery.Node),
		"message": string(found.delivery.Message),
	}
	goal, err := directory.Addressee(again.To, found.issued, Today(at))
	if err != nil {
		return err
	}
	directory.succession(detail, again.To, goal, Today(at))
	entry := Entry{At: at, Act: "document.retargeted", Document: found.header.ID, Detail: detail}
	if found.header.Node == g.Node {
		entry.Office = found.header.From
	}
	_, err = tx.AppendLog(ctx, entry)
	return err
}

// park ends a delivery that has no way any more, as if the next gateway had refused it.
func (g *Gateway) park(
	ctx context.Context, tx Tx, directory *Directory, found retargeted, code string,
) error {
	b := batch{
		directory: directory, node: Node{ID: g.Node}, at: g.now(),
		headers: map[MessageID]Header{found.delivery.Message: found.header},
	}
	done := answered{delivery: found.delivery, Answer: Answer{
		ID: found.delivery.Message, To: found.delivery.To, Outcome: Rejected, Code: code,
	}}
	if err := g.settleOne(ctx, tx, b, done); err != nil {
		return err
	}
	return g.logAnswers(ctx, tx, b, []answered{done})
}
