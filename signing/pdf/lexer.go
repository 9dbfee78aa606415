package pdf

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
)

const (
	regular uint8 = iota
	space
	delimiter
)

// class tells white space and delimiters from regular characters (ISO 32000-1, 7.2.2).
func class(b byte) uint8 { return classes[b] }

// classes is a table because every byte that is read is looked up.
var classes = func() (classes [256]uint8) {
	for _, b := range []byte("\x00\t\n\f\r ") {
		classes[b] = space
	}
	for _, b := range []byte("()<>[]{}/%") {
		classes[b] = delimiter
	}
	return classes
}()

func digit(b byte) bool { return b >= '0' && b <= '9' }

// parser reads PDF values. It never recurses deeper than its limits allow.
type parser struct {
	cursor
	limits   *Limits
	whole    int64  // where the bytes really end; end may be nearer because of the limits
	values   int    // read so far
	twice    []Name // keys that come twice in a dictionary with two meanings: readers differ in which one they take
	trace    *trace // nil unless the place of one value is wanted
	contents trace  // of /Contents in the outermost dictionary, when that is a hexadecimal string, as in a signature
}

// trace notes where the value is that is wanted.
type trace struct{ start, end int64 } // start < 0 when there is none

// newParser reads from a file at pos; bytes from end on do not exist for it.
func newParser(src *source, pos, end int64, limits *Limits) *parser {
	p := &parser{cursor: cursor{src: src, base: pos, end: end}, limits: limits, whole: end}
	if end-pos > limits.ObjectBytes {
		p.end = pos + limits.ObjectBytes
	}
	return p
}

// newBytesParser reads from memory at pos.
func newBytesParser(data []byte, pos int, limits *Limits) *parser {
	end := int64(len(data))
	return &parser{cursor: cursor{buf: data, i: min(max(pos, 0), len(data)), end: end}, limits: limits, whole: end}
}

// ended says why there is no next byte.
func (p *parser) ended() error {
	switch {
	case p.err != nil:
		return p.err
	case p.end < p.whole:
		return fmt.Errorf("object longer than %d bytes: %w", p.limits.ObjectBytes, ErrTooComplex)
	default:
		return fmt.Errorf("at %d: %w", p.pos(), ErrTruncated)
	}
}

func (p *parser) damaged(what string) error {
	if p.err != nil {
		return p.err
	}
	return fmt.Errorf("%s at %d: %w", what, p.pos(), ErrDamagedObject)
}

// skipSpace moves over white space and comments.
func (p *parser) skipSpace() {
	for {
		for p.i < len(p.buf) && class(p.buf[p.i]) == space {
			p.i++
		}
		b, ok := p.peek()
		switch {
		case !ok:
			return
		case b == '%':
			p.skipComment()
		case class(b) == space:
			p.i++
		default:
			return
		}
	}
}

func (p *parser) skipComment() {
	for {
		b, ok := p.peek()
		if !ok || b == '\n' || b == '\r' {
			return
		}
		p.i++
	}
}

// word reads regular characters, at most n of them; what is longer is no keyword or number.
func (p *parser) word(n int) string {
	var kept [32]byte
	text := kept[:0]
	for len(text) < n {
		b, ok := p.peek()
		if !ok || class(b) != regular {
			break
		}
		text = append(text, b)
		p.i++
	}
	return string(text)
}

// keyword moves over the given word when it comes next and ends there, else stays.
func (p *parser) keyword(want string) bool {
	p.skipSpace()
	here := p.pos()
	if !p.literal(want) {
		return false
	}
	if b, ok := p.peek(); ok && class(b) == regular {
		p.seek(here)
		return false
	}
	return true
}

// integer reads an unsigned integer, or stays.
func (p *parser) integer() (int64, bool) {
	p.skipSpace()
	here := p.pos()
	var n int64
	digits := 0
	for {
		b, ok := p.peek()
		if !ok || !digit(b) {
			break
		}
		if n > (math.MaxInt64-9)/10 {
			p.seek(here)
			return 0, false
		}
		n = n*10 + int64(b-'0')
		digits++
		p.i++
	}
	if digits == 0 {
		p.seek(here)
	}
	return n, digits > 0
}

// number reads a number as real files write them: "4.", "-.5", "--3", "+7".
func (p *parser) number() (Object, error) {
	text := p.word(64)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	negative, rest := false, text
	for rest != "" && (rest[0] == '-' || rest[0] == '+') {
		negative = negative || rest[0] == '-'
		rest = rest[1:]
	}
	end, dots := 0, 0
	for end < len(rest) && (digit(rest[end]) || rest[end] == '.' && dots == 0) {
		if rest[end] == '.' {
			dots++
		}
		end++
	}
	if end < len(rest) && (rest[end] != '-' || end == 0) { // "12-34" is read as 12 by most readers
		return nil, p.damaged("number " + strconv.Quote(text))
	}
	value, err := strconv.ParseFloat(rest[:end], 64) // rounded correctly: what is written again must read the same
	if err != nil {
		value = 0 // "-" and "." alone
	}
	return signed(value, negative), nil
}

