package remind

import (
	"strconv"
	"time"

	"congvan/exchange"
)

// Clock (thời hạn) is one duty of one office towards one document: since when, until when, and when it was done. It is
// derived from facts and never stored.
type Clock struct {
	Duty   Duty
	Office exchange.OfficeID // whose duty it is
	Basis  string
	Since  time.Time // UTC
	Due    time.Time // the last moment that is in time, UTC
	// Sure is false when the due moment rests on a year whose holidays nobody stated; it may then be later.
	Sure  bool
	Ended time.Time // UTC; zero while it runs
	// AtOnce says that an urgent document has minutes and not days.
	AtOnce  bool
	Waiting []exchange.OfficeID // who has not answered (Answers)
}

// Outcome says how a duty stands.
type Outcome string

// The outcomes.
const (
	Early   Outcome = "early"   // done before the day that was due
	OnTime  Outcome = "on_time" // done on that day
	Overdue Outcome = "late"    // done afterwards, or not done and past due
	Running Outcome = "running" // not done, not yet due
	Unknown Outcome = "unknown" // past a due moment that is not sure
)

// Runs says whether the duty is not done.
func (c Clock) Runs() bool { return c.Ended.IsZero() }

// Outcome says how the duty stands at a moment.
func (c Clock) Outcome(now time.Time) Outcome {
	switch {
	case Late(c.Due, c.Ended, now) && !c.Sure:
		return Unknown
	case Late(c.Due, c.Ended, now):
		return Overdue
	case c.Runs():
		return Running
	case !c.AtOnce && exchange.Today(c.Ended) < exchange.Today(c.Due):
		return Early
	default:
		return OnTime
	}
}

// clock starts the clock of a duty. There is none where no rule holds on that day, or the calendar has no answer.
func (s *Setting) clock(duty Duty, since time.Time, urgency exchange.Urgency) (Clock, bool) {
	if since.IsZero() {
		return Clock{}, false
	}
	on := exchange.Today(since)
	rule, holds := s.rule(duty, on)
	if !holds {
		return Clock{}, false
	}
	clock := Clock{Duty: duty, Basis: rule.Basis, Since: since}
	if minutes := rule.Minutes[strconv.Itoa(int(urgency))]; minutes > 0 {
		clock.Due, clock.Sure, clock.AtOnce = since.Add(time.Duration(minutes)*time.Minute), true, true
		return clock, true
	}
	sure := true
	if end := s.End(on); rule.Days == 0 && (end.IsZero() || since.After(end)) {
		on, sure = s.NextWorkingDay(on)
	}
	return s.dueOn(clock, rule, on, rule.Days, sure)
}

// clockUntil starts the clock of a duty whose day the document itself sets.
func (s *Setting) clockUntil(duty Duty, since time.Time, day exchange.Date) (Clock, bool) {
	if since.IsZero() || !day.Valid() {
		return Clock{}, false
	}
	rule, holds := s.rule(duty, exchange.Today(since))
	if !holds {
		return Clock{}, false
	}
	clock, found := s.dueOn(Clock{Duty: duty, Basis: rule.Basis, Since: since}, rule, day, 0, true)
	if found && rule.Percent > 0 {
		work, sure := s.WorkBetween(since, clock.Due)
		if work <= 0 {
			return Clock{}, false
		}
		at, _ := s.AddWork(since, work*time.Duration(rule.Percent)/100)
		clock.Due, clock.Sure = at, clock.Sure && sure
	}
	return clock, found
}

func (s *Setting) dueOn(clock Clock, rule Rule, on exchange.Date, days int, sure bool) (Clock, bool) {
	day, known := s.AddWorkingDays(on, days)
	if day == "" {
		return Clock{}, false
	}
	clock.Sure = sure && known
	clock.Due = day.AddDays(1).Start().Add(-time.Second)
	if rule.Until == untilWork || rule.Percent > 0 {
		clock.Due = s.End(day)
	}
	clock.Due = clock.Due.UTC()
	return clock, true
}

// step gives the step of reminding that a running clock has come to, the last one only, and when the next one comes;
// empty and zero when there is none. A step that lies before the clock began is no step.
func (s *Setting) step(clock Clock, now time.Time) (step string, next time.Time) {
	var reached time.Time
	s.steps(clock, func(name string, at time.Time) {
		switch {
		case at.IsZero() || at.Before(clock.Since):
		case at.After(now):
			if next.IsZero() || at.Before(next) {
				next = at
			}
		case !at.Before(reached):
			step, reached = name, at
		}
	})
	return step, next.UTC()
}

func (s *Setting) steps(clock Clock, each func(name string, at time.Time)) {
	day := exchange.Today(clock.Due)
	if clock.AtOnce {
		each("after_0", clock.Due.Add(time.Second))
	} else {
		for _, days := range s.Reminders.Before {
			before, _ := s.AddWorkingDays(day, -days)
			each("before_"+strconv.Itoa(days), s.Begin(before))
		}
		if s.Reminders.OnDay {
			each("on_day", s.Begin(day))
		}
		if end := s.End(day); s.Reminders.Minutes > 0 && !end.IsZero() {
			each("soon", end.Add(-time.Duration(s.Reminders.Minutes)*time.Minute))
		}
	}
	if !clock.Sure {
		return // nobody is called late in a year whose holidays are not known
	}
	for count := 1; count <= s.Reminders.After; count++ {
		next, sure := s.NextWorkingDay(day)
		if !sure {
			return
		}
		each("after_"+strconv.Itoa(count), s.Begin(next))
		day = next
	}
}
