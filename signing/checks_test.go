package signing_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"slices"
	"testing"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/certs/cms"
	"congvan/signing"
)

// keepChecks holds what is true of the six checks of every signature in every test.
func keepChecks(tb testing.TB, report signing.Report, policy signing.Policy) {
	tb.Helper()
	for _, s := range report.Signatures {
		if len(s.Checks) != len(signing.Criteria()) {
			tb.Errorf("%d checks of %s", len(s.Checks), s.Field)
			return
		}
		for i, check := range s.Checks {
			passed := check.Result == signing.CheckPassed
			lenient := check.Criterion == signing.CheckStatus && check.Result == signing.CheckUnknown &&
				!policy.RequireRevocation
			switch {
			case check.Criterion != signing.Criteria()[i]:
				tb.Errorf("check %d of %s is %s", i, s.Field, check.Criterion)
			case passed != (check.Reason == ""):
				tb.Errorf("%s is %s for %q", check.Criterion, check.Result, check.Reason)
			case s.Indication == signing.TotalPassed && !passed && !lenient:
				tb.Errorf("%s passes although %s is %s: %s", s.Field, check.Criterion, check.Result, check.Reason)
			}
		}
		if s.Integrity == signing.Broken && !slices.ContainsFunc(s.Checks, func(c signing.Check) bool {
			return c.Result == signing.CheckFailed
		}) {
			tb.Errorf("%s is broken and no check failed: %v", s.Field, s.Checks)
		}
	}
}

func TestEachOfTheSixChecksFindsItsOwnFault(t *testing.T) {
	t.Parallel()
	v := newVictim(t, signing.LevelB)
	revoked := certstest.Leader(t, v.authority, certs.ECDSAP256)
	archived, _ := sign(t, blank(1), v.order(v.leader, signing.LevelLTA)) // proves that what comes later came later
	afterRevoked, _ := sign(t, archived, v.order(revoked, signing.LevelB))
	beforeRevoked, _ := sign(t, blank(1), v.order(revoked, signing.LevelB))
	if err := v.authority.Revoke(revoked.Certificate, v.at.AddDate(0, 0, -1), 1); err != nil {
		t.Fatal(err)
	}
	expired := certstest.Issue(t, v.authority, certs.Order{From: v.at.AddDate(-2, 0, 0), Until: v.at.AddDate(-1, 0, 0)})
	machine := certstest.Issue(t, v.authority, certs.Order{Use: certs.UseNode, Hosts: []string{"127.0.0.1"}})
	content := []byte("Công văn")
	root := certstest.Root(t, "CA cũ")
	weak := certstest.Make(t, certstest.Spec{Name: "Nguyễn Văn An", Issuer: &root, Adjust: withSHA1})
	forged := map[string][]byte{}
	for _, attack := range impostors() {
		forged[attack.name] = attack.make(v)
	}
	type lines map[signing.Criterion]signing.Check
	found := func(result signing.Result, reason string) signing.Check {
		return signing.Check{Result: result, Reason: reason}
	}
	const failed, unknown = signing.CheckFailed, signing.CheckUnknown
	for name, tc := range map[string]struct {
		file    []byte
		policy  func(*signing.Policy)
		checks  lines // those that do not pass, of the last signature
		verdict signing.Verdict
	}{
		"genuine": {file: v.twice, verdict: signing.Passed},
		"off-line": {file: v.twice, policy: func(p *signing.Policy) { p.Revocation = nil }, checks: lines{
			signing.CheckStatus: found(unknown, "revocation.missing"),
		}, verdict: signing.Indeterminate},
		"content changed": {file: replaced(t, v.once, "1.000.000", "9.000.000"), checks: lines{
			signing.CheckDigest: found(failed, "integrity.content_changed"),
		}, verdict: signing.Failed},
		"another key": {file: forged["with the leader's certificate and another key"], checks: lines{
			signing.CheckSigner: found(failed, "integrity.value_wrong"),
		}, verdict: signing.Failed},
		"strangers": {file: v.once, policy: func(p *signing.Policy) { p.Anchors = certs.Anchors{} }, checks: lines{
			signing.CheckSigner: found(unknown, certs.ReasonNoAnchor),
			signing.CheckStatus: found(unknown, certs.ReasonNoAnchor),
		}, verdict: signing.Indeterminate},
		"revoked, and signed later": {file: afterRevoked, checks: lines{
			signing.CheckStatus: found(failed, "revocation.revoked"),
		}, verdict: signing.Failed},
		"revoked, signed nobody knows when": {file: beforeRevoked, checks: lines{
			signing.CheckStatus: found(unknown, "revocation.revoked"),
		}, verdict: signing.Indeterminate},
		"expired, signed nobody knows when": {
			file: sealedBy(t, expired, content), checks: lines{
				signing.CheckValidity: found(unknown, certs.ReasonExpired),
				signing.CheckStatus:   found(unknown, "revocation.after_expiry"),
			}, verdict: signing.Indeterminate,
		},
		"a machine's certificate": {file: sealedBy(t, machine, content), checks: lines{
			signing.CheckPurpose: found(failed, certs.ReasonWrongUsage),
		}, verdict: signing.Indeterminate},
		"SHA-1 long after its day": {file: sealedBy(t, weak, content), policy: func(p *signing.Policy) {
			p.Anchors, p.RequireRevocation, p.Revocation = certstest.Trusting(root), false, nil
		}, checks: lines{
			signing.CheckAlgorithms: found(failed, "weak_algorithm"),
			signing.CheckStatus:     found(unknown, "revocation.missing"),
		}, verdict: signing.Indeterminate},
		"signed file missing": {file: detachedBy(t, v, content), checks: lines{
			signing.CheckDigest: found(unknown, "integrity.content_missing"),
			signing.CheckSigner: found(unknown, "integrity.content_missing"),
		}, verdict: signing.Indeterminate},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			policy := v.policy()
			policy.Revocation, policy.RequireRevocation = v.evidence, true
			if tc.policy != nil {
				tc.policy(&policy)
			}
			report := examine(t, tc.file, policy)
			last := report.Signatures[len(report.Signatures)-1]
			if report.Verdict != tc.verdict {
				t.Errorf("wanted %s: %s", tc.verdict, summary(report))
			}
			for _, check := range last.Checks {
				want := tc.checks[check.Criterion]
				want.Criterion = check.Criterion
				if want.Result == "" {
					want.Result = signing.CheckPassed
				}
				if check != want {
					t.Errorf("%+v, want %+v (%v)", check, want, last.Reasons)
				}
			}
		})
	}
}