func signed(value float64, negative bool) float64 {
	if negative {
		return -value
	}
	return value
}

// hexByte is the byte that two hexadecimal digits stand for.
func hexByte(high, low byte) byte { return hexValues[high]<<4 | hexValues[low]&0x0f }

// unhex is the value of a hexadecimal digit; negative when it is none.
func unhex(b byte) int {
	if value := hexValues[b]; value != noDigit {
		return int(value)
	}
	return -1
}

const noDigit = 0xff

// hexValues are the values of all bytes as hexadecimal digits. Signatures are long, so this is a table.
var hexValues = func() (values [256]byte) {
	for b := range values {
		values[b] = noDigit
	}
	for i := range byte(10) {
		values['0'+i] = i
	}
	for i := range byte(6) {
		values['a'+i], values['A'+i] = 10+i, 10+i
	}
	return values
}()

// hexString reads a hexadecimal string after its opening bracket.
func (p *parser) hexString() (String, error) {
	if p.trace != nil {
		return p.passHex()
	}
	text := make(String, 0, max(bytes.IndexByte(p.buf[p.i:min(len(p.buf), p.i+blockSize)], '>'), 0)/2)
	var high byte // a digit that waits for the next one; zero when there is none
	for {
		if high == 0 {
			text = p.hexDigits(text)
		}
		b, ok := p.next()
		switch {
		case !ok:
			return nil, p.ended()
		case b == '>':
			if high != 0 {
				text = append(text, hexByte(high, '0'))
			}
			return text, nil
		case class(b) == space:
		case unhex(b) < 0:
			return nil, p.damaged("hexadecimal string")
		case high == 0:
			high = b
		default:
			text = append(text, hexByte(high, b))
			high = 0
		}
	}
}

// passHex moves over a hexadecimal string and gives an empty one: when a place is looked for, the object has been read.
func (p *parser) passHex() (String, error) {
	for {
		if _, ok := p.peek(); !ok {
			return nil, p.ended()
		}
		if n := bytes.IndexByte(p.buf[p.i:], '>'); n >= 0 {
			p.i += n + 1
			return String{}, nil
		}
		p.i = len(p.buf)
	}
}

// hexRun is how many digits are taken at once: room is made for all of them before it is known how many they are.
const hexRun = 1 << 10

// hexDigits takes the pairs of digits that lie in the block at hand, or some of them.
func (p *parser) hexDigits(text String) String {
	rest := p.buf[p.i:min(len(p.buf), p.i+hexRun)]
	if end := bytes.IndexByte(rest, '>'); end >= 0 {
		rest = rest[:end]
	}
	from := len(text)
	text = slices.Grow(text, len(rest)/2)[:from+len(rest)/2]
	clear(text[from:])
	i := 0
	for i+1 < len(rest) {
		if rest[i] == '0' && rest[i+1] == '0' {
			i += 2 + zeros(rest[i+2:]) // the text is clear already
			continue
		}
		high, low := hexValues[rest[i]], hexValues[rest[i+1]]
		if high == noDigit || low == noDigit {
			break
		}
		text[from+i/2] = high<<4 | low
		i += 2
	}
	p.i += i
	return text[:from+i/2]
}

// padding is a stretch of zeros; most of the room of a signature is such padding.
const padding = "0000000000000000000000000000000000000000000000000000000000000000"

// zeros says how many zeros come next, in whole stretches.
func zeros(digits []byte) int {
	n := 0
	if len(digits) == 0 || digits[0] != '0' {
		return 0
	}
	for len(digits)-n >= len(padding) && string(digits[n:n+len(padding)]) == padding {
		n += len(padding)
	}
	return n
}

// literalString reads a literal string after its opening parenthesis.
func (p *parser) literalString() (String, error) {
	text := String{}
	open := 1
	for {
		b, ok := p.next()
		if !ok {
			return nil, p.ended()
		}
		switch b {
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				return text, nil
			}
		case '\r':
			p.literal("\n") // an end of line counts as one line feed
			b = '\n'
		case '\\':
			text = p.stringEscape(text)
			continue
		}
		text = append(text, b)
	}
}

func (p *parser) stringEscape(text String) String {
	b, ok := p.next()
	if !ok {
		return text
	}
	switch b {
	case 'n':
		return append(text, '\n')
	case 'r':
		return append(text, '\r')
	case 't':
		return append(text, '\t')
	case 'b':
		return append(text, '\b')
	case 'f':
		return append(text, '\f')
	case '\r':
		p.literal("\n")
		return text
	case '\n':
		return text
	}
	if b < '0' || b > '7' {
		return append(text, b)
	}
	value := int(b - '0')
	for range 2 {
		d, ok := p.peek()
		if !ok || d < '0' || d > '7' {
			break
		}
		value = value<<3 | int(d-'0')
		p.i++
	}
	return append(text, byte(value))
}
