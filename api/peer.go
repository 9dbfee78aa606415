package api

import (
	"crypto/tls"
	"crypto/x509"
	"time"

	"congvan/exchange"
)

// The wire between gateways, version 1: HTTP/2 over mutual TLS 1.3.
const (
	wireVersion = 1
	wireBase    = "/x/1"
	pathHello   = wireBase + "/hello"
	pathHave    = wireBase + "/have"
	pathBlob    = wireBase + "/blob/"
	pathBatch   = wireBase + "/batch"
	pathWitness = wireBase + "/witness"
	pathPull    = wireBase + "/pull"
)

// The limits of the wire, beside exchange.MaxFrames, MaxSealed and MaxRecipients for one frame. Both ends keep them:
// the client never sends more, the server never takes more in.
const (
	maxHave       = 4096    // digests of one question
	maxHelloBody  = 4 << 10 // bytes
	maxHaveBody   = maxHave*80 + 1024
	maxBatchBody  = 16 << 20
	maxAnswerBody = 64 << 20 // each answer carries a receipt
	maxTold       = 64 << 10 // of what is not bounded by its meaning: a refusal, a hello, a checkpoint
	maxWitness    = 64 << 10
	maxBody       = 256 << 10 // of a file that comes inside a batch
)

// Codes of the wire.
const (
	codePeerUnknown     = "peer.unknown"
	codePeerUnreachable = "peer.unreachable"
	codePeerRefused     = "peer.refused"
	codePeerVersion     = "peer.version"
	codePeerAnswer      = "peer.answer"
	codePeerEnded       = "peer.certificate_ended"
	codeBatchTooLarge   = "batch.too_large"
	codeFrameInvalid    = "frame.invalid"
	codeFrameTooLarge   = "frame.too_large"
	codeDigestInvalid   = "digest.invalid"
)

// Hello is what two gateways tell each other when they meet.
type Hello struct {
	Versions []int           `json:"versions"` // of the wire that are spoken
	Node     exchange.NodeID `json:"node"`     // who speaks
	At       time.Time       `json:"at"`       // by the clock of the one who speaks
	Credit   *Credit         `json:"credit,omitempty"`
}

// Credit is how much a gateway will take at once next. It is less when many are being served; never nothing: who has no
// room says so when it is asked, and when to come back.
type Credit struct {
	Frames int   `json:"frames"`
	Bytes  int64 `json:"bytes"` // of a batch's body
	// File is the largest file that may come inside a batch, in bytes; 0, as older gateways say it: none.
	File int64 `json:"file,omitempty"`
}

// fullCredit is that of a gateway that says nothing of it.
func fullCredit() Credit { return Credit{Frames: exchange.MaxFrames, Bytes: maxBatchBody} }

type haveQuestion struct {
	Digests []exchange.Digest `json:"digests"`
}

type haveAnswer struct {
	Missing []exchange.Digest `json:"missing"`
}

type batchQuestion struct {
	Frames []exchange.Frame `json:"frames"`
}

type batchAnswer struct {
	Answers []exchange.Answer `json:"answers"`
	Credit  *Credit           `json:"credit,omitempty"`
}

// pullQuestion answers what was given last, and asks for more.
type pullQuestion struct {
	Answers []exchange.Answer `json:"answers,omitempty"`
}

type pullAnswer struct {
	Frames []exchange.Frame  `json:"frames"`
	Blobs  []exchange.Digest `json:"blobs"`
}

// meet is the configuration for TLS that both ends share: nothing below 1.3, no session without a certificate looked
// at.
func meet(certificate tls.Certificate, now func() time.Time, known func(*x509.Certificate) error) *tls.Config {
	return &tls.Config{
		Certificates:           []tls.Certificate{certificate},
		MinVersion:             tls.VersionTLS13,
		NextProtos:             []string{"h2"},
		SessionTicketsDisabled: true,
		Time:                   now,
		VerifyConnection: func(state tls.ConnectionState) error {
			if len(state.PeerCertificates) == 0 {
				return exchange.Errorf(exchange.Denied, codePeerUnknown, "no certificate")
			}
			leaf := state.PeerCertificates[0]
			if err := inTime(leaf, now()); err != nil {
				return err
			}
			return known(leaf)
		},
	}
}

// inTime refuses a certificate that is not valid at the moment.
func inTime(leaf *x509.Certificate, at time.Time) error {
	if at.Before(leaf.NotBefore) || at.After(leaf.NotAfter) {
		return exchange.Errorf(exchange.Denied, codePeerEnded, "certificate %s is valid from %v to %v",
			leaf.SerialNumber, leaf.NotBefore, leaf.NotAfter)
	}
	return nil
}
