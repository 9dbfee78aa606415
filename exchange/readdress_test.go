package exchange_test

import (
	"bytes"
	"slices"
	"testing"

	"congvan/exchange"
	"congvan/exchange/readdress"
	"congvan/exchange/recall"
)

// add adds recipients to a document of an office of the node.
func (w *world) add(
	t *testing.T, node exchange.NodeID, who exchange.Actor, id exchange.DocumentID, addition readdress.Addition,
) error {
	t.Helper()
	_, err := (&readdress.Desk{Gateway: w.Gateways[node]}).Add(t.Context(), who, id, addition)
	return err
}

// sealedAt gives the sealed bytes of a message.
func (w *world) sealedAt(t *testing.T, node exchange.NodeID, id exchange.DocumentID) []byte {
	t.Helper()
	return w.Memories[node].Facts().Messages[exchange.MessageID(id)].Sealed
}

func TestAnIssuedDocumentGoesOnToFurtherRecipientsAsItWasSealed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	document := w.Issue(t, communeNode, commune, district)
	w.Deliver(t)
	before := w.sealedAt(t, communeNode, document.ID)
	if err := w.add(t, communeNode, clerk(commune), document.ID, readdress.Addition{
		Offices: []exchange.OfficeID{district, province, interior}, // one has it already
	}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // a second click changes nothing
		if err := w.add(t, communeNode, clerk(commune), document.ID, readdress.Addition{
			Offices: []exchange.OfficeID{interior, province},
		}); err != nil {
			t.Fatal(err)
		}
	}
	w.Deliver(t)
	for office, node := range map[exchange.OfficeID]exchange.NodeID{
		district: districtNode, province: provinceNode, interior: provinceNode,
	} {
		if got := w.Inbox(t, node, office); len(got) != 1 || got[0].Document != document.ID {
			t.Errorf("%s has %+v", office, got)
		}
		if !bytes.Equal(w.sealedAt(t, node, document.ID), before) {
			t.Errorf("at %s are other bytes", node)
		}
	}
	w.Judge(t, provinceNode)
	if _, err := decider(w.Gateways[provinceNode]).Accept(
		t.Context(), clerk(province), w.Inbox(t, provinceNode, province)[0].ID); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	progress, err := reader(w.Gateways[communeNode]).Recipients(t.Context(), clerk(commune), document.ID)
	if err != nil || len(progress) != 3 {
		t.Fatalf("%+v, %v", progress, err)
	}
	for _, recipient := range progress {
		want := map[bool]exchange.Status{true: exchange.Accepted, false: exchange.Arrived}[recipient.Office == province]
		if recipient.Status() != want || recipient.Deliveries != 1 {
			t.Errorf("%s is at %q after %d deliveries", recipient.Office, recipient.Status(), recipient.Deliveries)
		}
	}
	if got := w.logged(t, communeNode, "document.recipients_added", "codes"); !slices.Equal(got, []string{"H40.20 H40"}) {
		t.Errorf("the log says %q", got)
	}
	events, err := reader(w.Gateways[communeNode]).Timeline(t.Context(), clerk(commune), document.ID)
	if err != nil || !slices.Contains(acts(events), "document.recipients_added") {
		t.Errorf("the timeline says %q, %v", acts(events), err)
	}
}

// The document is on its way still when recipients are added, and one gateway carries both.
func TestFurtherRecipientsAreNeverRefusedBecauseTheirNoticeComesLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	wanted := draft(interior)
	wanted.Urgency = exchange.ExpressTimed // goes before the notice in the queue
	document := w.Write(t, communeNode, commune, wanted)
	if err := w.add(t, communeNode, clerk(commune), document.ID, readdress.Addition{
		Offices: []exchange.OfficeID{province},
	}); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	progress, err := reader(w.Gateways[communeNode]).Recipients(t.Context(), clerk(commune), document.ID)
	for _, recipient := range progress {
		if recipient.Status() != exchange.Arrived {
			t.Errorf("%s is at %q, %+v", recipient.Office, recipient.Status(), recipient.Acknowledgement)
		}
	}
	if len(progress) != 2 || err != nil {
		t.Errorf("%+v, %v", progress, err)
	}
}

