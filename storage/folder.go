package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"

	"congvan/exchange"
)

// Folder keeps blobs in a folder of this machine. Those of up to 1 MiB are appended to a segment (see packMagic), many
// with one flush; the index of the segments is in memory, some 20 bytes a blob. A larger one is a file at
// ab/cd/<sha256>: it is written to the staging folder, flushed, given its name without replacing another, and the name
// is flushed. Only what is durable is acknowledged. Small blobs that are such files are read as well. Several
// programs may use one folder. A folder that cannot be written to can still be read.
type Folder struct {
	dir     string
	staging string
	lock    *os.File // held shared, so that nobody sweeps what we are staging; nil when the folder cannot be written to
	packs   *packs
	buffers sync.Pool // of *[]byte, to read into
	small   sync.Pool // of *[]byte, with what may become a record of a segment

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
	folder.packs = newPacks(dir, folder.staging)
	folder.buffers.New = func() any { buffer := make([]byte, bufferSize); return &buffer }
	folder.small.New = func() any { buffer := make([]byte, recordHeader, recordHeader+64<<10); return &buffer }
	err = failed("open the folder of blobs", folder.prepare())
	if exchange.CodeOf(err) == codeReadOnly && isFolder(dir) {
		folder.packs = newPacks(dir, folder.staging)
		err = failed("open the folder of blobs", folder.packs.view())
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
	alone := holdAlone(lock)
	if alone {
		err = f.sweep()
	}
	if err == nil {
		err = f.packs.load(alone) // who starts meanwhile waits in share
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

// Close lets the folder go, also when it is asked twice. What was put stays and can be read; nothing small can be put.
func (f *Folder) Close() error {
	f.packs.close()
	if f.lock == nil {
		return nil
	}
	if err := f.lock.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
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
	err := f.named(digest, size)
	if exchange.CodeOf(err) == codeBlobDamage {
		return os.Rename(staged, f.path(digest))
	}
	return err
}

// named flushes the file of a blob and looks at it as Open does.
func (f *Folder) named(digest exchange.Digest, size int64) error {
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
	return err
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
