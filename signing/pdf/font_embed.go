package pdf

import (
	"bytes"
	"crypto/sha256"
	"fmt"
)

// embedded gives the collected glyphs as a font: Type0 over a TrueType subset, every code a glyph of the subset, with
// the ToUnicode map by which text is searched and copied, and the CIDSet that PDF/A-1 demands of subsets.
func (t *typeface) embedded(u *update) Dict {
	program := t.subset() // first: it may collect more glyphs
	name := t.subsetName(program)
	file := u.add(u.deflated(Dict{"Length1": int64(len(program))}, program))
	descriptor := u.add(Dict{
		"Type": Name("FontDescriptor"), "FontName": name, "Flags": int64(4 + 2), // symbolic, serif
		"FontBBox": t.boundingBox(), "ItalicAngle": int64(0),
		"Ascent": t.thousandths(t.font.ascent), "Descent": t.thousandths(t.font.descent),
		"CapHeight": t.thousandths(t.font.ascent), "StemV": int64(80),
		"FontFile2": file, "CIDSet": u.add(u.deflated(Dict{}, t.characterSet())),
	})
	widths := make(Array, 0, len(t.gids))
	for _, gid := range t.gids {
		widths = append(widths, rounded(t.font.width(gid)))
	}
	descendant := u.add(Dict{
		"Type": Name("Font"), "Subtype": Name("CIDFontType2"), "BaseFont": name,
		"CIDSystemInfo":  Dict{"Registry": String("Adobe"), "Ordering": String("Identity"), "Supplement": int64(0)},
		"FontDescriptor": descriptor, "CIDToGIDMap": Name("Identity"),
		"DW": int64(1000), "W": Array{int64(0), widths},
	})
	return Dict{
		"Type": Name("Font"), "Subtype": Name("Type0"), "BaseFont": name, "Encoding": Name("Identity-H"),
		"DescendantFonts": Array{descendant}, "ToUnicode": u.add(u.deflated(Dict{}, t.toUnicode())),
	}
}

// subsetName begins with six letters that differ from subset to subset (ISO 32000-1, 9.6.4).
func (*typeface) subsetName(program []byte) Name {
	sum := sha256.Sum256(program)
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + sum[i]%26
	}
	return Name(string(tag) + "+LiberationSerif")
}

func (t *typeface) boundingBox() Array {
	box := Array{}
	for _, v := range t.font.box {
		box = append(box, t.thousandths(v))
	}
	return box
}

func (t *typeface) thousandths(units int) Object {
	return rounded(float64(units) * 1000 / float64(t.font.unitsPerEm))
}

// characterSet has one bit for each character identifier of the subset, the first in the highest bit.
func (t *typeface) characterSet() []byte {
	set := make([]byte, (len(t.gids)+7)/8)
	for cid := range t.gids {
		set[cid/8] |= 0x80 >> (cid % 8)
	}
	return set
}

func (t *typeface) toUnicode() []byte {
	var out bytes.Buffer
	out.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	var lines []string
	for cid, r := range t.runes {
		if r != 0 {
			lines = append(lines, fmt.Sprintf("<%04X> <%04X>\n", cid, r))
		}
	}
	const most = 100 // in one section of a CMap
	for len(lines) > 0 {
		n := min(most, len(lines))
		fmt.Fprintf(&out, "%d beginbfchar\n", n)
		for _, line := range lines[:n] {
			out.WriteString(line)
		}
		out.WriteString("endbfchar\n")
		lines = lines[n:]
	}
	out.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return out.Bytes()
}

// rounded keeps generated numbers short; it is never used on what a document already holds.
func rounded(value float64) Object {
	hundredths := int64(value*100 + 0.5)
	if value < 0 {
		hundredths = int64(value*100 - 0.5)
	}
	if hundredths%100 == 0 {
		return hundredths / 100
	}
	return float64(hundredths) / 100
}
