package signing_test

import (
	"bytes"
	"image"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"congvan/pages"
	"congvan/signing"
)

// renderer is one for all tests, with the compiled PDFium of all packages: compiling it takes longer than most tests.
var renderer = sync.OnceValue(func() *pages.Renderer {
	return pages.New(2, filepath.Join(os.TempDir(), "congvan-test-cache", "congvan"))
})

// What was added after signing is boxed where a person sees it: the signed revision is the prefix that the signature
// covers, the current one is the whole file.
func TestTheBoxStandsWhereTheForgeryIs(t *testing.T) {
	t.Parallel()
	v := newVictim(t, signing.LevelB)
	amount := onPaper(90, 690, 420, 720) // of the line with the amount, on the first page
	seal := onPaper(280, 140, 460, 215)  // of the leader's signature
	whole := onPaper(0, 0, 595, 842)
	for name, want := range map[string]struct {
		page          int
		within        image.Rectangle
		before, after bool // whether the revisions have the page
	}{
		"another amount on the page":                 {1, amount, true, true},
		"another content stream":                     {1, amount, true, true},
		"one more content stream":                    {1, onPaper(85, 685, 420, 725), true, true},
		"the picture of the signature replaced":      {1, seal, true, true},
		"a page less":                                {2, whole, true, false},
		"a page more":                                {3, whole, false, true},
		"the first page shared by both":              {1, onPaper(90, 130, 470, 780), true, true},
		"another catalog":                            {1, whole, true, true},
		"the reason of the first signature replaced": {}, // nothing that is seen changes
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forged := forgeryNamed(t, name).make(v)
			found := lookAt(t, forged, int64(len(v.twice)))
			if !found.Whole {
				t.Errorf("only %d pages were compared", found.Pages)
			}
			if want.page == 0 {
				if len(found.Changed) > 0 {
					t.Errorf("pages look different: %+v", found.Changed[0].Areas)
				}
				return
			}
			if len(found.Changed) == 0 || found.Changed[0].Page != want.page {
				t.Fatalf("page %d is not said to look different: %+v", want.page, found)
			}
			changed := found.Changed[0]
			if (changed.Before != nil) != want.before || (changed.After != nil) != want.after {
				t.Errorf("picture before: %v, after: %v", changed.Before != nil, changed.After != nil)
			}
			for _, area := range changed.Areas {
				if area.Empty() || !area.In(want.within) {
					t.Errorf("%v is not within %v", area, want.within)
				}
			}
		})
	}
}

func TestAnUnchangedDocumentHasNoBox(t *testing.T) {
	t.Parallel()
	v := newVictim(t, signing.LevelB)
	if found := lookAt(t, v.twice, int64(len(v.twice))); len(found.Changed) != 0 || found.Pages != 2 || !found.Whole {
		t.Errorf("%+v", found)
	}
}

func forgeryNamed(t *testing.T, name string) forgery {
	t.Helper()
	for _, each := range incremental() {
		if each.name == name {
			return each
		}
	}
	t.Fatalf("no forgery %q", name)
	return forgery{}
}

func lookAt(t *testing.T, file []byte, signed int64) pages.Comparison {
	t.Helper()
	whole := bytes.NewReader(file)
	found, err := renderer().Compare(t.Context(), io.NewSectionReader(whole, 0, signed),
		io.NewSectionReader(whole, 0, whole.Size()), 0)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// onPaper gives the pixels of a rectangle in points from the lower left corner of A4, with the room of a grid's cell.
func onPaper(left, bottom, right, top int) image.Rectangle {
	const cell = 8
	at := func(points int) int { return points * 96 / 72 }
	return image.Rect(at(left)-cell, at(842-top)-cell, at(right)+cell, at(842-bottom)+cell)
}
