package api

import (
	"context"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"congvan/exchange"
	"congvan/exchange/remind"
)

// OnTimeReport (báo cáo đúng hạn) counts who was early, on time and late in a period.
type OnTimeReport struct {
	Office       OfficeName    `json:"office"`
	From         exchange.Date `json:"from"`
	To           exchange.Date `json:"to"`
	At           time.Time     `json:"at" doc:"As at, UTC"`
	Formula      string        `json:"formula" doc:"How shares are taken, in the language asked for"`
	AlarmPercent int           `json:"alarm_percent"`
	Submitted    int           `json:"submitted" doc:"Outgoing documents handed in"`
	Issued       int           `json:"issued" doc:"Of those, issued electronically"`
	Arrived      int           `json:"arrived"`
	Duties       []DutyCount   `json:"duties"`
	Hops         []HopTimes    `json:"hops"`
	Offices      []OfficeCount `json:"offices" doc:"Recipients, those with most late ones first, 200 at most"`
	AreasOn      exchange.Date `json:"areas_on" doc:"The day by whose map recipients are added up"`
	Areas        []OfficeCount `json:"areas" doc:"The same by area (địa bàn); of no one area: without a name"`
	Decided      int           `json:"decided" doc:"Arrivals that were accepted or sent back"`
	Refused      int           `json:"refused" doc:"Of those, sent back"`
	Reasons      []ReasonCount `json:"reasons" doc:"The 20 most frequent"`
	UnknownYears []int         `json:"unknown_years" doc:"Years whose holidays were not stated: nobody is late in them"`
}

// DutyCount counts how a duty was done.
type DutyCount struct {
	Duty    remind.Duty `json:"duty"`
	Name    string      `json:"name"`
	Early   int         `json:"early"`
	OnTime  int         `json:"on_time"`
	Late    int         `json:"late"`
	Open    int         `json:"open" doc:"Of the late ones, not done yet"`
	Running int         `json:"running"`
	Unknown int         `json:"unknown"`
	Share   *float64    `json:"share,omitempty" doc:"On time, 0 to 1; absent when nothing was judged"`
	Alarm   bool        `json:"alarm"`
}

// HopTimes is how long a stage took.
type HopTimes struct {
	Leg           remind.Leg   `json:"leg"`
	LegName       string       `json:"leg_name"`
	Stage         remind.Stage `json:"stage"`
	Name          string       `json:"name"`
	Count         int          `json:"count"`
	MedianSeconds int64        `json:"median_seconds"`
	P90Seconds    int64        `json:"p90_seconds"`
}

// OfficeCount is how one recipient deals with what the office sent.
type OfficeCount struct {
	Office       OfficeName `json:"office"`
	Sent         int        `json:"sent"`
	Arrived      int        `json:"arrived"`
	Accepted     int        `json:"accepted"`
	Refused      int        `json:"refused"`
	InTime       int        `json:"in_time" doc:"Accepted or sent back in time"`
	Late         int        `json:"late"`
	FirstSeconds int64      `json:"first_seconds" doc:"Median from 01 to 03 or 02"`
	Unanswered   int        `json:"unanswered" doc:"Past due"`
}

// ReasonCount is why arrivals were sent back.
type ReasonCount struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
}

type onTimeInput struct {
	From  exchange.Date `query:"from" required:"true" maxLength:"10" doc:"The first day, yyyy-mm-dd"`
	To    exchange.Date `query:"to" required:"true" maxLength:"10" doc:"The last day"`
	Areas exchange.Date `query:"areas" maxLength:"10" doc:"A day: recipients by the areas of that day; else the last"`
}

