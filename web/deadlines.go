package web

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"

	"congvan/api"
	"congvan/exchange"
	"congvan/exchange/remind"
)

// standingView is what is to be said of a document's deadlines and its way.
type standingView struct {
	Holder          string // who holds it now, and for how long
	Clocks          []clockView
	Way             []hopView
	Copies          []copyView
	Urging, Apology string
}

type clockView struct {
	Name, Due, Basis string
	Mark             *markView
}

type hopView struct{ Name, At, Took string }

type copyView struct {
	Office, Holder string
	Way            []hopView
}

// copiesShown is how many recipients' ways a document's page shows; the API gives all.
const copiesShown = 20

// standing tells of a document's deadlines; a page without them is still the page: what goes wrong is logged.
func (s *Screens) standing(c *gin.Context, id exchange.DocumentID) *standingView {
	if s.config.Reminder == nil {
		return nil
	}
	found, err := s.config.Reminder.Standing(c.Request.Context(), actor(c), id)
	if err != nil {
		if !isGone(c) {
			s.config.Log.LogAttrs(c, slog.LevelWarn, "show deadlines", slog.Any("error", err))
		}
		return nil
	}
	now := s.config.Gateway.Now()
	view := &standingView{
		Holder: s.heldBy(c, found.Holder), Way: hopViews(lang(c), found.Way),
		Urging:  api.Urging(found, s.config.Gateway.Directory(), now),
		Apology: api.Apology(found, s.config.Gateway.Directory(), now),
	}
	for _, clock := range found.Clocks {
		view.Clocks = append(view.Clocks, viewOf(lang(c), clock, clock.Outcome(now)))
	}
	for _, copied := range found.Copies[:min(copiesShown, len(found.Copies))] {
		view.Copies = append(view.Copies, copyView{
			s.officeName(copied.Office), s.heldBy(c, copied.Holder), hopViews(lang(c), copied.Way),
		})
	}
	return view
}

func viewOf(lang api.Lang, clock remind.Clock, outcome remind.Outcome) clockView {
	return clockView{
		Name: api.DeadlineLabel("duty", string(clock.Duty), lang), Due: shown(clock.Due), Basis: clock.Basis,
		Mark: &markView{outcomeClass(outcome), api.DeadlineLabel("outcome", string(outcome), lang)},
	}
}

// outcomeClass is the colour of an outcome.
func outcomeClass(outcome remind.Outcome) string {
	switch outcome {
	case remind.Overdue:
		return "failed"
	case remind.Running, remind.Unknown:
		return "waiting"
	case remind.Early, remind.OnTime:
	}
	return "passed"
}

func hopViews(lang api.Lang, way []remind.Hop) []hopView {
	var views []hopView
	for i, hop := range way {
		view := hopView{Name: api.DeadlineLabel("stage", string(hop.Stage), lang), At: shown(hop.At)}
		if hop.Node != "" {
			view.Name += " (" + string(hop.Node) + ")"
		}
		if i > 0 {
			view.Took = api.Lasted(hop.Took, lang)
		}
		views = append(views, view)
	}
	return views
}

func (s *Screens) heldBy(c *gin.Context, held *remind.Holder) string {
	if held == nil {
		return ""
	}
	who := string(held.Node)
	if held.Office != "" {
		who = s.officeName(held.Office)
	}
	return fmt.Sprintf("%s, %s", who, api.Lasted(max(0, s.config.Gateway.Now().Sub(held.Since)), lang(c)))
}

// notices says of what the office was reminded and what is still to be done.
func (s *Screens) notices(c *gin.Context) []taskView {
	if s.config.Reminder == nil {
		return nil
	}
	tasks, err := s.config.Reminder.Notices(c.Request.Context(), actor(c))
	if err != nil {
		if !isGone(c) {
			s.config.Log.LogAttrs(c, slog.LevelWarn, "show reminders", slog.Any("error", err))
		}
		return nil
	}
	return s.taskViews(c, tasks)
}

type taskView struct {
	clockView
	Link, Number, Subject, Urgency string
	Source                         string // the closed office in whose name it is kept
}

func (s *Screens) taskViews(c *gin.Context, tasks []remind.Task) []taskView {
	lang := lang(c)
	var views []taskView
	for _, task := range tasks {
		folder := "/inbox/"
		if task.Side == exchange.Outgoing {
			folder = "/outbox/"
		}
		views = append(views, taskView{
			viewOf(lang, task.Clock, task.Outcome), folder + task.Subject, task.Number, task.Title,
			urgency(lang, task.Urgency), s.sourceOf(c, task.Office),
		})
	}
	return views
}

// tasksView is a list of what is to be done by a day, or what stands behind a number.
type tasksView struct {
	Rows []taskView
	Next string
}

// deadlines shows what the office has to do by a day, the most pressing first.
func (s *Screens) deadlines(c *gin.Context) {
	at, id, err := api.ReadCursor(c.Query("after"))
	if err != nil {
		s.fail(c, err)
		return
	}
	after := exchange.Watched{Due: at, Subject: id}
	tasks, next, err := s.config.Reminder.Tasks(c.Request.Context(), actor(c), after, rowsOfPage)
	if err != nil {
		s.fail(c, err)
		return
	}
	s.showTasks(c, tasks, api.WriteCursor(next.Due, next.Subject))
}

// behind shows what stands behind a number of the report.
func (s *Screens) behind(c *gin.Context) {
	at, id, err := api.ReadCursor(c.Query("after"))
	if err != nil {
		s.fail(c, err)
		return
	}
	tasks, next, err := s.config.Reminder.Behind(c.Request.Context(), actor(c), remind.Question{
		From: exchange.Date(c.Query("from")), To: exchange.Date(c.Query("to")), Duty: remind.Duty(c.Query("duty")),
		Outcome: remind.Outcome(c.Query("outcome")), After: remind.Cursor{At: at, ID: id}, Limit: rowsOfPage,
	})
	if err != nil {
		s.fail(c, err)
		return
	}
	s.showTasks(c, tasks, api.WriteCursor(next.At, next.ID))
}

