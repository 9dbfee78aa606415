package exchange

import (
	"fmt"
	"time"
)

// vietnam is Asia/Ho_Chi_Minh, which has been +07:00 without summer time since 1975; no time zone database is needed.
var vietnam = time.FixedZone("+07", 7*60*60)

// Today is the civil date in Vietnam at a moment.
func Today(now time.Time) Date { return Date(now.In(vietnam).Format(time.DateOnly)) }

// InVietnam shows a moment in the time zone of Vietnam.
func InVietnam(at time.Time) time.Time { return at.In(vietnam) }

// Valid says whether the date is a day of the calendar, written yyyy-mm-dd.
func (d Date) Valid() bool {
	day, err := time.Parse(time.DateOnly, string(d))
	return err == nil && Date(day.Format(time.DateOnly)) == d
}

// Start is the moment at which the day begins in Vietnam; zero when the date is none.
func (d Date) Start() time.Time {
	day, err := time.ParseInLocation(time.DateOnly, string(d), vietnam)
	if err != nil {
		return time.Time{}
	}
	return day
}

// Year is the year of the date; 0 when the date is none.
func (d Date) Year() int {
	if !d.Valid() {
		return 0
	}
	return d.Start().Year()
}

// AddDays gives the date so many days later, or earlier. Of none it is none.
func (d Date) AddDays(days int) Date {
	if !d.Valid() {
		return ""
	}
	return Date(d.Start().AddDate(0, 0, days).Format(time.DateOnly))
}

// Long writes the date as on documents: "ngày 05 tháng 02 năm 2026"; a day below 10 and the months 1 and 2 have a leading
// zero (Decree 30/2020, Annex I). It is empty when the date is none.
func (d Date) Long() string {
	if !d.Valid() {
		return ""
	}
	year, month, day := d.Start().Date()
	if month <= time.February {
		return fmt.Sprintf("ngày %02d tháng %02d năm %d", day, month, year)
	}
	return fmt.Sprintf("ngày %02d tháng %d năm %d", day, month, year)
}

// overlaps says whether the two periods share a day.
func (p Period) overlaps(other Period) bool {
	return (p.To == "" || other.From == "" || other.From <= p.To) &&
		(other.To == "" || p.From == "" || p.From <= other.To)
}

// ended says whether the period is over on the day.
func (p Period) ended(on Date) bool { return p.To != "" && p.To < on }
