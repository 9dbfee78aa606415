package certs_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"runtime"
	"slices"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
)

const (
	hour = time.Hour
	day  = 24 * time.Hour
)

// office is an issuer with a leaf and a responder; all are valid for a year around Noon.
type office struct {
	issuer, leaf, responder, unchecked, stranger certs.Identity
}

func newOffice(tb testing.TB) office {
	tb.Helper()
	issuer := certstest.Root(tb, "CA")
	return office{
		issuer: issuer,
		leaf: certstest.Make(tb, certstest.Spec{Name: "An", Issuer: &issuer, Adjust: func(c *x509.Certificate) {
			c.CRLDistributionPoints = []string{"http://ca.test/a.crl"}
		}}),
		responder: certstest.Make(tb, certstest.Spec{Name: "OCSP", Issuer: &issuer, Adjust: certstest.ForOCSP(true)}),
		unchecked: certstest.Make(tb, certstest.Spec{Name: "OCSP", Issuer: &issuer, Adjust: certstest.ForOCSP(false)}),
		stranger:  certstest.Root(tb, "Stranger"),
	}
}

func (o office) answer(change func(*certstest.Answer)) certstest.Answer {
	answer := certstest.Answer{
		Certificate: o.leaf.Certificate, Issuer: o.issuer.Certificate, Signer: o.responder, Attach: true,
		ThisUpdate: certstest.Noon.Add(-hour), NextUpdate: certstest.Noon.Add(hour),
	}
	if change != nil {
		change(&answer)
	}
	return answer
}

