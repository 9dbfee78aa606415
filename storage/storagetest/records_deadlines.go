package storagetest

import (
	"context"
	"testing"
	"time"

	"congvan/exchange"
)

func watchedOnce(t *testing.T, s *story) {
	t.Helper()
	s.add(t, Document(Commune, 1), Document(Province, 2), Document(Commune, 3))
	s.arrive(t, Arrival(Commune, 4))
	now := Start().Add(time.Hour)
	watch := func(want int) {
		t.Helper()
		s.update(t, func(ctx context.Context, tx exchange.Tx) error {
			count, err := tx.Watch(ctx, now, 2)
			equal(t, "newly watched", count, want)
			return err
		})
	}
	watch(3) // two documents and the arrival
	watch(1)
	watch(0)
	s.add(t, Document(Commune, 5))
	watch(1)
	first := exchange.Watched{
		Side: exchange.Outgoing, Subject: ID("DOC", 1), Office: Commune,
		LookAt: now.Add(time.Hour), Due: now.Add(3 * time.Hour),
	}
	filled(t, first)
	third := first
	third.Subject, third.Due = ID("DOC", 3), now.Add(2*time.Hour)
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		for _, watched := range []exchange.Watched{first, third, {Subject: ID("DOC", 5)}, {Subject: ID("DOC", 2)}} {
			if err := tx.Rewatch(ctx, watched); err != nil {
				return err
			}
		}
		return nil
	})
	arrival := exchange.Watched{
		Side: exchange.Incoming, Subject: string(Arrival(Commune, 4).ID), Office: Commune, LookAt: now,
	}
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		due, err := tx.DueWatched(ctx, now, 10)
		equal(t, "to be looked at", due, []exchange.Watched{arrival})
		ok(t, err)
		pressing, err := tx.WatchedBy(ctx, Commune, exchange.Watched{}, 1)
		equal(t, "the most pressing", pressing, []exchange.Watched{third})
		ok(t, err)
		pressing, err = tx.WatchedBy(ctx, Commune, third, 10)
		equal(t, "after it", pressing, []exchange.Watched{first})
		return err
	})
}

func remindedOnce(t *testing.T, s *story) {
	t.Helper()
	given := exchange.Reminded{
		Side: exchange.Incoming, Subject: "01DEN", Document: "01VB", Office: Commune, Duty: "answer", Step: "on_day",
		Due: Start().Add(time.Hour), At: Start(),
	}
	filled(t, given)
	later := given
	later.Step, later.At = "after_1", Start().Add(time.Minute)
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		for _, c := range []struct {
			reminded exchange.Reminded
			fresh    bool
		}{{given, true}, {given, false}, {later, true}} {
			fresh, err := tx.AddReminded(ctx, c.reminded)
			equal(t, "fresh", fresh, c.fresh)
			ok(t, err)
		}
		return nil
	})
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		list, err := tx.Reminders(ctx, Commune, Start(), 10)
		equal(t, "reminders", list, []exchange.Reminded{later, given})
		ok(t, err)
		list, err = tx.Reminders(ctx, Commune, later.At, 10)
		equal(t, "reminders since", list, []exchange.Reminded{later})
		ok(t, err)
		list, err = tx.Reminders(ctx, Province, Start(), 10)
		equal(t, "reminders of another office", len(list), 0)
		return err
	})
}

func spansInOrder(t *testing.T, s *story) {
	t.Helper()
	s.add(t, Document(Commune, 3), Document(Commune, 1), Document(Province, 2), Document(Commune, 9))
	for _, n := range []int{2, 1, 3} {
		s.arrive(t, Arrival(Commune, n))
	}
	first, third := s.document(t, Document(Commune, 1).ID), s.document(t, Document(Commune, 3).ID)
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		span := exchange.Span{Office: Commune, From: first.CreatedAt, To: third.CreatedAt.Add(time.Microsecond), Limit: 10}
		filled(t, exchange.Span{Office: "x", From: span.From, After: "x", To: span.To, Limit: 1})
		documents, err := tx.DocumentsIn(ctx, span)
		equal(t, "documents", documents, []exchange.Document{first, third})
		ok(t, err)
		span.After = string(first.ID)
		documents, err = tx.DocumentsIn(ctx, span)
		equal(t, "documents after the first", documents, []exchange.Document{third})
		ok(t, err)
		from := Arrival(Commune, 1)
		arrivals, err := tx.ArrivalsIn(ctx, exchange.Span{
			Office: Commune, From: from.ArrivedAt, After: string(from.ID), To: Arrival(Commune, 3).ArrivedAt, Limit: 10,
		})
		equal(t, "arrivals", len(arrivals), 1)
		equal(t, "arrival", arrivals[0].ID, Arrival(Commune, 2).ID)
		equal(t, "its header", arrivals[0].Header.Subject, Arrival(Commune, 2).Header.Subject)
		return err
	})
}

func statementsAndAnswers(t *testing.T, s *story) {
	t.Helper()
	arrival := Arrival(Commune, 1)
	s.arrive(t, arrival)
	id := Document(Commune, 7).ID
	for n := range 2 { // one answer that is issued, one that is not
		answer := Document(Commune, 8+n)
		answer.RepliesTo = id
		s.add(t, answer)
	}
	came := Arrival(Commune, 10)
	came.Header.RepliesTo = id
	s.arrive(t, came)
	issued := Start().Add(time.Hour)
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		return tx.MarkIssued(ctx, Document(Commune, 8).ID, issued)
	})
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		receipt := arrival.Receipts[0]
		said, err := tx.Statements(ctx, "", []exchange.DocumentID{arrival.Document, id})
		equal(t, "statements", said, []exchange.Statement{{
			Document: receipt.Document, Office: receipt.Office, For: receipt.For, Node: receipt.Node, Status: receipt.Status,
			Reason: receipt.Reason, At: receipt.At,
		}})
		ok(t, err)
		said, err = tx.Statements(ctx, "so-khac", []exchange.DocumentID{arrival.Document})
		equal(t, "statements about another office", len(said), 0)
		ok(t, err)
		answers, err := tx.Answers(ctx, Commune, []exchange.DocumentID{id, "01KHAC"})
		equal(t, "answers", answers, []exchange.DatedAnswer{
			{To: id, By: Commune, At: issued}, {To: id, By: came.Header.From, At: came.ArrivedAt},
		})
		ok(t, err)
		answers, err = tx.Answers(ctx, Province, []exchange.DocumentID{id})
		equal(t, "answers seen by another office", len(answers), 0)
		ok(t, err)
		return nil
	})
}
