package certs

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"

	"congvan/certs/cms"
)

const oidPSS = "1.2.840.113549.1.1.10"

// schemes are the signature algorithms of certificates, OCSP responses and revocation lists, but for RSA-PSS, which has
// parameters. crypto/x509 knows fewer and refuses some; what is weak is noted by whoever asks.
var schemes = map[string]cms.Scheme{
	"1.2.840.113549.1.1.4":    {Algorithm: cms.RSAPKCS1, Hash: crypto.MD5},
	"1.2.840.113549.1.1.5":    {Algorithm: cms.RSAPKCS1, Hash: crypto.SHA1},
	"1.3.14.3.2.29":           {Algorithm: cms.RSAPKCS1, Hash: crypto.SHA1},
	"1.2.840.113549.1.1.14":   {Algorithm: cms.RSAPKCS1, Hash: crypto.SHA224},
	"1.2.840.113549.1.1.11":   {Algorithm: cms.RSAPKCS1, Hash: crypto.SHA256},
	"1.2.840.113549.1.1.12":   {Algorithm: cms.RSAPKCS1, Hash: crypto.SHA384},
	"1.2.840.113549.1.1.13":   {Algorithm: cms.RSAPKCS1, Hash: crypto.SHA512},
	"2.16.840.1.101.3.4.3.14": {Algorithm: cms.RSAPKCS1, Hash: crypto.SHA3_256},
	"2.16.840.1.101.3.4.3.15": {Algorithm: cms.RSAPKCS1, Hash: crypto.SHA3_384},
	"2.16.840.1.101.3.4.3.16": {Algorithm: cms.RSAPKCS1, Hash: crypto.SHA3_512},
	"1.2.840.10045.4.1":       {Algorithm: cms.ECDSA, Hash: crypto.SHA1},
	"1.2.840.10045.4.3.1":     {Algorithm: cms.ECDSA, Hash: crypto.SHA224},
	"1.2.840.10045.4.3.2":     {Algorithm: cms.ECDSA, Hash: crypto.SHA256},
	"1.2.840.10045.4.3.3":     {Algorithm: cms.ECDSA, Hash: crypto.SHA384},
	"1.2.840.10045.4.3.4":     {Algorithm: cms.ECDSA, Hash: crypto.SHA512},
	"2.16.840.1.101.3.4.3.10": {Algorithm: cms.ECDSA, Hash: crypto.SHA3_256},
	"2.16.840.1.101.3.4.3.11": {Algorithm: cms.ECDSA, Hash: crypto.SHA3_384},
	"2.16.840.1.101.3.4.3.12": {Algorithm: cms.ECDSA, Hash: crypto.SHA3_512},
	"1.3.101.112":             {Algorithm: cms.Ed25519},
	"1.3.101.113":             {Algorithm: cms.Ed448},
	"1.2.840.10040.4.3":       {Algorithm: cms.DSA, Hash: crypto.SHA1},
	"2.16.840.1.101.3.4.3.2":  {Algorithm: cms.DSA, Hash: crypto.SHA256},
}

// schemeOf names the scheme that an algorithm identifier stands for; the zero scheme when it is not known here.
func schemeOf(identifier pkix.AlgorithmIdentifier) cms.Scheme {
	if id := oid(identifier.Algorithm); id != oidPSS {
		return schemes[id]
	}
	return pssScheme(identifier.Parameters.FullBytes)
}

// pssParameters is RSASSA-PSS-params (RFC 4055, 3.1); what is absent is of SHA-1.
type pssParameters struct {
	Hash    pkix.AlgorithmIdentifier `asn1:"optional,explicit,tag:0"`
	MGF     pkix.AlgorithmIdentifier `asn1:"optional,explicit,tag:1"`
	SaltLen int                      `asn1:"optional,explicit,tag:2,default:20"`
	Trailer int                      `asn1:"optional,explicit,tag:3,default:1"`
}

