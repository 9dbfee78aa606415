package handover_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"congvan/certs"
	"congvan/exchange"
	"congvan/exchange/handover"
)

// ends lets the commune go up in the province's office, on the day before the gate's clock.
func (g *gate) ends(t *testing.T) {
	t.Helper()
	day := exchange.Today(g.clock)
	host := []exchange.Host{{Node: g.gateway.Node}}
	authority, err := certs.NewAuthority(certs.Setting{URL: "http://127.0.0.1:1", Now: func() time.Time { return g.clock }})
	ok(t, err)
	identity, err := authority.Node(string(g.gateway.Node))
	ok(t, err)
	node := exchange.Node{
		ID: g.gateway.Node, URL: "https://127.0.0.1:1", Certificates: [][]byte{identity.Certificate.Raw},
	}
	directory, err := exchange.NewDirectory(exchange.DirectoryFile{
		Nodes: []exchange.Node{node},
		Offices: []exchange.Office{
			{
				ID: commune, Names: []exchange.Name{{Name: "Xã cũ"}}, Hosts: host,
				Exists:     exchange.Period{To: day.AddDays(-1)},
				Successors: []exchange.Successor{{Office: province, Kind: "merge", On: day}},
			},
			{ID: province, Names: []exchange.Name{{Name: "Nơi kế thừa"}}, Hosts: host},
		},
	})
	ok(t, err)
	g.gateway.Directory = func() *exchange.Directory { return directory }
}

func TestTheSystemOfTheHeirIsToldWhatConcernsTheClosedOfficeAndWhoseItIs(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	g.define(t, province, "ioffice", exchange.MailboxOrder{})
	left := g.arrive(t, commune)
	if early := g.lease(t, province, "ioffice", 10); len(early) != 0 {
		t.Fatalf("told before the office ended: %s", told(early))
	}
	g.ends(t)
	g.arrive(t, province)
	g.judged(t, left)
	given := g.lease(t, province, "ioffice", 10)
	wantTold(t, given, "received 1, received 2, judged 1")
	for _, event := range []handover.Occurrence{given[0], given[2]} {
		if event.Data.Office != commune || event.Data.Heir != province {
			t.Errorf("it does not say whose it was: %+v", event.Data)
		}
	}
	if own := given[1].Data; own.Office != province || own.Heir != "" {
		t.Errorf("of the own office: %+v", own)
	}
	blob, file, err := g.desk.Open(t.Context(), system(province, "ioffice"), "ioffice", given[0].ID, "")
	ok(t, err)
	ok(t, blob.Close())
	if file.Digest != left.Header.Main.Digest {
		t.Errorf("the file is %+v", file)
	}
	g.acknowledge(t, province, "ioffice", given...)
	g.clock = g.clock.Add(time.Hour)
	if again := g.lease(t, province, "ioffice", 10); len(again) != 0 {
		t.Errorf("given again: %s", told(again))
	}
}

func TestWhatWasOpenOnTheLastDayIsTheHeirsEventOfItsOwn(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	left := g.arrive(t, commune)
	g.define(t, province, "ioffice", exchange.MailboxOrder{Topics: []string{"arrival"}})
	g.ends(t)
	g.update(t, func(ctx context.Context, tx exchange.Tx) error {
		_, err := tx.AppendLog(ctx, exchange.Entry{
			At: g.clock, Act: exchange.ActInherited, Office: province, Document: left.Document,
			Detail: map[string]string{"arrival": string(left.ID), "for": string(commune), "digest": "d"},
		})
		return err
	})
	given := g.lease(t, province, "ioffice", 10)
	if len(given) != 1 || given[0].Type != exchange.ActInherited || given[0].Data.Office != commune ||
		given[0].Data.Heir != province || given[0].Data.Subject == "" || given[0].Data.File == nil {
		t.Fatalf("told %+v", given)
	}
	g.acknowledge(t, province, "ioffice", given...)
}

func TestTheWebhookOfTheHeirIsCalledForWhatConcernsTheClosedOffice(t *testing.T) {
	t.Parallel()
	g, h := newGate(t), newHook(t)
	of := handover.Holder{Office: province, System: "ioffice"}
	secret := g.define(t, province, "ioffice", exchange.MailboxOrder{URL: h.URL})
	left := g.arrive(t, commune)
	ok(t, g.desk.Push(t.Context(), of))
	if len(h.got) != 0 {
		t.Fatalf("called before the office ended: %s", told(h.got))
	}
	g.ends(t)
	up := h.status
	h.status = func(handover.Occurrence) int { return http.StatusBadGateway }
	wantCode(t, g.desk.Push(t.Context(), of), exchange.Unavailable, "mailbox.answer")
	h.status = up
	g.clock = g.clock.Add(time.Hour)
	ok(t, g.desk.Push(t.Context(), of))
	g.judged(t, left)
	ok(t, g.desk.Push(t.Context(), of))
	wantTold(t, h.got, "received 1, judged 1")
	for n, event := range h.got {
		if good := h.verified(t, n, secret); event.Data.Office != commune || event.Data.Heir != province || len(good) != 1 {
			t.Errorf("call %d is signed by %v and says %+v", n, good, event.Data)
		}
	}
}
