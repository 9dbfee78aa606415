package certs_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/youmark/pkcs8"
	"software.sslmate.com/src/go-pkcs12"

	"congvan/certs"
	"congvan/certs/certstest"
)

// threeStoreys is a leaf with an issuing authority and a root above it.
func threeStoreys(tb testing.TB, kind certs.KeyKind) certs.Identity {
	tb.Helper()
	root := certstest.Root(tb, "Root")
	issuing := certstest.Make(tb, certstest.Spec{Name: "CA", Issuer: &root, CA: true})
	return certstest.Make(tb, certstest.Spec{Name: "Nguyễn Văn An", Issuer: &issuing, Key: kind})
}

func sameIdentity(t *testing.T, got, want certs.Identity) {
	t.Helper()
	if !got.Certificate.Equal(want.Certificate) {
		t.Errorf("certificate of %s, want %s", got.Certificate.Subject, want.Certificate.Subject)
	}
	if !slices.EqualFunc(got.Chain, want.Chain, (*x509.Certificate).Equal) {
		t.Errorf("chain of %d, want %d in order", len(got.Chain), len(want.Chain))
	}
	digest := make([]byte, crypto.SHA256.Size())
	value, err := got.Signer.Sign(nil, digest, crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	switch key := want.Certificate.PublicKey.(type) {
	case *rsa.PublicKey:
		if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, digest, value); err != nil {
			t.Error(err)
		}
	case *ecdsa.PublicKey:
		if !ecdsa.VerifyASN1(key, digest, value) {
			t.Error("the key does not sign for the certificate")
		}
	}
}

func TestPKCS12IsOpenedOldAndNew(t *testing.T) {
	t.Parallel()
	for _, kind := range []certs.KeyKind{certs.ECDSAP256, certs.ECDSAP384, certs.RSA2048} {
		identity := threeStoreys(t, kind)
		for name, encoder := range map[string]*pkcs12.Encoder{
			"AES": pkcs12.Modern2023, "3DES": pkcs12.LegacyDES, "RC2": pkcs12.LegacyRC2, "PBMAC1": pkcs12.Modern2026,
		} {
			for _, password := range []string{"mật khẩu", ""} {
				data, err := encoder.Encode(identity.Signer, identity.Certificate, identity.Chain, password)
				if err != nil {
					t.Fatal(err)
				}
				opened, err := certs.OpenPKCS12(data, password)
				if err != nil {
					t.Fatalf("%s, password %q: %v", name, password, err)
				}
				sameIdentity(t, opened, identity)
				if _, err := certs.OpenPKCS12(data, "sai"); !errors.Is(err, certs.ErrPassword) {
					t.Errorf("%s: wrong password: %v", name, err)
				}
			}
		}
	}
}

func TestTheLeafIsFoundWhereverItStands(t *testing.T) {
	t.Parallel()
	identity := threeStoreys(t, certs.ECDSAP256)
	stranger := certstest.Root(t, "Stranger")
	heap := []*x509.Certificate{identity.Chain[1], stranger.Certificate, identity.Certificate, identity.Chain[0]}
	data, err := pkcs12.Modern.Encode(identity.Signer, heap[0], heap[1:], "x")
	if err != nil {
		t.Fatal(err)
	}
	opened, err := certs.OpenPKCS12(data, "x")
	if err != nil {
		t.Fatal(err)
	}
	sameIdentity(t, opened, identity)
}

func TestWhatIsNoKeyIsRefused(t *testing.T) {
	t.Parallel()
	identity := threeStoreys(t, certs.ECDSAP256)
	stranger := certstest.Root(t, "Stranger")
	encode := func(certificate *x509.Certificate) []byte {
		data, err := pkcs12.Modern.Encode(identity.Signer, certificate, nil, "x")
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	store, err := pkcs12.Modern.EncodeTrustStore([]*x509.Certificate{identity.Certificate}, "x")
	if err != nil {
		t.Fatal(err)
	}
	good := encode(identity.Certificate)
	keyOnly := pemOf(t, "PRIVATE KEY", identity.Signer)
	for _, test := range []struct {
		name string
		data []byte
		want error
		code string
	}{
		{"another's certificate", encode(stranger.Certificate), certs.ErrKeyMismatch, "key.mismatch"},
		{"certificates only", store, certs.ErrNoKey, "key.missing"},
		{"empty", nil, certs.ErrUnreadable, "key.unreadable"},
		{"cut", good[:len(good)/2], certs.ErrUnreadable, "key.unreadable"},
		{"text", []byte("Xin chào"), certs.ErrUnreadable, "key.unreadable"},
		{"too large", make([]byte, 2<<20), certs.ErrUnreadable, "key.unreadable"},
		{"PEM without key", certs.EncodePEM(identity.Certificate), certs.ErrNoKey, "key.missing"},
		{"PEM without certificate", keyOnly, certs.ErrNoCertificate, "certificate.missing"},
		{
			"PEM of another's certificate", append(certs.EncodePEM(stranger.Certificate), keyOnly...),
			certs.ErrKeyMismatch, "key.mismatch",
		},
		{
			"PEM with a damaged key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte{1}}),
			certs.ErrUnreadable, "key.unreadable",
		},
		{
			"PEM with a damaged certificate", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte{1}}),
			certs.ErrUnreadable, "key.unreadable",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := certs.OpenIdentity(test.data, "x")
			if !errors.Is(err, test.want) || certs.Code(err) != test.code {
				t.Errorf("%v (%s), want %v", err, certs.Code(err), test.want)
			}
		})
	}
}

