package signing_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"io"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/signing"
)

// BenchmarkExamine judges one-page letters: integrity, chain and embedded revocation, with warm caches.
func BenchmarkExamine(b *testing.B) {
	for _, kind := range []certs.KeyKind{certs.ECDSAP256, certs.RSA2048} {
		for _, level := range []signing.Level{signing.LevelB, signing.LevelT, signing.LevelLT, signing.LevelLTA} {
			b.Run(fmt.Sprintf("%v/%s", kind, level), func(b *testing.B) {
				w := newWorkshop(b)
				document, _ := sign(b, blank(1), w.order(certstest.Leader(b, w.authority, kind), level))
				policy := signing.Policy{At: w.at, Anchors: w.authority.Anchors()}
				b.ReportMetric(float64(len(document)), "bytes")
				b.ResetTimer()
				for b.Loop() {
					report, err := signing.Examine(b.Context(), bytes.NewReader(document), int64(len(document)), policy)
					if err != nil || report.Verdict != signing.Passed {
						b.Fatal(err, report.Verdict, report.Signatures)
					}
				}
			})
		}
	}
}

// BenchmarkExamineLarge compares judging a large file with hashing it.
func BenchmarkExamineLarge(b *testing.B) {
	for _, signatures := range []int{1, 10} {
		b.Run(fmt.Sprintf("hash/%d", signatures), func(b *testing.B) {
			file, _ := largeFile(b, signatures)
			b.SetBytes(file.Size())
			for b.Loop() {
				state := sha256.New()
				if _, err := io.CopyBuffer(state, io.NewSectionReader(file, 0, file.Size()), make([]byte, 512<<10)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("examine/%d", signatures), func(b *testing.B) {
			file, policy := largeFile(b, signatures)
			b.SetBytes(file.Size())
			for b.Loop() {
				report, err := signing.Examine(b.Context(), file, file.Size(), policy)
				if err != nil || report.Verdict != signing.Passed || len(report.Signatures) != signatures {
					b.Fatal(err, report)
				}
			}
		})
	}
}

// largeFile is a document of 1 GiB with so many signatures; only its tail is in memory.
func largeFile(tb testing.TB, signatures int) (*joined, signing.Policy) {
	tb.Helper()
	w := newWorkshop(tb)
	original, size := padded(1 << 30)
	file := &joined{original: original, size: size}
	for range signatures {
		order := w.order(certstest.Leader(tb, w.authority, certs.ECDSAP256), signing.LevelB)
		signed, err := signing.SignPDF(tb.Context(), file, file.Size(), order)
		if err != nil {
			tb.Fatal(err)
		}
		file.tail = append(file.tail, signed.Tail...)
	}
	return file, signing.Policy{At: w.at, Anchors: w.authority.Anchors()}
}

// joined is a file with a tail that is held in memory.
type joined struct {
	original io.ReaderAt
	size     int64
	tail     []byte
}

func (j *joined) Size() int64 { return j.size + int64(len(j.tail)) }

func (j *joined) ReadAt(p []byte, offset int64) (int, error) {
	n := 0
	if offset < j.size {
		part := p[:min(int64(len(p)), j.size-offset)]
		var err error
		if n, err = j.original.ReadAt(part, offset); n < len(part) {
			return n, err
		}
	}
	if n == len(p) {
		return n, nil
	}
	more, err := bytes.NewReader(j.tail).ReadAt(p[n:], offset+int64(n)-j.size)
	return n + more, err
}

// BenchmarkExamineLetter judges what a gateway takes in: letters of 32 KiB with the leader's signature and the office's
// seal over it, each with its time stamp; what is known of revocation comes from outside, and what the verdict rests on
// is kept. Each letter is another, as in the mail; the certificates are the same.
func BenchmarkExamineLetter(b *testing.B) {
	w := newWorkshop(b)
	leader, seal := certstest.Leader(b, w.authority, certs.ECDSAP256), certstest.Seal(b, w.authority, certs.ECDSAP256)
	letters := make([][]byte, 32)
	for i := range letters {
		letters[i] = sealedLetter(b, w, leader, seal, byte(i))
	}
	policy := signing.Policy{
		At: w.at, Anchors: w.authority.Anchors(), RequireRevocation: true, Verifier: "congvan",
		Revocation: &remembered{source: w.evidence, known: map[*x509.Certificate]certs.Revocation{}},
	}
	b.ReportMetric(float64(len(letters[0])), "bytes")
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		letter := letters[i%len(letters)]
		report, err := signing.Examine(b.Context(), signing.Memory(letter), int64(len(letter)), policy)
		if err != nil || report.Verdict != signing.Passed || len(report.Signatures) != 2 {
			b.Fatal(err, report.Verdict, report.Signatures)
		}
		if _, err := report.Bundle.Encode(); err != nil {
			b.Fatal(err)
		}
	}
}

// sealedLetter is a letter that its leader has signed and its office has numbered and sealed.
func sealedLetter(tb testing.TB, w workshop, leader, seal certs.Identity, noise byte) []byte {
	tb.Helper()
	document := append(blank(1), bytes.Repeat([]byte{'%', noise, '\n'}, 3<<10)...)
	order := w.order(leader, signing.LevelT)
	place := signing.Appearance{Page: 1, X: 110, Y: 60, Width: 50, Height: 20}
	order.Appearance = &place
	signed, _ := sign(tb, document, order)
	order = w.order(seal, signing.LevelT)
	box := signing.SealOver(place, 35, nil)
	box.Marks = []signing.Mark{{X: 40, Y: 250, FontSize: 13, Text: "12/CV-VP"}, {X: 140, Y: 250, FontSize: 13, Text: "07"}}
	order.Appearance = &box
	sealed, _ := sign(tb, signed, order)
	return sealed
}

// remembered asks its source once about each certificate, as a worker of the gateway does.
type remembered struct {
	source signing.RevocationSource
	known  map[*x509.Certificate]certs.Revocation
}

func (r *remembered) Check(
	ctx context.Context, certificate, issuer *x509.Certificate, at time.Time,
) certs.Revocation {
	found, ok := r.known[certificate]
	if !ok {
		found = r.source.Check(ctx, certificate, issuer, at)
		r.known[certificate] = found
	}
	return found
}
