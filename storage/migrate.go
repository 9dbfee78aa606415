package storage

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/pressly/goose/v3"

	"congvan/exchange"
)

// migrations are the tables, in steps: the same names for both databases, forward only, never changed after a
// release.
//
//go:embed migrations
var migrations embed.FS

// migrate brings the tables up to date. It refuses a database that a later program made, and one that was made with
// other steps than ours: guessing what its tables mean would be worse than not starting.
func migrate(ctx context.Context, engine engine, db *sql.DB) (err error) {
	steps, err := fs.Sub(migrations, path.Join("migrations", engine.name))
	if err != nil {
		return fmt.Errorf("find the migrations: %w", err)
	}
	release, err := alone(ctx, engine, db)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	provider, err := goose.NewProvider(engine.dialect, db, steps, goose.WithTableName("migration"))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	current, target, err := provider.GetVersions(ctx)
	if err != nil {
		return err
	}
	if current > target {
		return exchange.Errorf(exchange.Invalid, "storage.newer",
			"the records have version %d, this program knows %d", current, target)
	}
	if err := compare(ctx, db, steps); err != nil {
		return err
	}
	if err := climb(ctx, provider, current); err != nil {
		return err
	}
	return remember(ctx, db, steps)
}

// climb takes the missing steps. Where nothing keeps other processes away, one of them may have taken a step before
// us: then it goes on from there.
func climb(ctx context.Context, provider *goose.Provider, current int64) error {
	for {
		_, err := provider.Up(ctx)
		if err == nil {
			return nil
		}
		reached, versionErr := provider.GetDBVersion(ctx)
		if versionErr != nil || reached <= current {
			return errors.Join(err, versionErr)
		}
		current = reached
	}
}

// alone waits until no other process migrates, where the database can tell.
func alone(ctx context.Context, engine engine, db *sql.DB) (release func() error, err error) {
	if engine.migrating == "" {
		return func() error { return nil }, nil
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, engine.migrating); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return func() error {
		_, err := conn.ExecContext(context.WithoutCancel(ctx), "select pg_advisory_unlock_all()")
		return errors.Join(err, conn.Close())
	}, nil
}

const stepTable = "create table if not exists migration_step (name text primary key, digest text not null)"

// compare refuses steps that are not those the database was made with.
func compare(ctx context.Context, db *sql.DB, steps fs.FS) (err error) {
	if _, err := db.ExecContext(ctx, stepTable); err != nil {
		return err
	}
	rows, err := db.QueryContext(ctx, "select name, digest from migration_step")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name, digest string
		if err := rows.Scan(&name, &digest); err != nil {
			return err
		}
		if ours, err := stepDigest(steps, name); err != nil || ours != digest {
			return exchange.Errorf(exchange.Invalid, "storage.migration_changed",
				"the records were made with another %s", name)
		}
	}
	return rows.Err()
}

// remember keeps the digests of the steps taken.
func remember(ctx context.Context, db *sql.DB, steps fs.FS) error {
	names, err := fs.Glob(steps, "*.sql")
	if err != nil {
		return err
	}
	for _, name := range names {
		digest, err := stepDigest(steps, name)
		if err != nil {
			return err
		}
		_, err = db.ExecContext(ctx,
			"insert into migration_step (name, digest) values ($1, $2) on conflict (name) do nothing", name, digest)
		if err != nil {
			return err
		}
	}
	return nil
}

func stepDigest(steps fs.FS, name string) (string, error) {
	content, err := fs.ReadFile(steps, name)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:]), nil
}
