package certs

import (
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"
	"golang.org/x/sync/singleflight"
)

// ErrNoEvidence means that the evidence for a long-term signature could not be gathered in full now; it may be later.
var ErrNoEvidence = errors.New("revocation evidence is missing")

// errOffline is why nobody is asked.
var errOffline = errors.New("off-line by the settings")

const (
	// maxCertificateFile is the largest answer to a question for an issuer's certificate, in bytes.
	maxCertificateFile = 64 << 10
	// maxSources is how many addresses of each kind in a certificate are asked.
	maxSources = 3
	// issuerKept is how long an issuer's certificate is kept in the cache.
	issuerKept = 30 * 24 * time.Hour
)

// Fetching says how revocation data is fetched.
type Fetching struct {
	Now      func() time.Time // needed: nothing may speak from after it
	Cache    Cache            // nil: in memory
	Offline  bool             // only what is in the cache counts, and nobody is asked
	Anchors  Anchors          // where the chains that Gather completes end; empty: at roots of any kind
	Outbound Outbound
}

// Fetcher asks for OCSP responses, revocation lists and issuers' certificates at the addresses that certificates name,
// under limits of size, time and address. It may be used by several goroutines; equal questions at one time are asked
// once. It fits where signing asks for a RevocationSource or an EvidenceGatherer.
type Fetcher struct {
	now      func() time.Time
	cache    Cache
	offline  bool
	anchors  Anchors
	outbound *outbound
	flights  *singleflight.Group
}

// NewFetcher gives a Fetcher, or an error when the settings make no sense.
func NewFetcher(settings Fetching) (*Fetcher, error) {
	if settings.Now == nil {
		return nil, errors.New("new fetcher: a clock is needed")
	}
	outbound, err := newOutbound(settings.Outbound)
	if err != nil {
		return nil, fmt.Errorf("new fetcher: %w", err)
	}
	cache := settings.Cache
	if cache == nil {
		cache = NewMemoryCache()
	}
	return &Fetcher{
		now: settings.Now, cache: cache, offline: settings.Offline, anchors: settings.Anchors,
		outbound: outbound, flights: &singleflight.Group{},
	}, nil
}

// Check says what is known of the certificate's revocation as at the moment: from imported lists, from the cache
// while it is fresh, else on line, OCSP before lists. What cannot be learnt is StatusUnknown with a reason, never
// good.
func (f *Fetcher) Check(ctx context.Context, certificate, issuer *x509.Certificate, at time.Time) Revocation {
	if certificate == nil || issuer == nil {
		return unknown(RevocationWrongIssuer)
	}
	asked := question{certificate, issuer, When{At: at, Now: f.now()}, f.anchors.proved()}
	known := f.recall(ctx, asked)
	if known.Status != StatusUnknown {
		return known
	}
	return better(known, f.inquire(ctx, asked))
}

// source is one address that may know of a certificate's revocation.
type source struct {
	url  string
	key  string // in the cache
	list bool   // a revocation list, else OCSP
}

func sourcesOf(certificate, issuer *x509.Certificate) []source {
	var sources []source
	for _, url := range webAddresses(certificate.OCSPServer) {
		serial := certificate.SerialNumber.Bytes()
		key := cacheKey("ocsp", []byte(url), issuer.RawSubjectPublicKeyInfo, serial)
		sources = append(sources, source{url: url, key: key})
	}
	for _, url := range webAddresses(certificate.CRLDistributionPoints) {
		sources = append(sources, source{url: url, key: cacheKey("crl", []byte(url)), list: true})
	}
	return sources
}

func webAddresses(addresses []string) []string {
	var found []string
	for _, address := range addresses {
		lower := strings.ToLower(address)
		web := strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://")
		if web && len(found) < maxSources {
			found = append(found, address)
		}
	}
	return found
}

func cacheKey(kind string, parts ...[]byte) string {
	hash := sha256.New()
	for _, part := range parts {
		inner := sha256.Sum256(part)
		hash.Write(inner[:])
	}
	return kind + ":" + hex.EncodeToString(hash.Sum(nil))
}

// recall looks only at what is here already.
func (f *Fetcher) recall(ctx context.Context, asked question) Revocation {
	best := f.recallImported(ctx, asked)
	for _, source := range sourcesOf(asked.certificate, asked.issuer) {
		if der, ok := f.cache.Get(ctx, source.key); ok {
			best = better(best, withSource(asked.judge(der, source.list), "cache"))
		}
	}
	return best
}

func (q question) judge(der []byte, list bool) Revocation {
	if list {
		return q.judgeCRL(der)
	}
	return q.judgeOCSP(der, nil)
}

