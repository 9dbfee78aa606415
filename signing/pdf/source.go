package pdf

import (
	"errors"
	"fmt"
	"io"
)

const (
	blockSize  = 16 << 10
	blocksKept = 64
)

// source reads a file in blocks and keeps a few of them, so that a file of any size costs a megabyte.
type source struct {
	r      io.ReaderAt
	size   int64
	whole  Memory  // the file, when it is in memory: one block
	blocks []block // made when the first is read, and no more than the file has
	before *source // with a tail: what comes before it
	tail   []byte
}

func newSource(r io.ReaderAt, size int64) *source {
	whole, ok := r.(Memory)
	if !ok || int64(len(whole)) < size {
		return &source{r: r, size: size}
	}
	return &source{r: r, size: size, whole: whole[:size]}
}

// with gives a source that goes on with a tail. It shares the blocks of this one.
func (s *source) with(tail Tail) *source {
	return &source{r: tail.Extended(s.r), size: tail.Size(), before: s, tail: tail.Bytes}
}

type block struct {
	start int64
	data  []byte
}

// block returns the block that holds the byte at pos and where it starts. The bytes must not be changed.
func (s *source) block(pos int64) (block, error) {
	if s.before != nil {
		if pos >= s.before.size {
			return block{s.before.size, s.tail}, nil
		}
		return s.before.block(pos)
	}
	if s.whole != nil {
		return block{0, s.whole}, nil
	}
	if s.blocks == nil {
		s.blocks = make([]block, min(blocksKept, s.size/blockSize+1))
	}
	number := pos / blockSize
	kept := &s.blocks[number%int64(len(s.blocks))]
	if kept.data != nil && kept.start == number*blockSize {
		return *kept, nil
	}
	start := number * blockSize
	data := make([]byte, min(blockSize, s.size-start))
	if err := s.readFull(data, start); err != nil {
		return block{}, err
	}
	*kept = block{start, data}
	return *kept, nil
}

// view gives the bytes from one position to another; they must not be changed. What lies in one block, as most of a
// small file does, is not copied.
func (s *source) view(from, to int64) ([]byte, error) {
	if from < 0 || from >= to {
		return nil, nil
	}
	got, err := s.block(from)
	if err != nil {
		return nil, err
	}
	if end := got.start + int64(len(got.data)); to <= end {
		return got.data[from-got.start : to-got.start : to-got.start], nil
	}
	data := make([]byte, to-from)
	return data, s.readFull(data, from)
}

func (s *source) readFull(data []byte, pos int64) error {
	n, err := s.r.ReadAt(data, pos)
	if n == len(data) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return fmt.Errorf("read %d bytes at %d: %w", len(data), pos, ErrTruncated)
	}
	return fmt.Errorf("read %d bytes at %d: %w", len(data), pos, err)
}

// cursor walks over bytes: of a file when src is set, else of buf alone.
type cursor struct {
	src  *source
	buf  []byte
	base int64 // position of buf[0]
	i    int   // in buf
	end  int64 // position at which the bytes end
	err  error // of the reader below
}

func (c *cursor) pos() int64 { return c.base + int64(c.i) }

func (c *cursor) peek() (byte, bool) {
	if c.i < len(c.buf) {
		return c.buf[c.i], true
	}
	return c.refill()
}

func (c *cursor) next() (byte, bool) {
	b, ok := c.peek()
	if ok {
		c.i++
	}
	return b, ok
}

// peekAt looks n bytes ahead without moving.
func (c *cursor) peekAt(n int) (byte, bool) {
	if c.i+n < len(c.buf) {
		return c.buf[c.i+n], true
	}
	here := c.pos()
	c.seek(here + int64(n))
	b, ok := c.peek()
	c.seek(here)
	return b, ok
}

func (c *cursor) refill() (byte, bool) {
	pos := c.pos()
	if c.src == nil || c.err != nil || pos < 0 || pos >= c.end {
		return 0, false
	}
	got, err := c.src.block(pos)
	if err != nil {
		c.err = err
		return 0, false
	}
	c.buf = got.data[:min(int64(len(got.data)), c.end-got.start)]
	c.base, c.i = got.start, int(pos-got.start)
	return c.buf[c.i], true
}

func (c *cursor) seek(pos int64) {
	if pos >= c.base && pos <= c.base+int64(len(c.buf)) {
		c.i = int(pos - c.base)
		return
	}
	if c.src != nil {
		c.buf, c.base, c.i = nil, pos, 0
		return
	}
	c.i = len(c.buf)
}

// literal moves over the given text when it comes next, else stays.
func (c *cursor) literal(text string) bool {
	here := c.pos()
	for i := range len(text) {
		if b, ok := c.next(); !ok || b != text[i] {
			c.seek(here)
			return false
		}
	}
	return true
}
