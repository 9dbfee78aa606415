package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"congvan/exchange"
)

const (
	codePartialBusy   = "upload.busy"
	codePartialOffset = "upload.offset"
	partialPrefix     = "part-"
)

// Partials keeps what has come of uploads that were cut, so that they go on where they ended, also after this program
// ended in between. What is kept is not durable and not checked: whoever takes the whole checks its digest. All of it
// together is bounded, and what nobody goes on with expires. One program uses a folder.
type Partials struct {
	dir   string
	limit int64         // bytes of all
	age   time.Duration // since the last byte came
	now   func() time.Time
	mutex sync.Mutex
	// reserved are the uploads under way and the bytes each may yet bring; guarded by mutex.
	reserved map[string]int64
}

// OpenPartials opens the folder, and makes it when it is not there.
func OpenPartials(dir string, limit int64, age time.Duration, now func() time.Time) (*Partials, error) {
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, failed("open the folder of uploads", err)
	}
	return &Partials{dir: dir, limit: limit, age: age, now: now, reserved: map[string]int64{}}, nil
}

// Offset says how many bytes of a gateway's upload are here.
func (p *Partials) Offset(from exchange.NodeID, digest exchange.Digest) (int64, error) {
	info, err := os.Stat(p.path(from, digest))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, failed("look for an upload", err)
	}
	return info.Size(), nil
}

// Append adds to an upload what r gives from upload.At on, which must be what Offset says, or 0 to begin anew. When the
// last byte has come the whole is given to take, and its error back. Then nothing of it stays here, whatever take
// says; when r is cut before, what came stays. Errors: Conflict upload.offset; Unavailable upload.busy while another
// connection brings the same, storage.full when all uploads together would be too much.
func (p *Partials) Append(
	ctx context.Context, upload exchange.Upload, r io.Reader, take func(whole io.Reader) error,
) error {
	path := p.path(upload.From, upload.Digest)
	if err := p.reserve(path, upload); err != nil {
		return err
	}
	defer p.release(path)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return failed("open an upload", err)
	}
	whole, err := p.fill(ctx, file, upload, r)
	if whole {
		if _, err = file.Seek(0, io.SeekStart); err == nil {
			err = take(file)
		}
		err = errors.Join(err, os.Remove(path))
	}
	return errors.Join(err, file.Close())
}

// fill writes what comes at the end of the file and says whether the upload is whole.
func (*Partials) fill(ctx context.Context, file *os.File, upload exchange.Upload, r io.Reader) (bool, error) {
	if upload.At == 0 {
		if err := file.Truncate(0); err != nil {
			return false, failed("begin an upload", err)
		}
	}
	here, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return false, failed("continue an upload", err)
	}
	if here != upload.At {
		return false, exchange.Errorf(exchange.Conflict, codePartialOffset, "%d bytes are here, not %d", here, upload.At)
	}
	taken := &intake{sum: sha256.New()}
	err = taken.take(ctx, file, r, upload.Total-upload.At, make([]byte, bufferSize))
	return err == nil && upload.At+taken.size == upload.Total, err
}

// reserve makes room for an upload, or says that there is none.
func (p *Partials) reserve(path string, upload exchange.Upload) error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if _, busy := p.reserved[path]; busy {
		return exchange.Errorf(exchange.Unavailable, codePartialBusy, "%s is being brought", upload.Digest)
	}
	used, err := p.sweep()
	if err != nil {
		return err
	}
	if used+upload.Total-upload.At > p.limit {
		return exchange.Errorf(exchange.Unavailable, codeFull, "%d bytes of uploads, %d more, at most %d",
			used, upload.Total-upload.At, p.limit)
	}
	p.reserved[path] = upload.Total - upload.At
	return nil
}

// sweep removes what has expired and says how much the rest may become; the caller holds the mutex.
func (p *Partials) sweep() (int64, error) {
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		return 0, failed("look for uploads", err)
	}
	used := int64(0)
	for _, entry := range entries {
		path := filepath.Join(p.dir, entry.Name())
		info, err := entry.Info()
		if err != nil || !strings.HasPrefix(entry.Name(), partialPrefix) {
			continue // gone meanwhile, or not ours
		}
		rest, busy := p.reserved[path]
		if !busy && p.now().Sub(info.ModTime()) > p.age {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return 0, failed("remove an upload", err)
			}
			continue
		}
		used += info.Size() + rest
	}
	return used, nil
}

func (p *Partials) release(path string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	delete(p.reserved, path)
}

// path names an upload by who brings it, too: one gateway cannot spoil what another has begun.
func (p *Partials) path(from exchange.NodeID, digest exchange.Digest) string {
	who := sha256.Sum256([]byte(from))
	return filepath.Join(p.dir, partialPrefix+hex.EncodeToString(who[:8])+"-"+string(digest))
}
