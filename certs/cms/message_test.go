package cms_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	mathrand "math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mozilla.org/pkcs7"

	"congvan/certs/cms"
)

func TestMessageOpensToExactlyWhatWasSealed(t *testing.T) {
	t.Parallel()
	large := make([]byte, 512<<10)
	rand.Read(large)
	contents := map[string][]byte{"letter": letter, "nothing": {}, "DER": {0x30, 0x02, 0x05, 0x00}, "large": large}
	for kind := range keys {
		party := newParty(t, kind)
		for name, content := range contents {
			for how, key := range map[string]crypto.Signer{"in memory": party.key, "remote": keyless{party.key}} {
				sealed, err := cms.SealMessage(content, key, party.certificate, party.chain)
				if err != nil {
					t.Fatal(kind, name, how, err)
				}
				message, err := cms.OpenMessage(sealed)
				if err != nil {
					t.Fatal(kind, name, how, err)
				}
				if !bytes.Equal(message.Content, content) || !message.Signer.Equal(party.certificate) {
					t.Errorf("%s by %s %s opens to %d bytes by %v", name, kind, how, len(message.Content), message.Signer.Subject)
				}
				if len(message.Others) != 1 || !message.Others[0].Equal(party.chain[0]) {
					t.Errorf("%s by %s %s: %d others", name, kind, how, len(message.Others))
				}
			}
		}
	}
}

func TestMessageThatWasTouchedDoesNotOpen(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"rsa", "p256", "ed25519"} {
		party := newParty(t, kind)
		sealed := must(cms.SealMessage(letter, party.key, party.certificate, party.chain))
		at := bytes.Index(sealed, letter)
		sealed[at] ^= 1
		if _, err := cms.OpenMessage(sealed); !errors.Is(err, cms.ErrDigest) {
			t.Errorf("%s, content: %v", kind, err)
		}
		sealed[at] ^= 1
		sealed[len(sealed)-1] ^= 1
		if _, err := cms.OpenMessage(sealed); !errors.Is(err, cms.ErrSignature) {
			t.Errorf("%s, value: %v", kind, err)
		}
		sealed[len(sealed)-1] ^= 1
		for name, other := range map[string][]byte{"padded": append(bytes.Clone(sealed), 0), "BER": ber(sealed, 100)} {
			if _, err := cms.OpenMessage(other); !errors.Is(err, cms.ErrMalformed) {
				t.Errorf("%s, %s: %v", kind, name, err)
			}
		}
	}
}

