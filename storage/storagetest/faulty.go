package storagetest

import (
	"context"
	"io"
	"sync/atomic"

	"congvan/exchange"
)

// Fault is what an engine that fails on purpose does with one call.
type Fault int

// The faults come in pairs: whoever hears "unavailable" cannot know whether it happened.
const (
	None   Fault = iota // the call goes through
	Before              // it fails, and nothing has happened
	After               // it fails, and it has happened
)

// Faults decides what happens to the nth call that writes, counted from 0.
type Faults func(call int) Fault

// Once lets one call fail and all others go through.
func Once(call int, fault Fault) Faults {
	return func(n int) Fault {
		if n == call {
			return fault
		}
		return None
	}
}

// faulty counts the calls that write.
type faulty struct {
	calls  atomic.Int64
	decide Faults
}

// Calls says how many calls that write there were.
func (f *faulty) Calls() int { return int(f.calls.Load()) }

// suffer does the call, or not, and says what the caller hears.
func (f *faulty) suffer(call func() error) error {
	fault := f.decide(int(f.calls.Add(1)) - 1)
	if fault == Before {
		return lost("before")
	}
	err := call()
	if fault == After && err == nil {
		return lost("after")
	}
	return err
}

func lost(when string) error {
	return exchange.Errorf(exchange.Unavailable, "storage.unavailable", "lost %s it happened, on purpose", when)
}

// FaultyRecords are records of which some updates fail on purpose. Views always go through.
type FaultyRecords struct {
	faulty
	records exchange.Records
}

// NewFaultyRecords makes records fail as decide says.
func NewFaultyRecords(records exchange.Records, decide Faults) *FaultyRecords {
	return &FaultyRecords{faulty: faulty{decide: decide}, records: records}
}

// Update updates, or fails before or after it did.
func (r *FaultyRecords) Update(ctx context.Context, fn func(tx exchange.Tx) error) error {
	return r.suffer(func() error { return r.records.Update(ctx, fn) })
}

// View views.
func (r *FaultyRecords) View(ctx context.Context, fn func(tx exchange.Tx) error) error {
	return r.records.View(ctx, fn)
}

// FaultyBlobs are blobs of which some puts fail on purpose. Reads always go through.
type FaultyBlobs struct {
	faulty
	blobs exchange.Blobs
}

// NewFaultyBlobs makes blobs fail as decide says.
func NewFaultyBlobs(blobs exchange.Blobs, decide Faults) *FaultyBlobs {
	return &FaultyBlobs{faulty: faulty{decide: decide}, blobs: blobs}
}

// Put puts, or fails before or after it did.
func (b *FaultyBlobs) Put(
	ctx context.Context, r io.Reader, want exchange.Digest, limit int64,
) (digest exchange.Digest, size int64, err error) {
	err = b.suffer(func() (err error) {
		digest, size, err = b.blobs.Put(ctx, r, want, limit)
		return err
	})
	if err != nil {
		return "", 0, err
	}
	return digest, size, nil
}

// Open opens.
func (b *FaultyBlobs) Open(ctx context.Context, digest exchange.Digest) (exchange.Blob, error) {
	return b.blobs.Open(ctx, digest)
}

// Has asks.
func (b *FaultyBlobs) Has(ctx context.Context, digests []exchange.Digest) (map[exchange.Digest]bool, error) {
	return b.blobs.Has(ctx, digests)
}
