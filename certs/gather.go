package certs

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Gather finds what a long-term signature must carry (ETSI EN 319 142-1, B-LT): the certificates above the identity's
// own up to the anchor, and for every one below the anchor evidence that it was not revoked at the moment; also for
// OCSP responders that do not say "no check" of themselves. Evidence that speaks of a time before the moment is asked
// for anew, and used only when nothing newer is to be had.
//
// ErrNoEvidence says that something is missing now, or that a certificate is revoked; the evidence that comes with it
// is what was found.
func (f *Fetcher) Gather(ctx context.Context, identity Identity, at time.Time) (Evidence, error) {
	if identity.Certificate == nil {
		return Evidence{}, fmt.Errorf("gather evidence: %w", ErrNoCertificate)
	}
	gathering := &gathering{fetcher: f, when: When{At: at, Now: f.now()}}
	path := append([]*x509.Certificate{identity.Certificate}, f.Issuers(ctx, identity.Certificate, identity.Chain)...)
	gathering.evidence.Certificates = slices.Clone(path[1:])
	top := path[len(path)-1]
	if f.anchors.Len() > 0 && !f.anchors.Holds(top) || !f.anchors.Holds(top) && !sameName(top.RawSubject, top.RawIssuer) {
		gathering.missing(top, ReasonNoAnchor)
	}
	for i, certificate := range path[:len(path)-1] {
		gathering.add(ctx, certificate, path[i+1])
	}
	if err := errors.Join(gathering.faults...); err != nil {
		return gathering.evidence, fmt.Errorf("gather evidence: %w: %w", ErrNoEvidence, err)
	}
	return gathering.evidence, nil
}

// gathering is one heap of evidence as it grows.
type gathering struct {
	fetcher  *Fetcher
	when     When
	evidence Evidence
	faults   []error
}

// add finds evidence for one certificate, and for the responder that gives it.
func (g *gathering) add(ctx context.Context, certificate, issuer *x509.Certificate) {
	known := g.learn(ctx, question{certificate, issuer, g.when, g.fetcher.anchors.proved()})
	if known.Status == StatusUnknown {
		return
	}
	g.keep(known)
	responder := known.Responder
	if responder == nil || slices.ContainsFunc(g.evidence.Certificates, responder.Equal) {
		return
	}
	g.evidence.Certificates = append(g.evidence.Certificates, responder)
	if extension(responder.Extensions, oidOCSPNoCheck) == nil {
		g.add(ctx, responder, issuer)
	}
}

// learn prefers evidence made at or after the moment, and asks for it even when the cache holds some that is older.
func (g *gathering) learn(ctx context.Context, asked question) Revocation {
	kept := g.fetcher.recall(ctx, asked)
	if kept.Status != StatusUnknown && !kept.ThisUpdate.Before(g.when.At) {
		return g.judged(asked.certificate, kept)
	}
	fresh := g.fetcher.inquire(ctx, asked)
	if fresh.Status == StatusUnknown && kept.Status != StatusUnknown {
		fresh = kept
	}
	return g.judged(asked.certificate, fresh)
}

func (g *gathering) judged(certificate *x509.Certificate, known Revocation) Revocation {
	switch {
	case known.Status == StatusUnknown:
		g.missing(certificate, known.Reason)
	case known.StatusAt(g.when.At) == StatusRevoked:
		g.missing(certificate, "certificate.revoked")
	}
	return known
}

func (g *gathering) missing(certificate *x509.Certificate, code string) {
	name, serial := certificate.Subject.String(), certificate.SerialNumber.Text(16)
	g.faults = append(g.faults, fmt.Errorf("%s (serial %s): %s", name, serial, code))
}

func (g *gathering) keep(known Revocation) {
	if known.OCSP != nil && !slices.ContainsFunc(g.evidence.OCSPs, sameBytes(known.OCSP)) {
		g.evidence.OCSPs = append(g.evidence.OCSPs, known.OCSP)
	}
	if known.CRL != nil && !slices.ContainsFunc(g.evidence.CRLs, sameBytes(known.CRL)) {
		g.evidence.CRLs = append(g.evidence.CRLs, known.CRL)
	}
}

func sameBytes(wanted []byte) func([]byte) bool {
	return func(held []byte) bool { return bytes.Equal(held, wanted) }
}
