package decide_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"congvan/exchange"
	. "congvan/exchange/exchangetest"
)

func TestAReportedStatusOnlyMovesForward(t *testing.T) {
	t.Parallel()
	w := New(t, Straight)
	w.Issue(t, CommuneNode, Commune, District)
	w.Deliver(t)
	gateway, actor := w.Gateways[DistrictNode], Clerk(District)
	id := w.Inbox(t, DistrictNode, District)[0].ID

	_, err := Decider(gateway).Accept(t.Context(), actor, id)
	Refused(t, err, exchange.Unavailable, "arrival.not_judged")
	w.Judge(t, DistrictNode)
	_, err = Decider(gateway).Report(t.Context(), actor, id, exchange.InProgress)
	Refused(t, err, exchange.Conflict, "arrival.not_accepted")
	_, err = Decider(gateway).Refuse(t.Context(), actor, id, "ngắn quá")
	Refused(t, err, exchange.Invalid, "arrival.reason")
	_, err = Decider(gateway).Report(t.Context(), actor, id, exchange.Refused)
	Refused(t, err, exchange.Invalid, "arrival.status")

	first, err := Decider(gateway).Accept(t.Context(), actor, id)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Decider(gateway).Accept(t.Context(), actor, id)
	if err != nil || !cmp.Equal(first, again) {
		t.Errorf("accepting again gives %v:\n%s", err, cmp.Diff(first, again))
	}
	for _, status := range []exchange.Status{exchange.InProgress, exchange.Completed, exchange.Completed} {
		if _, err := Decider(gateway).Report(t.Context(), actor, id, status); err != nil {
			t.Errorf("report %s: %v", status, err)
		}
	}
	_, err = Decider(gateway).Report(t.Context(), actor, id, exchange.Assigned)
	Refused(t, err, exchange.Conflict, "arrival.past")
	_, err = Decider(gateway).Refuse(t.Context(), actor, id, "một lý do đủ dài để trả lại")
	Refused(t, err, exchange.Conflict, "arrival.accepted")
}
