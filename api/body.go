package api

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"congvan/exchange"
)

// paceBytes is how much of a body must come, and how much of an answer must go, in every period of Limits.Pace, or the
// connection is cut. A commune on a bad line manages it; somebody who holds connections for their own sake does not.
const paceBytes = 4 << 10

// drainBytes is how much of an unwanted body is read to its end, so that the connection can be used again.
const drainBytes = 256 << 10

// guardedBody is a request's body with its limits: a number of bytes, and a pace. It remembers why it could not be
// read, so that the cause is told and not what it led to.
type guardedBody struct {
	control *http.ResponseController
	writer  http.ResponseWriter // the server's own, which closes the connection when the limit is passed
	source  io.ReadCloser
	limited io.ReadCloser // source, through http.MaxBytesReader
	claimed int64         // Content-Length; -1 when none was given
	waits   bool          // the client sends the body only when it is read (RFC 9110, 10.1.1)
	pace    *pace

	ended bool // read to its end
	err   error
}

// guardBody puts the body under guard, with a limit that holds until another is set. It gives nil when there is no
// body.
func guardBody(w http.ResponseWriter, r *http.Request, most int64, period time.Duration) *guardedBody {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	if wrapped, ok := w.(interface{ Unwrap() http.ResponseWriter }); ok {
		w = wrapped.Unwrap()
	}
	b := &guardedBody{
		control: http.NewResponseController(w),
		writer:  w,
		source:  r.Body,
		claimed: r.ContentLength,
		waits:   r.Header.Get("Expect") != "",
	}
	b.limited = http.MaxBytesReader(w, r.Body, most)
	b.pace = newPace(period, func() { _ = b.control.SetReadDeadline(past()) })
	r.Body = b
	return b
}

// limit sets the most bytes that may come. A length that is claimed to be over it is refused before a byte is read.
func (b *guardedBody) limit(most int64) error {
	if b == nil {
		return nil
	}
	if b.claimed > most {
		return exchange.Errorf(exchange.Invalid, codeRequestTooLarge, "%d bytes claimed, at most %d", b.claimed, most)
	}
	b.limited = http.MaxBytesReader(b.writer, b.source, most)
	return nil
}

// Read reads on and keeps the pace in view.
func (b *guardedBody) Read(p []byte) (int, error) {
	b.pace.waiting.Store(true)
	n, err := b.limited.Read(p)
	b.pace.waiting.Store(false)
	b.pace.bytes.Add(int64(n))
	switch {
	case errors.Is(err, io.EOF):
		b.ended = true
	case err != nil && b.pace.cut.Load():
		b.err = exchange.Errorf(exchange.Unavailable, codeRequestTooSlow, "%w", err)
		return n, b.err
	case err != nil:
		b.err = named(err)
		return n, b.err
	}
	return n, err
}

// Close closes the body.
func (b *guardedBody) Close() error { return b.source.Close() }

// failed says why the body could not be read; nil when it could, or there is none.
func (b *guardedBody) failed() error {
	if b == nil {
		return nil
	}
	return b.err
}

// leave ends the guard after the answer was given. What nobody wanted to read is read here, under guard, when it is
// little: the server would read it without.
func (b *guardedBody) leave(flush func()) {
	if b == nil {
		return
	}
	defer b.pace.stop()
	if b.ended || b.err != nil || b.waits || b.claimed > drainBytes {
		return
	}
	flush()
	b.limited = b.source
	if _, err := io.CopyN(io.Discard, b, drainBytes); err == nil {
		_ = b.control.SetReadDeadline(past())
	}
}

// pace watches one direction of a transfer and cuts it when the other side lets us wait too long for too little.
type pace struct {
	period  time.Duration
	bytes   atomic.Int64
	waiting atomic.Bool // for the other side; when we are busy ourselves, it is not to blame
	cut     atomic.Bool
	mutex   sync.Mutex
	// timer and stopped are guarded by mutex.
	timer   *time.Timer
	stopped bool
}

func newPace(period time.Duration, cut func()) *pace {
	p := &pace{period: period}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.timer = time.AfterFunc(period, func() { p.look(cut) })
	return p
}

// look runs at the end of every period.
func (p *pace) look(cut func()) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.stopped {
		return
	}
	if p.bytes.Swap(0) < paceBytes && p.waiting.Load() {
		p.cut.Store(true)
		cut()
		return
	}
	p.timer.Reset(p.period)
}

// stop ends the watch; when it returns, nothing will be cut any more. It may be called twice.
func (p *pace) stop() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.stopped = true
	p.timer.Stop()
}

// past is a moment that is over whatever the clock says: a deadline that ends what is under way.
func past() time.Time { return time.Unix(1, 0) }
