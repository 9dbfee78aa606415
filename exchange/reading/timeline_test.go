package reading_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/google/go-cmp/cmp"

	"congvan/exchange"
	. "congvan/exchange/exchangetest"
)

func TestATimelineTellsEveryStepInOrder(t *testing.T) {
	t.Parallel()
	w := New(t, Straight)
	document := w.Issue(t, CommuneNode, Commune, District)
	w.Deliver(t)
	w.Judge(t, DistrictNode)
	arrival := w.Inbox(t, DistrictNode, District)[0]
	reason := "Văn bản gửi nhầm cơ quan nhận"
	if _, err := Decider(w.Gateways[DistrictNode]).Refuse(t.Context(), Clerk(District), arrival.ID, reason); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)

	events, err := Reader(w.Gateways[CommuneNode]).Timeline(t.Context(), Clerk(Commune), document.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"document.submitted", "document.signed", "document.numbered", "document.sealed", "document.issued",
		"document.delivered", "receipt.01", "receipt.02",
	}
	if diff := cmp.Diff(want, Acts(events)); diff != "" {
		t.Errorf("at the Commune (-want +got):\n%s", diff)
	}
	if got := events[7].Receipt.Reason; got != reason {
		t.Errorf("the sender sees the reason %q", got)
	}
	events, err = Reader(w.Gateways[DistrictNode]).Timeline(t.Context(), Clerk(District), document.ID)
	if err != nil {
		t.Fatal(err)
	}
	want = []string{"arrival.received", "arrival.judged", "arrival.shown", "arrival.refused", "receipt.01", "receipt.02"}
	if diff := cmp.Diff(want, Acts(events)); diff != "" {
		t.Fatalf("at the District (-want +got):\n%s", diff)
	}
	// The entry of an arrival names its receipt; later receipts name the size of the log with the entry of their act.
	sum := sha256.Sum256(events[4].Receipt.Sealed)
	if events[0].Detail["receipt"] != hex.EncodeToString(sum[:]) {
		t.Errorf("the entry of the arrival Names the receipt %q", events[0].Detail["receipt"])
	}
	if events[5].Receipt.LogSize != events[3].Index+1 {
		t.Errorf("%s Names a log of %d entries", events[5].Act, events[5].Receipt.LogSize)
	}
	again, err := Decider(w.Gateways[DistrictNode]).Refuse(t.Context(), Clerk(District), arrival.ID, reason)
	if err != nil || len(again.Receipts) != 2 {
		t.Errorf("refused again: %d receipts, %v", len(again.Receipts), err)
	}
	_, err = Decider(w.Gateways[DistrictNode]).Accept(t.Context(), Clerk(District), arrival.ID)
	Refused(t, err, exchange.Conflict, "arrival.refused")
}
