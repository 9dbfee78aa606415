package pdf

import (
	"fmt"
	"slices"
)

// The flags that make a seed value binding (ISO 32000-1, Table 234; the last two ISO 32000-2, Table 237).
const (
	seedFilter = 1 << iota
	seedSubFilter
	seedVersion
	seedReasons
	seedLegal
	seedRevocation
	seedDigest
	seedLockDocument
	seedAppearance
)

// seedKnown is the version of seed values that is known here, that of PDF 1.7.
const seedKnown = 2

// obey checks the order against the seed values that the author of an existing field put there, and follows the one
// that decides between approval and certification.
func (t target) obey(u *update, spec SignatureSpec) (SignatureSpec, error) {
	if t.old == nil {
		return spec, nil
	}
	seed, err := u.dict(t.old.Dict["SV"])
	if err != nil || seed == nil {
		return spec, err
	}
	flags, _ := u.doc.Integer(seed["Ff"])
	if flags&(seedLegal|seedRevocation|seedLockDocument|seedAppearance) != 0 {
		return spec, fmt.Errorf("attestation, revocation archive, lock or appearance: %w", ErrSeedValue)
	}
	if needed, _ := u.doc.Number(seed["V"]); flags&seedVersion != 0 && needed > seedKnown {
		return spec, fmt.Errorf("/V %v: %w", needed, ErrSeedValue)
	}
	for _, demand := range []struct {
		flag  int64
		key   Name
		value Object
	}{
		{seedFilter, "Filter", spec.Values["Filter"]},
		{seedSubFilter, "SubFilter", spec.Values["SubFilter"]},
		{seedReasons, "Reasons", spec.Values["Reason"]},
		{seedDigest, "DigestMethod", String(spec.Digest)},
	} {
		if flags&demand.flag != 0 && !u.among(seed[demand.key], demand.value) {
			return spec, fmt.Errorf("/%s: %w", demand.key, ErrSeedValue)
		}
	}
	if seed["Cert"] != nil {
		if err := u.obeyCertificate(seed["Cert"]); err != nil {
			return spec, err
		}
	}
	if err := u.obeyTimestamp(seed["TimeStamp"], spec); err != nil {
		return spec, err
	}
	return u.obeyPermission(seed, spec)
}

// among says whether the value is the one allowed or one of the list.
func (u *update) among(allowed Object, value Object) bool {
	object, err := u.resolve(allowed)
	if err != nil {
		return false
	}
	list, ok := object.(Array)
	if !ok {
		list = Array{object}
	}
	return slices.ContainsFunc(list, func(one Object) bool {
		one, _ = u.resolve(one)
		switch one := one.(type) {
		case String:
			given, _ := value.(String)
			return one.Text() == given.Text()
		case Name:
			return one == value
		}
		return false
	})
}

// obeyCertificate refuses binding demands on the certificate: this package knows none.
func (u *update) obeyCertificate(value Object) error {
	certificate, err := u.dict(value)
	if err != nil {
		return err
	}
	if flags, _ := u.doc.Integer(certificate["Ff"]); flags != 0 {
		return fmt.Errorf("demands on the certificate: %w", ErrSeedValue)
	}
	return nil
}

// obeyTimestamp wants a time stamp where the field demands one; of which authority is for the order to say.
func (u *update) obeyTimestamp(value Object, spec SignatureSpec) error {
	stamp, err := u.dict(value)
	if err != nil {
		return err
	}
	if flags, _ := u.doc.Integer(stamp["Ff"]); flags != 0 && !spec.Stamped {
		return fmt.Errorf("/TimeStamp: %w", ErrSeedValue)
	}
	return nil
}

// obeyPermission reads /MDP: 0 wants an approval, 1 to 3 a certification with that permission.
func (u *update) obeyPermission(seed Dict, spec SignatureSpec) (SignatureSpec, error) {
	mdp, err := u.dict(seed["MDP"])
	if err != nil || mdp == nil {
		return spec, err
	}
	permission, ok := u.doc.Integer(mdp["P"])
	if !ok || permission < 0 || permission > 3 || spec.Certify > 0 && int64(spec.Certify) != permission {
		return spec, fmt.Errorf("/MDP: %w", ErrSeedValue)
	}
	spec.Certify = int(permission)
	return spec, nil
}
