package exchange_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"testing"
	"time"

	"congvan/exchange"
)

// wantRefusal wants an answer of the district to be a refusal that proves itself.
func (w *world) wantRefusal(t *testing.T, frame exchange.Frame, answer exchange.Answer) {
	t.Helper()
	receipt, err := exchange.OpenReceipt(w.Directory.Load(), answer.Receipt)
	if err != nil {
		t.Fatalf("%s: the refusal does not prove itself: %v", answer.Code, err)
	}
	sum := sha256.Sum256(frame.Sealed)
	want := exchange.Digest(hex.EncodeToString(sum[:]))
	if answer.Code == "secrecy.refused" {
		want = ""
	}
	if !receipt.AtDoor() || receipt.Node != districtNode || receipt.Message != want || receipt.Reason != answer.Code ||
		receipt.Document != exchange.DocumentID(frame.ID) || receipt.Office != answer.To || receipt.Content != "" {
		t.Errorf("%s: the refusal says %+v", answer.Code, receipt)
	}
}

// strike takes an office out of the directory of the district's gateway, and gives how to put it back.
func (w *world) strike(t *testing.T, gone exchange.OfficeID) (restore func()) {
	t.Helper()
	file := threeTiers(t)
	file.Offices = slices.DeleteFunc(file.Offices, func(o exchange.Office) bool { return o.ID == gone })
	struck, err := exchange.NewDirectory(file)
	if err != nil {
		t.Fatal(err)
	}
	gateway := w.Gateways[districtNode]
	whole := gateway.Directory
	gateway.Directory = func() *exchange.Directory { return struck }
	return func() { gateway.Directory = whole }
}

// acknowledgement is how the first delivery of a document of the commune ended.
func (w *world) acknowledgement(t *testing.T, id exchange.DocumentID) *exchange.Acknowledgement {
	t.Helper()
	var states []exchange.DeliveryState
	err := w.Memories[communeNode].View(t.Context(), func(tx exchange.Tx) (err error) {
		states, err = tx.Deliveries(t.Context(), exchange.MessageID(id))
		return err
	})
	if err != nil || len(states) == 0 {
		t.Fatalf("deliveries of %s: %v, %v", id, states, err)
	}
	return states[0].Acknowledgement
}

func TestARefusalIsGivenInTheSameBytesForEver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	w.Issue(t, communeNode, commune, district)
	frame := w.queued(t, communeNode, districtNode)
	w.copyBlobs(t)
	restore := w.strike(t, district)
	ask := func(frames ...exchange.Frame) []exchange.Answer {
		t.Helper()
		answers, err := w.Gateways[districtNode].Receive(t.Context(), communeNode, frames)
		if err != nil {
			t.Fatal(err)
		}
		return answers
	}
	first := ask(frame)[0]
	w.wantRefusal(t, frame, first)
	leaves := len(w.Memories[districtNode].Facts().Leaves)
	restore() // what is thought of the office today changes no answer that was given
	for _, again := range ask(frame, frame) {
		if again.Outcome != exchange.Rejected || !bytes.Equal(again.Receipt, first.Receipt) {
			t.Errorf("the same question is answered with %s, and other bytes", again.Outcome)
		}
	}
	if now := len(w.Memories[districtNode].Facts().Leaves); now != leaves {
		t.Errorf("the same question again has written %d leaves", now-leaves)
	}
	refusal, err := exchange.OpenReceipt(w.Directory.Load(), first.Receipt)
	if err != nil {
		t.Fatal(err)
	}
	frame.Again = map[exchange.OfficeID]exchange.MessageID{district: refusal.ID}
	anew := ask(frame)[0]
	receipt, err := exchange.OpenReceipt(w.Directory.Load(), anew.Receipt)
	if err != nil || anew.Outcome != exchange.Taken || receipt.After != refusal.ID || receipt.Contradicts(refusal) {
		t.Errorf("asked anew: %s, %+v, %v", anew.Outcome, receipt, err)
	}
}

func TestWhatWasTakenStaysTakenThoughItsSenderIsTrustedNoMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	w.Issue(t, communeNode, commune, district)
	frame := w.queued(t, communeNode, districtNode)
	w.copyBlobs(t)
	taken, err := w.Gateways[districtNode].Receive(t.Context(), communeNode, []exchange.Frame{frame})
	if err != nil || taken[0].Outcome != exchange.Taken {
		t.Fatalf("%+v, %v", taken, err)
	}
	w.strike(t, commune)
	again, err := w.Gateways[districtNode].Receive(t.Context(), communeNode, []exchange.Frame{frame})
	if err != nil || again[0].Outcome != exchange.Duplicate || !bytes.Equal(again[0].Receipt, taken[0].Receipt) {
		t.Errorf("%s %s, %v", again[0].Outcome, again[0].Code, err)
	}
}

