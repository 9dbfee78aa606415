package remind

import (
	"cmp"
	"slices"
	"time"

	"congvan/exchange"
)

// tally gathers what a report counts.
type tally struct {
	now       time.Time
	submitted int
	issued    int
	arrived   int
	duties    map[Duty]*Count
	hops      map[legStage][]time.Duration
	offices   map[exchange.OfficeID]*officeTally
	refusals  Refusals
	reasons   map[string]int
}

type legStage struct {
	leg   Leg
	stage Stage
}

type officeTally struct {
	OfficeCount
	first []time.Duration
}

func newTally(now time.Time) *tally {
	return &tally{
		now: now, duties: map[Duty]*Count{}, hops: map[legStage][]time.Duration{},
		offices: map[exchange.OfficeID]*officeTally{}, reasons: map[string]int{},
	}
}

func (t *tally) clocks(list []Clock) {
	for _, clock := range list {
		count := t.duties[clock.Duty]
		if count == nil {
			count = &Count{Duty: clock.Duty}
			t.duties[clock.Duty] = count
		}
		count.add(clock.Outcome(t.now), clock.Runs())
	}
}

func (t *tally) way(leg Leg, way []Hop) {
	for i, hop := range way {
		if i > 0 {
			key := legStage{leg, hop.Stage}
			t.hops[key] = append(t.hops[key], hop.Took)
		}
	}
}

func (t *tally) incoming(about subject) {
	t.arrived++
	t.clocks(about.clocks)
	t.way(LegIn, about.way)
	if about.done {
		t.refusals.Decided++
	}
	if about.refused {
		t.refusals.Refused++
		t.reasons[about.reason]++
	}
}

func (t *tally) outgoing(r *Reminder, about subject, extra sentFacts) {
	t.submitted++
	t.clocks(about.clocks)
	t.way(LegOut, about.way)
	if extra.document.IssuedAt.IsZero() {
		return
	}
	t.issued++
	start := hop{Sent, about.office, "", extra.document.IssuedAt}
	for _, office := range extra.document.Recipients {
		facts := copyOf(extra.about[office], office)
		t.way(LegThem, facts.way(office, start))
		t.recipient(r, about, facts)
	}
	for _, clock := range about.clocks {
		if clock.Duty == Answers && clock.Outcome(t.now) == Overdue {
			for _, office := range clock.Waiting {
				t.office(office).Unanswered++
			}
		}
	}
}

func (t *tally) office(office exchange.OfficeID) *officeTally {
	found := t.offices[office]
	if found == nil {
		found = &officeTally{OfficeCount: OfficeCount{Office: office, Receive: Count{Duty: Receive}}}
		t.offices[office] = found
	}
	return found
}

func (t *tally) recipient(r *Reminder, about subject, facts copyFacts) {
	count := t.office(facts.office)
	count.Sent++
	if facts.arrived.IsZero() {
		return
	}
	count.Arrived++
	decided := facts.decided()
	if !decided.IsZero() {
		count.first = append(count.first, max(0, decided.Sub(facts.arrived)))
	}
	if !facts.accepted.IsZero() {
		count.Accepted++
	}
	if !facts.refused.IsZero() {
		count.Refused++
	}
	if clock, runs := r.Setting.clock(Receive, facts.arrived, about.urgency); runs {
		clock.Ended = decided
		count.Receive.add(clock.Outcome(t.now), clock.Runs())
	}
}

func (t *tally) report(areas exchange.Areas) Report {
	report := Report{
		Submitted: t.submitted, Issued: t.issued, Arrived: t.arrived, Refusals: t.refusals,
		AreasOn: areas.On, Areas: t.areas(areas),
	}
	for _, duty := range Duties() {
		if count := t.duties[duty]; count != nil {
			report.Duties = append(report.Duties, *count)
		}
	}
	for _, leg := range []Leg{LegOut, LegThem, LegIn} {
		for _, stage := range Stages() {
			if took := t.hops[legStage{leg, stage}]; len(took) > 0 {
				report.Hops = append(report.Hops, Times{leg, stage, len(took), quantile(took, 50), quantile(took, 90)})
			}
		}
	}
	report.Offices = counted(t.offices)
	for reason, count := range t.reasons {
		report.Refusals.Reasons = append(report.Refusals.Reasons, Reason{reason, count})
	}
	slices.SortFunc(report.Refusals.Reasons, func(a, b Reason) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason))
	})
	report.Refusals.Reasons = report.Refusals.Reasons[:min(mostReasons, len(report.Refusals.Reasons))]
	return report
}

// counted gives those with most late ones first.
func counted(offices map[exchange.OfficeID]*officeTally) []OfficeCount {
	var list []OfficeCount
	for _, count := range offices {
		if len(count.first) > 0 {
			count.First = quantile(count.first, 50)
		}
		list = append(list, count.OfficeCount)
	}
	slices.SortFunc(list, func(a, b OfficeCount) int {
		return cmp.Or(cmp.Compare(b.Receive.Late+b.Unanswered, a.Receive.Late+a.Unanswered), cmp.Compare(a.Office, b.Office))
	})
	return list[:min(mostOffices, len(list))]
}

// areas adds up the recipients of each area.
func (t *tally) areas(areas exchange.Areas) []OfficeCount {
	sums := tally{offices: map[exchange.OfficeID]*officeTally{}}
	for id, count := range t.offices {
		sum := sums.office(areas.Of(id))
		sum.Sent += count.Sent
		sum.Arrived += count.Arrived
		sum.Accepted += count.Accepted
		sum.Refused += count.Refused
		sum.Unanswered += count.Unanswered
		sum.Receive.sum(count.Receive)
		sum.first = append(sum.first, count.first...)
	}
	return counted(sums.offices)
}

// quantile gives the smallest value that so many percent of them do not exceed (nearest rank).
func quantile(values []time.Duration, percent int) time.Duration {
	slices.Sort(values)
	return values[max(0, (len(values)*percent+99)/100-1)]
}
