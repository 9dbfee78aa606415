package api

import (
	"bytes"
	"context"
	"fmt"

	"congvan/exchange"
	"congvan/exchange/outgoing"
)

// maxExcerpt is the most bytes of a request for a copy: an excerpt comes in base64.
const maxExcerpt = 24 << 20

// Copy asks for a copy of a document or an arrival.
type Copy struct {
	ID         exchange.DocumentID `json:"id,omitempty" doc:"A ULID of the caller; else one copy a day is one"`
	Form       exchange.Kind       `json:"form" enum:"SY,SL,TS" doc:"Sao y, sao lục (of a sao y), trích sao"`
	Recipients []string            `json:"recipients,omitempty" doc:"Nơi nhận: ids or codes of offices; may be none"`
	Excerpt    []byte              `json:"excerpt,omitempty" doc:"Of a TS: the excerpted part as PDF, in base64"`
	FileName   string              `json:"file_name,omitempty" doc:"Of the excerpt"`
}

type copyInput struct {
	ID   exchange.DocumentID `path:"id" maxLength:"64" doc:"The id that the gateway gave"`
	Body Copy
}

type copyArrivalInput struct {
	ID   exchange.ArrivalID `path:"id" maxLength:"64" doc:"The id that this gateway gave"`
	Body Copy
}

func (s *Server) copyDocument(ctx context.Context, actor exchange.Actor, in *copyInput) (*documentOutput, error) {
	return s.copied(ctx, actor, outgoing.CopyDraft{Document: in.ID}, in.Body)
}

func (s *Server) copyArrival(ctx context.Context, actor exchange.Actor, in *copyArrivalInput) (*documentOutput, error) {
	return s.copied(ctx, actor, outgoing.CopyDraft{Arrival: in.ID}, in.Body)
}

func (s *Server) copied(
	ctx context.Context, actor exchange.Actor, draft outgoing.CopyDraft, asked Copy,
) (*documentOutput, error) {
	draft.ID, draft.Form = asked.ID, asked.Form
	for i, recipient := range asked.Recipients {
		office, err := s.recipient(recipient)
		if err != nil {
			return nil, &located{err, fmt.Sprintf("body.recipients[%d]", i)}
		}
		draft.Recipients = append(draft.Recipients, office)
	}
	if len(asked.Excerpt) > 0 {
		file, err := s.outgoing().Keep(ctx, actor, asked.FileName, bytes.NewReader(asked.Excerpt))
		if err != nil {
			return nil, err
		}
		draft.Excerpt = &file
	}
	return s.shown(s.outgoing().Copy(ctx, actor, draft))
}
