package signing

import (
	"context"
	"crypto"
	"crypto/x509"
	"io"
	"time"

	"congvan/certs"
)

// Policy says how to judge: as at which moment, against which anchors, with which evidence.
type Policy struct {
	At         time.Time     // there is no default moment
	Anchors    certs.Anchors // given ones only
	Revocation RevocationSource
	Content    io.Reader // the signed file, for a detached CAdES signature; else nil
	// ContentDigests stand for Content where the signed file is known by its digests only.
	ContentDigests map[crypto.Hash][]byte
	// RequireRevocation makes an unknown revocation status INDETERMINATE. Off-line is unknown, never good.
	RequireRevocation bool
	// Verifier names the program that judges, with its version, in the evidence.
	Verifier string
	// NoBundle leaves Report.Bundle out, for whoever keeps no evidence.
	NoBundle bool
}

// RevocationSource finds what is known of a certificate's revocation beyond the document itself: a cache, the net. A
// nil source means off-line.
type RevocationSource interface {
	Check(ctx context.Context, certificate, issuer *x509.Certificate, at time.Time) certs.Revocation
}
