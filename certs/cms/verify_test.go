package cms_test

import (
	"bytes"
	"crypto"
	"crypto/dsa" //nolint:staticcheck // archives hold DSA signatures
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
	"testing"

	"congvan/certs/cms"
)

// raw is the DER of a value.
func raw(tag byte, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	switch n := len(body); {
	case n < 0x80:
		return append([]byte{tag, byte(n)}, body...)
	case n < 0x100:
		return append([]byte{tag, 0x81, byte(n)}, body...)
	case n < 0x10000:
		return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, body...)
	default:
		return append([]byte{tag, 0x83, byte(n >> 16), byte(n >> 8), byte(n)}, body...)
	}
}

func oid(oid asn1.ObjectIdentifier) []byte { return must(asn1.Marshal(oid)) }

func attribute(id asn1.ObjectIdentifier, values ...[]byte) []byte {
	return raw(0x30, oid(id), raw(0x31, values...))
}

// signedOver makes a signature over attributes written by hand.
func signedOver(party party, attributes ...[]byte) cms.SignerInfo {
	set := raw(0x31, attributes...)
	value := must(party.scheme.Sign(party.key, set))
	return must(cms.Parse(must(cms.Assemble(party.draft(letter, false), set, value)))).Signers[0]
}

func TestVerificationSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, party := range everyScheme(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			signer := must(cms.Parse(must(cms.Sign(party.key, party.draft(letter, false))))).Signers[0]
			right := hashed(signer.Digest, letter)
			wrong := hashed(signer.Digest, letter[1:])
			coverage, err := signer.Verify(party.certificate, wrong)
			if coverage != cms.OverAttributes || !errors.Is(err, cms.ErrDigest) || errors.Is(err, cms.ErrSignature) {
				t.Errorf("other content: coverage %v, %v", coverage, err)
			}
			if _, err := signer.VerifyKey(keys["other"]().Public(), right); !only(err, cms.ErrSignature) {
				t.Errorf("other key: %v", err)
			}
			for _, at := range []int{0, len(signer.Signature) / 2, len(signer.Signature) - 1} {
				spoiled := signer
				spoiled.Signature = bytes.Clone(signer.Signature)
				spoiled.Signature[at] ^= 1
				if coverage, err := spoiled.Verify(party.certificate, right); coverage != 0 || !only(err, cms.ErrSignature) {
					t.Errorf("byte %d of the value: coverage %v, %v", at, coverage, err)
				}
			}
			for _, value := range [][]byte{nil, {}, {0}, signer.Signature[1:], append(signer.Signature, 0)} {
				spoiled := signer
				spoiled.Signature = value
				if _, err := spoiled.Verify(party.certificate, right); !only(err, cms.ErrSignature) {
					t.Errorf("value of %d bytes: %v", len(value), err)
				}
			}
			spoiled := signer
			spoiled.Signature = nil
			_, err = spoiled.Verify(party.certificate, wrong)
			if !errors.Is(err, cms.ErrSignature) || !errors.Is(err, cms.ErrDigest) {
				t.Errorf("both wrong: %v", err)
			}
		})
	}
}

// only says whether err is of this kind and of no other.
func only(err, kind error) bool {
	kinds := []error{
		cms.ErrDigest, cms.ErrSignature, cms.ErrAttributes, cms.ErrUnsupported, cms.ErrCertificate, cms.ErrMalformed,
		cms.ErrLimit,
	}
	for _, other := range kinds {
		if errors.Is(err, other) != errors.Is(kind, other) {
			return false
		}
	}
	return true
}

