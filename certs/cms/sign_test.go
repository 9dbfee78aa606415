package cms_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"flag"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"congvan/certs/cms"
)

var update = flag.Bool("update", false, "write the golden files anew")

var letter = []byte("Kính gửi: Ủy ban nhân dân huyện Hải Hậu")

func TestWhatIsSignedIsReadAndVerified(t *testing.T) {
	t.Parallel()
	for name, party := range everyScheme(t) {
		for _, attached := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				der, err := cms.Sign(party.key, party.draft(letter, attached))
				if err != nil {
					t.Fatal(err)
				}
				signed, err := cms.Parse(der)
				if err != nil {
					t.Fatal(err)
				}
				if signed.WasBER || signed.Trailing != 0 || !bytes.Equal(signed.Raw, der) {
					t.Error("what was written is not DER")
				}
				if signed.Detached == attached || attached && !bytes.Equal(signed.Content, letter) {
					t.Errorf("content %q, detached %v", signed.Content, signed.Detached)
				}
				if len(signed.Signers) != 1 || len(signed.Certificates) != 2 {
					t.Fatalf("%d signers, %d certificates", len(signed.Signers), len(signed.Certificates))
				}
				checkSigner(t, party, &signed.Signers[0], signed.Certificates)
				if want := []crypto.Hash{party.scheme.ContentHash()}; !slices.Equal(signed.Hashes(), want) {
					t.Errorf("hashes %v, want %v", signed.Hashes(), want)
				}
			})
		}
	}
}

func TestWhoAsksOfTheSignersAloneIsToldTheSame(t *testing.T) {
	t.Parallel()
	for name, party := range everyScheme(t) {
		der := must(cms.Sign(party.key, party.draft(letter, true)))
		whole, signers := must(cms.Parse(der)), must(cms.ParseSigners(der))
		if !reflect.DeepEqual(whole.Signers, signers.Signers) || !bytes.Equal(whole.Content, signers.Content) {
			t.Errorf("%s: the signers differ", name)
		}
		if len(signers.Certificates) != 0 || len(signers.Unparsed) != len(whole.Certificates) {
			t.Errorf("%s: %d certificates were read, %d left", name, len(signers.Certificates), len(signers.Unparsed))
		}
	}
}

func checkSigner(t *testing.T, party party, signer *cms.SignerInfo, certificates []*x509.Certificate) {
	t.Helper()
	found := signer.FindSigner(certificates)
	if found == nil || !found.Equal(party.certificate) {
		t.Fatal("the signer's certificate is not found")
	}
	coverage, err := signer.Verify(found, hashed(signer.Digest, letter))
	if err != nil || coverage != cms.OverAttributes {
		t.Errorf("coverage %v, %v", coverage, err)
	}
	if signer.Scheme != party.scheme {
		t.Errorf("scheme %v, want %v", signer.Scheme, party.scheme)
	}
	if present, matches := signer.MatchESS(found); !present || !matches {
		t.Errorf("ESS present %v, matches %v", present, matches)
	}
	if present, matches := signer.MatchESS(party.chain[0]); !present || matches {
		t.Errorf("ESS of the issuer: present %v, matches %v", present, matches)
	}
}

func TestPAdESAttributesAreThreeSortedAndWithoutSigningTime(t *testing.T) {
	t.Parallel()
	party := newParty(t, "p256")
	attributes, err := cms.SignedAttributes(party.draft(letter, false))
	if err != nil {
		t.Fatal(err)
	}
	der, err := cms.Sign(party.key, party.draft(letter, false))
	if err != nil {
		t.Fatal(err)
	}
	signer := must(cms.Parse(der)).Signers[0]
	if !bytes.Equal(signer.RawSigned, attributes) {
		t.Error("the attributes sent are not those signed")
	}
	var types []string
	for _, attribute := range signer.Signed {
		types = append(types, attribute.Type.String())
	}
	want := []string{cms.OIDContentType.String(), cms.OIDMessageDigest.String(), cms.OIDSigningCertificateV2.String()}
	if diff := cmp.Diff(want, types); diff != "" {
		t.Error(diff)
	}
	if !signer.SigningTime.IsZero() {
		t.Error("PAdES forbids signing-time")
	}
}

