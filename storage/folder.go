package storage

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"

	"congvan/exchange"
)

// Folder keeps blobs in a folder of this machine, one file a blob, at ab/cd/<sha256>. A blob is written to the
// staging folder beside them, flushed, given its name without replacing another, and the name is flushed: only then
// is it acknowledged. Several programs may use one folder. A folder that cannot be written to can still be read.
type Folder struct {
	dir     string
	staging string
	lock    *os.File  // held shared, so that nobody sweeps what we are staging; nil when the folder cannot be written to
	buffers sync.Pool // of *[]byte

	durable durableNames // of folders, since we opened
}

const (
	stagingName = "staging"
	bufferSize  = 256 << 10
	dirMode     = 0o750
)

// OpenFolder opens the folder of blobs, makes it when it is not there, and removes what an interrupted program left
// in its staging folder. The caller closes it.
func OpenFolder(dir string) (*Folder, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, failed("open the folder of blobs", err)
	}
	folder := &Folder{dir: dir, staging: filepath.Join(dir, stagingName)}
	folder.buffers.New = func() any { buffer := make([]byte, bufferSize); return &buffer }
	err = failed("open the folder of blobs", folder.prepare())
	if exchange.CodeOf(err) == codeReadOnly && isFolder(dir) {
		return folder, nil
	}
	if err != nil {
		return nil, err
	}
	return folder, nil
}

func isFolder(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.IsDir()
}

