package certs

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // RFC 6960 and RFC 5019 name certificates by SHA-1; nothing is protected by it
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"
)

const (
	// maxResponders is how many certificates of a response are looked at for its signer, and how many are tried.
	maxResponders = 8
	// maxSingles is how many answers of one response are looked at.
	maxSingles = 256
)

var (
	oidOCSPBasic     = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1}
	oidOCSPNonce     = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}
	oidOCSPNoCheck   = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}
	oidArchiveCutoff = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 6}
	oidExtendedRevok = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 9}
)

// The structures of RFC 6960, 4.2.1.
type ocspEnvelope struct {
	Status asn1.Enumerated
	Bytes  struct {
		Type     asn1.ObjectIdentifier
		Response []byte
	} `asn1:"explicit,tag:0,optional"`
}

type ocspBasic struct {
	Data         ocspData
	Algorithm    pkix.AlgorithmIdentifier
	Signature    asn1.BitString
	Certificates []asn1.RawValue `asn1:"explicit,tag:0,optional"`
}

type ocspData struct {
	Raw         asn1.RawContent
	Version     int `asn1:"optional,default:0,explicit,tag:0"`
	ResponderID asn1.RawValue
	ProducedAt  time.Time `asn1:"generalized"`
	Responses   []ocspSingle
	Extensions  []pkix.Extension `asn1:"explicit,tag:1,optional"`
}

type ocspSingle struct {
	ID struct {
		Hash      pkix.AlgorithmIdentifier
		NameHash  []byte
		KeyHash   []byte
		SerialNum *big.Int
	}
	Good       asn1.Flag        `asn1:"tag:0,optional"`
	Revoked    ocspRevoked      `asn1:"tag:1,optional"`
	Unknown    asn1.Flag        `asn1:"tag:2,optional"`
	ThisUpdate time.Time        `asn1:"generalized"`
	NextUpdate time.Time        `asn1:"generalized,explicit,tag:0,optional"`
	Extensions []pkix.Extension `asn1:"explicit,tag:1,optional"`
}

type ocspRevoked struct {
	At     time.Time       `asn1:"generalized"`
	Reason asn1.Enumerated `asn1:"explicit,tag:0,optional"`
}

// CheckOCSP says what an OCSP response (DER of OCSPResponse or BasicOCSPResponse) tells of the certificate. It counts
// only when the issuer signed it, or a responder to which the issuer itself gave a certificate for OCSPSigning that was
// valid at producedAt (RFC 6960, 4.2.2.2), when it names this certificate, and when its times fit. Nonces are not
// asked for: freshness is judged by time, so that answers can be kept as evidence. SHA-1 signatures are noted.
func CheckOCSP(der []byte, certificate, issuer *x509.Certificate, when When) Revocation {
	return question{certificate, issuer, when, nil}.judgeOCSP(der, nil)
}

// judgeOCSP is CheckOCSP, and looks for the responder also among others: a document may keep its certificate apart
// from the response.
func (q question) judgeOCSP(der []byte, others []*x509.Certificate) Revocation {
	if q.certificate == nil || q.issuer == nil {
		return unknown(RevocationWrongIssuer)
	}
	read := q.proved.response(der)
	if read.reason != "" {
		return unknown(read.reason)
	}
	basic := read.basic
	singles := basic.about(q)
	if len(singles) == 0 {
		return unknown(RevocationNotCovered)
	}
	responder, reason := basic.signer(others, q)
	if reason != "" {
		return unknown(reason)
	}
	best := Revocation{Reason: RevocationMissing}
	for _, single := range singles {
		best = better(best, basic.answer(single, q))
	}
	best.OCSP, best.Responder = read.whole, responder
	if weakScheme(schemeOf(basic.Algorithm)) {
		best.Notes = append(best.Notes, RevocationWeakAlgorithm)
	}
	if responder != nil && extension(responder.Extensions, oidOCSPNoCheck) == nil {
		best.Notes = append(best.Notes, RevocationResponderNotice)
	}
	return best
}

// parseOCSP reads a response under its limits; its whole is the DER of a full OCSPResponse, whichever was given.
func parseOCSP(der []byte) response {
	if len(der) > MaxOCSP {
		return response{reason: RevocationUnreadable}
	}
	inner := der
	var envelope ocspEnvelope
	if rest, err := asn1.Unmarshal(der, &envelope); err == nil && len(rest) == 0 {
		if envelope.Status != 0 {
			return response{reason: RevocationRefused}
		}
		if !envelope.Bytes.Type.Equal(oidOCSPBasic) {
			return response{reason: RevocationUnreadable}
		}
		inner = envelope.Bytes.Response
	}
	var basic ocspBasic
	if rest, err := asn1.Unmarshal(inner, &basic); err != nil || len(rest) > 0 || basic.Data.Version != 0 {
		return response{reason: RevocationUnreadable}
	}
	if len(inner) < len(der) {
		return response{basic: basic, whole: der}
	}
	return response{basic: basic, whole: envelop(inner)}
}

// envelop makes an OCSPResponse of a BasicOCSPResponse.
func envelop(basic []byte) []byte {
	var envelope ocspEnvelope
	envelope.Bytes.Type = oidOCSPBasic
	envelope.Bytes.Response = basic
	der, err := asn1.Marshal(envelope)
	if err != nil {
		return nil // cannot be: every field is set
	}
	return der
}

