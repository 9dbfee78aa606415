package handover_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"congvan/exchange"
	"congvan/exchange/handover"
	"congvan/storage"
	"congvan/storage/storagetest"
)

const (
	commune  = storagetest.Commune
	province = storagetest.Province
)

// gate is a gateway with the two offices of the fixtures, whose clock stands.
type gate struct {
	desk    *handover.Desk
	gateway *exchange.Gateway
	records *storage.Records // of the file; g.gateway may use others
	path    string
	clock   time.Time
	count   int
}

func newGate(t *testing.T) *gate {
	t.Helper()
	g := &gate{path: filepath.Join(t.TempDir(), "records.db"), clock: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
	g.open(t)
	t.Cleanup(func() { ok(t, g.records.Close()) })
	return g
}

// open opens the records, as a process that starts does.
func (g *gate) open(t *testing.T) {
	t.Helper()
	records, err := storage.OpenRecords(t.Context(), "sqlite:"+g.path)
	ok(t, err)
	g.records = records
	blobs, err := storage.OpenFolder(g.path + ".blobs")
	ok(t, err)
	g.gateway = &exchange.Gateway{
		Node: "xa-1", Directory: func() *exchange.Directory { return &exchange.Directory{} },
		Records: records, Blobs: blobs, Now: func() time.Time { return g.clock },
		Log: slog.New(slog.DiscardHandler), MaxFile: 1 << 20,
	}
	g.desk = &handover.Desk{
		Gateway: g.gateway, Client: http.DefaultClient, Key: []byte(strings.Repeat("k", 32)),
		Sentence: func(code string) string { return "Câu của " + code },
	}
}

// restart is what a kill leaves: the records.
func (g *gate) restart(t *testing.T) {
	t.Helper()
	ok(t, g.records.Close())
	g.open(t)
}

func (g *gate) update(t *testing.T, fn func(ctx context.Context, tx exchange.Tx) error) {
	t.Helper()
	ok(t, g.gateway.Records.Update(t.Context(), func(tx exchange.Tx) error { return fn(t.Context(), tx) }))
}

// arrive lets a document arrive at an office, as the gateway records it.
func (g *gate) arrive(t *testing.T, office exchange.OfficeID, change ...func(*exchange.Arrival)) exchange.Arrival {
	t.Helper()
	g.count++
	arrival := storagetest.Arrival(office, g.count)
	for _, content := range []string{"main", "annex"} {
		text := fmt.Sprintf("%%PDF-1.7 %s of %s", content, arrival.ID)
		digest, size, err := g.gateway.Blobs.Put(t.Context(), strings.NewReader(text), "", 1<<20)
		ok(t, err)
		file := exchange.File{Name: "../../" + content + ".pdf", MediaType: "application/pdf", Digest: digest, Size: size}
		if content == "main" {
			arrival.Header.Main = file
		} else {
			arrival.Header.Attachments = []exchange.File{file}
		}
	}
	for _, with := range change {
		with(&arrival)
	}
	g.update(t, func(ctx context.Context, tx exchange.Tx) error {
		if _, _, err := tx.AddArrival(ctx, arrival); err != nil {
			return err
		}
		return g.log(ctx, tx, arrival, "arrival.received")
	})
	return arrival
}

func (g *gate) log(ctx context.Context, tx exchange.Tx, arrival exchange.Arrival, act string) error {
	_, err := tx.AppendLog(ctx, exchange.Entry{
		At: g.clock, Act: act, Office: arrival.Office, Document: arrival.Document, Detail: map[string]string{
			"arrival": string(arrival.ID), "digest": string(arrival.Header.Main.Digest), "verdict": "passed",
		},
	})
	return err
}

func (g *gate) judged(t *testing.T, arrival exchange.Arrival) {
	t.Helper()
	g.update(t, func(ctx context.Context, tx exchange.Tx) error { return g.log(ctx, tx, arrival, "arrival.judged") })
}

func manager(office exchange.OfficeID) exchange.Actor {
	return exchange.Actor{Name: "Quản trị", Office: office, Role: exchange.Administrator}
}

func system(office exchange.OfficeID, name exchange.System) exchange.Actor {
	return exchange.Actor{Name: string(name), Office: office, Role: exchange.DocumentSystem}
}

func (g *gate) define(
	t *testing.T, office exchange.OfficeID, name exchange.System, order exchange.MailboxOrder,
) (secret string) {
	t.Helper()
	_, secret, err := g.desk.Define(t.Context(), manager(office), name, order)
	ok(t, err)
	return secret
}

// lease gives the next events of a system.
func (g *gate) lease(t *testing.T, office exchange.OfficeID, name exchange.System, most int) []handover.Occurrence {
	t.Helper()
	events, err := g.desk.Lease(t.Context(), system(office, name), name, handover.Ask{Most: most})
	ok(t, err)
	return events
}

func (g *gate) acknowledge(
	t *testing.T, office exchange.OfficeID, name exchange.System, events ...handover.Occurrence,
) {
	t.Helper()
	ok(t, g.desk.Acknowledge(t.Context(), system(office, name), name, ids(events)))
}

func ids(events []handover.Occurrence) []string {
	list := make([]string, len(events))
	for i, event := range events {
		list[i] = event.ID
	}
	return list
}

// told writes events as "type document" in short.
func told(events []handover.Occurrence) string {
	var list []string
	for _, event := range events {
		list = append(list, strings.TrimPrefix(event.Type, "arrival.")+" "+
			strings.TrimLeft(strings.TrimPrefix(string(event.Data.Document), "01DOC"), "0"))
	}
	return strings.Join(list, ", ")
}

func wantTold(t *testing.T, events []handover.Occurrence, want string) {
	t.Helper()
	if got := told(events); got != want {
		t.Fatalf("told %q, want %q", got, want)
	}
}

func wantCode(t *testing.T, err error, kind exchange.ErrorKind, code string) {
	t.Helper()
	if err == nil || exchange.KindOf(err) != kind || exchange.CodeOf(err) != code {
		t.Fatalf("got %v, want %s %s", err, kind, code)
	}
}

// acts lists the acts of the log about a document, for an office.
func (g *gate) acts(t *testing.T, office exchange.OfficeID, document exchange.DocumentID) (acts []string) {
	t.Helper()
	ok(t, g.gateway.Records.View(t.Context(), func(tx exchange.Tx) error {
		entries, err := tx.Entries(t.Context(), office, document)
		for _, entry := range entries {
			acts = append(acts, entry.Act)
		}
		return err
	}))
	return slices.Clip(acts)
}

func ok(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
