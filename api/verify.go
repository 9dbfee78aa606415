package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"os"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"congvan/exchange"
	"congvan/signing"
)

// inMemory is the largest file that is judged without being laid down on disk.
const inMemory = 1 << 20

// verifyInput is a file: the whole body, or the part "file" of a form. Huma is not told of a body.
type verifyInput struct {
	name string
	file io.Reader
	err  error
}

// Resolve finds the file in the request.
func (in *verifyInput) Resolve(ctx huma.Context) []error {
	c := humagin.Unwrap(ctx)
	mediaType, parameters, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil || mediaType != "multipart/form-data" {
		in.file = c.Request.Body
		return nil
	}
	part, err := multipart.NewReader(c.Request.Body, parameters["boundary"]).NextRawPart()
	if err != nil || part.FormName() != "file" {
		in.err = exchange.Errorf(exchange.Invalid, codePartOrder, `the first part is not "file": %w`, orEOF(err))
		return nil
	}
	in.name, in.file = part.FileName(), part
	return nil
}

type verifyOutput struct{ Body signing.Report }

func (s *Server) verifyFile(ctx context.Context, actor exchange.Actor, in *verifyInput) (*verifyOutput, error) {
	spool, release, err := s.taken(actor, in)
	if err != nil {
		return nil, err
	}
	defer release()
	defer spool.Close()
	report, err := s.reading().Verify(ctx, actor, spool, spool.Size())
	if err != nil {
		return nil, err
	}
	report.File = in.name
	return &verifyOutput{report}, nil
}

// taken is the file of a request, laid down while there is a place for it to be judged.
func (s *Server) taken(actor exchange.Actor, in *verifyInput) (exchange.Blob, func(), error) {
	if in.err != nil {
		return nil, nil, in.err
	}
	release, err := s.judging.take(actor.Office)
	if err != nil {
		return nil, nil, err
	}
	spool, err := Spool(in.file, s.gateway.MaxFile)
	if err != nil {
		release()
		return nil, nil, err
	}
	return spool, release, nil
}

// Spool lays down a stream so that it can be read at any offset: in memory when it is small, else in a file that nobody
// else can open and that is gone when it is closed. Errors: Invalid file.empty, file.too_large; Unavailable
// storage.unavailable.
func Spool(stream io.Reader, most int64) (exchange.Blob, error) {
	head, err := io.ReadAll(io.LimitReader(stream, inMemory+1))
	if err != nil {
		return nil, interrupted(err)
	}
	if len(head) == 0 {
		return nil, exchange.Errorf(exchange.Invalid, "file.empty", "no bytes")
	}
	if int64(len(head)) > most {
		return nil, exchange.Errorf(exchange.Invalid, "file.too_large", "at most %d bytes", most)
	}
	if len(head) <= inMemory {
		return memory(head), nil
	}
	return spoolFile(head, stream, most)
}

func spoolFile(head []byte, stream io.Reader, most int64) (_ exchange.Blob, err error) {
	file, err := os.CreateTemp("", "congvan-*")
	if err != nil {
		return nil, exchange.Errorf(exchange.Unavailable, "storage.unavailable", "%w", err)
	}
	spooled := &spooledFile{File: file}
	defer func() {
		if err != nil {
			err = errors.Join(err, spooled.Close())
		}
	}()
	if _, err := file.Write(head); err != nil {
		return nil, exchange.Errorf(exchange.Unavailable, "storage.unavailable", "%w", err)
	}
	rest, err := io.Copy(file, io.LimitReader(stream, most-int64(len(head))+1))
	if err != nil {
		return nil, interrupted(err)
	}
	spooled.size = int64(len(head)) + rest
	if spooled.size > most {
		return nil, exchange.Errorf(exchange.Invalid, "file.too_large", "at most %d bytes", most)
	}
	return spooled, nil
}

func interrupted(err error) error {
	if _, ok := errors.AsType[*exchange.Error](err); ok {
		return err
	}
	return exchange.Errorf(exchange.Unavailable, "file.interrupted", "%w", err)
}

// memory is a small file.
type memory []byte

// ReadAt reads at an offset.
func (m memory) ReadAt(p []byte, offset int64) (int, error) {
	if offset < 0 || offset >= int64(len(m)) {
		return 0, io.EOF
	}
	n := copy(p, m[offset:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Size is the number of bytes.
func (m memory) Size() int64 { return int64(len(m)) }

// Close does nothing.
func (memory) Close() error { return nil }

// spooledFile is a large file.
type spooledFile struct {
	*os.File
	size int64
}

// Size is the number of bytes.
func (f *spooledFile) Size() int64 { return f.size }

// Close removes the file.
func (f *spooledFile) Close() error {
	closed, removed := f.File.Close(), os.Remove(f.Name())
	if err := errors.Join(closed, removed); err != nil {
		return fmt.Errorf("remove a spooled file: %w", err)
	}
	return nil
}

func orEOF(err error) error {
	if err == nil {
		return io.ErrUnexpectedEOF
	}
	return err
}
