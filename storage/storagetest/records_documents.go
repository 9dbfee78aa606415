package storagetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"congvan/exchange"
)

func documentsComeBack(t *testing.T, s *story) {
	t.Helper()
	full := Document(Commune, 1)
	filled(t, full, "Numbering", "IssuedAt")
	filled(t, full.Versions[0])
	filled(t, full.Signatory)
	filled(t, full.Attachments[0])
	bare := exchange.Document{ID: "bare", Office: Commune, Versions: full.Versions}
	s.add(t, full, bare)
	equal(t, "document", s.document(t, full.ID), full)
	equal(t, "document with nothing but a file", s.document(t, "bare"), bare)

	register := exchange.Register{Office: Commune, Direction: exchange.Outgoing, Book: "VB", Year: 2026}
	signed := exchange.Version{Step: exchange.StepSigned, File: full.Attachments[0], At: Start(), By: "lãnh đạo"}
	issuedAt := Start().Add(time.Hour)
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		if err := tx.AddVersion(ctx, full.ID, signed); err != nil {
			return err
		}
		if _, err := tx.TakeNumber(ctx, register, string(full.ID), "QĐ-UBND", "2026-03-02"); err != nil {
			return err
		}
		return tx.MarkIssued(ctx, full.ID, issuedAt)
	})
	full.Versions = append(full.Versions, signed)
	full.Numbering = exchange.Numbering{Register: register, Number: 1, Notation: "QĐ-UBND", Date: "2026-03-02"}
	full.IssuedAt = issuedAt
	equal(t, "document with its later facts", s.document(t, full.ID), full)
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		listed, err := tx.Documents(ctx, Commune, exchange.Page{Limit: 10})
		equal(t, "list", listed, []exchange.Document{bare, full})
		return err
	})
}

func knownDocument(t *testing.T, s *story) {
	t.Helper()
	first := Document(Commune, 1)
	s.add(t, first)
	second := first
	second.Subject = "khác"
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		refused(t, tx.AddDocument(ctx, second), exchange.Conflict, "document.known")
		return tx.AddDocument(ctx, Document(Commune, 2)) // the transaction goes on
	})
	equal(t, "first document", s.document(t, first.ID), first)
	equal(t, "document after the conflict", s.document(t, Document(Commune, 2).ID), Document(Commune, 2))
}

func versionsInOrder(t *testing.T, s *story) {
	t.Helper()
	document := Document(Commune, 1)
	s.add(t, document)
	for n := range 12 {
		version := exchange.Version{Step: exchange.StepSigned, At: Start(), File: exchange.File{Digest: DigestOf(n)}}
		document.Versions = append(document.Versions, version)
		s.update(t, func(ctx context.Context, tx exchange.Tx) error { return tx.AddVersion(ctx, document.ID, version) })
	}
	equal(t, "versions", s.document(t, document.ID).Versions, document.Versions)
	err := s.try(t, func(ctx context.Context, tx exchange.Tx) error {
		return tx.AddVersion(ctx, "unknown", document.Versions[0])
	})
	refused(t, err, exchange.NotFound, "document.not_found")
}

func issuedOnce(t *testing.T, s *story) {
	t.Helper()
	document := Document(Commune, 1)
	s.add(t, document)
	issue := func(id exchange.DocumentID, at time.Time) error {
		return s.try(t, func(ctx context.Context, tx exchange.Tx) error { return tx.MarkIssued(ctx, id, at) })
	}
	ok(t, issue(document.ID, Start()))
	refused(t, issue(document.ID, Start().Add(time.Hour)), exchange.Conflict, "document.issued")
	refused(t, issue("unknown", Start()), exchange.NotFound, "document.not_found")
	equal(t, "moment", s.document(t, document.ID).IssuedAt, Start())
}