func withSource(known Revocation, source string) Revocation {
	known.Source = source
	return known
}

// inquire asks on line until somebody knows.
func (f *Fetcher) inquire(ctx context.Context, asked question) Revocation {
	best := Revocation{Reason: RevocationNoSource}
	for _, source := range sourcesOf(asked.certificate, asked.issuer) {
		answer := unknown(RevocationOffline)
		if der, err := f.fetch(ctx, asked, source); err == nil {
			answer = withSource(asked.judge(der, source.list), "online")
			if answer.Status != StatusUnknown {
				f.cache.Put(ctx, source.key, der, keepUntil(answer))
				return answer
			}
		}
		best = better(best, answer)
	}
	return best
}

func keepUntil(answer Revocation) time.Time {
	if answer.NextUpdate.IsZero() {
		return answer.ThisUpdate.Add(freshFor)
	}
	return answer.NextUpdate
}

func (f *Fetcher) fetch(ctx context.Context, asked question, from source) ([]byte, error) {
	if from.list {
		return f.once(ctx, from.key, httpQuestion{url: from.url, limit: MaxCRL})
	}
	request, err := ocsp.CreateRequest(asked.certificate, asked.issuer, &ocsp.RequestOptions{Hash: crypto.SHA1})
	if err != nil {
		return nil, fmt.Errorf("make OCSP request: %w", err)
	}
	return f.once(ctx, from.key, httpQuestion{
		url: from.url, body: request, contentType: "application/ocsp-request", limit: MaxOCSP,
	})
}

// once lets equal questions that come at one time share one answer. The question goes on when the first who asked gives
// up, as others may wait for it; the client's time-out ends it.
func (f *Fetcher) once(ctx context.Context, key string, asked httpQuestion) ([]byte, error) {
	if f.offline {
		return nil, errOffline
	}
	shared := f.flights.DoChan(key, func() (any, error) {
		return f.outbound.ask(context.WithoutCancel(ctx), asked)
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case result := <-shared:
		body, _ := result.Val.([]byte)
		return body, result.Err
	}
}

// Issuers gives the certificates above the leaf, nearest first: from others as far as they go, then from the addresses
// that the certificates name (authority information access). It ends at an anchor, at a certificate that signs itself
// or where nothing more is found. What it gives has been checked for signatures, not for trust.
func (f *Fetcher) Issuers(ctx context.Context, leaf *x509.Certificate, others []*x509.Certificate) []*x509.Certificate {
	path := []*x509.Certificate{leaf}
	for len(path) < maxPathLength {
		last := path[len(path)-1]
		if f.anchors.Holds(last) || sameName(last.RawSubject, last.RawIssuer) {
			break
		}
		issuer := f.issuerOf(ctx, last, others)
		if issuer == nil || onPath(path, issuer) {
			break
		}
		path = append(path, issuer)
	}
	return path[1:]
}

func (f *Fetcher) issuerOf(ctx context.Context, of *x509.Certificate, others []*x509.Certificate) *x509.Certificate {
	near := make([]*x509.Certificate, 0, len(others))
	for _, anchor := range f.anchors.named(of.RawIssuer) {
		near = append(near, anchor.Certificate)
	}
	if issuer := issuerAmong(append(near, others...), of); issuer != nil {
		return issuer
	}
	for _, url := range webAddresses(of.IssuingCertificateURL) {
		key := cacheKey("issuer", []byte(url))
		if der, ok := f.cache.Get(ctx, key); ok {
			if issuer := issuerIn(der, of); issuer != nil {
				return issuer
			}
		}
		der, err := f.once(ctx, key, httpQuestion{url: url, limit: maxCertificateFile})
		if err != nil {
			continue
		}
		if issuer := issuerIn(der, of); issuer != nil {
			f.cache.Put(ctx, key, der, f.now().Add(issuerKept))
			return issuer
		}
	}
	return nil
}

func issuerIn(data []byte, of *x509.Certificate) *x509.Certificate {
	certificates, err := ParseCertificates(data)
	if err != nil {
		return nil
	}
	return issuerAmong(certificates, of)
}

func issuerAmong(heap []*x509.Certificate, of *x509.Certificate) *x509.Certificate {
	tried := 0
	for _, candidate := range heap {
		if candidate == nil || !sameName(candidate.RawSubject, of.RawIssuer) {
			continue
		}
		if tried++; tried > maxCandidates {
			break
		}
		if signedBy(of, candidate) == nil {
			return candidate
		}
	}
	return nil
}
