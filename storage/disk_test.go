package storage_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"congvan/exchange"
	"congvan/storage"
	"congvan/storage/storagetest"
)

func wantError(t *testing.T, err error, kind exchange.ErrorKind, code string) {
	t.Helper()
	if err == nil || exchange.KindOf(err) != kind || exchange.CodeOf(err) != code {
		t.Fatalf("got %v (%s, %s), want %s, %s", err, exchange.KindOf(err), exchange.CodeOf(err), kind, code)
	}
}

func TestFullDiskLosesNoRecord(t *testing.T) {
	t.Parallel()
	dir := storagetest.Tmpfs(t, "3m")
	records := openSQLite(t, filepath.Join(dir, "congvan.db"))
	var acknowledged []string
	for round := range 2 { // after a failure there may be room for a little more, once the log file is begun anew
		var err error
		for n := 0; err == nil; n++ {
			id := fmt.Sprintf("full-%d-%d", round, n)
			if err = crash(t.Context(), records, exchange.DocumentID(id)); err == nil {
				acknowledged = append(acknowledged, id)
			}
		}
		wantError(t, err, exchange.Unavailable, "storage.full")
	}
	whole(t, records, acknowledged)

	storagetest.Resize(t, dir, "64m")
	for n := range 50 {
		id := fmt.Sprintf("room-%d", n)
		if err := crash(t.Context(), records, exchange.DocumentID(id)); err != nil {
			t.Fatal(err)
		}
		acknowledged = append(acknowledged, id)
	}
	whole(t, records, acknowledged)
	t.Logf("%d acknowledged", len(acknowledged))
}

func TestFullDiskLosesNoBlob(t *testing.T) {
	t.Parallel()
	dir := storagetest.Tmpfs(t, "3m")
	folder := openFolder(t, filepath.Join(dir, "blobs"))
	kept := storagetest.Bytes(1, 1<<20)
	digest, _, err := folder.Put(t.Context(), bytes.NewReader(kept), "", 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	large := storagetest.Bytes(2, 4<<20)
	_, _, err = folder.Put(t.Context(), bytes.NewReader(large), "", 1<<30)
	wantError(t, err, exchange.Unavailable, "storage.full")
	if _, err = folder.Open(t.Context(), storagetest.Sum(large)); exchange.KindOf(err) != exchange.NotFound {
		t.Errorf("half a blob was kept: %v", err)
	}
	if err := folder.Verify(t.Context(), digest); err != nil {
		t.Error(err)
	}
	// Nothing half-written takes the room away.
	if _, _, err := folder.Put(t.Context(), bytes.NewReader(storagetest.Bytes(3, 1<<20)), "", 1<<30); err != nil {
		t.Error(err)
	}
	storagetest.Resize(t, dir, "64m")
	if _, _, err := folder.Put(t.Context(), bytes.NewReader(large), "", 1<<30); err != nil {
		t.Error(err)
	}
}

func TestFullDiskForNewRecords(t *testing.T) {
	t.Parallel()
	dir := storagetest.Tmpfs(t, "64k")
	if err := os.WriteFile(filepath.Join(dir, "filler"), make([]byte, 48<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := storage.OpenRecords(t.Context(), "sqlite:"+filepath.Join(dir, "congvan.db"))
	wantError(t, err, exchange.Unavailable, "storage.full")
}

func TestReadOnlyFolderCanBeRead(t *testing.T) {
	t.Parallel()
	dir := storagetest.Tmpfs(t, "16m")
	folder := openFolder(t, filepath.Join(dir, "blobs"))
	content := storagetest.Bytes(1, 100_000)
	digest, _, err := folder.Put(t.Context(), bytes.NewReader(content), "", 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	if err := folder.Close(); err != nil {
		t.Fatal(err)
	}
	storagetest.ReadOnly(t, dir)
	reading := openFolder(t, filepath.Join(dir, "blobs"))
	if err := reading.Verify(t.Context(), digest); err != nil {
		t.Error(err)
	}
	_, _, err = reading.Put(t.Context(), bytes.NewReader([]byte("new")), "", 1<<30)
	wantError(t, err, exchange.Unavailable, "storage.read_only")
	_, err = storage.OpenFolder(filepath.Join(dir, "other"))
	wantError(t, err, exchange.Unavailable, "storage.read_only")
}

func TestReadOnlyRecordsAreRefused(t *testing.T) {
	t.Parallel()
	dir := storagetest.Tmpfs(t, "16m")
	path := filepath.Join(dir, "congvan.db")
	if err := openSQLite(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	storagetest.ReadOnly(t, dir)
	_, err := storage.OpenRecords(t.Context(), "sqlite:"+path)
	wantError(t, err, exchange.Unavailable, "storage.read_only")
}

func TestNoFolderForRecords(t *testing.T) {
	t.Parallel()
	_, err := storage.OpenRecords(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "missing", "congvan.db"))
	wantError(t, err, exchange.Unavailable, "storage.unavailable")
}
