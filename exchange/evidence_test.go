package exchange_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"congvan/exchange"
	"congvan/signing"
)

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
