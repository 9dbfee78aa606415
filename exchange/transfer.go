package exchange

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// What an office that ended left open is handed on (chuyển giao) to who keeps its documents. When that one is at
// another gateway, the last gateway of the closed office sends a notice that carries the document as it was sealed, and
// the receipts it has signed about it; the other takes it in with a receipt of its own, which the issuing office gets,
// too, and says so in a notice back. Asked twice, both give what they gave first.

const (
	// Transferred is the status of a notice by which an open arrival goes to the gateway of who keeps the documents of the
	// office that ended.
	Transferred Status = "transferred"
	// TakenOver is the status of the notice back: it is there now, as the receipts in it prove.
	TakenOver Status = "taken_over"

	actTakenOver = "arrival.taken_over"
	mostHanded   = 200 // receipts or notices
)

// Handed is what a notice about a transfer carries, as it was sealed.
type Handed struct {
	Header   []byte    `json:"header,omitempty"`   // of the document
	Receipts [][]byte  `json:"receipts,omitempty"` // by the gateway of the notice
	Notices  [][]byte  `json:"notices,omitempty"`  // of the issuing office, oldest first
	Shown    time.Time `json:"shown,omitzero"`     // when it was first shown to anybody, UTC
}

// Transfer (chuyển giao) is the fact that an open arrival at an office that ended is up to who keeps its documents.
type Transfer struct {
	Arrival ArrivalID
	Heir    OfficeID
	Node    NodeID // of the heir
	At      time.Time
}

// TransferRecords is the part of a transaction that package transfer reads and writes.
type TransferRecords interface {
	// Unfinished lists arrivals at an office that are neither refused, completed, given back, filed nor answered, and not
	// transferred to the heir or to another gateway than the one here, in the order of their ids after one.
	Unfinished(ctx context.Context, at Estate, after ArrivalID, limit int) ([]Arrival, error)
	// AddTransfer records a transfer; false says that it was known.
	AddTransfer(ctx context.Context, transfer Transfer) (bool, error)
}

// Estate (phần việc để lại) is what an office that ended for good has left at its last gateway.
type Estate struct {
	Office OfficeID
	Heir   OfficeID // who keeps its documents
	Host   NodeID   // the gateway of the heir
	Here   NodeID   // the last of the office
}

// Estates lists what offices have left here that have ended for good, as far as the directory says to whom, by name.
func (g *Gateway) Estates() []Estate {
	directory, today := g.Directory(), g.today()
	var list []Estate
	for id, office := range directory.offices {
		if !office.Ended(today) || directory.lastHost(id) != g.Node {
			continue
		}
		heir, ok := directory.Keeper(id, today)
		host, err := directory.Host(heir, today)
		if ok && err == nil {
			list = append(list, Estate{id, heir, host, g.Node})
		}
	}
	slices.SortFunc(list, func(a, b Estate) int { return cmp.Compare(a.Office, b.Office) })
	return list
}

// lastHost gives the gateway of an office that ended on its last day; empty when it had none.
func (d *Directory) lastHost(id OfficeID) NodeID {
	host, err := d.Host(id, d.offices[id].Exists.To)
	if err != nil {
		return ""
	}
	return host
}

// Succession states both offices and their codes of the day, for the log.
func (d *Directory) Succession(closed, heir OfficeID, on Date) map[string]string {
	detail := map[string]string{}
	d.succession(detail, closed, heir, on)
	return detail
}

// HandedTo gives the receipt of the office that holds the copy now, when the one that had it has ended since and left
// it open.
func (p Progress) HandedTo() (last Receipt, handed bool) {
	for _, receipt := range p.Receipts {
		if receipt.Status != Arrived {
			continue
		}
		handed = last.ID != "" && last.Office != receipt.Office
		last = receipt
	}
	return last, handed
}

// checkTransfer judges who states a transfer: the last gateway of the office, about documents that came to it or to
// those before it.
func (n Notice) checkTransfer(directory *Directory) error {
	on := Today(n.At)
	office, err := directory.Office(n.From)
	if err != nil || !office.Ended(on) || directory.lastHost(n.From) != n.Node {
		return Errorf(Untrusted, "message.not_its_office", "gateway %s does not hand on for %s", n.Node, n.From)
	}
	for _, addressed := range n.To {
		if !slices.Contains(directory.Line(addressed, on), n.From) {
			return Errorf(Untrusted, "message.not_its_office", "%s did not keep the documents of %s", n.From, addressed)
		}
	}
	return nil
}

