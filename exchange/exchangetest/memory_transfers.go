package exchangetest

import (
	"context"
	"maps"
	"slices"

	"congvan/exchange"
)

// transferFacts are what the double keeps of what went over to heirs.
type transferFacts struct {
	Transfers map[exchange.ArrivalID][]exchange.Transfer
}

func (f transferFacts) clone() transferFacts { return transferFacts{maps.Clone(f.Transfers)} }

func (t *transaction) Unfinished(
	ctx context.Context, at exchange.Estate, after exchange.ArrivalID, limit int,
) ([]exchange.Arrival, error) {
	var list []exchange.Arrival
	for _, id := range slices.Sorted(maps.Keys(t.facts.Arrivals)) {
		arrival, err := t.Arrival(ctx, at.Office, id)
		if exchange.KindOf(err) == exchange.NotFound || id <= after || len(list) == limit {
			continue
		}
		if err != nil {
			return nil, err
		}
		gone := func(transfer exchange.Transfer) bool { return transfer.Heir == at.Heir || transfer.Node != at.Here }
		status := arrival.Status()
		open := status != exchange.Refused && status != exchange.Completed && arrival.FiledAt.IsZero() &&
			arrival.Recall() != exchange.RecallAccepted && !t.answered(at.Office, arrival.Document)
		if open && !slices.ContainsFunc(t.facts.Transfers[id], gone) {
			list = append(list, arrival)
		}
	}
	return list, nil
}

func (t *transaction) answered(office exchange.OfficeID, id exchange.DocumentID) bool {
	for _, document := range t.facts.Documents {
		if document.Office == office && document.RepliesTo == id && !document.IssuedAt.IsZero() {
			return true
		}
	}
	return false
}

func (t *transaction) AddTransfer(_ context.Context, transfer exchange.Transfer) (bool, error) {
	known := func(other exchange.Transfer) bool { return other.Heir == transfer.Heir }
	if slices.ContainsFunc(t.facts.Transfers[transfer.Arrival], known) {
		return false, nil
	}
	t.facts.Transfers[transfer.Arrival] = append(slices.Clip(t.facts.Transfers[transfer.Arrival]), transfer)
	return true, nil
}
