package storagetest

import (
	"context"
	"testing"
	"time"

	"congvan/exchange"
)

func keptInOrder(t *testing.T, s *story) {
	t.Helper()
	first := exchange.Kept{
		Office: Commune, Document: "01DOC", File: Document(Commune, 1).Versions[0].File, At: Start(), Due: Start(),
	}
	second := first
	second.Ordinal, second.Level, second.File.Size = 1, "B-LTA", 99
	second.Due = Start().AddDate(1, 0, 0)
	other := first
	other.Office, other.Due = Province, Start().Add(time.Hour)
	never := first
	never.Document, never.Due = "02DOC", time.Time{}
	add := func(kept exchange.Kept) error {
		return s.try(t, func(ctx context.Context, tx exchange.Tx) error { return tx.AddKept(ctx, kept) })
	}
	due := func(at time.Time) (list []exchange.Kept) {
		s.view(t, func(ctx context.Context, tx exchange.Tx) (err error) {
			list, err = tx.KeptDue(ctx, at, 10)
			return err
		})
		return list
	}
	for _, kept := range []exchange.Kept{other, first, never} {
		ok(t, add(kept))
	}
	refused(t, add(first), exchange.Conflict, "archive.kept_before")
	equal(t, "due in an hour", due(Start().Add(time.Hour)), []exchange.Kept{first, other})
	ok(t, add(second))
	equal(t, "due now", len(due(Start())), 0)
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		return tx.Postpone(ctx, Province, "01DOC", Start().Add(3*time.Hour))
	})
	equal(t, "due after it was put off", len(due(Start().Add(2*time.Hour))), 0)
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		kept, err := tx.Kept(ctx, Commune, "01DOC")
		past := first
		past.Due = time.Time{}
		equal(t, "kept", kept, []exchange.Kept{past, second})
		return err
	})
}

func owingUntilIssued(t *testing.T, s *story) {
	t.Helper()
	owing, paid, issued, later := Document(Commune, 1), Document(Commune, 2), Document(Commune, 3), Document(Province, 4)
	s.add(t, owing, paid, issued, later)
	paidVersion := paid.Versions[0]
	paidVersion.Owed = ""
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		if err := tx.AddVersion(ctx, paid.ID, paidVersion); err != nil {
			return err
		}
		return tx.MarkIssued(ctx, issued.ID, Start())
	})
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		all, err := tx.Owing(ctx, "", 10)
		equal(t, "all that owe", all, []exchange.Document{owing, later})
		if err != nil {
			return err
		}
		rest, err := tx.Owing(ctx, owing.ID, 1)
		equal(t, "the rest", rest, []exchange.Document{later})
		return err
	})
}
