package storagetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"congvan/exchange"
)

// there says whether the nth document of the commune is there.
func (s *story) there(t *testing.T, n int) bool {
	t.Helper()
	err := s.records.View(t.Context(), func(tx exchange.Tx) error {
		_, err := tx.Document(t.Context(), Commune, Document(Commune, n).ID)
		return err
	})
	if err != nil && exchange.KindOf(err) != exchange.NotFound {
		t.Fatal(err)
	}
	return err == nil
}

func failingClosure(t *testing.T, s *story) {
	t.Helper()
	err := s.try(t, func(ctx context.Context, tx exchange.Tx) error {
		return errors.Join(tx.AddDocument(ctx, Document(Commune, 1)), errOnPurpose)
	})
	if !errors.Is(err, errOnPurpose) {
		t.Fatalf("got %v", err)
	}
	equal(t, "there", s.there(t, 1), false)
	s.add(t, Document(Commune, 1))
	equal(t, "there at last", s.there(t, 1), true)
}

func panicContained(t *testing.T, s *story) {
	t.Helper()
	err := s.try(t, func(ctx context.Context, tx exchange.Tx) error {
		ok(t, tx.AddDocument(ctx, Document(Commune, 1)))
		panic("on purpose")
	})
	refused(t, err, exchange.Internal, "internal")
	err = s.records.View(t.Context(), func(exchange.Tx) error { panic("on purpose") })
	refused(t, err, exchange.Internal, "internal")
	equal(t, "there", s.there(t, 1), false)
	s.add(t, Document(Commune, 2))
}

func goexitContained(t *testing.T, s *story) {
	t.Helper()
	var gone sync.WaitGroup
	gone.Go(func() {
		_ = s.records.Update(t.Context(), func(tx exchange.Tx) error {
			if err := tx.AddDocument(t.Context(), Document(Commune, 1)); err != nil {
				return err
			}
			runtime.Goexit()
			return nil
		})
		t.Error("the goroutine goes on")
	})
	gone.Wait()
	gone.Go(func() {
		_ = s.records.View(t.Context(), func(exchange.Tx) error {
			runtime.Goexit()
			return nil
		})
	})
	gone.Wait()
	s.add(t, Document(Commune, 2))
	equal(t, "there", s.there(t, 1), false)
}

func viewWritesNothing(t *testing.T, s *story) {
	t.Helper()
	s.message(t)
	for name, write := range map[string]func(ctx context.Context, tx exchange.Tx) error{
		"document": func(ctx context.Context, tx exchange.Tx) error { return tx.AddDocument(ctx, Document(Commune, 1)) },
		"log": func(ctx context.Context, tx exchange.Tx) error {
			_, err := tx.AppendLog(ctx, entry(1))
			return err
		},
		"number": func(ctx context.Context, tx exchange.Tx) error {
			_, err := tx.TakeNumber(ctx, exchange.Register{}, "x", "", "")
			return err
		},
		"deliveries": func(ctx context.Context, tx exchange.Tx) error {
			return tx.AddDeliveries(ctx, []exchange.Delivery{{Message: "m1"}})
		},
	} {
		err := s.records.View(t.Context(), func(tx exchange.Tx) error { return write(t.Context(), tx) })
		if err == nil {
			t.Errorf("a view wrote a %s", name)
		}
	}
	size, _ := s.logHead(t)
	equal(t, "log", size, int64(0))
	equal(t, "there", s.there(t, 1), false)
}

func viewSeesOneState(t *testing.T, s *story) {
	t.Helper()
	s.add(t, Document(Commune, 1))
	ok(t, s.records.View(t.Context(), func(tx exchange.Tx) error {
		before, err := tx.Documents(t.Context(), Commune, exchange.Page{Limit: 10})
		ok(t, err)
		s.add(t, Document(Commune, 2)) // committed while we look
		after, err := tx.Documents(t.Context(), Commune, exchange.Page{Limit: 10})
		equal(t, "later", after, before)
		return err
	}))
	equal(t, "there", s.there(t, 2), true)
}