func TestMessageMustBeOneSignatureOverAttributesWithItsCertificate(t *testing.T) {
	t.Parallel()
	party, other := newParty(t, "p256"), newParty(t, "other")
	draft := party.draft(letter, true)
	attributes := must(cms.SignedAttributes(draft))
	value := must(party.scheme.Sign(party.key, attributes))
	stranger := draft
	stranger.Certificate, stranger.Chain = other.certificate, nil
	detached := must(cms.Sign(party.key, party.draft(letter, false)))
	bundle := must(cms.CertificateBundle(party.chain))
	namesake := draft // bound by ESS to one certificate, sent with another of the same name, number and key
	namesake.Certificate = newAuthority(t, "p256").certificate
	stamp := must(cms.BuildTimestampToken(party.key, party.draft(nil, false), stampInfo()))
	for name, test := range map[string]struct {
		message []byte
		want    error
	}{
		"its own":            {must(cms.Assemble(draft, attributes, value)), nil},
		"detached":           {detached, cms.ErrMalformed},
		"certificates only":  {bundle, cms.ErrMalformed},
		"somebody else's":    {must(cms.Assemble(stranger, attributes, value)), cms.ErrCertificate},
		"of a namesake":      {must(cms.Assemble(namesake, attributes, value)), cms.ErrCertificate},
		"without attributes": {withoutAttributes(party), cms.ErrUnsupported},
		"a time-stamp":       {stamp, cms.ErrMalformed},
	} {
		if _, err := cms.OpenMessage(test.message); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

// withoutAttributes is a message whose value is over the content itself.
func withoutAttributes(party party) []byte {
	algorithm := raw(0x30, oid([]int{2, 16, 840, 1, 101, 3, 4, 2, 1}))
	name := raw(0x30, party.certificate.RawIssuer, raw(0x02, party.certificate.SerialNumber.Bytes()))
	info := raw(0x30, []byte{2, 1, 1}, name, algorithm, raw(0x30, oid([]int{1, 2, 840, 10045, 4, 3, 2})),
		raw(0x04, must(party.scheme.Sign(party.key, letter))))
	return wrapped(versionOne, raw(0x31, algorithm), raw(0x30, oid(cms.OIDData), raw(0xa0, raw(0x04, letter))),
		raw(0xa0, party.certificate.Raw), raw(0x31, info))
}

func TestMessageOfAnExpiredCertificateStillOpens(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"rsa", "p256"} {
		party := newParty(t, kind)
		template := &x509.Certificate{
			SerialNumber: big.NewInt(9), NotBefore: someday.AddDate(-60, 0, 0), NotAfter: someday.AddDate(-50, 0, 0),
		}
		der := must(x509.CreateCertificate(rand.Reader, template, template, party.key.Public(), party.key))
		sealed := must(cms.SealMessage(letter, party.key, must(x509.ParseCertificate(der)), nil))
		if message, err := cms.OpenMessage(sealed); err != nil || !bytes.Equal(message.Content, letter) {
			t.Errorf("%s: whether a certificate is good is judged elsewhere: %v", kind, err)
		}
	}
}

func TestMessageTooLargeToOpenIsNotSealed(t *testing.T) {
	t.Parallel()
	party := newParty(t, "p256")
	for _, key := range []crypto.Signer{party.key, keyless{party.key}} {
		_, err := cms.SealMessage(make([]byte, cms.MaxSize), key, party.certificate, nil)
		if !errors.Is(err, cms.ErrLimit) {
			t.Error(err)
		}
	}
	if _, err := cms.SealMessage(letter, party.key, party.chain[0], nil); !errors.Is(err, cms.ErrCertificate) {
		t.Errorf("sealed with another's certificate: %v", err)
	}
}

func TestBundleHoldsItsCertificates(t *testing.T) {
	t.Parallel()
	var want []*x509.Certificate
	for _, kind := range []string{"rsa", "p256", "ed25519"} {
		want = append(want, newParty(t, kind).certificate)
	}
	der := must(cms.CertificateBundle(want))
	text := pem.EncodeToMemory(&pem.Block{Type: "PKCS7", Bytes: der})
	spaced := append([]byte("\n\n"), text...)
	for name, bundle := range map[string][]byte{"DER": der, "PEM": text, "PEM after lines": spaced} {
		got, err := cms.ParseCertificateBundle(bundle)
		if err != nil {
			t.Fatal(name, err)
		}
		equal := cmp.Comparer(func(a, b *x509.Certificate) bool { return a.Equal(b) })
		if diff := cmp.Diff(want, got, equal); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if _, err := cms.CertificateBundle(nil); !errors.Is(err, cms.ErrLimit) {
		t.Errorf("a bundle of nothing: %v", err)
	}
	ed25519, ed448 := []byte{0x30, 5, 6, 3, 0x2b, 0x65, 0x70}, []byte{0x30, 5, 6, 3, 0x2b, 0x65, 0x71}
	spoiled := bytes.Replace(der, ed25519, ed448, 1)
	if got, err := cms.ParseCertificateBundle(spoiled); !errors.Is(err, cms.ErrMalformed) || len(got) == 0 {
		t.Errorf("one unreadable certificate: %d read, %v", len(got), err)
	}
}

// TestWhatOpensHasTheSameContentForAnotherReader changes messages at random: what still opens must hold what was
// sealed, also to go.mozilla.org/pkcs7, so that no two readers can be shown different contents.
func TestWhatOpensHasTheSameContentForAnotherReader(t *testing.T) {
	t.Parallel()
	const seed = 20261122
	random := mathrand.New(mathrand.NewPCG(seed, seed))
	var originals [][]byte
	for _, kind := range []string{"rsa", "p256"} {
		party := newParty(t, kind)
		for _, key := range []crypto.Signer{party.key, keyless{party.key}} {
			originals = append(originals, must(cms.SealMessage(letter, key, party.certificate, party.chain)))
		}
	}
	opened, agreed := 0, 0
	for i := range 6_000 {
		data := originals[i%len(originals)]
		if i >= len(originals) {
			data = mutate(random, originals)
		}
		message, err := cms.OpenMessage(data)
		if err != nil {
			continue
		}
		opened++
		if !bytes.Equal(message.Content, letter) {
			t.Fatalf("mutant %d of seed %d opens to other content: %x", i, seed, data)
		}
		other, err := pkcs7.Parse(data)
		if err != nil || other.Verify() != nil {
			continue
		}
		agreed++
		if !bytes.Equal(other.Content, message.Content) {
			t.Fatalf("mutant %d of seed %d has two contents: %x", i, seed, data)
		}
	}
	t.Logf("seed %d: %d opened, %d also to the library", seed, opened, agreed)
	if opened < len(originals) || agreed < len(originals) {
		t.Errorf("%d opened, %d also to the library", opened, agreed)
	}
}
