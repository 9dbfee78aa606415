package pdf

import (
	"fmt"
	"slices"
)

// SignatureDict is a signature dictionary with the field that holds it. One that cannot be read has Err set and what
// could be read.
type SignatureDict struct {
	Field      string // full name of the field
	FieldRef   Ref
	FieldDict  Dict
	ValueRef   Ref // zero when the dictionary stands in the field itself
	Dict       Dict
	Type       Name
	Filter     Name
	SubFilter  Name
	ByteRange  []int64 // as written: any count, any sign
	Contents   []byte  // decoded, with its padding
	ContentsAt int64   // of the '<' of the hexadecimal string in the file; -1 when it does not stand there
	ContentsTo int64   // after its '>'
	M          string  // claimed time as written, such as D:20260102030405+07'00'
	Reason     string
	Location   string
	Name       string
	Contact    string
	References []Transform
	Lock       *Lock // of the field, or nil
	Build      Dict  // /Prop_Build, or nil
	Err        error
}

// Transform is a signature reference: which changes the signer allows (ISO 32000-1, 12.8.2).
type Transform struct {
	Method Name // DocMDP, FieldMDP, UR3 …
	P      int  // of DocMDP: 1, 2 or 3; 2 when absent
	Lock   Lock // of FieldMDP
	Params Dict
}

// Lock says which fields must not change once the signature is there.
type Lock struct {
	Action Name // All, Include or Exclude
	Fields []string
	P      int // permission that the lock adds for the whole document (PDF 2.0); 0 when absent
}

// Locks says whether the lock holds for the field with this full name or a field above it.
func (l Lock) Locks(field string) bool {
	listed := slices.ContainsFunc(l.Fields, func(name string) bool {
		return name == field || len(field) > len(name) && field[:len(name)] == name && field[len(name)] == '.'
	})
	switch string(l.Action) {
	case "All":
		return true
	case "Include":
		return listed
	case "Exclude":
		return !listed
	}
	return false
}

// Certification is the DocMDP permission 1, 2 or 3 that the signature gives, 0 when it is no certification signature.
func (s SignatureDict) Certification() int {
	for _, reference := range s.References {
		if reference.Method == "DocMDP" {
			return reference.P
		}
	}
	return 0
}

// Signatures are the signature fields with a value, in the order of the form. None is left out: one that cannot be read
// has Err set.
func (d *Document) Signatures() (signatures []SignatureDict, err error) {
	defer caught(&err)
	if d.signed != nil {
		return slices.Clone(d.signed), nil
	}
	fields, err := d.Fields()
	if err != nil {
		return nil, err
	}
	for _, field := range fields {
		if field.Err != nil && (field.Type == "" || field.Type == "Sig") || field.Value != nil && d.signs(field) {
			signatures = append(signatures, d.signature(field))
		}
	}
	d.signed = slices.Clone(signatures)
	return signatures, nil
}

// signs says whether a field holds a signature: by its type, or, when it has none, by its value.
func (d *Document) signs(field Field) bool {
	if field.Type != "" {
		return field.Type == "Sig"
	}
	value, err := d.Dict(field.Value)
	return err == nil && value["ByteRange"] != nil
}

func (d *Document) signature(field Field) SignatureDict {
	s := SignatureDict{
		Field: field.Name, FieldRef: field.Ref, FieldDict: field.Dict, ContentsAt: -1, ContentsTo: -1, Err: field.Err,
	}
	if s.Err != nil {
		return s
	}
	s.ValueRef, _ = field.Value.(Ref)
	if s.Dict, s.Err = d.Dict(field.Value); s.Err != nil {
		return s
	}
	if s.Dict == nil {
		s.Err = fmt.Errorf("no dictionary: %w", ErrSignatureDict)
		return s
	}
	d.describe(&s)
	s.Err = d.fill(&s)
	return s
}

func (d *Document) describe(s *SignatureDict) {
	s.Type, s.Filter, s.SubFilter = d.Name(s.Dict["Type"]), d.Name(s.Dict["Filter"]), d.Name(s.Dict["SubFilter"])
	s.M = string(d.Text(s.Dict["M"]))
	s.Reason, s.Location = d.Text(s.Dict["Reason"]).Text(), d.Text(s.Dict["Location"]).Text()
	s.Name, s.Contact = d.Text(s.Dict["Name"]).Text(), d.Text(s.Dict["ContactInfo"]).Text()
	s.Build, _ = d.Dict(s.Dict["Prop_Build"])
}

// decisive are the keys about which there must be no two opinions.
var decisive = []Name{"ByteRange", "Contents", "SubFilter", "Filter", "Cert", "Reference", "V"}

