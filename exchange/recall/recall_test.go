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
	. "congvan/exchange/exchangetest"
	"congvan/exchange/outgoing"
	"congvan/exchange/recall"
)

const mistake = "phát hành nhầm bản dự thảo"

// world is that of package exchangetest, with what only these tests do in it.
type world struct{ *World }

func newWorld(tb testing.TB) *world {
	tb.Helper()
	return &world{New(tb, Straight)}
}

func (w *world) desk(node exchange.NodeID) *recall.Desk {
	return &recall.Desk{Gateway: w.Gateways[node]}
}

// takeBack recalls a document of the commune from offices, or from all.
func (w *world) takeBack(tb testing.TB, document exchange.Document, offices ...exchange.OfficeID) {
	tb.Helper()
	order := recall.Order{Offices: offices, Reason: mistake}
	if _, err := w.desk(CommuneNode).Recall(tb.Context(), Clerk(document.Office), document.ID, order); err != nil {
		tb.Fatal(err)
	}
}

// recalls says how far the recall has come with each recipient, as the sender knows it.
func (w *world) recalls(
	tb testing.TB, node exchange.NodeID, document exchange.Document,
) map[exchange.OfficeID]exchange.Status {
	tb.Helper()
	list, err := Reader(w.Gateways[node]).Recipients(tb.Context(), Clerk(document.Office), document.ID)
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
	document := w.Issue(t, CommuneNode, Commune, Province, Interior)
	w.Deliver(t) // through the district's gateway
	w.takeBack(t, document)
	w.Deliver(t)
	for office, status := range w.recalls(t, CommuneNode, document) {
		if status != exchange.RecallAccepted {
			t.Errorf("%s: %q", office, status)
		}
	}
	progress, err := Reader(w.Gateways[CommuneNode]).Recipients(t.Context(), Clerk(Commune), document.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := []exchange.Status{exchange.Carried, exchange.Arrived, exchange.RecallAccepted}
	if diff := cmp.Diff(want, Statuses(progress[0].Receipts)); diff != "" {
		t.Errorf("receipts at the sender (-want +got):\n%s", diff)
	}
	if reason := progress[0].Receipts[2].Reason; reason != exchange.WithdrawnUnseen {
		t.Errorf("withdrawn because of %q", reason)
	}
	if list := w.Inbox(t, ProvinceNode, Province); len(list) != 0 {
		t.Errorf("%d arrivals in the inbox after the recall", len(list))
	}
	traces, err := w.desk(ProvinceNode).Withdrawn(t.Context(), Clerk(Province), exchange.Page{Limit: 10})
	if err != nil || len(traces) != 1 || traces[0].Reason != mistake || traces[0].Number != document.Numbering.String() {
		t.Fatalf("traces %+v, %v", traces, err)
	}
	gateway, id := w.Gateways[ProvinceNode], traces[0].Arrival
	_, err = Reader(gateway).Arrival(t.Context(), Clerk(Province), id)
	Refused(t, err, exchange.Conflict, "arrival.withdrawn")
	_, _, err = Reader(gateway).OpenArrivalFile(t.Context(), Clerk(Province), id, "")
	Refused(t, err, exchange.Conflict, "arrival.withdrawn")
	_, err = Decider(gateway).Accept(t.Context(), Clerk(Province), id)
	Refused(t, err, exchange.Conflict, "arrival.withdrawn")
	_, err = w.desk(ProvinceNode).Answer(t.Context(), Clerk(Province), id, recall.Reply{Agree: true})
	Refused(t, err, exchange.Conflict, "arrival.withdrawn")
}

func TestADocumentThatWasShownIsAskedBackAndTheClerkAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	document := w.Issue(t, CommuneNode, Commune, Province, Interior)
	w.Deliver(t)
	w.Judge(t, ProvinceNode)
	gateway, desk := w.Gateways[ProvinceNode], w.desk(ProvinceNode)
	arrival := w.Inbox(t, ProvinceNode, Province)[0]
	w.takeBack(t, document)
	w.takeBack(t, document) // a second click asks nobody twice
	w.Deliver(t)
	if got := w.recalls(t, CommuneNode, document); got[Province] != exchange.RecallRequested ||
		got[Interior] != exchange.RecallAccepted {
		t.Fatalf("recalls %v", got)
	}
	if _, err := Decider(gateway).Accept(t.Context(), Clerk(Province), arrival.ID); err != nil {
		t.Fatal(err)
	}
	_, err := Decider(gateway).Report(t.Context(), Clerk(Province), arrival.ID, exchange.Completed)
	Refused(t, err, exchange.Conflict, "arrival.recall_pending")
	_, err = outgoing.Desk{Gateway: gateway}.Copy(t.Context(), Clerk(Province),
		outgoing.CopyDraft{Form: exchange.TrueCopy, Arrival: arrival.ID})
	Refused(t, err, exchange.Conflict, "arrival.recall_pending")
	_, err = desk.Answer(t.Context(), Clerk(Province), arrival.ID, recall.Reply{})
	Refused(t, err, exchange.Invalid, "recall.reason")
	no := recall.Reply{Reason: "văn bản đã được thi hành xong"}
	if _, err := desk.Answer(t.Context(), Clerk(Province), arrival.ID, no); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	if got := w.recalls(t, CommuneNode, document)[Province]; got != exchange.RecallRefused {
		t.Fatalf("after the refusal %q", got)
	}
	w.takeBack(t, document, Province) // asked anew
	w.Deliver(t)
	for range 2 {
		given, err := desk.Answer(t.Context(), Clerk(Province), arrival.ID, recall.Reply{Agree: true})
		if err != nil || given.Recall() != exchange.RecallAccepted {
			t.Fatalf("%s: %v", given.Recall(), err)
		}
	}
	w.Deliver(t)
	progress, err := Reader(w.Gateways[CommuneNode]).Recipients(t.Context(), Clerk(Commune), document.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := []exchange.Status{exchange.Carried, "01", "13", "03", "16", "13", "15"}
	if diff := cmp.Diff(want, Statuses(progress[0].Receipts)); diff != "" {
		t.Errorf("receipts at the sender (-want +got):\n%s", diff)
	}
	if progress[0].Receipts[4].Reason != no.Reason {
		t.Errorf("the sender sees the reason %q", progress[0].Receipts[4].Reason)
	}
	_, err = Decider(gateway).Report(t.Context(), Clerk(Province), arrival.ID, exchange.InProgress)
	Refused(t, err, exchange.Conflict, "arrival.recalled")
	_, err = outgoing.Desk{Gateway: gateway}.Copy(t.Context(), Clerk(Province),
		outgoing.CopyDraft{Form: exchange.TrueCopy, Arrival: arrival.ID})
	Refused(t, err, exchange.Conflict, "arrival.recalled")
	blob, _, err := Reader(gateway).OpenArrivalFile(t.Context(), Clerk(Province), arrival.ID, "")
	if err != nil {
		t.Fatalf("what was given back cannot be proved any more: %v", err)
	}
	_ = blob.Close()
}

func TestWhatIsRecalledBeforeItComesIsBornWithdrawn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	document := w.Issue(t, CommuneNode, Commune, District)
	w.takeBack(t, document)
	var frames []exchange.Frame
	for _, message := range w.Memories[CommuneNode].Facts().Messages {
		frames = append(frames, exchange.Frame{
			ID: message.ID, Kind: message.Kind, Sealed: message.Sealed, To: []exchange.OfficeID{District},
		})
	}
	slices.SortFunc(frames, func(a, b exchange.Frame) int { return strings.Compare(string(b.Kind), string(a.Kind)) })
	if frames[0].Kind != exchange.NoticeMessage {
		t.Fatalf("the first frame is a %s", frames[0].Kind)
	}
	// The notice overtakes the document on another way.
	if _, err := w.Gateways[DistrictNode].Receive(t.Context(), CommuneNode, frames[:1]); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	if got := w.recalls(t, CommuneNode, document)[District]; got != exchange.RecallAccepted {
		t.Errorf("the recall is at %q", got)
	}
	if list := w.Inbox(t, DistrictNode, District); len(list) != 0 {
		t.Errorf("%d arrivals in the inbox", len(list))
	}
}

