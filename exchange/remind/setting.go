package remind

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"congvan/exchange"
)

// Duty is what an office has to do by a certain time.
type Duty string

// The duties that are known. Which of them hold, since when and for how long is data.
const (
	Issue   Duty = "issue"   // phát hành, after the competent person signed
	Receive Duty = "receive" // tiếp nhận hoặc trả lại, after it arrived
	Present Duty = "present" // trình, chuyển giao, after it was accepted
	Answer  Duty = "answer"  // trả lời, by the day that the sender set
	Decide  Duty = "decide"  // đừng để hết hạn mới trả lại: a share of the time until that day
	Answers Duty = "answers" // được trả lời: what the office asked of others
)

// Duties lists all duties, in the order of a document's way.
func Duties() []Duty { return []Duty{Issue, Answers, Receive, Decide, Present, Answer} }

// Setting is all that is data: the calendar, the duties, when to remind, and when to raise the alarm.
type Setting struct {
	Calendar

	Duties    []Rule     `json:"duties,omitempty"`
	Reminders *Reminding `json:"reminders,omitempty"`
	// AlarmPercent is the share of late ones from which a report raises the alarm.
	AlarmPercent int `json:"alarm_percent,omitempty"`
}

// Rule is one duty, and since when it holds. Where a day is set by the document itself (Answer, Decide, Answers), Days
// does not count.
type Rule struct {
	Duty Duty `json:"duty"`
	exchange.Period
	Basis string `json:"basis"`
	// Days is how many working days later it is due; 0: on the same day, or on the next working day when work was over.
	Days int `json:"days"`
	// Until is "work" where it is due by the end of working hours, else "day".
	Until string `json:"until,omitempty"`
	// Percent is how much of the working time until the document's day may pass (Decide).
	Percent int `json:"percent,omitempty"`
	// Minutes are how long "at once" is, by degree of urgency (1 khẩn to 4), by day and by night.
	Minutes map[string]int `json:"minutes,omitempty"`
}

// Reminding says when an office is reminded.
type Reminding struct {
	Before  []int `json:"before"`  // so many working days before the day, as work begins
	OnDay   bool  `json:"on_day"`  // as work begins on the day
	Minutes int   `json:"minutes"` // before work ends on the day; 0: not
	After   int   `json:"after"`   // on each working day after, so many times at most
}

//go:embed default.json
var defaults []byte

const (
	untilDay  = "day"
	untilWork = "work"
	mostAfter = 60
)

// Default is what holds when an office states nothing: the public holidays that are fixed, the usual working hours, and
// the duties of Decree 30/2020. It states no year.
func Default() (Setting, error) { return Load([]byte("{}")) }

// Load reads what an office states. A section that is left out is the default's; one that is there replaces it. A
// setting that is not known is an error: Invalid deadlines.invalid.
func Load(data []byte) (Setting, error) {
	var setting Setting
	for _, text := range [][]byte{defaults, data} {
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.DisallowUnknownFields()
		var part Setting
		if err := decoder.Decode(&part); err != nil {
			return Setting{}, invalid("decode: %w", err)
		}
		setting.take(part)
	}
	if err := setting.check(); err != nil {
		return Setting{}, err
	}
	return setting, nil
}

func (s *Setting) take(part Setting) {
	if part.Hours != nil {
		s.Hours = part.Hours
	}
	if part.Week != nil {
		s.Week = part.Week
	}
	if part.Fixed != nil {
		s.Fixed = part.Fixed
	}
	if part.Duties != nil {
		s.Duties = part.Duties
	}
	if part.Reminders != nil {
		s.Reminders = part.Reminders
	}
	if part.AlarmPercent != 0 {
		s.AlarmPercent = part.AlarmPercent
	}
	s.Years = append(s.Years, part.Years...)
}

func invalid(format string, args ...any) error {
	return exchange.Errorf(exchange.Invalid, "deadlines.invalid", format, args...)
}

func (s *Setting) check() error {
	if err := s.Calendar.check(); err != nil {
		return err
	}
	for _, rule := range s.Duties {
		if err := rule.check(); err != nil {
			return err
		}
	}
	if s.AlarmPercent < 1 || s.AlarmPercent > 100 || s.Reminders.After < 0 || s.Reminders.After > mostAfter {
		return invalid("alarm at %d %%, %d reminders after", s.AlarmPercent, s.Reminders.After)
	}
	return nil
}

func (c *Calendar) check() error {
	for i := range c.Hours {
		if err := c.Hours[i].read(); err != nil {
			return err
		}
	}
	for _, week := range c.Week {
		if len(week.Days) == 0 {
			return invalid("a week without working days")
		}
	}
	for i, year := range c.Years {
		if err := year.check(); err != nil {
			return err
		}
		if c.year(year.Year) != &c.Years[i] {
			return invalid("the year %d is stated twice", year.Year)
		}
	}
	return nil
}

func (y Year) check() error {
	for _, stated := range append(append([]StatedDay{}, y.Off...), y.Working...) {
		if stated.Date.Year() != y.Year {
			return invalid("%q is no day of %d", stated.Date, y.Year)
		}
	}
	if y.Basis == "" {
		return invalid("the year %d has no basis", y.Year)
	}
	return nil
}

func (r Rule) check() error {
	known := false
	for _, duty := range Duties() {
		known = known || duty == r.Duty
	}
	switch {
	case !known:
		return invalid("%q is no duty", r.Duty)
	case r.Until != untilDay && r.Until != untilWork && r.Until != "":
		return invalid("%s until %q", r.Duty, r.Until)
	case r.Days < 0 || r.Percent < 0 || r.Percent > 100:
		return invalid("%s: %d days, %d %%", r.Duty, r.Days, r.Percent)
	}
	for degree, minutes := range r.Minutes {
		if value, err := strconv.Atoi(degree); err != nil || value < 1 || value > int(exchange.ExpressTimed) || minutes < 1 {
			return invalid("%s: urgency %q in %d minutes", r.Duty, degree, minutes)
		}
	}
	return nil
}

// read reads spans such as "07:30-11:30".
func (h *Hours) read() error {
	h.spans = nil
	last := 0
	for _, text := range h.Spans {
		from, to, _ := strings.Cut(text, "-")
		begin, err := minuteOf(from)
		if err != nil {
			return err
		}
		end, err := minuteOf(to)
		if err != nil {
			return err
		}
		if begin < last || end <= begin {
			return invalid("hours %q are not in order", text)
		}
		h.spans = append(h.spans, span{begin, end})
		last = end
	}
	if len(h.spans) == 0 {
		return invalid("hours without a span")
	}
	return nil
}

func minuteOf(text string) (int, error) {
	var hour, minute int
	if count, err := fmt.Sscanf(text, "%02d:%02d", &hour, &minute); err != nil || count != 2 || hour > 23 || minute > 59 {
		return 0, invalid("%q is no time of day", text)
	}
	return 60*hour + minute, nil
}

// rule gives the rule of a duty that holds on a day.
func (s *Setting) rule(duty Duty, on exchange.Date) (Rule, bool) {
	for _, rule := range s.Duties {
		if rule.Duty == duty && rule.Contains(on) {
			return rule, true
		}
	}
	return Rule{}, false
}
