package session

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"time"

	"congvan/exchange"
	"congvan/exchange/reading"
)

// Content is everything that a signature of a session covers: what a program is given that makes a whole CMS
// object by itself. The caller closes it.
type Content struct {
	io.Reader
	Size int64
	blob exchange.Blob
}

// Close closes the document below.
func (c *Content) Close() error { return c.blob.Close() }

// Open opens what the signature of one part of a session covers. Who read it is logged. Errors as for
// Finish.
func (d Desk) Open(
	ctx context.Context, actor exchange.Actor, id exchange.SessionID, part exchange.PartID,
) (*Content, error) {
	ending := ending{desk: d, actor: actor}
	done, err := ending.open(ctx, id, part, exchange.ByValue)
	if err != nil {
		return nil, err
	}
	if done {
		return nil, exchange.Errorf(exchange.Conflict, "session.finished", "%v in session %s", part, id)
	}
	prepared, err := ending.part.Signing()
	if err != nil {
		return nil, err
	}
	blob, _, err := reading.Desk{Gateway: d.Gateway}.OpenDocumentFile(ctx, actor, part.Document, ending.part.Version)
	if err != nil {
		return nil, err
	}
	before, after := prepared.Tail.Covered()
	return &Content{
		Reader: io.MultiReader(
			io.NewSectionReader(blob, 0, blob.Size()), bytes.NewReader(before), bytes.NewReader(after)),
		Size: blob.Size() + int64(len(before)+len(after)), blob: blob,
	}, nil
}

// Run forgets what was prepared and is not needed any more, until ctx ends.
func (d Desk) Run(ctx context.Context) {
	exchange.Every(ctx, forgetEvery, func() {
		if !d.Gateway.Owns("forget sessions") {
			return
		}
		if _, err := d.Forget(ctx); err != nil && ctx.Err() == nil {
			d.Gateway.Log.LogAttrs(ctx, slog.LevelError, "cannot forget what was prepared", slog.Any("error", err))
		}
	})
}

const forgetEvery = 5 * time.Minute

// Forget takes out what was prepared for signatures that were made, or cannot be made any more, and says of how
// many parts: a prepared signature shows content. What became of each session stays. It may run on several instances at
// once.
func (d Desk) Forget(ctx context.Context) (int, error) {
	const atOnce = 100
	for total := 0; ; {
		count := 0
		err := d.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
			var err error
			count, err = tx.ForgetPrepared(ctx, d.now(), atOnce)
			return err
		})
		if total += count; err != nil || count < atOnce {
			return total, err
		}
	}
}
