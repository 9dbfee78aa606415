package web

import (
	"strconv"
	"testing"
	"time"

	"congvan/exchange"
)

func TestThePublicPageIsAskedOnlySoOftenInAMinute(t *testing.T) {
	t.Parallel()
	var gate turnstile
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	ask := func(at time.Time, address string) error { return gate.pass(at, "read ", address, [2]int{3, 5}) }
	for range 3 {
		if err := ask(now, "10.0.0.1"); err != nil {
			t.Fatal(err)
		}
	}
	if err := ask(now.Add(30*time.Second), "10.0.0.1"); exchange.KindOf(err) != exchange.Unavailable {
		t.Errorf("a fourth time within the minute: %v", err)
	}
	if err := gate.pass(now, "file ", "10.0.0.1", [2]int{3, 5}); err != nil {
		t.Errorf("what is counted apart: %v", err)
	}
	for i := range 10 {
		err := ask(now, "10.0.1."+strconv.Itoa(i))
		if (err == nil) != (i < 2) {
			t.Errorf("stranger %d: %v", i, err)
		}
	}
	if len(gate.asked) > 12 {
		t.Errorf("%d addresses are remembered", len(gate.asked))
	}
	if err := ask(now.Add(time.Minute), "10.0.0.1"); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}
