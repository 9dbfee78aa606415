package certs_test

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
)

// evidence is good OCSP responses and lists with the part of each that is signed.
type evidence struct {
	office office
	ocsps  [][]byte
	crls   [][]byte
	signed [][]byte
}

func newEvidence(tb testing.TB) evidence {
	tb.Helper()
	made := evidence{office: newOffice(tb)}
	for _, change := range []func(*certstest.Answer){
		nil,
		func(a *certstest.Answer) { a.Revoked = certstest.Noon.Add(-2 * hour) },
		func(a *certstest.Answer) { a.Signer, a.Attach, a.ByName = made.office.issuer, false, true },
		func(a *certstest.Answer) { a.Basic, a.ArchiveCutoff = true, certstest.Noon },
	} {
		made.ocsps = append(made.ocsps, certstest.OCSP(tb, made.office.answer(change)))
		made.signed = append(made.signed, firstElement(tb, made.ocsps[len(made.ocsps)-1]))
	}
	entries := []certstest.Entry{{Serial: made.office.leaf.Certificate.SerialNumber, At: certstest.Noon.Add(-2 * hour)}}
	for _, list := range []certstest.List{
		{Filler: 3}, {Filler: 3, Entries: entries},
	} {
		list.Issuer = made.office.issuer
		list.ThisUpdate, list.NextUpdate = certstest.Noon.Add(-hour), certstest.Noon.Add(hour)
		made.crls = append(made.crls, certstest.CRL(tb, list))
		made.signed = append(made.signed, firstElement(tb, made.crls[len(made.crls)-1]))
	}
	return made
}

// firstElement gives the part of a response or a list over which the signature is: the first field of the innermost
// structure of the kind "signed, algorithm, signature".
func firstElement(tb testing.TB, der []byte) []byte {
	tb.Helper()
	var envelope struct {
		Status asn1.Enumerated
		Bytes  struct {
			Type     asn1.ObjectIdentifier
			Response []byte
		} `asn1:"explicit,tag:0"`
	}
	if _, err := asn1.Unmarshal(der, &envelope); err == nil {
		der = envelope.Bytes.Response
	}
	var outer, first asn1.RawValue
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		tb.Fatal(err)
	}
	if _, err := asn1.Unmarshal(outer.Bytes, &first); err != nil {
		tb.Fatal(err)
	}
	return first.FullBytes
}

// judge fails the test when the bytes tell anything although nobody signed what they say.
func (e evidence) judge(t *testing.T, der []byte) {
	t.Helper()
	leaf, issuer := e.office.leaf.Certificate, e.office.issuer.Certificate
	when := certs.When{At: certstest.Noon}
	for _, known := range []certs.Revocation{
		certs.CheckOCSP(der, leaf, issuer, when), certs.CheckCRL(der, leaf, issuer, when),
	} {
		holdsSigned := func(signed []byte) bool { return bytes.Contains(der, signed) }
		switch {
		case known.Status == certs.StatusUnknown && known.Reason == "":
			t.Errorf("unknown without a reason: %x", der)
		case known.Status != certs.StatusUnknown && !slices.ContainsFunc(e.signed, holdsSigned):
			t.Errorf("status %d from what nobody signed: %x", known.Status, der)
		}
	}
}

func TestMutantsTellNothing(t *testing.T) {
	t.Parallel()
	made := newEvidence(t)
	const seed, mutants = 20260615, 10_000
	source := rand.New(rand.NewPCG(seed, seed)) // repeatable on purpose
	t.Logf("seed %d, %d mutants of each kind", seed, mutants)
	for _, originals := range [][][]byte{made.ocsps, made.crls} {
		var slowest time.Duration
		for range mutants {
			mutant := mutate(source, originals[source.IntN(len(originals))])
			begun := time.Now()
			made.judge(t, mutant)
			slowest = max(slowest, time.Since(begun))
		}
		if slowest > 2*time.Second {
			t.Errorf("one took %s", slowest)
		}
	}
}

