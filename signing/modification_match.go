package signing

import "congvan/signing/pdf"

// matched are the elements of two arrays of objects, counterparts together.
type matched struct {
	both, added, removed []element
	reordered            bool
}

type element struct {
	old, new pdf.Object
	index    int // in the new array, or in the old one when it has been removed
}

// matchArrays finds the counterparts in two values that should be arrays.
func (d *differ) matchArrays(e entry) (matched, bool) {
	old, errOld := d.old.Array(e.old)
	new, errNew := d.new.Array(e.new)
	if errOld != nil || errNew != nil {
		d.report(ModifiedForbidden, codeOf(e.at), e.at)
		return matched{}, false
	}
	return d.match(old, new), true
}

// match finds the counterparts in two arrays: the same reference, or, among values that stand in the array itself, an
// equal one in the same order.
func (d *differ) match(old, new pdf.Array) matched {
	var m matched
	waiting := map[pdf.Ref][]int{} // places in the old array that have no counterpart yet
	for i, value := range old {
		ref, _ := value.(pdf.Ref)
		waiting[ref] = append(waiting[ref], i)
	}
	last := -1
	for i, value := range new {
		ref, isRef := value.(pdf.Ref)
		places := waiting[ref]
		if len(places) == 0 || !isRef && !pdf.Equal(old[places[0]], value) {
			m.added = append(m.added, element{nil, value, i})
			continue
		}
		waiting[ref] = places[1:]
		m.both = append(m.both, element{old[places[0]], value, i})
		m.reordered = m.reordered || places[0] < last
		last = places[0]
	}
	for _, places := range waiting {
		for _, i := range places {
			if d.resolve(d.old, old[i]) != nil {
				m.removed = append(m.removed, element{old[i], nil, i})
			}
		}
	}
	return m
}
