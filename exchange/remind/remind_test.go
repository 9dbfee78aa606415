package remind_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"congvan/exchange"
	"congvan/exchange/remind"
	"congvan/storage"
)

const (
	commune  exchange.OfficeID = "xa"
	province exchange.OfficeID = "tinh"
)

var clerk = exchange.Actor{Name: "văn thư", Office: commune, Role: exchange.Clerk}

// office is a commune with records of its own and a clock that tests set.
type office struct {
	*remind.Reminder
	records *storage.Records
	now     time.Time
	serial  int
}

func newOffice(t *testing.T, now string) *office {
	t.Helper()
	records, err := storage.OpenRecords(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "records.db"))
	ok(t, err)
	t.Cleanup(func() { ok(t, records.Close()) })
	o := &office{records: records, now: at(now)}
	o.Reminder = o.instance(t)
	return o
}

// instance is another process over the same records.
func (o *office) instance(t *testing.T) *remind.Reminder {
	t.Helper()
	directory, err := exchange.NewDirectory(exchange.DirectoryFile{Offices: []exchange.Office{
		known(commune, ""), known(province, ""), known("so", province),
	}})
	ok(t, err)
	return &remind.Reminder{Setting: setting(t), Gateway: &exchange.Gateway{
		Directory: func() *exchange.Directory { return directory }, Node: "cong-xa", Records: o.records,
		Now: func() time.Time { return o.now }, Log: slog.New(slog.DiscardHandler),
	}}
}

// known is an office of the directory, since ever under another since July 2025.
func known(id, above exchange.OfficeID) exchange.Office {
	made := exchange.Office{ID: id, Names: []exchange.Name{{Name: "Cơ quan " + string(id)}}}
	if above != "" {
		made.Parent = []exchange.Parent{{Office: above, Period: exchange.Period{From: "2025-07-01"}}}
	}
	return made
}

func (o *office) update(t *testing.T, fn func(ctx context.Context, tx exchange.Tx) error) {
	t.Helper()
	ok(t, o.records.Update(t.Context(), func(tx exchange.Tx) error { return fn(t.Context(), tx) }))
}

func (o *office) id(kind string) string {
	o.serial++
	return fmt.Sprintf("01%s%08d", kind, o.serial)
}

// arrives is a document of the province that arrives now.
func (o *office) arrives(t *testing.T, urgency exchange.Urgency, dueOn exchange.Date) exchange.Arrival {
	t.Helper()
	document := exchange.DocumentID(o.id("VB"))
	arrival := exchange.Arrival{
		ID: exchange.ArrivalID(o.id("DEN")), Office: commune, Document: document, ArrivedAt: o.now,
		Header: exchange.Header{
			ID: document, From: province, To: []exchange.OfficeID{commune}, Node: "cong-tinh", Subject: "V/v báo cáo",
			Urgency: urgency, DueOn: dueOn, IssuedAt: o.now.Add(-time.Minute),
			Numbering: exchange.Numbering{Number: 5, Notation: "UBND-VX", Date: exchange.Today(o.now)},
		},
	}
	o.update(t, func(ctx context.Context, tx exchange.Tx) error {
		_, _, err := tx.AddArrival(ctx, arrival)
		return err
	})
	o.states(t, document, commune, exchange.Arrived)
	return arrival
}

// states records a receipt, made now.
func (o *office) states(t *testing.T, id exchange.DocumentID, by exchange.OfficeID, status exchange.Status) {
	t.Helper()
	o.update(t, func(ctx context.Context, tx exchange.Tx) error {
		return tx.AddReceipt(ctx, exchange.Receipt{
			ID: exchange.MessageID(o.id("PH")), Document: id, Office: by, Node: "cong-" + exchange.NodeID(by), Status: status,
			Reason: map[bool]string{true: "Gửi nhầm cơ quan nhận"}[status == exchange.Refused], At: o.now,
		})
	})
}

// submits is a document of the commune that is handed in now.
func (o *office) submits(t *testing.T, change func(*exchange.Document)) exchange.DocumentID {
	t.Helper()
	document := exchange.Document{
		ID: exchange.DocumentID(o.id("VB")), Office: commune, Subject: "V/v trả lời", Secrecy: exchange.NotSecret,
		Recipients: []exchange.OfficeID{province}, CreatedAt: o.now,
		Versions: []exchange.Version{{Step: exchange.StepSubmitted, At: o.now}},
	}
	if change != nil {
		change(&document)
	}
	o.update(t, func(ctx context.Context, tx exchange.Tx) error { return tx.AddDocument(ctx, document) })
	return document.ID
}

