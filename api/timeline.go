package api

import (
	"context"
	"slices"
	"time"

	"congvan/exchange"
	"congvan/exchange/reading"
)

// Timeline is what happened to a document, and how far it is with each recipient.
type Timeline struct {
	Document   exchange.DocumentID `json:"document"`
	Events     []Event             `json:"events" doc:"Oldest first"`
	Recipients []Progress          `json:"recipients" doc:"For the issuing office, once it is issued"`
}

// Event is something that happened, as the gateway's log or a signed receipt tells it.
type Event struct {
	At      time.Time         `json:"at" doc:"UTC"`
	Act     string            `json:"act" doc:"A stable code, such as document.sealed or receipt.03"`
	Words   string            `json:"words" doc:"The act in the language asked for"`
	Actor   string            `json:"actor,omitempty"`
	Office  OfficeName        `json:"office"`
	Index   int64             `json:"index" doc:"Of the leaf in the gateway's Merkle log; -1 for a receipt"`
	Detail  map[string]string `json:"detail,omitempty" doc:"Digests and numbers"`
	Receipt *Receipt          `json:"receipt,omitempty"`
}

// Progress is how far a document has come with one recipient.
type Progress struct {
	Office       OfficeName       `json:"office"`
	Node         exchange.NodeID  `json:"node" doc:"The next gateway on the way"`
	OwedAt       time.Time        `json:"owed_at" doc:"UTC"`
	Outcome      exchange.Outcome `json:"outcome,omitempty" doc:"Of the next gateway; absent while it is owed"`
	Code         string           `json:"code,omitempty" doc:"Why it was refused"`
	AnsweredAt   *time.Time       `json:"answered_at,omitempty" doc:"UTC"`
	Status       exchange.Status  `json:"status,omitempty" doc:"The last status that a receipt states"`
	Words        string           `json:"words" doc:"The same in the language asked for"`
	Recall       exchange.Status  `json:"recall,omitempty" doc:"13 asked back, 15 given back, 16 refused"`
	Parked       string           `json:"parked,omitempty" doc:"The code of why the way stands still until somebody looks"`
	Reason       string           `json:"reason,omitempty" doc:"The same in the language asked for, and what to do first"`
	Proof        string           `json:"proof,omitempty" doc:"Who refused, when, and whether that is signed; in words"`
	Receipts     []Receipt        `json:"receipts"`
	TakenBack    bool             `json:"taken_back,omitempty" doc:"It was asked back, and not refused since"`
	Readdressed  []OfficeName     `json:"readdressed,omitempty" doc:"Those to whom it goes instead"`
	Contradicted bool             `json:"contradicted,omitempty" doc:"A gateway signed both no and yes"`
	Successors   []OfficeName     `json:"successors,omitempty" doc:"Who has the duties, of a recipient that is closed"`
}

type timelineOutput struct{ Body Timeline }

// ReceiptList is all receipts about a document that the office may see.
type ReceiptList struct {
	Items []Receipt `json:"items"`
}

type receiptsOutput struct{ Body ReceiptList }

func (s *Server) readTimeline(ctx context.Context, actor exchange.Actor, in *documentInput) (*timelineOutput, error) {
	events, err := s.reading().Timeline(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	recipients, err := s.reading().Recipients(ctx, actor, in.ID)
	if err != nil && exchange.KindOf(err) != exchange.NotFound {
		return nil, err // a recipient has a timeline of its own, but does not see the others
	}
	lang := LanguageOf(ctx)
	timeline := Timeline{
		Document: in.ID, Events: make([]Event, len(events)), Recipients: make([]Progress, len(recipients)),
	}
	for i, event := range events {
		timeline.Events[i] = s.event(event, lang)
	}
	for i, progress := range recipients {
		timeline.Recipients[i] = s.progress(progress, lang)
	}
	return &timelineOutput{timeline}, nil
}

// EventWords gives the words for what happened: a document that the next gateway turned away did not come to it.
func EventWords(event reading.Event, lang Lang) string {
	turnedAway := []exchange.Outcome{exchange.Rejected, exchange.Clash}
	outcome := exchange.Outcome(event.Detail["outcome"])
	if event.Act == "document.delivered" && slices.Contains(turnedAway, outcome) {
		return Sentence("act.delivery."+string(outcome), lang)
	}
	return ActWords(event.Act, lang)
}

func (s *Server) event(event reading.Event, lang Lang) Event {
	view := Event{
		At: event.At, Act: event.Act, Words: EventWords(event, lang), Actor: event.Actor,
		Office: s.named(event.Office, exchange.Today(event.At)), Index: event.Index, Detail: event.Detail,
	}
	if event.Receipt != nil {
		view.Receipt = &Receipt{Receipt: *event.Receipt, Sealed: event.Receipt.Sealed}
	}
	return view
}

func (s *Server) progress(progress exchange.Progress, lang Lang) Progress {
	view := Progress{
		Office: s.named(progress.Office, exchange.Today(progress.OwedAt)), Node: progress.Node, OwedAt: progress.OwedAt,
		Status: progress.Status(), Receipts: receipts(progress.Receipts), Words: Sentence("act.delivery.owed", lang),
	}
	if answer := progress.Acknowledgement; answer != nil {
		view.Outcome, view.Code, view.AnsweredAt = answer.Outcome, answer.Code, moment(answer.At)
		view.Words = Sentence("act.delivery."+string(answer.Outcome), lang)
	}
	if view.Status != "" {
		view.Words = ActWords("receipt."+string(view.Status), lang)
	}
	if view.Recall = progress.Recall(); view.Recall != "" {
		view.Words += "; " + ActWords("receipt."+string(view.Recall), lang)
	}
	view.TakenBack, view.Contradicted = progress.TakenBack(), progress.Contradicted()
	for _, office := range progress.Readdressed {
		view.Readdressed = append(view.Readdressed, s.named(office, exchange.Today(s.now())))
	}
	if view.Parked = progress.Parked(); view.Parked != "" {
		view.Reason, view.Proof = ParkedWords(view.Parked, lang), RefusalWords(progress, lang)
		today := exchange.Today(s.now())
		for _, heir := range s.gateway.Directory().Living(progress.Office, today) {
			if heir != progress.Office {
				view.Successors = append(view.Successors, s.named(heir, today))
			}
		}
	}
	return view
}

func (s *Server) listReceipts(ctx context.Context, actor exchange.Actor, in *documentInput) (*receiptsOutput, error) {
	events, err := s.reading().Timeline(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	list := ReceiptList{Items: []Receipt{}}
	for _, event := range events {
		if event.Receipt != nil {
			list.Items = append(list.Items, Receipt{Receipt: *event.Receipt, Sealed: event.Receipt.Sealed})
		}
	}
	return &receiptsOutput{list}, nil
}

type documentContentInput struct {
	ID     exchange.DocumentID `path:"id" maxLength:"64" doc:"The id that the gateway gave"`
	Digest exchange.Digest     `query:"digest" maxLength:"64" doc:"Of an attachment or an earlier version"`
}

// readContent answers with a file of a document.
func (s *Server) readContent(
	ctx context.Context, actor exchange.Actor, in *documentContentInput,
) (*contentOutput, error) {
	blob, file, err := s.reading().OpenDocumentFile(ctx, actor, in.ID, in.Digest)
	if err != nil {
		return nil, err
	}
	return s.content(file, blob), nil //nolint:contextcheck // it is called within the same request
}
