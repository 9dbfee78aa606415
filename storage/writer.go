package storage

import (
	"context"
	"database/sql"
	"sync/atomic"

	"congvan/exchange"
)

// update is a closure that waits for its turn: the writer lends it the transaction, its caller runs it and gives the
// transaction back, and learns the end when the group is committed.
type update struct {
	state atomic.Int32      // waiting, begun or withdrawn
	turn  chan *transaction // the transaction, once
	back  chan error        // what the closure said, once
	end   chan error        // what became of it, once
	// failure is what the closure said; it is told when the group has ended, for it may rest on what others of it wrote.
	failure error
}

const (
	waiting int32 = iota
	begun
	withdrawn
)

func newUpdate() *update {
	return &update{turn: make(chan *transaction, 1), back: make(chan error, 1), end: make(chan error, 1)}
}

// withdraw takes the update back before its turn; false when the turn has come.
func (u *update) withdraw() bool { return u.state.CompareAndSwap(waiting, withdrawn) }

// begin says that its turn has come; false when it was withdrawn.
func (u *update) begin() bool { return u.state.CompareAndSwap(waiting, begun) }

// writer runs updates in groups on one session. One goroutine uses it.
type writer struct {
	engine  engine
	db      *sql.DB
	session *session // nil until it is needed, and after a fault
	log     *logState
	indexed []indexed // noted by the updates of the group
}

func newWriter(engine engine, db *sql.DB) *writer {
	return &writer{engine: engine, db: db, log: &logState{}}
}

// serve runs updates until the queue is closed and empty.
func (w *writer) serve(ctx context.Context, queue <-chan *update) {
	for first := range queue {
		w.group(ctx, first, queue)
	}
	w.drop()
}

// group runs the first update and all that come while it is at work, in one transaction of the database.
func (w *writer) group(ctx context.Context, first *update, queue <-chan *update) {
	if !first.begin() {
		return
	}
	w.log.sure = false
	if err := w.begin(ctx); err != nil {
		first.end <- w.engine.fault("begin to write", err)
		return
	}
	var done []*update
	for next := first; next != nil; next = w.next(queue, len(done)) {
		kept, err := w.one(ctx, next)
		if err != nil {
			w.fail(append(done, next), err)
			return
		}
		if kept {
			done = append(done, next)
		}
	}
	if err := w.commit(ctx); err != nil {
		w.fail(done, err)
		return
	}
	for _, update := range done {
		update.end <- update.failure
	}
}

func (w *writer) commit(ctx context.Context) error {
	tx := &transaction{engine: w.engine, session: w.session, log: w.log, alone: true}
	if err := tx.flushLog(ctx); err != nil {
		return err
	}
	if err := tx.writeIndex(ctx, w.indexed); err != nil {
		return err
	}
	w.indexed = w.indexed[:0]
	return w.engine.fault("commit", w.session.run(ctx, "commit"))
}

// next gives the next update that still waits, or nil when the group should end.
func (w *writer) next(queue <-chan *update, done int) *update {
	for done < w.engine.group {
		select {
		case update, open := <-queue:
			if !open {
				return nil
			}
			if update.begin() {
				return update
			}
		default:
			return nil
		}
	}
	return nil
}

// one runs an update in a savepoint and says whether it is part of the group. An error says that the group is lost.
func (w *writer) one(ctx context.Context, update *update) (kept bool, err error) {
	if err := w.session.run(ctx, "savepoint one"); err != nil {
		return false, w.engine.fault("set a savepoint", err)
	}
	before := *w.log
	tx := &transaction{engine: w.engine, session: w.session, log: w.log, alone: true}
	update.turn <- tx
	failure := <-update.back
	if failure == nil {
		w.indexed = append(w.indexed, tx.indexed...)
		return true, w.engine.fault("release a savepoint", w.session.run(ctx, "release savepoint one"))
	}
	*w.log = before
	if err := w.undo(ctx); err != nil {
		if tx.broken != nil {
			err = tx.broken // says why, as on a full disk, where SQLite gives the whole transaction up
		}
		return false, w.engine.fault("undo an update", err)
	}
	update.failure = failure
	return true, nil
}

func (w *writer) undo(ctx context.Context) error {
	if err := w.session.run(ctx, "rollback to savepoint one"); err != nil {
		return err
	}
	return w.session.run(ctx, "release savepoint one")
}

// begin begins on the session, and on a new one when there is none or the server has closed it meanwhile.
func (w *writer) begin(ctx context.Context) error {
	if w.session != nil {
		if w.beginOn(ctx) == nil {
			return nil
		}
		w.drop()
	}
	session, err := connect(ctx, w.db, w.engine.patience, w.engine.writing)
	if err != nil {
		return err
	}
	w.session = session
	if err := w.beginOn(ctx); err != nil {
		w.drop()
		return err
	}
	return nil
}

func (w *writer) beginOn(ctx context.Context) error {
	for _, statement := range w.engine.beginWrite {
		if err := w.session.run(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// fail ends a group of which nothing is kept.
func (w *writer) fail(group []*update, err error) {
	w.drop()
	if err == nil {
		err = exchange.Errorf(exchange.Unavailable, codeUnavailable, "the transaction is lost")
	}
	for _, update := range group {
		update.end <- err
	}
}

// drop ends the session, and with it what was not committed.
func (w *writer) drop() {
	if w.session != nil {
		w.session.discard()
	}
	w.session = nil
	*w.log = logState{}
	w.indexed = nil
}
