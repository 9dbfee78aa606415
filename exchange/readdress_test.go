package exchange_test

import (
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
		if got := w.Logged(t, provinceNode, "document.readdressed", key); !slices.Equal(got, []string{want}) {
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
	if got := w.Logged(t, provinceNode, "document.resent", "recipients"); len(got) != 0 {
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
