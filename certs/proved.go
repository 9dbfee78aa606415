package certs

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"strconv"
	"sync"

	"congvan/certs/cms"
)

// maxProved bounds the memory of a provedCache to about 300 KiB.
const maxProved = 8192

// provedCache remembers which signatures of authorities have been found good, and what was read of certificates, names
// and OCSP responses. It changes no answer, only its price: the same issuers and responders come back with every
// document. A nil cache remembers nothing.
type provedCache struct {
	mutex sync.Mutex
	// good is guarded by mutex.
	good map[[sha256.Size]byte]struct{}

	certificates memory[*x509.Certificate]
	names        memory[string] // canonical
	parties      memory[Parties]
	responses    memory[response]
}

func newProvedCache() *provedCache {
	return &provedCache{good: make(map[[sha256.Size]byte]struct{})}
}

// verify says whether the signer's key made the signature over these bytes.
func (c *provedCache) verify(signer *x509.Certificate, scheme cms.Scheme, signed, signature []byte) error {
	if c == nil {
		return verify(signer, scheme, signed, signature)
	}
	key := provedKey(signer, scheme, signed, signature)
	if c.knows(key) {
		return nil
	}
	if err := verify(signer, scheme, signed, signature); err != nil {
		return err
	}
	c.learn(key)
	return nil
}

func verify(signer *x509.Certificate, scheme cms.Scheme, signed, signature []byte) error {
	if err := scheme.Verify(cms.PublicKey(signer), signed, signature); err != nil {
		return fmt.Errorf("signature by %s: %w", signer.Subject, err)
	}
	return nil
}

// provedKey binds all that a verification depends on; each part is led by its length.
func provedKey(signer *x509.Certificate, scheme cms.Scheme, signed, signature []byte) [sha256.Size]byte {
	content := sha256.Sum256(signed)
	text := make([]byte, 0, 2<<10)
	for _, number := range []int{int(scheme.Algorithm), int(scheme.Hash), scheme.SaltLen, int(scheme.MGF)} {
		text = strconv.AppendInt(append(text, ' '), int64(number), 10)
	}
	for _, part := range [][]byte{signer.RawSubjectPublicKeyInfo, signature, content[:]} {
		text = binary.BigEndian.AppendUint64(text, uint64(len(part)))
		text = append(text, part...)
	}
	return sha256.Sum256(text)
}

func (c *provedCache) knows(key [sha256.Size]byte) bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	_, known := c.good[key]
	return known
}

func (c *provedCache) learn(key [sha256.Size]byte) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if len(c.good) >= maxProved {
		clear(c.good)
	}
	c.good[key] = struct{}{}
}