func cancelledCaller(t *testing.T, s *story) {
	t.Helper()
	cancelled, cancel := context.WithCancel(t.Context())
	err := s.records.Update(cancelled, func(tx exchange.Tx) error {
		if err := tx.AddDocument(cancelled, Document(Commune, 1)); err != nil {
			return err
		}
		cancel()
		return tx.AddDocument(cancelled, Document(Commune, 2))
	})
	if !errors.Is(err, context.Canceled) || exchange.KindOf(err) != exchange.Unavailable {
		t.Fatalf("got %v", err)
	}
	ran := false
	err = s.records.Update(cancelled, func(exchange.Tx) error {
		ran = true
		return nil
	})
	if err == nil && !ran || err != nil && !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if err := s.records.View(cancelled, func(tx exchange.Tx) error {
		_, err := tx.OwedNodes(cancelled)
		return err
	}); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	equal(t, "first", s.there(t, 1), false)
	equal(t, "second", s.there(t, 2), false)
	s.add(t, Document(Commune, 3))
}

func waitingCaller(t *testing.T, s *story) {
	t.Helper()
	inside, goOn := make(chan struct{}), make(chan struct{})
	var first sync.WaitGroup
	first.Go(func() {
		err := s.records.Update(t.Context(), func(exchange.Tx) error {
			close(inside)
			<-goOn
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-inside
	impatient, cancel := context.WithCancel(t.Context())
	var second sync.WaitGroup
	second.Go(func() {
		err := s.records.Update(impatient, func(tx exchange.Tx) error {
			t.Error("it had given up")
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
	cancel()
	second.Wait() // while the first still holds the turn
	close(goOn)
	first.Wait()
	s.add(t, Document(Commune, 1))
}

func overIsOver(t *testing.T, s *story) {
	t.Helper()
	var kept exchange.Tx
	s.update(t, func(_ context.Context, tx exchange.Tx) error {
		kept = tx
		return nil
	})
	if kept.AddDocument(t.Context(), Document(Commune, 1)) == nil {
		t.Error("a transaction was used after its end")
	}
	s.view(t, func(_ context.Context, tx exchange.Tx) error {
		kept = tx
		return nil
	})
	if _, err := kept.Document(t.Context(), Commune, "x"); exchange.KindOf(err) == exchange.NotFound {
		t.Error("a view was used after its end")
	}
}

func manyReaders(t *testing.T, s *story) {
	t.Helper()
	s.add(t, Document(Commune, 0))
	var all sync.WaitGroup
	for n := range 200 {
		all.Go(func() {
			if err := s.records.View(t.Context(), func(tx exchange.Tx) error { return readSome(t, tx) }); err != nil {
				t.Errorf("reader %d: %v", n, err)
			}
		})
		if n%10 != 0 {
			continue
		}
		all.Go(func() {
			err := s.records.Update(t.Context(), func(tx exchange.Tx) error {
				return tx.AddDocument(t.Context(), Document(Commune, n+1))
			})
			if err != nil {
				t.Errorf("writer %d: %v", n, err)
			}
		})
	}
	all.Wait()
	for n := 0; n < 200; n += 10 {
		equal(t, fmt.Sprintf("document %d", n+1), s.there(t, n+1), true)
	}
}

func readSome(t *testing.T, tx exchange.Tx) error {
	t.Helper()
	for range 5 {
		if _, err := tx.Document(t.Context(), Commune, Document(Commune, 0).ID); err != nil {
			return err
		}
	}
	_, err := tx.Documents(t.Context(), Commune, exchange.Page{Limit: 5, Search: "thu hoi"})
	return err
}

func notText(t *testing.T, s *story) {
	t.Helper()
	for _, text := range []string{"a\x00b", "a\xffb", "\xed\xa0\x80"} {
		document := Document(Commune, 1)
		document.Subject = text
		err := s.try(t, func(ctx context.Context, tx exchange.Tx) error { return tx.AddDocument(ctx, document) })
		refused(t, err, exchange.Invalid, "record.not_text")
		err = s.records.View(t.Context(), func(tx exchange.Tx) error {
			_, err := tx.Document(t.Context(), Commune, exchange.DocumentID(text))
			return err
		})
		refused(t, err, exchange.Invalid, "record.not_text")
	}
	odd := Document(Commune, 1)
	odd.Subject, odd.CreatedBy = "\u200b\ufeff𝔘 <b>&\u0001\\'\"", "\u202e"
	s.add(t, odd)
	equal(t, "odd text", s.document(t, odd.ID), odd)
}