func TestContradictoryAttributesAreRefused(t *testing.T) {
	t.Parallel()
	party := newParty(t, "p256")
	sum := hashed(crypto.SHA256, letter)
	contentType := attribute(cms.OIDContentType, oid(cms.OIDData))
	messageDigest := attribute(cms.OIDMessageDigest, raw(0x04, sum))
	sha256 := raw(0x30, oid(asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}))
	sha512 := raw(0x30, oid(asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}))
	ecdsa256 := raw(0xa1, oid(asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}))
	ecdsa512 := raw(0xa1, oid(asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}))
	withType := func(values ...[]byte) [][]byte {
		return [][]byte{attribute(cms.OIDContentType, values...), messageDigest}
	}
	withDigest := func(values ...[]byte) [][]byte {
		return [][]byte{contentType, attribute(cms.OIDMessageDigest, values...)}
	}
	withProtection := func(values ...[]byte) [][]byte {
		return [][]byte{contentType, messageDigest, attribute(cms.OIDAlgorithmProtection, values...)}
	}
	protection := func(digest, signature []byte) [][]byte { return withProtection(raw(0x30, digest, signature)) }
	for name, test := range map[string]struct {
		attributes [][]byte
		want       error
	}{
		"what there must be":        {[][]byte{contentType, messageDigest}, nil},
		"no content type":           {[][]byte{messageDigest}, cms.ErrAttributes},
		"no message digest":         {[][]byte{contentType}, cms.ErrAttributes},
		"nothing":                   {nil, cms.ErrAttributes},
		"two message digests":       {[][]byte{contentType, messageDigest, messageDigest}, cms.ErrAttributes},
		"two values of one":         {withDigest(raw(4, sum), raw(4, sum)), cms.ErrAttributes},
		"two content types":         {[][]byte{contentType, contentType, messageDigest}, cms.ErrAttributes},
		"content type without one":  {withType(), cms.ErrAttributes},
		"other content type":        {withType(oid(cms.OIDTSTInfo)), cms.ErrAttributes},
		"content type as a string":  {withType(raw(4, oid(cms.OIDData))), cms.ErrAttributes},
		"digest as a bit string":    {withDigest(raw(3, []byte{0}, sum)), cms.ErrDigest},
		"algorithms protected":      {protection(sha256, ecdsa256), nil},
		"other digest protected":    {protection(sha512, ecdsa256), cms.ErrAttributes},
		"other algorithm protected": {protection(sha256, ecdsa512), cms.ErrAttributes},
		"nothing protected":         {withProtection(), cms.ErrAttributes},
		"protected by nonsense":     {withProtection(raw(4)), cms.ErrAttributes},
	} {
		signer := signedOver(party, test.attributes...)
		coverage, err := signer.Verify(party.certificate, sum)
		if !errors.Is(err, test.want) || errors.Is(err, cms.ErrSignature) || coverage != cms.OverAttributes {
			t.Errorf("%s: coverage %v, %v, want %v", name, coverage, err, test.want)
		}
	}
}

func TestAttributesMayBeSentInAnotherOrderThanSigned(t *testing.T) {
	t.Parallel()
	party := newParty(t, "p256")
	draft := party.draft(letter, false)
	sum := draft.ContentDigest
	longer := attribute(cms.OIDMessageDigest, raw(0x04, sum))
	shorter := attribute(cms.OIDContentType, oid(cms.OIDData))
	sorted, reversed := raw(0x31, shorter, longer), raw(0x31, longer, shorter)
	for name, test := range map[string]struct {
		signed, sent []byte
		want         cms.Coverage
	}{
		"sorted both times":         {sorted, sorted, cms.OverAttributes},
		"reversed both times":       {reversed, reversed, cms.OverAttributes},
		"signed sorted, sent not":   {sorted, reversed, cms.OverSortedAttributes},
		"signed reversed, sent not": {reversed, sorted, cms.OverNothing},
	} {
		value := must(party.scheme.Sign(party.key, test.signed))
		signer := must(cms.Parse(must(cms.Assemble(draft, test.sent, value)))).Signers[0]
		coverage, err := signer.Verify(party.certificate, sum)
		if coverage != test.want || (err == nil) != (test.want != cms.OverNothing) {
			t.Errorf("%s: coverage %v, %v", name, coverage, err)
		}
	}
}

// bare is a SignedData without signed attributes over content of a type.
func bare(party party, contentType asn1.ObjectIdentifier, signatureOID asn1.ObjectIdentifier) cms.SignerInfo {
	sha256 := raw(0x30, oid(asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}))
	value := must(party.scheme.Sign(party.key, letter))
	id := party.certificate.SubjectKeyId
	name := raw(0x80, id)
	if contentType.Equal(cms.OIDTSTInfo) {
		name = raw(0xa0, raw(0x04, id[:7]), raw(0x04, id[7:])) // in pieces, as BER may send it
	}
	info := raw(0x30, []byte{2, 1, 3}, name, sha256, raw(0x30, oid(signatureOID)), raw(0x04, value))
	content := raw(0x30, oid(contentType), raw(0xa0, raw(0x04, letter)))
	return must(cms.Parse(wrapped([]byte{2, 1, 3}, raw(0x31, sha256), content, raw(0x31, info)))).Signers[0]
}

