package exchange_test

import (
	"fmt"
	"testing"
	"time"

	"congvan/exchange"
	"congvan/signing"
)

func TestFilesThatWereExaminedLatelyAreForgottenTheOldestFirst(t *testing.T) {
	t.Parallel()
	gateway := newWorld(t, straight).Gateways[provinceNode]
	digest := func(i int) exchange.Digest { return exchange.Digest(fmt.Sprintf("%064x", i)) }
	note := func(i int) {
		gateway.NoteExamined(digest(i), signing.Report{
			Verdict: signing.Passed, JudgedAt: noon, Bundle: &signing.Bundle{Encoded: []byte("large")},
			Signatures: []signing.Signature{{
				Signer: fmt.Sprint(i), Kind: signing.KindSignature, Indication: signing.TotalPassed, Certificate: []byte("large"),
			}},
		})
	}
	const many = 2048 // handed in at once by another system, before the first of them is sealed
	for i := range many {
		note(i)
	}
	for _, i := range []int{0, 1, many - 1} {
		report, known := gateway.Lately(digest(i))
		if !known || report.Verdict != signing.Passed || len(report.Signatures) != 1 ||
			report.Signatures[0].Signer != fmt.Sprint(i) || report.Signatures[0].Indication != signing.TotalPassed {
			t.Errorf("file %d of %d: %v, %+v", i, many, known, report)
		}
		if report.Bundle != nil || len(report.Signatures) == 1 && report.Signatures[0].Certificate != nil {
			t.Errorf("file %d: what is large was kept", i)
		}
	}
	for i := range 2 * many {
		note(many + i)
	}
	if _, known := gateway.Lately(digest(0)); known {
		t.Error("nothing is forgotten")
	}
	if _, known := gateway.Lately(digest(3*many - 1)); !known {
		t.Error("the newest is forgotten")
	}
	gateway.Now = func() time.Time { return noon.Add(61 * time.Second) }
	if _, known := gateway.Lately(digest(3*many - 1)); known {
		t.Error("it is remembered for longer than a minute")
	}
}
