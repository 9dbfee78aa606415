package certstest

import (
	"crypto"
	"crypto/sha1" //nolint:gosec // RFC 6960 names keys by SHA-1
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"

	"congvan/certs"
)

// Answer says what an OCSP response states. It is written by code of its own, not by that of package certs.
type Answer struct {
	Certificate *x509.Certificate // it speaks of; needed
	Issuer      *x509.Certificate // of that certificate; needed
	Signer      certs.Identity    // needed: the issuer or a responder
	Attach      bool              // sends the signer's certificate along
	ByName      bool              // names the signer by name instead of by key
	Basic       bool              // gives a BasicOCSPResponse without its envelope
	Hash        crypto.Hash       // of the certificate identifier; zero is SHA-1

	Serial     *big.Int  // nil: the certificate's
	Unknown    bool      // the responder does not know the certificate
	Revoked    time.Time // zero: good
	Reason     int
	ThisUpdate time.Time // needed
	NextUpdate time.Time // zero: none
	ProducedAt time.Time // zero: ThisUpdate

	ArchiveCutoff time.Time // zero: none
	Critical      bool      // carries a critical extension that nobody knows
	Status        int       // of the response: not zero is an error without an answer
	Weak          crypto.Hash
	Spoil         bool // changes the signature value after signing
}

// OCSP writes the response, or ends the test.
func OCSP(t testing.TB, answer Answer) []byte {
	t.Helper()
	if answer.Status != 0 {
		return build(t, func(b *cryptobyte.Builder) {
			b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1Enum(int64(answer.Status)) })
		})
	}
	signed := build(t, answer.data)
	value := sign(t, answer.Signer.Signer, answer.Weak, signed)
	if answer.Spoil {
		value[len(value)-1] ^= 1
	}
	basic := build(t, func(b *cryptobyte.Builder) {
		b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(signed)
			b.AddBytes(algorithm(t, answer.Signer.Signer, answer.Weak))
			b.AddASN1BitString(value)
			if answer.Attach {
				b.AddASN1(context(0), func(b *cryptobyte.Builder) {
					b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) { b.AddBytes(answer.Signer.Certificate.Raw) })
				})
			}
		})
	})
	if answer.Basic {
		return basic
	}
	return build(t, func(b *cryptobyte.Builder) {
		b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1Enum(0)
			b.AddASN1(context(0), func(b *cryptobyte.Builder) {
				b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1})
					b.AddASN1OctetString(basic)
				})
			})
		})
	})
}

// data writes ResponseData.
func (a Answer) data(b *cryptobyte.Builder) {
	produced := a.ProducedAt
	if produced.IsZero() {
		produced = a.ThisUpdate
	}
	b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
		if a.ByName {
			b.AddASN1(context(1), func(b *cryptobyte.Builder) { b.AddBytes(a.Signer.Certificate.RawSubject) })
		} else {
			digest := sha1.Sum(keyBits(a.Signer.Certificate)) //nolint:gosec // as above
			b.AddASN1(context(2), func(b *cryptobyte.Builder) { b.AddASN1OctetString(digest[:]) })
		}
		b.AddASN1GeneralizedTime(produced.UTC())
		b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1(tags.SEQUENCE, a.single) })
		if a.Critical {
			b.AddASN1(context(1), func(b *cryptobyte.Builder) { b.AddASN1(tags.SEQUENCE, addCritical) })
		}
	})
}

// single writes the fields of SingleResponse.
func (a Answer) single(b *cryptobyte.Builder) {
	b.AddASN1(tags.SEQUENCE, a.identifier)
	switch {
	case a.Unknown:
		b.AddASN1(tags.Tag(2).ContextSpecific(), func(*cryptobyte.Builder) {})
	case a.Revoked.IsZero():
		b.AddASN1(tags.Tag(0).ContextSpecific(), func(*cryptobyte.Builder) {})
	default:
		b.AddASN1(context(1), func(b *cryptobyte.Builder) {
			b.AddASN1GeneralizedTime(a.Revoked.UTC())
			b.AddASN1(context(0), func(b *cryptobyte.Builder) { b.AddASN1Enum(int64(a.Reason)) })
		})
	}
	b.AddASN1GeneralizedTime(a.ThisUpdate.UTC())
	if !a.NextUpdate.IsZero() {
		b.AddASN1(context(0), func(b *cryptobyte.Builder) { b.AddASN1GeneralizedTime(a.NextUpdate.UTC()) })
	}
	if !a.ArchiveCutoff.IsZero() {
		b.AddASN1(context(1), func(b *cryptobyte.Builder) {
			b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 6})
					b.AddASN1(tags.OCTET_STRING, func(b *cryptobyte.Builder) {
						b.AddASN1GeneralizedTime(a.ArchiveCutoff.UTC())
					})
				})
			})
		})
	}
}

// identifier writes the fields of CertID.
func (a Answer) identifier(b *cryptobyte.Builder) {
	hash := a.Hash
	if hash == 0 {
		hash = crypto.SHA1
	}
	serial := a.Serial
	if serial == nil {
		serial = a.Certificate.SerialNumber
	}
	b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(hashOIDs[hash]) })
	b.AddASN1OctetString(sum(hash, a.Issuer.RawSubject))
	b.AddASN1OctetString(sum(hash, keyBits(a.Issuer)))
	b.AddASN1BigInt(serial)
}

// addCritical writes one extension that is critical and unknown.
func addCritical(b *cryptobyte.Builder) {
	b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oidPadding)
		b.AddASN1Boolean(true)
		b.AddASN1OctetString(asn1.NullBytes)
	})
}

func keyBits(certificate *x509.Certificate) []byte {
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(certificate.RawSubjectPublicKeyInfo, &info); err != nil {
		return nil
	}
	return info.Key.Bytes
}
