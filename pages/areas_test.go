package pages_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"congvan/pages"
)

func section(file *bytes.Reader) *io.SectionReader { return io.NewSectionReader(file, 0, file.Size()) }

func TestAFileComparedWithItselfHasNoDifference(t *testing.T) {
	t.Parallel()
	found, err := renderer().Compare(t.Context(), section(letter(t)), section(letter(t)), 0)
	if err != nil || len(found.Changed) != 0 || found.Pages != 1 || !found.Whole {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestWhatCannotBeDrawnCannotBeCompared(t *testing.T) {
	t.Parallel()
	junk := strings.NewReader("%PDF-1.7\n")
	_, err := renderer().Compare(t.Context(), io.NewSectionReader(junk, 0, junk.Size()), section(letter(t)), 0)
	if !pages.IsUndrawable(err) {
		t.Errorf("before: %v", err)
	}
	_, err = renderer().Compare(t.Context(), section(letter(t)), io.NewSectionReader(junk, 0, junk.Size()), 0)
	if !pages.IsUndrawable(err) {
		t.Errorf("after: %v", err)
	}
	_, err = renderer().Compare(t.Context(), section(letter(t)), section(letter(t)), 2)
	if !errors.Is(err, pages.ErrNoPage) {
		t.Errorf("page 2 of 1: %v", err)
	}
}
