package exchange_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"congvan/exchange"
)

func TestALetterGoesFromCommuneToProvinceAndTheAnswerComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	document := w.Issue(t, communeNode, commune, province)
	if got := document.Numbering.String(); got != "01/BC-UBND" {
		t.Errorf("number %q", got)
	}
	w.Deliver(t)
	w.Judge(t, provinceNode)

	arrivals := w.Inbox(t, provinceNode, province)
	if len(arrivals) != 1 {
		t.Fatalf("%d arrivals", len(arrivals))
	}
	arrival := arrivals[0]
	if arrival.Judgement == nil || arrival.Judgement.Verdict != "passed" || len(arrival.Judgement.Findings()) > 0 {
		t.Fatalf("judged %s: %s", arrival.Judgement.Verdict, arrival.Judgement.Report)
	}
	accepted, err := decider(w.Gateways[provinceNode]).Accept(t.Context(), clerk(province), arrival.ID)
	if err != nil {
		t.Fatal(err)
	}
	if accepted.Status() != exchange.Accepted || accepted.Receipts[1].Number != 1 {
		t.Errorf("accepted: %+v", accepted.Receipts)
	}
	w.Deliver(t)

	progress, err := reader(w.Gateways[communeNode]).Recipients(t.Context(), clerk(commune), document.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := []exchange.Status{exchange.Carried, exchange.Arrived, exchange.Accepted}
	if diff := cmp.Diff(want, statuses(progress[0].Receipts)); diff != "" {
		t.Errorf("receipts at the commune (-want +got):\n%s", diff)
	}
	if progress[0].Status() != exchange.Accepted {
		t.Errorf("status %q", progress[0].Status())
	}
	w.sameBytes(t, document, arrival)
}

// sameBytes wants the bytes at both ends to be equal, and each version to begin with the one before.
func (w *world) sameBytes(t *testing.T, document exchange.Document, arrival exchange.Arrival) {
	t.Helper()
	read := func(node exchange.NodeID, digest exchange.Digest) []byte {
		blob, err := w.Shelves[node].Open(t.Context(), digest)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(io.NewSectionReader(blob, 0, blob.Size()))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	sent, came := read(communeNode, document.Current().Digest), read(provinceNode, arrival.Header.Main.Digest)
	if !bytes.Equal(sent, came) {
		t.Error("the bytes differ at both ends")
	}
	for i := 1; i < len(document.Versions); i++ {
		before, after := document.Versions[i-1].File.Digest, document.Versions[i].File.Digest
		if !bytes.HasPrefix(read(communeNode, after), read(communeNode, before)) {
			t.Errorf("version %d does not begin with the one before", i)
		}
	}
}

func TestOneGatewayDeliversToItsOwnOfficesTheSameWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	document := w.Issue(t, provinceNode, province, interior, commune)
	w.Deliver(t)
	w.Judge(t, provinceNode)
	arrival := w.Inbox(t, provinceNode, interior)[0]
	if _, err := decider(w.Gateways[provinceNode]).Accept(t.Context(), clerk(interior), arrival.ID); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	progress, err := reader(w.Gateways[provinceNode]).Recipients(t.Context(), clerk(province), document.ID)
	if err != nil {
		t.Fatal(err)
	}
	got := map[exchange.OfficeID]exchange.Status{}
	for _, state := range progress {
		got[state.Office] = state.Status()
	}
	want := map[exchange.OfficeID]exchange.Status{interior: exchange.Accepted, commune: exchange.Arrived}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
}
