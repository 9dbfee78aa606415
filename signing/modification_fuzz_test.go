package signing_test

import (
	"bytes"
	"errors"
	"testing"

	"congvan/signing"
	"congvan/signing/pdf"
)

// FuzzClassify appends what it likes to a signed document and looks for a comparison that panics, or that explains a
// change of what the first page shows.
func FuzzClassify(f *testing.F) {
	original := bytes.Clone(signedOffice("", "").Bytes())
	for _, change := range []func(*office){
		func(o *office) {
			o.object(11, "<</FT/Tx/T(number)/Subtype/Widget/Rect[300 700 400 720]/P 3 0 R/F 4/V(45)>>")
		},
		func(o *office) { o.stream(5, "", "BT /F1 12 Tf 100 700 Td (Kinh phi: 9.000.000 dong) Tj ET") },
		func(o *office) { o.object(28, "<</Certs[]>>") },
		func(o *office) { o.object(2, "<</Type/Pages/Kids[4 0 R 3 0 R]/Count 2/MediaBox[0 0 595 842]>>") },
		func(o *office) { o.object(19, "<</Type/Annot/Subtype/FreeText/Rect[0 0 9 9]/Contents(9)>>") },
	} {
		o := signedOffice("", "")
		change(o)
		o.revision("")
		f.Add(o.Bytes()[o.end:])
	}
	shown := firstPage(f, original)
	f.Fuzz(func(t *testing.T, tail []byte) {
		data := append(bytes.Clone(original), tail...)
		doc, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		signatures, err := doc.Signatures()
		if err != nil || len(signatures) == 0 {
			return
		}
		grade, _, err := signing.Classify(doc, signatures[0], int64(len(original)))
		if grade == signing.ModifiedUnknown != (err != nil) {
			t.Fatalf("grade %s with error %v", grade, err)
		}
		if grade != signing.ModifiedUnknown && grade != signing.ModifiedForbidden && !bytes.Equal(firstPage(t, data), shown) {
			t.Fatalf("another first page is explained as %s", grade)
		}
	})
}

// firstPage is the content of the first page.
func firstPage(tb testing.TB, data []byte) []byte {
	tb.Helper()
	doc := openPDF(tb, data)
	catalog, errCatalog := doc.Catalog()
	pages, errPages := doc.Dict(catalog["Pages"])
	kids, errKids := doc.Array(pages["Kids"])
	if err := errors.Join(errCatalog, errPages, errKids); err != nil || len(kids) == 0 {
		tb.Fatalf("no page: %v", err)
	}
	page, errPage := doc.Dict(kids[0])
	stream, errStream := doc.Stream(page["Contents"])
	if err := errors.Join(errPage, errStream); err != nil || stream == nil {
		return nil
	}
	content, err := doc.Decode(stream)
	if err != nil {
		return nil
	}
	return content
}
