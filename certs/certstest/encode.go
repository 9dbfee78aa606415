package certstest

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"congvan/certs"
)

var hashOIDs = map[crypto.Hash]asn1.ObjectIdentifier{
	crypto.SHA1:   {1, 3, 14, 3, 2, 26},
	crypto.SHA256: {2, 16, 840, 1, 101, 3, 4, 2, 1},
	crypto.SHA384: {2, 16, 840, 1, 101, 3, 4, 2, 2},
	crypto.SHA512: {2, 16, 840, 1, 101, 3, 4, 2, 3},
}

// PSS stands for RSASSA-PSS with SHA-256 where a hash is asked for.
const PSS = crypto.Hash(1000)

// pssSalt is not the length of the hash: crypto/x509 would refuse it.
const pssSalt = 20

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

// Tags of DER, as many as are written here.
const (
	bitString   = 0x03
	octetString = 0x04
	null        = 0x05
	enumerated  = 0x0a
	generalTime = 0x18
	sequence    = 0x30
	implicit    = 0x80
	explicit    = 0xa0
)

// tlv writes one value: its tag, its length and its parts one after the other.
func tlv(tag byte, parts ...[]byte) []byte {
	content := bytes.Join(parts, nil)
	size := len(content)
	if size < 0x80 {
		return append([]byte{tag, byte(size)}, content...)
	}
	length := big.NewInt(int64(size)).Bytes() // DER wants it as short as can be
	head := append([]byte{tag, 0x80 + byte(len(length))}, length...)
	return append(head, content...)
}

func moment(at time.Time) []byte {
	return tlv(generalTime, []byte(at.UTC().Format("20060102150405Z")))
}

func marshal(tb testing.TB, value any) []byte {
	tb.Helper()
	der, err := asn1.Marshal(value)
	if err != nil {
		tb.Fatal(err)
	}
	return der
}

// Resign gives the certificate signed anew by the issuer with another hash, such as SHA-1, MD5 or SHA-3, which
// crypto/x509 does not write; or ends the test.
func Resign(tb testing.TB, identity, issuer certs.Identity, hash crypto.Hash) certs.Identity {
	tb.Helper()
	var fields []asn1.RawValue
	if _, err := asn1.Unmarshal(identity.Certificate.RawTBSCertificate, &fields); err != nil {
		tb.Fatal(err)
	}
	const signature = 2 // after version and serial number
	named := algorithm(tb, issuer.Signer, hash)
	fields[signature] = asn1.RawValue{FullBytes: named}
	signed := marshal(tb, fields)
	value := sign(tb, issuer.Signer, hash, signed)
	certificate, err := x509.ParseCertificate(tlv(sequence, signed, named, tlv(bitString, []byte{0}, value)))
	if err != nil {
		tb.Fatal(err)
	}
	identity.Certificate = certificate
	return identity
}

// algorithm writes the algorithm identifier for a key and a hash; zero is SHA-256.
func algorithm(tb testing.TB, key crypto.Signer, hash crypto.Hash) []byte {
	tb.Helper()
	if hash == 0 {
		hash = crypto.SHA256
	}
	if hash == PSS {
		digest := tlv(sequence, marshal(tb, hashOIDs[crypto.SHA256]), tlv(null))
		mask := tlv(sequence, marshal(tb, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8}), digest)
		parameters := tlv(sequence, tlv(explicit+0, digest), tlv(explicit+1, mask), tlv(explicit+2, marshal(tb, pssSalt)))
		return tlv(sequence, marshal(tb, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}), parameters)
	}
	if _, ok := key.Public().(*rsa.PublicKey); ok {
		return tlv(sequence, marshal(tb, rsaOIDs[hash]), tlv(null))
	}
	return tlv(sequence, marshal(tb, ecdsaOIDs[hash]))
}

func sign(tb testing.TB, key crypto.Signer, hash crypto.Hash, message []byte) []byte {
	tb.Helper()
	if hash == 0 {
		hash = crypto.SHA256
	}
	var options crypto.SignerOpts = hash
	if hash == PSS {
		hash, options = crypto.SHA256, &rsa.PSSOptions{SaltLength: pssSalt, Hash: crypto.SHA256}
	}
	value, err := key.Sign(rand.Reader, sum(hash, message), options)
	if err != nil {
		tb.Fatal(err)
	}
	return value
}

func sum(hash crypto.Hash, data []byte) []byte {
	h := hash.New()
	h.Write(data)
	return h.Sum(nil)
}

// replaceOnce gives a copy in which the first place where old stands holds new, of the same length.
func replaceOnce(data, old, new []byte) []byte {
	return bytes.Replace(data, old, new, 1)
}
