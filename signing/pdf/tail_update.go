package pdf

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// update collects the objects of a new revision. It reads the document and keeps what differs; nothing is written until
// the tail is built, in memory, as a function of the document and the objects alone.
type update struct {
	doc     *Document
	highest int
	objects map[Ref]Object
	face    *typeface
	font    Ref // where the face will be; zero until it is needed
	colours *palette
	packer  packer
	room    int // for the value of a signature
	value   Ref // the signature dictionary; zero when there is none
}

// newUpdate begins a revision, or refuses a document that cannot be extended.
func newUpdate(doc *Document) (*update, error) {
	switch {
	case doc.Encrypted():
		return nil, ErrEncrypted
	case doc.Repaired():
		return nil, ErrRepaired
	}
	return &update{doc: doc, highest: doc.HighestObject(), objects: map[Ref]Object{}}, nil
}

// add gives object the next free number. Numbers that were freed are never used again: an older revision may know them.
func (u *update) add(object Object) Ref {
	u.highest++
	ref := Ref{Number: u.highest}
	u.objects[ref] = object
	return ref
}

// set replaces an object, or fills a number taken by add.
func (u *update) set(ref Ref, object Object) { u.objects[ref] = object }

// resolve follows references, new objects first.
func (u *update) resolve(value Object) (Object, error) {
	if ref, ok := value.(Ref); ok {
		if object, changed := u.objects[ref]; changed {
			return u.resolve(object)
		}
	}
	object, err := u.doc.Resolve(value)
	if err != nil {
		return nil, err
	}
	return object, nil
}

// dict resolves a dictionary, new objects first; nil when there is none.
func (u *update) dict(value Object) (Dict, error) {
	object, err := u.resolve(value)
	if err != nil {
		return nil, err
	}
	switch object := object.(type) {
	case nil:
		return nil, nil
	case Dict:
		return object, nil
	default:
		return nil, fmt.Errorf("%T instead of a dictionary: %w", object, ErrDamagedObject)
	}
}

// edit gives a dictionary object for changing: its entries may be replaced, but nested values are shared with the
// document and must be cloned before they are changed.
func (u *update) edit(ref Ref) (Dict, error) {
	if dict, ok := u.objects[ref].(Dict); ok {
		return dict, nil
	}
	dict, err := u.dict(ref)
	if err != nil {
		return nil, err
	}
	if dict == nil {
		return nil, fmt.Errorf("object %d is missing: %w", ref.Number, ErrDamagedObject)
	}
	dict = maps.Clone(dict)
	u.objects[ref] = dict
	return dict, nil
}

// editEntry gives the dictionary under key of a dictionary object for changing: the object that holds it is the only
// one that is touched. A missing one is made as an object of its own.
func (u *update) editEntry(owner Ref, key Name) (Dict, error) {
	parent, err := u.dict(owner)
	if err != nil {
		return nil, err
	}
	if ref, ok := parent[key].(Ref); ok {
		if found, err := u.dict(ref); err != nil {
			return nil, err
		} else if found != nil {
			return u.edit(ref)
		}
	}
	if parent, err = u.edit(owner); err != nil {
		return nil, err
	}
	if direct, ok := parent[key].(Dict); ok {
		direct = maps.Clone(direct)
		parent[key] = direct
		return direct, nil
	}
	made := Dict{}
	parent[key] = u.add(made)
	return made, nil
}

func (u *update) array(value Object) (Array, error) {
	object, err := u.resolve(value)
	if err != nil || object == nil {
		return nil, err
	}
	list, ok := object.(Array)
	if !ok {
		return nil, fmt.Errorf("%T instead of an array: %w", object, ErrDamagedObject)
	}
	return list, nil
}

// typeface is the font of everything that this revision draws.
func (u *update) typeface() (*typeface, error) {
	if u.face == nil {
		face, err := newTypeface()
		if err != nil {
			return nil, err
		}
		u.face = face
	}
	return u.face, nil
}

