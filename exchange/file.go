package exchange

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
)

// sniffed is how many first bytes of a file are looked at: readers find the header of a PDF within them (ISO 32000-1,
// annex H, note 13).
const sniffed = 1024

const (
	pdfType    = "application/pdf"
	executable = "application/x-executable"
)

// Keep takes in an attachment before the draft that names it. Errors of kind Invalid: file.name, file.executable,
// blob.too_large.
func (g *Gateway) Keep(ctx context.Context, actor Actor, name string, content io.Reader) (File, error) {
	if err := actor.May(ActSubmit); err != nil {
		return File{}, err
	}
	if err := checkFileName(name); err != nil {
		return File{}, err
	}
	buffered := bufio.NewReaderSize(content, sniffed)
	head, err := buffered.Peek(sniffed)
	if err != nil && !errors.Is(err, io.EOF) {
		return File{}, Errorf(Unavailable, "file.interrupted", "read: %w", err)
	}
	if len(head) == 0 {
		return File{}, Errorf(Invalid, "file.empty", "no bytes")
	}
	mediaType := sniff(head)
	if mediaType == executable {
		return File{}, Errorf(Invalid, "file.executable", "a program")
	}
	digest, size, err := g.keepBytes(ctx, buffered, "", g.MaxFile)
	if err != nil {
		return File{}, err
	}
	return File{Name: name, MediaType: mediaType, Digest: digest, Size: size}, nil
}

// keepMain stores the main file once its first bytes look like a PDF.
func (g *Gateway) keepMain(ctx context.Context, name string, content io.Reader) (File, error) {
	buffered := bufio.NewReaderSize(content, sniffed)
	head, err := buffered.Peek(sniffed)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return File{}, Errorf(Unavailable, "file.interrupted", "read: %w", err)
	case len(head) == 0:
		return File{}, Errorf(Invalid, "file.empty", "no bytes")
	case !bytes.Contains(head, []byte("%PDF-")):
		return File{}, Errorf(Invalid, "document.not_pdf", "begins with %s", sniff(head))
	}
	// The signatures must fit too: other gateways take nothing larger than MaxFile.
	digest, size, err := g.keepBytes(ctx, buffered, "", max(g.MaxFile-signatureRoom, g.MaxFile/2))
	if err != nil {
		return File{}, err
	}
	return File{Name: name, MediaType: pdfType, Digest: digest, Size: size}, nil
}

func checkFileName(name string) error {
	if !isText(name, 1, maxFileName) || len(name) > maxFileName || strings.ContainsAny(name, `/\`) {
		return Errorf(Invalid, "file.name", "file name of %d bytes", len(name))
	}
	return nil
}

func (g *Gateway) checkAttachments(ctx context.Context, files []File) error {
	if len(files) > maxAttachments {
		return Errorf(Invalid, "draft.attachments", "%d attachments, at most %d", len(files), maxAttachments)
	}
	digests := make([]Digest, len(files))
	for i, file := range files {
		if err := checkFileName(file.Name); err != nil {
			return err
		}
		digests[i] = file.Digest
	}
	if len(digests) == 0 {
		return nil
	}
	kept, err := g.Blobs.Has(ctx, digests)
	if err != nil {
		return err
	}
	for _, digest := range digests {
		if !kept[digest] {
			return Errorf(Invalid, "attachment.missing", "no bytes for %s", digest)
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
		return pdfType
	}
	return "application/octet-stream"
}
