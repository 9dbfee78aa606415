package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Document is a PDF file that has been opened, or a view of it as it was at an earlier revision. It reads from the file
// whenever it is asked; it keeps only a bounded part in memory. It must not be used from several goroutines at once.
type Document struct {
	src      *source
	size     int64
	limits   *Limits
	budget   *budget
	sections []*Section // newest first
	trailer  Dict
	damage   error // why the file had to be repaired, or nil
	doubtful bool  // an object that was found by searching could not be read, or was found twice
	linear   *bool // whether the file is linearized, once known
	objects  memo
	streams  map[int]*container
	held     int64          // bytes in streams
	loading  map[int]bool   // objects being read, to stop at cycles
	twice    map[int][]Name // keys that come twice, by object
	shown    *[]Revision
	// From endstream.from on, the first "endstream" is at endstream.at, or nowhere when that is negative.
	endstream struct{ from, at int64 }
	fields    *formFields
	signed    []SignatureDict
	inflaters *inflaters   // shared with all views
	read      *readObjects // shared with all views
}

// Open reads the cross-reference data of a PDF file under the default limits. The reader must stay usable, and give the
// same bytes, for as long as the document is used. It fails with the faults of this package (see Code) or with
// errors of the reader. A file whose cross-reference data is damaged is opened by searching for its objects: see
// Repaired.
func Open(r io.ReaderAt, size int64) (*Document, error) { return OpenLimited(r, size, DefaultLimits()) }

// OpenLimited is Open under other limits.
func OpenLimited(r io.ReaderAt, size int64, limits Limits) (doc *Document, err error) {
	defer caught(&err)
	if size > limits.FileBytes {
		return nil, fmt.Errorf("%d bytes: %w", size, ErrTooLarge)
	}
	src := newSource(r, size)
	doc = newDocument(src, size, &limits, &budget{left: limits.Work})
	if err := doc.checkHeader(); err != nil {
		return nil, err
	}
	damage := doc.readSections(nil)
	if damage == nil {
		return doc, nil
	}
	if !repairable(damage) {
		return nil, damage
	}
	doc = newDocument(src, size, &limits, doc.budget)
	doc.damage = damage
	if err := doc.repair(); err != nil {
		return nil, errors.Join(damage, err)
	}
	return doc, nil
}

func newDocument(src *source, size int64, limits *Limits, work *budget) *Document {
	doc := &Document{
		src: src, size: size, limits: limits, budget: work,
		streams: map[int]*container{}, loading: map[int]bool{}, twice: map[int][]Name{},
		inflaters: &inflaters{}, read: &readObjects{},
	}
	doc.endstream.from = size
	return doc
}

// repairable says whether searching the file for objects can help.
func repairable(err error) bool {
	for _, fault := range []error{ErrTruncated, ErrDamagedXRef, ErrDamagedObject, ErrDamagedStream, ErrForward} {
		if errors.Is(err, fault) {
			return true
		}
	}
	return false
}

// Size is the length in bytes of the file, or of the part of it that this view shows.
func (d *Document) Size() int64 { return d.size }

// ReaderAt reads the bytes of the file.
func (d *Document) ReaderAt() io.ReaderAt { return io.NewSectionReader(d.src.r, 0, d.size) }

// Trailer is the newest trailer dictionary.
func (d *Document) Trailer() Dict { return d.trailer }

// Root is the reference to the document catalog.
func (d *Document) Root() Ref {
	root, _ := d.trailer["Root"].(Ref)
	return root
}

// Catalog is the document catalog.
func (d *Document) Catalog() (Dict, error) { return d.Dict(d.trailer["Root"]) }

// Repaired says that the cross-reference data was damaged and the objects were found by searching. What such a document
// says depends on who reads it: it must not be signed, and signatures in it prove nothing.
func (d *Document) Repaired() bool { return d.damage != nil }

// Damage is what made repair necessary, or nil.
func (d *Document) Damage() error { return d.damage }

// Encrypted says that strings and streams of the document are encrypted. Its structure can be read, its streams cannot.
func (d *Document) Encrypted() bool { return d.trailer["Encrypt"] != nil }

// HighestObject is the highest object number in use or promised by /Size.
func (d *Document) HighestObject() int {
	highest := 0
	for _, section := range d.sections {
		if n := len(section.Entries); n > 0 {
			highest = max(highest, int(section.Entries[n-1].Number))
		}
		if size, ok := section.Trailer["Size"].(int64); ok && size <= int64(d.limits.Objects) {
			highest = max(highest, int(size)-1)
		}
	}
	return highest
}

