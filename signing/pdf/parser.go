package pdf

import (
	"fmt"
	"strconv"
)

// value reads one value; depth counts the arrays and dictionaries around it, path are the keys that lead from here to
// the value whose place is wanted.
func (p *parser) value(depth int, path []Name) (Object, error) {
	p.skipSpace()
	b, ok := p.peek()
	if !ok {
		return nil, p.ended()
	}
	if p.values++; p.values > p.limits.Values || depth > p.limits.Depth {
		return nil, fmt.Errorf("object at %d: %w", p.pos(), ErrTooComplex)
	}
	switch {
	case digit(b):
		return p.numberOrRef()
	case b == '+' || b == '-' || b == '.':
		return p.number()
	case b == '/':
		p.i++
		return p.name()
	case b == '(':
		p.i++
		return p.literalString()
	case b == '[':
		p.i++
		return p.array(depth)
	case b == '<':
		p.i++
		if p.literal("<") {
			return p.dict(depth, path)
		}
		return p.hexString()
	default:
		return p.constant()
	}
}

// numberOrRef reads "12" or "12.5" or "12 0 R".
func (p *parser) numberOrRef() (Object, error) {
	here := p.pos()
	number, ok := p.integer()
	if next, more := p.peek(); !ok || !more || class(next) != space {
		p.seek(here)
		return p.number()
	}
	after := p.pos()
	generation, ok := p.integer()
	if !ok || !p.keyword("R") {
		p.seek(after)
		return number, nil
	}
	if number >= int64(p.limits.Objects) || generation > 65535 {
		return nil, nil // such an object cannot exist: null (ISO 32000-1, 7.3.10)
	}
	return Ref{int(number), int(generation)}, nil
}

func (p *parser) constant() (Object, error) {
	word := p.word(16)
	switch word {
	case "true":
		return true, nil
	case "false":
		return false, nil
	case "null":
		return nil, nil
	}
	return nil, p.damaged("unexpected " + strconv.Quote(word))
}

func (p *parser) array(depth int) (Object, error) {
	var room [8]Object // most arrays are short
	values := room[:0]
	for {
		p.skipSpace()
		if b, ok := p.peek(); ok && b == ']' {
			p.i++
			return append(make(Array, 0, len(values)), values...), nil
		}
		value, err := p.value(depth+1, nil)
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
}

func (p *parser) dict(depth int, path []Name) (Object, error) {
	entries := Dict{}
	for {
		p.skipSpace()
		b, ok := p.next()
		if !ok {
			return nil, p.ended()
		}
		if b == '>' && p.literal(">") {
			return entries, nil
		}
		if b != '/' {
			return nil, p.damaged("dictionary key")
		}
		if err := p.entry(entries, depth, path); err != nil {
			return nil, err
		}
	}
}

// entry reads a key and its value into a dictionary. Of a key that comes twice the last value stays.
func (p *parser) entry(entries Dict, depth int, path []Name) error {
	key, err := p.name()
	if err != nil {
		return err
	}
	onPath := len(path) > 0 && path[0] == key
	if onPath {
		path = path[1:]
	} else {
		path = nil
	}
	p.skipSpace()
	start := p.pos()
	first, ok := p.peek()
	if ok && first == '>' { // a key without a value, as some producers write
		return nil
	}
	value, err := p.value(depth+1, path)
	if err != nil {
		return err
	}
	if depth == 0 && key == "Contents" {
		p.noteContents(value, first, start)
	}
	if onPath && len(path) == 0 {
		p.trace.start, p.trace.end = start, p.pos()
	}
	if before, twice := entries[key]; twice && !Equal(before, value) && len(p.twice) < 16 {
		p.twice = append(p.twice, key)
	}
	if value == nil {
		delete(entries, key) // null is the same as absent (ISO 32000-1, 7.3.7)
		return nil
	}
	entries[key] = value
	return nil
}

// noteContents notes where a hexadecimal string is that was just read.
func (p *parser) noteContents(value Object, first byte, start int64) {
	p.contents = trace{}
	if _, text := value.(String); text && first == '<' {
		p.contents = trace{start, p.pos()}
	}
}

// header reads "12 0 obj".
func (p *parser) header() (Ref, bool) {
	number, okNumber := p.integer()
	generation, okGeneration := p.integer()
	if !okNumber || !okGeneration || number >= int64(p.limits.Objects) || generation > 65535 {
		return Ref{}, false
	}
	p.skipSpace()
	if !p.literal("obj") {
		return Ref{}, false
	}
	return Ref{int(number), int(generation)}, true
}

// streamStart moves over "stream" and its end of line, when they come next. The dictionary has just been read.
func (p *parser) streamStart() bool {
	if !p.keyword("stream") {
		return false
	}
	for { // spaces before the end of line are wrong but seen
		b, ok := p.peek()
		if !ok || b != ' ' && b != '\t' {
			break
		}
		p.i++
	}
	if !p.literal("\r\n") && !p.literal("\n") {
		p.literal("\r")
	}
	return true
}
