package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// session is one connection to the database and the statements that are prepared on it. One goroutine uses it at a
// time.
type session struct {
	conn     *sql.Conn
	patience time.Duration // with one statement; 0: no end
	prepared map[string]statement
}

// statement is a *sql.Stmt that the session closes, and nobody else.
type statement interface {
	ExecContext(ctx context.Context, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, args ...any) *sql.Row
	Close() error
}

// connect opens a session and tells the database once what it is for.
func connect(ctx context.Context, db *sql.DB, patience time.Duration, first []string) (*session, error) {
	s := &session{patience: patience, prepared: map[string]statement{}}
	connecting, done := s.bound(ctx)
	defer done()
	conn, err := db.Conn(connecting)
	if err != nil {
		return nil, err
	}
	s.conn = conn
	for _, statement := range first {
		if err := s.run(ctx, statement); err != nil {
			s.discard()
			return nil, err
		}
	}
	return s, nil
}

// prepare gives the statement, prepared once. The texts are constants of this package, so their number is bounded.
func (s *session) prepare(ctx context.Context, text string) (statement, error) {
	if known, ok := s.prepared[text]; ok {
		return known, nil
	}
	prepared, err := s.conn.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	s.prepared[text] = prepared
	return prepared, nil
}

// run executes a statement that has no arguments. Several, between semicolons, make one journey to the server: they are
// not prepared.
func (s *session) run(ctx context.Context, text string) error {
	if !strings.Contains(text, ";") {
		_, err := s.exec(ctx, text)
		return err
	}
	ctx, done := s.bound(ctx)
	defer done()
	_, err := s.conn.ExecContext(ctx, text, pgx.QueryExecModeSimpleProtocol)
	return err
}

func (s *session) exec(ctx context.Context, text string, args ...any) (sql.Result, error) {
	ctx, done := s.bound(ctx)
	defer done()
	prepared, err := s.prepare(ctx, text)
	if err != nil {
		return nil, err
	}
	return prepared.ExecContext(ctx, args...)
}

// bound gives the context of one statement: a server that does not answer must not stop the gateway for ever.
func (s *session) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.patience == 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, s.patience)
}

// discard ends the connection, and with it whatever transaction is open.
func (s *session) discard() {
	for _, prepared := range s.prepared {
		_ = prepared.Close()
	}
	_ = s.conn.Raw(func(any) error { return driver.ErrBadConn }) // makes database/sql close it, not keep it
	_ = s.conn.Close()
}

// isCut says whether the connection broke.
func isCut(err error) bool {
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.EPIPE)
}
