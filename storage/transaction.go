package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"congvan/exchange"
)

// transaction is one exchange.Tx: the statements of one closure on one session.
type transaction struct {
	engine  engine
	session *session
	log     *logState          // what is known of the log's end; nil when reading
	alone   bool               // it may write, and no other does
	indexed []indexed          // what the search is to find, written at the end of the group
	message exchange.MessageID // that was added last
	read    documentRow        // the document that was read last, but for what was added to it since
	over    bool               // the closure has ended
	broken  error              // the first fault of the database; nothing may follow it
}

var _ exchange.Tx = (*transaction)(nil)

var (
	errOver    = errors.New("the transaction is over")
	errReading = errors.New("a View writes nothing")
)

// exec executes a statement and says how many rows it wrote.
func (t *transaction) exec(ctx context.Context, text string, args ...any) (int64, error) {
	if !t.alone {
		return 0, errReading
	}
	if err := t.ready(ctx, args); err != nil {
		return 0, err
	}
	result, err := t.session.exec(t.statementContext(ctx), text, args...)
	if err != nil {
		return 0, t.fault(err)
	}
	rows, err := result.RowsAffected()
	return rows, t.fault(err)
}

// add executes a statement that adds one fact and says whether it was new.
func (t *transaction) add(ctx context.Context, text string, args ...any) (bool, error) {
	rows, err := t.exec(ctx, text, args...)
	return rows > 0, err
}

// insert executes a statement that adds a row and returns a value of it, and says whether it added one.
func (t *transaction) insert(ctx context.Context, value *int64, text string, args ...any) (bool, error) {
	if !t.alone {
		return false, errReading
	}
	return t.one(ctx, text, args, value)
}

// exists says whether the question has an answer.
func (t *transaction) exists(ctx context.Context, text string, args ...any) (bool, error) {
	var one int64
	return t.one(ctx, text, args, &one)
}

// scanner is a row that can be read.
type scanner interface{ Scan(into ...any) error }

// collect reads all rows into a list; scan reads one of them.
func collect[T any](
	ctx context.Context, t *transaction, text string, args []any, scan func(row scanner) (T, error),
) ([]T, error) {
	var found []T
	err := t.each(ctx, text, args, func(row *sql.Rows) error {
		item, err := scan(row)
		found = append(found, item)
		return err
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// one reads one row, and says whether there is one.
func (t *transaction) one(ctx context.Context, text string, args []any, into ...any) (bool, error) {
	if err := t.ready(ctx, args); err != nil {
		return false, err
	}
	ctx, done := t.session.bound(t.statementContext(ctx))
	defer done()
	prepared, err := t.session.prepare(ctx, text)
	if err != nil {
		return false, t.fault(err)
	}
	err = prepared.QueryRowContext(ctx, args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, t.fault(err)
}

// each reads all rows; scan reads one of them.
func (t *transaction) each(ctx context.Context, text string, args []any, scan func(row *sql.Rows) error) (err error) {
	if err := t.ready(ctx, args); err != nil {
		return err
	}
	ctx, done := t.session.bound(t.statementContext(ctx))
	defer done()
	prepared, err := t.session.prepare(ctx, text)
	if err != nil {
		return t.fault(err)
	}
	rows, err := prepared.QueryContext(ctx, args...)
	if err != nil {
		return t.fault(err)
	}
	defer func() { err = errors.Join(err, t.fault(rows.Close())) }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return t.fault(err)
		}
	}
	return t.fault(rows.Err())
}

// ready says whether a statement may be executed with these arguments. PostgreSQL has no text with a zero byte or
// with anything but UTF-8, so neither engine takes it.
func (t *transaction) ready(ctx context.Context, args []any) error {
	switch {
	case t.over:
		return errOver
	case t.broken != nil:
		return t.broken
	case ctx.Err() != nil:
		return stopped(ctx, "use the records")
	}
	for _, arg := range args {
		switch given := arg.(type) {
		case string:
			if !isText(given) {
				return exchange.Errorf(exchange.Invalid, "record.not_text", "%q is not text", given)
			}
		case []string:
			if i := slices.IndexFunc(given, func(text string) bool { return !isText(text) }); i >= 0 {
				return exchange.Errorf(exchange.Invalid, "record.not_text", "%q is not text", given[i])
			}
		}
	}
	return nil
}

func isText(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

// statementContext is the context of one statement. An update's must not end in the middle: both drivers would give
// up the whole group for it. Between statements, ready looks at the caller's.
func (t *transaction) statementContext(ctx context.Context) context.Context {
	if t.alone {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

func (t *transaction) fault(err error) error {
	if err == nil {
		return nil
	}
	t.broken = t.engine.fault("use the records", err)
	return t.broken
}

// micros is a moment as it is stored: microseconds since 1970, UTC; 0 when there is none.
func micros(moment time.Time) int64 {
	if moment.IsZero() {
		return 0
	}
	return moment.UnixMicro()
}

// moment is the reverse of micros.
func moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// binary is bytes as they are stored: never null.
func binary(content []byte) []byte {
	if content == nil {
		return []byte{}
	}
	return content
}

// jsonOf gives the JSON text of a value of ours.
func jsonOf(value any) (string, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("encode a record: %w", err)
	}
	return string(text), nil
}

// jsonColumn reads a JSON text into a value.
type jsonColumn struct{ value any }

// Scan reads what the database gives.
func (c jsonColumn) Scan(column any) error {
	switch text := column.(type) {
	case string:
		return json.Unmarshal([]byte(text), c.value)
	case []byte:
		return json.Unmarshal(text, c.value)
	default:
		return fmt.Errorf("a JSON column holds %T", column)
	}
}

// timeColumn reads a moment.
type timeColumn struct{ moment *time.Time }

// Scan reads what the database gives.
func (c timeColumn) Scan(column any) error {
	switch stored := column.(type) {
	case nil:
		*c.moment = time.Time{}
	case int64:
		*c.moment = moment(stored)
	default:
		return fmt.Errorf("a time column holds %T", column)
	}
	return nil
}

// placeholders gives "($n, $n+1, …)" for as many arguments.
func placeholders(first, count int) string {
	texts := make([]string, count)
	for i := range texts {
		texts[i] = "$" + strconv.Itoa(first+i)
	}
	return "(" + strings.Join(texts, ", ") + ")"
}
