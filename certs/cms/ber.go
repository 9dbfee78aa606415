package cms

import (
	"bytes"
	"fmt"
)

// The scan is the first thing that touches foreign bytes. It is one loop over the headers of all values with a stack
// of fixed size: no recursion, time linear in the input whatever the nesting.

const constructed = 0x20

// header is the identifier and length of one value.
type header struct {
	tag        byte // first identifier octet
	length     int  // offset of the first length octet
	body       int  // offset of the contents
	end        int  // offset after the contents; unset when indefinite
	indefinite bool
	minimal    bool // the length is encoded as DER demands
}

// frame is an open constructed value.
type frame struct {
	limit      int // the contents end here, or earlier when indefinite
	indefinite bool
	node       int
	chunks     byte // tag number that all children must have, when they are pieces of one string; else 0
}

// node is one value of a BER object, in the order of its bytes; parents come before their children. Numbers are at most
// twice MaxSize; there may be half a million nodes.
type node struct {
	from, length, body, end int32 // offsets of identifier, length, contents and what follows, as in header
	next                    int32 // index of the node after this one's last descendant
	start                   int32 // where its encoding begins in the output
	tag                     byte
	chunk                   bool // a piece of its parent's string: only its contents are written
}

// finding is what normalise saw besides the value.
type finding struct {
	ber      bool // the value was not DER
	trailing int  // bytes after the value, unless they are all zero
}

type scanner struct {
	data  []byte
	stack [MaxDepth]frame
	depth int
	count int
	ber   bool
	keep  bool
	nodes []node
}

// normalise checks the limits of data and returns the DER of the first value in it and what was found on the way.
// Zero bytes after the value are taken for padding. The result shares no memory with data.
func normalise(data []byte) (der []byte, found finding, err error) {
	if len(data) > MaxSize {
		if !zeros(data[MaxSize:]) {
			return nil, found, fmt.Errorf("%w: more than %d bytes", ErrLimit, MaxSize)
		}
		data = data[:MaxSize]
	}
	s := scanner{data: data}
	end, err := s.scan()
	if err != nil {
		return nil, found, err
	}
	found.ber = s.ber
	if !zeros(data[end:]) {
		found.trailing = len(data) - end
	}
	if !s.ber {
		return bytes.Clone(data[:end]), found, nil
	}
	s = scanner{data: data[:end], keep: true, nodes: make([]node, 0, s.count)}
	if _, err := s.scan(); err != nil {
		return nil, found, err
	}
	return s.encode(), found, nil
}

// normaliseAlone is normalise for values that nothing may follow.
func normaliseAlone(data []byte) ([]byte, error) {
	der, found, err := normalise(data)
	if err == nil && found.trailing > 0 {
		err = fmt.Errorf("%w: %d bytes follow the value", ErrMalformed, found.trailing)
	}
	return der, err
}

// checkDER says whether each of the values is one value of DER.
func checkDER(values ...[]byte) error {
	for _, value := range values {
		s := scanner{data: value}
		if end, err := s.scan(); err != nil || s.ber || end != len(value) {
			return fmt.Errorf("%w: a value of %d bytes to be written is not DER", ErrMalformed, len(value))
		}
	}
	return nil
}

// zeros says whether there is nothing but zeros: most of the room of a signature is such padding.
func zeros(data []byte) bool {
	return len(data) == 0 || data[0] == 0 && bytes.Equal(data[:len(data)-1], data[1:])
}

// scan walks over one value and all within it, and returns the offset after it.
func (s *scanner) scan() (int, error) {
	at := 0
	for {
		limit, indefinite := len(s.data), false
		if s.depth > 0 {
			top := &s.stack[s.depth-1]
			limit, indefinite = top.limit, top.indefinite
		}
		h, err := s.readHeader(at, limit)
		switch {
		case err != nil:
			return 0, err
		case h.tag == 0 && indefinite && h.end == at+2:
			at = h.end
			s.pop()
		case h.tag == 0:
			return 0, fmt.Errorf("%w: stray end of contents at %d", ErrMalformed, at)
		case h.tag&constructed == 0:
			at, err = h.end, s.leaf(at, h)
		default:
			at, err = h.body, s.push(at, limit, h)
		}
		if err != nil {
			return 0, err
		}
		for s.depth > 0 && !s.stack[s.depth-1].indefinite && s.stack[s.depth-1].limit == at {
			s.pop()
		}
		if s.depth == 0 {
			return at, nil
		}
	}
}

func (s *scanner) readHeader(at, limit int) (header, error) {
	from := at
	if limit-at < 2 {
		return header{}, fmt.Errorf("%w: value at %d is cut short", ErrMalformed, from)
	}
	h := header{tag: s.data[at]}
	at++
	if h.tag&0x1f == 0x1f {
		for at < limit && s.data[at]&0x80 != 0 {
			at++
		}
		at++
	}
	if at >= limit || at-from > 5 {
		return header{}, fmt.Errorf("%w: value at %d is cut short", ErrMalformed, from)
	}
	h.length = at
	if err := s.readLength(&h, limit); err != nil {
		return header{}, err
	}
	return h, nil
}

