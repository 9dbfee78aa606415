package handover

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"congvan/exchange"
)

// Occurrence is one thing that happened, as a document system is told it: always the same bytes for the same id.
type Occurrence struct {
	ID        string         `json:"id"`        // the gateway and the line of its log
	Type      string         `json:"type"`      // the act, such as arrival.received
	Timestamp time.Time      `json:"timestamp"` // when it happened, UTC
	Data      OccurrenceData `json:"data"`
}

// OccurrenceData says to which document something happened, and what.
type OccurrenceData struct {
	Office      exchange.OfficeID   `json:"office"`         // that it concerns
	Heir        exchange.OfficeID   `json:"heir,omitempty"` // whose system is told, when Office has ended
	Document    exchange.DocumentID `json:"document,omitempty"`
	Arrival     exchange.ArrivalID  `json:"arrival,omitempty"`
	From        exchange.OfficeID   `json:"from,omitempty"` // that issued it
	FromName    string              `json:"from_name,omitempty"`
	Kind        exchange.Kind       `json:"kind,omitempty"`
	Subject     string              `json:"subject,omitempty"`
	Number      string              `json:"number,omitempty"` // số và ký hiệu
	Date        exchange.Date       `json:"date,omitempty"`
	Urgency     exchange.Urgency    `json:"urgency,omitempty"`
	RepliesTo   exchange.DocumentID `json:"replies_to,omitempty"`
	DueOn       exchange.Date       `json:"due_on,omitempty"`
	Unit        string              `json:"unit,omitempty"`
	File        *exchange.File      `json:"file,omitempty"`
	Attachments []exchange.File     `json:"attachments,omitempty"`
	Verdict     string              `json:"verdict,omitempty"`   // of the signatures
	Recipient   exchange.OfficeID   `json:"recipient,omitempty"` // about whose copy a receipt speaks
	Status      exchange.Status     `json:"status,omitempty"`    // that a receipt states
	Reason      string              `json:"reason,omitempty"`    // of a refusal
	Outcome     exchange.Outcome    `json:"outcome,omitempty"`   // of a delivery
	Recipients  int                 `json:"recipients,omitempty"`
	Entered     int                 `json:"entered,omitempty"` // số đến
}

// The acts by which a document system learns of a document.
const (
	arrived   = "arrival.received"
	inherited = exchange.ActInherited // it was at an office that ended
)

// topics are the acts of the log that document systems are told, by what they are about.
var topics = map[string]string{
	arrived:               "arrival",
	inherited:             "arrival",
	"arrival.judged":      "judgement",
	"arrival.accepted":    "decision",
	"arrival.refused":     "decision",
	"arrival.assigned":    "decision",
	"arrival.in_progress": "decision",
	"arrival.completed":   "decision",

	"arrival.recall_requested": "recall",
	"arrival.recalled":         "recall",
	"arrival.recall_refused":   "recall",

	"document.issued":    "status",
	"document.delivered": "status",
	"receipt.received":   "status",
}

// about is what the rule of a mailbox looks at.
type about struct {
	topic string
	kind  exchange.Kind
	unit  string
}

func (a about) fits(order exchange.MailboxOrder) bool {
	return (len(order.Topics) == 0 || slices.Contains(order.Topics, a.topic)) &&
		(len(order.Kinds) == 0 || slices.Contains(order.Kinds, a.kind)) &&
		(len(order.Units) == 0 || slices.Contains(order.Units, a.unit))
}

func idOf(node exchange.NodeID, index int64) string {
	return string(node) + "-" + strconv.FormatInt(index, 10)
}

func indexOf(node exchange.NodeID, id string) (int64, error) {
	digits, ours := strings.CutPrefix(id, string(node)+"-")
	index, err := strconv.ParseInt(digits, 10, 64)
	if !ours || err != nil || idOf(node, index) != id {
		return 0, exchange.Errorf(exchange.NotFound, "mailbox.not_offered", "event %.80q", id)
	}
	return index, nil
}

// eventOf tells a line of the log. Everything in it is a fact that does not change any more, so that an event given
// again is the same.
func eventOf(
	ctx context.Context, tx exchange.Tx, to teller, entry exchange.Entry,
) (Occurrence, about, error) {
	event := Occurrence{ID: idOf(to.node, entry.Index), Type: entry.Act, Timestamp: entry.At, Data: OccurrenceData{
		Office: whose(entry), Document: entry.Document, Arrival: exchange.ArrivalID(entry.Detail["arrival"]),
		Verdict: entry.Detail["verdict"], Outcome: exchange.Outcome(entry.Detail["outcome"]),
		Recipient: exchange.OfficeID(entry.Detail["office"]), Status: exchange.Status(entry.Detail["status"]),
	}}
	data := &event.Data
	if data.Office != to.office {
		data.Heir = to.office
	}
	data.Recipients, _ = strconv.Atoi(entry.Detail["offices"]) // absent: 0
	var err error
	if data.Arrival != "" {
		data.Entered, _ = strconv.Atoi(entry.Detail["number"])
		err = data.arrival(ctx, tx)
	} else {
		err = data.document(ctx, tx, entry.Detail["receipt"])
	}
	return event, about{topics[entry.Act], data.Kind, data.Unit}, err
}

func (d *OccurrenceData) arrival(ctx context.Context, tx exchange.Tx) error {
	arrival, err := tx.Arrival(ctx, d.Office, d.Arrival)
	if err != nil {
		return err
	}
	header := arrival.Header
	d.From, d.FromName, d.Kind, d.Subject = header.From, header.FromName, header.Kind, header.Subject
	d.Number, d.Date, d.Urgency = header.Numbering.String(), header.Numbering.Date, header.Urgency
	d.RepliesTo, d.DueOn, d.File, d.Attachments = header.RepliesTo, header.DueOn, &header.Main, header.Attachments
	if header.RepliesTo == "" {
		return nil
	}
	asked, err := tx.Document(ctx, d.Office, header.RepliesTo)
	if err != nil && exchange.KindOf(err) != exchange.NotFound {
		return err
	}
	d.Unit = asked.Unit // of no unit when it answers somebody else's
	return nil
}

func (d *OccurrenceData) document(ctx context.Context, tx exchange.Tx, receipt string) error {
	document, err := tx.Document(ctx, d.Office, d.Document)
	if err != nil {
		return err
	}
	file := document.Current()
	d.From, d.Kind, d.Subject, d.Unit = document.Office, document.Kind, document.Subject, document.Unit
	d.Number, d.Date, d.Urgency = document.Numbering.String(), document.Numbering.Date, document.Urgency
	d.RepliesTo, d.DueOn, d.File = document.RepliesTo, document.DueOn, &file
	if d.Status != exchange.Refused && d.Status != exchange.Undeliverable {
		return nil
	}
	receipts, err := tx.Receipts(ctx, d.Document)
	for _, one := range receipts {
		if string(one.Digest()) == receipt {
			d.Reason = one.Reason
		}
	}
	return err
}
