package certs

import (
	"context"
	"crypto"
	"crypto/rand"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"congvan/certs/cms"
)

// What can be wrong with a time stamp that was asked for. The text of each is a stable code.
var (
	ErrTimestampUnavailable  = errors.New("timestamp.unavailable")   // no answer, or none in time
	ErrTimestampRefused      = errors.New("timestamp.refused")       // the authority said no
	ErrTimestampUnreadable   = errors.New("timestamp.unreadable")    // the answer is no time stamp, or too large
	ErrTimestampWrongImprint = errors.New("timestamp.wrong_imprint") // it stamps something else
	ErrTimestampWrongNonce   = errors.New("timestamp.wrong_nonce")   // it answers another question, perhaps an old one
	ErrTimestampWrongTime    = errors.New("timestamp.wrong_time")    // its time is far from ours
	ErrTimestampWrongSigner  = errors.New("timestamp.wrong_signer")  // its certificate is missing or not for time stamps
	ErrTimestampExpired      = errors.New("timestamp.expired")       // its certificate was not valid at its time
	ErrTimestampBadSignature = errors.New("timestamp.bad_signature")
)

const (
	// defaultToken is the largest time-stamp token taken when nothing else is set, in bytes.
	defaultToken = 64 << 10
	// clockTolerance is how far an authority's time may be from ours.
	clockTolerance = 5 * time.Minute
)

// Timestamping says which authorities are asked for time stamps.
type Timestamping struct {
	URLs     []string              // in the order in which they are tried; their hosts are allowed wherever they are
	Policy   asn1.ObjectIdentifier // nil leaves it to the authority
	MaxToken int                   // bytes; zero is 64 KiB
	Now      func() time.Time      // when given, a time further than five minutes from it is refused
	Outbound Outbound
}

// TSA is a [Stamper] that asks time-stamping authorities over HTTP (RFC 3161, 3.4). It may be used by several
// goroutines.
type TSA struct {
	settings Timestamping
	outbound *outbound
	last     atomic.Int64 // index of the authority that answered last: it is tried first
	known    *provedCache // of the authorities' certificates, which come back with every token
}

var _ Stamper = (*TSA)(nil)

// NewTSA gives a client for the authorities, or an error when the settings make no sense.
func NewTSA(settings Timestamping) (*TSA, error) {
	if len(settings.URLs) == 0 {
		return nil, errors.New("new time-stamp client: no address")
	}
	allowed := slices.Clone(settings.Outbound.Allow)
	for _, address := range settings.URLs {
		target, err := url.Parse(address)
		if err != nil {
			return nil, fmt.Errorf("new time-stamp client: %w", err)
		}
		if err := checkURL(target); err != nil {
			return nil, fmt.Errorf("new time-stamp client: %w", err)
		}
		allowed = append(allowed, target.Hostname())
	}
	settings.Outbound.Allow = allowed
	outbound, err := newOutbound(settings.Outbound)
	if err != nil {
		return nil, fmt.Errorf("new time-stamp client: %w", err)
	}
	if settings.MaxToken <= 0 {
		settings.MaxToken = defaultToken
	}
	return &TSA{settings: settings, outbound: outbound, known: newProvedCache()}, nil
}