func (s *scanner) readLength(h *header, limit int) error {
	first := int(s.data[h.length])
	h.body, h.minimal = h.length+1, true
	length := first
	switch {
	case first == 0x80 && h.tag&constructed != 0:
		h.indefinite, s.ber = true, true
		return nil
	case first == 0x80 || first > 0x84:
		return fmt.Errorf("%w: length at %d", ErrMalformed, h.length)
	case first > 0x80:
		length = 0
		octets := first & 0x7f
		if limit-h.body < octets {
			return fmt.Errorf("%w: length at %d is cut short", ErrMalformed, h.length)
		}
		for _, b := range s.data[h.body : h.body+octets] {
			length = length<<8 | int(b)
		}
		h.body += octets
		h.minimal = octets == lengthOctets(length)
	}
	s.ber = s.ber || !h.minimal
	if length < 0 || length > limit-h.body {
		return fmt.Errorf("%w: length at %d is beyond its surroundings", ErrMalformed, h.length)
	}
	h.end = h.body + length
	return nil
}

// leaf takes in a primitive value.
func (s *scanner) leaf(at int, h header) error {
	chunk, err := s.chunk(h)
	if err == nil {
		s.take(at, h, chunk)
	}
	return err
}

func (s *scanner) take(at int, h header, chunk bool) {
	s.count++
	if s.keep {
		s.nodes = append(s.nodes, node{
			from: int32(at), length: int32(h.length), body: int32(h.body), end: int32(h.end), //nolint:gosec // see node
			next: int32(len(s.nodes) + 1), tag: h.tag, chunk: chunk, //nolint:gosec // see node
		})
	}
}

// push opens a constructed value.
func (s *scanner) push(at, limit int, h header) error {
	if s.depth == MaxDepth {
		return fmt.Errorf("%w: nested deeper than %d", ErrLimit, MaxDepth)
	}
	chunk, err := s.chunk(h)
	if err != nil {
		return err
	}
	f := frame{limit: limit, indefinite: h.indefinite, node: len(s.nodes)}
	if !h.indefinite {
		f.limit = h.end
	}
	if isString(h.tag) {
		s.ber = true
		f.chunks = h.tag & 0x1f
	}
	s.stack[s.depth] = f
	s.depth++
	s.take(at, h, chunk)
	return nil
}

// chunk says whether h is a piece of a string sent in pieces.
func (s *scanner) chunk(h header) (bool, error) {
	if s.depth == 0 || s.stack[s.depth-1].chunks == 0 {
		return false, nil
	}
	if h.tag&^constructed != s.stack[s.depth-1].chunks {
		return false, fmt.Errorf("%w: a string made of other values", ErrMalformed)
	}
	return true, nil
}

func (s *scanner) pop() {
	s.depth--
	if s.keep {
		s.nodes[s.stack[s.depth].node].next = int32(len(s.nodes)) //nolint:gosec // see node
	}
}

// isString says whether a constructed value of this tag is a string in pieces: OCTET STRING, UTF8String and the other
// character strings. A BIT STRING in pieces is met nowhere in CMS and stays what it is.
func isString(tag byte) bool {
	switch tag &^ constructed {
	case 0x04, 0x0c, 0x12, 0x13, 0x14, 0x16, 0x1a, 0x1b, 0x1c, 0x1e:
		return true
	}
	return false
}

// encode writes the nodes as DER, from the last to the first, so that the length of each is known when its header is
// written.
func (s *scanner) encode() []byte {
	out := make([]byte, len(s.data)+len(s.nodes))
	at := len(out)
	for i := len(s.nodes) - 1; i >= 0; i-- {
		n := &s.nodes[i]
		end := len(out)
		if int(n.next) < len(s.nodes) {
			end = int(s.nodes[n.next].start)
		}
		if n.tag&constructed == 0 {
			at -= copy(out[at-int(n.end-n.body):at], s.data[n.body:n.end])
		}
		if !n.chunk {
			at = s.encodeHeader(out, at, end-at, n)
		}
		n.start = int32(at) //nolint:gosec // see node
	}
	return out[at:]
}

// encodeHeader writes the header of n so that it ends at offset at, and returns where it begins.
func (s *scanner) encodeHeader(out []byte, at, length int, n *node) int {
	for rest := length; length > 0x7f && rest > 0; rest >>= 8 {
		at--
		out[at] = low(rest)
	}
	at--
	out[at] = low(length)
	if length > 0x7f {
		out[at] = 0x80 | low(lengthOctets(length))
	}
	identifier := s.data[n.from:n.length]
	at -= copy(out[at-len(identifier):at], identifier)
	if isString(n.tag) {
		out[at] &^= constructed
	}
	return at
}

// lengthOctets is the number of octets after the first that DER uses for a length: 0 in the short form.
func lengthOctets(length int) int {
	octets := 0
	for rest := length; length > 0x7f && rest > 0; rest >>= 8 {
		octets++
	}
	return octets
}
