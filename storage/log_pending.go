package storage

import (
	"context"

	"golang.org/x/mod/sumdb/tlog"
)

// leaf is one leaf of the log as it will be written: its row, and the hashes from the one with number first on that it
// completes. An update appends many and a group of updates more: they are written together, before the group is
// committed or the log is read.
type leaf struct {
	columns []any // of its row
	first   int64
	hashes  []tlog.Hash
}

// mostPending bounds the memory of leaves that are not written.
const mostPending = 1024

// leafParts are how many rows one statement writes, the largest first, so that the statements prepared are few.
var leafParts = [...]int{128, 32, 8, 4, 2, 1}

// flushLog writes the leaves that the database does not have yet, in order.
func (t *transaction) flushLog(ctx context.Context) error {
	if t.log == nil || len(t.log.pending) == 0 {
		return nil
	}
	var leaves, hashes [][]any
	for _, leaf := range t.log.pending {
		leaves = append(leaves, leaf.columns)
		for i, hash := range leaf.hashes {
			hashes = append(hashes, []any{leaf.first + int64(i), hash[:]})
		}
	}
	err := t.insertRows(ctx, "insert into log (leaf_index, at, office, document, leaf, root) values ", leaves)
	if err == nil {
		err = t.insertRows(ctx, "insert into log_hash (id, hash) values ", hashes)
	}
	if err == nil {
		t.log.pending = nil
	}
	return err
}

// insertRows writes rows of the same columns by as few statements as their parts allow.
func (t *transaction) insertRows(ctx context.Context, into string, all [][]any) error {
	for _, part := range leafParts {
		for len(all) >= part {
			var args []any
			for _, row := range all[:part] {
				args = append(args, row...)
			}
			if _, err := t.exec(ctx, into+rows(part, len(all[0])), args...); err != nil {
				return err
			}
			all = all[part:]
		}
	}
	return nil
}
