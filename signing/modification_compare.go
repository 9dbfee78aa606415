package signing

import (
	"bytes"
	"errors"
	"io"
	"slices"

	"congvan/signing/pdf"
)

// stepCost is what comparing two values costs of the work that a document may cause.
const stepCost = 48

// values compares two values that are no references.
func (d *differ) values(old, new pdf.Object, as role, at *path) {
	if err := d.new.Spend(stepCost); err != nil {
		d.fail(err)
	}
	if d.err != nil {
		return
	}
	oldDict, oldIs := old.(pdf.Dict)
	newDict, newIs := new.(pdf.Dict)
	if oldIs && newIs {
		d.dicts(oldDict, newDict, as, at)
		return
	}
	switch old := old.(type) {
	case pdf.Array:
		if new, ok := new.(pdf.Array); ok && len(old) == len(new) {
			for i := range old {
				d.compare(old[i], new[i], as, at.index(i))
			}
			return
		}
	case *pdf.Stream:
		if new, ok := new.(*pdf.Stream); ok {
			d.streams(old, new, at)
			return
		}
	default:
		if equal(old, new) {
			return
		}
	}
	d.report(ModifiedForbidden, codeOf(at), at)
}

// equal compares two values; what cannot be read is equal to what cannot be read for the same reason.
func equal(old, new pdf.Object) bool {
	if was, ok := old.(unreadable); ok {
		is, ok := new.(unreadable)
		return ok && was == is
	}
	return pdf.Equal(old, new)
}

// streams compares two streams: first the dictionaries, then the bytes, as they are or decoded.
func (d *differ) streams(old, new *pdf.Stream, at *path) {
	same := old.Offset == new.Offset && old.Length == new.Length || d.sameRaw(old, new)
	written := []pdf.Name{"Length"}
	if !same {
		written = append(written, "Filter", "DecodeParms", "DL")
		same = d.sameDecoded(old, new)
	}
	if !same {
		d.report(ModifiedForbidden, codeOf(at), at)
		return
	}
	for _, key := range keysOf(old.Dict, new.Dict) {
		if !slices.Contains(written, key) {
			d.compare(old.Dict[key], new.Dict[key], plain, at.key(key))
		}
	}
}

func (d *differ) sameRaw(old, new *pdf.Stream) bool {
	if old.Length != new.Length {
		return false
	}
	a, b := d.old.RawStream(old), d.new.RawStream(new)
	var bufferA, bufferB [16 << 10]byte
	for {
		n, errA := io.ReadFull(a, bufferA[:])
		m, errB := io.ReadFull(b, bufferB[:])
		if n != m || !bytes.Equal(bufferA[:n], bufferB[:m]) {
			return false
		}
		if errA != nil || errB != nil {
			return ended(errA) && ended(errB)
		}
	}
}

func ended(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

func (d *differ) sameDecoded(old, new *pdf.Stream) bool {
	a, errA := d.old.Decode(old)
	b, errB := d.new.Decode(new)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

func keysOf(a, b pdf.Dict) []pdf.Name {
	keys := make([]pdf.Name, 0, len(a))
	for key := range a {
		keys = append(keys, key)
	}
	for key := range b {
		if _, both := a[key]; !both {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// differs says whether anything that two values lead to differs. What belongs to pages, fields and the like does not
// count: it is compared by itself.
func (d *differ) differs(old, new pdf.Object) bool {
	if old == nil && new == nil {
		return false
	}
	probe := &differ{
		old: d.old, new: d.new, seen: map[numbers]uint16{}, same: d.same, probe: true,
		oldFields: d.oldFields, newFields: d.newFields,
	}
	probe.compare(old, new, plain, &path{})
	for probe.err == nil && len(probe.changes) == 0 && len(probe.later) > 0 {
		next := probe.later[len(probe.later)-1]
		probe.later = probe.later[:len(probe.later)-1]
		probe.objects(next)
	}
	if probe.err != nil {
		d.fail(probe.err)
	}
	if len(probe.changes) > 0 {
		return true
	}
	for key := range probe.seen {
		d.same[key] = true
	}
	return false
}
