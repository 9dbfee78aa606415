package pdf

import (
	"fmt"
	"math"
)

// Widget is what a field shows on a page. Lengths are millimetres as the page is displayed, whatever its rotation.
type Widget struct {
	Page          int // 1 is the first page; -1 the last; 0 means 1
	X, Y          float64
	Width, Height float64
	FromTopRight  bool     // X and Y go from the page's upper right corner to that of the widget
	Image         *Picture // nil: text only
	Lines         []string
	FontSize      float64 // points; 0: up to 10, what fits
	Marks         []Mark
}

// Mark is a line of text elsewhere on the same page, such as the number that a sealed document gets; it belongs to the
// same appearance.
type Mark struct {
	X, Y     float64 // millimetres from the lower left corner of the page to the start of the baseline
	FontSize float64 // points
	Text     string
}

// page is what is needed of a page: its object and how it is displayed.
type page struct {
	ref    Ref
	crop   box // visible part, in the units of the page
	rotate int // 0, 90, 180 or 270 degrees clockwise
	unit   float64
}

const pointsPerMillimetre = 72 / 25.4

// points turns millimetres into units of the page.
func (p page) points(mm float64) float64 { return mm * pointsPerMillimetre / p.unit }

// displayed is the size of the page as it is shown.
func (p page) displayed() (w, h float64) {
	if p.rotate%180 == 90 {
		return p.crop.h, p.crop.w
	}
	return p.crop.w, p.crop.h
}

// rect places a box of the displayed page in the coordinates of the page itself.
func (p page) rect(shown box) Array {
	x0, y0 := p.point(shown.x, shown.y)
	x1, y1 := p.point(shown.x+shown.w, shown.y+shown.h)
	return Array{
		rounded(math.Min(x0, x1)), rounded(math.Min(y0, y1)), rounded(math.Max(x0, x1)), rounded(math.Max(y0, y1)),
	}
}

func (p page) point(x, y float64) (float64, float64) {
	c := p.crop
	switch p.rotate {
	case 90:
		return c.x + c.w - y, c.y + x
	case 180:
		return c.x + c.w - x, c.y + c.h - y
	case 270:
		return c.x + y, c.y + c.h - x
	}
	return c.x + x, c.y + y
}

// place is the box of the widget on the displayed page, without its marks. It must lie on the page: what hangs over the
// edge is not seen, and a signature that is not seen is not what was ordered.
func (p page) place(w Widget) (box, error) {
	shown := box{p.points(w.X), p.points(w.Y), p.points(w.Width), p.points(w.Height)}
	width, height := p.displayed()
	if w.FromTopRight {
		shown.x, shown.y = width-shown.x-shown.w, height-shown.y-shown.h
	}
	const slack = 1
	onPage := shown.w > 0 && shown.h > 0 && shown.x >= -slack && shown.y >= -slack &&
		shown.x+shown.w <= width+slack && shown.y+shown.h <= height+slack
	if !onPage { // nor is what is not a number
		return box{}, fmt.Errorf("%.0f by %.0f mm at %.0f, %.0f mm: %w", w.Width, w.Height, w.X, w.Y, ErrOutsidePage)
	}
	return shown, nil
}

// drawWidget makes the appearance of a signature and says where on the page it lies.
func (u *update) drawWidget(p page, w Widget) (rect Array, appearance Ref, err error) {
	own, err := p.place(w)
	if err != nil {
		return nil, Ref{}, err
	}
	c, err := u.canvas(p.unit)
	if err != nil {
		return nil, Ref{}, err
	}
	whole, marks, err := p.withMarks(own, w.Marks, c.face)
	if err != nil {
		return nil, Ref{}, err
	}
	own.x, own.y = own.x-whole.x, own.y-whole.y
	if err := u.drawBox(c, w, own); err != nil {
		return nil, Ref{}, err
	}
	if len(marks) > 0 {
		c.ink()
	}
	for _, m := range marks {
		c.text(m.X-whole.x, m.Y-whole.y, m.FontSize, m.Text)
	}
	return p.rect(whole), u.add(u.appearance(c, whole.w, whole.h, p.rotate)), nil
}

// withMarks widens the box so that it holds the marks, which come back in units of the page.
func (p page) withMarks(whole box, marks []Mark, face *typeface) (box, []Mark, error) {
	placed := make([]Mark, len(marks))
	for i, m := range marks {
		text, err := face.covered(m.Text)
		if err != nil {
			return box{}, nil, err
		}
		m = Mark{X: p.points(m.X), Y: p.points(m.Y), FontSize: m.FontSize / p.unit, Text: text}
		placed[i] = m
		length, descent := face.font.textWidth(text)*m.FontSize/1000, m.FontSize/4
		right, top := math.Max(whole.x+whole.w, m.X+length), math.Max(whole.y+whole.h, m.Y+m.FontSize)
		whole.x, whole.y = math.Min(whole.x, m.X), math.Min(whole.y, m.Y-descent)
		whole.w, whole.h = right-whole.x, top-whole.y
	}
	width, height := p.displayed()
	onPage := whole.x >= 0 && whole.y >= 0 && whole.x+whole.w <= width && whole.y+whole.h <= height
	if len(marks) > 0 && !onPage {
		return box{}, nil, ErrOutsidePage
	}
	return whole, placed, nil
}

// drawBox fills the widget's own box: an image, text, or both side by side, above one another in a tall box.
func (u *update) drawBox(c *canvas, w Widget, in box) error {
	const margin = 1.5
	lines := make([]string, len(w.Lines))
	for i, line := range w.Lines {
		covered, err := c.face.covered(line)
		if err != nil {
			return err
		}
		lines[i] = covered
	}
	text := in.inset(margin)
	if w.Image != nil {
		room := in
		if len(lines) > 0 {
			room, text = shared(in.inset(margin))
		}
		c.image(w.Image.embed(u, c.palette), w.Image, room)
	}
	if len(lines) == 0 {
		return nil
	}
	c.ink()
	return c.lines(lines, w.FontSize, text)
}

// shared divides a box between an image and its text.
func shared(in box) (image, text box) {
	const part, gap = 0.4, 3
	if in.w >= in.h {
		split := in.w * part
		return box{in.x, in.y, split - gap, in.h}, box{in.x + split, in.y, in.w - split, in.h}
	}
	split := in.h * (1 - part)
	return box{in.x, in.y + split, in.w, in.h - split}, box{in.x, in.y, in.w, split - gap}
}

// drawInto makes the appearance for a place that is on the page already.
func (u *update) drawInto(p page, w Widget, place box) (Ref, error) {
	if len(w.Marks) > 0 {
		return Ref{}, fmt.Errorf("marks need a field of their own: %w", ErrOutsidePage)
	}
	c, err := u.canvas(p.unit)
	if err != nil {
		return Ref{}, err
	}
	in := box{0, 0, place.w, place.h}
	if p.rotate%180 == 90 {
		in = box{0, 0, place.h, place.w}
	}
	if err := u.drawBox(c, w, in); err != nil {
		return Ref{}, err
	}
	return u.add(u.appearance(c, in.w, in.h, p.rotate)), nil
}
