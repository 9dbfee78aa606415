package certs_test

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"congvan/certs"
	"congvan/certs/certstest"
)

// hierarchy is a root, an authority below it and a leader's certificate.
type hierarchy struct{ root, issuing, leaf certs.Identity }

func newHierarchy(t *testing.T, leaf func(*x509.Certificate)) hierarchy {
	t.Helper()
	root := certstest.Root(t, "Root")
	issuing := certstest.Make(t, certstest.Spec{Name: "CA", Issuer: &root, CA: true})
	return hierarchy{root, issuing, certstest.Make(t, certstest.Spec{Name: "An", Issuer: &issuing, Adjust: leaf})}
}

func TestAChainToAnAnchorIsTrusted(t *testing.T) {
	t.Parallel()
	h := newHierarchy(t, nil)
	standing := certstest.Trusting(h.root).Check(h.leaf.Certificate, h.leaf.Chain, certstest.Noon, certs.ForSigning)
	want := certs.Standing{
		Trusted: true, Realm: certs.Test,
		Path: []*x509.Certificate{h.leaf.Certificate, h.issuing.Certificate, h.root.Certificate},
	}
	same := cmp.Comparer(func(a, b *x509.Certificate) bool { return a.Equal(b) })
	if diff := cmp.Diff(want, standing, same); diff != "" {
		t.Error(diff)
	}
}

func TestZeroAnchorsTrustNobody(t *testing.T) {
	t.Parallel()
	h := newHierarchy(t, nil)
	var nobody certs.Anchors
	standing := nobody.Check(h.leaf.Certificate, h.leaf.Chain, certstest.Noon, certs.ForSigning)
	if standing.Trusted || standing.Reason != certs.ReasonNoAnchor {
		t.Errorf("trusted %t, reason %q", standing.Trusted, standing.Reason)
	}
	if len(standing.Path) != 3 {
		t.Errorf("path of %d certificates, want what was found: 3", len(standing.Path))
	}
	if nobody.Len() != 0 || nobody.List() != nil || nobody.Holds(h.root.Certificate) {
		t.Error("the zero value holds something")
	}
}

func TestTheChainIsJudgedAsAtTheMoment(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	noon := certstest.Noon
	root := certstest.Make(t, certstest.Spec{Name: "R", CA: true, From: noon.Add(-90 * day), Until: noon.Add(90 * day)})
	issuing := certstest.Make(t, certstest.Spec{
		Name: "CA", Issuer: &root, CA: true, From: noon.Add(-40 * day), Until: noon.Add(40 * day),
	})
	leaf := certstest.Make(t, certstest.Spec{
		Name: "An", Issuer: &issuing, From: noon.Add(-60 * day), Until: noon.Add(60 * day),
	})
	windowed := certs.NewAnchors(certs.Anchor{
		Certificate: root.Certificate, Realm: certs.Official, From: noon.Add(-10 * day), Until: noon.Add(10 * day),
	})
	for _, test := range []struct {
		name    string
		anchors certs.Anchors
		offset  time.Duration
		want    string
	}{
		{"all valid", certstest.Trusting(root), 0, ""},
		{"issuer not begun", certstest.Trusting(root), -50 * day, certs.ReasonIssuerNotYet},
		{"leaf not begun", certstest.Trusting(root), -70 * day, certs.ReasonNotYetValid},
		{"root not begun", certstest.Trusting(root), -100 * day, certs.ReasonNotYetValid},
		{"issuer ended", certstest.Trusting(root), 50 * day, certs.ReasonExpiredIssuer},
		{"leaf ended", certstest.Trusting(root), 70 * day, certs.ReasonExpired},
		{"last moment of the leaf's issuer", certstest.Trusting(root), 40 * day, ""},
		{"a second later", certstest.Trusting(root), 40*day + time.Second, certs.ReasonExpiredIssuer},
		{"anchor in force", windowed, 10 * day, ""},
		{"anchor no longer in force", windowed, 11 * day, certs.ReasonAnchorNotInForce},
		{"anchor not yet in force", windowed, -11 * day, certs.ReasonAnchorNotInForce},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			standing := test.anchors.Check(leaf.Certificate, leaf.Chain, noon.Add(test.offset), certs.ForSigning)
			if standing.Reason != test.want || standing.Trusted != (test.want == "") {
				t.Errorf("trusted %t, reason %q, want %q", standing.Trusted, standing.Reason, test.want)
			}
		})
	}
}

