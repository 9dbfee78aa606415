package cms

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"
)

// TSTInfo is what a time-stamping authority states (RFC 3161, 2.4.2). Its extensions are not read: none is in use.
type TSTInfo struct {
	Policy    asn1.ObjectIdentifier
	Hash      crypto.Hash // of the imprint; 0 when unknown to this program
	HashOID   asn1.ObjectIdentifier
	Imprint   []byte // digest of what was stamped
	Serial    *big.Int
	Time      time.Time     // UTC, with fractions of a second where the authority gives them
	Accuracy  time.Duration // 0 when not stated
	Ordering  bool
	Nonce     *big.Int // nil when absent
	Authority []byte   // DER of the GeneralName the authority gives itself; nil when absent
}

// Token is a parsed time-stamp token.
type Token struct {
	Info       TSTInfo
	RawInfo    []byte // DER of the TSTInfo, the content that the authority signed
	SignedData *SignedData
}

// ParseTimestampToken reads a time-stamp token. It returns [ErrLimit] or [ErrMalformed] and decides nothing about the
// authority's signature: see [Token.Verify].
func ParseTimestampToken(der []byte) (*Token, error) {
	signed, err := Parse(der)
	if err != nil {
		return nil, fmt.Errorf("time-stamp token: %w", err)
	}
	return signed.TimestampToken()
}

// TimestampToken reads what has been parsed as a time-stamp token. It returns [ErrMalformed] when it is none.
func (d *SignedData) TimestampToken() (*Token, error) {
	switch {
	case !d.ContentType.Equal(OIDTSTInfo) || d.Detached:
		return nil, fmt.Errorf("%w: content %v is no time-stamp", ErrMalformed, d.ContentType)
	case len(d.Signers) != 1:
		return nil, fmt.Errorf("%w: time-stamp with %d signers", ErrMalformed, len(d.Signers))
	}
	token := &Token{RawInfo: d.Content, SignedData: d}
	if err := token.Info.read(d.Content); err != nil {
		return nil, err
	}
	return token, nil
}

func (i *TSTInfo) read(der []byte) error {
	input := cryptobyte.String(der)
	var fields cryptobyte.String
	var version int
	ok := input.ReadASN1(&fields, tags.SEQUENCE) && input.Empty() &&
		fields.ReadASN1Integer(&version) && version == 1 && fields.ReadASN1ObjectIdentifier(&i.Policy)
	if !ok {
		return fmt.Errorf("%w: time-stamp version or policy", ErrMalformed)
	}
	if i.HashOID, i.Imprint, ok = readImprint(&fields); !ok {
		return fmt.Errorf("%w: time-stamp imprint", ErrMalformed)
	}
	i.Hash = hashFor(i.HashOID)
	i.Serial = new(big.Int)
	if !fields.ReadASN1Integer(i.Serial) {
		return fmt.Errorf("%w: time-stamp serial number", ErrMalformed)
	}
	if i.Time, ok = readTime(&fields); !ok {
		return fmt.Errorf("%w: time of time-stamp", ErrMalformed)
	}
	return i.readOptional(fields)
}

func (i *TSTInfo) readOptional(fields cryptobyte.String) error {
	var accuracy, name cryptobyte.String
	var hasAccuracy, hasName, ok bool
	ok = fields.ReadOptionalASN1(&accuracy, &hasAccuracy, tags.SEQUENCE) && readFlag(&fields, &i.Ordering)
	if ok && hasAccuracy {
		i.Accuracy, ok = readAccuracy(accuracy)
	}
	if ok && fields.PeekASN1Tag(tags.INTEGER) {
		i.Nonce = new(big.Int)
		ok = fields.ReadASN1Integer(i.Nonce)
	}
	ok = ok && fields.ReadOptionalASN1(&name, &hasName, contextTag(0)) &&
		fields.SkipOptionalASN1(contextTag(1)) && fields.Empty()
	if !ok {
		return fmt.Errorf("%w: time-stamp fields", ErrMalformed)
	}
	if hasName {
		i.Authority = name
	}
	return nil
}

func readImprint(fields *cryptobyte.String) (oid asn1.ObjectIdentifier, imprint []byte, ok bool) {
	var inner, contents cryptobyte.String
	ok = fields.ReadASN1(&inner, tags.SEQUENCE)
	if ok {
		oid, _, ok = readAlgorithm(&inner)
	}
	ok = ok && inner.ReadASN1(&contents, tags.OCTET_STRING) && inner.Empty()
	return oid, contents, ok
}

