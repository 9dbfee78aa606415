package signing_test

import (
	"bytes"
	"sync/atomic"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/signing"
)

// era is a world whose clock is set from one decade to another; every generation has its own authority.
type era struct {
	clock   atomic.Int64
	anchors certs.Anchors
}

func (e *era) now() time.Time { return time.Unix(e.clock.Load(), 0).In(hanoi) }

func (e *era) set(year int, month time.Month) {
	e.clock.Store(time.Date(year, month, 15, 5, 0, 0, 0, time.UTC).Unix())
}

func (e *era) authority(t *testing.T) *certs.Authority {
	t.Helper()
	authority := certstest.NewAuthority(t, e.now)
	e.anchors = e.anchors.With(authority.Anchors())
	return authority
}

// raising is an order at the moment of the clock, with the time stamps of an authority.
func (e *era) raising(t *testing.T, authority *certs.Authority) signing.Raising {
	t.Helper()
	stamper, err := certs.NewTSA(certs.Timestamping{URLs: []string{authority.TimestampURL()}, Now: e.now})
	if err != nil {
		t.Fatal(err)
	}
	return signing.Raising{
		Level: signing.LevelLTA, Stamper: stamper, Evidence: certstest.Fetcher(t, e.anchors, e.now), At: e.now(),
	}
}

// verdict is what our examiner says at the moment of the clock, knowing every anchor there ever was.
func (e *era) verdict(t *testing.T, document []byte) signing.Verdict {
	t.Helper()
	report := e.report(t, document)
	for _, s := range report.Signatures {
		t.Logf("%s: %s %s %s %s %v", e.now().Format(time.DateOnly), s.Field, s.Level, s.Indication, s.SubIndication,
			s.Reasons)
	}
	return report.Verdict
}

func TestThreeGenerationsOfArchiveTimeStampsProveTwentyYears(t *testing.T) {
	t.Parallel()
	const lead = 180 * 24 * time.Hour
	e := &era{}
	e.set(2026, time.June)
	first := e.authority(t)
	from := e.raising(t, first)
	document, signed := sign(t, blank(1), signing.Order{
		Identity: certstest.Leader(t, first, certs.ECDSAP256), Level: signing.LevelLTA, Stamper: from.Stamper,
		Evidence: from.Evidence, At: e.now(),
	})
	if signed.Level != signing.LevelLTA {
		t.Fatalf("level %s: %v", signed.Level, signed.Owed)
	}
	holds := func(document []byte, want signing.Verdict) {
		t.Helper()
		if got := e.verdict(t, document); got != want {
			t.Errorf("%s: %s instead of %s", e.now().Format(time.DateOnly), got, want)
		}
	}
	holds(document, signing.Passed)
	for _, generation := range []struct {
		early, due int
		month      time.Month
		lost       int
	}{{2030, 2036, time.March, 2037}, {2040, 2046, time.January, 2047}} {
		e.set(generation.early, time.January)
		holds(document, signing.Passed)
		next := e.authority(t) // long before it is needed
		if early := e.renew(t, document, next, lead); len(early.Tail) != 0 {
			t.Errorf("%d: renewed years before it was due", generation.early)
		}
		e.set(generation.due, generation.month)
		if fading := fades(t, document); !fading.Due(e.now(), lead) || fading.Due(e.now(), 0) ||
			fading.Reason != certs.ReasonExpired {
			t.Errorf("%d: %+v", generation.due, fading)
		}
		next = e.authority(t)
		renewed := e.renew(t, document, next, lead)
		if renewed.Level != signing.LevelLTA || len(renewed.Tail) == 0 {
			t.Fatalf("%d: level %s, %d bytes: %v", generation.due, renewed.Level, len(renewed.Tail), renewed.Owed)
		}
		older := document
		document = whole(t, document, renewed)
		holds(document, signing.Passed)
		e.set(generation.lost, time.June)
		holds(document, signing.Passed)
		holds(older, signing.Indeterminate) // nobody renewed this one
	}
	if fields := len(e.report(t, document).Signatures); fields != 4 {
		t.Errorf("%d signatures and time stamps", fields)
	}
}

func (e *era) renew(t *testing.T, document []byte, by *certs.Authority, lead time.Duration) signing.Signed {
	t.Helper()
	renewed, err := signing.Renew(t.Context(), bytes.NewReader(document), int64(len(document)), e.raising(t, by), lead)
	if err != nil {
		t.Fatal(err)
	}
	return renewed
}

func fades(t *testing.T, document []byte) signing.Fading {
	t.Helper()
	fading, err := signing.ArchiveFades(bytes.NewReader(document), int64(len(document)))
	if err != nil {
		t.Fatal(err)
	}
	return fading
}

func (e *era) report(t *testing.T, document []byte) signing.Report {
	t.Helper()
	report, err := signing.Examine(t.Context(), bytes.NewReader(document), int64(len(document)),
		signing.Policy{
			At: e.now(), Anchors: e.anchors, RequireRevocation: true,
			Revocation: certstest.Fetcher(t, e.anchors, e.now),
		})
	if err != nil {
		t.Fatal(err)
	}
	return report
}
