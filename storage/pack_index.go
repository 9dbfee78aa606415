package storage

import "math/bits"

// packIndex finds the records that may be those of a digest by its first 64 bits; their headers say which are. It
// holds 16 bytes a record in 256 tables with open addressing that grow by a quarter, one at a time: 18 to 24 bytes of
// memory a blob. Records are never taken out.
type packIndex struct {
	tables [256]packTable
}

type packTable struct {
	slots []packSlot
	used  int
}

// packSlot is a record: the first bits of its digest and where it is. A place is never 0, so an empty slot is known.
type packSlot struct{ key, place uint64 }

const offsetBits = 40

func placeOf(segment int, at int64) uint64 {
	return uint64(segment)<<offsetBits | uint64(at) //nolint:gosec // neither is less than 0
}

func partsOf(place uint64) (segment int, at int64) {
	return int(place >> offsetBits), int64(place & (1<<offsetBits - 1))
}

func (i *packIndex) add(slot packSlot) {
	table := &i.tables[slot.key>>56]
	if 8*(table.used+1) > 7*len(table.slots) {
		table.grow()
	}
	table.put(slot)
}

// reserve makes room for so many records, that the tables need not grow one by one up to them.
func (i *packIndex) reserve(records int) {
	for n := range i.tables {
		i.tables[n].resize(records/len(i.tables)*8/7 + 8)
	}
}

func (t *packTable) grow() { t.resize(max(8, len(t.slots)+len(t.slots)/4)) }

func (t *packTable) resize(size int) {
	old := t.slots
	t.slots, t.used = make([]packSlot, size), 0
	for _, slot := range old {
		if slot.place != 0 {
			t.put(slot)
		}
	}
}

func (t *packTable) put(slot packSlot) {
	at := t.start(slot.key)
	for t.slots[at].place != 0 {
		at = t.after(at)
	}
	t.slots[at] = slot
	t.used++
}

// start spreads the keys of a table, which have their first byte in common, evenly over its slots.
func (t *packTable) start(key uint64) int {
	at, _ := bits.Mul64(key<<8, uint64(len(t.slots)))
	return int(at) //nolint:gosec // less than the number of slots
}

func (t *packTable) after(at int) int {
	if at++; at < len(t.slots) {
		return at
	}
	return 0
}

// find appends the places of the records with the key.
func (i *packIndex) find(key uint64, places []uint64) []uint64 {
	table := &i.tables[key>>56]
	if len(table.slots) == 0 {
		return places
	}
	for at := table.start(key); table.slots[at].place != 0; at = table.after(at) {
		if table.slots[at].key == key {
			places = append(places, table.slots[at].place)
		}
	}
	return places
}
