package signing_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/signing"
)

// stored is the bundle of a report after it was written down and read again.
func stored(tb testing.TB, report signing.Report) signing.Bundle {
	tb.Helper()
	data, err := report.Bundle.Encode()
	if err != nil {
		tb.Fatal(err)
	}
	bundle, err := signing.DecodeBundle(bytes.NewReader(data))
	if err != nil {
		tb.Fatal(err)
	}
	return bundle
}

// again judges a file by a bundle alone, twenty years later, and tells the differences.
func again(tb testing.TB, file []byte, bundle signing.Bundle) []signing.Difference {
	tb.Helper()
	policy, err := bundle.Replay(bundle.Report.JudgedAt.AddDate(20, 0, 0))
	if err != nil {
		tb.Fatal(err)
	}
	differences, err := bundle.Compare(examine(tb, file, policy))
	if err != nil {
		tb.Fatal(err)
	}
	return differences
}

func TestAFileIsJudgedAgainFromItsBundleAlone(t *testing.T) {
	t.Parallel()
	v := newVictim(t, signing.LevelB)
	revoked := certstest.Leader(t, v.authority, certs.ECDSAP256)
	withdrawn, _ := sign(t, blank(1), v.order(revoked, signing.LevelT))
	if err := v.authority.Revoke(revoked.Certificate, v.at.AddDate(0, 0, -1), 1); err != nil {
		t.Fatal(err)
	}
	archived, _ := sign(t, v.twice, v.order(v.seal, signing.LevelLTA))
	content := []byte("Công văn")
	files := map[string][]byte{
		"good": v.twice, "archived": archived, "revoked": withdrawn, "unsigned": blank(1), "no PDF": []byte("Kính gửi"),
		"forged": replaced(t, v.once, "1.000.000", "9.000.000"), "detached": detachedBy(t, v, content),
		"truncated": v.once[:len(v.once)/2],
	}
	for _, attack := range slices.Concat(incremental(), impostors()) {
		files["forged: "+attack.name] = attack.make(v)
	}
	for name, file := range files {
		for _, online := range []bool{true, false} {
			policy := v.policy()
			policy.RequireRevocation, policy.Verifier = true, "congvan test"
			if online {
				policy.Revocation = v.evidence
			}
			if name == "detached" {
				policy.Content = bytes.NewReader(content)
			}
			report := examine(t, file, policy)
			bundle := stored(t, report)
			if diff := cmp.Diff(*report.Bundle, bundle); diff != "" {
				t.Errorf("%s: the bundle does not come back: %s", name, diff)
			}
			if differences := again(t, file, bundle); len(differences) > 0 {
				t.Errorf("%s, online %v: %v", name, online, differences)
			}
			if name == "good" && online && (report.Verdict != signing.Passed || len(bundle.Statuses) == 0 ||
				len(bundle.Anchors) != 1 || len(bundle.Signatures[0].Revocation) == 0) {
				t.Errorf("a good file rests on %+v: %s", bundle.Signatures, summary(report))
			}
		}
	}
}

