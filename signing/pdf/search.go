package pdf

import "bytes"

// searchCost says how many bytes of searching cost as much as one byte of parsing.
const searchCost = 16

// search finds the first text in the file from start on that ends before end; -1 when it is not there.
func (d *Document) search(text string, start, end int64) (int64, error) {
	c := cursor{src: d.src, base: start, end: end}
	for {
		if _, ok := c.peek(); !ok {
			return -1, c.err
		}
		here, rest := c.pos(), c.buf[c.i:]
		at := bytes.Index(rest, []byte(text))
		if at < 0 {
			at = c.acrossEdge(text)
		}
		spent := len(rest)
		if at >= 0 {
			spent = at
		}
		if err := d.budget.spend(int64(spent)/searchCost + 1); err != nil {
			return 0, err
		}
		if at >= 0 {
			return here + int64(at), nil
		}
		c.seek(here + int64(len(rest)))
	}
}

// acrossEdge finds text that begins in the block at hand and ends in the next one.
func (c *cursor) acrossEdge(text string) int {
	here, rest := c.pos(), c.buf[c.i:]
	for at := max(0, len(rest)-len(text)+1); at < len(rest); at++ {
		if rest[at] != text[0] {
			continue
		}
		c.seek(here + int64(at))
		found := c.literal(text)
		c.seek(here)
		if found {
			return at
		}
	}
	return -1
}

// ByteRangeFinder notes where "/ByteRange" stands in the bytes written to it, so that a file that is being hashed
// anyway need not be read again. See Orphans.
type ByteRangeFinder struct {
	offsets []int64
	pos     int64
	tail    []byte
}

const (
	byteRangeKey = "/ByteRange"
	mostRanges   = 10_000 // more are not noted
)

// Count is how many have been found so far.
func (f *ByteRangeFinder) Count() int { return len(f.offsets) }

// Write takes the next bytes of the file. It never fails.
func (f *ByteRangeFinder) Write(p []byte) (int, error) {
	edge := append(f.tail, p[:min(len(p), len(byteRangeKey)-1)]...)
	f.find(edge, f.pos-int64(len(f.tail)))
	f.find(p, f.pos)
	f.pos += int64(len(p))
	if keep := len(byteRangeKey) - 1; len(p) >= keep {
		f.tail = append(f.tail[:0], p[len(p)-keep:]...)
	} else {
		f.tail = append([]byte{}, edge[max(0, len(edge)-keep):]...)
	}
	return len(p), nil
}

func (f *ByteRangeFinder) find(p []byte, base int64) {
	for from := 0; len(f.offsets) < mostRanges; {
		at := bytes.Index(p[from:], []byte(byteRangeKey))
		if at < 0 {
			return
		}
		f.offsets = append(f.offsets, base+int64(from+at))
		from += at + len(byteRangeKey)
	}
}
