package archive

import (
	"context"
	"encoding/hex"
	"log/slog"
	"time"

	"congvan/exchange"
	"congvan/signing"
)

const (
	renewEvery  = time.Hour
	renewAtOnce = 50
	retryAfter  = 6 * time.Hour
	// renewLead is how long before the proof of a document's time ends it is renewed: enough for an authority to be out of
	// order for months, and for an operator to find another.
	renewLead = 180 * 24 * time.Hour
	// renewAgain is how long a time stamp is left alone whose authority ends within the lead.
	renewAgain = 30 * 24 * time.Hour
)

// pdfType is what can be raised.
const pdfType = "application/pdf"

// Run renews what is due until ctx ends.
func (k *Keeper) Run(ctx context.Context, log *slog.Logger) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for k.raises() {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if _, err := k.Renew(ctx, log); err != nil && ctx.Err() == nil {
			log.LogAttrs(ctx, slog.LevelError, "cannot renew what the archive keeps", slog.Any("error", err))
		}
		timer.Reset(renewEvery)
	}
}

// raises says whether the archive adds evidence for long-term validity to what it keeps.
func (k *Keeper) raises() bool {
	return k.Stamper != nil && (k.Level == signing.LevelLT || k.Level == signing.LevelLTA)
}

// Renew (gia hạn) raises what the archive keeps to its level, and renews archive time stamps before they fade, as far
// as that is due; it says how many files it made. What was filed and what was sent stay as they are: each file extends
// the one before, and all are kept. What cannot be had now is tried again in some hours. It may run on several
// instances at once.
func (k *Keeper) Renew(ctx context.Context, log *slog.Logger) (int, error) {
	count := 0
	for ctx.Err() == nil {
		var due []exchange.Kept
		err := k.Records.View(ctx, func(tx exchange.Tx) error {
			var err error
			due, err = tx.KeptDue(ctx, k.now(), renewAtOnce)
			return err
		})
		if err != nil || len(due) == 0 {
			return count, err
		}
		for _, kept := range due {
			made, err := k.renew(ctx, kept, log)
			if err != nil {
				return count, err
			}
			if made {
				count++
			}
		}
	}
	return count, ctx.Err()
}

// renew extends one file. Whatever comes of it, the document is due later or never.
func (k *Keeper) renew(ctx context.Context, last exchange.Kept, log *slog.Logger) (bool, error) {
	blob, err := k.openWhole(ctx, last.File.Digest)
	if exchange.CodeOf(err) == "archive.damaged" {
		return false, k.postpone(ctx, last, log, err)
	}
	if err != nil {
		return false, err
	}
	defer func() { _ = blob.Close() }() // it was only read
	signed, err := k.extend(ctx, last, blob)
	if signing.RefusalCode(err) != "" { // nothing can be added to it, today or later
		log.LogAttrs(ctx, slog.LevelWarn, "kept as it was filed", slog.String("document", string(last.Document)),
			slog.Any("error", err))
		return false, k.setDue(ctx, last, time.Time{})
	}
	if err != nil {
		return false, err
	}
	if len(signed.Tail) == 0 && signed.Pending != "" {
		return false, k.postpone(ctx, last, log, signed.Owed)
	}
	next := last
	next.Ordinal, next.Level, next.At = last.Ordinal+1, signed.Level, k.now()
	if len(signed.Tail) > 0 {
		if next.File, err = k.keepRaised(ctx, last.File, blob, signed); err != nil {
			return false, err
		}
	}
	if next.Due, err = k.due(ctx, next.File, signed); err != nil {
		return false, err
	}
	if next.File == last.File && last.Level == next.Level { // it holds for longer than was thought
		return false, k.setDue(ctx, last, next.Due)
	}
	return k.addKept(ctx, next)
}

