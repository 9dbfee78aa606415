package cms_test

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"congvan/certs/cms"
)

// wrapped is SignedData around the given parts, for shapes that no signer writes.
func wrapped(parts ...[]byte) []byte {
	return raw(0x30, oid(cms.OIDSignedData), raw(0xa0, raw(0x30, parts...)))
}

var (
	emptySet    = []byte{0x31, 0x00}
	versionOne  = []byte{0x02, 0x01, 0x01}
	justData    = raw(0x30, oid(cms.OIDData))
	someSigner  = bytes.Repeat([]byte{0x30, 0x00}, 1)
	anAlgorithm = raw(0x30, oid(cms.OIDData))
)

// signerWith is a signer with these fields in place of signed attributes.
func signerWith(attributes []byte) []byte {
	name := raw(0x80, []byte{1})
	return raw(0x30, versionOne, name, anAlgorithm, attributes, anAlgorithm, raw(0x04))
}

// ending is SignedData without content that ends in these fields.
func ending(fields ...[]byte) []byte {
	return wrapped(append([][]byte{versionOne, emptySet, justData}, fields...)...)
}

// signed is SignedData with one signer that has these signed attributes.
func signed(attributes []byte) []byte { return ending(raw(0x31, signerWith(raw(0xa0, attributes)))) }

// indefinite is a value of indefinite length.
func indefinite(tag byte, body []byte) []byte {
	return slices.Concat([]byte{tag, 0x80}, body, []byte{0, 0})
}

func TestHostileInputsAreRefusedCheaply(t *testing.T) {
	manyAttributes := bytes.Repeat(attribute(cms.OIDContentType), 60000)
	manyValues := attribute(cms.OIDContentType, bytes.Repeat([]byte{5, 0}, 400000))
	manyCertificates := bytes.Repeat(newParty(t, "p256").certificate.Raw, 2000)
	tests := map[string]struct {
		input []byte
		want  error
	}{
		"nothing":                {nil, cms.ErrMalformed},
		"one byte":               {[]byte{0x30}, cms.ErrMalformed},
		"zeros":                  {make([]byte, 100), cms.ErrMalformed},
		"zeros, 8 MB":            {make([]byte, 8<<20), cms.ErrMalformed},
		"text":                   {letter, cms.ErrMalformed},
		"nested BER, 256 KB":     {bytes.Repeat([]byte{0x30, 0x80}, 128<<10), cms.ErrLimit},
		"nested BER, 1 MB":       {bytes.Repeat([]byte{0x30, 0x80}, 512<<10), cms.ErrLimit},
		"nested BER, 8 MB":       {bytes.Repeat([]byte{0x30, 0x80}, 4<<20), cms.ErrLimit},
		"nested strings":         {bytes.Repeat([]byte{0x24, 0x80}, 512<<10), cms.ErrLimit},
		"nested DER":             {nestedDER(1000), cms.ErrLimit},
		"shallow BER, 1 MB":      {indefinite(0x30, bytes.Repeat([]byte{0x30, 0x80, 0, 0}, 262100)), cms.ErrMalformed},
		"pieces of string, 1 MB": {indefinite(0x24, bytes.Repeat([]byte{4, 0}, 524200)), cms.ErrMalformed},
		"huge length":            {[]byte{0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 0}, cms.ErrMalformed},
		"negative length":        {[]byte{0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0}, cms.ErrMalformed},
		"length of 127 octets":   {append([]byte{0x30, 0xff}, make([]byte, 200)...), cms.ErrMalformed},
		"length cut short":       {[]byte{0x30, 0x84, 1}, cms.ErrMalformed},
		"primitive indefinite":   {[]byte{0x30, 0x80, 0x04, 0x80, 0, 0, 0, 0}, cms.ErrMalformed},
		"end without beginning":  {[]byte{0x30, 0x02, 0, 0}, cms.ErrMalformed},
		"no end":                 {[]byte{0x30, 0x80, 0x02, 0x01, 0x01}, cms.ErrMalformed},
		"end with contents":      {[]byte{0x30, 0x80, 0, 1, 1, 0, 0}, cms.ErrMalformed},
		"end of three octets":    {[]byte{0x30, 0x80, 0, 0x81, 0}, cms.ErrMalformed},
		"mixed string":           {[]byte{0x24, 0x04, 0x0c, 0x02, 'h', 'i'}, cms.ErrMalformed},
		"long tag":               {append([]byte{0x3f}, bytes.Repeat([]byte{0xff}, 1<<20-10)...), cms.ErrMalformed},
		"too large":              {bytes.Repeat([]byte{0x30}, cms.MaxSize+1), cms.ErrLimit},
		"not signed data":        {raw(0x30, oid(cms.OIDData), raw(0xa0, raw(0x30))), cms.ErrMalformed},
		"no version":             {wrapped(), cms.ErrMalformed},
		"no content":             {wrapped(versionOne, emptySet), cms.ErrMalformed},
		"no signers":             {ending(), cms.ErrMalformed},
		"signer without fields":  {ending(raw(0x31, someSigner)), cms.ErrMalformed},
		"attributes without end": {signed([]byte{0x30, 0x05}), cms.ErrMalformed},
		"60,000 attributes":      {signed(manyAttributes), cms.ErrLimit},
		"400,000 values":         {signed(manyValues), cms.ErrLimit},
		"2,000 certificates":     {ending(raw(0xa0, manyCertificates), emptySet), cms.ErrLimit},
		"65 signers":             {ending(raw(0x31, bytes.Repeat(signerWith(nil), 65))), cms.ErrLimit},
		"1,025 CRLs":             {ending(raw(0xa1, bytes.Repeat([]byte{0x30, 0}, 1025)), emptySet), cms.ErrLimit},
	}
	for name, test := range tests {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := cms.Parse(test.input)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
		if took := quickest(func() { cms.Parse(test.input) }); took > slack*2*time.Second {
			t.Errorf("%s took %v", name, took)
		}
		if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 128 {
			t.Errorf("%s took %d MiB", name, used)
		}
		if _, err := cms.ParseTimestampToken(test.input); err == nil {
			t.Errorf("%s is a time-stamp", name)
		}
		if _, err := cms.OpenMessage(test.input); err == nil {
			t.Errorf("%s is a message", name)
		}
		if _, err := cms.ParseTimestampResponse(test.input); err == nil {
			t.Errorf("%s is a response", name)
		}
	}
}

