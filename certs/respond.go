package certs

import (
	"bytes"
	"crypto"
	"crypto/sha1" //nolint:gosec // RFC 6960, 4.2.1: KeyHash is SHA-1
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"

	"congvan/certs/cms"
)

var errNotOurs = errors.New("another authority's certificate")

// respond answers for one certificate: the root speaks for itself, for the issuing authority a responder does.
func (a *Authority) respond(request *ocsp.Request) ([]byte, error) {
	issuer, signer := &a.issuing, &a.responder
	if bytes.Equal(request.IssuerKeyHash, sum(request.HashAlgorithm, publicKeyBits(a.root.Certificate))) {
		issuer, signer = &a.root, &a.root
	}
	if !bytes.Equal(request.IssuerKeyHash, sum(request.HashAlgorithm, publicKeyBits(issuer.Certificate))) {
		return nil, errNotOurs
	}
	single := a.single(request, issuer.Certificate)
	return encodeOCSP(*signer, signer != issuer, ocspData{ProducedAt: single.ThisUpdate, Responses: []ocspSingle{single}})
}

func (a *Authority) single(request *ocsp.Request, issuer *x509.Certificate) ocspSingle {
	moment := a.now().UTC().Truncate(time.Second)
	single := ocspSingle{ThisUpdate: moment, NextUpdate: moment.Add(answersHold)}
	single.ID.Hash = pkix.AlgorithmIdentifier{Algorithm: digestOID(request.HashAlgorithm), Parameters: asn1.NullRawValue}
	single.ID.NameHash, single.ID.KeyHash = request.IssuerNameHash, request.IssuerKeyHash
	single.ID.SerialNum = request.SerialNumber
	a.mutex.Lock()
	defer a.mutex.Unlock()
	serial := request.SerialNumber.String()
	certificate := a.issued[serial]
	entry, revoked := a.revoked[serial]
	switch {
	case certificate == nil || !bytes.Equal(certificate.RawIssuer, issuer.RawSubject):
		single.Unknown = true
	case revoked:
		single.Revoked = ocspRevoked{At: entry.at, Reason: asn1.Enumerated(entry.reason)}
	default:
		single.Good = true
	}
	return single
}

// digestOID names the hashes in which x/crypto/ocsp takes requests.
func digestOID(hash crypto.Hash) asn1.ObjectIdentifier {
	if id, known := map[crypto.Hash]asn1.ObjectIdentifier{
		crypto.SHA256: {2, 16, 840, 1, 101, 3, 4, 2, 1},
		crypto.SHA384: {2, 16, 840, 1, 101, 3, 4, 2, 2},
		crypto.SHA512: {2, 16, 840, 1, 101, 3, 4, 2, 3},
	}[hash]; known {
		return id
	}
	return asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26} // SHA-1
}

// encodeOCSP signs a response; the signer's certificate goes along when it is delegated. x/crypto/ocsp would write the
// machine's clock into it.
func encodeOCSP(signer Identity, attach bool, data ocspData) ([]byte, error) {
	keyHash := sha1.Sum(publicKeyBits(signer.Certificate)) //nolint:gosec // as above
	octets, err := asn1.Marshal(keyHash[:])
	if err != nil {
		return nil, err
	}
	data.ResponderID = asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 2, IsCompound: true, Bytes: octets}
	signed, err := asn1.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("encode OCSP response: %w", err)
	}
	data.Raw = signed
	basic := ocspBasic{Data: data}
	if basic.Algorithm, err = algorithmFor(signer.Signer); err != nil {
		return nil, err
	}
	value, err := schemeOf(basic.Algorithm).Sign(signer.Signer, signed)
	if err != nil {
		return nil, fmt.Errorf("sign OCSP response: %w", err)
	}
	basic.Signature = asn1.BitString{Bytes: value, BitLength: 8 * len(value)}
	if attach {
		basic.Certificates = []asn1.RawValue{{FullBytes: signer.Certificate.Raw}}
	}
	inner, err := asn1.Marshal(basic)
	if err != nil {
		return nil, fmt.Errorf("encode OCSP response: %w", err)
	}
	return envelop(inner), nil
}

// algorithmFor names the scheme by which a key signs, as an algorithm identifier.
func algorithmFor(signer crypto.Signer) (pkix.AlgorithmIdentifier, error) {
	wanted, err := cms.SchemeFor(signer.Public(), cms.Policy{})
	if err != nil {
		return pkix.AlgorithmIdentifier{}, err
	}
	for id, scheme := range schemes {
		if scheme != wanted {
			continue
		}
		identifier := pkix.AlgorithmIdentifier{Algorithm: parseOID(id)}
		if wanted.Algorithm == cms.RSAPKCS1 {
			identifier.Parameters = asn1.NullRawValue
		}
		return identifier, nil
	}
	return pkix.AlgorithmIdentifier{}, fmt.Errorf("%w: %s", cms.ErrUnsupported, wanted)
}

func parseOID(text string) asn1.ObjectIdentifier {
	var id asn1.ObjectIdentifier
	for part := range strings.SplitSeq(text, ".") {
		var number int
		for _, digit := range part {
			number = number*10 + int(digit-'0')
		}
		id = append(id, number)
	}
	return id
}
