package remind_test

import (
	"slices"
	"testing"

	"congvan/exchange"
	"congvan/exchange/remind"
)

const heir exchange.OfficeID = "xa-moi"

// ends lets the commune go up in another office, which keeps its documents, from the first of July on.
func (o *office) ends(t *testing.T) {
	t.Helper()
	old, made := known(commune, ""), known(heir, "")
	old.Exists.To, made.Exists.From = "2025-06-30", "2025-07-01"
	old.Successors = []exchange.Successor{{Office: heir, Kind: "merge", On: "2025-07-01"}}
	directory, err := exchange.NewDirectory(exchange.DirectoryFile{
		Offices: []exchange.Office{old, made, known(province, "")},
	})
	ok(t, err)
	o.Gateway.Directory = func() *exchange.Directory { return directory }
}

func TestWhatAnOfficeThatEndedLeftUndoneIsUpToItsHeir(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "2025-06-30 09:00")
	o.ends(t)
	left := o.arrives(t, exchange.Ordinary, "2025-07-03")
	o.now = at("2025-07-01 09:00")
	given, err := o.Look(t.Context())
	ok(t, err)
	if given == 0 {
		t.Error("nobody is reminded of what the closed office left")
	}
	atHeir := exchange.Actor{Name: "văn thư", Office: heir, Role: exchange.Clerk}
	notices, err := o.Notices(t.Context(), atHeir)
	ok(t, err)
	tasks, _, err := o.Tasks(t.Context(), atHeir, exchange.Watched{}, 9)
	ok(t, err)
	if len(notices) == 0 || notices[0].Office != commune || len(tasks) != 3 {
		t.Fatalf("the heir is reminded of %+v and has to do %+v", notices, tasks)
	}
	for _, task := range tasks {
		if task.Office != commune || task.Document != left.Document {
			t.Errorf("whose it was is not said: %+v", task)
		}
	}
	stranger := exchange.Actor{Name: "văn thư", Office: province, Role: exchange.Clerk}
	if tasks, _, err := o.Tasks(t.Context(), stranger, exchange.Watched{}, 9); err != nil || len(tasks) != 0 {
		t.Errorf("another office has to do %+v, %v", tasks, err)
	}

	answer := o.submits(t, func(d *exchange.Document) { d.RepliesTo, d.Office = left.Document, heir })
	o.steps(t, answer, exchange.StepIssued)
	standing, err := o.Standing(t.Context(), atHeir, left.Document)
	ok(t, err)
	i := slices.IndexFunc(standing.Clocks, func(clock remind.Clock) bool { return clock.Duty == remind.Answer })
	if standing.Office != commune || i < 0 || !standing.Clocks[i].Ended.Equal(o.now) {
		t.Errorf("the heir's answer ends no clock: %+v", standing)
	}
}

func TestTheListOfTheHeirIsPagedAcrossTheOfficesItComesFrom(t *testing.T) {
	t.Parallel()
	o := newOffice(t, "2025-06-30 09:00")
	o.ends(t)
	for range 3 {
		o.arrives(t, exchange.Ordinary, "2025-07-03")
	}
	o.now = at("2025-07-01 09:00")
	_, err := o.Look(t.Context())
	ok(t, err)
	atHeir := exchange.Actor{Name: "văn thư", Office: heir, Role: exchange.Clerk}
	seen := map[string]bool{}
	var after exchange.Watched
	for range 3 {
		tasks, next, err := o.Tasks(t.Context(), atHeir, after, 1)
		ok(t, err)
		for _, task := range tasks {
			seen[task.Subject] = true
		}
		after = next
	}
	if len(seen) != 3 {
		t.Errorf("three pages have %d documents", len(seen))
	}
}
