package exchange_test

import (
	"slices"
	"testing"
	"time"

	"congvan/exchange"
	"congvan/exchange/recall"
	"congvan/exchange/transfer"
)

// What offices left open in the reform of July 2025 goes over to those at other gateways that go on: the commune of Hải
// Hà goes up in one at the district's gateway, the district's tasks go to a department at the province's.

const oldCommune exchange.OfficeID = "xa-hai-ha"

// newHandOver is the fixture with both on its last day.
func newHandOver(t *testing.T, change ...func(*exchange.DirectoryFile)) *world {
	t.Helper()
	return newReform(t, func(file *exchange.DirectoryFile) {
		file.Offices = append(file.Offices, exchange.Office{
			ID: oldCommune, Level: "commune", Exists: exchange.Period{To: before}, Notation: "UBND",
			Codes: []exchange.Code{{
				Scheme: exchange.QD20, Code: "H40.03.09", Period: exchange.Period{To: before},
			}},
			Names:      []exchange.Name{{Name: "UBND xã Hải Hà"}},
			Hosts:      []exchange.Host{{Node: communeNode}},
			Successors: []exchange.Successor{{Office: newCommune, Kind: "merge", On: after}},
		})
		officeIn(file, newProvince).Names = []exchange.Name{{Name: "UBND tỉnh Ninh Bình mới"}} // as its key has it
		officeIn(file, newCommune).Hosts[0].Node = districtNode
		officeIn(file, oldDistrict).Successors = []exchange.Successor{
			{Office: newDepartment, Kind: "transfer", On: after, Files: true},
		}
		for _, one := range change {
			one(file)
		}
	})
}

// handOn has a gateway hand on what is left there, and says how much that was.
func (w *world) handOn(t *testing.T, node exchange.NodeID) int {
	t.Helper()
	count, err := (&transfer.Mover{Gateway: w.Gateways[node]}).Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return count
}

// progress is what the issuing office sees of its one recipient.
func (w *world) progress(t *testing.T, office exchange.OfficeID, id exchange.DocumentID) exchange.Progress {
	t.Helper()
	list, err := reader(w.Gateways[provinceNode]).Recipients(t.Context(), clerk(office), id)
	if err != nil || len(list) != 1 {
		t.Fatalf("recipients %+v, %v", list, err)
	}
	return list[0]
}

