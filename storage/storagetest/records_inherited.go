package storagetest

import (
	"context"
	"testing"

	"congvan/exchange"
)

// inheritedListed wants the heir's list to have its own and what it inherited, newest first, page by page; a receipt
// that it made about what it inherited belongs to that alone.
func inheritedListed(t *testing.T, s *story) {
	t.Helper()
	for _, arrival := range []exchange.Arrival{
		Arrival(Commune, 1), Arrival(Province, 2), Arrival(Commune, 3), Arrival(Province, 1),
	} {
		s.arrive(t, arrival)
	}
	var all []exchange.ArrivalID
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		page := exchange.Page{Limit: 1, Inherited: []exchange.OfficeID{Commune}}
		for {
			listed, err := tx.Arrivals(ctx, Province, page)
			if err != nil || len(listed) == 0 {
				return err
			}
			all = append(all, listed[0].ID)
			page.After = string(listed[0].ID)
		}
	})
	equal(t, "the one inbox", all, []exchange.ArrivalID{
		Arrival(Province, 1).ID, Arrival(Commune, 3).ID, Arrival(Province, 2).ID, Arrival(Commune, 1).ID,
	})
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		_, err := tx.Arrivals(ctx, Province, exchange.Page{Limit: 5, After: string(Arrival(Commune, 3).ID)})
		refused(t, err, exchange.Invalid, "page.cursor")
		return nil
	})

	stated := Receipt(Province, 1, exchange.Accepted)
	stated.For, stated.Arrival = Commune, Arrival(Commune, 1).ID
	s.update(t, func(ctx context.Context, tx exchange.Tx) error { return tx.AddReceipt(ctx, stated) })
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		old, err := tx.Arrival(ctx, Commune, stated.Arrival)
		equal(t, "about what it inherited", old.Status(), exchange.Accepted)
		ok(t, err)
		own, err := tx.Arrival(ctx, Province, Arrival(Province, 1).ID)
		equal(t, "about its own", own.Status(), exchange.Arrived)
		ok(t, err)
		for office, want := range map[exchange.OfficeID]int{Commune: 2, Province: 1} {
			said, err := tx.Statements(ctx, office, []exchange.DocumentID{stated.Document})
			equal(t, "statements about the copy of "+string(office), len(said), want)
			ok(t, err)
		}
		return nil
	})
}

func booksClosedOnce(t *testing.T, s *story) {
	t.Helper()
	register := exchange.Register{Office: Commune, Direction: exchange.Incoming, Book: "VB", Year: 2025}
	other := exchange.Register{Office: Province, Direction: exchange.Outgoing, Book: "VB", Year: 2025}
	s.arrive(t, Arrival(Commune, 1))
	s.arrive(t, Arrival(Commune, 2))
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		for _, id := range []exchange.ArrivalID{Arrival(Commune, 1).ID, Arrival(Commune, 2).ID} {
			if _, err := tx.TakeNumber(ctx, register, string(id), "", "2025-06-30"); err != nil {
				return err
			}
		}
		_, err := tx.TakeNumber(ctx, other, "01KHAC", "", "2025-06-30")
		return err
	})
	end := exchange.BookEnd{Register: register, Last: 2, At: Start()}
	open := func(want ...exchange.BookEnd) {
		t.Helper()
		s.view(t, func(ctx context.Context, tx exchange.Tx) error {
			got, err := tx.OpenRegisters(ctx)
			equal(t, "open registers", got, want)
			return err
		})
	}
	another := exchange.BookEnd{Register: other, Last: 1}
	open(exchange.BookEnd{Register: register, Last: 2}, another)
	for _, first := range []bool{true, false} {
		s.update(t, func(ctx context.Context, tx exchange.Tx) error {
			added, err := tx.CloseRegister(ctx, end)
			equal(t, "closed now", added, first)
			return err
		})
	}
	open(another)
}
