package pdf

import (
	"fmt"
	"math"
	"strings"
)

// box is a rectangle in points, seen from the lower left corner of whatever it lies in.
type box struct{ x, y, w, h float64 }

func (b box) inset(by float64) box { return box{b.x + by, b.y + by, b.w - 2*by, b.h - 2*by} }

// palette says which colours and which transparency a document allows.
type palette struct {
	rgb  Object // the colour space of images and text
	soft bool   // soft masks may be used
}

// paletteFor keeps PDF/A what it is: colours that need no output intent, and soft masks only where the part and the
// output intent allow them (ISO 19005-1, 6.4; 19005-2, 6.2.4.3 and 6.2.10).
func paletteFor(part int, intent bool) palette {
	if part == 0 {
		return palette{rgb: Name("DeviceRGB"), soft: true}
	}
	return palette{rgb: Array{Name("CalRGB"), Dict{
		"WhitePoint": whitePoint(),
		"Gamma":      Array{2.2, 2.2, 2.2},
		"Matrix":     Array{0.4124, 0.2126, 0.0193, 0.3576, 0.7152, 0.1192, 0.1805, 0.0722, 0.9505},
	}}, soft: part > 1 && intent}
}

// whitePoint is daylight, D65.
func whitePoint() Array { return Array{0.9505, int64(1), 1.089} }

// canvas draws the content of one appearance stream.
type canvas struct {
	content strings.Builder
	palette palette
	face    *typeface
	images  Dict
	texts   bool
	unit    float64 // points in a unit of the page
}

// canvas begins a drawing in the colours and the font of the document.
func (u *update) canvas(unit float64) (*canvas, error) {
	face, err := u.typeface()
	if err != nil {
		return nil, err
	}
	colours, err := u.palette()
	if err != nil {
		return nil, err
	}
	return &canvas{palette: colours, face: face, images: Dict{}, unit: unit}, nil
}

// ink sets black for text.
func (c *canvas) ink() {
	if c.palette.rgb == Name("DeviceRGB") {
		c.content.WriteString("0 0 0 rg\n")
		return
	}
	c.content.WriteString("/C0 cs 0 0 0 sc\n")
}

func (c *canvas) text(x, y, size float64, text string) {
	if text == "" {
		return
	}
	c.texts = true
	fmt.Fprintf(&c.content, "BT /F0 %s Tf %s %s Td ", decimal(size), decimal(x), decimal(y))
	c.content.Write(appendString(nil, c.face.show(text)))
	c.content.WriteString(" Tj ET\n")
}

// image draws an embedded image as large as its box allows, in its middle.
func (c *canvas) image(ref Ref, p *Picture, in box) {
	scale := math.Min(in.w/float64(p.width), in.h/float64(p.height))
	w, h := scale*float64(p.width), scale*float64(p.height)
	name := Name(fmt.Sprintf("I%d", len(c.images)))
	c.images[name] = ref
	fmt.Fprintf(&c.content, "q %s 0 0 %s %s %s cm /%s Do Q\n",
		decimal(w), decimal(h), decimal(in.x+(in.w-w)/2), decimal(in.y+(in.h-h)/2), name)
}

// lines writes a paragraph from the top of its box: the given size, or the largest up to ten points that fits (Decree
// 30/2020, Annex I: the text of a signature is upright, black and of size 10). Beside an image it stands in the middle.
func (c *canvas) lines(lines []string, size float64, in box) error {
	const usual, least, step = 10, 4, 0.25
	sizes := []float64{size}
	if size <= 0 {
		sizes = nil
		for s := float64(usual); s >= least; s -= step {
			sizes = append(sizes, s)
		}
	}
	for _, s := range sizes {
		s /= c.unit
		wrapped := c.face.wrap(lines, s, in.w)
		if leading := lineSpacing * s; float64(len(wrapped))*leading <= in.h+0.01 {
			if len(c.images) > 0 {
				in.h -= (in.h - float64(len(wrapped))*leading) / 2
			}
			for i, line := range wrapped {
				c.text(in.x, in.y+in.h-float64(i)*leading-c.face.rise(s), s, line)
			}
			return nil
		}
	}
	return fmt.Errorf("%d lines in %.0f by %.0f points: %w", len(lines), in.w, in.h, ErrTextTooLong)
}

const lineSpacing = 1.15

// rise is how far below the top of its line a baseline lies.
func (t *typeface) rise(size float64) float64 {
	return size * float64(t.font.ascent) / float64(t.font.unitsPerEm)
}

// wrap breaks lines at spaces, and words that are longer than the width anywhere.
func (t *typeface) wrap(lines []string, size, width float64) []string {
	fits := func(text string) bool { return t.font.textWidth(text)*size/1000 <= width }
	var out []string
	for _, line := range lines {
		current := ""
		for word := range strings.SplitSeq(line, " ") {
			if joined := strings.TrimLeft(current+" "+word, " "); fits(joined) {
				current = joined
				continue
			}
			if current != "" {
				out = append(out, current)
			}
			current = word
			for !fits(current) && len([]rune(current)) > 1 {
				head, rest := t.split(current, fits)
				out = append(out, head)
				current = rest
			}
		}
		out = append(out, current)
	}
	return out
}

// split cuts off as much of a long word as fits, at least one letter.
func (*typeface) split(word string, fits func(string) bool) (head, rest string) {
	letters := []rune(word)
	n := 1
	for n < len(letters) && fits(string(letters[:n+1])) {
		n++
	}
	return string(letters[:n]), string(letters[n:])
}

// appearance is the drawing as a form XObject whose box has the given size. It stands upright on a page that is shown
// rotated by the given degrees, because the viewer turns it back with the page.
func (u *update) appearance(c *canvas, w, h float64, rotate int) *Stream {
	resources := Dict{}
	if c.texts {
		resources["Font"] = Dict{"F0": u.fontRef()}
	}
	if _, device := c.palette.rgb.(Name); !device && c.texts {
		resources["ColorSpace"] = Dict{"C0": c.palette.rgb}
	}
	if len(c.images) > 0 {
		resources["XObject"] = c.images
	}
	dict := Dict{
		"Type": Name("XObject"), "Subtype": Name("Form"), "FormType": int64(1),
		"BBox": Array{int64(0), int64(0), rounded(w), rounded(h)}, "Resources": resources,
	}
	if matrix := upright(w, h, rotate); matrix != nil {
		dict["Matrix"] = matrix
	}
	return u.deflated(dict, []byte(c.content.String()))
}

func upright(w, h float64, rotate int) Array {
	switch rotate {
	case 90:
		return Array{int64(0), int64(1), int64(-1), int64(0), rounded(h), int64(0)}
	case 180:
		return Array{int64(-1), int64(0), int64(0), int64(-1), rounded(w), rounded(h)}
	case 270:
		return Array{int64(0), int64(-1), int64(1), int64(0), int64(0), rounded(w)}
	}
	return nil
}

// decimal writes a number of a content stream.
func decimal(value float64) string { return string(Append(nil, rounded(value))) }