func TestRecipientsAreAddedOnlyByWhoIssuedTheDocument(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	document := w.Issue(t, communeNode, commune, district)
	w.Deliver(t)
	err := w.add(t, districtNode, clerk(district), document.ID, readdress.Addition{
		Offices: []exchange.OfficeID{province},
	})
	refused(t, err, exchange.NotFound, "document.not_found")
	err = w.add(t, communeNode, leader(commune), document.ID, readdress.Addition{Offices: []exchange.OfficeID{province}})
	refused(t, err, exchange.Denied, "access.denied")
	for code, addition := range map[string]readdress.Addition{
		"draft.recipients":  {},
		"recipient.unknown": {Offices: []exchange.OfficeID{"khong-co"}},
		"readdress.reason":  {Offices: []exchange.OfficeID{province}, Reason: "ngắn"},
		"readdress.not_recipient": {
			Offices: []exchange.OfficeID{province}, Instead: interior,
		},
	} {
		err := w.add(t, communeNode, clerk(commune), document.ID, addition)
		refused(t, err, exchange.Invalid, code)
	}
	prepared := w.Prepare(t, communeNode, commune, draft(district))
	err = w.add(t, communeNode, clerk(commune), prepared.ID, readdress.Addition{Offices: []exchange.OfficeID{province}})
	refused(t, err, exchange.Conflict, "document.not_issued")
}