func pemOf(tb testing.TB, kind string, key crypto.Signer) []byte {
	tb.Helper()
	var der []byte
	var err error
	switch key := key.(type) {
	case *rsa.PrivateKey:
		if der = x509.MarshalPKCS1PrivateKey(key); kind == "PRIVATE KEY" {
			der, err = x509.MarshalPKCS8PrivateKey(key)
		}
	case *ecdsa.PrivateKey:
		if der, err = x509.MarshalECPrivateKey(key); kind == "PRIVATE KEY" {
			der, err = x509.MarshalPKCS8PrivateKey(key)
		}
	}
	if err != nil {
		tb.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func TestPEMIsOpenedInOneInputOrTwo(t *testing.T) {
	t.Parallel()
	rsaIdentity, ecIdentity := threeStoreys(t, certs.RSA2048), threeStoreys(t, certs.ECDSAP256)
	encrypted := func(identity certs.Identity, kdf pkcs8.KDFOpts) []byte {
		der, err := pkcs8.MarshalPrivateKey(identity.Signer, []byte("mật khẩu"), &pkcs8.Opts{
			Cipher: pkcs8.AES256CBC, KDFOpts: kdf,
		})
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: der})
	}
	pbkdf2 := pkcs8.PBKDF2Opts{SaltSize: 16, IterationCount: 1000, HMACHash: crypto.SHA256}
	scrypt := pkcs8.ScryptOpts{SaltSize: 16, CostParameter: 1 << 10, BlockSize: 8, ParallelizationParameter: 1}
	classic := func(kind string, identity certs.Identity) []byte {
		plain, _ := pem.Decode(pemOf(t, kind, identity.Signer))
		//nolint:staticcheck // such files are in use
		block, err := x509.EncryptPEMBlock(random(t), kind, plain.Bytes, []byte("mật khẩu"), x509.PEMCipherAES256)
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(block)
	}
	for _, test := range []struct {
		name      string
		identity  certs.Identity
		key       []byte
		encrypted bool
	}{
		{"PKCS#8 RSA", rsaIdentity, pemOf(t, "PRIVATE KEY", rsaIdentity.Signer), false},
		{"PKCS#8 EC", ecIdentity, pemOf(t, "PRIVATE KEY", ecIdentity.Signer), false},
		{"PKCS#1", rsaIdentity, pemOf(t, "RSA PRIVATE KEY", rsaIdentity.Signer), false},
		{"SEC 1", ecIdentity, pemOf(t, "EC PRIVATE KEY", ecIdentity.Signer), false},
		{"encrypted, PBKDF2", ecIdentity, encrypted(ecIdentity, pbkdf2), true},
		{"encrypted, scrypt", rsaIdentity, encrypted(rsaIdentity, scrypt), true},
		{"RFC 1423 RSA", rsaIdentity, classic("RSA PRIVATE KEY", rsaIdentity), true},
		{"RFC 1423 EC", ecIdentity, classic("EC PRIVATE KEY", ecIdentity), true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			certificates := certs.EncodePEM(append(slices.Clone(test.identity.Chain), test.identity.Certificate)...)
			for _, inputs := range [][][]byte{
				{append(slices.Clone(certificates), test.key...)},
				{append(slices.Clone(test.key), certificates...)},
				{certificates, test.key},
				{test.key, certificates},
			} {
				opened, err := certs.OpenPEM(inputs[0], "mật khẩu", inputs[1:]...)
				if err != nil {
					t.Fatal(err)
				}
				sameIdentity(t, opened, test.identity)
			}
			for _, wrong := range []string{"", "sai"} {
				_, err := certs.OpenPEM(certificates, wrong, test.key)
				if test.encrypted && !errors.Is(err, certs.ErrPassword) || !test.encrypted && err != nil {
					t.Errorf("password %q: %v", wrong, err)
				}
			}
		})
	}
}

func TestACostlyKeyFileIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	block := &pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: iterated(t, 1<<31-1)}
	if _, err := certs.OpenPEM(pem.EncodeToMemory(block), "x"); !errors.Is(err, certs.ErrUnreadable) {
		t.Errorf("two thousand million iterations: %v", err)
	}
	block.Bytes = iterated(t, 1000)
	if _, err := certs.OpenPEM(pem.EncodeToMemory(block), "x"); !errors.Is(err, certs.ErrPassword) {
		t.Errorf("a thousand iterations: %v", err)
	}
	identity := threeStoreys(t, certs.ECDSAP256)
	options := &pkcs8.Opts{Cipher: pkcs8.AES256CBC, KDFOpts: pkcs8.ScryptOpts{
		SaltSize: 16, CostParameter: 1 << 10, BlockSize: 8, ParallelizationParameter: 1,
	}}
	der, err := pkcs8.MarshalPrivateKey(identity.Signer, []byte("x"), options)
	if err != nil {
		t.Fatal(err)
	}
	huge := bytes.Replace(der, []byte{2, 2, 4, 0, 2, 1, 8}, []byte{2, 2, 0x40, 0, 2, 1, 0x7f}, 1)
	block.Bytes = huge
	if _, err := certs.OpenPEM(pem.EncodeToMemory(block), "x"); !errors.Is(err, certs.ErrUnreadable) {
		t.Errorf("2 GiB of scrypt: %v", err)
	}
}

// iterated gives an encrypted PKCS#8 key (RFC 8018, PBES2 with PBKDF2) of so many iterations; nobody knows its
// password.
func iterated(t *testing.T, iterations int) []byte {
	t.Helper()
	type identifier struct {
		ID         asn1.ObjectIdentifier
		Parameters any
	}
	type pbkdf2 struct {
		Salt       []byte
		Iterations int
		Function   identifier
	}
	type pbes2 struct{ Derivation, Encryption identifier }
	type key struct {
		Algorithm identifier
		Data      []byte
	}
	hmacSHA256 := identifier{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}, asn1.NullRawValue}
	der, err := asn1.Marshal(key{
		identifier{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}, pbes2{
			identifier{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}, pbkdf2{make([]byte, 16), iterations, hmacSHA256}},
			identifier{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}, make([]byte, 16)},
		}},
		make([]byte, 128),
	})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestASealedKeyOpensWithItsSecretOnly(t *testing.T) {
	t.Parallel()
	secret := []byte("một cụm mật khẩu dài")
	for _, kind := range []certs.KeyKind{certs.ECDSAP256, certs.RSA2048} {
		identity := threeStoreys(t, kind)
		sealed, err := certs.SealKey(identity, secret)
		if err != nil {
			t.Fatal(err)
		}
		for _, open := range []func() (certs.Identity, error){
			func() (certs.Identity, error) { return certs.OpenSealedKey(sealed, secret) },
			func() (certs.Identity, error) { return certs.OpenIdentity(sealed, string(secret)) },
		} {
			opened, err := open()
			if err != nil {
				t.Fatal(err)
			}
			sameIdentity(t, opened, identity)
		}
		if _, err := certs.OpenSealedKey(sealed, []byte("sai")); !errors.Is(err, certs.ErrPassword) {
			t.Errorf("wrong secret: %v", err)
		}
		again, err := certs.SealKey(identity, secret)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(sealed, again) {
			t.Error("two seals of one key are equal: salt or nonce was used twice")
		}
		key, err := x509.MarshalPKCS8PrivateKey(identity.Signer)
		if err != nil {
			t.Fatal(err)
		}
		block, _ := pem.Decode(sealed)
		if bytes.Contains(block.Bytes, key[len(key)-24:]) || bytes.Contains(block.Bytes, identity.Certificate.Raw) {
			t.Error("the sealed file holds the key or the certificate in clear")
		}
	}
}

