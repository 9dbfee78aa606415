package pdf

import (
	"bytes"
	"fmt"
	"io"
)

// memo keeps objects that have been read, within bounds: when the young half is full it becomes the old half.
type memo struct {
	young, old map[int]Object
	cost       int64
}

const memoBytes = 2 << 20

func (m *memo) find(number int) (Object, bool) {
	if object, ok := m.young[number]; ok {
		return object, true
	}
	object, ok := m.old[number]
	return object, ok
}

func (m *memo) keep(number int, object Object, cost int64) {
	if m.young == nil || m.cost > memoBytes {
		m.old, m.young, m.cost = m.young, map[int]Object{}, 0
	}
	m.young[number] = object
	m.cost += cost + 64
}

// Entry finds where the object of this number is now; ok is false when no section lists it.
func (d *Document) Entry(number int) (entry Entry, ok bool) {
	entry, _, ok = d.lookup(number)
	return entry, ok
}

// lookup also returns the index of the section that lists the object.
func (d *Document) lookup(number int) (Entry, int, bool) {
	for i := 0; i < len(d.sections); i++ {
		entry, ok := d.sections[i].find(number)
		hybrid := d.sections[i].Kind == HybridSection && i+1 < len(d.sections)
		if hybrid && (!ok || entry.Kind == FreeEntry) {
			if hidden, found := d.sections[i+1].find(number); found && hidden.Kind != FreeEntry {
				return hidden, i + 1, true
			}
		}
		if ok {
			return entry, i, true
		}
		if hybrid {
			i++ // its hidden section has been asked
		}
	}
	return Entry{}, 0, false
}

// Object reads an indirect object: nil when there is no such object. The value is shared and must not be changed.
func (d *Document) Object(ref Ref) (object Object, err error) {
	defer caught(&err)
	return d.object(ref)
}

// Resolve follows references until it finds a value. The value is shared and must not be changed.
func (d *Document) Resolve(value Object) (object Object, err error) {
	defer caught(&err)
	return d.resolve(value)
}

// Dict resolves a value that should be a dictionary or a stream; it is nil when the value is null.
func (d *Document) Dict(value Object) (Dict, error) {
	object, err := d.Resolve(value)
	if err != nil {
		return nil, err
	}
	switch object := object.(type) {
	case nil:
		return nil, nil
	case Dict:
		return object, nil
	case *Stream:
		return object.Dict, nil
	default:
		return nil, fmt.Errorf("%T instead of a dictionary: %w", object, ErrDamagedObject)
	}
}

// Array resolves a value that should be an array; it is nil when the value is null.
func (d *Document) Array(value Object) (Array, error) {
	object, err := d.Resolve(value)
	if err != nil || object == nil {
		return nil, err
	}
	array, ok := object.(Array)
	if !ok {
		return nil, fmt.Errorf("%T instead of an array: %w", object, ErrDamagedObject)
	}
	return array, nil
}

// Stream resolves a value that should be a stream; it is nil when the value is null.
func (d *Document) Stream(value Object) (*Stream, error) {
	object, err := d.Resolve(value)
	if err != nil || object == nil {
		return nil, err
	}
	stream, ok := object.(*Stream)
	if !ok {
		return nil, fmt.Errorf("%T instead of a stream: %w", object, ErrDamagedObject)
	}
	return stream, nil
}

// Name resolves a value that should be a name; it is empty when it is not.
func (d *Document) Name(value Object) Name {
	object, _ := d.Resolve(value)
	name, _ := object.(Name)
	return name
}

// Text resolves a value that should be a string; it is nil when it is not.
func (d *Document) Text(value Object) String {
	object, _ := d.Resolve(value)
	text, _ := object.(String)
	return text
}

// Integer resolves a value that should be an integer.
func (d *Document) Integer(value Object) (int64, bool) {
	object, _ := d.Resolve(value)
	switch number := object.(type) {
	case int64:
		return number, true
	case float64:
		return int64(number), number == float64(int64(number))
	}
	return 0, false
}

// Number resolves a value that should be a number.
func (d *Document) Number(value Object) (float64, bool) {
	object, _ := d.Resolve(value)
	switch number := object.(type) {
	case int64:
		return float64(number), true
	case float64:
		return number, true
	}
	return 0, false
}

// Ambiguous lists the keys that come twice, with two meanings, in a dictionary of the object: readers differ about
// them. It is known once the object has been read.
func (d *Document) Ambiguous(ref Ref) []Name { return d.twice[ref.Number] }

const longestChain = 16 // of references to references

