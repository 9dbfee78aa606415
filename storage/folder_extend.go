package storage

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"

	"congvan/exchange"
)

// Extend keeps an extension, as exchange.Extender says. The kernel copies the old bytes, on file systems that share
// blocks without touching them; those of a small blob are read and written.
func (f *Folder) Extend(ctx context.Context, extension exchange.Extension) error {
	if !extension.Of.Valid() || !extension.Digest.Valid() {
		return notFound(codeNoBlob, extension.Of)
	}
	base, err := f.Open(ctx, extension.Of)
	if err != nil {
		return err
	}
	defer func() { _ = base.Close() }() // it was only read
	if base.Size()+int64(len(extension.Tail)) != extension.Size {
		return damaged(extension.Of)
	}
	if large, ok := base.(*streamBlob); ok {
		if file, ok := large.source.(*os.File); ok {
			return f.extendFile(file, extension)
		}
	}
	whole := io.MultiReader(io.NewSectionReader(base, 0, base.Size()), bytes.NewReader(extension.Tail))
	_, _, err = f.Put(ctx, whole, extension.Digest, extension.Size)
	if exchange.CodeOf(err) == codeBlobDigest {
		return damaged(extension.Of)
	}
	return err
}

// extendFile copies the file of a blob without looking at its bytes.
func (f *Folder) extendFile(base *os.File, extension exchange.Extension) error {
	if f.lock == nil {
		return errReadOnlyFolder()
	}
	staged, err := os.CreateTemp(f.staging, "put-*")
	if err != nil {
		return failed("stage a blob", err)
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
