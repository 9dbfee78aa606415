package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"congvan/exchange"
)

// readEvidence answers with the evidence file about a document; see package evidence.
func (s *Server) readEvidence(
	ctx context.Context, actor exchange.Actor, in *documentInput,
) (*contentOutput, error) {
	file, err := s.config.Notary.Export(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(file)
	return &contentOutput{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", "application/json")
		ctx.SetHeader("Content-Disposition", Disposition(EvidenceName(in.ID)))
		ctx.SetHeader("Cache-Control", "private, no-store")
		ctx.SetHeader("ETag", `"`+hex.EncodeToString(sum[:])+`"`)
		_, _ = ctx.BodyWriter().Write(file) // a client that hangs up is no fault of ours
	}}, nil
}

// EvidenceName is what the evidence file about a document is called when it is saved.
func EvidenceName(id exchange.DocumentID) string { return "bang-chung-" + string(id) + ".json" }

// Evidence writes the evidence file about an outgoing or incoming document.
func (c *Client) Evidence(ctx context.Context, id exchange.DocumentID, w io.Writer) (exchange.Digest, error) {
	return c.fetch(ctx, "/documents/"+url.PathEscape(string(id))+"/evidence", "", w)
}

// describeEvidence adds the route when there is a notary.
func (s *Server) describeEvidence() {
	if s.config.Notary != nil {
		add(s, route{"readEvidence", http.MethodGet, "/documents/{id}/evidence", exchange.ActRead, 200, 0}, s.readEvidence)
	}
}
