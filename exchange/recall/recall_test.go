package recall_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"congvan/exchange"
	"congvan/exchange/evidence"
	"congvan/exchange/outgoing"
	"congvan/exchange/recall"
)

const mistake = "phát hành nhầm bản dự thảo"

func (w *world) desk(node exchange.NodeID) *recall.Desk {
	return &recall.Desk{Gateway: w.Gateways[node]}
}

// takeBack recalls a document of the commune from offices, or from all.
func (w *world) takeBack(tb testing.TB, document exchange.Document, offices ...exchange.OfficeID) {
	tb.Helper()
	order := recall.Order{Offices: offices, Reason: mistake}
	if _, err := w.desk(communeNode).Recall(tb.Context(), clerk(document.Office), document.ID, order); err != nil {
		tb.Fatal(err)
	}
}

// recalls says how far the recall has come with each recipient, as the sender knows it.
func (w *world) recalls(
	tb testing.TB, node exchange.NodeID, document exchange.Document,
) map[exchange.OfficeID]exchange.Status {
	tb.Helper()
	list, err := w.Gateways[node].Recipients(tb.Context(), clerk(document.Office), document.ID)
	if err != nil {
		tb.Fatal(err)
	}
	found := map[exchange.OfficeID]exchange.Status{}
	for _, progress := range list {
		found[progress.Office] = progress.Recall()
	}
	return found
}

func TestADocumentThatNobodyHasSeenIsWithdrawnAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	document := w.Issue(t, communeNode, commune, province, interior)
	w.Deliver(t) // through the district's gateway
	w.takeBack(t, document)
	w.Deliver(t)
	for office, status := range w.recalls(t, communeNode, document) {
		if status != exchange.RecallAccepted {
			t.Errorf("%s: %q", office, status)
		}
	}
	progress, err := w.Gateways[communeNode].Recipients(t.Context(), clerk(commune), document.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := []exchange.Status{exchange.Carried, exchange.Arrived, exchange.RecallAccepted}
	if diff := cmp.Diff(want, statuses(progress[0].Receipts)); diff != "" {
		t.Errorf("receipts at the sender (-want +got):\n%s", diff)
	}
	if reason := progress[0].Receipts[2].Reason; reason != exchange.WithdrawnUnseen {
		t.Errorf("withdrawn because of %q", reason)
	}
	if list := w.Inbox(t, provinceNode, province); len(list) != 0 {
		t.Errorf("%d arrivals in the inbox after the recall", len(list))
	}
	traces, err := w.desk(provinceNode).Withdrawn(t.Context(), clerk(province), exchange.Page{Limit: 10})
	if err != nil || len(traces) != 1 || traces[0].Reason != mistake || traces[0].Number != document.Numbering.String() {
		t.Fatalf("traces %+v, %v", traces, err)
	}
	gateway, id := w.Gateways[provinceNode], traces[0].Arrival
	_, err = gateway.Arrival(t.Context(), clerk(province), id)
	refused(t, err, exchange.Conflict, "arrival.withdrawn")
	_, _, err = gateway.OpenArrivalFile(t.Context(), clerk(province), id, "")
	refused(t, err, exchange.Conflict, "arrival.withdrawn")
	_, err = gateway.Accept(t.Context(), clerk(province), id)
	refused(t, err, exchange.Conflict, "arrival.withdrawn")
	_, err = w.desk(provinceNode).Answer(t.Context(), clerk(province), id, recall.Reply{Agree: true})
	refused(t, err, exchange.Conflict, "arrival.withdrawn")
}

