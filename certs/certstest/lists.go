package certstest

import (
	"crypto"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"math/big"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"

	"congvan/certs"
)

// List says what a certificate revocation list states. It is written by code of its own, not by crypto/x509.
type List struct {
	Issuer     certs.Identity // signs it; needed
	Name       []byte         // DER of the issuer's name in the list; nil: the issuer's
	ThisUpdate time.Time      // needed
	NextUpdate time.Time      // zero: none
	Entries    []Entry
	Extensions []pkix.Extension
	Filler     int // so many entries of other certificates come first
	Weak       crypto.Hash
	Spoil      bool // changes the signature value after signing
}

// Entry is one revoked certificate.
type Entry struct {
	Serial     *big.Int
	At         time.Time
	Reason     int // -1: none
	Extensions []pkix.Extension
}

// CRL writes the list, or ends the test.
func CRL(t testing.TB, list List) []byte {
	t.Helper()
	named := algorithm(t, list.Issuer.Signer, list.Weak)
	signed := build(t, func(b *cryptobyte.Builder) {
		b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) { list.body(t, b, named) })
	})
	value := sign(t, list.Issuer.Signer, list.Weak, signed)
	if list.Spoil {
		value[len(value)-1] ^= 1
	}
	return build(t, func(b *cryptobyte.Builder) {
		b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(signed)
			b.AddBytes(named)
			b.AddASN1BitString(value)
		})
	})
}

func (l List) body(t testing.TB, b *cryptobyte.Builder, algorithm []byte) {
	t.Helper()
	name := l.Name
	if name == nil {
		name = l.Issuer.Certificate.RawSubject
	}
	b.AddASN1Int64(1)
	b.AddBytes(algorithm)
	b.AddBytes(name)
	b.AddASN1UTCTime(l.ThisUpdate.UTC())
	if !l.NextUpdate.IsZero() {
		b.AddASN1UTCTime(l.NextUpdate.UTC())
	}
	if len(l.Entries)+l.Filler > 0 {
		b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
			addFiller(b, l.Filler, l.ThisUpdate)
			for _, entry := range l.Entries {
				entry.write(t, b)
			}
		})
	}
	if len(l.Extensions) > 0 {
		b.AddASN1(context(0), func(b *cryptobyte.Builder) { b.AddBytes(marshal(t, l.Extensions)) })
	}
}

// addFiller writes entries of 8-byte serial numbers without building each anew.
func addFiller(b *cryptobyte.Builder, count int, at time.Time) {
	entry := []byte{0x30, 25, 0x02, 8, 1, 0, 0, 0, 0, 0, 0, 0, 0x17, 13}
	entry = append(entry, at.UTC().Format("060102150405Z")...)
	all := make([]byte, 0, count*len(entry))
	for i := range count {
		binary.BigEndian.PutUint32(entry[8:], uint32(i)) //nolint:gosec // a count of entries
		all = append(all, entry...)
	}
	b.AddBytes(all)
}

func (e Entry) write(t testing.TB, b *cryptobyte.Builder) {
	t.Helper()
	extensions := e.Extensions
	if e.Reason >= 0 {
		reason := marshal(t, asn1.Enumerated(e.Reason))
		oidReason := asn1.ObjectIdentifier{2, 5, 29, 21}
		extensions = append(extensions, pkix.Extension{Id: oidReason, Value: reason})
	}
	b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1BigInt(e.Serial)
		b.AddASN1UTCTime(e.At.UTC())
		if len(extensions) > 0 {
			b.AddBytes(marshal(t, extensions))
		}
	})
}

func marshal(t testing.TB, value any) []byte {
	t.Helper()
	der, err := asn1.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// IssuingPoint writes the extension that says which certificates a list is for (RFC 5280, 5.2.5).
func IssuingPoint(t testing.TB, flag int, url string) pkix.Extension {
	t.Helper()
	value := build(t, func(b *cryptobyte.Builder) {
		b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
			if url != "" {
				b.AddASN1(context(0), func(b *cryptobyte.Builder) {
					b.AddASN1(context(0), func(b *cryptobyte.Builder) {
						b.AddASN1(tags.Tag(6).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes([]byte(url)) })
					})
				})
			}
			if flag > 0 {
				tag := tags.Tag(flag).ContextSpecific() //nolint:gosec // 1 to 5
				b.AddASN1(tag, func(b *cryptobyte.Builder) {
					if flag == someReasons {
						b.AddBytes([]byte{6, 0x40})
					} else {
						b.AddUint8(0xff)
					}
				})
			}
		})
	})
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: value}
}

// someReasons is the tag of onlySomeReasons.
const someReasons = 3

// Delta is the extension that makes a list one of changes only (RFC 5280, 5.2.4).
func Delta(t testing.TB) pkix.Extension {
	t.Helper()
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Critical: true, Value: marshal(t, 1)}
}

// Unknown is a critical extension that nobody knows.
func Unknown() pkix.Extension {
	return pkix.Extension{Id: oidPadding, Critical: true, Value: asn1.NullBytes}
}
