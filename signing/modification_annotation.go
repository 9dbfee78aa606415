package signing

import (
	"bytes"
	"slices"

	"congvan/signing/pdf"
)

// annotations compares the annotations of a page.
func (d *differ) annotations(e entry, page pdf.Dict) {
	m, ok := d.matchArrays(e)
	if !ok {
		return
	}
	for _, both := range m.both {
		d.annotation(both, page, e.at.index(both.index))
	}
	for _, removed := range m.removed {
		grade := ModifiedAnnotation
		if dict, ok := d.resolve(d.old, removed.old).(pdf.Dict); !ok || dict["Subtype"] == pdf.Name("Widget") {
			grade = ModifiedForbidden
		}
		d.report(grade, "change.annotation_removed", e.at)
	}
	if m.reordered {
		d.report(ModifiedAnnotation, "change.annotation_order", e.at)
	}
	for _, added := range m.added {
		d.newAnnotation(added.new, page, e.at.index(added.index))
	}
}

// annotation compares an annotation that was there: as a field, or as a remark, which may change with all that belongs
// to it.
func (d *differ) annotation(both element, page pdf.Dict, at *path) {
	if d.isWidget(both.new) {
		d.compare(both.old, both.new, field, at)
		return
	}
	d.compare(both.old, both.new, note, at)
	if dict, ok := d.resolve(d.new, both.new).(pdf.Dict); ok && d.differs(both.old, both.new) {
		d.harmful(dict, page, at)
	}
}

func (d *differ) isWidget(value pdf.Object) bool {
	if ref, ok := value.(pdf.Ref); ok {
		if _, known := d.newFields[ref]; known {
			return true
		}
	}
	dict, ok := d.resolve(d.new, value).(pdf.Dict)
	return ok && d.new.Name(dict["Subtype"]) == "Widget"
}

// mostCovered is how much of a page the appearance of a signature may take. What takes more hides the page.
const mostCovered = 0.4

// newAnnotation explains an annotation that was not there: the widget of a signature, or a remark.
func (d *differ) newAnnotation(value pdf.Object, page pdf.Dict, at *path) {
	ref, _ := value.(pdf.Ref)
	at.ref = ref
	dict, ok := d.resolve(d.new, value).(pdf.Dict)
	if !ok {
		return
	}
	owner, known := d.newFields[ref]
	switch {
	case known && owner.Type == "Sig":
		shown, _ := d.new.Rect(dict["Rect"])
		whole, _ := d.new.Rect(d.inherited(page, "MediaBox"))
		if shown.Area() > whole.Area()*mostCovered {
			d.report(ModifiedForbidden, "change.covering", at)
		}
	case d.new.Name(dict["Subtype"]) == "Widget":
		if _, was := d.oldFields[ref]; !was {
			d.report(ModifiedForbidden, "change.field_added", at)
		}
	default:
		d.report(ModifiedAnnotation, "change.annotation_added", at)
		d.harmful(dict, page, at)
	}
}

// inherited finds an attribute of a page that may stand above it in the page tree.
func (d *differ) inherited(page pdf.Dict, key pdf.Name) pdf.Object {
	for range 64 {
		if page == nil || page[key] != nil {
			break
		}
		page, _ = d.new.Dict(page["Parent"])
	}
	return page[key]
}

// harmless are the actions of annotations that only lead to another place.
var harmless = []pdf.Name{"GoTo", "GoToR", "URI", "Named", "Thread"}

// harmful reports a remark that does something, or that hides or feigns what the page shows (the evil annotation
// attack).
func (d *differ) harmful(annotation, page pdf.Dict, at *path) {
	action, err := d.new.Dict(annotation["A"])
	if err != nil || annotation["AA"] != nil || action != nil && !slices.Contains(harmless, d.new.Name(action["S"])) {
		d.report(ModifiedForbidden, "change.action", at)
	}
	flags, _ := d.new.Integer(annotation["F"])
	where, ok := d.new.Rect(annotation["Rect"])
	if flags&hiding != 0 || !ok || d.markup(annotation, where) || !d.overlaps(where, page, pageAbove(at)) {
		return
	}
	d.report(ModifiedForbidden, "change.covering", at)
}

// largestIcon is the side of what is small enough to be a note, not a text, in points.
const largestIcon = 50

// markup says whether an annotation is of a kind that lies over text by its nature and leaves it readable.
func (d *differ) markup(annotation pdf.Dict, where pdf.Rect) bool {
	switch string(d.new.Name(annotation["Subtype"])) {
	case "Popup":
		return true
	case "Link":
		return annotation["AP"] == nil
	case "Text", "FileAttachment", "Sound":
		return where.X1-where.X0 <= largestIcon && where.Y1-where.Y0 <= largestIcon
	case "Highlight":
		return annotation["AP"] == nil || !d.draws(annotation["AP"]) && d.blends(annotation["AP"])
	case "Underline", "Squiggly", "StrikeOut", "Caret":
		return annotation["AP"] == nil || !d.draws(annotation["AP"])
	}
	return false
}

// draws says whether an appearance shows text or an image.
func (d *differ) draws(appearance pdf.Object) bool {
	return slices.ContainsFunc(d.appearances(d.new, appearance), func(ref pdf.Ref) bool {
		stream, ok := d.resolve(d.new, ref).(*pdf.Stream)
		return ok && d.paints(stream, 0)
	})
}

// paints says whether a form, or a form in it, shows text or an image. What cannot be read may show anything.
func (d *differ) paints(form *pdf.Stream, depth int) bool {
	data, err := d.new.Decode(form)
	resources, errResources := d.new.Dict(form.Dict["Resources"])
	objects, errObjects := d.new.Dict(resources["XObject"])
	if err != nil || errResources != nil || errObjects != nil || depth > 4 ||
		len(pdf.Strings(data)) > 0 || bytes.Contains(data, []byte("BI")) {
		return true
	}
	for _, object := range objects {
		inner, err := d.new.Stream(object)
		if err != nil || inner == nil || d.new.Name(inner.Dict["Subtype"]) != "Form" || d.paints(inner, depth+1) {
			return true
		}
	}
	return false
}

// blends says whether an appearance lets what lies below show through.
func (d *differ) blends(appearance pdf.Object) bool {
	for _, ref := range d.appearances(d.new, appearance) {
		stream, ok := d.resolve(d.new, ref).(*pdf.Stream)
		if !ok {
			continue
		}
		resources, err := d.new.Dict(stream.Dict["Resources"])
		states, errStates := d.new.Dict(resources["ExtGState"])
		if err != nil || errStates != nil {
			return false
		}
		for _, state := range states {
			if dict, err := d.new.Dict(state); err == nil && d.new.Name(dict["BM"]) == "Multiply" {
				return true
			}
		}
	}
	return false
}

// overlaps says whether a rectangle lies over text or an image of the page. What cannot be read may be anywhere.
func (d *differ) overlaps(where pdf.Rect, page pdf.Dict, of pdf.Ref) bool {
	if d.content == nil || d.contentOf != of || of == (pdf.Ref{}) {
		boxes, err := d.new.ContentBoxes(pdf.Page{Ref: of, Dict: page, Resources: d.inherited(page, "Resources")})
		if err != nil {
			return true
		}
		d.content, d.contentOf = boxes, of
	}
	return slices.ContainsFunc(d.content, where.Overlaps)
}

// pageAbove is the page whose annotation is at the end of a path.
func pageAbove(at *path) pdf.Ref {
	if at.above == nil || at.above.above == nil {
		return pdf.Ref{}
	}
	return at.above.above.ref
}
