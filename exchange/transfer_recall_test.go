package exchange_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"congvan/exchange"
	"congvan/exchange/recall"
)

// A recall of what an office that ended left open reaches who holds it, wherever the reform overtakes it.

const wrongly = "Ban hành sai thẩm quyền"

// divided changes the fixture of the hand-over: the district was divided between two communes, of which the one that
// keeps its documents is at a third gateway.
func divided(file *exchange.DirectoryFile) {
	officeIn(file, newCommune).Hosts[0].Node = communeNode
	officeIn(file, oldDistrict).Successors = []exchange.Successor{
		{Office: newCommune, Kind: "split", On: after, Files: true}, {Office: otherCommune, Kind: "split", On: after},
	}
}

// takeBack recalls a document of the new province.
func (w *world) takeBack(t *testing.T, document exchange.Document) {
	t.Helper()
	desk := &recall.Desk{Gateway: w.Gateways[provinceNode]}
	if _, err := desk.Recall(t.Context(), clerk(newProvince), document.ID, recall.Order{Reason: wrongly}); err != nil {
		t.Fatal(err)
	}
}

// reply answers the recall of an arrival.
func (w *world) reply(
	t *testing.T, node exchange.NodeID, office exchange.OfficeID, id exchange.ArrivalID, agree bool,
) {
	t.Helper()
	desk := &recall.Desk{Gateway: w.Gateways[node]}
	_, err := desk.Answer(t.Context(), clerk(office), id, recall.Reply{Agree: agree, Reason: "Việc đang giải quyết dở"})
	if err != nil {
		t.Fatal(err)
	}
}

// recalled is what the new province has heard about a recall, and from whom.
func (w *world) recalled(t *testing.T, id exchange.DocumentID) (said []string) {
	t.Helper()
	for _, receipt := range w.progress(t, newProvince, id).Receipts {
		if slices.Contains([]exchange.Status{"13", "15", "16"}, receipt.Status) {
			said = append(said, string(receipt.Status)+" "+string(receipt.Office)+" "+string(receipt.For))
		}
	}
	return said
}

func TestARecallAfterADivisionIsAnsweredByWhoHoldsTheDocumentAndTheAnswerComesBackOnce(t *testing.T) {
	t.Parallel()
	w := newHandOver(t, divided)
	shown := w.Issue(t, provinceNode, newProvince, oldDistrict)
	w.Deliver(t)
	w.Inbox(t, districtNode, oldDistrict)
	unseen := w.Issue(t, provinceNode, newProvince, oldDistrict)
	w.Deliver(t)
	w.nextDay()
	if got := w.handOn(t, districtNode); got != 2 {
		t.Fatalf("%d go over", got)
	}
	w.Deliver(t)

	w.takeBack(t, shown)
	w.takeBack(t, unseen)
	w.Deliver(t)
	inbox := w.Inbox(t, communeNode, newCommune)
	if len(inbox) != 1 || inbox[0].Document != shown.ID || inbox[0].Recall() != exchange.RecallRequested {
		t.Fatalf("at the keeper after the recall: %+v", inbox)
	}
	if diff := cmp.Diff([]string{"15 xa-hai-hau-moi huyen-hai-hau"}, w.recalled(t, unseen.ID)); diff != "" {
		t.Errorf("what nobody had seen (-want +got):\n%s", diff)
	}
	w.reply(t, communeNode, newCommune, inbox[0].ID, false)
	w.Deliver(t)
	w.takeBack(t, shown) // asked anew after the refusal
	w.takeBack(t, shown)
	w.Deliver(t)
	w.reply(t, communeNode, newCommune, inbox[0].ID, true)
	w.Deliver(t)
	const from = " xa-hai-hau-moi huyen-hai-hau"
	want := []string{"13" + from, "16" + from, "13" + from, "15" + from}
	if diff := cmp.Diff(want, w.recalled(t, shown.ID)); diff != "" {
		t.Errorf("the issuing office has heard (-want +got):\n%s", diff)
	}
	heard := w.Logged(t, provinceNode, "receipt.received", "status")
	if count := len(slices.DeleteFunc(heard, func(s string) bool { return s != "15" })); count != 2 {
		t.Errorf("the issuing office has heard %d times that something was given back", count)
	}
	if got := w.Logged(t, districtNode, "arrival.recall_requested", "digest"); len(got) != 0 {
		t.Errorf("the closed office was asked, too: %q", got)
	}
}

