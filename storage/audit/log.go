package audit

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"

	"golang.org/x/mod/sumdb/tlog"
)

// tree makes the log's hashes and roots again from its leaves.
func (a auditing) tree(ctx context.Context) error {
	var peaks []tlog.Hash // roots of the complete subtrees, the largest first
	stored := map[int64]tlog.Hash{}
	next := int64(0)
	err := each(ctx, a.DB, "select leaf_index, leaf, root from log order by leaf_index", func(rows *sql.Rows) error {
		var index int64
		var leaf string
		var root []byte
		if err := rows.Scan(&index, &leaf, &root); err != nil {
			return err
		}
		a.result.Looked++
		if index != next {
			a.result.fault(index, "leaf %d comes after leaf %d", index, next-1)
			next = index
		}
		hash := tlog.RecordHash([]byte(leaf))
		stored[tlog.StoredHashIndex(0, index)] = hash
		level := 0
		for size := index; size&1 == 1 && len(peaks) > 0; size >>= 1 {
			hash = tlog.NodeHash(peaks[len(peaks)-1], hash)
			peaks = peaks[:len(peaks)-1]
			level++
			stored[tlog.StoredHashIndex(level, index>>level)] = hash
		}
		peaks = append(peaks, hash)
		if whole := foldPeaks(peaks); !bytes.Equal(whole[:], root) {
			a.result.fault(index, "the leaves up to %d do not give the root that is kept", index)
		}
		next++
		return nil
	})
	if err != nil {
		return err
	}
	return a.hashes(ctx, stored)
}

func foldPeaks(peaks []tlog.Hash) tlog.Hash {
	root := peaks[len(peaks)-1]
	for i := len(peaks) - 2; i >= 0; i-- {
		root = tlog.NodeHash(peaks[i], root)
	}
	return root
}

// hashes compares what is kept of the tree, as far as the log had grown when it was read.
func (a auditing) hashes(ctx context.Context, made map[int64]tlog.Hash) error {
	err := each(ctx, a.DB, "select id, hash from log_hash", func(rows *sql.Rows) error {
		var id int64
		var kept []byte
		if err := rows.Scan(&id, &kept); err != nil {
			return err
		}
		if want, known := made[id]; known && !bytes.Equal(want[:], kept) {
			a.result.fault(id, "hash %d of the log is not that of the leaves", id)
		}
		delete(made, id)
		return nil
	})
	for id := range made {
		a.result.fault(id, "hash %d of the log is missing", id)
	}
	return err
}

// witnesses wants every checkpoint that this gateway has signed for an audited one to be of a beginning of its log.
func (a auditing) witnesses(ctx context.Context) error {
	return each(ctx, a.DB, "select node, size, root from witnessed", func(rows *sql.Rows) error {
		var node, signed string
		var size int64
		if err := rows.Scan(&node, &size, &signed); err != nil {
			return err
		}
		a.result.Looked++
		there := a.at(node)
		if there == nil || size == 0 {
			return nil
		}
		var root []byte
		found, err := one(ctx, there.DB, "select root from log where leaf_index = $1", []any{size - 1}, &root)
		switch {
		case err != nil:
			return err
		case !found:
			a.result.fault(node, "%s has shown a log of %d leaves, and has fewer", there.Name, size)
		case hex.EncodeToString(root) != signed:
			a.result.fault(node, "the log of %s was another when it had %d leaves", there.Name, size)
		}
		return nil
	})
}

// file is where a JSON names bytes.
type file struct {
	Digest string `json:"digest"`
}

// files wants the bytes that the records name to be there.
func (a auditing) files(ctx context.Context) error {
	seen := map[string]bool{"": true}
	for _, source := range []struct {
		text string
		name func(text string) ([]file, error)
	}{
		{"select document, file from version", oneFile},
		{"select document, file from kept", oneFile},
		{"select document, attachments from version", manyFiles},
		{"select id, attachments from document", manyFiles},
		{"select document, header from arrival", headerFiles},
	} {
		err := each(ctx, a.DB, source.text, func(rows *sql.Rows) error {
			var subject, text string
			if err := rows.Scan(&subject, &text); err != nil {
				return err
			}
			named, err := source.name(text)
			if err != nil {
				a.result.fault(subject, "what it says of files cannot be read: %v", err)
			}
			a.look(ctx, seen, subject, named)
			return ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// look looks at each file that was not seen before.
func (a auditing) look(ctx context.Context, seen map[string]bool, subject string, files []file) {
	for _, named := range files {
		if seen[named.Digest] {
			continue
		}
		seen[named.Digest] = true
		a.result.Looked++
		if err := a.Check(ctx, named.Digest, a.deep); err != nil {
			a.result.fault(subject, "%s: %v", named.Digest, err)
		}
	}
}

func oneFile(text string) ([]file, error) {
	var named file
	err := json.Unmarshal([]byte(text), &named)
	return []file{named}, err
}

func manyFiles(text string) ([]file, error) {
	var named []file
	err := json.Unmarshal([]byte(text), &named)
	return named, err
}

func headerFiles(text string) ([]file, error) {
	var header struct {
		Main        file   `json:"main"`
		Attachments []file `json:"attachments"`
	}
	err := json.Unmarshal([]byte(text), &header)
	return append(header.Attachments, header.Main), err
}
