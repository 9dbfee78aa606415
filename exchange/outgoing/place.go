package outgoing

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"congvan/exchange"
	"congvan/signing"
)

const (
	placingTime = 30 * time.Second // for all pages of a document that are looked at
	placingEnds = 4                // pages from either end in which the signer's name is looked for
)

// layOut finds out where signature, number and date go, and prepares the fields for number and date while nobody has
// signed: later they would be a change to what was signed. What is found is a fact of the document.
func (d Desk) layOut(
	ctx context.Context, document *exchange.Document, blob exchange.Blob, report signing.Report,
) error {
	if document.Has(exchange.StepSigned) { // words are not read: another system may hand in by the thousand
		d.findSigned(ctx, document, blob, report)
		return nil
	}
	if document.Placement == nil && d.Gateway.Words != nil {
		document.Placement = d.findPlaces(ctx, *document, blob)
	}
	fields := fieldsOf(document.Placement)
	if len(fields) == 0 {
		return nil
	}
	tail, err := signing.PrepareFields(blob, blob.Size(), fields)
	if signing.RefusalCode(err) != "" {
		d.Gateway.Log.LogAttrs(ctx, slog.LevelInfo, "number and date go into the seal: no fields can be prepared",
			slog.String("document", string(document.ID)), slog.Any("error", err))
		return nil
	}
	if err != nil {
		return exchange.Errorf(exchange.Internal, "internal", "prepare fields: %w", err)
	}
	file, err := d.keepTail(ctx, document.Current(), blob, tail)
	if err != nil {
		return err
	}
	document.Versions = append(document.Versions, exchange.Version{
		Step: exchange.StepPrepared, File: file, At: document.CreatedAt, By: document.CreatedBy,
	})
	return nil
}

// findSigned has the seal go to the leader's signature where that is seen on the page already.
func (d Desk) findSigned(ctx context.Context, document *exchange.Document, blob exchange.Blob, report signing.Report) {
	signature, signed := signatureOf(report, document.Signatory.Name)
	if document.Placement != nil || !signed {
		return
	}
	box, seen, err := signing.ShownAt(blob, blob.Size(), signature.Field)
	if err != nil {
		d.Gateway.Log.LogAttrs(ctx, slog.LevelWarn, "cannot tell where the leader's signature is shown",
			slog.String("document", string(document.ID)), slog.Any("error", err))
	}
	if err != nil || !seen {
		return
	}
	found := exchange.Placement{Page: box.Page, X: box.X, Y: box.Y, Width: box.Width, Height: box.Height, Found: true}
	if valid(found) {
		document.Placement = &found
	}
}

