package certs

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"sync"
)

// maxRemembered bounds a memory by the bytes of what was read, maxPiece those of one piece: what is larger is rare.
const (
	maxRemembered = 1 << 20
	maxPiece      = 16 << 10
)

// memory keeps what was made of bytes, by exactly these bytes. It changes no answer, only its price, and forgets
// everything when it is full. The zero value is ready.
type memory[V any] struct {
	mutex sync.Mutex
	// held and size are guarded by mutex.
	held map[[sha256.Size]byte]V
	size int
}

func (m *memory[V]) find(key [sha256.Size]byte) (V, bool) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	value, known := m.held[key]
	return value, known
}

func (m *memory[V]) keep(key [sha256.Size]byte, size int, value V) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.held == nil || m.size+size > maxRemembered {
		m.held, m.size = map[[sha256.Size]byte]V{}, 0
	}
	m.held[key] = value
	m.size += size
}

// ParseCertificate gives what [x509.ParseCertificate] gives, sooner when the same certificate comes back. The
// certificate is shared and must not be changed. The anchors decide nothing here; they live as long as the memory
// should.
func (a Anchors) ParseCertificate(der []byte) (*x509.Certificate, error) {
	return a.proved().certificate(der)
}

func (c *provedCache) certificate(der []byte) (*x509.Certificate, error) {
	if c == nil || len(der) > maxPiece {
		return x509.ParseCertificate(der)
	}
	key := sha256.Sum256(der)
	if certificate, known := c.certificates.find(key); known {
		return certificate, nil
	}
	certificate, err := x509.ParseCertificate(bytes.Clone(der)) // it refers to its bytes, and der to a whole document
	if err != nil {
		return nil, err
	}
	c.certificates.keep(key, len(der), certificate)
	return certificate, nil
}

// Parties are the names in a certificate as text (RFC 2253).
type Parties struct{ Subject, Issuer string }

// Parties gives whom the certificate names. The anchors decide nothing here: they remember it.
func (a Anchors) Parties(certificate *x509.Certificate) Parties {
	c := a.proved()
	if c == nil || len(certificate.Raw) > maxPiece {
		return parties(certificate)
	}
	key := sha256.Sum256(certificate.Raw)
	if known, ok := c.parties.find(key); ok {
		return known
	}
	named := parties(certificate)
	c.parties.keep(key, len(named.Subject)+len(named.Issuer), named)
	return named
}

func parties(certificate *x509.Certificate) Parties {
	return Parties{certificate.Subject.String(), certificate.Issuer.String()}
}

// canonical gives the canonical form of a distinguished name.
func (c *provedCache) canonical(name []byte) string {
	if c == nil || len(name) > maxPiece {
		return canonicalName(name)
	}
	key := sha256.Sum256(name)
	if known, ok := c.names.find(key); ok {
		return known
	}
	text := canonicalName(name)
	c.names.keep(key, len(text), text)
	return text
}

// response is what was read of an OCSP response.
type response struct {
	basic  ocspBasic
	whole  []byte
	reason string
}

// response reads an OCSP response. What it gives is shared.
func (c *provedCache) response(der []byte) response {
	if c == nil || len(der) > maxPiece {
		return parseOCSP(der)
	}
	key := sha256.Sum256(der)
	if known, ok := c.responses.find(key); ok {
		return known
	}
	read := parseOCSP(bytes.Clone(der))
	c.responses.keep(key, len(der), read)
	return read
}
