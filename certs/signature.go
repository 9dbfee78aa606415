package certs

import (
	"crypto/x509"
	"errors"

	"congvan/certs/cms"
)

var errMD5 = errors.New("MD5 signatures prove nothing")

// signedBy says whether the issuer's key made the certificate's signature. SHA-1 is let through here, because
// certificates that Vietnamese authorities issued before 2019 carry it; whoever asks must note it, and refuse MD5.
func signedBy(certificate, issuer *x509.Certificate) error {
	var forgetful *provedCache
	return forgetful.signedBy(certificate, issuer)
}

func (c *provedCache) signedBy(certificate, issuer *x509.Certificate) error {
	scheme := certificateScheme(certificate)
	return c.verify(issuer, scheme, certificate.RawTBSCertificate, certificate.Signature)
}

// checkEvidence is for what can be asked for again, unlike a certificate, of which there is only one: MD5 is refused.
func (c *provedCache) checkEvidence(signer *x509.Certificate, scheme cms.Scheme, signed, signature []byte) error {
	if brokenScheme(scheme) {
		return errMD5
	}
	return c.verify(signer, scheme, signed, signature)
}