// fontRef names the font, which is embedded when the tail is built and all its letters are known.
func (u *update) fontRef() Ref {
	if u.font == (Ref{}) {
		u.font = u.add(nil)
	}
	return u.font
}

// build writes the tail: objects, cross-reference section of the same kind as the last, trailer.
func (u *update) build() (Tail, error) {
	if u.font != (Ref{}) {
		u.set(u.font, u.face.embedded(u))
	}
	if u.highest >= DefaultLimits().Objects {
		return Tail{}, ErrTooComplex
	}
	w := &writer{buf: make([]byte, 0, u.length())}
	if last, err := u.lastByte(); err != nil {
		return Tail{}, err
	} else if last != '\n' && last != '\r' {
		w.buf = append(w.buf, '\n')
	}
	entries := make([]Entry, 0, len(u.objects)+1)
	for _, ref := range slices.SortedFunc(maps.Keys(u.objects), u.writtenBefore) {
		at := w.indirect(ref, u.objects[ref])
		entries = append(entries, u.entry(ref, at))
	}
	slices.SortFunc(entries, func(a, b Entry) int { return cmp.Compare(a.Number, b.Number) })
	if err := u.writeXRef(w, entries); err != nil {
		return Tail{}, err
	}
	tail := Tail{Start: u.doc.Size(), Bytes: w.buf, From: w.contents, To: w.end}
	if w.ranges != 0 {
		tail.setRange(w.ranges)
	}
	return tail, nil
}

// length is about how many bytes the tail will have.
func (u *update) length() int {
	length := usualTail + 2*u.room
	for _, object := range u.objects {
		if stream, ok := object.(*Stream); ok {
			length += len(stream.Data)
		}
	}
	return length
}

// writtenBefore puts the objects in the order of their numbers, but the signature dictionary last: what lies before the
// place of the value, images and fonts most of all, is then hashed once for the signature and for the whole file.
func (u *update) writtenBefore(a, b Ref) int {
	last := func(ref Ref) int {
		if ref == u.value {
			return 1
		}
		return 0
	}
	return cmp.Or(last(a)-last(b), a.Number-b.Number)
}

func (u *update) lastByte() (byte, error) {
	var last [1]byte
	if n, err := u.doc.ReaderAt().ReadAt(last[:], u.doc.Size()-1); n != 1 {
		return 0, fmt.Errorf("read the last byte: %w", err)
	}
	return last[0], nil
}

func (u *update) entry(ref Ref, at int) Entry {
	return Entry{
		Number:     uint32(ref.Number),     //nolint:gosec // below the reader's limit of objects
		Generation: uint16(ref.Generation), //nolint:gosec // of an entry that was read as 16 bits
		Kind:       FileEntry, Offset: u.doc.Size() + int64(at),
	}
}

// writeXRef ends the tail. Readers take a table after a stream, and the other way round, differently: the kind of the
// last section is kept. A hybrid file goes on as a table; its hidden stream stays in the section before.
func (u *update) writeXRef(w *writer, entries []Entry) error {
	previous, kind := u.doc.LastXRef()
	at := len(w.buf)
	start := u.doc.Size() + int64(at)
	trailer := u.trailer(w, previous)
	if kind == StreamSection {
		ref := Ref{Number: u.highest + 1}
		entries = append(entries, u.entry(ref, at))
		trailer["Size"] = int64(ref.Number) + 1
		w.indirect(ref, xrefStream(trailer, entries))
	} else {
		if start > maxTableOffset {
			return ErrSize
		}
		w.buf = appendXRefTable(w.buf, entries)
		w.buf = append(w.buf, "trailer\n"...)
		w.object(trailer)
		w.buf = append(w.buf, '\n')
	}
	w.buf = append(w.buf, "startxref\n"...)
	w.buf = strconv.AppendInt(w.buf, start, 10)
	w.buf = append(w.buf, "\n%%EOF\n"...)
	return nil
}

