package evidence_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"congvan/exchange"
	"congvan/exchange/evidence"
	. "congvan/exchange/exchangetest"
	"congvan/signing"
)

func attestation() evidence.Attestation {
	return evidence.Attestation{
		Digest: exchange.Digest(strings.Repeat("0a", 32)), Verdict: signing.Failed, Modified: signing.ModifiedForbidden,
		JudgedAt: time.Date(2026, 3, 2, 1, 2, 3, 0, time.UTC),
	}
}

func notary(gateway *exchange.Gateway) *evidence.Notary { return &evidence.Notary{Gateway: gateway} }

func attest(t *testing.T, gateway *exchange.Gateway) string {
	t.Helper()
	clerk := exchange.Actor{Name: "Văn thư", Office: District, Role: exchange.Clerk}
	text, err := notary(gateway).Attest(t.Context(), clerk, attestation(), "")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAnAttestationSaysWhatWasAttested(t *testing.T) {
	t.Parallel()
	w := New(t, Straight)
	text := attest(t, w.Gateways[DistrictNode])
	if len(text) > 170 {
		t.Errorf("%d letters are too many for a code on paper", len(text))
	}
	got, err := notary(w.Gateways[DistrictNode]).OpenAttestation(text)
	if diff := cmp.Diff(attestation(), got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestNobodyElseCanMakeAnAttestation(t *testing.T) {
	t.Parallel()
	w := New(t, Straight)
	text := attest(t, w.Gateways[DistrictNode])
	if _, err := notary(w.Gateways[CommuneNode]).OpenAttestation(text); exchange.CodeOf(err) != "attestation.unknown" {
		t.Errorf("another gateway takes it for its own: %v", err)
	}
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	for at := range 43 { // of the statement; a signature may be written in two ways
		forged := append([]byte{}, data...)
		forged[at] ^= 1
		changed := base64.RawURLEncoding.EncodeToString(forged)
		if _, err := notary(w.Gateways[DistrictNode]).OpenAttestation(changed); err == nil {
			t.Errorf("byte %d can be changed", at)
		}
	}
	for _, junk := range []string{"", "x", text[:60], text + "AAAA", strings.Repeat("A", 10_000), "../../etc/passwd"} {
		if _, err := notary(w.Gateways[DistrictNode]).OpenAttestation(junk); exchange.KindOf(err) != exchange.NotFound {
			t.Errorf("%.20q: %v", junk, err)
		}
	}
}

func TestWhoMayNotVerifyGetsNoAttestation(t *testing.T) {
	t.Parallel()
	w := New(t, Straight)
	nobody := exchange.Actor{Name: "Ai đó", Office: District, Role: "guest"}
	_, err := notary(w.Gateways[DistrictNode]).Attest(t.Context(), nobody, attestation(), "")
	if exchange.KindOf(err) != exchange.Denied {
		t.Errorf("%v", err)
	}
}
