// Package certstest answers: what would a lying, broken or slow authority say?
//
// It makes certificates, OCSP responses, revocation lists and time stamps that are wrong in exactly one way, and serves
// them over loopback by the real protocols. It is for tests only and does not know what is right: that is asked of
// package certs, against a [certs.Authority] that tells the truth.
package certstest

import (
	"crypto"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"congvan/certs"
)

// Noon is a moment for tests that need no other: noon of a Monday in Hanoi.
var Noon = time.Date(2026, time.June, 15, 5, 0, 0, 0, time.UTC)

// At gives a clock that stands still.
func At(moment time.Time) func() time.Time {
	return func() time.Time { return moment }
}

// rsaKeys are made once for a test binary: they are slow to make, and which one it is does not matter.
var rsaKeys = map[certs.KeyKind]func() (crypto.Signer, error){
	certs.RSA2048: sync.OnceValues(func() (crypto.Signer, error) { return certs.GenerateKey(certs.RSA2048) }),
	certs.RSA3072: sync.OnceValues(func() (crypto.Signer, error) { return certs.GenerateKey(certs.RSA3072) }),
	certs.RSA4096: sync.OnceValues(func() (crypto.Signer, error) { return certs.GenerateKey(certs.RSA4096) }),
}

// Key gives a key of the kind. RSA keys are shared by all who ask for the same kind; others are new.
func Key(tb testing.TB, kind certs.KeyKind) crypto.Signer {
	tb.Helper()
	make := func() (crypto.Signer, error) { return certs.GenerateKey(kind) }
	if shared, ok := rsaKeys[kind]; ok {
		make = shared
	}
	key, err := make()
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

// NewAuthority gives an authority that tells the truth, served on loopback until the test ends.
func NewAuthority(tb testing.TB, now func() time.Time) *certs.Authority {
	tb.Helper()
	handler := &late{}
	server := httptest.NewServer(handler)
	tb.Cleanup(server.Close)
	authority, err := certs.NewAuthority(certs.Setting{Name: "CA thử", URL: server.URL, Now: now})
	if err != nil {
		tb.Fatal(err)
	}
	handler.set(authority.Handler())
	return authority
}

// late is a handler that is known only after its address.
type late struct {
	mutex sync.Mutex
	// handler is guarded by mutex.
	handler http.Handler
}

func (l *late) set(handler http.Handler) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.handler = handler
}

func (l *late) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mutex.Lock()
	handler := l.handler
	l.mutex.Unlock()
	handler.ServeHTTP(w, r)
}

// Issue gives a certificate of the authority with a shared or new key, or ends the test.
func Issue(tb testing.TB, authority *certs.Authority, order certs.Order) certs.Identity {
	tb.Helper()
	if order.Signer == nil {
		order.Signer = Key(tb, order.Key)
	}
	identity, err := authority.Issue(order)
	if err != nil {
		tb.Fatal(err)
	}
	return identity
}

// Leader gives the key of Nguyễn Văn An, chairman of a commune, or ends the test.
func Leader(tb testing.TB, authority *certs.Authority, kind certs.KeyKind) certs.Identity {
	tb.Helper()
	return named(tb, authority, "Nguyễn Văn An", kind)
}

// Seal gives the key of the commune's seal, or ends the test.
func Seal(tb testing.TB, authority *certs.Authority, kind certs.KeyKind) certs.Identity {
	tb.Helper()
	return named(tb, authority, "UBND xã Hải Hậu", kind)
}

func named(tb testing.TB, authority *certs.Authority, name string, kind certs.KeyKind) certs.Identity {
	tb.Helper()
	order := certs.Order{Key: kind, Use: certs.UseSigning}
	order.Subject.Country = []string{"VN"}
	order.Subject.Organization = []string{"UBND xã Hải Hậu"}
	order.Subject.CommonName = name
	return Issue(tb, authority, order)
}

// Client gives a client for the authority's time stamps, or ends the test.
func Client(tb testing.TB, urls ...string) *certs.TSA {
	tb.Helper()
	client, err := certs.NewTSA(certs.Timestamping{URLs: urls, Outbound: certs.Outbound{Timeout: time.Minute}})
	if err != nil {
		tb.Fatal(err)
	}
	return client
}

// Fetcher gives a fetcher that may ask on loopback, or ends the test.
func Fetcher(tb testing.TB, anchors certs.Anchors, now func() time.Time) *certs.Fetcher {
	tb.Helper()
	fetcher, err := certs.NewFetcher(certs.Fetching{
		Now: now, Anchors: anchors, Outbound: certs.Outbound{Allow: []string{"127.0.0.1"}, Timeout: time.Minute},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return fetcher
}
