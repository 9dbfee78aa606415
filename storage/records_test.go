package storage_test

import (
	"path/filepath"
	"testing"

	"congvan/exchange"
	"congvan/storage"
	"congvan/storage/storagetest"
)

func openSQLite(tb testing.TB, path string) *storage.Records {
	tb.Helper()
	return openRecords(tb, "sqlite:"+path)
}

func openRecords(tb testing.TB, dsn string) *storage.Records {
	tb.Helper()
	records, err := storage.OpenRecords(tb.Context(), dsn)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := records.Close(); err != nil {
			tb.Error(err)
		}
	})
	return records
}

func TestRecordsOnSQLite(t *testing.T) {
	t.Parallel()
	storagetest.Records(t, func(tb testing.TB) exchange.Records {
		tb.Helper()
		return openSQLite(tb, filepath.Join(tb.TempDir(), "congvan.db"))
	})
}

func TestRecordsOnPostgreSQL(t *testing.T) {
	t.Parallel()
	server := storagetest.StartPostgreSQL(t, false)
	storagetest.Records(t, func(tb testing.TB) exchange.Records {
		tb.Helper()
		return openRecords(tb, server.Fresh(tb))
	})
}
