package storage_test

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"

	"congvan/storage"
	"congvan/storage/storagetest"
)

// oldArrivals is how many arrivals old records have: enough for the steps that read them to take a while.
const oldArrivals = 20_000

// firstSteps makes records as an older program left them: with the steps up to a number, and what was there then.
func firstSteps(t *testing.T, dialect goose.Dialect, dsn, folder string, last string) {
	t.Helper()
	steps := fstest.MapFS{}
	names, err := filepath.Glob(filepath.Join("migrations", folder, "*.sql"))
	if err != nil || len(names) < 10 {
		t.Fatalf("%d steps, %v", len(names), err)
	}
	for _, name := range names {
		if filepath.Base(name) > last {
			continue
		}
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		steps[filepath.Base(name)] = &fstest.MapFile{Data: content, Mode: fs.ModePerm}
	}
	db := rawSQL(t, dsn)
	provider, err := goose.NewProvider(dialect, db, steps, goose.WithTableName("migration"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	execute(t, dsn, fmt.Sprintf("insert into arrival (seq, id, office, document, header, arrived_at) "+
		"with recursive c (n) as (select 1 union all select n + 1 from c where n < %d) "+
		"select n, 'A' || n, 'xa', 'D' || n, '{}', n from c", oldArrivals))
}

// openAndWait is a program that opens records and goes on until it is killed.
func openAndWait(ctx context.Context, dsn string) error {
	records, err := storage.OpenRecords(ctx, dsn)
	if err != nil {
		return err
	}
	time.Sleep(time.Hour)
	return records.Close()
}

// reached is the step that the records are at. Whoever asks waits while they are locked: after a kill they are put in
// order first.
func reached(t *testing.T, db *sql.DB) (version int64) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; {
		err := db.QueryRowContext(t.Context(), "select max(version_id) from migration").Scan(&version)
		if err == nil {
			return version
		}
		if !strings.Contains(err.Error(), "locked") || time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// A program that is killed in the middle of the steps from an older release leaves records from which it goes on.
func TestAProgramKilledInTheMiddleOfMigratingGoesOn(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		file := "sqlite:" + filepath.Join(t.TempDir(), "congvan.db")
		fresh := "sqlite:" + filepath.Join(t.TempDir(), "congvan.db")
		const tables = "select m.name, c.name from sqlite_schema m, pragma_table_info(m.name) c where m.type = 'table'"
		firstSteps(t, goose.DialectSQLite3, file, "sqlite", "0007_witness.sql")
		killMigrations(t, file, fresh, tables)
		var sound string
		err := rawSQL(t, file).QueryRowContext(t.Context(), "pragma integrity_check").Scan(&sound)
		if err != nil || sound != "ok" {
			t.Errorf("the file is %q, %v", sound, err)
		}
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		server := storagetest.StartPostgreSQL(t, false)
		old, fresh := server.Fresh(t), server.Fresh(t)
		const tables = "select table_name, column_name from information_schema.columns where table_schema = current_schema()"
		firstSteps(t, goose.DialectPostgres, old, "postgres", "0007_witness.sql")
		killMigrations(t, old, fresh, tables)
	})
}

func killMigrations(t *testing.T, old, fresh, tables string) {
	t.Helper()
	if err := openRecords(t, fresh).Close(); err != nil {
		t.Fatal(err)
	}
	db, target := rawSQL(t, old), reached(t, rawSQL(t, fresh))
	kills, between := 0, 0
	for at := reached(t, db); at < target; kills++ {
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), childVariable+"=open "+old)
		child.Stderr = os.Stderr
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		before := at
		for deadline := time.Now().Add(2 * time.Minute); at == before; at = reached(t, db) {
			if time.Now().After(deadline) {
				t.Fatalf("step %d is never left", at)
			}
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := child.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
			t.Fatalf("the child ended by itself: %v", err)
		}
		if at = reached(t, db); at < target {
			between++
		}
	}
	t.Logf("%d kills, %d of them between the first step and the last", kills, between)
	if err := openRecords(t, old).Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(shape(t, rawSQL(t, fresh), tables), shape(t, db, tables)); diff != "" {
		t.Errorf("tables (-fresh +migrated):\n%s", diff)
	}
	var arrivals, shown int
	err := db.QueryRowContext(t.Context(), "select (select count(*) from arrival), (select count(*) from shown)").
		Scan(&arrivals, &shown)
	if err != nil || arrivals != oldArrivals || shown != oldArrivals {
		t.Errorf("%d arrivals, %d of them shown, of %d: %v", arrivals, shown, oldArrivals, err)
	}
}
