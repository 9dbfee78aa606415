package outgoing_test

import (
	"bytes"
	"testing"

	"congvan/exchange"
	"congvan/signing"
)

func TestALevelThatCannotBeReachedDoesNotHoldUpTheSealAndIsReachedLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gateway, evidence := w.Gateways[communeNode], &gatherer{}
	gateway.Level, gateway.Evidence = signing.LevelLTA, evidence
	evidence.Down.Store(true)
	owing, issued := w.Prepare(t, communeNode, commune, draft(province)), w.Issue(t, communeNode, commune, province)
	if owed := owing.Versions[len(owing.Versions)-1].Owed; owed != signing.LevelLTA {
		t.Fatalf("owed %q", owed)
	}
	if raised, err := desk(gateway).Raise(t.Context()); err != nil || raised > 1 {
		t.Errorf("while nothing can be reached: %d, %v", raised, err)
	}
	evidence.Down.Store(false)
	if raised, err := desk(gateway).Raise(t.Context()); err != nil || raised != 1 {
		t.Fatalf("raised %d, %v", raised, err)
	}
	document, err := gateway.Document(t.Context(), clerk(commune), owing.ID)
	if err != nil {
		t.Fatal(err)
	}
	last := document.Versions[len(document.Versions)-1]
	if last.Step != exchange.StepRaised || last.Owed != "" || document.Step() != exchange.StepSealed {
		t.Errorf("last version %+v, step %s", last, document.Step())
	}
	data := w.bytes(t, last.File.Digest)
	if !bytes.HasPrefix(data, w.bytes(t, owing.Current().Digest)) {
		t.Error("the sealed file is not its beginning")
	}
	report := examined(t, data)
	if report.Verdict != signing.Passed || len(report.Signatures) != 3 ||
		report.Signatures[2].Kind == signing.KindSignature {
		t.Errorf("%s: %+v", report.Verdict, report.Signatures)
	}
	if raised, err := desk(gateway).Raise(t.Context()); err != nil || raised != 0 {
		t.Errorf("again: %d, %v", raised, err)
	}
	sent, err := gateway.Send(t.Context(), clerk(commune), owing.ID)
	if err != nil || sent.Current() != last.File {
		t.Errorf("sent %+v, %v", sent.Current(), err)
	}
	after, err := gateway.Document(t.Context(), clerk(commune), issued.ID)
	if err != nil || after.Current() != issued.Current() {
		t.Errorf("what was issued was changed: %+v, %v", after.Versions, err)
	}
}

func TestWithoutATimeStampNothingIsSealedWhateverTheLevel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gateway := w.Gateways[communeNode]
	document, err := desk(gateway).Submit(t.Context(), clerk(commune), draft(province), bytes.NewReader(pdf(t)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := desk(gateway).Sign(t.Context(), leader(commune), document.ID); err != nil {
		t.Fatal(err)
	}
	gateway.Level, gateway.Evidence, gateway.Stamper = signing.LevelLTA, &gatherer{}, noStamper{}
	_, err = desk(gateway).Seal(t.Context(), clerk(commune), document.ID)
	refused(t, err, exchange.Unavailable, "timestamp.unavailable")
}
