package pdf

import (
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
)

// Tail is a new revision of a document that has not been stored yet: the bytes to append. The original is never
// touched; where the signature value lies was noted while writing. It is a plain value and may be kept as JSON.
type Tail struct {
	Start int64  `json:"start"` // size of the original: where the tail begins
	Bytes []byte `json:"bytes"`
	// From and To enclose the hexadecimal string of the signature value in Bytes, angle brackets included; both are 0
	// when the revision holds no new signature.
	From int `json:"from"`
	To   int `json:"to"`
}

// Covered are the two parts of the tail that the signature covers, together with everything before the tail.
func (t Tail) Covered() (before, after []byte) { return t.Bytes[:t.From], t.Bytes[t.To:] }

// Room is how many bytes a signature value may have.
func (t Tail) Room() int { return max(0, (t.To-t.From-2)/2) }

// Put writes the signature value into its place, or fails with ErrRoom and changes nothing.
func (t Tail) Put(value []byte) error {
	if len(value) > t.Room() {
		return fmt.Errorf("%d bytes into %d: %w", len(value), t.Room(), ErrRoom)
	}
	hex.Encode(t.Bytes[t.From+1:], value)
	return nil
}

// Size is the size of the document with the tail.
func (t Tail) Size() int64 { return t.Start + int64(len(t.Bytes)) }

// Extended reads the original with the tail behind it.
func (t Tail) Extended(original io.ReaderAt) io.ReaderAt {
	return &extended{original: original, size: t.Start, tail: t.Bytes}
}

type extended struct {
	original io.ReaderAt
	size     int64
	tail     []byte
}

// ReadAt reads across the seam.
func (e *extended) ReadAt(p []byte, offset int64) (int, error) {
	done := 0
	if offset < e.size {
		n := int(min(int64(len(p)), e.size-offset))
		read, err := e.original.ReadAt(p[:n], offset)
		if read < n {
			if err == nil {
				err = io.ErrUnexpectedEOF
			}
			return read, err
		}
		done, offset = n, e.size
	}
	if done == len(p) {
		return done, nil
	}
	if at := offset - e.size; at < int64(len(e.tail)) {
		done += copy(p[done:], e.tail[at:])
	}
	if done < len(p) {
		return done, io.EOF
	}
	return done, nil
}

// setRange fills the byte range of the signature, now that the length of the tail is known.
func (t Tail) setRange(at int) {
	numbers := [3]int64{t.Start + int64(t.From), t.Start + int64(t.To), int64(len(t.Bytes) - t.To)}
	for i, n := range numbers {
		place := t.Bytes[at+i*(1+rangeDigits):]
		copy(place[1:1+rangeDigits], strconv.FormatInt(n, 10)) // a blank before it, and blanks up to the next
	}
}