func mutate(source *rand.Rand, original []byte) []byte {
	mutant := slices.Clone(original)
	for range 1 + source.IntN(3) {
		place := source.IntN(len(mutant))
		switch source.IntN(5) {
		case 0:
			mutant[place] ^= 1 << source.IntN(8)
		case 1:
			mutant[place] = byte(source.IntN(256))
		case 2:
			mutant = slices.Delete(mutant, place, min(place+1+source.IntN(8), len(mutant)))
		case 3:
			mutant = slices.Insert(mutant, place, byte(source.IntN(256)))
		case 4:
			from := source.IntN(len(mutant))
			mutant = slices.Insert(mutant, place, mutant[from:min(from+16, len(mutant))]...)
		}
		if len(mutant) == 0 {
			return []byte{0}
		}
	}
	return mutant
}

var update = flag.Bool("update", false, "write testdata/evidence anew, under new keys")

// keptEvidence is evidence from files: fuzzing needs the same in every process, and keys are made anew in each.
func keptEvidence(f *testing.F) evidence {
	f.Helper()
	const folder = "testdata/evidence"
	if *update {
		made := newEvidence(f)
		files := map[string][]byte{
			"issuer.cer": made.office.issuer.Certificate.Raw, "leaf.cer": made.office.leaf.Certificate.Raw,
		}
		for i, der := range made.ocsps {
			files[fmt.Sprintf("%d.ocsp", i)] = der
		}
		for i, der := range made.crls {
			files[fmt.Sprintf("%d.crl", i)] = der
		}
		for name, data := range files {
			if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
				f.Fatal(err)
			}
		}
	}
	var kept evidence
	read := func(pattern string) [][]byte {
		var found [][]byte
		paths, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil || len(paths) == 0 {
			f.Fatalf("%s: nothing found, %v", pattern, err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			found = append(found, data)
		}
		return found
	}
	certificate := func(name string) *x509.Certificate {
		certificate, err := x509.ParseCertificate(read(name)[0])
		if err != nil {
			f.Fatal(err)
		}
		return certificate
	}
	kept.office.issuer.Certificate, kept.office.leaf.Certificate = certificate("issuer.cer"), certificate("leaf.cer")
	kept.ocsps, kept.crls = read("*.ocsp"), read("*.crl")
	for _, der := range slices.Concat(kept.ocsps, kept.crls) {
		kept.signed = append(kept.signed, firstElement(f, der))
	}
	return kept
}

func FuzzRevocationEvidence(f *testing.F) {
	kept := keptEvidence(f)
	leaf, issuer, when := kept.office.leaf.Certificate, kept.office.issuer.Certificate, certs.When{At: certstest.Noon}
	for _, der := range slices.Concat(kept.ocsps, kept.crls) {
		ocsp := certs.CheckOCSP(der, leaf, issuer, when)
		list := certs.CheckCRL(der, leaf, issuer, when)
		if ocsp.Status == certs.StatusUnknown && list.Status == certs.StatusUnknown {
			f.Errorf("a seed tells nothing: %q, %q", ocsp.Reason, list.Reason)
		}
		f.Add(der)
	}
	f.Fuzz(func(t *testing.T, der []byte) { kept.judge(t, der) })
}

func FuzzOpenIdentity(f *testing.F) {
	identity := threeStoreys(f, certs.ECDSAP256)
	f.Add(append(certs.EncodePEM(identity.Certificate), pemOf(f, "PRIVATE KEY", identity.Signer)...))
	f.Add(pemOf(f, "EC PRIVATE KEY", identity.Signer))
	f.Add([]byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		opened, err := certs.OpenIdentity(data, "x")
		if err == nil && (opened.Signer == nil || opened.Certificate == nil) {
			t.Error("opened nothing without an error")
		}
		if err != nil && certs.Code(err) == "" {
			t.Errorf("an error without a code: %v", err)
		}
	})
}

func FuzzParseCertificates(f *testing.F) {
	f.Add(certstest.Root(f, "A").Certificate.Raw)
	f.Add(certs.EncodePEM(certstest.Root(f, "A").Certificate))
	f.Fuzz(func(t *testing.T, data []byte) {
		found, err := certs.ParseCertificates(data)
		if (err == nil) != (len(found) > 0) {
			t.Errorf("%d certificates, %v", len(found), err)
		}
	})
}
