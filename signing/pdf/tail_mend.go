package pdf

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// MendingTail makes the revision that mends a document whose cross-reference data is damaged: a complete new one, over
// the objects where they lie. Not a byte of the original changes. It refuses with ErrRepaired whatever readers could
// take differently: a document that somebody may have signed, an object that is there twice, is missing or cannot be
// read, a stream that is not as long as it says, a page tree that does not count right.
func MendingTail(doc *Document) (tail Tail, err error) {
	defer caught(&err)
	switch {
	case doc.Encrypted():
		return Tail{}, ErrEncrypted
	case !doc.Repaired():
		return Tail{}, ErrNothingToExtend
	case doc.doubtful:
		return Tail{}, fmt.Errorf("an object is unreadable or there twice: %w", ErrRepaired)
	}
	if err := doc.mendable(); err != nil {
		return Tail{}, err
	}
	u := &update{doc: doc, highest: doc.HighestObject(), objects: map[Ref]Object{}}
	entries := doc.sections[0].Entries
	if len(entries) == 0 || u.highest > 2*len(entries)+1000 {
		return Tail{}, fmt.Errorf("%d objects numbered up to %d: %w", len(entries), u.highest, ErrRepaired)
	}
	w := &writer{buf: []byte("\n")}
	start := doc.Size() + int64(len(w.buf))
	trailer := u.trailer(&writer{buf: []byte("mended")}, 0)
	delete(trailer, "Prev")
	held := func(entry Entry) bool { return entry.Kind == StreamEntry }
	switch {
	case slices.ContainsFunc(entries, held):
		ref := Ref{Number: u.highest + 1}
		own := newEntry(FileEntry, int64(ref.Number), 0)
		own.Offset = start
		trailer["Size"] = int64(ref.Number) + 1
		w.indirect(ref, xrefStream(trailer, withFree(append(slices.Clone(entries), own))))
	case start > maxTableOffset:
		return Tail{}, ErrSize
	default:
		w.buf = appendXRefTable(w.buf, withFree(entries))
		w.buf = append(w.buf, "trailer\n"...)
		w.object(trailer)
		w.buf = append(w.buf, '\n')
	}
	w.buf = append(w.buf, "startxref\n"...)
	w.buf = strconv.AppendInt(w.buf, start, 10)
	w.buf = append(w.buf, "\n%%EOF\n"...)
	return Tail{Start: doc.Size(), Bytes: w.buf}, nil
}

// withFree fills the gaps: a first section names every number (ISO 32000-1, 7.5.4).
func withFree(entries []Entry) []Entry {
	var whole []Entry
	for _, entry := range entries {
		for number := len(whole); number < int(entry.Number); number++ {
			whole = append(whole, newEntry(FreeEntry, int64(number), 65535))
		}
		whole = append(whole, entry)
	}
	return whole
}

// mendable walks over every object and everything that it leads to.
func (d *Document) mendable() error {
	var start [5]byte
	if err := d.src.readFull(start[:], 0); err != nil || string(start[:]) != "%PDF-" {
		return fmt.Errorf("offsets do not count from the header: %w", ErrRepaired)
	}
	if at, err := d.search(byteRangeKey, 0, d.size); err != nil || at >= 0 {
		return errors.Join(fmt.Errorf("it may have been signed: %w", ErrRepaired), err)
	}
	open := []Object{d.trailer["Root"], d.trailer["Info"]}
	for _, entry := range d.sections[0].Entries {
		open = append(open, Ref{Number: int(entry.Number), Generation: int(entry.Generation)})
	}
	seen := map[Ref]bool{}
	for len(open) > 0 {
		object := open[len(open)-1]
		open = open[:len(open)-1]
		more, err := d.sound(object, seen)
		if err != nil {
			return err
		}
		open = append(open, more...)
	}
	return d.countsRight()
}

// sound reads an object that was not seen before, and gives what it holds.
func (d *Document) sound(object Object, seen map[Ref]bool) ([]Object, error) {
	ref, ok := object.(Ref)
	if !ok {
		return d.within(object)
	}
	if seen[ref] {
		return nil, nil
	}
	seen[ref] = true
	found, err := d.object(ref)
	if err != nil || found == nil && !d.holds(ref) {
		return nil, errors.Join(fmt.Errorf("object %d is missing or damaged: %w", ref.Number, ErrRepaired), err)
	}
	return d.within(found)
}

// holds says whether there is such an object, even null.
func (d *Document) holds(ref Ref) bool {
	entry, _, ok := d.lookup(ref.Number)
	return ok && entry.Kind != FreeEntry && int(entry.Generation) == ref.Generation
}

// within gives what an object holds. The length of a stream must be what it says.
func (d *Document) within(object Object) ([]Object, error) {
	switch o := object.(type) {
	case Array:
		return o, nil
	case Dict:
		return values(o), nil
	case *Stream:
		if length, ok := d.Integer(o.Dict["Length"]); !ok || length != o.Length {
			return nil, fmt.Errorf("a stream of %d bytes says %d: %w", o.Length, length, ErrRepaired)
		}
		return values(o.Dict), nil
	}
	return nil, nil
}

func values(dict Dict) []Object {
	list := make([]Object, 0, len(dict))
	for _, value := range dict {
		list = append(list, value)
	}
	return list
}

func (d *Document) countsRight() error {
	catalog, err := d.Catalog()
	if err != nil {
		return err
	}
	tree, err := d.Dict(catalog["Pages"])
	if err != nil {
		return err
	}
	stated, _ := d.Integer(tree["Count"])
	count, err := d.PageCount()
	if err != nil || count == 0 || int64(count) != stated {
		return errors.Join(fmt.Errorf("%d pages of %d: %w", count, stated, ErrRepaired), err)
	}
	return nil
}
