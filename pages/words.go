package pages

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/responses"
)

// Text is a word on a page, and where it stands: points from the page's lower left corner as displayed. Leaders, the
// dots of a place that is left free for writing, are words of their own.
type Text struct {
	Text                     string
	Left, Bottom, Right, Top float64
}

// Texts reads the words of a page, in the order of the file. page counts from 1.
func (r *Renderer) Texts(ctx context.Context, file io.ReaderAt, size int64, page int) ([]Text, error) {
	var texts []Text
	err := r.open(ctx, file, size, func(doc pdfium.Pdfium, ref references.FPDF_DOCUMENT) error {
		if err := bounded(doc, ref, page, 1); err != nil {
			return err
		}
		answer, err := doc.GetPageTextStructured(&requests.GetPageTextStructured{
			Page: at(ref, page), Mode: requests.GetPageTextStructuredModeChars,
		})
		if err != nil {
			return fmt.Errorf("%w: read page %d: %w", ErrUnreadable, page, err)
		}
		texts = wordsOf(answer.Chars)
		return nil
	})
	return texts, err
}

// wordsOf joins characters that stand side by side.
func wordsOf(chars []*responses.GetPageTextStructuredChar) []Text {
	var words []Text
	inside := false // the last word may go on
	for i, char := range chars {
		place := char.PointPosition
		if strings.TrimSpace(char.Text) == "" || !unicode.IsPrint([]rune(char.Text)[0]) {
			inside = false
			continue
		}
		next := Text{char.Text, place.Left, place.Bottom, place.Right, place.Top}
		last := len(words) - 1
		if !inside || leader(chars, i) != leader(chars, i-1) || !touches(words[last], next) {
			words = append(words, next)
			inside = true
			continue
		}
		words[last].Text += next.Text
		words[last].Right = max(words[last].Right, next.Right)
		words[last].Bottom, words[last].Top = min(words[last].Bottom, next.Bottom), max(words[last].Top, next.Top)
	}
	return words
}

// leader says whether the character is one of at least two dots in a row, or an ellipsis.
func leader(chars []*responses.GetPageTextStructuredChar, i int) bool {
	dot := func(i int) bool { return i >= 0 && i < len(chars) && chars[i].Text == "." }
	return chars[i].Text == "…" || dot(i) && (dot(i-1) || dot(i+1))
}

// touches says whether a character goes on a word: on its line, and not far to the right or back to the left.
func touches(word, next Text) bool {
	const slack = 12 // points; letters with two marks are half as high again
	gap := next.Left - word.Right
	return math.Abs(next.Bottom-word.Bottom) < slack && gap > -slack && gap < slack
}