// about gives the answers that speak of the certificate.
func (b ocspBasic) about(asked question) []ocspSingle {
	var found []ocspSingle
	for _, single := range b.Data.Responses[:min(len(b.Data.Responses), maxSingles)] {
		id := single.ID
		if id.SerialNum == nil || id.SerialNum.Cmp(asked.certificate.SerialNumber) != 0 {
			continue
		}
		hash := digestNamed(oid(id.Hash.Algorithm))
		if hash == 0 {
			continue
		}
		sameIssuer := bytes.Equal(id.NameHash, sum(hash, asked.certificate.RawIssuer)) ||
			bytes.Equal(id.NameHash, sum(hash, asked.issuer.RawSubject))
		if sameIssuer && bytes.Equal(id.KeyHash, sum(hash, publicKeyBits(asked.issuer))) {
			found = append(found, single)
		}
	}
	return found
}

// publicKeyBits gives the subjectPublicKey without tag and length, over which key hashes are made.
func publicKeyBits(certificate *x509.Certificate) []byte {
	input := cryptobyte.String(certificate.RawSubjectPublicKeyInfo)
	var info cryptobyte.String
	var key asn1.BitString
	if !input.ReadASN1(&info, tags.SEQUENCE) || !info.SkipASN1(tags.SEQUENCE) || !info.ReadASN1BitString(&key) {
		return nil
	}
	return key.RightAlign()
}

// signer finds who signed the response: nil for the issuer itself, else the delegated responder.
func (b ocspBasic) signer(others []*x509.Certificate, asked question) (*x509.Certificate, string) {
	reason := RevocationWrongIssuer
	if b.Data.names(asked.issuer) {
		if b.signedBy(asked.issuer, asked.proved) {
			return nil, ""
		}
		reason = RevocationBadSignature
	}
	tries := 0
	for _, responder := range b.responders(others, asked.proved) {
		if !b.Data.names(responder) {
			continue
		}
		if tries++; tries > maxResponders {
			break
		}
		switch {
		case !b.signedBy(responder, asked.proved):
			reason = RevocationBadSignature
		case !asked.delegated(responder, b.Data.ProducedAt):
			reason = RevocationUnauthorised
		default:
			return responder, ""
		}
	}
	return nil, reason
}

func (b ocspBasic) responders(others []*x509.Certificate, proved *provedCache) []*x509.Certificate {
	var found []*x509.Certificate
	for _, raw := range b.Certificates[:min(len(b.Certificates), maxResponders)] {
		if certificate, err := proved.certificate(raw.FullBytes); err == nil {
			found = append(found, certificate)
		}
	}
	return append(found, others[:min(len(others), maxCandidates)]...)
}

// names says whether the responder identifier is this certificate's name or key.
func (d ocspData) names(certificate *x509.Certificate) bool {
	if certificate == nil || d.ResponderID.Class != asn1.ClassContextSpecific {
		return false
	}
	switch d.ResponderID.Tag {
	case 1:
		return sameName(d.ResponderID.Bytes, certificate.RawSubject)
	case 2:
		var keyHash []byte
		if _, err := asn1.Unmarshal(d.ResponderID.Bytes, &keyHash); err != nil {
			return false
		}
		digest := sha1.Sum(publicKeyBits(certificate)) //nolint:gosec // RFC 6960, 4.2.1: KeyHash is SHA-1
		return bytes.Equal(keyHash, digest[:])
	default:
		return false
	}
}

func (b ocspBasic) signedBy(signer *x509.Certificate, proved *provedCache) bool {
	return proved.checkEvidence(signer, schemeOf(b.Algorithm), b.Data.Raw, b.Signature.RightAlign()) == nil
}

// delegated says whether the issuer itself made the responder one, and that this held when the response was made.
func (q question) delegated(responder *x509.Certificate, producedAt time.Time) bool {
	return slices.Contains(responder.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning) &&
		misuse(responder, ForOCSP) == "" && unknownExtension(responder) == nil &&
		!producedAt.Before(responder.NotBefore) && !producedAt.After(responder.NotAfter) &&
		sameName(responder.RawIssuer, q.issuer.RawSubject) && !brokenScheme(certificateScheme(responder)) &&
		q.proved.signedBy(responder, q.issuer) == nil
}

// answer reads one single response; the signature over it holds.
func (b ocspBasic) answer(single ocspSingle, asked question) Revocation {
	found := Revocation{
		ThisUpdate: single.ThisUpdate.UTC(),
		NextUpdate: utcOrZero(single.NextUpdate),
		ProducedAt: b.Data.ProducedAt.UTC(),
	}
	switch {
	case criticalBeyond(append(slices.Clone(b.Data.Extensions), single.Extensions...)):
		found.Reason = RevocationExtension
		return found
	case bool(single.Good):
		found.Status = StatusGood
	case !single.Revoked.At.IsZero():
		found.Status = StatusRevoked
		found.RevokedAt = single.Revoked.At.UTC()
		found.ReasonCode = int(single.Revoked.Reason)
	default:
		found.Reason = RevocationUnknown
		return found
	}
	return asked.settle(found, archiveCutoff(single.Extensions))
}

func utcOrZero(moment time.Time) time.Time {
	if moment.IsZero() {
		return time.Time{}
	}
	return moment.UTC()
}

func criticalBeyond(extensions []pkix.Extension) bool {
	known := []asn1.ObjectIdentifier{oidOCSPNonce, oidArchiveCutoff, oidExtendedRevok}
	return slices.ContainsFunc(extensions, func(e pkix.Extension) bool {
		return e.Critical && !slices.ContainsFunc(known, e.Id.Equal)
	})
}

func archiveCutoff(extensions []pkix.Extension) time.Time {
	var cutoff time.Time
	if value := extension(extensions, oidArchiveCutoff); value != nil {
		if _, err := asn1.UnmarshalWithParams(value, &cutoff, "generalized"); err != nil {
			return time.Time{}
		}
	}
	return utcOrZero(cutoff)
}
