package certstest

import (
	"crypto"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"math/big"
	"slices"
	"testing"
	"time"

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
func CRL(tb testing.TB, list List) []byte {
	tb.Helper()
	named := algorithm(tb, list.Issuer.Signer, list.Weak)
	signed := list.body(tb, named)
	value := sign(tb, list.Issuer.Signer, list.Weak, signed)
	if list.Spoil {
		value[len(value)-1] ^= 1
	}
	return tlv(sequence, signed, named, tlv(bitString, []byte{0}, value))
}

// body writes TBSCertList.
func (l List) body(tb testing.TB, algorithm []byte) []byte {
	tb.Helper()
	name := l.Name
	if name == nil {
		name = l.Issuer.Certificate.RawSubject
	}
	fields := [][]byte{marshal(tb, 1), algorithm, name, marshal(tb, l.ThisUpdate.UTC())}
	if !l.NextUpdate.IsZero() {
		fields = append(fields, marshal(tb, l.NextUpdate.UTC()))
	}
	if len(l.Entries)+l.Filler > 0 {
		entries := [][]byte{filler(l.Filler, l.ThisUpdate)}
		for _, entry := range l.Entries {
			entries = append(entries, entry.encode(tb))
		}
		fields = append(fields, tlv(sequence, entries...))
	}
	if len(l.Extensions) > 0 {
		fields = append(fields, tlv(explicit+0, marshal(tb, l.Extensions)))
	}
	return tlv(sequence, fields...)
}

// filler writes entries of 8-byte serial numbers without building each anew.
func filler(count int, at time.Time) []byte {
	entry := []byte{sequence, 25, 2, 8, 1, 0, 0, 0, 0, 0, 0, 0, 0x17, 13}
	entry = append(entry, at.UTC().Format("060102150405Z")...)
	all := make([]byte, 0, count*len(entry))
	for i := range count {
		binary.BigEndian.PutUint32(entry[8:], uint32(i))
		all = append(all, entry...)
	}
	return all
}

func (e Entry) encode(tb testing.TB) []byte {
	tb.Helper()
	extensions := slices.Clone(e.Extensions)
	if e.Reason >= 0 {
		oidReason := asn1.ObjectIdentifier{2, 5, 29, 21}
		reason := tlv(enumerated, []byte{byte(e.Reason)})
		extensions = append(extensions, pkix.Extension{Id: oidReason, Value: reason})
	}
	fields := [][]byte{marshal(tb, e.Serial), marshal(tb, e.At.UTC())}
	if len(extensions) > 0 {
		fields = append(fields, marshal(tb, extensions))
	}
	return tlv(sequence, fields...)
}

// someReasons is the tag of onlySomeReasons.
const someReasons = 3

// IssuingPoint is the extension that says which certificates a list is for (RFC 5280, 5.2.5): flag is the tag of the
// field that is set, 0 for none, and url the distribution point, empty for none.
func IssuingPoint(flag int, url string) pkix.Extension {
	var fields [][]byte
	if url != "" {
		fields = append(fields, tlv(explicit+0, tlv(explicit+0, tlv(implicit+6, []byte(url)))))
	}
	switch flag {
	case 0:
	case someReasons:
		fields = append(fields, tlv(implicit+someReasons, []byte{6, 0x40}))
	default:
		fields = append(fields, tlv(implicit+byte(flag), []byte{0xff}))
	}
	oidPoint := asn1.ObjectIdentifier{2, 5, 29, 28}
	return pkix.Extension{Id: oidPoint, Critical: true, Value: tlv(sequence, fields...)}
}

// Delta is the extension that makes a list one of changes only (RFC 5280, 5.2.4).
func Delta() pkix.Extension {
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Critical: true, Value: []byte{2, 1, 1}}
}

// Unknown is a critical extension that nobody knows.
func Unknown() pkix.Extension {
	return pkix.Extension{Id: oidPadding, Critical: true, Value: asn1.NullBytes}
}