func TestAnotherFileOrOtherEvidenceIsSaidToDiffer(t *testing.T) {
	t.Parallel()
	v := newVictim(t, signing.LevelB)
	policy := v.policy()
	policy.Revocation, policy.RequireRevocation = v.evidence, true
	report := examine(t, v.twice, policy)
	paths := func(differences []signing.Difference) string {
		var all []string
		for _, d := range differences {
			all = append(all, d.Path)
		}
		return strings.Join(all, " ")
	}
	for name, tc := range map[string]struct {
		file   []byte
		change func(*signing.Bundle)
		path   string
	}{
		"another file": {file: v.once, change: func(*signing.Bundle) {}, path: "sha256"},
		"no anchors":   {file: v.twice, change: func(b *signing.Bundle) { b.Anchors = nil }, path: "verdict"},
		"no evidence":  {file: v.twice, change: func(b *signing.Bundle) { b.Statuses = nil }, path: "verdict"},
		"other rules":  {file: v.twice, change: func(b *signing.Bundle) { b.Policy = "urn:other" }, path: "policy"},
		"an embellished line": {file: v.twice, change: func(b *signing.Bundle) {
			b.Report.Signatures[0].Level = "B-LTA"
		}, path: "signatures.0.level"},
		"evidence of another": {file: v.twice, change: func(b *signing.Bundle) {
			b.Statuses[0].Evidence = b.Statuses[len(b.Statuses)-1].Evidence
		}, path: "verdict"},
		"good without evidence": {file: v.twice, change: func(b *signing.Bundle) {
			b.Statuses[0].Evidence = ""
		}, path: "verdict"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bundle := stored(t, report)
			tc.change(&bundle)
			if differences := again(t, tc.file, bundle); !slices.Contains(strings.Fields(paths(differences)), tc.path) {
				t.Errorf("wanted %s: %v", tc.path, differences)
			}
		})
	}
}

// Evidence from after the moment of judging again is not believed, whatever the bundle says.
func TestEvidenceFromTheFutureIsNotBelieved(t *testing.T) {
	t.Parallel()
	v := newVictim(t, signing.LevelB)
	policy := v.policy()
	policy.Revocation, policy.RequireRevocation = v.evidence, true
	bundle := stored(t, examine(t, v.once, policy))
	earlier, err := bundle.Replay(v.at.Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if report := examine(t, v.once, earlier); report.Verdict == signing.Passed {
		t.Errorf("passed: %s", summary(report))
	}
}

func TestADamagedBundleIsRefused(t *testing.T) {
	t.Parallel()
	v := newVictim(t, signing.LevelB)
	whole, err := examine(t, v.twice, v.policy()).Bundle.Encode()
	if err != nil {
		t.Fatal(err)
	}
	changed := func(change func(map[string]any)) []byte {
		var tree map[string]any
		if err := json.Unmarshal(whole, &tree); err != nil {
			t.Fatal(err)
		}
		change(tree)
		data, err := json.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	first := func(tree map[string]any) map[string]any { return tree["objects"].([]any)[0].(map[string]any) }
	for name, tc := range map[string]struct {
		data []byte
		want error
	}{
		"nothing":         {nil, signing.ErrBundleUnreadable},
		"cut off":         {whole[:len(whole)-1], signing.ErrBundleUnreadable},
		"something else":  {[]byte(`{"v":1}`), signing.ErrBundleUnreadable},
		"another object":  {changed(func(t map[string]any) { first(t)["der"] = "AAAA" }), signing.ErrBundleUnreadable},
		"a missing one":   {changed(func(t map[string]any) { t["objects"] = []any{} }), signing.ErrBundleUnreadable},
		"later version":   {changed(func(t map[string]any) { t["v"] = 2 }), signing.ErrBundleVersion},
		"unknown content": {changed(func(t map[string]any) { t["more"] = 2 }), signing.ErrBundleUnreadable},
		"too large":       {append(bytes.Repeat([]byte(" "), signing.MaxBundle), whole...), signing.ErrBundleTooLarge},
	} {
		if _, err := signing.DecodeBundle(bytes.NewReader(tc.data)); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
}

func FuzzBundle(f *testing.F) {
	v := newVictim(f, signing.LevelB)
	data, err := examine(f, v.twice, v.policy()).Bundle.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"v":1,"report":{"judged_at":"2026-06-15T05:00:00Z"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		bundle, err := signing.DecodeBundle(bytes.NewReader(data))
		if err != nil {
			return
		}
		_, _ = bundle.Replay(bundle.Report.JudgedAt) // must not panic; certificates may be unreadable
		once, err := bundle.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := signing.DecodeBundle(bytes.NewReader(once))
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := back.Encode(); err != nil || !bytes.Equal(once, twice) {
			t.Errorf("not the same when written twice: %v", err)
		}
	})
}
