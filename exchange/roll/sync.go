package roll

import (
	"context"
	"encoding/hex"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"congvan/exchange"
)

const (
	maxNote    = 16 << 10
	maxProof   = 64
	maxRecords = 1024     // that come at once
	maxBytes   = 16 << 20 // of them
	// maxGrowth bounds what one synchronisation holds in memory before it has been checked.
	maxGrowth = 256 << 20
	// mostAsked is how many neighbours are asked each time: the uplink, the keeper and some others, so that one who shows
	// a directory of his own is found out.
	mostAsked = 3
	patience  = 60 * time.Second
)

// Question asks another gateway for what it has of the log after a place. It shows our head, so that both notice when
// there are two.
type Question struct {
	From int64  `json:"from"`
	Head []byte `json:"head,omitempty"` // ours, as the keeper signed it
	Size int64  `json:"size,omitempty"` // 0, or the size for which the proof is wanted
}

// Answer is a part of the log of another gateway.
type Answer struct {
	Head    []byte          `json:"head,omitempty"` // its newest, as the keeper signed it
	Size    int64           `json:"size"`           // as Head has it
	Root    exchange.Digest `json:"root,omitempty"` // as Head has it
	Records [][]byte        `json:"records,omitempty"`
	Proof   []tlog.Hash     `json:"proof,omitempty"` // that the log of Question.Size is the beginning of this one
}

// Line brings a question to another gateway.
type Line interface {
	Directory(ctx context.Context, to exchange.Node, question Question) (Answer, error)
}

// Answer gives another gateway what it asks for, and holds its head against ours. Errors: Untrusted directory.forked;
// Conflict directory.not_signed where there is no log.
func (r *Roll) Answer(ctx context.Context, from exchange.NodeID, question Question) (Answer, error) {
	if r.Anchor == nil {
		return Answer{}, exchange.Errorf(exchange.Conflict, "directory.not_signed", "no log is kept here")
	}
	now := r.now()
	if len(question.Head) > 0 && now.size > 0 {
		if err := r.compare(ctx, from, now, question.Head); err != nil {
			return Answer{}, err
		}
	}
	answer := Answer{Head: now.note, Size: now.size, Root: now.root}
	if question.Size > 0 && question.Size <= now.size {
		proof, err := tlog.ProveTree(now.size, question.Size, now.reader())
		if err != nil {
			return Answer{}, exchange.Errorf(exchange.Internal, "internal", "prove %d: %w", question.Size, err)
		}
		answer.Proof = proof
	}
	if question.From < 0 || question.From >= now.size {
		return answer, nil
	}
	err := r.Gateway.Records.View(ctx, func(tx exchange.Tx) error {
		found, err := tx.DirectoryRecords(ctx, question.From, int(min(readAtOnce, now.size-question.From)))
		total := 0
		answer.Records = slices.DeleteFunc(found, func(record []byte) bool {
			total += len(record)
			return total > maxBytes
		})
		return err
	})
	return answer, err
}

// compare holds a head that somebody shows against ours: of two that the keeper signed, the shorter must be the
// beginning of the longer. A longer one than ours cannot be judged here. What the keeper did not sign says nothing.
func (r *Roll) compare(ctx context.Context, from exchange.NodeID, now *snapshot, shown []byte) error {
	size, root, err := r.openHead(now.directory, shown)
	if err != nil || size > now.size || size == 0 {
		return nil //nolint:nilerr // it proves nothing
	}
	ours, err := now.rootAt(size)
	if err != nil || ours == root {
		return err
	}
	return r.alarm(ctx, from, now, shown)
}

// alarm keeps both heads, each signed by the keeper, in this gateway's own log, once, and gives directory.forked.
func (r *Roll) alarm(ctx context.Context, from exchange.NodeID, now *snapshot, shown []byte) error {
	fault := exchange.Errorf(exchange.Untrusted, "directory.forked", "%s shows another directory", from)
	if r.forked.Swap(true) {
		return fault
	}
	r.Gateway.Log.LogAttrs(ctx, slog.LevelError, "the keeper has signed two directories",
		slog.String("peer", string(from)), slog.String("ours", string(now.note)), slog.String("shown", string(shown)))
	err := r.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		_, err := tx.AppendLog(ctx, exchange.Entry{
			At: r.Gateway.Now().UTC(), Act: "directory.forked", Detail: map[string]string{
				"peer": string(from), "keeper": string(r.Anchor.Keeper), "note": string(shown), "last_note": string(now.note),
			},
		})
		return err
	})
	if err != nil {
		r.forked.Store(false) // to be written the next time
		return err
	}
	return fault
}

// Run asks the neighbours at once and then every so often until ctx ends.
func (r *Roll) Run(ctx context.Context, every time.Duration) {
	if r.Anchor == nil || r.Line == nil {
		return
	}
	timer := time.NewTicker(every)
	defer timer.Stop()
	warned := time.Time{}
	for {
		for _, node := range r.neighbours() {
			if err := r.Pull(ctx, node); err != nil && ctx.Err() == nil && exchange.KindOf(err) != exchange.Unavailable {
				r.Gateway.Log.LogAttrs(ctx, slog.LevelError, "cannot take the directory over",
					slog.String("peer", string(node.ID)), slog.Any("error", err))
			}
		}
		if now := r.Gateway.Now(); slices.Contains(r.Standing().Warnings, "directory.stale") &&
			now.Sub(warned) > staleAfter {
			warned = now
			r.Gateway.Log.LogAttrs(ctx, slog.LevelWarn, "no neighbour has confirmed the directory for a day",
				slog.String("code", "directory.stale"))
		}
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
	}
}

