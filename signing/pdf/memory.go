package pdf

import "io"

// Memory is a whole file that is held in memory. A document over one reads it where it lies, without copying; its bytes
// must not be changed as long as the document is used.
type Memory []byte

// ReadAt reads as io.ReaderAt does.
func (m Memory) ReadAt(p []byte, offset int64) (int, error) {
	if offset < 0 || offset > int64(len(m)) {
		return 0, io.EOF
	}
	n := copy(p, m[offset:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
