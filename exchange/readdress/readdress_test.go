package readdress_test

import (
	"bytes"
	"slices"
	"testing"

	"congvan/exchange"
	. "congvan/exchange/exchangetest"
	"congvan/exchange/readdress"
)

// add adds recipients to a document of an office of the node.
func add(
	t *testing.T, gateway *exchange.Gateway, who exchange.Actor, id exchange.DocumentID, addition readdress.Addition,
) error {
	t.Helper()
	_, err := (&readdress.Desk{Gateway: gateway}).Add(t.Context(), who, id, addition)
	return err
}

func TestAnIssuedDocumentGoesOnToFurtherRecipientsAsItWasSealed(t *testing.T) {
	t.Parallel()
	w := New(t, Straight)
	document := w.Issue(t, CommuneNode, Commune, District)
	w.Deliver(t)
	before := w.SealedAt(t, CommuneNode, document.ID)
	if err := add(t, w.Gateways[CommuneNode], Clerk(Commune), document.ID, readdress.Addition{
		Offices: []exchange.OfficeID{District, Province, Interior}, // one has it already
	}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // a second click changes nothing
		if err := add(t, w.Gateways[CommuneNode], Clerk(Commune), document.ID, readdress.Addition{
			Offices: []exchange.OfficeID{Interior, Province},
		}); err != nil {
			t.Fatal(err)
		}
	}
	w.Deliver(t)
	for office, node := range map[exchange.OfficeID]exchange.NodeID{
		District: DistrictNode, Province: ProvinceNode, Interior: ProvinceNode,
	} {
		if got := w.Inbox(t, node, office); len(got) != 1 || got[0].Document != document.ID {
			t.Errorf("%s has %+v", office, got)
		}
		if !bytes.Equal(w.SealedAt(t, node, document.ID), before) {
			t.Errorf("at %s are other bytes", node)
		}
	}
	w.Judge(t, ProvinceNode)
	if _, err := Decider(w.Gateways[ProvinceNode]).Accept(
		t.Context(), Clerk(Province), w.Inbox(t, ProvinceNode, Province)[0].ID); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	progress, err := Reader(w.Gateways[CommuneNode]).Recipients(t.Context(), Clerk(Commune), document.ID)
	if err != nil || len(progress) != 3 {
		t.Fatalf("%+v, %v", progress, err)
	}
	for _, recipient := range progress {
		want := map[bool]exchange.Status{true: exchange.Accepted, false: exchange.Arrived}[recipient.Office == Province]
		if recipient.Status() != want || recipient.Deliveries != 1 {
			t.Errorf("%s is at %q after %d deliveries", recipient.Office, recipient.Status(), recipient.Deliveries)
		}
	}
	if got := w.Logged(t, CommuneNode, "document.recipients_added", "codes"); !slices.Equal(got, []string{"H40.20 H40"}) {
		t.Errorf("the log says %q", got)
	}
	events, err := Reader(w.Gateways[CommuneNode]).Timeline(t.Context(), Clerk(Commune), document.ID)
	if err != nil || !slices.Contains(Acts(events), "document.recipients_added") {
		t.Errorf("the timeline says %q, %v", Acts(events), err)
	}
}

// The document is on its way still when recipients are added, and one gateway carries both.
func TestFurtherRecipientsAreNeverRefusedBecauseTheirNoticeComesLater(t *testing.T) {
	t.Parallel()
	w := New(t, Straight)
	wanted := Draft(Interior)
	wanted.Urgency = exchange.ExpressTimed // goes before the notice in the queue
	document := w.Write(t, CommuneNode, Commune, wanted)
	if err := add(t, w.Gateways[CommuneNode], Clerk(Commune), document.ID, readdress.Addition{
		Offices: []exchange.OfficeID{Province},
	}); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	progress, err := Reader(w.Gateways[CommuneNode]).Recipients(t.Context(), Clerk(Commune), document.ID)
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
	w := New(t, Straight)
	document := w.Issue(t, CommuneNode, Commune, District)
	w.Deliver(t)
	err := add(t, w.Gateways[DistrictNode], Clerk(District), document.ID, readdress.Addition{
		Offices: []exchange.OfficeID{Province},
	})
	Refused(t, err, exchange.NotFound, "document.not_found")
	further := readdress.Addition{Offices: []exchange.OfficeID{Province}}
	err = add(t, w.Gateways[CommuneNode], Leader(Commune), document.ID, further)
	Refused(t, err, exchange.Denied, "access.denied")
	for code, addition := range map[string]readdress.Addition{
		"draft.recipients":  {},
		"recipient.unknown": {Offices: []exchange.OfficeID{"khong-co"}},
		"readdress.reason":  {Offices: []exchange.OfficeID{Province}, Reason: "ngắn"},
		"readdress.not_recipient": {
			Offices: []exchange.OfficeID{Province}, Instead: Interior,
		},
	} {
		err := add(t, w.Gateways[CommuneNode], Clerk(Commune), document.ID, addition)
		Refused(t, err, exchange.Invalid, code)
	}
	prepared := w.Prepare(t, CommuneNode, Commune, Draft(District))
	err = add(t, w.Gateways[CommuneNode], Clerk(Commune), prepared.ID, further)
	Refused(t, err, exchange.Conflict, "document.not_issued")
}

// A frame for somebody to whom the office did not address the document is refused, whatever another office states.
func TestNobodyElsesNoticeAddsARecipient(t *testing.T) {
	t.Parallel()
	w := New(t, Straight)
	document := w.Issue(t, CommuneNode, Commune, District)
	w.Deliver(t)
	gateway := w.Gateways[DistrictNode]
	err := gateway.Commit(t.Context(), func(tx exchange.Tx) error {
		_, err := gateway.Notify(t.Context(), tx, exchange.Notice{
			Document: document.ID, Content: document.Current().Digest, From: District, To: []exchange.OfficeID{Province},
			Status: exchange.RecipientsAdded,
		}, exchange.Entry{Act: "document.recipients_added"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	answers, err := w.Gateways[ProvinceNode].Receive(t.Context(), DistrictNode, []exchange.Frame{{
		ID: exchange.MessageID(document.ID), Kind: exchange.DocumentMessage,
		Sealed: w.SealedAt(t, CommuneNode, document.ID), To: []exchange.OfficeID{Province},
	}})
	if err != nil || len(answers) != 1 || answers[0].Outcome == exchange.Taken {
		t.Errorf("%+v, %v", answers, err)
	}
}
