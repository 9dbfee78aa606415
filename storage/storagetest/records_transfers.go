package storagetest

import (
	"context"
	"testing"

	"congvan/exchange"
)

// leftOpen wants to be told of what an office has to do still, until it went over to an heir or to another gateway.
func leftOpen(t *testing.T, s *story) {
	t.Helper()
	for n := range 8 {
		s.arrive(t, Arrival(Commune, n+1))
	}
	s.arrive(t, Arrival(Province, 1))
	id := func(n int) exchange.ArrivalID { return Arrival(Commune, n).ID }
	answer := Document(Commune, 70)
	answer.RepliesTo = Arrival(Commune, 6).Document
	draft := Document(Commune, 71)
	draft.RepliesTo = Arrival(Commune, 7).Document
	byHeir := Receipt(Province, 8, exchange.Completed)
	byHeir.For, byHeir.Arrival = Commune, id(8)
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		ok(t, tx.AddReceipt(ctx, Receipt(Commune, 1, exchange.Refused)))
		ok(t, tx.AddReceipt(ctx, Receipt(Commune, 2, exchange.Completed)))
		ok(t, tx.AddReceipt(ctx, Receipt(Commune, 3, exchange.Accepted)))
		ok(t, tx.MarkFiled(ctx, id(4), Start()))
		ok(t, tx.MarkWithdrawn(ctx, id(5), Start()))
		ok(t, tx.AddDocument(ctx, answer))
		ok(t, tx.MarkIssued(ctx, answer.ID, Start()))
		ok(t, tx.AddDocument(ctx, draft))
		return tx.AddReceipt(ctx, byHeir)
	})
	at := exchange.Estate{Office: Commune, Heir: Province, Host: "tinh-1", Here: "xa-1"}
	left := func(at exchange.Estate, after exchange.ArrivalID, limit int) (list []exchange.ArrivalID) {
		s.view(t, func(ctx context.Context, tx exchange.Tx) error {
			found, err := tx.Unfinished(ctx, at, after, limit)
			for _, arrival := range found {
				list = append(list, arrival.ID)
			}
			return err
		})
		return list
	}
	equal(t, "left open", left(at, "", 10), []exchange.ArrivalID{id(3), id(7)})
	equal(t, "the first", left(at, "", 1), []exchange.ArrivalID{id(3)})
	equal(t, "after it", left(at, id(3), 10), []exchange.ArrivalID{id(7)})
	for _, want := range []bool{true, false} {
		s.update(t, func(ctx context.Context, tx exchange.Tx) error {
			fresh, err := tx.AddTransfer(ctx, exchange.Transfer{Arrival: id(3), Heir: Province, Node: "xa-1", At: Start()})
			equal(t, "a transfer that is new", fresh, want)
			return err
		})
	}
	equal(t, "of the heir", left(at, "", 10), []exchange.ArrivalID{id(7)})
	at.Heir = "office-next" // the heir has ended, too
	equal(t, "of the next heir", left(at, "", 10), []exchange.ArrivalID{id(3), id(7)})
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		_, err := tx.AddTransfer(ctx, exchange.Transfer{Arrival: id(7), Heir: Province, Node: "tinh-1", At: Start()})
		return err
	})
	equal(t, "what is at another gateway is not for here", left(at, "", 10), []exchange.ArrivalID{id(3)})
}
