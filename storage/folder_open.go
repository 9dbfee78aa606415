package storage

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"congvan/exchange"
)

// Open gives the bytes for reading, as exchange.Blobs says. Up to 1 MiB they are checked before they are given;
// larger ones are checked when they are read in order.
func (f *Folder) Open(ctx context.Context, digest exchange.Digest) (exchange.Blob, error) {
	if ctx.Err() != nil {
		return nil, stopped(ctx, "open a blob")
	}
	if !digest.Valid() {
		return nil, notFound(codeNoBlob, digest)
	}
	blob, err := f.openKnown(digest)
	if exchange.KindOf(err) != exchange.NotFound {
		return blob, err
	}
	// Another program may have put it.
	if err := f.packs.refresh(); err != nil {
		return nil, err
	}
	return f.openKnown(digest)
}

// openKnown opens a blob that is in a segment we know or a file of its own. One of them may be damaged when the other
// is not.
func (f *Folder) openKnown(digest exchange.Digest) (exchange.Blob, error) {
	blob, err := f.packs.open(digest)
	if blob != nil || err != nil && exchange.CodeOf(err) != codeBlobDamage {
		return blob, err
	}
	blob, failure := f.openFile(digest)
	if exchange.KindOf(failure) == exchange.NotFound && err != nil {
		return nil, err
	}
	return blob, failure
}

func (f *Folder) openFile(digest exchange.Digest) (exchange.Blob, error) {
	file, err := os.Open(f.path(digest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, notFound(codeNoBlob, digest)
	}
	if err != nil {
		return nil, failed("open a blob", err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(failed("open a blob", err), file.Close())
	}
	blob, err := f.blob(file, digest, info.Size())
	if err != nil || info.Size() <= smallBlob {
		_ = file.Close() // only read: closing loses nothing
	}
	return blob, err
}

func (*Folder) blob(file *os.File, digest exchange.Digest, size int64) (exchange.Blob, error) {
	if size <= smallBlob {
		return wholeBlob(file, digest, size)
	}
	return newStreamBlob(file, digest, size), nil
}

// Has says which of the digests are kept. It looks for the names and does not read the bytes, unless another program is
// writing them.
func (f *Folder) Has(ctx context.Context, digests []exchange.Digest) (map[exchange.Digest]bool, error) {
	kept := make(map[exchange.Digest]bool, len(digests))
	refreshed := false
	for _, digest := range digests {
		if ctx.Err() != nil {
			return nil, stopped(ctx, "look for blobs")
		}
		if !digest.Valid() {
			continue
		}
		has, err := f.hasKnown(digest)
		if err == nil && !has && !refreshed {
			if err = f.packs.refresh(); err == nil {
				refreshed = true
				has, err = f.hasKnown(digest)
			}
		}
		if err != nil {
			return nil, err
		}
		kept[digest] = has
	}
	return kept, nil
}

func (f *Folder) hasKnown(digest exchange.Digest) (bool, error) {
	if has, err := f.packs.has(digest); has || err != nil {
		return has, err
	}
	_, err := os.Stat(f.path(digest))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, failed("look for blobs", err)
	}
	return err == nil, nil
}
