package signing_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"testing"

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
