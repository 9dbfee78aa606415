package remind

import (
	"time"

	"congvan/exchange"
)

// Calendar (lịch làm việc) says on which days and at what hours offices work, with dates, as [Load] read it.
type Calendar struct {
	Hours []Hours    `json:"hours,omitempty"`
	Week  []Week     `json:"week,omitempty"`
	Fixed []FixedDay `json:"fixed,omitempty"` // ngày lễ cố định theo dương lịch
	Years []Year     `json:"years,omitempty"` // what is announced year by year
}

// Hours are the working hours (giờ làm việc), such as "07:30-11:30", in order.
type Hours struct {
	exchange.Period
	Spans []string `json:"spans"`

	spans []span // as minutes of the day
}

type span struct{ from, to int }

// Week names the days that are worked in a week: 1 is Monday, 7 Sunday.
type Week struct {
	exchange.Period
	Days []int `json:"days"`
}

// FixedDay is a public holiday on the same day of every year.
type FixedDay struct {
	exchange.Period
	Month int    `json:"month"`
	Day   int    `json:"day"`
	Name  string `json:"name"`
	Basis string `json:"basis,omitempty"`
}

// Year is what was announced for one year: the holidays of the lunar calendar, days off in lieu, and days that are
// worked instead of others. A year that is not stated is unknown.
type Year struct {
	Year    int         `json:"year"`
	Basis   string      `json:"basis"` // the announcement
	Off     []StatedDay `json:"off"`
	Working []StatedDay `json:"working,omitempty"` // làm bù
}

// StatedDay is a day of an announcement.
type StatedDay struct {
	Date exchange.Date `json:"date"`
	Name string        `json:"name,omitempty"`
}

// Day is what the calendar says of a day.
type Day struct {
	Working bool
	Name    string // of the holiday, or why a day off is worked
	Known   bool   // the year's holidays were stated
}

// longestBreak bounds the search for a working day: [Load] makes sure that there is one in every week that is stated.
const longestBreak = 60

// Day says whether a day is worked.
func (c *Calendar) Day(on exchange.Date) Day {
	year := c.year(on.Year())
	known := year != nil
	if known {
		for _, stated := range year.Working {
			if stated.Date == on {
				return Day{true, stated.Name, true}
			}
		}
		for _, stated := range year.Off {
			if stated.Date == on {
				return Day{false, stated.Name, true}
			}
		}
	}
	at := on.Start()
	for _, fixed := range c.Fixed {
		if fixed.Contains(on) && int(at.Month()) == fixed.Month && at.Day() == fixed.Day {
			return Day{false, fixed.Name, known}
		}
	}
	return Day{c.inWeek(on), "", known}
}

func (c *Calendar) year(number int) *Year {
	for i := range c.Years {
		if c.Years[i].Year == number {
			return &c.Years[i]
		}
	}
	return nil
}

func (c *Calendar) inWeek(on exchange.Date) bool {
	weekday := int(on.Start().Weekday())
	if weekday == 0 {
		weekday = 7
	}
	for _, week := range c.Week {
		if !week.Contains(on) {
			continue
		}
		for _, day := range week.Days {
			if day == weekday {
				return true
			}
		}
	}
	return false
}

// NextWorkingDay gives the first working day after a day; sure is false when it rests on a year that is unknown. The
// date is none when there is no such day for two months.
func (c *Calendar) NextWorkingDay(after exchange.Date) (day exchange.Date, sure bool) {
	return c.AddWorkingDays(after, 1)
}

// AddWorkingDays gives the nth working day after a day, or before it when days is less than 0. With 0 days it is the
// day itself, or the next one that is worked: a period whose last day is not worked ends on the next one that is
// (Civil Code 2015, Article 148(5)). For sure and for none see [Calendar.NextWorkingDay].
func (c *Calendar) AddWorkingDays(on exchange.Date, days int) (day exchange.Date, sure bool) {
	step, left := 1, days
	switch {
	case days < 0:
		step, left = -1, -days
	case days == 0:
		on, left = on.AddDays(-1), 1
	}
	sure = true
	for idle := 0; idle <= longestBreak && on.Valid(); idle++ {
		on = on.AddDays(step)
		found := c.Day(on)
		sure = sure && found.Known
		if !found.Working {
			continue
		}
		if left--; left == 0 {
			return on, sure
		}
		idle = 0
	}
	return "", false
}

// spansOn gives the working hours of a day as moments; none when it is not worked.
func (c *Calendar) spansOn(on exchange.Date) [][2]time.Time {
	if !c.Day(on).Working {
		return nil
	}
	start := on.Start()
	for _, hours := range c.Hours {
		if !hours.Contains(on) {
			continue
		}
		var list [][2]time.Time
		for _, span := range hours.spans {
			list = append(list, [2]time.Time{
				start.Add(time.Duration(span.from) * time.Minute), start.Add(time.Duration(span.to) * time.Minute),
			})
		}
		return list
	}
	return nil
}

// Begin is when work begins on a day; zero when it is not worked.
func (c *Calendar) Begin(on exchange.Date) time.Time {
	if spans := c.spansOn(on); len(spans) > 0 {
		return spans[0][0]
	}
	return time.Time{}
}

// End is when work ends on a day; zero when it is not worked.
func (c *Calendar) End(on exchange.Date) time.Time {
	if spans := c.spansOn(on); len(spans) > 0 {
		return spans[len(spans)-1][1]
	}
	return time.Time{}
}

// mostDays bounds how far working time is counted.
const mostDays = 1000

// WorkBetween gives the working time between two moments; sure is false when it rests on a year that is unknown, or the
// moments are more than a thousand days apart.
func (c *Calendar) WorkBetween(from, to time.Time) (work time.Duration, sure bool) {
	sure = true
	on := exchange.Today(from)
	for range mostDays {
		if on > exchange.Today(to) {
			return work, sure
		}
		sure = sure && c.Day(on).Known
		for _, span := range c.spansOn(on) {
			begin, end := later(span[0], from), earlier(span[1], to)
			if begin.Before(end) {
				work += end.Sub(begin)
			}
		}
		on = on.AddDays(1)
	}
	return work, false
}

// AddWork gives the moment by which so much working time has passed.
func (c *Calendar) AddWork(from time.Time, work time.Duration) (at time.Time, sure bool) {
	sure = true
	on := exchange.Today(from)
	for range mostDays {
		sure = sure && c.Day(on).Known
		for _, span := range c.spansOn(on) {
			begin := later(span[0], from)
			if !begin.Before(span[1]) {
				continue
			}
			if length := span[1].Sub(begin); work > length {
				work -= length
				continue
			}
			return begin.Add(work), sure
		}
		on = on.AddDays(1)
	}
	return time.Time{}, false
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// Late says whether something that ended at a moment, or has not ended now, is past what was due.
func Late(due, ended, now time.Time) bool {
	if ended.IsZero() {
		return now.After(due)
	}
	return ended.After(due)
}
