package storage_test

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"congvan/certs"
	"congvan/storage"
	"congvan/storage/storagetest"
)

var _ certs.Cache = (*storage.RevocationCache)(nil)

func TestRevocationCacheOnSQLite(t *testing.T) {
	t.Parallel()
	records := openSQLite(t, filepath.Join(t.TempDir(), "congvan.db"))
	storagetest.RevocationCache(t, func(now func() time.Time) storagetest.Cache {
		return storage.NewRevocationCache(records, now)
	})
}

func TestRevocationCacheOnPostgreSQL(t *testing.T) {
	t.Parallel()
	records := openRecords(t, storagetest.StartPostgreSQL(t, false).Fresh(t))
	storagetest.RevocationCache(t, func(now func() time.Time) storagetest.Cache {
		return storage.NewRevocationCache(records, now)
	})
}

func TestTheRevocationCacheIsBoundedAndKeepsTheNewest(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.June, 15, 5, 0, 0, 0, time.UTC)
	clock := func() time.Time { now = now.Add(time.Second); return now }
	records := openSQLite(t, filepath.Join(t.TempDir(), "congvan.db"))
	cache := storage.NewRevocationCache(records, clock)
	cache.Put(t.Context(), "imported:1", []byte("by hand"), time.Time{})
	cache.LimitTo(40 << 10)
	big := bytes.Repeat([]byte{1}, 1<<10)
	for i := range 65 { // 1.6 times the limit; the last one looks at it
		cache.Put(t.Context(), string(rune('a'+i)), big, now.Add(time.Hour))
	}
	fresh := storage.NewRevocationCache(records, clock)
	for key, want := range map[string]bool{
		"a": false, string(rune('a' + 20)): false, string(rune('a' + 40)): true, string(rune('a' + 63)): true,
		"imported:1": true,
	} {
		if _, kept := fresh.Get(t.Context(), key); kept != want {
			t.Errorf("%q: kept %v", key, kept)
		}
	}
}

func TestACacheWhoseRecordsAreClosedHoldsNothing(t *testing.T) {
	t.Parallel()
	records, err := storage.OpenRecords(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "congvan.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := records.Close(); err != nil {
		t.Fatal(err)
	}
	cache := storage.NewRevocationCache(records, time.Now)
	cache.Put(t.Context(), "a", []byte("a"), time.Time{})
	if _, kept := cache.Get(t.Context(), "a"); kept {
		t.Error("it was not written and is there")
	}
}
