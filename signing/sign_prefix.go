package signing

import (
	"context"
	"crypto"
	"encoding"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"
	"sync"
)

// prefix is the hash, by one or more algorithms, of everything that lies before the place where a document grows. Every
// further revision is added to it, so the original is read once, or not at all.
type prefix map[crypto.Hash]hash.Hash

// hashing says what is to be hashed, and what is known already.
type hashing struct {
	original io.Reader
	size     int64 // -1 when it is not known
	kept     map[crypto.Hash][]byte
}

func hashingOf(original io.ReaderAt, size int64, kept map[crypto.Hash][]byte) hashing {
	return hashing{io.NewSectionReader(original, 0, size), size, kept}
}

// newPrefix restores kept states, or reads the original once for all the hashes.
func newPrefix(ctx context.Context, from hashing, hashes ...crypto.Hash) (prefix, error) {
	p := prefix{}
	complete := true
	for _, algorithm := range append(hashes, crypto.SHA256) {
		p[algorithm] = algorithm.New()
		complete = complete && from.kept[algorithm] != nil
	}
	if complete {
		return p, p.restore(from.kept)
	}
	return p, p.read(ctx, from)
}

func (p prefix) restore(kept map[crypto.Hash][]byte) error {
	for algorithm, state := range p {
		restorable, ok := state.(encoding.BinaryUnmarshaler)
		if !ok {
			return fmt.Errorf("%v: %w", algorithm, ErrMidstate)
		}
		if err := restorable.UnmarshalBinary(kept[algorithm]); err != nil {
			return fmt.Errorf("%v: %w: %w", algorithm, ErrMidstate, err)
		}
	}
	return nil
}

// read hashes window by window; while one window is hashed the next is read.
func (p prefix) read(ctx context.Context, from hashing) error {
	const windows = 2
	const small = 4 << 20 // not worth a second goroutine, nor memory that the cache does not hold
	length := int64(sweepWindow)
	if from.size >= 0 && from.size < small {
		length = min(sweepParallel/2, from.size+1) // one more, so that one read finds the end
	}
	var window [windows][]byte
	var beside sync.WaitGroup
	defer beside.Wait()
	for i := 0; ; i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if i < windows {
			window[i] = make([]byte, length)
		}
		n, err := io.ReadFull(from.original, window[i%windows])
		beside.Wait()
		if n > 0 {
			p.writeBeside(&beside, window[i%windows][:n])
		}
		switch {
		case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return fmt.Errorf("read the original: %w", err)
		}
	}
}

// writeBeside hashes a window in the background, each algorithm on its own; what is small is not worth it.
func (p prefix) writeBeside(group *sync.WaitGroup, window []byte) {
	if len(window) < sweepParallel {
		p.write(window)
		return
	}
	for _, state := range p {
		group.Go(func() { _, _ = state.Write(window) })
	}
}

// write adds bytes that the document grows by.
func (p prefix) write(parts ...[]byte) {
	for _, state := range p {
		for _, part := range parts {
			_, _ = state.Write(part) // a hash never fails
		}
	}
}

// clone gives a prefix that grows for itself.
func (p prefix) clone() (prefix, error) {
	same := make(prefix, len(p))
	for algorithm, state := range p {
		cloner, ok := state.(hash.Cloner)
		if !ok {
			return nil, fmt.Errorf("%v: %w", algorithm, ErrMidstate)
		}
		var err error
		if same[algorithm], err = cloner.Clone(); err != nil {
			return nil, fmt.Errorf("clone %v: %w", algorithm, err)
		}
	}
	return same, nil
}

// sum is the hash of everything so far and of the given parts, which are not kept.
func (p prefix) sum(algorithm crypto.Hash, parts ...[]byte) ([]byte, error) {
	cloner, ok := p[algorithm].(hash.Cloner)
	if !ok {
		return nil, fmt.Errorf("%v: %w", algorithm, ErrMidstate)
	}
	state, err := cloner.Clone()
	if err != nil {
		return nil, fmt.Errorf("clone %v: %w", algorithm, err)
	}
	for _, part := range parts {
		_, _ = state.Write(part) // a hash never fails
	}
	return state.Sum(nil), nil
}

// keep is what restore needs, for a session.
func (p prefix) keep() (map[crypto.Hash][]byte, error) {
	kept := map[crypto.Hash][]byte{}
	for _, algorithm := range slices.Sorted(maps.Keys(p)) {
		state, ok := p[algorithm].(encoding.BinaryMarshaler)
		if !ok {
			return nil, fmt.Errorf("%v: %w", algorithm, ErrMidstate)
		}
		bytes, err := state.MarshalBinary()
		if err != nil {
			return nil, fmt.Errorf("keep %v: %w", algorithm, err)
		}
		kept[algorithm] = bytes
	}
	return kept, nil
}

// Midstates hashes an original by SHA-256, and by the given further hashes, and returns both the digest and the
// states to be kept for Order.Midstates. It is for those who take bytes in and will have them signed later.
func Midstates(ctx context.Context, original io.Reader, further ...crypto.Hash) ([32]byte, map[crypto.Hash][]byte,
	error,
) {
	p, err := newPrefix(ctx, hashing{original: original, size: -1}, further...)
	if err != nil {
		return [32]byte{}, nil, err
	}
	kept, err := p.keep()
	return p.whole(), kept, err
}

// whole is the SHA-256 of everything so far.
func (p prefix) whole() [32]byte { return [32]byte(p[crypto.SHA256].Sum(nil)) }
