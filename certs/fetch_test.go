package certs_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
)

// counted stands before an authority, counts the questions by path and can be told to fail.
type counted struct {
	mutex  sync.Mutex
	hits   map[string]int
	broken map[string]bool
	inner  http.Handler
}

func (c *counted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mutex.Lock()
	c.hits[r.URL.Path]++
	broken, inner := c.broken[r.URL.Path], c.inner
	c.mutex.Unlock()
	if broken {
		http.Error(w, "broken", http.StatusServiceUnavailable)
		return
	}
	inner.ServeHTTP(w, r)
}

func (c *counted) of(path string) int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.hits[path]
}

func (c *counted) breakAll(paths ...string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.broken = map[string]bool{}
	for _, path := range paths {
		c.broken[path] = true
	}
}

func newCounted(t *testing.T, now func() time.Time) (*certs.Authority, *counted) {
	t.Helper()
	counter := &counted{hits: map[string]int{}, inner: http.NotFoundHandler()}
	server := httptest.NewServer(counter)
	t.Cleanup(server.Close)
	authority, err := certs.NewAuthority(certs.Setting{URL: server.URL, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	counter.mutex.Lock()
	counter.inner = authority.Handler()
	counter.mutex.Unlock()
	return authority, counter
}

func TestRevocationIsAskedOnLineAndKept(t *testing.T) {
	t.Parallel()
	moment := certstest.Noon
	now := func() time.Time { return moment }
	authority, counter := newCounted(t, now)
	leader := certstest.Leader(t, authority, certs.ECDSAP256)
	fetcher := certstest.Fetcher(t, authority.Anchors(), now)
	check := func(wantStatus certs.Status, wantSource string, wantHits int) {
		t.Helper()
		known := fetcher.Check(t.Context(), leader.Certificate, authority.Issuing(), moment)
		if known.Status != wantStatus || known.Source != wantSource || counter.of("/ocsp") != wantHits {
			t.Errorf("status %d %q from %q after %d questions", known.Status, known.Reason, known.Source, counter.of("/ocsp"))
		}
	}
	check(certs.StatusGood, "online", 1)
	check(certs.StatusGood, "cache", 1)
	if err := authority.Revoke(leader.Certificate, moment, 1); err != nil {
		t.Fatal(err)
	}
	moment = moment.Add(23 * hour)
	check(certs.StatusGood, "cache", 1) // until nextUpdate nobody is asked
	moment = moment.Add(2 * hour)
	check(certs.StatusRevoked, "online", 2)
	check(certs.StatusRevoked, "cache", 2)
	moment = moment.Add(100 * day)
	check(certs.StatusRevoked, "cache", 2) // revoked is for ever
}

func TestListsAreAskedWhenOCSPFails(t *testing.T) {
	t.Parallel()
	authority, counter := newCounted(t, certstest.At(certstest.Noon))
	leader := certstest.Leader(t, authority, certs.ECDSAP256)
	counter.breakAll("/ocsp")
	fetcher := certstest.Fetcher(t, authority.Anchors(), certstest.At(certstest.Noon))
	known := fetcher.Check(t.Context(), leader.Certificate, authority.Issuing(), certstest.Noon)
	if known.Status != certs.StatusGood || known.CRL == nil || known.Source != "online" {
		t.Errorf("status %d, reason %q, source %q", known.Status, known.Reason, known.Source)
	}
	other := certstest.Seal(t, authority, certs.ECDSAP256)
	known = fetcher.Check(t.Context(), other.Certificate, authority.Issuing(), certstest.Noon)
	if known.Source != "cache" || counter.of("/ca.crl") != 1 {
		t.Errorf("the list was fetched %d times", counter.of("/ca.crl"))
	}
}

func TestWhatCannotBeLearntIsUnknown(t *testing.T) {
	t.Parallel()
	authority, counter := newCounted(t, certstest.At(certstest.Noon))
	leader := certstest.Leader(t, authority, certs.ECDSAP256)
	counter.breakAll("/ocsp", "/ca.crl")
	silent := certstest.Issue(t, authority, certs.Order{Adjust: func(c *x509.Certificate) {
		c.OCSPServer, c.CRLDistributionPoints = []string{"ldap://ca.test/"}, []string{"ftp://ca.test/a.crl"}
	}})
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		name        string
		ctx         context.Context //nolint:containedctx // a row of a table
		certificate *x509.Certificate
		issuer      *x509.Certificate
		want        string
	}{
		{"everything is down", t.Context(), leader.Certificate, authority.Issuing(), certs.RevocationOffline},
		{"given up", cancelled, leader.Certificate, authority.Issuing(), certs.RevocationOffline},
		{"nobody to ask", t.Context(), silent.Certificate, authority.Issuing(), certs.RevocationNoSource},
		{"no certificate", t.Context(), nil, authority.Issuing(), certs.RevocationWrongIssuer},
		{"no issuer", t.Context(), leader.Certificate, nil, certs.RevocationWrongIssuer},
	} {
		fetcher := certstest.Fetcher(t, authority.Anchors(), certstest.At(certstest.Noon))
		known := fetcher.Check(test.ctx, test.certificate, test.issuer, certstest.Noon)
		if known.Status != certs.StatusUnknown || known.Reason != test.want {
			t.Errorf("%s: status %d, reason %q, want %q", test.name, known.Status, known.Reason, test.want)
		}
	}
}

func TestAnswersThatAreTooLargeAreNotTaken(t *testing.T) {
	t.Parallel()
	var sent atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		block := make([]byte, 1<<20)
		for range 200 {
			n, err := w.Write(block)
			sent.Add(int64(n))
			if err != nil {
				return
			}
		}
	}))
	defer server.Close()
	root := certstest.Root(t, "CA")
	leaf := certstest.Make(t, certstest.Spec{Name: "An", Issuer: &root, Adjust: func(c *x509.Certificate) {
		c.OCSPServer, c.CRLDistributionPoints = []string{server.URL}, []string{server.URL}
		c.IssuingCertificateURL = []string{server.URL}
	}})
	fetcher := certstest.Fetcher(t, certs.Anchors{}, certstest.At(certstest.Noon))
	known := fetcher.Check(t.Context(), leaf.Certificate, root.Certificate, certstest.Noon)
	if known.Status != certs.StatusUnknown {
		t.Errorf("status %d", known.Status)
	}
	if found := fetcher.Issuers(t.Context(), leaf.Certificate, nil); len(found) > 0 {
		t.Error("found an issuer")
	}
	if sent.Load() > 100<<20 {
		t.Errorf("%d MiB were taken", sent.Load()>>20)
	}
}

