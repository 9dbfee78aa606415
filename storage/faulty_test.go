package storage_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"congvan/exchange"
	"congvan/storage/storagetest"
)

func TestFaultyRecordsFailBeforeOrAfter(t *testing.T) {
	t.Parallel()
	records := openSQLite(t, filepath.Join(t.TempDir(), "congvan.db"))
	for fault, want := range map[storagetest.Fault][]string{
		storagetest.Before: {"before-1"},
		storagetest.After:  {"after-0", "after-1"},
	} {
		name := map[storagetest.Fault]string{storagetest.Before: "before", storagetest.After: "after"}[fault]
		faulty := storagetest.NewFaultyRecords(records, storagetest.Once(0, fault))
		err := crash(t.Context(), faulty, exchange.DocumentID(name+"-0"))
		wantError(t, err, exchange.Unavailable, "storage.unavailable")
		if err := crash(t.Context(), faulty, exchange.DocumentID(name+"-1")); err != nil {
			t.Fatal(err)
		}
		if faulty.Calls() != 2 {
			t.Errorf("%s: %d calls", name, faulty.Calls())
		}
		whole(t, faulty, want)
	}
	err := records.View(t.Context(), func(tx exchange.Tx) error {
		if all := everyDocument(t, tx); len(all) != 3 {
			t.Errorf("%d documents", len(all))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFaultyBlobsFailBeforeOrAfter(t *testing.T) {
	t.Parallel()
	for fault, kept := range map[storagetest.Fault]bool{storagetest.Before: false, storagetest.After: true} {
		faulty := storagetest.NewFaultyBlobs(openFolder(t, t.TempDir()), storagetest.Once(0, fault))
		content := []byte("content")
		_, _, err := faulty.Put(t.Context(), bytes.NewReader(content), "", 100)
		wantError(t, err, exchange.Unavailable, "storage.unavailable")
		has, err := faulty.Has(t.Context(), []exchange.Digest{storagetest.Sum(content)})
		if err != nil || has[storagetest.Sum(content)] != kept {
			t.Errorf("fault %d: kept %v, %v", fault, has, err)
		}
		if err := readWhole(t, faulty, putIn(t, faulty, content)); err != nil {
			t.Error(err)
		}
	}
}
