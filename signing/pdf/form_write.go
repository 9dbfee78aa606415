package pdf

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// The flags of text fields that matter here (ISO 32000-1, Table 228).
const (
	flagMultiline = 1 << 12
	flagPassword  = 1 << 13
	flagFile      = 1 << 20
	flagComb      = 1 << 24
	flagRich      = 1 << 25
)

// fillFields writes values into existing text fields, in the order of their names.
func (u *update) fillFields(values map[string]string, rules rules) error {
	if len(values) == 0 {
		return nil
	}
	fields, err := u.doc.Fields()
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		at := slices.IndexFunc(fields, func(f Field) bool { return f.Name == name })
		if at < 0 {
			return fmt.Errorf("%q: %w", name, ErrNoField)
		}
		if rules.locked(name) {
			return fmt.Errorf("%q: %w", name, ErrFieldLocked)
		}
		if err := u.fillField(fields[at], values[name]); err != nil {
			return fmt.Errorf("fill %q: %w", name, err)
		}
	}
	return nil
}

func (u *update) fillField(field Field, value string) error {
	switch {
	case field.Type != "Tx" || field.Flags&(flagPassword|flagFile) != 0 || field.Ref == Ref{}:
		return ErrFieldKind
	case field.Flags&flagMultiline == 0 && strings.ContainsAny(value, "\r\n"):
		return fmt.Errorf("several lines: %w", ErrFieldValue)
	}
	style, err := u.styleOf(field)
	if err != nil {
		return err
	}
	if length := utf8.RuneCountInString(value); style.most > 0 && length > style.most {
		return fmt.Errorf("%d characters where %d may be: %w", length, style.most, ErrFieldValue)
	}
	dict, err := u.edit(field.Ref)
	if err != nil {
		return err
	}
	dict["V"] = Text(value)
	delete(dict, "RV") // the rich text says what the value was
	for _, widget := range field.Widgets {
		if err := u.showValue(widget, style, value); err != nil {
			return err
		}
	}
	return nil
}

// fieldStyle is how a text field wants its value shown.
type fieldStyle struct {
	size   float64 // points; 0: what fits
	colour string  // operator with its operands, or empty for black
	align  int64   // 0 left, 1 centred, 2 right
	most   int     // characters; 0: any number
	comb   bool
	lines  bool
}

func (u *update) styleOf(field Field) (fieldStyle, error) {
	style := fieldStyle{lines: field.Flags&flagMultiline != 0}
	appearance, err := u.inherited(field, "DA")
	if err != nil {
		return style, err
	}
	operators, _ := appearance.(String)
	style.size, style.colour = defaultAppearance(string(operators))
	if align, err := u.inherited(field, "Q"); err != nil {
		return style, err
	} else if align != nil {
		style.align, _ = u.doc.Integer(align)
	}
	if most, err := u.inherited(field, "MaxLen"); err != nil {
		return style, err
	} else if length, ok := most.(int64); ok && length > 0 && length < 1<<20 {
		style.most = int(length)
		style.comb = field.Flags&(flagComb|flagMultiline) == flagComb
	}
	return style, nil
}

// inherited looks for an entry in a field, in the fields above it and in the form.
func (u *update) inherited(field Field, key Name) (Object, error) {
	dict := field.Dict
	for range u.doc.limits.Depth {
		if dict[key] != nil {
			return u.resolve(dict[key])
		}
		above, err := u.dict(dict["Parent"])
		if err != nil {
			return nil, err
		}
		if above == nil {
			break
		}
		dict = above
	}
	form, err := u.doc.Form()
	if err != nil {
		return nil, err
	}
	return u.resolve(form.Dict[key])
}

// defaultAppearance takes size and colour from operators such as "/Helv 12 Tf 0 g".
func defaultAppearance(operators string) (size float64, colour string) {
	words := strings.Fields(operators)
	operands := map[string]int{"g": 1, "rg": 3, "k": 4}
	for i, word := range words {
		if count, ok := operands[word]; ok && i >= count && allNumbers(words[i-count:i]) {
			colour = strings.Join(words[i-count:i+1], " ")
		}
		if word == "Tf" && i > 0 && allNumbers(words[i-1:i]) {
			_, _ = fmt.Sscan(words[i-1], &size)
		}
	}
	if size < 0 || size > 500 {
		size = 0
	}
	return size, colour
}

func allNumbers(words []string) bool {
	return !slices.ContainsFunc(words, func(word string) bool { return strings.Trim(word, "0123456789.-") != "" })
}