// LastXRef is where the newest cross-reference section is, and how it is written. The offset is the one to put into the
// /Prev of an update.
func (d *Document) LastXRef() (offset int64, kind SectionKind) {
	if len(d.sections) == 0 || d.Repaired() {
		return 0, 0
	}
	return d.sections[0].Offset, d.sections[0].Kind
}

// Sections are the cross-reference sections, newest first. They must not be changed.
func (d *Document) Sections() []*Section { return d.sections }

// checkHeader looks for the header in the first kilobyte, where other readers look too.
func (d *Document) checkHeader() error {
	start, err := d.src.view(0, min(1024, d.size))
	if err != nil {
		return err
	}
	if !bytes.Contains(start, []byte("%PDF-")) {
		return fmt.Errorf("no header: %w", ErrNotPDF)
	}
	return nil
}

// With opens the document with a tail behind it. The tail is read as any reader would; what this document knows of the
// bytes before, which are the same, is not read again. A tail that only opens after repair is refused.
func (d *Document) With(tail Tail) (extended *Document, err error) {
	defer caught(&err)
	if tail.Start != d.src.size {
		return nil, fmt.Errorf("tail for %d bytes: %w", tail.Start, ErrNoRevision)
	}
	extended = newDocument(d.src.with(tail), tail.Size(), d.limits, &budget{left: d.limits.Work})
	extended.read.before = d
	if err := extended.readSections(d.sections); err != nil {
		return nil, err
	}
	return extended, nil
}

// readSections follows the chain from the last "startxref", down to the known sections if there are any, and checks
// that it leads to a catalog.
func (d *Document) readSections(known []*Section) error {
	start, err := d.lastStart()
	if err != nil {
		return err
	}
	follower := chain{doc: d, seen: map[int64]*Section{}, known: known}
	if d.sections, err = follower.follow(start); err != nil {
		return err
	}
	d.trailer = d.sections[0].Trailer
	if _, ok := d.trailer["Root"].(Ref); !ok {
		return fmt.Errorf("trailer without /Root: %w", ErrDamagedXRef)
	}
	if d.Encrypted() {
		return nil // the catalog may be in an object stream, which is not readable
	}
	catalog, err := d.Catalog()
	if err != nil {
		return fmt.Errorf("catalog: %w", err)
	}
	if catalog == nil {
		return fmt.Errorf("no catalog: %w", ErrDamagedXRef)
	}
	if pages, err := d.Dict(catalog["Pages"]); err != nil || pages == nil {
		return errors.Join(fmt.Errorf("no page tree: %w", ErrDamagedXRef), err)
	}
	return nil
}

// tailBytes is how far from the end "startxref" is searched: readers agree on a kilobyte, real files have more.
const tailBytes = 8 << 10

// lastStart reads the offset after the last "startxref", which is most often in the last block.
func (d *Document) lastStart() (int64, error) {
	last, err := d.src.block(max(0, d.size-1))
	if err != nil {
		return 0, err
	}
	from := max(0, d.size-tailBytes)
	tail, err := d.src.view(max(from, last.start), d.size)
	if err != nil {
		return 0, err
	}
	at := bytes.LastIndex(tail, []byte("startxref"))
	if at < 0 && last.start > from {
		if tail, err = d.src.view(from, d.size); err != nil {
			return 0, err
		}
		at = bytes.LastIndex(tail, []byte("startxref"))
	}
	if at < 0 {
		return 0, fmt.Errorf("no startxref: %w", ErrTruncated)
	}
	p := newBytesParser(tail, at+len("startxref"), d.limits)
	start, ok := p.integer()
	if !ok {
		return 0, fmt.Errorf("startxref: %w", ErrDamagedXRef)
	}
	return start, nil
}

// linearized looks for the dictionary of a linearized file, which is its first object.
func (d *Document) linearized() bool {
	if d.linear == nil {
		head, err := d.src.view(0, min(1024, d.size))
		found := err == nil && bytes.Contains(head, []byte("/Linearized"))
		d.linear = &found
	}
	return *d.linear
}

// parserAt reads the file at offset.
func (d *Document) parserAt(offset int64) *parser {
	return newParser(d.src, offset, d.size, d.limits)
}