type behindInput struct {
	From    exchange.Date  `query:"from" required:"true" maxLength:"10" doc:"The first day, yyyy-mm-dd"`
	To      exchange.Date  `query:"to" required:"true" maxLength:"10" doc:"The last day"`
	Duty    remind.Duty    `query:"duty" required:"true" maxLength:"20"`
	Outcome remind.Outcome `query:"outcome" required:"true" maxLength:"20"`
	After   string         `query:"after" maxLength:"100" doc:"The cursor of the page before"`
	Limit   int            `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type onTimeOutput struct{ Body OnTimeReport }

func (s *Server) reportOnTime(ctx context.Context, actor exchange.Actor, in *onTimeInput) (*onTimeOutput, error) {
	found, err := s.config.Reminder.Report(ctx, actor, in.From, in.To, in.Areas)
	if err != nil {
		return nil, err
	}
	lang := LanguageOf(ctx)
	view := OnTimeReport{
		Office: s.named(found.Office, found.To), From: found.From, To: found.To, At: found.At,
		Formula: Sentence("deadline.formula", lang), AlarmPercent: found.Alarm,
		Submitted: found.Submitted, Issued: found.Issued, Arrived: found.Arrived,
		Duties: []DutyCount{}, Hops: []HopTimes{}, Offices: []OfficeCount{}, Areas: []OfficeCount{}, AreasOn: found.AreasOn,
		Decided: found.Refusals.Decided, Refused: found.Refusals.Refused, Reasons: []ReasonCount{},
		UnknownYears: append([]int{}, found.Unknown...),
	}
	for _, c := range found.Duties {
		view.Duties = append(view.Duties, DutyCount{
			Duty: c.Duty, Name: DeadlineLabel("duty", string(c.Duty), lang), Early: c.Early, OnTime: c.OnTime, Late: c.Late,
			Open: c.Open, Running: c.Running, Unknown: c.Unknown, Share: share(c), Alarm: c.Alarms(found.Alarm),
		})
	}
	for _, t := range found.Hops {
		view.Hops = append(view.Hops, HopTimes{
			Leg: t.Leg, LegName: DeadlineLabel("leg", string(t.Leg), lang), Stage: t.Stage,
			Name: DeadlineLabel("stage", string(t.Stage), lang), Count: t.Count,
			MedianSeconds: int64(t.Median.Seconds()), P90Seconds: int64(t.P90.Seconds()),
		})
	}
	for _, o := range found.Offices {
		view.Offices = append(view.Offices, s.officeCount(o, found.To))
	}
	for _, o := range found.Areas {
		view.Areas = append(view.Areas, s.officeCount(o, found.AreasOn))
	}
	for _, r := range found.Refusals.Reasons {
		view.Reasons = append(view.Reasons, ReasonCount(r))
	}
	return &onTimeOutput{view}, nil
}

func (s *Server) officeCount(o remind.OfficeCount, on exchange.Date) OfficeCount {
	return OfficeCount{
		Office: s.named(o.Office, on), Sent: o.Sent, Arrived: o.Arrived, Accepted: o.Accepted, Refused: o.Refused,
		InTime: o.Receive.Early + o.Receive.OnTime, Late: o.Receive.Late, FirstSeconds: int64(o.First.Seconds()),
		Unanswered: o.Unanswered,
	}
}

func share(count remind.Count) *float64 {
	if count.Judged() == 0 {
		return nil
	}
	share := count.Share()
	return &share
}

func (s *Server) listOnTime(ctx context.Context, actor exchange.Actor, in *behindInput) (*taskPageOutput, error) {
	at, id, err := ReadCursor(in.After)
	if err != nil {
		return nil, err
	}
	tasks, next, err := s.config.Reminder.Behind(ctx, actor, remind.Question{
		From: in.From, To: in.To, Duty: in.Duty, Outcome: in.Outcome, After: remind.Cursor{At: at, ID: id}, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	return &taskPageOutput{TaskPage{s.tasks(tasks, LanguageOf(ctx)), WriteCursor(next.At, next.ID)}}, nil
}

// ReportOnTime counts who was early, on time and late from the first day to the last, and by the areas of a day.
func (c *Client) ReportOnTime(ctx context.Context, from, to, areasOn exchange.Date) (OnTimeReport, error) {
	query := url.Values{"from": {string(from)}, "to": {string(to)}}
	if areasOn != "" {
		query.Set("areas", string(areasOn))
	}
	return get[OnTimeReport](ctx, c, "/reports/on-time", query)
}

// reminderCollector gives how many reminders were given.
type reminderCollector struct{ reminder *remind.Reminder }

var remindersGiven = prometheus.NewDesc("congvan_reminders_total",
	"Reminders given by this instance, by duty, before and after what was due.", []string{"duty", "late"}, nil)

// Describe names the one figure.
func (reminderCollector) Describe(out chan<- *prometheus.Desc) { out <- remindersGiven }

// Collect gives the figure of every duty.
func (c reminderCollector) Collect(out chan<- prometheus.Metric) {
	for told, count := range c.reminder.Told() {
		late := map[bool]string{true: "true", false: "false"}[told.Late]
		out <- prometheus.MustNewConstMetric(remindersGiven, prometheus.CounterValue, float64(count),
			string(told.Duty), late)
	}
}
