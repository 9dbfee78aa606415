package outgoing

import (
	"context"
	"log/slog"
	"time"

	"congvan/exchange"
	"congvan/signing"
)

const (
	raiseEvery  = 5 * time.Minute
	raiseAtOnce = 50
)

// Run raises what owes a level, until ctx ends; where none above B-T is ordered there is nothing to do.
func (d Desk) Run(ctx context.Context) {
	if d.Gateway.Stamper == nil || d.Gateway.Level == "" || d.Gateway.Level == signing.LevelT {
		return
	}
	exchange.Every(ctx, raiseEvery, func() {
		if !d.Gateway.Owns("raise") {
			return
		}
		if _, err := d.Raise(ctx); err != nil && ctx.Err() == nil {
			d.Gateway.Log.LogAttrs(ctx, slog.LevelError, "cannot reach the levels that are owed", slog.Any("error", err))
		}
	})
}

// Raise (bổ sung) tries to reach the level that sealed documents owe, and says how many got further: evidence or an
// archive time stamp is added in a version of its own. A document that was issued stays as it was sent; the archive
// raises its own copy. It may run on several instances at once.
func (d Desk) Raise(ctx context.Context) (int, error) {
	count := 0
	for after := exchange.DocumentID(""); ; {
		var owing []exchange.Document
		err := d.Gateway.Records.View(ctx, func(tx exchange.Tx) error {
			var err error
			owing, err = tx.Owing(ctx, after, raiseAtOnce)
			return err
		})
		if err != nil || len(owing) == 0 {
			return count, err
		}
		for _, document := range owing {
			raised, err := d.raise(ctx, document)
			if err != nil {
				return count, err
			}
			if raised {
				count++
			}
			after = document.ID
		}
	}
}

// raise extends one document. What cannot be reached still is owed still.
func (d Desk) raise(ctx context.Context, document exchange.Document) (bool, error) {
	blob, err := d.Gateway.Blobs.Open(ctx, document.Current().Digest)
	if err != nil {
		return false, err
	}
	defer func() { _ = blob.Close() }() // it was only read
	midstates, err := exchange.KeptMidstates(ctx, d.Gateway.Records, document.Current())
	if err != nil {
		return false, err
	}
	signed, err := signing.Augment(ctx, blob, blob.Size(), signing.Raising{
		Level: document.Versions[len(document.Versions)-1].Owed, Stamper: d.Gateway.Stamper, Evidence: d.Gateway.Evidence,
		At: exchange.InVietnam(d.Gateway.Now()), Midstates: midstates,
	})
	if err == nil && signed.Owed != nil {
		d.Gateway.Log.LogAttrs(ctx, slog.LevelWarn, "a level is owed still", slog.String("document", string(document.ID)),
			slog.String("owed", string(signed.Pending)), slog.Any("error", signed.Owed))
	}
	if err != nil || len(signed.Tail) == 0 && signed.Pending != "" {
		return false, ignoreRefusal(ctx, d.Gateway.Log, document.ID, err)
	}
	file := document.Current()
	if len(signed.Tail) > 0 {
		if file, err = d.keepSigned(ctx, blob, file, signed); err != nil {
			return false, err
		}
	}
	return d.addRaised(ctx, document, exchange.Version{
		Step: exchange.StepRaised, File: file, Owed: signed.Pending, At: d.now(), By: string(d.Gateway.Node),
	})
}

// ignoreRefusal lets the others go on when one document cannot be extended; the operator is told.
func ignoreRefusal(ctx context.Context, log *slog.Logger, id exchange.DocumentID, err error) error {
	if signing.RefusalCode(err) == "" {
		return err
	}
	log.LogAttrs(ctx, slog.LevelError, "a document cannot be raised to the level it owes",
		slog.String("document", string(id)), slog.Any("error", err))
	return nil
}

// addRaised records the version unless the document went on meanwhile.
func (d Desk) addRaised(ctx context.Context, document exchange.Document, version exchange.Version) (bool, error) {
	added := false
	err := d.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		added = false
		now, err := tx.Document(ctx, document.Office, document.ID)
		if err != nil || !now.IssuedAt.IsZero() || len(now.Versions) != len(document.Versions) {
			return err
		}
		if err := tx.AddVersion(ctx, document.ID, version); err != nil {
			return err
		}
		now.Versions = append(now.Versions, version)
		added = true
		return d.logDocument(ctx, tx, exchange.Actor{Name: version.By, Office: document.Office}, now,
			"document.raised")
	})
	return added, err
}
