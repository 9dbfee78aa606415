package pdf

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
)

// longestFilters is how many filters one stream may have; more is only found in bombs.
const longestFilters = 8

// Decode undoes the filters of a stream: Flate and LZW with predictors, ASCIIHex, ASCII85 and RunLength. It fails with
// ErrFilter for others (images), with ErrTooComplex beyond the limits, and with ErrEncrypted in an encrypted document.
func (d *Document) Decode(stream *Stream) (data []byte, err error) {
	defer caught(&err)
	if d.Encrypted() && stream.Offset >= 0 {
		return nil, ErrEncrypted
	}
	return d.decode(stream)
}

// step is one filter with its parameters.
type step struct {
	filter Name
	params Dict
}

func (d *Document) decode(stream *Stream) ([]byte, error) {
	if stream.Dict["Type"] != Name("XRef") && d.Encrypted() {
		return nil, ErrEncrypted
	}
	steps, err := d.steps(stream.Dict)
	if err != nil {
		return nil, err
	}
	raw := max(stream.Length, int64(len(stream.Data)))
	most := min(d.limits.StreamBytes, max(1<<20, raw*d.limits.Ratio))
	decoded := d.metered(d.RawStream(stream), most)
	for _, step := range steps {
		if decoded, err = d.undo(step, decoded); err != nil {
			return nil, err
		}
		decoded = d.metered(decoded, most)
	}
	defer d.inflaters.takeBack()
	var data bytes.Buffer
	data.Grow(int(min(raw, blockSize)) + bytes.MinRead)
	if _, err := io.Copy(&data, decoded); err != nil {
		return nil, fmt.Errorf("decode %d bytes: %w", raw, err)
	}
	return data.Bytes(), nil
}

// meter lets at most so many bytes through and makes the document pay for them.
type meter struct {
	in     io.Reader
	left   int64
	budget *budget
}

func (d *Document) metered(in io.Reader, most int64) io.Reader { return &meter{in, most, d.budget} }

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.in.Read(p)
	if m.left -= int64(n); m.left < 0 {
		return 0, ErrTooComplex
	}
	if err := m.budget.spend(int64(n)); err != nil {
		return 0, err
	}
	return n, err
}

// steps lists the filters of a stream, in the order in which they are undone.
func (d *Document) steps(dict Dict) ([]step, error) {
	filters, err := d.oneOrMore(dict["Filter"])
	if err != nil || len(filters) > longestFilters {
		return nil, errors.Join(fmt.Errorf("/Filter: %w", ErrDamagedStream), err)
	}
	given, err := d.oneOrMore(dict["DecodeParms"])
	if err != nil {
		return nil, fmt.Errorf("/DecodeParms: %w", err)
	}
	steps := make([]step, len(filters))
	for i, filter := range filters {
		steps[i].filter = d.Name(filter)
		if i < len(given) {
			if steps[i].params, err = d.Dict(given[i]); err != nil {
				return nil, fmt.Errorf("/DecodeParms: %w", err)
			}
		}
	}
	return steps, nil
}

// oneOrMore reads a value that may stand alone or in an array.
func (d *Document) oneOrMore(value Object) (Array, error) {
	object, err := d.resolve(value)
	switch object := object.(type) {
	case nil:
		return nil, err
	case Array:
		return object, err
	default:
		return Array{object}, err
	}
}

func (d *Document) undo(s step, in io.Reader) (io.Reader, error) {
	switch string(s.filter) {
	case "FlateDecode", "Fl":
		return d.predicted(s.params, newInflater(in, d.inflaters))
	case "LZWDecode", "LZW":
		early, ok := d.Integer(s.params["EarlyChange"])
		return d.predicted(s.params, newLZW(in, !ok || early != 0))
	case "ASCIIHexDecode", "AHx":
		return newHexReader(in), nil
	case "ASCII85Decode", "A85":
		return newASCII85(in), nil
	case "RunLengthDecode", "RL":
		return newRunLength(in), nil
	case "Crypt":
		if name := d.Name(s.params["Name"]); name == "" || name == "Identity" {
			return in, nil
		}
		return nil, ErrEncrypted
	default:
		return nil, fmt.Errorf("%q: %w", string(s.filter), ErrFilter)
	}
}

// inflater undoes Flate. The check sum at the end is not looked at: many files have a wrong one or none, and whether
// the bytes are the signed ones is not decided here.
type inflater struct {
	in    io.Reader
	flate io.Reader // nil before the first byte
	pool  *inflaters
}

func newInflater(in io.Reader, pool *inflaters) io.Reader { return &inflater{in: in, pool: pool} }

// inflaters lends the decoders of Flate, each of which has a window of 32 KiB: a security store is many small streams.
// A document and its views share them, and no two of their streams are decoded at once.
type inflaters struct{ free, lent []io.ReadCloser }

func (p *inflaters) lend(in io.Reader) io.Reader {
	if last := len(p.free) - 1; last >= 0 {
		decoder := p.free[last]
		p.free = p.free[:last]
		if again, ok := decoder.(flate.Resetter); ok && again.Reset(in, nil) == nil {
			p.lent = append(p.lent, decoder)
			return decoder
		}
	}
	decoder := flate.NewReader(in)
	p.lent = append(p.lent, decoder)
	return decoder
}

// takeBack ends the use of all that have been lent.
func (p *inflaters) takeBack() {
	p.free, p.lent = append(p.free, p.lent...), p.lent[:0]
}

func (f *inflater) Read(p []byte) (int, error) {
	if f.flate == nil {
		var header [2]byte
		if _, err := io.ReadFull(f.in, header[:]); errors.Is(err, io.EOF) {
			return 0, io.EOF // an empty stream
		} else if err != nil {
			return 0, fmt.Errorf("zlib header: %w", ErrDamagedStream)
		}
		if header[0]&0x0f != 8 || (int(header[0])<<8|int(header[1]))%31 != 0 || header[1]&0x20 != 0 {
			return 0, fmt.Errorf("zlib header %x: %w", header, ErrDamagedStream)
		}
		f.flate = f.pool.lend(f.in)
	}
	n, err := f.flate.Read(p)
	var corrupt flate.CorruptInputError
	if errors.As(err, &corrupt) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("%w: %w", ErrDamagedStream, err)
	}
	return n, err
}
