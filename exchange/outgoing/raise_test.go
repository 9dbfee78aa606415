package outgoing_test

import (
	"bytes"
	"testing"

	"congvan/exchange"
	. "congvan/exchange/exchangetest"
	"congvan/signing"
)

func TestALevelThatCannotBeReachedDoesNotHoldUpTheSealAndIsReachedLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gateway, evidence := w.Gateways[CommuneNode], &Gatherer{}
	gateway.Level, gateway.Evidence = signing.LevelLTA, evidence
	evidence.Down.Store(true)
	owing, issued := w.Prepare(t, CommuneNode, Commune, Draft(Province)), w.Issue(t, CommuneNode, Commune, Province)
	if owed := owing.Versions[len(owing.Versions)-1].Owed; owed != signing.LevelLTA {
		t.Fatalf("owed %q", owed)
	}
	if raised, err := Desk(gateway).Raise(t.Context()); err != nil || raised > 1 {
		t.Errorf("while nothing can be reached: %d, %v", raised, err)
	}
	evidence.Down.Store(false)
	if raised, err := Desk(gateway).Raise(t.Context()); err != nil || raised != 1 {
		t.Fatalf("raised %d, %v", raised, err)
	}
	document, err := Reader(gateway).Document(t.Context(), Clerk(Commune), owing.ID)
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
	report := Examined(t, data)
	if report.Verdict != signing.Passed || len(report.Signatures) != 3 ||
		report.Signatures[2].Kind == signing.KindSignature {
		t.Errorf("%s: %+v", report.Verdict, report.Signatures)
	}
	if raised, err := Desk(gateway).Raise(t.Context()); err != nil || raised != 0 {
		t.Errorf("again: %d, %v", raised, err)
	}
	sent, err := gateway.Send(t.Context(), Clerk(Commune), owing.ID)
	if err != nil || sent.Current() != last.File {
		t.Errorf("sent %+v, %v", sent.Current(), err)
	}
	after, err := Reader(gateway).Document(t.Context(), Clerk(Commune), issued.ID)
	if err != nil || after.Current() != issued.Current() {
		t.Errorf("what was issued was changed: %+v, %v", after.Versions, err)
	}
}

func TestWithoutATimeStampNothingIsSealedWhateverTheLevel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gateway := w.Gateways[CommuneNode]
	document, err := Desk(gateway).Submit(t.Context(), Clerk(Commune), Draft(Province), bytes.NewReader(PDF(t)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Desk(gateway).Sign(t.Context(), Leader(Commune), document.ID); err != nil {
		t.Fatal(err)
	}
	gateway.Level, gateway.Evidence, gateway.Stamper = signing.LevelLTA, &Gatherer{}, NoStamper{}
	_, err = Desk(gateway).Seal(t.Context(), Clerk(Commune), document.ID)
	Refused(t, err, exchange.Unavailable, "timestamp.unavailable")
}