func pssScheme(der []byte) cms.Scheme {
	var parameters pssParameters
	if rest, err := asn1.Unmarshal(der, &parameters); err != nil || len(rest) > 0 || parameters.Trailer != 1 {
		return cms.Scheme{}
	}
	hash, mask := crypto.SHA1, crypto.SHA1
	if parameters.Hash.Algorithm != nil {
		hash = digestNamed(oid(parameters.Hash.Algorithm))
	}
	if parameters.MGF.Algorithm != nil {
		var inner pkix.AlgorithmIdentifier
		if _, err := asn1.Unmarshal(parameters.MGF.Parameters.FullBytes, &inner); err != nil {
			return cms.Scheme{}
		}
		mask = digestNamed(oid(inner.Algorithm))
	}
	if hash == 0 || mask == 0 || parameters.SaltLen < 0 {
		return cms.Scheme{}
	}
	scheme := cms.Scheme{Algorithm: cms.RSAPSS, Hash: hash, SaltLen: parameters.SaltLen}
	if mask != hash {
		scheme.MGF = mask
	}
	return scheme
}

// digestNamed gives the hash of an object identifier; 0 when it is not known here.
func digestNamed(id string) crypto.Hash {
	switch id {
	case "1.3.14.3.2.26":
		return crypto.SHA1
	case "2.16.840.1.101.3.4.2.4":
		return crypto.SHA224
	case "2.16.840.1.101.3.4.2.1":
		return crypto.SHA256
	case "2.16.840.1.101.3.4.2.2":
		return crypto.SHA384
	case "2.16.840.1.101.3.4.2.3":
		return crypto.SHA512
	case "2.16.840.1.101.3.4.2.8":
		return crypto.SHA3_256
	case "2.16.840.1.101.3.4.2.9":
		return crypto.SHA3_384
	case "2.16.840.1.101.3.4.2.10":
		return crypto.SHA3_512
	default:
		return 0
	}
}

func sum(hash crypto.Hash, data []byte) []byte {
	h := hash.New()
	h.Write(data)
	return h.Sum(nil)
}

// weakScheme says whether signatures made so are only noted as weak: those of SHA-1.
func weakScheme(scheme cms.Scheme) bool {
	return scheme.Hash == crypto.SHA1 || scheme.MGF == crypto.SHA1
}

// brokenScheme says whether signatures made so prove nothing any more: those of MD5.
func brokenScheme(scheme cms.Scheme) bool { return scheme.Hash == crypto.MD5 }

// plainSchemes are those that crypto/x509 has named already when it read the certificate, and that have no parameters.
var plainSchemes = map[x509.SignatureAlgorithm]cms.Scheme{
	x509.SHA256WithRSA:   {Algorithm: cms.RSAPKCS1, Hash: crypto.SHA256},
	x509.SHA384WithRSA:   {Algorithm: cms.RSAPKCS1, Hash: crypto.SHA384},
	x509.SHA512WithRSA:   {Algorithm: cms.RSAPKCS1, Hash: crypto.SHA512},
	x509.ECDSAWithSHA256: {Algorithm: cms.ECDSA, Hash: crypto.SHA256},
	x509.ECDSAWithSHA384: {Algorithm: cms.ECDSA, Hash: crypto.SHA384},
	x509.ECDSAWithSHA512: {Algorithm: cms.ECDSA, Hash: crypto.SHA512},
}

// certificateScheme gives the scheme of the signature on a certificate.
func certificateScheme(certificate *x509.Certificate) cms.Scheme {
	if scheme, plain := plainSchemes[certificate.SignatureAlgorithm]; plain {
		return scheme
	}
	input := cryptobyte.String(certificate.Raw)
	var outer, algorithm cryptobyte.String
	if !input.ReadASN1(&outer, tags.SEQUENCE) || !outer.SkipASN1(tags.SEQUENCE) ||
		!outer.ReadASN1Element(&algorithm, tags.SEQUENCE) {
		return cms.Scheme{}
	}
	var identifier pkix.AlgorithmIdentifier
	if _, err := asn1.Unmarshal(algorithm, &identifier); err != nil {
		return cms.Scheme{}
	}
	return schemeOf(identifier)
}
