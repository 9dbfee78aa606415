// Package cms answers: what does this Cryptographic Message Syntax object say, and how is one written?
//
// It reads and writes SignedData (RFC 5652) with the attributes of CAdES (ETSI EN 319 122-1) and PAdES, time-stamp
// tokens (RFC 3161) and the small signed messages that gateways exchange. Foreign bytes are limited before they are
// parsed: at most [MaxSize] bytes, nested at most [MaxDepth] deep. It knows nothing of trust: whether a certificate
// may be relied upon is asked of package certs.
package cms

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"time"
)

const (
	// MaxSize is the largest CMS object that is parsed, in bytes.
	MaxSize = 1 << 20
	// MaxDepth is the deepest nesting of constructed values that is parsed.
	MaxDepth = 32
)

// SignedData is a parsed SignedData (RFC 5652, section 5). It is a value: it refers to no file and no reader.
type SignedData struct {
	Raw          []byte                // DER, after conversion from BER where that was needed
	WasBER       bool                  // the bytes as received were not DER
	Trailing     int                   // bytes after the object that are not zero padding: foreign and unsigned
	ContentType  asn1.ObjectIdentifier // of the encapsulated content
	Content      []byte                // nil when the signature is detached
	Detached     bool                  // no eContent at all
	Certificates []*x509.Certificate   // those that could be parsed
	Unparsed     [][]byte              // certificates that could not be parsed, DER
	CRLs         [][]byte              // DER
	OCSPs        [][]byte              // DER of OCSPResponse or BasicOCSPResponse, from RevocationInfoChoices
	Signers      []SignerInfo
}

// SignerInfo is one signature over the content (RFC 5652, section 5.3).
type SignerInfo struct {
	Encapsulated     asn1.ObjectIdentifier // ContentType of the SignedData it belongs to
	Issuer           []byte                // DER of the issuer name; nil when the signer is named by key identifier
	Serial           *big.Int              // nil when the signer is named by key identifier
	SubjectKeyID     []byte
	Digest           crypto.Hash // 0 when unknown to this program
	DigestOID        asn1.ObjectIdentifier
	Scheme           Scheme // how the value was made; zero when unknown to this program
	Signature        []byte
	Signed           []Attribute // in the order sent
	RawSigned        []byte      // the SET OF as sent, with the universal SET tag; nil when there are none
	Unsigned         []Attribute
	MessageDigest    []byte                // nil when absent
	ContentTypeAttr  asn1.ObjectIdentifier // nil when absent
	SigningTime      time.Time             // the signer's own claim, UTC; zero when absent
	ESSCertificate   []ESSCertID           // of all signing-certificate(-v2) attributes; empty when absent
	SignatureStamps  [][]byte              // RFC 3161 tokens over the signature value, DER
	RevocationValues []byte                // DER of Adobe's revocationInfoArchival or CAdES revocation-values, or nil

	digestParams, schemeParams []byte // of the algorithm identifiers, DER
}

// Attribute is one CMS attribute: its type and the DER of each value.
type Attribute struct {
	Type   asn1.ObjectIdentifier
	Values [][]byte
}

// ESSCertID names the signing certificate by its digest (RFC 5035).
type ESSCertID struct {
	Hash   crypto.Hash // 0 when unknown to this program
	Digest []byte
	First  bool // first of its attribute: it names the signer's certificate itself, the others those above it
}

// Scheme is a signature scheme: the key's algorithm, the padding and the hash that was signed.
type Scheme struct {
	Algorithm Algorithm
	Hash      crypto.Hash // of the signature; 0 for Ed25519 and Ed448
	SaltLen   int         // for RSA-PSS only, in bytes
	MGF       crypto.Hash // for RSA-PSS only, of the mask when it is not Hash; else 0
}

// Algorithm is the kind of a signature scheme.
type Algorithm int

// The schemes that are read and written. DSA and Ed448 are read only.
const (
	UnknownAlgorithm Algorithm = iota
	RSAPKCS1
	RSAPSS
	ECDSA
	Ed25519
	Ed448
	DSA
)
