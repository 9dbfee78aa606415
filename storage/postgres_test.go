package storage_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"congvan/exchange"
	"congvan/storage"
	"congvan/storage/storagetest"
)

func TestServerThatHangsIsUnavailable(t *testing.T) {
	t.Parallel()
	dsn := storagetest.StartPostgreSQL(t, false).Fresh(t)
	records, err := storage.OpenImpatient(t.Context(), dsn, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := records.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := crash(t.Context(), records, "before"); err != nil {
		t.Fatal(err)
	}
	other, err := rawSQL(t, dsn).Conn(t.Context()) // an instance that hangs in the middle of its group
	if err != nil {
		t.Fatal(err)
	}
	lock := "select pg_advisory_lock(20110521, hashtext(current_schema()))"
	if _, err := other.ExecContext(t.Context(), lock); err != nil {
		t.Fatal(err)
	}
	err = crash(t.Context(), records, "during")
	wantError(t, err, exchange.Unavailable, "storage.unavailable")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	whole(t, records, []string{"before"}) // reading goes on
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := rawSQL(t, dsn).ExecContext(t.Context(), "select pg_terminate_backend(pid) from pg_locks "+
		"where locktype = 'advisory' and granted and pid <> pg_backend_pid()"); err != nil {
		t.Fatal(err)
	}
	if err := crash(t.Context(), records, "after"); err != nil {
		t.Fatal(err)
	}
	whole(t, records, []string{"before", "after"})
}

// TestUpdateThatPostgreSQLGivesUpRunsAgain lets two sessions wait for each other: PostgreSQL ends one of them.
func TestUpdateThatPostgreSQLGivesUpRunsAgain(t *testing.T) {
	t.Parallel()
	dsn := storagetest.StartPostgreSQL(t, false).Fresh(t)
	records := openRecords(t, dsn)
	other, err := rawSQL(t, dsn).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	say := func(statement string) error {
		_, err := other.ExecContext(t.Context(), statement)
		return err
	}
	for _, statement := range []string{
		"set deadlock_timeout = '1h'", "begin", "lock table document in exclusive mode",
	} { // the other one waits for ever, so that ours is the one that is ended
		if err := say(statement); err != nil {
			t.Fatal(err)
		}
	}
	runs := 0
	waits := make(chan error, 1)
	err = records.Update(t.Context(), func(tx exchange.Tx) error {
		if runs++; runs == 1 {
			if _, _, err := tx.AddMessage(t.Context(), exchange.Message{ID: "m"}); err != nil { // locks message
				return err
			}
			go func() { waits <- errors.Join(say("lock table message in exclusive mode"), say("rollback")) }()
			somebodyWaits(t, dsn)
		}
		return tx.AddDocument(t.Context(), storagetest.Document(storagetest.Commune, 1))
	})
	if err != nil || runs != 2 {
		t.Fatalf("after %d runs: %v", runs, err)
	}
	if err := <-waits; err != nil {
		t.Fatal(err)
	}
}

// somebodyWaits waits until a session waits for a lock.
func somebodyWaits(t *testing.T, dsn string) {
	t.Helper()
	db := rawSQL(t, dsn)
	for waiting := 0; waiting == 0; {
		err := db.QueryRowContext(t.Context(), "select count(*) from pg_locks where not granted").Scan(&waiting)
		if err != nil {
			t.Fatal(err)
		}
	}
}
