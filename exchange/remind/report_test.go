package remind_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"congvan/exchange"
	"congvan/exchange/remind"
)

// month is four arrivals and a letter that asks for an answer.
func month(t *testing.T) *office {
	t.Helper()
	o := newOffice(t, "2026-03-02 09:00")
	for _, c := range []struct {
		decided string
		status  exchange.Status
	}{
		{"2026-03-02 10:00", exchange.Accepted},
		{"2026-03-02 16:00", exchange.Refused},
		{"2026-03-04 09:00", exchange.Accepted},
		{"", ""},
	} {
		o.now = at("2026-03-02 09:00")
		arrival := o.arrives(t, exchange.Ordinary, "")
		if c.status != "" {
			o.now = at(c.decided)
			o.states(t, arrival.Document, commune, c.status)
		}
	}
	o.now = at("2026-03-03 09:00")
	id := o.submits(t, func(d *exchange.Document) {
		d.DueOn, d.Recipients = "2026-03-05", []exchange.OfficeID{province, "so"}
	})
	o.steps(t, id, exchange.StepSigned)
	o.steps(t, id, exchange.StepIssued)
	for _, office := range []exchange.OfficeID{province, "so"} {
		o.states(t, id, office, exchange.Arrived)
	}
	o.now = at("2026-03-03 11:00")
	o.states(t, id, province, exchange.Accepted)
	o.now = at("2026-03-10 09:00")
	return o
}

func TestAReportCountsAndShowsWhatStandsBehindEachNumber(t *testing.T) {
	t.Parallel()
	o := month(t)
	report, err := o.Report(t.Context(), clerk, "2026-03-01", "2026-03-31", "")
	ok(t, err)
	want := []remind.Count{
		{Duty: remind.Issue, Early: 1},
		{Duty: remind.Answers, Late: 1, Open: 1},
		{Duty: remind.Receive, OnTime: 2, Late: 2, Open: 1},
		{Duty: remind.Present, Late: 2, Open: 2},
	}
	if diff := cmp.Diff(want, report.Duties); diff != "" {
		t.Errorf("duties (-want +got):\n%s", diff)
	}
	receive := report.Duties[2]
	if receive.Share() != 0.5 || !receive.Alarms(report.Alarm) || report.Duties[0].Alarms(report.Alarm) {
		t.Errorf("share %v, alarm %t", receive.Share(), receive.Alarms(report.Alarm))
	}
	refusals := remind.Refusals{Decided: 3, Refused: 1, Reasons: []remind.Reason{{"Gửi nhầm cơ quan nhận", 1}}}
	if diff := cmp.Diff(refusals, report.Refusals); diff != "" {
		t.Errorf("refusals (-want +got):\n%s", diff)
	}
	if report.Submitted != 1 || report.Issued != 1 || report.Arrived != 4 || len(report.Unknown) != 0 {
		t.Errorf("%+v", report)
	}
	if diff := cmp.Diff([]int{1, 1}, []int{report.Offices[0].Unanswered, report.Offices[1].Unanswered}); diff != "" {
		t.Errorf("unanswered (-want +got):\n%s", diff)
	}
	if len(report.Areas) != 1 || report.Areas[0].Office != province || report.Areas[0].Sent != 2 ||
		report.Areas[0].Receive.Early+report.Areas[0].Receive.OnTime+report.Areas[0].Receive.Late != 2 {
		t.Errorf("by the areas of today: %+v", report.Areas)
	}
	old, err := o.Report(t.Context(), clerk, "2026-03-01", "2026-03-31", "2025-06-30")
	if ok(t, err); len(old.Areas) != 2 || old.Areas[0].Sent != 1 || old.Areas[1].Sent != 1 {
		t.Errorf("by the areas before the reform: %+v", old.Areas)
	}
	for _, times := range report.Hops {
		if times.Leg == remind.LegIn && times.Stage == remind.Entered &&
			(times.Count != 2 || times.Median != time.Hour || times.P90 != 48*time.Hour) {
			t.Errorf("from 01 to 03: %+v", times)
		}
	}
	behind(t, o, report)
}

// behind checks that each number of the report has as long a list, read one by one.
func behind(t *testing.T, o *office, report remind.Report) {
	t.Helper()
	for _, count := range report.Duties {
		for outcome, want := range map[remind.Outcome]int{
			remind.Early: count.Early, remind.OnTime: count.OnTime, remind.Overdue: count.Late, remind.Running: count.Running,
		} {
			ask := remind.Question{From: report.From, To: report.To, Duty: count.Duty, Outcome: outcome, Limit: 1}
			got := 0
			for {
				tasks, next, err := o.Behind(t.Context(), clerk, ask)
				ok(t, err)
				if got += len(tasks); next.At.IsZero() {
					break
				}
				ask.After = next
			}
			if got != want {
				t.Errorf("behind %s %s stand %d, the report says %d", count.Duty, outcome, got, want)
			}
		}
	}
}

func TestAReportIsAboutOneOfficeAndAYearAtMost(t *testing.T) {
	t.Parallel()
	o := month(t)
	stranger := exchange.Actor{Name: "người khác", Office: "so", Role: exchange.Clerk}
	report, err := o.Report(t.Context(), stranger, "2026-03-01", "2026-03-31", "")
	if err != nil || report.Arrived != 0 || report.Submitted != 0 {
		t.Errorf("another office sees %+v, %v", report, err)
	}
	for _, period := range [][2]exchange.Date{
		{"2026-03-02", "2026-03-01"}, {"", "2026-03-01"}, {"2025-01-01", "2026-03-01"},
	} {
		if _, err := o.Report(t.Context(), clerk, period[0], period[1], ""); exchange.CodeOf(err) != "report.period" {
			t.Errorf("%v: %v", period, err)
		}
	}
	manager := exchange.Actor{Name: "quản trị", Office: commune, Role: exchange.Administrator}
	if _, err := o.Report(t.Context(), manager, "2026-03-01", "2026-03-31", ""); exchange.KindOf(err) != exchange.Denied {
		t.Errorf("an administrator: %v", err)
	}
}

func TestInAYearThatIsUnknownNobodyIsLate(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "2027-03-02 09:00")
	o.arrives(t, exchange.Ordinary, "")
	o.now = at("2027-03-20 09:00")
	report, err := o.Report(t.Context(), clerk, "2027-03-01", "2027-03-31", "")
	ok(t, err)
	if diff := cmp.Diff([]remind.Count{{Duty: remind.Receive, Unknown: 1}}, report.Duties); diff != "" {
		t.Errorf("duties (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{2027}, report.Unknown); diff != "" {
		t.Errorf("unknown years (-want +got):\n%s", diff)
	}
}