func nestedDER(depth int) []byte {
	der := []byte{0x05, 0x00}
	for range depth {
		der = raw(0x30, der)
	}
	return der
}

func TestDepthIsLimitedExactly(t *testing.T) {
	t.Parallel()
	for depth, want := range map[int]error{cms.MaxDepth: cms.ErrMalformed, cms.MaxDepth + 1: cms.ErrLimit} {
		if _, err := cms.Parse(nestedDER(depth)); !errors.Is(err, want) {
			t.Errorf("DER nested %d deep: %v", depth, err)
		}
		ber := append(bytes.Repeat([]byte{0x30, 0x80}, depth), make([]byte, 2*depth)...)
		if _, err := cms.Parse(ber); !errors.Is(err, want) {
			t.Errorf("BER nested %d deep: %v", depth, err)
		}
	}
}

func TestThousandsOfCertificatesInOneBundleAreLimited(t *testing.T) {
	t.Parallel()
	many := slices.Repeat([]*x509.Certificate{newParty(t, "p256").certificate}, 257)
	if _, err := cms.CertificateBundle(many); !errors.Is(err, cms.ErrLimit) {
		t.Error(err)
	}
	bundle := must(cms.CertificateBundle(many[1:]))
	if got := must(cms.ParseCertificateBundle(bundle)); len(got) != 256 {
		t.Errorf("%d certificates", len(got))
	}
}

// ber writes DER as BER: every constructed value indefinite, every octet string in pieces of so many bytes.
func ber(der []byte, piece int) []byte {
	var out []byte
	for len(der) > 0 {
		tag, at, length := der[0], 2, int(der[1])
		if length > 0x80 {
			octets := length & 0x7f
			length = 0
			for _, b := range der[2 : 2+octets] {
				length = length<<8 | int(b)
			}
			at += octets
		}
		body := der[at : at+length]
		switch {
		case tag&0x20 != 0:
			out = append(append(append(out, tag, 0x80), ber(body, piece)...), 0, 0)
		case tag == 0x04 && len(body) > piece:
			out = append(out, 0x24, 0x80)
			for rest := range slices.Chunk(body, piece) {
				out = append(out, raw(0x04, rest)...)
			}
			out = append(out, 0, 0)
		default:
			out = append(append(out, tag, 0x82, byte(len(body)>>8), byte(len(body))), body...) // not minimal
		}
		der = der[at+length:]
	}
	return out
}

