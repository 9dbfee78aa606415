package signing

import (
	"slices"

	"congvan/signing/pdf"
)

// entry is one key of two dictionaries that are counterparts.
type entry struct {
	key      pdf.Name
	old, new pdf.Object
	at       *path
}

// free explains a change that does no harm, with its grade.
func (d *differ) free(e entry, grade Modification, code string) {
	if d.differs(e.old, e.new) {
		d.report(grade, code, e.at)
	}
}

// rewritten are the keys of a trailer that only say how it is written.
var rewritten = []pdf.Name{
	"Size", "Prev", "XRefStm", "ID", "Type", "W", "Index", "Filter", "DecodeParms", "Length", "DL", "DocChecksum",
}

// trailers compares the trailers, from which everything else is reached.
func (d *differ) trailers() {
	old, new := d.old.Trailer(), d.new.Trailer()
	for _, key := range keysOf(old, new) {
		e := entry{key, old[key], new[key], (*path)(nil).key(key)}
		switch {
		case slices.Contains(rewritten, key):
		case key == "Root":
			d.compare(e.old, e.new, catalog, e.at)
		case key == "Info":
			d.free(e, ModifiedLTV, "change.information")
		default:
			d.compare(e.old, e.new, plain, e.at)
		}
	}
}

// dicts compares two dictionaries key by key, by the rules of their role.
func (d *differ) dicts(old, new pdf.Dict, as role, at *path) {
	if as == note {
		d.free(entry{"", old, new, at}, ModifiedAnnotation, "change.annotation")
		return
	}
	for _, key := range keysOf(old, new) {
		e := entry{key, old[key], new[key], at.key(key)}
		switch as {
		case catalog:
			d.catalogEntry(e)
		case pageTree:
			d.pageEntry(e, new)
		case form:
			d.formEntry(e)
		case field:
			d.fieldEntry(e, old, new, at)
		case signature:
			d.signatureEntry(e)
		case structure:
			d.structureEntry(e)
		case plain, note:
			d.compare(e.old, e.new, plain, e.at)
		}
	}
}

func (d *differ) catalogEntry(e entry) {
	switch e.key {
	case "Pages":
		d.compare(e.old, e.new, pageTree, e.at)
	case "AcroForm":
		d.formItself(e)
	case "DSS":
		d.free(e, ModifiedLTV, "change.evidence")
	case "Metadata":
		d.free(e, ModifiedLTV, "change.metadata")
	case "Extensions":
		d.free(e, ModifiedLTV, "change.extensions")
	case "Version":
		if d.old.Name(e.old) <= d.new.Name(e.new) {
			d.free(e, ModifiedLTV, "change.version")
			return
		}
		d.compare(e.old, e.new, plain, e.at)
	case "Names":
		d.names(e)
	case "StructTreeRoot":
		d.compare(e.old, e.new, structure, e.at)
	default:
		d.compare(e.old, e.new, plain, e.at)
	}
}

// names compares the name dictionary; named appearances belong to annotations.
func (d *differ) names(e entry) {
	old, errOld := d.old.Dict(e.old)
	new, errNew := d.new.Dict(e.new)
	if errOld != nil || errNew != nil {
		d.compare(e.old, e.new, plain, e.at)
		return
	}
	for _, key := range keysOf(old, new) {
		named := entry{key, old[key], new[key], e.at.key(key)}
		if key == "AP" {
			d.free(named, ModifiedAnnotation, "change.annotation")
			continue
		}
		d.compare(named.old, named.new, plain, named.at)
	}
}

// signatureEntry compares signature dictionaries. They may link back to the catalog, which is compared by itself.
func (d *differ) signatureEntry(e entry) {
	if e.key == "Reference" {
		d.references(e)
		return
	}
	d.compare(e.old, e.new, plain, e.at)
}

func (d *differ) references(e entry) {
	old, errOld := d.old.Array(e.old)
	new, errNew := d.new.Array(e.new)
	if errOld != nil || errNew != nil || len(old) != len(new) {
		d.report(ModifiedForbidden, "change.signature_value", e.at)
		return
	}
	for i := range old {
		was, errWas := d.old.Dict(old[i])
		is, errIs := d.new.Dict(new[i])
		if errWas != nil || errIs != nil {
			d.report(ModifiedForbidden, "change.signature_value", e.at)
			return
		}
		for _, key := range keysOf(was, is) {
			if key == "Data" && was[key] == pdf.Object(d.old.Root()) && is[key] == pdf.Object(d.new.Root()) {
				continue
			}
			d.compare(was[key], is[key], plain, e.at.index(i).key(key))
		}
	}
}

// codes tells what a part of the document is by the keys that lead to it. The first that fits counts.
var codes = []struct{ key, code string }{
	{"JavaScript", "change.javascript"},
	{"JS", "change.javascript"},
	{"AA", "change.action"},
	{"OpenAction", "change.action"},
	{"XFA", "change.xfa"},
	{"V", "change.signature_value"},
	{"OCProperties", "change.layers"},
	{"EmbeddedFiles", "change.attachment"},
	{"AF", "change.attachment"},
	{"Contents", "change.page_content"},
	{"Font", "change.font"},
	{"Resources", "change.page_resources"},
	{"StructTreeRoot", "change.structure"},
	{"Perms", "change.permissions"},
	{"AcroForm", "change.form"},
	{"Annots", "change.form"},
	{"Outlines", "change.outline"},
	{"Pages", "change.pages"},
	{"Encrypt", "change.encryption"},
}

// codeOf names a change that no rule explains.
func codeOf(at *path) string {
	labels := at.labels()
	for _, known := range codes {
		if slices.Contains(labels, known.key) {
			return known.code
		}
	}
	return "change.object"
}
