package pdf

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
)

// OrphanKind says why a byte range in the file is no signature of the form.
type OrphanKind string

// The kinds of orphan.
const (
	OrphanUnreferenced OrphanKind = "unreferenced" // an object that no signature field names
	OrphanSuperseded   OrphanKind = "superseded"   // an object that a later revision replaced or freed
	OrphanUsageRights  OrphanKind = "usage_rights" // rights that a reader program grants (/UR, /UR3)
	OrphanEmbedded     OrphanKind = "embedded"     // inside a stream, or outside all objects
)

// Orphan is a place in the file that looks like a signature and is none of the form.
type Orphan struct {
	Offset int64 // of "/ByteRange"
	Ref    Ref   // of the object that holds it; zero when it is embedded
	Kind   OrphanKind
}

// OrphanSignatures reads the whole file once, in bounded memory, for byte ranges that belong to no signature of the
// form.
func (d *Document) OrphanSignatures() (orphans []Orphan, err error) {
	defer caught(&err)
	finder := &ByteRangeFinder{}
	if _, err := io.CopyBuffer(finder, io.NewSectionReader(d.src.r, 0, d.size), make([]byte, 64<<10)); err != nil {
		return nil, fmt.Errorf("search for byte ranges: %w", err)
	}
	return d.Orphans(finder)
}

// Orphans says which of the byte ranges that have been found belong to no signature of the form.
func (d *Document) Orphans(found *ByteRangeFinder) (orphans []Orphan, err error) {
	defer caught(&err)
	if len(found.offsets) == 0 {
		return nil, nil
	}
	holders := map[Ref]bool{}
	signatures, err := d.Signatures()
	if err != nil {
		return nil, err
	}
	for _, signature := range signatures {
		holders[signature.holder()] = true
	}
	rights := d.usageRights()
	places := d.filePlaces()
	for _, offset := range found.offsets {
		orphan, err := d.orphan(offset, places)
		if err != nil {
			return nil, err
		}
		switch {
		case orphan.Kind == OrphanUnreferenced && holders[orphan.Ref]:
			continue
		case orphan.Kind == OrphanUnreferenced && rights[orphan.Ref]:
			orphan.Kind = OrphanUsageRights
		}
		orphans = append(orphans, orphan)
	}
	return orphans, nil
}

// usageRights are the objects that /Perms names for rights that are no signatures of the document.
func (d *Document) usageRights() map[Ref]bool {
	rights := map[Ref]bool{}
	catalog, err := d.Catalog()
	if err != nil {
		return rights
	}
	perms, err := d.Dict(catalog["Perms"])
	if err != nil {
		return rights
	}
	for _, key := range []Name{"UR", "UR3"} {
		if ref, ok := perms[key].(Ref); ok {
			rights[ref] = true
		}
	}
	return rights
}

// filePlaces are the entries of all sections for objects in the file itself, by offset.
func (d *Document) filePlaces() []Entry {
	var places []Entry
	for _, section := range d.sections {
		for _, entry := range section.Entries {
			if entry.Kind == FileEntry {
				places = append(places, entry)
			}
		}
	}
	slices.SortFunc(places, func(a, b Entry) int { return cmp.Compare(a.Offset, b.Offset) })
	return places
}

// orphan tells what holds the byte at offset.
func (d *Document) orphan(offset int64, places []Entry) (Orphan, error) {
	at, _ := slices.BinarySearchFunc(places, offset+1, func(e Entry, pos int64) int { return cmp.Compare(e.Offset, pos) })
	if at == 0 {
		return Orphan{Offset: offset, Kind: OrphanEmbedded}, nil
	}
	entry := places[at-1]
	embedded := Orphan{Offset: offset, Kind: OrphanEmbedded}
	found, err := d.readIndirect(entry.Offset, d.lengthOf)
	if errors.Is(err, ErrTooComplex) {
		return embedded, err
	}
	if err != nil {
		found.end = 0 // what cannot be read is no object
	}
	if offset >= found.end {
		return embedded, nil
	}
	if err := d.budget.spend(min(found.end-entry.Offset, blockSize)); err != nil {
		return embedded, err
	}
	if stream, ok := found.object.(*Stream); ok && offset >= stream.Offset {
		return embedded, nil
	}
	kind := OrphanUnreferenced
	if now, _, ok := d.lookup(found.ref.Number); !ok || now.Kind != FileEntry || now.Offset != entry.Offset {
		kind = OrphanSuperseded
	}
	return Orphan{offset, found.ref, kind}, nil
}
