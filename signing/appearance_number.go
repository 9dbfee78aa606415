package signing

import (
	"math"
	"slices"
	"strings"

	"congvan/pages"
)

// Text is a word on a page and where it stands, as package pages finds it.
type Text = pages.Text

// Gap is room that a page leaves for words to be written in, in millimetres from the page's lower left corner as
// displayed. Y is the lower edge of a line of letters. Beside is what is printed right after it.
type Gap struct {
	X, Y, Width float64
	Beside      string
}

const (
	widestNumber = 45.0 // millimetres, where nothing stands behind it
	widestYear   = 12.0
	leastGap     = 4.0 // two digits
	gapMargin    = 0.5
)

// PlaceNumber finds the room for number and notation: behind the first "Số:" of the page (Decree 30/2020, Annex I,
// box 3). Beside is empty when all of it is to be written, and the notation with its stroke when that is printed.
func PlaceNumber(texts []Text) (Gap, bool) {
	label := -1
	for i, text := range texts {
		if folded(text.Text) == "số:" && (label < 0 || text.Bottom > texts[label].Bottom) {
			label = i
		}
	}
	if label < 0 {
		return Gap{}, false
	}
	gap := gapBehind(texts, texts[label], widestNumber)
	if gap.Beside != "" && !strings.HasPrefix(gap.Beside, "/") {
		return Gap{}, false // a number is there, or a word that nobody expects
	}
	return gap, gap.Width >= leastGap
}

// DateGaps is the room for the date of issue behind "ngày", "tháng" and "năm". Year.Beside is the year when that is
// printed; then there is no room for it.
type DateGaps struct{ Day, Month, Year Gap }

// PlaceDate finds the room in the line of place and date, "…, ngày … tháng … năm …" (Decree 30/2020, Annex I, box 4):
// the first of the page whose day and month are not written yet.
func PlaceDate(texts []Text) (DateGaps, bool) {
	sorted := slices.Clone(texts)
	slices.SortStableFunc(sorted, func(a, b Text) int { return int(math.Round(b.Bottom - a.Bottom)) })
	for _, day := range sorted {
		if folded(day.Text) != "ngày" {
			continue
		}
		month, found := wordBehind(texts, day, "tháng")
		if !found {
			continue
		}
		year, found := wordBehind(texts, month, "năm")
		if !found {
			continue
		}
		gaps := DateGaps{gapBehind(texts, day, 0), gapBehind(texts, month, 0), gapBehind(texts, year, widestYear)}
		for _, gap := range []*Gap{&gaps.Day, &gaps.Month, &gaps.Year} {
			gap.Y = millimetres(year.Bottom) // the other words reach below the line
		}
		printed := isYear(gaps.Year.Beside)
		if gaps.Day.Width >= leastGap && gaps.Month.Width >= leastGap && (printed || gaps.Year.Width >= 2*leastGap) {
			return gaps, true
		}
	}
	return DateGaps{}, false
}

func isYear(text string) bool {
	text = strings.TrimRight(text, ".,;")
	return len(text) == 4 && strings.Trim(text, "0123456789") == ""
}

// wordBehind gives the next word of the line that is no leader, when it is the wanted one.
func wordBehind(texts []Text, word Text, wanted string) (Text, bool) {
	next, _, found := following(texts, word)
	return next, found && folded(next.Text) == wanted
}

// gapBehind measures from a word to the next one on its line, leaders not counted; widest is where nothing follows.
func gapBehind(texts []Text, word Text, widest float64) Gap {
	gap := Gap{X: millimetres(word.Right) + gapMargin, Y: millimetres(word.Bottom), Width: widest}
	next, leaders, found := following(texts, word)
	if !found {
		gap.Width = max(widest, millimetres(leaders)-gap.X)
		return gap
	}
	gap.Width = millimetres(next.Left) - gapMargin - gap.X
	if gap.Width > widestNumber { // another column begins there
		gap.Width = widest
		return gap
	}
	gap.Beside = next.Text
	return gap
}

// following finds the nearest word to the right on the same line, and where the leaders between them end.
func following(texts []Text, word Text) (next Text, leaders float64, found bool) {
	for _, text := range texts {
		if math.Abs(text.Bottom-word.Bottom) > lineSlack || text.Left < word.Right-1 {
			continue
		}
		if strings.Trim(text.Text, ".…") == "" {
			leaders = max(leaders, text.Right)
			continue
		}
		if !found || text.Left < next.Left {
			next, found = text, true
		}
	}
	return next, leaders, found
}

func millimetres(points float64) float64 { return points * 25.4 / 72 }
