package exchangetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"sync"
	"testing"

	"congvan/exchange"
)

// Shelf keeps blobs in a map.
type Shelf struct {
	mutex sync.Mutex
	// blobs is guarded by mutex.
	blobs map[exchange.Digest][]byte
}

// NewShelf is empty.
func NewShelf() *Shelf { return &Shelf{blobs: map[exchange.Digest][]byte{}} }

// Put keeps what it reads, and checks it.
func (s *Shelf) Put(
	_ context.Context, r io.Reader, want exchange.Digest, limit int64,
) (exchange.Digest, int64, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return "", 0, exchange.Errorf(exchange.Unavailable, "storage.unavailable", "%w", err)
	}
	if int64(len(data)) > limit {
		return "", 0, exchange.Errorf(exchange.Invalid, "blob.too_large", "more than %d", limit)
	}
	sum := sha256.Sum256(data)
	digest := exchange.Digest(hex.EncodeToString(sum[:]))
	if want != "" && want != digest {
		return "", 0, exchange.Errorf(exchange.Invalid, "blob.digest_mismatch", "%s", digest)
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.blobs[digest] = data
	return digest, int64(len(data)), nil
}

// Open gives what is kept.
func (s *Shelf) Open(_ context.Context, digest exchange.Digest) (exchange.Blob, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	data, known := s.blobs[digest]
	if !known {
		return nil, exchange.Errorf(exchange.NotFound, "blob.not_found", "%s", digest)
	}
	return open{bytes.NewReader(data)}, nil
}

// Blobs gives what is kept now.
func (s *Shelf) Blobs() map[exchange.Digest][]byte {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return maps.Clone(s.blobs)
}

// Bytes gives what there must be.
func (s *Shelf) Bytes(tb testing.TB, digest exchange.Digest) []byte {
	tb.Helper()
	data, kept := s.Blobs()[digest]
	if !kept {
		tb.Fatalf("there is no %s", digest)
	}
	return data
}

// Lose takes bytes away, as a broken disk does, and gives them.
func (s *Shelf) Lose(digest exchange.Digest) []byte {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	data := s.blobs[digest]
	delete(s.blobs, digest)
	return data
}

// Has says which of the digests are kept.
func (s *Shelf) Has(_ context.Context, digests []exchange.Digest) (map[exchange.Digest]bool, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	kept := map[exchange.Digest]bool{}
	for _, digest := range digests {
		if _, known := s.blobs[digest]; known {
			kept[digest] = true
		}
	}
	return kept, nil
}

type open struct{ *bytes.Reader }

// Size is how many bytes there are.
func (o open) Size() int64 { return o.Reader.Size() }
func (open) Close() error  { return nil }
