package storagetest

import (
	"context"
	"testing"

	"congvan/exchange"
)

func directoryRecords(t *testing.T, s *story) {
	t.Helper()
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		for i := range int64(5) {
			if err := tx.AddDirectoryRecord(ctx, i, []byte{byte(i), 0, 255}); err != nil {
				return err
			}
		}
		return nil
	})
	err := s.try(t, func(ctx context.Context, tx exchange.Tx) error {
		return tx.AddDirectoryRecord(ctx, 4, []byte("another"))
	})
	refused(t, err, exchange.Conflict, "directory.moved")
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		got, err := tx.DirectoryRecords(ctx, 3, 10)
		ok(t, err)
		equal(t, "records", got, [][]byte{{3, 0, 255}, {4, 0, 255}})
		got, err = tx.DirectoryRecords(ctx, 0, 2)
		ok(t, err)
		equal(t, "records", len(got), 2)
		return nil
	})
}
