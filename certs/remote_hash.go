package certs

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"congvan/certs/cms"
)

// The flavours of remote signing services. The empty one is CSC version 2.
const (
	FlavourSmartCA = "smartca" // VNPT SmartCA: https://host/sca/sp769
	FlavourMySign  = "mysign"  // Viettel MySign: https://host
)

// hashService is a service that takes a digest at once, asks the signer on the phone, and has the value some time
// later. The errors are those of remote.go; [errPending] while the signer has not decided.
type hashService interface {
	certificates(ctx context.Context) ([]*x509.Certificate, error)
	// start gives the digest to the service and says under which name it is known there from then on.
	start(ctx context.Context, scheme cms.Scheme, digest []byte) (transaction string, err error)
	// poll gives the value once the signer has confirmed.
	poll(ctx context.Context, transaction string) ([]byte, error)
}

// HashSigner is a key at a service that signs digests after the signer confirmed on the phone. It may be used by
// several goroutines. No value leaves it that the certificate does not verify.
type HashSigner struct {
	service     hashService
	certificate *x509.Certificate
	patience    time.Duration
	every       time.Duration
}

func openHashService(ctx context.Context, key RemoteKey, service *remoteService) (Identity, error) {
	if key.User == "" || key.ClientID == "" || key.ClientSecret == "" {
		return Identity{}, fmt.Errorf("%w: user, client and its secret are needed", ErrRemoteLogin)
	}
	signer := &HashSigner{patience: key.Patience, every: key.Poll}
	if signer.patience <= 0 {
		signer.patience = defaultPatience
	}
	if signer.every <= 0 {
		signer.every = defaultPoll
	}
	if key.Flavour == FlavourSmartCA {
		signer.service = &smartCA{key: key, service: service}
	} else {
		signer.service = newMySign(key, service)
	}
	heap, err := signer.service.certificates(ctx)
	if err != nil {
		return Identity{}, err
	}
	signer.certificate = heap[0]
	return Identity{Signer: signer, Certificate: heap[0], Chain: chainAbove(heap[0], heap)}, nil
}

// Public gives the key of the certificate.
func (s *HashSigner) Public() crypto.PublicKey { return s.certificate.PublicKey }

// Sign is [HashSigner.SignHash] for callers that have no context, as [crypto.Signer] wants it: it ends after
// RemoteKey.Patience, whatever happens.
func (s *HashSigner) Sign(_ io.Reader, digest []byte, options crypto.SignerOpts) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), s.patience)
	defer cancel()
	return s.SignHash(ctx, digest, options)
}

// SignHash asks the signer on the phone, once, and waits for the answer as long as the context lets it. Errors:
// [ErrRemoteRefused] when the signer says no; [ErrRemoteUnconfirmed] when the signer says nothing in time, whether ours
// or the service's.
func (s *HashSigner) SignHash(ctx context.Context, digest []byte, options crypto.SignerOpts) ([]byte, error) {
	value, err := s.signHash(ctx, digest, options)
	if err != nil {
		return nil, fmt.Errorf("sign with remote key: %w", err)
	}
	return value, nil
}

func (s *HashSigner) signHash(ctx context.Context, digest []byte, options crypto.SignerOpts) ([]byte, error) {
	scheme, err := valueScheme(s.Public(), digest, options)
	if err != nil {
		return nil, err
	}
	// Neither service says which hash it is given, nor does either offer RSA-PSS.
	offered := []cms.Algorithm{cms.RSAPKCS1, cms.ECDSA}
	if scheme.Hash != crypto.SHA256 || !slices.Contains(offered, scheme.Algorithm) {
		return nil, fmt.Errorf("%w: %v", ErrRemoteAlgorithm, scheme)
	}
	transaction, err := s.service.start(ctx, scheme, digest)
	if err != nil {
		return nil, err
	}
	timer := time.NewTicker(s.every)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, ended(ctx)
		case <-timer.C:
		}
		value, err := s.service.poll(ctx, transaction)
		switch {
		case err == nil:
			return checkValue(s.Public(), scheme, digest, value)
		case ctx.Err() != nil:
			return nil, ended(ctx)
		case !errors.Is(err, errPending) && !errors.Is(err, ErrRemoteUnavailable):
			return nil, err // a line that is down is no refusal: the signer may be confirming meanwhile
		}
	}
}

// certificateOf reads a certificate in base64, with or without line breaks.
func certificateOf(text string) (*x509.Certificate, error) {
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return nil, fmt.Errorf("%w: %w: certificate: %w", ErrRemoteAnswer, ErrAnswer, err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("%w: %w: certificate: %w", ErrRemoteAnswer, ErrAnswer, err)
	}
	return certificate, nil
}

// decided reads the one value of an answer, in base64 with or without line breaks.
func decided(values []string) ([]byte, error) {
	if len(values) != 1 {
		return nil, fmt.Errorf("%w: %w: %d signatures", ErrRemoteAnswer, ErrAnswer, len(values))
	}
	value, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(values[0]), ""))
	if err != nil {
		return nil, fmt.Errorf("%w: %w: signature: %w", ErrRemoteAnswer, ErrAnswer, err)
	}
	return value, nil
}
