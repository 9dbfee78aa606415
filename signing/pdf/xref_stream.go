package pdf

import (
	"fmt"
	"math"
)

// readXRefStream reads a cross-reference stream (ISO 32000-1, 7.5.8).
func (d *Document) readXRefStream(section *Section) error {
	found, err := d.readIndirect(section.Offset, directLength)
	if err != nil {
		return fmt.Errorf("section at %d: %w", section.Offset, ErrDamagedXRef)
	}
	stream, ok := found.object.(*Stream)
	if !ok || stream.Dict["Type"] != Name("XRef") {
		return fmt.Errorf("no section at %d: %w", section.Offset, ErrDamagedXRef)
	}
	section.Trailer, section.End = stream.Dict, found.end
	layout, err := d.xrefLayout(stream.Dict)
	if err != nil {
		return err
	}
	data, err := d.decode(stream)
	if err != nil {
		return fmt.Errorf("section at %d: %w", section.Offset, err)
	}
	return d.readXRefRows(section, layout, data)
}

// xrefLayout is how the rows of a cross-reference stream are laid out.
type xrefLayout struct {
	widths [3]int
	index  []int64 // first number and count, by turns
	rows   int64
}

func (l xrefLayout) width() int { return l.widths[0] + l.widths[1] + l.widths[2] }

func (d *Document) xrefLayout(dict Dict) (xrefLayout, error) {
	var layout xrefLayout
	widths, ok := dict["W"].(Array)
	if !ok || len(widths) < 3 {
		return layout, fmt.Errorf("/W: %w", ErrDamagedXRef)
	}
	for i := range layout.widths {
		width, ok := widths[i].(int64)
		if !ok || width < 0 || width > 8 {
			return layout, fmt.Errorf("/W: %w", ErrDamagedXRef)
		}
		layout.widths[i] = int(width)
	}
	size, ok := dict["Size"].(int64)
	if !ok || size < 0 || layout.width() == 0 {
		return layout, fmt.Errorf("/Size or /W: %w", ErrDamagedXRef)
	}
	layout.index = []int64{0, size}
	if given, ok := dict["Index"].(Array); ok {
		var err error
		if layout.index, err = integers(given); err != nil || len(given)%2 != 0 {
			return layout, fmt.Errorf("/Index: %w", ErrDamagedXRef)
		}
	}
	return layout, layout.count(d.limits)
}

func (l *xrefLayout) count(limits *Limits) error {
	for i := 0; i+1 < len(l.index); i += 2 {
		first, count := l.index[i], l.index[i+1]
		if first < 0 || count < 0 {
			return fmt.Errorf("/Index: %w", ErrDamagedXRef)
		}
		if first > int64(limits.Objects) || count > int64(limits.Objects)-first {
			return fmt.Errorf("%d objects from %d: %w", count, first, ErrTooComplex)
		}
		if l.rows += count; l.rows > int64(limits.Entries) {
			return fmt.Errorf("more than %d entries: %w", limits.Entries, ErrTooComplex)
		}
	}
	return nil
}

func (d *Document) readXRefRows(section *Section, layout xrefLayout, data []byte) error {
	if int64(len(data)) < layout.rows*int64(layout.width()) {
		return fmt.Errorf("section at %d has too few rows: %w", section.Offset, ErrDamagedXRef)
	}
	section.Entries = make([]Entry, 0, layout.rows)
	for i := 0; i+1 < len(layout.index); i += 2 {
		for number := layout.index[i]; number < layout.index[i]+layout.index[i+1]; number++ {
			section.Entries = append(section.Entries, xrefRow(number, data, layout.widths, d.limits))
			data = data[layout.width():]
		}
	}
	return nil
}

// xrefRow reads one row; rows of unknown types are references to null (ISO 32000-1, Table 18).
func xrefRow(number int64, data []byte, widths [3]int, limits *Limits) Entry {
	var fields [3]int64
	for i, width := range widths {
		for _, b := range data[:width] {
			if fields[i] > math.MaxInt64>>8 {
				return newEntry(FreeEntry, number, 0)
			}
			fields[i] = fields[i]<<8 | int64(b)
		}
		data = data[width:]
	}
	if widths[0] == 0 {
		fields[0] = 1
	}
	switch {
	case fields[0] == 1:
		entry := newEntry(FileEntry, number, fields[2])
		entry.Offset = fields[1]
		return entry
	case fields[0] == 2 && fields[1] < int64(limits.Objects) && fields[2] < 1<<indexBits:
		return containedEntry(number, fields[1], fields[2])
	default:
		return newEntry(FreeEntry, number, fields[2])
	}
}

// integers reads an array that holds integers only.
func integers(values Array) ([]int64, error) {
	numbers := make([]int64, 0, len(values))
	for _, value := range values {
		number, ok := value.(int64)
		if !ok {
			return nil, fmt.Errorf("array of integers: %w", ErrDamagedObject)
		}
		numbers = append(numbers, number)
	}
	return numbers, nil
}
