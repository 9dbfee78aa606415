package certs_test

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/certs/cms"
)

func newAuthority(t *testing.T) *certs.Authority {
	t.Helper()
	return certstest.NewAuthority(t, certstest.At(certstest.Noon))
}

func get(t *testing.T, url string) []byte {
	t.Helper()
	return ask(t, http.MethodGet, url, nil)
}

func ask(t *testing.T, method, url string, body []byte) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", url, response.StatusCode, err)
	}
	return answer
}

func TestTheAuthoritysCertificatesAreGoodForTheirUse(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	issue := func(order certs.Order) certs.Identity { return certstest.Issue(t, authority, order) }
	leader, err := authority.Leader("Nguyễn Văn An", "Chủ tịch", "UBND xã Hải Hậu", certs.ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	seal, err := authority.Seal("UBND xã Hải Hậu", certs.ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	if got := leader.Certificate.Subject.CommonName; got != "Nguyễn Văn An" {
		t.Errorf("leader is %q", got)
	}
	if got := leader.Certificate.Subject.String(); !strings.Contains(got, "UBND xã Hải Hậu") {
		t.Errorf("leader's subject is %q", got)
	}
	if got := seal.Certificate.Subject.CommonName; got != "UBND xã Hải Hậu" {
		t.Errorf("seal is %q", got)
	}
	for _, test := range []struct {
		name     string
		identity certs.Identity
		purpose  certs.Purpose
		want     string
	}{
		{"leader", leader, certs.ForSigning, ""},
		{"seal", seal, certs.ForSigning, ""},
		{"leader, RSA-3072", certstest.Leader(t, authority, certs.RSA3072), certs.ForSigning, ""},
		{"seal, RSA-3072", certstest.Seal(t, authority, certs.RSA3072), certs.ForSigning, ""},
		{"stamper", issue(certs.Order{Use: certs.UseTimestamping}), certs.ForTimestamping, ""},
		{"responder", issue(certs.Order{Use: certs.UseOCSP}), certs.ForOCSP, ""},
		{"leader as stamper", leader, certs.ForTimestamping, certs.ReasonWrongUsage},
		{"stamper as leader", issue(certs.Order{Use: certs.UseTimestamping}), certs.ForSigning, certs.ReasonWrongUsage},
		{"ended", issue(certs.Order{Until: certstest.Noon.Add(-time.Minute)}), certs.ForSigning, certs.ReasonExpired},
		{"not begun", issue(certs.Order{From: certstest.Noon.Add(hour)}), certs.ForSigning, certs.ReasonNotYetValid},
	} {
		standing := authority.Anchors().Check(test.identity.Certificate, test.identity.Chain, certstest.Noon, test.purpose)
		if standing.Reason != test.want || standing.Trusted != (test.want == "") || standing.Realm != certs.Test {
			t.Errorf("%s: trusted %t, realm %q, reason %q, want %q",
				test.name, standing.Trusted, standing.Realm, standing.Reason, test.want)
		}
	}
	if leader.Certificate.SerialNumber.Cmp(seal.Certificate.SerialNumber) == 0 {
		t.Error("two certificates have one serial number")
	}
}

func TestNodesMeetOverMutualTLS(t *testing.T) {
	t.Parallel()
	authority := certstest.NewAuthority(t, time.Now)
	pool := x509.NewCertPool()
	pool.AddCert(authority.Root())
	configuration := func(name string) *tls.Config {
		node, err := authority.Node(name)
		if err != nil {
			t.Fatal(err)
		}
		return &tls.Config{
			MinVersion: tls.VersionTLS13, RootCAs: pool, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert,
			Certificates: []tls.Certificate{{
				Certificate: [][]byte{node.Certificate.Raw, node.Chain[0].Raw}, PrivateKey: node.Signer,
			}},
		}
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.TLS.PeerCertificates[0].Subject.CommonName)
	}))
	server.TLS = configuration("xã Hải Hậu")
	server.StartTLS()
	defer server.Close()
	for _, host := range []string{"127.0.0.1", "localhost"} {
		_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: configuration("huyện Hải Hậu")}}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+net.JoinHostPort(host, port), nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if string(body) != "huyện Hải Hậu" {
			t.Errorf("the server saw %q", body)
		}
	}
}

