package reading_test

import (
	"slices"
	"testing"
	"time"

	"congvan/exchange"
	. "congvan/exchange/exchangetest"
)

// Of two documents the second comes first, a quarter of an hour after it was issued.
func TestAnArrivalLacksItsPredecessorUntilThatHasCome(t *testing.T) {
	t.Parallel()
	w := New(t, Straight)
	first := w.Issue(t, CommuneNode, Commune, District)
	wanted := Draft(District)
	wanted.Replaces = []exchange.DocumentID{first.ID}
	second := w.Write(t, CommuneNode, Commune, wanted)
	w.Now = func() time.Time { return Noon.Add(15 * time.Minute) }
	desk, clerk := Reader(w.Gateways[DistrictNode]), Clerk(District)
	lacking := func() []exchange.DocumentID {
		t.Helper()
		arrivals := w.Inbox(t, DistrictNode, District)
		found, err := desk.Lacking(t.Context(), clerk, arrivals...)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(arrivals, func(a exchange.Arrival) bool { return a.Document == second.ID })
		of, err := desk.LackingOf(t.Context(), clerk, second.ID)
		if err != nil || !slices.Equal(of, found[arrivals[i].ID]) || len(found) > 1 {
			t.Errorf("by its document it lacks %v, in the list %v; %v", of, found, err)
		}
		return of
	}
	w.Bring(t, CommuneNode, DistrictNode, District, second.ID)
	if missing := lacking(); !slices.Equal(missing, []exchange.DocumentID{first.ID}) {
		t.Errorf("it lacks %v, want %s", missing, first.ID)
	}
	_, err := desk.LackingOf(t.Context(), Clerk(Province), second.ID)
	Refused(t, err, exchange.NotFound, "arrival.not_found")
	w.Deliver(t)
	if missing := lacking(); len(missing) > 0 {
		t.Errorf("when all has come it lacks %v", missing)
	}
}
