package signing

import (
	"context"
	"fmt"
	"io"

	"congvan/certs/cms"
)

// Detached is a CAdES signature over a file that is not PDF: the bytes of the .p7s file beside it.
type Detached struct {
	Bytes   []byte
	Level   Level    // what was reached: LevelB or LevelT
	Pending Level    // what was ordered but could not be reached now; empty when nothing is owed
	Owed    error    // why it is owed, for logs
	SHA256  [32]byte // of the content
}

// SignDetached signs content of any kind and size, which is read once, at level LevelB or LevelT (ETSI EN 319 122-1).
// It refuses what SignPDF refuses; of the order it uses identity, level, stamper, moment, PSS and hash.
func SignDetached(ctx context.Context, content io.Reader, order Order) (Detached, error) {
	switch {
	case order.Identity.Signer == nil || order.Identity.Certificate == nil:
		return Detached{}, ErrNoIdentity
	case order.Level != LevelB && order.Level != LevelT:
		return Detached{}, fmt.Errorf("%q for a detached signature: %w", order.Level, ErrLevel)
	}
	if err := order.check(); err != nil {
		return Detached{}, err
	}
	scheme, err := order.scheme()
	if err != nil {
		return Detached{}, err
	}
	hashed, err := newPrefix(ctx, hashing{content, -1, order.Midstates}, scheme.ContentHash())
	if err != nil {
		return Detached{}, err
	}
	digest, err := hashed.sum(scheme.ContentHash())
	if err != nil {
		return Detached{}, err
	}
	draft := order.draft(scheme, digest)
	draft.SigningTime = order.At // CAdES wants it in the signature, PAdES outside (EN 319 122-1, 6.3)
	object, err := cms.Sign(order.Identity.Signer, draft)
	if err != nil {
		return Detached{}, fmt.Errorf("use the key: %w", err)
	}
	made := Detached{Bytes: object, Level: LevelB, SHA256: hashed.whole()}
	if order.Level == LevelB {
		return made, nil
	}
	stamped, err := stampSignature(ctx, order.Stamper, object)
	switch {
	case err == nil:
		made.Bytes, made.Level = stamped, LevelT
	case ctx.Err() != nil:
		return Detached{}, err
	default:
		made.Pending, made.Owed = order.Level, err
	}
	return made, nil
}