func TestLyingRespondersAreNotBelieved(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for name, change := range map[string]func(*certstest.Answer){
		"stranger": func(a *certstest.Answer) { a.Signer = o.stranger },
		"stale": func(a *certstest.Answer) {
			a.ThisUpdate, a.NextUpdate = a.ThisUpdate.Add(-9*day), a.NextUpdate.Add(-9*day)
		},
		"spoilt": func(a *certstest.Answer) { a.Spoil = true },
	} {
		der := certstest.OCSP(t, o.answer(change))
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(der) }))
		defer server.Close()
		leaf := *o.leaf.Certificate
		leaf.OCSPServer, leaf.CRLDistributionPoints = []string{server.URL}, nil
		fetcher := certstest.Fetcher(t, certs.Anchors{}, certstest.At(certstest.Noon))
		known := fetcher.Check(t.Context(), &leaf, o.issuer.Certificate, certstest.Noon)
		if known.Status != certs.StatusUnknown || known.Reason == certs.RevocationOffline {
			t.Errorf("%s: status %d, reason %q", name, known.Status, known.Reason)
		}
	}
}

// gate is a cache that counts who has looked, so that all questions are under way before the answer comes.
type gate struct {
	certs.Cache
	looked sync.WaitGroup
}

func (g *gate) Get(ctx context.Context, key string) ([]byte, bool) {
	if strings.HasPrefix(key, "ocsp:") {
		defer g.looked.Done()
	}
	return g.Cache.Get(ctx, key)
}