func TestTheResponderTellsTheTruth(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	good, bad := certstest.Leader(t, authority, certs.ECDSAP256), certstest.Seal(t, authority, certs.ECDSAP256)
	stranger := certstest.Leader(t, newAuthority(t), certs.ECDSAP256)
	revokedAt := certstest.Noon.Add(-10 * time.Minute)
	if err := authority.Revoke(bad.Certificate, revokedAt, 1); err != nil {
		t.Fatal(err)
	}
	if err := authority.Revoke(stranger.Certificate, revokedAt, 1); err == nil {
		t.Error("revoked another authority's certificate")
	}
	when := certs.When{At: certstest.Noon}
	for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		for _, method := range []string{http.MethodPost, http.MethodGet} {
			answer := func(certificate, issuer *x509.Certificate) []byte {
				request, err := ocsp.CreateRequest(certificate, issuer, &ocsp.RequestOptions{Hash: hash})
				if err != nil {
					t.Fatal(err)
				}
				address := good.Certificate.OCSPServer[0]
				if method == http.MethodGet {
					return get(t, address+"/"+url.PathEscape(base64.StdEncoding.EncodeToString(request)))
				}
				return ask(t, method, address, request)
			}
			der := answer(good.Certificate, authority.Issuing())
			if known := certs.CheckOCSP(der, good.Certificate, authority.Issuing(), when); known.Status != certs.StatusGood {
				t.Errorf("%s %s: status %d %q", method, hash, known.Status, known.Reason)
			}
			second, err := ocsp.ParseResponseForCert(der, good.Certificate, authority.Issuing())
			if err != nil || second.Status != ocsp.Good || !second.ProducedAt.Equal(certstest.Noon) {
				t.Errorf("x/crypto/ocsp: %v", err)
			}
			known := certs.CheckOCSP(answer(bad.Certificate, authority.Issuing()), bad.Certificate, authority.Issuing(), when)
			if known.Status != certs.StatusRevoked || known.ReasonCode != 1 || !known.RevokedAt.Equal(revokedAt) {
				t.Errorf("revoked: status %d, reason %d, at %s", known.Status, known.ReasonCode, known.RevokedAt)
			}
			known = certs.CheckOCSP(answer(authority.Issuing(), authority.Root()), authority.Issuing(), authority.Root(), when)
			if known.Status != certs.StatusGood || known.Responder != nil {
				t.Errorf("issuing authority: status %d, reason %q", known.Status, known.Reason)
			}
			ghost := *good.Certificate
			ghost.SerialNumber = stranger.Certificate.SerialNumber
			known = certs.CheckOCSP(answer(&ghost, authority.Issuing()), &ghost, authority.Issuing(), when)
			if known.Reason != certs.RevocationUnknown {
				t.Errorf("never issued: status %d, reason %q", known.Status, known.Reason)
			}
			foreign := answer(stranger.Certificate, stranger.Chain[0])
			if !bytes.Equal(foreign, ocsp.UnauthorizedErrorResponse) {
				t.Errorf("another authority's: %x", foreign)
			}
		}
	}
	if rubbish := ask(t, http.MethodPost, good.Certificate.OCSPServer[0], []byte("x")); !bytes.Equal(rubbish,
		ocsp.MalformedRequestErrorResponse) {
		t.Errorf("rubbish: %x", rubbish)
	}
}

func TestTheListsTellTheTruth(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	good, bad := certstest.Leader(t, authority, certs.ECDSAP256), certstest.Seal(t, authority, certs.ECDSAP256)
	if err := authority.Revoke(bad.Certificate, certstest.Noon.Add(-hour), 4); err != nil {
		t.Fatal(err)
	}
	if err := authority.Revoke(authority.Issuing(), certstest.Noon.Add(-hour), 2); err != nil {
		t.Fatal(err)
	}
	when := certs.When{At: certstest.Noon}
	der := get(t, good.Certificate.CRLDistributionPoints[0])
	if known := certs.CheckCRL(der, good.Certificate, authority.Issuing(), when); known.Status != certs.StatusGood {
		t.Errorf("good: status %d, reason %q", known.Status, known.Reason)
	}
	if known := certs.CheckCRL(der, bad.Certificate, authority.Issuing(), when); known.Status != certs.StatusRevoked ||
		known.ReasonCode != 4 {
		t.Errorf("revoked: status %d, reason %d %q", known.Status, known.ReasonCode, known.Reason)
	}
	der = get(t, authority.Issuing().CRLDistributionPoints[0])
	if known := certs.CheckCRL(der, authority.Issuing(), authority.Root(), when); known.Status != certs.StatusRevoked {
		t.Errorf("issuing authority: status %d, reason %q", known.Status, known.Reason)
	}
	issuer, err := x509.ParseCertificate(get(t, good.Certificate.IssuingCertificateURL[0]))
	if err != nil || !issuer.Equal(authority.Issuing()) {
		t.Errorf("issuer's certificate: %v", err)
	}
}

