package exchange

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"congvan/signing"
)

// Words reads what stands where on the pages of a file that is not trusted.
type Words interface {
	Count(ctx context.Context, file io.ReaderAt, size int64) (int, error)
	// Texts gives the words of a page; 1 is the first.
	Texts(ctx context.Context, file io.ReaderAt, size int64, page int) ([]signing.Text, error)
}

const (
	placingTime = 30 * time.Second // for all pages of a document that are looked at
	placingEnds = 4                // pages from either end in which the signer's name is looked for
)

// layOut finds out where signature, number and date go, and prepares the fields for number and date while nobody has
// signed: later they would be a change to what was signed. What is found is a fact of the document.
func (g *Gateway) layOut(ctx context.Context, document *Document, report signing.Report) error {
	blob, err := g.Blobs.Open(ctx, document.Current().Digest)
	if err != nil {
		return err
	}
	defer func() { _ = blob.Close() }() // it was only read
	if document.has(StepSigned) {       // words are not read: another system may hand in by the thousand
		g.findSigned(ctx, document, blob, report)
		return nil
	}
	if document.Placement == nil && g.Words != nil {
		document.Placement = g.findPlaces(ctx, *document, blob)
	}
	fields := document.Placement.fields()
	if len(fields) == 0 {
		return nil
	}
	tail, err := signing.PrepareFields(blob, blob.Size(), fields)
	if signing.RefusalCode(err) != "" {
		g.Log.LogAttrs(ctx, slog.LevelInfo, "number and date go into the seal: no fields can be prepared",
			slog.String("document", string(document.ID)), slog.Any("error", err))
		return nil
	}
	if err != nil {
		return Errorf(Internal, "internal", "prepare fields: %w", err)
	}
	file, err := g.keepTail(ctx, document.Current(), blob, tail)
	if err != nil {
		return err
	}
	document.Versions = append(document.Versions, Version{
		Step: StepPrepared, File: file, At: document.CreatedAt, By: document.CreatedBy,
	})
	return nil
}

// findSigned has the seal go to the leader's signature where that is seen on the page already.
func (g *Gateway) findSigned(ctx context.Context, document *Document, blob Blob, report signing.Report) {
	signature, signed := signatureOf(report, document.Signatory.Name)
	if document.Placement != nil || !signed {
		return
	}
	box, seen, err := signing.ShownAt(blob, blob.Size(), signature.Field)
	if err != nil {
		g.Log.LogAttrs(ctx, slog.LevelWarn, "cannot tell where the leader's signature is shown",
			slog.String("document", string(document.ID)), slog.Any("error", err))
	}
	if err != nil || !seen {
		return
	}
	found := Placement{Page: box.Page, X: box.X, Y: box.Y, Width: box.Width, Height: box.Height, Found: true}
	if found.valid() {
		document.Placement = &found
	}
}

// keepTail keeps the file with a tail behind it.
func (g *Gateway) keepTail(ctx context.Context, file File, blob Blob, tail []byte) (File, error) {
	longer := func() io.Reader {
		return io.MultiReader(io.NewSectionReader(blob, 0, blob.Size()), bytes.NewReader(tail))
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, longer()); err != nil {
		return File{}, Errorf(Unavailable, "storage.unavailable", "read %s: %w", file.Digest, err)
	}
	want := Digest(hex.EncodeToString(hash.Sum(nil)))
	digest, size, err := g.Blobs.Put(ctx, longer(), want, g.MaxFile)
	return File{Name: file.Name, MediaType: file.MediaType, Digest: digest, Size: size}, err
}

