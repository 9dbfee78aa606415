package remind_test

import (
	"testing"
	"time"

	"congvan/exchange"
	"congvan/exchange/remind"
)

// stated is what a commune's clerk would type from the announcements of a year. The days are those of the fixture, and
// need not be what was announced.
const stated = `{"years": [
 {"year": 2026, "basis": "Thông báo về nghỉ Tết và lễ năm 2026 (dữ liệu thử)",
  "off": [
   {"date": "2026-02-16", "name": "Tết Nguyên đán"}, {"date": "2026-02-17", "name": "Tết Nguyên đán"},
   {"date": "2026-02-18", "name": "Tết Nguyên đán"}, {"date": "2026-02-19", "name": "Tết Nguyên đán"},
   {"date": "2026-02-20", "name": "Tết Nguyên đán"}, {"date": "2026-04-27", "name": "Nghỉ bù Giỗ Tổ Hùng Vương"},
   {"date": "2026-08-31", "name": "Hoán đổi"}, {"date": "2026-09-01", "name": "Quốc khánh"}],
  "working": [{"date": "2026-08-22", "name": "Làm bù ngày 31/8"}]}]}`

func setting(t *testing.T) remind.Setting {
	t.Helper()
	loaded, err := remind.Load([]byte(stated))
	ok(t, err)
	return loaded
}

func ok(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func TestWorkingDaysAreThoseOfTheCalendar(t *testing.T) {
	t.Parallel()
	calendar := setting(t)
	for _, c := range []struct {
		on   exchange.Date
		days int
		want exchange.Date
		sure bool
	}{
		{"2026-03-06", 1, "2026-03-09", true},  // Friday, Monday
		{"2026-03-07", 0, "2026-03-09", true},  // a Saturday ends on Monday
		{"2026-03-07", 1, "2026-03-09", true},  // and the next working day is the same
		{"2026-03-06", 0, "2026-03-06", true},  // a working day is itself
		{"2026-02-13", 1, "2026-02-23", true},  // Tết, given by the file
		{"2026-02-23", -1, "2026-02-13", true}, // and back
		{"2026-04-29", 1, "2026-05-04", true},  // 30/4, 1/5 and a week-end
		{"2026-04-24", 1, "2026-04-28", true},  // a Monday off in lieu
		{"2026-08-21", 1, "2026-08-22", true},  // a Saturday that is worked
		{"2026-08-28", 1, "2026-09-03", true},  // 2/9 with the day that was swapped
		{"2026-08-28", 3, "2026-09-07", true},
		{"2025-03-06", 1, "2025-03-07", false}, // a year that nobody stated
		{"2026-12-31", 1, "2027-01-04", false}, // 1/1 is fixed, the year is not known
	} {
		got, sure := calendar.AddWorkingDays(c.on, c.days)
		if got != c.want || sure != c.sure {
			t.Errorf("%s %+d: %s %t, want %s %t", c.on, c.days, got, sure, c.want, c.sure)
		}
	}
	if got, _ := calendar.AddWorkingDays("hôm nay", 1); got != "" {
		t.Errorf("what is no date gives %s", got)
	}
}

func TestAYearThatNobodyStatedIsSaidToBeUnknown(t *testing.T) {
	t.Parallel()
	calendar, err := remind.Default()
	ok(t, err)
	if day := calendar.Day("2026-09-02"); day.Working || day.Known || day.Name != "Quốc khánh" {
		t.Errorf("2/9 without a file: %+v", day)
	}
	if day := calendar.Day("2026-02-17"); !day.Working || day.Known {
		t.Errorf("a day of Tết without a file: %+v", day)
	}
	known := setting(t)
	if day := known.Day("2026-02-17"); day.Working || !day.Known || day.Name != "Tết Nguyên đán" {
		t.Errorf("a day of Tết with a file: %+v", day)
	}
}

func TestWorkingTimeLeavesOutNoonAndNight(t *testing.T) {
	t.Parallel()
	calendar := setting(t)
	from, to := at("2026-03-06 11:00"), at("2026-03-09 08:00")
	if work, sure := calendar.WorkBetween(from, to); work != 5*time.Hour || !sure {
		t.Errorf("%v %t, want 5 h", work, sure)
	}
	if got, sure := calendar.AddWork(from, 5*time.Hour); !got.Equal(to) || !sure {
		t.Errorf("%v %t, want %v", got, sure, to)
	}
}

func TestASettingThatCannotBeMeantIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"hour": []}`, `[]`, `{"week": [{"days": []}]}`, `{"hours": [{"spans": ["17:00-13:00"]}]}`,
		`{"hours": [{"spans": ["25:00-26:00"]}]}`, `{"hours": [{"spans": []}]}`,
		`{"years": [{"year": 2026, "off": []}]}`,
		`{"years": [{"year": 2026, "basis": "x", "off": [{"date": "2027-01-01"}]}]}`,
		`{"years": [{"year": 2026, "basis": "x"}, {"year": 2026, "basis": "y"}]}`,
		`{"duties": [{"duty": "rest"}]}`, `{"duties": [{"duty": "issue", "minutes": {"0": 5}}]}`,
		`{"duties": [{"duty": "issue", "until": "noon"}]}`, `{"alarm_percent": 101}`,
	} {
		if _, err := remind.Load([]byte(text)); exchange.CodeOf(err) != "deadlines.invalid" {
			t.Errorf("%s gives %v", text, err)
		}
	}
}

// at is a moment in Vietnam.
func at(text string) time.Time {
	moment, err := time.ParseInLocation("2006-01-02 15:04", text, time.FixedZone("+07", 7*60*60))
	if err != nil {
		panic(err)
	}
	return moment.UTC()
}
