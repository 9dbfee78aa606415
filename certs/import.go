package certs

import (
	"bytes"
	"context"
	"crypto"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// What can be wrong with revocation data that somebody brings by hand.
var (
	// ErrNotRevocation means that the bytes are neither a revocation list nor an OCSP response.
	ErrNotRevocation = errors.New("neither a revocation list nor an OCSP response")
	// ErrForged means that the authority it names is known here and has not signed it.
	ErrForged = errors.New("not signed by the authority that it names")
	// ErrFromFuture means that it speaks from after now: it would displace what is true.
	ErrFromFuture = errors.New("speaks from the future")
	// ErrNotKept means that it could not be written where such data is kept.
	ErrNotKept = errors.New("could not be kept")
)

// Imported is what was brought by hand.
type Imported struct {
	Kind       string    `json:"kind"`                  // "crl" or "ocsp"
	Issuer     string    `json:"issuer,omitempty"`      // of a list
	ThisUpdate time.Time `json:"this_update"`           // UTC
	NextUpdate time.Time `json:"next_update,omitzero"`  // UTC; zero when not given: it counts for a day
	Stale      bool      `json:"stale"`                 // its time is over: what is not revoked in it stays unknown
	Older      bool      `json:"older"`                 // a newer one of the same issuer was here already, and stays
	Verified   bool      `json:"verified"`              // the authority's certificate is an anchor, and it signed this
	Answers    int       `json:"certificates,omitzero"` // of which an OCSP answer speaks
}

// Import keeps a revocation list (CRL) or an OCSP response, DER or PEM, that somebody brought by hand, for sites
// without the Internet. It is judged whenever it is used: a stale one says nothing good of any certificate. A newer
// list of the same issuer replaces an older one. Errors: ErrNotRevocation, ErrForged, ErrFromFuture, ErrNotKept.
func (f *Fetcher) Import(ctx context.Context, data []byte) (Imported, error) {
	der := data
	if block, _ := pem.Decode(data); block != nil {
		der = block.Bytes
	}
	if list, err := parseCRL(der); err == nil {
		return f.importList(ctx, der, list)
	}
	parsed := parseOCSP(der)
	if parsed.reason != "" || len(parsed.basic.Data.Responses) == 0 {
		return Imported{}, fmt.Errorf("import revocation data: %w: %w", ErrNotRevocation, ErrUnreadable)
	}
	return f.importAnswer(ctx, parsed.whole, parsed.basic)
}

func (f *Fetcher) importList(ctx context.Context, der []byte, list revocationList) (Imported, error) {
	found := Imported{
		Kind: "crl", Issuer: nameText(list.issuer), ThisUpdate: list.thisUpdate, NextUpdate: list.nextUpdate,
	}
	found.Stale = f.isOver(found)
	if list.thisUpdate.After(f.now().Add(clockSkew)) {
		return found, fmt.Errorf("import revocation list: %w: %v", ErrFromFuture, list.thisUpdate)
	}
	var err error
	if found.Verified, err = f.signedByAnchor(list); err != nil {
		return found, err
	}
	key := f.importedKey(list.issuer)
	if kept, ok := f.cache.Get(ctx, key); ok {
		if old, err := parseCRL(kept); err == nil && old.thisUpdate.After(list.thisUpdate) {
			found.Older = true
			return found, nil
		}
	}
	return found, f.keep(ctx, key, der)
}

// signedByAnchor makes sure of a list whose issuer is an anchor. Of another issuer nothing is known before a chain
// shows its certificate: then the list is judged.
func (f *Fetcher) signedByAnchor(list revocationList) (bool, error) {
	named := f.anchors.named(list.issuer)
	for _, anchor := range named {
		if f.anchors.proved().checkEvidence(anchor.Certificate, list.scheme, list.signed, list.signature) == nil {
			return true, nil
		}
	}
	if len(named) > 0 {
		return false, fmt.Errorf("import revocation list: %w: %s", ErrForged, nameText(list.issuer))
	}
	return false, nil
}

func (f *Fetcher) importAnswer(ctx context.Context, whole []byte, basic ocspBasic) (Imported, error) {
	found := Imported{Kind: "ocsp"}
	if basic.Data.ProducedAt.After(f.now().Add(clockSkew)) {
		return found, fmt.Errorf("import OCSP response: %w: %v", ErrFromFuture, basic.Data.ProducedAt)
	}
	for _, single := range basic.Data.Responses[:min(len(basic.Data.Responses), maxSingles)] {
		if single.ID.SerialNum == nil {
			return found, fmt.Errorf("import OCSP response: %w", ErrNotRevocation)
		}
		if single.ThisUpdate.After(f.now().Add(clockSkew)) {
			return found, fmt.Errorf("import OCSP response: %w: %v", ErrFromFuture, single.ThisUpdate)
		}
		found.ThisUpdate, found.NextUpdate = single.ThisUpdate.UTC(), utcOrZero(single.NextUpdate)
		found.Answers++
		key := importedAnswerKey(single.ID.Hash.Algorithm, single.ID.KeyHash, single.ID.SerialNum)
		if err := f.keep(ctx, key, whole); err != nil {
			return found, err
		}
	}
	found.Stale = f.isOver(found)
	return found, nil
}

func (f *Fetcher) isOver(found Imported) bool {
	return keepUntil(Revocation{ThisUpdate: found.ThisUpdate, NextUpdate: found.NextUpdate}).Before(f.now())
}

// keep makes sure that the cache has what it was given: who brings a list wants to know.
func (f *Fetcher) keep(ctx context.Context, key string, der []byte) error {
	f.cache.Put(ctx, key, der, time.Time{})
	if kept, ok := f.cache.Get(ctx, key); !ok || !bytes.Equal(kept, der) {
		return fmt.Errorf("import revocation data: %w", ErrNotKept)
	}
	return nil
}

// recallImported looks at what was brought by hand.
func (f *Fetcher) recallImported(ctx context.Context, asked question) Revocation {
	best := Revocation{Reason: RevocationMissing}
	if der, ok := f.cache.Get(ctx, f.importedKey(asked.certificate.RawIssuer)); ok {
		best = better(best, withSource(asked.judge(der, true), "imported"))
	}
	for _, key := range importedAnswerKeys(asked) {
		if der, ok := f.cache.Get(ctx, key); ok {
			best = better(best, withSource(asked.judge(der, false), "imported"))
		}
	}
	return best
}

func (f *Fetcher) importedKey(issuerName []byte) string {
	return cacheKey("imported", []byte(f.anchors.proved().canonical(issuerName)))
}

// importedAnswerKey is made of what an OCSP response names a certificate by (RFC 6960, 4.1.1, CertID).
func importedAnswerKey(algorithm asn1.ObjectIdentifier, keyHash []byte, serial *big.Int) string {
	return cacheKey("imported", []byte(algorithm.String()), keyHash, serial.Bytes())
}

// importedAnswerKeys are those under which answers about a certificate are kept; responders use these two hashes.
func importedAnswerKeys(asked question) []string {
	var keys []string
	for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA256} {
		keyHash := sum(hash, publicKeyBits(asked.issuer))
		keys = append(keys, importedAnswerKey(digestOID(hash), keyHash, asked.certificate.SerialNumber))
	}
	return keys
}

// nameText writes a distinguished name for people.
func nameText(der []byte) string {
	rdns, ok := parseName(der)
	if !ok {
		return ""
	}
	return rdns.String()
}