func TestKeyUsageMustFitThePurpose(t *testing.T) {
	t.Parallel()
	usage := func(usage x509.KeyUsage, extended ...x509.ExtKeyUsage) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.KeyUsage, c.ExtKeyUsage = usage, extended }
	}
	const signs, agrees = x509.KeyUsageDigitalSignature, x509.KeyUsageKeyAgreement
	criticalStamp := func(c *x509.Certificate) { certstest.ForStamps(true)(c) }
	for _, test := range []struct {
		name    string
		adjust  func(*x509.Certificate)
		purpose certs.Purpose
		good    bool
	}{
		{"digitalSignature signs", usage(signs), certs.ForSigning, true},
		{"nonRepudiation signs", usage(x509.KeyUsageContentCommitment), certs.ForSigning, true},
		{"keyAgreement does not sign", usage(agrees), certs.ForSigning, false},
		{"no key usage restricts nothing", usage(0), certs.ForSigning, true},
		{"e-mail protection signs", usage(signs, x509.ExtKeyUsageEmailProtection), certs.ForSigning, true},
		{"client authentication signs", usage(signs, x509.ExtKeyUsageClientAuth), certs.ForSigning, true},
		{"a gateway's signs", usage(signs, x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth), certs.ForSigning, true},
		{"a server's does not sign", usage(signs, x509.ExtKeyUsageServerAuth), certs.ForSigning, false},
		{"a responder's does not sign", usage(signs, x509.ExtKeyUsageOCSPSigning), certs.ForSigning, false},
		{"a stamper's does not sign", criticalStamp, certs.ForSigning, false},
		{"a stamper's stamps", criticalStamp, certs.ForTimestamping, true},
		{"a stamp usage that is not critical", certstest.ForStamps(false), certs.ForTimestamping, false},
		{
			"a second usage beside the stamp's", usage(signs, x509.ExtKeyUsageTimeStamping, x509.ExtKeyUsageClientAuth),
			certs.ForTimestamping, false,
		},
		{"any usage does not stamp", usage(signs, x509.ExtKeyUsageAny), certs.ForTimestamping, false},
		{"a leader's does not stamp", usage(signs), certs.ForTimestamping, false},
		{"a responder's answers", usage(signs, x509.ExtKeyUsageOCSPSigning), certs.ForOCSP, true},
		{"a leader's does not answer", usage(signs), certs.ForOCSP, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHierarchy(t, test.adjust)
			standing := certstest.Trusting(h.root).Check(h.leaf.Certificate, h.leaf.Chain, certstest.Noon, test.purpose)
			if standing.Trusted != test.good {
				t.Errorf("trusted %t, reason %q %s", standing.Trusted, standing.Reason, standing.Detail)
			}
			if !test.good && standing.Reason != certs.ReasonWrongUsage {
				t.Errorf("reason %q, want %q", standing.Reason, certs.ReasonWrongUsage)
			}
		})
	}
}

func TestIssuersUsageRestrictsWhatIsBelow(t *testing.T) {
	t.Parallel()
	root := certstest.Root(t, "Root")
	servers := certstest.Make(t, certstest.Spec{
		Name: "TLS CA", Issuer: &root, CA: true,
		Adjust: func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} },
	})
	for purpose, adjust := range map[certs.Purpose]func(*x509.Certificate){
		certs.ForSigning:      nil,
		certs.ForTimestamping: certstest.ForStamps(true),
		certs.ForOCSP:         certstest.ForOCSP(false),
	} {
		leaf := certstest.Make(t, certstest.Spec{Name: "An", Issuer: &servers, Adjust: adjust})
		standing := certstest.Trusting(root).Check(leaf.Certificate, leaf.Chain, certstest.Noon, purpose)
		if standing.Reason != certs.ReasonWrongUsage {
			t.Errorf("purpose %d: trusted %t, reason %q", purpose, standing.Trusted, standing.Reason)
		}
	}
}

