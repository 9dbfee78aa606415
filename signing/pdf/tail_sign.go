package pdf

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// SignatureSpec says which signature a new revision is to hold.
type SignatureSpec struct {
	Field   string            // an empty signature field, or the name of a new one; empty: the next free "SignatureN"
	Values  Dict              // of the signature dictionary, such as SubFilter, M, Name; the rest is made here
	Certify int               // 1, 2, 3: a certification signature with that DocMDP permission; 0: an approval
	Lock    []string          // fields that must not change once the signature is there
	Fill    map[string]string // text fields to fill in the same revision
	Widget  *Widget           // what is seen; nil: nothing new. A field that is already on a page keeps its place
	Room    int               // bytes reserved for the signature value
	Digest  string            // of the signature, such as SHA256, for fields that demand one
	Stamped bool              // the value will hold a time stamp, for fields that demand one
}

// The flags of a widget: it is printed, and nobody may move it by accident (ISO 32000-1, 12.5.3).
const widgetFlags = 4 | 128

// SignatureTail makes the revision that holds an empty place for a signature, and says in which field it is. The same
// document and spec always give the same bytes. It refuses, with the faults of this package, what earlier signatures
// forbid and what would damage the document.
func SignatureTail(doc *Document, spec SignatureSpec) (tail Tail, field string, err error) {
	defer caught(&err)
	u, err := newUpdate(doc)
	if err != nil {
		return Tail{}, "", err
	}
	rules, err := rulesOf(doc)
	if err != nil {
		return Tail{}, "", err
	}
	target, err := u.target(spec, rules)
	if err != nil {
		return Tail{}, "", err
	}
	if spec, err = target.obey(u, spec); err != nil {
		return Tail{}, "", err
	}
	if err := rules.permit(spec, target); err != nil {
		return Tail{}, "", err
	}
	if err := u.fillFields(spec.Fill, rules); err != nil {
		return Tail{}, "", err
	}
	if err := u.place(spec, target); err != nil {
		return Tail{}, "", err
	}
	tail, err = u.build()
	return tail, target.name, err
}

// target is the field that will be signed; its Field is empty when it has to be made.
type target struct {
	name string
	old  *Field
}

func (u *update) target(spec SignatureSpec, rules rules) (target, error) {
	fields, err := u.doc.Fields()
	if err != nil {
		return target{}, err
	}
	if spec.Field == "" {
		return target{name: freeName(fields)}, nil
	}
	for i, field := range fields {
		if field.Name != spec.Field {
			continue
		}
		switch {
		case field.Type != "Sig":
			return target{}, fmt.Errorf("%q: %w", field.Name, ErrFieldKind)
		case rules.signed[field.Name]:
			return target{}, fmt.Errorf("%q: %w", field.Name, ErrFieldSigned)
		case field.Ref == (Ref{}):
			return target{}, fmt.Errorf("%q is no object of its own: %w", field.Name, ErrDamagedForm)
		}
		return target{name: field.Name, old: &fields[i]}, nil
	}
	return target{name: spec.Field}, checkNewName(spec.Field, fields)
}

// checkNewName refuses names that would make the new field a child or a parent of another.
func checkNewName(name string, fields []Field) error {
	for _, field := range fields {
		if strings.HasPrefix(field.Name, name+".") {
			return fmt.Errorf("%q: %w", name, ErrFieldName)
		}
	}
	if strings.ContainsAny(name, ".\x00") || len(name) > 127 {
		return fmt.Errorf("%q: %w", name, ErrFieldName)
	}
	return nil
}

func freeName(fields []Field) string {
	for n := 1; ; n++ {
		name := fmt.Sprintf("Signature%d", n)
		taken := func(f Field) bool { return f.Name == name || strings.HasPrefix(f.Name, name+".") }
		if !slices.ContainsFunc(fields, taken) {
			return name
		}
	}
}