func TestARecallThatTheReformOvertakesIsHeededOnceWhereTheDocumentGoes(t *testing.T) {
	t.Parallel()
	for to, c := range map[exchange.OfficeID]struct {
		change    func(*exchange.DirectoryFile)
		old, heir exchange.NodeID
	}{
		oldDistrict: {divided, districtNode, communeNode},
		// The old gateway is asked first, and sends the recall back to where the heir is.
		oldCommune: {func(*exchange.DirectoryFile) {}, communeNode, districtNode},
	} {
		for _, early := range []bool{true, false} {
			w := newHandOver(t, c.change)
			document := w.Issue(t, provinceNode, newProvince, to)
			w.Deliver(t)
			w.takeBack(t, document)
			if to == oldCommune {
				if err := w.Gateways[provinceNode].DeliverNow(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			w.nextDay()
			if early { // the recall is there before the document
				w.Deliver(t)
			}
			if got := w.handOn(t, c.old); got != 1 {
				t.Fatalf("%s, early %t: %d go over", to, early, got)
			}
			w.Deliver(t)
			if inbox := w.Inbox(t, c.heir, newCommune); len(inbox) != 0 {
				t.Errorf("%s, early %t: taken back, and in the inbox: %+v", to, early, inbox)
			}
			want := []string{"15 " + string(newCommune) + " " + string(to)}
			if diff := cmp.Diff(want, w.recalled(t, document.ID)); diff != "" {
				t.Errorf("%s, early %t: the issuing office has heard (-want +got):\n%s", to, early, diff)
			}
		}
	}
}

func TestWhoTakesOverIsNotAskedAgainWhatTheClosedOfficeHasRefused(t *testing.T) {
	t.Parallel()
	w := newHandOver(t, divided)
	document := w.Issue(t, provinceNode, newProvince, oldDistrict)
	w.Deliver(t)
	arrival := w.Inbox(t, districtNode, oldDistrict)[0]
	w.takeBack(t, document)
	w.Deliver(t)
	w.reply(t, districtNode, oldDistrict, arrival.ID, false)
	w.Deliver(t)
	w.nextDay()
	w.handOn(t, districtNode)
	w.Deliver(t)
	inbox := w.Inbox(t, communeNode, newCommune)
	if len(inbox) != 1 || inbox[0].Recall() != "" {
		t.Fatalf("who took over is asked again: %+v", inbox)
	}
	w.takeBack(t, document)
	w.Deliver(t)
	if inbox = w.Inbox(t, communeNode, newCommune); inbox[0].Recall() != exchange.RecallRequested {
		t.Errorf("asked anew it is at %q", inbox[0].Recall())
	}
}

func TestARecallOwedThroughAGatewayThatIsNoMoreGoesToWhoKeepsTheDocuments(t *testing.T) {
	t.Parallel()
	w := newHandOver(t, divided)
	document := w.Issue(t, provinceNode, newProvince, oldDistrict)
	w.Deliver(t)
	w.takeBack(t, document)
	w.nextDay()
	w.reformTo(t, struckOff(newCommune))
	w.retarget(t)
	w.Deliver(t)
	if got := w.Logged(t, communeNode, "recall.early", "peer"); !slices.Equal(got, []string{string(provinceNode)}) {
		t.Errorf("the gateway of who keeps the documents was told by %q", got)
	}
}
