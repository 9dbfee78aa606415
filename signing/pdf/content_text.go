package pdf

// write follows the text operators.
func (p *painter) write(operator string, operands Array) {
	n := make([]float64, len(operands))
	for i, operand := range operands {
		n[i], _ = number(operand)
	}
	switch {
	case operator == "BT":
		p.line, p.text = identity, identity
	case operator == "Tf" && len(n) == 2:
		p.font(operands[0], n[1])
	case operator == "TL" && len(n) == 1:
		p.leading = n[0]
	case operator == "Tm":
		if m, ok := matrixOf(operands); ok {
			p.line, p.text = m, m
		}
	case operator == "Td" && len(n) == 2:
		p.move(n[0], n[1])
	case operator == "TD" && len(n) == 2:
		p.leading = -n[1]
		p.move(n[0], n[1])
	case operator == "T*":
		p.move(0, -p.leading)
	case operator == "Tj" || operator == "TJ":
		p.show(operands)
	case operator == "'" || operator == `"`:
		p.move(0, -p.leading)
		p.show(operands)
	}
}

func (p *painter) move(x, y float64) {
	p.line = matrix{1, 0, 0, 1, x, y}.times(p.line)
	p.text = p.line
}

func (p *painter) font(name Object, size float64) {
	p.size = size
	p.wide = false
	fonts, err := p.doc.Dict(p.resources["Font"])
	if key, ok := name.(Name); ok && err == nil {
		font, err := p.doc.Dict(fonts[key])
		p.wide = err == nil && p.doc.Name(font["Subtype"]) == "Type0"
	}
}

// show notes where strings come to lie and moves behind them.
func (p *painter) show(operands Array) {
	glyphs, shift := 0, 0.0
	for _, operand := range operands {
		switch operand := operand.(type) {
		case String:
			glyphs += len(operand)
		case Array:
			for _, part := range operand {
				if text, ok := part.(String); ok {
					glyphs += len(text)
				} else if gap, ok := number(part); ok {
					shift -= gap / 1000
				}
			}
		}
	}
	if p.wide {
		glyphs /= 2
	}
	width := (float64(glyphs)*0.5 + max(shift, 0)) * p.size
	if glyphs > 0 {
		*p.boxes = append(*p.boxes, p.text.times(p.now).box(width, p.size*0.8, p.size*0.2))
	}
	p.text = matrix{1, 0, 0, 1, width, 0}.times(p.text)
}

// Strings are the strings in a content stream, in their order, whatever they are for. What is no content stream gives
// what can be found in it.
func Strings(content []byte) []String {
	limits := DefaultLimits()
	p := newBytesParser(content, 0, &limits)
	var found []String
	for {
		b, ok := p.next()
		if !ok {
			return found
		}
		var text String
		var err error
		switch b {
		case '(':
			text, err = p.literalString()
		case '<':
			if p.literal("<") {
				continue
			}
			text, err = p.hexString()
		case '%':
			p.skipComment()
			continue
		default:
			continue
		}
		if err != nil {
			return found
		}
		found = append(found, text)
	}
}
