package pdf

import (
	"errors"
	"fmt"
	"slices"
)

// repair finds the objects of a damaged file by searching for "obj", as other readers do: of an object that is there
// twice the last one counts.
func (d *Document) repair() error {
	found := &finder{doc: d, places: map[int]Entry{}}
	if err := found.scan(); err != nil {
		return err
	}
	if err := found.openContainers(); err != nil {
		return err
	}
	section := &Section{Kind: TableSection, Trailer: Dict{}}
	for _, entry := range found.places {
		section.Entries = append(section.Entries, entry)
	}
	section.tidy()
	d.sections = []*Section{section}
	trailer, err := found.trailer()
	if err != nil {
		return err
	}
	section.Trailer, d.trailer = trailer, trailer
	if d.Encrypted() {
		return nil
	}
	if catalog, err := d.Catalog(); err != nil || catalog == nil {
		return errors.Join(fmt.Errorf("no catalog: %w", ErrDamagedXRef), err)
	}
	return nil
}

// finder collects what a search of the whole file finds.
type finder struct {
	doc        *Document
	places     map[int]Entry
	trailers   []Dict
	containers []int
	catalogs   []Ref
}

// scan walks over the file once. Streams whose length is right are passed over.
func (f *finder) scan() error {
	d := f.doc
	for pos := int64(0); ; {
		at, err := d.search("obj", pos, d.size)
		if err != nil {
			return err
		}
		stop := at
		if at < 0 {
			stop = d.size
		}
		if err := f.scanTrailers(pos, stop); err != nil {
			return err
		}
		if at < 0 {
			return nil
		}
		if pos, err = f.object(at); err != nil {
			return err
		}
		if len(f.places) > d.limits.Entries {
			return fmt.Errorf("more than %d objects: %w", d.limits.Entries, ErrTooComplex)
		}
	}
}

// scanTrailers collects the trailer dictionaries in a part of the file that holds no object.
func (f *finder) scanTrailers(pos, end int64) error {
	for {
		at, err := f.doc.search("trailer", pos, end)
		if err != nil || at < 0 {
			return err
		}
		pos = at + int64(len("trailer"))
		p := f.doc.parserAt(pos)
		value, err := p.value(0, nil)
		if trailer, ok := value.(Dict); err == nil && ok {
			f.trailers = append(f.trailers, trailer)
		}
		if err := f.doc.budget.spend(lostCost); err != nil {
			return err
		}
	}
}

// lostCost is what something costs that looks like an object and is none: there cannot be very many of them.
const lostCost = 4 << 10

// object reads the object whose "obj" is at the given position and returns where to go on.
func (f *finder) object(at int64) (int64, error) {
	after := at + int64(len("obj"))
	start, ok := f.headerBefore(at)
	if !ok {
		return after, nil
	}
	found, err := f.doc.readIndirect(start, directLength)
	if errors.Is(err, ErrTooComplex) {
		return 0, err
	}
	if err != nil {
		f.doc.doubtful = true
		return after, f.doc.budget.spend(lostCost)
	}
	if _, twice := f.places[found.ref.Number]; twice {
		f.doc.doubtful = true
	}
	entry := newEntry(FileEntry, int64(found.ref.Number), int64(found.ref.Generation))
	entry.Offset = start
	f.places[found.ref.Number] = entry
	f.note(found)
	cost := found.end - start
	if stream, ok := found.object.(*Stream); ok {
		cost -= stream.Length
	}
	return max(found.end, after), f.doc.budget.spend(cost)
}

// headerBefore looks backwards for the two numbers before "obj".
func (f *finder) headerBefore(at int64) (int64, bool) {
	before := make([]byte, min(24, at))
	start := at - int64(len(before))
	if f.doc.src.readFull(before, start) != nil {
		return 0, false
	}
	i := skipBack(before, len(before), isSpace)
	generation := skipBack(before, i, digit)
	gap := skipBack(before, generation, isSpace)
	number := skipBack(before, gap, digit)
	if generation == i || gap == generation || number == gap {
		return 0, false
	}
	return start + int64(number), true
}

func isSpace(b byte) bool { return class(b) == space }

func skipBack(text []byte, i int, skip func(byte) bool) int {
	for i > 0 && skip(text[i-1]) {
		i--
	}
	return i
}

func (f *finder) note(found indirect) {
	switch object := found.object.(type) {
	case *Stream:
		switch object.Dict["Type"] {
		case Name("ObjStm"):
			f.containers = append(f.containers, found.ref.Number)
		case Name("XRef"):
			f.trailers = append(f.trailers, object.Dict)
		}
	case Dict:
		if object["Type"] == Name("Catalog") {
			f.catalogs = append(f.catalogs, found.ref)
		}
	}
}

// openContainers adds the objects in object streams. An object that also stands in the file itself stays there when it
// comes after the stream.
func (f *finder) openContainers() error {
	d := f.doc
	slices.Sort(f.containers)
	f.containers = slices.Compact(f.containers)
	for _, number := range f.containers {
		entry := f.places[number]
		d.sections = []*Section{{Kind: TableSection, Entries: []Entry{entry}}}
		held, err := d.container(number)
		if errors.Is(err, ErrTooComplex) {
			return err
		}
		if err != nil {
			d.doubtful = true
			continue // what is in it is lost
		}
		for index, inside := range held.numbers {
			if _, twice := f.places[inside]; twice {
				d.doubtful = true
			}
			if there, ok := f.places[inside]; ok && there.Offset > entry.Offset && there.Kind == FileEntry {
				continue
			}
			f.places[inside] = containedEntry(int64(inside), int64(number), int64(index))
		}
	}
	clear(d.streams)
	d.held, d.objects = 0, memo{}
	return nil
}

// trailer puts the newest usable trailer together, or makes one for the last catalog.
func (f *finder) trailer() (Dict, error) {
	merged := Dict{}
	for _, trailer := range slices.Backward(f.trailers) {
		for _, key := range []Name{"Root", "Encrypt", "ID", "Info", "Size"} {
			if value, ok := trailer[key]; ok && merged[key] == nil {
				merged[key] = value
			}
		}
	}
	if f.isCatalog(merged["Root"]) || merged["Encrypt"] != nil && merged["Root"] != nil {
		return merged, nil
	}
	if n := len(f.catalogs); n > 0 {
		merged["Root"] = f.catalogs[n-1]
		return merged, nil
	}
	for number := range f.places { // the catalog may be in an object stream
		if ref := (Ref{number, 0}); f.places[number].Kind == StreamEntry && f.isCatalog(ref) {
			merged["Root"] = ref
			return merged, nil
		}
	}
	return nil, fmt.Errorf("no catalog found: %w", ErrDamagedXRef)
}

func (f *finder) isCatalog(value Object) bool {
	ref, ok := value.(Ref)
	if !ok {
		return false
	}
	dict, err := f.doc.Dict(ref)
	return err == nil && dict != nil && (dict["Type"] == Name("Catalog") || dict["Pages"] != nil)
}
