package pdf

import (
	"fmt"
	"strings"
)

// longestName is far more than the 127 bytes of ISO 32000-1, Table C.1.
const longestName = 8 << 10

// usualNames are names that nearly every document has, and often: they need no memory of their own.
var usualNames = func() map[string]Name {
	names := map[string]Name{}
	for name := range strings.FieldsSeq(`Type Root Size Prev ID Info Index W Filter Length FlateDecode XRef Catalog Pages
		Page Kids Count Parent MediaBox CropBox Resources Contents Rotate Annots Annot Subtype Widget Rect P F AP N T V FT
		Ff Sig AcroForm Fields SigFlags DA DR Font XObject Form BBox Matrix ByteRange SubFilter M Name Reason Location
		Adobe.PPKLite ETSI.CAdES.detached`) {
		names[name] = Name(name)
	}
	return names
}()

// name reads a name after its solidus.
func (p *parser) name() (Name, error) {
	if text, ok := p.plainName(); ok {
		return text, nil
	}
	var kept [64]byte
	text := kept[:0]
	for {
		b, ok := p.peek()
		if !ok || class(b) != regular {
			return Name(text), nil
		}
		if len(text) == longestName {
			return "", fmt.Errorf("name at %d: %w", p.pos(), ErrTooComplex)
		}
		p.i++
		if b == '#' {
			b = p.nameEscape()
		}
		text = append(text, b)
	}
}

// plainName reads a name that lies in the block at hand and has no escapes, or stays.
func (p *parser) plainName() (Name, bool) {
	rest := p.buf[p.i:]
	n := 0
	for n < len(rest) && class(rest[n]) == regular && rest[n] != '#' {
		n++
	}
	if n == len(rest) || rest[n] == '#' || n > longestName {
		return "", false
	}
	p.i += n
	if usual, ok := usualNames[string(rest[:n])]; ok {
		return usual, true
	}
	return Name(rest[:n]), true
}

// nameEscape reads the two digits after a number sign; a number sign without them stands for itself.
func (p *parser) nameEscape() byte {
	high, okHigh := p.peekAt(0)
	low, okLow := p.peekAt(1)
	if !okHigh || !okLow || unhex(high) < 0 || unhex(low) < 0 {
		return '#'
	}
	_, _ = p.next()
	_, _ = p.next()
	return hexByte(high, low)
}
