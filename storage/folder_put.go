package storage

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"congvan/exchange"
)

// Put keeps what r gives, as exchange.Blobs says. A blob that is there but damaged is replaced by the good bytes.
func (f *Folder) Put(
	ctx context.Context, r io.Reader, want exchange.Digest, limit int64,
) (exchange.Digest, int64, error) {
	if f.lock == nil {
		return "", 0, errReadOnlyFolder()
	}
	small, _ := f.small.Get().(*[]byte)
	defer f.small.Put(small)
	into := &spill{staging: f.staging, framed: (*small)[:recordHeader]}
	defer into.end()
	digest, size, err := f.take(ctx, into, r, want, limit)
	*small = into.framed // it may have grown
	switch {
	case err != nil:
	case into.staged == nil:
		err = f.putSmall(digest, into.framed)
	default:
		err = f.putLarge(into.staged, digest, size)
	}
	return digest, size, err
}

// errReadOnlyFolder is the Error of a folder that could not be written to when it was opened.
func errReadOnlyFolder() error {
	return exchange.Errorf(exchange.Unavailable, codeReadOnly, "the folder was opened read-only")
}

// spill takes the bytes that are put: into memory what fits into a segment, what is more into a staged file.
type spill struct {
	staging string
	framed  []byte   // room for a header and the bytes
	staged  *os.File // nil as long as the bytes are few
}

// Write takes bytes.
func (s *spill) Write(p []byte) (int, error) {
	if s.staged == nil && len(s.framed)-recordHeader+len(p) <= smallBlob {
		s.framed = append(s.framed, p...)
		return len(p), nil
	}
	if s.staged == nil {
		staged, err := os.CreateTemp(s.staging, "put-*")
		if err != nil {
			return 0, failed("stage a blob", err)
		}
		s.staged = staged
		if _, err := staged.Write(s.framed[recordHeader:]); err != nil {
			return 0, err
		}
	}
	return s.staged.Write(p)
}

// end removes the staged file. What was kept of it has another name.
func (s *spill) end() {
	if s.staged != nil {
		_ = s.staged.Close()           // what was kept was flushed
		_ = os.Remove(s.staged.Name()) // when this fails the next start sweeps it
	}
}

// take reads r to its end and checks its digest.
func (f *Folder) take(
	ctx context.Context, into io.Writer, r io.Reader, want exchange.Digest, limit int64,
) (exchange.Digest, int64, error) {
	buffer, _ := f.buffers.Get().(*[]byte)
	defer f.buffers.Put(buffer)
	taken := &intake{sum: sha256.New()}
	if err := taken.take(ctx, into, r, limit, *buffer); err != nil {
		return "", 0, err
	}
	digest, err := taken.check(want)
	if err != nil {
		return "", 0, err
	}
	return digest, taken.size, nil
}

// putSmall keeps bytes in a segment unless they are kept already.
func (f *Folder) putSmall(digest exchange.Digest, framed []byte) error {
	content := framed[recordHeader:]
	if f.packs.holds(digest, content) {
		return nil
	}
	err := f.named(digest, int64(len(content)))
	if err == nil {
		return failed("keep a blob", syncDir(filepath.Dir(f.path(digest))))
	}
	if !errors.Is(err, fs.ErrNotExist) && exchange.CodeOf(err) != codeBlobDamage {
		return failed("keep a blob", err)
	}
	return f.packs.put(digest, framed)
}

// putLarge makes staged bytes durable and gives them their name.
func (f *Folder) putLarge(staged *os.File, digest exchange.Digest, size int64) error {
	if err := staged.Chmod(0o440); err != nil {
		return failed("stage a blob", err)
	}
	if err := staged.Sync(); err != nil {
		return failed("flush a blob", err)
	}
	return failed("keep a blob", f.name(staged.Name(), digest, size))
}