// findPlaces looks for the room that the paper leaves. A file whose words cannot be read has the places that the law
// gives: that is no reason to refuse it.
func (g *Gateway) findPlaces(ctx context.Context, document Document, blob Blob) *Placement {
	ctx, cancel := context.WithTimeout(ctx, placingTime)
	defer cancel()
	search := search{words: g.Words, blob: blob, pages: map[int][]signing.Text{}}
	count, err := g.Words.Count(ctx, blob, blob.Size())
	if err != nil || count < 1 {
		search.err = err
		count = 0
	}
	placement := &Placement{Page: -1, X: leaderX, Y: leaderY, Found: true}
	found := false
	for _, number := range ends(count) {
		box, ok := signing.PlaceLeader(search.page(ctx, number), document.Signatory.Name)
		if ok {
			placement.Page, placement.X, placement.Y, found = number, box.X, box.Y, true
			placement.Width, placement.Height = box.Width, box.Height
			break
		}
	}
	if count > 0 {
		placement.Blanks = g.findBlanks(search.page(ctx, 1), document)
	}
	if search.err != nil {
		g.Log.LogAttrs(ctx, slog.LevelWarn, "cannot read where signature, number and date go",
			slog.String("document", string(document.ID)), slog.Any("error", search.err))
	}
	if !found && len(placement.Blanks) == 0 {
		return nil
	}
	return placement
}

// ends lists the pages that are looked at: the last ones first, since the signer's name ends a document, then the first
// ones, since appendices may follow it.
func ends(count int) []int {
	var list []int
	for page := count; page > 0 && page > count-placingEnds; page-- {
		list = append(list, page)
	}
	for page := 1; page <= min(count-placingEnds, placingEnds); page++ {
		list = append(list, page)
	}
	return list
}

// search reads each page once; after a failure it reads no more.
type search struct {
	words Words
	blob  Blob
	pages map[int][]signing.Text
	err   error
}

func (s *search) page(ctx context.Context, number int) []signing.Text {
	texts, known := s.pages[number]
	if known || s.err != nil {
		return texts
	}
	texts, s.err = s.words.Texts(ctx, s.blob, s.blob.Size(), number)
	s.pages[number] = texts
	return texts
}

// findBlanks finds the room for number and date on the first page. Printed words that would not agree with the register
// are no room: then the seal says all of it.
func (g *Gateway) findBlanks(texts []signing.Text, document Document) []Blank {
	var blanks []Blank
	add := func(part Part, gap signing.Gap) {
		blanks = append(blanks, Blank{Part: part, Page: 1, X: gap.X, Y: gap.Y, Width: gap.Width})
	}
	if gap, ok := signing.PlaceNumber(texts); ok {
		switch gap.Beside {
		case "":
			add(PartNumber, gap)
		case "/" + g.notation(document):
			add(PartDigits, gap)
		}
	}
	gaps, ok := signing.PlaceDate(texts)
	if printed := gaps.Year.Beside; ok && (printed == "" || printed == strconv.Itoa(g.today().Year())) {
		add(PartDay, gaps.Day)
		add(PartMonth, gaps.Month)
		if printed == "" {
			add(PartYear, gaps.Year)
		}
	}
	return blanks
}

// notation is the one that the document's number will have.
func (g *Gateway) notation(document Document) string {
	office, err := g.Directory().Office(document.Office)
	if err != nil {
		return ""
	}
	return Notation(document.Kind, office.Notation, document.Unit)
}

// blanks lists all room for number and date; explicit places come first.
func (p *Placement) blanks() []Blank {
	if p == nil {
		return nil
	}
	var list []Blank
	if p.Number != nil {
		list = append(list, Blank{PartNumber, p.Page, p.Number.X, p.Number.Y, numberWidth})
	}
	if p.Date != nil {
		list = append(list, Blank{PartDate, p.Page, p.Date.X, p.Date.Y, dateWidth})
	}
	for _, blank := range p.Blanks {
		if !slices.ContainsFunc(list, func(b Blank) bool { return b.Part == blank.Part }) {
			list = append(list, blank)
		}
	}
	return list
}

const (
	numberWidth = 60.0 // millimetres
	dateWidth   = 65.0
	lineHeight  = 5.0
	markSize    = 12.0 // points
	// A field's text of 13 points stands this high over its lower edge, and begins this far from its left one.
	fieldSize   = 13.0 // points
	fieldHeight = 18.0 * 25.4 / 72
	fieldFoot   = 4.6 * 25.4 / 72
	fieldInset  = 2.0 * 25.4 / 72
)

