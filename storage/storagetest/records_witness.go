package storagetest

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"congvan/exchange"
)

func logProofs(t *testing.T, s *story) {
	t.Helper()
	reference := &merkle{}
	for n := range 13 {
		_, err := s.appendLog(t, entry(n))
		ok(t, err)
		reference.append(t, entry(n))
	}
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		reader := tlog.HashReaderFunc(func(ids []int64) ([]tlog.Hash, error) { return tx.LogHashes(ctx, ids) })
		root, err := tlog.TreeHash(13, tlog.HashReaderFunc(reference.read))
		ok(t, err)
		for index := range int64(13) {
			leaf, err := tx.Leaf(ctx, index)
			ok(t, err)
			want, err := json.Marshal(entry(int(index)))
			ok(t, err)
			equal(t, "leaf", string(leaf), string(want))
			proof, err := tlog.ProveRecord(13, index, reader)
			ok(t, err)
			ok(t, tlog.CheckRecord(proof, 13, root, index, tlog.RecordHash(leaf)))
		}
		_, err = tx.Leaf(ctx, 13)
		refused(t, err, exchange.NotFound, "log.no_leaf")
		return nil
	})
}

func endorsements(t *testing.T, s *story) {
	t.Helper()
	newest := func() (found exchange.Endorsement, err error) {
		err = s.records.View(t.Context(), func(tx exchange.Tx) (err error) {
			found, err = tx.Endorsement(t.Context())
			return err
		})
		return found, err
	}
	_, err := newest()
	refused(t, err, exchange.NotFound, "log.not_endorsed")
	for n := range 3 {
		want := exchange.Endorsement{
			Size: int64(n + 1), Note: []byte{byte(n), 0, 255}, Stamp: []byte{1, byte(n)},
			At: Start().Add(time.Duration(n) * time.Hour),
		}
		filled(t, want)
		s.update(t, func(ctx context.Context, tx exchange.Tx) error { return tx.AddEndorsement(ctx, want) })
		found, err := newest()
		ok(t, err)
		equal(t, "endorsement", found, want)
	}
}

func witnesses(t *testing.T, s *story) {
	t.Helper()
	last := func(node exchange.NodeID) (found exchange.Witnessed, err error) {
		err = s.records.View(t.Context(), func(tx exchange.Tx) (err error) {
			found, err = tx.Witnessed(t.Context(), node)
			return err
		})
		return found, err
	}
	_, err := last("xa-1")
	refused(t, err, exchange.NotFound, "log.not_witnessed")
	for n := range 3 {
		want := exchange.Witnessed{
			Size: int64(n + 1), Root: DigestOf(n), Note: []byte{byte(n), 0}, At: Start().Add(time.Duration(n) * time.Hour),
		}
		filled(t, want)
		s.update(t, func(ctx context.Context, tx exchange.Tx) error { return tx.AddWitnessed(ctx, "xa-1", want) })
		found, err := last("xa-1")
		ok(t, err)
		equal(t, "witnessed", found, want)
	}
	_, err = last("xa-2")
	refused(t, err, exchange.NotFound, "log.not_witnessed")
}