func TestOCSPResponsesAreJudged(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	type answer = certstest.Answer
	expired := certstest.Make(t, certstest.Spec{
		Name: "OCSP", Issuer: &o.issuer, Adjust: certstest.ForOCSP(true), Until: certstest.Noon.Add(-2 * hour),
	})
	leader := certstest.Make(t, certstest.Spec{Name: "Bình", Issuer: &o.issuer})
	foreign := certstest.Make(t, certstest.Spec{Name: "OCSP", Issuer: &o.stranger, Adjust: certstest.ForOCSP(true)})
	alone := certstest.Make(t, certstest.Spec{Name: "OCSP", Adjust: certstest.ForOCSP(true)})
	imitated := certstest.Root(t, "CA")
	byImitator := certstest.Make(t, certstest.Spec{Name: "OCSP", Issuer: &imitated, Adjust: certstest.ForOCSP(true)})
	weak := certstest.Resign(t, o.responder, o.issuer, crypto.SHA1)
	rsaResponder := certstest.Make(t, certstest.Spec{
		Name: "OCSP", Issuer: &o.issuer, Key: certs.RSA2048, Adjust: certstest.ForOCSP(true),
	})
	for _, test := range []struct {
		name   string
		change func(*answer)
		status certs.Status
		reason string
		notes  []string
	}{
		{"good", nil, certs.StatusGood, "", nil},
		{"good, without its envelope", func(a *answer) { a.Basic = true }, certs.StatusGood, "", nil},
		{"signed by the issuer", func(a *answer) { a.Signer, a.Attach = o.issuer, false }, certs.StatusGood, "", nil},
		{"responder named by name", func(a *answer) { a.ByName = true }, certs.StatusGood, "", nil},
		{"certificate named by SHA-256", func(a *answer) { a.Hash = crypto.SHA256 }, certs.StatusGood, "", nil},
		{"RSA-PSS responder", func(a *answer) { a.Signer, a.Weak = rsaResponder, certstest.PSS }, certs.StatusGood, "", nil},
		{"RSA responder", func(a *answer) { a.Signer = rsaResponder }, certs.StatusGood, "", nil},
		{
			"responder without no-check", func(a *answer) { a.Signer = o.unchecked }, certs.StatusGood, "",
			[]string{certs.RevocationResponderNotice},
		},
		{
			"SHA-1 signature", func(a *answer) { a.Weak = crypto.SHA1 }, certs.StatusGood, "",
			[]string{certs.RevocationWeakAlgorithm},
		},
		{"responder certified with SHA-1", func(a *answer) { a.Signer = weak }, certs.StatusGood, "", nil},
		{
			"MD5 signature", func(a *answer) { a.Signer, a.Weak = rsaResponder, crypto.MD5 },
			certs.StatusUnknown, certs.RevocationBadSignature, nil,
		},
		{"revoked", func(a *answer) { a.Revoked = certstest.Noon.Add(-2 * hour) }, certs.StatusRevoked, "", nil},
		{"unknown to the responder", func(a *answer) { a.Unknown = true }, certs.StatusUnknown, certs.RevocationUnknown, nil},
		{"refused", func(a *answer) { a.Status = 6 }, certs.StatusUnknown, certs.RevocationRefused, nil},
		{
			"another serial number", func(a *answer) { a.Serial = big.NewInt(7) },
			certs.StatusUnknown, certs.RevocationNotCovered, nil,
		},
		{
			"another issuer's certificate of that number", func(a *answer) { a.Issuer = o.stranger.Certificate },
			certs.StatusUnknown, certs.RevocationNotCovered, nil,
		},
		{"spoilt", func(a *answer) { a.Spoil = true }, certs.StatusUnknown, certs.RevocationBadSignature, nil},
		{
			"signed by a stranger", func(a *answer) { a.Signer = o.stranger },
			certs.StatusUnknown, certs.RevocationUnauthorised, nil,
		},
		{
			"signed by a responder of a stranger", func(a *answer) { a.Signer = foreign },
			certs.StatusUnknown, certs.RevocationUnauthorised, nil,
		},
		{
			"signed by a responder of an issuer's namesake", func(a *answer) { a.Signer = byImitator },
			certs.StatusUnknown, certs.RevocationUnauthorised, nil,
		},
		{
			"signed by one who certifies himself", func(a *answer) { a.Signer = alone },
			certs.StatusUnknown, certs.RevocationUnauthorised, nil,
		},
		{
			"signed by the holder himself", func(a *answer) { a.Signer = o.leaf },
			certs.StatusUnknown, certs.RevocationUnauthorised, nil,
		},
		{
			"signed by a colleague", func(a *answer) { a.Signer = leader },
			certs.StatusUnknown, certs.RevocationUnauthorised, nil,
		},
		{
			"signed by the issuer's namesake", func(a *answer) { a.Signer, a.ByName = imitated, true },
			certs.StatusUnknown, certs.RevocationUnauthorised, nil,
		},
		{
			"responder's certificate not sent", func(a *answer) { a.Attach = false },
			certs.StatusUnknown, certs.RevocationWrongIssuer, nil,
		},
		{
			"responder expired when it answered", func(a *answer) { a.Signer = expired },
			certs.StatusUnknown, certs.RevocationUnauthorised, nil,
		},
		{
			"unknown critical extension", func(a *answer) { a.Critical = true },
			certs.StatusUnknown, certs.RevocationExtension, nil,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			der := certstest.OCSP(t, o.answer(test.change))
			when := certs.When{At: certstest.Noon}
			known := certs.CheckOCSP(der, o.leaf.Certificate, o.issuer.Certificate, when)
			if known.Status != test.status || known.Reason != test.reason {
				t.Errorf("status %d, reason %q; want %d, %q", known.Status, known.Reason, test.status, test.reason)
			}
			if test.status != certs.StatusUnknown && !slices.Equal(known.Notes, test.notes) {
				t.Errorf("notes %v, want %v", known.Notes, test.notes)
			}
			if test.status != certs.StatusUnknown {
				again := certs.CheckOCSP(known.OCSP, o.leaf.Certificate, o.issuer.Certificate, when)
				if again.Status != known.Status {
					t.Errorf("the bytes it rests on say %d %q", again.Status, again.Reason)
				}
			}
		})
	}
}

