package certstest

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"

	"congvan/certs"
)

var hashOIDs = map[crypto.Hash]asn1.ObjectIdentifier{
	crypto.SHA1:   {1, 3, 14, 3, 2, 26},
	crypto.SHA256: {2, 16, 840, 1, 101, 3, 4, 2, 1},
	crypto.SHA384: {2, 16, 840, 1, 101, 3, 4, 2, 2},
	crypto.SHA512: {2, 16, 840, 1, 101, 3, 4, 2, 3},
}

var rsaOIDs = map[crypto.Hash]asn1.ObjectIdentifier{
	crypto.MD5:      {1, 2, 840, 113549, 1, 1, 4},
	crypto.SHA1:     {1, 2, 840, 113549, 1, 1, 5},
	crypto.SHA256:   {1, 2, 840, 113549, 1, 1, 11},
	crypto.SHA3_256: {2, 16, 840, 1, 101, 3, 4, 3, 14},
}

var ecdsaOIDs = map[crypto.Hash]asn1.ObjectIdentifier{
	crypto.SHA1:     {1, 2, 840, 10045, 4, 1},
	crypto.SHA224:   {1, 2, 840, 10045, 4, 3, 1},
	crypto.SHA256:   {1, 2, 840, 10045, 4, 3, 2},
	crypto.SHA3_256: {2, 16, 840, 1, 101, 3, 4, 3, 10},
}

// Resign gives the certificate signed anew by the issuer with another hash, such as SHA-1, MD5 or SHA-3, which
// crypto/x509 does not write; or ends the test.
func Resign(t testing.TB, identity, issuer certs.Identity, hash crypto.Hash) certs.Identity {
	t.Helper()
	input := cryptobyte.String(identity.Certificate.RawTBSCertificate)
	var fields, version, serial, old cryptobyte.String
	if !input.ReadASN1(&fields, tags.SEQUENCE) || !fields.ReadASN1Element(&version, context(0)) ||
		!fields.ReadASN1Element(&serial, tags.INTEGER) || !fields.ReadASN1Element(&old, tags.SEQUENCE) {
		t.Fatal("unreadable certificate")
	}
	named := algorithm(t, issuer.Signer, hash)
	signed := build(t, func(b *cryptobyte.Builder) {
		b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(version)
			b.AddBytes(serial)
			b.AddBytes(named)
			b.AddBytes(fields)
		})
	})
	der := build(t, func(b *cryptobyte.Builder) {
		b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(signed)
			b.AddBytes(named)
			b.AddASN1BitString(sign(t, issuer.Signer, hash, signed))
		})
	})
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	identity.Certificate = certificate
	return identity
}

// algorithm writes the algorithm identifier for a key and a hash; zero is SHA-256.
func algorithm(t testing.TB, key crypto.Signer, hash crypto.Hash) []byte {
	t.Helper()
	if hash == 0 {
		hash = crypto.SHA256
	}
	return build(t, func(b *cryptobyte.Builder) {
		b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
			switch key.Public().(type) {
			case *rsa.PublicKey:
				b.AddASN1ObjectIdentifier(rsaOIDs[hash])
				b.AddASN1NULL()
			case *ecdsa.PublicKey:
				b.AddASN1ObjectIdentifier(ecdsaOIDs[hash])
			}
		})
	})
}

func sign(t testing.TB, key crypto.Signer, hash crypto.Hash, message []byte) []byte {
	t.Helper()
	if hash == 0 {
		hash = crypto.SHA256
	}
	value, err := key.Sign(rand.Reader, sum(hash, message), hash)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func sum(hash crypto.Hash, data []byte) []byte {
	h := hash.New()
	h.Write(data)
	return h.Sum(nil)
}

func build(t testing.TB, write func(*cryptobyte.Builder)) []byte {
	t.Helper()
	builder := cryptobyte.NewBuilder(nil)
	write(builder)
	der, err := builder.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func context(number uint8) tags.Tag { return tags.Tag(number).Constructed().ContextSpecific() }

// replaceOnce gives a copy in which the first place where old stands holds new, of the same length.
func replaceOnce(data, old, new []byte) []byte {
	return bytes.Replace(data, old, new, 1)
}