func numberKept(t *testing.T, s *story) {
	t.Helper()
	take := func(register exchange.Register, subject, notation string, on exchange.Date) (n exchange.Numbering) {
		s.update(t, func(ctx context.Context, tx exchange.Tx) (err error) {
			n, err = tx.TakeNumber(ctx, register, subject, notation, on)
			return err
		})
		return n
	}
	out := exchange.Register{Office: Commune, Direction: exchange.Outgoing, Book: "VB", Year: 2026}
	first := take(out, "one", "QĐ-UBND", "2026-03-02")
	equal(t, "first", first, exchange.Numbering{Register: out, Number: 1, Notation: "QĐ-UBND", Date: "2026-03-02"})
	equal(t, "the same subject again", take(out, "one", "khác", "2026-03-03"), first)
	equal(t, "the next subject", take(out, "two", "", "2026-03-03").Number, 2)
	for _, other := range []exchange.Register{
		{Office: Province, Direction: exchange.Outgoing, Book: "VB", Year: 2026},
		{Office: Commune, Direction: exchange.Incoming, Book: "VB", Year: 2026},
		{Office: Commune, Direction: exchange.Outgoing, Book: "QĐ", Year: 2026},
		{Office: Commune, Direction: exchange.Outgoing, Book: "VB", Year: 2027},
	} {
		equal(t, fmt.Sprint(other), take(other, fmt.Sprint(other), "", "2026-03-02").Number, 1)
	}
}

// numberAfterReading wants what a transaction has read of a document to decide nothing about its number: it is taken
// once, belongs to the one it was taken for, and is found.
func numberAfterReading(t *testing.T, s *story) {
	t.Helper()
	first, second := Document(Commune, 1), Document(Commune, 2)
	s.add(t, first, second)
	register := exchange.Register{Office: Commune, Direction: exchange.Outgoing, Book: "VB", Year: 2026}
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		take := func(document exchange.Document, want int) error {
			taken, err := tx.TakeNumber(ctx, register, string(document.ID), "SO-"+string(document.ID), "2026-03-02")
			equal(t, "number", taken.Number, want)
			return err
		}
		read := func(document exchange.Document, want int) error {
			found, err := tx.Document(ctx, Commune, document.ID)
			equal(t, "number that was read", found.Numbering.Number, want)
			return err
		}
		return errors.Join(read(first, 0), read(second, 0), take(first, 1), take(first, 1), read(second, 0),
			take(second, 2), take(second, 2), read(first, 1), take(first, 1), read(second, 2), take(second, 2))
	})
	for _, document := range []exchange.Document{first, second} {
		equal(t, "found by its number", s.searchDocuments(t, "SO-"+string(document.ID)), []exchange.DocumentID{document.ID})
	}
}

// writers is how many write at the same time in the stories about gaps.
const (
	writers    = 16
	eachWrites = 12
)

// crowd lets all writers run fn for each of their turns, and waits for them.
func crowd(t *testing.T, fn func(writer, turn int)) {
	t.Helper()
	var all sync.WaitGroup
	for writer := range writers {
		all.Go(func() {
			for turn := range eachWrites {
				fn(writer, turn)
			}
		})
	}
	all.Wait()
}

func numbersWithoutGaps(t *testing.T, s *story) {
	t.Helper()
	register := exchange.Register{Office: Commune, Direction: exchange.Outgoing, Book: "VB", Year: 2026}
	var mu sync.Mutex // guards given
	given := map[int]string{}
	crowd(t, func(writer, turn int) {
		subject := fmt.Sprintf("%d-%d", writer, turn)
		var taken exchange.Numbering
		err := s.try(t, func(ctx context.Context, tx exchange.Tx) (err error) {
			taken, err = tx.TakeNumber(ctx, register, subject, "", "2026-03-02")
			if turn%3 == 1 {
				return errOnPurpose
			}
			return err
		})
		if (err != nil) != (turn%3 == 1) {
			t.Errorf("%s: %v", subject, err)
		}
		if err == nil {
			mu.Lock()
			defer mu.Unlock()
			if other, twice := given[taken.Number]; twice {
				t.Errorf("number %d given to %s and %s", taken.Number, other, subject)
			}
			given[taken.Number] = subject
		}
	})
	equal(t, "how many were given", len(given), writers*eachWrites*2/3)
	for number := 1; number <= len(given); number++ {
		if given[number] == "" {
			t.Errorf("number %d was not given", number)
		}
	}
}
