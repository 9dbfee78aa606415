package certs_test

import (
	"context"
	"crypto"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
)

// offline is a fetcher that asks nobody.
func offline(t *testing.T, cache certs.Cache, anchors certs.Anchors, now time.Time) *certs.Fetcher {
	t.Helper()
	fetcher, err := certs.NewFetcher(certs.Fetching{
		Now: certstest.At(now), Cache: cache, Offline: true, Anchors: anchors,
	})
	if err != nil {
		t.Fatal(err)
	}
	return fetcher
}

func TestAnImportedAnswerCountsWithoutTheInternet(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA256} {
		answer := certstest.OCSP(t, certstest.Answer{
			Certificate: o.leaf.Certificate, Issuer: o.issuer.Certificate, Signer: o.issuer, Hash: hash,
			ThisUpdate: certstest.Noon.Add(-time.Hour), NextUpdate: certstest.Noon.Add(time.Hour),
			Revoked: certstest.Noon.Add(-day),
		})
		importedAnswer(t, o, answer)
	}
}

func importedAnswer(t *testing.T, o office, answer []byte) {
	t.Helper()
	fetcher := offline(t, nil, certs.Anchors{}, certstest.Noon)
	found, err := fetcher.Import(t.Context(), answer)
	if err != nil || found.Kind != "ocsp" || found.Answers != 1 || found.Stale {
		t.Errorf("%+v, %v", found, err)
	}
	known := fetcher.Check(t.Context(), o.leaf.Certificate, o.issuer.Certificate, certstest.Noon)
	if known.Status != certs.StatusRevoked || known.Source != "imported" {
		t.Errorf("status %d from %q, %s", known.Status, known.Source, known.Reason)
	}
}

func TestAnImportedListThatIsStaleIsUnknownNeverGood(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	list := certstest.CRL(t, certstest.List{
		Issuer: o.issuer, ThisUpdate: certstest.Noon.Add(-3 * day), NextUpdate: certstest.Noon.Add(-day),
	})
	fetcher := offline(t, nil, certs.Anchors{}, certstest.Noon)
	found, err := fetcher.Import(t.Context(), pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: list}))
	if err != nil || found.Kind != "crl" || !found.Stale {
		t.Errorf("%+v, %v", found, err)
	}
	known := fetcher.Check(t.Context(), o.leaf.Certificate, o.issuer.Certificate, certstest.Noon)
	if known.Status != certs.StatusUnknown || known.Reason != certs.RevocationStale {
		t.Errorf("status %d, %s", known.Status, known.Reason)
	}
}

func TestWhatIsImportedIsLookedAtFirst(t *testing.T) {
	t.Parallel()
	root, thief := certstest.Root(t, "CA"), certstest.Root(t, "CA")
	anchors := certstest.Trusting(root)
	list := func(issuer certs.Identity, at time.Time) []byte {
		return certstest.CRL(t, certstest.List{Issuer: issuer, ThisUpdate: at, NextUpdate: at.Add(day)})
	}
	for name, each := range map[string]struct {
		cache certs.Cache
		data  []byte
		want  error
	}{
		"good":            {nil, list(root, certstest.Noon), nil},
		"forged":          {nil, list(thief, certstest.Noon), certs.ErrForged},
		"from the future": {nil, list(root, certstest.Noon.Add(time.Hour)), certs.ErrFromFuture},
		"not kept":        {forgetful{}, list(root, certstest.Noon), certs.ErrNotKept},
		"nothing":         {nil, nil, certs.ErrNotRevocation},
		"a certificate":   {nil, root.Certificate.Raw, certs.ErrNotRevocation},
	} {
		found, err := offline(t, each.cache, anchors, certstest.Noon).Import(t.Context(), each.data)
		if !errors.Is(err, each.want) || err == nil && !found.Verified {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
}

// forgetful is a cache on a full disk.
type forgetful struct{}

func (forgetful) Get(context.Context, string) ([]byte, bool)     { return nil, false }
func (forgetful) Put(context.Context, string, []byte, time.Time) {}

func TestOfflineNobodyIsAsked(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer server.Close()
	leaf := *newOffice(t).leaf.Certificate
	leaf.CRLDistributionPoints, leaf.OCSPServer = []string{server.URL}, []string{server.URL}
	fetcher, err := certs.NewFetcher(certs.Fetching{
		Now: certstest.At(certstest.Noon), Offline: true, Outbound: certs.Outbound{Allow: []string{"127.0.0.1"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	known := fetcher.Check(t.Context(), &leaf, newOffice(t).issuer.Certificate, certstest.Noon)
	if known.Status != certs.StatusUnknown || known.Reason != certs.RevocationOffline || asked.Load() != 0 {
		t.Errorf("status %d, %s, asked %d times", known.Status, known.Reason, asked.Load())
	}
}
