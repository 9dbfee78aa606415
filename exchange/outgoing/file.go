package outgoing

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"

	"congvan/exchange"
)

// sniffed is how many first bytes of a file are looked at: readers find the header of a PDF within them (ISO 32000-1,
// annex H, note 13).
const sniffed = 1024

const (
	// PDF is the media type of what can be signed.
	PDF        = "application/pdf"
	executable = "application/x-executable"
)

// signatureRoom is what signatures add to a file at the most, in bytes.
const signatureRoom = 4 << 20

// Keep takes in an attachment before the draft that names it. Errors of kind Invalid: file.name, file.executable,
// blob.too_large.
func (d Desk) Keep(ctx context.Context, actor exchange.Actor, name string, content io.Reader) (exchange.File, error) {
	if err := actor.May(exchange.ActSubmit); err != nil {
		return exchange.File{}, err
	}
	if err := exchange.CheckFileName(name); err != nil {
		return exchange.File{}, err
	}
	buffered := bufio.NewReaderSize(content, sniffed)
	head, err := buffered.Peek(sniffed)
	if err != nil && !errors.Is(err, io.EOF) {
		return exchange.File{}, exchange.Errorf(exchange.Unavailable, "file.interrupted", "read: %w", err)
	}
	if len(head) == 0 {
		return exchange.File{}, exchange.Errorf(exchange.Invalid, "file.empty", "no bytes")
	}
	mediaType := sniff(head)
	if mediaType == executable {
		return exchange.File{}, exchange.Errorf(exchange.Invalid, "file.executable", "a program")
	}
	digest, size, err := d.KeepBytes(ctx, buffered, "", d.Gateway.MaxFile)
	if err != nil {
		return exchange.File{}, err
	}
	return exchange.File{Name: name, MediaType: mediaType, Digest: digest, Size: size}, nil
}

// keepMain stores the main file once its first bytes look like a PDF, and gives it open: a letter of the usual size is
// still in memory.
func (d Desk) keepMain(
	ctx context.Context, name string, content io.Reader,
) (exchange.File, exchange.Blob, error) {
	buffered := bufio.NewReaderSize(content, sniffed)
	head, err := buffered.Peek(sniffed)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return exchange.File{}, nil, exchange.Errorf(exchange.Unavailable, "file.interrupted", "read: %w", err)
	case len(head) == 0:
		return exchange.File{}, nil, exchange.Errorf(exchange.Invalid, "file.empty", "no bytes")
	case !bytes.Contains(head, []byte("%PDF-")):
		return exchange.File{}, nil, exchange.Errorf(exchange.Invalid, "document.not_pdf", "begins with %s", sniff(head))
	}
	// The signatures must fit too: other gateways take nothing larger than MaxFile.
	passed := &passing{Reader: buffered}
	digest, size, err := d.KeepBytes(ctx, passed, "", max(d.Gateway.MaxFile-signatureRoom, d.Gateway.MaxFile/2))
	if err != nil {
		return exchange.File{}, nil, err
	}
	file := exchange.File{Name: name, MediaType: PDF, Digest: digest, Size: size}
	if size < exchange.LargeFile {
		return file, passedBlob{bytes.NewReader(passed.bytes)}, nil
	}
	blob, err := d.Gateway.Blobs.Open(ctx, digest)
	return file, blob, err
}

// passing keeps what is read through it, up to the size of a large file.
type passing struct {
	io.Reader
	bytes []byte
}

// Read reads.
func (p *passing) Read(into []byte) (int, error) {
	n, err := p.Reader.Read(into)
	if len(p.bytes) < exchange.LargeFile {
		p.bytes = append(p.bytes, into[:n]...)
	}
	return n, err
}

// passedBlob is a blob that was kept just now: its digest is that of these bytes.
type passedBlob struct{ *bytes.Reader }

// Close does nothing.
func (passedBlob) Close() error { return nil }

func (d Desk) checkAttachments(ctx context.Context, files []exchange.File) error {
	digests := make([]exchange.Digest, len(files))
	for i, file := range files {
		if err := exchange.CheckFileName(file.Name); err != nil {
			return err
		}
		digests[i] = file.Digest
	}
	if len(digests) == 0 {
		return nil
	}
	kept, err := d.Gateway.Blobs.Has(ctx, digests)
	if err != nil {
		return err
	}
	for _, digest := range digests {
		if !kept[digest] {
			return exchange.Errorf(exchange.Invalid, "attachment.missing", "no bytes for %s", digest)
		}
	}
	return nil
}

// sniff tells the media type from the first bytes, as far as exchange must know it.
func sniff(head []byte) string {
	for _, known := range []struct{ magic, mediaType string }{
		{"MZ", executable},
		{"\x7fELF", executable},
		{"#!", executable},
		{"PK\x03\x04", "application/zip"},
		{"\x89PNG\r\n\x1a\n", "image/png"},
		{"\xff\xd8\xff", "image/jpeg"},
		{"<?xml", "application/xml"},
		{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"},
	} {
		if bytes.HasPrefix(head, []byte(known.magic)) {
			return known.mediaType
		}
	}
	if bytes.Contains(head, []byte("%PDF-")) {
		return PDF
	}
	return "application/octet-stream"
}
