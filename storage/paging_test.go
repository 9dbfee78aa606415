package storage_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"congvan/exchange"
	"congvan/storage"
	"congvan/storage/storagetest"
)

// manyRows is how many documents the tests of large lists have. They are made by the database itself, not one by one.
const manyRows = 100_000

// manyWords follow in the subject of a document: one in fifty has the same word with k, only old ones have "cu", and
// few have "hiem".
const manyWords = "' k' || (n % 100 / 2) || case when n < 30000 then ' cu' else '' end || " +
	"case when n % 1000 = 8 then ' hiem' else '' end"

// makeMany makes documents of two offices in turn.
func makeMany(t *testing.T, dsn, numbers, words string) {
	t.Helper()
	execute(t, dsn, "insert into document (seq, id, office, kind, subject, urgency, secrecy, signatory, recipients, "+
		"replies_to, due_on, attachments, created_at, created_by, unit, placement) "+
		"select n, '01MANY' || (1000000 + n), case n % 2 when 0 then '"+string(storagetest.Commune)+"' else '"+
		string(storagetest.Province)+"' end, 'CV', 'Văn bản' || "+manyWords+", 0, 'none', '{}', '[]', '', '', '[]', n, "+
		"'', '', 'null' from "+numbers)
	execute(t, dsn, fmt.Sprintf(words, storage.OfficeWord(storagetest.Commune), storage.OfficeWord(storagetest.Province),
		numbers))
}

func TestHundredThousandDocumentsArePagedInOrder(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		dsn := "sqlite:" + filepath.Join(t.TempDir(), "congvan.db")
		records := openRecords(t, dsn)
		makeMany(t, dsn, fmt.Sprintf("(with recursive c (n) as (select 1 union all select n + 1 from c where n < %d) "+
			"select n from c) many", manyRows), "insert into document_words (rowid, words) "+
			"select n, case n %% 2 when 0 then '%s' else '%s' end || ' van ban' || "+
			strings.ReplaceAll(manyWords, "%", "%%")+" from %s")
		pageThroughAll(t, records)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		dsn := storagetest.StartPostgreSQL(t, false).Fresh(t)
		records := openRecords(t, dsn)
		makeMany(t, dsn, fmt.Sprintf("generate_series(1, %d) many (n)", manyRows),
			"insert into document_words (seq, words) select n, array_to_tsvector(string_to_array("+
				"case n %% 2 when 0 then '%s' else '%s' end || ' van ban' || "+
				strings.ReplaceAll(manyWords, "%", "%%")+", ' ')) from %s")
		pageThroughAll(t, records)
	})
}

func pageThroughAll(t *testing.T, records exchange.Records) {
	t.Helper()
	for question, has := range map[string]func(n int) bool{
		"":              func(int) bool { return true },
		"K7 van":        func(n int) bool { return n%100/2 == 7 },
		"cũ":            func(n int) bool { return n < 30_000 },
		"văn bản cũ k7": func(n int) bool { return n < 30_000 && n%100/2 == 7 },
		"van hiem":      func(n int) bool { return n%1000 == 8 },
		"cu ban hiem k": func(n int) bool { return n < 30_000 && n%1000 == 8 },
		"k4 cu hiem":    func(n int) bool { return n < 30_000 && n%1000 == 8 },
		"k5 hiem":       func(int) bool { return false },
	} {
		page := exchange.Page{Limit: 200, Search: question}
		next := manyRows + 2 // of the commune are the even ones
		full := true
		for pages := 0; full && (question == "" || pages < 4); pages++ {
			found := onePage(t, records, page)
			for _, document := range found {
				for next -= 2; next > 0 && !has(next); {
					next -= 2
				}
				if id := fmt.Sprintf("01MANY%d", 1_000_000+next); string(document.ID) != id {
					t.Fatalf("%q: %s, not %s", question, document.ID, id)
				}
				page.After = string(document.ID)
			}
			full = len(found) == page.Limit
		}
		for next -= 2; next > 0 && !full; next -= 2 {
			if has(next) {
				t.Fatalf("%q: %d is not found", question, next)
			}
		}
	}
}

func onePage(t *testing.T, records exchange.Records, page exchange.Page) (found []exchange.Document) {
	t.Helper()
	err := records.View(t.Context(), func(tx exchange.Tx) (err error) {
		found, err = tx.Documents(t.Context(), storagetest.Commune, page)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
