package pdf

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
)

const (
	maxImageBytes  = 8 << 20
	maxImagePixels = 24_000_000
)

// Picture is an image made ready for pages once: decoded, checked and compressed, so that a thousand signatures cost
// one preparation. It never changes and may be used by several goroutines.
type Picture struct {
	width, height int
	jpeg          []byte // passed through as it is; then there is nothing else
	gray          bool   // of the jpeg
	colour        packed // three bytes a pixel
	alpha         packed // one byte a pixel; empty: opaque
	onWhite, mask packed // for documents that allow no soft masks: colours laid on white, and one bit a pixel
}

// pixels are an image as it was decoded.
type pixels struct {
	width, height int
	rgb, alpha    []byte // three bytes and one byte a pixel; no alpha: opaque
}

// NewPicture reads a PNG, transparency kept, or a JPEG, whose bytes are kept and must not be changed. It fails with
// ErrImage.
func NewPicture(data []byte) (*Picture, error) {
	if len(data) > maxImageBytes {
		return nil, fmt.Errorf("%d bytes: %w", len(data), ErrImage)
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrImage, err)
	}
	if config.Width <= 0 || config.Height <= 0 || config.Width > maxImagePixels/config.Height {
		return nil, fmt.Errorf("%d by %d: %w", config.Width, config.Height, ErrImage)
	}
	decode := png.Decode
	if format == "jpeg" {
		decode = jpeg.Decode
	}
	decoded, err := decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrImage, err)
	}
	p := &Picture{width: config.Width, height: config.Height}
	switch {
	case format == "jpeg" && config.ColorModel == color.GrayModel:
		p.jpeg, p.gray = data, true
	case format == "jpeg" && config.ColorModel == color.YCbCrModel:
		p.jpeg = data
	default: // PNG, and the rare CMYK JPEG, whose inks are often inverted
		p.pack(pixelsOf(decoded))
	}
	return p, nil
}

func (p *Picture) pack(from pixels) {
	packer := &packer{}
	p.colour = packer.pack(from.rgb)
	if from.alpha == nil {
		return
	}
	p.alpha = packer.pack(from.alpha)
	p.onWhite, p.mask = packer.pack(from.onWhite()), packer.pack(from.hardMask())
}

func pixelsOf(from image.Image) pixels {
	p := pixels{width: from.Bounds().Dx(), height: from.Bounds().Dy()}
	p.rgb = make([]byte, 0, 3*p.width*p.height)
	p.alpha = make([]byte, 0, p.width*p.height)
	opaque := true
	plain, ok := from.(*image.NRGBA)
	if !ok {
		plain = image.NewNRGBA(from.Bounds())
		draw.Draw(plain, plain.Rect, from, from.Bounds().Min, draw.Src)
	}
	for y := range p.height {
		row := plain.Pix[y*plain.Stride : y*plain.Stride+4*p.width]
		for x := 0; x < len(row); x += 4 {
			c := row[x : x+4]
			if c[3] == 0 { // its colour is not seen
				p.rgb = append(p.rgb, 255, 255, 255)
			} else {
				p.rgb = append(p.rgb, c[0], c[1], c[2])
			}
			opaque = opaque && c[3] == 255
			p.alpha = append(p.alpha, c[3])
		}
	}
	if opaque {
		p.alpha = nil
	}
	return p
}

// embed adds the image in the given colour space. With soft transparency it gets a soft mask; without, which PDF/A-1
// demands, the colours are laid on white and only what is nearly invisible is cut out, by a mask that PDF/A-1 allows.
func (p *Picture) embed(u *update, colours palette) Ref {
	dict := Dict{
		"Type": Name("XObject"), "Subtype": Name("Image"),
		"Width": int64(p.width), "Height": int64(p.height), "BitsPerComponent": int64(8), "ColorSpace": colours.rgb,
	}
	if p.jpeg != nil {
		if p.gray {
			dict["ColorSpace"] = grayLike(colours.rgb)
		}
		dict["Filter"] = Name("DCTDecode")
		return u.add(&Stream{Dict: dict, Offset: -1, Data: p.jpeg})
	}
	colour := p.colour
	switch {
	case p.alpha.data == nil:
	case colours.soft:
		dict["SMask"] = u.add(p.alpha.stream(Dict{
			"Type": Name("XObject"), "Subtype": Name("Image"), "ColorSpace": Name("DeviceGray"),
			"Width": int64(p.width), "Height": int64(p.height), "BitsPerComponent": int64(8),
		}))
	default:
		colour = p.onWhite
		dict["Mask"] = u.add(p.mask.stream(Dict{
			"Type": Name("XObject"), "Subtype": Name("Image"), "ImageMask": true,
			"Width": int64(p.width), "Height": int64(p.height), "BitsPerComponent": int64(1),
		}))
	}
	return u.add(colour.stream(dict))
}

func (p pixels) onWhite() []byte {
	out := make([]byte, len(p.rgb))
	for i, c := range p.rgb {
		a := int(p.alpha[i/3])
		out[i] = byte((int(c)*a + 255*(255-a)) / 255) //nolint:gosec // a mean of two bytes
	}
	return out
}

// hardMask has a 1 bit where the page shows through.
func (p pixels) hardMask() []byte {
	const visible = 24
	row := (p.width + 7) / 8
	mask := make([]byte, row*p.height)
	for i, a := range p.alpha {
		if x, y := i%p.width, i/p.width; a < visible {
			mask[y*row+x/8] |= 0x80 >> (x % 8)
		}
	}
	return mask
}

// grayLike is the gray counterpart of a colour space made by colourSpace.
func grayLike(rgb Object) Object {
	if _, device := rgb.(Name); device {
		return Name("DeviceGray")
	}
	return Array{Name("CalGray"), Dict{"WhitePoint": whitePoint(), "Gamma": 2.2}}
}
