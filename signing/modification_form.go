package signing

import (
	"slices"

	"congvan/signing/pdf"
)

// formItself compares the forms of the two revisions. Where there was none, only signature fields may come.
func (d *differ) formItself(e entry) {
	old := d.resolve(d.old, e.old)
	new, isDict := d.resolve(d.new, e.new).(pdf.Dict)
	if old != nil || !isDict {
		d.compare(e.old, e.new, form, e.at)
		return
	}
	for _, key := range keysOf(nil, new) {
		d.formEntry(entry{key, nil, new[key], e.at.key(key)})
	}
}

func (d *differ) formEntry(e entry) {
	switch e.key {
	case "Fields":
		d.fieldArray(e)
	case "SigFlags":
		d.free(e, ModifiedLTV, "change.form")
	case "DR", "DA", "Q":
		grade := ModifiedFormFill
		if e.old == nil || e.new == nil {
			grade = ModifiedLTV // defaults for fields that are filled in later
		}
		d.free(e, grade, "change.form")
	case "NeedAppearances":
		d.free(e, ModifiedFormFill, "change.form")
	default:
		d.compare(e.old, e.new, plain, e.at)
	}
}

// fieldArray compares /Fields or the /Kids of a field. The order does not matter.
func (d *differ) fieldArray(e entry) {
	m, ok := d.matchArrays(e)
	if !ok {
		return
	}
	for _, both := range m.both {
		d.compare(both.old, both.new, field, e.at.index(both.index))
	}
	for range m.removed {
		d.report(ModifiedForbidden, "change.field_removed", e.at)
	}
	for _, added := range m.added {
		d.newField(added.new, e.at.index(added.index))
	}
}

// shownBy are the keys of a field that say how its value is shown. Filling in may change them.
var shownBy = []pdf.Name{"AS", "DA", "Q", "DS", "RV", "I", "TI", "M", "MK", "BS", "Border", "LastModified"}

// fieldEntry compares fields and widgets.
func (d *differ) fieldEntry(e entry, old, new pdf.Dict, at *path) {
	switch {
	case e.key == "Kids":
		d.fieldArray(e)
	case e.key == "Parent":
		d.compare(e.old, e.new, field, e.at)
	case e.key == "P":
		if e.old != nil { // a widget may be told its page later
			d.compare(e.old, e.new, pageTree, e.at)
		}
	case d.kindOf(at.ref, new) == "Sig":
		d.signatureFieldEntry(e, old, new)
	case e.key == "AP":
		d.appearance(e, at.ref)
	case e.key == "V" || e.key == "Ff" || slices.Contains(shownBy, e.key):
		d.filled(e, at.ref)
	case e.key == "F":
		d.flags(e, at.ref)
	default:
		d.compare(e.old, e.new, plain, e.at)
	}
}

// kindOf is the type of a field or of the field that a widget belongs to.
func (d *differ) kindOf(ref pdf.Ref, dict pdf.Dict) pdf.Name {
	if known, ok := d.newFields[ref]; ok {
		return known.Type
	}
	return d.new.Name(dict["FT"])
}

// filled explains the filling in of a field that is not locked.
func (d *differ) filled(e entry, ref pdf.Ref) {
	if !d.differs(e.old, e.new) {
		return
	}
	if d.locked(ref) {
		d.report(ModifiedForbidden, "change.locked_field", e.at)
		return
	}
	d.report(ModifiedFormFill, "change.field_filled", e.at)
}

func (d *differ) locked(ref pdf.Ref) bool {
	name := d.newFields[ref].Name
	return slices.ContainsFunc(d.locks, func(lock pdf.Lock) bool { return lock.Locks(name) })
}

// appearance compares what a field shows. With the same value it must not show anything else: a form that looks filled
// in another way while its data stay the same is an attack.
func (d *differ) appearance(e entry, ref pdf.Ref) {
	d.replaced(e)
	if !d.differs(e.old, e.new) {
		return
	}
	old, new := d.oldFields[ref], d.newFields[ref]
	same := !d.differs(old.Value, new.Value)
	if same && old.Value != nil && (new.Type == "Btn" || d.shows(d.old, e.old) != d.shows(d.new, e.new)) {
		d.report(ModifiedForbidden, "change.appearance", e.at)
		return
	}
	d.filled(e, ref)
}

// hiding are the annotation flags that keep something from being seen (ISO 32000-1, Table 165).
const hiding = 1<<0 | 1<<1 | 1<<5

// flags explains other annotation flags, unless they hide something or show what was hidden.
func (d *differ) flags(e entry, ref pdf.Ref) {
	was, _ := d.old.Integer(e.old)
	is, _ := d.new.Integer(e.new)
	if was&hiding != is&hiding {
		d.report(ModifiedForbidden, "change.visibility", e.at)
		return
	}
	d.filled(e, ref)
}

// signatureFieldEntry compares signature fields. What is signed stays as it is; what is not may be signed.
func (d *differ) signatureFieldEntry(e entry, old, new pdf.Dict) {
	signed := d.resolve(d.old, old["V"]) != nil
	switch {
	case e.key == "V" && signed:
		d.compare(e.old, e.new, signature, e.at)
	case e.key == "V":
		d.signatureAdded(e.new, e.at)
	case signed && e.key == "AP":
		if d.differs(e.old, e.new) {
			d.report(ModifiedForbidden, "change.signature_appearance", e.at)
		}
	case e.key == "F":
		d.flags(e, pdf.Ref{})
	case e.key == "AP" || e.key == "Ff" || slices.Contains(shownBy, e.key):
		d.replaced(e)
		d.free(e, d.gradeOf(new["V"]), "change.signature_field")
	default:
		d.compare(e.old, e.new, plain, e.at)
	}
}

func (d *differ) signatureAdded(value pdf.Object, at *path) {
	if d.resolve(d.new, value) == nil {
		return
	}
	code, grade := "change.signature", d.gradeOf(value)
	if grade == ModifiedLTV {
		code = "change.timestamp"
	}
	d.report(grade, code, at)
}

// gradeOf tells a time stamp over the document, which is evidence, from another signature, which is filled in.
func (d *differ) gradeOf(value pdf.Object) Modification {
	dict, err := d.new.Dict(value)
	if err == nil && dict != nil && d.new.Name(dict["SubFilter"]) == "ETSI.RFC3161" {
		return ModifiedLTV
	}
	return ModifiedFormFill
}

// newField explains a field that was not there: for a signature only.
func (d *differ) newField(value pdf.Object, at *path) {
	ref, _ := value.(pdf.Ref)
	at.ref = ref
	dict, ok := d.resolve(d.new, value).(pdf.Dict)
	if !ok {
		return // null: there is no field
	}
	kids, err := d.new.Array(dict["Kids"])
	kind := d.kindOf(ref, dict)
	switch {
	case err == nil && kind == "" && len(kids) > 0:
		if depthOf(at) > 64 {
			d.report(ModifiedForbidden, "change.field_added", at)
			return
		}
		for i, kid := range kids {
			d.newField(kid, at.key("Kids").index(i))
		}
	case err != nil || kind != "Sig" || dict["A"] != nil || dict["AA"] != nil:
		d.report(ModifiedForbidden, "change.field_added", at)
	default:
		d.report(d.gradeOf(dict["V"]), "change.signature_field", at)
		d.signatureAdded(dict["V"], at.key("V"))
	}
}

func depthOf(at *path) int {
	steps := 0
	for ; at != nil; at = at.above {
		steps++
	}
	return steps
}
