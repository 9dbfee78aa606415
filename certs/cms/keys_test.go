package cms_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"congvan/certs/cms"
)

// The keys are made once; RSA keys are slow to make.
var keys = map[string]func() crypto.Signer{
	"rsa":     sync.OnceValue(func() crypto.Signer { return must(rsa.GenerateKey(rand.Reader, 2048)) }),
	"p256":    sync.OnceValue(func() crypto.Signer { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) }),
	"p384":    sync.OnceValue(func() crypto.Signer { return must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)) }),
	"p521":    sync.OnceValue(func() crypto.Signer { return must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader)) }),
	"ed25519": sync.OnceValue(func() crypto.Signer { return ed25519.NewKeyFromSeed(make([]byte, 32)) }),
	"other":   sync.OnceValue(func() crypto.Signer { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) }),
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// someday is when everything in these tests happens.
var someday = time.Date(2026, 8, 19, 3, 4, 5, 0, time.UTC)

// party is somebody who can sign.
type party struct {
	key         crypto.Signer
	certificate *x509.Certificate
	chain       []*x509.Certificate
	scheme      cms.Scheme
}

// draft is a draft of this party over content, sent along or not.
func (p party) draft(content []byte, attached bool) cms.Draft {
	draft := cms.Draft{Scheme: p.scheme, Certificate: p.certificate, Chain: p.chain}
	if attached {
		draft.Content = content
	} else {
		draft.ContentDigest = hashed(p.scheme.ContentHash(), content)
	}
	return draft
}

func hashed(hash crypto.Hash, content []byte) []byte {
	h := cms.NewHash(hash)
	h.Write(content)
	return h.Sum(nil)
}

var issued sync.Map // name of a key and name of a use to party

// newParty issues a certificate for a kind of key. Parties are shared between tests.
func newParty(tb testing.TB, kind string) party {
	tb.Helper()
	made, _ := issued.LoadOrStore(kind, sync.OnceValue(func() party { return makeParty(kind, x509.ExtKeyUsageAny) }))
	return made.(func() party)()
}

// newAuthority is a party with a certificate for time-stamping.
func newAuthority(tb testing.TB, kind string) party {
	tb.Helper()
	made, _ := issued.LoadOrStore(kind+" stamping", sync.OnceValue(func() party {
		return makeParty(kind, x509.ExtKeyUsageTimeStamping)
	}))
	return made.(func() party)()
}

func makeParty(kind string, usage x509.ExtKeyUsage) party {
	key := keys[kind]()
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Gốc thử nghiệm"}, SubjectKeyId: []byte{1, 2, 3, 4},
		NotBefore: someday.AddDate(-30, 0, 0), NotAfter: someday.AddDate(70, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	rootKey := ed25519.NewKeyFromSeed(slices.Repeat([]byte{7}, 32))
	root = must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, root, root, rootKey.Public(), rootKey))))
	id := sha1.Sum(must(x509.MarshalPKIXPublicKey(key.Public())))
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(int64(1000 + len(kind))), Subject: pkix.Name{CommonName: "Trần Văn Thư " + kind},
		NotBefore: someday.AddDate(-30, 0, 0), NotAfter: someday.AddDate(60, 0, 0), SubjectKeyId: id[:],
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
	}
	if usage == x509.ExtKeyUsageTimeStamping {
		leaf.ExtraExtensions = []pkix.Extension{{
			Id: []int{2, 5, 29, 37}, Critical: true, Value: []byte{0x30, 0x0a, 0x06, 8, 0x2b, 6, 1, 5, 5, 7, 3, 8},
		}}
	}
	der := must(x509.CreateCertificate(rand.Reader, leaf, root, key.Public(), rootKey))
	return party{
		key: key, certificate: must(x509.ParseCertificate(der)), chain: []*x509.Certificate{root},
		scheme: must(cms.SchemeFor(key.Public(), cms.Policy{})),
	}
}

// withPSS is the party signing with RSA-PSS.
func (p party) withPSS() party {
	p.scheme = must(cms.SchemeFor(p.key.Public(), cms.Policy{PSS: true}))
	return p
}

// everyScheme is all ways to sign that this program has, by name.
func everyScheme(tb testing.TB) map[string]party {
	tb.Helper()
	parties := map[string]party{"pss": newParty(tb, "rsa").withPSS()}
	for _, kind := range []string{"rsa", "p256", "p384", "p521", "ed25519"} {
		parties[kind] = newParty(tb, kind)
	}
	return parties
}

// peer finds a program that a test asks for confirmation. In CI it must be there.
func peer(tb testing.TB, program string) string {
	tb.Helper()
	found, err := exec.LookPath(program)
	if err != nil && os.Getenv("CONGVAN_REQUIRE_PEERS") == "1" {
		tb.Fatal(err)
	}
	if err != nil {
		tb.Skip(program + " is not installed")
	}
	return found
}
