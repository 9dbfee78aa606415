package pdf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/go-fonts/liberation/liberationserifregular"
	"golang.org/x/text/unicode/norm"
)

// serif is Liberation Serif (SIL Open Font Licence): the metrics of Times New Roman, which Decree 30/2020 prescribes,
// and every Vietnamese letter.
var serif = sync.OnceValues(func() (*trueType, error) { return parseTrueType(liberationserifregular.TTF) })

// trueType is what a subset needs of a TrueType font.
type trueType struct {
	tables     map[string][]byte
	glyphs     int
	unitsPerEm int
	longLoca   bool
	metrics    int // number of hMetrics in hmtx
	ascent     int
	descent    int
	box        [4]int
	glyphOf    map[rune]uint16
}

var errFont = errors.New("malformed TrueType font")

func parseTrueType(data []byte) (*trueType, error) {
	font := &trueType{tables: map[string][]byte{}}
	count := int(be16(data, 4))
	for i := range count {
		record := 12 + 16*i
		if len(data) < record+16 {
			return nil, errFont
		}
		start, length := int(be32(data, record+8)), int(be32(data, record+12))
		if start < 0 || length < 0 || start+length > len(data) {
			return nil, errFont
		}
		font.tables[string(data[record:record+4])] = data[start : start+length]
	}
	head, hhea := font.tables["head"], font.tables["hhea"]
	if len(head) < 54 || len(hhea) < 36 || len(font.tables["maxp"]) < 6 {
		return nil, errFont
	}
	font.glyphs = int(be16(font.tables["maxp"], 4))
	font.unitsPerEm = int(be16(head, 18))
	font.longLoca = be16(head, 50) == 1
	font.metrics = int(be16(hhea, 34))
	font.ascent, font.descent = int(int16(be16(hhea, 4))), int(int16(be16(hhea, 6))) //nolint:gosec // signed in the file
	for i := range font.box {
		font.box[i] = int(int16(be16(head, 36+2*i))) //nolint:gosec // signed in the file
	}
	font.glyphOf = characterMap(font.tables["cmap"])
	if font.unitsPerEm == 0 || font.metrics == 0 || len(font.glyphOf) == 0 {
		return nil, errFont
	}
	return font, nil
}

// characterMap reads the Unicode subtable of format 4, which covers the basic plane.
func characterMap(cmap []byte) map[rune]uint16 {
	mapping := map[rune]uint16{}
	for i := range int(be16(cmap, 2)) {
		offset := int(be32(cmap, 4+8*i+4))
		if be16(cmap, 4+8*i) != 3 || be16(cmap, 4+8*i+2) != 1 || be16(cmap, offset) != 4 {
			continue
		}
		table := cmap[offset:]
		segments := int(be16(table, 6)) / 2
		for s := range segments {
			readSegment(mapping, table, s, segments)
		}
	}
	return mapping
}

func readSegment(mapping map[rune]uint16, table []byte, s, segments int) {
	last, first := be16(table, 14+2*s), be16(table, 16+2*segments+2*s)
	delta := be16(table, 16+4*segments+2*s)
	where := 16 + 6*segments + 2*s
	jump := int(be16(table, where))
	for c := first; c <= last && c != 0xffff; c++ {
		glyph := c
		if jump != 0 {
			glyph = be16(table, where+jump+2*int(c-first))
		}
		if glyph != 0 || jump == 0 {
			glyph += delta
		}
		if glyph != 0 {
			mapping[rune(c)] = glyph
		}
	}
}

// width is the advance of a glyph in thousandths of the font size.
func (f *trueType) width(glyph uint16) float64 {
	index := min(int(glyph), f.metrics-1)
	return float64(be16(f.tables["hmtx"], 4*index)) * 1000 / float64(f.unitsPerEm)
}

// textWidth is the width of text in thousandths of the font size; text must be covered.
func (f *trueType) textWidth(text string) float64 {
	total := 0.0
	for _, r := range text {
		total += f.width(f.glyphOf[r])
	}
	return total
}

// outline is the glyf entry of a glyph.
func (f *trueType) outline(glyph uint16) []byte {
	loca, glyf := f.tables["loca"], f.tables["glyf"]
	var start, end int
	if f.longLoca {
		start, end = int(be32(loca, 4*int(glyph))), int(be32(loca, 4*int(glyph)+4))
	} else {
		start, end = 2*int(be16(loca, 2*int(glyph))), 2*int(be16(loca, 2*int(glyph)+2))
	}
	if start >= end || end > len(glyf) {
		return nil
	}
	return glyf[start:end]
}

// A typeface collects the glyphs that a revision needs and gives each a character identifier: its place in the subset.
type typeface struct {
	font  *trueType
	cids  map[rune]uint16
	runes []rune   // of each cid, 0 for .notdef and parts of composites
	gids  []uint16 // of each cid
}

func newTypeface() (*typeface, error) {
	font, err := serif()
	if err != nil {
		return nil, err
	}
	return &typeface{font: font, cids: map[rune]uint16{}, runes: []rune{0}, gids: []uint16{0}}, nil
}

// covered brings text into the form that the font covers (NFC, tabs as spaces) or says which character it lacks.
// PDF/A forbids the missing-glyph box, and a name with a hole in it must not be signed.
func (t *typeface) covered(text string) (string, error) {
	out := []rune(norm.NFC.String(text))
	for i, r := range out {
		if r == '\t' || r == '\u00a0' {
			out[i] = ' '
		}
		if t.font.glyphOf[out[i]] == 0 {
			return "", fmt.Errorf("%U in %q: %w", r, text, ErrFontLacks)
		}
	}
	return string(out), nil
}

// show gives the codes of a covered text and keeps its glyphs for the subset.
func (t *typeface) show(text string) String {
	var codes []byte
	for _, r := range text {
		cid, known := t.cids[r]
		if !known {
			cid = uint16(len(t.gids)) //nolint:gosec // fewer than the 65,536 glyphs of a font
			t.cids[r] = cid
			t.gids = append(t.gids, t.font.glyphOf[r])
			t.runes = append(t.runes, r)
		}
		codes = binary.BigEndian.AppendUint16(codes, cid)
	}
	return codes
}

func (t *typeface) place(gid uint16) uint16 {
	if at := slices.Index(t.gids, gid); at >= 0 {
		return uint16(at) //nolint:gosec // see show
	}
	t.gids = append(t.gids, gid)
	t.runes = append(t.runes, 0)
	return uint16(len(t.gids) - 1) //nolint:gosec // see show
}

// be16 and be32 read zero behind the end, which every caller's checks then refuse.
func be16(data []byte, at int) uint16 {
	if at < 0 || at+2 > len(data) {
		return 0
	}
	return binary.BigEndian.Uint16(data[at:])
}

func be32(data []byte, at int) uint32 {
	if at < 0 || at+4 > len(data) {
		return 0
	}
	return binary.BigEndian.Uint32(data[at:])
}
