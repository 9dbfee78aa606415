package exchange

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"strconv"
	"time"
)

// Notice (thông báo) is what an issuing office states about a document after it was sent. A recall (thu hồi) is the
// notice with the status [RecallRequested]; one with [RecipientsAdded] adds its offices to those that the document is
// addressed to (cập nhật, type 2 of edXML); others of a later version are kept, passed on and have no effect. It
// travels like a document, a recall behind it and an addition before it, and the sealed bytes are what counts.
type Notice struct {
	ID       MessageID  `json:"id"`
	Document DocumentID `json:"document"`
	Content  Digest     `json:"content"`       // of the main file that the statement is about
	From     OfficeID   `json:"from"`          // that issued the document, or keeps those of the office that did and ended
	For      OfficeID   `json:"for,omitempty"` // that issued the document, when From keeps it
	To       []OfficeID `json:"to"`            // of its recipients, those that are told
	Node     NodeID     `json:"node"`          // that sealed it
	Status   Status     `json:"status"`
	Instead  OfficeID   `json:"instead,omitempty"` // of the recipients, the one in whose place To are added
	Reason   string     `json:"reason"`            // mandatory for a recall
	By       string     `json:"by,omitempty"`      // the person who acted
	At       time.Time  `json:"at"`                // UTC
	Goal     NodeID     `json:"goal,omitempty"`    // of a transfer: the gateway that it goes to, instead of those of To
	Handed   *Handed    `json:"handed,omitempty"`  // of a transfer
}

// RecipientsAdded is the status of a notice that adds recipients.
const RecipientsAdded Status = "added"

const noticeType = "congvan.notice.1"

type sealedNotice struct {
	Type string `json:"type"`
	Notice
}

func (s *sealedNotice) form() string { return s.Type }

// NoticeRecords keep notices, who was shown what, and how documents name each other.
type NoticeRecords interface {
	// AddNotice records a notice that was made or came here. A known id changes nothing. Notices gives those about a
	// document in the order in which they were recorded.
	AddNotice(ctx context.Context, notice Notice) error
	Notices(ctx context.Context, document DocumentID) ([]Notice, error)
	// Heed records that a notice has had its effect at an office; heeded says that it had before.
	Heed(ctx context.Context, notice MessageID, office OfficeID) (heeded bool, err error)

	// ArrivalOf gives the arrival of a document at an office. NotFound: arrival.not_found.
	ArrivalOf(ctx context.Context, office OfficeID, document DocumentID) (Arrival, error)
	// MarkShown records that an arrival was shown to a person or handed to a system. Asked again it changes nothing.
	MarkShown(ctx context.Context, id ArrivalID, at time.Time, by string) error
	// MarkWithdrawn takes an arrival out of all lists but Withdrawn, which gives those of an office, newest first.
	MarkWithdrawn(ctx context.Context, id ArrivalID, at time.Time) error
	Withdrawn(ctx context.Context, office OfficeID, page Page) ([]Arrival, error)

	// AddTies records how documents name others. Known ones change nothing. Ties gives those from or to a document, in
	// the order in which they were recorded. They belong to no office: what one may see is looked up with the office.
	AddTies(ctx context.Context, ties []Tie) error
	Ties(ctx context.Context, document DocumentID) ([]Tie, error)
}

// Tie is that a document names another one, which may not be known here.
type Tie struct {
	Kind   TieKind
	Source DocumentID // that names
	Target DocumentID // that is named
	From   OfficeID   // that issued Source
}

// TieKind says as what a document names another.
type TieKind string

// The kinds of tie.
const (
	Answers  TieKind = "answers"  // phúc đáp
	Replaces TieKind = "replaces" // thay thế
	Copies   TieKind = "copies"   // sao từ
)

// ties are those that the header states.
func (h Header) ties() []Tie {
	var ties []Tie
	add := func(kind TieKind, target DocumentID) {
		ties = append(ties, Tie{Kind: kind, Source: h.ID, Target: target, From: h.From})
	}
	if h.RepliesTo != "" {
		add(Answers, h.RepliesTo)
	}
	for _, replaced := range h.Replaces {
		add(Replaces, replaced)
	}
	if h.CopyOf != nil {
		add(Copies, h.CopyOf.Document)
	}
	return ties
}

// OpenNotice checks a sealed notice by itself and against the directory. Errors are those of [OpenReceipt].
func OpenNotice(directory *Directory, sealed []byte) (Notice, error) {
	return newOpener(directory).notice(sealed)
}

// storedNotice reads the notice of a message that was checked when it was stored.
func storedNotice(message Message) (Notice, error) {
	var statement sealedNotice
	err := stored(message, &statement)
	return statement.Notice, err
}