func TestBERIsConvertedToTheDERItWas(t *testing.T) {
	t.Parallel()
	for name, party := range everyScheme(t) {
		der := must(cms.Sign(party.key, party.draft(letter, true)))
		for _, piece := range []int{1, 7, 1000} {
			signed, err := cms.Parse(append(ber(der, piece), make([]byte, 50)...))
			if err != nil {
				t.Fatal(name, err)
			}
			if !signed.WasBER || signed.Trailing != 0 {
				t.Errorf("%s: BER %v, trailing %d", name, signed.WasBER, signed.Trailing)
			}
			if diff := cmp.Diff(der, signed.Raw); diff != "" {
				t.Errorf("%s in pieces of %d: %s", name, piece, diff)
			}
		}
	}
}

func TestBytesAfterTheObjectAreCountedUnlessZero(t *testing.T) {
	t.Parallel()
	party := newParty(t, "ed25519")
	der := must(cms.Sign(party.key, party.draft(letter, false)))
	for _, test := range []struct {
		after []byte
		want  int
	}{{nil, 0}, {make([]byte, 4<<20), 0}, {[]byte{0, 0, 1}, 3}, {[]byte("\n"), 1}} {
		signed, err := cms.Parse(append(bytes.Clone(der), test.after...))
		if err != nil {
			t.Fatal(err)
		}
		if signed.Trailing != test.want || !bytes.Equal(signed.Raw, der) {
			t.Errorf("after %d bytes: trailing %d, want %d", len(test.after), signed.Trailing, test.want)
		}
	}
}

func TestParsedObjectDoesNotShareItsInput(t *testing.T) {
	t.Parallel()
	party := newParty(t, "p256")
	der := must(cms.Sign(party.key, party.draft(letter, true)))
	signed := must(cms.Parse(der))
	clear(der)
	checkSigner(t, party, &signed.Signers[0], signed.Certificates)
}

// seeds are well formed objects of every kind.
func seeds(tb testing.TB) [][]byte {
	tb.Helper()
	var all [][]byte
	for _, name := range []string{"detached.p7s", "token.tst"} {
		all = append(all, must(os.ReadFile(filepath.Join("testdata", name))))
	}
	for _, name := range []string{"rsa", "pss", "p256", "ed25519"} {
		party := everyScheme(tb)[name]
		draft := party.draft(letter, true)
		draft.SigningTime = someday
		draft.Unsigned = []cms.Attribute{{Type: cms.OIDSignatureTimestamp, Values: [][]byte{all[1]}}}
		der := must(cms.Sign(party.key, draft))
		all = append(all, der, ber(der, 100))
	}
	party := newParty(tb, "p256")
	all = append(all, must(cms.SealMessage(letter, party.key, party.certificate, party.chain)))
	return append(all, must(cms.CertificateBundle(party.chain)))
}

// examine does with an object all that this package can, and says whether some signature in it is valid over the
// content it was found over.
func examine(data []byte) (valid bool) {
	signed, err := cms.Parse(data)
	if err != nil {
		return false
	}
	for i := range signed.Signers {
		signer := &signed.Signers[i]
		content := signed.Content
		if signed.Detached {
			content = letter
		}
		signer.Embedded()
		certificate := signer.FindSigner(signed.Certificates)
		if certificate == nil {
			signer.FindBare(signed.Unparsed)
			continue
		}
		if !slices.Contains(signed.Hashes(), signer.Digest) {
			continue
		}
		if _, err := signer.Verify(certificate, hashed(signer.Digest, content)); err == nil {
			valid = bytes.Equal(content, letter)
		}
	}
	return valid
}

// TestMutantsNeitherPanicNorBecomeOtherContent changes 10,000 objects at random. A valid one must still carry the same
// content: changes elsewhere (certificates not used, unsigned attributes) are harmless here.
func TestMutantsNeitherPanicNorBecomeOtherContent(t *testing.T) {
	t.Parallel()
	const seed = 20260819
	random := rand.New(rand.NewPCG(seed, seed))
	originals := seeds(t)
	harmless := 0
	for i := range 10_000 {
		mutant := mutate(random, originals)
		took := quickest(func() {
			if examine(mutant) {
				harmless++
			}
			if moved(mutant) {
				t.Errorf("mutant %d of seed %d is a valid time-stamp of another time: %x", i, seed, mutant)
			}
			cms.OpenMessage(mutant)
			cms.ParseCertificateBundle(mutant)
		})
		if took > slack*2*time.Second {
			t.Errorf("mutant %d of seed %d took %v: %x", i, seed, took, mutant)
		}
	}
	t.Logf("seed %d: %d of 10,000 mutants changed nothing that was signed", seed, harmless)
}

// quickest is how long it takes, at best of three when the machine is busy with something else.
func quickest(work func()) time.Duration {
	best := time.Hour
	for try := 0; try < 3 && best > time.Second; try++ {
		start := time.Now()
		work()
		best = min(best, time.Since(start))
	}
	return best
}

