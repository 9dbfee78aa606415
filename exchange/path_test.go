package exchange_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
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

func TestATimelineTellsEveryStepInOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	document := w.Issue(t, communeNode, commune, district)
	w.Deliver(t)
	w.Judge(t, districtNode)
	arrival := w.Inbox(t, districtNode, district)[0]
	reason := "Văn bản gửi nhầm cơ quan nhận"
	if _, err := decider(w.Gateways[districtNode]).Refuse(t.Context(), clerk(district), arrival.ID, reason); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)

	events, err := reader(w.Gateways[communeNode]).Timeline(t.Context(), clerk(commune), document.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"document.submitted", "document.signed", "document.numbered", "document.sealed", "document.issued",
		"document.delivered", "receipt.01", "receipt.02",
	}
	if diff := cmp.Diff(want, acts(events)); diff != "" {
		t.Errorf("at the commune (-want +got):\n%s", diff)
	}
	if got := events[7].Receipt.Reason; got != reason {
		t.Errorf("the sender sees the reason %q", got)
	}
	events, err = reader(w.Gateways[districtNode]).Timeline(t.Context(), clerk(district), document.ID)
	if err != nil {
		t.Fatal(err)
	}
	want = []string{"arrival.received", "arrival.judged", "arrival.shown", "arrival.refused", "receipt.01", "receipt.02"}
	if diff := cmp.Diff(want, acts(events)); diff != "" {
		t.Fatalf("at the district (-want +got):\n%s", diff)
	}
	// The entry of an arrival names its receipt; later receipts name the size of the log with the entry of their act.
	sum := sha256.Sum256(events[4].Receipt.Sealed)
	if events[0].Detail["receipt"] != hex.EncodeToString(sum[:]) {
		t.Errorf("the entry of the arrival names the receipt %q", events[0].Detail["receipt"])
	}
	if events[5].Receipt.LogSize != events[3].Index+1 {
		t.Errorf("%s names a log of %d entries", events[5].Act, events[5].Receipt.LogSize)
	}
	again, err := decider(w.Gateways[districtNode]).Refuse(t.Context(), clerk(district), arrival.ID, reason)
	if err != nil || len(again.Receipts) != 2 {
		t.Errorf("refused again: %d receipts, %v", len(again.Receipts), err)
	}
	_, err = decider(w.Gateways[districtNode]).Accept(t.Context(), clerk(district), arrival.ID)
	refused(t, err, exchange.Conflict, "arrival.refused")
}

func TestOfficesOfOneGatewayDoNotSeeEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	document := w.Issue(t, communeNode, commune, province)
	w.Deliver(t)
	w.Judge(t, provinceNode)
	gateway, other := w.Gateways[provinceNode], clerk(interior)
	arrival := w.Inbox(t, provinceNode, province)[0]
	if list := w.Inbox(t, provinceNode, interior); len(list) > 0 {
		t.Errorf("the department sees %d arrivals", len(list))
	}
	_, err := reader(gateway).Arrival(t.Context(), other, arrival.ID)
	refused(t, err, exchange.NotFound, "arrival.not_found")
	_, err = decider(gateway).Accept(t.Context(), other, arrival.ID)
	refused(t, err, exchange.NotFound, "arrival.not_found")
	_, err = reader(gateway).Timeline(t.Context(), other, document.ID)
	refused(t, err, exchange.NotFound, "document.not_found")
	_, _, err = reader(gateway).OpenArrivalFile(t.Context(), other, arrival.ID, "")
	refused(t, err, exchange.NotFound, "arrival.not_found")
}

func TestWhoReadsAFileIsLogged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	document := w.Issue(t, communeNode, commune, province)
	blob, file, err := reader(w.Gateways[communeNode]).OpenDocumentFile(t.Context(), clerk(commune), document.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	if file.Digest != document.Current().Digest || blob.Size() != file.Size {
		t.Errorf("opened %+v of %d bytes", file, blob.Size())
	}
	events, err := reader(w.Gateways[communeNode]).Timeline(t.Context(), clerk(commune), document.ID)
	if err != nil {
		t.Fatal(err)
	}
	last := events[len(events)-1]
	if last.Act != "file.read" || last.Actor != clerk(commune).Name || last.Detail["digest"] != string(file.Digest) {
		t.Errorf("last event %+v", last)
	}
	_, _, err = reader(w.Gateways[communeNode]).OpenDocumentFile(t.Context(), clerk(commune), document.ID, "00")
	refused(t, err, exchange.NotFound, "file.unknown")
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

func TestAReportedStatusOnlyMovesForward(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	w.Issue(t, communeNode, commune, district)
	w.Deliver(t)
	gateway, actor := w.Gateways[districtNode], clerk(district)
	id := w.Inbox(t, districtNode, district)[0].ID

	_, err := decider(gateway).Accept(t.Context(), actor, id)
	refused(t, err, exchange.Unavailable, "arrival.not_judged")
	w.Judge(t, districtNode)
	_, err = decider(gateway).Report(t.Context(), actor, id, exchange.InProgress)
	refused(t, err, exchange.Conflict, "arrival.not_accepted")
	_, err = decider(gateway).Refuse(t.Context(), actor, id, "ngắn quá")
	refused(t, err, exchange.Invalid, "arrival.reason")
	_, err = decider(gateway).Report(t.Context(), actor, id, exchange.Refused)
	refused(t, err, exchange.Invalid, "arrival.status")

	first, err := decider(gateway).Accept(t.Context(), actor, id)
	if err != nil {
		t.Fatal(err)
	}
	again, err := decider(gateway).Accept(t.Context(), actor, id)
	if err != nil || !cmp.Equal(first, again) {
		t.Errorf("accepting again gives %v:\n%s", err, cmp.Diff(first, again))
	}
	for _, status := range []exchange.Status{exchange.InProgress, exchange.Completed, exchange.Completed} {
		if _, err := decider(gateway).Report(t.Context(), actor, id, status); err != nil {
			t.Errorf("report %s: %v", status, err)
		}
	}
	_, err = decider(gateway).Report(t.Context(), actor, id, exchange.Assigned)
	refused(t, err, exchange.Conflict, "arrival.past")
	_, err = decider(gateway).Refuse(t.Context(), actor, id, "một lý do đủ dài để trả lại")
	refused(t, err, exchange.Conflict, "arrival.accepted")
}