func TestCAdESSigningTimeIsReadBackInBothForms(t *testing.T) {
	t.Parallel()
	party := newParty(t, "ed25519")
	for _, moment := range []time.Time{someday, time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC)} {
		draft := party.draft(letter, false)
		draft.SigningTime = moment.In(time.FixedZone("ICT", 7*3600))
		signer := must(cms.Parse(must(cms.Sign(party.key, draft)))).Signers[0]
		if !signer.SigningTime.Equal(moment) || signer.SigningTime.Location() != time.UTC {
			t.Errorf("read %v, want %v", signer.SigningTime, moment)
		}
	}
}

// TestDetachedSignatureKeepsItsBytes compares with a file: Ed25519 is deterministic, so the whole object is.
func TestDetachedSignatureKeepsItsBytes(t *testing.T) {
	t.Parallel()
	party := newParty(t, "ed25519")
	draft := party.draft(letter, false)
	draft.SigningTime = someday
	draft.Unsigned = []cms.Attribute{{Type: cms.OIDSignatureTimestamp, Values: [][]byte{{0x30, 0x00}}}}
	golden(t, "detached.p7s", must(cms.Sign(party.key, draft)))
}

// golden compares with a file in testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s has changed: %x", name, got)
	}
}

func TestTwoPhasesGiveTheSameObjectAsOne(t *testing.T) {
	t.Parallel()
	party := newParty(t, "ed25519")
	draft := party.draft(letter, true)
	attributes := must(cms.SignedAttributes(draft))
	input, options := draft.Scheme.Input(attributes)
	value := must(party.key.Sign(rand.Reader, input, options))
	if err := draft.Scheme.Verify(party.key.Public(), attributes, value); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(must(cms.Sign(party.key, draft)), must(cms.Assemble(draft, attributes, value))); diff != "" {
		t.Error(diff)
	}
}

func TestRevocationSentAlongIsReadBack(t *testing.T) {
	t.Parallel()
	party := newParty(t, "p256")
	draft := party.draft(letter, false)
	draft.CRLs = [][]byte{{0x30, 0x03, 0x02, 0x01, 0x07}}
	draft.OCSPs = [][]byte{{0x30, 0x03, 0x0a, 0x01, 0x00}}
	signed := must(cms.Parse(must(cms.Sign(party.key, draft))))
	if diff := cmp.Diff(draft.CRLs, signed.CRLs); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(draft.OCSPs, signed.OCSPs); diff != "" {
		t.Error(diff)
	}
}

func TestWeakKeysAndHashesDoNotSign(t *testing.T) {
	t.Parallel()
	small := must(rsa.GenerateKey(rand.Reader, 1024))
	for name, test := range map[string]struct {
		key    crypto.PublicKey
		policy cms.Policy
		want   error
	}{
		"RSA of 1024 bits": {key: small.Public(), want: cms.ErrWeak},
		"P-224":            {key: must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader)).Public(), want: cms.ErrWeak},
		"SHA-1":            {key: keys["rsa"]().Public(), policy: cms.Policy{Hash: crypto.SHA1}, want: cms.ErrWeak},
		"MD5":              {key: keys["p256"]().Public(), policy: cms.Policy{Hash: crypto.MD5}, want: cms.ErrWeak},
		"a string":         {key: "key", want: cms.ErrUnsupported},
	} {
		if _, err := cms.SchemeFor(test.key, test.policy); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	right := cms.Scheme{Algorithm: cms.RSAPKCS1, Hash: crypto.SHA256}
	for name, test := range map[string]struct {
		scheme cms.Scheme
		key    crypto.Signer
		want   error
	}{
		"as it should be":  {right, keys["rsa"](), nil},
		"SHA-1":            {cms.Scheme{Algorithm: cms.RSAPKCS1, Hash: crypto.SHA1}, keys["rsa"](), cms.ErrWeak},
		"RSA of 1024 bits": {right, small, cms.ErrWeak},
		"another's scheme": {right, keys["p256"](), cms.ErrUnsupported},
		"no salt":          {cms.Scheme{Algorithm: cms.RSAPSS, Hash: crypto.SHA256}, keys["rsa"](), cms.ErrUnsupported},
		"no scheme":        {cms.Scheme{}, keys["rsa"](), cms.ErrUnsupported},
		"no hash":          {cms.Scheme{Algorithm: cms.ECDSA}, keys["p256"](), cms.ErrUnsupported},
	} {
		if _, err := test.scheme.Sign(test.key, letter); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
		draft := newParty(t, "rsa").draft(letter, true)
		draft.Scheme, draft.Certificate = test.scheme, &x509.Certificate{Raw: letter, PublicKey: test.key.Public()}
		if _, err := cms.SignedAttributes(draft); !errors.Is(err, test.want) {
			t.Errorf("attributes, %s: %v, want %v", name, err, test.want)
		}
	}
}

