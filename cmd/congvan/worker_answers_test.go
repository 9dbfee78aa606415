package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/signing"
)

// said is a source of revocation that says the same of every certificate, and counts.
type said struct {
	mutex  sync.Mutex
	answer certs.Revocation // guarded by mutex
	asked  int              // guarded by mutex
}

func (s *said) Check(context.Context, *x509.Certificate, *x509.Certificate, time.Time) certs.Revocation {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.asked++
	return s.answer
}

// say changes the answer, and gives how often there was a question since the last change.
func (s *said) say(answer certs.Revocation) int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	asked := s.asked
	s.answer, s.asked = answer, 0
	return asked
}

// sealed gives a letter signed and sealed at B-T as at the moment.
func sealed(t *testing.T, at time.Time) ([]byte, *certs.Authority) {
	t.Helper()
	authority := certstest.NewAuthority(t, certstest.At(at))
	return sealedBy(t, authority, letter(0, 1), at), authority
}

// sealedBy signs and seals a document at B-T as at the moment.
func sealedBy(tb testing.TB, authority *certs.Authority, document []byte, at time.Time) []byte {
	tb.Helper()
	for _, identity := range []certs.Identity{
		certstest.Leader(tb, authority, certs.ECDSAP256), certstest.Seal(tb, authority, certs.ECDSAP256),
	} {
		signed, err := signing.SignPDF(tb.Context(), bytes.NewReader(document), int64(len(document)), signing.Order{
			Identity: identity, At: at, Level: signing.LevelT, Stamper: certstest.Client(tb, authority.TimestampURL()),
		})
		if err != nil {
			tb.Fatal(err)
		}
		document = append(document, signed.Tail...)
	}
	return document
}

// A worker relies on good news for a second and not longer, and never on bad or missing news.
func TestAWorkerAsksAgainAfterASecond(t *testing.T) {
	t.Parallel()
	at := certstest.Noon
	document, authority := sealed(t, at)
	source := &said{}
	pool := newWorkers(1, authority.Anchors(), source, theProgram)
	defer done(pool)
	good := certs.Revocation{Status: certs.StatusGood, ThisUpdate: at.Add(-time.Hour), NextUpdate: at.Add(time.Hour)}
	revoked := certs.Revocation{Status: certs.StatusRevoked, ThisUpdate: at, RevokedAt: at.Add(-time.Hour)}
	endless := good
	endless.NextUpdate = time.Time{}
	for _, step := range []struct {
		name   string
		after  time.Duration
		answer certs.Revocation
		want   signing.Verdict
		asks   bool
	}{
		{"nothing known", 0, certs.Revocation{}, signing.Indeterminate, true},
		{"now it is known", 0, good, signing.Passed, true},
		{"half a second later", time.Second / 2, revoked, signing.Passed, false},
		{"a second later", time.Second, revoked, signing.Indeterminate, true},
		{"the next moment", time.Second, revoked, signing.Indeterminate, true},
		{"good news without an end", time.Second, endless, signing.Passed, true},
		{"such news again", time.Second, endless, signing.Passed, true},
		{"an earlier moment", time.Second / 4, good, signing.Passed, true},
	} {
		source.say(step.answer)
		report, err := pool.Examine(t.Context(), bytes.NewReader(document), int64(len(document)), at.Add(step.after))
		if err != nil || report.Verdict != step.want {
			t.Errorf("%s: %s %v, %v", step.name, report.Verdict, report.Signatures, err)
		}
		if asked := source.say(step.answer); asked > 0 != step.asks {
			t.Errorf("%s: %d questions", step.name, asked)
		}
	}
}

// What a worker encodes is what this process would have encoded, and the other reports can be made of it.
func TestTheEvidenceOfAWorkerIsThatOfThisProcess(t *testing.T) {
	t.Parallel()
	at := certstest.Noon
	document, authority := sealed(t, at)
	pool := newWorkers(1, authority.Anchors(), nil, theProgram)
	defer done(pool)
	pool.setup.Required = false
	got, err := pool.Examine(t.Context(), bytes.NewReader(document), int64(len(document)), at)
	if err != nil {
		t.Fatal(err)
	}
	want, err := signing.Examine(t.Context(), bytes.NewReader(document), int64(len(document)), signing.Policy{
		At: at, Anchors: authority.Anchors(), Verifier: verifier(),
	})
	if err != nil || got.Verdict != signing.Passed {
		t.Fatal(got.Verdict, err)
	}
	for name, write := range map[string]func(*signing.Bundle) ([]byte, error){
		"JSON": (*signing.Bundle).Encode,
		"ETSI": func(b *signing.Bundle) ([]byte, error) {
			var text bytes.Buffer
			err := b.WriteETSI(&text)
			return text.Bytes(), err
		},
	} {
		here, errHere := write(want.Bundle)
		there, errThere := write(got.Bundle)
		if errHere != nil || errThere != nil || !bytes.Equal(here, there) {
			t.Errorf("%s: %d and %d bytes, %v, %v", name, len(here), len(there), errHere, errThere)
		}
	}
	fresh := newWorkers(1, authority.Anchors(), nil, theProgram)
	defer done(fresh)
	fresh.setup.Evidence = false
	if bare, err := fresh.Examine(t.Context(), bytes.NewReader(document), int64(len(document)), at); err != nil ||
		bare.Bundle != nil || len(bare.Signatures) != 2 {
		t.Errorf("evidence that nobody wants: %v, %v", bare.Bundle, err)
	}
}

// The pipe must not turn empty lists into nothing: the JSON of a report is a contract.
func TestTheReportOfAWorkerReadsTheSameAsJSON(t *testing.T) {
	t.Parallel()
	at := certstest.Noon
	document, authority := sealed(t, at)
	pool := newWorkers(1, authority.Anchors(), nil, theProgram)
	defer done(pool)
	pool.setup.Required = false
	for name, file := range map[string][]byte{
		"sealed": document, "unsigned": letter(0, 1), "no document": []byte("Kính gửi"), "empty": {},
		"broken": bytes.Replace(document, []byte("/Contents <30"), []byte("/Contents <31"), 1),
	} {
		there, err := pool.Examine(t.Context(), bytes.NewReader(file), int64(len(file)), at)
		if err != nil {
			t.Fatal(name, err)
		}
		policy := signing.Policy{At: at, Anchors: authority.Anchors()}
		here, err := signing.Examine(t.Context(), bytes.NewReader(file), int64(len(file)), policy)
		if err != nil {
			t.Fatal(name, err)
		}
		want, errHere := json.Marshal(here)
		got, errThere := json.Marshal(there)
		if errHere != nil || errThere != nil || !bytes.Equal(got, want) {
			t.Errorf("%s:\n%s\nis not\n%s", name, got, want)
		}
	}
}