// place writes the signature dictionary and its field into the revision.
func (u *update) place(spec SignatureSpec, target target) error {
	u.room = spec.Room
	value := Dict{"ByteRange": byteRange{}, "Contents": contents{spec.Room}}
	maps.Copy(value, spec.Values)
	lock, err := target.lock(u, spec)
	if err != nil {
		return err
	}
	if references := u.references(spec.Certify, lock); len(references) > 0 {
		value["Reference"] = references
	}
	signature := u.add(value)
	u.value = signature
	if spec.Certify > 0 {
		perms, err := u.editEntry(u.doc.Root(), "Perms")
		if err != nil {
			return err
		}
		perms["DocMDP"] = signature
	}
	if err := u.announce(); err != nil {
		return err
	}
	if target.old != nil {
		return u.signField(spec, target.old, signature)
	}
	return u.newField(spec, target.name, signature, lock)
}

// announce sets the flags SignaturesExist and AppendOnly (ISO 32000-1, Table 219), when they are not set already.
func (u *update) announce() error {
	const flags = 3
	form, err := u.doc.Form()
	if err != nil {
		return err
	}
	old, _ := u.doc.Integer(form.Dict["SigFlags"])
	if old&flags == flags {
		return nil
	}
	dict, err := u.form()
	if err != nil {
		return err
	}
	dict["SigFlags"] = old | flags
	return nil
}

// form is the form dictionary, for changing.
func (u *update) form() (Dict, error) {
	form, err := u.editEntry(u.doc.Root(), "AcroForm")
	if err != nil {
		return nil, err
	}
	if form["Fields"] == nil {
		form["Fields"] = Array{}
	}
	return form, nil
}

// addField puts a new field into the form.
func (u *update) addField(field Ref) error {
	form, err := u.doc.Form()
	if err != nil {
		return err
	}
	if list, ok := form.Dict["Fields"].(Ref); ok {
		if old, err := u.array(list); err != nil {
			return err
		} else if old != nil {
			u.set(list, append(slices.Clone(old), field))
			return nil
		}
	}
	dict, err := u.form()
	if err != nil {
		return err
	}
	old, err := u.array(dict["Fields"])
	if err != nil {
		return err
	}
	dict["Fields"] = append(slices.Clone(old), field)
	return nil
}

// newField makes a field that is its own widget. One that shows nothing has an empty place and an empty appearance,
// which PDF/A wants all the same.
func (u *update) newField(spec SignatureSpec, name string, signature Ref, lock Dict) error {
	widget := Widget{}
	if spec.Widget != nil {
		widget = *spec.Widget
	}
	on, err := u.page(widget.Page)
	if err != nil {
		return err
	}
	field := Dict{
		"FT": Name("Sig"), "T": Text(name), "V": signature,
		"Type": Name("Annot"), "Subtype": Name("Widget"), "F": int64(widgetFlags), "P": on.ref,
		"Rect": Array{int64(0), int64(0), int64(0), int64(0)},
	}
	if lock != nil {
		field["Lock"] = u.add(lock)
	}
	if spec.Widget != nil {
		rect, appearance, err := u.drawWidget(on, widget)
		if err != nil {
			return err
		}
		field["Rect"], field["AP"] = rect, Dict{"N": appearance}
	} else {
		field["AP"] = Dict{"N": u.add(emptyForm())}
	}
	ref := u.add(field)
	if err := u.addField(ref); err != nil {
		return err
	}
	return u.annotate(on, ref)
}

func emptyForm() *Stream {
	return &Stream{Offset: -1, Dict: Dict{
		"Type": Name("XObject"), "Subtype": Name("Form"),
		"BBox": Array{int64(0), int64(0), int64(0), int64(0)}, "Resources": Dict{},
	}}
}

// signField puts the value into an existing field and draws into the place that its widget has.
func (u *update) signField(spec SignatureSpec, old *Field, signature Ref) error {
	field, err := u.edit(old.Ref)
	if err != nil {
		return err
	}
	field["V"] = signature
	if spec.Widget == nil || len(old.Widgets) == 0 {
		return nil
	}
	widget := old.Widgets[0]
	corners, err := u.array(widget.Dict["Rect"])
	if err != nil {
		return err
	}
	in, ok := u.box(corners)
	if !ok || widget.Ref == (Ref{}) {
		return nil // the field is meant to be invisible
	}
	on, err := u.pageOf(widget)
	if err != nil {
		return err
	}
	appearance, err := u.drawInto(on, *spec.Widget, in)
	if err != nil {
		return err
	}
	dict, err := u.edit(widget.Ref)
	if err != nil {
		return err
	}
	dict["AP"] = Dict{"N": appearance}
	delete(dict, "AS")
	return nil
}
