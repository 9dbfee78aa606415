package cms_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"congvan/certs/cms"
)

// shop is a folder in which openssl works.
type shop struct {
	openssl string
	folder  string
}

func newShop(t *testing.T) shop {
	t.Helper()
	return shop{openssl: peer(t, "openssl"), folder: t.TempDir()}
}

func (s shop) path(name string) string { return filepath.Join(s.folder, name) }

func (s shop) write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(s.path(name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (s shop) read(t *testing.T, name string) []byte {
	t.Helper()
	return must(os.ReadFile(s.path(name)))
}

// run runs openssl in the folder; words are separated by blanks.
func (s shop) run(words string) ([]byte, error) {
	command := exec.Command(s.openssl, strings.Fields(words)...)
	command.Dir = s.folder
	out, err := command.CombinedOutput()
	if err != nil {
		err = errors.Join(err, errors.New(string(out)))
	}
	return out, err
}

// keep writes a party's key, certificate and chain.
func (s shop) keep(t *testing.T, name string, party party) {
	t.Helper()
	key := must(x509.MarshalPKCS8PrivateKey(party.key))
	s.write(t, name+".key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	certificate := &pem.Block{Type: "CERTIFICATE", Bytes: party.certificate.Raw}
	s.write(t, name+".crt", pem.EncodeToMemory(certificate))
	s.write(t, name+".ca", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: party.chain[0].Raw}))
}

func TestOpenSSLAcceptsWhatIsSignedHere(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	shop.write(t, "letter", letter)
	shop.write(t, "other", letter[1:])
	parties := everyScheme(t)
	delete(parties, "ed25519") // OpenSSL 3.0 has no Ed25519 in CMS; see the next test
	for name, party := range parties {
		shop.keep(t, name, party)
		shop.write(t, name+".p7s", must(cms.Sign(party.key, party.draft(letter, false))))
		verify := "cms -verify -noverify -binary -inform DER -in " + name + ".p7s -content "
		out, err := shop.run(verify + "letter")
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !bytes.Contains(out, letter) {
			t.Errorf("%s: openssl says %q", name, out)
		}
		if _, err := shop.run(verify + "other"); err == nil {
			t.Errorf("%s: openssl accepts another letter, so that its word says nothing", name)
		}
		verify = "cms -verify -cades -purpose any -attime 1787108645 -binary -inform DER -out opened -in "
		draft := party.draft(letter, true)
		draft.SigningTime = someday
		draft.Unsigned = []cms.Attribute{{Type: cms.OIDSignatureTimestamp, Values: [][]byte{{0x30, 0x00}}}}
		shop.write(t, name+".p7m", must(cms.Sign(party.key, draft)))
		if _, err := shop.run(verify + name + ".p7m -CAfile " + name + ".ca"); err != nil {
			t.Errorf("%s attached: %v", name, err)
		} else if got := shop.read(t, "opened"); !bytes.Equal(got, letter) {
			t.Errorf("%s attached: openssl opens %q", name, got)
		}
	}
}

func TestOpenSSLAcceptsEd25519OverTheAttributes(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	party := newParty(t, "ed25519")
	shop.keep(t, "ed25519", party)
	signer := must(cms.Parse(must(cms.Sign(party.key, party.draft(letter, false))))).Signers[0]
	shop.write(t, "attributes", signer.RawSigned)
	shop.write(t, "value", signer.Signature)
	out, err := shop.run("pkeyutl -verify -rawin -certin -inkey ed25519.crt -sigfile value -in attributes")
	if err != nil {
		t.Errorf("%s", out)
	}
	out, err = shop.run("asn1parse -inform DER -i -in attributes")
	if err != nil || !bytes.Contains(out, []byte("id-smime-aa-signingCertificateV2")) {
		t.Errorf("%v: %s", err, out)
	}
}

func TestOpenSSLAcceptsSealedMessages(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	for _, kind := range []string{"rsa", "p256", "p384", "p521"} {
		party := newParty(t, kind)
		shop.write(t, kind, must(cms.SealMessage(letter, party.key, party.certificate, party.chain)))
		if _, err := shop.run("cms -verify -noverify -binary -inform DER -out opened -in " + kind); err != nil {
			t.Errorf("%s: %v", kind, err)
		} else if got := shop.read(t, "opened"); !bytes.Equal(got, letter) {
			t.Errorf("%s: openssl opens %q", kind, got)
		}
	}
}

func TestWhatOpenSSLSignsIsVerified(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	shop.write(t, "letter", letter)
	for _, kind := range []string{"rsa", "p256", "p384", "p521", "ed25519"} {
		shop.keep(t, kind, newParty(t, kind))
	}
	for _, test := range []struct {
		kind, options string
		scheme        cms.Scheme
	}{
		{"rsa", "", cms.Scheme{Algorithm: cms.RSAPKCS1, Hash: crypto.SHA256}},
		{"rsa", "-cades", cms.Scheme{Algorithm: cms.RSAPKCS1, Hash: crypto.SHA256}},
		{"rsa", "-keyid", cms.Scheme{Algorithm: cms.RSAPKCS1, Hash: crypto.SHA256}},
		{"rsa", "-noattr", cms.Scheme{Algorithm: cms.RSAPKCS1, Hash: crypto.SHA256}},
		{"rsa", "-nodetach", cms.Scheme{Algorithm: cms.RSAPKCS1, Hash: crypto.SHA256}},
		{"rsa", "-nodetach -stream", cms.Scheme{Algorithm: cms.RSAPKCS1, Hash: crypto.SHA256}},
		{"p256", "-nodetach -stream -keyid", cms.Scheme{Algorithm: cms.ECDSA, Hash: crypto.SHA256}},
		{"rsa", "-md md5", cms.Scheme{Algorithm: cms.RSAPKCS1, Hash: crypto.MD5}},
		{"rsa", "-md sha1", cms.Scheme{Algorithm: cms.RSAPKCS1, Hash: crypto.SHA1}},
		{"rsa", "-md sha224", cms.Scheme{Algorithm: cms.RSAPKCS1, Hash: crypto.SHA224}},
		{"rsa", "-md sha384", cms.Scheme{Algorithm: cms.RSAPKCS1, Hash: crypto.SHA384}},
		{"rsa", "-md sha512", cms.Scheme{Algorithm: cms.RSAPKCS1, Hash: crypto.SHA512}},
		{"rsa", "-md sha512-256", cms.Scheme{Algorithm: cms.RSAPKCS1, Hash: crypto.SHA512_256}},
		{"rsa", "-md sha3-256", cms.Scheme{Algorithm: cms.RSAPKCS1, Hash: crypto.SHA3_256}},
		{"rsa", "-md sha3-512", cms.Scheme{Algorithm: cms.RSAPKCS1, Hash: crypto.SHA3_512}},
		{
			"rsa", "-keyopt rsa_padding_mode:pss",
			cms.Scheme{Algorithm: cms.RSAPSS, Hash: crypto.SHA256, SaltLen: 222},
		},
		{
			"rsa", "-keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:-1",
			cms.Scheme{Algorithm: cms.RSAPSS, Hash: crypto.SHA256, SaltLen: 32},
		},
		{
			"rsa", "-md sha1 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:20",
			cms.Scheme{Algorithm: cms.RSAPSS, Hash: crypto.SHA1, SaltLen: 20},
		},
		{
			"rsa", "-md sha384 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:0",
			cms.Scheme{Algorithm: cms.RSAPSS, Hash: crypto.SHA384, SaltLen: 0},
		},
		{
			"rsa", "-md sha512 -keyopt rsa_padding_mode:pss -keyopt rsa_mgf1_md:sha1 -keyopt rsa_pss_saltlen:17",
			cms.Scheme{Algorithm: cms.RSAPSS, Hash: crypto.SHA512, SaltLen: 17, MGF: crypto.SHA1},
		},
		{"p256", "", cms.Scheme{Algorithm: cms.ECDSA, Hash: crypto.SHA256}},
		{"p256", "-md sha1", cms.Scheme{Algorithm: cms.ECDSA, Hash: crypto.SHA1}},
		{"p256", "-md sha512 -noattr", cms.Scheme{Algorithm: cms.ECDSA, Hash: crypto.SHA512}},
		{"p384", "-md sha384 -cades", cms.Scheme{Algorithm: cms.ECDSA, Hash: crypto.SHA384}},
		{"p521", "-md sha512", cms.Scheme{Algorithm: cms.ECDSA, Hash: crypto.SHA512}},
	} {
		name := test.kind + " " + test.options
		signer := "-signer " + test.kind + ".crt -inkey " + test.kind + ".key "
		if _, err := shop.run("cms -sign -binary -in letter -outform DER -out out.p7s " + signer + test.options); err != nil {
			t.Errorf("%s: openssl does not sign: %v", name, err)
			continue
		}
		checkForeign(t, name, shop.read(t, "out.p7s"), newParty(t, test.kind), test.scheme)
	}
}

// checkForeign verifies what another program made over the letter, and that it is not over something else.
func checkForeign(t *testing.T, name string, der []byte, party party, scheme cms.Scheme) {
	t.Helper()
	signed, err := cms.Parse(der)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if !signed.Detached && !bytes.Equal(signed.Content, letter) {
		t.Errorf("%s: content %q", name, signed.Content)
	}
	signer := &signed.Signers[0]
	if signer.Scheme != scheme {
		t.Errorf("%s: scheme %+v, want %+v", name, signer.Scheme, scheme)
	}
	certificate := signer.FindSigner(signed.Certificates)
	if certificate == nil || !certificate.Equal(party.certificate) {
		t.Fatalf("%s: signer not found", name)
	}
	coverage, err := signer.Verify(certificate, hashed(signer.Digest, letter))
	want := cms.OverAttributes
	if strings.Contains(name, "-noattr") {
		want = cms.OverContent
	}
	if err != nil || coverage != want {
		t.Errorf("%s: coverage %v, %v", name, coverage, err)
	}
	if _, err := signer.Verify(certificate, hashed(signer.Digest, letter[1:])); err == nil {
		t.Errorf("%s: another letter is accepted", name)
	}
	present, matches := signer.MatchESS(certificate)
	if matches != strings.Contains(name, "-cades") || present != matches {
		t.Errorf("%s: ESS present %v, matches %v", name, present, matches)
	}
}

func TestDSAOfOpenSSLIsVerified(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	shop.write(t, "letter", letter)
	for _, command := range []string{
		"dsaparam -genkey -out dsa.key 1024",
		"req -new -x509 -key dsa.key -subj /CN=DSA -days 9 -out dsa.crt",
	} {
		if out, err := shop.run(command); err != nil {
			t.Fatalf("%s: %s", command, out)
		}
	}
	for _, hash := range []string{"sha1", "sha224", "sha256"} {
		sign := "cms -sign -binary -in letter -outform DER -out out -signer dsa.crt -inkey dsa.key -md "
		if _, err := shop.run(sign + hash); err != nil {
			t.Fatal(err)
		}
		signed := must(cms.Parse(shop.read(t, "out")))
		signer := &signed.Signers[0]
		if _, err := signer.Verify(signed.Certificates[0], hashed(signer.Digest, letter)); err != nil {
			t.Errorf("%s: %v", hash, err)
		}
		spoiled := *signer
		spoiled.Signature = bytes.Clone(signer.Signature)
		spoiled.Signature[len(spoiled.Signature)-1] ^= 1
		if _, err := spoiled.Verify(signed.Certificates[0], hashed(signer.Digest, letter)); !only(err, cms.ErrSignature) {
			t.Errorf("%s, spoiled: %v", hash, err)
		}
	}
}

func TestOpenSSLAcceptsTimestampsMadeHere(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	shop.write(t, "letter", letter)
	for _, kind := range []string{"rsa", "p256"} {
		authority := newAuthority(t, kind)
		shop.keep(t, kind, authority)
		if _, err := shop.run("ts -query -data letter -sha512 -cert -out query -tspolicy 1.2.3.4"); err != nil {
			t.Fatal(err)
		}
		request, err := cms.ParseTimestampRequest(shop.read(t, "query"))
		if err != nil {
			t.Fatal(err)
		}
		if request.Hash != crypto.SHA512 || !request.Certificates || request.Nonce == nil ||
			request.Policy.String() != "1.2.3.4" {
			t.Errorf("request %+v", request)
		}
		info := stampInfo()
		info.Hash, info.Imprint, info.Nonce, info.Policy = request.Hash, request.Digest, request.Nonce, request.Policy
		info.Authority = raw(0xa4, authority.certificate.RawSubject)
		token := must(cms.BuildTimestampToken(authority.key, authority.draft(nil, false), info))
		shop.write(t, "response", must(cms.MarshalTimestampResponse(cms.TimestampResponse{Token: token})))
		verify := "ts -verify -in response -CAfile " + kind + ".ca -attime 1787108645 "
		for _, what := range []string{"-queryfile query", "-data letter"} {
			if out, err := shop.run(verify + what); err != nil || !bytes.Contains(out, []byte("Verification: OK")) {
				t.Errorf("%s %s: %s", kind, what, out)
			}
		}
		shop.write(t, "letter2", letter[1:])
		if _, err := shop.run(verify + "-data letter2"); err == nil {
			t.Errorf("%s: openssl accepts a time-stamp of another letter", kind)
		}
	}
}

const authorityConfig = `[tsa]
default_tsa = here
[here]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1, millisecs:500, microsecs:100
clock_precision_digits = 6
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = `

func TestTimestampsOfOpenSSLAreVerified(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	authority := newAuthority(t, "rsa")
	shop.keep(t, "rsa", authority)
	shop.write(t, "serial", []byte("0A"))
	for _, ess := range []string{"sha1", "sha256", "sha512"} {
		shop.write(t, "config", []byte(authorityConfig+ess+"\n"))
		request := cms.TimestampRequest{
			Hash: crypto.SHA256, Digest: hashed(crypto.SHA256, letter), Nonce: big.NewInt(20260819), Certificates: true,
		}
		shop.write(t, "query", must(cms.MarshalTimestampRequest(request)))
		reply := "ts -reply -config config -queryfile query -signer rsa.crt -inkey rsa.key -out response"
		if _, err := shop.run(reply); err != nil {
			t.Fatal(err)
		}
		response, err := cms.ParseTimestampResponse(shop.read(t, "response"))
		if err != nil || response.Status != cms.Granted {
			t.Fatalf("%+v, %v", response, err)
		}
		token := must(cms.ParseTimestampToken(response.Token))
		if err := token.Verify(token.FindSigner(nil)); err != nil {
			t.Errorf("%s: %v", ess, err)
		}
		if !token.Covers(request.Hash, request.Digest) || token.Info.Nonce.Cmp(request.Nonce) != 0 ||
			token.Info.Accuracy.String() != "1.5001s" || !token.Info.Ordering || token.Info.Authority == nil {
			t.Errorf("%s: %+v", ess, token.Info)
		}
	}
	request := cms.TimestampRequest{Hash: crypto.SHA384, Digest: hashed(crypto.SHA384, letter)}
	shop.write(t, "query", must(cms.MarshalTimestampRequest(request)))
	shop.run("ts -reply -config config -queryfile query -signer rsa.crt -inkey rsa.key -out refusal") // an error to it
	refusal := must(cms.ParseTimestampResponse(shop.read(t, "refusal")))
	if refusal.Status != cms.Rejection || refusal.Failure != cms.BadAlgorithm || len(refusal.Text) == 0 ||
		refusal.Token != nil {
		t.Errorf("%+v", refusal)
	}
}

func TestBundlesAreExchangedWithOpenSSL(t *testing.T) {
	t.Parallel()
	shop := newShop(t)
	party := newParty(t, "p256")
	shop.keep(t, "p256", party)
	bundle := "crl2pkcs7 -nocrl -certfile p256.crt -certfile p256.ca -outform DER -out bundle.p7b"
	if _, err := shop.run(bundle); err != nil {
		t.Fatal(err)
	}
	if got := must(cms.ParseCertificateBundle(shop.read(t, "bundle.p7b"))); len(got) != 2 {
		t.Errorf("%d certificates", len(got))
	}
	shop.write(t, "ours.p7b", must(cms.CertificateBundle([]*x509.Certificate{party.certificate, party.chain[0]})))
	out, err := shop.run("pkcs7 -inform DER -print_certs -in ours.p7b")
	if err != nil || bytes.Count(out, []byte("BEGIN CERTIFICATE")) != 2 {
		t.Errorf("%v: %s", err, out)
	}
}
