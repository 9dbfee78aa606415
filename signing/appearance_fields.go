package signing

import (
	"fmt"
	"io"

	"congvan/signing/pdf"
)

// TextField is an empty text field to be prepared on a page.
type TextField = pdf.TextField

// PrepareFields gives the tail that adds empty text fields to a document that nobody has signed: places for number and
// date, which are filled in (Order.Fill) when the office seals what its leader has signed. Neither an approval nor a
// certification with permission 2 or 3 is harmed by that.
func PrepareFields(original io.ReaderAt, size int64, fields []TextField) ([]byte, error) {
	doc, err := pdf.Open(original, size)
	if err != nil {
		return nil, fmt.Errorf("open the document: %w", err)
	}
	tail, err := pdf.FieldsTail(doc, fields)
	if err != nil {
		return nil, fmt.Errorf("prepare fields: %w", err)
	}
	return tail.Bytes, checkTail(doc, tail, "")
}
