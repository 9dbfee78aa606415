package storagetest

import (
	"context"
	"testing"
	"time"

	"congvan/exchange"
)

// arrival reads an arrival of the commune that must be there.
func (s *story) arrival(t *testing.T, id exchange.ArrivalID) exchange.Arrival {
	t.Helper()
	var arrival exchange.Arrival
	s.view(t, func(ctx context.Context, tx exchange.Tx) (err error) {
		arrival, err = tx.Arrival(ctx, Commune, id)
		return err
	})
	return arrival
}

func arrivalsComeBack(t *testing.T, s *story) {
	t.Helper()
	first, second := Arrival(Commune, 1), Arrival(Commune, 2)
	filled(t, first, "Judgement", "FiledAt", "ShownAt")
	filled(t, first.Receipts[0], "Arrival") // that is of what was inherited
	for _, arrival := range []exchange.Arrival{first, second} {
		stored, known := s.arrive(t, arrival)
		equal(t, "known", known, false)
		equal(t, "stored", stored, arrival)
	}
	accepted := Receipt(Commune, 1, exchange.Accepted)
	elsewhere := Receipt(Province, 1, exchange.Accepted) // about another office's copy
	judgement := exchange.Judgement{At: Start(), Verdict: "passed", Report: []byte(`{"verdict":"passed"}`)}
	filled(t, judgement)
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		for _, receipt := range []exchange.Receipt{accepted, elsewhere} {
			if err := tx.AddReceipt(ctx, receipt); err != nil {
				return err
			}
		}
		return tx.AddJudgement(ctx, first.ID, judgement)
	})
	first.Receipts = append(first.Receipts, accepted)
	first.Judgement = &judgement
	equal(t, "arrival with its later facts", s.arrival(t, first.ID), first)
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		listed, err := tx.Arrivals(ctx, Commune, exchange.Page{Limit: 10})
		equal(t, "list", listed, []exchange.Arrival{second, first})
		return err
	})
}

func arrivesOnce(t *testing.T, s *story) {
	t.Helper()
	first := Arrival(Commune, 1)
	s.arrive(t, first)
	again := Arrival(Commune, 1)
	again.ID, again.ArrivedAt = "another id", Start().Add(time.Hour)
	again.Receipts = []exchange.Receipt{Receipt(Commune, 1, exchange.Refused)}
	stored, known := s.arrive(t, again)
	equal(t, "known", known, true)
	equal(t, "stored", stored, first)
	equal(t, "arrival", s.arrival(t, first.ID), first)

	atOther, known := s.arrive(t, Arrival(Province, 1))
	equal(t, "known at another office", known, false)
	equal(t, "office", atOther.Office, Province)

	stolen := Arrival(Commune, 2)
	stolen.ID = first.ID
	err := s.try(t, func(ctx context.Context, tx exchange.Tx) error {
		_, _, err := tx.AddArrival(ctx, stolen)
		return err
	})
	refused(t, err, exchange.Conflict, "arrival.known")
}

func unjudgedUntilJudged(t *testing.T, s *story) {
	t.Helper()
	for n := 1; n <= 3; n++ {
		s.arrive(t, Arrival(Commune, n))
	}
	s.arrive(t, Arrival(Province, 4))
	unjudged := func(limit int) (ids []exchange.ArrivalID) {
		s.view(t, func(ctx context.Context, tx exchange.Tx) error {
			arrivals, err := tx.Unjudged(ctx, limit)
			for _, arrival := range arrivals {
				equal(t, "receipts", len(arrival.Receipts), 0)
				ids = append(ids, arrival.ID)
			}
			return err
		})
		return ids
	}
	judge := func(id exchange.ArrivalID, judgement exchange.Judgement) error {
		return s.try(t, func(ctx context.Context, tx exchange.Tx) error { return tx.AddJudgement(ctx, id, judgement) })
	}
	id := func(office exchange.OfficeID, n int) exchange.ArrivalID { return Arrival(office, n).ID }
	equal(t, "all", unjudged(10), []exchange.ArrivalID{
		id(Commune, 1), id(Commune, 2), id(Commune, 3), id(Province, 4),
	})
	equal(t, "limit", len(unjudged(2)), 2)
	ok(t, judge(id(Commune, 2), exchange.Judgement{At: Start(), Verdict: "failed"}))
	equal(t, "after one", unjudged(2), []exchange.ArrivalID{id(Commune, 1), id(Commune, 3)})
	again := exchange.Judgement{At: Start().Add(time.Hour), Verdict: "passed", Report: []byte("{}")}
	ok(t, judge(id(Commune, 2), again))
	equal(t, "the last judgement counts", s.arrival(t, id(Commune, 2)).Judgement, &again)
	refused(t, judge("unknown", again), exchange.NotFound, "arrival.not_found")
}