// moved says whether data is a valid time-stamp of another moment than that in testdata.
func moved(data []byte) bool {
	token, err := cms.ParseTimestampToken(data)
	if err != nil {
		return false
	}
	certificate := token.FindSigner(nil)
	return certificate != nil && token.Verify(certificate) == nil && !token.Info.Time.Equal(stampInfo().Time)
}

func mutate(random *rand.Rand, originals [][]byte) []byte {
	mutant := bytes.Clone(originals[random.IntN(len(originals))])
	for range 1 + random.IntN(3) {
		at := random.IntN(len(mutant))
		switch random.IntN(5) {
		case 0:
			mutant[at] ^= 1 << random.IntN(8)
		case 1:
			mutant[at] = byte(random.IntN(256))
		case 2:
			mutant = slices.Delete(mutant, at, min(len(mutant), at+1+random.IntN(8)))
		case 3:
			mutant = slices.Insert(mutant, at, mutant[at:min(len(mutant), at+random.IntN(64))]...)
		case 4:
			other := originals[random.IntN(len(originals))]
			from := random.IntN(len(other))
			copy(mutant[at:], other[from:min(len(other), from+random.IntN(64))])
		}
		if len(mutant) == 0 {
			return []byte{0x30}
		}
	}
	return mutant
}

// FuzzParse holds that what is read can be written again: the DER is stable and the amending writer is the identity.
func FuzzParse(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		examine(data)
		signed, err := cms.Parse(data)
		if err != nil {
			return
		}
		again, err := cms.Parse(signed.Raw)
		if err != nil || again.WasBER || again.Trailing != 0 || !bytes.Equal(again.Raw, signed.Raw) {
			t.Fatalf("DER is not stable: %v", err)
		}
		if len(signed.Signers) == 0 {
			return
		}
		same, err := cms.AddUnsigned(signed.Raw, len(signed.Signers)-1)
		if err != nil || !bytes.Equal(same, signed.Raw) {
			t.Fatalf("adding nothing changes it: %v", err)
		}
	})
}

// FuzzTimestamp holds that a token's statement, written again, reads the same.
func FuzzTimestamp(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed)
	}
	authority := newAuthority(f, "ed25519")
	f.Fuzz(func(t *testing.T, data []byte) {
		token, err := cms.ParseTimestampToken(data)
		if err != nil {
			return
		}
		token.Verify(authority.certificate)
		der, err := cms.BuildTimestampToken(authority.key, authority.draft(nil, false), token.Info)
		if err != nil {
			return // an imprint of a hash that is not known
		}
		again, err := cms.ParseTimestampToken(der)
		if err != nil {
			t.Fatal(err)
		}
		if err := again.Verify(authority.certificate); err != nil {
			t.Fatal(err)
		}
		again.Info.HashOID = token.Info.HashOID // several identifiers may name one hash
		if diff := cmp.Diff(token.Info, again.Info, bigInts); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestCostlySignaturesAreBounded has 64 signers with the largest key there may be, a public exponent as long as it can
// be, and as many certificate identifiers as fit.
func TestCostlySignaturesAreBounded(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	modulus := make([]byte, 1024)
	for i := range modulus {
		modulus[i] = byte(random.Uint32()) | 1
	}
	modulus[0] = 0xff
	key := &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: 1<<62 - 1}
	sha1ID := raw(0x30, raw(0x30, raw(0x30, raw(0x04, make([]byte, 20)))))
	bindings := attribute(cms.OIDSigningCertificate, slices.Repeat([][]byte{sha1ID}, 250)...)
	set := raw(0x31, bindings, attribute(cms.OIDContentType, oid(cms.OIDData)))
	party := newParty(t, "rsa")
	one := must(cms.Parse(must(cms.Assemble(party.draft(letter, false), set, modulus[1:])))).Signers[0]
	certificate := *party.certificate
	certificate.Raw, certificate.PublicKey = make([]byte, 512<<10), key
	one.Signature = append([]byte{0x7f}, modulus[1:]...)
	took := quickest(func() {
		for range 64 {
			if found := one.FindSigner([]*x509.Certificate{&certificate}); found != &certificate {
				t.Fatal("not found")
			}
			if _, err := one.Verify(&certificate, one.MessageDigest); !errors.Is(err, cms.ErrSignature) {
				t.Fatal(err)
			}
		}
	})
	if took > slack*5*time.Second {
		t.Errorf("took %v", took)
	}
	t.Logf("64 signers took %v", took)
}