// TestTrickeryWithTimesFails is the table of times: old answers, answers from the future, answers about the forgotten.
func TestTrickeryWithTimesFails(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	noon := certstest.Noon
	ends := o.leaf.Certificate.NotAfter
	type times struct{ this, next, produced, cutoff, revoked time.Time }
	for _, test := range []struct {
		name     string
		evidence times
		reason   int
		when     certs.When
		status   certs.Status
		want     string
	}{
		{"fresh", times{this: noon.Add(-hour), next: noon.Add(hour)}, 0, certs.When{At: noon}, certs.StatusGood, ""},
		{"the last moment", times{this: noon.Add(-hour), next: noon}, 0, certs.When{At: noon}, certs.StatusGood, ""},
		{
			"stale",
			times{this: noon.Add(-2 * day), next: noon.Add(-day)},
			0,
			certs.When{At: noon},
			certs.StatusUnknown, certs.RevocationStale,
		},
		{
			"stale by a second",
			times{this: noon.Add(-2 * day), next: noon.Add(-time.Second)},
			0,
			certs.When{At: noon},
			certs.StatusUnknown, certs.RevocationStale,
		},
		{"no end, young", times{this: noon.Add(-23 * hour)}, 0, certs.When{At: noon}, certs.StatusGood, ""},
		{
			"no end, old",
			times{this: noon.Add(-25 * hour)},
			0,
			certs.When{At: noon},
			certs.StatusUnknown, certs.RevocationStale,
		},
		{
			"from the future",
			times{this: noon.Add(hour), next: noon.Add(day)},
			0,
			certs.When{At: noon},
			certs.StatusUnknown, certs.RevocationFromFuture,
		},
		{
			"a clock that is a little fast",
			times{this: noon.Add(4 * time.Minute), next: noon.Add(day)},
			0,
			certs.When{At: noon},
			certs.StatusGood, "",
		},
		{
			"made in the future",
			times{this: noon.Add(-hour), next: noon.Add(hour), produced: noon.Add(hour)},
			0,
			certs.When{At: noon},
			certs.StatusUnknown, certs.RevocationFromFuture,
		},
		{
			"later than the use, judged later",
			times{this: noon.Add(day), next: noon.Add(2 * day)},
			0,
			certs.When{At: noon, Now: noon.Add(30 * day)},
			certs.StatusGood, "",
		},
		{
			"later than the use, stale today: it still tells of the use",
			times{this: noon.Add(day), next: noon.Add(2 * day)},
			0,
			certs.When{At: noon, Now: noon.Add(300 * day)},
			certs.StatusGood, "",
		},
		{
			"older than the use, stale at the use",
			times{this: noon.Add(-9 * day), next: noon.Add(-8 * day)},
			0,
			certs.When{At: noon, Now: noon.Add(day)},
			certs.StatusUnknown, certs.RevocationStale,
		},
		{
			"later than judging",
			times{this: noon.Add(2 * day), next: noon.Add(3 * day)},
			0,
			certs.When{At: noon, Now: noon.Add(day)},
			certs.StatusUnknown, certs.RevocationFromFuture,
		},
		{
			"after the certificate ended",
			times{this: ends.Add(hour), next: ends.Add(day)},
			0,
			certs.When{At: noon, Now: ends.Add(2 * hour)},
			certs.StatusUnknown, certs.RevocationAfterExpiry,
		},
		{
			"after the end, with an archive",
			times{this: ends.Add(hour), next: ends.Add(day), cutoff: ends.Add(-day)},
			0,
			certs.When{At: noon, Now: ends.Add(2 * hour)},
			certs.StatusGood, "",
		},
		{
			"after the end, with too short an archive",
			times{this: ends.Add(hour), next: ends.Add(day), cutoff: ends.Add(time.Minute)},
			0,
			certs.When{At: noon, Now: ends.Add(2 * hour)},
			certs.StatusUnknown, certs.RevocationAfterExpiry,
		},
		{
			"revoked before",
			times{this: noon.Add(-hour), next: noon.Add(hour), revoked: noon.Add(-day)},
			1,
			certs.When{At: noon},
			certs.StatusRevoked, "",
		},
		{
			"revoked, in a stale answer",
			times{this: noon.Add(-9 * day), next: noon.Add(-8 * day), revoked: noon.Add(-10 * day)},
			1,
			certs.When{At: noon},
			certs.StatusRevoked, "",
		},
		{
			"suspended, in a stale answer",
			times{this: noon.Add(-9 * day), next: noon.Add(-8 * day), revoked: noon.Add(-10 * day)},
			6,
			certs.When{At: noon},
			certs.StatusUnknown, certs.RevocationStale,
		},
		{
			"suspended",
			times{this: noon.Add(-hour), next: noon.Add(hour), revoked: noon.Add(-day)},
			6,
			certs.When{At: noon},
			certs.StatusRevoked, "",
		},
		{
			"revoked, in an answer from the future",
			times{this: noon.Add(day), next: noon.Add(2 * day), revoked: noon.Add(-day)},
			1,
			certs.When{At: noon},
			certs.StatusUnknown, certs.RevocationFromFuture,
		},
		{
			"revoked, in an answer after the end",
			times{this: ends.Add(hour), next: ends.Add(day), revoked: noon.Add(day)},
			1,
			certs.When{At: noon, Now: ends.Add(2 * hour)},
			certs.StatusRevoked, "",
		},
		{
			"before the issuer began",
			times{this: noon.AddDate(-1, -1, 0), next: noon.Add(day)},
			0,
			certs.When{At: noon},
			certs.StatusUnknown, certs.RevocationOutsideIssuer,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ocsp := certs.CheckOCSP(certstest.OCSP(t, o.answer(func(a *certstest.Answer) {
				a.Signer, a.Attach = o.longLived(t), false
				a.ThisUpdate, a.NextUpdate, a.ProducedAt = test.evidence.this, test.evidence.next, test.evidence.produced
				a.Revoked, a.Reason, a.ArchiveCutoff = test.evidence.revoked, test.reason, test.evidence.cutoff
			})), o.leaf.Certificate, o.longLived(t).Certificate, test.when)
			if ocsp.Status != test.status || ocsp.Reason != test.want {
				t.Errorf("OCSP: status %d, reason %q; want %d, %q", ocsp.Status, ocsp.Reason, test.status, test.want)
			}
			if !test.evidence.produced.IsZero() {
				return
			}
			list := certstest.List{
				Issuer: o.longLived(t), ThisUpdate: test.evidence.this, NextUpdate: test.evidence.next,
			}
			if !test.evidence.revoked.IsZero() {
				list.Entries = []certstest.Entry{{
					Serial: o.leaf.Certificate.SerialNumber, At: test.evidence.revoked, Reason: test.reason,
				}}
			}
			if !test.evidence.cutoff.IsZero() {
				list.Extensions = []pkix.Extension{expiredSince(t, test.evidence.cutoff)}
			}
			crl := certs.CheckCRL(certstest.CRL(t, list), o.leaf.Certificate, o.longLived(t).Certificate, test.when)
			if crl.Status != test.status || crl.Reason != test.want {
				t.Errorf("list: status %d, reason %q; want %d, %q", crl.Status, crl.Reason, test.status, test.want)
			}
			if test.status == certs.StatusRevoked && !crl.RevokedAt.Equal(test.evidence.revoked) {
				t.Errorf("revoked at %s, want %s", crl.RevokedAt, test.evidence.revoked)
			}
		})
	}
}

