package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"

	"congvan/exchange"
)

// Records keeps facts in a SQL database, as exchange.Records says. It may be used by several goroutines, and one
// database by several processes.
//
// Updates run one after the other, in groups: a group is one transaction of the database with one flush, and each
// update in it is a savepoint, so that one that fails takes nothing of the others with it. The closure runs on the
// goroutine that called Update.
type Records struct {
	engine  engine
	db      *sql.DB
	queue   chan *update
	readers chan *session // free sessions; nil: one may be opened
	writer  sync.WaitGroup

	closing sync.RWMutex // guards closed; held for reading while an update is queued
	closed  bool
}

var _ exchange.Records = (*Records)(nil)

// triesOfAgain is how often an update is run that PostgreSQL gives up for another's sake.
const triesOfAgain = 5

func openRecords(ctx context.Context, engine engine) (*Records, error) {
	if engine.prepare != nil {
		if err := engine.prepare(); err != nil {
			return nil, failed("open the records", err)
		}
	}
	db, err := sql.Open(engine.driver, engine.dsn)
	if err != nil {
		// A driver repeats the DSN, and with it a password.
		return nil, exchange.Errorf(exchange.Invalid, codeDSN, "the DSN of the records cannot be read")
	}
	if err := migrate(ctx, engine, db); err != nil {
		return nil, errors.Join(engine.fault("migrate the records", err), db.Close())
	}
	readers := min(max(4, 2*runtime.GOMAXPROCS(0)), 16)
	records := &Records{
		engine:  engine,
		db:      db,
		queue:   make(chan *update, engine.group),
		readers: make(chan *session, readers),
	}
	for range readers {
		records.readers <- nil
	}
	records.writer.Add(1)
	go func() {
		defer records.writer.Done()
		newWriter(engine, db).serve(context.WithoutCancel(ctx), records.queue)
	}()
	return records, nil
}

// Close ends the updates that are queued, then the connections. Nobody may use the records afterwards: Update and
// View answer storage.unavailable.
func (r *Records) Close() error {
	r.closing.Lock()
	if r.closed {
		r.closing.Unlock()
		return nil
	}
	r.closed = true
	close(r.queue)
	r.closing.Unlock()
	r.writer.Wait()
	for range cap(r.readers) {
		if reader := <-r.readers; reader != nil {
			reader.discard()
		}
	}
	close(r.readers)
	return r.db.Close()
}

// Update runs fn alone and keeps what it wrote, as exchange.Records says. When ctx ends before fn's turn comes, fn
// does not run. When fn panics, nothing of it is kept and Update gives an Error of kind Internal. When the connection
// to a server breaks while it commits, the Error of kind Unavailable leaves open whether all or nothing was kept.
func (r *Records) Update(ctx context.Context, fn func(tx exchange.Tx) error) error {
	var err error
	for range triesOfAgain {
		err = r.update(ctx, fn)
		if _, retry := errors.AsType[*again](err); !retry {
			return err
		}
	}
	return err
}

// again is an Error of a transaction that may succeed when it is run again.
type again struct{ error }

// Unwrap gives the Error.
func (a *again) Unwrap() error { return a.error }

func (r *Records) update(ctx context.Context, fn func(tx exchange.Tx) error) error {
	waiting := newUpdate()
	if err := r.enqueue(ctx, waiting); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		if waiting.withdraw() {
			return stopped(ctx, "wait for the turn")
		}
		fn = func(exchange.Tx) error { return stopped(ctx, "wait for the turn") } // it comes at this moment
	case tx := <-waiting.turn:
		perform(tx, fn, waiting.back)
		return <-waiting.end
	case err := <-waiting.end: // the database could not begin
		return err
	}
	select {
	case tx := <-waiting.turn:
		perform(tx, fn, waiting.back)
		return <-waiting.end
	case err := <-waiting.end:
		return err
	}
}

func (r *Records) enqueue(ctx context.Context, waiting *update) error {
	r.closing.RLock()
	defer r.closing.RUnlock()
	if r.closed {
		return exchange.Errorf(exchange.Unavailable, codeUnavailable, "the records are closed")
	}
	select {
	case r.queue <- waiting:
		return nil
	case <-ctx.Done():
		return stopped(ctx, "wait for the queue")
	}
}

// perform runs fn, contains its panic, and says on back what came of it, even when fn ends its goroutine.
func perform(tx *transaction, fn func(tx exchange.Tx) error, back chan<- error) {
	err := errors.New("the closure of a transaction ended its goroutine")
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("panic in a transaction: %v\n%s", fault, debug.Stack())
		}
		tx.over = true
		back <- err
	}()
	if err = fn(tx); err == nil {
		err = tx.broken // a closure that swallowed a fault of the database must not be kept by halves
	}
}

// View runs fn on one consistent state, as exchange.Records says. It waits, while ctx lives, for a free connection.
func (r *Records) View(ctx context.Context, fn func(tx exchange.Tx) error) error {
	var reader *session
	var open bool
	select {
	case reader, open = <-r.readers:
	case <-ctx.Done():
		return stopped(ctx, "wait for a connection")
	}
	if !open {
		return exchange.Errorf(exchange.Unavailable, codeUnavailable, "the records are closed")
	}
	defer func() { r.readers <- reader }()
	reader, err := r.beginRead(ctx, reader)
	if err != nil {
		return r.engine.fault("begin to read", err)
	}
	tx := &transaction{engine: r.engine, session: reader}
	back := make(chan error, 1)
	defer func() {
		if tx.broken != nil || reader.run(context.WithoutCancel(ctx), "rollback") != nil {
			reader.discard()
			reader = nil
		}
	}()
	perform(tx, fn, back)
	return <-back
}

// beginRead begins on the session, and on a new one when there is none or the server has closed it meanwhile.
func (r *Records) beginRead(ctx context.Context, reader *session) (*session, error) {
	if reader != nil {
		if reader.run(ctx, r.engine.beginRead) == nil {
			return reader, nil
		}
		reader.discard()
	}
	reader, err := connect(ctx, r.db, r.engine.patience, r.engine.reading)
	if err != nil {
		return nil, err
	}
	if err := reader.run(ctx, r.engine.beginRead); err != nil {
		reader.discard()
		return nil, err
	}
	return reader, nil
}
