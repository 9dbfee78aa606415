package exchange

import (
	"bytes"
)

// sniffed is how many first bytes of a file are looked at: readers find the header of a PDF within them (ISO 32000-1,
// annex H, note 13).
const sniffed = 1024

const (
	pdfType    = "application/pdf"
	executable = "application/x-executable"
)

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