// readAccuracy adds up seconds, milliseconds and microseconds.
func readAccuracy(fields cryptobyte.String) (time.Duration, bool) {
	var seconds, millis, micros int64
	ok := !fields.PeekASN1Tag(tags.INTEGER) || fields.ReadASN1Integer(&seconds)
	for number, part := range []*int64{&millis, &micros} {
		tag := tags.Tag(number).ContextSpecific()
		if ok && fields.PeekASN1Tag(tag) {
			ok = fields.ReadASN1Int64WithTag(part, tag)
		}
	}
	const day = 24 * 60 * 60
	ok = ok && fields.Empty() && seconds >= 0 && seconds <= day && millis >= 0 && millis < 1000 && micros >= 0 &&
		micros < 1000
	return time.Duration(seconds)*time.Second + time.Duration(millis)*time.Millisecond +
		time.Duration(micros)*time.Microsecond, ok
}

// Signer is the one signature of the token.
func (t *Token) Signer() *SignerInfo { return &t.SignedData.Signers[0] }

// FindSigner returns the authority's certificate among those in the token and the given ones; nil when there is none.
func (t *Token) FindSigner(others []*x509.Certificate) *x509.Certificate {
	if found := t.Signer().FindSigner(t.SignedData.Certificates); found != nil {
		return found
	}
	return t.Signer().FindSigner(others)
}

// Covers says whether the token stamps this digest.
func (t *Token) Covers(hash crypto.Hash, digest []byte) bool {
	return t.Info.Hash == hash && hash != 0 && bytes.Equal(t.Info.Imprint, digest)
}

// Verify checks the token's own signature with the authority's certificate, which the token must name both by its
// signer identifier and by an ESS certificate identifier (RFC 3161, 2.4.2). It returns [ErrCertificate] or what
// [SignerInfo.Verify] returns. Whether the authority may be relied upon is asked elsewhere.
func (t *Token) Verify(certificate *x509.Certificate) error {
	signer := t.Signer()
	if !signer.Names(certificate) {
		return fmt.Errorf("%w: time-stamp names another", ErrCertificate)
	}
	if present, matches := signer.MatchESS(certificate); !present || !matches {
		return fmt.Errorf("%w: time-stamp is bound to another or to none", ErrCertificate)
	}
	if signer.Digest == 0 || !Available(signer.Digest) {
		return fmt.Errorf("%w: digest %v", ErrUnsupported, signer.DigestOID)
	}
	_, err := signer.Verify(certificate, digest(signer.Digest, t.RawInfo))
	return err
}

// BuildTimestampToken makes a token that states info. The draft says who signs; its content is set here.
func BuildTimestampToken(signer crypto.Signer, draft Draft, info TSTInfo) ([]byte, error) {
	content, err := info.der()
	if err != nil {
		return nil, err
	}
	draft.ContentType, draft.Content, draft.ContentDigest = OIDTSTInfo, content, nil
	return Sign(signer, draft)
}

func (i *TSTInfo) der() ([]byte, error) {
	imprint, err := derImprint(i.Hash, i.Imprint)
	switch {
	case err != nil:
		return nil, err
	case i.Serial == nil || i.Policy == nil || i.Time.IsZero():
		return nil, fmt.Errorf("%w: time-stamp without serial number, policy or time", ErrMalformed)
	}
	moment := strings.TrimSuffix(i.Time.UTC().Format("20060102150405.999999999Z"), "Z")
	fields := [][]byte{
		derInt(1), derOID(i.Policy), imprint, derBigInt(i.Serial), tlv(tagGeneralTime, []byte(moment+"Z")),
	}
	if i.Accuracy > 0 {
		fields = append(fields, derAccuracy(i.Accuracy))
	}
	if i.Ordering {
		fields = append(fields, []byte{0x01, 0x01, 0xff})
	}
	if i.Nonce != nil {
		fields = append(fields, derBigInt(i.Nonce))
	}
	if i.Authority != nil {
		fields = append(fields, explicit(0, i.Authority))
	}
	return sequence(fields...), nil
}

func derImprint(hash crypto.Hash, digest []byte) ([]byte, error) {
	oid := oidForHash(hash)
	if oid == nil || len(digest) != hash.Size() {
		return nil, fmt.Errorf("%w: imprint of %d bytes by hash %d", ErrUnsupported, len(digest), hash)
	}
	return sequence(derAlgorithm(oid, derNull), tlv(tagOctetString, digest)), nil
}

func derAccuracy(accuracy time.Duration) []byte {
	var fields [][]byte
	if seconds := int64(accuracy / time.Second); seconds > 0 {
		fields = append(fields, derInt(seconds))
	}
	parts := []int64{int64(accuracy/time.Millisecond) % 1000, int64(accuracy/time.Microsecond) % 1000}
	for number, part := range parts {
		if part > 0 {
			encoded := derInt(part)
			encoded[0] = 0x80 + byte(number)
			fields = append(fields, encoded)
		}
	}
	return sequence(fields...)
}
