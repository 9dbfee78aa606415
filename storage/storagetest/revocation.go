package storagetest

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"
)

// Cache is what package certs asks for to keep what it learns about certificates.
type Cache interface {
	Get(ctx context.Context, key string) (value []byte, ok bool)
	Put(ctx context.Context, key string, value []byte, until time.Time)
}

// RevocationCache is the suite that the cache of every engine passes. open gives a cache that goes by the clock, over
// the same records every time it is called.
func RevocationCache(t *testing.T, open func(now func() time.Time) Cache) {
	t.Helper()
	now := time.Date(2026, time.June, 15, 5, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	first := open(clock)
	holds(t, first, "ocsp:1", nil)

	first.Put(t.Context(), "ocsp:1", []byte("good"), now.Add(time.Hour))
	holds(t, first, "ocsp:1", []byte("good"))
	second := open(clock) // another instance, or the same after a restart
	holds(t, second, "ocsp:1", []byte("good"))
	first.Put(t.Context(), "ocsp:1", []byte("revoked"), now.Add(2*time.Hour))
	holds(t, first, "ocsp:1", []byte("revoked"))
	now = now.Add(11 * time.Second)
	holds(t, second, "ocsp:1", []byte("revoked"))
	holds(t, second, "crl:1", nil)
	first.Put(t.Context(), "crl:1", bytes.Repeat([]byte{0, 1}, 1<<20), now.Add(time.Hour))
	now = now.Add(11 * time.Second)
	holds(t, second, "crl:1", bytes.Repeat([]byte{0, 1}, 1<<20)) // that it was not there is not believed for ever

	first.Put(t.Context(), "imported:1", []byte("by hand"), time.Time{})
	now = now.AddDate(1, 0, 0)
	for i := range 64 { // one of them looks at the limits
		first.Put(t.Context(), fmt.Sprintf("ocsp:many:%d", i), []byte("x"), now.Add(time.Hour))
	}
	third := open(clock)
	holds(t, third, "ocsp:1", nil) // of no more use for a year
	holds(t, third, "imported:1", []byte("by hand"))
	holds(t, third, "ocsp:many:63", []byte("x"))
}

func holds(t *testing.T, cache Cache, key string, want []byte) {
	t.Helper()
	got, ok := cache.Get(t.Context(), key)
	if ok != (want != nil) || !bytes.Equal(got, want) {
		t.Errorf("%s: %d bytes, %v; want %d bytes", key, len(got), ok, len(want))
	}
}
