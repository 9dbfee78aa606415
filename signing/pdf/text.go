package pdf

import (
	"unicode/utf16"
	"unicode/utf8"
)

// Text is a text string as Go writes it: UTF-16 with its mark, UTF-8 with its mark, else PDFDocEncoding.
func (s String) Text() string {
	switch {
	case len(s) >= 2 && s[0] == 0xfe && s[1] == 0xff:
		return fromUTF16(s[2:], 0, 1)
	case len(s) >= 2 && s[0] == 0xff && s[1] == 0xfe: // not allowed, but written
		return fromUTF16(s[2:], 1, 0)
	case len(s) >= 3 && s[0] == 0xef && s[1] == 0xbb && s[2] == 0xbf && utf8.Valid(s[3:]):
		return string(s[3:])
	}
	runes := make([]rune, len(s))
	for i, b := range s {
		runes[i] = docEncoding(b)
	}
	return string(runes)
}

func fromUTF16(s []byte, high, low int) string {
	units := make([]uint16, 0, len(s)/2)
	for i := 0; i+1 < len(s); i += 2 {
		units = append(units, uint16(s[i+high])<<8|uint16(s[i+low]))
	}
	return string(utf16.Decode(units))
}

// docEncoding is PDFDocEncoding (ISO 32000-1, Annex D.2).
func docEncoding(b byte) rune {
	switch {
	case b >= 0x18 && b <= 0x1f:
		return []rune("˘ˇˆ˙˝˛˚˜")[b-0x18]
	case b >= 0x80 && b <= 0x9e:
		return []rune("•†‡…—–ƒ⁄‹›−‰„“”‘’‚™ﬁﬂŁŒŠŸŽıłœšž")[b-0x80]
	case b == 0xa0:
		return '€'
	}
	return rune(b)
}
