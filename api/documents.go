package api

import (
	"context"

	"congvan/exchange"
	"congvan/exchange/decide"
	"congvan/exchange/outgoing"
	"congvan/exchange/reading"
)

// pageSize is how many items a page has when nobody says, and maxPage the most.
const (
	pageSize = 50
	maxPage  = 200
)

type pageInput struct {
	Search string `query:"q" maxLength:"200" doc:"Words in any order, with or without diacritics"`
	After  string `query:"after" maxLength:"64" doc:"The cursor: next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many at most"`
}

func (p pageInput) page() exchange.Page {
	limit := p.Limit
	if limit == 0 {
		limit = pageSize
	}
	return exchange.Page{After: p.After, Limit: min(limit, maxPage), Search: p.Search}
}

// listInput asks for a page of the documents or arrivals of an office and of those whose documents it keeps.
type listInput struct {
	Search string            `query:"q" maxLength:"200" doc:"Words in any order, with or without diacritics"`
	After  string            `query:"after" maxLength:"64" doc:"The cursor: next of the page before"`
	Limit  int               `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many at most"`
	Source exchange.OfficeID `query:"source" maxLength:"64" doc:"Only of this office: itself or a closed one it inherited"`
}

func (l listInput) page() exchange.Page {
	page := pageInput{Search: l.Search, After: l.After, Limit: l.Limit}.page()
	page.Source = l.Source
	return page
}

type documentInput struct {
	ID exchange.DocumentID `path:"id" maxLength:"64" doc:"The id that the gateway gave"`
}

type documentOutput struct{ Body Document }

type documentsOutput struct{ Body DocumentPage }

func (s *Server) listDocuments(ctx context.Context, actor exchange.Actor, in *listInput) (*documentsOutput, error) {
	page := in.page()
	documents, err := s.reading().Documents(ctx, actor, page)
	if err != nil {
		return nil, err
	}
	list := DocumentPage{Items: make([]Document, len(documents))}
	for i, document := range documents {
		list.Items[i] = s.document(document)
	}
	if len(documents) == page.Limit {
		list.Next = string(documents[len(documents)-1].ID)
	}
	return &documentsOutput{list}, nil
}

func (s *Server) readDocument(ctx context.Context, actor exchange.Actor, in *documentInput) (*documentOutput, error) {
	return s.shown(s.reading().Document(ctx, actor, in.ID))
}

func (s *Server) reading() reading.Desk { return reading.Desk{Gateway: s.gateway} }

func (s *Server) decisions() decide.Desk { return decide.Desk{Gateway: s.gateway} }

func (s *Server) outgoing() outgoing.Desk { return outgoing.Desk{Gateway: s.gateway} }

func (s *Server) signDocument(ctx context.Context, actor exchange.Actor, in *documentInput) (*documentOutput, error) {
	return s.shown(s.outgoing().Sign(ctx, actor, in.ID))
}

func (s *Server) sealDocument(ctx context.Context, actor exchange.Actor, in *documentInput) (*documentOutput, error) {
	return s.shown(s.outgoing().Seal(ctx, actor, in.ID))
}

func (s *Server) sendDocument(ctx context.Context, actor exchange.Actor, in *documentInput) (*documentOutput, error) {
	return s.shown(s.gateway.Send(ctx, actor, in.ID))
}

func (s *Server) shown(document exchange.Document, err error) (*documentOutput, error) {
	if err != nil {
		return nil, err
	}
	return &documentOutput{s.document(document)}, nil
}