// check judges a notice by itself and whether its gateway may speak for the office.
func (n Notice) check(directory *Directory, now time.Time) error {
	switch {
	case n.At.After(now.Add(clockSkew)):
		return Errorf(Invalid, "message.from_future", "made at %s, now %s", n.At, now)
	case !ValidID(string(n.ID)) || !ValidID(string(n.Document)) || !n.Content.Valid() || n.Status == "" ||
		len(n.Status) > 20 || !isText(n.By, 0, maxName) || !isText(n.Reason, 0, longestReason) ||
		n.Status != RecipientsAdded && n.Goal == "" && !ValidReason(n.Reason) ||
		(n.Status == Transferred || n.Status == TakenOver) != (n.Goal != "") ||
		len(n.To) == 0 || len(n.To) > MaxRecipients:
		return Errorf(Invalid, "message.incomplete", "notice %q", n.ID)
	}
	if n.Status == Transferred {
		return n.checkTransfer(directory)
	}
	if host, err := directory.Speaker(n.From, Today(n.At)); err != nil || host != n.Node {
		return Errorf(Untrusted, "message.not_its_office", "gateway %s does not send for %s", n.Node, n.From)
	}
	if keeper, ok := directory.Keeper(n.For, Today(n.At)); n.For != "" && (!ok || keeper != n.From) {
		return Errorf(Untrusted, "message.not_its_office", "%s does not keep the documents of %s", n.From, n.For)
	}
	return nil
}

// Notify seals a notice of an office here, and owes it to each of its offices that can be reached, in one transaction
// with its log entry, of which the caller gives act, actor and further details. Those to whom there is no way today are
// left out of the deliveries; when that is all of them, it is the Conflict recall.no_way.
func (g *Gateway) Notify(ctx context.Context, tx Tx, notice Notice, entry Entry) (Notice, error) {
	id, err := g.NewID()
	if err != nil {
		return Notice{}, err
	}
	notice.ID, notice.Node, notice.At = MessageID(id), g.Node, g.now()
	sealed, err := g.seal(sealedNotice{noticeType, notice})
	if err != nil {
		return Notice{}, fmt.Errorf("seal notice %s: %w", notice.ID, err)
	}
	directory := g.Directory()
	var deliveries []Delivery
	for _, office := range notice.To {
		next, err := g.noticeHop(directory, notice, office)
		if err != nil {
			continue
		}
		deliveries = append(deliveries, Delivery{Message: notice.ID, To: office, Node: next, Lane: Express, At: notice.At})
	}
	if len(deliveries) == 0 {
		return Notice{}, Errorf(Conflict, "recall.no_way", "no gateway for any of %d offices", len(notice.To))
	}
	if len(sealed) > MaxSealed {
		return Notice{}, Errorf(Invalid, "message.too_large", "notice about %s: %d bytes", notice.Document, len(sealed))
	}
	message := Message{ID: notice.ID, Kind: NoticeMessage, Origin: g.Node, Sealed: sealed, At: notice.At}
	if _, _, err := tx.AddMessage(ctx, message); err != nil {
		return Notice{}, err
	}
	if err := tx.AddNotice(ctx, notice.bare()); err != nil {
		return Notice{}, err
	}
	if err := tx.AddDeliveries(ctx, deliveries); err != nil {
		return Notice{}, err
	}
	entry.At, entry.Office, entry.Document = notice.At, cmp.Or(notice.For, notice.From), notice.Document
	entry.Detail = maps.Clone(entry.Detail)
	if entry.Detail == nil {
		entry.Detail = map[string]string{}
	}
	entry.Detail["message"] = string(digestOf(sealed))
	entry.Detail["reason"] = string(digestOf([]byte(notice.Reason)))
	entry.Detail["recipients"] = strconv.Itoa(len(deliveries))
	_, err = tx.AppendLog(ctx, entry)
	return notice, err
}

// noticeHop gives the next gateway on the way of a notice for an office: to its gateway, or to the one that it goes to.
func (g *Gateway) noticeHop(directory *Directory, notice Notice, office OfficeID) (NodeID, error) {
	if notice.Goal != "" {
		return directory.NextHop(g.Node, notice.Goal)
	}
	return g.hop(directory, office, "", Today(notice.At))
}

// State makes a receipt of this gateway about an arrival: it logs the act, seals and records the receipt, and owes it
// to the gateway that issued the document.
func (g *Gateway) State(ctx context.Context, tx Tx, arrival Arrival, receipt Receipt, act string) (Receipt, error) {
	receipt.At = g.now()
	g.inTheNameOf(&receipt, arrival)
	detail := map[string]string{"arrival": string(arrival.ID), "digest": string(arrival.Header.Main.Digest)}
	if receipt.Reason != "" {
		detail["reason"] = string(digestOf([]byte(receipt.Reason)))
	}
	receipt, err := g.receipt(ctx, tx, arrival.Header, receipt,
		Entry{Act: act, Actor: receipt.By, Office: arrival.Office, Detail: detail})
	if err != nil {
		return Receipt{}, err
	}
	if err := tx.AddReceipt(ctx, receipt); err != nil {
		return Receipt{}, err
	}
	return receipt, g.sendReceipt(ctx, tx, g.Directory(), arrival.Header, receipt)
}

// Commit runs fn in one transaction and then has delivered what it owes, at once.
func (g *Gateway) Commit(ctx context.Context, fn func(tx Tx) error) error {
	err := g.Records.Update(ctx, fn)
	if err == nil {
		g.wakeDelivery()
	}
	return err
}
