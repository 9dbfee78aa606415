package sheet

import (
	"bytes"
	"fmt"
	"image"
	"image/png"

	"codeberg.org/go-pdf/fpdf"
	"rsc.io/qr"
)

const face = "Liberation Sans"

// paper is a sheet while it is drawn.
type paper struct {
	*fpdf.Fpdf

	sheet    Sheet
	pictures int
	wrong    error // the first thing that fpdf was not asked because it was wrong before
}

type colour [3]int

var (
	ink   = colour{27, 31, 36}
	soft  = colour{87, 96, 106}
	rule  = colour{208, 215, 222}
	tones = map[Tone][2]colour{ // the letters, and the ground below them
		Plain: {soft, {246, 248, 250}},
		Good:  {{17, 99, 41}, {232, 246, 235}},
		Doubt: {{125, 78, 0}, {255, 248, 219}},
		Bad:   {{164, 14, 38}, {255, 236, 234}},
	}
)

func (p *paper) write(c colour, style string, size float64) {
	p.SetTextColor(c[0], c[1], c[2])
	p.SetFont(face, style, size)
}

func (p *paper) fill(c colour) { p.SetFillColor(c[0], c[1], c[2]) }

// head is the title, and which document is spoken of.
func (p *paper) head() {
	p.write(ink, "B", 15)
	p.MultiCell(bodyWidth, 7, plain(p.sheet.Title), "", "L", false)
	if p.sheet.About != "" {
		p.write(soft, "", 10.5)
		p.MultiCell(bodyWidth, 5, plain(p.sheet.About), "", "L", false)
	}
	p.Ln(3)
}

// headline is the answer, with the code beside it when there is one.
func (p *paper) headline() {
	width := bodyWidth
	if p.sheet.Code != nil {
		width -= codeSize + 6
	}
	const inset, bar = 6.0, 2.4
	tone, top := tones[p.sheet.Headline.Tone], p.GetY()
	height := p.headlineText(width, inset, false)
	p.fill(tone[1])
	p.Rect(margin, top, width, height, "F")
	p.fill(tone[0])
	p.Rect(margin, top, bar, height, "F")
	p.SetY(top)
	p.headlineText(width, inset, true)
	end := top + height
	if p.sheet.Code != nil {
		end = max(end, p.code(paperWidth-margin-codeSize, top))
	}
	p.SetY(end + 4)
}

// headlineText writes the headline, or only measures it: it gives the height of its box.
func (p *paper) headlineText(width, inset float64, shown bool) float64 {
	tone := tones[p.sheet.Headline.Tone]
	top, inner := p.GetY(), width-2*inset
	y := top + 4
	put := func(text string, c colour, style string, size, height float64) {
		p.write(c, style, size)
		for _, row := range p.rows(text, inner) {
			if shown {
				p.SetXY(margin+inset, y)
				p.CellFormat(inner, height, row, "", 0, "L", false, 0, "")
			}
			y += height
		}
	}
	put(p.sheet.Headline.Text, tone[0], "B", 15, 7)
	for _, text := range p.sheet.Headline.Lines {
		y++
		put(text, ink, "", 10, 5)
	}
	return y + 4 - top
}

// rows breaks text into lines that fit.
func (p *paper) rows(text string, width float64) []string {
	rows := p.SplitText(plain(text), width)
	if len(rows) == 0 {
		rows = []string{""}
	}
	return rows
}

// code draws the QR code and gives where what belongs to it ends.
func (p *paper) code(x, y float64) float64 {
	code, err := qr.Encode(p.sheet.Code.Address, qr.M)
	if err != nil {
		p.fail(fmt.Errorf("encode %d bytes as a QR code: %w", len(p.sheet.Code.Address), err))
		return y
	}
	p.SetFillColor(0, 0, 0)
	step := codeSize / float64(code.Size)
	for row := range code.Size {
		for from := 0; from < code.Size; from++ {
			to := from
			for to < code.Size && code.Black(to, row) {
				to++
			}
			if to > from { // one bar for neighbours: seams between squares would confuse cameras
				p.Rect(x+float64(from)*step, y+float64(row)*step, float64(to-from)*step, step+0.01, "F")
				from = to
			}
		}
	}
	p.LinkString(x, y, codeSize, codeSize, p.sheet.Code.Address)
	p.write(soft, "", 7)
	p.SetXY(x-3, y+codeSize+1)
	p.MultiCell(codeSize+6, 3.1, plain(p.sheet.Code.Caption), "", "C", false)
	return p.GetY()
}

func (p *paper) fail(err error) {
	if p.wrong == nil {
		p.wrong = err
	}
}

func (p *paper) section(s Section) {
	p.keepTogether(24)
	p.Ln(2)
	p.write(ink, "B", 11.5)
	top := p.GetY()
	p.MultiCell(bodyWidth-markWidth-4, 6, plain(s.Title), "", "L", false)
	end := p.GetY()
	if s.Mark != "" {
		p.mark(s.Tone, s.Mark, margin+bodyWidth-markWidth, top-0.6)
	}
	p.SetY(end)
	p.SetDrawColor(rule[0], rule[1], rule[2])
	p.SetLineWidth(0.2)
	for _, row := range s.Rows {
		p.row(row)
	}
	for _, pair := range s.Pairs {
		p.pair(pair)
	}
	p.Ln(2)
}