func (o *office) steps(t *testing.T, id exchange.DocumentID, step exchange.Step) {
	t.Helper()
	o.update(t, func(ctx context.Context, tx exchange.Tx) error {
		if step == exchange.StepIssued {
			return tx.MarkIssued(ctx, id, o.now)
		}
		return tx.AddVersion(ctx, id, exchange.Version{Step: step, At: o.now})
	})
}

func (o *office) clocks(t *testing.T, id exchange.DocumentID) map[remind.Duty]remind.Clock {
	t.Helper()
	standing, err := o.Standing(t.Context(), clerk, id)
	ok(t, err)
	clocks := map[remind.Duty]remind.Clock{}
	for _, clock := range standing.Clocks {
		clocks[clock.Duty] = clock
	}
	return clocks
}

func TestDutiesAreDueAsDecree30Says(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, now, due string
		urgency        exchange.Urgency
		sure           bool
	}{
		{"in the morning", "2026-03-05 09:00", "2026-03-05 23:59", exchange.Ordinary, true},
		{"after work on Friday", "2026-03-06 17:01", "2026-03-09 23:59", exchange.Ordinary, true},
		{"at the end of work on Friday", "2026-03-06 17:00", "2026-03-06 23:59", exchange.Ordinary, true},
		{"before Tết, at night", "2026-02-13 20:00", "2026-02-23 23:59", exchange.Ordinary, true},
		{"urgent at night", "2026-03-07 23:50", "2026-03-08 00:20", exchange.Express, true},
		{"in a year that is not known", "2027-03-05 09:00", "2027-03-05 23:59", exchange.Ordinary, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, c.now)
			clock := o.clocks(t, o.arrives(t, c.urgency, "").Document)[remind.Receive]
			if !clock.Due.Truncate(time.Minute).Equal(at(c.due)) || clock.Sure != c.sure {
				t.Errorf("due %v %t, want %v", exchange.InVietnam(clock.Due), clock.Sure, c.due)
			}
		})
	}
}

func TestAnAnswerOnFridayAtFiveIsInTime(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "2026-03-02 09:00")
	arrival := o.arrives(t, exchange.Ordinary, "2026-03-06")
	answer := o.submits(t, func(d *exchange.Document) { d.RepliesTo = arrival.Document })
	o.now = at("2026-03-06 17:00")
	before := o.clocks(t, arrival.Document)[remind.Answer]
	if before.Outcome(o.now) != remind.Running || before.Outcome(o.now.Add(time.Second)) != remind.Overdue {
		t.Errorf("at five %s, then %s", before.Outcome(o.now), before.Outcome(o.now.Add(time.Second)))
	}
	o.steps(t, answer, exchange.StepIssued)
	after := o.clocks(t, arrival.Document)[remind.Answer]
	if got := after.Outcome(o.now.Add(time.Hour)); got != remind.OnTime {
		t.Errorf("answered at five: %s", got)
	}
	if got := o.clocks(t, arrival.Document)[remind.Decide].Due; !got.Equal(at("2026-03-04 13:45")) {
		t.Errorf("half of the working time is over at %v", exchange.InVietnam(got))
	}
}

// A week of a clerk who does nothing: reminded before, on the day, and on each working day after, and once each by two
// instances that look every quarter of an hour.
func TestEachReminderIsGivenOnceBySeveralInstances(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, "2026-04-20 08:00")
		began, first := time.Now(), o.now
		clock := func() time.Time { return first.Add(time.Since(began)) }
		arrival := o.arrives(t, exchange.Ordinary, "2026-04-29")
		o.states(t, arrival.Document, commune, exchange.Accepted)
		o.states(t, arrival.Document, commune, exchange.Completed)
		ctx, stop := context.WithCancel(t.Context())
		var told [2][]exchange.Reminded
		ended := make(chan struct{}, 2)
		for i := range told {
			instance := o.instance(t)
			instance.Gateway.Now = clock
			instance.Tell = func(_ context.Context, reminded exchange.Reminded) { told[i] = append(told[i], reminded) }
			go func() {
				instance.Run(ctx, 15*time.Minute)
				ended <- struct{}{}
			}()
		}
		time.Sleep(15 * 24 * time.Hour)
		stop()
		<-ended
		<-ended
		var got []string
		for _, reminded := range slices.Concat(told[0], told[1]) {
			got = append(got, exchange.InVietnam(reminded.At).Format("2006-01-02 15:04")+" "+reminded.Duty+" "+reminded.Step)
		}
		slices.Sort(got)
		want := []string{ // 27/4 is off in lieu, 30/4 and 1/5 are holidays
			"2026-04-24 07:30 answer before_2", "2026-04-29 07:30 answer on_day", "2026-04-29 16:00 answer soon",
			"2026-05-04 07:30 answer after_1", "2026-05-05 07:30 answer after_2",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("reminders (-want +got):\n%s", diff)
		}
	})
}

