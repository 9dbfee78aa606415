package storage

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"

	"congvan/exchange"
)

// logState is the end of the log: its size, its root, and the roots of the complete subtrees it is made of, the
// largest first, which are all that the next leaf needs. The writer keeps it between updates and checks it against
// the database.
type logState struct {
	size  int64
	root  tlog.Hash
	peaks []tlog.Hash
	sure  bool // checked in this group
	// pending is what the updates of the group appended and the database does not have yet. What an update that failed
	// appended is forgotten with its copy of the state.
	pending []leaf
}

// AppendLog writes the entry's JSON as the next leaf. Updates run one after the other, so the leaves stand in the
// order of commits; what fails leaves no gap.
func (t *transaction) AppendLog(ctx context.Context, entry exchange.Entry) (int64, error) {
	entry.At = entry.At.UTC()
	text, err := json.Marshal(entry)
	if err != nil {
		return 0, fmt.Errorf("encode a log entry: %w", err)
	}
	if t.log == nil {
		return 0, errReading
	}
	state, err := t.logEnd(ctx)
	if err != nil {
		return 0, err
	}
	next, hashes := state.with(tlog.RecordHash(text))
	written := leaf{
		columns: []any{
			state.size, micros(entry.At), string(entry.Office), string(entry.Document), string(text), next.root[:],
		},
		first: tlog.StoredHashIndex(0, state.size), hashes: hashes,
	}
	if err := t.ready(ctx, written.columns); err != nil { // now, because later it would be the group's fault
		return 0, err
	}
	next.pending = append(state.pending, written)
	*t.log = next
	if len(next.pending) < mostPending {
		return state.size, nil
	}
	return state.size, t.flushLog(ctx)
}

// logEnd gives the end of the log as the database has it; what is remembered of it spares reading the peaks.
func (t *transaction) logEnd(ctx context.Context) (logState, error) {
	if t.log.sure {
		return *t.log, nil
	}
	size, root, err := t.logRoot(ctx)
	if err != nil {
		return logState{}, err
	}
	if size == t.log.size && root == t.log.root {
		t.log.sure = true
		return *t.log, nil
	}
	state := logState{size: size, root: root, sure: true}
	for from, rest := int64(0), size; rest > 0; {
		level := bits.Len64(uint64(rest)) - 1
		id := tlog.StoredHashIndex(level, from>>level)
		var stored []byte
		found, err := t.one(ctx, "select hash from log_hash where id = $1", []any{id}, &stored)
		if err != nil {
			return logState{}, err
		}
		if !found || len(stored) != tlog.HashSize {
			return logState{}, exchange.Errorf(exchange.Internal, codeDamaged, "hash %d of the log is missing", id)
		}
		state.peaks = append(state.peaks, tlog.Hash(stored))
		from, rest = from+1<<level, rest-1<<level
	}
	if rootOf(state.peaks) != root {
		return logState{}, exchange.Errorf(exchange.Internal, codeDamaged, "the log's hashes do not give its root")
	}
	return state, nil
}

// logRoot gives the size and the root of the log.
func (t *transaction) logRoot(ctx context.Context) (int64, tlog.Hash, error) {
	var index int64
	var stored []byte
	if err := t.flushLog(ctx); err != nil {
		return 0, tlog.Hash{}, err
	}
	found, err := t.one(ctx, "select leaf_index, root from log order by leaf_index desc limit 1", nil, &index, &stored)
	if err != nil || !found {
		return 0, rootOf(nil), err
	}
	if len(stored) != tlog.HashSize {
		return 0, tlog.Hash{}, exchange.Errorf(exchange.Internal, codeDamaged, "the log has no root at %d", index)
	}
	return index + 1, tlog.Hash(stored), nil
}

// with gives the end of the log after one more leaf, and the hashes to store from that leaf's on.
func (s logState) with(leaf tlog.Hash) (next logState, stored []tlog.Hash) {
	stored = []tlog.Hash{leaf}
	peaks := s.peaks
	for size := s.size; size&1 == 1; size >>= 1 {
		leaf = tlog.NodeHash(peaks[len(peaks)-1], leaf)
		peaks = peaks[:len(peaks)-1]
		stored = append(stored, leaf)
	}
	peaks = append(peaks[:len(peaks):len(peaks)], leaf) // a copy: s must stay what it is when the update fails
	return logState{size: s.size + 1, root: rootOf(peaks), peaks: peaks, sure: s.sure}, stored
}

// rootOf gives the root of the log that has these peaks (RFC 6962, section 2.1).
func rootOf(peaks []tlog.Hash) tlog.Hash {
	if len(peaks) == 0 {
		empty, _ := tlog.TreeHash(0, nil) // reads nothing, so it cannot fail
		return empty
	}
	root := peaks[len(peaks)-1]
	for i := len(peaks) - 2; i >= 0; i-- {
		root = tlog.NodeHash(peaks[i], root)
	}
	return root
}

// LogHead gives the size and the root of the log.
func (t *transaction) LogHead(ctx context.Context) (int64, exchange.Digest, error) {
	if t.log != nil && t.log.sure {
		return t.log.size, exchange.Digest(hex.EncodeToString(t.log.root[:])), nil
	}
	size, root, err := t.logRoot(ctx)
	return size, exchange.Digest(hex.EncodeToString(root[:])), err
}

// Entries gives the log's lines about one document that concern an office, the oldest first.
func (t *transaction) Entries(
	ctx context.Context, office exchange.OfficeID, document exchange.DocumentID,
) ([]exchange.Entry, error) {
	if err := t.flushLog(ctx); err != nil {
		return nil, err
	}
	return collect(ctx, t, "select leaf_index, leaf from log where document = $1 and office = $2 order by leaf_index",
		[]any{string(document), string(office)}, func(row scanner) (entry exchange.Entry, err error) {
			var index int64
			err = row.Scan(&index, jsonColumn{&entry})
			entry.Index = index
			return entry, err
		})
}