// keepTogether begins a new page when less than so much room is left.
func (p *paper) keepTogether(height float64) {
	if p.GetY()+height > paperHeight-bottom {
		p.AddPage()
	}
}

// row draws one line of a table: the columns are as high as the highest.
func (p *paper) row(r Row) {
	marks, names := 28.0, 64.0
	if r.Mark == "" {
		marks, names = 0, 46
	}
	if r.Name == "" {
		names = 0
	}
	p.write(ink, "B", bodySize)
	left := p.rows(r.Name, max(names-3, 1))
	p.write(ink, "", bodySize)
	right := p.rows(r.Text, bodyWidth-marks-names)
	height := max(float64(max(len(left), len(right)))*line+2.4, 7)
	p.keepTogether(height)
	top := p.GetY()
	p.Line(margin, top, margin+bodyWidth, top)
	if r.Mark != "" {
		p.mark(r.Tone, r.Mark, margin, top)
	}
	if r.Name != "" {
		p.column(left, margin+marks, top, "B")
	}
	p.column(right, margin+marks+names, top, "")
	p.SetY(top + height)
}

func (p *paper) column(rows []string, x, top float64, style string) {
	p.write(ink, style, bodySize)
	for i, text := range rows {
		p.SetXY(x, top+1.2+float64(i)*line)
		p.CellFormat(0, line, text, "", 0, "L", false, 0, "")
	}
}

// markWidth is how wide the ground of a mark is, in millimetres.
const markWidth = 25.0

// mark is a word on its ground, with a sign drawn before it.
func (p *paper) mark(tone Tone, text string, x, top float64) {
	c := tones[tone]
	p.fill(c[1])
	p.Rect(x, top+1.2, markWidth, line, "F")
	p.sign(tone, x+1.6, top+1.2+line/2)
	p.write(c[0], "B", smallSize)
	p.SetXY(x+5, top+1.2)
	p.CellFormat(markWidth-5, line, plain(text), "", 0, "L", false, 0, "")
}

// sign draws a tick, a cross or a bar: who cannot tell the colours tells the shapes.
func (p *paper) sign(tone Tone, x, y float64) {
	c := tones[tone][0]
	p.SetDrawColor(c[0], c[1], c[2])
	p.SetLineWidth(0.5)
	switch tone {
	case Good:
		p.Line(x, y, x+0.8, y+1)
		p.Line(x+0.8, y+1, x+2.4, y-1.1)
	case Bad:
		p.Line(x, y-1.1, x+2.2, y+1.1)
		p.Line(x, y+1.1, x+2.2, y-1.1)
	case Doubt, Plain:
		p.Line(x, y, x+2.2, y)
	}
	p.SetDrawColor(rule[0], rule[1], rule[2])
	p.SetLineWidth(0.2)
}

// pair draws two pictures side by side.
func (p *paper) pair(pair Pair) {
	const gap = 6.0
	width := (bodyWidth - gap) / 2
	height := 10.0
	for _, picture := range []image.Image{pair.Left, pair.Right} {
		if picture != nil {
			size := picture.Bounds().Size()
			height = max(height, width*float64(size.Y)/float64(size.X))
		}
	}
	most := paperHeight - bottom - margin - 22
	scale := min(1, most/height)
	p.keepTogether(height*scale + 14)
	p.write(ink, "B", bodySize)
	p.CellFormat(bodyWidth, 6, plain(pair.Title), "", 1, "L", false, 0, "")
	top := p.GetY()
	p.picture(pair.Left, margin, width*scale, pair.LeftCaption, pair.Missing)
	p.SetY(top)
	p.picture(pair.Right, margin+width+gap, width*scale, pair.RightCaption, pair.Missing)
	p.SetY(top + height*scale + 7)
}

func (p *paper) picture(picture image.Image, x, width float64, caption, missing string) {
	p.write(soft, "", smallSize)
	p.SetX(x)
	p.CellFormat(width, 4.5, plain(caption), "", 2, "L", false, 0, "")
	if picture == nil {
		p.SetX(x)
		p.CellFormat(width, 10, plain(missing), "1", 0, "C", false, 0, "")
		return
	}
	var encoded bytes.Buffer
	if err := png.Encode(&encoded, picture); err != nil {
		p.fail(fmt.Errorf("encode a picture: %w", err))
		return
	}
	p.pictures++
	name := fmt.Sprintf("picture %d", p.pictures)
	options := fpdf.ImageOptions{ImageType: "PNG"}
	p.RegisterImageOptionsReader(name, options, &encoded)
	size := picture.Bounds().Size()
	height := width * float64(size.Y) / float64(size.X)
	y := p.GetY()
	p.ImageOptions(name, x, y, width, height, false, options, 0, "")
	p.Rect(x, y, width, height, "D")
}

func (p *paper) foot() {
	p.SetY(-14)
	p.SetDrawColor(rule[0], rule[1], rule[2])
	p.Line(margin, p.GetY(), margin+bodyWidth, p.GetY())
	p.write(soft, "", 7)
	p.SetY(-12.5)
	const last = 14.0 // fpdf measures the alias, not the number that will stand there, so nothing is aligned to the right
	p.CellFormat(bodyWidth-last, 4, plain(p.sheet.Footer), "", 0, "L", false, 0, "")
	p.CellFormat(last, 4, plain(p.sheet.PageWord)+fmt.Sprintf(" %d/{pages}", p.PageNo()), "", 0, "L", false, 0, "")
}
