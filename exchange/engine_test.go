package exchange_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"congvan/exchange"
	"congvan/storage"
)

// newRealWorld is a world whose gateways keep their records in SQLite and their blobs in folders.
func newRealWorld(tb testing.TB) *world {
	tb.Helper()
	w := newWorld(tb, straight)
	for node, gateway := range w.Gateways {
		dir := tb.TempDir()
		records, err := storage.OpenRecords(tb.Context(), "sqlite:"+filepath.Join(dir, "records.db"))
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { _ = records.Close() })
		folder, err := storage.OpenFolder(filepath.Join(dir, "blobs"))
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { _ = folder.Close() })
		gateway.Records, gateway.Blobs = records, folder
		delete(w.Memories, node)
	}
	return w
}

func TestTheWholePathOnRealEngines(t *testing.T) {
	t.Parallel()
	w := newRealWorld(t)
	wanted := draft(province)
	wanted.Kind, wanted.Unit = exchange.Letter, "VX"
	wanted.Placement = &exchange.Placement{Page: 1, X: 120, Y: 60, Number: &exchange.Spot{X: 30, Y: 250}}
	document := w.Write(t, communeNode, commune, wanted)
	if got := document.Numbering.String(); got != "01/UBND-VX" {
		t.Errorf("number %q", got)
	}
	if diff := cmp.Diff(wanted.Placement, document.Placement); diff != "" {
		t.Errorf("placement (-want +got):\n%s", diff)
	}
	w.deliverAll(t)
	w.Judge(t, provinceNode)
	arrival := w.Inbox(t, provinceNode, province)[0]
	if arrival.Judgement.Verdict != "passed" {
		t.Errorf("verdict %s", arrival.Judgement.Verdict)
	}
	if _, err := decider(w.Gateways[provinceNode]).Accept(t.Context(), clerk(province), arrival.ID); err != nil {
		t.Fatal(err)
	}
	w.deliverAll(t)
	progress, err := reader(w.Gateways[communeNode]).Recipients(t.Context(), clerk(commune), document.ID)
	if err != nil || len(progress) != 1 || progress[0].Status() != exchange.Accepted {
		t.Errorf("%+v, %v", progress, err)
	}
	events, err := reader(w.Gateways[communeNode]).Timeline(t.Context(), clerk(commune), document.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"document.submitted", "document.prepared", "document.signed", "document.numbered", "document.sealed",
		"document.issued", "document.delivered", "receipt.carried", "receipt.01", "receipt.03",
	}
	if diff := cmp.Diff(want, acts(events)); diff != "" {
		t.Errorf("timeline (-want +got):\n%s", diff)
	}
}

func (w *world) deliverAll(tb testing.TB) {
	tb.Helper()
	for range 3 {
		for _, node := range []exchange.NodeID{communeNode, districtNode, provinceNode} {
			if err := w.Gateways[node].DeliverNow(tb.Context()); err != nil {
				tb.Fatal(err)
			}
		}
	}
}

// BenchmarkSend issues a sealed document to 10,000 offices behind 100 gateways.
func BenchmarkSend(b *testing.B) {
	w := newRealWorld(b)
	many := manyOffices(b, w, 10_000)
	for b.Loop() {
		b.StopTimer()
		wanted := draft(many...)
		document := w.Prepare(b, communeNode, commune, wanted)
		gateway := w.Gateways[communeNode]
		b.StartTimer()
		if _, err := gateway.Send(b.Context(), clerk(commune), document.ID); err != nil {
			b.Fatal(err)
		}
	}
}

// manyOffices adds offices to the directory, a hundred of them behind every gateway.
func manyOffices(tb testing.TB, w *world, count int) []exchange.OfficeID {
	tb.Helper()
	file := threeTiers(tb)
	file.Nodes[0].Uplink = ""
	var ids []exchange.OfficeID
	for n := range count {
		if n%100 == 0 {
			identity, err := people(tb).Authority.Node(fmt.Sprintf("cong-%d", n/100))
			if err != nil {
				tb.Fatal(err)
			}
			file.Nodes = append(file.Nodes, exchange.Node{
				ID:  exchange.NodeID(fmt.Sprintf("cong-%d", n/100)),
				URL: "https://127.0.0.1:1", Certificates: [][]byte{identity.Certificate.Raw},
			})
		}
		id := exchange.OfficeID(fmt.Sprintf("xa-%05d", n))
		ids = append(ids, id)
		file.Offices = append(file.Offices, exchange.Office{
			ID: id, Level: "commune", Names: []exchange.Name{{Name: fmt.Sprintf("UBND xã %d", n)}},
			Hosts: []exchange.Host{{Node: exchange.NodeID(fmt.Sprintf("cong-%d", n/100))}},
		})
	}
	directory, err := exchange.NewDirectory(file)
	if err != nil {
		tb.Fatal(err)
	}
	w.Directory.Store(directory)
	return ids
}

// BenchmarkExchange carries sealed documents from one gateway to another while both loops run: an operation is one
// document from being sent to the signed receipt at the sender, judged at the other end.
func BenchmarkExchange(b *testing.B) {
	w := newRealWorld(b)
	var prepared []exchange.DocumentID
	for range b.N {
		prepared = append(prepared, w.Prepare(b, communeNode, commune, draft(district)).ID)
	}
	ctx, cancel := context.WithCancel(b.Context())
	var running sync.WaitGroup
	for _, node := range []exchange.NodeID{communeNode, districtNode} {
		running.Go(func() { w.Gateways[node].Run(ctx) })
	}
	b.ResetTimer()
	start := time.Now()
	var senders sync.WaitGroup
	queue := make(chan exchange.DocumentID)
	for range 32 {
		senders.Go(func() {
			for id := range queue {
				if _, err := w.Gateways[communeNode].Send(ctx, clerk(commune), id); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for _, id := range prepared {
		queue <- id
	}
	close(queue)
	senders.Wait()
	for !w.done(b, communeNode) || !w.allJudged(b, districtNode) {
		time.Sleep(time.Millisecond)
	}
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "documents/s")
	b.StopTimer()
	cancel()
	running.Wait()
}

func (w *world) done(tb testing.TB, node exchange.NodeID) bool {
	tb.Helper()
	var owed []exchange.NodeID
	err := w.Gateways[node].Records.View(tb.Context(), func(tx exchange.Tx) error {
		var err error
		owed, err = tx.OwedNodes(tb.Context())
		return err
	})
	return err == nil && len(owed) == 0
}

func (w *world) allJudged(tb testing.TB, node exchange.NodeID) bool {
	tb.Helper()
	var waiting []exchange.Arrival
	err := w.Gateways[node].Records.View(tb.Context(), func(tx exchange.Tx) error {
		var err error
		waiting, err = tx.Unjudged(tb.Context(), 1)
		return err
	})
	return err == nil && len(waiting) == 0
}
