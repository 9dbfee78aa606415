package storage

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"congvan/exchange"
)

// Extend keeps an extension, as exchange.Extender says. The kernel copies the old bytes, on file systems that share
// blocks without touching them.
func (f *Folder) Extend(ctx context.Context, extension exchange.Extension) error {
	if ctx.Err() != nil {
		return stopped(ctx, "extend a blob")
	}
	if !extension.Of.Valid() || !extension.Digest.Valid() {
		return notFound(codeNoBlob, extension.Of)
	}
	base, err := os.Open(f.path(extension.Of))
	if errors.Is(err, fs.ErrNotExist) {
		return notFound(codeNoBlob, extension.Of)
	}
	if err != nil {
		return failed("extend a blob", err)
	}
	defer func() { _ = base.Close() }() // it was only read
	staged, err := os.CreateTemp(f.staging, "put-*")
	if err != nil {
		return failed("stage a blob", f.cause(err))
	}
	err = stageExtension(staged, base, extension)
	if err == nil {
		err = failed("keep a blob", f.name(staged.Name(), extension.Digest, extension.Size))
	}
	_ = os.Remove(staged.Name()) // its other name stays; when this fails the next start sweeps it
	return err
}

// stageExtension fills the staged file and makes its bytes durable. It closes the file.
func stageExtension(staged, base *os.File, extension exchange.Extension) (err error) {
	defer func() { err = errors.Join(err, failed("stage a blob", staged.Close())) }()
	size, err := io.Copy(staged, base) // copy_file_range(2) on Linux
	if err != nil {
		return failed("stage a blob", err)
	}
	if size+int64(len(extension.Tail)) != extension.Size {
		return damaged(extension.Of)
	}
	if _, err := staged.Write(extension.Tail); err != nil {
		return failed("stage a blob", err)
	}
	if err := staged.Chmod(0o440); err != nil {
		return failed("stage a blob", err)
	}
	return failed("flush a blob", staged.Sync())
}
