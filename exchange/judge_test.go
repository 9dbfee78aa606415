package exchange_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"congvan/certs"
	"congvan/exchange"
	"congvan/signing"
)

// says is an examiner that finds what it is told.
type says struct {
	report signing.Report
	err    error
}

func (s says) Examine(context.Context, io.ReaderAt, int64, time.Time) (signing.Report, error) {
	return s.report, s.err
}

func signatures(verdict signing.Verdict, list ...signing.Signature) signing.Report {
	for i := range list {
		list[i].Kind = signing.KindSignature
		if list[i].Indication == "" {
			list[i].Indication = signing.TotalPassed
		}
		if list[i].Organizations == nil {
			list[i].Organizations = []string{names[commune]}
		}
		if list[i].Realm == "" {
			list[i].Realm = string(certs.Official)
		}
		if list[i].CoveredBytes == 0 {
			list[i].CoveredBytes = int64(i+1) * 1000
		}
	}
	return signing.Report{Verdict: verdict, Signatures: list}
}

func TestAVerdictIsNeverBetterThanTheLaw(t *testing.T) {
	t.Parallel()
	leader, seal := signing.Signature{Signer: leaderName}, signing.Signature{Signer: names[commune]}
	lower := signing.Signature{Signer: "NGUYỄN VĂN AN"}
	inFull := signing.Signature{Signer: "ỦY BAN NHÂN DÂN XÃ HẢI HẬU"}
	oldSpelling := signing.Signature{Signer: "Uỷ ban nhân dân  xã Hải Hậu"}
	otherTone := signing.Signature{Signer: "UBND xã Hải Hầu"}
	other := signing.Signature{Signer: names[district]}
	failed := signing.Signature{Signer: names[commune], Indication: signing.TotalFailed}
	first := signing.Signature{Signer: names[commune], CoveredBytes: 10}
	for _, test := range []struct {
		name     string
		report   signing.Report
		verdict  string
		findings []string
	}{
		{"leader, then seal", signatures(signing.Passed, leader, seal), "passed", []string{}},
		{"in capitals", signatures(signing.Passed, lower, inFull), "passed", []string{}},
		{"the tone elsewhere", signatures(signing.Passed, leader, oldSpelling), "passed", []string{}},
		{
			"another tone", signatures(signing.Passed, leader, otherTone), "failed",
			[]string{exchange.FindingWrongOffice},
		},
		{"unsigned", signatures(signing.Unsigned), "unsigned", []string{exchange.FindingUnsigned}},
		{"leader alone", signatures(signing.Passed, leader), "indeterminate", []string{exchange.FindingNoSeal}},
		{"seal alone", signatures(signing.Passed, seal), "indeterminate", []string{exchange.FindingNoLeader}},
		{
			"sealed first", signatures(signing.Passed, first, leader), "indeterminate",
			[]string{exchange.FindingSealedFirst},
		},
		{
			"seal of another office", signatures(signing.Passed, leader, other), "failed",
			[]string{exchange.FindingWrongOffice},
		},
		{
			"somebody else alone", signatures(signing.Passed, other), "failed",
			[]string{exchange.FindingNoLeader, exchange.FindingWrongOffice},
		},
		{"broken seal", signatures(signing.Failed, leader, failed), "failed", []string{exchange.FindingNoSeal}},
		{
			"a namesake of another office",
			signatures(signing.Passed, signing.Signature{Signer: leaderName, Organizations: []string{names[province]}}, seal),
			"indeterminate",
			[]string{exchange.FindingLeaderOffice},
		},
		{
			"nobody says for whom he signs",
			signatures(signing.Passed, signing.Signature{Signer: leaderName, Organizations: []string{}}, seal),
			"indeterminate",
			[]string{exchange.FindingLeaderOffice},
		},
		{
			"of an organisation written in full",
			signatures(signing.Passed, signing.Signature{
				Signer: leaderName, Organizations: []string{"Tỉnh Nam Định", "Ủy ban nhân dân xã Hải Hậu"},
			}, seal),
			"passed",
			[]string{},
		},
		{
			"a private person's certificate",
			signatures(signing.Passed, signing.Signature{Signer: leaderName, Realm: string(certs.Public)}, seal),
			"indeterminate",
			[]string{exchange.FindingOtherRealm},
		},
		{
			"a seal that anybody can buy",
			signatures(signing.Passed, leader, signing.Signature{Signer: names[commune], Realm: string(certs.Public)}),
			"indeterminate",
			[]string{exchange.FindingOtherRealm},
		},
		{
			"side by side",
			signatures(signing.Passed, leader, signing.Signature{Signer: names[commune], CoveredBytes: 1000}),
			"indeterminate",
			[]string{exchange.FindingNoOrder},
		},
		{"not known for certain", signatures(signing.Indeterminate, leader, seal), "indeterminate", []string{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			judgement := judged(t, says{report: test.report})
			if judgement.Verdict != test.verdict {
				t.Errorf("verdict %s, want %s", judgement.Verdict, test.verdict)
			}
			if diff := cmp.Diff(test.findings, judgement.Findings()); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			report, err := judgement.Examined()
			if err != nil || len(report.Signatures) != len(test.report.Signatures) {
				t.Errorf("the report does not come back: %+v, %v", report, err)
			}
		})
	}
}

