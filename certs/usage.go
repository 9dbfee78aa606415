package certs

import (
	"crypto/x509"
	"encoding/asn1"
	"slices"
)

var (
	oidExtendedKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidSubjectAltName   = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidNameConstraints  = asn1.ObjectIdentifier{2, 5, 29, 30}
)

// judgeUsage checks the leaf's key usages for the purpose, and that no issuer on the way restricts them away. The
// anchor's own extended key usages restrict nothing.
func judgeUsage(path []*x509.Certificate, purpose Purpose) fault {
	if detail := misuse(path[0], purpose); detail != "" {
		return fault{faultUsage, ReasonWrongUsage, detail}
	}
	for _, certificate := range unanchoredPart(path)[min(1, len(path)-1):] {
		if !mayServe(certificate, purpose) {
			return fault{faultUsage, ReasonWrongUsage, certificate.Subject.String() + " may not issue for this purpose"}
		}
	}
	return fault{}
}

// misuse says in a few words why the certificate is not for the purpose; empty when it is.
func misuse(certificate *x509.Certificate, purpose Purpose) string {
	const signs = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	if certificate.KeyUsage != 0 && certificate.KeyUsage&signs == 0 && (purpose != ForOCSP || !certificate.IsCA) {
		return "key usage has neither digitalSignature nor nonRepudiation"
	}
	switch purpose {
	case ForTimestamping:
		return notTimestamping(certificate)
	case ForOCSP:
		if !certificate.IsCA && !slices.Contains(certificate.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning) {
			return "extended key usage OCSPSigning is missing"
		}
	case ForSigning:
		if !mayServe(certificate, purpose) {
			return "extended key usages are for machines only"
		}
	}
	return ""
}

// notTimestamping applies RFC 3161, 2.3: timeStamping is the only extended key usage, and it is critical.
func notTimestamping(certificate *x509.Certificate) string {
	only := len(certificate.ExtKeyUsage) == 1 && len(certificate.UnknownExtKeyUsage) == 0 &&
		certificate.ExtKeyUsage[0] == x509.ExtKeyUsageTimeStamping
	switch {
	case certificate.IsCA:
		return "the certificate is an authority's"
	case !only:
		return "timeStamping is not the only extended key usage"
	case !isCritical(certificate, oidExtendedKeyUsage):
		return "the extended key usage is not critical"
	default:
		return ""
	}
}

func isCritical(certificate *x509.Certificate, id asn1.ObjectIdentifier) bool {
	for _, extension := range certificate.Extensions {
		if extension.Id.Equal(id) {
			return extension.Critical
		}
	}
	return false
}

// mayServe says whether the extended key usages, when there are any, leave room for the purpose. Documents are signed
// under many usages (e-mail protection, client authentication, document signing, those of vendors), so for signing
// only certificates for servers, time stamps and OCSP alone are refused.
func mayServe(certificate *x509.Certificate, purpose Purpose) bool {
	usages := certificate.ExtKeyUsage
	if len(usages)+len(certificate.UnknownExtKeyUsage) == 0 || slices.Contains(usages, x509.ExtKeyUsageAny) {
		return true
	}
	switch purpose {
	case ForTimestamping:
		return slices.Contains(usages, x509.ExtKeyUsageTimeStamping)
	case ForOCSP:
		return slices.Contains(usages, x509.ExtKeyUsageOCSPSigning)
	case ForSigning:
		return len(certificate.UnknownExtKeyUsage) > 0 || slices.ContainsFunc(usages, servesPeople)
	}
	return false
}

func servesPeople(usage x509.ExtKeyUsage) bool {
	return usage != x509.ExtKeyUsageServerAuth && usage != x509.ExtKeyUsageTimeStamping &&
		usage != x509.ExtKeyUsageOCSPSigning
}
