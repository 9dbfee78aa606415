package storage_test

import (
	"database/sql"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"congvan/exchange"
	"congvan/storage"
	"congvan/storage/storagetest"
)

// storedHashes reads the log's hashes as an auditor would: from the tables, with nothing of ours.
func storedHashes(t *testing.T, db *sql.DB) tlog.HashReader {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "select id, hash from log_hash")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all := map[int64]tlog.Hash{}
	for rows.Next() {
		var id int64
		var stored []byte
		if err := rows.Scan(&id, &stored); err != nil {
			t.Fatal(err)
		}
		all[id] = tlog.Hash(stored)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			hash, found := all[index]
			if !found {
				return nil, fmt.Errorf("hash %d is missing", index)
			}
			hashes[i] = hash
		}
		return hashes, nil
	})
}

func TestLogHasProofs(t *testing.T) {
	t.Parallel()
	for name, dsn := range map[string]string{
		"sqlite":   "sqlite:" + filepath.Join(t.TempDir(), "congvan.db"),
		"postgres": storagetest.StartPostgreSQL(t, false).Fresh(t),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const size = 150
			heads := make([]tlog.Hash, size+1)
			for n := int64(1); n <= size; n++ {
				records := openRecords(t, dsn)
				heads[n] = appendOne(t, records, n)
				if n%25 == 0 { // also when the writer begins anew
					if err := records.Close(); err != nil {
						t.Fatal(err)
					}
				}
			}
			proveAll(t, rawSQL(t, dsn), heads)
		})
	}
}

func appendOne(t *testing.T, records *storage.Records, n int64) (head tlog.Hash) {
	t.Helper()
	err := records.Update(t.Context(), func(tx exchange.Tx) error {
		entry := exchange.Entry{At: storagetest.Start(), Act: "x", Detail: map[string]string{"n": fmt.Sprint(n)}}
		if _, err := tx.AppendLog(t.Context(), entry); err != nil {
			return err
		}
		size, root, err := tx.LogHead(t.Context())
		if err != nil || size != n {
			return fmt.Errorf("size %d, want %d: %w", size, n, err)
		}
		raw, err := hex.DecodeString(string(root))
		head = tlog.Hash(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return head
}

// proveAll proves every leaf in the last head, and every head to be the beginning of the last.
func proveAll(t *testing.T, db *sql.DB, heads []tlog.Hash) {
	t.Helper()
	hashes := storedHashes(t, db)
	size := int64(len(heads) - 1)
	last := heads[size]
	for n := range size {
		var leaf string
		if err := db.QueryRowContext(t.Context(), "select leaf from log where leaf_index = $1", n).Scan(&leaf); err != nil {
			t.Fatal(err)
		}
		proof, err := tlog.ProveRecord(size, n, hashes)
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckRecord(proof, size, last, n, tlog.RecordHash([]byte(leaf))); err != nil {
			t.Fatalf("leaf %d: %v", n, err)
		}
		if err := tlog.CheckRecord(proof, size, last, n, tlog.RecordHash([]byte(leaf+" "))); err == nil {
			t.Fatalf("leaf %d: another leaf is proved", n)
		}
		tree, err := tlog.ProveTree(size, n+1, hashes)
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckTree(tree, size, last, n+1, heads[n+1]); err != nil {
			t.Fatalf("head %d: %v", n+1, err)
		}
	}
}

func TestDamagedLogIsNotContinued(t *testing.T) {
	t.Parallel()
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "congvan.db")
	records := openRecords(t, dsn)
	for n := int64(1); n <= 5; n++ {
		appendOne(t, records, n)
	}
	if err := records.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := rawSQL(t, dsn).ExecContext(t.Context(), "update log_hash set hash = zeroblob(32) where id = $1",
		tlog.StoredHashIndex(2, 0)); err != nil {
		t.Fatal(err)
	}
	err := openRecords(t, dsn).Update(t.Context(), func(tx exchange.Tx) error {
		_, err := tx.AppendLog(t.Context(), exchange.Entry{At: storagetest.Start(), Act: "x"})
		return err
	})
	wantError(t, err, exchange.Internal, "storage.damaged")
}
