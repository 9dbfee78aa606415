package handover_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"congvan/exchange"
	"congvan/exchange/handover"
	"congvan/exchange/reading"
)

func TestASystemThatDiesBetweenLeaseAndAcknowledgementIsGivenTheSameAgain(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	g.define(t, commune, "ioffice", exchange.MailboxOrder{})
	first := g.arrive(t, commune)
	g.arrive(t, commune)
	g.judged(t, first)
	given := g.lease(t, commune, "ioffice", 10)
	wantTold(t, given, "received 1, received 2, judged 1")
	g.acknowledge(t, commune, "ioffice", given[1])
	if again := g.lease(t, commune, "ioffice", 10); len(again) != 0 {
		t.Fatalf("given to two at once: %s", told(again))
	}
	g.restart(t)
	g.clock = g.clock.Add(5 * time.Minute)
	again := g.lease(t, commune, "ioffice", 10)
	wantTold(t, again, "received 1, judged 1")
	if diff := cmp.Diff([]handover.Occurrence{given[0], given[2]}, again); diff != "" {
		t.Fatalf("an event given again differs (-first +again):\n%s", diff)
	}
	g.acknowledge(t, commune, "ioffice", again...)
	g.acknowledge(t, commune, "ioffice", given...) // whoever died comes back late
	g.clock = g.clock.Add(time.Hour)
	g.restart(t)
	if again := g.lease(t, commune, "ioffice", 10); len(again) != 0 {
		t.Fatalf("given after it was acknowledged: %s", told(again))
	}
	want := []string{"arrival.received", "arrival.judged", "arrival.shown", "arrival.handed_over"}
	if acts := g.acts(t, commune, first.Document); !slices.Equal(acts, want) {
		t.Fatalf("the log has %v, want %v", acts, want)
	}
}

func TestEventsOfOneDocumentAreNeverWithTwoAtOnce(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	g.define(t, commune, "ioffice", exchange.MailboxOrder{})
	first := g.arrive(t, commune)
	one := g.lease(t, commune, "ioffice", 1)
	g.judged(t, first)
	g.arrive(t, commune)
	wantTold(t, g.lease(t, commune, "ioffice", 10), "received 2")
	wantTold(t, g.lease(t, commune, "ioffice", 10), "")
	g.acknowledge(t, commune, "ioffice", one...)
	wantTold(t, g.lease(t, commune, "ioffice", 10), "judged 1")
}

func TestRulesSayWhichSystemIsGivenWhat(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	g.define(t, commune, "all", exchange.MailboxOrder{})
	g.define(t, commune, "decisions", exchange.MailboxOrder{Kinds: []exchange.Kind{"QĐ"}})
	g.define(t, commune, "verdicts", exchange.MailboxOrder{Topics: []string{"judgement"}})
	g.define(t, commune, "unit", exchange.MailboxOrder{Units: []string{"VX"}})
	g.define(t, commune, "paused", exchange.MailboxOrder{Paused: true})
	own := exchange.Document{
		ID: "01OWN", Office: commune, Kind: "CV", Unit: "VX", Versions: []exchange.Version{{Step: exchange.StepSubmitted}},
	}
	g.update(t, func(ctx context.Context, tx exchange.Tx) error { return tx.AddDocument(ctx, own) })
	letter := g.arrive(t, commune, func(a *exchange.Arrival) { a.Header.Kind, a.Header.RepliesTo = "CV", own.ID })
	g.arrive(t, commune)
	g.judged(t, letter)
	for name, want := range map[exchange.System]string{
		"all": "received 1, received 2, judged 1", "decisions": "received 2", "verdicts": "judged 1",
		"unit": "received 1, judged 1", "paused": "",
	} {
		wantTold(t, g.lease(t, commune, name, 10), want)
	}
	g.define(t, commune, "paused", exchange.MailboxOrder{})
	wantTold(t, g.lease(t, commune, "paused", 10), "received 1, received 2, judged 1")
}

