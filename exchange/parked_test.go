package exchange_test

import (
	"slices"
	"testing"

	"congvan/exchange"
)

// A letter whose recipient a gateway on the way does not know stands still with the reason. It goes on when that is put
// right and it is resent, through a relay too, and to nobody who has it already.
func TestWhatStandsStillIsListedAndResentOnlyWhereItDidNotGetThrough(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	ctx, gateway := t.Context(), w.Gateways[communeNode]
	document := w.Issue(t, communeNode, commune, province, interior, district)
	whole := w.Gateways[provinceNode].Directory
	file := threeTiers(t)
	file.Offices = slices.DeleteFunc(file.Offices, func(o exchange.Office) bool { return o.ID == province })
	struck, err := exchange.NewDirectory(file)
	if err != nil {
		t.Fatal(err)
	}
	w.Gateways[provinceNode].Directory = func() *exchange.Directory { return struck }
	w.Deliver(t)

	parked := func() []exchange.Parked {
		t.Helper()
		found, _, err := gateway.Parked(ctx, clerk(commune), exchange.Page{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	found := parked()
	if len(found) != 1 || found[0].Document.ID != document.ID || len(found[0].Recipients) != 1 ||
		found[0].Recipients[0].Office != province || found[0].Recipients[0].Parked() != "recipient.unknown" {
		t.Fatalf("parked %+v", found)
	}
	resend := func() {
		t.Helper()
		if _, err := gateway.Resend(ctx, clerk(commune), document.ID); err != nil {
			t.Fatal(err)
		}
	}
	resend()
	if len(parked()) != 0 {
		t.Error("what is under way again is called parked")
	}
	w.Deliver(t)
	if len(parked()) != 1 {
		t.Error("refused again, and nobody is told")
	}
	w.Gateways[provinceNode].Directory = whole
	resend()
	resend() // is under way: changes nothing
	w.Deliver(t)
	if len(parked()) != 0 || len(w.Inbox(t, provinceNode, province)) != 1 ||
		len(w.Inbox(t, provinceNode, interior)) != 1 || len(w.Inbox(t, districtNode, district)) != 1 {
		t.Errorf("after it was put right: %+v", parked())
	}
	progress, err := reader(gateway).Recipients(ctx, clerk(commune), document.ID)
	if err != nil || len(progress) != 3 {
		t.Fatalf("%d recipients, %v", len(progress), err)
	}
	for _, recipient := range progress {
		want := map[exchange.OfficeID]int{province: 3, interior: 1, district: 1}[recipient.Office]
		if recipient.Status() != exchange.Arrived || recipient.Deliveries != want {
			t.Errorf("%s is %s after %d deliveries, want %d",
				recipient.Office, recipient.Status(), recipient.Deliveries, want)
		}
	}
	resend()
	if !w.Idle(t) {
		t.Error("what has arrived is sent again")
	}
	_, err = gateway.Resend(ctx, leader(commune), document.ID)
	refused(t, err, exchange.Denied, "access.denied")
	_, err = gateway.Resend(ctx, clerk(district), document.ID)
	refused(t, err, exchange.NotFound, "document.not_found")
	unsent := w.Prepare(t, communeNode, commune, draft(district))
	_, err = gateway.Resend(ctx, clerk(commune), unsent.ID)
	refused(t, err, exchange.Conflict, "document.not_issued")
}

// An answer never overtakes the letter that it is about, however urgent it is and however full the queue.
func TestAReplyWaitsForTheDocumentThatItIsAbout(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	first := w.Issue(t, communeNode, commune, district)
	for range exchange.MaxFrames + 5 {
		urgent := draft(district)
		urgent.Urgency = exchange.Urgent
		w.Write(t, communeNode, commune, urgent)
	}
	reply := draft(district)
	reply.RepliesTo, reply.Urgency = first.ID, exchange.Express
	second := w.Write(t, communeNode, commune, reply)
	w.Deliver(t)
	var order []exchange.DocumentID
	for _, arrival := range w.Inbox(t, districtNode, district) {
		if arrival.Document == first.ID || arrival.Document == second.ID {
			order = append(order, arrival.Document)
		}
	}
	slices.Reverse(order) // the list is newest first
	if len(order) != 2 || order[0] != first.ID {
		t.Errorf("the reply %s came before %s", second.ID, first.ID)
	}
}
