package pdf

import (
	"errors"
	"fmt"
)

// Form is the interactive form of a document (/AcroForm).
type Form struct {
	Ref  Ref // zero when the dictionary stands in the catalog itself
	Dict Dict
}

// FieldWidget is a field as shown on a page.
type FieldWidget struct {
	Ref  Ref
	Dict Dict
	Page Ref // as the widget itself says (/P); zero when it does not
}

// Field is a field of the form that has no fields below it.
type Field struct {
	Ref     Ref
	Dict    Dict
	Parent  Ref    // zero at the top
	Name    string // full name: partial names joined by full stops
	Partial string
	Type    Name // Tx, Btn, Ch or Sig; inherited
	Flags   int  // inherited
	Value   Object
	Widgets []FieldWidget // the field itself when it is also its only widget
	Depth   int           // 0 at the top
	Err     error         // why it cannot be read; then it may be of any type, also a signature
}

// Form is the form of the document; its Dict is nil when the document has none.
func (d *Document) Form() (Form, error) {
	catalog, err := d.Catalog()
	if err != nil {
		return Form{}, err
	}
	ref, _ := catalog["AcroForm"].(Ref)
	dict, err := d.Dict(catalog["AcroForm"])
	if err != nil {
		return Form{}, broken(err, "form")
	}
	return Form{ref, dict}, nil
}

// Fields are the fields of the form, flattened, in the order of the tree. A field that is met twice in the tree counts
// once.
func (d *Document) Fields() (fields []Field, err error) {
	defer caught(&err)
	if d.fields != nil {
		return d.fields.list, d.fields.err
	}
	d.fields = &formFields{doc: d, seen: map[Ref]bool{}}
	d.fields.err = d.fields.walk()
	return d.fields.list, d.fields.err
}

type formFields struct {
	doc  *Document
	seen map[Ref]bool
	list []Field
	err  error
}

func (f *formFields) walk() error {
	form, err := f.doc.Form()
	if err != nil || form.Dict == nil {
		return err
	}
	roots, err := f.doc.Array(form.Dict["Fields"])
	if err != nil {
		return broken(err, "/Fields")
	}
	for _, root := range roots {
		if err := f.node(root, Field{Depth: -1}); err != nil {
			return err
		}
	}
	return nil
}

func (f *formFields) node(value Object, above Field) error {
	ref, _ := value.(Ref)
	if ref != (Ref{}) {
		if f.seen[ref] {
			return nil
		}
		f.seen[ref] = true
	}
	if above.Depth >= f.doc.limits.Depth || len(f.list) > f.doc.limits.Entries {
		return fmt.Errorf("field tree: %w", ErrTooComplex)
	}
	here := above
	here.Ref, here.Parent, here.Dict, here.Depth = ref, above.Ref, nil, above.Depth+1
	dict, err := f.doc.Dict(value)
	if err != nil {
		return f.lost(here, err)
	}
	if dict == nil {
		return nil
	}
	here = f.inherit(above, ref, dict)
	kids, err := f.doc.Array(dict["Kids"])
	if err != nil {
		return f.lost(here, err)
	}
	return f.below(here, kids)
}

// lost keeps a field that cannot be read, unless nothing more can be read at all.
func (f *formFields) lost(field Field, err error) error {
	err = broken(err, fmt.Sprintf("field %d", field.Ref.Number))
	if errors.Is(err, ErrTooComplex) || errors.Is(err, ErrEncrypted) || Code(err) == "" {
		return err
	}
	field.Err = err
	f.list = append(f.list, field)
	return nil
}

// broken wraps an error with what was being read.
func broken(err error, what string) error {
	if errors.Is(err, ErrDamagedObject) {
		return fmt.Errorf("%s: %w: %w", what, ErrDamagedForm, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// inherit puts a field's own entries over those from above (ISO 32000-1, 12.7.3).
func (f *formFields) inherit(above Field, ref Ref, dict Dict) Field {
	here := above
	here.Ref, here.Parent, here.Dict, here.Depth, here.Widgets = ref, above.Ref, dict, above.Depth+1, nil
	here.Partial = ""
	if partial := f.doc.Text(dict["T"]); partial != nil {
		here.Partial = partial.Text()
		if here.Name != "" {
			here.Name += "."
		}
		here.Name += here.Partial
	}
	if kind := f.doc.Name(dict["FT"]); kind != "" {
		here.Type = kind
	}
	if flags, ok := f.doc.Integer(dict["Ff"]); ok {
		here.Flags = int(flags)
	}
	if dict["V"] != nil {
		here.Value = dict["V"]
	}
	return here
}

// below tells the fields under a field from its widgets.
func (f *formFields) below(here Field, kids Array) error {
	hasFields := false
	for _, kid := range kids {
		ref, _ := kid.(Ref)
		dict, err := f.doc.Dict(kid)
		switch {
		case err != nil:
			err = f.lost(Field{Ref: ref, Parent: here.Ref, Name: here.Name, Type: here.Type, Depth: here.Depth + 1}, err)
			hasFields = true
		case isField(dict):
			err = f.node(kid, here)
			hasFields = true
		case dict != nil:
			here.Widgets = append(here.Widgets, widget(ref, dict))
		}
		if err != nil {
			return err
		}
	}
	if hasFields && len(here.Widgets) == 0 {
		return nil
	}
	if len(here.Widgets) == 0 && (here.Dict["Subtype"] != nil || here.Dict["Rect"] != nil) {
		here.Widgets = []FieldWidget{widget(here.Ref, here.Dict)}
	}
	f.list = append(f.list, here)
	return nil
}

// isField tells a kid that is a field of its own, which has a name or a type, from a widget.
func isField(dict Dict) bool {
	return dict["T"] != nil || dict["FT"] != nil && dict["Subtype"] != Name("Widget")
}

func widget(ref Ref, dict Dict) FieldWidget {
	page, _ := dict["P"].(Ref)
	return FieldWidget{ref, dict, page}
}
