package exchange_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"congvan/exchange"
	"congvan/exchange/exchangetest"
)

// merged is the directory of the fixtures after the commune (hosted by its own gateway) was merged into the heir, which
// the province's gateway hosts.
func merged(tb testing.TB, kind string, change ...func(*exchange.DirectoryFile)) *exchange.Directory {
	tb.Helper()
	file := threeTiers(tb)
	eve := exchange.Today(noon)
	for i := range file.Offices {
		office := &file.Offices[i]
		if office.ID == district {
			office.Exists.To = eve
			office.Codes[0].To = eve
			office.Successors = []exchange.Successor{{
				Office: interior, Kind: kind, On: eve.AddDays(1), Basis: "Nghị quyết 202/2025/QH15",
			}}
		}
	}
	for _, change := range change {
		change(&file)
	}
	directory, err := exchange.NewDirectory(file)
	if err != nil {
		tb.Fatal(err)
	}
	return directory
}

// reformed gives all gateways the directory after the reform.
func (w *world) reformed(directory *exchange.Directory) {
	w.Directory.Store(directory)
}

// atReform puts the clock to the day after noon's, on which the district is no more.
func (w *world) atReform() { w.Now = func() time.Time { return noon.AddDate(0, 0, 1) } }

func (w *world) retarget(tb testing.TB) {
	tb.Helper()
	for _, gateway := range w.Gateways {
		if err := gateway.Retarget(tb.Context()); err != nil {
			tb.Fatal(err)
		}
	}
}

func TestALetterUnderWayToAMergedOfficeReachesItsHeirWithAReceiptNamingBoth(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	document := w.Issue(t, communeNode, commune, district, interior)
	w.atReform()
	w.reformed(merged(t, "merge"))
	w.retarget(t)
	w.retarget(t) // finds nothing more to do
	w.Deliver(t)
	inbox := w.Inbox(t, provinceNode, interior)
	if len(inbox) != 1 || len(w.Inbox(t, districtNode, district)) != 0 {
		t.Fatalf("%d arrivals at the heir", len(inbox))
	}
	w.Judge(t, provinceNode)
	if _, err := decider(w.Gateways[provinceNode]).Accept(t.Context(), clerk(interior), inbox[0].ID); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	progress, err := reader(w.Gateways[communeNode]).Recipients(t.Context(), clerk(commune), document.ID)
	if err != nil || len(progress) != 2 {
		t.Fatalf("%+v, %v", progress, err)
	}
	for _, recipient := range progress {
		if recipient.Status() != exchange.Accepted || recipient.Parked() != "" {
			t.Errorf("%s is %q", recipient.Office, recipient.Status())
		}
		named := slices.ContainsFunc(recipient.Receipts, func(receipt exchange.Receipt) bool {
			return receipt.Office == interior && receipt.For == district && receipt.Status == exchange.Arrived
		})
		if recipient.Office == district && !named {
			t.Errorf("no receipt names both: %+v", recipient.Receipts)
		}
	}
	if got := w.Logged(t, provinceNode, "arrival.received", "for_code"); !slices.Contains(got, "H40.03") {
		t.Errorf("the log names the codes %q", got)
	}
}

// The district's gateway is there still, below that of the heir: it has not taken the letter and sends it back.
func TestALetterThatTheOldGatewaySendsBackGoesToTheHeir(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	document := w.Issue(t, provinceNode, province, district)
	w.atReform()
	w.reformed(merged(t, "merge"))
	w.retarget(t)
	w.Deliver(t)
	if got := w.Inbox(t, provinceNode, interior); len(got) != 1 || got[0].InheritedFrom() != district {
		t.Fatalf("at the heir: %+v", got)
	}
	progress, err := reader(w.Gateways[provinceNode]).Recipients(t.Context(), clerk(province), document.ID)
	if err != nil || len(progress) != 1 || progress[0].Status() != exchange.Arrived || progress[0].Parked() != "" {
		t.Errorf("progress %+v, %v", progress, err)
	}
}

