package storage_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"testing"
	"testing/iotest"
	"time"

	"congvan/exchange"
	"congvan/storage"
)

func TestUploadsGoOnAreBoundedAndExpire(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	dir := t.TempDir()
	open := func(at time.Time) *storage.Partials {
		partials, err := storage.OpenPartials(dir, 100, hour, func() time.Time { return at })
		if err != nil {
			t.Fatal(err)
		}
		return partials
	}
	content := bytes.Repeat([]byte("công văn "), 6)[:60]
	sum := sha256.Sum256(content)
	digest := exchange.Digest(hex.EncodeToString(sum[:]))
	upload := func(from exchange.NodeID, at int64) exchange.Upload {
		return exchange.Upload{From: from, Digest: digest, At: at, Total: int64(len(content))}
	}
	var whole []byte
	take := func(r io.Reader) (err error) {
		whole, err = io.ReadAll(r)
		return err
	}
	add := func(p *storage.Partials, upload exchange.Upload, r io.Reader) error {
		return p.Append(t.Context(), upload, r, take)
	}
	offset := func(p *storage.Partials, from exchange.NodeID, want int64) {
		t.Helper()
		if got, err := p.Offset(from, digest); err != nil || got != want {
			t.Errorf("offset %d, %v, want %d", got, err, want)
		}
	}

	first := open(time.Now())
	cut := errors.New("cut")
	part := io.MultiReader(bytes.NewReader(content[:25]), iotest.ErrReader(cut))
	if err := add(first, upload("cong-xa", 0), part); !errors.Is(err, cut) || whole != nil {
		t.Fatalf("took %q, %v", whole, err)
	}
	offset(first, "cong-xa", 25)
	offset(first, "cong-khac", 0) // another gateway's is its own
	if err := add(first, upload("cong-xa", 20), bytes.NewReader(content[20:])); exchange.CodeOf(err) != "upload.offset" {
		t.Errorf("at another place: %v", err)
	}
	whole = nil
	again := open(time.Now())
	err := add(again, upload("cong-xa", 25), bytes.NewReader(content[25:]))
	if err != nil || !bytes.Equal(whole, content) {
		t.Errorf("took %q, %v", whole, err)
	}
	offset(again, "cong-xa", 0)

	large := exchange.Upload{From: "cong-xa", Digest: digest, Total: 101}
	if err := add(again, large, bytes.NewReader(content)); exchange.CodeOf(err) != "storage.full" {
		t.Errorf("over the bound: %v", err)
	}
	_ = add(again, upload("cong-xa", 0), iotest.TimeoutReader(iotest.OneByteReader(bytes.NewReader(content))))
	offset(again, "cong-xa", 1)
	late := open(time.Now().Add(2 * hour))
	if err := add(late, upload("cong-khac", 0), bytes.NewReader(content)); err != nil {
		t.Error(err)
	}
	offset(late, "cong-xa", 0)
}
