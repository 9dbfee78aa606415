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

// OpenSession opens what the signature of one document of a session covers. Who read it is logged. Errors as for
// FinishSession.
func (g *Gateway) OpenSession(
	ctx context.Context, actor Actor, id SessionID, document DocumentID,
) (*SessionContent, error) {
	ending := ending{gateway: g, actor: actor}
	_, done, err := ending.open(ctx, id, document, ByValue)
	if err != nil {
		return nil, err
	}
	if done {
		return nil, Errorf(Conflict, "session.finished", "%s in session %s", document, id)
	}
	prepared, err := ending.part.Signing()
	if err != nil {
		return nil, err
	}
	blob, _, err := g.OpenDocumentFile(ctx, actor, document, ending.part.Version)
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

// Signing gives what was prepared for the key; of a part that is finished by upload nothing was.
func (p SessionPart) Signing() (signing.Session, error) {
	var prepared signing.Session
	if err := json.Unmarshal(p.Prepared, &prepared); err != nil {
		return prepared, Errorf(Internal, "internal", "read what was prepared for %s: %w", p.Document, err)
	}
	return prepared, nil
}
