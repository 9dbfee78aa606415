package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"congvan/exchange"
	"congvan/exchange/evidence"
	"congvan/signing"
)

// This is the newcomer's first command: it must show two valid signatures, a number, signed receipts and equal bytes
// for each document at each recipient.
func TestTheDemonstrationCarriesRealDocumentsAndProvesThem(t *testing.T) {
	t.Parallel()
	own := filepath.Join(t.TempDir(), "của tôi.pdf")
	letter, err := demoFiles.ReadFile("demo/letter.pdf")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(own, letter, 0o600); err != nil {
		t.Fatal(err)
	}
	world := filepath.Join(t.TempDir(), "world")
	got := command(t, nil, "demo", "--once", "--json", "--file", own, "--data", world)
	if got.code != exitDone {
		t.Fatalf("exit %d\n%s", got.code, got.err)
	}
	var facts demoFacts
	if err := json.Unmarshal([]byte(got.out), &facts); err != nil {
		t.Fatal(err)
	}
	if len(facts.Documents) != 3 {
		t.Fatalf("%d documents", len(facts.Documents))
	}
	for _, document := range facts.Documents {
		if document.Number == "" || len(document.Recipients) != 2 {
			t.Errorf("%s: number %q, %d recipients", document.Subject, document.Number, len(document.Recipients))
		}
		if document.Evidence.Verdict != evidence.Proved || len(document.Evidence.Witnesses) == 0 ||
			document.Evidence.StampedAt.IsZero() {
			t.Errorf("%s: the evidence is %+v", document.Subject, document.Evidence)
		}
		for _, recipient := range document.Recipients {
			checkRecipient(t, document, recipient)
		}
	}
	if first, third := facts.Documents[0].Number, facts.Documents[2].Number; first[:3] != "01/" || third[:3] != "02/" {
		t.Errorf("the commune's numbers are %s and %s", first, third)
	}
	checkEvidence(t, world)
}

func checkRecipient(t *testing.T, document documentFacts, recipient recipientFacts) {
	t.Helper()
	if !recipient.Equal || recipient.SHA256 != document.SHA256 {
		t.Errorf("%s at %s: bytes differ", document.Subject, recipient.Office)
	}
	if recipient.Verdict != string(signing.Passed) || len(recipient.Signatures) != 2 {
		t.Errorf("%s at %s: %s, %d signatures", document.Subject, recipient.Office, recipient.Verdict,
			len(recipient.Signatures))
	}
	for _, signature := range recipient.Signatures {
		if signature.Indication != signing.TotalPassed || signature.Integrity != signing.Intact || !signature.Timestamped {
			t.Errorf("%s at %s: %s is %s", document.Subject, recipient.Office, signature.Signer, signature.Indication)
		}
	}
	states := map[exchange.Status]bool{}
	for _, receipt := range recipient.Receipts {
		states[receipt.Status] = receipt.Valid && len(receipt.Sealed) > 0
	}
	if !states[exchange.Arrived] || !states[exchange.Accepted] {
		t.Errorf("%s at %s: signed receipts %v", document.Subject, recipient.Office, states)
	}
}
