package pdf_test

import (
	"bytes"
	"testing"

	"congvan/signing/pdf"
)

// BenchmarkOpen is what a judge does with every one-page document before any cryptography.
func BenchmarkOpen(b *testing.B) {
	for name, data := range map[string][]byte{"table": signedOnce(), "stream": compressed()} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				doc, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
				if err != nil {
					b.Fatal(err)
				}
				if _, err := doc.Signatures(); err != nil {
					b.Fatal(err)
				}
				if _, err := doc.Revisions(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
