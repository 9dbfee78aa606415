package certstest

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"congvan/certs"
)

// Spec says which certificate to make. Unlike those of [certs.Authority], its issuer's key is at hand, and anything
// may be wrong with it.
type Spec struct {
	Name   string
	Issuer *certs.Identity // nil: it signs itself
	Like   *certs.Identity // has the same subject and key, as a cross certificate has
	Key    certs.KeyKind
	CA     bool
	Usage  x509.KeyUsage // zero: certSign and crlSign for a CA, else digitalSignature and nonRepudiation
	From   time.Time     // zero: a year before Noon
	Until  time.Time     // zero: a year after Noon
	Adjust func(template *x509.Certificate)
}

// Make gives the certificate and its key, with the issuer's chain above it, or ends the test.
func Make(tb testing.TB, spec Spec) certs.Identity {
	tb.Helper()
	made := certs.Identity{}
	template := spec.template(tb)
	if spec.Like != nil {
		made.Signer = spec.Like.Signer
		template.RawSubject = spec.Like.Certificate.RawSubject
	} else {
		made.Signer = Key(tb, spec.Key)
	}
	if spec.Adjust != nil {
		spec.Adjust(template)
	}
	parent := certs.Identity{Signer: made.Signer, Certificate: template}
	if spec.Issuer != nil {
		parent = *spec.Issuer
		made.Chain = append([]*x509.Certificate{parent.Certificate}, parent.Chain...)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent.Certificate, made.Signer.Public(), parent.Signer)
	if err != nil {
		tb.Fatal(err)
	}
	if made.Certificate, err = x509.ParseCertificate(der); err != nil {
		tb.Fatal(err)
	}
	return made
}

func (s Spec) template(tb testing.TB) *x509.Certificate {
	tb.Helper()
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{Country: []string{"VN"}, CommonName: s.Name},
		NotBefore: s.From, NotAfter: s.Until, KeyUsage: s.Usage, IsCA: s.CA, BasicConstraintsValid: true,
	}
	if template.NotBefore.IsZero() {
		template.NotBefore = Noon.AddDate(-1, 0, 0)
	}
	if template.NotAfter.IsZero() {
		template.NotAfter = Noon.AddDate(1, 0, 0)
	}
	switch {
	case s.Usage != 0:
	case s.CA:
		template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	default:
		template.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	}
	return template
}

// Root gives a certification authority that signs itself.
func Root(tb testing.TB, name string) certs.Identity {
	tb.Helper()
	return Make(tb, Spec{Name: name, CA: true})
}

// Trusting gives anchors of the test realm.
func Trusting(roots ...certs.Identity) certs.Anchors {
	anchors := make([]certs.Anchor, 0, len(roots))
	for _, root := range roots {
		anchors = append(anchors, certs.Anchor{Certificate: root.Certificate, Realm: certs.Test})
	}
	return certs.NewAnchors(anchors...)
}

// ForOCSP makes a certificate one of a delegated responder; noCheck adds that nobody need ask about it.
func ForOCSP(noCheck bool) func(*x509.Certificate) {
	return func(template *x509.Certificate) {
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
		if noCheck {
			oidNoCheck := asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}
			template.ExtraExtensions = append(template.ExtraExtensions,
				pkix.Extension{Id: oidNoCheck, Value: asn1.NullBytes})
		}
	}
}

// ForStamps makes a certificate one of a time-stamping authority; its extended key usage should be critical.
func ForStamps(critical bool) func(*x509.Certificate) {
	return func(template *x509.Certificate) {
		value := []byte{0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08}
		template.ExtraExtensions = append(template.ExtraExtensions,
			pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: critical, Value: value})
	}
}