func TestWhatACommuneLeftOpenIsAtItsHeirsGatewayOnceAndProvedAtBothEnds(t *testing.T) {
	t.Parallel()
	w := newHandOver(t)
	old := w.Gateways[communeNode]
	open := w.Issue(t, provinceNode, newProvince, oldCommune)
	accepted := w.Issue(t, provinceNode, newProvince, oldCommune)
	done := w.Issue(t, provinceNode, newProvince, oldCommune)
	w.Deliver(t)
	w.Judge(t, communeNode)
	for _, arrival := range w.Inbox(t, communeNode, oldCommune) {
		if arrival.Document == open.ID {
			continue
		}
		if _, err := decider(old).Accept(t.Context(), clerk(oldCommune), arrival.ID); err != nil {
			t.Fatal(err)
		}
		if arrival.Document == done.ID {
			if _, err := decider(old).Report(t.Context(), clerk(oldCommune), arrival.ID, exchange.Completed); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.Deliver(t)
	if got := w.handOn(t, communeNode); got != 0 {
		t.Fatalf("%d go over while the office lives", got)
	}

	w.nextDay()
	if got := w.handOn(t, communeNode); got != 2 {
		t.Fatalf("%d go over, want what is open and what was accepted", got)
	}
	if got := w.handOn(t, communeNode); got != 0 {
		t.Errorf("%d go over a second time", got)
	}
	w.Deliver(t)
	inbox := w.Inbox(t, districtNode, newCommune)
	if len(inbox) != 2 {
		t.Fatalf("at the heir are %d", len(inbox))
	}
	for _, arrival := range inbox {
		if arrival.Office != newCommune || arrival.InheritedFrom() != oldCommune || arrival.Document == done.ID {
			t.Errorf("at the heir: %s of %s for %s", arrival.Document, arrival.Office, arrival.InheritedFrom())
		}
		blob, _, err := reader(w.Gateways[districtNode]).OpenArrivalFile(t.Context(), clerk(newCommune), arrival.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		_ = blob.Close()
	}
	if stays := w.Inbox(t, communeNode, oldCommune); len(stays) != 3 {
		t.Errorf("the history of the closed office has %d", len(stays))
	}
	for node, act := range map[exchange.NodeID]string{
		communeNode: "arrival.transferred", districtNode: "arrival.received",
	} {
		if got := w.Logged(t, node, act, "heir_code"); !slices.Equal(got, []string{"H42.77", "H42.77"}) {
			t.Errorf("%s says at %s that it went to %q", act, node, got)
		}
	}
	if got := w.Logged(t, communeNode, "arrival.taken_over", "receipt"); len(got) != 2 || got[0] == "" {
		t.Errorf("the old gateway has proof %q", got)
	}

	// The issuing office sees who holds it now, what the old office did, and what the heir does.
	seen := w.progress(t, newProvince, accepted.ID)
	at, ok := seen.HandedTo()
	if !ok || at.Office != newCommune || at.Node != districtNode || seen.Status() != exchange.Accepted {
		t.Errorf("the issuing office sees %s, and it at %+v", seen.Status(), at)
	}
	w.Judge(t, districtNode)
	for _, arrival := range inbox {
		if _, err := decider(w.Gateways[districtNode]).Accept(t.Context(), clerk(newCommune), arrival.ID); err != nil {
			t.Fatal(err)
		}
	}
	w.Deliver(t)
	seen = w.progress(t, newProvince, open.ID)
	if seen.Status() != exchange.Accepted {
		t.Errorf("after the heir took it into its book: %s", seen.Status())
	}
	events, err := reader(w.Gateways[districtNode]).Timeline(t.Context(), clerk(newCommune), accepted.ID)
	accepts := slices.DeleteFunc(acts(events), func(act string) bool { return act != "receipt.03" })
	if err != nil || len(accepts) != 2 {
		t.Errorf("the heir sees who accepted it before: %q, %v", acts(events), err)
	}
	w.Now = func() time.Time { return lastDay.AddDate(0, 0, 3) }
	if got := w.handOn(t, communeNode); got != 0 {
		t.Errorf("%d go over days later", got)
	}
}

func TestWhatADistrictLeftGoesToTheProvinceAlsoWhenAnswersAreLost(t *testing.T) {
	t.Parallel()
	w := newHandOver(t)
	own := w.Issue(t, provinceNode, newProvince, oldDistrict)     // issued at the gateway that it goes to
	other := w.Issue(t, provinceNode, oldDepartment, oldDistrict) // whose issuing office ends, too
	w.Deliver(t)
	w.Judge(t, districtNode)
	w.Inbox(t, districtNode, oldDistrict)
	w.nextDay()
	if got := w.handOn(t, districtNode); got != 2 {
		t.Fatalf("%d go over", got)
	}
	if err := w.Gateways[districtNode].DeliverNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, hours := range []int{7, 14, 21} { // no answer has come back yet, and it is handed on again
		w.Now = func() time.Time { return lastDay.AddDate(0, 0, 1).Add(time.Duration(hours) * time.Hour) }
		if got := w.handOn(t, districtNode); got != 2 {
			t.Errorf("%d are handed on again", got)
		}
		if err := w.Gateways[districtNode].DeliverNow(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	w.Deliver(t)
	inbox := w.Inbox(t, provinceNode, newDepartment)
	if len(inbox) != 2 {
		t.Fatalf("at the heir are %d", len(inbox))
	}
	for _, arrival := range inbox {
		if got := statuses(arrival.Receipts); !slices.Equal(got, []exchange.Status{exchange.Arrived}) {
			t.Errorf("%s has the receipts %q", arrival.Document, got)
		}
	}
	if got := w.Logged(t, provinceNode, "arrival.received", "for_code"); len(got) != 2 {
		t.Errorf("it arrived %d times", len(got))
	}
	if got := w.Logged(t, districtNode, "arrival.taken_over", "peer"); len(got) != 2 {
		t.Errorf("the old gateway heard of %q", got)
	}
	if at, ok := w.progress(t, newProvince, own.ID).HandedTo(); !ok || at.Office != newDepartment {
		t.Errorf("who issued it at the same gateway sees it at %+v", at)
	}
	if at, ok := w.progress(t, newDepartment, other.ID).HandedTo(); !ok || at.Office != newDepartment {
		t.Errorf("who keeps the documents of its issuing office sees it at %+v", at)
	}
}

func TestARecallOfWhatWasHandedOnIsForAClerkOfTheHeirWhenItHadBeenShown(t *testing.T) {
	t.Parallel()
	w := newHandOver(t)
	shown := w.Issue(t, provinceNode, newProvince, oldCommune)
	w.Deliver(t)
	w.Inbox(t, communeNode, oldCommune)
	unseen := w.Issue(t, provinceNode, newProvince, oldCommune)
	w.Deliver(t)
	w.nextDay()
	w.handOn(t, communeNode)
	w.Deliver(t)
	desk := &recall.Desk{Gateway: w.Gateways[provinceNode]}
	for _, document := range []exchange.Document{shown, unseen} {
		_, err := desk.Recall(t.Context(), clerk(newProvince), document.ID, recall.Order{Reason: "Ban hành sai thẩm quyền"})
		if err != nil {
			t.Fatal(err)
		}
	}
	w.Deliver(t)
	inbox := w.Inbox(t, districtNode, newCommune)
	if len(inbox) != 1 || inbox[0].Document != shown.ID || inbox[0].Recall() != exchange.RecallRequested {
		t.Errorf("at the heir after the recall: %+v", inbox)
	}
}

func TestAGatewayCannotHandOnWhatItNeverHad(t *testing.T) {
	t.Parallel()
	w := newHandOver(t)
	document := w.Issue(t, provinceNode, newProvince, oldDistrict)
	w.Deliver(t)
	w.nextDay()
	forger := w.Gateways[communeNode] // which was the commune's, not the district's
	arrival := w.Inbox(t, districtNode, oldDistrict)[0]
	forged := exchange.Notice{
		Document: document.ID, Content: document.Current().Digest, From: oldDistrict, To: []exchange.OfficeID{oldDistrict},
		Status: exchange.Transferred, Goal: provinceNode, Handed: &exchange.Handed{
			Header: w.message(t, districtNode, document.ID), Receipts: [][]byte{arrival.Receipts[0].Sealed},
		},
	}
	addressed := forged
	addressed.From, addressed.To = oldCommune, []exchange.OfficeID{oldCommune} // to which the document never went
	addressed.Goal = districtNode
	for _, notice := range []exchange.Notice{forged, addressed} {
		err := forger.Commit(t.Context(), func(tx exchange.Tx) error {
			_, err := forger.Notify(t.Context(), tx, notice, exchange.Entry{Act: "arrival.transferred"})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	w.Deliver(t)
	arrived := append(w.Inbox(t, provinceNode, newDepartment), w.Inbox(t, districtNode, newCommune)...)
	if len(arrived) != 0 {
		t.Errorf("what was made up arrived: %+v", arrived)
	}
	got := w.Logged(t, districtNode, "message.refused", "code")
	if !slices.Equal(got, []string{"message.not_its_office", "receipt.other_content"}) {
		t.Errorf("it was refused as %q", got)
	}
}

// message is a document as its gateway sealed it.
func (w *world) message(t *testing.T, node exchange.NodeID, id exchange.DocumentID) []byte {
	t.Helper()
	var message exchange.Message
	err := w.Memories[node].View(t.Context(), func(tx exchange.Tx) (err error) {
		message, err = tx.Message(t.Context(), exchange.MessageID(id))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return message.Sealed
}
