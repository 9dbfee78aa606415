package cms

import (
	"crypto"
	_ "crypto/md5"    //nolint:gosec // archives hold it; whether it is good enough is judged elsewhere
	_ "crypto/sha1"   //nolint:gosec // likewise
	_ "crypto/sha256" // the hashes that are read register themselves
	_ "crypto/sha3"
	_ "crypto/sha512"
	"encoding/asn1"
	"slices"
)

// Object identifiers of content types and attributes that callers ask for or add.
var (
	OIDData                  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	OIDSignedData            = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	OIDTSTInfo               = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	OIDContentType           = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	OIDMessageDigest         = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	OIDSigningTime           = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	OIDCounterSignature      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 6}
	OIDAlgorithmProtection   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 52}
	OIDSigningCertificate    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
	OIDSigningCertificateV2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	OIDSignatureTimestamp    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14}
	OIDSignaturePolicy       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 15}
	OIDContentTimestamp      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 20}
	OIDCertificateValues     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 23}
	OIDRevocationValues      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 24}
	OIDArchiveTimestampV2    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 48}
	OIDArchiveTimestampV3    = asn1.ObjectIdentifier{0, 4, 0, 1733, 2, 4}
	OIDAdobeRevocation       = asn1.ObjectIdentifier{1, 2, 840, 113583, 1, 1, 8}
	oidOCSPResponse          = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 16, 2}
	oidOCSPBasic             = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1}
	oidMGF1                  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8}
	oidRSA                   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidRSAPSS                = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}
	oidEd25519               = asn1.ObjectIdentifier{1, 3, 101, 112}
	oidMicrosoftRFC3161Stamp = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 3, 3, 1}
)

// hashOIDs are the hashes that are recognised. RIPEMD-160 has a name here but no code: what was signed with it is
// reported as unsupported.
var hashOIDs = []struct {
	hash crypto.Hash
	oid  asn1.ObjectIdentifier
}{
	{crypto.SHA256, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}},
	{crypto.SHA512, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}},
	{crypto.SHA384, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}},
	{crypto.SHA1, asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}},
	{crypto.SHA224, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 4}},
	{crypto.SHA512_224, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 5}},
	{crypto.SHA512_256, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 6}},
	{crypto.SHA3_224, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 7}},
	{crypto.SHA3_256, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 8}},
	{crypto.SHA3_384, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 9}},
	{crypto.SHA3_512, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 10}},
	{crypto.MD5, asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 5}},
	{crypto.RIPEMD160, asn1.ObjectIdentifier{1, 3, 36, 3, 2, 1}},
}

// signatureOIDs are the signature algorithms that are recognised, but for RSA-PSS, which has parameters. A hash of 0
// means that the signer's digest algorithm says it. The first of several for one scheme is the one that is written.
var signatureOIDs = []struct {
	algorithm Algorithm
	hash      crypto.Hash
	oid       asn1.ObjectIdentifier
}{
	{RSAPKCS1, crypto.SHA256, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}},
	{RSAPKCS1, 0, oidRSA},
	{ECDSA, crypto.SHA256, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}},
	{ECDSA, crypto.SHA384, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}},
	{ECDSA, crypto.SHA512, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}},
	{Ed25519, 0, oidEd25519},
	{Ed448, 0, oidEd448},
	{RSAPKCS1, crypto.SHA384, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 12}},
	{RSAPKCS1, crypto.SHA512, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 13}},
	{RSAPKCS1, crypto.SHA224, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 14}},
	{RSAPKCS1, crypto.SHA512_224, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 15}},
	{RSAPKCS1, crypto.SHA512_256, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 16}},
	{RSAPKCS1, crypto.SHA3_224, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 13}},
	{RSAPKCS1, crypto.SHA3_256, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 14}},
	{RSAPKCS1, crypto.SHA3_384, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 15}},
	{RSAPKCS1, crypto.SHA3_512, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 16}},
	{RSAPKCS1, crypto.SHA1, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 5}},
	{RSAPKCS1, crypto.SHA1, asn1.ObjectIdentifier{1, 3, 14, 3, 2, 29}},
	{RSAPKCS1, crypto.MD5, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 4}},
	{RSAPKCS1, crypto.MD5, asn1.ObjectIdentifier{1, 3, 14, 3, 2, 3}},
	{RSAPKCS1, crypto.RIPEMD160, asn1.ObjectIdentifier{1, 3, 36, 3, 3, 1, 2}},
	{ECDSA, 0, asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}},
	{ECDSA, crypto.SHA1, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 1}},
	{ECDSA, crypto.SHA224, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 1}},
	{ECDSA, crypto.SHA3_224, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 9}},
	{ECDSA, crypto.SHA3_256, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 10}},
	{ECDSA, crypto.SHA3_384, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 11}},
	{ECDSA, crypto.SHA3_512, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 12}},
	{DSA, 0, asn1.ObjectIdentifier{1, 2, 840, 10040, 4, 1}},
	{DSA, crypto.SHA1, asn1.ObjectIdentifier{1, 2, 840, 10040, 4, 3}},
	{DSA, crypto.SHA1, asn1.ObjectIdentifier{1, 3, 14, 3, 2, 27}},
	{DSA, crypto.SHA224, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 1}},
	{DSA, crypto.SHA256, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 2}},
	{DSA, crypto.SHA384, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 3}},
	{DSA, crypto.SHA512, asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 4}},
}

// hashFor is the hash that an object identifier names; 0 when it is not known. Some programs write the identifier of
// a signature algorithm where that of its digest belongs, and mean the digest.
func hashFor(oid asn1.ObjectIdentifier) crypto.Hash {
	for i := range hashOIDs {
		if hashOIDs[i].oid.Equal(oid) {
			return hashOIDs[i].hash
		}
	}
	for i := range signatureOIDs {
		if signatureOIDs[i].oid.Equal(oid) {
			return signatureOIDs[i].hash
		}
	}
	return 0
}

// oidForHash is the identifier of a hash; nil when there is none.
func oidForHash(hash crypto.Hash) asn1.ObjectIdentifier {
	for i := range hashOIDs {
		if hashOIDs[i].hash == hash {
			return hashOIDs[i].oid
		}
	}
	return nil
}

// Find returns all attributes of a type, in the order sent.
func Find(attributes []Attribute, oid asn1.ObjectIdentifier) []Attribute {
	var found []Attribute
	for _, attribute := range attributes {
		if attribute.Type.Equal(oid) {
			found = append(found, attribute)
		}
	}
	return slices.Clip(found)
}
