package pdf

import (
	"fmt"
	"math"
	"slices"
)

// SectionKind says how a cross-reference section is written.
type SectionKind int

// The kinds of section. A hybrid is a table whose trailer names a stream with further entries (/XRefStm).
const (
	TableSection SectionKind = iota + 1
	StreamSection
	HybridSection
)

// Section is one cross-reference section.
type Section struct {
	Offset  int64 // as referred to; white space may come before the section itself
	End     int64 // of its trailer dictionary or its stream
	Kind    SectionKind
	Trailer Dict
	Hidden  bool    // found through /XRefStm: belongs to the section before it
	Entries []Entry // sorted by number, one for each
	start   int64   // of the first byte that is not white space
	reach   int64   // where its revision ends, once known
}

// EntryKind says where an object is.
type EntryKind uint8

// The kinds of entry.
const (
	FreeEntry EntryKind = iota
	FileEntry
	StreamEntry
)

// Entry says where one object is.
type Entry struct {
	Number     uint32
	Generation uint16
	Kind       EntryKind
	Offset     int64 // in the file; for a StreamEntry see Container
}

const indexBits = 31

// newEntry is an entry whose number and generation have been checked or do not matter.
func newEntry(kind EntryKind, number, generation int64) Entry {
	return Entry{
		Number:     uint32(number & math.MaxUint32),
		Generation: uint16(min(generation, math.MaxUint16) & math.MaxUint16),
		Kind:       kind,
	}
}

// containedEntry is the entry of an object in an object stream.
func containedEntry(number, container, index int64) Entry {
	entry := newEntry(StreamEntry, number, 0)
	entry.Offset = container<<indexBits | index
	return entry
}

// Container is the object stream that holds the object of a StreamEntry, and the place in it.
func (e Entry) Container() (number, index int) {
	return int(e.Offset >> indexBits), int(e.Offset & (1<<indexBits - 1))
}

func (s *Section) find(number int) (Entry, bool) {
	i, found := slices.BinarySearchFunc(s.Entries, number, func(e Entry, n int) int { return int(e.Number) - n })
	if !found {
		return Entry{}, false
	}
	return s.Entries[i], true
}

// tidy sorts the entries; of a number that comes twice the first stays, as in other readers.
func (s *Section) tidy() {
	byNumber := func(a, b Entry) int { return int(a.Number) - int(b.Number) }
	if !slices.IsSortedFunc(s.Entries, byNumber) {
		slices.SortStableFunc(s.Entries, byNumber)
	}
	s.Entries = slices.CompactFunc(s.Entries, func(a, b Entry) bool { return a.Number == b.Number })
}

// chain reads the sections from the newest to the oldest.
type chain struct {
	doc     *Document
	seen    map[int64]*Section
	entries int
	known   []*Section // of the document that this one continues
}

func (c *chain) follow(offset int64) ([]*Section, error) {
	var sections []*Section
	backwards := false // /Prev pointed forwards: only from the first to the main section of a linearized file
	for {
		section, err := c.read(offset)
		if err != nil {
			return nil, err
		}
		sections = append(sections, section)
		if hidden, err := c.readHidden(section); err != nil {
			return nil, err
		} else if hidden != nil {
			sections = append(sections, hidden)
		}
		prev, present, err := previous(section)
		if err != nil || !present {
			return sections, err
		}
		if c.knows(prev) {
			return c.adopt(sections)
		}
		if backwards || prev >= offset && !c.doc.linearized() {
			return nil, fmt.Errorf("/Prev %d at %d: %w", prev, offset, ErrDamagedXRef)
		}
		backwards = prev >= offset
		offset = prev
	}
}

// knows says whether the newest of the known sections stands at the offset.
func (c *chain) knows(offset int64) bool { return len(c.known) > 0 && c.known[0].Offset == offset }

// adopt puts the known sections behind those that were read.
func (c *chain) adopt(sections []*Section) ([]*Section, error) {
	for _, section := range c.known {
		own := *section // what a document finds out about a section is its own
		sections = append(sections, &own)
		c.entries += len(own.Entries)
	}
	if len(sections) > c.doc.limits.Sections || c.entries > c.doc.limits.Entries {
		return nil, fmt.Errorf("%d sections, %d entries: %w", len(sections), c.entries, ErrTooComplex)
	}
	return sections, nil
}

// previous is the offset of the section before. Zero and what is no number are as good as absent.
func previous(section *Section) (int64, bool, error) {
	value, present := section.Trailer["Prev"]
	if !present {
		return 0, false, nil
	}
	switch prev := value.(type) {
	case int64:
		return prev, prev != 0, nil
	case float64:
		return int64(prev), int64(prev) != 0, nil
	default:
		return 0, false, fmt.Errorf("/Prev at %d: %w", section.Offset, ErrDamagedXRef)
	}
}