// Stamp asks the authorities one after the other until one gives a good token. The errors are those named ErrTimestamp;
// when several authorities fail, all their errors are joined, and errors.Is finds each.
func (t *TSA) Stamp(ctx context.Context, hash crypto.Hash, digest []byte) ([]byte, error) {
	if !hash.Available() || len(digest) != hash.Size() {
		return nil, fmt.Errorf("stamp: digest of %d bytes is not %v", len(digest), hash)
	}
	var faults []error
	first := int(t.last.Load())
	for i := range t.settings.URLs {
		index := (first + i) % len(t.settings.URLs)
		token, err := t.stampAt(ctx, t.settings.URLs[index], hash, digest)
		if err == nil {
			t.last.Store(int64(index))
			return token, nil
		}
		faults = append(faults, fmt.Errorf("stamp at %s: %w", t.settings.URLs[index], err))
		if ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(faults...)
}

func (t *TSA) stampAt(ctx context.Context, address string, hash crypto.Hash, digest []byte) ([]byte, error) {
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 63)) // some authorities take 64 bits at most
	if err != nil {
		return nil, err
	}
	request, err := cms.MarshalTimestampRequest(cms.TimestampRequest{
		Hash: hash, Digest: digest, Policy: t.settings.Policy, Nonce: nonce, Certificates: true,
	})
	if err != nil {
		return nil, err
	}
	const envelope = 4 << 10 // of the response around the token
	answer, err := t.outbound.ask(ctx, httpQuestion{
		url: address, body: request, contentType: "application/timestamp-query",
		limit: int64(t.settings.MaxToken) + envelope,
	})
	switch {
	case errors.Is(err, errTooLarge):
		return nil, fmt.Errorf("%w: %w", ErrTimestampUnreadable, err)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrTimestampUnavailable, err)
	}
	token, err := t.open(answer)
	if err != nil {
		return nil, err
	}
	return token, t.check(token, hash, digest, nonce)
}

func (t *TSA) open(answer []byte) ([]byte, error) {
	response, err := cms.ParseTimestampResponse(answer)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrTimestampUnreadable, err)
	case len(response.Token) > 0 && len(response.Token) > t.settings.MaxToken:
		return nil, fmt.Errorf("%w: token of %d bytes", ErrTimestampUnreadable, len(response.Token))
	case len(response.Token) > 0:
		return response.Token, nil
	default:
		return nil, fmt.Errorf("%w: status %d, failure %d, %q",
			ErrTimestampRefused, response.Status, response.Failure, response.Text)
	}
}

// check makes sure that the token answers our question and that its signature holds (RFC 3161, 2.2). Its authority's
// standing is judged later, against anchors.
func (t *TSA) check(der []byte, hash crypto.Hash, digest []byte, nonce *big.Int) error {
	signed, err := cms.ParseWith(der, t.known.certificate)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrTimestampUnreadable, err)
	}
	token, err := signed.TimestampToken()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrTimestampUnreadable, err)
	}
	switch {
	case !token.Covers(hash, digest):
		return ErrTimestampWrongImprint
	case token.Info.Nonce == nil || token.Info.Nonce.Cmp(nonce) != 0:
		return ErrTimestampWrongNonce
	case t.settings.Policy != nil && !token.Info.Policy.Equal(t.settings.Policy):
		return fmt.Errorf("%w: policy %s", ErrTimestampRefused, token.Info.Policy)
	}
	if t.settings.Now != nil {
		if off := token.Info.Time.Sub(t.settings.Now()).Abs(); off > clockTolerance {
			return fmt.Errorf("%w: %s apart", ErrTimestampWrongTime, off)
		}
	}
	return checkAuthority(token)
}

func checkAuthority(token *cms.Token) error {
	signer := token.FindSigner(nil)
	if signer == nil {
		return fmt.Errorf("%w: certificate missing", ErrTimestampWrongSigner)
	}
	if detail := misuse(signer, ForTimestamping); detail != "" {
		return fmt.Errorf("%w: %s", ErrTimestampWrongSigner, detail)
	}
	if moment := token.Info.Time; moment.Before(signer.NotBefore) || moment.After(signer.NotAfter) {
		return fmt.Errorf("%w: valid %s to %s", ErrTimestampExpired, signer.NotBefore, signer.NotAfter)
	}
	err := token.Verify(signer)
	switch {
	case errors.Is(err, cms.ErrCertificate):
		return fmt.Errorf("%w: %w", ErrTimestampWrongSigner, err)
	case err != nil:
		return fmt.Errorf("%w: %w", ErrTimestampBadSignature, err)
	default:
		return nil
	}
}
