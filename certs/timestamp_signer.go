package certs

import (
	"crypto/x509"
	"fmt"

	"congvan/certs/cms"
)

// TimestampSigner gives the certificate of the authority that made a time-stamp token, and the other certificates in
// the token. Errors: ErrTimestampUnreadable, ErrTimestampWrongSigner.
func TimestampSigner(der []byte) (*x509.Certificate, []*x509.Certificate, error) {
	token, err := cms.ParseTimestampToken(der)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrTimestampUnreadable, err)
	}
	signer := token.FindSigner(nil)
	if signer == nil {
		return nil, nil, fmt.Errorf("%w: certificate missing", ErrTimestampWrongSigner)
	}
	return signer, token.SignedData.Certificates, nil
}
