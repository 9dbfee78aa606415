package exchange

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"congvan/signing"
)

const (
	raiseEvery  = 5 * time.Minute
	raiseAtOnce = 50
)

// errRaised says that a version came between reading a document and issuing it.
var errRaised = errors.New("the document has a new version")

// raiseLoop reaches owed levels, and forgets what sessions prepared, until ctx ends.
func (g *Gateway) raiseLoop(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if !g.Owns("raise") {
			timer.Reset(raiseEvery)
			continue
		}
		if _, err := g.Raise(ctx); err != nil && ctx.Err() == nil {
			g.Log.LogAttrs(ctx, slog.LevelError, "cannot reach the levels that are owed", slog.Any("error", err))
		}
		if _, err := g.ForgetSessions(ctx); err != nil && ctx.Err() == nil {
			g.Log.LogAttrs(ctx, slog.LevelError, "cannot forget what was prepared", slog.Any("error", err))
		}
		timer.Reset(raiseEvery)
	}
}

// Raise (bổ sung) tries to reach the level that sealed documents owe, and says how many got further: evidence or an
// archive time stamp is added in a version of its own. A document that was issued stays as it was sent; the archive
// raises its own copy. It may run on several instances at once.
func (g *Gateway) Raise(ctx context.Context) (int, error) {
	count := 0
	for after := DocumentID(""); ; {
		var owing []Document
		err := g.Records.View(ctx, func(tx Tx) error {
			var err error
			owing, err = tx.Owing(ctx, after, raiseAtOnce)
			return err
		})
		if err != nil || len(owing) == 0 {
			return count, err
		}
		for _, document := range owing {
			raised, err := g.raise(ctx, document)
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
func (g *Gateway) raise(ctx context.Context, document Document) (bool, error) {
	blob, err := g.Blobs.Open(ctx, document.Current().Digest)
	if err != nil {
		return false, err
	}
	defer func() { _ = blob.Close() }() // it was only read
	midstates, err := g.midstates(ctx, document.Current())
	if err != nil {
		return false, err
	}
	signed, err := signing.Augment(ctx, blob, blob.Size(), signing.Raising{
		Level: document.Versions[len(document.Versions)-1].Owed, Stamper: g.Stamper, Evidence: g.Evidence,
		At: InVietnam(g.Now()), Midstates: midstates,
	})
	if err == nil && signed.Owed != nil {
		g.Log.LogAttrs(ctx, slog.LevelWarn, "a level is owed still", slog.String("document", string(document.ID)),
			slog.String("owed", string(signed.Pending)), slog.Any("error", signed.Owed))
	}
	if err != nil || len(signed.Tail) == 0 && signed.Pending != "" {
		return false, ignoreRefusal(ctx, g.Log, document.ID, err)
	}
	file := document.Current()
	if len(signed.Tail) > 0 {
		if file, err = g.keepSigned(ctx, blob, file, signed); err != nil {
			return false, err
		}
	}
	return g.addRaised(ctx, document, Version{
		Step: StepRaised, File: file, Owed: signed.Pending, At: g.now(), By: string(g.Node),
	})
}

// ignoreRefusal lets the others go on when one document cannot be extended; the operator is told.
func ignoreRefusal(ctx context.Context, log *slog.Logger, id DocumentID, err error) error {
	if signing.RefusalCode(err) == "" {
		return err
	}
	log.LogAttrs(ctx, slog.LevelError, "a document cannot be raised to the level it owes",
		slog.String("document", string(id)), slog.Any("error", err))
	return nil
}

// addRaised records the version unless the document went on meanwhile.
func (g *Gateway) addRaised(ctx context.Context, document Document, version Version) (bool, error) {
	added := false
	err := g.Records.Update(ctx, func(tx Tx) error {
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
		return g.log(ctx, tx, Actor{Name: version.By, Office: document.Office}, now, "document.raised")
	})
	return added, err
}
