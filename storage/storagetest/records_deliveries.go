package storagetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"congvan/exchange"
)

// message records the message m1, for others to be about.
func (s *story) message(t *testing.T) {
	t.Helper()
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		_, known, err := tx.AddMessage(ctx, exchange.Message{ID: "m1", Kind: exchange.DocumentMessage, Sealed: []byte("s")})
		equal(t, "known", known, false)
		return err
	})
}

func (s *story) owe(t *testing.T, deliveries ...exchange.Delivery) {
	t.Helper()
	s.update(t, func(ctx context.Context, tx exchange.Tx) error { return tx.AddDeliveries(ctx, deliveries) })
}

func (s *story) owed(t *testing.T, node exchange.NodeID, limit int) []exchange.Delivery {
	t.Helper()
	var owed []exchange.Delivery
	s.view(t, func(ctx context.Context, tx exchange.Tx) (err error) {
		owed, err = tx.Owed(ctx, node, limit)
		return err
	})
	return owed
}

func (s *story) owedNodes(t *testing.T) []exchange.NodeID {
	t.Helper()
	var nodes []exchange.NodeID
	s.view(t, func(ctx context.Context, tx exchange.Tx) (err error) {
		nodes, err = tx.OwedNodes(ctx)
		return err
	})
	return nodes
}

func knownMessage(t *testing.T, s *story) {
	t.Helper()
	first := exchange.Message{
		ID: "m1", Kind: exchange.ReceiptMessage, Origin: "node-a", Sealed: []byte{0, 1, 0xff}, At: Start(),
	}
	filled(t, first)
	other := first
	other.Sealed, other.Origin = []byte("other bytes"), "node-b"
	for turn, message := range []exchange.Message{first, other, first} {
		s.update(t, func(ctx context.Context, tx exchange.Tx) error {
			stored, known, err := tx.AddMessage(ctx, message)
			equal(t, "known", known, turn > 0)
			equal(t, "stored", stored, first)
			return err
		})
	}
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		stored, err := tx.Message(ctx, "m1")
		equal(t, "message", stored, first)
		_, missing := tx.Message(ctx, "m2")
		refused(t, missing, exchange.NotFound, "message.not_found")
		return err
	})
}

func owedInOrder(t *testing.T, s *story) {
	t.Helper()
	s.message(t)
	equal(t, "nodes before", len(s.owedNodes(t)), 0)
	var want []exchange.OfficeID
	for n, lane := range []exchange.Urgency{
		exchange.Ordinary, exchange.ExpressTimed, exchange.Urgent, exchange.Ordinary, exchange.ExpressTimed,
	} {
		s.owe(t, exchange.Delivery{
			Message: "m1", To: exchange.OfficeID(fmt.Sprint(n)), Node: "node-b", Lane: lane, At: Start(),
		})
	}
	s.owe(t, exchange.Delivery{Message: "m1", To: "x", Node: "node-a", At: Start()})
	for _, n := range []int{1, 4, 2, 0, 3} {
		want = append(want, exchange.OfficeID(fmt.Sprint(n)))
	}
	var got []exchange.OfficeID
	for _, delivery := range s.owed(t, "node-b", 100) {
		got = append(got, delivery.To)
	}
	equal(t, "order", got, want)
	equal(t, "limit", len(s.owed(t, "node-b", 2)), 2)
	equal(t, "another node", len(s.owed(t, "node-c", 2)), 0)
	equal(t, "nodes", s.owedNodes(t), []exchange.NodeID{"node-a", "node-b"})
	one := s.owed(t, "node-a", 1)[0]
	equal(t, "delivery", one, exchange.Delivery{ID: one.ID, Message: "m1", To: "x", Node: "node-a", At: Start()})
}

func acknowledgedOnce(t *testing.T, s *story) {
	t.Helper()
	s.message(t)
	s.owe(t, exchange.Delivery{Message: "m1", To: "a", Node: "node-a", Lane: exchange.Urgent, At: Start()},
		exchange.Delivery{Message: "m1", To: "b", Node: "node-a", At: Start()})
	first := s.owed(t, "node-a", 10)[0]
	filled(t, first)
	answer := exchange.Acknowledgement{
		Outcome: exchange.Taken, Code: "code", Receipt: []byte("receipt"), At: Start().Add(time.Minute),
	}
	filled(t, answer)
	later := exchange.Acknowledgement{Outcome: exchange.Rejected, Code: "late", At: Start()}
	for _, given := range []exchange.Acknowledgement{answer, answer, later} {
		s.update(t, func(ctx context.Context, tx exchange.Tx) error { return tx.Acknowledge(ctx, first.ID, given) })
	}
	equal(t, "still owed", len(s.owed(t, "node-a", 10)), 1)
	second := s.owed(t, "node-a", 10)[0]
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		states, err := tx.Deliveries(ctx, "m1")
		equal(t, "states", states, []exchange.DeliveryState{
			{Delivery: first, Acknowledgement: &answer}, {Delivery: second},
		})
		return err
	})
	acknowledge := func(id int64, outcome exchange.Outcome) error {
		return s.try(t, func(ctx context.Context, tx exchange.Tx) error {
			return tx.Acknowledge(ctx, id, exchange.Acknowledgement{Outcome: outcome, At: Start()})
		})
	}
	refused(t, acknowledge(second.ID+1000, exchange.Taken), exchange.NotFound, "delivery.not_found")
	for _, outcome := range []exchange.Outcome{exchange.Later, exchange.Missing, "unknown"} {
		if acknowledge(second.ID, outcome) == nil {
			t.Errorf("outcome %q ended a delivery", outcome)
		}
	}
	ok(t, acknowledge(second.ID, exchange.Clash))
	for i, outcome := range []exchange.Outcome{exchange.Duplicate, exchange.Rejected, exchange.Moved} {
		s.owe(t, exchange.Delivery{Message: "m1", To: exchange.OfficeID(rune('c' + i)), Node: "node-a", At: Start()})
		ok(t, acknowledge(s.owed(t, "node-a", 10)[0].ID, outcome))
	}
	equal(t, "nodes at the end", len(s.owedNodes(t)), 0)
}

func deliveriesOfNothing(t *testing.T, s *story) {
	t.Helper()
	s.message(t)
	err := s.try(t, func(ctx context.Context, tx exchange.Tx) error {
		return tx.AddDeliveries(ctx, []exchange.Delivery{{Message: "m1", Node: "a"}, {Message: "unknown", Node: "a"}})
	})
	refused(t, err, exchange.NotFound, "message.not_found")
	equal(t, "owed", len(s.owed(t, "a", 10)), 0)
	s.owe(t) // nothing at all
}

func manyDeliveries(t *testing.T, s *story) {
	t.Helper()
	s.message(t)
	const count = 3321 // the communes after July 2025
	deliveries := make([]exchange.Delivery, count)
	for n := range deliveries {
		deliveries[n] = exchange.Delivery{
			Message: "m1", To: exchange.OfficeID(fmt.Sprint(n)), Node: exchange.NodeID(fmt.Sprintf("node-%02d", n%34)),
			At: Start(),
		}
	}
	s.owe(t, deliveries...)
	equal(t, "nodes", len(s.owedNodes(t)), 34)
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		states, err := tx.Deliveries(ctx, "m1")
		equal(t, "count", len(states), count)
		for n, state := range states {
			if state.To != deliveries[n].To || n > 0 && state.ID <= states[n-1].ID {
				t.Fatalf("delivery %d is %+v", n, state)
			}
		}
		return err
	})
}