// neighbours are those that are asked: the uplink, the keeper, and others next to this gateway.
func (r *Roll) neighbours() []exchange.Node {
	directory := r.Directory()
	own, err := directory.Node(r.Gateway.Node)
	if err != nil {
		return nil
	}
	var first, rest []exchange.Node
	for _, node := range directory.Nodes() {
		switch {
		case node.ID == own.ID || node.Pulls:
		case node.ID == own.Uplink || node.ID == r.Anchor.Keeper:
			first = append(first, node)
		case node.Uplink == own.ID:
			rest = append(rest, node)
		}
	}
	all := append(first, rest...)
	return all[:min(len(all), mostAsked)]
}

// Pull takes over what another gateway has of the log beyond ours: it looks at the proof that theirs goes on from ours,
// fetches the records, checks every one and the head that covers them, keeps them, and only then uses them, all at
// once. Until then, and when anything is wrong, the directory stays as it was. Errors: those of [Roll.Publish] for a
// record that must not be; Untrusted directory.unproved, directory.forked, checkpoint.invalid; Unavailable when the
// other cannot be reached.
func (r *Roll) Pull(ctx context.Context, from exchange.Node) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r.writing.Lock()
	defer r.writing.Unlock()
	now := r.now()
	answer, err := r.Line.Directory(ctx, from, Question{From: now.size, Head: now.note, Size: now.size})
	if err != nil {
		return err
	}
	if answer.Size <= now.size {
		if answer.Size > 0 && now.size > 0 {
			if err := r.compare(ctx, from.ID, now, answer.Head); err != nil {
				return err
			}
		}
		if answer.Size == now.size {
			r.spoken.Store(r.Gateway.Now().UnixMilli())
		}
		return nil
	}
	if now.size > 0 && !proved(now, answer) {
		return r.investigate(ctx, from, now)
	}
	records, err := r.fetch(ctx, from, now.size, answer)
	if err != nil {
		return err
	}
	next, err := r.extend(now, records, answer.Head)
	if err != nil {
		return err
	}
	if err := r.keep(ctx, now, next, records, exchange.Actor{}); err != nil {
		return err
	}
	r.spoken.Store(r.Gateway.Now().UnixMilli())
	return nil
}

// proved says whether the proof shows that our log is the beginning of theirs. That the keeper has signed their root is
// looked at when all records are here: its key may be new in them.
func proved(now *snapshot, answer Answer) bool {
	ours, err := hex.DecodeString(string(now.root))
	theirs, wrong := hex.DecodeString(string(answer.Root))
	return err == nil && wrong == nil && len(ours) == tlog.HashSize && len(theirs) == tlog.HashSize &&
		len(answer.Proof) <= maxProof &&
		tlog.CheckTree(answer.Proof, answer.Size, tlog.Hash(theirs), now.size, tlog.Hash(ours)) == nil
}

// investigate finds out whether a gateway that cannot prove that its log goes on from ours holds another one that the
// keeper has signed, too: then all its records from the first lead to its head, and that is the proof of a fork.
func (r *Roll) investigate(ctx context.Context, from exchange.Node, now *snapshot) error {
	answer, err := r.Line.Directory(ctx, from, Question{})
	if err != nil {
		return err
	}
	records, err := r.fetch(ctx, from, 0, answer)
	if err != nil {
		return err
	}
	theirs, err := r.extend(&snapshot{state: newState(r.Anchor.Log, r.Anchor.Root)}, records, answer.Head)
	if err != nil {
		return err
	}
	both := min(now.size, theirs.size)
	root, err := theirs.rootAt(both)
	if err != nil {
		return err
	}
	if ours, err := now.rootAt(both); err != nil || root == ours {
		return exchange.Errorf(exchange.Untrusted, "directory.unproved", "%s gives no proof", from.ID)
	}
	return r.alarm(ctx, from.ID, now, answer.Head)
}

// fetch brings the records from a place up to the answer's head, in parts. What is claimed costs nothing: only what
// comes is held, and not more than maxGrowth.
func (r *Roll) fetch(ctx context.Context, from exchange.Node, place int64, answer Answer) ([][]byte, error) {
	var records [][]byte
	total := 0
	part := answer.Records
	for {
		for _, record := range part {
			total += len(record) + 1
			records = append(records, record)
		}
		have := place + int64(len(records))
		switch {
		case total > maxGrowth || len(part) > maxRecords:
			return nil, exchange.Errorf(exchange.Untrusted, "directory.too_large", "%d bytes from %s", total, from.ID)
		case have >= answer.Size:
			return records[:answer.Size-place], nil // newer ones belong to a newer head
		case len(part) == 0:
			return nil, exchange.Errorf(exchange.Untrusted, "directory.unproved", "%s claims %s records and gives %d",
				from.ID, strconv.FormatInt(answer.Size, 10), have)
		}
		next, err := r.Line.Directory(ctx, from, Question{From: have})
		if err != nil {
			return nil, err
		}
		part = next.Records
	}
}
