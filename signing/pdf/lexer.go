package pdf

import (
	"fmt"
	"math"
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
