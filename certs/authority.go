package certs

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"time"
)

// KeyKind is a kind of software key.
type KeyKind int

// The kinds of keys that are generated.
const (
	ECDSAP256 KeyKind = iota
	ECDSAP384
	RSA2048
	RSA3072
	RSA4096
	Ed25519
)

// GenerateKey makes a new software key.
func GenerateKey(kind KeyKind) (crypto.Signer, error) {
	switch kind {
	case ECDSAP256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case ECDSAP384:
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case RSA2048:
		return rsa.GenerateKey(rand.Reader, 2048)
	case RSA3072:
		return rsa.GenerateKey(rand.Reader, 3072)
	case RSA4096:
		return rsa.GenerateKey(rand.Reader, 4096)
	case Ed25519:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	default:
		return nil, fmt.Errorf("generate key: unknown kind %d", kind)
	}
}

// Setting says how a throw-away authority is set up.
type Setting struct {
	Name string           // of the authority; empty: a name that says it is for trials only
	URL  string           // where Handler will be served, such as http://127.0.0.1:40123; written into certificates
	Now  func() time.Time // needed
	Root KeyKind          // of the root's key; the zero value is P-256
	CA   KeyKind          // of the issuing authority's key
}

// Authority is a throw-away certification authority for demonstrations and tests: a root, an issuing authority below
// it, an OCSP responder, revocation lists and a time-stamping authority. Its keys live in memory only. What it says,
// it says by the real protocols: see [Authority.Handler]. It may be used by several goroutines.
type Authority struct {
	url       string
	now       func() time.Time
	root      Identity
	issuing   Identity
	responder Identity
	stamper   Identity

	mutex sync.Mutex
	// issued and revoked are guarded by mutex; the keys are serial numbers.
	issued  map[string]*x509.Certificate
	revoked map[string]revokedEntry
}

type revokedEntry struct {
	certificate *x509.Certificate
	at          time.Time
	reason      int
}

const (
	rootYears    = 20
	issuingYears = 10
	leafYears    = 3
	// backdated is how long before now certificates begin, so that clocks that are slow agree.
	backdated = time.Hour
)

// NewAuthority makes the keys and certificates of a new authority.
func NewAuthority(setting Setting) (*Authority, error) {
	if setting.Now == nil || setting.URL == "" {
		return nil, errors.New("new authority: a clock and a URL are needed")
	}
	if setting.Name == "" {
		setting.Name = "Cơ quan chứng thực thử nghiệm congvan"
	}
	authority := &Authority{
		url: strings.TrimSuffix(setting.URL, "/"), now: setting.Now,
		issued: make(map[string]*x509.Certificate), revoked: make(map[string]revokedEntry),
	}
	if err := authority.build(setting); err != nil {
		return nil, fmt.Errorf("new authority: %w", err)
	}
	return authority, nil
}

func (a *Authority) build(setting Setting) (err error) {
	name := func(common string) pkix.Name {
		return pkix.Name{Country: []string{"VN"}, Organization: []string{setting.Name}, CommonName: common}
	}
	moment := a.now()
	a.root, err = a.Issue(Order{
		Subject: name(setting.Name + " - Root CA"), Key: setting.Root, Use: useRoot,
		From: moment.Add(-2 * backdated), Until: moment.AddDate(rootYears, 0, 0),
	})
	if err != nil {
		return err
	}
	a.issuing, err = a.Issue(Order{
		Subject: name(setting.Name + " - CA"), Key: setting.CA, Use: useIssuing,
		From: moment.Add(-2 * backdated), Until: moment.AddDate(issuingYears, 0, 0),
	})
	if err != nil {
		return err
	}
	years := moment.AddDate(issuingYears, 0, -1)
	a.responder, err = a.Issue(Order{Subject: name(setting.Name + " - OCSP"), Use: UseOCSP, Until: years})
	if err != nil {
		return err
	}
	a.stamper, err = a.Issue(Order{Subject: name(setting.Name + " - TSA"), Use: UseTimestamping, Until: years})
	return err
}

// Anchors gives the one anchor of this authority, in the test realm.
func (a *Authority) Anchors() Anchors {
	return NewAnchors(Anchor{Certificate: a.root.Certificate, Realm: Test})
}

// Root gives the root certificate.
func (a *Authority) Root() *x509.Certificate { return a.root.Certificate }

// Issuing gives the certificate of the issuing authority.
func (a *Authority) Issuing() *x509.Certificate { return a.issuing.Certificate }

// TimestampURL gives the address of the time-stamping authority.
func (a *Authority) TimestampURL() string { return a.url + pathTimestamp }

// Revoke records that a certificate of this authority is revoked from the moment on, with a reason code of RFC 5280,
// 5.3.1. May be called again: the last call counts.
func (a *Authority) Revoke(certificate *x509.Certificate, at time.Time, reason int) error {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	serial := certificate.SerialNumber.String()
	if issued := a.issued[serial]; issued == nil || !issued.Equal(certificate) {
		return fmt.Errorf("revoke %s: not issued here", serial)
	}
	a.revoked[serial] = revokedEntry{certificate, at.UTC(), reason}
	return nil
}

func (a *Authority) record(certificate *x509.Certificate) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.issued[certificate.SerialNumber.String()] = certificate
}

// randomSerial gives a positive serial number of at most 20 bytes (RFC 5280, 4.1.2.2).
func randomSerial() (*big.Int, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 158))
	if err != nil {
		return nil, err
	}
	return serial.Add(serial, big.NewInt(1)), nil
}
