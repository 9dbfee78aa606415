package pdf

import (
	"bytes"
	"slices"
)

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
