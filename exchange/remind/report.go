package remind

import (
	"cmp"
	"context"
	"slices"
	"time"

	"congvan/exchange"
)

const (
	longestPeriod = 366 // days
	documentsRead = 25  // at once: each may have thousands of recipients
	arrivalsRead  = 200
	mostReasons   = 20
	mostOffices   = 200
)

// Report (báo cáo đúng hạn) counts what an office did in a period: outgoing documents that were handed in, and arrivals
// that came, from the first day to the last.
type Report struct {
	Office    exchange.OfficeID
	From, To  exchange.Date
	At        time.Time // as at, UTC
	Alarm     int       // percent of late ones from which the alarm is raised
	Submitted int
	Issued    int // of those, e-issue
	Arrived   int
	Duties    []Count // of the office's own duties, by duty
	Hops      []Times // how long each stage took
	Offices   []OfficeCount
	Refusals  Refusals
	Unknown   []int // years of the period whose holidays nobody stated
}

// Count is how often a duty was done early, in time, late. Late is done too late, or not done and past due; Running
// is not done and not yet due; Unknown rests on a year that nobody stated.
type Count struct {
	Duty                                  Duty
	Early, OnTime, Late, Running, Unknown int
	Open                                  int // of Late: not done yet
}

// Judged is what shares are taken of: early, in time and late; neither what still runs nor what is unknown.
func (c Count) Judged() int { return c.Early + c.OnTime + c.Late }

// Share is (early + on time) / (early + on time + late), from 0 to 1; 1 when there are none.
func (c Count) Share() float64 {
	if c.Judged() == 0 {
		return 1
	}
	return float64(c.Early+c.OnTime) / float64(c.Judged())
}

// Alarms says whether late / (early + on time + late) has reached so many percent.
func (c Count) Alarms(percent int) bool { return c.Late > 0 && c.Late*100 >= percent*c.Judged() }

func (c *Count) add(outcome Outcome, open bool) {
	switch outcome {
	case Early:
		c.Early++
	case OnTime:
		c.OnTime++
	case Overdue:
		c.Late++
		if open {
			c.Open++
		}
	case Running:
		c.Running++
	case Unknown:
		c.Unknown++
	}
}

// Times is how long one stage took: the hop that ends with it, on the way out of the office (Outgoing), to its
// recipients and there (Sent), or here (Incoming).
type Times struct {
	Leg         Leg
	Stage       Stage
	Count       int
	Median, P90 time.Duration
}

// Leg is a part of the way that is measured.
type Leg string

// The legs.
const (
	LegOut  Leg = "outgoing" // within the office, until it is issued
	LegThem Leg = "sent"     // from there through each recipient
	LegIn   Leg = "incoming" // what came to the office
)

// OfficeCount is how one recipient deals with what the office sent.
type OfficeCount struct {
	Office                           exchange.OfficeID
	Sent, Arrived, Accepted, Refused int
	Receive                          Count         // by the receipts 01, 02 and 03
	First                            time.Duration // median from 01 to 03 or 02
	Unanswered                       int           // past due
}

// Refusals counts arrivals that were sent back, by reason.
type Refusals struct {
	Decided, Refused int
	Reasons          []Reason
}

// Reason is why arrivals were sent back.
type Reason struct {
	Reason string
	Count  int
}

// Report counts. It reads every document of the period, page by page, and keeps none. Errors: Invalid report.period.
func (r *Reminder) Report(ctx context.Context, actor exchange.Actor, from, to exchange.Date) (Report, error) {
	if err := r.period(actor, from, to); err != nil {
		return Report{}, err
	}
	tally := newTally(r.now())
	err := r.each(ctx, actor.Office, exchange.Outgoing, start(from), to, func(about subject, extra sentFacts) bool {
		tally.outgoing(r, about, extra)
		return true
	})
	if err == nil {
		err = r.each(ctx, actor.Office, exchange.Incoming, start(from), to, func(about subject, _ sentFacts) bool {
			tally.incoming(about)
			return true
		})
	}
	if err != nil {
		return Report{}, err
	}
	report := tally.report()
	report.Office, report.From, report.To, report.At = actor.Office, from, to, tally.now
	report.Alarm = r.Setting.AlarmPercent
	for year := from.Year(); year <= to.Year(); year++ {
		if r.Setting.year(year) == nil {
			report.Unknown = append(report.Unknown, year)
		}
	}
	return report, nil
}

