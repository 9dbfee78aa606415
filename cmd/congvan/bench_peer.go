package main

import (
	"context"
	"time"

	"congvan/signing"
)

// peerMemory is what the other engine may take: it needs four times the file.
const peerMemory = 8 << 30

// signPeer measures the making of one signature beside pdfsign. Small documents are signed in turns in one process, and
// once in a process of each engine for its memory; large ones in a process of each. The other engine writes its copy of
// the document to nowhere.
func (b *bench) signPeer(ctx context.Context, what string, stuffing int64, spec benchSpec) error {
	if spec.Level == signing.LevelB {
		spec.TSA = ""
	}
	once, other := spec, spec
	once.Do, other.Do = caseSign, casePeer
	if stuffing >= largeFrom {
		return b.compare(ctx, what, "pdfsign", b.ours(once), b.ours(other))
	}
	b.progress(what + " / pdfsign")
	if b.left() < time.Second {
		return b.leaveOut(what, "pdfsign", "bench_no_time")
	}
	row, err := b.against(ctx, 1, b.ours(once), b.ours(other))
	row.Case, row.Beside, row.CPURatio = what, "pdfsign", 0
	if err == nil {
		var pairs benchResult
		spec.Do = ratePeer
		if pairs, err = b.child(ctx, spec); err == nil {
			row.Count, row.Seconds, row.BesideSeconds, row.Ratio = pairs.Count, pairs.Seconds, pairs.BareSeconds, pairs.Ratio
		}
	}
	return b.settle(ctx, row, err)
}
