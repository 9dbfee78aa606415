package signing

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"congvan/signing/pdf"
)

// role says as what an object is reached, and so which changes of it can be explained.
type role int

const (
	plain     role = iota // anything: no change can be explained
	catalog               // the roots of the document
	pageTree              // a node of the page tree, or a page
	form                  // the interactive form
	field                 // a field or a widget, or both
	note                  // another annotation
	signature             // a signature dictionary
	structure             // a part of the logical structure
)

// differ compares two revisions of a document along every path that leads to an object. First the pages and the form
// are walked, for whose objects some changes are allowed; then everything else that is reached from them.
type differ struct {
	old, new     *pdf.Document
	locks        []pdf.Lock
	oldFields    map[pdf.Ref]pdf.Field
	newFields    map[pdf.Ref]pdf.Field
	first, later []task
	seen         map[numbers]uint16 // the roles in which a pair of objects has been compared
	same         map[numbers]bool   // pairs from which nothing can be reached that differs
	changes      []Change
	given        map[pdf.Ref]bool // appearances that a field no longer has
	content      []pdf.Rect       // of the page contentOf
	contentOf    pdf.Ref
	probe        bool // only asks whether anything differs
	err          error
}

// pair is an object of the old revision with its counterpart in the new one.
type pair struct{ old, new pdf.Ref }

// numbers is a pair in little room.
type numbers struct {
	old, new                     uint32
	oldGeneration, newGeneration uint16
}

func (p pair) numbers() numbers {
	return numbers{
		uint32(p.old.Number & math.MaxUint32), uint32(p.new.Number & math.MaxUint32),
		uint16(p.old.Generation & math.MaxUint16), uint16(p.new.Generation & math.MaxUint16),
	}
}

type task struct {
	pair
	role role
	at   *path
}

// path is how an object is reached, from the trailer.
type path struct {
	above *path
	label string
	ref   pdf.Ref // of the object that the label leads to, when it is indirect
}

func (p *path) key(name pdf.Name) *path { return &path{above: p, label: string(name)} }

func (p *path) index(i int) *path { return &path{above: p, label: fmt.Sprintf("[%d]", i)} }

func (p *path) labels() []string {
	var labels []string
	for ; p != nil; p = p.above {
		labels = append(labels, p.label)
	}
	slices.Reverse(labels)
	return labels
}

// String is the nearest indirect object and the path to the value: "12 0 Root/Pages/Kids/[0]/Contents".
func (p *path) String() string {
	for step := p; step != nil; step = step.above {
		if step.ref != (pdf.Ref{}) {
			return fmt.Sprintf("%d %d %s", step.ref.Number, step.ref.Generation, strings.Join(p.labels(), "/"))
		}
	}
	return strings.Join(p.labels(), "/")
}

func newDiffer(before, after *pdf.Document) (*differ, error) {
	d := &differ{
		old: before, new: after, given: map[pdf.Ref]bool{}, seen: map[numbers]uint16{}, same: map[numbers]bool{},
	}
	var err error
	if d.oldFields, err = fieldsByRef(before); err != nil {
		return nil, err
	}
	d.newFields, err = fieldsByRef(after)
	return d, err
}

func fieldsByRef(doc *pdf.Document) (map[pdf.Ref]pdf.Field, error) {
	fields, err := doc.Fields()
	if err != nil {
		return nil, err
	}
	byRef := map[pdf.Ref]pdf.Field{}
	for _, field := range fields {
		byRef[field.Ref] = field
		for _, widget := range field.Widgets {
			byRef[widget.Ref] = field
		}
	}
	delete(byRef, pdf.Ref{})
	return byRef, nil
}

// run compares until nothing is left, nearest objects first, so that the paths that are told are short.
func (d *differ) run() error {
	for d.err == nil && len(d.first)+len(d.later) > 0 {
		from := &d.first
		if len(d.first) == 0 {
			from = &d.later
		}
		next := (*from)[0]
		*from = (*from)[1:]
		d.objects(next)
	}
	return d.err
}