// longLived is the issuer's key under a certificate that does not end with the leaf's.
func (o office) longLived(tb testing.TB) certs.Identity {
	tb.Helper()
	return certstest.Make(tb, certstest.Spec{
		Name: "CA", Like: &o.issuer, CA: true, Until: certstest.Noon.AddDate(9, 0, 0),
	})
}

func expiredSince(t *testing.T, since time.Time) pkix.Extension {
	t.Helper()
	value, err := asn1.MarshalWithParams(since, "generalized")
	if err != nil {
		t.Fatal(err)
	}
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 60}, Value: value}
}

func TestRevocationListsAreJudged(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	serial := o.leaf.Certificate.SerialNumber
	noLists := certstest.Make(t, certstest.Spec{
		Name: "CA", Like: &o.issuer, CA: true, Usage: x509.KeyUsageCertSign,
	})
	imitated := certstest.Root(t, "CA")
	entry := func(number *big.Int, extensions ...pkix.Extension) []certstest.Entry {
		return []certstest.Entry{{Serial: number, At: certstest.Noon.Add(-2 * hour), Reason: 1, Extensions: extensions}}
	}
	type list = certstest.List
	for _, test := range []struct {
		name   string
		issuer certs.Identity
		change func(*list)
		status certs.Status
		reason string
	}{
		{"not listed", o.issuer, nil, certs.StatusGood, ""},
		{"listed", o.issuer, func(l *list) { l.Entries = entry(serial) }, certs.StatusRevoked, ""},
		{"another is listed", o.issuer, func(l *list) { l.Entries = entry(big.NewInt(7)) }, certs.StatusGood, ""},
		{"listed without a reason", o.issuer, func(l *list) {
			l.Entries = []certstest.Entry{{Serial: serial, At: certstest.Noon.Add(-hour), Reason: -1}}
		}, certs.StatusRevoked, ""},
		{"SHA-1", o.issuer, func(l *list) { l.Weak = crypto.SHA1 }, certs.StatusGood, ""},
		{"spoilt", o.issuer, func(l *list) { l.Spoil = true }, certs.StatusUnknown, certs.RevocationBadSignature},
		{
			"another issuer's", o.issuer, func(l *list) { l.Issuer = o.stranger },
			certs.StatusUnknown, certs.RevocationWrongIssuer,
		},
		{"a stranger's under the issuer's name", o.issuer, func(l *list) {
			l.Issuer, l.Name = o.stranger, o.issuer.Certificate.RawSubject
		}, certs.StatusUnknown, certs.RevocationBadSignature},
		{
			"a namesake's", o.issuer, func(l *list) { l.Issuer = imitated },
			certs.StatusUnknown, certs.RevocationBadSignature,
		},
		{"issuer may not sign lists", noLists, nil, certs.StatusUnknown, certs.RevocationWrongIssuer},
		{
			"delta", o.issuer, func(l *list) { l.Extensions = []pkix.Extension{certstest.Delta()} },
			certs.StatusUnknown, certs.RevocationDelta,
		},
		{"indirect", o.issuer, point(4, ""), certs.StatusUnknown, certs.RevocationIndirect},
		{"attribute certificates only", o.issuer, point(5, ""), certs.StatusUnknown, certs.RevocationNotCovered},
		{"some reasons only", o.issuer, point(3, ""), certs.StatusUnknown, certs.RevocationNotCovered},
		{"authorities only", o.issuer, point(2, ""), certs.StatusUnknown, certs.RevocationNotCovered},
		{"users only", o.issuer, point(1, ""), certs.StatusGood, ""},
		{"the certificate's distribution point", o.issuer, point(0, "http://ca.test/a.crl"), certs.StatusGood, ""},
		{
			"another distribution point", o.issuer, point(0, "http://ca.test/b.crl"),
			certs.StatusUnknown, certs.RevocationNotCovered,
		},
		{"unknown critical extension", o.issuer, func(l *list) {
			l.Extensions = []pkix.Extension{certstest.Unknown()}
		}, certs.StatusUnknown, certs.RevocationExtension},
		{"unknown critical extension of an entry", o.issuer, func(l *list) {
			l.Entries = entry(big.NewInt(7), certstest.Unknown())
		}, certs.StatusUnknown, certs.RevocationExtension},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			list := certstest.List{
				Issuer: o.issuer, ThisUpdate: certstest.Noon.Add(-hour), NextUpdate: certstest.Noon.Add(hour),
			}
			if test.change != nil {
				test.change(&list)
			}
			when := certs.When{At: certstest.Noon}
			known := certs.CheckCRL(certstest.CRL(t, list), o.leaf.Certificate, test.issuer.Certificate, when)
			if known.Status != test.status || known.Reason != test.reason {
				t.Errorf("status %d, reason %q; want %d, %q", known.Status, known.Reason, test.status, test.reason)
			}
			if weak := slices.Contains(known.Notes, certs.RevocationWeakAlgorithm); weak != (list.Weak != 0) {
				t.Errorf("notes %v", known.Notes)
			}
		})
	}
}

