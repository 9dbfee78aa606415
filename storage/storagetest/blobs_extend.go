package storagetest

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"encoding"
	"io"
	"testing"

	"congvan/exchange"
)

// extended holds for every engine of the product.
func extended(t *testing.T, blobs exchange.Blobs) {
	t.Helper()
	extender, able := blobs.(exchange.Extender)
	if !able {
		t.Fatal("this engine cannot extend")
	}
	tail := Bytes(7, 40_000)
	for n, size := range []int{1, 1 << 20, 5<<20 - 1, 5 << 20, 12 << 20} {
		content := Bytes(uint64(100+n), size)
		whole := append(bytes.Clone(content), tail...)
		extension := exchange.Extension{
			Of: put(t, blobs, content), Tail: tail, Digest: Sum(whole), Size: int64(len(whole)),
		}
		for range 2 { // twice is harmless
			ok(t, extender.Extend(t.Context(), extension))
		}
		if !bytes.Equal(get(t, blobs, extension.Digest), whole) || !bytes.Equal(get(t, blobs, extension.Of), content) {
			t.Errorf("%d bytes: other bytes came back", size)
		}
	}
	content := Bytes(120, 6<<20)
	missing := exchange.Extension{Of: Sum(content), Tail: tail, Digest: Sum(tail), Size: int64(len(content) + len(tail))}
	refused(t, extender.Extend(t.Context(), missing), exchange.NotFound, "blob.not_found")
	missing.Of = "../../etc/passwd"
	refused(t, extender.Extend(t.Context(), missing), exchange.NotFound, "blob.not_found")
	put(t, blobs, content)
	missing.Of, missing.Size = Sum(content), missing.Size+1 // the kept bytes are not those that were hashed
	refused(t, extender.Extend(t.Context(), missing), exchange.Internal, "blob.damaged")
	refused(t, opened(t.Context(), blobs, missing.Digest), exchange.NotFound, "blob.not_found")
}

func opened(ctx context.Context, blobs exchange.Blobs, digest exchange.Digest) error {
	blob, err := blobs.Open(ctx, digest)
	if err == nil {
		_ = blob.Close()
	}
	return err
}

// curious is a reader that wants the state.
type curious struct {
	io.Reader
	state []byte
}

// Summed keeps the state.
func (c *curious) Summed(state []byte) { c.state = state }

func told(t *testing.T, blobs exchange.Blobs) {
	t.Helper()
	for _, size := range []int{0, 1000, 3<<20 + 5} {
		content := Bytes(31, size)
		from := &curious{Reader: bytes.NewReader(content)}
		digest, _, err := blobs.Put(t.Context(), from, "", most)
		ok(t, err)
		sum := sha256.New()
		kept, _ := sum.(encoding.BinaryUnmarshaler)
		ok(t, kept.UnmarshalBinary(from.state))
		sum.Write(content)
		equal(t, "digest of the bytes twice", hexOf(sum.Sum(nil)), Sum(append(bytes.Clone(content), content...)))
		equal(t, "digest", digest, Sum(content))
	}
}

func midstatesStay(t *testing.T, s *story) {
	t.Helper()
	digest := Sum([]byte("a large file"))
	first := exchange.Midstates{crypto.SHA256: []byte("state"), crypto.SHA384: {0, 1, 255}}
	second := exchange.Midstates{crypto.SHA256: []byte("another"), crypto.SHA512: []byte("third")}
	for _, states := range []exchange.Midstates{first, second} {
		s.update(t, func(ctx context.Context, tx exchange.Tx) error { return tx.AddMidstates(ctx, digest, states) })
	}
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		states, err := tx.Midstates(ctx, digest)
		ok(t, err)
		equal(t, "states", states, exchange.Midstates{
			crypto.SHA256: []byte("state"), crypto.SHA384: {0, 1, 255}, crypto.SHA512: []byte("third"),
		})
		none, err := tx.Midstates(ctx, Sum(nil))
		equal(t, "states of other bytes", len(none), 0)
		return err
	})
}
