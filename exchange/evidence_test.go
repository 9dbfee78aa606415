package exchange_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"congvan/exchange"
	"congvan/signing"
)

// An arrival's verdict can be found again from the file and the evidence that the gateway kept, and from nothing else.
func TestAVerdictIsFoundAgainFromTheEvidenceThatWasKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	w.Issue(t, communeNode, commune, district)
	w.Deliver(t)
	gateway := w.Gateways[districtNode]
	arrival := w.Inbox(t, districtNode, district)[0]
	_, err := gateway.OpenBundle(t.Context(), clerk(district), arrival.ID)
	if exchange.CodeOf(err) != "arrival.not_judged" {
		t.Errorf("before it was judged: %v", err)
	}
	w.Judge(t, districtNode)
	if _, err := gateway.OpenBundle(t.Context(), clerk(province), arrival.ID); exchange.KindOf(err) != exchange.NotFound {
		t.Errorf("another office: %v", err)
	}
	kept, err := gateway.OpenBundle(t.Context(), clerk(district), arrival.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	bundle, err := signing.DecodeBundle(io.NewSectionReader(kept, 0, kept.Size()))
	if err != nil {
		t.Fatal(err)
	}
	policy, err := bundle.Replay(bundle.Report.JudgedAt.AddDate(10, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	file, err := gateway.Blobs.Open(t.Context(), arrival.Header.Main.Digest)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	report, err := signing.Examine(t.Context(), file, file.Size(), policy)
	if err != nil {
		t.Fatal(err)
	}
	differences, err := bundle.Compare(report)
	if err != nil || len(differences) > 0 || report.Verdict != signing.Passed {
		t.Errorf("%s, %v, %v", report.Verdict, differences, err)
	}
}

func TestTheRulesOfLawAreReportedLineByLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	w.Issue(t, communeNode, commune, district)
	w.Deliver(t)
	w.Judge(t, districtNode)
	passed := []exchange.RuleCheck{}
	for _, rule := range []exchange.Rule{
		exchange.RuleLeader, exchange.RuleSeal, exchange.RuleOrder, exchange.RuleOffice, exchange.RuleRealm,
	} {
		passed = append(passed, exchange.RuleCheck{Rule: rule, Result: signing.CheckPassed})
	}
	judgement := w.Inbox(t, districtNode, district)[0].Judgement
	if diff := cmp.Diff(passed, judgement.Rules()); diff != "" {
		t.Errorf("on real signatures (-want +got):\n%s", diff)
	}
	if bytes.Contains(judgement.Report, []byte(`"Bundle"`)) {
		t.Error("the evidence is in the judgement itself")
	}
	seal := signing.Signature{Signer: names[commune], CoveredBytes: 10}
	lines := judged(t, says{report: signatures(signing.Passed, seal, signing.Signature{Signer: leaderName})}).Rules()
	passed[2] = exchange.RuleCheck{
		Rule: exchange.RuleOrder, Result: signing.CheckFailed, Reason: exchange.FindingSealedFirst,
	}
	if diff := cmp.Diff(passed, lines); diff != "" {
		t.Errorf("sealed first (-want +got):\n%s", diff)
	}
}
