package signing

import "congvan/signing/pdf"

// structureEntry compares the logical structure, which grows when a signature field gets a place in it. What was there
// keeps its meaning and its order.
func (d *differ) structureEntry(e entry) {
	switch e.key {
	case "K":
		d.structureKids(e)
	case "P":
		d.compare(e.old, e.new, structure, e.at)
	case "ParentTree":
		d.parentTree(e)
	case "ParentTreeNextKey":
		was, _ := d.old.Integer(e.old)
		if is, ok := d.new.Integer(e.new); !ok || is < was {
			d.report(ModifiedForbidden, "change.structure", e.at)
		}
	default:
		d.compare(e.old, e.new, plain, e.at)
	}
}

func (d *differ) structureKids(e entry) {
	m := d.match(d.oneOrMore(d.old, e.old), d.oneOrMore(d.new, e.new))
	for _, both := range m.both {
		d.compare(both.old, both.new, structure, e.at.index(both.index))
	}
	if m.reordered || len(m.removed) > 0 {
		d.report(ModifiedForbidden, "change.structure", e.at)
	}
	for _, added := range m.added {
		grade := ModifiedLTV
		if !d.tagsField(added.new, 0) {
			grade = ModifiedForbidden
		}
		d.report(grade, "change.structure", e.at.index(added.index))
	}
}

// oneOrMore is the array of a value that may stand alone.
func (d *differ) oneOrMore(doc *pdf.Document, value pdf.Object) pdf.Array {
	switch object := d.resolve(doc, value).(type) {
	case nil:
		return nil
	case pdf.Array:
		return object
	default:
		return pdf.Array{value}
	}
}

// tagsField says whether a new structure element stands for nothing but new objects, such as the widget of a signature.
func (d *differ) tagsField(value pdf.Object, depth int) bool {
	dict, ok := d.resolve(d.new, value).(pdf.Dict)
	if !ok || depth > 16 || dict["ActualText"] != nil || dict["Alt"] != nil || dict["E"] != nil {
		return false
	}
	if d.new.Name(dict["Type"]) == "OBJR" {
		target, ok := dict["Obj"].(pdf.Ref)
		_, known := d.newFields[target]
		return ok && (known || d.resolve(d.old, target) == nil)
	}
	if dict["S"] == nil {
		return false
	}
	for _, kid := range d.oneOrMore(d.new, dict["K"]) {
		if !d.tagsField(kid, depth+1) {
			return false
		}
	}
	return true
}

// parentTree compares the number trees that lead from what is shown back to the structure. New numbers may come.
func (d *differ) parentTree(e entry) {
	was, is := map[int64]pdf.Object{}, map[int64]pdf.Object{}
	if !d.numbers(d.old, e.old, was, 0) || !d.numbers(d.new, e.new, is, 0) {
		d.compare(e.old, e.new, plain, e.at)
		return
	}
	for number, value := range was {
		d.compare(value, is[number], structure, e.at.index(int(number)))
	}
}

// numbers reads a number tree; false when it is none.
func (d *differ) numbers(doc *pdf.Document, value pdf.Object, found map[int64]pdf.Object, depth int) bool {
	node, err := doc.Dict(value)
	if err != nil || depth > 16 || len(found) > 1<<20 {
		return false
	}
	kids, errKids := doc.Array(node["Kids"])
	pairs, errPairs := doc.Array(node["Nums"])
	if errKids != nil || errPairs != nil || len(pairs)%2 != 0 {
		return false
	}
	for i := 0; i < len(pairs); i += 2 {
		number, ok := doc.Integer(pairs[i])
		if !ok {
			return false
		}
		found[number] = pairs[i+1]
	}
	for _, kid := range kids {
		if !d.numbers(doc, kid, found, depth+1) {
			return false
		}
	}
	return true
}
