package exchange_test

import (
	"context"
	"maps"
	"slices"
	"time"

	"congvan/exchange"
)

// noticeFacts are what the double keeps of what is said after sending.
type noticeFacts struct {
	notices   []exchange.Notice
	heeded    map[string]bool // by notice and office
	withdrawn map[exchange.ArrivalID]bool
	ties      []exchange.Tie
}

func (f noticeFacts) clone() noticeFacts {
	return noticeFacts{slices.Clip(f.notices), maps.Clone(f.heeded), maps.Clone(f.withdrawn), slices.Clip(f.ties)}
}

func (t *memoryTx) AddNotice(_ context.Context, notice exchange.Notice) error {
	known := func(other exchange.Notice) bool { return other.ID == notice.ID }
	if !slices.ContainsFunc(t.notices, known) {
		t.notices = append(t.notices, notice)
	}
	return nil
}

func (t *memoryTx) Notices(_ context.Context, document exchange.DocumentID) ([]exchange.Notice, error) {
	var list []exchange.Notice
	for _, notice := range t.notices {
		if notice.Document == document {
			list = append(list, notice)
		}
	}
	return list, nil
}

func (t *memoryTx) Heed(_ context.Context, notice exchange.MessageID, office exchange.OfficeID) (bool, error) {
	key := string(notice) + " " + string(office)
	heeded := t.heeded[key]
	t.heeded[key] = true
	return heeded, nil
}

func (t *memoryTx) ArrivalOf(
	_ context.Context, office exchange.OfficeID, document exchange.DocumentID,
) (exchange.Arrival, error) {
	for _, arrival := range t.arrivals {
		if arrival.Office == office && arrival.Document == document {
			return t.complete(arrival), nil
		}
	}
	return exchange.Arrival{}, notFound("arrival.not_found")
}

func (t *memoryTx) MarkShown(_ context.Context, id exchange.ArrivalID, at time.Time, _ string) error {
	arrival := t.arrivals[id]
	if arrival.ShownAt.IsZero() {
		arrival.ShownAt = at
	}
	t.arrivals[id] = arrival
	return nil
}

func (t *memoryTx) MarkWithdrawn(_ context.Context, id exchange.ArrivalID, _ time.Time) error {
	t.withdrawn[id] = true
	return nil
}

func (t *memoryTx) Withdrawn(
	ctx context.Context, office exchange.OfficeID, page exchange.Page,
) ([]exchange.Arrival, error) {
	var list []exchange.Arrival
	for _, id := range slices.Backward(t.inbox) {
		if arrival, err := t.Arrival(ctx, office, id); err == nil && t.withdrawn[id] && len(list) < page.Limit {
			list = append(list, arrival)
		}
	}
	return list, nil
}

func (t *memoryTx) AddTies(_ context.Context, ties []exchange.Tie) error {
	for _, tie := range ties {
		if !slices.Contains(t.ties, tie) {
			t.ties = append(t.ties, tie)
		}
	}
	return nil
}

func (t *memoryTx) Ties(_ context.Context, document exchange.DocumentID) ([]exchange.Tie, error) {
	var list []exchange.Tie
	for _, tie := range t.ties {
		if tie.Source == document || tie.Target == document {
			list = append(list, tie)
		}
	}
	return list, nil
}
