package signing_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/signing"
)

// BenchmarkSignPDF measures one page at B-B against the bare operation of the key (design, section 6).
func BenchmarkSignPDF(b *testing.B) {
	w := newWorkshop(b)
	document := blank(1)
	for _, kind := range []struct {
		name string
		key  certs.KeyKind
	}{{"P-256", certs.ECDSAP256}, {"RSA-2048", certs.RSA2048}, {"RSA-3072", certs.RSA3072}} {
		identity := certstest.Leader(b, w.authority, kind.key)
		order := w.order(identity, signing.LevelB)
		b.Run(kind.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := signing.SignPDF(b.Context(), bytes.NewReader(document), int64(len(document)), order); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(kind.name+"/bare", func(b *testing.B) {
			digest := sha256.Sum256(document)
			for b.Loop() {
				if _, err := identity.Signer.Sign(rand.Reader, digest[:], crypto.SHA256); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSignPDFVisible measures one page with an image and three lines of text.
func BenchmarkSignPDFVisible(b *testing.B) {
	w := newWorkshop(b)
	document := blank(1)
	order := w.order(certstest.Leader(b, w.authority, certs.ECDSAP256), signing.LevelB)
	order.Appearance = &signing.Appearance{
		Page: 1, X: 20, Y: 20, Width: 80, Height: 25, Image: autograph(),
		Lines: []string{"Người ký: Nguyễn Văn An", "Cơ quan: Ủy ban nhân dân xã Hải Hậu", signing.ShownTime(w.at)},
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := signing.SignPDF(b.Context(), bytes.NewReader(document), int64(len(document)), order); err != nil {
			b.Fatal(err)
		}
	}
}

// TestALargeFileIsSignedInLittleMemory signs 256 MB (1 GB with CONGVAN_LARGE=1) and prints how long it takes against
// hashing alone, by openssl and by Go. The memory is asserted, the time is not: other work may run beside.
func TestALargeFileIsSignedInLittleMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("writes a large file")
	}
	size := int64(256 << 20)
	if os.Getenv("CONGVAN_LARGE") == "1" {
		size = 1 << 30
	}
	original, whole := padded(size)
	path := filepath.Join(t.TempDir(), "large.pdf")
	written, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(written, io.NewSectionReader(original, 0, whole)); err != nil {
		t.Fatal(err)
	}
	if err := written.Close(); err != nil {
		t.Fatal(err)
	}
	w := newWorkshop(t)
	order := w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelT)
	document, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer document.Close()

	defer debug.SetMemoryLimit(debug.SetMemoryLimit(64 << 20))
	peak := watchMemory(t)
	started := time.Now()
	signed, err := signing.SignPDF(t.Context(), document, whole, order)
	took := time.Since(started)
	if err != nil || signed.Level != signing.LevelT {
		t.Fatalf("level %s: %v", signed.Level, err)
	}
	used := peak()
	if used > 48<<20 {
		t.Errorf("%d MiB of heap for a file of %d MiB", used>>20, whole>>20)
	}
	started = time.Now()
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(document, 0, whole)); err != nil {
		t.Fatal(err)
	}
	hashed := time.Since(started)
	t.Logf("%d MiB: signed in %v, %.2f of hashing alone; heap %d MiB", whole>>20, took,
		took.Seconds()/hashed.Seconds(), used>>20)
	started = time.Now()
	if out, err := run(t, peer(t, "openssl"), "dgst", "-sha256", path); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Logf("openssl dgst -sha256: signing takes %.2f of it", took.Seconds()/time.Since(started).Seconds())
}

// watchMemory gives the most heap and stack in use until it is asked.
func watchMemory(t *testing.T) func() uint64 {
	t.Helper()
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	stop, done := make(chan struct{}), make(chan uint64)
	go func() {
		var most uint64
		for {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapInuse+now.StackInuse)
			select {
			case <-stop:
				done <- most
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return func() uint64 { close(stop); return <-done }
}
