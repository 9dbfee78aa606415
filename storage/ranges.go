package storage

import (
	"io"
	"sync"
)

// Windows onto a blob far away. A read elsewhere fetches a little; reading on from where a window ended fetches twice
// as much as that window, so that a gigabyte read in order is some 130 requests and a search through it stays cheap.
const (
	firstWindow = 128 << 10
	lastWindow  = 8 << 20
	keptWindows = 4
)

// windows reads a blob by ranges and keeps the last few. It is one reader of a source.
type windows struct {
	size  int64
	fetch func(p []byte, off int64) error
	stop  func()

	mu   sync.Mutex // guards kept
	kept []window   // the oldest first
}

type window struct {
	off   int64
	bytes []byte
}

func (w window) end() int64 { return w.off + int64(len(w.bytes)) }

// Close ends all requests.
func (w *windows) Close() error {
	w.stop()
	return nil
}

// ReadAt reads at any offset.
func (w *windows) ReadAt(p []byte, off int64) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	read := 0
	for read < len(p) {
		at := off + int64(read)
		if at >= w.size {
			return read, io.EOF
		}
		there, err := w.at(at)
		if err != nil {
			return read, err
		}
		read += copy(p[read:], there.bytes[at-there.off:])
	}
	return read, nil
}

// at gives a window that has the byte at off.
func (w *windows) at(off int64) (window, error) {
	length := int64(firstWindow)
	for _, kept := range w.kept {
		if kept.off <= off && off < kept.end() {
			return kept, nil
		}
		if kept.end() == off {
			length = max(length, min(2*int64(len(kept.bytes)), lastWindow))
		}
	}
	fetched := window{off: off, bytes: make([]byte, min(length, w.size-off))}
	if err := w.fetch(fetched.bytes, off); err != nil {
		return window{}, err
	}
	if len(w.kept) == keptWindows {
		w.kept = w.kept[1:]
	}
	w.kept = append(w.kept, fetched)
	return fetched, nil
}