func (d *Document) resolve(value Object) (Object, error) {
	for range longestChain {
		ref, ok := value.(Ref)
		if !ok {
			return value, nil
		}
		var err error
		if value, err = d.object(ref); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("references without end: %w", ErrTooComplex)
}

func (d *Document) object(ref Ref) (Object, error) {
	entry, at, ok := d.lookup(ref.Number)
	if !ok || entry.Kind == FreeEntry || int(entry.Generation) != ref.Generation {
		return nil, nil // a reference to an undefined object is null (ISO 32000-1, 7.3.10)
	}
	if object, ok := d.objects.find(ref.Number); ok {
		return object, nil
	}
	if d.loading[ref.Number] || len(d.loading) > longestChain {
		return nil, fmt.Errorf("object %d needs itself: %w", ref.Number, ErrTooComplex)
	}
	d.loading[ref.Number] = true
	defer delete(d.loading, ref.Number)
	object, cost, err := d.load(entry, at)
	if err != nil {
		return nil, fmt.Errorf("object %d: %w", ref.Number, err)
	}
	d.objects.keep(ref.Number, object, cost)
	return object, nil
}

func (d *Document) load(entry Entry, section int) (Object, int64, error) {
	if entry.Kind == StreamEntry {
		return d.loadContained(entry)
	}
	reach := d.reach(d.sections[section])
	if !d.Repaired() && entry.Offset >= reach {
		return nil, 0, ErrForward
	}
	found, err := d.readIndirect(entry.Offset, d.lengthOf)
	if err != nil {
		return nil, 0, err
	}
	if !d.Repaired() && found.end > reach {
		return nil, 0, ErrForward // it begins inside its revision and ends behind it
	}
	if ref := found.ref; ref.Number != int(entry.Number) || ref.Generation != int(entry.Generation) {
		return nil, 0, fmt.Errorf("%d %d obj at %d: %w", ref.Number, ref.Generation, entry.Offset, ErrDamagedXRef)
	}
	cost := found.end - entry.Offset
	if stream, ok := found.object.(*Stream); ok {
		cost -= stream.Length
	} else {
		d.read.keep(entry.Offset, found)
	}
	return found.object, cost, d.budget.spend(cost)
}

// indirect is an object as it stands in the file.
type indirect struct {
	ref    Ref
	object Object
	end    int64 // after "endobj"
	twice  []Name
	// contents is where the hexadecimal string /Contents stands, if there is one.
	contents trace
}

// readObjects keeps objects that are no streams by where they stand in the file: another revision and the search for
// orphans read the same bytes again. What a stream is depends on its revision, which says how long it is.
type readObjects struct {
	held   map[int64]indirect
	cost   int64
	before *Document // that this one continues, or nil
}

// find gives the object that was read at offset. Its bytes are the same in every revision that goes on behind it.
func (r *readObjects) find(offset, size int64) (indirect, bool) {
	known, ok := r.held[offset]
	if !ok && r.before != nil {
		return r.before.read.find(offset, min(size, r.before.size))
	}
	return known, ok && known.end < size
}

func (r *readObjects) keep(offset int64, found indirect) {
	if r.held == nil || r.cost > memoBytes {
		r.held, r.cost = map[int64]indirect{}, 0
	}
	r.held[offset] = found
	r.cost += found.end - offset + 64
}

// readIndirect reads "12 0 obj … endobj" at offset; length resolves the /Length of a stream.
func (d *Document) readIndirect(offset int64, length func(Object) int64) (indirect, error) {
	if offset < 0 || offset >= d.size {
		return indirect{}, fmt.Errorf("offset %d: %w", offset, ErrTruncated)
	}
	if known, ok := d.read.find(offset, d.size); ok {
		if known.twice != nil {
			d.twice[known.ref.Number] = known.twice
		}
		return known, nil
	}
	p := d.parserAt(offset)
	ref, ok := p.header()
	if !ok {
		return indirect{}, p.xrefDamaged("no object")
	}
	if p.keyword("endobj") {
		return indirect{ref: ref, end: p.pos()}, nil
	}
	object, err := p.value(0, nil)
	if err != nil {
		return indirect{}, err
	}
	if p.twice != nil {
		d.twice[ref.Number] = p.twice
	}
	if dict, ok := object.(Dict); ok && p.streamStart() {
		stream, end, err := d.readStream(dict, p.pos(), length(dict["Length"]))
		return indirect{ref: ref, object: stream, end: end}, err
	}
	end := p.pos()
	if p.keyword("endobj") {
		end = p.pos()
	}
	return indirect{ref, object, end, p.twice, p.contents}, nil
}

// readStream finds the end of a stream: where /Length says, else at the next "endstream".
func (d *Document) readStream(dict Dict, start, length int64) (*Stream, int64, error) {
	if length >= 0 && length <= d.size-start {
		p := d.parserAt(start + length)
		if p.keyword("endstream") {
			p.keyword("endobj")
			return &Stream{Dict: dict, Offset: start, Length: length}, p.pos(), nil
		}
	}
	end, after, err := d.searchEndstream(start)
	if err != nil {
		return nil, 0, err
	}
	return &Stream{Dict: dict, Offset: start, Length: end - start}, after, nil
}

// searchEndstream finds "endstream" and takes the end of line before it away.
func (d *Document) searchEndstream(start int64) (end, after int64, err error) {
	at := d.endstream.at
	if start < d.endstream.from || at >= 0 && start > at {
		if at, err = d.search("endstream", start, d.size); err != nil {
			return 0, 0, err
		}
		d.endstream.from, d.endstream.at = start, at
	}
	if at < 0 {
		return 0, 0, fmt.Errorf("stream at %d has no end: %w", start, ErrDamagedStream)
	}
	end = at
	var last [2]byte
	if at-start >= 2 && d.src.readFull(last[:], at-2) == nil {
		switch {
		case last == [2]byte{'\r', '\n'}:
			end -= 2
		case last[1] == '\n' || last[1] == '\r':
			end--
		}
	}
	return end, at + int64(len("endstream")), nil
}

// lengthOf resolves the length of a stream; -1 when it cannot be told.
func (d *Document) lengthOf(value Object) int64 {
	object, err := d.resolve(value)
	if length, ok := object.(int64); ok && err == nil {
		return length
	}
	return -1
}

// directLength is for cross-reference streams, which are read before any reference can be followed.
func directLength(value Object) int64 {
	if length, ok := value.(int64); ok {
		return length
	}
	return -1
}

// RawStream reads the bytes of a stream as they are in the file.
func (d *Document) RawStream(stream *Stream) io.Reader {
	if stream.Offset < 0 {
		return bytes.NewReader(stream.Data)
	}
	return io.NewSectionReader(d.src.r, stream.Offset, stream.Length)
}
