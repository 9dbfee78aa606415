package signing

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"congvan/certs"
	"congvan/certs/cms"
)

// check refuses an order that must not be carried out, before anything is hashed or signed: the law asks for a
// certificate that is valid at the time of signing (Decree 23/2025, Article 17).
func (o *Order) check() error {
	if o.At.IsZero() {
		return ErrNoMoment
	}
	if err := o.checkLevel(); err != nil {
		return err
	}
	if o.Hash != 0 && weakHash(o.Hash, o.At) {
		return fmt.Errorf("%w: %d", ErrWeakKey, o.Hash)
	}
	if o.Identity.Certificate == nil {
		return nil // not known yet: it is checked when the value comes
	}
	if err := checkCertificate(o.Identity.Certificate, o.At); err != nil {
		return err
	}
	if o.Identity.Signer == nil {
		return nil
	}
	if !sameKey(o.Identity.Signer.Public(), o.Identity.Certificate.PublicKey) {
		return ErrKeyMismatch
	}
	return nil
}

func (o *Order) checkLevel() error {
	switch o.Level {
	case LevelB:
		return nil
	case LevelT, LevelLT, LevelLTA:
	case LevelNone:
		return fmt.Errorf("%q: %w", o.Level, ErrLevel)
	default:
		return fmt.Errorf("%q: %w", o.Level, ErrLevel)
	}
	switch {
	case o.Stamper == nil:
		return ErrNoStamper
	case o.Evidence == nil && o.Level != LevelT:
		return ErrNoEvidence
	}
	return nil
}

// checkCertificate judges what can be judged of a certificate alone: time, key usage, strength. It is taken for its own
// anchor, so that only its own faults are left.
func checkCertificate(certificate *x509.Certificate, at time.Time) error {
	if weakKey(certificate.PublicKey, at) {
		return ErrWeakKey
	}
	if plainlyForSigning(certificate) && !at.Before(certificate.NotBefore) && !at.After(certificate.NotAfter) {
		return nil // most are, and a thousand signatures a second wait for this
	}
	alone := certs.NewAnchors(certs.Anchor{Certificate: certificate})
	standing := alone.Check(certificate, nil, at, certs.ForSigning)
	for _, refusal := range []*Refusal{ErrExpired, ErrNotYetValid, ErrWrongUsage} {
		if standing.Reason == refusal.code {
			return fmt.Errorf("%w: %s", refusal, standing.Detail)
		}
	}
	return nil
}

func plainlyForSigning(certificate *x509.Certificate) bool {
	const signs = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	return certificate.KeyUsage&signs != 0 &&
		(len(certificate.ExtKeyUsage) == 0 || slices.Contains(certificate.ExtKeyUsage, x509.ExtKeyUsageEmailProtection))
}

// scheme is how the identity signs under this order.
func (o *Order) scheme() (cms.Scheme, error) {
	scheme, err := cms.SchemeFor(o.Identity.Certificate.PublicKey, cms.Policy{PSS: o.PSS, Hash: o.Hash})
	switch {
	case errors.Is(err, cms.ErrWeak):
		return scheme, fmt.Errorf("%w: %w", ErrWeakKey, err)
	case err != nil:
		return scheme, fmt.Errorf("%w: %w", ErrKeyKind, err)
	}
	return scheme, nil
}

func sameKey(a crypto.PublicKey, b any) bool {
	comparable, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && comparable.Equal(b)
}
