package pages

import (
	"context"
	"fmt"
	"io"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

// Text is a run of words on one line, and where it stands: points from the page's lower left corner as displayed.
type Text struct {
	Text                     string
	Left, Bottom, Right, Top float64
}

// Texts reads the runs of words of a page, in the order of the file. page counts from 1.
func (r *Renderer) Texts(ctx context.Context, file io.ReaderAt, size int64, page int) ([]Text, error) {
	var texts []Text
	err := r.open(ctx, file, size, func(doc pdfium.Pdfium, ref references.FPDF_DOCUMENT) error {
		if err := bounded(doc, ref, page, 1); err != nil {
			return err
		}
		answer, err := doc.GetPageTextStructured(&requests.GetPageTextStructured{
			Page: at(ref, page), Mode: requests.GetPageTextStructuredModeRects,
		})
		if err != nil {
			return fmt.Errorf("%w: read page %d: %w", ErrUnreadable, page, err)
		}
		for _, run := range answer.Rects {
			place := run.PointPosition
			texts = append(texts, Text{run.Text, place.Left, place.Bottom, place.Right, place.Top})
		}
		return nil
	})
	return texts, err
}
