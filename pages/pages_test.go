package pages_test

import (
	"bytes"
	"errors"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"congvan/pages"
)

// renderer is one for all tests, with the compiled PDFium of all packages: compiling it takes longer than most tests.
var renderer = sync.OnceValue(func() *pages.Renderer {
	return pages.New(2, filepath.Join(os.TempDir(), "congvan-test-cache", "congvan"))
})

func letter(t *testing.T) *bytes.Reader {
	t.Helper()
	data, err := os.ReadFile("../cmd/congvan/demo/letter.pdf")
	if err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(data)
}

func TestTheLetterIsDrawnAndRead(t *testing.T) {
	t.Parallel()
	r, file := renderer(), letter(t)
	count, err := r.Count(t.Context(), file, file.Size())
	if err != nil || count != 1 {
		t.Fatalf("pages: %d, %v", count, err)
	}
	data, err := r.PNG(t.Context(), file, file.Size(), 1, 72)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if size := picture.Bounds().Size(); size.X < 590 || size.X > 600 || size.Y < 838 || size.Y > 846 {
		t.Errorf("A4 at 72 dpi is drawn as %v", size)
	}
	texts, err := r.Texts(t.Context(), file, file.Size(), 1)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, text := range texts {
		if text.Text == "Nguyễn" {
			found = text.Left > 300 && text.Bottom < 500
		}
	}
	if !found {
		t.Errorf("the signer's name is not in the right lower half: %v", texts)
	}
	if _, err := r.PNG(t.Context(), file, file.Size(), 2, 72); !errors.Is(err, pages.ErrNoPage) {
		t.Errorf("page 2 of 1: %v", err)
	}
	if _, err := r.PNG(t.Context(), file, file.Size(), 1, 10_000); !errors.Is(err, pages.ErrTooCostly) {
		t.Errorf("10,000 dpi: %v", err)
	}
}

func TestJunkIsRefusedAndTheNextFileIsStillDrawn(t *testing.T) {
	t.Parallel()
	r := renderer()
	junk := []string{
		"x", "%PDF-1.7\n", strings.Repeat("[", 3<<20),
		"%PDF-1.5\n1 0 obj<</Type/XRef/Size 1099511627776/W[1 1 1]/Length 3>>stream\nabc\nendstream endobj\n" +
			"startxref\n9\n%%EOF",
	}
	for _, text := range junk {
		file := strings.NewReader(text)
		if _, err := r.PNG(t.Context(), file, file.Size(), 1, 72); !errors.Is(err, pages.ErrUnreadable) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
	file := letter(t)
	if _, err := r.PNG(t.Context(), file, file.Size(), 1, 72); err != nil {
		t.Error(err)
	}
}

func TestAClosedRendererStartsAgain(t *testing.T) {
	t.Parallel()
	r, file := pages.New(1, t.TempDir()), letter(t)
	for range 2 {
		if _, err := r.Count(t.Context(), file, file.Size()); err != nil {
			t.Error(err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}