// A frame for somebody to whom the office did not address the document is refused, whatever another office states.
func TestNobodyElsesNoticeAddsARecipient(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	document := w.Issue(t, communeNode, commune, district)
	w.Deliver(t)
	gateway := w.Gateways[districtNode]
	err := gateway.Commit(t.Context(), func(tx exchange.Tx) error {
		_, err := gateway.Notify(t.Context(), tx, exchange.Notice{
			Document: document.ID, Content: document.Current().Digest, From: district, To: []exchange.OfficeID{province},
			Status: exchange.RecipientsAdded,
		}, exchange.Entry{Act: "document.recipients_added"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	answers, err := w.Gateways[provinceNode].Receive(t.Context(), districtNode, []exchange.Frame{{
		ID: exchange.MessageID(document.ID), Kind: exchange.DocumentMessage,
		Sealed: w.sealedAt(t, communeNode, document.ID), To: []exchange.OfficeID{province},
	}})
	if err != nil || len(answers) != 1 || answers[0].Outcome == exchange.Taken {
		t.Errorf("%+v, %v", answers, err)
	}
}

func TestWhatADividedOfficeCannotGetIsAddressedAnewWithEvidenceOfBoth(t *testing.T) {
	t.Parallel()
	w := newReform(t, nil)
	document := w.Issue(t, provinceNode, newDepartment, oldDistrict)
	w.nextDay()
	w.Deliver(t)
	gateway := w.Gateways[provinceNode]
	parked, _, err := gateway.Parked(t.Context(), clerk(newDepartment), exchange.Page{Limit: 10})
	if err != nil || len(parked) != 1 {
		t.Fatalf("parked %+v, %v", parked, err)
	}
	anew := readdress.Addition{Offices: []exchange.OfficeID{newCommune, otherCommune}, Instead: oldDistrict}
	for range 2 {
		if err := w.add(t, provinceNode, clerk(newDepartment), document.ID, anew); err != nil {
			t.Fatal(err)
		}
	}
	w.Deliver(t)
	for _, office := range anew.Offices {
		if got := w.Inbox(t, communeNode, office); len(got) != 1 {
			t.Errorf("%s has %d", office, len(got))
		}
	}
	if parked, _, err = gateway.Parked(t.Context(), clerk(newDepartment), exchange.Page{Limit: 10}); len(parked) != 0 {
		t.Errorf("stands still: %+v, %v", parked, err)
	}
	progress, err := reader(gateway).Recipients(t.Context(), clerk(newDepartment), document.ID)
	if err != nil || len(progress) != 3 || !slices.Equal(progress[0].Readdressed, anew.Offices) &&
		len(progress[0].Readdressed) != 2 || progress[0].Acknowledgement == nil {
		t.Errorf("the history of the old one: %+v, %v", progress, err)
	}
	for key, want := range map[string]string{"instead_code": "H40.03", "codes": "H42.78 H42.77"} {
		if got := w.logged(t, provinceNode, "document.readdressed", key); !slices.Equal(got, []string{want}) {
			t.Errorf("the log has %s %q, want %q once", key, got, want)
		}
	}
}

func TestADocumentIsAddressedAnewOnlyWhereItDoesNotGetThrough(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	document := w.Issue(t, communeNode, commune, district)
	w.Deliver(t)
	anew := readdress.Addition{Offices: []exchange.OfficeID{province}, Instead: district}
	refused(t, w.add(t, communeNode, clerk(commune), document.ID, anew), exchange.Conflict, "readdress.not_needed")
	arrival := w.Inbox(t, districtNode, district)[0]
	if _, err := decider(w.Gateways[districtNode]).Refuse(
		t.Context(), clerk(district), arrival.ID, "Không thuộc thẩm quyền giải quyết"); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	if err := w.add(t, communeNode, clerk(commune), document.ID, anew); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	if got := w.Inbox(t, provinceNode, province); len(got) != 1 {
		t.Errorf("the province has %d", len(got))
	}
}

func TestWhatWasTakenBackIsNotSentAgain(t *testing.T) {
	t.Parallel()
	w := newReform(t, nil)
	document := w.Issue(t, provinceNode, newDepartment, oldDistrict, newProvince)
	w.nextDay()
	w.Deliver(t)
	gateway := w.Gateways[provinceNode]
	desk := &recall.Desk{Gateway: gateway}
	w.reformTo(t, func(file *exchange.DirectoryFile) {
		officeIn(file, oldDistrict).Successors = officeIn(file, oldDistrict).Successors[:1]
		officeIn(file, oldDistrict).Successors[0].Kind = "merge"
	})
	order := recall.Order{Offices: []exchange.OfficeID{oldDistrict}, Reason: "Gửi nhầm bản dự thảo"}
	if _, err := desk.Recall(t.Context(), clerk(newDepartment), document.ID, order); err != nil {
		t.Fatal(err)
	}
	if _, err := gateway.Resend(t.Context(), clerk(newDepartment), document.ID); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	progress, err := reader(gateway).Recipients(t.Context(), clerk(newDepartment), document.ID)
	if err != nil || len(progress) != 2 || progress[0].Deliveries != 1 || !progress[0].TakenBack() ||
		progress[0].Parked() != "" || progress[1].TakenBack() {
		t.Errorf("%+v, %v", progress, err)
	}
	if got := w.Inbox(t, communeNode, newCommune); len(got) != 0 {
		t.Errorf("the heir got what was taken back: %+v", got)
	}
	if got := w.logged(t, provinceNode, "document.resent", "recipients"); len(got) != 0 {
		t.Errorf("the log says that it was sent again: %q", got)
	}
}

// The successors of a closed recipient have the document already: saying that they stand for it brings nothing twice.
func TestAnHeirThatHasTheDocumentAlreadyStandsForTheClosedRecipient(t *testing.T) {
	t.Parallel()
	w := newReform(t, nil)
	document := w.Issue(t, provinceNode, newDepartment, oldDistrict, newProvince)
	w.nextDay()
	w.Deliver(t)
	anew := readdress.Addition{Offices: []exchange.OfficeID{newProvince}, Instead: oldDistrict}
	for range 2 {
		if err := w.add(t, provinceNode, clerk(newDepartment), document.ID, anew); err != nil {
			t.Fatal(err)
		}
	}
	w.Deliver(t)
	progress, err := reader(w.Gateways[provinceNode]).Recipients(t.Context(), clerk(newDepartment), document.ID)
	if err != nil || len(progress) != 2 || progress[0].Parked() != "" || progress[1].Deliveries != 1 ||
		!slices.Equal(progress[0].Readdressed, anew.Offices) {
		t.Errorf("%+v, %v", progress, err)
	}
	if got := w.Inbox(t, provinceNode, newProvince); len(got) != 1 {
		t.Errorf("%d arrivals", len(got))
	}
}
