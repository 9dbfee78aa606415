package signing

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"congvan/certs"
)

// PolicyID names the rules by which this package judges: the algorithm of ETSI EN 319 102-1 with the dated tables of
// algorithms of ETSI TS 119 312 and Circular 15/2025/TT-BKHCN, and the six checks of that circular. Rules that give
// another verdict on some file get another number.
const PolicyID = "urn:congvan:policy:judgement:1"

// MaxBundle is the largest encoded bundle, in bytes.
const MaxBundle = 64 << 20

const (
	bundleVersion  = 1
	maxObjects     = 4096
	maxStatuses    = 4096
	maxAnchorsKept = 1024
)

// What can be wrong with a bundle. The errors are their own stable codes.
var (
	ErrBundleUnreadable = errors.New("bundle.unreadable")
	ErrBundleVersion    = errors.New("bundle.other_version")
	ErrBundleTooLarge   = errors.New("bundle.too_large")
	// ErrNoBundle means that there is none, because the file could not be examined.
	ErrNoBundle = errors.New("bundle.none")
)

// Bundle (bằng chứng kiểm tra) is all that a verdict rests on beside the file itself: with both the file can be judged
// again, years later, on another machine, without a network and without a folder of anchors. What it holds is foreign
// to whoever reads it: certificates and revocation are checked anew, only the choice of anchors is taken from it.
type Bundle struct {
	Version  int    `json:"v"`        // 1
	Verifier string `json:"verifier"` // the program that judged, and its version
	Policy   string `json:"policy"`   // PolicyID of then

	RequireRevocation bool              `json:"require_revocation"`
	Content           map[string][]byte `json:"content,omitempty"` // digests of the signed file of a detached signature

	Anchors    []BundledAnchor    `json:"anchors"`
	Statuses   []BundledStatus    `json:"statuses"`   // what was learnt of revocation from outside the file
	Signatures []BundledSignature `json:"signatures"` // in the order of the report's
	Objects    []BundledObject    `json:"objects"`
	Report     Report             `json:"report"`

	// Encoded is what Encode gave in another process, where the file was judged. All else is empty then.
	Encoded []byte `json:"-"`
}

// ObjectID is the SHA-256 of an object's DER in lower-case hexadecimal.
type ObjectID string

// ObjectKind tells what an object of a bundle is.
type ObjectKind string

// The kinds of objects.
const (
	ObjectCertificate ObjectKind = "certificate"
	ObjectOCSP        ObjectKind = "ocsp"
	ObjectCRL         ObjectKind = "crl"
	ObjectTimestamp   ObjectKind = "timestamp"
)

// BundledObject is the DER of a certificate, an OCSP response, a revocation list or a time-stamp token.
type BundledObject struct {
	ID   ObjectID   `json:"sha256"`
	Kind ObjectKind `json:"kind"`
	DER  []byte     `json:"der"`
}

// BundledAnchor is an anchor on which the verdict rests.
type BundledAnchor struct {
	Certificate ObjectID    `json:"certificate"`
	Realm       certs.Realm `json:"realm"`
	From        time.Time   `json:"from,omitzero"`
	Until       time.Time   `json:"until,omitzero"`
}

// BundledStatus is the answer to one question about a certificate that the file itself did not answer.
type BundledStatus struct {
	Certificate ObjectID `json:"certificate"`
	Issuer      ObjectID `json:"issuer"`
	Source      string   `json:"source,omitempty"`   // cache, online, imported
	Evidence    ObjectID `json:"evidence,omitempty"` // that says good or revoked
	Reason      string   `json:"reason,omitempty"`   // why nothing was known
}

// BundledSignature lists the objects on which the judgement of one signature rests, those in the file too.
type BundledSignature struct {
	Field      string     `json:"field"`
	Chain      []ObjectID `json:"chain"` // the signer's certificate first, the anchor last
	Revocation []ObjectID `json:"revocation"`
	Timestamps []ObjectID `json:"timestamps"`
	Stampers   []ObjectID `json:"stampers"`             // the chains of the time-stamping authorities
	Attributes []byte     `json:"attributes,omitempty"` // DER of the signed attributes: what the signer's key signed
	Value      []byte     `json:"value,omitempty"`      // the signature value
}