func (f *Folder) prepare() error {
	if err := makeDurable(f.staging); err != nil {
		return err
	}
	lock, err := os.OpenFile(filepath.Join(f.staging, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if holdAlone(lock) {
		err = f.sweep()
	}
	err = errors.Join(err, share(lock))
	if err != nil {
		return errors.Join(err, lock.Close())
	}
	f.lock = lock
	return nil
}

// makeDurable makes a folder and those above it, and makes their names durable.
func makeDurable(dir string) error {
	if isFolder(dir) {
		return nil
	}
	above := filepath.Dir(dir)
	if above != dir {
		if err := makeDurable(above); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, dirMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(above)
}

// sweep removes staged files: whoever staged them is gone, and they were never acknowledged.
func (f *Folder) sweep() error {
	names, err := filepath.Glob(filepath.Join(f.staging, "put-*"))
	for _, name := range names {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}

// Close lets the folder go, also when it is asked twice. What was put stays.
func (f *Folder) Close() error {
	if f.lock == nil {
		return nil
	}
	if err := f.lock.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

// Put keeps what r gives, as exchange.Blobs says. A blob that is there but damaged is replaced by the good bytes.
func (f *Folder) Put(
	ctx context.Context, r io.Reader, want exchange.Digest, limit int64,
) (exchange.Digest, int64, error) {
	staged, err := os.CreateTemp(f.staging, "put-*")
	if err != nil {
		return "", 0, failed("stage a blob", f.cause(err))
	}
	digest, size, err := f.stage(ctx, staged, r, want, limit)
	if err == nil {
		err = failed("keep a blob", f.name(staged.Name(), digest, size))
	}
	_ = os.Remove(staged.Name()) // its other name stays; when this fails the next start sweeps it
	return digest, size, err
}

// cause makes a missing staging folder what it is: a folder that could not be written to when it was opened.
func (f *Folder) cause(err error) error {
	if f.lock == nil && errors.Is(err, fs.ErrNotExist) {
		return exchange.Errorf(exchange.Unavailable, codeReadOnly, "the folder was opened read-only: %w", err)
	}
	return err
}

// stage fills the staged file and makes its bytes durable. It closes the file.
func (f *Folder) stage(
	ctx context.Context, staged *os.File, r io.Reader, want exchange.Digest, limit int64,
) (digest exchange.Digest, size int64, err error) {
	defer func() { err = errors.Join(err, failed("stage a blob", staged.Close())) }()
	buffer, _ := f.buffers.Get().(*[]byte)
	defer f.buffers.Put(buffer)
	taken := &intake{sum: sha256.New()}
	if err = taken.take(ctx, staged, r, limit, *buffer); err != nil {
		return "", 0, err
	}
	if digest, err = taken.check(want); err != nil {
		return "", 0, err
	}
	if err = staged.Chmod(0o440); err != nil {
		return "", 0, failed("stage a blob", err)
	}
	return digest, taken.size, failed("flush a blob", staged.Sync())
}

// name gives staged bytes their name and makes the name durable. It never replaces good bytes.
func (f *Folder) name(staged string, digest exchange.Digest, size int64) error {
	path := f.path(digest)
	if err := f.makeDir(digest); err != nil {
		return err
	}
	err := link(staged, path)
	if errors.Is(err, fs.ErrExist) {
		err = f.keepOrMend(staged, digest, size)
	}
	if err != nil {
		return err
	}
	// Also when it was there already: another Put may have named it and not flushed the name yet.
	return syncDir(filepath.Dir(path))
}

// link gives a file a second name, or moves it where the file system has no second names (FAT, some network folders).
// There two who put the same bytes at once may replace one by the other: they are the same bytes.
func link(staged, path string) error {
	err := os.Link(staged, path)
	if err == nil || errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) || isFull(err) {
		return err
	}
	if _, there := os.Lstat(path); there == nil {
		return &os.LinkError{Op: "link", Old: staged, New: path, Err: fs.ErrExist}
	}
	return os.Rename(staged, path)
}

// durableNames remembers which folders have been made and their names flushed: a bit for each ab and each ab/cd.
type durableNames [(1<<8 + 1<<16) / 64]atomic.Uint64

func (d *durableNames) has(place uint64) bool { return d[place/64].Load()&(1<<(place%64)) != 0 }
func (d *durableNames) add(place uint64)      { d[place/64].Or(1 << (place % 64)) }

// makeDir makes ab/cd, durable. Finding it there is not enough: another Put may have made it and not flushed its name.
func (f *Folder) makeDir(digest exchange.Digest) error {
	place, err := strconv.ParseUint(string(digest[:4]), 16, 16)
	if err != nil {
		return err
	}
	above, place := place>>8, 1<<8+place
	if f.durable.has(place) {
		return nil
	}
	dir := filepath.Dir(f.path(digest))
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return err
	}
	if !f.durable.has(above) {
		if err := syncDir(f.dir); err != nil {
			return err
		}
		f.durable.add(above)
	}
	if err := syncDir(filepath.Dir(dir)); err != nil {
		return err
	}
	f.durable.add(place)
	return nil
}

// keepOrMend leaves the bytes that have the name already, flushed, unless they are damaged.
func (f *Folder) keepOrMend(staged string, digest exchange.Digest, size int64) error {
	file, err := os.Open(f.path(digest))
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil && info.Size() == size {
		_, err = f.blob(file, digest, size)
	} else if err == nil {
		err = damaged(digest)
	}
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if exchange.CodeOf(err) == codeBlobDamage {
		return os.Rename(staged, f.path(digest))
	}
	return err
}

// Open gives the bytes for reading, as exchange.Blobs says. Up to 1 MiB they are checked before they are given;
// larger ones are checked when they are read in order.
func (f *Folder) Open(ctx context.Context, digest exchange.Digest) (exchange.Blob, error) {
	if ctx.Err() != nil {
		return nil, stopped(ctx, "open a blob")
	}
	if !digest.Valid() {
		return nil, notFound(codeNoBlob, digest)
	}
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

// Has says which of the digests are kept. It looks for the names and does not read the bytes.
func (f *Folder) Has(ctx context.Context, digests []exchange.Digest) (map[exchange.Digest]bool, error) {
	kept := make(map[exchange.Digest]bool, len(digests))
	for _, digest := range digests {
		if ctx.Err() != nil {
			return nil, stopped(ctx, "look for blobs")
		}
		if !digest.Valid() {
			continue
		}
		_, err := os.Stat(f.path(digest))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, failed("look for blobs", err)
		}
		kept[digest] = err == nil
	}
	return kept, nil
}

// Verify reads the blob from its first byte to its last: nil when it is what its name says, blob.damaged when not.
func (f *Folder) Verify(ctx context.Context, digest exchange.Digest) error {
	blob, err := f.Open(ctx, digest)
	if err != nil {
		return err
	}
	return errors.Join(verify(ctx, blob, digest), blob.Close())
}

func (f *Folder) path(digest exchange.Digest) string {
	return filepath.Join(f.dir, string(digest[:2]), string(digest[2:4]), string(digest))
}

// String names the folder, for logs.
func (f *Folder) String() string { return fmt.Sprintf("folder %s", f.dir) }
