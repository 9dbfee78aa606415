package api

import (
	"bytes"
	"context"
	"io"

	"congvan/exchange"
	"congvan/exchange/reading"
	"congvan/signing"
)

type arrivalInput struct {
	ID exchange.ArrivalID `path:"id" maxLength:"64" doc:"The id that this gateway gave"`
}

// Huma does not look into embedded types that are not exported, so the parts of these inputs are written out.

type arrivalContentInput struct {
	ID     exchange.ArrivalID `path:"id" maxLength:"64" doc:"The id that this gateway gave"`
	Digest exchange.Digest    `query:"digest" maxLength:"64" doc:"Of an attachment; else the main file"`
}

type refusalInput struct {
	ID   exchange.ArrivalID `path:"id" maxLength:"64" doc:"The id that this gateway gave"`
	Body struct {
		Reason string `json:"reason" maxLength:"2000" doc:"10 to 500 characters; it reaches the sender"`
	}
}

type reportInput struct {
	ID   exchange.ArrivalID `path:"id" maxLength:"64" doc:"The id that this gateway gave"`
	Body struct {
		Status exchange.Status `json:"status" enum:"04,05,06" doc:"04 phân công, 05 đang xử lý, 06 hoàn thành; only forward"`
	}
}

type arrivalOutput struct{ Body Arrival }

type arrivalsOutput struct{ Body ArrivalPage }

type judgementOutput struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func (s *Server) listArrivals(ctx context.Context, actor exchange.Actor, in *listInput) (*arrivalsOutput, error) {
	page := in.page()
	arrivals, err := s.reading().Arrivals(ctx, actor, page)
	if err != nil {
		return nil, err
	}
	items, err := s.arrivals(ctx, actor, arrivals...)
	if err != nil {
		return nil, err
	}
	list := ArrivalPage{Items: items}
	if len(arrivals) == page.Limit {
		list.Next = string(arrivals[len(arrivals)-1].ID)
	}
	return &arrivalsOutput{list}, nil
}

func (s *Server) readArrival(ctx context.Context, actor exchange.Actor, in *arrivalInput) (*arrivalOutput, error) {
	return s.arrived(ctx, actor)(s.reading().Arrival(ctx, actor, in.ID))
}

func (s *Server) acceptArrival(ctx context.Context, actor exchange.Actor, in *arrivalInput) (*arrivalOutput, error) {
	return s.arrived(ctx, actor)(s.decisions().Accept(ctx, actor, in.ID))
}

func (s *Server) refuseArrival(ctx context.Context, actor exchange.Actor, in *refusalInput) (*arrivalOutput, error) {
	return s.arrived(ctx, actor)(s.decisions().Refuse(ctx, actor, in.ID, in.Body.Reason))
}

func (s *Server) advanceArrival(ctx context.Context, actor exchange.Actor, in *reportInput) (*arrivalOutput, error) {
	return s.arrived(ctx, actor)(s.decisions().Report(ctx, actor, in.ID, in.Body.Status))
}

// arrived shows an arrival in the language that is asked for.
func (s *Server) arrived(
	ctx context.Context, actor exchange.Actor,
) func(exchange.Arrival, error) (*arrivalOutput, error) {
	return func(arrival exchange.Arrival, err error) (*arrivalOutput, error) {
		if err != nil {
			return nil, err
		}
		views, err := s.arrivals(ctx, actor, arrival)
		if err != nil {
			return nil, err
		}
		return &arrivalOutput{views[0]}, nil
	}
}

// arrivals shows arrivals that the actor was given, and what should have come before them.
func (s *Server) arrivals(
	ctx context.Context, actor exchange.Actor, arrivals ...exchange.Arrival,
) ([]Arrival, error) {
	lacking, err := s.reading().Lacking(ctx, actor, arrivals...)
	if err != nil {
		return nil, err
	}
	views := make([]Arrival, len(arrivals))
	for i, arrival := range arrivals {
		views[i] = s.arrival(arrival, LanguageOf(ctx))
		views[i].Lacking = LackingOf(lacking[arrival.ID], LanguageOf(ctx))
	}
	return views, nil
}

// readArrived answers with a file of an arrival.
func (s *Server) readArrived(
	ctx context.Context, actor exchange.Actor, in *arrivalContentInput,
) (*contentOutput, error) {
	blob, file, err := s.reading().OpenArrivalFile(ctx, actor, in.ID, in.Digest)
	if err != nil {
		return nil, err
	}
	return s.content(file, blob), nil //nolint:contextcheck // it is called within the same request
}

// readReport answers with the judgement as it was recorded, byte for byte.
func (s *Server) readReport(ctx context.Context, actor exchange.Actor, in *arrivalInput) (*judgementOutput, error) {
	arrival, err := s.reading().Arrival(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	if arrival.Judgement == nil {
		return nil, exchange.Errorf(exchange.Unavailable, codeNotJudged, "%s was not judged yet", in.ID)
	}
	return &judgementOutput{"application/json", arrival.Judgement.Report}, nil
}

// readBundle answers with what the judgement of an arrival rests on.
func (s *Server) readBundle(ctx context.Context, actor exchange.Actor, in *arrivalInput) (*judgementOutput, error) {
	data, err := ReadBundle(ctx, s.gateway, actor, in.ID)
	return &judgementOutput{"application/json", data}, err
}

// readETSI answers with the report on the signatures by ETSI TS 119 102-2.
func (s *Server) readETSI(ctx context.Context, actor exchange.Actor, in *arrivalInput) (*judgementOutput, error) {
	text, err := ReadETSI(ctx, s.gateway, actor, in.ID)
	return &judgementOutput{"application/xml", text}, err
}

// ReadBundle gives what the judgement of an arrival rests on: the JSON of a [signing.Bundle]. Errors are those of
// [reading.Desk.OpenBundle].
func ReadBundle(
	ctx context.Context, gateway *exchange.Gateway, actor exchange.Actor, id exchange.ArrivalID,
) ([]byte, error) {
	blob, err := reading.Desk{Gateway: gateway}.OpenBundle(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	defer func() { _ = blob.Close() }() // it was only read
	data, err := io.ReadAll(io.NewSectionReader(blob, 0, min(blob.Size(), signing.MaxBundle)))
	if err != nil {
		return nil, exchange.Errorf(exchange.Unavailable, "storage.unavailable", "read evidence of %s: %w", id, err)
	}
	return data, nil
}

// ReadETSI gives the report on an arrival's signatures by ETSI TS 119 102-2, as XML. Errors are those of [ReadBundle].
func ReadETSI(
	ctx context.Context, gateway *exchange.Gateway, actor exchange.Actor, id exchange.ArrivalID,
) ([]byte, error) {
	kept, err := ReadBundle(ctx, gateway, actor, id)
	if err != nil {
		return nil, err
	}
	bundle, err := signing.DecodeBundle(bytes.NewReader(kept))
	if err != nil {
		return nil, exchange.Errorf(exchange.Internal, "bundle.unreadable", "evidence of %s: %w", id, err)
	}
	var text bytes.Buffer
	if err := bundle.WriteETSI(&text); err != nil {
		return nil, exchange.Errorf(exchange.Internal, "internal", "report on %s: %w", id, err)
	}
	return text.Bytes(), nil
}
