package api

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"

	"congvan/certs"
	"congvan/exchange"
)

// importLimit is the most bytes taken as revocation data, with the form around them.
const importLimit = certs.MaxCRL + formOverhead

type importOutput struct{ Body certs.Imported }

// importRevocation takes a list or an answer, as the whole body or as the part "file" of a form. Bringing the same
// again changes nothing.
func (s *Server) importRevocation(ctx context.Context, actor exchange.Actor, in *verifyInput) (*importOutput, error) {
	if in.err != nil {
		return nil, in.err
	}
	data, err := io.ReadAll(io.LimitReader(in.file, importLimit))
	if err != nil {
		return nil, exchange.Errorf(exchange.Invalid, codeRequestInvalid, "read the body: %w", err)
	}
	found, err := s.config.Import(ctx, data)
	if err != nil {
		kind, code := exchange.Invalid, cmp.Or(certs.Code(err), "revocation.import_unreadable")
		if code == "revocation.import_not_kept" {
			kind = exchange.Unavailable
		}
		return nil, exchange.Errorf(kind, code, "import: %w", err)
	}
	sum := sha256.Sum256(data)
	err = s.gateway.Note(ctx, actor, "revocation.imported", map[string]string{
		"digest": hex.EncodeToString(sum[:]), "kind": found.Kind, "issuer": found.Issuer,
	})
	return &importOutput{found}, err
}
