package storagetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/iotest"

	"congvan/exchange"
)

// Blobs is the suite that every engine of exchange.Blobs passes. open gives empty blobs that nobody else uses, and
// cares for their end.
func Blobs(t *testing.T, open func(tb testing.TB) exchange.Blobs) {
	t.Helper()
	for _, story := range []struct {
		name string
		tell func(t *testing.T, blobs exchange.Blobs)
	}{
		{"bytes come back as they were given", bytesComeBack},
		{"bytes are read at any offset by many", readAnywhere},
		{"the same bytes are kept once", keptOnce},
		{"a wanted digest is checked", wantedDigest},
		{"more than the most is refused", tooLarge},
		{"a reader that fails leaves nothing", failingReader},
		{"a caller who gives up leaves nothing", givenUp},
		{"what is not there is not found", notThere},
		{"a name that is no digest is not found", noDigest},
		{"many put at the same time", manyPut},
		{"a closed blob does not spoil another", closedBlob},
		{"an extension is the old bytes and the tail", extended},
		{"a reader is told the state of the hash", told},
	} {
		t.Run(story.name, func(t *testing.T) {
			t.Parallel()
			story.tell(t, open(t))
		})
	}
}

// Bytes gives so many bytes that look random and are the same for the same seed.
func Bytes(seed uint64, size int) []byte {
	random := rand.NewChaCha8(sha256.Sum256([]byte{byte(seed), byte(seed >> 8), byte(seed >> 16)}))
	content := make([]byte, size)
	_, _ = random.Read(content) // never fails
	return content
}

// Sum gives the digest of bytes.
func Sum(content []byte) exchange.Digest {
	sum := sha256.Sum256(content)
	return hexOf(sum[:])
}

func hexOf(sum []byte) exchange.Digest { return exchange.Digest(hex.EncodeToString(sum)) }

const most = 64 << 20

func put(t *testing.T, blobs exchange.Blobs, content []byte) exchange.Digest {
	t.Helper()
	digest, size, err := blobs.Put(t.Context(), bytes.NewReader(content), "", most)
	ok(t, err)
	equal(t, "size", size, int64(len(content)))
	equal(t, "digest", digest, Sum(content))
	return digest
}

func get(t *testing.T, blobs exchange.Blobs, digest exchange.Digest) []byte {
	t.Helper()
	blob, err := blobs.Open(t.Context(), digest)
	ok(t, err)
	content, err := io.ReadAll(io.NewSectionReader(blob, 0, blob.Size()))
	ok(t, err)
	equal(t, "size", blob.Size(), int64(len(content)))
	ok(t, blob.Close())
	return content
}

// sizes are small ones, and those around the limits of engines.
func sizes() []int {
	return []int{0, 1, 4096, 64<<10 - 1, 64 << 10, 1<<20 - 1, 1 << 20, 1<<20 + 1, 3<<20 + 7, 20 << 20}
}

func bytesComeBack(t *testing.T, blobs exchange.Blobs) {
	t.Helper()
	for n, size := range sizes() {
		content := Bytes(uint64(n), size)
		digest := put(t, blobs, content)
		if !bytes.Equal(get(t, blobs, digest), content) {
			t.Errorf("%d bytes came back differently", size)
		}
	}
	content := Bytes(99, 5000)
	digest, size, err := blobs.Put(t.Context(), iotest.OneByteReader(bytes.NewReader(content)), Sum(content), 5000)
	ok(t, err)
	equal(t, "size", size, int64(5000))
	equal(t, "digest", digest, Sum(content))
	if !bytes.Equal(get(t, blobs, digest), content) {
		t.Error("bytes that came one by one came back differently")
	}
}

