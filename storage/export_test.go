package storage

import (
	"context"
	"time"
)

// OfficeWord is the word that keeps a search in an office.
var OfficeWord = officeWord

// OpenImpatient opens records on PostgreSQL that wait only so long for one statement.
func OpenImpatient(ctx context.Context, dsn string, patience time.Duration) (*Records, error) {
	engine := postgresEngine(dsn)
	engine.patience = patience
	return openRecords(ctx, engine)
}