func TestADocumentThatWasShownIsAskedBackAndTheClerkAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	document := w.Issue(t, communeNode, commune, province, interior)
	w.Deliver(t)
	w.Judge(t, provinceNode)
	gateway, desk := w.Gateways[provinceNode], w.desk(provinceNode)
	arrival := w.Inbox(t, provinceNode, province)[0]
	w.takeBack(t, document)
	w.takeBack(t, document) // a second click asks nobody twice
	w.Deliver(t)
	if got := w.recalls(t, communeNode, document); got[province] != exchange.RecallRequested ||
		got[interior] != exchange.RecallAccepted {
		t.Fatalf("recalls %v", got)
	}
	if _, err := gateway.Accept(t.Context(), clerk(province), arrival.ID); err != nil {
		t.Fatal(err)
	}
	_, err := gateway.Report(t.Context(), clerk(province), arrival.ID, exchange.Completed)
	refused(t, err, exchange.Conflict, "arrival.recall_pending")
	_, err = outgoing.Desk{Gateway: gateway}.Copy(t.Context(), clerk(province),
		outgoing.CopyDraft{Form: exchange.TrueCopy, Arrival: arrival.ID})
	refused(t, err, exchange.Conflict, "arrival.recall_pending")
	_, err = desk.Answer(t.Context(), clerk(province), arrival.ID, recall.Reply{})
	refused(t, err, exchange.Invalid, "recall.reason")
	no := recall.Reply{Reason: "văn bản đã được thi hành xong"}
	if _, err := desk.Answer(t.Context(), clerk(province), arrival.ID, no); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	if got := w.recalls(t, communeNode, document)[province]; got != exchange.RecallRefused {
		t.Fatalf("after the refusal %q", got)
	}
	w.takeBack(t, document, province) // asked anew
	w.Deliver(t)
	for range 2 {
		given, err := desk.Answer(t.Context(), clerk(province), arrival.ID, recall.Reply{Agree: true})
		if err != nil || given.Recall() != exchange.RecallAccepted {
			t.Fatalf("%s: %v", given.Recall(), err)
		}
	}
	w.Deliver(t)
	progress, err := w.Gateways[communeNode].Recipients(t.Context(), clerk(commune), document.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := []exchange.Status{exchange.Carried, "01", "13", "03", "16", "13", "15"}
	if diff := cmp.Diff(want, statuses(progress[0].Receipts)); diff != "" {
		t.Errorf("receipts at the sender (-want +got):\n%s", diff)
	}
	if progress[0].Receipts[4].Reason != no.Reason {
		t.Errorf("the sender sees the reason %q", progress[0].Receipts[4].Reason)
	}
	_, err = gateway.Report(t.Context(), clerk(province), arrival.ID, exchange.InProgress)
	refused(t, err, exchange.Conflict, "arrival.recalled")
	_, err = outgoing.Desk{Gateway: gateway}.Copy(t.Context(), clerk(province),
		outgoing.CopyDraft{Form: exchange.TrueCopy, Arrival: arrival.ID})
	refused(t, err, exchange.Conflict, "arrival.recalled")
	blob, _, err := gateway.OpenArrivalFile(t.Context(), clerk(province), arrival.ID, "")
	if err != nil {
		t.Fatalf("what was given back cannot be proved any more: %v", err)
	}
	_ = blob.Close()
}

func TestWhatIsRecalledBeforeItComesIsBornWithdrawn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	document := w.Issue(t, communeNode, commune, district)
	w.takeBack(t, document)
	var frames []exchange.Frame
	for _, message := range w.Memories[communeNode].Facts().Messages {
		frames = append(frames, exchange.Frame{
			ID: message.ID, Kind: message.Kind, Sealed: message.Sealed, To: []exchange.OfficeID{district},
		})
	}
	slices.SortFunc(frames, func(a, b exchange.Frame) int { return strings.Compare(string(b.Kind), string(a.Kind)) })
	if frames[0].Kind != exchange.NoticeMessage {
		t.Fatalf("the first frame is a %s", frames[0].Kind)
	}
	// The notice overtakes the document on another way.
	if _, err := w.Gateways[districtNode].Receive(t.Context(), communeNode, frames[:1]); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	if got := w.recalls(t, communeNode, document)[district]; got != exchange.RecallAccepted {
		t.Errorf("the recall is at %q", got)
	}
	if list := w.Inbox(t, districtNode, district); len(list) != 0 {
		t.Errorf("%d arrivals in the inbox", len(list))
	}
}

func TestARecallNeverOvertakesItsDocumentOnOneWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 5 {
		w.Issue(t, communeNode, commune, district)
	}
	wanted := draft(district)
	wanted.Urgency = exchange.Ordinary
	document := w.Write(t, communeNode, commune, wanted)
	w.takeBack(t, document)
	var carried []exchange.MessageID
	w.Gateways[communeNode].Carrier = spy{wire{World: w.World, From: communeNode}, func(frames []exchange.Frame) {
		for _, frame := range frames {
			carried = append(carried, frame.ID)
		}
	}}
	w.Deliver(t)
	if len(carried) != 7 || carried[0] != exchange.MessageID(document.ID) {
		t.Errorf("carried %v, first should be %s and then its recall", carried, document.ID)
	}
}

// spy looks at what is carried.
type spy struct {
	exchange.Carrier
	see func([]exchange.Frame)
}

func (s spy) Carry(
	ctx context.Context, to exchange.Node, frames []exchange.Frame, blobs []exchange.Digest,
) ([]exchange.Answer, error) {
	s.see(frames)
	return s.Carrier.Carry(ctx, to, frames, blobs)
}