func TestTakenAndRefusedOfOneBatchShareOneSignature(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	w.Issue(t, communeNode, commune, district)
	good := w.queued(t, communeNode, districtNode)
	w.copyBlobs(t)
	bad := good
	bad.ID = exchange.MessageID(id(1))
	bad.Sealed = forge(t, good.Sealed, people(t).Nodes[communeNode], func(content map[string]any) {
		content["id"], content["secrecy"] = bad.ID, "mật"
	})
	stray := good
	stray.To = []exchange.OfficeID{province}
	answers, err := w.Gateways[districtNode].Receive(t.Context(), communeNode, []exchange.Frame{good, bad, stray})
	if err != nil || len(answers) != 3 {
		t.Fatalf("%+v, %v", answers, err)
	}
	w.wantRefusal(t, bad, answers[1])
	w.wantRefusal(t, stray, answers[2])
	seal := func(answer exchange.Answer) []byte {
		parts := bytes.SplitN(answer.Receipt, []byte("\n"), 5)
		return parts[len(parts)-1]
	}
	if !bytes.Equal(seal(answers[0]), seal(answers[1])) || !bytes.Equal(seal(answers[0]), seal(answers[2])) {
		t.Error("a batch was answered with more than one signature")
	}
	sum := sha256.Sum256(bad.Sealed)
	for _, entry := range w.Memories[districtNode].Facts().Entries {
		for key, value := range entry.Detail {
			if value == hex.EncodeToString(sum[:]) || value == string(bad.ID) {
				t.Errorf("the log names the secret: %s %s", key, value)
			}
		}
	}
}

func TestTheSenderKeepsTheRefusalThatItWasGiven(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	restore := w.strike(t, district)
	document := w.Issue(t, communeNode, commune, district)
	w.Deliver(t)
	ack := w.acknowledgement(t, document.ID)
	if ack == nil || ack.Outcome != exchange.Rejected || ack.Code != "recipient.unknown" || len(ack.Receipt) == 0 {
		t.Fatalf("acknowledged as %+v", ack)
	}
	gateway := w.Gateways[communeNode]
	found, _, err := gateway.Parked(t.Context(), clerk(commune), exchange.Page{Limit: 10})
	if err != nil || len(found) != 1 || !bytes.Equal(found[0].Recipients[0].Receipts[0].Sealed, ack.Receipt) {
		t.Fatalf("parked: %+v, %v", found, err)
	}
	restore()
	if _, err := gateway.Resend(t.Context(), clerk(commune), document.ID); err != nil {
		t.Fatal(err)
	}
	w.Deliver(t)
	progress, err := reader(gateway).Recipients(t.Context(), clerk(commune), document.ID)
	if err != nil || progress[0].Status() != exchange.Arrived || progress[0].Contradicted() || progress[0].Parked() != "" {
		t.Errorf("after it was resent: %+v, %v", progress, err)
	}
}

// lied is a gateway's answer that another one makes up.
func lied(frames []exchange.Frame, outcome exchange.Outcome, sealed []byte) []exchange.Answer {
	var answers []exchange.Answer
	for _, frame := range frames {
		for _, to := range frame.To {
			answers = append(answers, exchange.Answer{
				ID: frame.ID, To: to, Outcome: outcome, Code: "recipient.unknown", Receipt: sealed,
			})
		}
	}
	return answers
}

func TestARefusalThatProvesNothingEndsNoDelivery(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	document := w.Issue(t, communeNode, commune, district)
	honest := w.queued(t, communeNode, districtNode)
	w.copyBlobs(t)
	w.strike(t, district)
	answers, err := w.Gateways[districtNode].Receive(t.Context(), communeNode, []exchange.Frame{honest})
	if err != nil {
		t.Fatal(err)
	}
	own, people, hours := people(t).Nodes[districtNode], people(t), 0
	w.Now = func() time.Time { return noon.Add(time.Duration(hours) * time.Hour) }
	change := func(key string, value any) []byte {
		return forge(t, answers[0].Receipt, own, func(content map[string]any) { content[key] = value })
	}
	try := func(sealed []byte) {
		t.Helper()
		w.Gateways[communeNode].Carrier = liar(func(frames []exchange.Frame) []exchange.Answer {
			return lied(frames, exchange.Rejected, sealed)
		})
		if err := w.Gateways[communeNode].DeliverNow(t.Context()); err != nil {
			t.Errorf("a gateway that answers is taken for ill: %v", err)
		}
	}
	for name, sealed := range map[string][]byte{
		"garbage": []byte("x"), "a stranger's": forge(t, answers[0].Receipt, people.Stranger, unchanged),
		"of another gateway": forge(t, answers[0].Receipt, people.Nodes[provinceNode], func(c map[string]any) {
			c["node"] = provinceNode
		}),
		"of another message": change("message", hex.EncodeToString(make([]byte, 32))),
		"of another office":  change("office", province), "of another document": change("document", id(9)),
		"to another question": change("after", id(9)), "that names no message": change("message", ""),
		"that it was carried": change("status", exchange.Carried), "without a code": change("reason", "Không nhận!"),
		"from the future": change("at", noon.AddDate(1, 0, 0)),
	} {
		hours += 100 // however long it goes on
		if try(sealed); w.acknowledgement(t, document.ID) != nil {
			t.Fatalf("%s: the delivery is taken for done", name)
		}
	}
	try(nil)
	if ack := w.acknowledgement(t, document.ID); ack != nil {
		t.Fatal("within the rest it was tried again")
	}
	hours++
	try(nil)
	ack := w.acknowledgement(t, document.ID)
	if ack == nil || ack.Code != exchange.CodeUnsigned || ack.Receipt != nil {
		t.Errorf("refused for days without a signature, and it is %+v", ack)
	}
}

