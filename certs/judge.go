package certs

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"slices"
	"time"
)

// fault is what is wrong with a path. Of several the one with the highest rank is told: what concerns the leaf comes
// before what concerns its issuers, and what can never be cured before what time may cure.
type fault struct {
	rank         int
	code, detail string
}

const (
	faultless = iota
	faultIssuerTime
	faultLeafTime
	faultUsage
	faultWeak
	faultAuthority
	faultConstraint
	faultExtension
)

// shortRSA is the length in bits below which an RSA key is noted as weak.
const shortRSA = 2048

// judgePath tells the faults of a path whose signatures hold, of each kind one; the anchor is its last certificate.
func judgePath(path []*x509.Certificate, anchor Anchor, at time.Time, purpose Purpose) []fault {
	return slices.DeleteFunc([]fault{
		judgeTimes(path, anchor, at),
		judgeUsage(path, purpose),
		judgeAlgorithms(path),
		judgeAuthorities(path),
		judgeNames(path),
		judgeExtensions(path),
	}, func(found fault) bool { return found.rank == faultless })
}

func worstOf(faults []fault) fault {
	worst := fault{}
	for _, found := range faults {
		if found.rank > worst.rank {
			worst = found
		}
	}
	return worst
}

func codesOf(faults []fault) []string {
	var codes []string
	for _, found := range faults {
		codes = append(codes, found.code)
	}
	return codes
}

func judgeTimes(path []*x509.Certificate, anchor Anchor, at time.Time) fault {
	leaf := path[0]
	switch {
	case at.Before(leaf.NotBefore):
		return fault{faultLeafTime, ReasonNotYetValid, "valid from " + leaf.NotBefore.UTC().Format(time.RFC3339)}
	case at.After(leaf.NotAfter):
		return fault{faultLeafTime, ReasonExpired, "valid until " + leaf.NotAfter.UTC().Format(time.RFC3339)}
	}
	for _, issuer := range path[1:] {
		switch {
		case at.Before(issuer.NotBefore):
			return fault{faultIssuerTime, ReasonIssuerNotYet, issuer.Subject.String()}
		case at.After(issuer.NotAfter):
			return fault{faultIssuerTime, ReasonExpiredIssuer, issuer.Subject.String()}
		}
	}
	if !anchor.inForce(at) {
		return fault{faultIssuerTime, ReasonAnchorNotInForce, anchor.Certificate.Subject.String()}
	}
	return fault{}
}

// judgeAlgorithms refuses MD5 and older. What is merely weak is noted by notesOn.
func judgeAlgorithms(path []*x509.Certificate) fault {
	for _, certificate := range unanchoredPart(path) {
		if scheme := certificateScheme(certificate); brokenScheme(scheme) {
			return fault{faultWeak, ReasonWeakAlgorithm, certificate.Subject.String() + ": " + scheme.String()}
		}
	}
	return fault{}
}

// notesOn tells whether a path rests on SHA-1 signatures or on short keys. An anchor's own signature proves nothing and
// is not looked at, but its key is.
func notesOn(path []*x509.Certificate) []string {
	weak := slices.ContainsFunc(unanchoredPart(path), func(certificate *x509.Certificate) bool {
		return weakScheme(certificateScheme(certificate))
	})
	if weak || slices.ContainsFunc(path, shortKey) {
		return []string{ReasonWeakAlgorithm}
	}
	return nil
}

func shortKey(certificate *x509.Certificate) bool {
	switch key := certificate.PublicKey.(type) {
	case *rsa.PublicKey:
		return key.N.BitLen() < shortRSA
	case *ecdsa.PublicKey:
		return key.Curve.Params().BitSize < 256
	default:
		return false
	}
}

// unanchoredPart gives the path without its last certificate; a path of one certificate is its own anchor.
func unanchoredPart(path []*x509.Certificate) []*x509.Certificate {
	return path[:max(len(path)-1, 0)]
}

// judgeAuthorities checks that every issuer may issue certificates (RFC 5280, 6.1.4 k-n). A version 1 certificate says
// nothing of itself: as an anchor it is relied upon all the same, in between it is not.
func judgeAuthorities(path []*x509.Certificate) fault {
	below := 0 // certificates between leaf and issuer that are not self-issued
	for i, issuer := range path[1:] {
		isAnchor := i == len(path)-2
		switch {
		case !issuer.IsCA && (!isAnchor || issuer.Version >= 3):
			return fault{faultAuthority, ReasonNotAuthority, issuer.Subject.String()}
		case issuer.KeyUsage != 0 && issuer.KeyUsage&x509.KeyUsageCertSign == 0:
			return fault{faultAuthority, ReasonNotAuthority, issuer.Subject.String() + " may not sign certificates"}
		case limitsPath(issuer) && below > issuer.MaxPathLen:
			return fault{faultAuthority, ReasonPathTooLong, fmt.Sprintf("%s allows %d", issuer.Subject, issuer.MaxPathLen)}
		}
		if !bytes.Equal(issuer.RawSubject, issuer.RawIssuer) {
			below++
		}
	}
	return fault{}
}

func limitsPath(issuer *x509.Certificate) bool {
	return issuer.BasicConstraintsValid && (issuer.MaxPathLen > 0 || issuer.MaxPathLen == 0 && issuer.MaxPathLenZero)
}

// tolerable are critical extensions that crypto/x509 leaves alone and that are judged elsewhere in this package or
// cannot forbid anything that is asked here.
var tolerable = []asn1.ObjectIdentifier{
	oidSubjectAltName,
	oidNameConstraints,
	{1, 3, 6, 1, 5, 5, 7, 1, 3},     // qualified certificate statements (RFC 3739, 3.2.6)
	{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, // OCSP no check
}

func judgeExtensions(path []*x509.Certificate) fault {
	for _, certificate := range path {
		if unknown := unknownExtension(certificate); unknown != nil {
			detail := certificate.Subject.String() + ": " + unknown.String()
			return fault{faultExtension, ReasonUnknownExtension, detail}
		}
	}
	return fault{}
}

func unknownExtension(certificate *x509.Certificate) asn1.ObjectIdentifier {
	for _, id := range certificate.UnhandledCriticalExtensions {
		if !slices.ContainsFunc(tolerable, id.Equal) {
			return id
		}
	}
	return nil
}