func readAnywhere(t *testing.T, blobs exchange.Blobs) {
	t.Helper()
	for n, size := range []int{50_000, 9 << 20} {
		content := Bytes(uint64(n), size)
		blob, err := blobs.Open(t.Context(), put(t, blobs, content))
		ok(t, err)
		var all sync.WaitGroup
		for reader := range uint64(8) {
			all.Go(func() {
				random := rand.New(rand.NewPCG(reader, 7))
				for range 40 {
					readPiece(t, blob, content, random)
				}
			})
		}
		all.Wait()
		if _, err := blob.ReadAt(make([]byte, 1), int64(size)); !errors.Is(err, io.EOF) {
			t.Errorf("a read after the end gave %v", err)
		}
		ok(t, blob.Close())
	}
}

// readPiece reads some bytes somewhere, also past the end, as io.ReaderAt demands.
func readPiece(t *testing.T, blob exchange.Blob, content []byte, random *rand.Rand) {
	t.Helper()
	off, length := random.IntN(len(content)), 1+random.IntN(100_000)
	piece := make([]byte, length)
	want := content[off:min(off+length, len(content))]
	got, err := blob.ReadAt(piece, int64(off))
	short := len(want) < length
	if short && !errors.Is(err, io.EOF) || !short && err != nil && !errors.Is(err, io.EOF) {
		t.Errorf("%d bytes at %d of %d: %v", length, off, len(content), err)
	}
	if !bytes.Equal(piece[:got], want) {
		t.Errorf("%d bytes at %d of %d came back differently", length, off, len(content))
	}
}

func keptOnce(t *testing.T, blobs exchange.Blobs) {
	t.Helper()
	for n, size := range []int{1000, 2 << 20} {
		content := Bytes(uint64(n), size)
		equal(t, "digest", put(t, blobs, content), put(t, blobs, content))
		if !bytes.Equal(get(t, blobs, Sum(content)), content) {
			t.Error("bytes put twice came back differently")
		}
	}
}

// nothing fails the test when the bytes are there.
func nothing(t *testing.T, blobs exchange.Blobs, content []byte) {
	t.Helper()
	_, err := blobs.Open(t.Context(), Sum(content))
	refused(t, err, exchange.NotFound, "blob.not_found")
	kept, err := blobs.Has(t.Context(), []exchange.Digest{Sum(content)})
	ok(t, err)
	equal(t, "has", kept[Sum(content)], false)
}

func wantedDigest(t *testing.T, blobs exchange.Blobs) {
	t.Helper()
	for n, size := range []int{0, 1000, 2 << 20} {
		content := Bytes(uint64(n), size)
		for _, want := range []exchange.Digest{Sum([]byte("other")), "no digest", "../../../../etc/passwd"} {
			_, _, err := blobs.Put(t.Context(), bytes.NewReader(content), want, most)
			refused(t, err, exchange.Invalid, "blob.digest_mismatch")
			nothing(t, blobs, content)
		}
		digest, _, err := blobs.Put(t.Context(), bytes.NewReader(content), Sum(content), most)
		ok(t, err)
		equal(t, "digest", digest, Sum(content))
	}
}

func tooLarge(t *testing.T, blobs exchange.Blobs) {
	t.Helper()
	for n, size := range []int{1, 1000, 2 << 20} {
		content := Bytes(uint64(n), size)
		_, _, err := blobs.Put(t.Context(), bytes.NewReader(content), "", int64(size)-1)
		refused(t, err, exchange.Invalid, "blob.too_large")
		nothing(t, blobs, content)
		_, _, err = blobs.Put(t.Context(), bytes.NewReader(content), "", int64(size))
		ok(t, err)
	}
	endless := rand.NewChaCha8([32]byte{})
	_, _, err := blobs.Put(t.Context(), endless, "", 3<<20)
	refused(t, err, exchange.Invalid, "blob.too_large")
}

func failingReader(t *testing.T, blobs exchange.Blobs) {
	t.Helper()
	for n, size := range []int{0, 1000, 2 << 20} {
		content := Bytes(uint64(n), size)
		broken := io.MultiReader(bytes.NewReader(content), iotest.ErrReader(errOnPurpose))
		_, _, err := blobs.Put(t.Context(), broken, "", most)
		if !errors.Is(err, errOnPurpose) || exchange.KindOf(err) == exchange.Unavailable {
			t.Errorf("the reader's fault became %v", err)
		}
		nothing(t, blobs, content)
	}
}