func TestEqualQuestionsAtOneTimeAreAskedOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	der := certstest.OCSP(t, o.answer(nil))
	const askers = 50
	cache := &gate{Cache: certs.NewMemoryCache()}
	cache.looked.Add(askers)
	var hits atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
		cache.looked.Wait()
		_, _ = w.Write(der)
	}))
	defer server.Close()
	leaf := *o.leaf.Certificate
	leaf.OCSPServer = []string{server.URL}
	fetcher, err := certs.NewFetcher(certs.Fetching{
		Now: certstest.At(certstest.Noon), Cache: cache, Outbound: certs.Outbound{Allow: []string{"127.0.0.1"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range askers {
		group.Go(func() {
			known := fetcher.Check(t.Context(), &leaf, o.issuer.Certificate, certstest.Noon)
			if known.Status != certs.StatusGood {
				t.Errorf("status %d, reason %q", known.Status, known.Reason)
			}
		})
	}
	group.Wait()
	if hits.Load() > askers/10 { // one, but for those who look just when the answer comes
		t.Errorf("%d questions for %d askers", hits.Load(), askers)
	}
}

func TestImportedListsCountWithoutTheInternet(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	leaf := *o.leaf.Certificate
	leaf.CRLDistributionPoints = nil
	fetcher := certstest.Fetcher(t, certs.Anchors{}, certstest.At(certstest.Noon))
	list := func(from time.Time, revoked bool) []byte {
		list := certstest.List{Issuer: o.issuer, ThisUpdate: from, NextUpdate: from.Add(2 * day)}
		if revoked {
			list.Entries = []certstest.Entry{{Serial: leaf.SerialNumber, At: from, Reason: 1}}
		}
		return certstest.CRL(t, list)
	}
	check := func(want certs.Status, reason string) {
		t.Helper()
		known := fetcher.Check(t.Context(), &leaf, o.issuer.Certificate, certstest.Noon)
		if known.Status != want || known.Reason != reason || want != 0 && known.Source != "imported" {
			t.Errorf("status %d, reason %q, source %q", known.Status, known.Reason, known.Source)
		}
	}
	check(certs.StatusUnknown, certs.RevocationNoSource)
	for _, step := range []struct {
		list   []byte
		want   certs.Status
		reason string
	}{
		{list(certstest.Noon.Add(-9*day), false), certs.StatusUnknown, certs.RevocationStale},
		{list(certstest.Noon.Add(-day), true), certs.StatusRevoked, ""},
		{list(certstest.Noon.Add(-2*day), false), certs.StatusRevoked, ""}, // an older one does not replace it
	} {
		if _, err := fetcher.Import(t.Context(), step.list); err != nil {
			t.Fatal(err)
		}
		check(step.want, step.reason)
	}
	if _, err := fetcher.Import(t.Context(), []byte("x")); !errors.Is(err, certs.ErrUnreadable) {
		t.Errorf("%v", err)
	}
}

func TestGatherCompletesTheChainAndItsEvidence(t *testing.T) {
	t.Parallel()
	authority, _ := newCounted(t, certstest.At(certstest.Noon))
	for _, anchors := range []certs.Anchors{authority.Anchors(), {}} {
		leader := certstest.Leader(t, authority, certs.ECDSAP256)
		leader.Chain = nil
		fetcher := certstest.Fetcher(t, anchors, certstest.At(certstest.Noon))
		if anchors.Len() == 0 { // the root is not at an address of its own: somebody has to bring it
			leader.Chain = []*x509.Certificate{authority.Root()}
		}
		evidence, err := fetcher.Gather(t.Context(), leader, certstest.Noon)
		if err != nil {
			t.Fatal(err)
		}
		standing := authority.Anchors().Check(leader.Certificate, evidence.Certificates, certstest.Noon, certs.ForSigning)
		if !standing.Trusted || len(standing.Path) != 3 {
			t.Fatalf("trusted %t, reason %q", standing.Trusted, standing.Reason)
		}
		for i, certificate := range standing.Path[:2] {
			known := certs.Best(evidence, certificate, standing.Path[i+1], certs.When{At: certstest.Noon})
			if known.Status != certs.StatusGood {
				t.Errorf("%s: status %d, reason %q", certificate.Subject, known.Status, known.Reason)
			}
		}
		if len(evidence.Certificates) != 3 || len(evidence.OCSPs) != 2 || len(evidence.CRLs) != 0 {
			t.Errorf("%d certificates, %d OCSP, %d lists", len(evidence.Certificates), len(evidence.OCSPs), len(evidence.CRLs))
		}
	}
}

func TestGatherSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	authority, counter := newCounted(t, certstest.At(certstest.Noon))
	leader := certstest.Leader(t, authority, certs.ECDSAP256)
	revoked := certstest.Seal(t, authority, certs.ECDSAP256)
	if err := authority.Revoke(revoked.Certificate, certstest.Noon.Add(-hour), 1); err != nil {
		t.Fatal(err)
	}
	stranger := certstest.Root(t, "Stranger")
	alone := certstest.Make(t, certstest.Spec{Name: "An", Issuer: &stranger})
	for _, test := range []struct {
		name     string
		identity certs.Identity
		broken   []string
		says     string
	}{
		{"everything is down", leader, []string{"/ocsp", "/ca.crl", "/root.crl"}, certs.RevocationOffline},
		{"revoked", revoked, nil, "certificate.revoked"},
		{"unknown authority", alone, nil, certs.ReasonNoAnchor},
		{"no certificate", certs.Identity{}, nil, ""},
	} {
		counter.breakAll(test.broken...)
		fetcher := certstest.Fetcher(t, authority.Anchors(), certstest.At(certstest.Noon))
		_, err := fetcher.Gather(t.Context(), test.identity, certstest.Noon)
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", test.name, err)
		}
		if test.says != "" && !errors.Is(err, certs.ErrNoEvidence) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func TestGatherPrefersEvidenceOfAfterTheMoment(t *testing.T) {
	t.Parallel()
	moment := certstest.Noon
	now := func() time.Time { return moment }
	authority, counter := newCounted(t, now)
	leader := certstest.Leader(t, authority, certs.ECDSAP256)
	fetcher := certstest.Fetcher(t, authority.Anchors(), now)
	fetcher.Check(t.Context(), leader.Certificate, authority.Issuing(), moment)
	moment = moment.Add(hour) // the document is signed while the kept answer is still fresh
	evidence, err := fetcher.Gather(t.Context(), leader, moment)
	if err != nil {
		t.Fatal(err)
	}
	known := certs.Best(evidence, leader.Certificate, authority.Issuing(), certs.When{At: moment})
	if known.ThisUpdate.Before(moment) {
		t.Errorf("evidence of %s for a signature of %s", known.ThisUpdate, moment)
	}
	moment = moment.Add(hour)
	counter.breakAll("/ocsp", "/ca.crl", "/root.crl")
	if _, err := fetcher.Gather(t.Context(), leader, moment); err != nil {
		t.Errorf("the kept answer would do: %v", err)
	}
}

func TestGatherBringsEvidenceForTheResponderToo(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var ocsp, list []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(map[string][]byte{"/ocsp": ocsp, "/list": list}[r.URL.Path])
	}))
	defer server.Close()
	responder := certstest.Make(t, certstest.Spec{Name: "OCSP", Issuer: &o.issuer, Adjust: func(c *x509.Certificate) {
		certstest.ForOCSP(false)(c)
		c.CRLDistributionPoints = []string{server.URL + "/list"}
	}})
	leaf := certstest.Make(t, certstest.Spec{Name: "An", Issuer: &o.issuer, Adjust: func(c *x509.Certificate) {
		c.OCSPServer = []string{server.URL + "/ocsp"}
	}})
	ocsp = certstest.OCSP(t, certstest.Answer{
		Certificate: leaf.Certificate, Issuer: o.issuer.Certificate, Signer: responder, Attach: true,
		ThisUpdate: certstest.Noon, NextUpdate: certstest.Noon.Add(hour),
	})
	list = certstest.CRL(t, certstest.List{
		Issuer: o.issuer, ThisUpdate: certstest.Noon, NextUpdate: certstest.Noon.Add(hour),
	})
	fetcher := certstest.Fetcher(t, certstest.Trusting(o.issuer), certstest.At(certstest.Noon))
	evidence, err := fetcher.Gather(t.Context(), leaf, certstest.Noon)
	if err != nil {
		t.Fatal(err)
	}
	if len(evidence.OCSPs) != 1 || len(evidence.CRLs) != 1 || !bytes.Equal(evidence.CRLs[0], list) {
		t.Errorf("%d OCSP, %d lists", len(evidence.OCSPs), len(evidence.CRLs))
	}
	if !slices.ContainsFunc(evidence.Certificates, responder.Certificate.Equal) {
		t.Error("the responder's certificate is missing")
	}
}