func point(flag int, url string) func(*certstest.List) {
	return func(l *certstest.List) { l.Extensions = []pkix.Extension{certstest.IssuingPoint(flag, url)} }
}

func TestAListForUsersDoesNotCoverAuthorities(t *testing.T) {
	t.Parallel()
	root := certstest.Root(t, "Root")
	issuing := certstest.Make(t, certstest.Spec{Name: "CA", Issuer: &root, CA: true})
	for flag, want := range map[int]certs.Status{1: certs.StatusUnknown, 2: certs.StatusGood} {
		der := certstest.CRL(t, certstest.List{
			Issuer: root, ThisUpdate: certstest.Noon.Add(-hour), NextUpdate: certstest.Noon.Add(hour),
			Extensions: []pkix.Extension{certstest.IssuingPoint(flag, "")},
		})
		known := certs.CheckCRL(der, issuing.Certificate, root.Certificate, certs.When{At: certstest.Noon})
		if known.Status != want {
			t.Errorf("flag %d: status %d %q", flag, known.Status, known.Reason)
		}
	}
}

func TestDamagedEvidenceIsUnreadable(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ocsp := certstest.OCSP(t, o.answer(nil))
	crl := certstest.CRL(t, certstest.List{Issuer: o.issuer, ThisUpdate: certstest.Noon, NextUpdate: certstest.Noon})
	when := certs.When{At: certstest.Noon}
	for name, der := range map[string][]byte{
		"empty": nil, "cut": ocsp[:len(ocsp)-1], "longer": append(slices.Clone(ocsp), 0), "text": []byte("Xin chào"),
		"too large": make([]byte, certs.MaxOCSP+1),
	} {
		if known := certs.CheckOCSP(der, o.leaf.Certificate, o.issuer.Certificate, when); known.Status != 0 ||
			known.Reason != certs.RevocationUnreadable {
			t.Errorf("OCSP %s: status %d, reason %q", name, known.Status, known.Reason)
		}
	}
	for name, der := range map[string][]byte{
		"empty": nil, "cut": crl[:len(crl)-1], "longer": append(slices.Clone(crl), 0), "text": []byte("Xin chào"),
	} {
		if known := certs.CheckCRL(der, o.leaf.Certificate, o.issuer.Certificate, when); known.Status != 0 ||
			known.Reason != certs.RevocationUnreadable {
			t.Errorf("list %s: status %d, reason %q", name, known.Status, known.Reason)
		}
	}
	for _, known := range []certs.Revocation{
		certs.CheckOCSP(ocsp, nil, o.issuer.Certificate, when), certs.CheckOCSP(ocsp, o.leaf.Certificate, nil, when),
		certs.CheckCRL(crl, nil, o.issuer.Certificate, when), certs.CheckCRL(crl, o.leaf.Certificate, nil, when),
	} {
		if known.Status != certs.StatusUnknown || known.Reason != certs.RevocationWrongIssuer {
			t.Errorf("without a certificate: status %d, reason %q", known.Status, known.Reason)
		}
	}
}

