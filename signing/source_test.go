package signing_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/signing"
)

// questions counts how often a source of revocation is asked about each certificate.
type questions struct {
	signing.RevocationSource
	asked map[string]int // by the certificate's DER
}

func (q questions) Check(ctx context.Context, of, issuer *x509.Certificate, at time.Time) certs.Revocation {
	q.asked[string(of.Raw)]++
	return q.RevocationSource.Check(ctx, of, issuer, at)
}

// A document with two signatures and two time stamps rests on few authorities.
func TestTheSourceIsAskedOnceOfEachCertificate(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	document := blank(1)
	for _, identity := range []certs.Identity{
		certstest.Leader(t, w.authority, certs.ECDSAP256), certstest.Seal(t, w.authority, certs.ECDSAP256),
	} {
		document, _ = sign(t, document, w.order(identity, signing.LevelT))
	}
	source := questions{certstest.Fetcher(t, w.authority.Anchors(), certstest.At(w.at)), map[string]int{}}
	policy := signing.Policy{At: w.at, Anchors: w.authority.Anchors(), Revocation: source, RequireRevocation: true}
	report, err := signing.Examine(t.Context(), bytes.NewReader(document), int64(len(document)), policy)
	if err != nil || report.Verdict != signing.Passed {
		t.Fatal(report.Verdict, report.Signatures, err)
	}
	if len(source.asked) < 3 || len(report.Bundle.Statuses) != len(source.asked) {
		t.Errorf("asked about %d certificates, %d answers kept", len(source.asked), len(report.Bundle.Statuses))
	}
	for der, times := range source.asked {
		if times != 1 {
			t.Errorf("asked %d times about a certificate of %d bytes", times, len(der))
		}
	}
}

func TestWithoutABundleTheVerdictIsTheSame(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	document, _ := sign(t, blank(1), w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelLT))
	policy := signing.Policy{At: w.at, Anchors: w.authority.Anchors(), RequireRevocation: true}
	for _, bare := range []bool{false, true} {
		policy.NoBundle = bare
		report, err := signing.Examine(t.Context(), bytes.NewReader(document), int64(len(document)), policy)
		if err != nil || report.Verdict != signing.Passed || (report.Bundle == nil) != bare {
			t.Errorf("bundle %t: %s, %v", report.Bundle != nil, report.Verdict, err)
		}
	}
}
