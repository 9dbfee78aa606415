package pages

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

// What one comparison may cost. A longer document is compared as far as this goes, and the answer says so.
const (
	comparedPages  = 60               // of each revision
	comparisonTime = 15 * time.Second // less than a job has, so that what was found is not lost
	comparedDPI    = 96
	comparedPixels = 2_000_000 // of a page; larger pages are drawn more coarsely
	keptPictures   = 4         // changed pages whose pictures are kept: 64 MB at most
)

// Comparison is how two revisions of a document look different.
type Comparison struct {
	Pages   int  // that were compared, from the first on
	Whole   bool // no page was left out
	Changed []Difference
}

// Difference is a page that looks different. Its pictures are kept for the first few such pages only.
type Difference struct {
	Page          int         // counts from 1
	Before, After image.Image // nil when the revision has no such page, or for want of room
	Areas         []image.Rectangle
}

// Compare draws the pages of two revisions and says where they look different: what a reader of the later one sees that
// a reader of the earlier one did not, or no longer. It is one job, bounded in time and memory: what lies behind its
// bounds is not compared, and Whole says so. With a page, which counts from 1, only that one is compared; 0 stands for
// all.
func (r *Renderer) Compare(ctx context.Context, before, after *io.SectionReader, page int) (Comparison, error) {
	var found Comparison
	err := r.open(ctx, after, after.Size(), func(doc pdfium.Pdfium, ref references.FPDF_DOCUMENT) error {
		soon, cancel := context.WithTimeout(ctx, comparisonTime) // PDFium has been started by now
		defer cancel()
		earlier, err := doc.OpenDocument(&requests.OpenDocument{FileReader: before, FileReaderSize: before.Size()})
		if err != nil {
			return fmt.Errorf("%w: %w", ErrUnreadable, err)
		}
		found, err = compare(soon, revision{doc, earlier.Document}, revision{doc, ref}, page)
		return err
	})
	if err != nil {
		return Comparison{}, err // found is the job's own until the job has ended
	}
	return found, nil
}

func compare(ctx context.Context, before, after revision, only int) (found Comparison, err error) {
	old, err := before.pages()
	if err != nil {
		return found, err
	}
	latest, err := after.pages()
	if err != nil {
		return found, err
	}
	first, last := 1, max(old, latest)
	if only > last || only < 0 {
		return found, fmt.Errorf("%w: %d of %d", ErrNoPage, only, last)
	}
	if only > 0 {
		first, last = only, only
	}
	for page := first; page <= min(last, first+comparedPages-1) && ctx.Err() == nil; page++ {
		was, err := before.draw(page, old)
		if err != nil {
			return found, err
		}
		is, err := after.draw(page, latest)
		if err != nil {
			return found, err
		}
		found.Pages++
		areas := differing(was, is)
		if len(areas) == 0 {
			continue
		}
		difference := Difference{Page: page, Areas: areas}
		if len(found.Changed) < keptPictures {
			difference.Before, difference.After = orNone(was), orNone(is)
		}
		found.Changed = append(found.Changed, difference)
	}
	found.Whole = found.Pages == last-first+1
	return found, nil
}

// Marked gives the pictures of the page with its changed areas boxed; nil for one that is not there.
func (d Difference) Marked() (before, after image.Image) {
	return boxed(d.Before, d.Areas), boxed(d.After, d.Areas)
}

// orNone keeps a missing picture from being an interface that holds nothing.
func orNone(picture *image.RGBA) image.Image {
	if picture == nil {
		return nil
	}
	return picture
}

// revision is one of the two documents of a comparison.
type revision struct {
	doc pdfium.Pdfium
	ref references.FPDF_DOCUMENT
}

func (r revision) pages() (int, error) {
	answer, err := r.doc.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: r.ref})
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return answer.PageCount, nil
}

// draw gives the picture of a page; nil when there is no such page.
func (r revision) draw(page, count int) (*image.RGBA, error) {
	if page > count {
		return nil, nil //nolint:nilnil // a page that was added or taken away is a difference, not an error
	}
	size, err := r.doc.GetPageSize(&requests.GetPageSize{Page: at(r.ref, page)})
	if err != nil {
		return nil, fmt.Errorf("%w: measure page %d: %w", ErrUnreadable, page, err)
	}
	dpi := comparedDPI
	if area := size.Width * size.Height / (72 * 72); area*comparedDPI*comparedDPI > comparedPixels {
		dpi = int(math.Sqrt(comparedPixels / area))
	}
	if err := bounded(r.doc, r.ref, page, max(dpi, 1)); err != nil {
		return nil, err
	}
	answer, err := r.doc.RenderPageInDPI(&requests.RenderPageInDPI{
		Page: at(r.ref, page), DPI: max(dpi, 1), RenderForm: true, Document: &r.ref,
	})
	if err != nil {
		return nil, fmt.Errorf("%w: draw page %d: %w", ErrUnreadable, page, err)
	}
	defer answer.Cleanup()
	shared := answer.Result.Image
	return &image.RGBA{Pix: bytes.Clone(shared.Pix), Stride: shared.Stride, Rect: shared.Rect}, nil
}

// IsUndrawable says whether the file is to blame for there being no picture: it cannot be opened, or costs too much.
func IsUndrawable(err error) bool {
	return errors.Is(err, ErrUnreadable) || errors.Is(err, ErrTooCostly) || errors.Is(err, ErrNoPage)
}
