package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"sync"

	"congvan/exchange"
)

// smallBlob is the size up to which a blob is read and checked as a whole when it is opened. A larger one is checked
// while it is read from its first byte to its last: the read that reaches the end fails when the digest is wrong.
const smallBlob = 1 << 20

// Codes of blobs.
const (
	codeNoBlob     = "blob.not_found"
	codeBlobLarge  = "blob.too_large"
	codeBlobDigest = "blob.digest_mismatch"
	codeBlobDamage = "blob.damaged"
)

var errDamagedBlob = errors.New("the bytes are not those of the digest")

func damaged(digest exchange.Digest) error {
	return exchange.Errorf(exchange.Internal, codeBlobDamage, "blob %s: %w", digest, errDamagedBlob)
}

func digestOf(sum hash.Hash) exchange.Digest {
	return exchange.Digest(hex.EncodeToString(sum.Sum(nil)))
}

// intake copies what is put, and counts, hashes and limits it on the way.
type intake struct {
	sum  hash.Hash
	size int64
}

// take copies r to w until the end. A fault of the reader is given as it is: it says nothing about the store.
func (i *intake) take(ctx context.Context, w io.Writer, r io.Reader, limit int64, buffer []byte) error {
	for {
		if ctx.Err() != nil {
			return stopped(ctx, "take in a blob")
		}
		n, err := r.Read(buffer)
		if i.size += int64(n); i.size > limit {
			return exchange.Errorf(exchange.Invalid, codeBlobLarge, "more than %d bytes", limit)
		}
		i.sum.Write(buffer[:n])
		if _, failure := w.Write(buffer[:n]); failure != nil {
			return failed("keep a blob", failure)
		}
		if errors.Is(err, io.EOF) {
			return i.tell(r)
		}
		if err != nil {
			return err
		}
	}
}

// tell gives the state of the hash to a reader that wants it.
func (i *intake) tell(r io.Reader) error {
	curious, ok := r.(exchange.Summed)
	if !ok {
		return nil
	}
	kept, ok := i.sum.(encoding.BinaryMarshaler)
	if !ok {
		return nil
	}
	state, err := kept.MarshalBinary()
	if err != nil {
		return failed("keep the state of a hash", err)
	}
	curious.Summed(state)
	return nil
}

// check gives the digest of what was taken, or an Error when another was wanted.
func (i *intake) check(want exchange.Digest) (exchange.Digest, error) {
	digest := digestOf(i.sum)
	if want != "" && want != digest {
		return "", exchange.Errorf(exchange.Invalid, codeBlobDigest, "took %s, wanted %s", digest, want)
	}
	return digest, nil
}

// wholeBlob reads a small blob and checks it.
func wholeBlob(r io.Reader, digest exchange.Digest, size int64) (exchange.Blob, error) {
	content := make([]byte, size)
	if _, err := io.ReadFull(r, content); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			return nil, damaged(digest)
		}
		return nil, failed("read a blob", err)
	}
	sum := sha256.New()
	sum.Write(content)
	if digestOf(sum) != digest {
		return nil, damaged(digest)
	}
	return memoryBlob{bytes.NewReader(content)}, nil
}

// memoryBlob is a small blob, checked.
type memoryBlob struct{ *bytes.Reader }

// Close gives nothing back: the bytes are the collector's.
func (memoryBlob) Close() error { return nil }

// source is where the bytes of a large blob come from.
type source interface {
	io.ReaderAt
	io.Closer
}

// streamBlob is a large blob, checked when it is read in order.
type streamBlob struct {
	source
	digest exchange.Digest
	size   int64

	mu  sync.Mutex // guards at and sum
	at  int64      // how far the bytes were read in order
	sum hash.Hash
}

func newStreamBlob(from source, digest exchange.Digest, size int64) *streamBlob {
	return &streamBlob{source: from, digest: digest, size: size, sum: sha256.New()}
}

// Size is the number of bytes.
func (b *streamBlob) Size() int64 { return b.size }

// ReadAt reads at any offset. The read that completes a reading in order from the first byte to the last gives
// blob.damaged, and no byte, when the bytes are not those of the digest.
func (b *streamBlob) ReadAt(p []byte, off int64) (int, error) {
	n, err := b.source.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, failed("read a blob", err)
	}
	if !b.follow(p[:n], off) {
		return 0, damaged(b.digest)
	}
	return n, err
}

// follow hashes what continues the reading in order, and says whether nothing is wrong so far.
func (b *streamBlob) follow(p []byte, off int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	end := off + int64(len(p))
	if off > b.at || end <= b.at {
		return true
	}
	b.sum.Write(p[b.at-off:])
	b.at = end
	return b.at < b.size || digestOf(b.sum) == b.digest
}

// verify reads a blob from its first byte to its last and checks it.
func verify(ctx context.Context, blob exchange.Blob, digest exchange.Digest) error {
	sum := &intake{sum: sha256.New()}
	whole := io.NewSectionReader(blob, 0, blob.Size())
	if err := sum.take(ctx, io.Discard, whole, blob.Size(), make([]byte, smallBlob)); err != nil {
		return err
	}
	if digestOf(sum.sum) != digest {
		return damaged(digest)
	}
	return nil
}
