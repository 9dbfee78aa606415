package cms_test

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"congvan/certs/cms"
)

var bigInts = cmp.Comparer(func(a, b *big.Int) bool { return (a == nil) == (b == nil) && (a == nil || a.Cmp(b) == 0) })

func stampInfo() cms.TSTInfo {
	return cms.TSTInfo{
		Policy: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}, Hash: crypto.SHA256,
		HashOID: asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1},
		Imprint: hashed(crypto.SHA256, letter),
		Serial:  big.NewInt(42), Time: someday.Add(123456 * time.Microsecond),
		Accuracy: 1500*time.Millisecond + 7*time.Microsecond, Ordering: true, Nonce: big.NewInt(0x7fffffffffff),
		Authority: []byte{0x82, 3, 't', 's', 'a'},
	}
}

func TestTimestampSaysWhatWasStamped(t *testing.T) {
	t.Parallel()
	plain := stampInfo()
	plain.Accuracy, plain.Ordering, plain.Nonce, plain.Authority, plain.Time = 0, false, nil, nil, someday
	for name, info := range map[string]cms.TSTInfo{"full": stampInfo(), "plain": plain} {
		for kind := range map[string]bool{"rsa": true, "p256": true, "ed25519": true} {
			authority := newAuthority(t, kind)
			der, err := cms.BuildTimestampToken(authority.key, authority.draft(nil, false), info)
			if err != nil {
				t.Fatal(name, err)
			}
			token, err := cms.ParseTimestampToken(der)
			if err != nil {
				t.Fatal(name, err)
			}
			if diff := cmp.Diff(info, token.Info, bigInts); diff != "" {
				t.Errorf("%s by %s: %s", name, kind, diff)
			}
			found := token.FindSigner(nil)
			if found == nil || !found.Equal(authority.certificate) {
				t.Fatal("the authority's certificate is not found")
			}
			if err := token.Verify(found); err != nil {
				t.Errorf("%s by %s: %v", name, kind, err)
			}
			if !token.Covers(crypto.SHA256, hashed(crypto.SHA256, letter)) ||
				token.Covers(crypto.SHA256, hashed(crypto.SHA256, nil)) || token.Covers(crypto.SHA512, info.Imprint) {
				t.Errorf("%s covers other digests", name)
			}
		}
	}
}

func TestTimestampKeepsItsBytes(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t, "ed25519")
	golden(t, "token.tst", must(cms.BuildTimestampToken(authority.key, authority.draft(nil, false), stampInfo())))
}

func TestTimestampOfAnotherAuthorityIsRefused(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t, "p256")
	token := must(cms.ParseTimestampToken(must(
		cms.BuildTimestampToken(authority.key, authority.draft(nil, false), stampInfo()))))
	if err := token.Verify(authority.chain[0]); !errors.Is(err, cms.ErrCertificate) {
		t.Errorf("issuer's certificate: %v", err)
	}
	imitation := *authority.certificate
	imitation.Raw = bytes.Clone(imitation.Raw)
	imitation.Raw[len(imitation.Raw)-1] ^= 1
	if err := token.Verify(&imitation); !errors.Is(err, cms.ErrCertificate) {
		t.Errorf("a certificate of the same name and key that ESS does not name: %v", err)
	}
}

func TestChangedTimestampIsNoticed(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t, "p256")
	der := must(cms.BuildTimestampToken(authority.key, authority.draft(nil, false), stampInfo()))
	at := bytes.Index(der, []byte("20260819030405"))
	der[at+3] = '7' // a year later
	token := must(cms.ParseTimestampToken(der))
	if token.Info.Time.Year() != 2027 {
		t.Fatal(token.Info.Time)
	}
	if err := token.Verify(authority.certificate); !errors.Is(err, cms.ErrDigest) || errors.Is(err, cms.ErrSignature) {
		t.Error(err)
	}
}

