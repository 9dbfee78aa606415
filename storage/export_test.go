package storage

import (
	"context"
	"strings"
	"time"

	"congvan/exchange"
)

// OfficeWord is the word that keeps a search in an office.
var OfficeWord = officeWord

// DocumentWords is what a document is found by, as it is written into the index.
func DocumentWords(document exchange.Document) string {
	return strings.Join(append([]string{officeWord(document.Office)}, documentWords(document)...), " ")
}

// OpenImpatient opens records on PostgreSQL that wait only so long for one statement.
func OpenImpatient(ctx context.Context, dsn string, patience time.Duration) (*Records, error) {
	engine := postgresEngine(dsn)
	engine.patience = patience
	return openRecords(ctx, engine)
}

// LimitTo makes the cache keep at most so many bytes in the records.
func (c *RevocationCache) LimitTo(most int64) { c.most = most }
