package roll

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"congvan/exchange"
	"congvan/exchange/checkpoint"
)

// Publish puts sealed records at the end of the log, in one transaction with the leaf of this gateway's own log that
// says who approved them, signs the new head and uses it at once. Only the keeper does that, and only what every reader
// will take: otherwise nothing is kept and the code says why. Errors: Denied access.denied, directory.outside_prefix;
// Conflict directory.not_keeper, directory.replayed, directory.code_reused, directory.moved; Untrusted
// directory.bad_seal, directory.foreign_seal, directory.other_log; Invalid directory.record_invalid,
// directory.invalid.
func (r *Roll) Publish(ctx context.Context, actor exchange.Actor, records [][]byte) (Standing, error) {
	if err := actor.May(exchange.ActManage); err != nil {
		return Standing{}, err
	}
	if r.Anchor == nil || r.Anchor.Keeper != r.Gateway.Node {
		return Standing{}, exchange.Errorf(exchange.Conflict, "directory.not_keeper", "%s is not", r.Gateway.Node)
	}
	if len(records) == 0 || len(records) > maxRecords {
		return Standing{}, exchange.Errorf(exchange.Invalid, "directory.record_invalid", "%d records", len(records))
	}
	r.writing.Lock()
	defer r.writing.Unlock()
	now := r.now()
	next, err := now.with(records)
	if err != nil {
		return Standing{}, err
	}
	note, err := checkpoint.Sign(r.Anchor.origin(), r.Gateway.Identity, next.size, next.root)
	if err != nil {
		return Standing{}, err
	}
	if next, err = r.extend(now, records, note); err != nil { // as every reader will
		return Standing{}, err
	}
	if err := r.keep(ctx, now, next, records, actor); err != nil {
		return Standing{}, err
	}
	return r.Standing(), nil
}

// keep writes what leads from one snapshot to the next, and shows the next. The caller holds r.writing.
func (r *Roll) keep(ctx context.Context, now, next *snapshot, records [][]byte, actor exchange.Actor) error {
	at := r.Gateway.Now().UTC()
	entry := exchange.Entry{
		At: at, Act: "directory.extended", Actor: actor.Name, Office: actor.Office, Detail: map[string]string{
			"from": strconv.FormatInt(now.size, 10), "size": strconv.FormatInt(next.size, 10), "root": string(next.root),
		},
	}
	err := r.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		for i, sealed := range records {
			if err := tx.AddDirectoryRecord(ctx, now.size+int64(i), sealed); err != nil {
				return err
			}
		}
		err := tx.AddWitnessed(ctx, r.Anchor.origin(), exchange.Witnessed{
			Size: next.size, Root: next.root, Note: next.note, At: at,
		})
		if err != nil {
			return err
		}
		_, err = tx.AppendLog(ctx, entry)
		return err
	})
	if err == nil {
		r.current.Store(next)
	}
	return err
}

// Approve takes a file in place of the one that stands, where there is no log, when digest is that of the difference
// that was shown: what was seen is what is approved. The approval is a leaf of the gateway's log. What the file leaves
// out stays. Errors: Denied access.denied; Conflict directory.changed when the difference is another one by now,
// directory.signed where there is a log, directory.code_reused; Invalid directory.invalid.
func (r *Roll) Approve(
	ctx context.Context, actor exchange.Actor, file exchange.DirectoryFile, digest exchange.Digest,
) (Review, error) {
	if err := actor.May(exchange.ActManage); err != nil {
		return Review{}, err
	}
	if r.Anchor != nil || r.Replace == nil {
		return Review{}, exchange.Errorf(exchange.Conflict, "directory.signed", "only an authority's record changes it")
	}
	r.writing.Lock()
	defer r.writing.Unlock()
	review, err := r.Review(file)
	if err != nil {
		return Review{}, err
	}
	if review.Digest != digest {
		return Review{}, exchange.Errorf(exchange.Conflict, "directory.changed", "the difference is %s", review.Digest)
	}
	if len(review.Differences) == 0 {
		return review, nil
	}
	merged := merge(r.Current(), file)
	directory, err := exchange.NewDirectory(merged)
	if err != nil {
		return Review{}, err
	}
	version, err := directory.Version()
	if err != nil {
		return Review{}, err
	}
	// The leaf comes first: a file without its approval would be worse than an approval that is given again.
	if err := r.Gateway.Note(ctx, actor, "directory.approved", map[string]string{
		"difference": string(digest), "directory": string(version),
	}); err != nil {
		return Review{}, err
	}
	if err := r.Replace(merged); err != nil {
		return Review{}, err
	}
	r.current.Store(&snapshot{directory: directory, state: unsigned(merged)})
	return review, nil
}

func digestOf(data []byte) exchange.Digest {
	sum := sha256.Sum256(data)
	return exchange.Digest(hex.EncodeToString(sum[:]))
}
