package storagetest

import (
	"context"
	"testing"
	"time"

	"congvan/exchange"
)

// notices wants every fact about what is said after sending to be kept, and withdrawn arrivals to be in no list.
func notices(t *testing.T, s *story) {
	t.Helper()
	notice := exchange.Notice{
		ID: "01NOTICE", Document: exchange.DocumentID(ID("DOC", 1)), Content: DigestOf(1), From: "office-elsewhere",
		For: "office-that-ended", Instead: "office-that-refused",
		To: []exchange.OfficeID{Commune}, Node: "node-elsewhere", Status: exchange.RecallRequested,
		Reason: "gửi nhầm dự thảo", By: "văn thư", At: Start(), Goal: "node-of-the-heir",
		Handed: &exchange.Handed{
			Header: []byte("header"), Receipts: [][]byte{[]byte("receipt")}, Notices: [][]byte{[]byte("notice")}, Shown: Start(),
		},
	}
	filled(t, notice)
	for again := range 2 {
		s.update(t, func(ctx context.Context, tx exchange.Tx) error {
			ok(t, tx.AddNotice(ctx, notice))
			heeded, err := tx.Heed(ctx, notice.ID, Commune)
			equal(t, "heeded before", heeded, again == 1)
			return err
		})
	}
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		found, err := tx.Notices(ctx, notice.Document)
		equal(t, "notices", found, []exchange.Notice{notice})
		return err
	})
}

// withdrawals wants what was shown or withdrawn to be known of an arrival.
func withdrawals(t *testing.T, s *story) {
	t.Helper()
	at := Start().Add(time.Hour)
	for n := range 3 {
		s.arrive(t, Arrival(Commune, n))
	}
	second := Arrival(Commune, 1)
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		refused(t, tx.MarkShown(ctx, "01NONE", at, "ai"), exchange.NotFound, "arrival.not_found")
		ok(t, tx.MarkShown(ctx, Arrival(Commune, 0).ID, at, "văn thư"))
		ok(t, tx.MarkShown(ctx, Arrival(Commune, 0).ID, at.Add(time.Hour), "người khác"))
		return tx.MarkWithdrawn(ctx, second.ID, at)
	})
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		for _, search := range []string{"", "quyet dinh"} {
			list, err := tx.Arrivals(ctx, Commune, exchange.Page{Limit: 10, Search: search})
			ok(t, err)
			if len(list) != 2 || list[0].Document != Arrival(Commune, 2).Document || !list[1].ShownAt.Equal(at) {
				t.Fatalf("search %q: %+v", search, list)
			}
		}
		list, err := tx.Withdrawn(ctx, Commune, exchange.Page{Limit: 10})
		ok(t, err)
		if len(list) != 1 || list[0].ID != second.ID {
			t.Fatalf("withdrawn: %+v", list)
		}
		list, err = tx.Withdrawn(ctx, Province, exchange.Page{Limit: 10})
		if err != nil || len(list) > 0 {
			t.Fatalf("withdrawn at another office: %+v, %v", list, err)
		}
		found, err := tx.ArrivalOf(ctx, Commune, second.Document)
		ok(t, err)
		equal(t, "arrival of a document", found.ID, second.ID)
		_, err = tx.ArrivalOf(ctx, Province, second.Document)
		refused(t, err, exchange.NotFound, "arrival.not_found")
		return nil
	})
}

// ties wants to find who names whom from both ends.
func ties(t *testing.T, s *story) {
	t.Helper()
	want := []exchange.Tie{
		{Kind: exchange.Replaces, Source: "01NEW", Target: "01OLD", From: Commune},
		{Kind: exchange.Answers, Source: "01OLD", Target: "01FIRST", From: Commune},
	}
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		ok(t, tx.AddTies(ctx, want))
		other := exchange.Tie{Kind: exchange.Copies, Source: "01NEW", Target: "01ELSE", From: Commune}
		return tx.AddTies(ctx, append(want, other))
	})
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		found, err := tx.Ties(ctx, "01OLD")
		equal(t, "ties", found, want)
		return err
	})
}
