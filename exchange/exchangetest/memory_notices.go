package exchangetest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"congvan/exchange"
)

// noticeFacts are what the double keeps of what is said after sending.
type noticeFacts struct {
	Notices   []exchange.Notice
	heeded    map[string]bool // by notice and office
	Withdrawn map[exchange.ArrivalID]bool
	ties      []exchange.Tie
}

func (f noticeFacts) clone() noticeFacts {
	return noticeFacts{slices.Clip(f.Notices), maps.Clone(f.heeded), maps.Clone(f.Withdrawn), slices.Clip(f.ties)}
}

func (t *transaction) AddNotice(_ context.Context, notice exchange.Notice) error {
	known := func(other exchange.Notice) bool { return other.ID == notice.ID }
	if !slices.ContainsFunc(t.facts.Notices, known) {
		t.facts.Notices = append(t.facts.Notices, notice)
	}
	return nil
}

func (t *transaction) Notices(_ context.Context, document exchange.DocumentID) ([]exchange.Notice, error) {
	var list []exchange.Notice
	for _, notice := range t.facts.Notices {
		if notice.Document == document {
			list = append(list, notice)
		}
	}
	return list, nil
}

func (t *transaction) Heed(_ context.Context, notice exchange.MessageID, office exchange.OfficeID) (bool, error) {
	known := func(other exchange.Notice) bool { return other.ID == notice }
	if !slices.ContainsFunc(t.facts.Notices, known) { // as the databases demand
		return false, fmt.Errorf("heed %s, which is not recorded", notice)
	}
	key := string(notice) + " " + string(office)
	heeded := t.facts.heeded[key]
	t.facts.heeded[key] = true
	return heeded, nil
}

func (t *transaction) ArrivalOf(
	_ context.Context, office exchange.OfficeID, document exchange.DocumentID,
) (exchange.Arrival, error) {
	for _, arrival := range t.facts.Arrivals {
		if arrival.Office == office && arrival.Document == document {
			return t.facts.Complete(arrival), nil
		}
	}
	return exchange.Arrival{}, notFound("arrival.not_found")
}

func (t *transaction) MarkShown(_ context.Context, id exchange.ArrivalID, at time.Time, _ string) error {
	arrival := t.facts.Arrivals[id]
	if arrival.ShownAt.IsZero() {
		arrival.ShownAt = at
	}
	t.facts.Arrivals[id] = arrival
	return nil
}

func (t *transaction) MarkWithdrawn(_ context.Context, id exchange.ArrivalID, _ time.Time) error {
	t.facts.Withdrawn[id] = true
	return nil
}

func (t *transaction) Withdrawn(
	ctx context.Context, office exchange.OfficeID, page exchange.Page,
) ([]exchange.Arrival, error) {
	var list []exchange.Arrival
	for _, id := range slices.Backward(t.facts.inbox) {
		if arrival, err := t.Arrival(ctx, office, id); err == nil && t.facts.Withdrawn[id] && len(list) < page.Limit {
			list = append(list, arrival)
		}
	}
	return list, nil
}

func (t *transaction) AddTies(_ context.Context, ties []exchange.Tie) error {
	for _, tie := range ties {
		if !slices.Contains(t.facts.ties, tie) {
			t.facts.ties = append(t.facts.ties, tie)
		}
	}
	return nil
}

func (t *transaction) Ties(_ context.Context, document exchange.DocumentID) ([]exchange.Tie, error) {
	var list []exchange.Tie
	for _, tie := range t.facts.ties {
		if tie.Source == document || tie.Target == document {
			list = append(list, tie)
		}
	}
	return list, nil
}
