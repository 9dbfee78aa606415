package api

import (
	"time"

	"congvan/exchange"
	"congvan/signing"
)

// Arrival is an incoming document (văn bản đến) as programs see it.
type Arrival struct {
	ID          exchange.ArrivalID    `json:"id" doc:"A ULID of this gateway"`
	Document    exchange.DocumentID   `json:"document" doc:"The id that the issuing gateway gave"`
	Status      exchange.Status       `json:"status" doc:"01 đến, 02 từ chối, 03 tiếp nhận, 04, 05, 06 xử lý"`
	From        OfficeName            `json:"from" doc:"That issued it"`
	To          OfficeName            `json:"to" doc:"The office at which it arrived"`
	For         *OfficeName           `json:"for,omitempty" doc:"The closed office it was addressed to, whose heir To is"`
	Kind        exchange.Kind         `json:"kind"`
	KindName    string                `json:"kind_name"`
	Subject     string                `json:"subject" doc:"Trích yếu"`
	Number      string                `json:"number" doc:"Số và ký hiệu of the issuing office"`
	Date        exchange.Date         `json:"date" doc:"Ngày ban hành"`
	Urgency     exchange.Urgency      `json:"urgency"`
	Signatory   exchange.Signatory    `json:"signatory"`
	RepliesTo   exchange.DocumentID   `json:"replies_to,omitempty"`
	Replaces    []exchange.DocumentID `json:"replaces,omitempty" doc:"Thay thế"`
	CopyOf      *exchange.Original    `json:"copy_of,omitempty" doc:"Bản sao: what it was made of"`
	Recall      exchange.Status       `json:"recall,omitempty" doc:"13 asked back, 15 given back, 16 refused"`
	DueOn       exchange.Date         `json:"due_on,omitempty"`
	IssuedAt    time.Time             `json:"issued_at" doc:"UTC"`
	ArrivedAt   time.Time             `json:"arrived_at" doc:"UTC"`
	File        exchange.File         `json:"file"`
	Attachments []exchange.File       `json:"attachments"`
	Judgement   *Judgement            `json:"judgement,omitempty" doc:"Absent until the signatures have been examined"`
	Receipts    []Receipt             `json:"receipts" doc:"Made here about it, oldest first"`
	FiledAt     *time.Time            `json:"filed_at,omitempty" doc:"UTC; when the archive took it"`
	Lacking     *Lacking              `json:"lacking,omitempty" doc:"What should have come before it; absent when it has"`
}

// Lacking is what an arrival answers or replaces and has not come to its office yet.
type Lacking struct {
	Documents []exchange.DocumentID `json:"documents" doc:"The ids that the issuing gateway gave"`
	Text      string                `json:"text" doc:"What to do, in the language asked for"`
}

// LackingOf says of an arrival what should have come before it; nil when nothing is lacking.
func LackingOf(documents []exchange.DocumentID, lang Lang) *Lacking {
	if len(documents) == 0 {
		return nil
	}
	return &Lacking{documents, Sentence("arrival.lacking", lang)}
}

// Judgement says in short how the signatures of an arrival were judged; the whole is at /inbox/{id}/report.
type Judgement struct {
	Verdict  string    `json:"verdict" enum:"passed,indeterminate,failed,unsigned"`
	Headline string    `json:"headline" doc:"The verdict in the language asked for"`
	Findings []string  `json:"findings" doc:"Stable codes: what the law asks of the signatures and does not find"`
	At       time.Time `json:"at" doc:"UTC"`
}

// JudgedReport is the judgement of an arrival: the report on its signatures, and what the law says to them.
type JudgedReport struct {
	signing.Report
	Rules    []exchange.RuleCheck `json:"rules" doc:"What the law demands of leader and seal, line by line"`
	Evidence exchange.Digest      `json:"evidence,omitempty" doc:"SHA-256 of what is at /inbox/{id}/evidence"`
	Findings []string             `json:"findings" doc:"Stable codes: the reasons of the rules that are not kept"`
}

// ArrivalPage is a part of the list of arrivals, newest first.
type ArrivalPage struct {
	Items []Arrival `json:"items"`
	Next  string    `json:"next,omitempty" doc:"The cursor of the next page; absent on the last"`
}

// Receipt is a signed statement about a document at an office. What counts is Sealed: CMS SignedData,
// or a statement that was sealed with others (docs/wire.md), in base64.
type Receipt struct {
	exchange.Receipt
	Sealed []byte `json:"sealed" doc:"CMS SignedData of the gateway that states it, or a leaf of a sealed tree, in base64"`
}

func (s *Server) arrival(a exchange.Arrival, lang Lang) Arrival {
	header := a.Header
	view := Arrival{
		ID: a.ID, Document: a.Document, Status: a.Status(),
		From: OfficeName{Office: header.From, Name: header.FromName},
		To:   s.named(a.Office, exchange.Today(a.ArrivedAt)),
		Kind: header.Kind, KindName: header.Kind.Name(), Subject: header.Subject,
		Number: header.Numbering.String(), Date: header.Numbering.Date,
		Urgency: header.Urgency, Signatory: header.Signatory, RepliesTo: header.RepliesTo, DueOn: header.DueOn,
		Replaces: header.Replaces, CopyOf: header.CopyOf, Recall: a.Recall(),
		IssuedAt: header.IssuedAt, ArrivedAt: a.ArrivedAt,
		File: header.Main, Attachments: orEmpty(header.Attachments),
		Receipts: receipts(a.Receipts), FiledAt: moment(a.FiledAt),
	}
	if closed := a.InheritedFrom(); closed != "" {
		name := s.named(closed, exchange.Today(header.IssuedAt))
		view.For = &name
	}
	if j := a.Judgement; j != nil {
		view.Judgement = &Judgement{
			Verdict: j.Verdict, Headline: Sentence("verdict."+j.Verdict, lang), Findings: orEmpty(j.Findings()), At: j.At,
		}
	}
	return view
}

func receipts(list []exchange.Receipt) []Receipt {
	views := make([]Receipt, len(list))
	for i, receipt := range list {
		views[i] = Receipt{Receipt: receipt, Sealed: receipt.Sealed}
	}
	return views
}
