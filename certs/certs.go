// Package certs answers: may this certificate be relied upon, as at a moment, and for what?
//
// It opens keys (PKCS#12, PEM), holds trust anchors (given ones only, never the operating system's), builds and checks
// chains, asks for and judges revocation (OCSP, CRL) and obtains RFC 3161 time stamps. It knows nothing of documents.
// Every judgement is made as at a given moment; the package never reads the clock.
package certs

import (
	"context"
	"crypto"
	"crypto/x509"
	"time"
)

// Identity is a key that can sign, with its certificate and the certificates above it. The key may live in a file, a
// token or a remote service; it never leaves its crypto.Signer.
type Identity struct {
	Signer      crypto.Signer
	Certificate *x509.Certificate
	Chain       []*x509.Certificate // issuer first, as far as known; the anchor may be absent
}

// Stamper gives RFC 3161 time-stamp tokens.
type Stamper interface {
	// Stamp returns the DER of a token over digest, checked: the imprint and the nonce are ours and the token's
	// signature holds. Trust in the authority is judged later, against anchors.
	Stamp(ctx context.Context, hash crypto.Hash, digest []byte) ([]byte, error)
}

// Purpose is what a certificate is to be relied upon for; it decides which key usages are demanded.
type Purpose int

const (
	// ForSigning demands digitalSignature or nonRepudiation (RFC 5280, 4.2.1.3).
	ForSigning Purpose = iota
	// ForTimestamping demands the single critical extended key usage timeStamping (RFC 3161, 2.3).
	ForTimestamping
	// ForOCSP demands the extended key usage OCSPSigning, or the issuer itself (RFC 6960, 4.2.2.2).
	ForOCSP
)

// Realm is the hierarchy an anchor belongs to; policy says which realm may issue official documents.
type Realm string

const (
	// Official is the Government's hierarchy for public offices (chữ ký số chuyên dùng công vụ).
	Official Realm = "official"
	// Public is the national hierarchy of public certification authorities.
	Public Realm = "public"
	// Test is for demonstrations: a verdict that rests on it says so.
	Test Realm = "test"
)

// Standing says whether a certificate may be relied upon, as at a moment. It is a result, never an error.
type Standing struct {
	Trusted bool
	Reason  string // stable code when not trusted: certificate.expired, certificate.no_anchor, certificate.wrong_usage …
	Detail  string // for logs
	Realm   Realm
	Path    []*x509.Certificate // leaf first, anchor last; what was found, even when not trusted
	Notes   []string            // stable codes that do not decide trust, such as certificate.weak_algorithm
	Faults  []string            // stable codes of all that is wrong on the path, of each kind one; without an anchor too
}

// Status of a certificate with respect to revocation.
type Status int

const (
	// StatusUnknown means nobody who may say so has said so. Off-line is unknown, never good.
	StatusUnknown Status = iota
	// StatusGood means an authorised responder or CRL says it was not revoked.
	StatusGood
	// StatusRevoked means it was revoked at Revocation.RevokedAt.
	StatusRevoked
)

// Revocation is what is known of one certificate's revocation, and from which bytes.
type Revocation struct {
	Status     Status
	RevokedAt  time.Time // UTC
	ReasonCode int       // RFC 5280, 5.3.1
	ThisUpdate time.Time // UTC; the time the evidence speaks of
	NextUpdate time.Time // UTC; zero when not given
	ProducedAt time.Time // UTC; OCSP only
	Source     string    // "document", "cache", "online", "imported"
	Reason     string    // stable code when unknown
	OCSP       []byte    // DER of the response it rests on, or nil
	CRL        []byte    // DER of the list it rests on, or nil

	Responder *x509.Certificate // delegated OCSP responder; nil when the issuer itself answered
	Notes     []string          // stable codes that do not decide, such as revocation.weak_algorithm
}

// Evidence is a heap of certificates and revocation bytes found in or gathered for a document; all of it is foreign
// until it has been checked against issuer and anchors.
type Evidence struct {
	Certificates []*x509.Certificate
	OCSPs        [][]byte // DER of OCSPResponse or BasicOCSPResponse
	CRLs         [][]byte // DER
}