// The reform comes at midnight while letters are on a bad line: each is taken in once, by the district or by its heir,
// and its sender knows by whom.
func TestEveryLetterUnderWayInTheReformArrivesOnce(t *testing.T) {
	t.Parallel()
	heirs, districts := 0, 0
	for seed := range uint64(4) {
		synctest.Test(t, func(t *testing.T) {
			s := newSimulation(t, seed, weather{loss: 0.5, faults: 0.1})
			s.reformed(merged(t, "merge"))
			ctx, cancel := context.WithCancel(t.Context())
			time.Sleep(12*time.Hour - 20*time.Minute) // noon in Hanoi: midnight is twelve hours later
			nodes := []exchange.NodeID{communeNode, districtNode, provinceNode}
			for _, node := range nodes {
				s.boot(ctx, node)
			}
			const letters = 12
			for n := range letters {
				if n == letters/2 {
					s.kill(districtNode)
				}
				s.letter(ctx, n)
				time.Sleep(s.upTo(18 * time.Second))
			}
			time.Sleep(time.Until(s.start.Add(12*time.Hour + time.Minute)))
			s.boot(ctx, districtNode)
			time.Sleep(2 * time.Minute)
			s.mutex.Lock()
			s.calm = true
			s.mutex.Unlock()
			for range 600 {
				if time.Sleep(time.Second); s.Idle(t) && s.judged() {
					break
				}
			}
			for _, node := range nodes {
				s.kill(node)
			}
			cancel()
			heir, old := s.Inbox(t, provinceNode, interior), s.Inbox(t, districtNode, district)
			heirs, districts = heirs+len(heir), districts+len(old)
			if len(heir)+len(old) != letters || !s.Idle(t) {
				t.Errorf("seed %d: %d and %d of %d letters", seed, len(heir), len(old), letters)
			}
			for n := range letters {
				from := seats[2*(n%2)]
				progress, err := reader(s.Gateways[from.node]).Recipients(context.WithoutCancel(ctx), clerk(from.office), id(n))
				if err != nil || len(progress) != 1 || progress[0].Status() != exchange.Arrived {
					t.Errorf("seed %d: letter %d: %+v, %v", seed, n, progress, err)
				}
			}
		})
	}
	if heirs == 0 || districts == 0 {
		t.Errorf("%d at the heir, %d at the district: nothing was under way", heirs, districts)
	}
	t.Logf("%d letters at the district, %d at its heir", districts, heirs)
}

// letter issues one from the commune or the province to the district, at once whatever the weather.
func (s *simulation) letter(ctx context.Context, n int) {
	from := seats[2*(n%2)]
	wanted := draft(district)
	wanted.ID = id(n)
	s.stubborn("submit", func() error {
		_, err := desk(s.at(from.node)).Submit(ctx, clerk(from.office), wanted, bytes.NewReader(pdf(s.t)))
		return err
	})
	s.stubborn("sign", func() error {
		_, err := desk(s.at(from.node)).Sign(ctx, leader(from.office), wanted.ID)
		return err
	})
	s.stubborn("issue", func() error {
		_, err := exchangetest.Issue(ctx, s.at(from.node), clerk(from.office), wanted.ID)
		return err
	})
}

func TestWhatIsOwedThroughAGatewayThatIsNoMoreGoesToTheHeirsGateway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	document := w.Issue(t, provinceNode, province, district)
	w.atReform()
	w.reformed(merged(t, "rename", func(file *exchange.DirectoryFile) {
		file.Nodes = slices.DeleteFunc(file.Nodes, func(n exchange.Node) bool { return n.ID == districtNode })
		file.Nodes[0].Uplink = provinceNode
		for i := range file.Offices {
			if file.Offices[i].ID == district {
				file.Offices[i].Hosts = nil
			}
		}
	}))
	w.retarget(t)
	w.retarget(t)
	w.Deliver(t)
	if got := w.Inbox(t, provinceNode, interior); len(got) != 1 || got[0].InheritedFrom() != district {
		t.Fatalf("at the heir: %+v", got)
	}
	progress, err := reader(w.Gateways[provinceNode]).Recipients(t.Context(), clerk(province), document.ID)
	if err != nil || len(progress) != 1 || progress[0].Status() != exchange.Arrived || progress[0].Deliveries != 2 {
		t.Errorf("progress %+v, %v", progress, err)
	}
	if got := w.Logged(t, provinceNode, "document.retargeted", "heir"); !slices.Equal(got, []string{string(interior)}) {
		t.Errorf("the log says it %d times: %q", len(got), got)
	}
}

