package storage_test

import (
	"database/sql"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"congvan/exchange"
	"congvan/storage"
	"congvan/storage/storagetest"
)

// rawSQL opens the database itself, past the records.
func rawSQL(tb testing.TB, dsn string) *sql.DB {
	tb.Helper()
	driver, source := "pgx", dsn
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		driver, source = "sqlite", "file:"+path
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	return db
}

// execute executes a statement past the records.
func execute(tb testing.TB, dsn, statement string) {
	tb.Helper()
	if _, err := rawSQL(tb, dsn).ExecContext(tb.Context(), statement); err != nil {
		tb.Fatal(err)
	}
}

// shape gives the columns of every table of ours.
func shape(t *testing.T, db *sql.DB, query string) map[string][]string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	tables := map[string][]string{}
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		tables[table] = append(tables[table], column)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for _, columns := range tables {
		slices.Sort(columns)
	}
	return tables
}

func TestBothDatabasesHaveTheSameTables(t *testing.T) {
	t.Parallel()
	file := "sqlite:" + filepath.Join(t.TempDir(), "congvan.db")
	server := storagetest.StartPostgreSQL(t, false).Fresh(t)
	openRecords(t, file)
	openRecords(t, server)
	onSQLite := shape(t, rawSQL(t, file), "select m.name, c.name from sqlite_schema m, pragma_table_info(m.name) c "+
		"where m.type = 'table' and m.name not like 'sqlite_%'")
	onPostgres := shape(t, rawSQL(t, server), "select table_name, column_name from information_schema.columns "+
		"where table_schema = current_schema()")
	for _, index := range []string{"document_words", "arrival_words"} {
		onSQLite[index] = append([]string{"seq"}, onSQLite[index]...) // the rowid of an FTS5 table
		for _, inside := range []string{"_data", "_idx", "_docsize", "_config"} {
			delete(onSQLite, index+inside)
		}
	}
	if diff := cmp.Diff(onSQLite, onPostgres); diff != "" {
		t.Errorf("tables (-sqlite +postgres):\n%s", diff)
	}
	if len(onSQLite) < 15 {
		t.Errorf("only %d tables: %v", len(onSQLite), slices.Sorted(maps.Keys(onSQLite)))
	}
}

func TestRecordsOfAnotherProgramAreRefused(t *testing.T) {
	t.Parallel()
	server := storagetest.StartPostgreSQL(t, false)
	for name, fresh := range map[string]func() string{
		"sqlite":   func() string { return "sqlite:" + filepath.Join(t.TempDir(), "congvan.db") },
		"postgres": func() string { return server.Fresh(t) },
	} {
		for code, change := range map[string]string{
			"storage.newer":             "insert into migration (version_id, is_applied) values (9999, true)",
			"storage.migration_changed": "update migration_step set digest = 'another'",
		} {
			dsn := fresh()
			records := openRecords(t, dsn)
			if err := records.Close(); err != nil {
				t.Fatal(err)
			}
			if err := openRecords(t, dsn).Close(); err != nil { // unchanged, they open again
				t.Fatal(err)
			}
			execute(t, dsn, change)
			_, err := storage.OpenRecords(t.Context(), dsn)
			if exchange.KindOf(err) != exchange.Invalid || exchange.CodeOf(err) != code {
				t.Errorf("%s, %s: got %v", name, code, err)
			}
		}
	}
}

func TestSeveralProgramsStartOnNewRecords(t *testing.T) {
	t.Parallel()
	for name, dsn := range map[string]string{
		"sqlite":   "sqlite:" + filepath.Join(t.TempDir(), "congvan.db"),
		"postgres": storagetest.StartPostgreSQL(t, false).Fresh(t),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var all sync.WaitGroup
			opened := make([]*storage.Records, 6)
			for n := range opened {
				all.Go(func() {
					records, err := storage.OpenRecords(t.Context(), dsn)
					if err != nil {
						t.Error(err)
						return
					}
					opened[n] = records
				})
			}
			all.Wait()
			if t.Failed() {
				return
			}
			shareRecords(t, opened)
			for _, records := range opened {
				if err := records.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// shareRecords lets several programs write to the same records: the numbers have no gaps and the log is one.
func shareRecords(t *testing.T, opened []*storage.Records) {
	t.Helper()
	const each = 25
	var mu sync.Mutex // guards acknowledged
	var acknowledged []string
	var all sync.WaitGroup
	for n, records := range opened {
		for writer := range 3 {
			all.Go(func() {
				for turn := range each {
					id := fmt.Sprintf("%d-%d-%d", n, writer, turn)
					if err := crash(t.Context(), records, exchange.DocumentID(id)); err != nil {
						t.Errorf("%s: %v", id, err)
						continue
					}
					mu.Lock()
					acknowledged = append(acknowledged, id)
					mu.Unlock()
				}
			})
		}
	}
	all.Wait()
	for _, records := range opened {
		whole(t, records, acknowledged)
	}
}

func TestWrongDSNsAreRefusedWithoutRepeatingASecret(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{
		"", "congvan.db", "sqlite:", "mysql://root:geheim@localhost/x", "postgres://user:geheim@[::1/x",
		"postgres://user:geheim@localhost:99999999/x",
	} {
		_, err := storage.OpenRecords(t.Context(), dsn)
		if exchange.KindOf(err) != exchange.Invalid || exchange.CodeOf(err) != "storage.dsn" {
			t.Errorf("%q: got %v", dsn, err)
		}
		if strings.Contains(err.Error(), "geheim") {
			t.Errorf("%q: the secret is in %q", dsn, err)
		}
	}
}
