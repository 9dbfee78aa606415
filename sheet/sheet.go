// Package sheet answers: how does a statement for people look on A4 paper?
//
// It draws a headline, tables, pictures and a QR code into a PDF with embedded fonts that have every Vietnamese letter.
// It is given words and knows no meaning: what is said, and in which language, is the caller's. Door of fpdf, of the
// Liberation fonts and of rsc.io/qr.
package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"strings"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"golang.org/x/text/unicode/norm"
)

// Tone is how something is shown beside its words, which must say the same: never by colour alone.
type Tone int

// The tones.
const (
	Plain Tone = iota
	Good
	Doubt
	Bad
)

// Sheet is what stands on the paper.
type Sheet struct {
	Lang     string // "vi" or "en", for programs that read the paper aloud
	Title    string
	About    string // which document, below the title
	At       time.Time
	Headline Headline
	Code     *Code // nil: none
	Sections []Section
	Footer   string
	PageWord string // before the number of a page, such as "Trang"
}

// Headline is what must be seen first.
type Headline struct {
	Tone  Tone
	Text  string
	Lines []string
}

// Code is a QR code with the address that it holds, which is also a link.
type Code struct {
	Address string
	Caption string
}

// Section is a part of the sheet under a title of its own, which may have a mark.
type Section struct {
	Title string
	Tone  Tone
	Mark  string // empty: none
	Rows  []Row
	Pairs []Pair
}

// Row is one line of a table: a mark in words, a name, a sentence.
type Row struct {
	Tone             Tone
	Mark, Name, Text string
}

// Pair is two pictures side by side, each with a word about it; a picture that is nil is not there, as Missing says.
type Pair struct {
	Title                     string
	Left, Right               image.Image
	LeftCaption, RightCaption string
	Missing                   string
}

// Lengths in millimetres and sizes of letters in points.
const (
	paperWidth, paperHeight = 210.0, 297.0
	margin                  = 18.0
	bodyWidth               = paperWidth - 2*margin
	bottom                  = 20.0 // room for the foot
	codeSize                = 34.0
	bodySize, smallSize     = 9.5, 8.0
	line                    = 4.6 // of bodySize
)

// Draw makes the PDF. The same sheet gives the same bytes. It does not keep the sheet.
func Draw(s Sheet) (drawn []byte, err error) {
	defer func() {
		if fault := recover(); fault != nil { // of fpdf, which is given foreign words
			drawn, err = nil, fmt.Errorf("draw sheet: %v", fault)
		}
	}()
	p := &paper{Fpdf: fpdf.New("P", "mm", "A4", ""), sheet: s}
	p.SetCompression(true)
	p.SetCatalogSort(true)
	p.SetCreationDate(s.At)
	p.SetModificationDate(s.At)
	p.SetTitle(plain(s.Title), true)
	p.SetSubject(plain(s.About), true)
	p.SetProducer("congvan", true)
	p.SetLang(s.Lang)
	p.AddUTF8FontFromBytes(face, "", liberationsansregular.TTF)
	p.AddUTF8FontFromBytes(face, "B", liberationsansbold.TTF)
	p.SetCellMargin(0)
	p.SetMargins(margin, margin, margin)
	p.SetAutoPageBreak(true, bottom)
	p.AliasNbPages("{pages}")
	p.SetFooterFunc(p.foot)
	p.AddPage()
	p.head()
	p.headline()
	for _, section := range s.Sections {
		p.section(section)
	}
	var out bytes.Buffer
	if err := errors.Join(p.wrong, p.Output(&out)); err != nil {
		return nil, fmt.Errorf("draw sheet: %w", err)
	}
	return out.Bytes(), nil
}

// plain brings text into the form that the fonts have (NFC). What turns the direction of writing or is not seen is left
// out, so that a name cannot show itself as another; what fpdf cannot write becomes a question mark.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r' || r == '\u00a0':
			return ' '
		case unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp):
			return -1
		case r < ' ' || r > 0xffff:
			return '?'
		default:
			return r
		}
	}, norm.NFC.String(strings.ToValidUTF8(text, "?")))
}