// showValue draws the value into one widget of its field.
func (u *update) showValue(widget FieldWidget, style fieldStyle, value string) error {
	corners, err := u.array(widget.Dict["Rect"])
	if err != nil {
		return err
	}
	place, visible := u.box(corners)
	if !visible || widget.Ref == (Ref{}) {
		return nil
	}
	frame, err := u.frameOf(widget)
	if err != nil {
		return err
	}
	c, err := u.canvas(1)
	if err != nil {
		return err
	}
	in := box{0, 0, place.w, place.h}
	if frame.rotate%180 == 90 {
		in = box{0, 0, place.h, place.w}
	}
	frame.draw(c, in)
	c.content.WriteString("/Tx BMC\nq\n")
	if err := c.value(style, value, in.inset(max(2, 2*frame.width))); err != nil {
		return err
	}
	c.content.WriteString("Q\nEMC\n")
	dict, err := u.edit(widget.Ref)
	if err != nil {
		return err
	}
	dict["AP"] = Dict{"N": u.add(u.appearance(c, in.w, in.h, frame.rotate))}
	return nil
}

// value writes the text of a field into its box: the size that the field wants, or smaller until it fits.
func (c *canvas) value(style fieldStyle, value string, in box) error {
	value = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(value)
	lines := strings.Split(value, "\n")
	for i, line := range lines {
		covered, err := c.face.covered(line)
		if err != nil {
			return err
		}
		lines[i] = covered
	}
	if c.fieldInk(style.colour); style.lines {
		return c.lines(lines, 0, in)
	}
	const usual, least, step = 12.0, 4.0, 0.25
	size := style.size
	if size == 0 {
		size = usual
	}
	text := lines[0]
	fits := func() bool { return c.face.font.textWidth(text)*size/1000 <= in.w && size <= in.h+2 }
	for ; !fits() && size > least; size -= step {
	}
	if !fits() {
		return fmt.Errorf("%.0f by %.0f points: %w", in.w, in.h, ErrTextTooLong)
	}
	baseline := in.y + (in.h-c.face.height(size))/2 + c.face.height(size) - c.face.rise(size)
	if style.comb {
		c.comb(text, size, in, baseline, style.most)
		return nil
	}
	free := in.w - c.face.font.textWidth(text)*size/1000
	c.text(in.x+free*float64(style.align)/2, baseline, size, text)
	return nil
}

// comb gives every character a cell of its own.
func (c *canvas) comb(text string, size float64, in box, baseline float64, cells int) {
	cell := in.w / float64(cells)
	for i, r := range []rune(text) {
		width := c.face.font.textWidth(string(r)) * size / 1000
		c.text(in.x+float64(i)*cell+(cell-width)/2, baseline, size, string(r))
	}
}

// height is how tall a line of letters is, without leading.
func (t *typeface) height(size float64) float64 {
	return size * float64(t.font.ascent-t.font.descent) / float64(t.font.unitsPerEm)
}

func (c *canvas) fieldInk(colour string) {
	if _, device := c.palette.rgb.(Name); !device || colour == "" {
		c.ink()
		return
	}
	c.content.WriteString(colour + "\n")
}

// frame is the border and the ground of a widget (/MK, /BS).
type frame struct {
	rotate         int
	width          float64
	ground, border string // operands of a colour operator with the operator for filling or stroking
}

func (u *update) frameOf(widget FieldWidget) (frame, error) {
	style, err := u.dict(widget.Dict["BS"])
	if err != nil {
		return frame{}, err
	}
	look, err := u.dict(widget.Dict["MK"])
	if err != nil || look == nil {
		return frame{}, err
	}
	made := frame{}
	if angle, ok := u.doc.Integer(look["R"]); ok {
		made.rotate = int((angle%360+360)%360) / 90 * 90
	}
	made.ground = u.colour(look["BG"], map[int]string{1: "g", 3: "rg", 4: "k"})
	if made.border = u.colour(look["BC"], map[int]string{1: "G", 3: "RG", 4: "K"}); made.border != "" {
		made.width = 1
		if width, ok := u.doc.Number(style["W"]); ok {
			made.width = width
		}
	}
	return made, nil
}

func (u *update) colour(value Object, operators map[int]string) string {
	components, err := u.array(value)
	operator := operators[len(components)]
	if err != nil || operator == "" {
		return ""
	}
	out := ""
	for _, component := range components {
		number, _ := u.doc.Number(component)
		out += decimal(number) + " "
	}
	return out + operator
}

// draw leaves device colours out of PDF/A, where they may not be allowed.
func (f frame) draw(c *canvas, in box) {
	if _, device := c.palette.rgb.(Name); !device {
		return
	}
	if f.ground != "" {
		fmt.Fprintf(&c.content, "q %s 0 0 %s %s re f Q\n", f.ground, decimal(in.w), decimal(in.h))
	}
	if f.width > 0 {
		inner := in.inset(f.width / 2)
		fmt.Fprintf(&c.content, "q %s %s w %s %s %s %s re S Q\n", f.border, decimal(f.width),
			decimal(inner.x), decimal(inner.y), decimal(inner.w), decimal(inner.h))
	}
}
