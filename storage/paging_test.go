package storage_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"congvan/exchange"
	"congvan/storage"
	"congvan/storage/storagetest"
)

// manyRows is how many documents the tests of large lists have. They are made by the database itself, not one by one.
const manyRows = 100_000

// makeMany makes documents of two offices in turn.
func makeMany(t *testing.T, dsn, numbers, words string) {
	t.Helper()
	execute(t, dsn, "insert into document (seq, id, office, kind, subject, urgency, secrecy, signatory, recipients, "+
		"replies_to, due_on, attachments, created_at, created_by, unit, placement) "+
		"select n, '01MANY' || (1000000 + n), case n % 2 when 0 then '"+string(storagetest.Commune)+"' else '"+
		string(storagetest.Province)+"' end, 'CV', 'văn bản', 0, 'none', '{}', '[]', '', '', '[]', n, '', '', 'null' "+
		"from "+numbers)
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
			"select n, case n %% 2 when 0 then '%s' else '%s' end || ' van ban k' || (n %% 100 / 2) from %s")
		pageThroughAll(t, records)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		dsn := storagetest.StartPostgreSQL(t, false).Fresh(t)
		records := openRecords(t, dsn)
		makeMany(t, dsn, fmt.Sprintf("generate_series(1, %d) many (n)", manyRows),
			"insert into document_words (seq, words) select n, array_to_tsvector(string_to_array("+
				"case n %% 2 when 0 then '%s' else '%s' end || ' van ban k' || (n %% 100 / 2), ' ')) from %s")
		pageThroughAll(t, records)
	})
}

func pageThroughAll(t *testing.T, records exchange.Records) {
	t.Helper()
	for question, every := range map[string]int{"": 2, "K7 van": 100} {
		want := manyRows / every * every // the first of the newest
		if question == "K7 van" {
			want = manyRows - 100 + 14
		}
		page := exchange.Page{Limit: 200, Search: question}
		count := 0
		for full := true; full; {
			found := onePage(t, records, page)
			for _, document := range found {
				if id := fmt.Sprintf("01MANY%d", 1_000_000+want); string(document.ID) != id {
					t.Fatalf("%q: item %d is %s, not %s", question, count, document.ID, id)
				}
				want -= every
				count++
				page.After = string(document.ID)
			}
			full = len(found) == page.Limit
		}
		if count != manyRows/every {
			t.Errorf("%q: %d items, not %d", question, count, manyRows/every)
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
