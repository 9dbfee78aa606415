package storage

import (
	"context"

	"golang.org/x/mod/sumdb/tlog"

	"congvan/exchange"
)

// LogHashes gives hashes of the log by their numbers.
func (t *transaction) LogHashes(ctx context.Context, ids []int64) ([]tlog.Hash, error) {
	if err := t.flushLog(ctx); err != nil {
		return nil, err
	}
	hashes := make([]tlog.Hash, len(ids))
	for i, id := range ids {
		var stored []byte
		found, err := t.one(ctx, "select hash from log_hash where id = $1", []any{id}, &stored)
		if err != nil {
			return nil, err
		}
		if !found || len(stored) != tlog.HashSize {
			return nil, exchange.Errorf(exchange.Internal, codeDamaged, "hash %d of the log is missing", id)
		}
		hashes[i] = tlog.Hash(stored)
	}
	return hashes, nil
}

// Leaf gives the bytes of a leaf.
func (t *transaction) Leaf(ctx context.Context, index int64) ([]byte, error) {
	if err := t.flushLog(ctx); err != nil {
		return nil, err
	}
	var leaf string
	found, err := t.one(ctx, "select leaf from log where leaf_index = $1", []any{index}, &leaf)
	if err == nil && !found {
		err = exchange.Errorf(exchange.NotFound, "log.no_leaf", "leaf %d", index)
	}
	return []byte(leaf), err
}

// AddEndorsement records an endorsement of the log.
func (t *transaction) AddEndorsement(ctx context.Context, endorsement exchange.Endorsement) error {
	_, err := t.exec(ctx, `insert into endorsement (seq, size, note, stamp, at)
		select coalesce(max(seq), 0) + 1, $1, $2, $3, $4 from endorsement`,
		endorsement.Size, binary(endorsement.Note), binary(endorsement.Stamp), micros(endorsement.At))
	return err
}

// Endorsement gives the newest endorsement.
func (t *transaction) Endorsement(ctx context.Context) (exchange.Endorsement, error) {
	var newest exchange.Endorsement
	found, err := t.one(ctx, "select size, note, stamp, at from endorsement order by seq desc limit 1", nil,
		&newest.Size, &newest.Note, &newest.Stamp, timeColumn{&newest.At})
	if err == nil && !found {
		err = exchange.Errorf(exchange.NotFound, "log.not_endorsed", "no endorsement")
	}
	return newest, err
}

// AddWitnessed records a checkpoint of another gateway that was signed.
func (t *transaction) AddWitnessed(ctx context.Context, node exchange.NodeID, last exchange.Witnessed) error {
	_, err := t.exec(ctx, `insert into witnessed (seq, node, size, root, note, at)
		select coalesce(max(seq), 0) + 1, $1, $2, $3, $4, $5 from witnessed`,
		string(node), last.Size, string(last.Root), binary(last.Note), micros(last.At))
	return err
}

// Witnessed gives the checkpoint of another gateway that was signed last.
func (t *transaction) Witnessed(ctx context.Context, node exchange.NodeID) (exchange.Witnessed, error) {
	var last exchange.Witnessed
	var root string
	found, err := t.one(ctx, `select size, root, note, at from witnessed where node = $1
		order by seq desc limit 1`, []any{string(node)},
		&last.Size, &root, &last.Note, timeColumn{&last.At})
	if err == nil && !found {
		err = exchange.Errorf(exchange.NotFound, "log.not_witnessed", "gateway %q", node)
	}
	last.Root = exchange.Digest(root)
	return last, err
}
