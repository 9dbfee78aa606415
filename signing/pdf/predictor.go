package pdf

import (
	"errors"
	"fmt"
	"io"
)

// predicted undoes the predictor that Flate and LZW may have (ISO 32000-1, 7.4.4.4).
func (d *Document) predicted(params Dict, in io.Reader) (io.Reader, error) {
	kind := d.param(params, "Predictor", 1)
	if kind == 1 {
		return in, nil
	}
	colors, bits := d.param(params, "Colors", 1), d.param(params, "BitsPerComponent", 8)
	columns := d.param(params, "Columns", 1)
	if colors < 1 || colors > 64 || bits < 1 || bits > 16 || columns < 1 || columns > 1<<20 {
		return nil, fmt.Errorf("predictor of %d columns: %w", columns, ErrDamagedStream)
	}
	row := &predictor{
		in: in, pixel: int(max(1, colors*bits/8)),
		line: make([]byte, (colors*bits*columns+7)/8), bits: int(bits), colors: int(colors),
	}
	row.before = make([]byte, len(row.line))
	switch {
	case kind == 2:
		row.tiff = true
	case kind < 10 || kind > 15:
		return nil, fmt.Errorf("predictor %d: %w", kind, ErrFilter)
	}
	return row, nil
}

func (d *Document) param(params Dict, key Name, absent int64) int64 {
	if value, ok := d.Integer(params[key]); ok {
		return value
	}
	return absent
}

type predictor struct {
	in           io.Reader
	line, before []byte
	pixel        int
	bits, colors int
	tiff         bool
	pending      []byte
	err          error
}

func (r *predictor) Read(p []byte) (int, error) {
	if len(r.pending) == 0 && r.err == nil {
		r.fill()
	}
	if len(r.pending) == 0 {
		return 0, r.err
	}
	n := copy(p, r.pending)
	r.pending = r.pending[n:]
	return n, nil
}

func (r *predictor) fill() {
	algorithm := []byte{0}
	if !r.tiff {
		if _, r.err = io.ReadFull(r.in, algorithm); r.err != nil {
			return
		}
	}
	r.line, r.before = r.before, r.line
	n, err := io.ReadFull(r.in, r.line)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	r.err = err
	line := r.line[:n]
	if r.tiff {
		r.undoTIFF(line)
	} else if !r.undoPNG(algorithm[0], line) {
		line, r.err = nil, fmt.Errorf("predictor row of kind %d: %w", algorithm[0], ErrDamagedStream)
	}
	r.pending = line
}

// undoTIFF adds the pixel to the left. Components of other than eight bits are only found in images; they stay.
func (r *predictor) undoTIFF(line []byte) {
	if r.bits != 8 {
		return
	}
	for i := r.colors; i < len(line); i++ {
		line[i] += line[i-r.colors]
	}
}

func (r *predictor) undoPNG(algorithm byte, line []byte) bool {
	for i := range line {
		var left, corner byte
		if i >= r.pixel {
			left, corner = line[i-r.pixel], r.before[i-r.pixel]
		}
		switch algorithm {
		case 0:
			return true
		case 1:
			line[i] += left
		case 2:
			line[i] += r.before[i]
		case 3:
			line[i] += byte((int(left) + int(r.before[i])) / 2 & 0xff)
		case 4:
			line[i] += paeth(left, r.before[i], corner)
		default:
			return false
		}
	}
	return true
}

func paeth(left, up, corner byte) byte {
	guess := int(left) + int(up) - int(corner)
	toLeft, toUp, toCorner := abs(guess-int(left)), abs(guess-int(up)), abs(guess-int(corner))
	switch {
	case toLeft <= toUp && toLeft <= toCorner:
		return left
	case toUp <= toCorner:
		return up
	}
	return corner
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
