package certstest

import (
	"crypto/x509"
	"encoding/asn1"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/cms"
)

// Stamping says how a time-stamping authority misbehaves; the zero value, but for the signer, is an honest one.
type Stamping struct {
	Signer certs.Identity   // needed
	Now    func() time.Time // needed

	WrongImprint bool          // stamps another digest
	WrongNonce   bool          // answers another nonce
	NoNonce      bool          // forgets the nonce
	NoSigner     bool          // names a certificate that it does not send
	BadSignature bool          // changes the token after signing
	Refuse       bool          // says no
	Garbage      bool          // answers what is no time stamp
	Status       int           // HTTP status; zero is 200
	Ahead        time.Duration // its clock is so far ahead
	Pad          int           // the token grows by so many bytes
	Delay        time.Duration // waits before it answers, or until the client gives up
}

// Stamper serves a time-stamping authority that misbehaves, until the test ends, and gives its address.
func Stamper(tb testing.TB, stamping Stamping) string {
	tb.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-time.After(stamping.Delay):
		}
		if stamping.Status != 0 {
			w.WriteHeader(stamping.Status)
			return
		}
		w.Header().Set("Content-Type", "application/timestamp-reply")
		_, _ = w.Write(stamping.reply(tb, body))
	}))
	tb.Cleanup(server.Close)
	tb.Cleanup(server.CloseClientConnections) // first: one that is asleep must not hold up the end
	return server.URL
}

// Down gives an address at which nobody listens.
func Down(tb testing.TB) string {
	tb.Helper()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	return server.URL
}

func (s Stamping) reply(tb testing.TB, body []byte) []byte {
	tb.Helper()
	if s.Garbage {
		return []byte("<html>Xin chào</html>")
	}
	response := cms.TimestampResponse{Status: cms.Granted, Failure: cms.NoFailureStated}
	if s.Refuse {
		response = cms.TimestampResponse{Status: cms.Rejection, Failure: cms.TimeNotAvailable, Text: []string{"no time"}}
	} else {
		response.Token = s.token(tb, body)
	}
	der, err := cms.MarshalTimestampResponse(response)
	if err != nil {
		tb.Error(err)
	}
	return der
}

// oidPadding is an unsigned attribute that nobody knows.
var oidPadding = asn1.ObjectIdentifier{2, 999, 9}

func (s Stamping) token(tb testing.TB, body []byte) []byte {
	tb.Helper()
	request, err := cms.ParseTimestampRequest(body)
	if err != nil {
		tb.Error(err)
		return nil
	}
	scheme, err := cms.SchemeFor(s.Signer.Signer.Public(), cms.Policy{})
	if err != nil {
		tb.Error(err)
		return nil
	}
	draft := cms.Draft{Scheme: scheme, Certificate: s.Signer.Certificate, Chain: s.Signer.Chain}
	if s.Pad > 0 {
		value, _ := asn1.Marshal(make([]byte, s.Pad))
		draft.Unsigned = []cms.Attribute{{Type: oidPadding, Values: [][]byte{value}}}
	}
	token, err := cms.BuildTimestampToken(s.Signer.Signer, draft, s.info(request))
	if err != nil {
		tb.Error(err)
		return nil
	}
	return s.spoil(token)
}

func (s Stamping) info(request *cms.TimestampRequest) cms.TSTInfo {
	info := cms.TSTInfo{
		Policy: asn1.ObjectIdentifier{2, 999, 1}, Hash: request.Hash, Imprint: request.Digest,
		Serial: big.NewInt(1), Time: s.Now().Add(s.Ahead), Nonce: request.Nonce,
	}
	switch {
	case s.WrongImprint:
		info.Imprint = make([]byte, len(request.Digest))
	case s.NoNonce:
		info.Nonce = nil
	case s.WrongNonce:
		info.Nonce = new(big.Int).Add(request.Nonce, big.NewInt(1))
	}
	return info
}

// spoil changes the finished token: the last byte of the signature value, or the certificate that was sent.
func (s Stamping) spoil(token []byte) []byte {
	switch {
	case s.BadSignature:
		token[len(token)-1] ^= 1
	case s.NoSigner:
		changed := append([]byte{}, s.Signer.Certificate.Raw...)
		other := sameLengthSerial(s.Signer.Certificate)
		token = replaceOnce(token, changed, replaceOnce(changed, other.old, other.new))
	}
	return token
}

type swap struct{ old, new []byte }

// sameLengthSerial gives the certificate's serial number and another of the same length, so that the certificate in a
// token is no longer the one that the signer names.
func sameLengthSerial(certificate *x509.Certificate) swap {
	old := certificate.SerialNumber.Bytes()
	other := append([]byte{}, old...)
	other[len(other)-1] ^= 1
	return swap{old, other}
}