// handedIn is what a notice carries, opened and checked.
type handedIn struct {
	receipts []Receipt
	notices  []Notice
}

// checkHanded opens what the notice carries: all of it is about the one document, and the document was addressed to the
// offices of the notice.
func (in *intake) checkHanded(opener *opener) (err error) {
	notice := in.notice
	if notice.Goal == "" {
		return nil
	}
	handed := notice.Handed
	if handed == nil || len(handed.Receipts) == 0 || max(len(handed.Receipts), len(handed.Notices)) > mostHanded {
		return Errorf(Invalid, "message.incomplete", "notice %q carries nothing", notice.ID)
	}
	for _, sealed := range handed.Receipts {
		receipt, err := opener.receipt(sealed)
		if err != nil {
			return err
		}
		if receipt.Node != notice.Node || receipt.Document != notice.Document || receipt.Content != notice.Content {
			return Errorf(Untrusted, "receipt.other_content", "receipt %s in notice %s", receipt.ID, notice.ID)
		}
		in.handed.receipts = append(in.handed.receipts, receipt)
	}
	if notice.Status == TakenOver {
		return nil
	}
	return in.checkHandedDocument(opener, handed)
}

func (in *intake) checkHandedDocument(opener *opener, handed *Handed) (err error) {
	if in.header, err = opener.header(handed.Header); err != nil {
		return err
	}
	if err := in.header.check(in.directory, in.at); err != nil {
		return err
	}
	to := slices.Clone(in.header.To)
	for _, sealed := range handed.Notices {
		notice, err := opener.notice(sealed)
		if err != nil {
			return err
		}
		if !notice.about(in.header) {
			return Errorf(Untrusted, "message.not_its_office", "notice %s is not of %s", notice.ID, in.header.From)
		}
		if notice.Status == RecipientsAdded {
			to = append(to, notice.To...)
		}
		in.handed.notices = append(in.handed.notices, notice)
	}
	if in.header.ID != in.notice.Document || in.header.Main.Digest != in.notice.Content ||
		slices.ContainsFunc(in.notice.To, func(office OfficeID) bool { return !slices.Contains(to, office) }) {
		return Errorf(Untrusted, "receipt.not_addressed", "notice %s hands on another document", in.notice.ID)
	}
	return nil
}

// brings lists the files that must be there before the frame can be taken.
func (in *intake) brings() []Digest {
	if in.refusal != nil || in.frame.Kind == ReceiptMessage || in.header.ID == "" {
		return nil
	}
	return in.header.Blobs()
}

// takeForNode takes in a notice that goes to a gateway, or owes it onward.
func (g *Gateway) takeForNode(ctx context.Context, tx Tx, in *intake) error {
	next, err := in.directory.NextHop(g.Node, in.notice.Goal)
	switch {
	case err != nil:
		in.answerAll(Rejected, "recipient.no_gateway")
		return nil //nolint:nilerr // the answer says it
	case next == in.from && next != g.Node:
		in.answerAll(Rejected, "route.circle")
		return nil
	case next != g.Node:
		return g.passOn(ctx, tx, in, next)
	case in.notice.Status == TakenOver:
		return g.heardTakenOver(ctx, tx, in)
	}
	return g.takeOver(ctx, tx, in)
}

func (*Gateway) passOn(ctx context.Context, tx Tx, in *intake, next NodeID) error {
	states, err := tx.Deliveries(ctx, in.frame.ID)
	if err != nil {
		return err
	}
	for _, office := range in.frame.To {
		if slices.ContainsFunc(states, func(s DeliveryState) bool { return s.To == office && s.Node == next }) {
			in.answer(office, Duplicate, "", nil)
			continue
		}
		in.answer(office, Taken, "", nil)
		delivery := Delivery{Message: in.frame.ID, To: office, Node: next, Lane: Express, At: in.at}
		if err := tx.AddDeliveries(ctx, []Delivery{delivery}); err != nil {
			return err
		}
	}
	return nil
}
