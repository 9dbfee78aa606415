package storage_test

import (
	"path/filepath"
	"testing"
)

// Each document's row in the index of words is replaced when it gets its number; how soon SQLite then rewrites what is
// stale decides what a number costs.
func TestTheIndexOfWordsIsRewrittenWhenHalfOfItIsStale(t *testing.T) {
	t.Parallel()
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "congvan.db")
	openRecords(t, dsn)
	for _, index := range []string{"document_words", "arrival_words"} {
		var percent int
		row := rawSQL(t, dsn).QueryRowContext(t.Context(), "select v from "+index+"_config where k = 'deletemerge'")
		if err := row.Scan(&percent); err != nil || percent != 50 {
			t.Errorf("%s: %d per cent, %v", index, percent, err)
		}
	}
}
