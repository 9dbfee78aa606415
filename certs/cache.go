package certs

import (
	"context"
	"sync"
	"time"
)

// Cache keeps what was fetched: OCSP responses, revocation lists, issuers' certificates. What comes out of it is judged
// like anything foreign, so that a cache can make answers faster or older but never wrong. A persistent one is given by
// package storage.
type Cache interface {
	// Get gives what was put under the key; ok is false when nothing is kept.
	Get(ctx context.Context, key string) (value []byte, ok bool)
	// Put keeps the value, at least as long as it likes and at most until it likes: until, when the value is of no more
	// use, is a hint. Zero means that it is always of use.
	Put(ctx context.Context, key string, value []byte, until time.Time)
}

// maxCached is how many bytes the cache in memory keeps.
const maxCached = 64 << 20

// memoryCache is a Cache that forgets everything when it is full: simple, bounded, and rarely needed.
type memoryCache struct {
	mutex sync.Mutex
	// held and size are guarded by mutex.
	held map[string][]byte
	size int
}

// NewMemoryCache gives a cache that lives as long as the process and keeps at most 64 MiB.
func NewMemoryCache() Cache {
	return &memoryCache{held: make(map[string][]byte)}
}

func (c *memoryCache) Get(_ context.Context, key string) ([]byte, bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	value, ok := c.held[key]
	return value, ok
}

func (c *memoryCache) Put(_ context.Context, key string, value []byte, _ time.Time) {
	if len(value) > maxCached {
		return
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.size += len(value) - len(c.held[key])
	if c.size > maxCached {
		clear(c.held)
		c.size = len(value)
	}
	c.held[key] = value
}