func TestIssuersMustBeAuthorities(t *testing.T) {
	t.Parallel()
	ca := func(adjust func(*x509.Certificate)) func(t *testing.T) (certs.Anchors, certs.Identity) {
		return func(t *testing.T) (certs.Anchors, certs.Identity) {
			t.Helper()
			root := certstest.Root(t, "Root")
			issuing := certstest.Make(t, certstest.Spec{Name: "CA", Issuer: &root, CA: true, Adjust: adjust})
			return certstest.Trusting(root), certstest.Make(t, certstest.Spec{Name: "An", Issuer: &issuing})
		}
	}
	for _, test := range []struct {
		name string
		make func(t *testing.T) (certs.Anchors, certs.Identity)
		want string
	}{
		{"an authority", ca(nil), ""},
		{
			"no basic constraints", ca(func(c *x509.Certificate) { c.BasicConstraintsValid, c.IsCA = false, false }),
			certs.ReasonNotAuthority,
		},
		{"no authority", ca(func(c *x509.Certificate) { c.IsCA = false }), certs.ReasonNotAuthority},
		{
			"may not sign certificates", ca(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCRLSign }),
			certs.ReasonNotAuthority,
		},
		{"unknown critical extension", ca(func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{certstest.Unknown()}
		}), certs.ReasonUnknownExtension},
		{"a leader as issuer", func(t *testing.T) (certs.Anchors, certs.Identity) {
			t.Helper()
			h := newHierarchy(t, nil)
			return certstest.Trusting(h.root), certstest.Make(t, certstest.Spec{Name: "Bình", Issuer: &h.leaf})
		}, certs.ReasonNotAuthority},
		{"a leader's certificate as anchor is no issuer", func(t *testing.T) (certs.Anchors, certs.Identity) {
			t.Helper()
			h := newHierarchy(t, nil)
			return certstest.Trusting(h.leaf), certstest.Make(t, certstest.Spec{Name: "Bình", Issuer: &h.leaf})
		}, certs.ReasonNotAuthority},
		{"path longer than the root allows", func(t *testing.T) (certs.Anchors, certs.Identity) {
			t.Helper()
			root := certstest.Make(t, certstest.Spec{Name: "Root", CA: true, Adjust: pathLength(0)})
			issuing := certstest.Make(t, certstest.Spec{Name: "CA", Issuer: &root, CA: true})
			return certstest.Trusting(root), certstest.Make(t, certstest.Spec{Name: "An", Issuer: &issuing})
		}, certs.ReasonPathTooLong},
		{"path as long as the root allows", func(t *testing.T) (certs.Anchors, certs.Identity) {
			t.Helper()
			root := certstest.Make(t, certstest.Spec{Name: "Root", CA: true, Adjust: pathLength(1)})
			issuing := certstest.Make(t, certstest.Spec{Name: "CA", Issuer: &root, CA: true, Adjust: pathLength(0)})
			return certstest.Trusting(root), certstest.Make(t, certstest.Spec{Name: "An", Issuer: &issuing})
		}, ""},
		{"a self-issued certificate does not count", func(t *testing.T) (certs.Anchors, certs.Identity) {
			t.Helper()
			root := certstest.Make(t, certstest.Spec{Name: "Root", CA: true, Adjust: pathLength(0)})
			rolled := certstest.Make(t, certstest.Spec{Name: "Root", Issuer: &root, CA: true})
			return certstest.Trusting(root), certstest.Make(t, certstest.Spec{Name: "An", Issuer: &rolled})
		}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			anchors, leaf := test.make(t)
			standing := anchors.Check(leaf.Certificate, leaf.Chain, certstest.Noon, certs.ForSigning)
			if standing.Reason != test.want || standing.Trusted != (test.want == "") {
				t.Errorf("trusted %t, reason %q, want %q (%s)", standing.Trusted, standing.Reason, test.want, standing.Detail)
			}
		})
	}
}

