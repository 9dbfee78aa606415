package certs

import (
	"crypto/sha256"
	"encoding/hex"
)

// String names the certificate and never the key: an identity that gets into a log or an answer by mistake must not
// take its private key along.
func (i Identity) String() string {
	if i.Certificate == nil {
		return "identity without certificate"
	}
	sum := sha256.Sum256(i.Certificate.Raw)
	return i.Certificate.Subject.String() + " sha256:" + hex.EncodeToString(sum[:8])
}

// GoString is String, for %#v.
func (i Identity) GoString() string { return i.String() }

// MarshalText is String, for JSON and for logs. There is no reverse: keys are kept by [SealKey].
func (i Identity) MarshalText() ([]byte, error) { return []byte(i.String()), nil }