func TestTheStamperRefusesWhatItCannotDo(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	sha1, err := cms.MarshalTimestampRequest(cms.TimestampRequest{
		Hash: crypto.SHA256, Digest: make([]byte, 32), Policy: []int{1, 2, 3},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		request []byte
		want    cms.PKIFailure
	}{
		"rubbish":        {[]byte("x"), cms.BadDataFormat},
		"another policy": {sha1, cms.UnacceptedPolicy},
	} {
		response, err := cms.ParseTimestampResponse(ask(t, http.MethodPost, authority.TimestampURL(), test.request))
		if err != nil || response.Status != cms.Rejection || response.Failure != test.want {
			t.Errorf("%s: %+v, %v", name, response, err)
		}
	}
}

func TestAnAuthorityNeedsAClockAndAnAddress(t *testing.T) {
	t.Parallel()
	for _, setting := range []certs.Setting{{URL: "http://127.0.0.1"}, {Now: time.Now}} {
		if _, err := certs.NewAuthority(setting); err == nil {
			t.Errorf("made an authority of %+v", setting)
		}
	}
	if _, err := certs.GenerateKey(99); err == nil {
		t.Error("made a key of an unknown kind")
	}
}

func TestOpenSSLAgreesWithTheAuthority(t *testing.T) {
	t.Parallel()
	openssl := openSSL(t)
	authority := certstest.NewAuthority(t, time.Now)
	leader, seal := certstest.Leader(t, authority, certs.RSA3072), certstest.Seal(t, authority, certs.ECDSAP256)
	if err := authority.Revoke(seal.Certificate, time.Now().Add(-time.Minute), 1); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	write(t, folder, "root.pem", certs.EncodePEM(authority.Root()))
	write(t, folder, "ca.pem", certs.EncodePEM(authority.Issuing()))
	write(t, folder, "leader.pem", certs.EncodePEM(leader.Certificate))
	write(t, folder, "seal.pem", certs.EncodePEM(seal.Certificate))
	write(t, folder, "chain.pem", certs.EncodePEM(authority.Root(), authority.Issuing()))
	for name, address := range map[string]string{
		"ca.crl": leader.Certificate.CRLDistributionPoints[0], "root.crl": authority.Issuing().CRLDistributionPoints[0],
	} {
		write(t, folder, name, get(t, address))
		run(t, true, folder, openssl, "crl", "-inform", "DER", "-in", name, "-CAfile", "chain.pem", "-noout")
		run(t, true, folder, openssl, "crl", "-inform", "DER", "-in", name, "-out", name+".pem")
	}
	run(t, true, folder, openssl, "verify", "-x509_strict", "-CAfile", "root.pem", "-untrusted", "ca.pem", "leader.pem")
	lists := []string{"-crl_check_all", "-CRLfile", "ca.crl.pem", "-CRLfile", "root.crl.pem"}
	verify := append([]string{openssl, "verify", "-CAfile", "root.pem", "-untrusted", "ca.pem"}, lists...)
	run(t, true, folder, append(verify, "leader.pem")...)
	if said := run(t, false, folder, append(verify, "seal.pem")...); !strings.Contains(said, "revoked") {
		t.Errorf("openssl verify: %s", said)
	}
	for name, want := range map[string]string{"leader.pem": "leader.pem: good", "seal.pem": "seal.pem: revoked"} {
		said := run(t, true, folder, openssl, "ocsp", "-issuer", "ca.pem", "-cert", name, "-CAfile", "root.pem",
			"-url", leader.Certificate.OCSPServer[0], "-resp_text")
		if !strings.Contains(said, want) || !strings.Contains(said, "Response verify OK") {
			t.Errorf("openssl ocsp: %s", said)
		}
	}
}

func TestOpenSSLVerifiesOurTimeStamps(t *testing.T) {
	t.Parallel()
	openssl := openSSL(t)
	authority := certstest.NewAuthority(t, time.Now)
	folder := t.TempDir()
	write(t, folder, "data", []byte("Công văn số 1"))
	write(t, folder, "root.pem", certs.EncodePEM(authority.Root()))
	write(t, folder, "ca.pem", certs.EncodePEM(authority.Issuing()))
	for _, hash := range []string{"-sha256", "-sha384", "-sha512"} {
		run(t, true, folder, openssl, "ts", "-query", "-data", "data", hash, "-cert", "-out", "query.tsq")
		query := readFile(t, filepath.Join(folder, "query.tsq"))
		write(t, folder, "reply.tsr", ask(t, http.MethodPost, authority.TimestampURL(), query))
		run(t, true, folder, openssl, "ts", "-verify", "-queryfile", "query.tsq", "-in", "reply.tsr",
			"-CAfile", "root.pem", "-untrusted", "ca.pem")
	}
	digest := crypto.SHA256.New()
	digest.Write([]byte("Công văn số 1"))
	token, err := certstest.Client(t, authority.TimestampURL()).Stamp(t.Context(), crypto.SHA256, digest.Sum(nil))
	if err != nil {
		t.Fatal(err)
	}
	write(t, folder, "token.tst", token)
	run(t, true, folder, openssl, "ts", "-verify", "-data", "data", "-in", "token.tst", "-token_in",
		"-CAfile", "root.pem", "-untrusted", "ca.pem")
	write(t, folder, "data", []byte("Công văn số 2"))
	run(t, false, folder, openssl, "ts", "-verify", "-data", "data", "-in", "token.tst", "-token_in",
		"-CAfile", "root.pem", "-untrusted", "ca.pem")
}

// TestWeAgreeWithOpenSSLsResponder turns the peers round: openssl answers, we judge.
func TestWeAgreeWithOpenSSLsResponder(t *testing.T) {
	t.Parallel()
	openssl := openSSL(t)
	root := certstest.Make(t, certstest.Spec{Name: "CA", CA: true, Key: certs.RSA2048, Until: time.Now().AddDate(1, 0, 0)})
	responder := certstest.Make(t, certstest.Spec{
		Name: "OCSP", Issuer: &root, Adjust: certstest.ForOCSP(true), Until: time.Now().AddDate(1, 0, 0),
	})
	folder := t.TempDir()
	write(t, folder, "ca.pem", certs.EncodePEM(root.Certificate))
	write(t, folder, "ocsp.pem", certs.EncodePEM(responder.Certificate))
	write(t, folder, "ocsp.key", pemOf(t, "PRIVATE KEY", responder.Signer))
	var index strings.Builder
	var leaves []certs.Identity
	for _, state := range []string{"V\t990101000000Z\t", "R\t990101000000Z\t260101000000Z,keyCompromise"} {
		leaf := certstest.Make(t, certstest.Spec{Name: "An", Issuer: &root, Until: time.Now().AddDate(1, 0, 0)})
		leaves = append(leaves, leaf)
		serial := strings.ToUpper(leaf.Certificate.SerialNumber.Text(16))
		if len(serial)%2 == 1 {
			serial = "0" + serial
		}
		index.WriteString(state + "\t" + serial + "\tunknown\t/CN=An\n")
	}
	write(t, folder, "index.txt", []byte(index.String()))
	for i, want := range []certs.Status{certs.StatusGood, certs.StatusRevoked} {
		write(t, folder, "leaf.pem", certs.EncodePEM(leaves[i].Certificate))
		run(t, true, folder, openssl, "ocsp", "-issuer", "ca.pem", "-cert", "leaf.pem", "-reqout", "request")
		for name, options := range map[string][]string{
			"by key": {"-resp_key_id"}, "by name": nil, "SHA-512": {"-rmd", "sha512"}, "no certificates": {"-resp_no_certs"},
		} {
			command := []string{
				openssl, "ocsp", "-index", "index.txt", "-CA", "ca.pem", "-rsigner", "ocsp.pem", "-rkey", "ocsp.key",
				"-reqin", "request", "-respout", "response", "-nmin", "60",
			}
			run(t, true, folder, append(command, options...)...)
			der := readFile(t, filepath.Join(folder, "response"))
			heap := certs.Evidence{OCSPs: [][]byte{der}, Certificates: []*x509.Certificate{responder.Certificate}}
			known := certs.Best(heap, leaves[i].Certificate, root.Certificate, certs.When{At: time.Now()})
			if known.Status != want {
				t.Errorf("%s: status %d, reason %q, want %d", name, known.Status, known.Reason, want)
			}
			if want == certs.StatusRevoked && known.ReasonCode != 1 {
				t.Errorf("%s: reason code %d", name, known.ReasonCode)
			}
		}
	}
}

func TestSubjectsMayBeAnything(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t)
	adjusted := certstest.Issue(t, authority, certs.Order{
		Subject: pkix.Name{CommonName: "Đặng Thị Ngọc Ánh"}, Key: certs.Ed25519,
		Adjust: func(c *x509.Certificate) { c.EmailAddresses = []string{"anh@haihau.gov.vn"} },
	})
	if adjusted.Certificate.Subject.CommonName != "Đặng Thị Ngọc Ánh" || len(adjusted.Certificate.EmailAddresses) != 1 {
		t.Errorf("issued %s", adjusted.Certificate.Subject)
	}
}
