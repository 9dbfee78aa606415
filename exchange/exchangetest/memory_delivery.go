package exchangetest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"congvan/exchange"
)

func (t *transaction) AddMessage(
	_ context.Context, message exchange.Message,
) (exchange.Message, bool, error) {
	if stored, known := t.facts.Messages[message.ID]; known {
		return stored, true, nil
	}
	t.facts.Messages[message.ID] = message
	return message, false, nil
}

func (t *transaction) Message(_ context.Context, id exchange.MessageID) (exchange.Message, error) {
	message, known := t.facts.Messages[id]
	if !known {
		return exchange.Message{}, notFound("message.not_found")
	}
	return message, nil
}

func (t *transaction) AddDeliveries(_ context.Context, deliveries []exchange.Delivery) error {
	for _, delivery := range deliveries {
		delivery.ID = int64(len(t.facts.Deliveries) + 1)
		t.facts.Deliveries = append(t.facts.Deliveries, delivery)
	}
	return nil
}

func (t *transaction) Owed(_ context.Context, node exchange.NodeID, limit int) ([]exchange.Delivery, error) {
	var owed []exchange.Delivery
	for _, delivery := range t.facts.Deliveries {
		if _, done := t.facts.Acks[delivery.ID]; !done && delivery.Node == node {
			owed = append(owed, delivery)
		}
	}
	slices.SortStableFunc(owed, func(a, b exchange.Delivery) int { return cmp.Compare(b.Lane, a.Lane) })
	return owed[:min(limit, len(owed))], nil
}

func (t *transaction) OwedNodes(context.Context) ([]exchange.NodeID, error) {
	nodes := map[exchange.NodeID]bool{}
	for _, delivery := range t.facts.Deliveries {
		if _, done := t.facts.Acks[delivery.ID]; !done {
			nodes[delivery.Node] = true
		}
	}
	return slices.Sorted(maps.Keys(nodes)), nil
}

func (t *transaction) Acknowledge(_ context.Context, delivery int64, ack exchange.Acknowledgement) error {
	if _, done := t.facts.Acks[delivery]; !done {
		t.facts.Acks[delivery] = ack
	}
	return nil
}

func (t *transaction) Refusals(
	_ context.Context, office exchange.OfficeID, page exchange.Page,
) ([]exchange.DocumentID, error) {
	var found []exchange.DocumentID
	for id, document := range t.facts.Documents {
		refused := func(delivery exchange.Delivery) bool {
			outcome := t.facts.Acks[delivery.ID].Outcome
			return delivery.Message == exchange.MessageID(id) &&
				(outcome == exchange.Rejected || outcome == exchange.Clash)
		}
		undeliverable := func(receipt exchange.Receipt) bool {
			return receipt.Document == id && receipt.Status == exchange.Undeliverable
		}
		if document.Office == office && (page.After == "" || string(id) < page.After) &&
			(slices.ContainsFunc(t.facts.Deliveries, refused) || slices.ContainsFunc(t.facts.Receipts, undeliverable)) {
			found = append(found, id)
		}
	}
	slices.SortFunc(found, func(a, b exchange.DocumentID) int { return strings.Compare(string(b), string(a)) })
	return found[:min(len(found), page.Limit)], nil
}

func (t *transaction) Deliveries(_ context.Context, id exchange.MessageID) ([]exchange.DeliveryState, error) {
	var states []exchange.DeliveryState
	for _, delivery := range t.facts.Deliveries {
		if delivery.Message == id {
			state := exchange.DeliveryState{Delivery: delivery}
			if ack, done := t.facts.Acks[delivery.ID]; done {
				state.Acknowledgement = &ack
			}
			states = append(states, state)
		}
	}
	return states, nil
}

func (t *transaction) AddArrival(
	ctx context.Context, arrival exchange.Arrival,
) (exchange.Arrival, bool, error) {
	for _, stored := range t.facts.Arrivals {
		if stored.Document == arrival.Document && stored.Office == arrival.Office {
			return t.facts.Complete(stored), true, nil
		}
	}
	for _, receipt := range arrival.Receipts {
		if err := t.AddReceipt(ctx, receipt); err != nil {
			return exchange.Arrival{}, false, err
		}
	}
	arrival.Receipts = nil
	t.facts.Arrivals[arrival.ID] = arrival
	t.facts.inbox = append(t.facts.inbox, arrival.ID)
	return t.facts.Complete(arrival), false, nil
}

// Complete gives the arrival with its receipts.
func (f *Facts) Complete(arrival exchange.Arrival) exchange.Arrival {
	for _, receipt := range f.Receipts {
		own := receipt.Arrival == "" && receipt.Document == arrival.Document && receipt.Office == arrival.Office
		if own || receipt.Arrival == arrival.ID {
			arrival.Receipts = append(arrival.Receipts, receipt)
		}
	}
	return arrival
}

func (t *transaction) Arrival(
	_ context.Context, office exchange.OfficeID, id exchange.ArrivalID,
) (exchange.Arrival, error) {
	arrival, known := t.facts.Arrivals[id]
	if !known || arrival.Office != office {
		return exchange.Arrival{}, notFound("arrival.not_found")
	}
	return t.facts.Complete(arrival), nil
}

func (t *transaction) Arrivals(
	ctx context.Context, office exchange.OfficeID, page exchange.Page,
) ([]exchange.Arrival, error) {
	var list []exchange.Arrival
	for _, id := range slices.Backward(t.facts.inbox) {
		for _, source := range append([]exchange.OfficeID{office}, page.Inherited...) {
			arrival, err := t.Arrival(ctx, source, id)
			if err == nil && !t.facts.Withdrawn[id] && len(list) < page.Limit {
				list = append(list, arrival)
			}
		}
	}
	return list, nil
}

func (t *transaction) Unjudged(_ context.Context, limit int) ([]exchange.Arrival, error) {
	var list []exchange.Arrival
	for _, id := range t.facts.inbox {
		if arrival := t.facts.Arrivals[id]; arrival.Judgement == nil && len(list) < limit {
			list = append(list, arrival)
		}
	}
	return list, nil
}

func (t *transaction) AddJudgement(_ context.Context, id exchange.ArrivalID, judgement exchange.Judgement) error {
	arrival := t.facts.Arrivals[id]
	arrival.Judgement = &judgement
	t.facts.Arrivals[id] = arrival
	return nil
}

func (t *transaction) MarkFiled(_ context.Context, id exchange.ArrivalID, at time.Time) error {
	arrival := t.facts.Arrivals[id]
	arrival.FiledAt = at
	t.facts.Arrivals[id] = arrival
	return nil
}

func (t *transaction) AddReceipt(_ context.Context, receipt exchange.Receipt) error {
	known := func(other exchange.Receipt) bool { return other.ID == receipt.ID }
	if !slices.ContainsFunc(t.facts.Receipts, known) {
		t.facts.Receipts = append(t.facts.Receipts, receipt)
	}
	return nil
}

func (t *transaction) Receipts(_ context.Context, id exchange.DocumentID) ([]exchange.Receipt, error) {
	var list []exchange.Receipt
	for _, receipt := range t.facts.Receipts {
		if receipt.Document == id {
			list = append(list, receipt)
		}
	}
	return list, nil
}
