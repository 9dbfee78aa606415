package pdf

// Limits bounds what one file may cost. A file beyond a limit is refused with ErrTooComplex or ErrTooLarge.
type Limits struct {
	FileBytes   int64 // size of the file
	Objects     int   // highest object number plus one
	Entries     int   // cross-reference entries, all sections together
	Sections    int   // cross-reference sections
	Depth       int   // nesting of arrays and dictionaries, of page and field trees
	Values      int   // values in one object
	ObjectBytes int64 // text of one object, streams not counted
	StreamBytes int64 // one stream, decoded
	Ratio       int64 // of decoded to raw bytes, once a stream has passed its first MiB
	Work        int64 // bytes decoded, parsed and searched for one document with all its views
}

// DefaultLimits are for documents of strangers: generous for real documents, deadly for bombs.
func DefaultLimits() Limits {
	return Limits{
		FileBytes:   9_999_999_999, // what ten digits of a cross-reference table can address
		Objects:     8_388_608,     // ISO 32000-1, Table C.1
		Entries:     1_000_000,
		Sections:    2_000,
		Depth:       64,
		Values:      1_000_000,
		ObjectBytes: 16 << 20,
		StreamBytes: 64 << 20,
		Ratio:       200,
		Work:        512 << 20,
	}
}

// budget is the work that is left for a document and all its views.
type budget struct{ left int64 }

// Spend charges work that is done with the values of a document to its limit; it is shared by all views. It fails with
// ErrTooComplex when nothing is left.
func (d *Document) Spend(bytes int64) error { return d.budget.spend(bytes) }

func (b *budget) spend(n int64) error {
	b.left -= n
	if b.left < 0 {
		return ErrTooComplex
	}
	return nil
}
