package api

import (
	"context"

	"congvan/exchange"
)

// ParkedPage is a page of documents that do not get through to some recipient.
type ParkedPage struct {
	Items []Parked `json:"items"`
	Next  string   `json:"next,omitempty" doc:"The cursor of the next page; absent on the last"`
}

// Parked is a document and the recipients to whom the way stands still.
type Parked struct {
	Document   Document   `json:"document"`
	Recipients []Progress `json:"recipients"`
}

type parkedOutput struct{ Body ParkedPage }

func (s *Server) listParked(ctx context.Context, actor exchange.Actor, in *pageInput) (*parkedOutput, error) {
	found, next, err := s.gateway.Parked(ctx, actor, in.page())
	if err != nil {
		return nil, err
	}
	list := ParkedPage{Items: make([]Parked, len(found)), Next: next}
	for i, parked := range found {
		list.Items[i] = Parked{Document: s.document(parked.Document), Recipients: make([]Progress, len(parked.Recipients))}
		for j, progress := range parked.Recipients {
			list.Items[i].Recipients[j] = s.progress(progress, LanguageOf(ctx))
		}
	}
	return &parkedOutput{list}, nil
}

func (s *Server) resendDocument(ctx context.Context, actor exchange.Actor, in *documentInput) (*documentOutput, error) {
	return s.shown(s.gateway.Resend(ctx, actor, in.ID))
}