func TestSchemeFollowsTheKey(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]cms.Scheme{
		"rsa":     {Algorithm: cms.RSAPKCS1, Hash: crypto.SHA256},
		"p256":    {Algorithm: cms.ECDSA, Hash: crypto.SHA256},
		"p384":    {Algorithm: cms.ECDSA, Hash: crypto.SHA384},
		"p521":    {Algorithm: cms.ECDSA, Hash: crypto.SHA512},
		"ed25519": {Algorithm: cms.Ed25519},
	} {
		if got := must(cms.SchemeFor(keys[kind]().Public(), cms.Policy{})); got != want {
			t.Errorf("%s: %v, want %v", kind, got, want)
		}
	}
	want := cms.Scheme{Algorithm: cms.RSAPSS, Hash: crypto.SHA512, SaltLen: 64}
	if got := must(cms.SchemeFor(keys["rsa"]().Public(), cms.Policy{PSS: true, Hash: crypto.SHA512})); got != want {
		t.Errorf("PSS: %v, want %v", got, want)
	}
}

func TestAKeyDoesNotSignForAnothersCertificate(t *testing.T) {
	t.Parallel()
	draft := newParty(t, "p256").draft(letter, false)
	if _, err := cms.Sign(keys["other"](), draft); !errors.Is(err, cms.ErrCertificate) {
		t.Errorf("%v", err)
	}
	draft.Certificate = nil
	if _, err := cms.Sign(keys["other"](), draft); !errors.Is(err, cms.ErrCertificate) {
		t.Errorf("%v", err)
	}
}

func TestADraftWithoutTheRightDigestIsRefused(t *testing.T) {
	t.Parallel()
	party := newParty(t, "p384")
	draft := party.draft(letter, false)
	for _, sum := range [][]byte{nil, hashed(crypto.SHA256, letter)} {
		draft.ContentDigest = sum
		if _, err := cms.SignedAttributes(draft); !errors.Is(err, cms.ErrDigest) {
			t.Errorf("digest of %d bytes: %v", len(sum), err)
		}
	}
}

func TestUnsignedAttributesChangeNothingElse(t *testing.T) {
	t.Parallel()
	party := newParty(t, "rsa")
	before := must(cms.Sign(party.key, party.draft(letter, true)))
	stamp := cms.Attribute{Type: cms.OIDSignatureTimestamp, Values: [][]byte{{0x30, 0x00}}}
	after := must(cms.AddUnsigned(before, 0, stamp))
	draft := party.draft(letter, true)
	draft.Unsigned = []cms.Attribute{stamp}
	if diff := cmp.Diff(must(cms.Sign(party.key, draft)), after); diff != "" {
		t.Error("added later it differs from assembled at once", diff)
	}
	if diff := cmp.Diff(before, must(cms.ReplaceUnsigned(after, 0, cms.Attribute{Type: stamp.Type}))); diff != "" {
		t.Error("taken away it differs from before", diff)
	}
	other := cms.Attribute{Type: cms.OIDArchiveTimestampV3, Values: [][]byte{{0x05, 0x00}}}
	both := must(cms.AddUnsigned(after, 0, other, stamp))
	signer := must(cms.Parse(both)).Signers[0]
	if len(signer.Unsigned) != 3 || len(signer.SignatureStamps) != 2 {
		t.Errorf("%d unsigned, %d stamps", len(signer.Unsigned), len(signer.SignatureStamps))
	}
	newer := cms.Attribute{Type: stamp.Type, Values: [][]byte{{0x30, 0x02, 0x05, 0x00}}}
	signer = must(cms.Parse(must(cms.ReplaceUnsigned(both, 0, newer)))).Signers[0]
	if diff := cmp.Diff(newer.Values, signer.SignatureStamps); diff != "" || len(signer.Unsigned) != 2 {
		t.Error(diff)
	}
	checkSigner(t, party, &signer, []*x509.Certificate{party.certificate})
	for _, index := range []int{-1, 1} {
		if _, err := cms.AddUnsigned(before, index, stamp); !errors.Is(err, cms.ErrMalformed) {
			t.Errorf("signer %d: %v", index, err)
		}
	}
}