func (r *Reminder) period(actor exchange.Actor, from, to exchange.Date) error {
	if err := actor.May(exchange.ActRead); err != nil {
		return err
	}
	if !from.Valid() || !to.Valid() || to < from || from.AddDays(longestPeriod) <= to {
		return exchange.Errorf(exchange.Invalid, "report.period", "from %q to %q", from, to)
	}
	return nil
}

// start is the cursor before the first of a day.
func start(from exchange.Date) Cursor { return Cursor{At: from.Start().UTC()} }

// Cursor is a place in a period: after this moment, and at it after this id.
type Cursor struct {
	At time.Time
	ID string
}

// sentFacts is what only the issuing office knows: its recipients' copies.
type sentFacts struct {
	document exchange.Document
	about    map[exchange.OfficeID][]exchange.Statement
}

// each visits what an office handed in, or what came to it, after a cursor and until a day, oldest first.
func (r *Reminder) each(
	ctx context.Context, office exchange.OfficeID, side exchange.Direction, from Cursor, to exchange.Date,
	visit func(about subject, extra sentFacts) bool,
) error {
	for {
		span := exchange.Span{Office: office, From: from.At, After: from.ID, To: to.AddDays(1).Start().UTC()}
		var page []subject
		var extras []sentFacts
		err := r.Gateway.Records.View(ctx, func(tx exchange.Tx) (err error) {
			if side == exchange.Outgoing {
				span.Limit = documentsRead
				page, extras, err = r.documentsIn(ctx, tx, span)
				return err
			}
			span.Limit = arrivalsRead
			arrivals, err := tx.ArrivalsIn(ctx, span)
			if err != nil || len(arrivals) == 0 {
				return err
			}
			page, err = r.incoming(ctx, tx, office, arrivals)
			extras = make([]sentFacts, len(page))
			return err
		})
		if err != nil {
			return err
		}
		for i, about := range page {
			if !visit(about, extras[i]) {
				return nil
			}
			from = Cursor{about.at, about.id}
		}
		if len(page) < span.Limit {
			return nil
		}
	}
}

func (r *Reminder) documentsIn(
	ctx context.Context, tx exchange.Tx, span exchange.Span,
) ([]subject, []sentFacts, error) {
	documents, err := tx.DocumentsIn(ctx, span)
	if err != nil || len(documents) == 0 {
		return nil, nil, err
	}
	page, err := r.outgoing(ctx, tx, span.Office, documents)
	if err != nil {
		return nil, nil, err
	}
	ids := make([]exchange.DocumentID, len(documents))
	for i, document := range documents {
		ids[i] = document.ID
	}
	statements, err := tx.Statements(ctx, "", ids)
	if err != nil {
		return nil, nil, err
	}
	extras := make([]sentFacts, len(documents))
	places := map[exchange.DocumentID]int{}
	for i, document := range documents {
		extras[i] = sentFacts{document, map[exchange.OfficeID][]exchange.Statement{}}
		places[document.ID] = i
	}
	for _, statement := range statements {
		about := extras[places[statement.Document]].about
		about[statement.Office] = append(about[statement.Office], statement)
	}
	return page, extras, nil
}

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

func (t *tally) report() Report {
	report := Report{Submitted: t.submitted, Issued: t.issued, Arrived: t.arrived, Refusals: t.refusals}
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
	for _, count := range t.offices {
		if len(count.first) > 0 {
			count.First = quantile(count.first, 50)
		}
		report.Offices = append(report.Offices, count.OfficeCount)
	}
	slices.SortFunc(report.Offices, func(a, b OfficeCount) int {
		return cmp.Or(cmp.Compare(b.Receive.Late+b.Unanswered, a.Receive.Late+a.Unanswered), cmp.Compare(a.Office, b.Office))
	})
	report.Offices = report.Offices[:min(mostOffices, len(report.Offices))]
	for reason, count := range t.reasons {
		report.Refusals.Reasons = append(report.Refusals.Reasons, Reason{reason, count})
	}
	slices.SortFunc(report.Refusals.Reasons, func(a, b Reason) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason))
	})
	report.Refusals.Reasons = report.Refusals.Reasons[:min(mostReasons, len(report.Refusals.Reasons))]
	return report
}

// quantile gives the smallest value that so many percent of them do not exceed (nearest rank).
func quantile(values []time.Duration, percent int) time.Duration {
	slices.Sort(values)
	return values[max(0, (len(values)*percent+99)/100-1)]
}