// sealedBy is a CMS signature that encloses its content.
func sealedBy(tb testing.TB, identity certs.Identity, content []byte) []byte {
	tb.Helper()
	object, err := cms.Sign(identity.Signer, cms.Draft{
		Scheme: cms.Scheme{Algorithm: cms.ECDSA, Hash: crypto.SHA256}, Certificate: identity.Certificate,
		Chain: identity.Chain, Content: content,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return object
}

func detachedBy(tb testing.TB, v victim, content []byte) []byte {
	tb.Helper()
	made, err := signing.SignDetached(tb.Context(), bytes.NewReader(content), v.order(v.leader, signing.LevelB))
	if err != nil {
		tb.Fatal(err)
	}
	return made.Bytes
}

// withSHA1 has a certificate issued with a hash that nobody should use any more.
func withSHA1(template *x509.Certificate) { template.SignatureAlgorithm = x509.ECDSAWithSHA1 }

// A certificate of 2010 with SHA-1 may have signed when that was allowed; the check does not say that it did not.
func TestAnAlgorithmThatWasAllowedOnceIsNotFailedWithoutProof(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	root := certstest.Root(t, "CA 2009")
	old := certstest.Make(t, certstest.Spec{Name: "Nguyễn Văn An", Issuer: &root, Adjust: func(c *x509.Certificate) {
		withSHA1(c)
		c.NotBefore = w.at.AddDate(-16, 0, 0)
	}})
	report := examine(t, sealedBy(t, old, []byte("x")), signing.Policy{At: w.at, Anchors: certstest.Trusting(root)})
	got := report.Signatures[0].Checks[2]
	want := signing.Check{Criterion: signing.CheckAlgorithms, Result: signing.CheckUnknown, Reason: "weak_algorithm"}
	if got != want {
		t.Errorf("%+v, want %+v: %s", got, want, summary(report))
	}
}