// maxTableOffset is what the ten digits of a cross-reference table can say.
const maxTableOffset = 9_999_999_999

// trailer continues the last trailer: everything that does not describe its own section is kept.
func (u *update) trailer(body *writer, previous int64) Dict {
	trailer := maps.Clone(u.doc.Trailer())
	for _, own := range []Name{
		"XRefStm", "Type", "W", "Index", "Length", "Filter", "DecodeParms", "DL", "F", "FFilter", "FDecodeParms",
	} {
		delete(trailer, own)
	}
	trailer["Prev"] = previous
	trailer["Size"] = int64(u.highest) + 1
	trailer["ID"] = u.identifiers(body)
	return trailer
}

// identifiers keep the first and renew the second identifier (ISO 32000-1, 14.4), as a function of the content, but for
// the room of the signature value.
func (u *update) identifiers(body *writer) Array {
	sum := sha256.New()
	sum.Write(binary.BigEndian.AppendUint64(nil, uint64(u.doc.Size()))) //nolint:gosec // never negative
	sum.Write(body.buf[:body.contents])
	sum.Write(body.buf[body.end:])
	renewed := String(sum.Sum(nil)[:16])
	if old, err := u.doc.Array(u.doc.Trailer()["ID"]); err == nil && len(old) == 2 {
		if first, ok := old[0].(String); ok && len(first) > 0 {
			return Array{first, renewed}
		}
	}
	return Array{renewed, renewed}
}

func appendXRefTable(dst []byte, entries []Entry) []byte {
	dst = append(dst, "xref\n"...)
	for len(entries) > 0 {
		n := 1
		for n < len(entries) && entries[n].Number == entries[n-1].Number+1 {
			n++
		}
		dst = strconv.AppendInt(dst, int64(entries[0].Number), 10)
		dst = append(dst, ' ')
		dst = strconv.AppendInt(dst, int64(n), 10)
		dst = append(dst, '\n')
		for _, entry := range entries[:n] {
			dst = append(appendPadded(dst, entry.Offset, 10), ' ')
			dst = appendPadded(dst, int64(entry.Generation), 5)
			if entry.Kind == FreeEntry {
				dst = append(dst, " f\r\n"...)
			} else {
				dst = append(dst, " n\r\n"...)
			}
		}
		entries = entries[n:]
	}
	return dst
}

// appendPadded writes a number with zeros before it.
func appendPadded(dst []byte, number int64, digits int) []byte {
	for low := int64(10); digits > 1; digits-- {
		if number < low {
			dst = append(dst, "0000000000"[:digits-1]...)
			break
		}
		low *= 10
	}
	return strconv.AppendInt(dst, number, 10)
}

func xrefStream(trailer Dict, entries []Entry) *Stream {
	var rows bytes.Buffer
	var index Array
	for i, entry := range entries {
		if i == 0 || entry.Number != entries[i-1].Number+1 {
			index = append(index, int64(entry.Number), int64(0))
		}
		count, _ := index[len(index)-1].(int64)
		index[len(index)-1] = count + 1
		kind, second, third := byte(1), entry.Offset, entry.Generation
		switch entry.Kind {
		case FreeEntry:
			kind = 0
		case StreamEntry:
			container, index := entry.Container()
			kind, second, third = 2, int64(container), uint16(index) //nolint:gosec // of the 65,535 that a section can say
		case FileEntry:
		}
		rows.WriteByte(kind)
		_ = binary.Write(&rows, binary.BigEndian, second)
		_ = binary.Write(&rows, binary.BigEndian, third)
	}
	trailer["Type"] = Name("XRef")
	trailer["W"] = Array{int64(1), int64(8), int64(2)}
	trailer["Index"] = index
	return &Stream{Dict: trailer, Offset: -1, Data: rows.Bytes()}
}

// deflated is a stream that is compressed when that is worth it.
func (u *update) deflated(dict Dict, data []byte) *Stream { return u.packer.pack(data).stream(dict) }
