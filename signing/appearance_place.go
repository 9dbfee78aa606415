package signing

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"congvan/pages"
	"congvan/signing/pdf"
)

// PlaceLeader finds where on a page the leader signs: between the line of the position ("CHỦ TỊCH", "KT. CHỦ TỊCH" …)
// and the name under it (Decree 30/2020, Annex I, boxes 7a to 7c). Of several places the last on the page counts, since
// the name may stand in the text as well. Page and Image are left to the caller; ok is false when there is no such
// place.
func PlaceLeader(texts []pages.Text, name string) (box Appearance, ok bool) {
	lines := linesOf(texts)
	wanted := folded(name)
	for i := len(lines) - 1; i >= 0 && wanted != ""; i-- {
		if !strings.HasSuffix(folded(lines[i].Text), wanted) {
			continue
		}
		if position, found := positionAbove(lines[:i], lines[i]); found {
			return between(position, lines[i]), true
		}
	}
	return Appearance{}, false
}

// linesOf joins the runs of words that stand on one line, from the top of the page to its bottom.
func linesOf(texts []pages.Text) []pages.Text {
	sorted := slices.Clone(texts)
	slices.SortStableFunc(sorted, func(a, b pages.Text) int { return cmp.Compare(b.Bottom, a.Bottom) })
	for from := 0; from < len(sorted); {
		to := from + 1
		for to < len(sorted) && sorted[from].Bottom-sorted[to].Bottom <= lineSlack {
			to++
		}
		slices.SortStableFunc(sorted[from:to], func(a, b pages.Text) int { return cmp.Compare(a.Left, b.Left) })
		from = to
	}
	var lines []pages.Text
	for _, text := range sorted {
		if last := len(lines) - 1; last >= 0 && continues(lines[last], text) {
			lines[last].Text += " " + text.Text
			lines[last].Right = max(lines[last].Right, text.Right)
			lines[last].Top = max(lines[last].Top, text.Top)
			continue
		}
		lines = append(lines, text)
	}
	return lines
}

const lineSlack = 4.0 // points between the lower edges of words on one line, with and without a descender

// continues says whether text goes on a line, and is not the neighbour column's.
func continues(line, text pages.Text) bool {
	height := max(line.Top-line.Bottom, 1)
	return math.Abs(line.Bottom-text.Bottom) <= lineSlack && text.Left-line.Right < 1.5*height
}

// positionAbove looks for the nearest line above the name, in its column, that is written in capitals.
func positionAbove(above []pages.Text, name pages.Text) (pages.Text, bool) {
	const least, most = 20, 220 // points of room for a signature
	centre := (name.Left + name.Right) / 2
	for i := len(above) - 1; i >= 0; i-- {
		line := above[i]
		room := line.Bottom - name.Top
		if room < least || centre < line.Left-most/4 || centre > line.Right+most/4 {
			continue
		}
		if room > most {
			break
		}
		return line, capitals(line.Text)
	}
	return pages.Text{}, false
}

func capitals(text string) bool {
	letters := 0
	for _, r := range norm.NFC.String(text) {
		if unicode.IsLower(r) {
			return false
		}
		if unicode.IsUpper(r) {
			letters++
		}
	}
	return letters > 1
}

// between is the room between position and name, centred over the name, at most as large as a signature.
func between(position, name pages.Text) Appearance {
	const margin, width, height = 1.0, 45.0, 25.0 // millimetres
	bottom, top := millimetres(name.Top)+margin, millimetres(position.Bottom)-margin
	box := Appearance{Width: width, Height: min(height, top-bottom)}
	box.X = max(0, millimetres((name.Left+name.Right)/2)-width/2)
	box.Y = bottom + (top-bottom-box.Height)/2
	return box
}

// folded compares names whatever their composition, case and spacing.
func folded(text string) string {
	return strings.ToLower(strings.Join(strings.Fields(norm.NFC.String(text)), " "))
}

// ShownAt is where a signature that a document carries already is seen, by the name of its field; ok is false when it
// is not seen. Image and text are not told.
func ShownAt(original io.ReaderAt, size int64, field string) (place Appearance, ok bool, err error) {
	doc, err := pdf.Open(original, size)
	if err != nil {
		return Appearance{}, false, fmt.Errorf("open the document: %w", err)
	}
	shown, ok, err := doc.Shown(field)
	return Appearance{Page: shown.Page, X: shown.X, Y: shown.Y, Width: shown.Width, Height: shown.Height}, ok, err
}