func TestALetterUnderWayToADividedOfficeIsParkedWithItsSuccessors(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"split", "transfer"} {
		w := newWorld(t, straight)
		document := w.Issue(t, communeNode, commune, district)
		w.atReform()
		w.reformed(merged(t, kind))
		w.retarget(t)
		w.Deliver(t)
		found, _, err := w.Gateways[communeNode].Parked(t.Context(), clerk(commune), exchange.Page{Limit: 10})
		if err != nil || len(found) != 1 || found[0].Recipients[0].Parked() != "recipient.closed" {
			t.Fatalf("%s: parked %+v, %v", kind, found, err)
		}
		_, err = w.Gateways[communeNode].Resend(t.Context(), clerk(commune), document.ID)
		refused(t, err, exchange.Conflict, "recipient.closed")
		if !strings.Contains(err.Error(), string(interior)) {
			t.Errorf("%s: the successor is not named: %v", kind, err)
		}
	}
}

func TestANewLetterToAClosedOfficeIsForwardedOnlyWhileThatIsAllowed(t *testing.T) {
	t.Parallel()
	for until, want := range map[exchange.Date]string{
		"": "recipient.closed", exchange.Today(noon): "recipient.closed", exchange.Today(noon).AddDays(1): "",
	} {
		w := newWorld(t, straight)
		w.atReform()
		w.reformed(merged(t, "merge", func(file *exchange.DirectoryFile) {
			for i := range file.Offices {
				if file.Offices[i].ID == district {
					file.Offices[i].ForwardUntil = until
				}
			}
		}))
		if want != "" {
			_, err := desk(w.Gateways[communeNode]).Submit(t.Context(), clerk(commune), draft(district),
				strings.NewReader("%PDF-"))
			refused(t, err, exchange.Conflict, want)
			continue
		}
		w.Issue(t, communeNode, commune, district)
		w.Deliver(t)
		if got := w.Inbox(t, provinceNode, interior); len(got) != 1 || got[0].InheritedFrom() != district {
			t.Errorf("forwarded: %+v", got)
		}
	}
}

func TestANewOfficeBeginsToNumberAtOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	if got := w.Issue(t, districtNode, district, province).Numbering.Number; got != 1 {
		t.Fatalf("the district's first is %d", got)
	}
	w.Issue(t, districtNode, district, province)
	w.atReform()
	w.reformed(merged(t, "merge", func(file *exchange.DirectoryFile) {
		for i := range file.Offices {
			if file.Offices[i].ID == interior {
				file.Offices[i].Hosts = []exchange.Host{{Node: provinceNode}}
			}
		}
	}))
	if got := w.Issue(t, provinceNode, interior, province).Numbering.Number; got != 1 {
		t.Errorf("the heir goes on at %d: the old book is closed", got)
	}
	_, err := desk(w.Gateways[districtNode]).Submit(t.Context(), clerk(district), draft(province),
		strings.NewReader("%PDF-"))
	refused(t, err, exchange.Denied, "office.closed")
}

func TestAnAnswerAboutALetterOfAClosedOfficeStillReachesItsGateway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	document := w.Issue(t, districtNode, district, interior)
	w.Deliver(t)
	w.Judge(t, provinceNode)
	w.atReform()
	w.reformed(merged(t, "transfer"))
	arrival := w.Inbox(t, provinceNode, interior)[0]
	if _, err := decider(w.Gateways[provinceNode]).Accept(t.Context(), clerk(interior), arrival.ID); err != nil {
		t.Fatal(err)
	}
	w.retarget(t)
	w.Deliver(t)
	progress, err := reader(w.Gateways[districtNode]).Recipients(t.Context(), clerk(district), document.ID)
	if err != nil || len(progress) != 1 || progress[0].Status() != exchange.Accepted {
		t.Errorf("progress %+v, %v", progress, err)
	}
}

func TestOnlyTheHeirMaySpeakForAnOfficeThatEnded(t *testing.T) {
	t.Parallel()
	directory := reform(t)
	for _, test := range []struct {
		office exchange.OfficeID
		on     exchange.Date
		want   exchange.OfficeID
	}{
		{"so-noi-vu-nam-dinh", after, "so-noi-vu-ninh-binh"}, // renamed, then merged
		{"tinh-nam-dinh", after, "tinh-ninh-binh"},
		{"tinh-nam-dinh", before, ""}, // lives
		{"huyen-hai-hau", after, ""},  // divided
		{"khong-co", after, ""},
	} {
		if heir, ok := directory.Heir(test.office, test.on); ok && heir != test.want || !ok && test.want != "" {
			t.Errorf("heir of %s on %s: %q %v, want %q", test.office, test.on, heir, ok, test.want)
		}
	}
}
