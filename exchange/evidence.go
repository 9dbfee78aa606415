package exchange

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"congvan/signing"
)

// keepBundle stores what a report rests on and gives its digest; empty when there is nothing to keep, or more than is
// kept. The same evidence is stored once.
func (g *Gateway) keepBundle(ctx context.Context, report signing.Report) (Digest, error) {
	data, err := report.Bundle.Encode()
	if errors.Is(err, signing.ErrNoBundle) || errors.Is(err, signing.ErrBundleTooLarge) {
		return "", nil
	}
	if err != nil {
		return "", Errorf(Internal, "internal", "%w", err)
	}
	digest, _, err := g.Blobs.Put(ctx, bytes.NewReader(data), "", signing.MaxBundle)
	return digest, err
}

// Bundle names the stored evidence of the judgement; empty when there is none.
func (j Judgement) Bundle() Digest {
	var found judged
	if err := json.Unmarshal(j.Report, &found); err != nil {
		return ""
	}
	return found.Evidence
}