// judged is the judgement of a letter that arrived at the district, by the examiner.
func judged(t *testing.T, examiner exchange.Examiner) exchange.Judgement {
	t.Helper()
	w := newWorld(t, straight)
	w.Issue(t, communeNode, commune, district)
	w.Deliver(t)
	w.Gateways[districtNode].Examiner = examiner
	w.Judge(t, districtNode)
	return *w.Inbox(t, districtNode, district)[0].Judgement
}

func TestAFileThatCannotBeExaminedIsJudgedFailedAndNeverDropped(t *testing.T) {
	t.Parallel()
	for name, examiner := range map[string]says{
		"by its report": {report: signing.Report{Error: "pdf.truncated", Verdict: signing.Unsigned}},
		"by an error":   {err: exchange.Errorf(exchange.Internal, "pdf.truncated", "the worker died")},
	} {
		judgement := judged(t, examiner)
		report, err := judgement.Examined()
		if judgement.Verdict != "failed" || report.Error != "pdf.truncated" || err != nil {
			t.Errorf("%s: %s, %q, %v", name, judgement.Verdict, report.Error, err)
		}
	}
}

func TestWhileNobodyCanExamineTheArrivalWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	w.Issue(t, communeNode, commune, district)
	w.Deliver(t)
	gateway := w.Gateways[districtNode]
	honest := gateway.Examiner
	gateway.Examiner = says{err: exchange.Errorf(exchange.Unavailable, "examiner.busy", "no worker")}
	count, err := gateway.Judge(t.Context())
	if count != 0 || exchange.KindOf(err) != exchange.Unavailable {
		t.Errorf("judged %d, %v", count, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := gateway.Judge(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
	if arrival := w.Inbox(t, districtNode, district)[0]; arrival.Judgement != nil {
		t.Errorf("a judgement was made up: %+v", arrival.Judgement)
	}
	gateway.Examiner = honest
	if count, err := gateway.Judge(t.Context()); count != 1 || err != nil {
		t.Errorf("judged %d, %v", count, err)
	}
	if count, err := gateway.Judge(t.Context()); count != 0 || err != nil {
		t.Errorf("judged again: %d, %v", count, err)
	}
}

func TestASealOfTheWrongOfficeIsNotGreenOnRealSignatures(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	w.Gateways[communeNode].Keys = oneKey{ // a gateway that lets its office seal as another
		leader: exchange.Key{Identity: people(t).Leaders[commune]},
		seal:   exchange.Key{Identity: people(t).Seals[province], Holder: names[province]},
	}
	w.Issue(t, communeNode, commune, district)
	w.Deliver(t)
	w.Judge(t, districtNode)
	judgement := w.Inbox(t, districtNode, district)[0].Judgement
	report, err := judgement.Examined()
	if err != nil || report.Verdict != signing.Passed {
		t.Errorf("the signatures themselves are %s, %v", report.Verdict, err)
	}
	if judgement.Verdict != "failed" || !cmp.Equal(judgement.Findings(), []string{exchange.FindingWrongOffice}) {
		t.Errorf("verdict %s, findings %v", judgement.Verdict, judgement.Findings())
	}
}
