package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"congvan/exchange"
	"congvan/exchange/recall"
)

// Recall asks for a document back.
type Recall struct {
	Recipients []string `json:"recipients,omitempty" doc:"Ids or codes of those it is taken back from; else all"`
	Reason     string   `json:"reason" maxLength:"2000" doc:"10 to 500 characters; it reaches the receivers"`
}

type recallInput struct {
	ID   exchange.DocumentID `path:"id" maxLength:"64" doc:"The id that the gateway gave"`
	Body Recall
}

type recallReplyInput struct {
	ID   exchange.ArrivalID `path:"id" maxLength:"64" doc:"The id that this gateway gave"`
	Body struct {
		Agree  bool   `json:"agree" doc:"15 đồng ý; else 16 từ chối"`
		Reason string `json:"reason,omitempty" maxLength:"2000" doc:"Of a refusal, 10 to 500 characters"`
	}
}

// Link is that two documents name each other.
type Link struct {
	Kind     exchange.TieKind    `json:"kind" enum:"answers,replaces,copies" doc:"Phúc đáp, thay thế, sao từ"`
	Names    bool                `json:"names" doc:"This document names the other; else the other names this one"`
	Document exchange.DocumentID `json:"document" doc:"The other"`
	Arrival  exchange.ArrivalID  `json:"arrival,omitempty" doc:"When it came from another office"`
	Known    bool                `json:"known" doc:"The office has it; else nothing but its id is said"`
	From     *OfficeName         `json:"from,omitempty"`
	Number   string              `json:"number,omitempty"`
	Subject  string              `json:"subject,omitempty"`
}

// LinkList is what a document answers, replaces or copies, and what answers, replaces or copies it.
type LinkList struct {
	Items []Link `json:"items"`
}

type linksOutput struct{ Body LinkList }

// Trace is what is left of a document that was withdrawn before anybody had seen it.
type Trace struct {
	Arrival     exchange.ArrivalID  `json:"arrival"`
	Document    exchange.DocumentID `json:"document"`
	From        OfficeName          `json:"from"`
	Number      string              `json:"number" doc:"Số và ký hiệu"`
	ArrivedAt   time.Time           `json:"arrived_at" doc:"UTC"`
	WithdrawnAt time.Time           `json:"withdrawn_at" doc:"UTC"`
	Reason      string              `json:"reason" doc:"Of the office that issued it"`
}

// TracePage is a part of the list of traces, newest first.
type TracePage struct {
	Items []Trace `json:"items"`
	Next  string  `json:"next,omitempty" doc:"The cursor of the next page; absent on the last"`
}

type tracesOutput struct{ Body TracePage }

func (s *Server) recallRoutes() {
	add(s, route{"recallDocument", http.MethodPost, "/documents/{id}/recall", exchange.ActSend, 200, 0}, s.recallDocument)
	add(s, route{"readLinks", http.MethodGet, "/documents/{id}/links", exchange.ActRead, 200, 0}, s.readLinks)
	add(s, route{"answerRecall", http.MethodPost, "/inbox/{id}/recall", exchange.ActDecide, 200, 0}, s.answerRecall)
	add(s, route{"listWithdrawn", http.MethodGet, "/withdrawn", exchange.ActRead, 200, 0}, s.listWithdrawn)
}

func (s *Server) desk() *recall.Desk { return &recall.Desk{Gateway: s.gateway} }

func (s *Server) recallDocument(
	ctx context.Context, actor exchange.Actor, in *recallInput,
) (*documentOutput, error) {
	order := recall.Order{Reason: in.Body.Reason}
	for i, recipient := range in.Body.Recipients {
		office, err := s.addressee(recipient)
		if err != nil {
			return nil, &located{err, fmt.Sprintf("body.recipients[%d]", i)}
		}
		order.Offices = append(order.Offices, office)
	}
	return s.shown(s.desk().Recall(ctx, actor, in.ID, order))
}

// addressee finds an office that may have ended since the document was sent to it.
func (s *Server) addressee(text string) (exchange.OfficeID, error) {
	if office, err := s.gateway.Directory().Office(exchange.OfficeID(text)); err == nil {
		return office.ID, nil
	}
	office, err := s.recipient(text)
	if closed, ended := errors.AsType[*exchange.Closed](err); ended {
		return closed.Office, nil
	}
	return office, err
}

func (s *Server) answerRecall(
	ctx context.Context, actor exchange.Actor, in *recallReplyInput,
) (*arrivalOutput, error) {
	reply := recall.Reply{Agree: in.Body.Agree, Reason: in.Body.Reason}
	return s.arrived(ctx, actor)(s.desk().Answer(ctx, actor, in.ID, reply))
}

func (s *Server) readLinks(ctx context.Context, actor exchange.Actor, in *documentInput) (*linksOutput, error) {
	links, err := s.desk().Links(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	list := LinkList{Items: make([]Link, len(links))}
	for i, link := range links {
		list.Items[i] = Link{
			Kind: link.Kind, Names: link.Names, Document: link.Document, Arrival: link.Arrival, Known: link.Known,
			Number: link.Header.Numbering.String(), Subject: link.Header.Subject,
		}
		if link.Known {
			from := s.named(link.Header.From, link.Header.Numbering.Date)
			list.Items[i].From = &from
		}
	}
	return &linksOutput{list}, nil
}

func (s *Server) listWithdrawn(ctx context.Context, actor exchange.Actor, in *pageInput) (*tracesOutput, error) {
	page := in.page()
	traces, err := s.desk().Withdrawn(ctx, actor, page)
	if err != nil {
		return nil, err
	}
	list := TracePage{Items: make([]Trace, len(traces))}
	for i, trace := range traces {
		list.Items[i] = Trace{
			Arrival: trace.Arrival, Document: trace.Document, From: s.named(trace.From, exchange.Today(trace.ArrivedAt)),
			Number: trace.Number, ArrivedAt: trace.ArrivedAt, WithdrawnAt: trace.WithdrawnAt, Reason: trace.Reason,
		}
	}
	if len(traces) == page.Limit {
		list.Next = string(traces[len(traces)-1].Arrival)
	}
	return &tracesOutput{list}, nil
}

// ActWords gives the words for an act of a timeline. A receipt may have a status of edXML that is not known (07 to 12,
// 14, or one of later years): it is shown with its code.
func ActWords(act string, lang Lang) string {
	status, isReceipt := strings.CutPrefix(act, "receipt.")
	if !isReceipt || HasSentence("act."+act) {
		return Sentence("act."+act, lang)
	}
	return Sentence("act.receipt.other", lang) + " (" + status + ")"
}

// ReasonWords gives the words for the reason of a receipt: those that gateways give are codes.
func ReasonWords(reason string, lang Lang) string {
	if HasSentence(reason) {
		return Sentence(reason, lang)
	}
	return reason
}
