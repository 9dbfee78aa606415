package exchange

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"io"
)

// LargeFile is from how many bytes on a signature neither reads nor moves again what lies before it: the state of the
// hash is kept when the bytes come in, and the longer file is made inside the store. Below it one read costs less.
const LargeFile = 1 << 20

// Summed is a reader that wants to know the hash of what it gave: Blobs.Put, which computes it anyway, tells it.
type Summed interface {
	io.Reader
	// Summed takes the state of the SHA-256 over every byte that was read, as encoding.BinaryMarshaler gives it. It
	// means something once Put has returned without an error.
	Summed(state []byte)
}

// Extension is a longer blob: the bytes of another with a tail behind them.
type Extension struct {
	Of     Digest // what is extended
	Tail   []byte
	Digest Digest // of the whole, and
	Size   int64  // its bytes, which the caller has computed from the hash state of what is extended
}

// Extender is a Blobs that can make a longer blob of a kept one without the bytes passing through this program.
type Extender interface {
	// Extend keeps the extension, durable on return; twice is harmless. The digest is not computed again: it is as
	// right as the caller's, and as the bytes that are extended. Reading checks it like any other. Errors are those of
	// Put, and NotFound when there is nothing to extend.
	Extend(ctx context.Context, extension Extension) error
}

// Midstates are states of hashes over the whole of some bytes, by algorithm, for signing.Order.Midstates.
type Midstates map[crypto.Hash][]byte

// KeptMidstates gives what is kept for signing a large file, or extending it, without reading it; nil when nothing is.
// That of the SHA-256 proves itself: it ends in the name of the bytes. The others were computed here, beside it, when
// the file was signed before; they are trusted as the records are.
func KeptMidstates(ctx context.Context, records Records, file File) (Midstates, error) {
	if file.Size < LargeFile {
		return nil, nil
	}
	var states Midstates
	err := records.View(ctx, func(tx Tx) error {
		var err error
		states, err = tx.Midstates(ctx, file.Digest)
		return err
	})
	if err != nil || !endsIn(states[crypto.SHA256], file.Digest) {
		return nil, err
	}
	return states, nil
}

// endsIn says whether a state of SHA-256 is that of the bytes with this digest.
func endsIn(state []byte, digest Digest) bool {
	sum := sha256.New()
	kept, ok := sum.(encoding.BinaryUnmarshaler)
	if !ok || kept.UnmarshalBinary(state) != nil {
		return false
	}
	want, err := hex.DecodeString(string(digest))
	return err == nil && bytes.Equal(sum.Sum(nil), want)
}
