package storagetest

import (
	"context"
	"testing"
	"time"

	"congvan/exchange"
)

// mailbox gives a mailbox of an office with every field filled.
func mailbox(office exchange.OfficeID, system exchange.System) exchange.Mailbox {
	return exchange.Mailbox{
		Office: office, System: system,
		Order: exchange.MailboxOrder{
			Topics: []string{"arrival"}, Kinds: []exchange.Kind{"QĐ"}, Units: []string{"VP"},
			URL: "https://ioffice.example.vn/hook", Folder: true, Paused: true,
		},
		Secrets:  []exchange.SealedSecret{{Sealed: []byte{0, 1, 255}, Until: Start()}, {Sealed: []byte{2}}},
		Position: 3, CreatedAt: Start(), HandedAt: Start().Add(time.Hour),
		Trouble: exchange.Trouble{
			Code: "storage.full", Detail: "HTTP 500", Failures: 2, At: Start(), Next: Start().Add(time.Second),
		},
	}
}

// mailbox reads the mailbox "ioffice" of an office.
func (s *story) mailbox(t *testing.T, office exchange.OfficeID) exchange.Mailbox {
	t.Helper()
	var found exchange.Mailbox
	s.view(t, func(ctx context.Context, tx exchange.Tx) (err error) {
		found, err = tx.Mailbox(ctx, office, "ioffice")
		return err
	})
	return found
}

func (s *story) pending(t *testing.T, office exchange.OfficeID, system exchange.System) []exchange.Pending {
	t.Helper()
	var found []exchange.Pending
	s.view(t, func(ctx context.Context, tx exchange.Tx) (err error) {
		found, err = tx.Pending(ctx, office, system, 10)
		return err
	})
	return found
}

func mailboxStays(t *testing.T, s *story) {
	t.Helper()
	first, other := mailbox(Commune, "ioffice"), mailbox(Province, "ioffice")
	filled(t, first)
	filled(t, first.Order)
	filled(t, first.Trouble)
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		ok(t, tx.SetMailbox(ctx, first))
		ok(t, tx.SetMailbox(ctx, other))
		return tx.SetMailbox(ctx, mailbox(Commune, "a-second"))
	})
	equal(t, "mailbox", s.mailbox(t, Commune), first)
	changed := first
	changed.Order = exchange.MailboxOrder{}
	changed.Secrets = nil
	later := changed
	later.Position, later.CreatedAt, later.HandedAt = 99, Start().Add(time.Hour), Start()
	later.Trouble = exchange.Trouble{}
	s.update(t, func(ctx context.Context, tx exchange.Tx) error { return tx.SetMailbox(ctx, later) })
	equal(t, "changed mailbox", s.mailbox(t, Commune), changed)
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		ok(t, tx.MoveMailbox(ctx, Commune, "ioffice", 7))
		return tx.SetTrouble(ctx, Commune, "ioffice", exchange.Trouble{})
	})
	changed.Position, changed.Trouble = 7, exchange.Trouble{}
	equal(t, "moved mailbox", s.mailbox(t, Commune), changed)
	equal(t, "mailbox of another office", s.mailbox(t, Province), other)
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		all, err := tx.Mailboxes(ctx, Commune)
		ok(t, err)
		if len(all) != 2 || all[0].System != "a-second" || all[1].System != "ioffice" {
			t.Fatalf("mailboxes %+v", all)
		}
		_, err = tx.Mailbox(ctx, Province, "a-second")
		refused(t, err, exchange.NotFound, "mailbox.not_found")
		return nil
	})
}

