package signing_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/certs/cms"
	"congvan/signing"
	"congvan/signing/pdf"
)

const (
	mutants     = 10_000
	mutantSeed  = 20261122
	mutantLimit = 2 * time.Second
)

// mutate changes a file as accidents and fuzzers do: bytes, stretches, numbers and words of the format.
func mutate(data []byte, random *rand.Rand) []byte {
	out := bytes.Clone(data)
	for range 1 + random.IntN(3) {
		if len(out) < 16 {
			return out
		}
		at := random.IntN(len(out))
		length := min(1+random.IntN(64), len(out)-at)
		switch random.IntN(10) {
		case 0:
			out[at] ^= 1 << random.IntN(8)
		case 1:
			out[at] = byte(random.IntN(256))
		case 2:
			out = append(out[:at:at], out[at+length:]...)
		case 3:
			out = append(out[:at+length:at+length], out[at:]...)
		case 4:
			copy(out[at:at+length], out[random.IntN(len(out)-length+1):])
		case 5:
			out = out[:at]
		case 6:
			out[at] = "0123456789"[random.IntN(10)]
		case 7:
			word := words[random.IntN(len(words))]
			out = append(out[:at:at], append([]byte(word), out[at:]...)...)
		case 8:
			mutateNumber(out, at, random)
		case 9:
			if found := bytes.Index(out[at:], []byte(words[random.IntN(len(words))])); found >= 0 {
				out[at+found] ^= 0x20
			}
		}
	}
	return out
}

// mutateNumber gives the next number in the file other digits.
func mutateNumber(out []byte, at int, random *rand.Rand) {
	for ; at < len(out) && (out[at] < '0' || out[at] > '9'); at++ {
	}
	for ; at < len(out) && out[at] >= '0' && out[at] <= '9'; at++ {
		out[at] = "0123456789"[random.IntN(10)]
	}
}

var words = []string{
	"/ByteRange", "/Contents", "/V", "/Fields", "/Type", "/Prev", "/Root", "/Kids", "obj", "endobj", "stream", "endstream",
	"xref", "trailer", "startxref", "%%EOF", "<<", ">>", "[", "]", "/AcroForm", "/XRefStm", "0 R", "\x30\x80", "\x00\x00",
}

func TestNoMutantOfAPDFPassesOrHurts(t *testing.T) {
	t.Parallel()
	v := newVictim(t, signing.LevelT)
	genuine := map[[32]byte]bool{}
	for _, document := range [][]byte{v.once, v.twice} {
		signatures, err := openPDF(t, document).Signatures()
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range signatures {
			genuine[sha256.Sum256(covered(document, s))] = true
		}
	}
	hunt(t, v.twice, func(mutant []byte) error {
		report, err := signing.Examine(t.Context(), bytes.NewReader(mutant), int64(len(mutant)), v.policy())
		if err != nil || report.Verdict != signing.Passed {
			return err
		}
		signatures, err := openPDF(t, mutant).Signatures()
		if err != nil {
			return fmt.Errorf("passed but its signatures cannot be read: %w", err)
		}
		values := map[pdf.Ref]bool{} // fields that share a value are one signature
		for _, s := range signatures {
			values[s.ValueRef] = true
		}
		if len(values) != len(report.Signatures) {
			return fmt.Errorf("passed with %d signatures, %d reported", len(values), len(report.Signatures))
		}
		for _, s := range signatures {
			if !genuine[sha256.Sum256(covered(mutant, s))] {
				return fmt.Errorf("passed although what %s covers was changed", s.Field)
			}
		}
		return nil
	})
}

func TestNoMutantOfACMSPassesOrHurts(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	content := []byte("Kinh phi: 1.000.000 dong")
	leader := certstest.Leader(t, w.authority, certs.ECDSAP256)
	signed, err := signing.SignDetached(t.Context(), bytes.NewReader(content), w.order(leader, signing.LevelT))
	if err != nil {
		t.Fatal(err)
	}
	original, err := cms.Parse(signed.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	hunt(t, signed.Bytes, func(mutant []byte) error {
		policy := signing.Policy{At: w.at, Anchors: w.authority.Anchors(), Content: bytes.NewReader(content)}
		report, err := signing.Examine(t.Context(), bytes.NewReader(mutant), int64(len(mutant)), policy)
		if err != nil || report.Verdict != signing.Passed {
			return err
		}
		parsed, err := cms.Parse(mutant)
		switch {
		case err != nil:
			return fmt.Errorf("passed but is no signature: %w", err)
		case !bytes.Equal(parsed.Signers[0].RawSigned, original.Signers[0].RawSigned):
			return fmt.Errorf("passed although the signed attributes were changed")
		case !bytes.Equal(report.Signatures[0].Certificate, leader.Certificate.Raw):
			return fmt.Errorf("passed with another certificate")
		}
		return nil
	})
}

// hunt tries seeded mutants and reports what is wrong with them: errors, panics, and whatever takes too long.
func hunt(t *testing.T, data []byte, try func(mutant []byte) error) {
	t.Helper()
	random := rand.New(rand.NewPCG(mutantSeed, 1))
	var slowest time.Duration
	for i := range mutants {
		mutant := mutate(data, random)
		began := time.Now()
		err := guarded(func() error { return try(mutant) })
		took := time.Since(began)
		slowest = max(slowest, took)
		if err != nil || took > slack*mutantLimit {
			t.Errorf("mutant %d of seed %d: %v after %v", i, mutantSeed, err, took)
		}
	}
	t.Logf("%d mutants, slowest %v", mutants, slowest)
}

func guarded(try func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	return try()
}

// FuzzExamine looks for files on which examining panics, never ends, or passes what nobody signed.
func FuzzExamine(f *testing.F) {
	v := newVictim(f, signing.LevelT)
	f.Add(v.once)
	f.Add(v.twice)
	f.Add(letter("1.000.000"))
	detached, err := signing.SignDetached(f.Context(), bytes.NewReader(v.once), v.order(v.leader, signing.LevelT))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(detached.Bytes)
	signed := signatureOf(f, v.twice, 0)
	genuine := digest256(covered(v.twice, signed))
	f.Fuzz(func(t *testing.T, data []byte) {
		report, err := signing.Examine(t.Context(), bytes.NewReader(data), int64(len(data)), v.policy())
		if err != nil {
			t.Fatal(err)
		}
		if report.Verdict != signing.Passed {
			return
		}
		doc, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatalf("passed but cannot be opened: %v", err)
		}
		signatures, err := doc.Signatures()
		if err != nil || len(signatures) == 0 || !bytes.Equal(digest256(covered(data, signatures[0])), genuine) {
			t.Fatalf("passed: %s", summary(report))
		}
	})
}
