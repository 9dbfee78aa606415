package storage

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"congvan/exchange"
)

// OpenRaw gives the bytes for reading as exchange.RawBlobs says: those of a segment that is known as they stand there,
// others as Open does.
func (f *Folder) OpenRaw(ctx context.Context, digest exchange.Digest) (exchange.Blob, error) {
	if ctx.Err() != nil {
		return nil, stopped(ctx, "open a blob")
	}
	if digest.Valid() {
		if blob := f.packs.raw(digest); blob != nil {
			return blob, nil
		}
	}
	return f.Open(ctx, digest)
}

// raw gives a blob of a segment; nil when there is none whose header is in order.
func (p *packs) raw(digest exchange.Digest) exchange.Blob {
	places, err := p.candidates(digest)
	if err != nil {
		return nil
	}
	for _, place := range places {
		if place.end == 0 {
			continue // another program may be writing there
		}
		if blob, err := p.rawAt(place, digest); err == nil && blob != nil {
			return blob
		}
	}
	return nil
}

func (p *packs) rawAt(place candidate, digest exchange.Digest) (exchange.Blob, error) {
	want, err := rawDigest(digest)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(p.path(place.name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	header := make([]byte, recordHeader)
	_, err = file.ReadAt(header, place.at)
	found, ok := unframe(header, place.name, place.at)
	if err != nil || !ok || found.digest != want {
		return nil, errors.Join(err, file.Close())
	}
	return rawBlob{io.NewSectionReader(file, place.at+int64(recordHeader), found.size), file}, nil
}

// rawBlob is a small blob as it stands in a segment.
type rawBlob struct {
	*io.SectionReader
	file *os.File
}

// Close lets the segment go.
func (b rawBlob) Close() error { return b.file.Close() }
