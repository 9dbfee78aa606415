package storage

import (
	"context"
	"crypto"
	"maps"
	"slices"

	"congvan/exchange"
)

// AddMidstates keeps states of hashes. Those that are known stay as they are.
func (t *transaction) AddMidstates(ctx context.Context, digest exchange.Digest, states exchange.Midstates) error {
	for _, algorithm := range slices.Sorted(maps.Keys(states)) {
		_, err := t.exec(ctx, "insert into midstate (digest, algorithm, state) values ($1, $2, $3) "+
			"on conflict (digest, algorithm) do nothing", string(digest), number(algorithm), binary(states[algorithm]))
		if err != nil {
			return err
		}
	}
	return nil
}

// Midstates gives the states that are kept of some bytes; empty when there are none.
func (t *transaction) Midstates(ctx context.Context, digest exchange.Digest) (exchange.Midstates, error) {
	states := exchange.Midstates{}
	for _, algorithm := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		var state []byte
		found, err := t.one(ctx, "select state from midstate where digest = $1 and algorithm = $2",
			[]any{string(digest), number(algorithm)}, &state)
		if err != nil {
			return nil, err
		}
		if found {
			states[algorithm] = state
		}
	}
	return states, nil
}

// number is how Go numbers an algorithm; the numbers are part of its promise of compatibility.
func number(algorithm crypto.Hash) int64 { return int64(algorithm) } //nolint:gosec // there are some twenty
