package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"syscall"
)

// session is one connection to the database and the statements that are prepared on it. One goroutine uses it at a time.
type session struct {
	conn     *sql.Conn
	prepared map[string]*sql.Stmt
}

// connect opens a session and tells the database once what it is for.
func connect(ctx context.Context, db *sql.DB, first []string) (*session, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	s := &session{conn: conn, prepared: map[string]*sql.Stmt{}}
	for _, statement := range first {
		if err := s.run(ctx, statement); err != nil {
			s.discard()
			return nil, err
		}
	}
	return s, nil
}

// prepare gives the statement, prepared once. The texts are constants of this package, so their number is bounded.
func (s *session) prepare(ctx context.Context, text string) (*sql.Stmt, error) {
	if statement, ok := s.prepared[text]; ok {
		return statement, nil
	}
	statement, err := s.conn.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	s.prepared[text] = statement
	return statement, nil
}

// run executes a statement that has no arguments.
func (s *session) run(ctx context.Context, text string) error {
	_, err := s.exec(ctx, text)
	return err
}

func (s *session) exec(ctx context.Context, text string, args ...any) (sql.Result, error) {
	statement, err := s.prepare(ctx, text)
	if err != nil {
		return nil, err
	}
	return statement.ExecContext(ctx, args...)
}

// discard ends the connection, and with it whatever transaction is open.
func (s *session) discard() {
	for _, statement := range s.prepared {
		_ = statement.Close()
	}
	_ = s.conn.Raw(func(any) error { return driver.ErrBadConn }) // makes database/sql close it, not keep it
	_ = s.conn.Close()
}

// isCut says whether the connection broke.
func isCut(err error) bool {
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.EPIPE)
}