// Invariant I9: however a look and a recall meet, one of both wins and both ends agree which.
func TestWhatIsWithdrawnUnseenWasNeverShown(t *testing.T) {
	t.Parallel()
	won := map[bool]int{}
	for range 60 {
		w := newWorld(t)
		document := w.Issue(t, communeNode, commune, district)
		w.Deliver(t)
		var group sync.WaitGroup
		var seen int
		group.Go(func() {
			list, err := w.Gateways[districtNode].Arrivals(t.Context(), clerk(district), exchange.Page{Limit: 10})
			if err != nil && exchange.CodeOf(err) != "arrival.withdrawn" {
				t.Error(err)
			}
			seen = len(list)
		})
		group.Go(func() { w.takeBack(t, document); w.Deliver(t) })
		group.Wait()
		w.Deliver(t)
		status := w.recalls(t, communeNode, document)[district]
		if (seen == 1) != (status == exchange.RecallRequested) || (seen == 0) != (status == exchange.RecallAccepted) {
			t.Fatalf("%d arrivals were shown, and the recall is at %q", seen, status)
		}
		won[seen == 1]++
	}
	t.Logf("shown first %d times, withdrawn first %d times", won[true], won[false])
}

func TestEvidenceThatWasBothWithdrawnUnseenAndAcceptedIsNone(t *testing.T) {
	t.Parallel()
	for _, then := range []exchange.Status{exchange.Accepted, exchange.RecallAccepted} {
		w := newWorld(t)
		document := w.Issue(t, communeNode, commune, province)
		w.Deliver(t)
		w.takeBack(t, document)
		w.Deliver(t)
		file := evidence.File{Type: "congvan.evidence.1", Node: communeNode, Office: commune, Document: document.ID}
		err := w.Gateways[provinceNode].Commit(t.Context(), func(tx exchange.Tx) error {
			file.Receipts = nil
			arrival, err := tx.ArrivalOf(t.Context(), province, document.ID)
			if err != nil {
				return err
			}
			lie := exchange.Receipt{Status: then, Number: 1}
			if _, err := w.Gateways[provinceNode].State(t.Context(), tx, arrival, lie, "arrival.accepted"); err != nil {
				return err
			}
			receipts, err := tx.Receipts(t.Context(), document.ID)
			for _, receipt := range receipts {
				file.Receipts = append(file.Receipts, receipt.Sealed)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(file)
		if err != nil {
			t.Fatal(err)
		}
		result, err := evidence.Check(data, evidence.Trust{Directory: w.Directory.Load()})
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(result.Faults, "evidence.contradiction") != (then == exchange.Accepted) {
			t.Errorf("with %s the faults are %v", then, result.Faults)
		}
	}
}

func TestOnlyTheOfficeThatIssuedADocumentRecallsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	document := w.Issue(t, communeNode, commune, province)
	w.Deliver(t)
	_, err := w.desk(provinceNode).Recall(t.Context(), clerk(interior), document.ID, recall.Order{Reason: mistake})
	refused(t, err, exchange.NotFound, "document.not_found")
	_, err = w.desk(communeNode).Recall(t.Context(), leader(commune), document.ID, recall.Order{Reason: mistake})
	refused(t, err, exchange.Denied, "access.denied")
	_, err = w.desk(communeNode).Recall(t.Context(), clerk(commune), document.ID, recall.Order{Reason: "ngắn"})
	refused(t, err, exchange.Invalid, "recall.reason")
	_, err = w.desk(communeNode).Recall(t.Context(), clerk(commune), document.ID,
		recall.Order{Offices: []exchange.OfficeID{interior}, Reason: mistake})
	refused(t, err, exchange.Invalid, "recall.not_recipient")
	// The district's gateway seals a notice of the district about the commune's document.
	forged := exchange.Notice{
		Document: document.ID, Content: document.Current().Digest, From: district, To: []exchange.OfficeID{province},
		Status: exchange.RecallRequested, Reason: mistake,
	}
	err = w.Gateways[districtNode].Commit(t.Context(), func(tx exchange.Tx) error {
		_, err := w.Gateways[districtNode].Notify(t.Context(), tx, forged, exchange.Entry{Act: "document.recalled"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	if list := w.Inbox(t, provinceNode, province); len(list) != 1 || list[0].Recall() != "" {
		t.Errorf("a stranger's recall took effect: %+v", list)
	}
	// A gateway that speaks for an office it does not host is not believed at all.
	forged.From = commune
	err = w.Gateways[districtNode].Commit(t.Context(), func(tx exchange.Tx) error {
		_, err := w.Gateways[districtNode].Notify(t.Context(), tx, forged, exchange.Entry{Act: "document.recalled"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	if list := w.Inbox(t, provinceNode, province); len(list) != 1 || list[0].Recall() != "" {
		t.Errorf("a false gateway's recall took effect: %+v", list)
	}
}

func TestARecallTravelsAlongTheCopies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	document := w.Issue(t, communeNode, commune, province)
	w.Deliver(t)
	w.Judge(t, provinceNode)
	gateway := w.Gateways[provinceNode]
	arrival := w.Inbox(t, provinceNode, province)[0]
	if _, err := gateway.Accept(t.Context(), clerk(province), arrival.ID); err != nil {
		t.Fatal(err)
	}
	made, err := outgoing.Desk{Gateway: gateway}.Copy(t.Context(), clerk(province), outgoing.CopyDraft{
		Form: exchange.TrueCopy, Arrival: arrival.ID, Recipients: []exchange.OfficeID{district},
	})
	if err != nil {
		t.Fatal(err)
	}
	if made, err = gateway.Send(t.Context(), clerk(province), made.ID); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	shown := w.Inbox(t, districtNode, district)[0]
	if of := shown.Header.CopyOf; of == nil || of.Document != document.ID || of.From != commune || of.Arrival != "" {
		t.Errorf("the copy says it was made of %+v", of)
	}
	w.takeBack(t, document)
	w.Deliver(t)
	if got := w.recalls(t, provinceNode, made)[district]; got != "" {
		t.Errorf("before the province has answered, the copy's recall is at %q", got)
	}
	_, err = w.desk(provinceNode).Answer(t.Context(), clerk(province), arrival.ID, recall.Reply{Agree: true})
	if err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	if got := w.recalls(t, provinceNode, made)[district]; got != exchange.RecallRequested {
		t.Errorf("the copy's recall is at %q", got)
	}
	if got := w.Inbox(t, districtNode, district)[0].Receipts[1].Reason; got != mistake {
		t.Errorf("at the end of the chain the reason is %q", got)
	}
}

func TestAReplacementAndAnAnswerAreLinkedAtBothEndsInWhateverOrderTheyCome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	wrong := w.Issue(t, communeNode, commune, province)
	wanted := draft(province)
	wanted.Replaces = []exchange.DocumentID{wrong.ID}
	wanted.Urgency = exchange.ExpressTimed // it goes first
	right := w.Write(t, communeNode, commune, wanted)
	w.Deliver(t)
	reply := draft(commune)
	reply.RepliesTo = right.ID
	answer := w.Write(t, provinceNode, province, reply)
	strange := draft(commune)
	strange.RepliesTo = id(99)
	w.Write(t, provinceNode, province, strange)
	w.Deliver(t)
	links := func(node exchange.NodeID, office exchange.OfficeID, of exchange.DocumentID) (found []string) {
		t.Helper()
		list, err := w.desk(node).Links(t.Context(), clerk(office), of)
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range list {
			direction := " by "
			if link.Names {
				direction = " "
			}
			found = append(found, string(link.Kind)+direction+string(link.Document))
		}
		return found
	}
	for node, office := range map[exchange.NodeID]exchange.OfficeID{communeNode: commune, provinceNode: province} {
		for of, want := range map[exchange.DocumentID][]string{
			wrong.ID:  {"replaces by " + string(right.ID)},
			right.ID:  {"replaces " + string(wrong.ID), "answers by " + string(answer.ID)},
			answer.ID: {"answers " + string(right.ID)},
		} {
			if diff := cmp.Diff(want, links(node, office, of)); diff != "" {
				t.Errorf("%s about %s (-want +got):\n%s", office, of, diff)
			}
		}
	}
	_, err := w.desk(provinceNode).Links(t.Context(), clerk(interior), right.ID)
	refused(t, err, exchange.NotFound, "document.not_found")
	for _, bad := range []exchange.Draft{
		{Replaces: []exchange.DocumentID{id(98)}}, {Kind: "TB", Replaces: []exchange.DocumentID{wrong.ID}},
	} {
		wanted := draft(province)
		wanted.Replaces = bad.Replaces
		if bad.Kind != "" {
			wanted.Kind = bad.Kind
		}
		_, err := outgoing.Desk{Gateway: w.Gateways[communeNode]}.Submit(t.Context(), clerk(commune), wanted,
			strings.NewReader(""))
		refused(t, err, exchange.Invalid, "draft.replaces")
	}
}

func TestUnknownStatusesAreKeptAndMoveNothing(t *testing.T) {
	t.Parallel()
	arrival := exchange.Arrival{}
	for _, status := range []exchange.Status{"01", "07", "03", "12", "14", "05", "04", "99", ""} {
		arrival.Receipts = append(arrival.Receipts, exchange.Receipt{Status: status})
	}
	if got := arrival.Status(); got != exchange.InProgress || arrival.Recall() != "" {
		t.Errorf("status %q, recall %q", got, arrival.Recall())
	}
	returned := exchange.Arrival{Receipts: []exchange.Receipt{{Status: "01"}, {Status: "02"}, {Status: "03"}}}
	if got := returned.Status(); got != exchange.Refused {
		t.Errorf("after 02 nothing counts any more, and the status is %q", got)
	}
}