func TestAGatewayThatWasOffRemindsOnceAndNotOfEveryDay(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "2026-03-02 09:00")
	arrival := o.arrives(t, exchange.Ordinary, "2026-03-04")
	look := func(want int) {
		t.Helper()
		if got, err := o.Look(t.Context()); err != nil || got != want {
			t.Errorf("%d reminders, %v, want %d", got, err, want)
		}
	}
	look(0)
	o.now = at("2026-03-11 10:00")
	look(3) // receive, decide, answer: the last step of each
	look(0)
	tasks, err := o.Notices(t.Context(), clerk)
	if err != nil || len(tasks) != 3 {
		t.Errorf("%d notices, %v", len(tasks), err)
	}
	o.states(t, arrival.Document, commune, exchange.Refused)
	if tasks, err = o.Notices(t.Context(), clerk); err != nil || len(tasks) != 0 {
		t.Errorf("%d notices of what is done, %v", len(tasks), err)
	}
	o.now = at("2026-03-13 10:00")
	look(0)
	if tasks, _, err := o.Tasks(t.Context(), clerk, exchange.Watched{}, 10); err != nil || len(tasks) != 0 {
		t.Errorf("%d tasks are left, %v", len(tasks), err)
	}
}

func TestAnUrgentDocumentRemindsAtNight(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "2026-03-07 23:50")
	o.arrives(t, exchange.Express, "")
	for _, c := range []struct{ minutes, want int }{{0, 0}, {29, 0}, {2, 1}, {1, 0}} {
		o.now = o.now.Add(time.Duration(c.minutes) * time.Minute)
		if got, err := o.Look(t.Context()); err != nil || got != c.want {
			t.Errorf("at %v: %d, %v, want %d", exchange.InVietnam(o.now), got, err, c.want)
		}
	}
}

func TestTheWayTellsTheTimeOfEachHopAndWhoHoldsItNow(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "2026-03-02 08:00")
	id := o.submits(t, nil)
	hour := func(do func()) {
		o.now = o.now.Add(time.Hour)
		do()
	}
	hour(func() { o.steps(t, id, exchange.StepSigned) })
	hour(func() { o.steps(t, id, exchange.StepSealed) })
	standing, err := o.Standing(t.Context(), clerk, id)
	held := standing.Holder
	if err != nil || held == nil || held.Office != commune || held.Stage != remind.Sealed {
		t.Fatalf("before it is issued: %+v, %v", held, err)
	}
	hour(func() { o.steps(t, id, exchange.StepIssued) })
	hour(func() {
		o.update(t, func(ctx context.Context, tx exchange.Tx) error {
			return tx.AddReceipt(ctx, exchange.Receipt{
				ID: "01PHTRUNGGIAN", Document: id, Office: province, Node: "cong-huyen", Status: exchange.Carried, At: o.now,
			})
		})
	})
	standing, err = o.Standing(t.Context(), clerk, id)
	ok(t, err)
	if held := standing.Copies[0].Holder; held == nil || held.Node != "cong-huyen" || held.Office != "" {
		t.Errorf("on the way it is held by %+v", held)
	}
	for _, status := range []exchange.Status{exchange.Arrived, exchange.Accepted, exchange.Assigned, exchange.Completed} {
		hour(func() { o.states(t, id, province, status) })
	}
	standing, err = o.Standing(t.Context(), clerk, id)
	ok(t, err)
	var got []remind.Stage
	for _, hop := range standing.Copies[0].Way {
		got = append(got, hop.Stage)
		if hop.Stage != remind.Sent && hop.Took != time.Hour {
			t.Errorf("%s took %v", hop.Stage, hop.Took)
		}
	}
	want := []remind.Stage{
		remind.Sent, remind.CarriedBy, remind.ArrivedAt, remind.Entered, remind.AssignedTo, remind.Completed,
	}
	if diff := cmp.Diff(want, got); diff != "" || len(standing.Way) != 4 || standing.Copies[0].Holder != nil {
		t.Errorf("the way (-want +got):\n%s%+v", diff, standing)
	}
	stranger := exchange.Actor{Name: "người khác", Office: "so", Role: exchange.Clerk}
	if _, err := o.Standing(t.Context(), stranger, id); exchange.KindOf(err) != exchange.NotFound {
		t.Errorf("another office: %v", err)
	}
}