func TestWhatCouldNotBeReadAgainIsNotWritten(t *testing.T) {
	t.Parallel()
	party := newParty(t, "p256")
	fits := cms.MaxSize - 2000
	der := must(cms.Sign(party.key, party.draft(make([]byte, fits), true)))
	if signed := must(cms.Parse(der)); len(signed.Content) != fits {
		t.Errorf("%d bytes of content", len(signed.Content))
	}
	if _, err := cms.Sign(party.key, party.draft(make([]byte, cms.MaxSize), true)); !errors.Is(err, cms.ErrLimit) {
		t.Error(err)
	}
	stamp := cms.Attribute{Type: cms.OIDSignatureTimestamp, Values: [][]byte{raw(0x04, make([]byte, 4000))}}
	if _, err := cms.AddUnsigned(der, 0, stamp); !errors.Is(err, cms.ErrLimit) {
		t.Error(err)
	}
}

func TestWhatIsNotDERIsNotWritten(t *testing.T) {
	t.Parallel()
	party := newParty(t, "p256")
	whole := must(cms.Sign(party.key, party.draft(letter, false)))
	for _, wrong := range [][]byte{nil, letter, {0x30, 0x80, 0, 0}, {0x30, 0x81, 0}, {0x05, 0x00, 0x00}} {
		attributes := []cms.Attribute{{Type: cms.OIDSignatureTimestamp, Values: [][]byte{wrong}}}
		for name, spoil := range map[string]func(*cms.Draft){
			"signed":   func(d *cms.Draft) { d.Signed = attributes },
			"unsigned": func(d *cms.Draft) { d.Unsigned = attributes },
			"CRL":      func(d *cms.Draft) { d.CRLs = [][]byte{wrong} },
			"OCSP":     func(d *cms.Draft) { d.OCSPs = [][]byte{wrong} },
		} {
			draft := party.draft(letter, false)
			spoil(&draft)
			if _, err := cms.Sign(party.key, draft); !errors.Is(err, cms.ErrMalformed) {
				t.Errorf("%s %x: %v", name, wrong, err)
			}
		}
		if _, err := cms.AddUnsigned(whole, 0, attributes...); !errors.Is(err, cms.ErrMalformed) {
			t.Errorf("added %x: %v", wrong, err)
		}
		if _, err := cms.ReplaceUnsigned(whole, 0, attributes...); !errors.Is(err, cms.ErrMalformed) {
			t.Errorf("replaced by %x: %v", wrong, err)
		}
		if _, err := cms.Assemble(party.draft(letter, false), wrong, nil); !errors.Is(err, cms.ErrMalformed) {
			t.Errorf("attributes %x: %v", wrong, err)
		}
	}
}

// keyless is a remote key: it is a crypto.Signer and nothing else.
type keyless struct{ crypto.Signer }

func TestRemoteKeysSign(t *testing.T) {
	t.Parallel()
	for name, party := range everyScheme(t) {
		party.key = keyless{party.key}
		der, err := cms.Sign(party.key, party.draft(letter, false))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		signer := must(cms.Parse(der)).Signers[0]
		checkSigner(t, party, &signer, []*x509.Certificate{party.certificate})
	}
}

func TestLargeIdentifiersAndNumbersSurvive(t *testing.T) {
	t.Parallel()
	party := newAuthority(t, "p256")
	info := stampInfo()
	info.Policy = asn1.ObjectIdentifier{2, 999, 1 << 30, 0, 127, 128, 16383, 16384}
	info.Serial = new(big.Int).Lsh(big.NewInt(1), 159)
	info.Nonce = big.NewInt(-1)
	token := must(cms.ParseTimestampToken(must(cms.BuildTimestampToken(party.key, party.draft(nil, false), info))))
	if !token.Info.Policy.Equal(info.Policy) || token.Info.Serial.Cmp(info.Serial) != 0 ||
		token.Info.Nonce.Cmp(info.Nonce) != 0 {
		t.Errorf("%+v", token.Info)
	}
	if _, ok := keys["ed25519"]().(ed25519.PrivateKey); !ok {
		t.Error("the golden files rest on Ed25519")
	}
}