// read reads the section at offset, once.
func (c *chain) read(offset int64) (*Section, error) {
	if c.seen[offset] != nil {
		return nil, fmt.Errorf("/Prev leads back to %d: %w", offset, ErrDamagedXRef)
	}
	if len(c.seen) >= c.doc.limits.Sections {
		return nil, fmt.Errorf("more than %d sections: %w", c.doc.limits.Sections, ErrTooComplex)
	}
	if offset < 0 || offset >= c.doc.size {
		return nil, fmt.Errorf("section at %d: %w", offset, ErrDamagedXRef)
	}
	section, err := c.doc.readSection(offset)
	if err != nil {
		return nil, err
	}
	c.seen[offset] = section
	section.tidy()
	if c.entries += len(section.Entries); c.entries > c.doc.limits.Entries {
		return nil, fmt.Errorf("more than %d entries: %w", c.doc.limits.Entries, ErrTooComplex)
	}
	return section, nil
}

// readHidden reads the stream that a hybrid section names, or nil.
func (c *chain) readHidden(section *Section) (*Section, error) {
	value, present := section.Trailer["XRefStm"]
	if section.Kind != TableSection || !present {
		return nil, nil
	}
	offset, ok := value.(int64)
	if !ok {
		return nil, fmt.Errorf("/XRefStm at %d: %w", section.Offset, ErrDamagedXRef)
	}
	hidden := c.seen[offset] // an update may repeat the /XRefStm of an earlier trailer
	if hidden == nil {
		var err error
		if hidden, err = c.read(offset); err != nil {
			return nil, err
		}
	}
	if hidden.Kind != StreamSection {
		return nil, fmt.Errorf("/XRefStm at %d: %w", section.Offset, ErrDamagedXRef)
	}
	section.Kind, hidden.Hidden = HybridSection, true
	return hidden, nil
}

func (d *Document) readSection(offset int64) (*Section, error) {
	p := d.parserAt(offset)
	p.skipSpace()
	section := &Section{Offset: offset, start: p.pos()}
	if p.keyword("xref") {
		section.Kind = TableSection
		return section, d.readTable(p, section)
	}
	section.Kind = StreamSection
	return section, d.readXRefStream(section)
}

// readTable reads the subsections of a table and its trailer (ISO 32000-1, 7.5.4).
func (d *Document) readTable(p *parser, section *Section) error {
	p.end = d.size // a table may be longer than an object; its entries have their own limit
	for !p.keyword("trailer") {
		first, okFirst := p.integer()
		count, okCount := p.integer()
		if !okFirst || !okCount {
			return p.xrefDamaged("subsection")
		}
		if err := d.readSubsection(p, section, first, count); err != nil {
			return err
		}
	}
	value, err := p.value(0, nil)
	if err != nil {
		return fmt.Errorf("trailer: %w", err)
	}
	trailer, ok := value.(Dict)
	if !ok {
		return p.xrefDamaged("trailer")
	}
	section.Trailer, section.End = trailer, p.pos()
	return d.budget.spend(section.End - section.Offset)
}

// shortestEntry is less than the twenty bytes of the standard, because some producers write less.
const shortestEntry = 17

func (d *Document) readSubsection(p *parser, section *Section, first, count int64) error {
	if first > int64(d.limits.Objects) || first+count > int64(d.limits.Objects) ||
		int64(len(section.Entries))+count > int64(d.limits.Entries) {
		return fmt.Errorf("subsection of %d objects from %d: %w", count, first, ErrTooComplex)
	}
	if count*shortestEntry > d.size-p.pos() {
		return p.xrefDamaged("subsection longer than the file")
	}
	section.Entries = slices.Grow(section.Entries, int(count))
	for number := first; number < first+count; number++ {
		offset, okOffset := p.integer()
		generation, okGeneration := p.integer()
		if !okOffset || !okGeneration || offset >= 1<<62 {
			return p.xrefDamaged("entry")
		}
		entry := newEntry(FreeEntry, number, generation)
		entry.Offset = offset
		switch {
		case p.keyword("n"):
			entry.Kind = FileEntry
		case !p.keyword("f"):
			return p.xrefDamaged("entry")
		}
		if entry.Kind == FileEntry && offset == 0 {
			entry.Kind = FreeEntry // nothing but the header is there; some producers write this for "unused"
		}
		section.Entries = append(section.Entries, entry)
	}
	return nil
}

func (p *parser) xrefDamaged(what string) error {
	if p.err != nil {
		return p.err
	}
	return fmt.Errorf("%s at %d: %w", what, p.pos(), ErrDamagedXRef)
}
