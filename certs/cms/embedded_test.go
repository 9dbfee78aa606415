package cms_test

import (
	"crypto"
	"encoding/asn1"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"congvan/certs/cms"
)

func TestEmbeddedEvidenceIsRead(t *testing.T) {
	t.Parallel()
	party := newParty(t, "p256")
	crl, ocsp, basic := raw(0x30, []byte{2, 1, 7}), raw(0x30, []byte{0x0a, 1, 0}), raw(0x30, []byte{2, 1, 9})
	adobe := raw(0x30, raw(0xa0, raw(0x30, crl)), raw(0xa1, raw(0x30, ocsp, ocsp)))
	cades := raw(0x30, raw(0xa1, raw(0x30, basic)), raw(0xa2, raw(0x30)))
	unreadable := raw(0x30, []byte{2, 1, 1})
	draft := party.draft(letter, false)
	draft.Signed = []cms.Attribute{{Type: cms.OIDAdobeRevocation, Values: [][]byte{adobe}}}
	draft.Unsigned = []cms.Attribute{
		{Type: cms.OIDRevocationValues, Values: [][]byte{cades, {5, 0}}},
		{Type: cms.OIDCertificateValues, Values: [][]byte{raw(0x30, party.chain[0].Raw, unreadable), {5, 0}}},
	}
	signer := must(cms.Parse(must(cms.Sign(party.key, draft)))).Signers[0]
	if diff := cmp.Diff(adobe, signer.RevocationValues); diff != "" {
		t.Error(diff)
	}
	found := signer.Embedded()
	if len(found.Certificates) != 1 || !found.Certificates[0].Equal(party.chain[0]) {
		t.Errorf("%d certificates", len(found.Certificates))
	}
	found.Certificates = nil
	want := cms.Embedded{
		Unparsed: [][]byte{unreadable}, CRLs: [][]byte{crl}, OCSPs: [][]byte{ocsp, ocsp, basic},
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Error(diff)
	}
	for _, wrong := range [][]byte{nil, letter, raw(0x30, raw(0xa0, letter))} {
		if _, _, err := cms.ParseRevocationValues(wrong); !errors.Is(err, cms.ErrMalformed) {
			t.Errorf("%x: %v", wrong, err)
		}
	}
}

func TestDigestAlgorithmsAreKnownByAllTheirNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]crypto.Hash{
		"1.2.840.113549.2.5": crypto.MD5, "1.3.14.3.2.26": crypto.SHA1, "1.3.36.3.2.1": crypto.RIPEMD160,
		"2.16.840.1.101.3.4.2.1": crypto.SHA256, "2.16.840.1.101.3.4.2.2": crypto.SHA384,
		"2.16.840.1.101.3.4.2.3": crypto.SHA512, "2.16.840.1.101.3.4.2.4": crypto.SHA224,
		"2.16.840.1.101.3.4.2.6": crypto.SHA512_256, "2.16.840.1.101.3.4.2.9": crypto.SHA3_384,
		"1.2.840.113549.1.1.11": crypto.SHA256, "1.2.840.10045.4.3.3": crypto.SHA384, "1.3.14.3.2.29": crypto.SHA1,
		"1.2.840.113549.1.1.1": 0, "2.16.840.1.101.3.4.2.12": cms.SHAKE256, "2.16.840.1.101.3.4.2.18": 0, "1.2.3": 0,
	} {
		for _, parameters := range [][]byte{nil, {0x05, 0x00}, raw(0x30)} {
			algorithm := raw(0x30, oid(parseOID(t, name)), parameters)
			key := raw(0x80, []byte{1})
			info := raw(0x30, versionOne, key, algorithm, raw(0x30, oid(cms.OIDData)), raw(0x04))
			signed := must(cms.Parse(ending(raw(0x31, info))))
			signer := signed.Signers[0]
			if signer.Digest != want || signer.DigestOID.String() != name {
				t.Errorf("%s is %v by %v, want %v", name, signer.Digest, signer.DigestOID, want)
			}
			if needed := len(signed.Hashes()) == 1; needed != (want != 0 && want != crypto.RIPEMD160) {
				t.Errorf("%s: needed is %v", name, signed.Hashes())
			}
		}
	}
}

func parseOID(t *testing.T, text string) asn1.ObjectIdentifier {
	t.Helper()
	var id asn1.ObjectIdentifier
	arc := 0
	for _, c := range text + "." {
		if c == '.' {
			id, arc = append(id, arc), 0
			continue
		}
		arc = 10*arc + int(c-'0')
	}
	return id
}
