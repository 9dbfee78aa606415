package pdf

import "fmt"

// TextField is an empty text field that is prepared on a page before the first signature, so that a number or a date
// can be filled in later: certification permissions 2 and 3, and signatures without any, allow that and nothing else.
type TextField struct {
	Name          string
	Label         string // what a reader is told the field is for
	Page          int    // 1 is the first page; -1 the last; 0 means 1
	X, Y          float64
	Width, Height float64 // millimetres from the page's lower left corner as displayed
	FontSize      float64 // points; 0: up to 12, what fits
	Align         int     // 0 left, 1 centred, 2 right
	MaxLength     int     // characters; 0: any number
}

// FieldsTail makes the revision that adds empty text fields. It refuses a document that is signed already
// (ErrAlreadySigned): after a signature new fields are a change that nobody has to accept.
func FieldsTail(doc *Document, fields []TextField) (tail Tail, err error) {
	defer caught(&err)
	u, err := newUpdate(doc)
	if err != nil {
		return Tail{}, err
	}
	rules, err := rulesOf(doc)
	if err != nil {
		return Tail{}, err
	}
	switch {
	case len(rules.signed) > 0 || rules.permission > 0:
		return Tail{}, ErrAlreadySigned
	case len(fields) == 0:
		return Tail{}, ErrNothingToExtend
	}
	present, err := doc.Fields()
	if err != nil {
		return Tail{}, err
	}
	for _, field := range fields {
		for _, other := range present {
			if other.Name == field.Name {
				return Tail{}, fmt.Errorf("%q is there already: %w", field.Name, ErrFieldName)
			}
		}
		if err := checkNewName(field.Name, present); err != nil {
			return Tail{}, err
		}
		if err := u.prepare(field); err != nil {
			return Tail{}, fmt.Errorf("prepare %q: %w", field.Name, err)
		}
		present = append(present, Field{Name: field.Name})
	}
	return u.build()
}

// preparedFont is what interactive readers type with; what the gateway fills in carries its own font.
const preparedFont = "TiRo"

func (u *update) prepare(field TextField) error {
	on, err := u.page(field.Page)
	if err != nil {
		return err
	}
	place, err := on.place(Widget{X: field.X, Y: field.Y, Width: field.Width, Height: field.Height})
	if err != nil {
		return err
	}
	if err := u.offerFont(); err != nil {
		return err
	}
	dict := Dict{
		"FT": Name("Tx"), "T": Text(field.Name), "V": String(""), "Q": int64(field.Align),
		"DA":   String(fmt.Sprintf("/%s %s Tf 0 g", preparedFont, decimal(field.FontSize/on.unit))),
		"Type": Name("Annot"), "Subtype": Name("Widget"), "F": int64(4), "P": on.ref, "Rect": on.rect(place),
		"AP": Dict{"N": u.add(&Stream{Offset: -1, Data: []byte("/Tx BMC\nEMC\n"), Dict: Dict{
			"Type": Name("XObject"), "Subtype": Name("Form"), "Resources": Dict{},
			"BBox": Array{int64(0), int64(0), rounded(place.w), rounded(place.h)},
		}})},
	}
	if on.rotate != 0 {
		dict["MK"] = Dict{"R": int64(on.rotate)}
	}
	if field.Label != "" {
		dict["TU"] = Text(field.Label)
	}
	if field.MaxLength > 0 {
		dict["MaxLen"] = int64(field.MaxLength)
	}
	ref := u.add(dict)
	if err := u.addField(ref); err != nil {
		return err
	}
	return u.annotate(on, ref)
}

// offerFont puts the font of prepared fields among the form's resources, beside whatever is there.
func (u *update) offerFont() error {
	form, err := u.form()
	if err != nil {
		return err
	}
	resources, err := u.cloned(form["DR"])
	if err != nil {
		return err
	}
	fonts, err := u.cloned(resources["Font"])
	if err != nil {
		return err
	}
	if fonts[preparedFont] != nil {
		return nil
	}
	fonts[preparedFont] = u.add(Dict{
		"Type": Name("Font"), "Subtype": Name("Type1"), "BaseFont": Name("Times-Roman"),
		"Encoding": Name("WinAnsiEncoding"),
	})
	resources["Font"] = fonts
	form["DR"] = resources
	return nil
}

// cloned is a dictionary for changing, empty when there was none.
func (u *update) cloned(value Object) (Dict, error) {
	dict, err := u.dict(value)
	if err != nil {
		return nil, err
	}
	out := Dict{}
	for key, entry := range dict {
		out[key] = entry
	}
	return out, nil
}
