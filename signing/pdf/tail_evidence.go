package pdf

import (
	"crypto/sha256"
	"slices"
)

// EvidenceTail makes the revision that adds certificates, OCSP responses and CRLs, as DER, to the document security
// store (ETSI EN 319 142-1, 5.4.2). What the store holds already is not added again; when nothing is new it returns
// ErrNothingToExtend. Certification does not forbid it (ISO 32000-2, 12.8.4.3).
func EvidenceTail(doc *Document, certs, ocsps, crls [][]byte) (tail Tail, err error) {
	defer caught(&err)
	u, err := newUpdate(doc)
	if err != nil {
		return Tail{}, err
	}
	stored, err := doc.DSS()
	if err != nil {
		return Tail{}, err
	}
	lists := []struct {
		key       Name
		have, all [][]byte
	}{
		{"Certs", stored.Certs, certs}, {"OCSPs", stored.OCSPs, ocsps}, {"CRLs", stored.CRLs, crls},
	}
	for _, list := range lists {
		fresh := notIn(list.have, list.all)
		if len(fresh) == 0 {
			continue
		}
		if err := u.store(list.key, fresh); err != nil {
			return Tail{}, err
		}
	}
	if len(u.objects) == 0 {
		return Tail{}, ErrNothingToExtend
	}
	return u.build()
}

func notIn(have, all [][]byte) [][]byte {
	seen := map[[32]byte]bool{}
	for _, value := range have {
		seen[sha256.Sum256(value)] = true
	}
	var fresh [][]byte
	for _, value := range all {
		if sum := sha256.Sum256(value); !seen[sum] {
			seen[sum] = true
			fresh = append(fresh, value)
		}
	}
	return fresh
}

func (u *update) store(key Name, values [][]byte) error {
	store, err := u.editEntry(u.doc.Root(), "DSS")
	if err != nil {
		return err
	}
	if len(store) == 0 {
		store["Type"] = Name("DSS")
	}
	old, err := u.array(store[key])
	if err != nil {
		return err
	}
	list := slices.Clone(old)
	for _, value := range values {
		list = append(list, u.add(u.deflated(Dict{}, value)))
	}
	if ref, ok := store[key].(Ref); ok && old != nil {
		u.set(ref, list)
		return nil
	}
	store[key] = list
	return nil
}
