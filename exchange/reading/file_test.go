package reading_test

import (
	"io"
	"testing"

	"congvan/exchange"
	. "congvan/exchange/exchangetest"
	"congvan/signing"
)

// An arrival's verdict can be found again from the file and the evidence that the gateway kept, and from nothing else.
func TestAVerdictIsFoundAgainFromTheEvidenceThatWasKept(t *testing.T) {
	t.Parallel()
	w := New(t, Straight)
	w.Issue(t, CommuneNode, Commune, District)
	w.Deliver(t)
	gateway := w.Gateways[DistrictNode]
	arrival := w.Inbox(t, DistrictNode, District)[0]
	_, err := Reader(gateway).OpenBundle(t.Context(), Clerk(District), arrival.ID)
	if exchange.CodeOf(err) != "arrival.not_judged" {
		t.Errorf("before it was judged: %v", err)
	}
	w.Judge(t, DistrictNode)
	_, err = Reader(gateway).OpenBundle(t.Context(), Clerk(Province), arrival.ID)
	if exchange.KindOf(err) != exchange.NotFound {
		t.Errorf("another office: %v", err)
	}
	kept, err := Reader(gateway).OpenBundle(t.Context(), Clerk(District), arrival.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	bundle, err := signing.DecodeBundle(io.NewSectionReader(kept, 0, kept.Size()))
	if err != nil {
		t.Fatal(err)
	}
	policy, err := bundle.Replay(bundle.Report.JudgedAt.AddDate(10, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	file, err := gateway.Blobs.Open(t.Context(), arrival.Header.Main.Digest)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	report, err := signing.Examine(t.Context(), file, file.Size(), policy)
	if err != nil {
		t.Fatal(err)
	}
	differences, err := bundle.Compare(report)
	if err != nil || len(differences) > 0 || report.Verdict != signing.Passed {
		t.Errorf("%s, %v, %v", report.Verdict, differences, err)
	}
}

func TestOfficesOfOneGatewayDoNotSeeEachOther(t *testing.T) {
	t.Parallel()
	w := New(t, Straight)
	document := w.Issue(t, CommuneNode, Commune, Province)
	w.Deliver(t)
	w.Judge(t, ProvinceNode)
	gateway, other := w.Gateways[ProvinceNode], Clerk(Interior)
	arrival := w.Inbox(t, ProvinceNode, Province)[0]
	if list := w.Inbox(t, ProvinceNode, Interior); len(list) > 0 {
		t.Errorf("the department sees %d arrivals", len(list))
	}
	_, err := Reader(gateway).Arrival(t.Context(), other, arrival.ID)
	Refused(t, err, exchange.NotFound, "arrival.not_found")
	_, err = Decider(gateway).Accept(t.Context(), other, arrival.ID)
	Refused(t, err, exchange.NotFound, "arrival.not_found")
	_, err = Reader(gateway).Timeline(t.Context(), other, document.ID)
	Refused(t, err, exchange.NotFound, "document.not_found")
	_, _, err = Reader(gateway).OpenArrivalFile(t.Context(), other, arrival.ID, "")
	Refused(t, err, exchange.NotFound, "arrival.not_found")
}

func TestWhoReadsAFileIsLogged(t *testing.T) {
	t.Parallel()
	w := New(t, Straight)
	document := w.Issue(t, CommuneNode, Commune, Province)
	blob, file, err := Reader(w.Gateways[CommuneNode]).OpenDocumentFile(t.Context(), Clerk(Commune), document.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	if file.Digest != document.Current().Digest || blob.Size() != file.Size {
		t.Errorf("opened %+v of %d bytes", file, blob.Size())
	}
	events, err := Reader(w.Gateways[CommuneNode]).Timeline(t.Context(), Clerk(Commune), document.ID)
	if err != nil {
		t.Fatal(err)
	}
	last := events[len(events)-1]
	if last.Act != "file.read" || last.Actor != Clerk(Commune).Name || last.Detail["digest"] != string(file.Digest) {
		t.Errorf("last event %+v", last)
	}
	_, _, err = Reader(w.Gateways[CommuneNode]).OpenDocumentFile(t.Context(), Clerk(Commune), document.ID, "00")
	Refused(t, err, exchange.NotFound, "file.unknown")
}
