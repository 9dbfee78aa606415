package pdf

import (
	"encoding/binary"
	"maps"
	"slices"
)

// Flags of a composite glyph's component (OpenType, glyf table).
const (
	wordArguments   = 0x0001
	hasScale        = 0x0008
	moreComponents  = 0x0020
	hasTwoScales    = 0x0040
	hasTwoByTwo     = 0x0080
	hasInstructions = 0x0100
)

// subset writes a TrueType font program with just the collected glyphs, numbered as in the subset and without hinting.
// It may collect more: the parts of composite letters (ế is e, circumflex and acute).
func (t *typeface) subset() []byte {
	var glyf, loca, hmtx []byte
	for cid := 0; cid < len(t.gids); cid++ { // grows while parts are found
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf))) //nolint:gosec // kilobytes
		glyf = append(glyf, t.bare(t.font.outline(t.gids[cid]))...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
		hmtx = append(hmtx, t.metric(t.gids[cid])...)
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf))) //nolint:gosec // kilobytes

	head := slices.Clone(t.font.tables["head"])
	binary.BigEndian.PutUint32(head[8:], 0)
	binary.BigEndian.PutUint16(head[50:], 1) // long loca
	hhea := slices.Clone(t.font.tables["hhea"])
	binary.BigEndian.PutUint16(hhea[34:], uint16(len(t.gids))) //nolint:gosec // see show
	maxp := slices.Clone(t.font.tables["maxp"])
	binary.BigEndian.PutUint16(maxp[4:], uint16(len(t.gids))) //nolint:gosec // see show

	return fontFile(map[string][]byte{
		"glyf": glyf, "loca": loca, "hmtx": hmtx, "head": head, "hhea": hhea, "maxp": maxp,
	})
}

// metric is the advance and left side bearing of a glyph.
func (t *typeface) metric(gid uint16) []byte {
	hmtx, long := t.font.tables["hmtx"], t.font.metrics
	if int(gid) < long {
		return hmtx[4*int(gid) : 4*int(gid)+4]
	}
	out := binary.BigEndian.AppendUint16(nil, be16(hmtx, 4*(long-1)))
	return binary.BigEndian.AppendUint16(out, be16(hmtx, 4*long+2*(int(gid)-long)))
}

// bare copies a glyph without its instructions, components renumbered.
func (t *typeface) bare(outline []byte) []byte {
	if len(outline) < 10 {
		return nil
	}
	contours := int(int16(be16(outline, 0))) //nolint:gosec // signed in the file
	if contours < 0 {
		return t.bareComposite(outline)
	}
	lengthAt := 10 + 2*contours
	rest := lengthAt + 2 + int(be16(outline, lengthAt))
	if rest > len(outline) {
		return nil
	}
	out := slices.Clone(outline[:lengthAt])
	return append(append(out, 0, 0), outline[rest:]...)
}

func (t *typeface) bareComposite(outline []byte) []byte {
	out := slices.Clone(outline[:10])
	for at := 10; at+4 <= len(outline); {
		flags := be16(outline, at)
		size := componentSize(flags)
		if at+size > len(outline) {
			return nil
		}
		out = binary.BigEndian.AppendUint16(out, flags&^hasInstructions)
		out = binary.BigEndian.AppendUint16(out, t.place(be16(outline, at+2)))
		out = append(out, outline[at+4:at+size]...)
		at += size
		if flags&moreComponents == 0 {
			break
		}
	}
	return out
}

func componentSize(flags uint16) int {
	size := 6
	if flags&wordArguments != 0 {
		size = 8
	}
	switch {
	case flags&hasScale != 0:
		size += 2
	case flags&hasTwoScales != 0:
		size += 4
	case flags&hasTwoByTwo != 0:
		size += 8
	}
	return size
}

// fontFile assembles tables into a font program with the checksums of the OpenType specification.
func fontFile(tables map[string][]byte) []byte {
	tags := slices.Sorted(maps.Keys(tables))
	count := uint16(len(tags)) //nolint:gosec // six
	power, shift := uint16(1), uint16(0)
	for power*2 <= count {
		power, shift = power*2, shift+1
	}
	out := []byte{0, 1, 0, 0}
	for _, v := range []uint16{count, power * 16, shift, (count - power) * 16} {
		out = binary.BigEndian.AppendUint16(out, v)
	}
	offset := len(out) + 16*len(tags)
	var body []byte
	head := 0
	for _, tag := range tags {
		if tag == "head" {
			head = offset + len(body)
		}
		out = append(out, tag...)
		out = binary.BigEndian.AppendUint32(out, checksum(tables[tag]))
		out = binary.BigEndian.AppendUint32(out, uint32(offset+len(body))) //nolint:gosec // kilobytes
		out = binary.BigEndian.AppendUint32(out, uint32(len(tables[tag]))) //nolint:gosec // kilobytes
		body = append(body, tables[tag]...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	out = append(out, body...)
	binary.BigEndian.PutUint32(out[head+8:], 0xB1B0AFBA-checksum(out))
	return out
}

func checksum(table []byte) uint32 {
	var sum uint32
	for at := 0; at < len(table); at += 4 {
		var word [4]byte
		copy(word[:], table[at:])
		sum += binary.BigEndian.Uint32(word[:])
	}
	return sum
}