// extend raises a file to the level of the archive; one that has its archive time stamp gets another when that is due.
func (k *Keeper) extend(ctx context.Context, last exchange.Kept, blob exchange.Blob) (signing.Signed, error) {
	order := signing.Raising{
		Level: k.Level, Stamper: k.Stamper, Evidence: k.Evidence, At: exchange.InVietnam(k.Now()),
	}
	var err error
	if order.Midstates, err = exchange.KeptMidstates(ctx, k.Records, last.File); err != nil {
		return signing.Signed{}, err
	}
	if last.Level == signing.LevelLTA {
		return signing.Renew(ctx, blob, blob.Size(), order, renewLead)
	}
	return signing.Augment(ctx, blob, blob.Size(), order)
}

// due says when a file is to be extended again: soon when a level is owed, else so long before the proof of its time
// ends; never when nothing in it is to be renewed.
func (k *Keeper) due(ctx context.Context, file exchange.File, signed signing.Signed) (time.Time, error) {
	switch {
	case signed.Pending != "":
		return k.now().Add(retryAfter), nil
	case signed.Level != signing.LevelLTA:
		return time.Time{}, nil
	}
	blob, err := k.Blobs.Open(ctx, file.Digest)
	if err != nil {
		return time.Time{}, err
	}
	defer func() { _ = blob.Close() }() // it was only read
	fading, err := signing.ArchiveFades(blob, blob.Size())
	if err != nil {
		return time.Time{}, err
	}
	if due := fading.Until.Add(-renewLead); due.After(k.now()) {
		return due, nil
	}
	return k.now().Add(renewAgain), nil // the authority itself ends within the lead: another may be there by then
}

func (k *Keeper) postpone(ctx context.Context, kept exchange.Kept, log *slog.Logger, cause error) error {
	log.LogAttrs(ctx, slog.LevelWarn, "a kept document cannot be raised now",
		slog.String("document", string(kept.Document)), slog.Any("error", cause))
	return k.setDue(ctx, kept, k.now().Add(retryAfter))
}

func (k *Keeper) setDue(ctx context.Context, kept exchange.Kept, due time.Time) error {
	return k.Records.Update(ctx, func(tx exchange.Tx) error {
		return tx.Postpone(ctx, kept.Office, kept.Document, due)
	})
}

// keepRaised keeps the longer file in both stores.
func (k *Keeper) keepRaised(
	ctx context.Context, file exchange.File, blob exchange.Blob, signed signing.Signed,
) (exchange.File, error) {
	want := exchange.Digest(hex.EncodeToString(signed.SHA256[:]))
	for _, store := range []exchange.Blobs{k.Blobs, k.Second} {
		if store == nil {
			continue
		}
		if _, _, err := store.Put(ctx, signed.Reader(blob, blob.Size()), want, signed.Size); err != nil {
			return exchange.File{}, err
		}
	}
	file.Digest, file.Size = want, signed.Size
	return file, nil
}

// addKept records the file with its line in the log, unless another instance was quicker.
func (k *Keeper) addKept(ctx context.Context, kept exchange.Kept) (bool, error) {
	err := k.Records.Update(ctx, func(tx exchange.Tx) error {
		if err := tx.AddKept(ctx, kept); err != nil {
			return err
		}
		_, err := tx.AppendLog(ctx, exchange.Entry{
			At: kept.At, Act: "archive.raised", Office: kept.Office, Document: kept.Document,
			Detail: map[string]string{"digest": string(kept.File.Digest), "level": string(kept.Level)},
		})
		return err
	})
	if exchange.CodeOf(err) == "archive.kept_before" {
		return false, nil
	}
	return err == nil, err
}

// keepFirst records the file as it was filed; from then on it is due.
func (k *Keeper) keepFirst(ctx context.Context, tx exchange.Tx, t taking, at time.Time) error {
	if !k.raises() || t.files[0].MediaType != pdfType {
		return nil
	}
	return tx.AddKept(ctx, exchange.Kept{
		Office: t.of, Document: t.evidence.Document, File: t.files[0], At: at, Due: at,
	})
}
