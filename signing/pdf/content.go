package pdf

import (
	"bytes"
	"fmt"
)

// Rect is a rectangle in the units of a page; X0 <= X1 and Y0 <= Y1.
type Rect struct{ X0, Y0, X1, Y1 float64 }

// Overlaps says whether two rectangles have more than an edge in common.
func (r Rect) Overlaps(other Rect) bool {
	return r.X0 < other.X1 && other.X0 < r.X1 && r.Y0 < other.Y1 && other.Y0 < r.Y1
}

// Area is the area of the rectangle.
func (r Rect) Area() float64 { return (r.X1 - r.X0) * (r.Y1 - r.Y0) }

// Rect resolves a value that should be a rectangle.
func (d *Document) Rect(value Object) (Rect, bool) {
	corners, err := d.Array(value)
	if err != nil || len(corners) != 4 {
		return Rect{}, false
	}
	var n [4]float64
	for i, corner := range corners {
		var ok bool
		if n[i], ok = d.Number(corner); !ok {
			return Rect{}, false
		}
	}
	return Rect{min(n[0], n[2]), min(n[1], n[3]), max(n[0], n[2]), max(n[1], n[3])}, true
}

// ContentBoxes says roughly where a page shows text and images: text as if every glyph were half as wide as high. Lines
// and fillings do not count. Contents that cannot be read are an error.
func (d *Document) ContentBoxes(page Page) (boxes []Rect, err error) {
	defer caught(&err)
	var content bytes.Buffer
	parts, err := d.oneOrMore(page.Dict["Contents"])
	if err != nil {
		return nil, err
	}
	for _, part := range parts {
		stream, err := d.Stream(part)
		if err != nil {
			return nil, err
		}
		if stream == nil {
			continue
		}
		data, err := d.Decode(stream)
		if err != nil {
			return nil, fmt.Errorf("contents of page %d: %w", page.Ref.Number, err)
		}
		content.Write(append(data, '\n'))
		if int64(content.Len()) > d.limits.StreamBytes {
			return nil, fmt.Errorf("contents of page %d: %w", page.Ref.Number, ErrTooComplex)
		}
	}
	painter := painter{doc: d, boxes: &boxes}
	return boxes, painter.paint(content.Bytes(), page.Resources, identity, 0)
}

// matrix is a transformation as PDF writes it.
type matrix [6]float64

var identity = matrix{1, 0, 0, 1, 0, 0}

// times is the transformation m followed by n.
func (m matrix) times(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3], m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

// box is where the rectangle from the origin to (w, h), moved down by drop, comes to lie.
func (m matrix) box(w, h, drop float64) Rect {
	var r Rect
	for i, corner := range [][2]float64{{0, -drop}, {w, -drop}, {0, h}, {w, h}} {
		x, y := corner[0]*m[0]+corner[1]*m[2]+m[4], corner[0]*m[1]+corner[1]*m[3]+m[5]
		if i == 0 {
			r = Rect{x, y, x, y}
		}
		r = Rect{min(r.X0, x), min(r.Y0, y), max(r.X1, x), max(r.Y1, y)}
	}
	return r
}

const (
	mostBoxes    = 100_000
	deepestForms = 8
	formCost     = 4 << 10 // work that a form costs beyond its bytes
)

// painter follows the operators of a content stream that say where something is.
type painter struct {
	doc       *Document
	boxes     *[]Rect
	resources Dict
	now       matrix
	kept      []matrix
	line      matrix // start of the text line
	text      matrix
	size      float64
	leading   float64
	wide      bool // two bytes are one glyph
}

func (p *painter) paint(content []byte, resources Object, start matrix, depth int) error {
	dict, err := p.doc.Dict(resources)
	if err != nil {
		return err
	}
	p.resources, p.now, p.kept = dict, start, nil
	in := newBytesParser(content, 0, p.doc.limits)
	for {
		operands, operator, err := in.operation()
		if err != nil || operator == "" {
			return err
		}
		if len(*p.boxes) > mostBoxes {
			return fmt.Errorf("contents: %w", ErrTooComplex)
		}
		if err := p.operate(in, operator, operands, depth); err != nil {
			return err
		}
	}
}

// operation reads the next operator with the operands before it. At the end the operator is empty.
func (p *parser) operation() (operands Array, operator string, err error) {
	for len(operands) <= 1000 {
		p.skipSpace()
		b, ok := p.peek()
		if !ok {
			return nil, "", nil
		}
		switch {
		case digit(b) || bytes.IndexByte([]byte("+-./[(<"), b) >= 0:
			p.values = 0
			value, err := p.value(0, nil)
			if err != nil {
				return nil, "", err
			}
			operands = append(operands, value)
		case class(b) == delimiter:
			p.i++ // a stray one
		default:
			return operands, p.word(16), nil
		}
	}
	return nil, "", fmt.Errorf("contents: %w", ErrTooComplex)
}

func (p *painter) operate(in *parser, operator string, operands Array, depth int) error {
	switch operator {
	case "q":
		if len(p.kept) < 1000 {
			p.kept = append(p.kept, p.now)
		}
	case "Q":
		if n := len(p.kept); n > 0 {
			p.now, p.kept = p.kept[n-1], p.kept[:n-1]
		}
	case "cm":
		if m, ok := matrixOf(operands); ok {
			p.now = m.times(p.now)
		}
	case "Do":
		return p.object(operands, depth)
	case "BI":
		p.inlineImage(in)
	default:
		p.write(operator, operands)
	}
	return nil
}

func matrixOf(operands Array) (m matrix, ok bool) {
	if len(operands) != 6 {
		return m, false
	}
	for i, operand := range operands {
		if m[i], ok = number(operand); !ok {
			return m, false
		}
	}
	return m, true
}

// object paints an image or a form.
func (p *painter) object(operands Array, depth int) error {
	key, _ := one(operands).(Name)
	objects, err := p.doc.Dict(p.resources["XObject"])
	if err != nil {
		return err
	}
	stream, err := p.doc.Stream(objects[key])
	if err != nil || stream == nil {
		return err
	}
	if p.doc.Name(stream.Dict["Subtype"]) != "Form" {
		*p.boxes = append(*p.boxes, p.now.box(1, 1, 0))
		return nil
	}
	if depth >= deepestForms {
		return fmt.Errorf("forms in forms: %w", ErrTooComplex)
	}
	data, err := p.doc.Decode(stream)
	if err != nil {
		return err
	}
	if err := p.doc.budget.spend(formCost); err != nil {
		return err
	}
	inner := painter{doc: p.doc, boxes: p.boxes}
	start := p.now
	if own, err := p.doc.Array(stream.Dict["Matrix"]); err == nil {
		if m, ok := matrixOf(own); ok {
			start = m.times(start)
		}
	}
	resources := stream.Dict["Resources"]
	if resources == nil {
		resources = p.resources
	}
	return inner.paint(data, resources, start, depth+1)
}

func one(operands Array) Object {
	if len(operands) != 1 {
		return nil
	}
	return operands[0]
}

// inlineImage notes an image in the stream itself and moves behind it.
func (p *painter) inlineImage(in *parser) {
	*p.boxes = append(*p.boxes, p.now.box(1, 1, 0))
	for from := in.i; ; {
		at := bytes.Index(in.buf[from:], []byte("EI"))
		if at < 0 {
			in.i = len(in.buf)
			return
		}
		from += at + 2
		before := in.buf[from-3]
		if class(before) == space && (from == len(in.buf) || class(in.buf[from]) != regular) {
			in.i = from
			return
		}
	}
}