func (s *Screens) showTasks(c *gin.Context, tasks []remind.Task, next string) {
	view := tasksView{Rows: s.taskViews(c, tasks)}
	if next != "" {
		query := c.Request.URL.Query()
		query.Set("after", next)
		view.Next = "?" + query.Encode()
	}
	s.show(c, http.StatusOK, "deadlines", "deadlines", view)
}

// onTimeView is the report on a period.
type onTimeView struct {
	From, To exchange.Date
	Made     string
	Totals   []factView
	Duties   []dutyView
	Hops     []timesView
	AreasOn  exchange.Date
	Period   string // in words, as AreasDay
	AreasDay string
	Areas    []officeView // recipients by the areas of that day
	Offices  []officeView
	Reasons  []factView
	Formula  string
	Warnings []string
}

type dutyView struct {
	Name, Share string
	Numbers     []numberView // early, on time, late, running, unknown
	Alarm       string
}

// numberView is a number and the link to what stands behind it.
type numberView struct {
	Value int
	Link  string
}

type timesView struct {
	Leg, Name, Median, P90 string
	Count                  int
}

type officeView struct {
	Name, First                                        string
	Sent, Arrived, Accepted, Refused, Late, Unanswered int
}

// onTime shows the report; without a period, of this month until today.
func (s *Screens) onTime(c *gin.Context) {
	to := exchange.Today(s.config.Gateway.Now())
	from := exchange.Date(c.DefaultQuery("from", string(to[:len(to)-2])+"01"))
	to = exchange.Date(c.DefaultQuery("to", string(to)))
	report, err := s.config.Reminder.Report(c.Request.Context(), actor(c), from, to, exchange.Date(c.Query("areas")))
	if err != nil {
		s.fail(c, err)
		return
	}
	s.show(c, http.StatusOK, "ontime", "on_time", s.onTimeOf(lang(c), report))
}

func (s *Screens) onTimeOf(lang api.Lang, report remind.Report) onTimeView {
	view := onTimeView{
		From: report.From, To: report.To, Period: day(report.From) + " – " + day(report.To),
		Made: shown(report.At), Formula: api.Sentence("deadline.formula", lang),
		Totals: []factView{
			{word(lang, "total_submitted"), strconv.Itoa(report.Submitted)},
			{word(lang, "total_issued"), strconv.Itoa(report.Issued)},
			{word(lang, "total_arrived"), strconv.Itoa(report.Arrived)},
			{word(lang, "total_refused"), fmt.Sprintf("%d / %d", report.Refusals.Refused, report.Refusals.Decided)},
		},
	}
	for _, count := range report.Duties {
		view.Duties = append(view.Duties, dutyOf(lang, report, count))
	}
	for _, t := range report.Hops {
		view.Hops = append(view.Hops, timesView{
			api.DeadlineLabel("leg", string(t.Leg), lang), api.DeadlineLabel("stage", string(t.Stage), lang),
			api.Lasted(t.Median, lang), api.Lasted(t.P90, lang), t.Count,
		})
	}
	for _, o := range report.Offices {
		view.Offices = append(view.Offices, officeOf(s.officeName(o.Office), lang, o))
	}
	view.AreasOn, view.AreasDay = report.AreasOn, day(report.AreasOn)
	for _, o := range report.Areas {
		name := word(lang, "no_area")
		if o.Office != "" {
			name = s.config.Gateway.Directory().NameOf(o.Office, report.AreasOn)
		}
		view.Areas = append(view.Areas, officeOf(name, lang, o))
	}
	for _, reason := range report.Refusals.Reasons {
		view.Reasons = append(view.Reasons, factView{reason.Reason, strconv.Itoa(reason.Count)})
	}
	for _, year := range report.Unknown {
		view.Warnings = append(view.Warnings, strconv.Itoa(year)+": "+api.Sentence("report.unknown_year", lang))
	}
	return view
}

func officeOf(name string, lang api.Lang, o remind.OfficeCount) officeView {
	return officeView{
		name, api.Lasted(o.First, lang), o.Sent, o.Arrived, o.Accepted, o.Refused, o.Receive.Late, o.Unanswered,
	}
}

func dutyOf(lang api.Lang, report remind.Report, count remind.Count) dutyView {
	view := dutyView{Name: api.DeadlineLabel("duty", string(count.Duty), lang)}
	if count.Judged() > 0 {
		view.Share = fmt.Sprintf("%.1f %%", 100*count.Share())
	}
	for _, one := range []struct {
		outcome remind.Outcome
		value   int
	}{
		{remind.Early, count.Early},
		{remind.OnTime, count.OnTime},
		{remind.Overdue, count.Late},
		{remind.Running, count.Running},
		{remind.Unknown, count.Unknown},
	} {
		view.Numbers = append(view.Numbers, numberView{one.value, "/reports/on-time/items?" + url.Values{
			"from": {string(report.From)}, "to": {string(report.To)}, "duty": {string(count.Duty)},
			"outcome": {string(one.outcome)},
		}.Encode()})
	}
	if count.Alarms(report.Alarm) {
		view.Alarm = api.Sentence("report.alarm", lang)
	}
	return view
}

// day writes a date as people here read it; none for none.
func day(date exchange.Date) string {
	if !date.Valid() {
		return ""
	}
	return exchange.InVietnam(date.Start()).Format("02/01/2006")
}
