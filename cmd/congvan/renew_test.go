package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/signing"
)

func TestADocumentIsRenewedWhenItIsDueAndNotBefore(t *testing.T) {
	t.Parallel()
	moment := time.Date(2026, 6, 15, 5, 0, 0, 0, time.UTC)
	clock := func() time.Time { return moment }
	old := certstest.NewAuthority(t, clock)
	dir := t.TempDir()
	letter, renewed := filepath.Join(dir, "letter.pdf"), filepath.Join(dir, "renewed.pdf")
	if err := writePaper(letter, 0); err != nil {
		t.Fatal(err)
	}
	stamper, err := certs.NewTSA(certs.Timestamping{URLs: []string{old.TimestampURL()}, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	err = addSignatures(t.Context(), letter, 1, signing.Order{
		Identity: certstest.Leader(t, old, certs.ECDSAP256), Level: signing.LevelLTA, Stamper: stamper, At: moment,
		Evidence: certstest.Fetcher(t, old.Anchors(), clock),
	})
	if err != nil {
		t.Fatal(err)
	}
	renew := func(args ...string) outcome {
		var out, complaint bytes.Buffer
		p := program{
			in: strings.NewReader(""), out: &out, err: &complaint, now: clock, getenv: func(string) string { return "" },
			ourselves: theProgram,
		}
		code := run(t.Context(), p, append([]string{"--lang=en", "renew", "--allow=127.0.0.1"}, args...))
		return outcome{code, out.String(), complaint.String()}
	}
	if got := renew(letter, renewed); got.code != exitDone || !strings.Contains(got.out, "not due") {
		t.Errorf("on the day: %+v", got)
	}
	moment = time.Date(2036, 3, 1, 5, 0, 0, 0, time.UTC)
	if got := renew(letter); got.code != exitDue || !strings.Contains(got.out, "2036-06-1") {
		t.Errorf("due, and no place for the result: %+v", got)
	}
	if got := renew(letter, renewed); got.code != exitFailed || !strings.Contains(got.err, "timestamp.no_authority") {
		t.Errorf("no authority: %+v", got)
	}
	if _, err := os.Stat(renewed); err == nil {
		t.Error("a refusal wrote a file")
	}
	next := certstest.NewAuthority(t, clock)
	anchors := t.TempDir()
	for name, authority := range map[string]*certs.Authority{"old.pem": old, "next.pem": next} {
		if err := os.WriteFile(filepath.Join(anchors, name), certs.EncodePEM(authority.Root()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := renew("--tsa", next.TimestampURL(), "--anchors", anchors, letter, renewed); got.code != exitDone {
		t.Fatalf("%+v", got)
	}
	before, _ := os.ReadFile(letter)
	after, _ := os.ReadFile(renewed)
	if !bytes.HasPrefix(after, before) || len(after) == len(before) {
		t.Errorf("%d bytes became %d", len(before), len(after))
	}
	if got := renew(renewed); got.code != exitDone || !strings.Contains(got.out, "2046-") {
		t.Errorf("after it was renewed: %+v", got)
	}
}
