package signing

import (
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"
)

// strayCertificate reads who holds which key from a certificate that crypto/x509 refuses (a negative serial number, a
// policy twice, ...). It serves to say whether the signature value holds; such a certificate is never relied upon. Nil
// when not even that can be read.
func strayCertificate(der []byte) *x509.Certificate {
	input := cryptobyte.String(der)
	var outer, signed, issuer, subject, key cryptobyte.String
	serial := new(big.Int)
	ok := input.ReadASN1(&outer, tags.SEQUENCE) && outer.ReadASN1(&signed, tags.SEQUENCE) &&
		signed.SkipOptionalASN1(tags.Tag(0).Constructed().ContextSpecific()) &&
		signed.ReadASN1Integer(serial) &&
		signed.SkipASN1(tags.SEQUENCE) && // signature algorithm
		signed.ReadASN1Element(&issuer, tags.SEQUENCE) &&
		signed.SkipASN1(tags.SEQUENCE) && // validity
		signed.ReadASN1Element(&subject, tags.SEQUENCE) &&
		signed.ReadASN1Element(&key, tags.SEQUENCE)
	if !ok {
		return nil
	}
	public, err := x509.ParsePKIXPublicKey(key)
	if err != nil {
		if public = strayRSA(key); public == nil {
			return nil
		}
	}
	return &x509.Certificate{
		Raw: der, RawIssuer: issuer, RawSubject: subject, RawSubjectPublicKeyInfo: key, SerialNumber: serial,
		PublicKey: public, Subject: readName(subject), Issuer: readName(issuer),
	}
}

// strayRSA reads an RSA key whose modulus lacks the zero byte that keeps it positive. Nil when it is none.
func strayRSA(der cryptobyte.String) any {
	var info, algorithm, fields, modulus cryptobyte.String
	var oid asn1.ObjectIdentifier
	var bits []byte
	var exponent int
	ok := der.ReadASN1(&info, tags.SEQUENCE) && info.ReadASN1(&algorithm, tags.SEQUENCE) &&
		algorithm.ReadASN1ObjectIdentifier(&oid) && oid.Equal(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}) &&
		info.ReadASN1BitStringAsBytes(&bits)
	inner := cryptobyte.String(bits)
	ok = ok && inner.ReadASN1(&fields, tags.SEQUENCE) && fields.ReadASN1(&modulus, tags.INTEGER) &&
		fields.ReadASN1Integer(&exponent) && exponent > 0
	if !ok {
		return nil
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: exponent}
}

func readName(der []byte) pkix.Name {
	var name pkix.Name
	var sequence pkix.RDNSequence
	if _, err := asn1.Unmarshal(der, &sequence); err == nil {
		name.FillFromRDNSequence(&sequence)
	}
	return name
}
