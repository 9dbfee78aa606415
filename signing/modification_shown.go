package signing

import (
	"bytes"

	"congvan/signing/pdf"
)

// replaced notes the appearance that a field no longer has. When something else still leads to it, its being
// replaced is not explained by the form: what looks like one thing is two.
func (d *differ) replaced(e entry) {
	if !d.differs(e.old, e.new) {
		return
	}
	for _, ref := range d.appearances(d.old, e.old) {
		d.given[ref] = true
	}
}

// appearances are the objects of an appearance dictionary: itself, its states, its streams.
func (d *differ) appearances(doc *pdf.Document, value pdf.Object) []pdf.Ref {
	var refs []pdf.Ref
	level := []pdf.Object{value}
	for range 3 {
		var next []pdf.Object
		for _, value := range level {
			if ref, ok := value.(pdf.Ref); ok {
				refs = append(refs, ref)
			}
			if dict, ok := d.resolve(doc, value).(pdf.Dict); ok {
				for _, key := range keysOf(dict, nil) {
					next = append(next, dict[key])
				}
			}
		}
		level = next
	}
	return refs
}

// shows is the text in the streams of an appearance, as its strings follow each other; fonts are not asked.
func (d *differ) shows(doc *pdf.Document, value pdf.Object) string {
	var text bytes.Buffer
	for _, ref := range d.appearances(doc, value) {
		stream, ok := d.resolve(doc, ref).(*pdf.Stream)
		if !ok {
			continue
		}
		data, err := doc.Decode(stream)
		if err != nil {
			text.WriteString(pdf.Code(err))
			continue
		}
		for _, part := range pdf.Strings(data) {
			text.Write(part)
		}
		text.WriteByte('\n')
	}
	return text.String()
}