func TestSignatureWithoutAttributesIsOverTheContentOnly(t *testing.T) {
	t.Parallel()
	party := newParty(t, "p256")
	ecdsa256 := asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
	sum := hashed(crypto.SHA256, letter)
	signer := bare(party, cms.OIDData, ecdsa256)
	if signer.FindSigner([]*x509.Certificate{party.chain[0], party.certificate}) != party.certificate {
		t.Error("not found by its key identifier")
	}
	if coverage, err := signer.Verify(party.certificate, sum); err != nil || coverage != cms.OverContent {
		t.Errorf("coverage %v, %v", coverage, err)
	}
	if _, err := signer.Verify(party.certificate, hashed(crypto.SHA256, nil)); !only(err, cms.ErrSignature) {
		t.Errorf("other content: %v", err)
	}
	if present, _ := signer.MatchESS(party.certificate); present {
		t.Error("nothing binds the certificate, yet ESS is said to be present")
	}
	signer = bare(party, cms.OIDTSTInfo, ecdsa256)
	if signer.FindSigner([]*x509.Certificate{party.certificate}) != party.certificate {
		t.Error("not found by its key identifier in pieces")
	}
	if _, err := signer.Verify(party.certificate, sum); !only(err, cms.ErrAttributes) {
		t.Errorf("a time-stamp without attributes: %v", err)
	}
	signer = bare(party, cms.OIDData, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4})
	if _, err := signer.Verify(party.certificate, sum); !only(err, cms.ErrAttributes) {
		t.Errorf("two hashes: %v", err)
	}
	edwards := newParty(t, "ed25519")
	signer = bare(edwards, cms.OIDData, asn1.ObjectIdentifier{1, 3, 101, 112})
	if _, err := signer.Verify(edwards.certificate, sum); !only(err, cms.ErrUnsupported) {
		t.Errorf("Ed25519 over the content itself: %v", err)
	}
}

func TestWhatIsNotKnownIsNotDecided(t *testing.T) {
	t.Parallel()
	party := newParty(t, "p256")
	sum := hashed(crypto.SHA256, letter)
	signer := must(cms.Parse(must(cms.Sign(party.key, party.draft(letter, false))))).Signers[0]
	if _, err := signer.VerifyKey(struct{}{}, sum); !only(err, cms.ErrUnsupported) {
		t.Errorf("key: %v", err)
	}
	unknown := signer
	unknown.Scheme = cms.Scheme{}
	if _, err := unknown.Verify(party.certificate, sum); !only(err, cms.ErrUnsupported) {
		t.Errorf("scheme: %v", err)
	}
	unknown = signer
	unknown.Scheme.Hash = crypto.RIPEMD160
	if _, err := unknown.Verify(party.certificate, sum); !only(err, cms.ErrUnsupported) {
		t.Errorf("hash: %v", err)
	}
	huge := &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 1<<17), E: 3}
	if _, err := signer.VerifyKey(huge, sum); !only(err, cms.ErrUnsupported) {
		t.Errorf("huge RSA key: %v", err)
	}
	large := &dsa.PublicKey{Parameters: dsa.Parameters{P: huge.N, Q: huge.N, G: huge.N}, Y: huge.N}
	if _, err := signer.VerifyKey(large, sum); !only(err, cms.ErrUnsupported) {
		t.Errorf("huge DSA key: %v", err)
	}
	if _, err := signer.VerifyKey(ed25519.PublicKey("short"), sum); !only(err, cms.ErrSignature) {
		t.Errorf("short key: %v", err)
	}
}

// smallRSA is a key as they were before 2005. The standard library neither makes nor uses it.
type smallRSA struct {
	public *rsa.PublicKey
	d      *big.Int
}

func newSmallRSA(bits, exponent int) smallRSA {
	e := big.NewInt(int64(exponent))
	for {
		p, q := must(rand.Prime(rand.Reader, bits/2)), must(rand.Prime(rand.Reader, bits-bits/2))
		one := big.NewInt(1)
		phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		d := new(big.Int).ModInverse(e, phi)
		if n := new(big.Int).Mul(p, q); d != nil && n.BitLen() == bits {
			return smallRSA{public: &rsa.PublicKey{N: n, E: exponent}, d: d}
		}
	}
}

