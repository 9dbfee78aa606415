package pdf

import (
	"encoding/binary"
	"encoding/hex"
	"maps"
	"math"
	"slices"
	"strconv"
	"unicode/utf16"
)

// Append writes object in PDF syntax at the end of dst. Dictionary keys come in sorted order, so the same object always
// gives the same bytes. Only streams that carry their own Data can be written.
func Append(dst []byte, object Object) []byte {
	w := writer{buf: dst}
	w.object(object)
	return w.buf
}

// Text encodes a text for a person as a PDF text string: ASCII as it is, everything else as UTF-16BE with its mark.
func Text(text string) String {
	ascii := true
	for _, r := range text {
		ascii = ascii && r >= ' ' && r < 0x7f
	}
	if ascii {
		return String(text)
	}
	out := []byte{0xfe, 0xff}
	for _, unit := range utf16.Encode([]rune(text)) {
		out = binary.BigEndian.AppendUint16(out, unit)
	}
	return out
}

// writer serialises objects and remembers where the holes of a signature came to lie; nothing is ever searched for.
type writer struct {
	buf      []byte
	ranges   int // offset of the first blank of the byte range; 0: none yet
	contents int // offset of the < of the signature value
	end      int // offset after its >
}

// usualTail is how many bytes a revision has beside the signature value, most often.
const usualTail = 2 << 10

// byteRange and contents are the two holes of a signature dictionary.
type (
	byteRange struct{}
	contents  struct{ room int } // bytes of the value, before hexadecimal
)

// rangeDigits is the width of each number of a byte range: more than any file offset needs (pyHanko's ran full at
// 100,000,000).
const rangeDigits = 20

func (w *writer) object(object Object) {
	switch o := object.(type) {
	case nil:
		w.buf = append(w.buf, "null"...)
	case bool:
		w.buf = strconv.AppendBool(w.buf, o)
	case int64:
		w.buf = strconv.AppendInt(w.buf, o, 10)
	case int:
		w.buf = strconv.AppendInt(w.buf, int64(o), 10)
	case float64:
		w.buf = appendReal(w.buf, o)
	case Name:
		w.buf = appendName(w.buf, o)
	case String:
		w.buf = appendString(w.buf, o)
	case Ref:
		w.buf = strconv.AppendInt(w.buf, int64(o.Number), 10)
		w.buf = append(w.buf, ' ')
		w.buf = strconv.AppendInt(w.buf, int64(o.Generation), 10)
		w.buf = append(w.buf, " R"...)
	case Array:
		w.array(o)
	case Dict:
		w.dict(o)
	case *Stream:
		w.stream(o)
	case byteRange, contents:
		w.hole(o)
	}
}

func (w *writer) array(array Array) {
	w.buf = append(w.buf, '[')
	for i, element := range array {
		if i > 0 {
			w.buf = append(w.buf, ' ')
		}
		w.object(element)
	}
	w.buf = append(w.buf, ']')
}

func (w *writer) dict(dict Dict) {
	w.buf = append(w.buf, "<<"...)
	var room [16]Name // most dictionaries need no memory of their own
	keys := room[:0]
	for key := range dict {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		w.buf = appendName(w.buf, key)
		w.buf = append(w.buf, ' ')
		w.object(dict[key])
		w.buf = append(w.buf, '\n')
	}
	w.buf = append(w.buf, ">>"...)
}

func (w *writer) stream(stream *Stream) {
	dict := maps.Clone(stream.Dict)
	if dict == nil {
		dict = Dict{}
	}
	dict["Length"] = int64(len(stream.Data))
	w.dict(dict)
	w.buf = append(w.buf, "\nstream\n"...)
	w.buf = append(w.buf, stream.Data...)
	w.buf = append(w.buf, "\nendstream"...)
}

func (w *writer) hole(hole Object) {
	if value, ok := hole.(contents); ok {
		w.contents = len(w.buf)
		w.buf = append(w.buf, '<')
		w.blank('0', 2*value.room)
		w.buf = append(w.buf, '>')
		w.end = len(w.buf)
		return
	}
	w.buf = append(w.buf, "[0"...)
	w.ranges = len(w.buf)
	w.blank(' ', 3*(1+rangeDigits))
	w.buf = append(w.buf, ']')
}

// blank writes a byte so often, at least once.
func (w *writer) blank(with byte, count int) {
	start := len(w.buf)
	w.buf = append(slices.Grow(w.buf, count), with)[:start+count]
	for done := 1; done < count; done *= 2 {
		copy(w.buf[start+done:], w.buf[start:start+done])
	}
}

// indirect writes an indirect object and returns where it begins.
func (w *writer) indirect(ref Ref, object Object) int {
	at := len(w.buf)
	w.buf = strconv.AppendInt(w.buf, int64(ref.Number), 10)
	w.buf = append(w.buf, ' ')
	w.buf = strconv.AppendInt(w.buf, int64(ref.Generation), 10)
	w.buf = append(w.buf, " obj\n"...)
	w.object(object)
	w.buf = append(w.buf, "\nendobj\n"...)
	return at
}

// appendReal writes no exponent, which PDF does not have, and every digit that was read: a page that is written again
// must not differ in value.
func appendReal(dst []byte, value float64) []byte {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return append(dst, '0')
	}
	return strconv.AppendFloat(dst, value, 'f', -1, 64)
}

func appendName(dst []byte, name Name) []byte {
	dst = append(dst, '/')
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c >= 0x7f || escapedInName(c) || c == '#' {
			dst = append(dst, '#')
			dst = hex.AppendEncode(dst, []byte{c})
			continue
		}
		dst = append(dst, name[i])
	}
	return dst
}

func escapedInName(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

// appendString writes ASCII as a literal and everything else in hexadecimal, which no transport damages.
func appendString(dst []byte, text String) []byte {
	for _, c := range text {
		if c < ' ' || c >= 0x7f {
			dst = append(dst, '<')
			dst = hex.AppendEncode(dst, text)
			return append(dst, '>')
		}
	}
	dst = append(dst, '(')
	for _, c := range text {
		if c == '(' || c == ')' || c == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, c)
	}
	return append(dst, ')')
}