func givenUp(t *testing.T, blobs exchange.Blobs) {
	t.Helper()
	content := Bytes(1, 2<<20)
	giving, giveUp := context.WithCancel(t.Context())
	first, rest := bytes.NewReader(content[:1<<20]), bytes.NewReader(content[1<<20:])
	stop := readerFunc(func([]byte) (int, error) {
		giveUp()
		return 0, io.EOF
	})
	_, _, err := blobs.Put(giving, io.MultiReader(first, stop, rest), "", most)
	if !errors.Is(err, context.Canceled) || exchange.KindOf(err) != exchange.Unavailable {
		t.Errorf("got %v", err)
	}
	nothing(t, blobs, content)
}

type readerFunc func(p []byte) (int, error)

// Read calls the function.
func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func notThere(t *testing.T, blobs exchange.Blobs) {
	t.Helper()
	nothing(t, blobs, []byte("never put"))
	there := []exchange.Digest{put(t, blobs, []byte("a")), put(t, blobs, []byte("b"))}
	kept, err := blobs.Has(t.Context(), append(there, Sum([]byte("never put")), DigestOf(1)))
	ok(t, err)
	for n, digest := range append(there, Sum([]byte("never put")), DigestOf(1)) {
		equal(t, string(digest), kept[digest], n < 2)
	}
	none, err := blobs.Has(t.Context(), nil)
	ok(t, err)
	equal(t, "of nothing", len(none), 0)
}

func noDigest(t *testing.T, blobs exchange.Blobs) {
	t.Helper()
	put(t, blobs, []byte("a"))
	for _, digest := range []exchange.Digest{
		"", "a", "..", "../../../../../../../etc/passwd", Sum([]byte("a")) + "/", "../" + Sum([]byte("a"))[3:],
		Sum([]byte("a"))[:63], Sum([]byte("a"))[:63] + "\x00",
		"CA978112CA1BBDCAFAC231B39A23DC4DA786EFF8147C4E72B9807785AFEE48BB",
	} {
		_, err := blobs.Open(t.Context(), digest)
		refused(t, err, exchange.NotFound, "blob.not_found")
		kept, err := blobs.Has(t.Context(), []exchange.Digest{digest})
		ok(t, err)
		equal(t, string(digest), kept[digest], false)
	}
}

func manyPut(t *testing.T, blobs exchange.Blobs) {
	t.Helper()
	var all sync.WaitGroup
	for writer := range 16 {
		all.Go(func() {
			for n := range 8 {
				content := Bytes(uint64(n*(writer%4+1)), 20_000) // several write the same
				if err := putAndOpen(t.Context(), blobs, content); err != nil {
					t.Errorf("writer %d: %v", writer, err)
				}
			}
		})
	}
	all.Wait()
}

// putAndOpen puts bytes and opens what was put.
func putAndOpen(ctx context.Context, blobs exchange.Blobs, content []byte) error {
	digest, _, err := blobs.Put(ctx, bytes.NewReader(content), Sum(content), most)
	if err != nil {
		return err
	}
	blob, err := blobs.Open(ctx, digest)
	if err != nil {
		return err
	}
	return blob.Close()
}

func closedBlob(t *testing.T, blobs exchange.Blobs) {
	t.Helper()
	content := Bytes(1, 3<<20)
	digest := put(t, blobs, content)
	first, err := blobs.Open(t.Context(), digest)
	ok(t, err)
	second, err := blobs.Open(t.Context(), digest)
	ok(t, err)
	ok(t, first.Close())
	tail := make([]byte, 100)
	_, err = second.ReadAt(tail, second.Size()-100)
	ok(t, err)
	if !bytes.Equal(tail, content[len(content)-100:]) {
		t.Error("the end came back differently")
	}
	ok(t, second.Close())
}