func pathLength(most int) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.MaxPathLen, c.MaxPathLenZero = most, most == 0 }
}

func TestALeafThatIsAnAnchorIsTrusted(t *testing.T) {
	t.Parallel()
	alone := certstest.Make(t, certstest.Spec{Name: "An"})
	standing := certstest.Trusting(alone).Check(alone.Certificate, nil, certstest.Noon, certs.ForSigning)
	if !standing.Trusted || len(standing.Path) != 1 {
		t.Errorf("trusted %t, reason %q, path %d", standing.Trusted, standing.Reason, len(standing.Path))
	}
	late := certstest.Trusting(alone).Check(alone.Certificate, nil, certstest.Noon.AddDate(2, 0, 0), certs.ForSigning)
	if late.Reason != certs.ReasonExpired {
		t.Errorf("after its end: reason %q", late.Reason)
	}
	h := newHierarchy(t, nil)
	pinned := certstest.Trusting(h.leaf).Check(h.leaf.Certificate, h.leaf.Chain, certstest.Noon, certs.ForSigning)
	if !pinned.Trusted {
		t.Errorf("a leaf pinned below an unknown root: reason %q", pinned.Reason)
	}
}

func TestAForgedIssuerNameProvesNothing(t *testing.T) {
	t.Parallel()
	genuine := certstest.Root(t, "Root")
	forger := certstest.Root(t, "Root")
	leaf := certstest.Make(t, certstest.Spec{Name: "An", Issuer: &forger})
	standing := certstest.Trusting(genuine).Check(leaf.Certificate, nil, certstest.Noon, certs.ForSigning)
	if standing.Reason != certs.ReasonChainBroken {
		t.Errorf("reason %q, want %q", standing.Reason, certs.ReasonChainBroken)
	}
	bagged := certstest.Trusting(genuine).Check(leaf.Certificate, leaf.Chain, certstest.Noon, certs.ForSigning)
	if bagged.Trusted {
		t.Error("the forger's own root in the bag was trusted")
	}
}

func TestWeakSignaturesAreNotedAndMD5IsRefused(t *testing.T) {
	t.Parallel()
	rsaRoot := certstest.Make(t, certstest.Spec{Name: "Root", CA: true, Key: certs.RSA2048})
	plain := certstest.Make(t, certstest.Spec{Name: "An", Issuer: &rsaRoot})
	small := certstest.Make(t, certstest.Spec{Name: "Small", Issuer: &rsaRoot, Like: shortKey(t)})
	ecRoot := certstest.Root(t, "EC")
	ecLeaf := certstest.Make(t, certstest.Spec{Name: "An", Issuer: &ecRoot})
	weak := []string{certs.ReasonWeakAlgorithm}
	for _, test := range []struct {
		name   string
		root   certs.Identity
		leaf   certs.Identity
		reason string
		notes  []string
	}{
		{"SHA-256", rsaRoot, plain, "", nil},
		{"SHA-1 with RSA", rsaRoot, certstest.Resign(t, plain, rsaRoot, crypto.SHA1), "", weak},
		{"SHA-1 with ECDSA", ecRoot, certstest.Resign(t, ecLeaf, ecRoot, crypto.SHA1), "", weak},
		{"RSA-PSS with a salt of 20", rsaRoot, certstest.Resign(t, plain, rsaRoot, certstest.PSS), "", nil},
		{"SHA3-256 with RSA", rsaRoot, certstest.Resign(t, plain, rsaRoot, crypto.SHA3_256), "", nil},
		{"SHA3-256 with ECDSA", ecRoot, certstest.Resign(t, ecLeaf, ecRoot, crypto.SHA3_256), "", nil},
		{"SHA-224 with ECDSA", ecRoot, certstest.Resign(t, ecLeaf, ecRoot, crypto.SHA224), "", nil},
		{"RSA of 1024 bits", rsaRoot, small, "", weak},
		{"MD5", rsaRoot, certstest.Resign(t, plain, rsaRoot, crypto.MD5), certs.ReasonWeakAlgorithm, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			standing := certstest.Trusting(test.root).Check(test.leaf.Certificate, nil, certstest.Noon, certs.ForSigning)
			if standing.Reason != test.reason || !slices.Equal(standing.Notes, test.notes) {
				t.Errorf("reason %q (%s), notes %v", standing.Reason, standing.Detail, standing.Notes)
			}
		})
	}
}

