package certstest

import (
	"context"
	"crypto"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"sync/atomic"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/cms"
)

// LocalStamper is a certs.Stamper without a network, for tests under a clock of their own: its tokens are those of a
// time-stamping authority below the anchors of the authority it was made with.
type LocalStamper struct {
	identity certs.Identity
	now      func() time.Time
	serial   *atomic.Int64
}

// NewLocalStamper issues the certificate of a time-stamping authority.
func NewLocalStamper(tb testing.TB, authority *certs.Authority, now func() time.Time) LocalStamper {
	tb.Helper()
	identity, err := authority.Issue(certs.Order{
		Subject: pkix.Name{CommonName: "TSA thử"}, Use: certs.UseTimestamping,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return LocalStamper{identity, now, new(atomic.Int64)}
}

// Stamp makes a token over the digest as at the clock's moment.
func (s LocalStamper) Stamp(_ context.Context, hash crypto.Hash, digest []byte) ([]byte, error) {
	scheme, err := cms.SchemeFor(s.identity.Signer.Public(), cms.Policy{})
	if err != nil {
		return nil, err
	}
	draft := cms.Draft{Scheme: scheme, Certificate: s.identity.Certificate, Chain: s.identity.Chain[:1]}
	return cms.BuildTimestampToken(s.identity.Signer, draft, cms.TSTInfo{
		Policy: asn1.ObjectIdentifier{1, 2, 3, 4}, Hash: hash, Imprint: digest, Serial: big.NewInt(s.serial.Add(1)),
		Time: s.now().UTC().Truncate(time.Millisecond), Accuracy: time.Second,
	})
}