func (k smallRSA) raw(encoded []byte) []byte {
	m := new(big.Int).Exp(new(big.Int).SetBytes(encoded), k.d, k.public.N)
	return m.FillBytes(make([]byte, (k.public.N.BitLen()+7)/8))
}

// pkcs1 signs with a digest info whose prefix is given.
func (k smallRSA) pkcs1(prefix, sum []byte) []byte {
	size := (k.public.N.BitLen() + 7) / 8
	info := append(bytes.Clone(prefix), sum...)
	padding := slices.Repeat([]byte{0xff}, size-3-len(info))
	return k.raw(slices.Concat([]byte{0, 1}, padding, []byte{0}, info))
}

func TestLegacyRSAIsVerified(t *testing.T) {
	t.Parallel()
	sha1Info := []byte{0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14}
	sha1Bare := []byte{0x30, 0x1f, 0x30, 0x07, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x04, 0x14}
	sha1Loose := []byte{0x30, 0x22, 0x30, 0x0a, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x01, 0x00, 0x04, 0x14}
	sum := hashed(crypto.SHA1, letter)
	scheme := cms.Scheme{Algorithm: cms.RSAPKCS1, Hash: crypto.SHA1}
	for name, key := range map[string]smallRSA{
		"512 bits": newSmallRSA(512, 65537), "1023 bits": newSmallRSA(1023, 65537), "1024 bits": newSmallRSA(1024, 3),
		"large exponent": newSmallRSA(1024, 1<<40+15),
	} {
		if err := scheme.Verify(key.public, letter, key.pkcs1(sha1Info, sum)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := scheme.Verify(key.public, letter, key.pkcs1(sha1Bare, sum)); err != nil {
			t.Errorf("%s without NULL: %v", name, err)
		}
		if err := scheme.Verify(key.public, letter, key.pkcs1(sha1Loose, sum)); !only(err, cms.ErrSignature) {
			t.Errorf("%s with a byte chosen freely: %v", name, err)
		}
		if err := scheme.Verify(key.public, letter[1:], key.pkcs1(sha1Info, sum)); !only(err, cms.ErrSignature) {
			t.Errorf("%s over another letter: %v", name, err)
		}
		short := key.pkcs1(sha1Info, sum)[1:]
		if err := scheme.Verify(key.public, letter, short); !only(err, cms.ErrSignature) {
			t.Errorf("%s cut short: %v", name, err)
		}
	}
}

func TestOddRSAKeysAreNotFollowed(t *testing.T) {
	t.Parallel()
	scheme := cms.Scheme{Algorithm: cms.RSAPKCS1, Hash: crypto.SHA256}
	n := newSmallRSA(512, 65537).public.N
	for name, key := range map[string]*rsa.PublicKey{
		"nothing": {N: big.NewInt(0), E: 65537}, "one": {N: big.NewInt(1), E: 3},
		"negative": {N: new(big.Int).Neg(n), E: 65537}, "negative exponent": {N: n, E: -3},
		"exponent 0": {N: n, E: 0}, "exponent 1": {N: n, E: 1}, "exponent 2": {N: n, E: 2},
	} {
		for _, algorithm := range []cms.Algorithm{cms.RSAPKCS1, cms.RSAPSS} {
			scheme.Algorithm = algorithm
			value := make([]byte, (key.N.BitLen()+7)/8)
			if err := scheme.Verify(key, letter, value); !only(err, cms.ErrSignature) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestPSSIsVerifiedWithAnySaltAndMask(t *testing.T) {
	t.Parallel()
	key := keys["rsa"]().(*rsa.PrivateKey)
	sum := hashed(crypto.SHA256, letter)
	for _, salt := range []int{0, 1, 20, 32, 222} {
		options := &rsa.PSSOptions{SaltLength: salt, Hash: crypto.SHA256}
		value := must(rsa.SignPSS(rand.Reader, key, crypto.SHA256, sum, options))
		if salt == 0 {
			value = emptySalt(key, sum)
		}
		for _, mask := range []crypto.Hash{0, crypto.SHA256} { // the second takes the way of odd masks
			scheme := cms.Scheme{Algorithm: cms.RSAPSS, Hash: crypto.SHA256, SaltLen: salt, MGF: mask}
			if err := scheme.Verify(key.Public(), letter, value); err != nil {
				t.Errorf("salt of %d bytes, mask %d: %v", salt, mask, err)
			}
			if err := scheme.Verify(key.Public(), letter[1:], value); !only(err, cms.ErrSignature) {
				t.Errorf("salt of %d bytes, mask %d, over another letter: %v", salt, mask, err)
			}
		}
		scheme := cms.Scheme{Algorithm: cms.RSAPSS, Hash: crypto.SHA256, SaltLen: salt, MGF: crypto.SHA1}
		if err := scheme.Verify(key.Public(), letter, value); !only(err, cms.ErrSignature) {
			t.Errorf("another mask: %v", err)
		}
	}
}

// emptySalt makes a PSS value without salt, which crypto/rsa takes for a wish that it choose.
func emptySalt(key *rsa.PrivateKey, sum []byte) []byte {
	size := key.Size()
	h := hashed(crypto.SHA256, append(make([]byte, 8), sum...))
	block := make([]byte, size-33)
	block[len(block)-1] = 1
	for i, at := uint32(0), 0; at < len(block); i, at = i+1, at+32 {
		mask := hashed(crypto.SHA256, append(bytes.Clone(h), byte(i>>24), byte(i>>16), byte(i>>8), byte(i)))
		for j := 0; j < 32 && at+j < len(block); j++ {
			block[at+j] ^= mask[j]
		}
	}
	block[0] &= 0x7f
	encoded := slices.Concat(block, h, []byte{0xbc})
	value := new(big.Int).Exp(new(big.Int).SetBytes(encoded), key.D, key.N)
	return value.FillBytes(make([]byte, size))
}

func TestSignerIsFoundAmongNamesakesByESS(t *testing.T) {
	t.Parallel()
	party := newParty(t, "p256")
	signer := must(cms.Parse(must(cms.Sign(party.key, party.draft(letter, false))))).Signers[0]
	imitation := *party.certificate
	imitation.Raw = append(bytes.Clone(imitation.Raw), 0)
	if found := signer.FindSigner([]*x509.Certificate{&imitation, party.certificate}); found != party.certificate {
		t.Error("a namesake was taken for the signer")
	}
	if found := signer.FindSigner([]*x509.Certificate{&imitation}); found != &imitation {
		t.Error("the only certificate of that name is to be examined, even though ESS does not name it")
	}
	if found := signer.FindSigner(party.chain); found != nil {
		t.Error("found among strangers")
	}
}

func TestCertificateThatGoRefusesStillNamesAndVerifies(t *testing.T) {
	t.Parallel()
	party := newParty(t, "p256")
	der := bytes.Clone(party.certificate.Raw)
	at := bytes.Index(der, []byte{0x02, 0x02, 0x03, 0xec}) // serial number 1004
	if at < 0 {
		t.Fatal("serial number not found")
	}
	der[at+2] = 0x83 // now it is negative
	if _, err := x509.ParseCertificate(der); err == nil {
		t.Fatal("Go reads negative serial numbers now")
	}
	stub := *party.certificate
	stub.Raw, stub.SerialNumber = der, big.NewInt(0x83ec-0x10000)
	draft := party.draft(letter, false)
	draft.Certificate = &stub
	attributes := must(cms.SignedAttributes(draft))
	signed := must(cms.Parse(must(cms.Assemble(draft, attributes, must(party.scheme.Sign(party.key, attributes))))))
	if len(signed.Unparsed) != 1 || signed.Signers[0].FindSigner(signed.Certificates) != nil {
		t.Fatalf("%d unparsed", len(signed.Unparsed))
	}
	bare := signed.Signers[0].FindBare(signed.Unparsed)
	if bare == nil {
		t.Fatal("not found")
	}
	if !bare.NotAfter.Equal(party.certificate.NotAfter) || !bytes.Equal(bare.RawSubject, party.certificate.RawSubject) ||
		!bytes.Equal(bare.SubjectKeyID, party.certificate.SubjectKeyId) {
		t.Errorf("%+v", bare)
	}
	if _, err := signed.Signers[0].VerifyKey(bare.PublicKey, hashed(crypto.SHA256, letter)); err != nil {
		t.Error(err)
	}
	if present, matches := signed.Signers[0].BindsTo(der); !present || !matches {
		t.Error("ESS does not name it")
	}
	if _, err := cms.ParseBare(letter); !errors.Is(err, cms.ErrMalformed) {
		t.Error(err)
	}
}
