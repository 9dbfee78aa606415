package pdf

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// byteDecoder turns a function that yields bytes one or a few at a time into a reader.
type byteDecoder struct {
	in      *bufio.Reader
	pending []byte
	err     error
	more    func(*byteDecoder) // appends to pending or sets err
}

func newByteDecoder(in io.Reader, more func(*byteDecoder)) *byteDecoder {
	return &byteDecoder{in: bufio.NewReader(in), more: more}
}

func (r *byteDecoder) Read(p []byte) (int, error) {
	for len(r.pending) == 0 && r.err == nil {
		r.more(r)
	}
	if len(r.pending) == 0 {
		return 0, r.err
	}
	n := copy(p, r.pending)
	r.pending = r.pending[n:]
	return n, nil
}

// nextOf returns the next byte that is not white space.
func (r *byteDecoder) nextOf() (byte, bool) {
	for {
		b, err := r.in.ReadByte()
		if err != nil {
			r.err = err
			return 0, false
		}
		if class(b) != space {
			return b, true
		}
	}
}

func (r *byteDecoder) damaged(what string) { r.err = fmt.Errorf("%s: %w", what, ErrDamagedStream) }

func newHexReader(in io.Reader) io.Reader {
	return newByteDecoder(in, func(r *byteDecoder) {
		high, ok := r.nextOf()
		if !ok {
			return
		}
		if high == '>' {
			r.err = io.EOF
			return
		}
		low, ok := r.nextOf()
		if !ok || low == '>' {
			low, r.err = '0', io.EOF
		}
		if unhex(high) < 0 || unhex(low) < 0 {
			r.damaged("ASCIIHex")
			return
		}
		r.pending = []byte{hexByte(high, low)}
	})
}

func newASCII85(in io.Reader) io.Reader {
	return newByteDecoder(in, func(r *byteDecoder) {
		var group [5]byte
		n := 0
		for n < 5 {
			b, ok := r.nextOf()
			if !ok || b == '~' {
				r.err = io.EOF
				break
			}
			if b == 'z' && n == 0 {
				r.pending = make([]byte, 4)
				return
			}
			if group[n] = b - '!'; group[n] >= 85 {
				r.damaged("ASCII85")
				return
			}
			n++
		}
		if n > 1 { // a lone digit stands for nothing
			r.pending = ascii85Group(group, n)
		}
	})
}

func ascii85Group(group [5]byte, n int) []byte {
	var value uint32
	for i, digit := range group {
		if i >= n {
			digit = 84
		}
		value = value*85 + uint32(digit)
	}
	whole := [4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)}
	return whole[:n-1]
}

func newRunLength(in io.Reader) io.Reader {
	return newByteDecoder(in, func(r *byteDecoder) {
		length, err := r.in.ReadByte()
		if err != nil || length == 128 {
			r.err = io.EOF
			return
		}
		if length < 128 {
			r.pending = make([]byte, int(length)+1)
			n, err := io.ReadFull(r.in, r.pending)
			r.pending = r.pending[:n]
			if err != nil {
				r.err = endOf(err)
			}
			return
		}
		b, err := r.in.ReadByte()
		if err != nil {
			r.err = endOf(err)
			return
		}
		for range 257 - int(length) {
			r.pending = append(r.pending, b)
		}
	})
}

// endOf takes data that ends too early as ended.
func endOf(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return io.EOF
	}
	return err
}

// lzw undoes LZW as PDF writes it: codes of 9 to 12 bits, high bit first (ISO 32000-1, 7.4.4).
type lzw struct {
	prefix [4096]uint16
	suffix [4096]byte
	next   int // code to be given next
	last   int // code before, -1 after a clear
	width  uint
	early  int
	bits   uint32
	have   uint
}

const (
	lzwClear = 256
	lzwEnd   = 257
)

func newLZW(in io.Reader, early bool) io.Reader {
	state := &lzw{next: 258, last: -1, width: 9}
	if early {
		state.early = 1
	}
	return newByteDecoder(in, state.more)
}

func (z *lzw) more(r *byteDecoder) {
	code, ok := z.code(r)
	switch {
	case !ok || code == lzwEnd:
		r.err = io.EOF
	case code == lzwClear:
		z.next, z.last, z.width = 258, -1, 9
	case z.last < 0:
		if code > 255 {
			r.damaged("LZW")
			return
		}
		r.pending, z.last = []byte{byte(code & 0xff)}, code
	case code > z.next || code >= 4096 || code == z.next && z.next >= 4096:
		r.damaged("LZW")
	default:
		z.emit(r, code)
	}
}

func (z *lzw) code(r *byteDecoder) (int, bool) {
	for z.have < z.width {
		b, err := r.in.ReadByte()
		if err != nil {
			return 0, false
		}
		z.bits = z.bits<<8 | uint32(b)
		z.have += 8
	}
	z.have -= z.width
	return int(z.bits >> z.have & (1<<z.width - 1)), true
}

func (z *lzw) emit(r *byteDecoder, code int) {
	var text []byte
	if code == z.next {
		text = z.expand(z.last)
		text = append(text, text[0])
	} else {
		text = z.expand(code)
	}
	if z.next < 4096 {
		z.prefix[z.next], z.suffix[z.next] = uint16(z.last&0xfff), text[0]
		z.next++
		if z.next+z.early >= 1<<z.width && z.width < 12 {
			z.width++
		}
	}
	z.last = code
	r.pending = text
}

func (z *lzw) expand(code int) []byte {
	var kept [4097]byte
	i := len(kept)
	for code > 257 && i > 1 {
		i--
		kept[i] = z.suffix[code]
		code = int(z.prefix[code])
	}
	i--
	kept[i] = byte(code & 0xff)
	return append(make([]byte, 0, len(kept)-i+1), kept[i:]...)
}