func TestASlowSystemBlocksNoOther(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	g.define(t, commune, "slow", exchange.MailboxOrder{})
	g.define(t, commune, "quick", exchange.MailboxOrder{})
	for range 30 {
		g.arrive(t, commune)
	}
	g.lease(t, commune, "slow", 1)
	for range 3 {
		events := g.lease(t, commune, "quick", 10)
		if len(events) != 10 {
			t.Fatalf("%d events", len(events))
		}
		g.acknowledge(t, commune, "quick", events...)
	}
	if events := g.lease(t, commune, "slow", 100); len(events) != 29 {
		t.Fatalf("the slow one is given %d", len(events))
	}
}

func TestAnArrivalThatWasThereAlreadyIsNoEvent(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	g.define(t, commune, "ioffice", exchange.MailboxOrder{})
	first := g.arrive(t, commune)
	twice := first
	twice.ID = "01NEVER"
	g.update(t, func(ctx context.Context, tx exchange.Tx) error { return g.log(ctx, tx, twice, "arrival.received") })
	g.arrive(t, commune)
	wantTold(t, g.lease(t, commune, "ioffice", 10), "received 1, received 2")
}

func TestWaitingEndsWhenSomethingHappens(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	g.gateway.Now = time.Now
	g.define(t, commune, "ioffice", exchange.MailboxOrder{})
	var waiting sync.WaitGroup
	waiting.Go(func() {
		events, err := g.desk.Lease(t.Context(), system(commune, "ioffice"), "ioffice",
			handover.Ask{Most: 5, Wait: 30 * time.Second})
		if err != nil || told(events) != "received 1" {
			t.Errorf("told %q, %v", told(events), err)
		}
	})
	g.arrive(t, commune)
	waiting.Wait()
}

func TestWhatIsAskedWronglyIsRefused(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	g.define(t, commune, "ioffice", exchange.MailboxOrder{})
	for _, ask := range []handover.Ask{
		{}, {Most: 101}, {Most: 1, Lease: 2 * time.Hour}, {Most: 1, Wait: time.Minute}, {Most: 1, Wait: -1},
	} {
		_, err := g.desk.Lease(t.Context(), system(commune, "ioffice"), "ioffice", ask)
		wantCode(t, err, exchange.Invalid, "mailbox.ask")
	}
	g.arrive(t, commune)
	for _, id := range []string{"", "xa-1-", "xa-1-9999", "xa-1-+0", "xa-2-0", "xa-1-00"} {
		err := g.desk.Acknowledge(t.Context(), system(commune, "ioffice"), "ioffice", []string{id})
		wantCode(t, err, exchange.NotFound, "mailbox.not_offered")
	}
	for order, code := range map[*exchange.MailboxOrder]string{
		{Topics: []string{"everything"}}:       "mailbox.rule",
		{Kinds: []exchange.Kind{"XX"}}:         "mailbox.rule",
		{URL: "http://example.vn/hook"}:        "mailbox.url",
		{URL: "https://u:p@example.vn"}:        "mailbox.url",
		{URL: "file:///etc/passwd"}:            "mailbox.url",
		{URL: "http://169.254.169.254/latest"}: "mailbox.url",
	} {
		_, _, err := g.desk.Define(t.Context(), manager(commune), "x", *order)
		wantCode(t, err, exchange.Invalid, code)
	}
	_, _, err := g.desk.Define(t.Context(), manager(commune), "../x", exchange.MailboxOrder{})
	wantCode(t, err, exchange.Invalid, "mailbox.name")
	_, _, err = g.desk.Define(t.Context(), manager(commune), "x", exchange.MailboxOrder{Folder: true})
	wantCode(t, err, exchange.Conflict, "mailbox.folder")
	_, _, err = g.desk.Define(t.Context(), system(commune, "x"), "x", exchange.MailboxOrder{})
	wantCode(t, err, exchange.Denied, "access.denied")
}

