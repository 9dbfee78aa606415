package signing

import (
	"crypto"
	"crypto/dsa" //nolint:staticcheck // only to judge old keys of others
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"time"

	"congvan/certs/cms"
)

// month is the first day of a month, as the policy tables below have it.
func month(year int, of time.Month) time.Time {
	return time.Date(year, of, 1, 0, 0, 0, 0, time.UTC)
}

// hashUntil says up to which day a hash is relied upon: the zero time means without end, absence means never.
// Sources: ETSI TS 119 312 V1.5.1, and its forerunner TS 102 176-1 for MD5; Circular 15/2025/TT-BKHCN, Annex I, which
// admits SHA-2 and SHA-3 and nothing older.
func hashUntil(hash crypto.Hash) (until time.Time, known bool) {
	switch hash {
	case crypto.SHA256, crypto.SHA384, crypto.SHA512, crypto.SHA512_256,
		crypto.SHA3_224, crypto.SHA3_256, crypto.SHA3_384, crypto.SHA3_512, cms.SHAKE256:
		return time.Time{}, true
	case crypto.SHA224, crypto.SHA512_224:
		return month(2029, time.January), true
	case crypto.RIPEMD160:
		return month(2014, time.August), true
	case crypto.SHA1:
		return month(2012, time.August), true
	case crypto.MD5:
		return month(2004, time.August), true
	case crypto.MD4, crypto.MD5SHA1, crypto.BLAKE2s_256, crypto.BLAKE2b_256, crypto.BLAKE2b_384, crypto.BLAKE2b_512:
		return time.Time{}, false
	default:
		return time.Time{}, false
	}
}

// keyLimit is a row of a table of key sizes: keys of at least bits are relied upon until the day, or without end.
type keyLimit struct {
	bits  int
	until time.Time
}

// rsaLimits: ETSI TS 119 312 V1.5.1; from 2,048 bits on Circular 15/2025/TT-BKHCN sets no end.
func rsaLimits() []keyLimit {
	return []keyLimit{
		{2048, time.Time{}},
		{1900, month(2029, time.January)},
		{1024, month(2019, time.October)},
		{786, month(2010, time.August)},
	}
}

func curveLimits() []keyLimit {
	return []keyLimit{
		{256, time.Time{}},
		{224, month(2021, time.October)},
		{160, month(2012, time.August)},
	}
}

func dsaLimits() []keyLimit {
	return []keyLimit{
		{3000, time.Time{}},
		{1900, month(2029, time.January)},
		{1024, month(2015, time.December)},
	}
}

// weakHash says whether the hash is no longer relied upon at the moment.
func weakHash(hash crypto.Hash, at time.Time) bool {
	until, known := hashUntil(hash)
	return !known || !until.IsZero() && !at.Before(until)
}

// keyUntil says up to which day a public key is relied upon, as hashUntil does.
func keyUntil(public any) (until time.Time, known bool) {
	switch key := public.(type) {
	case *rsa.PublicKey:
		return longEnough(rsaLimits(), key.N.BitLen())
	case *ecdsa.PublicKey:
		return longEnough(curveLimits(), key.Curve.Params().BitSize)
	case *dsa.PublicKey:
		return longEnough(dsaLimits(), key.P.BitLen())
	case ed25519.PublicKey:
		return time.Time{}, true
	default:
		return time.Time{}, true // Ed448; what is not known to this program passes nothing anyway
	}
}

func longEnough(limits []keyLimit, bits int) (until time.Time, known bool) {
	for _, limit := range limits {
		if bits >= limit.bits {
			return limit.until, true
		}
	}
	return time.Time{}, false
}

// weakKey says whether the public key is no longer relied upon at the moment.
func weakKey(public any, at time.Time) bool {
	until, known := keyUntil(public)
	return !known || !until.IsZero() && !at.Before(until)
}

// weakSignature says whether what one signer did to sign rests on an algorithm that is not relied upon at the moment.
func weakSignature(signer *cms.SignerInfo, public any, at time.Time) bool {
	if weakHash(signer.Digest, at) || weakKey(public, at) {
		return true
	}
	return signer.Scheme.Hash != 0 && weakHash(signer.Scheme.Hash, at)
}

// weakPath says whether a certificate below the anchor was issued with an algorithm, or below the leaf holds a key,
// that is not relied upon at the moment. The anchor is relied upon by decision.
func weakPath(path []*x509.Certificate, at time.Time) bool {
	for i, certificate := range path {
		if i == len(path)-1 {
			return false
		}
		if hash := certificateHash(certificate); hash != 0 && weakHash(hash, at) {
			return true
		}
		if i > 0 && weakKey(certificate.PublicKey, at) {
			return true
		}
	}
	return false
}

// certificateHash gives the hash with which a certificate was signed, or 0 where the scheme has none of its own.
func certificateHash(certificate *x509.Certificate) crypto.Hash {
	switch certificate.SignatureAlgorithm {
	case x509.MD2WithRSA:
		return crypto.MD4 // as little relied upon; there is no constant for MD2
	case x509.MD5WithRSA:
		return crypto.MD5
	case x509.SHA1WithRSA, x509.DSAWithSHA1, x509.ECDSAWithSHA1:
		return crypto.SHA1
	case x509.SHA256WithRSA, x509.DSAWithSHA256, x509.ECDSAWithSHA256, x509.SHA256WithRSAPSS:
		return crypto.SHA256
	case x509.SHA384WithRSA, x509.ECDSAWithSHA384, x509.SHA384WithRSAPSS:
		return crypto.SHA384
	case x509.SHA512WithRSA, x509.ECDSAWithSHA512, x509.SHA512WithRSAPSS:
		return crypto.SHA512
	case x509.UnknownSignatureAlgorithm, x509.PureEd25519:
		return 0
	default:
		return 0
	}
}
