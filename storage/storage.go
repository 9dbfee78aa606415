// Package storage answers: where are the records and the bytes, and are they really there?
//
// It gives what package exchange asks for: [Records] keeps facts in SQLite or PostgreSQL with one layer of SQL,
// [Folder] and [S3] keep bytes under their SHA-256. Whatever the engine, what was acknowledged is durable, and every
// engine passes the suites of package storagetest. The package does not know what a document may become or who may
// see it: it stores what it is told and asks for the office in every read of what belongs to one.
//
// Errors are [exchange.Error]: storage.unavailable (try again), storage.full, storage.read_only (both Unavailable),
// storage.damaged (Internal), and the not_found and conflict codes of the single methods.
package storage

import (
	"context"
	"strings"

	"congvan/exchange"
)

// OpenRecords opens the records that the DSN names, "sqlite:PATH" or "postgres://…", and brings their tables up to
// date. The caller closes them. It refuses with storage.newer when a later program wrote them, and with
// storage.migration_changed when a migration they were made with is no longer the same.
func OpenRecords(ctx context.Context, dsn string) (*Records, error) {
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok && path != "" {
		return openRecords(ctx, sqliteEngine(path))
	}
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		return openRecords(ctx, postgresEngine(dsn))
	}
	return nil, exchange.Errorf(exchange.Invalid, codeDSN, "records are sqlite:PATH or postgres://…")
}
