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
	text := make(String, 0, max(bytes.IndexByte(p.buf[p.i:min(len(p.buf), p.i+hexLong)], '>'), 0)/2)
	text = p.hexDigits(text, 2*cap(text))
	var high byte // a digit that waits for the next one; zero when there is none
	for {
		if high == 0 {
			text = p.hexDigits(text, hexRun)
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

// hexLong is how many digits of a string are looked over for its end, so that it gets its room at once: as many as a
// signature with its time stamp has.
const hexLong = 64 << 10

// hexRun is how many digits are taken at once where it is not known how many there are: room is made for all of them.
const hexRun = 1 << 10

// hexDigits takes the pairs of digits that lie in the block at hand, at most so many digits.
func (p *parser) hexDigits(text String, most int) String {
	rest := p.buf[p.i:min(len(p.buf), p.i+most)]
	if end := bytes.IndexByte(rest, '>'); end >= 0 {
		rest = rest[:end]
	}
	from := len(text)
	text = slices.Grow(text, len(rest)/2)[:from+len(rest)/2]
	n := decodeHex(text[from:], rest)
	p.i += 2 * n
	return text[:from+n]
}

// decodeHex decodes pairs of digits until there is none, and says how many there were. There is room for all.
func decodeHex(into, digits []byte) int {
	clear(into)
	n := 0
	for n < len(into) {
		rest := digits[2*n:]
		if rest[0] == '0' && rest[1] == '0' {
			n += 1 + zeros(rest[2:])/2 // these are clear already
			continue
		}
		if len(rest) >= 2*hexStep && decodeStep((*[hexStep]byte)(into[n:]), (*[2 * hexStep]byte)(rest)) {
			n += hexStep
			continue
		}
		high, low := hexValues[rest[0]], hexValues[rest[1]]
		if high == noDigit || low == noDigit {
			break
		}
		into[n] = high<<4 | low
		n++
	}
	return n
}

// hexStep is how many pairs of digits are decoded with one look at whether they are digits.
const hexStep = 16

// decodeStep says whether all of them are digits; if not, what it decoded is of no use.
func decodeStep(into *[hexStep]byte, digits *[2 * hexStep]byte) bool {
	var all byte
	for i := range into {
		high, low := hexValues[digits[2*i]], hexValues[digits[2*i+1]]
		all |= high | low
		into[i] = high<<4 | low
	}
	return all <= 0x0f
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