func TestAMillionEntriesCostLittle(t *testing.T) { //nolint:paralleltest // it measures memory
	o := newOffice(t)
	const entries = 1_000_000
	der := certstest.CRL(t, certstest.List{
		Issuer: o.issuer, ThisUpdate: certstest.Noon.Add(-hour), NextUpdate: certstest.Noon.Add(hour), Filler: entries,
		Entries: []certstest.Entry{{Serial: o.leaf.Certificate.SerialNumber, At: certstest.Noon.Add(-2 * hour), Reason: 1}},
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begun := time.Now()
	known := certs.CheckCRL(der, o.leaf.Certificate, o.issuer.Certificate, certs.When{At: certstest.Noon})
	took := time.Since(begun)
	runtime.ReadMemStats(&after)
	if known.Status != certs.StatusRevoked {
		t.Fatalf("status %d, reason %q", known.Status, known.Reason)
	}
	allocated := after.TotalAlloc - before.TotalAlloc
	t.Logf("%d entries, %d MiB: %s, %d KiB allocated", entries, len(der)>>20, took, allocated>>10)
	if allocated > 4<<20 {
		t.Errorf("%d bytes were allocated", allocated)
	}
	if took > slack*2*time.Second {
		t.Errorf("took %s", took)
	}
}

func TestBestTakesWhatSaysMost(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	noon := certstest.Noon
	ocsp := func(this time.Time, revoked time.Time, reason int) []byte {
		return certstest.OCSP(t, o.answer(func(a *certstest.Answer) {
			a.ThisUpdate, a.NextUpdate, a.Revoked, a.Reason = this, this.Add(2*day), revoked, reason
		}))
	}
	stale := certstest.OCSP(t, o.answer(func(a *certstest.Answer) {
		a.ThisUpdate, a.NextUpdate = noon.Add(-3*day), noon.Add(-2*day)
	}))
	list := certstest.CRL(t, certstest.List{
		Issuer: o.issuer, ThisUpdate: noon.Add(-3 * hour), NextUpdate: noon.Add(day),
		Entries: []certstest.Entry{{Serial: o.leaf.Certificate.SerialNumber, At: noon.Add(-day), Reason: 1}},
	})
	emptyList := certstest.CRL(t, certstest.List{
		Issuer: o.issuer, ThisUpdate: noon.Add(-3 * hour), NextUpdate: noon.Add(day),
	})
	good := ocsp(noon.Add(-hour), time.Time{}, 0)
	newer := ocsp(noon.Add(-time.Minute), time.Time{}, 0)
	suspended := ocsp(noon.Add(-5*hour), noon.Add(-6*hour), 6)
	stranger := certstest.OCSP(t, o.answer(func(a *certstest.Answer) { a.Signer = o.stranger }))
	anchors := certstest.Trusting(o.stranger)
	for _, test := range []struct {
		name   string
		heap   certs.Evidence
		status certs.Status
		reason string
		rests  []byte
	}{
		{"nothing", certs.Evidence{}, certs.StatusUnknown, certs.RevocationMissing, nil},
		{"the newer good one", certs.Evidence{OCSPs: [][]byte{good, newer}}, certs.StatusGood, "", newer},
		{"in any order", certs.Evidence{OCSPs: [][]byte{newer, good}}, certs.StatusGood, "", newer},
		{"a stale one beside a good one", certs.Evidence{OCSPs: [][]byte{stale, good}}, certs.StatusGood, "", good},
		{"a stale one alone", certs.Evidence{OCSPs: [][]byte{stale}}, certs.StatusUnknown, certs.RevocationStale, stale},
		{
			"a stale one says more than a forged one",
			certs.Evidence{OCSPs: [][]byte{stranger, stale}},
			certs.StatusUnknown, certs.RevocationStale, stale,
		},
		{
			"an older revocation beats a newer good one",
			certs.Evidence{OCSPs: [][]byte{newer}, CRLs: [][]byte{list}},
			certs.StatusRevoked, "", list,
		},
		{"a suspension that has ended", certs.Evidence{OCSPs: [][]byte{suspended, newer}}, certs.StatusGood, "", newer},
		{"a suspension that has not", certs.Evidence{OCSPs: [][]byte{suspended}}, certs.StatusRevoked, "", suspended},
		{"list alone", certs.Evidence{CRLs: [][]byte{emptyList}}, certs.StatusGood, "", emptyList},
		{
			"damaged ones do no harm",
			certs.Evidence{OCSPs: [][]byte{nil, {1}, good}, CRLs: [][]byte{nil, {1}}},
			certs.StatusGood, "", good,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			known := certs.Best(test.heap, o.leaf.Certificate, o.issuer.Certificate, certs.When{At: noon})
			for range 2 { // the second time from memory
				again := anchors.Best(test.heap, o.leaf.Certificate, o.issuer.Certificate, certs.When{At: noon})
				if again.Status != known.Status || again.Reason != known.Reason {
					t.Errorf("with memory: status %d, reason %q", again.Status, again.Reason)
				}
			}
			if known.Status != test.status || known.Reason != test.reason {
				t.Errorf("status %d, reason %q; want %d, %q", known.Status, known.Reason, test.status, test.reason)
			}
			if rests := append(slices.Clone(known.OCSP), known.CRL...); !slices.Equal(rests, test.rests) {
				t.Errorf("rests on %d bytes, want %d", len(rests), len(test.rests))
			}
		})
	}
}

func TestBestFindsTheResponderAmongTheCertificates(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	der := certstest.OCSP(t, o.answer(func(a *certstest.Answer) { a.Attach = false }))
	heap := certs.Evidence{
		OCSPs:        [][]byte{der},
		Certificates: []*x509.Certificate{nil, o.stranger.Certificate, o.responder.Certificate},
	}
	known := certs.Best(heap, o.leaf.Certificate, o.issuer.Certificate, certs.When{At: certstest.Noon})
	if known.Status != certs.StatusGood || !known.Responder.Equal(o.responder.Certificate) {
		t.Errorf("status %d, reason %q, responder %v", known.Status, known.Reason, known.Responder)
	}
}

func TestRevokedLaterWasGoodThen(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	noon := certstest.Noon
	der := certstest.OCSP(t, o.answer(func(a *certstest.Answer) {
		a.ThisUpdate, a.NextUpdate, a.Revoked = noon.Add(2*day), noon.Add(3*day), noon.Add(day)
	}))
	when := certs.When{At: noon, Now: noon.Add(2*day + hour)}
	known := certs.CheckOCSP(der, o.leaf.Certificate, o.issuer.Certificate, when)
	if known.Status != certs.StatusRevoked || !known.RevokedAt.Equal(noon.Add(day)) {
		t.Fatalf("status %d at %s", known.Status, known.RevokedAt)
	}
	for at, want := range map[time.Time]certs.Status{
		noon: certs.StatusGood, noon.Add(day): certs.StatusRevoked, noon.Add(2 * day): certs.StatusRevoked,
	} {
		if got := known.StatusAt(at); got != want {
			t.Errorf("at %s: %d, want %d", at, got, want)
		}
	}
	if (certs.Revocation{}).StatusAt(noon) != certs.StatusUnknown {
		t.Error("nothing known was taken for something")
	}
}

func TestMemoryDoesNotMixSignaturesUp(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	anchors := certstest.Trusting(o.issuer)
	good := certstest.OCSP(t, o.answer(nil))
	spoilt := slices.Clone(good)
	spoilt[bytes.LastIndex(spoilt, o.responder.Certificate.Raw)-20] ^= 1 // in the signature value before it
	for _, der := range [][]byte{good, spoilt, good, spoilt} {
		heap := certs.Evidence{OCSPs: [][]byte{der}}
		known := anchors.Best(heap, o.leaf.Certificate, o.issuer.Certificate, certs.When{At: certstest.Noon})
		if isGood := known.Status == certs.StatusGood; isGood != bytes.Equal(der, good) {
			t.Errorf("status %d, reason %q", known.Status, known.Reason)
		}
	}
}

func BenchmarkBestWarm(b *testing.B) {
	o := newOffice(b)
	heap := certs.Evidence{OCSPs: [][]byte{certstest.OCSP(b, o.answer(nil))}}
	anchors := certstest.Trusting(o.issuer)
	when := certs.When{At: certstest.Noon}
	b.ReportAllocs()
	for b.Loop() {
		if anchors.Best(heap, o.leaf.Certificate, o.issuer.Certificate, when).Status != certs.StatusGood {
			b.Fatal("unknown")
		}
	}
}

func BenchmarkCheckOCSP(b *testing.B) {
	o := newOffice(b)
	der := certstest.OCSP(b, o.answer(nil))
	b.ReportAllocs()
	for b.Loop() {
		if certs.CheckOCSP(der, o.leaf.Certificate, o.issuer.Certificate, certs.When{At: certstest.Noon}).Status == 0 {
			b.Fatal("unknown")
		}
	}
}

func TestAHeapOfForgedEvidenceCostsLittle(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	heap := certs.Evidence{}
	for range 8 {
		namesake := certstest.Make(t, certstest.Spec{Name: "OCSP", Issuer: &o.stranger, Adjust: certstest.ForOCSP(true)})
		heap.Certificates = append(heap.Certificates, namesake.Certificate)
	}
	forged := certstest.OCSP(t, o.answer(func(a *certstest.Answer) { a.Attach, a.ByName, a.Spoil = false, true, true }))
	for range 20_000 {
		heap.OCSPs = append(heap.OCSPs, forged)
	}
	begun := time.Now()
	known := certs.Best(heap, o.leaf.Certificate, o.issuer.Certificate, certs.When{At: certstest.Noon})
	if took := time.Since(begun); took > slack*2*time.Second {
		t.Errorf("took %s", took)
	}
	if known.Status != certs.StatusUnknown || known.Reason != certs.RevocationBadSignature {
		t.Errorf("status %d, reason %q", known.Status, known.Reason)
	}
}