func TestIssuersAreFoundAtTheirAddresses(t *testing.T) {
	t.Parallel()
	authority, counter := newCounted(t, certstest.At(certstest.Noon))
	leader := certstest.Leader(t, authority, certs.ECDSAP256)
	fetcher := certstest.Fetcher(t, authority.Anchors(), certstest.At(certstest.Noon))
	for range 3 {
		found := fetcher.Issuers(t.Context(), leader.Certificate, nil)
		want := []*x509.Certificate{authority.Issuing(), authority.Root()}
		if !slices.EqualFunc(found, want, (*x509.Certificate).Equal) {
			t.Errorf("found %d issuers", len(found))
		}
	}
	if counter.of("/ca.cer") != 1 {
		t.Errorf("asked %d times", counter.of("/ca.cer"))
	}
	if found := fetcher.Issuers(t.Context(), authority.Root(), nil); len(found) != 0 {
		t.Errorf("found %d issuers above a root", len(found))
	}
}

func TestTheCacheForgetsRatherThanGrows(t *testing.T) {
	t.Parallel()
	cache := certs.NewMemoryCache()
	block := make([]byte, 1<<20)
	for i := range 100 {
		cache.Put(t.Context(), string(rune('a'+i)), block, time.Time{})
	}
	kept := 0
	for i := range 100 {
		if _, ok := cache.Get(t.Context(), string(rune('a'+i))); ok {
			kept++
		}
	}
	if kept == 0 || kept > 64 {
		t.Errorf("%d MiB are kept", kept)
	}
	cache.Put(t.Context(), "large", make([]byte, 65<<20), time.Time{})
	if _, ok := cache.Get(t.Context(), "large"); ok {
		t.Error("kept more than there is room for")
	}
}

func TestAFetcherNeedsAClock(t *testing.T) {
	t.Parallel()
	if _, err := certs.NewFetcher(certs.Fetching{}); err == nil {
		t.Error("made a fetcher without a clock")
	}
}