// TestNoSystemEverSeesAnothersEvents drives many systems of two offices at random, each trying everything with what the
// others have.
func TestNoSystemEverSeesAnothersEvents(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	random := rand.New(rand.NewPCG(5, 16))
	names := []exchange.System{"ioffice", "vnpt", "luu-tru"}
	var holders []handover.Holder
	for _, office := range []exchange.OfficeID{commune, province} {
		for _, name := range names { // the same names in both offices
			holders = append(holders, handover.Holder{Office: office, System: name})
			g.define(t, office, name, exchange.MailboxOrder{})
		}
	}
	seen := map[handover.Holder][]handover.Occurrence{}
	arrivals := map[exchange.OfficeID]int{}
	for range 150 {
		who := holders[random.IntN(len(holders))]
		switch random.IntN(4) {
		case 0:
			g.arrive(t, who.Office)
			arrivals[who.Office]++
		case 1, 2:
			events := g.lease(t, who.Office, who.System, 1+random.IntN(5))
			seen[who] = append(seen[who], events...)
			g.acknowledge(t, who.Office, who.System, events...)
		default:
			g.trespass(t, who, holders[random.IntN(len(holders))], seen)
		}
	}
	for _, who := range holders {
		seen[who] = append(seen[who], g.lease(t, who.Office, who.System, 100)...)
		if len(seen[who]) != arrivals[who.Office] {
			t.Errorf("%v saw %d events of %d", who, len(seen[who]), arrivals[who.Office])
		}
		for _, event := range seen[who] {
			if event.Data.Office != who.Office {
				t.Errorf("%v saw an event of %s", who, event.Data.Office)
			}
		}
	}
}

// trespass lets one holder try what is another's.
func (g *gate) trespass(t *testing.T, who, whose handover.Holder, seen map[handover.Holder][]handover.Occurrence) {
	t.Helper()
	actor := system(who.Office, who.System)
	if who.System != whose.System {
		_, err := g.desk.Lease(t.Context(), actor, whose.System, handover.Ask{Most: 1})
		wantCode(t, err, exchange.NotFound, "mailbox.not_found")
		wantCode(t, g.desk.Acknowledge(t.Context(), actor, whose.System, nil), exchange.NotFound, "mailbox.not_found")
	}
	if len(seen[whose]) == 0 || who.Office == whose.Office {
		return
	}
	stolen := seen[whose][0]
	err := g.desk.Acknowledge(t.Context(), actor, who.System, []string{stolen.ID})
	wantCode(t, err, exchange.NotFound, "mailbox.not_offered")
	_, _, err = g.desk.Open(t.Context(), actor, who.System, stolen.ID, "")
	wantCode(t, err, exchange.NotFound, "mailbox.not_offered")
	list, _, err := g.desk.List(t.Context(), manager(who.Office))
	ok(t, err)
	for _, mailbox := range list {
		if mailbox.Office != who.Office {
			t.Errorf("%s lists a mailbox of %s", who.Office, mailbox.Office)
		}
	}
}

func TestOnlyTheFilesOfItsEventsAreOpenToASystem(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	g.define(t, commune, "ioffice", exchange.MailboxOrder{Kinds: []exchange.Kind{"CV"}})
	letter := g.arrive(t, commune, func(a *exchange.Arrival) { a.Header.Kind = "CV" })
	decision := g.arrive(t, commune)
	event := g.lease(t, commune, "ioffice", 10)[0]
	for _, digest := range []exchange.Digest{"", letter.Header.Attachments[0].Digest} {
		blob, file, err := g.desk.Open(t.Context(), system(commune, "ioffice"), "ioffice", event.ID, digest)
		ok(t, err)
		if blob.Size() != file.Size {
			t.Errorf("%d bytes", blob.Size())
		}
		ok(t, blob.Close())
	}
	_, _, err := g.desk.Open(t.Context(), system(commune, "ioffice"), "ioffice", event.ID, decision.Header.Main.Digest)
	wantCode(t, err, exchange.NotFound, "file.unknown")
	for index := range 4 {
		id := fmt.Sprintf("xa-1-%d", index)
		if _, _, err := g.desk.Open(t.Context(), system(commune, "ioffice"), "ioffice", id, ""); id != event.ID {
			wantCode(t, err, exchange.NotFound, "mailbox.not_offered")
		}
	}
	_, err = reading.Desk{Gateway: g.gateway}.Arrival(t.Context(), system(commune, "ioffice"), letter.ID)
	if err == nil {
		t.Error("a system reads an arrival beside its mailbox")
	}
}