func handedOverOnce(t *testing.T, s *story) {
	t.Helper()
	at := Start().Add(time.Minute)
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		for _, system := range []exchange.System{"ioffice", "archive"} {
			ok(t, tx.SetMailbox(ctx, mailbox(Commune, system)))
		}
		for index, tries := range []int{1, 0, 3} {
			given := exchange.Pending{Index: int64(index), Document: "01DOC", Until: at, Tries: tries}
			ok(t, tx.SetPending(ctx, Commune, "ioffice", given))
		}
		return tx.SetPending(ctx, Commune, "archive", exchange.Pending{Index: 0, Document: "01DOC", Tries: 1})
	})
	handOver := func(system exchange.System, index int64) (done bool, err error) {
		err = s.try(t, func(ctx context.Context, tx exchange.Tx) (err error) {
			done, err = tx.HandOver(ctx, Commune, system, index, at)
			return err
		})
		return done, err
	}
	for _, want := range []bool{false, true} {
		done, err := handOver("ioffice", 2)
		ok(t, err)
		equal(t, "done", done, want)
	}
	for _, never := range []int64{1, 5} {
		_, err := handOver("ioffice", never)
		refused(t, err, exchange.NotFound, "mailbox.not_offered")
	}
	equal(t, "handed at", s.mailbox(t, Commune).HandedAt, at)
	equal(t, "pending", s.pending(t, Commune, "ioffice"), []exchange.Pending{
		{Index: 0, Document: "01DOC", Until: at, Tries: 1}, {Index: 1, Document: "01DOC", Until: at},
	})
	equal(t, "pending of another", len(s.pending(t, Commune, "archive")), 1)
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		for index, want := range map[int64]bool{0: true, 1: false, 2: true, 5: false} {
			offered, err := tx.Offered(ctx, Commune, "ioffice", index)
			ok(t, err)
			equal(t, "offered", offered, want)
		}
		offered, err := tx.Offered(ctx, Province, "ioffice", 2)
		ok(t, err)
		equal(t, "offered to another office", offered, false)
		return nil
	})
}

func mailboxesDue(t *testing.T, s *story) {
	t.Helper()
	due := func() (found []exchange.System) {
		s.view(t, func(ctx context.Context, tx exchange.Tx) error {
			all, err := tx.DueMailboxes(ctx, Start())
			for _, one := range all {
				found = append(found, one.System)
				equal(t, "secrets", len(one.Secrets), 0)
			}
			return err
		})
		return found
	}
	orders := map[exchange.System]func(*exchange.Mailbox){
		"hook":    func(*exchange.Mailbox) {},
		"later":   func(m *exchange.Mailbox) { m.Trouble.Next = Start().Add(time.Second) },
		"paused":  func(m *exchange.Mailbox) { m.Order.Paused = true },
		"pulling": func(m *exchange.Mailbox) { m.Order.URL = "" },
		"waiting": func(m *exchange.Mailbox) { m.Position = 9 },
	}
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		for system, change := range orders {
			one := mailbox(Commune, system)
			one.Order = exchange.MailboxOrder{URL: "https://example.vn"}
			one.Position, one.Trouble = 0, exchange.Trouble{}
			change(&one)
			ok(t, tx.SetMailbox(ctx, one))
		}
		left := exchange.Pending{Index: 8, Document: "01DOC", Until: Start(), Tries: 1}
		return tx.SetPending(ctx, Commune, "waiting", left)
	})
	equal(t, "due with an empty log", due(), []exchange.System{"waiting"})
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		for n, office := range []exchange.OfficeID{Province, Commune, Commune} {
			line := exchange.Entry{At: Start(), Act: "x", Office: office, Document: exchange.DocumentID(ID("DOC", n))}
			_, err := tx.AppendLog(ctx, line)
			ok(t, err)
		}
		return nil
	})
	equal(t, "due", due(), []exchange.System{"hook", "waiting"})
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		ok(t, tx.MoveMailbox(ctx, Commune, "hook", 3))
		again := exchange.Pending{Index: 8, Until: Start().Add(time.Millisecond), Tries: 2}
		return tx.SetPending(ctx, Commune, "waiting", again)
	})
	equal(t, "due no more", len(due()), 0)
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		lines, err := tx.Occurrences(ctx, Commune, 1, 1)
		ok(t, err)
		if len(lines) != 1 || lines[0].Index != 1 || lines[0].Office != Commune {
			t.Fatalf("lines %+v", lines)
		}
		lines, err = tx.Occurrences(ctx, Commune, 0, 10)
		equal(t, "lines", len(lines), 2)
		return err
	})
}
