package pdf

import (
	"bytes"
	"fmt"
	"slices"
)

// Revision is one state of the document: what the file was when it ended there.
type Revision struct {
	End      int64 // after the "%%EOF"
	EndLine  int64 // after the end of line that follows, if any: signers cover it or leave it out
	XRef     int64 // offset that "startxref" names
	Sections []*Section
}

// Revisions are the states of the document that its chain of cross-reference sections tells of, oldest first. A section
// that is not followed by its "startxref" and "%%EOF" makes no revision of its own.
func (d *Document) Revisions() (revisions []Revision, err error) {
	defer caught(&err)
	if d.shown != nil {
		return *d.shown, nil
	}
	revisions = []Revision{}
	if d.Repaired() {
		return revisions, nil
	}
	sections := slices.Clone(d.sections)
	slices.Reverse(sections)
	var group []*Section
	for i, section := range sections {
		group = append(group, section)
		limit := d.size
		if next := nextStart(sections[i+1:], section); next > 0 {
			limit = next
		}
		if section.Hidden {
			continue
		}
		revision, ok, err := d.closing(group, limit)
		if err != nil {
			return nil, err
		}
		if ok {
			revisions, group = append(revisions, revision), nil
		}
	}
	d.shown = &revisions
	return revisions, nil
}

// nextStart is where the next newer section starts that lies behind this one; 0 when there is none.
func nextStart(newer []*Section, section *Section) int64 {
	for _, other := range newer {
		if other.start > section.End && !other.Hidden {
			return other.start
		}
	}
	return 0
}

// closing looks behind the last section of a group for the "startxref" that names one of the group.
func (d *Document) closing(group []*Section, limit int64) (Revision, bool, error) {
	from := int64(0)
	for _, section := range group {
		from = max(from, section.End)
	}
	for from < limit {
		at, err := d.search("startxref", from, limit)
		if err != nil || at < 0 {
			return Revision{}, false, err
		}
		from = at + int64(len("startxref"))
		p := d.parserAt(from)
		offset, ok := p.integer()
		if !ok || !d.names(group, offset) {
			continue
		}
		if end, ok := endOfFile(p); ok {
			return Revision{end, d.afterLine(end), offset, closed(group, end)}, true, nil
		}
	}
	return Revision{}, false, nil
}

// closed puts the newest section of a group first and tells them all where they end.
func closed(group []*Section, end int64) []*Section {
	slices.Reverse(group)
	for _, section := range group {
		if section.reach == 0 { // a hidden section may be listed again by a newer revision
			section.reach = end
		}
	}
	return group
}

// names says whether an offset leads to a section of the group, if need be over white space.
func (d *Document) names(group []*Section, offset int64) bool {
	return slices.ContainsFunc(group, func(s *Section) bool {
		if s.Hidden || offset > s.start || offset < s.start-longestGap {
			return false
		}
		p := d.parserAt(offset)
		p.skipSpace()
		return p.pos() == s.start
	})
}

// longestGap is how much white space and comments may stand between where an offset leads to and what it means.
const longestGap = 1 << 10

// endOfFile moves over white space and "%%EOF".
func endOfFile(p *parser) (int64, bool) {
	for {
		b, ok := p.peek()
		if !ok || class(b) != space {
			break
		}
		p.i++
	}
	return p.pos() + int64(len("%%EOF")), p.literal("%%EOF")
}

func (d *Document) afterLine(pos int64) int64 {
	p := d.parserAt(pos)
	if !p.literal("\r\n") && !p.literal("\n") {
		p.literal("\r")
	}
	return p.pos()
}

// reach is the position that no entry of a section may reach: the end of its revision (no forward references). Where no
// end can be told, it is the end of the file.
func (d *Document) reach(section *Section) int64 {
	if _, err := d.Revisions(); err != nil || section.reach == 0 {
		return d.size
	}
	return section.reach
}

// AsOf is the document as it was at the end of a revision: what a reader sees who has the file up to there and nothing
// after it. The view shares the reader and the work limit with this document. A revision that only opens after
// repair is refused.
func (d *Document) AsOf(end int64) (view *Document, err error) {
	defer caught(&err)
	if end <= 0 || end > d.size {
		return nil, fmt.Errorf("revision to %d: %w", end, ErrNoRevision)
	}
	view = newDocument(d.src, end, d.limits, d.budget)
	view.inflaters, view.read = d.inflaters, d.read
	if err := view.readSections(nil); err != nil {
		return nil, fmt.Errorf("revision to %d: %w", end, err)
	}
	tail, err := d.src.view(max(0, end-64), end)
	if err != nil {
		return nil, err
	}
	if !bytes.HasSuffix(bytes.TrimRight(tail, "\r\n \t\x00"), []byte("%%EOF")) {
		return nil, fmt.Errorf("revision to %d: %w", end, ErrNoRevision)
	}
	return view, nil
}