func TestAnUnsignedRefusalIsWaitedOutForADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	document := w.Issue(t, communeNode, commune, district)
	other := w.Issue(t, communeNode, commune, province)
	asked := 0
	w.Gateways[communeNode].Carrier = liar(func(frames []exchange.Frame) []exchange.Answer {
		asked += len(frames)
		return lied(frames, exchange.Rejected, nil)
	})
	for hour := range 24 {
		w.Now = func() time.Time { return noon.Add(time.Duration(hour) * time.Hour) }
		for range 3 { // it rests
			if err := w.Gateways[communeNode].DeliverNow(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if ack := w.acknowledgement(t, document.ID); ack != nil {
			t.Fatalf("after %d hours it is %+v", hour, ack)
		}
	}
	if asked != 48 {
		t.Errorf("asked %d times, want once in an hour for each of two", asked)
	}
	w.Now = func() time.Time { return noon.Add(24 * time.Hour) }
	if err := w.Gateways[communeNode].DeliverNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, sent := range []exchange.Document{document, other} {
		if ack := w.acknowledgement(t, sent.ID); ack == nil || ack.Code != exchange.CodeUnsigned {
			t.Errorf("after a day it is %+v", ack)
		}
	}
}

// twoFaced takes what it is brought and answers that it is refused, with its own seal.
type twoFaced struct {
	wire
	t    *testing.T
	keep *exchange.Receipt // the true receipt
}

func (f twoFaced) Carry(
	ctx context.Context, to exchange.Node, frames []exchange.Frame, blobs []exchange.Digest,
) ([]exchange.Answer, error) {
	answers, err := f.wire.Carry(ctx, to, frames, blobs)
	if err != nil || len(frames) == 0 {
		return answers, err
	}
	for i := range answers {
		taken := answers[i].Receipt
		*f.keep, err = exchange.OpenReceipt(f.World.Directory.Load(), taken)
		if err != nil {
			f.t.Error(err)
		}
		answers[i].Outcome, answers[i].Code = exchange.Rejected, "recipient.unknown"
		sum := sha256.Sum256(frames[i].Sealed)
		answers[i].Receipt = forge(f.t, taken, people(f.t).Nodes[to.ID], func(content map[string]any) {
			delete(content, "content")
			content["id"], content["status"], content["reason"] = id(77), exchange.Undeliverable, "recipient.unknown"
			content["from"], content["message"] = communeNode, hex.EncodeToString(sum[:])
		})
	}
	return answers, nil
}

func TestAGatewayThatRefusesAndAcceptsIsFoundOut(t *testing.T) {
	t.Parallel()
	var taken exchange.Receipt
	w := newWorld(t, straight)
	w.Gateways[communeNode].Carrier = twoFaced{wire{World: w.World, From: communeNode}, t, &taken}
	document := w.Issue(t, communeNode, commune, district)
	gateway := w.Gateways[communeNode]
	if err := gateway.DeliverNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	if ack := w.acknowledgement(t, document.ID); ack == nil || ack.Outcome != exchange.Rejected {
		t.Fatalf("the false refusal is signed, and the delivery is %+v", ack)
	}
	// Now it shows the receipt with which it took the document, as if that had come by another way.
	frame := exchange.Frame{
		ID: taken.ID, Kind: exchange.ReceiptMessage, Sealed: taken.Sealed, To: []exchange.OfficeID{commune},
	}
	answers, err := gateway.Receive(t.Context(), districtNode, []exchange.Frame{frame})
	if err != nil || answers[0].Outcome != exchange.Taken {
		t.Fatalf("%+v, %v", answers, err)
	}
	progress, err := reader(gateway).Recipients(t.Context(), clerk(commune), document.ID)
	if err != nil || !progress[0].Contradicted() {
		t.Errorf("nobody notices: %+v, %v", progress, err)
	}
	entries := w.Memories[communeNode].Facts().Entries
	i := slices.IndexFunc(entries, func(entry exchange.Entry) bool { return entry.Act == "receipt.contradiction" })
	if i < 0 || entries[i].Detail["peer"] != string(districtNode) || entries[i].Office != commune {
		t.Errorf("the log does not tell who lied: %+v", entries)
	}
}
