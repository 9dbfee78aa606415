package signing_test

import (
	"testing"

	"congvan/signing"
)

// word is a word of ten points' height that stands on a line.
func word(text string, left, right, bottom float64) signing.Text {
	return signing.Text{Text: text, Left: left, Right: right, Bottom: bottom, Top: bottom + 10}
}

// dated is a line of place and date with so much room, in points, behind each of its words.
func dated(room float64, more ...signing.Text) []signing.Text {
	return append([]signing.Text{
		word("Hải", 350, 370, 700), word("Anh,", 373, 395, 700), word("ngày", 400, 425, 697),
		word("tháng", 425+room, 455+room, 697), word("năm", 455+2*room, 480+2*room, 700),
	}, more...)
}

func TestTheNumberGoesBehindItsLabel(t *testing.T) {
	t.Parallel()
	label, column := word("Số:", 100, 118, 700), word("Hải", 350, 370, 700)
	lower := word("Số:", 90, 108, 300)
	for name, tc := range map[string]struct {
		texts  []signing.Text
		width  float64 // millimetres, about
		beside string
	}{
		"alone":              {[]signing.Text{lower, label, column}, 45, ""},
		"before a notation":  {[]signing.Text{label, word("/BC-UBND", 158, 220, 699), column}, 13, "/BC-UBND"},
		"over leaders":       {[]signing.Text{label, word("…", 120, 158, 700), word("/BC", 158, 180, 699)}, 13, "/BC"},
		"with leaders alone": {[]signing.Text{label, word(".....", 120, 300, 700), column}, 45, ""},
	} {
		gap, ok := signing.PlaceNumber(tc.texts)
		if !ok || gap.Beside != tc.beside || gap.Width < tc.width-2 || gap.Width > tc.width+20 || gap.Y < 246 || gap.Y > 248 {
			t.Errorf("%s: %+v, %v", name, gap, ok)
		}
	}
	for name, texts := range map[string][]signing.Text{
		"numbered already": {label, word("15/BC-UBND", 122, 190, 699)},
		"no room":          {label, word("/BC-UBND", 122, 190, 699)},
		"no label":         {column},
	} {
		if gap, ok := signing.PlaceNumber(texts); ok {
			t.Errorf("%s: %+v", name, gap)
		}
	}
}

func TestTheDateGoesIntoTheFirstLineThatIsNotDatedYet(t *testing.T) {
	t.Parallel()
	body := []signing.Text{
		word("ngày", 100, 125, 720), word("01", 128, 140, 720), word("tháng", 143, 170, 720), word("01", 173, 185, 720),
		word("năm", 188, 208, 720), word("2024,", 211, 240, 720),
	}
	gaps, ok := signing.PlaceDate(append(body, dated(20)...))
	if !ok || gaps.Day.Width < 5 || gaps.Month.X < gaps.Day.X+15 || gaps.Year.Width < 8 || gaps.Day.Y != gaps.Year.Y {
		t.Errorf("open line: %+v, %v", gaps, ok)
	}
	gaps, ok = signing.PlaceDate(dated(20, word("2026", 525, 550, 700)))
	if !ok || gaps.Year.Beside != "2026" {
		t.Errorf("with the year printed: %+v, %v", gaps, ok)
	}
	for name, texts := range map[string][]signing.Text{
		"dated": body, "no room": dated(8), "half a year": dated(20, word("20", 525, 537, 700)), "nothing": nil,
	} {
		if gaps, ok := signing.PlaceDate(texts); ok {
			t.Errorf("%s: %+v", name, gaps)
		}
	}
}
