package pdf

import "fmt"

// container is an object stream that has been decoded (ISO 32000-1, 7.5.7).
type container struct {
	data    []byte
	first   int
	numbers []int
	offsets []int
	places  map[int]int // index of each number, of the first when it comes twice
}

// containersKept is how many decoded bytes of object streams are kept.
const containersKept = 8 << 20

func (d *Document) loadContained(entry Entry) (Object, int64, error) {
	number, index := entry.Container()
	held, err := d.container(number)
	if err != nil {
		return nil, 0, err
	}
	if index >= len(held.numbers) || held.numbers[index] != int(entry.Number) {
		place, ok := held.places[int(entry.Number)]
		if !ok {
			return nil, 0, fmt.Errorf("not in object stream %d: %w", number, ErrDamagedXRef)
		}
		index = place
	}
	p := newBytesParser(held.data, held.first+held.offsets[index], d.limits)
	start := p.pos()
	object, err := p.value(0, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("in object stream %d: %w", number, err)
	}
	if p.twice != nil {
		d.twice[int(entry.Number)] = p.twice
	}
	cost := p.pos() - start
	return object, cost, d.budget.spend(cost)
}

// container decodes an object stream, once as long as there is room to keep it.
func (d *Document) container(number int) (*container, error) {
	if held, ok := d.streams[number]; ok {
		return held, nil
	}
	entry, _, ok := d.lookup(number)
	if !ok || entry.Kind != FileEntry { // an object stream is never inside another one
		return nil, fmt.Errorf("object stream %d is not there: %w", number, ErrDamagedXRef)
	}
	object, err := d.object(Ref{number, int(entry.Generation)})
	if err != nil {
		return nil, err
	}
	stream, ok := object.(*Stream)
	if !ok || stream.Dict["Type"] != Name("ObjStm") {
		return nil, fmt.Errorf("object stream %d is none: %w", number, ErrDamagedXRef)
	}
	held, err := d.openContainer(stream)
	if err != nil {
		return nil, fmt.Errorf("object stream %d: %w", number, err)
	}
	if d.held+int64(len(held.data)) > containersKept {
		clear(d.streams)
		d.held = 0
	}
	d.streams[number] = held
	d.held += int64(len(held.data))
	return held, nil
}

func (d *Document) openContainer(stream *Stream) (*container, error) {
	count, okCount := d.Integer(stream.Dict["N"])
	first, okFirst := d.Integer(stream.Dict["First"])
	data, err := d.decode(stream)
	if err != nil {
		return nil, err
	}
	size := int64(len(data))
	if !okCount || !okFirst || count < 0 || count > size || first < 0 || first > size {
		return nil, fmt.Errorf("/N or /First: %w", ErrDamagedObject)
	}
	held := &container{data: data, first: int(first), places: make(map[int]int, count)}
	p := newBytesParser(data[:first], 0, d.limits)
	for range count {
		number, okNumber := p.integer()
		offset, okOffset := p.integer()
		if !okNumber || !okOffset || number >= int64(d.limits.Objects) || offset > size-first {
			return nil, fmt.Errorf("header: %w", ErrDamagedObject)
		}
		if _, twice := held.places[int(number)]; !twice {
			held.places[int(number)] = len(held.numbers)
		}
		held.numbers = append(held.numbers, int(number))
		held.offsets = append(held.offsets, int(offset))
	}
	return held, nil
}