func TestTheRootsOwnWeakSignatureIsNotNoted(t *testing.T) {
	t.Parallel()
	root := certstest.Make(t, certstest.Spec{Name: "Root", CA: true, Key: certs.RSA2048})
	old := certstest.Resign(t, root, root, crypto.SHA1)
	leaf := certstest.Make(t, certstest.Spec{Name: "An", Issuer: &root})
	standing := certstest.Trusting(old).Check(leaf.Certificate, nil, certstest.Noon, certs.ForSigning)
	if !standing.Trusted || len(standing.Notes) > 0 {
		t.Errorf("trusted %t, notes %v", standing.Trusted, standing.Notes)
	}
}

func TestOfSeveralPathsTheGoodOneIsFound(t *testing.T) {
	t.Parallel()
	ended := certstest.Noon.AddDate(0, -1, 0)
	old := certstest.Make(t, certstest.Spec{Name: "Old root", CA: true, Until: ended})
	fresh := certstest.Root(t, "New root")
	issuing := certstest.Make(t, certstest.Spec{Name: "CA", Issuer: &old, CA: true, Until: ended})
	renewed := certstest.Make(t, certstest.Spec{Name: "CA", Issuer: &fresh, CA: true, Like: &issuing})
	leaf := certstest.Make(t, certstest.Spec{Name: "An", Issuer: &issuing})
	bag := []*x509.Certificate{issuing.Certificate, renewed.Certificate}
	both := certstest.Trusting(old, fresh)
	for range 2 {
		standing := both.Check(leaf.Certificate, bag, certstest.Noon, certs.ForSigning)
		if !standing.Trusted || !standing.Path[len(standing.Path)-1].Equal(fresh.Certificate) {
			t.Errorf("trusted %t, reason %q, path %d", standing.Trusted, standing.Reason, len(standing.Path))
		}
		slices.Reverse(bag)
	}
	standing := certstest.Trusting(old).Check(leaf.Certificate, bag, certstest.Noon, certs.ForSigning)
	if standing.Trusted || standing.Reason != certs.ReasonExpiredIssuer {
		t.Errorf("under the old root alone: reason %q", standing.Reason)
	}
}

func TestAnEndedAnchorIsLeftForACrossCertificate(t *testing.T) {
	t.Parallel()
	old := certstest.Make(t, certstest.Spec{Name: "Old root", CA: true, Until: certstest.Noon.AddDate(0, -1, 0)})
	fresh := certstest.Root(t, "New root")
	cross := certstest.Make(t, certstest.Spec{Name: "Old root", Issuer: &fresh, CA: true, Like: &old})
	leaf := certstest.Make(t, certstest.Spec{Name: "An", Issuer: &old})
	anchors := certstest.Trusting(old, fresh)
	standing := anchors.Check(leaf.Certificate, []*x509.Certificate{cross.Certificate}, certstest.Noon, certs.ForSigning)
	if !standing.Trusted || len(standing.Path) != 3 {
		t.Errorf("trusted %t, reason %q, path %d", standing.Trusted, standing.Reason, len(standing.Path))
	}
}

func TestIssuerNamesAreComparedAsRFC5280Says(t *testing.T) {
	t.Parallel()
	root := certstest.Root(t, "Cơ quan Chứng thực")
	respelt := *root.Certificate
	name := pkix.RDNSequence{
		{{Type: asn1.ObjectIdentifier{2, 5, 4, 6}, Value: "vn"}},
		{{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: "CƠ QUAN  chứng thực"}},
	}
	var err error
	if respelt.RawSubject, err = asn1.Marshal(name); err != nil {
		t.Fatal(err)
	}
	issuer := certs.Identity{Signer: root.Signer, Certificate: &respelt}
	leaf := certstest.Make(t, certstest.Spec{Name: "An", Issuer: &issuer})
	standing := certstest.Trusting(root).Check(leaf.Certificate, nil, certstest.Noon, certs.ForSigning)
	if !standing.Trusted {
		t.Errorf("reason %q", standing.Reason)
	}
}