func TestARecallNeverOvertakesItsDocumentOnOneWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 5 {
		w.Issue(t, CommuneNode, Commune, District)
	}
	wanted := Draft(District)
	wanted.Urgency = exchange.Ordinary
	document := w.Write(t, CommuneNode, Commune, wanted)
	w.takeBack(t, document)
	var carried []exchange.MessageID
	w.Gateways[CommuneNode].Carrier = spy{Wire{World: w.World, From: CommuneNode}, func(frames []exchange.Frame) {
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
		document := w.Issue(t, CommuneNode, Commune, District)
		w.Deliver(t)
		var group sync.WaitGroup
		var seen int
		group.Go(func() {
			list, err := Reader(w.Gateways[DistrictNode]).Arrivals(t.Context(), Clerk(District), exchange.Page{Limit: 10})
			if err != nil && exchange.CodeOf(err) != "arrival.withdrawn" {
				t.Error(err)
			}
			seen = len(list)
		})
		group.Go(func() { w.takeBack(t, document); w.Deliver(t) })
		group.Wait()
		w.Deliver(t)
		status := w.recalls(t, CommuneNode, document)[District]
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
		document := w.Issue(t, CommuneNode, Commune, Province)
		w.Deliver(t)
		w.takeBack(t, document)
		w.Deliver(t)
		file := evidence.File{Type: "congvan.evidence.1", Node: CommuneNode, Office: Commune, Document: document.ID}
		err := w.Gateways[ProvinceNode].Commit(t.Context(), func(tx exchange.Tx) error {
			file.Receipts = nil
			arrival, err := tx.ArrivalOf(t.Context(), Province, document.ID)
			if err != nil {
				return err
			}
			lie := exchange.Receipt{Status: then, Number: 1}
			if _, err := w.Gateways[ProvinceNode].State(t.Context(), tx, arrival, lie, "arrival.accepted"); err != nil {
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
	document := w.Issue(t, CommuneNode, Commune, Province)
	w.Deliver(t)
	_, err := w.desk(ProvinceNode).Recall(t.Context(), Clerk(Interior), document.ID, recall.Order{Reason: mistake})
	Refused(t, err, exchange.NotFound, "document.not_found")
	_, err = w.desk(CommuneNode).Recall(t.Context(), Leader(Commune), document.ID, recall.Order{Reason: mistake})
	Refused(t, err, exchange.Denied, "access.denied")
	_, err = w.desk(CommuneNode).Recall(t.Context(), Clerk(Commune), document.ID, recall.Order{Reason: "ngắn"})
	Refused(t, err, exchange.Invalid, "recall.reason")
	_, err = w.desk(CommuneNode).Recall(t.Context(), Clerk(Commune), document.ID,
		recall.Order{Offices: []exchange.OfficeID{Interior}, Reason: mistake})
	Refused(t, err, exchange.Invalid, "recall.not_recipient")
	// The district's gateway seals a notice of the district about the commune's document.
	forged := exchange.Notice{
		Document: document.ID, Content: document.Current().Digest, From: District, To: []exchange.OfficeID{Province},
		Status: exchange.RecallRequested, Reason: mistake,
	}
	err = w.Gateways[DistrictNode].Commit(t.Context(), func(tx exchange.Tx) error {
		_, err := w.Gateways[DistrictNode].Notify(t.Context(), tx, forged, exchange.Entry{Act: "document.recalled"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	if list := w.Inbox(t, ProvinceNode, Province); len(list) != 1 || list[0].Recall() != "" {
		t.Errorf("a stranger's recall took effect: %+v", list)
	}
	// A gateway that speaks for an office it does not host is not believed at all.
	forged.From = Commune
	err = w.Gateways[DistrictNode].Commit(t.Context(), func(tx exchange.Tx) error {
		_, err := w.Gateways[DistrictNode].Notify(t.Context(), tx, forged, exchange.Entry{Act: "document.recalled"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	if list := w.Inbox(t, ProvinceNode, Province); len(list) != 1 || list[0].Recall() != "" {
		t.Errorf("a false gateway's recall took effect: %+v", list)
	}
}

func TestARecallTravelsAlongTheCopies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	document := w.Issue(t, CommuneNode, Commune, Province)
	w.Deliver(t)
	w.Judge(t, ProvinceNode)
	gateway := w.Gateways[ProvinceNode]
	arrival := w.Inbox(t, ProvinceNode, Province)[0]
	if _, err := Decider(gateway).Accept(t.Context(), Clerk(Province), arrival.ID); err != nil {
		t.Fatal(err)
	}
	made, err := outgoing.Desk{Gateway: gateway}.Copy(t.Context(), Clerk(Province), outgoing.CopyDraft{
		Form: exchange.TrueCopy, Arrival: arrival.ID, Recipients: []exchange.OfficeID{District},
	})
	if err != nil {
		t.Fatal(err)
	}
	if made, err = gateway.Send(t.Context(), Clerk(Province), made.ID); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	shown := w.Inbox(t, DistrictNode, District)[0]
	if of := shown.Header.CopyOf; of == nil || of.Document != document.ID || of.From != Commune || of.Arrival != "" {
		t.Errorf("the copy says it was made of %+v", of)
	}
	w.takeBack(t, document)
	w.Deliver(t)
	if got := w.recalls(t, ProvinceNode, made)[District]; got != "" {
		t.Errorf("before the province has answered, the copy's recall is at %q", got)
	}
	_, err = w.desk(ProvinceNode).Answer(t.Context(), Clerk(Province), arrival.ID, recall.Reply{Agree: true})
	if err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	if got := w.recalls(t, ProvinceNode, made)[District]; got != exchange.RecallRequested {
		t.Errorf("the copy's recall is at %q", got)
	}
	if got := w.Inbox(t, DistrictNode, District)[0].Receipts[1].Reason; got != mistake {
		t.Errorf("at the end of the chain the reason is %q", got)
	}
}

func TestAReplacementAndAnAnswerAreLinkedAtBothEndsInWhateverOrderTheyCome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	wrong := w.Issue(t, CommuneNode, Commune, Province)
	wanted := Draft(Province)
	wanted.Replaces = []exchange.DocumentID{wrong.ID}
	wanted.Urgency = exchange.ExpressTimed // it goes first
	right := w.Write(t, CommuneNode, Commune, wanted)
	w.Deliver(t)
	reply := Draft(Commune)
	reply.RepliesTo = right.ID
	answer := w.Write(t, ProvinceNode, Province, reply)
	strange := Draft(Commune)
	strange.RepliesTo = ID(99)
	w.Write(t, ProvinceNode, Province, strange)
	w.Deliver(t)
	links := func(node exchange.NodeID, office exchange.OfficeID, of exchange.DocumentID) (found []string) {
		t.Helper()
		list, err := w.desk(node).Links(t.Context(), Clerk(office), of)
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
	for node, office := range map[exchange.NodeID]exchange.OfficeID{CommuneNode: Commune, ProvinceNode: Province} {
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
	_, err := w.desk(ProvinceNode).Links(t.Context(), Clerk(Interior), right.ID)
	Refused(t, err, exchange.NotFound, "document.not_found")
	for _, bad := range []exchange.Draft{
		{Replaces: []exchange.DocumentID{ID(98)}}, {Kind: "TB", Replaces: []exchange.DocumentID{wrong.ID}},
	} {
		wanted := Draft(Province)
		wanted.Replaces = bad.Replaces
		if bad.Kind != "" {
			wanted.Kind = bad.Kind
		}
		_, err := outgoing.Desk{Gateway: w.Gateways[CommuneNode]}.Submit(t.Context(), Clerk(Commune), wanted,
			strings.NewReader(""))
		Refused(t, err, exchange.Invalid, "draft.replaces")
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
