package signing

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/digitorus/pdfsign/sign"

	"congvan/certs"
)

var errSecondEngine = errors.New("the other engine broke down")

// SecondSigner is a signature by pdfsign, the independent engine, to measure ours beside it. It must not sign what is
// kept: that engine overwrites earlier signatures, drops form fields, makes no PAdES and holds the file in memory
// several times, so that it belongs into a child process with a memory limit.
type SecondSigner struct {
	Identity certs.Identity
	At       time.Time
	TSA      string // address of a time-stamp authority; empty: no time stamp
}

// Sign signs the file input and writes the whole of the signed file to output.
func (s SecondSigner) Sign(input, output string) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%w: %v", errSecondEngine, cause)
		}
	}()
	chain := append([]*x509.Certificate{s.Identity.Certificate}, slices.Clone(chainOf(s.Identity))...)
	return sign.SignFile(input, output, sign.SignData{
		Signature: sign.SignDataSignature{
			CertType: sign.ApprovalSignature,
			Info:     sign.SignDataSignatureInfo{Name: s.Identity.Certificate.Subject.CommonName, Date: s.At},
		},
		Signer: s.Identity.Signer, DigestAlgorithm: crypto.SHA256, Certificate: s.Identity.Certificate,
		CertificateChains: [][]*x509.Certificate{chain}, TSA: sign.TSA{URL: s.TSA},
	})
}