func TestTheSearchIsBounded(t *testing.T) {
	t.Parallel()
	// Eight authorities that all certify one another: thousands of paths, none of which leads to an anchor.
	var authorities []certs.Identity
	for range 8 {
		authorities = append(authorities, certstest.Root(t, "Mesh"))
	}
	var bag []*x509.Certificate
	for i := range authorities {
		for j := range authorities {
			if i != j {
				cross := certstest.Make(t, certstest.Spec{
					Name: fmt.Sprint(i), Issuer: &authorities[j], Like: &authorities[i], CA: true,
				})
				bag = append(bag, cross.Certificate)
			}
		}
	}
	leaf := certstest.Make(t, certstest.Spec{Name: "An", Issuer: &authorities[0]})
	others := certstest.Trusting(certstest.Root(t, "Other"))
	begun := time.Now()
	standing := others.Check(leaf.Certificate, bag, certstest.Noon, certs.ForSigning)
	if took := time.Since(begun); took > slack*2*time.Second {
		t.Errorf("took %s", took)
	}
	if standing.Trusted || standing.Reason != certs.ReasonTooComplex {
		t.Errorf("trusted %t, reason %q", standing.Trusted, standing.Reason)
	}
}

func TestALongChainEndsAtTheLimit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		between int
		trusted bool
	}{{6, true}, {7, false}} {
		root := certstest.Root(t, "Root")
		last := root
		for i := range test.between {
			last = certstest.Make(t, certstest.Spec{Name: fmt.Sprint("CA ", i), Issuer: &last, CA: true})
		}
		leaf := certstest.Make(t, certstest.Spec{Name: "An", Issuer: &last})
		standing := certstest.Trusting(root).Check(leaf.Certificate, leaf.Chain, certstest.Noon, certs.ForSigning)
		if standing.Trusted != test.trusted {
			t.Errorf("%d between: trusted %t, reason %q", test.between, standing.Trusted, standing.Reason)
		}
	}
}

