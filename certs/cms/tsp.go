package cms

import (
	"crypto"
	"encoding/asn1"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"
)

// TimestampRequest is what a time-stamping authority is asked (RFC 3161, 2.4.1).
type TimestampRequest struct {
	Hash         crypto.Hash
	Digest       []byte
	Policy       asn1.ObjectIdentifier // nil leaves it to the authority
	Nonce        *big.Int              // nil sends none
	Certificates bool                  // the authority's certificate is to be in the token
}

// PKIStatus is an authority's answer in one word (RFC 3161, 2.4.2).
type PKIStatus int

// The answers; only the first two come with a token.
const (
	Granted PKIStatus = iota
	GrantedWithMods
	Rejection
	Waiting
	RevocationWarning
	RevocationNotification
)

// PKIFailure says why an authority refuses; it is the number of a bit (RFC 3161, 2.4.2).
type PKIFailure int

// The reasons that are in use.
const (
	NoFailureStated     PKIFailure = -1
	BadAlgorithm        PKIFailure = 0
	BadRequest          PKIFailure = 2
	BadDataFormat       PKIFailure = 5
	TimeNotAvailable    PKIFailure = 14
	UnacceptedPolicy    PKIFailure = 15
	UnacceptedExtension PKIFailure = 16
	AddInfoNotAvailable PKIFailure = 17
	SystemFailure       PKIFailure = 25
)

// TimestampResponse is the answer of a time-stamping authority.
type TimestampResponse struct {
	Status  PKIStatus
	Text    []string
	Failure PKIFailure // [NoFailureStated] when the authority gives no reason
	Token   []byte     // DER; nil when not granted
}

// MarshalTimestampRequest writes a request.
func MarshalTimestampRequest(request TimestampRequest) ([]byte, error) {
	imprint, err := derImprint(request.Hash, request.Digest)
	if err != nil {
		return nil, err
	}
	fields := [][]byte{derInt(1), imprint}
	if request.Policy != nil {
		fields = append(fields, derOID(request.Policy))
	}
	if request.Nonce != nil {
		fields = append(fields, derBigInt(request.Nonce))
	}
	if request.Certificates {
		fields = append(fields, []byte{0x01, 0x01, 0xff})
	}
	return sequence(fields...), nil
}

// ParseTimestampRequest reads a request. A hash that is not known is [ErrUnsupported], so that an authority can answer
// with [BadAlgorithm].
func ParseTimestampRequest(data []byte) (*TimestampRequest, error) {
	der, err := normaliseAlone(data)
	if err != nil {
		return nil, fmt.Errorf("time-stamp request: %w", err)
	}
	input := cryptobyte.String(der)
	var fields cryptobyte.String
	var version int
	if !input.ReadASN1(&fields, tags.SEQUENCE) || !fields.ReadASN1Integer(&version) || version != 1 {
		return nil, fmt.Errorf("%w: time-stamp request", ErrMalformed)
	}
	request := &TimestampRequest{}
	oid, imprint, ok := readImprint(&fields)
	if ok && fields.PeekASN1Tag(tags.OBJECT_IDENTIFIER) {
		ok = fields.ReadASN1ObjectIdentifier(&request.Policy)
	}
	if ok && fields.PeekASN1Tag(tags.INTEGER) {
		request.Nonce = new(big.Int)
		ok = fields.ReadASN1Integer(request.Nonce)
	}
	ok = ok && readFlag(&fields, &request.Certificates) && fields.SkipOptionalASN1(contextTag(0)) && fields.Empty()
	if !ok {
		return nil, fmt.Errorf("%w: fields of time-stamp request", ErrMalformed)
	}
	request.Hash, request.Digest = hashFor(oid), imprint
	if request.Hash == 0 || len(imprint) != request.Hash.Size() {
		return nil, fmt.Errorf("%w: imprint of %d bytes by %v", ErrUnsupported, len(imprint), oid)
	}
	return request, nil
}

// MarshalTimestampResponse writes an answer.
func MarshalTimestampResponse(response TimestampResponse) ([]byte, error) {
	status := [][]byte{derInt(int64(response.Status))}
	if len(response.Text) > 0 {
		var lines [][]byte
		for _, line := range response.Text {
			lines = append(lines, tlv(tagUTF8String, []byte(line)))
		}
		status = append(status, sequence(lines...))
	}
	if bit := response.Failure; bit >= 0 && response.Status > GrantedWithMods {
		bits := make([]byte, bit/8+1)
		bits[bit/8] = 0x80 >> (bit % 8)
		unused := byte(7 - bit%8)
		status = append(status, tlv(tagBitString, []byte{unused}, bits))
	}
	if (response.Status <= GrantedWithMods) != (len(response.Token) > 0) {
		return nil, fmt.Errorf("%w: a token goes with a granted request only", ErrMalformed)
	}
	return sequence(sequence(status...), response.Token), nil
}

// ParseTimestampResponse reads an answer. A refusal is a value, not an error; the token in it is not yet parsed.
func ParseTimestampResponse(data []byte) (*TimestampResponse, error) {
	der, err := normaliseAlone(data)
	if err != nil {
		return nil, fmt.Errorf("time-stamp response: %w", err)
	}
	input := cryptobyte.String(der)
	var fields, status, token cryptobyte.String
	if !input.ReadASN1(&fields, tags.SEQUENCE) || !fields.ReadASN1(&status, tags.SEQUENCE) {
		return nil, fmt.Errorf("%w: time-stamp response", ErrMalformed)
	}
	response := &TimestampResponse{}
	if err := response.readStatus(status); err != nil {
		return nil, err
	}
	granted := response.Status == Granted || response.Status == GrantedWithMods
	if fields.Empty() && !granted {
		return response, nil
	}
	if !granted || !fields.ReadASN1Element(&token, tags.SEQUENCE) || !fields.Empty() {
		return nil, fmt.Errorf("%w: a token goes with a granted request only", ErrMalformed)
	}
	response.Token = token
	return response, nil
}

func (r *TimestampResponse) readStatus(fields cryptobyte.String) error {
	var lines cryptobyte.String
	var status int
	var bits asn1.BitString
	var hasLines bool
	ok := fields.ReadASN1Integer(&status) && fields.ReadOptionalASN1(&lines, &hasLines, tags.SEQUENCE)
	for ok && !lines.Empty() {
		var line cryptobyte.String
		ok = lines.ReadASN1(&line, tags.UTF8String)
		r.Text = append(r.Text, string(line))
	}
	if ok && fields.PeekASN1Tag(tags.BIT_STRING) {
		ok = fields.ReadASN1BitString(&bits)
	}
	if !ok || !fields.Empty() {
		return fmt.Errorf("%w: status of time-stamp response", ErrMalformed)
	}
	r.Status, r.Failure = PKIStatus(status), NoFailureStated
	for bit := range min(bits.BitLength, 64) {
		if bits.At(bit) == 1 {
			r.Failure = PKIFailure(bit)
			break
		}
	}
	return nil
}