// fill reads what the judgement of the signature rests on.
func (d *Document) fill(s *SignatureDict) error {
	ranges, err := d.Array(s.Dict["ByteRange"])
	if err != nil {
		return fmt.Errorf("/ByteRange: %w", err)
	}
	if ranges == nil {
		return fmt.Errorf("no /ByteRange: %w", ErrSignatureDict)
	}
	if s.ByteRange, err = d.resolvedIntegers(ranges); err != nil {
		return fmt.Errorf("/ByteRange: %w", err)
	}
	contents := d.Text(s.Dict["Contents"])
	if contents == nil {
		return fmt.Errorf("no /Contents: %w", ErrSignatureDict)
	}
	s.Contents = contents
	if err := d.locateContents(s); err != nil {
		return err
	}
	if s.References, err = d.transforms(s.Dict["Reference"]); err != nil {
		return fmt.Errorf("/Reference: %w", err)
	}
	if s.Lock, err = d.lock(s.FieldDict["Lock"]); err != nil {
		return fmt.Errorf("/Lock: %w", err)
	}
	for _, key := range d.Ambiguous(s.holder()) {
		if slices.Contains(decisive, key) {
			return fmt.Errorf("/%s comes twice: %w", key, ErrSignatureDict)
		}
	}
	return nil
}

func (d *Document) resolvedIntegers(values Array) ([]int64, error) {
	resolved := make(Array, len(values))
	for i, value := range values {
		var err error
		if resolved[i], err = d.resolve(value); err != nil {
			return nil, err
		}
	}
	return integers(resolved)
}

// holder is the indirect object in which the dictionary stands.
func (s SignatureDict) holder() Ref {
	if s.ValueRef != (Ref{}) {
		return s.ValueRef
	}
	return s.FieldRef
}

// locateContents finds the bytes of /Contents in the file. In an object stream they cannot be left out of a byte range:
// ContentsAt stays -1.
func (d *Document) locateContents(s *SignatureDict) error {
	path := []Name{"Contents"}
	if s.ValueRef == (Ref{}) {
		path = []Name{"V", "Contents"}
	}
	start, end, err := d.place(s.holder(), path)
	if err != nil || start < 0 {
		return err
	}
	if first, ok := d.parserAt(start).peek(); !ok || first != '<' {
		return nil // a literal string, or a reference
	}
	s.ContentsAt, s.ContentsTo = start, end
	return nil
}

// place finds the bytes of a value inside an object that stands in the file itself; -1 when there are none.
func (d *Document) place(ref Ref, path []Name) (start, end int64, err error) {
	entry, _, ok := d.lookup(ref.Number)
	if !ok || entry.Kind != FileEntry {
		return -1, -1, nil
	}
	if known, ok := d.read.find(entry.Offset, d.size); ok && len(path) == 1 && known.contents.end > 0 {
		return known.contents.start, known.contents.end, nil // noted when the signature was read
	}
	p := d.parserAt(entry.Offset)
	p.trace = &trace{start: -1, end: -1}
	if _, ok := p.header(); !ok {
		return -1, -1, p.xrefDamaged("no object")
	}
	if _, err := p.value(0, path); err != nil {
		return -1, -1, err
	}
	return p.trace.start, p.trace.end, nil
}

func (d *Document) transforms(value Object) ([]Transform, error) {
	references, err := d.Array(value)
	if err != nil {
		return nil, err
	}
	transforms := make([]Transform, len(references))
	for i, reference := range references {
		if transforms[i], err = d.transform(reference); err != nil {
			return nil, err
		}
	}
	return transforms, nil
}

func (d *Document) transform(value Object) (Transform, error) {
	reference, err := d.Dict(value)
	if err != nil {
		return Transform{}, err
	}
	params, err := d.Dict(reference["TransformParams"])
	if err != nil {
		return Transform{}, err
	}
	transform := Transform{Method: d.Name(reference["TransformMethod"]), Params: params}
	if transform.Method == "DocMDP" {
		transform.P = 2
		if p, ok := d.Integer(params["P"]); ok {
			transform.P = int(p)
		}
	}
	if transform.Method == "FieldMDP" {
		lock, err := d.lock(params)
		if err != nil || lock == nil {
			return transform, err
		}
		transform.Lock = *lock
	}
	return transform, nil
}

func (d *Document) lock(value Object) (*Lock, error) {
	dict, err := d.Dict(value)
	if err != nil || dict == nil {
		return nil, err
	}
	lock := &Lock{Action: d.Name(dict["Action"])}
	if p, ok := d.Integer(dict["P"]); ok {
		lock.P = int(p)
	}
	fields, err := d.Array(dict["Fields"])
	if err != nil {
		return nil, err
	}
	for _, field := range fields {
		lock.Fields = append(lock.Fields, d.Text(field).Text())
	}
	return lock, nil
}
