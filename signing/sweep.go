package signing

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"sync"

	"congvan/certs/cms"
	"congvan/signing/pdf"
)

const (
	sweepWindow   = 512 << 10 // bytes read at a time
	sweepParallel = 64 << 10  // from here on, two hashes of one stretch are worth two cores
)

// span is a stretch of the file: from is inside, to is outside.
type span struct{ from, to int64 }

// digestOrder asks for one digest over stretches of the file, in ascending order. Its value is filled by a sweep; it
// stays nil when this program does not know the hash.
type digestOrder struct {
	hash  crypto.Hash
	spans []span
	value []byte
}

// sweep reads a file once, from the first byte to the last, and fills any number of digest orders on the way. Orders
// that begin at the first byte share one running hash: its state is cloned where their first stretch ends. So ten
// signatures on a large file cost one read and one hash of it; memory is one window and one state for each order.
type sweep struct {
	prefixes map[crypto.Hash]hash.Hash // hashes of everything read so far, by algorithm
	orders   []*running
	watcher  io.Writer // sees every byte too; nil: nobody
}

type running struct {
	*digestOrder
	state  hash.Hash
	shared bool // the first stretch is hashed by a prefix
}

// newSweep prepares a sweep that gives the SHA-256 of the whole file and the given orders.
func newSweep(orders []*digestOrder, watcher io.Writer) *sweep {
	s := &sweep{prefixes: map[crypto.Hash]hash.Hash{crypto.SHA256: crypto.SHA256.New()}, watcher: watcher}
	for _, order := range orders {
		if !cms.Available(order.hash) || len(order.spans) == 0 {
			continue
		}
		r := &running{digestOrder: order}
		if _, cloneable := cms.NewHash(order.hash).(hash.Cloner); cloneable && order.spans[0].from == 0 {
			r.shared = true
			if s.prefixes[order.hash] == nil {
				s.prefixes[order.hash] = cms.NewHash(order.hash)
			}
		} else {
			r.state = cms.NewHash(order.hash)
		}
		s.orders = append(s.orders, r)
	}
	return s
}

// run reads the file. Its error is that of reading or of the context, or says that the file is shorter than claimed.
func (s *sweep) run(ctx context.Context, file io.ReaderAt, size int64) error {
	marks := s.marks(size)
	if whole, ok := file.(pdf.Memory); ok && int64(len(whole)) >= size {
		if err := s.pass(whole[:size], 0, marks); err != nil {
			return err
		}
		return s.finish(size)
	}
	window := make([]byte, min(size, sweepWindow))
	for at := int64(0); at < size; {
		if err := ctx.Err(); err != nil {
			return err
		}
		piece := window[:min(size-at, int64(len(window)))]
		if err := readFull(file, piece, at); err != nil {
			return err
		}
		if err := s.pass(piece, at, marks); err != nil {
			return err
		}
		at += int64(len(piece))
	}
	return s.finish(size)
}

// pass shows one window to all who want to see it.
func (s *sweep) pass(piece []byte, at int64, marks []int64) error {
	if s.watcher != nil {
		if _, err := s.watcher.Write(piece); err != nil {
			return fmt.Errorf("watch file at %d: %w", at, err)
		}
	}
	return s.take(piece, at, marks)
}

// readFull reads a whole piece; a file that ends before is an error.
func readFull(file io.ReaderAt, piece []byte, at int64) error {
	n, err := file.ReadAt(piece, at)
	if n == len(piece) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("read file at %d: %w", at+int64(n), err)
}

// marks gives, in ascending order, the offsets at which some hash starts or stops.
func (s *sweep) marks(size int64) []int64 {
	marks := make([]int64, 0, 2*len(s.orders)+1)
	for _, order := range s.orders {
		for _, stretch := range order.spans {
			marks = append(marks, stretch.from, stretch.to)
		}
	}
	slices.Sort(marks)
	return append(slices.Compact(marks), size+1)
}

// take feeds one window, cut at the marks.
func (s *sweep) take(piece []byte, at int64, marks []int64) error {
	end := at + int64(len(piece))
	next, _ := slices.BinarySearch(marks, at)
	for from := at; from < end; {
		for next < len(marks) && marks[next] <= from {
			next++
		}
		if err := s.clones(from); err != nil {
			return err
		}
		to := min(end, marks[next])
		s.feed(piece[from-at:to-at], from)
		from = to
	}
	return nil
}

// clones starts the orders whose first, shared stretch ends here.
func (s *sweep) clones(at int64) error {
	for _, order := range s.orders {
		if order.shared && order.state == nil && order.spans[0].to == at {
			cloner, ok := s.prefixes[order.hash].(hash.Cloner)
			if !ok {
				return fmt.Errorf("clone %v: not supported", order.hash)
			}
			state, err := cloner.Clone()
			if err != nil {
				return fmt.Errorf("clone %v: %w", order.hash, err)
			}
			order.state = state
		}
	}
	return nil
}

// feed gives a stretch that lies between two marks to every hash that wants it.
func (s *sweep) feed(stretch []byte, at int64) {
	var wanting []hash.Hash
	for _, prefix := range s.prefixes {
		wanting = append(wanting, prefix)
	}
	for _, order := range s.orders {
		if order.state != nil && order.wants(at) {
			wanting = append(wanting, order.state)
		}
	}
	if len(wanting) == 1 || len(stretch) < sweepParallel {
		for _, state := range wanting {
			_, _ = state.Write(stretch)
		}
		return
	}
	var all sync.WaitGroup
	for _, state := range wanting {
		all.Go(func() { _, _ = state.Write(stretch) })
	}
	all.Wait()
}

// wants says whether the order's own state takes the bytes at this offset.
func (r *running) wants(at int64) bool {
	spans := r.spans
	if r.shared {
		spans = spans[1:]
	}
	return slices.ContainsFunc(spans, func(stretch span) bool { return stretch.from <= at && at < stretch.to })
}

func (s *sweep) finish(size int64) error {
	if err := s.clones(size); err != nil {
		return err
	}
	for _, order := range s.orders {
		if order.state != nil && order.spans[len(order.spans)-1].to <= size {
			order.value = order.state.Sum(nil)
		}
	}
	return nil
}

// whole gives the SHA-256 of the whole file after run.
func (s *sweep) whole() []byte { return s.prefixes[crypto.SHA256].Sum(nil) }

// ascending says whether the stretches lie in order, apart from one another and inside the file.
func ascending(spans []span, size int64) bool {
	var end int64
	for _, stretch := range spans {
		if stretch.from < end || stretch.to < stretch.from || stretch.to > size {
			return false
		}
		end = stretch.to
	}
	return true
}