func TestSignedDataThatIsNoTimestampIsRefused(t *testing.T) {
	t.Parallel()
	party := newParty(t, "p256")
	detached, nonsense := party.draft(letter, false), party.draft(letter, true)
	detached.ContentType, nonsense.ContentType = cms.OIDTSTInfo, cms.OIDTSTInfo
	drafts := map[string]cms.Draft{"data": party.draft(letter, true), "detached": detached, "nonsense": nonsense}
	for name, draft := range drafts {
		if _, err := cms.ParseTimestampToken(must(cms.Sign(party.key, draft))); !errors.Is(err, cms.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTimestampWithoutTheNecessaryIsNotMade(t *testing.T) {
	t.Parallel()
	party := newAuthority(t, "p256")
	for name, spoil := range map[string]func(*cms.TSTInfo){
		"imprint": func(i *cms.TSTInfo) { i.Imprint = i.Imprint[1:] },
		"hash":    func(i *cms.TSTInfo) { i.Hash = 0 },
		"serial":  func(i *cms.TSTInfo) { i.Serial = nil },
		"policy":  func(i *cms.TSTInfo) { i.Policy = nil },
		"time":    func(i *cms.TSTInfo) { i.Time = time.Time{} },
	} {
		info := stampInfo()
		spoil(&info)
		if _, err := cms.BuildTimestampToken(party.key, party.draft(nil, false), info); err == nil {
			t.Errorf("made without %s", name)
		}
	}
}

func TestTimestampRequestsAreReadBack(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]cms.TimestampRequest{
		"bare": {Hash: crypto.SHA512, Digest: hashed(crypto.SHA512, letter)},
		"full": {
			Hash: crypto.SHA3_256, Digest: hashed(crypto.SHA3_256, letter), Policy: asn1.ObjectIdentifier{1, 2, 3},
			Nonce: new(big.Int).Lsh(big.NewInt(5), 62), Certificates: true,
		},
	} {
		der, err := cms.MarshalTimestampRequest(want)
		if err != nil {
			t.Fatal(name, err)
		}
		got, err := cms.ParseTimestampRequest(der)
		if err != nil {
			t.Fatal(name, err)
		}
		if diff := cmp.Diff(want, *got, bigInts); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if _, err := cms.ParseTimestampRequest(append(der, 1)); !errors.Is(err, cms.ErrMalformed) {
			t.Errorf("%s with a byte after it: %v", name, err)
		}
	}
	_, err := cms.MarshalTimestampRequest(cms.TimestampRequest{Hash: crypto.SHA256})
	if !errors.Is(err, cms.ErrUnsupported) {
		t.Errorf("request for no digest: %v", err)
	}
}

func TestTimestampResponsesAreReadBack(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]cms.TimestampResponse{
		"granted":  {Status: cms.Granted, Failure: cms.NoFailureStated, Token: []byte{0x30, 0x00}},
		"modified": {Status: cms.GrantedWithMods, Failure: cms.NoFailureStated, Token: []byte{0x30, 0x00}},
		"policy":   {Status: cms.Rejection, Failure: cms.UnacceptedPolicy, Text: []string{"không nhận", "policy"}},
		"system":   {Status: cms.Rejection, Failure: cms.SystemFailure},
		"first":    {Status: cms.Rejection, Failure: cms.BadAlgorithm},
		"silent":   {Status: cms.Waiting, Failure: cms.NoFailureStated},
	} {
		der, err := cms.MarshalTimestampResponse(want)
		if err != nil {
			t.Fatal(name, err)
		}
		got, err := cms.ParseTimestampResponse(der)
		if err != nil {
			t.Fatal(name, err)
		}
		if diff := cmp.Diff(want, *got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for name, wrong := range map[string]cms.TimestampResponse{
		"granted without a token": {Status: cms.Granted},
		"refused with a token":    {Status: cms.Rejection, Token: []byte{0x30, 0x00}},
	} {
		if _, err := cms.MarshalTimestampResponse(wrong); !errors.Is(err, cms.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, der := range map[string][]byte{
		"granted without a token": {0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x00},
		"refused with a token":    {0x30, 0x07, 0x30, 0x03, 0x02, 0x01, 0x02, 0x30, 0x00},
		"empty":                   {},
		"no status":               {0x30, 0x02, 0x30, 0x00},
	} {
		if _, err := cms.ParseTimestampResponse(der); !errors.Is(err, cms.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
