package certstest

import (
	"crypto"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

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
func OCSP(tb testing.TB, answer Answer) []byte {
	tb.Helper()
	if answer.Status != 0 {
		return tlv(sequence, tlv(enumerated, []byte{byte(answer.Status)}))
	}
	signed := answer.data(tb)
	value := sign(tb, answer.Signer.Signer, answer.Weak, signed)
	if answer.Spoil {
		value[len(value)-1] ^= 1
	}
	fields := [][]byte{signed, algorithm(tb, answer.Signer.Signer, answer.Weak), tlv(bitString, []byte{0}, value)}
	if answer.Attach {
		fields = append(fields, tlv(explicit+0, tlv(sequence, answer.Signer.Certificate.Raw)))
	}
	basic := tlv(sequence, fields...)
	if answer.Basic {
		return basic
	}
	oidBasic := asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1}
	content := tlv(sequence, marshal(tb, oidBasic), tlv(octetString, basic))
	return tlv(sequence, tlv(enumerated, []byte{0}), tlv(explicit+0, content))
}

// data writes ResponseData.
func (a Answer) data(tb testing.TB) []byte {
	tb.Helper()
	produced := a.ProducedAt
	if produced.IsZero() {
		produced = a.ThisUpdate
	}
	digest := sha1.Sum(keyBits(a.Signer.Certificate)) // RFC 6960 names keys by SHA-1
	responder := tlv(explicit+2, tlv(octetString, digest[:]))
	if a.ByName {
		responder = tlv(explicit+1, a.Signer.Certificate.RawSubject)
	}
	fields := [][]byte{responder, moment(produced), tlv(sequence, a.single(tb))}
	if a.Critical {
		fields = append(fields, tlv(explicit+1, marshal(tb, []pkix.Extension{Unknown()})))
	}
	return tlv(sequence, fields...)
}

// single writes SingleResponse.
func (a Answer) single(tb testing.TB) []byte {
	tb.Helper()
	fields := [][]byte{a.identifier(tb), a.status(), moment(a.ThisUpdate)}
	if !a.NextUpdate.IsZero() {
		fields = append(fields, tlv(explicit+0, moment(a.NextUpdate)))
	}
	if !a.ArchiveCutoff.IsZero() {
		oidCutoff := asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 6}
		cutoff := []pkix.Extension{{Id: oidCutoff, Value: moment(a.ArchiveCutoff)}}
		fields = append(fields, tlv(explicit+1, marshal(tb, cutoff)))
	}
	return tlv(sequence, fields...)
}

// status writes CertStatus.
func (a Answer) status() []byte {
	switch {
	case a.Unknown:
		return tlv(implicit + 2)
	case a.Revoked.IsZero():
		return tlv(implicit + 0)
	default:
		return tlv(explicit+1, moment(a.Revoked), tlv(explicit+0, tlv(enumerated, []byte{byte(a.Reason)})))
	}
}

// identifier writes CertID.
func (a Answer) identifier(tb testing.TB) []byte {
	tb.Helper()
	hash := a.Hash
	if hash == 0 {
		hash = crypto.SHA1
	}
	serial := a.Serial
	if serial == nil {
		serial = a.Certificate.SerialNumber
	}
	return tlv(sequence,
		tlv(sequence, marshal(tb, hashOIDs[hash])),
		tlv(octetString, sum(hash, a.Issuer.RawSubject)),
		tlv(octetString, sum(hash, keyBits(a.Issuer))),
		marshal(tb, serial))
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