func filedOnce(t *testing.T, s *story) {
	t.Helper()
	arrival := Arrival(Commune, 1)
	s.arrive(t, arrival)
	file := func(id exchange.ArrivalID, at time.Time) error {
		return s.try(t, func(ctx context.Context, tx exchange.Tx) error { return tx.MarkFiled(ctx, id, at) })
	}
	ok(t, file(arrival.ID, Start()))
	ok(t, file(arrival.ID, Start().Add(time.Hour)))
	equal(t, "filed", s.arrival(t, arrival.ID).FiledAt, Start())
	refused(t, file("unknown", Start()), exchange.NotFound, "arrival.not_found")
}

func knownReceipt(t *testing.T, s *story) {
	t.Helper()
	first := Receipt(Commune, 1, exchange.Accepted)
	other := first
	other.Reason, other.Sealed = "khác", []byte("other")
	last := Receipt(Commune, 1, exchange.Completed)
	for _, receipt := range []exchange.Receipt{first, other, last, first} {
		s.update(t, func(ctx context.Context, tx exchange.Tx) error { return tx.AddReceipt(ctx, receipt) })
	}
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		receipts, err := tx.Receipts(ctx, first.Document)
		equal(t, "receipts", receipts, []exchange.Receipt{first, last})
		none, _ := tx.Receipts(ctx, "unknown")
		equal(t, "of an unknown document", len(none), 0)
		return err
	})
}

func otherOffices(t *testing.T, s *story) {
	t.Helper()
	document, arrival := Document(Commune, 1), Arrival(Commune, 2)
	s.add(t, document)
	s.arrive(t, arrival)
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		_, err := tx.AppendLog(ctx, exchange.Entry{At: Start(), Act: "x", Office: Commune, Document: document.ID})
		return err
	})
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		_, err := tx.Document(ctx, Province, document.ID)
		refused(t, err, exchange.NotFound, "document.not_found")
		_, err = tx.Arrival(ctx, Province, arrival.ID)
		refused(t, err, exchange.NotFound, "arrival.not_found")
		for _, search := range []string{"", "quyet dinh", string(document.ID)} {
			documents, err := tx.Documents(ctx, Province, exchange.Page{Limit: 10, Search: search})
			equal(t, "documents", len(documents), 0)
			ok(t, err)
			arrivals, err := tx.Arrivals(ctx, Province, exchange.Page{Limit: 10, Search: search})
			equal(t, "arrivals", len(arrivals), 0)
			ok(t, err)
		}
		_, err = tx.Documents(ctx, Province, exchange.Page{Limit: 10, After: string(document.ID)})
		refused(t, err, exchange.Invalid, "page.cursor")
		_, err = tx.Arrivals(ctx, Province, exchange.Page{Limit: 10, After: string(arrival.ID)})
		refused(t, err, exchange.Invalid, "page.cursor")
		entries, err := tx.Entries(ctx, Province, document.ID)
		equal(t, "entries", len(entries), 0)
		return err
	})
}