// Encode gives the bundle as JSON. Errors: ErrBundleTooLarge; ErrNoBundle when there is none.
func (b *Bundle) Encode() ([]byte, error) {
	if b == nil {
		return nil, ErrNoBundle
	}
	if b.Encoded != nil {
		return b.Encoded, nil
	}
	data, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("encode evidence: %w", err)
	}
	if len(data) > MaxBundle {
		return nil, fmt.Errorf("encode evidence of %d bytes: %w", len(data), ErrBundleTooLarge)
	}
	return data, nil
}

// DecodeBundle reads what [Bundle.Encode] gave, and checks that every object is the one it is called. Errors:
// ErrBundleUnreadable, ErrBundleVersion, ErrBundleTooLarge.
func DecodeBundle(r io.Reader) (Bundle, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBundle+1))
	switch {
	case err != nil:
		return Bundle{}, fmt.Errorf("read evidence: %w", err)
	case len(data) > MaxBundle:
		return Bundle{}, fmt.Errorf("read evidence: %w", ErrBundleTooLarge)
	}
	var version struct {
		V int `json:"v"`
	}
	if err := json.Unmarshal(data, &version); err != nil {
		return Bundle{}, fmt.Errorf("read evidence: %w: %w", ErrBundleUnreadable, err)
	}
	if version.V != bundleVersion {
		return Bundle{}, fmt.Errorf("read evidence of version %d: %w", version.V, ErrBundleVersion)
	}
	var b Bundle
	strict := json.NewDecoder(bytes.NewReader(data))
	strict.DisallowUnknownFields() // what would not be understood must not be passed over
	if err := strict.Decode(&b); err != nil {
		return Bundle{}, fmt.Errorf("read evidence: %w: %w", ErrBundleUnreadable, err)
	}
	if err := b.check(); err != nil {
		return Bundle{}, fmt.Errorf("read evidence: %w", err)
	}
	return b, nil
}

// check holds the bundle against its own digests and the limits.
func (b *Bundle) check() error {
	if len(b.Objects) > maxObjects || len(b.Statuses) > maxStatuses || len(b.Anchors) > maxAnchorsKept ||
		len(b.Signatures) > maxSignatures || len(b.Report.Signatures) > maxSignatures {
		return ErrBundleTooLarge
	}
	held := map[ObjectID]ObjectKind{}
	for _, object := range b.Objects {
		if idOf(object.DER) != object.ID || held[object.ID] != "" {
			return fmt.Errorf("%w: object %.80q is another", ErrBundleUnreadable, object.ID)
		}
		held[object.ID] = object.Kind
	}
	for _, id := range b.named() {
		if held[id] == "" {
			return fmt.Errorf("%w: object %.80q is missing", ErrBundleUnreadable, id)
		}
	}
	if b.Report.JudgedAt.IsZero() || len(b.Signatures) != len(b.Report.Signatures) {
		return fmt.Errorf("%w: no whole report", ErrBundleUnreadable)
	}
	return nil
}

// named gives the names of all objects that the bundle speaks of.
func (b *Bundle) named() []ObjectID {
	var names []ObjectID
	for _, anchor := range b.Anchors {
		names = append(names, anchor.Certificate)
	}
	for _, status := range b.Statuses {
		names = append(names, status.Certificate, status.Issuer)
		if status.Evidence != "" {
			names = append(names, status.Evidence)
		}
	}
	for _, s := range b.Signatures {
		for _, list := range [][]ObjectID{s.Chain, s.Revocation, s.Timestamps, s.Stampers} {
			names = append(names, list...)
		}
	}
	return names
}

func idOf(der []byte) ObjectID {
	return named(sha256.Sum256(der))
}

// named gives the name of an object by its digest.
func named(digest [sha256.Size]byte) ObjectID { return ObjectID(hex.EncodeToString(digest[:])) }