// findPlaces looks for the room that the paper leaves. A file whose words cannot be read has the places that the law
// gives: that is no reason to refuse it.
func (d Desk) findPlaces(ctx context.Context, document exchange.Document, blob exchange.Blob) *exchange.Placement {
	ctx, cancel := context.WithTimeout(ctx, placingTime)
	defer cancel()
	search := search{words: d.Gateway.Words, blob: blob, pages: map[int][]signing.Text{}}
	count, err := d.Gateway.Words.Count(ctx, blob, blob.Size())
	if err != nil || count < 1 {
		search.err = err
		count = 0
	}
	placement := &exchange.Placement{Page: -1, X: leaderX, Y: leaderY, Found: true}
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
		placement.Blanks = d.findBlanks(search.page(ctx, 1), document)
	}
	if search.err != nil {
		d.Gateway.Log.LogAttrs(ctx, slog.LevelWarn, "cannot read where signature, number and date go",
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
	words exchange.Words
	blob  exchange.Blob
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
func (d Desk) findBlanks(texts []signing.Text, document exchange.Document) []exchange.Blank {
	var blanks []exchange.Blank
	add := func(part exchange.Part, gap signing.Gap) {
		blanks = append(blanks, exchange.Blank{Part: part, Page: 1, X: gap.X, Y: gap.Y, Width: gap.Width})
	}
	if gap, ok := signing.PlaceNumber(texts); ok {
		switch gap.Beside {
		case "":
			add(exchange.PartNumber, gap)
		case "/" + d.notation(document):
			add(exchange.PartDigits, gap)
		}
	}
	gaps, ok := signing.PlaceDate(texts)
	if printed := gaps.Year.Beside; ok && (printed == "" || printed == strconv.Itoa(d.today().Year())) {
		add(exchange.PartDay, gaps.Day)
		add(exchange.PartMonth, gaps.Month)
		if printed == "" {
			add(exchange.PartYear, gaps.Year)
		}
	}
	return blanks
}

// notation is the one that the document's number will have.
func (d Desk) notation(document exchange.Document) string {
	office, err := d.Gateway.Directory().Office(document.Office)
	if err != nil {
		return ""
	}
	return exchange.Notation(document.Kind, office.Notation, document.Unit)
}

// blanksOf lists all room for number and date; explicit places come first.
func blanksOf(p *exchange.Placement) []exchange.Blank {
	if p == nil {
		return nil
	}
	var list []exchange.Blank
	if p.Number != nil {
		list = append(list, exchange.Blank{
			Part: exchange.PartNumber, Page: p.Page, X: p.Number.X, Y: p.Number.Y, Width: numberWidth,
		})
	}
	if p.Date != nil {
		list = append(list, exchange.Blank{
			Part: exchange.PartDate, Page: p.Page, X: p.Date.X, Y: p.Date.Y, Width: dateWidth,
		})
	}
	for _, blank := range p.Blanks {
		if !slices.ContainsFunc(list, func(b exchange.Blank) bool { return b.Part == blank.Part }) {
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

func fieldName(b exchange.Blank) string { return "congvan_" + string(b.Part) }

// fieldsOf are the form fields for number and date, empty.
func fieldsOf(p *exchange.Placement) []signing.TextField {
	labels := map[exchange.Part]string{
		exchange.PartNumber: "Số, ký hiệu", exchange.PartDigits: "Số", exchange.PartDate: "Ngày ban hành",
		exchange.PartDay: "Ngày", exchange.PartMonth: "Tháng",
		exchange.PartYear: "Năm",
	}
	var fields []signing.TextField
	for _, blank := range blanksOf(p) {
		field := signing.TextField{
			Name: fieldName(blank), Label: labels[blank.Part], Page: blank.Page, FontSize: fieldSize,
			X: max(0, blank.X-fieldInset), Y: max(0, blank.Y-fieldFoot), Width: blank.Width + 2*fieldInset, Height: fieldHeight,
		}
		if blank.Part != exchange.PartNumber && blank.Part != exchange.PartDate {
			field.Align = 1
		}
		fields = append(fields, field)
	}
	return fields
}

// fill is what goes into the prepared fields; nil when there are none.
func fill(document exchange.Document) map[string]string {
	if !document.Has(exchange.StepPrepared) {
		return nil
	}
	values := map[string]string{}
	for _, blank := range blanksOf(document.Placement) {
		values[fieldName(blank)] = partOf(document.Numbering, blank.Part)
	}
	return values
}

// partOf writes a part of number and date as on documents: a day below 10 and the months 1 and 2 with a leading zero
// (Decree 30/2020, Annex I).
func partOf(n exchange.Numbering, part exchange.Part) string {
	year, month, day := n.Date.Start().Date()
	switch part {
	case exchange.PartNumber:
		return n.String()
	case exchange.PartDigits:
		return fmt.Sprintf("%02d", n.Number)
	case exchange.PartDate:
		return n.Date.Long()
	case exchange.PartDay:
		return fmt.Sprintf("%02d", day)
	case exchange.PartMonth:
		if month <= time.February {
			return fmt.Sprintf("%02d", month)
		}
		return strconv.Itoa(int(month))
	case exchange.PartYear:
		return strconv.Itoa(year)
	}
	return ""
}

// marks are number and date inside the seal's own appearance, as far as no fields take them.
func marks(document exchange.Document, x, y float64) []signing.Mark {
	written := fill(document)
	placement := exchange.Placement{}
	if document.Placement != nil {
		placement = *document.Placement
	}
	var list []signing.Mark
	add := func(text string, under float64, spot *exchange.Spot) {
		mark := signing.Mark{X: x, Y: max(y-under, lineHeight), Text: text, FontSize: markSize}
		if spot != nil {
			mark.X, mark.Y = spot.X, max(spot.Y, lineHeight)
		}
		list = append(list, mark)
	}
	if written["congvan_number"] == "" && written["congvan_digits"] == "" {
		text := "Số: " + document.Numbering.String()
		if placement.Number != nil {
			text = document.Numbering.String()
		}
		add(text, lineHeight, placement.Number)
	}
	if written["congvan_date"] == "" && written["congvan_day"] == "" {
		add(document.Numbering.Date.Long(), 2*lineHeight, placement.Date)
	}
	return list
}

// given is a placement that somebody stated.
func given(p *exchange.Placement) *exchange.Placement {
	if p == nil {
		return nil
	}
	stated := *p
	stated.Found = false
	return &stated
}

// valid says whether all places are on a page that there may be.
func valid(p exchange.Placement) bool {
	const largest = 2000.0 // mm, beyond A0
	inside := func(spot *exchange.Spot) bool {
		return spot == nil || spot.X >= 0 && spot.Y >= 0 && spot.X < largest && spot.Y < largest
	}
	page := func(page int) bool { return page >= -1 && page != 0 }
	seen := map[exchange.Part]bool{}
	for _, blank := range p.Blanks {
		if !page(blank.Page) || !inside(&exchange.Spot{X: blank.X, Y: blank.Y}) || !(blank.Width >= 1 &&
			blank.Width < largest) ||
			partOf(exchange.Numbering{Number: 1, Notation: "A", Date: "2026-01-01"}, blank.Part) == "" || seen[blank.Part] {
			return false
		}
		seen[blank.Part] = true
	}
	return page(p.Page) && inside(&exchange.Spot{X: p.X, Y: p.Y}) && inside(&exchange.Spot{X: p.Width, Y: p.Height}) &&
		inside(p.Number) && inside(p.Date)
}
