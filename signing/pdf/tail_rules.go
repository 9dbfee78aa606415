package pdf

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// rules are what the signatures in a document allow to be added.
type rules struct {
	signed     map[string]bool // by full name of the field
	permission int             // the strictest DocMDP permission; 0: none was given
	locks      []Lock
}

// rulesOf reads them. A signature that cannot be read may forbid anything, so the document is refused.
func rulesOf(doc *Document) (rules, error) {
	found := rules{signed: map[string]bool{}}
	signatures, err := doc.Signatures()
	if err != nil {
		return rules{}, err
	}
	for _, s := range signatures {
		if s.Err != nil && s.Dict == nil && errors.Is(s.Err, ErrSignatureDict) {
			continue // a field whose value is null is an empty field
		}
		if s.Err != nil {
			return rules{}, fmt.Errorf("signature in %q: %w", s.Field, s.Err)
		}
		found.signed[s.Field] = true
		found.add(s.References)
		if s.Lock != nil {
			found.lock(*s.Lock)
		}
	}
	return found, found.addCertification(doc)
}

// addCertification follows /Perms, which may name a signature that no field shows.
func (r *rules) addCertification(doc *Document) error {
	catalog, err := doc.Catalog()
	if err != nil {
		return err
	}
	perms, err := doc.Dict(catalog["Perms"])
	if err != nil {
		return err
	}
	certification, err := doc.Dict(perms["DocMDP"])
	if err != nil {
		return err
	}
	transforms, err := doc.transforms(certification["Reference"])
	if err != nil {
		return err
	}
	r.add(transforms)
	return nil
}

func (r *rules) add(transforms []Transform) {
	for _, transform := range transforms {
		if transform.Method == "DocMDP" {
			r.restrict(transform.P)
		}
		if transform.Method == "FieldMDP" {
			r.lock(transform.Lock)
		}
	}
}

func (r *rules) lock(lock Lock) {
	if lock.Action != "" {
		r.locks = append(r.locks, lock)
	}
	r.restrict(lock.P)
}

func (r *rules) restrict(permission int) {
	if permission > 0 && (r.permission == 0 || permission < r.permission) {
		r.permission = permission
	}
}

// permit says whether the signature may be added. Document time stamps are exempt from certification and locks
// (ISO 32000-2, 12.8.2.2 and 12.8.5), except that they cannot use a locked field.
func (r *rules) permit(spec SignatureSpec, target target) error {
	stamp := spec.Values["Type"] == Name("DocTimeStamp")
	switch {
	case spec.Certify < 0 || spec.Certify > 3:
		return fmt.Errorf("permission %d: %w", spec.Certify, ErrCertified)
	case spec.Certify > 0 && len(r.signed) > 0:
		return ErrCertifyNotFirst
	case r.permission == 1 && !stamp:
		return ErrCertified
	case r.locked(target.name) && (target.old != nil || !stamp):
		return fmt.Errorf("%q: %w", target.name, ErrFieldLocked)
	}
	return nil
}

func (r *rules) locked(field string) bool {
	return slices.ContainsFunc(r.locks, func(l Lock) bool { return l.Locks(field) })
}

// lock is what the new signature locks: what its field says already, and the fields that were ordered or filled.
func (t target) lock(u *update, spec SignatureSpec) (Dict, error) {
	names := map[string]bool{}
	for _, name := range spec.Lock {
		names[name] = true
	}
	for name := range spec.Fill {
		names[name] = true
	}
	lock := Dict{"Type": Name("SigFieldLock"), "Action": Name("Include")}
	if t.old != nil {
		written, err := u.dict(t.old.Dict["Lock"])
		if err != nil {
			return nil, err
		}
		if written != nil {
			lock = maps.Clone(written)
		}
	}
	if lock["Action"] != Name("Include") {
		return lock, nil
	}
	listed, err := u.array(lock["Fields"])
	if err != nil {
		return nil, err
	}
	for _, field := range listed {
		names[u.doc.Text(field).Text()] = true
	}
	if len(names) == 0 {
		return nil, nil
	}
	fields := Array{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		fields = append(fields, Text(name))
	}
	lock["Fields"] = fields
	return lock, nil
}

// references are the promises written into the signature (ISO 32000-1, Table 253).
func (u *update) references(certify int, lock Dict) Array {
	var references Array
	reference := func(method Name, params Dict) Dict {
		params["Type"], params["V"] = Name("TransformParams"), Name("1.2")
		return Dict{"Type": Name("SigRef"), "TransformMethod": method, "TransformParams": params}
	}
	if certify > 0 {
		references = append(references, reference("DocMDP", Dict{"P": int64(certify)}))
	}
	if lock != nil {
		params := Dict{"Action": lock["Action"]}
		if lock["Fields"] != nil {
			params["Fields"] = lock["Fields"]
		}
		fields := reference("FieldMDP", params)
		fields["Data"] = u.doc.Root()
		references = append(references, fields)
	}
	return references
}
