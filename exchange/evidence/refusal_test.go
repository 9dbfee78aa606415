package evidence_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"congvan/exchange"
	"congvan/exchange/evidence"
	"congvan/exchange/exchangetest"
)

// A refusal is evidence about its document, and proves itself to whoever checks; together with a receipt of the same
// gateway for the same question it proves that the gateway lied.
func TestARefusalIsProvedByTheEvidenceAndALieIsFoundInIt(t *testing.T) {
	t.Parallel()
	w := exchangetest.New(t, exchangetest.Straight)
	file := exchangetest.ThreeTiers(t)
	file.Offices = slices.DeleteFunc(file.Offices, func(o exchange.Office) bool { return o.ID == exchangetest.District })
	struck, err := exchange.NewDirectory(file)
	ok(t, err)
	w.Gateways[exchangetest.DistrictNode].Directory = func() *exchange.Directory { return struck }
	document := w.Issue(t, exchangetest.CommuneNode, exchangetest.Commune, exchangetest.District)
	w.Deliver(t)
	var sealed, message []byte
	ok(t, w.Memories[exchangetest.CommuneNode].View(t.Context(), func(tx exchange.Tx) error {
		receipts, err := tx.Receipts(t.Context(), document.ID)
		if err != nil || len(receipts) != 1 || !receipts[0].AtDoor() {
			t.Fatalf("kept: %+v, %v", receipts, err)
		}
		sealed = receipts[0].Sealed
		kept, err := tx.Message(t.Context(), exchange.MessageID(document.ID))
		message = kept.Sealed
		return err
	}))
	check := func(receipts ...[]byte) evidence.Result {
		t.Helper()
		data, err := json.Marshal(evidence.File{
			Type: "congvan.evidence.1", Node: exchangetest.CommuneNode, Document: document.ID, Message: message,
			Receipts: receipts,
		})
		ok(t, err)
		result, err := evidence.Check(data, evidence.Trust{Directory: w.Directory.Load()})
		ok(t, err)
		return result
	}
	result := check(sealed)
	if len(result.Facts) != 1 || result.Facts[0].Reason != "recipient.unknown" ||
		result.Facts[0].Node != exchangetest.DistrictNode || result.Facts[0].Level != evidence.OnWay {
		t.Errorf("the facts are %+v, the faults %v", result.Facts, result.Faults)
	}
	if slices.Contains(result.Faults, "evidence.two_answers") {
		t.Errorf("one answer is taken for two: %v", result.Faults)
	}

	// The same gateway takes the same document from somebody else's hand, as a liar would.
	liar := exchangetest.New(t, exchangetest.Straight)
	frame := exchange.Frame{
		ID: exchange.MessageID(document.ID), Kind: exchange.DocumentMessage, Sealed: message,
		To: []exchange.OfficeID{exchangetest.District},
	}
	for digest, data := range w.Shelves[exchangetest.CommuneNode].Blobs() {
		shelf := liar.Shelves[exchangetest.DistrictNode]
		_, _, err := shelf.Put(t.Context(), bytes.NewReader(data), digest, int64(len(data)))
		ok(t, err)
	}
	answers, err := liar.Gateways[exchangetest.DistrictNode].Receive(t.Context(), exchangetest.CommuneNode,
		[]exchange.Frame{frame})
	if err != nil || answers[0].Outcome != exchange.Taken {
		t.Fatalf("%+v, %v", answers, err)
	}
	if result := check(sealed, answers[0].Receipt); !slices.Contains(result.Faults, "evidence.two_answers") {
		t.Errorf("a gateway that refused and took it is believed: %v", result.Faults)
	}
	if result := check(answers[0].Receipt); slices.Contains(result.Faults, "evidence.two_answers") {
		t.Errorf("the receipt alone is no lie: %v", result.Faults)
	}
}
