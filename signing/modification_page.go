package signing

import "congvan/signing/pdf"

// linked says whether an object is compared by itself, so that the way that leads to it here is only a link.
func (d *differ) linked(t task) bool {
	if t.role != plain || shown(t.at) {
		return false
	}
	if !d.probe {
		itself := d.seen[t.numbers()]&^(1<<plain|1<<structure) != 0
		return itself || d.newlyField(t)
	}
	if t.old != t.new || t.at.above == nil {
		return false
	}
	if _, isField := d.newFields[t.new]; isField {
		return true
	}
	dict, ok := d.resolve(d.new, t.new).(pdf.Dict)
	if !ok {
		return false
	}
	switch d.new.Name(dict["Type"]) {
	case "Page", "Pages", "Catalog":
		return true
	}
	return dict["Subtype"] != nil && dict["Rect"] != nil
}

// newlyField says whether a reference led nowhere and now leads to a field that is explained as a new one.
func (d *differ) newlyField(t task) bool {
	_, isField := d.newFields[t.new]
	return isField && d.resolve(d.old, t.old) == nil
}

// pageEntry compares nodes of the page tree and pages.
func (d *differ) pageEntry(e entry, page pdf.Dict) {
	switch e.key {
	case "Kids":
		d.pages(e)
	case "Parent":
		d.compare(e.old, e.new, pageTree, e.at)
	case "Annots":
		d.annotations(e, page)
	case "LastModified", "PieceInfo", "Metadata":
		d.free(e, ModifiedLTV, "change.metadata")
	case "ITXT": // the mark of a producer
		d.free(e, ModifiedLTV, "change.metadata")
	case "Tabs", "StructParents":
		if e.old != nil {
			d.compare(e.old, e.new, plain, e.at)
		}
	default:
		d.compare(e.old, e.new, plain, e.at)
	}
}

// pages compares /Kids: the same pages in the same order.
func (d *differ) pages(e entry) {
	old, errOld := d.old.Array(e.old)
	new, errNew := d.new.Array(e.new)
	if errOld != nil || errNew != nil || len(old) != len(new) {
		d.report(ModifiedForbidden, "change.pages", e.at)
		return
	}
	for i := range old {
		d.compare(old[i], new[i], pageTree, e.at.index(i))
	}
}
