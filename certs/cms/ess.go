package cms

import (
	"crypto"
	"crypto/x509"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"
)

// readESS reads the certificate identifiers of a signing-certificate (RFC 2634, 5.4) or signing-certificate-v2
// (RFC 5035, 3) attribute. An identifier that cannot be read ends the list and stands there without a hash.
func readESS(attribute Attribute) []ESSCertID {
	var ids []ESSCertID
	for _, raw := range attribute.Values {
		value := cryptobyte.String(raw)
		var signing, list cryptobyte.String
		if !value.ReadASN1(&signing, tags.SEQUENCE) || !signing.ReadASN1(&list, tags.SEQUENCE) {
			return []ESSCertID{{First: true}}
		}
		for first := true; !list.Empty() && len(ids) < maxValues; first = false {
			var fields cryptobyte.String
			ok := list.ReadASN1(&fields, tags.SEQUENCE)
			id := ESSCertID{}
			if ok {
				id, ok = readESSCertID(fields, attribute.Type.Equal(OIDSigningCertificateV2))
			}
			id.First = first
			if !ok {
				return append(ids, ESSCertID{First: first})
			}
			ids = append(ids, id)
		}
	}
	return ids
}

func readESSCertID(fields cryptobyte.String, v2 bool) (ESSCertID, bool) {
	id := ESSCertID{Hash: crypto.SHA1}
	if v2 {
		id.Hash = crypto.SHA256
		if fields.PeekASN1Tag(tags.SEQUENCE) {
			oid, _, ok := readAlgorithm(&fields)
			if !ok {
				return id, false
			}
			id.Hash = hashFor(oid)
		}
	}
	var contents cryptobyte.String
	if !fields.ReadASN1(&contents, tags.OCTET_STRING) {
		return id, false
	}
	id.Digest = contents
	return id, true
}

// derESS is a signing-certificate-v2 attribute value that names the certificate.
func derESS(hash crypto.Hash, certificate *x509.Certificate) []byte {
	var algorithm []byte
	if hash != crypto.SHA256 { // the default is left out
		algorithm = derAlgorithm(oidForHash(hash), nil)
	}
	id := sequence(algorithm, tlv(tagOctetString, digest(hash, certificate.Raw)))
	return sequence(sequence(id))
}
