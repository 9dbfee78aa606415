package certs

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"

	"congvan/certs/cms"
)

const (
	pathOCSP        = "/ocsp"
	pathRoot        = "/root.cer"
	pathIssuing     = "/ca.cer"
	pathRootList    = "/root.crl"
	pathIssuingList = "/ca.crl"
	pathTimestamp   = "/tsa"

	// maxRequest is the largest question that a throw-away authority reads, in bytes.
	maxRequest = 16 << 10
	// answersHold is how long the authority's answers count.
	answersHold = 24 * time.Hour
)

// oidTrialPolicy is the policy under which the throw-away authority stamps: under joint-iso-itu-t example arcs.
var oidTrialPolicy = asn1.ObjectIdentifier{2, 999, 1, 1}

// Handler serves the authority: OCSP by POST and GET (RFC 6960, appendix A), revocation lists and certificates (RFC
// 2585), time stamps (RFC 3161, 3.4).
func (a *Authority) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+pathOCSP, a.serveOCSP)
	mux.HandleFunc("GET "+pathOCSP+"/{request...}", a.serveOCSP)
	mux.HandleFunc("POST "+pathTimestamp, a.serveTimestamp)
	mux.HandleFunc("GET "+pathRootList, a.serveList(&a.root))
	mux.HandleFunc("GET "+pathIssuingList, a.serveList(&a.issuing))
	mux.HandleFunc("GET "+pathRoot, serveCertificate(&a.root))
	mux.HandleFunc("GET "+pathIssuing, serveCertificate(&a.issuing))
	return mux
}

func serveCertificate(identity *Identity) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		answer(w, "application/pkix-cert", identity.Certificate.Raw)
	}
}

func (a *Authority) serveList(issuer *Identity) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		der, err := a.list(issuer)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer(w, "application/pkix-crl", der)
	}
}

func answer(w http.ResponseWriter, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(body) //nolint:gosec // DER, and never shown; a failure means that who asked has gone away
}

// list makes the revocation list of an issuer as of now.
func (a *Authority) list(issuer *Identity) ([]byte, error) {
	moment := a.now().UTC()
	template := &x509.RevocationList{ThisUpdate: moment, NextUpdate: moment.Add(answersHold)}
	serial, err := randomSerial()
	if err != nil {
		return nil, err
	}
	template.Number = serial.SetInt64(moment.UnixNano())
	a.mutex.Lock()
	for _, key := range slices.Sorted(maps.Keys(a.revoked)) {
		entry := a.revoked[key]
		if bytes.Equal(entry.certificate.RawIssuer, issuer.Certificate.RawSubject) {
			template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, x509.RevocationListEntry{
				SerialNumber: entry.certificate.SerialNumber, RevocationTime: entry.at, ReasonCode: entry.reason,
			})
		}
	}
	a.mutex.Unlock()
	return x509.CreateRevocationList(rand.Reader, template, issuer.Certificate, issuer.Signer)
}

func (a *Authority) serveOCSP(w http.ResponseWriter, r *http.Request) {
	request, err := readOCSPRequest(w, r)
	if err != nil {
		answer(w, "application/ocsp-response", ocsp.MalformedRequestErrorResponse)
		return
	}
	der, err := a.respond(request)
	switch {
	case errors.Is(err, errNotOurs):
		answer(w, "application/ocsp-response", ocsp.UnauthorizedErrorResponse)
	case err != nil:
		answer(w, "application/ocsp-response", ocsp.InternalErrorErrorResponse)
	default:
		answer(w, "application/ocsp-response", der)
	}
}

func readOCSPRequest(w http.ResponseWriter, r *http.Request) (*ocsp.Request, error) {
	var der []byte
	var err error
	if r.Method == http.MethodGet {
		encoded := strings.ReplaceAll(r.PathValue("request"), " ", "+")
		der, err = base64.StdEncoding.DecodeString(encoded)
	} else {
		der, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	}
	if err != nil {
		return nil, err
	}
	return ocsp.ParseRequest(der)
}

func (a *Authority) serveTimestamp(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		http.Error(w, "request too large", http.StatusRequestEntityTooLarge)
		return
	}
	der, err := cms.MarshalTimestampResponse(a.stamp(body))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answer(w, "application/timestamp-reply", der)
}

// stamp answers one question for a time stamp; a refusal is an answer too.
func (a *Authority) stamp(body []byte) cms.TimestampResponse {
	refused := cms.TimestampResponse{Status: cms.Rejection, Failure: cms.BadDataFormat}
	request, err := cms.ParseTimestampRequest(body)
	switch {
	case errors.Is(err, cms.ErrUnsupported):
		refused.Failure = cms.BadAlgorithm
		return refused
	case err != nil:
		return refused
	case request.Policy != nil && !request.Policy.Equal(oidTrialPolicy):
		refused.Failure = cms.UnacceptedPolicy
		return refused
	}
	refused.Failure = cms.SystemFailure
	serial, err := randomSerial()
	if err != nil {
		return refused
	}
	scheme, err := cms.SchemeFor(a.stamper.Signer.Public(), cms.Policy{})
	if err != nil {
		return refused
	}
	token, err := cms.BuildTimestampToken(a.stamper.Signer,
		cms.Draft{Scheme: scheme, Certificate: a.stamper.Certificate, Chain: a.stamper.Chain[:1]},
		cms.TSTInfo{
			Policy: oidTrialPolicy, Hash: request.Hash, Imprint: request.Digest, Serial: serial,
			Time: a.now().UTC().Truncate(time.Millisecond), Accuracy: time.Second, Nonce: request.Nonce,
		})
	if err != nil {
		return refused
	}
	return cms.TimestampResponse{Status: cms.Granted, Failure: cms.NoFailureStated, Token: token}
}