func TestATamperedSealedKeyIsRefused(t *testing.T) {
	t.Parallel()
	sealed, err := certs.SealKey(threeStoreys(t, certs.ECDSAP256), []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(sealed)
	// The head (version, costs, salt, nonce), its neighbours, and the ends of the ciphertext.
	places := []int{0, 4, 5, 10, 26, 38, len(block.Bytes) - 1}
	for _, place := range places {
		changed := slices.Clone(block.Bytes)
		changed[place] ^= 1
		data := pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: changed})
		_, err := certs.OpenSealedKey(data, []byte("x"))
		if !errors.Is(err, certs.ErrPassword) && !errors.Is(err, certs.ErrUnreadable) {
			t.Errorf("byte %d changed: %v", place, err)
		}
	}
	for name, data := range map[string][]byte{
		"empty": nil, "cut": sealed[:len(sealed)/2], "other PEM": certs.EncodePEM(certstest.Root(t, "R").Certificate),
		"short": pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes[:20]}),
	} {
		if _, err := certs.OpenSealedKey(data, []byte("x")); !errors.Is(err, certs.ErrUnreadable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAKeyThatCannotLeaveIsNotSealed(t *testing.T) {
	t.Parallel()
	identity := threeStoreys(t, certs.ECDSAP256)
	identity.Signer = token{identity.Signer}
	if _, err := certs.SealKey(identity, []byte("x")); !errors.Is(err, certs.ErrNotExportable) {
		t.Errorf("sealed a token's key: %v", err)
	}
	stranger := threeStoreys(t, certs.ECDSAP256)
	stranger.Certificate = identity.Certificate
	if _, err := certs.SealKey(stranger, []byte("x")); !errors.Is(err, certs.ErrKeyMismatch) {
		t.Errorf("sealed with another's certificate: %v", err)
	}
}

// token is a key that lives elsewhere.
type token struct{ crypto.Signer }

func TestKeyFilesArePrivateAndWhole(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "node.key")
	for _, text := range []string{"first", "second"} {
		if err := certs.WriteKeyFile(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil || string(data) != text {
			t.Errorf("read %q, %v", data, err)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %o", info.Mode().Perm())
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files are left, %v", len(entries), err)
	}
	if err := certs.WriteKeyFile(filepath.Join(folder, "none", "node.key"), nil); err == nil {
		t.Error("wrote into a folder that is not there")
	}
}

func TestOpenSSLWritesWhatWeOpen(t *testing.T) {
	t.Parallel()
	openssl := openSSL(t)
	for _, kind := range []certs.KeyKind{certs.RSA2048, certs.ECDSAP256} {
		identity := threeStoreys(t, kind)
		folder := t.TempDir()
		write(t, folder, "key.pem", pemOf(t, "PRIVATE KEY", identity.Signer))
		write(t, folder, "leaf.pem", certs.EncodePEM(identity.Certificate))
		write(t, folder, "above.pem", certs.EncodePEM(identity.Chain...))
		for name, options := range map[string][]string{
			"modern": nil, "legacy": {"-legacy"}, "3DES": {"-descert", "-legacy"}, "no MAC iterations": {"-nomaciter"},
			"SHA-512": {"-macalg", "sha512"}, "AES-128": {"-keypbe", "AES-128-CBC", "-certpbe", "AES-128-CBC"},
		} {
			command := []string{
				openssl, "pkcs12", "-export", "-inkey", "key.pem", "-in", "leaf.pem", "-certfile", "above.pem",
				"-out", "out.p12", "-passout", "pass:matkhau",
			}
			run(t, true, folder, append(command, options...)...)
			data, err := os.ReadFile(filepath.Join(folder, "out.p12"))
			if err != nil {
				t.Fatal(err)
			}
			opened, err := certs.OpenPKCS12(data, "matkhau")
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			sameIdentity(t, opened, identity)
			if _, err := certs.OpenPKCS12(data, "sai"); !errors.Is(err, certs.ErrPassword) {
				t.Errorf("%s: wrong password: %v", name, err)
			}
		}
		for name, options := range map[string][]string{
			"PKCS#8 AES":    {"pkcs8", "-topk8", "-v2", "aes-256-cbc"},
			"PKCS#8 SHA-1":  {"pkcs8", "-topk8", "-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA1"},
			"PKCS#8 3DES":   {"pkcs8", "-topk8", "-v2", "des3"},
			"PKCS#8 scrypt": {"pkcs8", "-topk8", "-scrypt"},
		} {
			command := append([]string{openssl}, options...)
			run(t, true, folder, append(command, "-in", "key.pem", "-out", "enc.pem", "-passout", "pass:matkhau")...)
			key, err := os.ReadFile(filepath.Join(folder, "enc.pem"))
			if err != nil {
				t.Fatal(err)
			}
			opened, err := certs.OpenPEM(certs.EncodePEM(append(identity.Chain, identity.Certificate)...), "matkhau", key)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			sameIdentity(t, opened, identity)
		}
	}
}

func TestEveryErrorHasItsOwnCode(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, code := range certs.Codes() {
		if seen[code] || !strings.Contains(code, ".") {
			t.Errorf("code %q is doubled or has no family", code)
		}
		seen[code] = true
	}
	if certs.Code(errors.New("another")) != "" || certs.Code(nil) != "" {
		t.Error("a foreign error has a code")
	}
}

func BenchmarkOpenSealedKey(b *testing.B) {
	sealed, err := certs.SealKey(threeStoreys(b, certs.ECDSAP256), []byte("x"))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := certs.OpenSealedKey(sealed, []byte("x")); err != nil {
			b.Fatal(err)
		}
	}
}
