package storage_test

import (
	"bytes"
	"io"
	"testing"

	"congvan/exchange"
	"congvan/storage/storagetest"
)

func TestRawBytesAreGivenAsTheyStandInASegment(t *testing.T) {
	t.Parallel()
	dir, content, large := t.TempDir(), storagetest.Bytes(1, 300), storagetest.Bytes(2, 1<<20+1)
	folder := openFolder(t, dir)
	small, whole := putIn(t, folder, content), putIn(t, folder, large)
	read := func(digest exchange.Digest) ([]byte, error) {
		blob, err := folder.OpenRaw(t.Context(), digest)
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(io.NewSectionReader(blob, 0, blob.Size()))
		if err != nil {
			t.Error(err)
		}
		return data, blob.Close()
	}
	for digest, want := range map[exchange.Digest][]byte{small: content, whole: large} {
		if got, err := read(digest); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes of %d, %v", len(got), len(want), err)
		}
	}
	_, err := read(storagetest.Sum([]byte("never put")))
	wantError(t, err, exchange.NotFound, "blob.not_found")
	_, err = read("no digest")
	wantError(t, err, exchange.NotFound, "blob.not_found")

	change := func(at int) {
		harm(t, segments(t, dir)[0], func(data []byte) []byte {
			data[at] ^= 1
			return data
		})
	}
	change(16 + 52) // the first byte of the blob, behind the headers of segment and record
	if got, err := read(small); err != nil || len(got) != len(content) || got[0] != content[0]^1 {
		t.Errorf("the changed bytes are not given: %v", err)
	}
	_, err = folder.Open(t.Context(), small)
	wantError(t, err, exchange.Internal, "blob.damaged")
	change(16 + 20) // the digest in the header
	_, err = read(small)
	wantError(t, err, exchange.Internal, "blob.damaged")
}
