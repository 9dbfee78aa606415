package pdf

import (
	"bytes"
	"regexp"
)

// archivalPart finds which part of ISO 19005 (PDF/A) a document claims to follow, 0 for none, as its XMP metadata says
// (ISO 19005-1, 6.7.11).
var archivalPart = regexp.MustCompile(`:part(?:\s*=\s*["']|>\s*)([1-4])`)

// palette finds out, once, which colours this document allows.
func (u *update) palette() (palette, error) {
	if u.colours != nil {
		return *u.colours, nil
	}
	catalog, err := u.dict(u.doc.Root())
	if err != nil {
		return palette{}, err
	}
	intents, err := u.array(catalog["OutputIntents"])
	if err != nil {
		return palette{}, err
	}
	found := paletteFor(u.archivalPart(catalog), len(intents) > 0)
	u.colours = &found
	return found, nil
}

// archivalPart takes metadata that cannot be read for what PDF/A takes it for: no claim.
func (u *update) archivalPart(catalog Dict) int {
	stream, err := u.doc.Stream(catalog["Metadata"])
	if err != nil || stream == nil {
		return 0
	}
	xmp, err := u.doc.Decode(stream)
	if err != nil || !bytes.Contains(xmp, []byte("http://www.aiim.org/pdfa/ns/id/")) {
		return 0
	}
	match := archivalPart.FindSubmatch(xmp)
	if match == nil {
		return 0
	}
	return int(match[1][0] - '0')
}
