package storage

import (
	"context"
	"database/sql"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"congvan/exchange"
)

// OpenReading opens the database of records for reading alone, as it is: nothing is migrated, and nothing can be
// written. It is for checks that must not trust [Records]. The caller closes it.
func OpenReading(ctx context.Context, dsn string) (*sql.DB, error) {
	db, err := openReading(dsn)
	if err != nil {
		return nil, err
	}
	var version int64
	if err := db.QueryRowContext(ctx, "select max(version_id) from migration").Scan(&version); err != nil {
		_ = db.Close() // nothing was done with it
		if sqliteCode(err) == codeDamaged || postgresCode(err) == codeDamaged {
			return nil, exchange.Errorf(exchange.Internal, codeDamaged, "open records for reading: %w", err)
		}
		return nil, failed("open records for reading", err)
	}
	return db, nil
}

func openReading(dsn string) (*sql.DB, error) {
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok && path != "" {
		if _, err := os.Stat(path); err != nil {
			return nil, failed("open records for reading", err)
		}
		return sql.Open("sqlite", sqliteURI(path)+"?_pragma=busy_timeout(10000)&_pragma=query_only(1)")
	}
	config, err := pgx.ParseConfig(dsn)
	if err != nil || !strings.HasPrefix(dsn, "postgres") {
		return nil, exchange.Errorf(exchange.Invalid, codeDSN, "records are sqlite:PATH or postgres://…")
	}
	config.RuntimeParams["default_transaction_read_only"] = "on"
	return stdlib.OpenDB(*config), nil
}
