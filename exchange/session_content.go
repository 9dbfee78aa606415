package exchange

import (
	"bytes"
	"context"
	"encoding/json"
	"io"

	"congvan/signing"
)

// SessionContent is everything that a signature of a session covers: what a program is given that makes a whole CMS
// object by itself. The caller closes it.
type SessionContent struct {
	io.Reader
	Size int64
	blob Blob
}

// Close closes the document below.
func (c *SessionContent) Close() error { return c.blob.Close() }

// OpenSession opens what the signature of one part of a session covers. Who read it is logged. Errors as for
// FinishSession.
func (g *Gateway) OpenSession(
	ctx context.Context, actor Actor, id SessionID, part PartID,
) (*SessionContent, error) {
	ending := ending{gateway: g, actor: actor}
	done, err := ending.open(ctx, id, part, ByValue)
	if err != nil {
		return nil, err
	}
	if done {
		return nil, Errorf(Conflict, "session.finished", "%v in session %s", part, id)
	}
	prepared, err := ending.part.Signing()
	if err != nil {
		return nil, err
	}
	blob, _, err := g.OpenDocumentFile(ctx, actor, part.Document, ending.part.Version)
	if err != nil {
		return nil, err
	}
	before, after := prepared.Tail.Covered()
	return &SessionContent{
		Reader: io.MultiReader(
			io.NewSectionReader(blob, 0, blob.Size()), bytes.NewReader(before), bytes.NewReader(after)),
		Size: blob.Size() + int64(len(before)+len(after)), blob: blob,
	}, nil
}

// ForgetSessions takes out what was prepared for signatures that were made, or cannot be made any more, and says of how
// many parts: a prepared signature shows content. What became of each session stays. It may run on several instances at
// once.
func (g *Gateway) ForgetSessions(ctx context.Context) (int, error) {
	const atOnce = 100
	for total := 0; ; {
		count := 0
		err := g.Records.Update(ctx, func(tx Tx) error {
			var err error
			count, err = tx.ForgetPrepared(ctx, g.now(), atOnce)
			return err
		})
		if total += count; err != nil || count < atOnce {
			return total, err
		}
	}
}

// Signing gives what was prepared for the key; of a part that is finished by upload nothing was.
func (p SessionPart) Signing() (signing.Session, error) {
	var prepared signing.Session
	if err := json.Unmarshal(p.Prepared, &prepared); err != nil {
		return prepared, Errorf(Internal, "internal", "read what was prepared for %s: %w", p.Document, err)
	}
	return prepared, nil
}