func (d *differ) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

// mostChanges is how many changes are told; the worst ones are found among all.
const mostChanges = 200

func (d *differ) report(grade Modification, code string, at *path) {
	change := Change{Grade: grade, Code: code, Object: at.String()}
	if slices.Contains(d.changes, change) {
		return
	}
	if len(d.changes) < mostChanges {
		d.changes = append(d.changes, change)
		return
	}
	if last := &d.changes[mostChanges-1]; rank(grade) > rank(last.Grade) {
		*last = change
	}
}

// compare compares two values that are reached in the same way.
func (d *differ) compare(old, new pdf.Object, as role, at *path) {
	oldRef, oldIs := old.(pdf.Ref)
	newRef, newIs := new.(pdf.Ref)
	if !oldIs || !newIs {
		d.values(d.resolve(d.old, old), d.resolve(d.new, new), as, at)
		return
	}
	next := task{pair{oldRef, newRef}, as, at}
	next.at.ref = newRef
	bit, key := uint16(1)<<as, next.numbers()
	if d.seen[key]&bit != 0 || d.probe && at.above != nil && d.same[key] {
		return
	}
	d.seen[key] |= bit
	if as == plain || as == structure {
		d.later = append(d.later, next)
	} else {
		d.first = append(d.first, next)
	}
}

// objects compares two indirect objects. A link to an object that is compared as a page, a field, an annotation or the
// catalog is only a link, unless it comes from what a page shows.
func (d *differ) objects(t task) {
	if d.linked(t) {
		if d.probe {
			delete(d.seen, t.numbers()) // it has not been compared
		}
		return
	}
	if d.given[t.old] && t.role == plain {
		d.report(ModifiedForbidden, "change.appearance_shared", t.at)
	}
	new := d.resolve(d.new, t.new)
	old := new
	if t.old != t.new || d.touched(t.new, 0) {
		old = d.resolve(d.old, t.old)
		if keys := d.new.Ambiguous(t.new); len(keys) > 0 && !equal(old, new) {
			d.report(ModifiedForbidden, "change.ambiguous", t.at)
		}
	}
	if new == (unreadable{pdf.ErrForward.Code()}) { // there it is for readers that are not so strict
		d.report(ModifiedForbidden, "change.ambiguous", t.at)
	}
	if d.err == nil {
		d.values(old, new, t.role, t.at)
	}
}

// shown says whether a path leads through the contents or the resources of a page.
func shown(at *path) bool {
	for ; at != nil; at = at.above {
		if at.label == "Contents" || at.label == "Resources" {
			return true
		}
	}
	return false
}

func (d *differ) resolve(doc *pdf.Document, value pdf.Object) pdf.Object {
	object, err := doc.Resolve(value)
	if err != nil {
		if errors.Is(err, pdf.ErrTooComplex) {
			d.fail(err)
		}
		return unreadable{pdf.Code(err)}
	}
	return object
}

// unreadable stands for an object that cannot be read. It is equal to one that cannot be read for the same reason.
type unreadable struct{ code string }

// touched says whether an object may have changed: whether its place has.
func (d *differ) touched(ref pdf.Ref, depth int) bool {
	was, wasThere := d.old.Entry(ref.Number)
	is, isThere := d.new.Entry(ref.Number)
	if was != is || wasThere != isThere {
		return true
	}
	if is.Kind == pdf.StreamEntry && depth < 2 {
		container, _ := is.Container()
		if entry, ok := d.new.Entry(container); ok {
			return d.touched(pdf.Ref{Number: container, Generation: int(entry.Generation)}, depth+1)
		}
	}
	if is.Kind != pdf.FileEntry || depth > 2 {
		return false
	}
	if stream, ok := d.resolve(d.new, ref).(*pdf.Stream); ok {
		if length, ok := stream.Dict["Length"].(pdf.Ref); ok {
			return d.touched(length, depth+1)
		}
	}
	return false
}
