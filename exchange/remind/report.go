package remind

import (
	"cmp"
	"context"
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
	AreasOn   exchange.Date // the day by whose map recipients are added up
	Areas     []OfficeCount // by that map; those of no one area together, without a name
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

// Share is (early + on time) / (early + on time + late), from 0 to 1, where any were judged.
func (c Count) Share() float64 {
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

func (c *Count) sum(other Count) {
	c.Early += other.Early
	c.OnTime += other.OnTime
	c.Late += other.Late
	c.Running += other.Running
	c.Unknown += other.Unknown
	c.Open += other.Open
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

// Report counts. It reads every document of the period, page by page, and keeps none. Recipients are added up by the
// areas as they were on a day, without one as they are on the last: so that old areas and new ones can be compared (see
// [exchange.Areas]). Errors: Invalid report.period.
func (r *Reminder) Report(
	ctx context.Context, actor exchange.Actor, from, to, areasOn exchange.Date,
) (Report, error) {
	if err := period(actor, from, to); err != nil {
		return Report{}, err
	}
	if areasOn = cmp.Or(areasOn, to); !areasOn.Valid() {
		return Report{}, exchange.Errorf(exchange.Invalid, "report.period", "areas on %q", areasOn)
	}
	tally := newTally(r.now())
	part := stretch{actor.Office, exchange.Outgoing, start(from), to}
	err := r.each(ctx, part, func(about subject, extra sentFacts) bool {
		tally.outgoing(r, about, extra)
		return true
	})
	if err == nil {
		part.side = exchange.Incoming
		err = r.each(ctx, part, func(about subject, _ sentFacts) bool {
			tally.incoming(about)
			return true
		})
	}
	if err != nil {
		return Report{}, err
	}
	report := tally.report(exchange.Areas{Directory: r.Gateway.Directory(), On: areasOn})
	report.Office, report.From, report.To, report.At = actor.Office, from, to, tally.now
	report.Alarm = r.Setting.AlarmPercent
	for year := from.Year(); year <= to.Year(); year++ {
		if r.Setting.year(year) == nil {
			report.Unknown = append(report.Unknown, year)
		}
	}
	return report, nil
}

func period(actor exchange.Actor, from, to exchange.Date) error {
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

// stretch is a part of what an office handed in, or of what came to it.
type stretch struct {
	office exchange.OfficeID
	side   exchange.Direction
	after  Cursor
	to     exchange.Date
}

func (s stretch) limit() int {
	if s.side == exchange.Outgoing {
		return documentsRead
	}
	return arrivalsRead
}

// each visits a stretch, oldest first, until visit gives false.
func (r *Reminder) each(
	ctx context.Context, part stretch, visit func(about subject, extra sentFacts) bool,
) error {
	for {
		page, extras, err := r.page(ctx, part)
		if err != nil {
			return err
		}
		for i, about := range page {
			if !visit(about, extras[i]) {
				return nil
			}
			part.after = Cursor{about.at, about.id}
		}
		if len(page) < part.limit() {
			return nil
		}
	}
}

// page reads the beginning of a stretch on one state of the records.
func (r *Reminder) page(
	ctx context.Context, part stretch,
) (page []subject, extras []sentFacts, err error) {
	span := exchange.Span{
		Office: part.office, From: part.after.At, After: part.after.ID, To: part.to.AddDays(1).Start().UTC(),
		Limit: part.limit(),
	}
	err = r.Gateway.Records.View(ctx, func(tx exchange.Tx) (err error) {
		if part.side == exchange.Outgoing {
			page, extras, err = r.documentsIn(ctx, tx, span)
			return err
		}
		arrivals, err := tx.ArrivalsIn(ctx, span)
		if err != nil || len(arrivals) == 0 {
			return err
		}
		page, err = r.incoming(ctx, tx, part.office, arrivals)
		extras = make([]sentFacts, len(page))
		return err
	})
	return page, extras, err
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
	said := map[exchange.DocumentID][]exchange.Statement{}
	for _, statement := range statements {
		said[statement.Document] = append(said[statement.Document], statement)
	}
	extras := make([]sentFacts, len(documents))
	for i, document := range documents {
		extras[i] = sentFacts{document, byAddressee(said[document.ID])}
	}
	return page, extras, nil
}