func (b Blank) field() string { return "congvan_" + string(b.Part) }

// fields are the form fields for number and date, empty.
func (p *Placement) fields() []signing.TextField {
	labels := map[Part]string{
		PartNumber: "Số, ký hiệu", PartDigits: "Số", PartDate: "Ngày ban hành", PartDay: "Ngày", PartMonth: "Tháng",
		PartYear: "Năm",
	}
	var fields []signing.TextField
	for _, blank := range p.blanks() {
		field := signing.TextField{
			Name: blank.field(), Label: labels[blank.Part], Page: blank.Page, FontSize: fieldSize,
			X: max(0, blank.X-fieldInset), Y: max(0, blank.Y-fieldFoot), Width: blank.Width + 2*fieldInset, Height: fieldHeight,
		}
		if blank.Part != PartNumber && blank.Part != PartDate {
			field.Align = 1
		}
		fields = append(fields, field)
	}
	return fields
}

// fill is what goes into the prepared fields; nil when there are none.
func (d Document) fill() map[string]string {
	if !d.has(StepPrepared) {
		return nil
	}
	values := map[string]string{}
	for _, blank := range d.Placement.blanks() {
		values[blank.field()] = d.Numbering.part(blank.Part)
	}
	return values
}

// part writes a part of number and date as on documents: a day below 10 and the months 1 and 2 with a leading zero
// (Decree 30/2020, Annex I).
func (n Numbering) part(part Part) string {
	year, month, day := n.Date.Start().Date()
	switch part {
	case PartNumber:
		return n.String()
	case PartDigits:
		return fmt.Sprintf("%02d", n.Number)
	case PartDate:
		return n.Date.Long()
	case PartDay:
		return fmt.Sprintf("%02d", day)
	case PartMonth:
		if month <= time.February {
			return fmt.Sprintf("%02d", month)
		}
		return strconv.Itoa(int(month))
	case PartYear:
		return strconv.Itoa(year)
	}
	return ""
}

// marks are number and date inside the seal's own appearance, as far as no fields take them.
func (d Document) marks(x, y float64) []signing.Mark {
	written := d.fill()
	placement := Placement{}
	if d.Placement != nil {
		placement = *d.Placement
	}
	var marks []signing.Mark
	add := func(text string, under float64, spot *Spot) {
		mark := signing.Mark{X: x, Y: max(y-under, lineHeight), Text: text, FontSize: markSize}
		if spot != nil {
			mark.X, mark.Y = spot.X, max(spot.Y, lineHeight)
		}
		marks = append(marks, mark)
	}
	if written["congvan_number"] == "" && written["congvan_digits"] == "" {
		text := "Số: " + d.Numbering.String()
		if placement.Number != nil {
			text = d.Numbering.String()
		}
		add(text, lineHeight, placement.Number)
	}
	if written["congvan_date"] == "" && written["congvan_day"] == "" {
		add(d.Numbering.Date.Long(), 2*lineHeight, placement.Date)
	}
	return marks
}

// given is a placement that somebody stated.
func (p *Placement) given() *Placement {
	if p == nil {
		return nil
	}
	stated := *p
	stated.Found = false
	return &stated
}

func (p Placement) valid() bool {
	const largest = 2000.0 // mm, beyond A0
	inside := func(spot *Spot) bool {
		return spot == nil || spot.X >= 0 && spot.Y >= 0 && spot.X < largest && spot.Y < largest
	}
	page := func(page int) bool { return page >= -1 && page != 0 }
	seen := map[Part]bool{}
	for _, blank := range p.Blanks {
		if !page(blank.Page) || !inside(&Spot{blank.X, blank.Y}) || !(blank.Width >= 1 && blank.Width < largest) ||
			(Numbering{Number: 1, Notation: "A", Date: "2026-01-01"}).part(blank.Part) == "" || seen[blank.Part] {
			return false
		}
		seen[blank.Part] = true
	}
	return page(p.Page) && inside(&Spot{p.X, p.Y}) && inside(&Spot{p.Width, p.Height}) &&
		inside(p.Number) && inside(p.Date)
}