func TestNameConstraintsAreKept(t *testing.T) {
	t.Parallel()
	dns := func(names ...string) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.DNSNames = names }
	}
	email := func(address string) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.EmailAddresses = []string{address} }
	}
	address := func(text string) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.ParseIP(text).To4()} }
	}
	subject := func(country, organisation string) func(*x509.Certificate) {
		return func(c *x509.Certificate) {
			c.Subject = pkix.Name{Country: []string{country}, Organization: []string{organisation}, CommonName: "An"}
		}
	}
	_, tenNet, _ := net.ParseCIDR("10.0.0.0/8")
	for _, test := range []struct {
		name       string
		constraint func(*x509.Certificate)
		leaf       func(*x509.Certificate)
		good       bool
	}{
		{"host below", func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"gov.vn"} }, dns("a.gov.vn"), true},
		{"host itself", func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"gov.vn"} }, dns("GOV.vn"), true},
		{"host beside", func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"gov.vn"} }, dns("agov.vn"), false},
		{
			"one of two hosts beside", func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"gov.vn"} },
			dns("a.gov.vn", "evil.com"), false,
		},
		{"excluded host", func(c *x509.Certificate) { c.ExcludedDNSDomains = []string{"gov.vn"} }, dns("a.gov.vn"), false},
		{"other kinds are free", func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"gov.vn"} }, nil, true},
		{
			"mail of the host", func(c *x509.Certificate) { c.PermittedEmailAddresses = []string{"gov.vn"} },
			email("an@gov.vn"), true,
		},
		{
			"mail below the host", func(c *x509.Certificate) { c.PermittedEmailAddresses = []string{"gov.vn"} },
			email("an@nd.gov.vn"), false,
		},
		{
			"mail below the domain", func(c *x509.Certificate) { c.PermittedEmailAddresses = []string{".gov.vn"} },
			email("an@nd.gov.vn"), true,
		},
		{
			"excluded mailbox", func(c *x509.Certificate) { c.ExcludedEmailAddresses = []string{"an@gov.vn"} },
			email("an@gov.vn"), false,
		},
		{
			"address inside", func(c *x509.Certificate) { c.PermittedIPRanges = []*net.IPNet{tenNet} },
			address("10.1.2.3"), true,
		},
		{
			"address outside", func(c *x509.Certificate) { c.PermittedIPRanges = []*net.IPNet{tenNet} },
			address("11.1.2.3"), false,
		},
		{"directory below", directory(t, 0), subject("VN", "ubnd"), true},
		{"directory beside", directory(t, 0), subject("VN", "VNPT"), false},
		{"directory excluded", directory(t, 1), subject("VN", "UBND"), false},
		{"directory not excluded", directory(t, 1), subject("VN", "VNPT"), true},
		{"kind that cannot be compared", registered(t, oidConstraints, true), registered(t, oidAlternatives, false), false},
		{"kind that cannot be compared, absent", registered(t, oidConstraints, true), nil, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			root := certstest.Root(t, "Root")
			issuing := certstest.Make(t, certstest.Spec{Name: "CA", Issuer: &root, CA: true, Adjust: test.constraint})
			leaf := certstest.Make(t, certstest.Spec{Name: "An", Issuer: &issuing, Adjust: test.leaf})
			standing := certstest.Trusting(root).Check(leaf.Certificate, leaf.Chain, certstest.Noon, certs.ForSigning)
			if standing.Trusted != test.good {
				t.Errorf("trusted %t, reason %q (%s)", standing.Trusted, standing.Reason, standing.Detail)
			}
			if !test.good && standing.Reason != certs.ReasonNameConstraint {
				t.Errorf("reason %q", standing.Reason)
			}
		})
	}
}

var (
	oidConstraints  = asn1.ObjectIdentifier{2, 5, 29, 30}
	oidAlternatives = asn1.ObjectIdentifier{2, 5, 29, 17}
)

// registered writes an extension with a registeredID: as a name, or as an excluded subtree.
func registered(t *testing.T, extension asn1.ObjectIdentifier, excluded bool) func(*x509.Certificate) {
	t.Helper()
	value := []byte{0x30, 3, 0x88, 1, 42}
	if excluded {
		value = []byte{0x30, 7, 0xa1, 5, 0x30, 3, 0x88, 1, 42}
	}
	return func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: extension, Critical: true, Value: value}}
	}
}

// directory writes a critical constraint on directory names, which crypto/x509 neither writes nor reads.
func directory(t *testing.T, tag int) func(*x509.Certificate) {
	t.Helper()
	name := pkix.Name{Country: []string{"VN"}, Organization: []string{"UBND"}}
	base, err := asn1.Marshal(name.ToRDNSequence())
	if err != nil {
		t.Fatal(err)
	}
	context := func(tag int, inner []byte) asn1.RawValue {
		return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag, IsCompound: true, Bytes: inner}
	}
	subtree, err := asn1.Marshal([]asn1.RawValue{context(4, base)})
	if err != nil {
		t.Fatal(err)
	}
	value, err := asn1.Marshal([]asn1.RawValue{context(tag, subtree)})
	if err != nil {
		t.Fatal(err)
	}
	return func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 30}, Critical: true, Value: value}}
	}
}

func BenchmarkCheckWarm(b *testing.B) {
	root := certstest.Root(b, "Root")
	issuing := certstest.Make(b, certstest.Spec{Name: "CA", Issuer: &root, CA: true})
	leaf := certstest.Make(b, certstest.Spec{Name: "An", Issuer: &issuing})
	anchors := certstest.Trusting(root)
	b.ReportAllocs()
	for b.Loop() {
		if !anchors.Check(leaf.Certificate, leaf.Chain, certstest.Noon, certs.ForSigning).Trusted {
			b.Fatal("not trusted")
		}
	}
}
