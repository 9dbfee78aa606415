package exchange_test

import (
	"testing"
	"time"

	"congvan/exchange"
)

func TestTheDayBeginsInHanoi(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		moment string
		want   exchange.Date
	}{
		{"2025-06-30T16:59:59Z", "2025-06-30"},
		{"2025-06-30T17:00:00Z", "2025-07-01"},
		{"2025-12-31T23:00:00+07:00", "2025-12-31"},
		{"2025-12-31T23:00:00-05:00", "2026-01-01"},
	} {
		moment, err := time.Parse(time.RFC3339, test.moment)
		if err != nil {
			t.Fatal(err)
		}
		if got := exchange.Today(moment); got != test.want {
			t.Errorf("%s is %s, want %s", test.moment, got, test.want)
		}
	}
	if start := exchange.Date("2025-07-01").Start(); !start.Equal(time.Date(2025, 6, 30, 17, 0, 0, 0, time.UTC)) {
		t.Errorf("1 July 2025 begins at %s", start)
	}
}

func TestDatesThatAreNoneAreNotMadeUp(t *testing.T) {
	t.Parallel()
	for _, date := range []exchange.Date{"", "2025-02-29", "2025-13-01", "01/07/2025", "2025-7-1", "0000-00-00"} {
		if date.Valid() || !date.Start().IsZero() || date.AddDays(1) != "" || date.Year() != 0 || date.Long() != "" {
			t.Errorf("%q is taken for a date", date)
		}
	}
}

func TestDatesCountAndAreWrittenAsOnDocuments(t *testing.T) {
	t.Parallel()
	if got := exchange.Date("2024-02-28").AddDays(2); got != "2024-03-01" {
		t.Errorf("two days after 28 February 2024: %s", got)
	}
	for date, want := range map[exchange.Date]string{
		"2026-02-05": "ngày 05 tháng 02 năm 2026",
		"2026-11-22": "ngày 22 tháng 11 năm 2026",
		"2026-03-09": "ngày 09 tháng 3 năm 2026",
	} {
		if got := date.Long(); got != want {
			t.Errorf("%s: %q, want %q", date, got, want)
		}
	}
}

func TestFoldingFindsVietnameseWithoutDiacritics(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Đường Đất đai":        "duong dat dai",
		"Quyết  định số 15/QĐ": "quyet dinh so 15 qd",
		"hoà — hòa":            "hoa hoa",
		"  Thừa Thiên - Huế ":  "thua thien hue",
		"":                     "",
	} {
		if got := exchange.Fold(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
