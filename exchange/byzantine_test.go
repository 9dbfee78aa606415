package exchange_test

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"congvan/certs"
	"congvan/certs/cms"
	"congvan/exchange"
)

// queued is the frame that a gateway owes to another one.
func (w *world) queued(t *testing.T, from, to exchange.NodeID) exchange.Frame {
	t.Helper()
	var frame exchange.Frame
	err := w.Memories[from].View(t.Context(), func(tx exchange.Tx) error {
		owed, err := tx.Owed(t.Context(), to, 1)
		if err != nil || len(owed) == 0 {
			t.Fatalf("nothing is owed to %s: %v", to, err)
		}
		message, err := tx.Message(t.Context(), owed[0].Message)
		frame = exchange.Frame{
			ID: message.ID, Kind: message.Kind, Sealed: message.Sealed, To: []exchange.OfficeID{owed[0].To},
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return frame
}

// copyBlobs brings all bytes of the commune to the district.
func (w *world) copyBlobs(t *testing.T) {
	t.Helper()
	for digest, data := range w.Shelves[communeNode].Blobs() {
		_, _, err := w.Shelves[districtNode].Put(t.Context(), bytes.NewReader(data), digest, int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
	}
}

// forge seals a changed header or receipt with an identity.
func forge(t *testing.T, sealed []byte, by certs.Identity, change func(content map[string]any)) []byte {
	t.Helper()
	parsed, err := cms.Parse(sealed)
	if err != nil {
		t.Fatal(err)
	}
	content := map[string]any{}
	if err := json.Unmarshal(parsed.Content, &content); err != nil {
		t.Fatal(err)
	}
	change(content)
	data, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	scheme, err := cms.SchemeFor(by.Signer.Public(), cms.Policy{})
	if err != nil {
		t.Fatal(err)
	}
	forged, err := cms.Sign(by.Signer, cms.Draft{Scheme: scheme, Certificate: by.Certificate, Content: data})
	if err != nil {
		t.Fatal(err)
	}
	return forged
}

func unchanged(map[string]any) {}

func TestADuplicateIsAnsweredWithTheFirstReceiptForEver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	w.Issue(t, communeNode, commune, district)
	frame := w.queued(t, communeNode, districtNode)
	w.copyBlobs(t)
	gateway := w.Gateways[districtNode]
	first, err := gateway.Receive(t.Context(), communeNode, []exchange.Frame{frame})
	if err != nil || len(first) != 1 || first[0].Outcome != exchange.Taken || len(first[0].Receipt) == 0 {
		t.Fatalf("first: %+v, %v", first, err)
	}
	for day := range 400 {
		w.Now = func() time.Time { return noon.AddDate(0, 0, day) }
		again, err := gateway.Receive(t.Context(), communeNode, []exchange.Frame{frame, frame})
		if err != nil || len(again) != 2 {
			t.Fatalf("day %d: %+v, %v", day, again, err)
		}
		for _, answer := range again {
			if answer.Outcome != exchange.Duplicate || !bytes.Equal(answer.Receipt, first[0].Receipt) {
				t.Fatalf("day %d: %s with another receipt", day, answer.Outcome)
			}
		}
	}
	if arrivals := w.Inbox(t, districtNode, district); len(arrivals) != 1 {
		t.Errorf("%d arrivals", len(arrivals))
	}
}

func TestOtherBytesUnderAKnownIDRaiseAnAlarm(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	w.Issue(t, communeNode, commune, district)
	frame := w.queued(t, communeNode, districtNode)
	w.copyBlobs(t)
	gateway := w.Gateways[districtNode]
	if _, err := gateway.Receive(t.Context(), communeNode, []exchange.Frame{frame}); err != nil {
		t.Fatal(err)
	}
	frame.Sealed = forge(t, frame.Sealed, people(t).Nodes[communeNode], func(content map[string]any) {
		content["subject"] = "Báo cáo khác"
	})
	answers, err := gateway.Receive(t.Context(), communeNode, []exchange.Frame{frame})
	if err != nil || answers[0].Outcome != exchange.Clash || answers[0].Code != "message.clash" {
		t.Errorf("%+v, %v", answers, err)
	}
	entries := w.Memories[districtNode].Facts().Entries
	if last := entries[len(entries)-1]; last.Act != "message.clash" || last.Detail["peer"] != string(communeNode) {
		t.Errorf("the log does not tell: %+v", last)
	}
	if subject := w.Inbox(t, districtNode, district)[0].Header.Subject; subject != draft().Subject {
		t.Errorf("the subject became %q", subject)
	}
}

func TestALyingGatewayIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	w.Issue(t, communeNode, commune, district)
	honest := w.queued(t, communeNode, districtNode)
	w.copyBlobs(t)
	people := people(t)
	own := people.Nodes[communeNode]
	set := func(key string, value any) func(map[string]any) {
		return func(content map[string]any) { content[key] = value }
	}
	nested := func(outer, key string, value any) func(map[string]any) {
		return func(content map[string]any) { content[outer].(map[string]any)[key] = value }
	}
	for name, test := range map[string]struct {
		by     certs.Identity
		change func(map[string]any)
		code   string
	}{
		"seal of a stranger":         {people.Stranger, unchanged, "message.foreign_seal"},
		"seal of another gateway":    {people.Nodes[provinceNode], unchanged, "message.foreign_seal"},
		"seal of the office":         {people.Seals[commune], unchanged, "message.foreign_seal"},
		"another gateway's office":   {own, set("from", province), "message.not_its_office"},
		"an office that is none":     {own, set("from", "so-y-te"), "message.not_its_office"},
		"from the future":            {own, set("issued_at", noon.Add(time.Hour)), "message.from_future"},
		"a newer version":            {own, set("v", 2), "message.version"},
		"a secret":                   {own, set("secrecy", "mật"), "secrecy.refused"},
		"no recipients":              {own, set("to", []string{}), "message.incomplete"},
		"too many recipients":        {own, set("to", make([]string, exchange.MaxRecipients+1)), "message.incomplete"},
		"no number":                  {own, nested("numbering", "number", 0), "message.incomplete"},
		"a digest that is a path":    {own, nested("main", "digest", "../../etc/passwd"), "message.incomplete"},
		"an id that is none":         {own, set("id", "1"), "message.unreadable"},
		"another kind of statement":  {own, set("type", "congvan.receipt.1"), "message.unreadable"},
		"no kind of statement":       {own, func(c map[string]any) { delete(c, "type") }, "message.unreadable"},
		"a number where text belong": {own, set("subject", 5), "message.unreadable"},
		"files that are not there":   {own, nested("main", "digest", strings.Repeat("0", 64)), "blob.missing"},
	} {
		frame := honest
		frame.Sealed = forge(t, honest.Sealed, test.by, test.change)
		answers, err := w.Gateways[districtNode].Receive(t.Context(), communeNode, []exchange.Frame{frame})
		if err != nil || len(answers) != 1 || answers[0].Code != test.code {
			t.Fatalf("%s: %+v, %v; want %s", name, answers, err, test.code)
		}
		if answers[0].Outcome == exchange.Rejected {
			w.wantRefusal(t, frame, answers[0])
		}
		if len(w.Memories[districtNode].Facts().Messages) > 0 {
			t.Fatalf("%s: the message was kept", name)
		}
	}
	stray := honest
	stray.To = []exchange.OfficeID{province}
	answers, err := w.Gateways[districtNode].Receive(t.Context(), communeNode, []exchange.Frame{stray})
	if err != nil || len(answers) != 1 || answers[0].Code != "message.not_addressed" {
		t.Errorf("to an office that is not addressed: %+v, %v", answers, err)
	}
	if arrivals := w.Inbox(t, districtNode, district); len(arrivals) > 0 {
		t.Errorf("%d arrivals", len(arrivals))
	}
}

func TestBytesThatAreNoSealAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	document := w.Issue(t, communeNode, commune, district)
	honest := w.queued(t, communeNode, districtNode)
	w.copyBlobs(t)
	flipped := bytes.Clone(honest.Sealed)
	flipped[bytes.Index(flipped, []byte(document.ID))] ^= 1
	for name, sealed := range map[string][]byte{
		"nothing": nil, "text": []byte("{}"), "half": honest.Sealed[:len(honest.Sealed)/2], "one bit": flipped,
		"too large": make([]byte, exchange.MaxSealed+1), "nested": bytes.Repeat([]byte{0x30, 0x80}, 100_000),
	} {
		frame := honest
		frame.Sealed = sealed
		answers, err := w.Gateways[districtNode].Receive(t.Context(), communeNode, []exchange.Frame{frame})
		if err != nil || len(answers) != 1 || answers[0].Outcome != exchange.Rejected {
			t.Errorf("%s: %+v, %v", name, answers, err)
		}
	}
	_, err := w.Gateways[districtNode].Receive(t.Context(), "cong-la", []exchange.Frame{honest})
	refused(t, err, exchange.Denied, "node.unknown")
	_, err = w.Gateways[districtNode].Receive(t.Context(), communeNode, make([]exchange.Frame, exchange.MaxFrames+1))
	refused(t, err, exchange.Invalid, "batch.too_large")
}

func TestAFalseReceiptIsNotApplied(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	document := w.Issue(t, communeNode, commune, district)
	w.Deliver(t)
	w.Judge(t, districtNode)
	arrival := w.Inbox(t, districtNode, district)[0]
	if _, err := decider(w.Gateways[districtNode]).Accept(t.Context(), clerk(district), arrival.ID); err != nil {
		t.Fatal(err)
	}
	honest := w.queued(t, districtNode, communeNode)
	people := people(t)
	for name, test := range map[string]struct {
		by     certs.Identity
		change func(map[string]any)
		code   string
	}{
		"of a gateway that does not host the office": {
			people.Nodes[provinceNode], func(c map[string]any) { c["node"] = provinceNode }, "receipt.not_its_office",
		},
		"about an office that was not written to": {
			people.Nodes[provinceNode],
			func(c map[string]any) { c["node"], c["office"] = provinceNode, province }, "receipt.not_addressed",
		},
		"about other content": {
			people.Nodes[districtNode],
			func(c map[string]any) { c["content"] = strings.Repeat("0", 64) }, "receipt.other_content",
		},
		"with a foreign seal": {people.Seals[district], unchanged, "message.foreign_seal"},
		"a refusal without a reason": {
			people.Nodes[districtNode], func(c map[string]any) { c["status"] = "02" }, "message.incomplete",
		},
		"from the future": {
			people.Nodes[districtNode], func(c map[string]any) { c["at"] = noon.Add(time.Hour) }, "message.from_future",
		},
		"about a document that is not here": {
			people.Nodes[districtNode], func(c map[string]any) { c["document"] = id(9) }, "receipt.unknown_document",
		},
	} {
		frame := honest
		frame.ID = exchange.MessageID(id(len(name))) // a receipt of its own
		frame.Sealed = forge(t, honest.Sealed, test.by, func(content map[string]any) {
			content["id"] = frame.ID
			test.change(content)
		})
		answers, err := w.Gateways[communeNode].Receive(t.Context(), districtNode, []exchange.Frame{frame})
		if err != nil || len(answers) != 1 || answers[0].Code != test.code || answers[0].Outcome != exchange.Rejected {
			t.Errorf("%s: %+v, %v; want %s", name, answers, err, test.code)
		}
	}
	w.Deliver(t)
	progress, err := reader(w.Gateways[communeNode]).Recipients(t.Context(), clerk(commune), document.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := []exchange.Status{exchange.Arrived, exchange.Accepted}
	if diff := cmp.Diff(want, statuses(progress[0].Receipts)); diff != "" {
		t.Errorf("only the honest receipts count (-want +got):\n%s", diff)
	}
}

// liar answers for a gateway without asking it.
type liar func(frames []exchange.Frame) []exchange.Answer

func (l liar) Carry(
	_ context.Context, _ exchange.Node, frames []exchange.Frame, _ []exchange.Digest,
) ([]exchange.Answer, error) {
	return l(frames), nil
}

func TestAnAnswerWithoutProofEndsNoDelivery(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	w.Issue(t, communeNode, commune, district)
	honest := w.queued(t, communeNode, districtNode)
	w.copyBlobs(t)
	answers, err := w.Gateways[districtNode].Receive(t.Context(), communeNode, []exchange.Frame{honest})
	if err != nil {
		t.Fatal(err)
	}
	receipt, people := answers[0].Receipt, people(t)
	taken := func(sealed []byte) liar {
		return func(frames []exchange.Frame) []exchange.Answer {
			return []exchange.Answer{{ID: frames[0].ID, To: district, Outcome: exchange.Taken, Receipt: sealed}}
		}
	}
	forged := func(by exchange.NodeID, key string, value any) liar {
		return taken(forge(t, receipt, people.Nodes[by], func(content map[string]any) { content[key] = value }))
	}
	for name, lie := range map[string]liar{
		"nothing":       func([]exchange.Frame) []exchange.Answer { return nil },
		"no receipt":    taken(nil),
		"foreign seal":  taken(forge(t, receipt, people.Stranger, unchanged)),
		"of another":    forged(provinceNode, "node", provinceNode),
		"other content": forged(districtNode, "content", strings.Repeat("0", 64)),
		"other office":  forged(districtNode, "office", province),
		"other status":  forged(districtNode, "status", exchange.Accepted),
		"unknown outcome": func(frames []exchange.Frame) []exchange.Answer {
			return []exchange.Answer{{ID: frames[0].ID, To: district, Outcome: "maybe", Receipt: receipt}}
		},
		"another message": func([]exchange.Frame) []exchange.Answer {
			return []exchange.Answer{{ID: "01K00000000000000000000000", To: district, Outcome: exchange.Taken, Receipt: receipt}}
		},
		"later": func(frames []exchange.Frame) []exchange.Answer {
			return []exchange.Answer{{ID: frames[0].ID, To: district, Outcome: exchange.Later}}
		},
	} {
		w.Gateways[communeNode].Carrier = lie
		err := w.Gateways[communeNode].DeliverNow(t.Context())
		if exchange.KindOf(err) != exchange.Unavailable || w.Idle(t) {
			t.Errorf("%s: the delivery is taken for done (%v)", name, err)
		}
	}
	w.Gateways[communeNode].Carrier = taken(receipt)
	if err := w.Gateways[communeNode].DeliverNow(t.Context()); err != nil {
		t.Errorf("the true receipt: %v", err)
	}
}

func TestARefusalOnTheWayIsToldToTheSender(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	document := w.Issue(t, communeNode, commune, province)
	// The province leaves the directory of its own gateway, while the letter is under way.
	for _, office := range []exchange.NodeID{provinceNode} {
		file := threeTiers(t)
		file.Offices = slices.DeleteFunc(file.Offices, func(o exchange.Office) bool { return o.ID == province })
		directory, err := exchange.NewDirectory(file)
		if err != nil {
			t.Fatal(err)
		}
		w.Gateways[office].Directory = func() *exchange.Directory { return directory }
	}
	w.Deliver(t)
	progress, err := reader(w.Gateways[communeNode]).Recipients(t.Context(), clerk(commune), document.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := []exchange.Status{exchange.Carried, exchange.Undeliverable}
	if diff := cmp.Diff(want, statuses(progress[0].Receipts)); diff != "" {
		t.Errorf("at the sender (-want +got):\n%s", diff)
	}
	if last := progress[0].Receipts[1]; last.Node != provinceNode || last.Reason != "recipient.unknown" {
		t.Errorf("told by %s: %q", last.Node, last.Reason)
	}
	if progress[0].Status() != exchange.Undeliverable {
		t.Errorf("status %q", progress[0].Status())
	}
}
