package pdf_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"congvan/signing/pdf"
)

// file puts a PDF file together, revision by revision.
type file struct {
	bytes.Buffer
	offsets map[int]int // of the objects of the revision at hand
	last    int         // offset of the newest cross-reference section
	highest int
}

func newFile() *file {
	f := &file{offsets: map[int]int{}}
	f.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	return f
}

// simple is a document of one page whose contents are given.
func simple(contents string) *file {
	f := newFile()
	f.object(1, "<</Type/Catalog/Pages 2 0 R>>")
	f.object(2, "<</Type/Pages/Kids[3 0 R]/Count 1>>")
	f.object(3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>")
	f.stream(4, "", contents)
	return f
}

func (f *file) object(number int, text string) {
	f.offsets[number] = f.Len()
	f.highest = max(f.highest, number)
	fmt.Fprintf(f, "%d 0 obj\n%s\nendobj\n", number, text)
}

func (f *file) stream(number int, entries, data string) {
	f.object(number, fmt.Sprintf("<<%s/Length %d>>stream\n%s\nendstream", entries, len(data), data))
}

func (f *file) packed(number int, entries, data string) {
	f.stream(number, entries+"/Filter/FlateDecode", deflated(data))
}

// table ends the revision with a cross-reference table; entries are added to the trailer.
func (f *file) table(entries string) []byte {
	start := f.Len()
	fmt.Fprintf(f, "xref\n0 1\n0000000000 65535 f \n")
	for _, number := range slices.Sorted(keys(f.offsets)) {
		fmt.Fprintf(f, "%d 1\n%010d 00000 n \n", number, f.offsets[number])
	}
	f.finish(start, entries)
	return f.Bytes()
}

func (f *file) finish(start int, entries string) {
	if f.last > 0 {
		entries += fmt.Sprintf("/Prev %d", f.last)
	}
	fmt.Fprintf(f, "trailer\n<</Root 1 0 R/Size %d%s>>\nstartxref\n%d\n%%%%EOF\n", f.highest+1, entries, start)
	f.last, f.offsets = start, map[int]int{}
}

// contained says that an object is in an object stream.
type contained struct{ number, container, index int }

// xrefStream ends the revision with a cross-reference stream.
func (f *file) xrefStream(number int, inside ...contained) []byte {
	start := f.Len()
	f.offsets[number] = start
	f.highest = max(f.highest, number)
	var rows, index bytes.Buffer
	for _, n := range slices.Sorted(keys(f.offsets)) {
		fmt.Fprintf(&index, "%d 1 ", n)
		row(&rows, 1, f.offsets[n], 0)
	}
	for _, c := range inside {
		f.highest = max(f.highest, c.number)
		fmt.Fprintf(&index, "%d 1 ", c.number)
		row(&rows, 2, c.container, c.index)
	}
	entries := ""
	if f.last > 0 {
		entries = fmt.Sprintf("/Prev %d", f.last)
	}
	entries += fmt.Sprintf("/Type/XRef/W[1 4 4]/Index[%s]/Root 1 0 R/Size %d", index.String(), f.highest+1)
	f.packed(number, entries, rows.String())
	fmt.Fprintf(f, "startxref\n%d\n%%%%EOF\n", start)
	f.last, f.offsets = start, map[int]int{}
	return f.Bytes()
}

func row(rows *bytes.Buffer, kind, second, third int) {
	rows.Write([]byte{byte(kind), byte(second >> 24), byte(second >> 16), byte(second >> 8), byte(second)})
	rows.Write([]byte{byte(third >> 24), byte(third >> 16), byte(third >> 8), byte(third)})
}

func deflated(data string) string {
	var packed bytes.Buffer
	w, _ := zlib.NewWriterLevel(&packed, zlib.BestCompression)
	_, _ = w.Write([]byte(data))
	_ = w.Close()
	return packed.String()
}

func keys(m map[int]int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for key := range m {
			if !yield(key) {
				return
			}
		}
	}
}

func open(tb testing.TB, data []byte) *pdf.Document {
	tb.Helper()
	doc, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		tb.Fatal(err)
	}
	return doc
}

// corpus is the folder with files of strangers, beside the repository; the test is skipped without it.
func corpus(tb testing.TB, name string) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if filepath.Dir(dir) == dir {
			tb.Fatal("no go.mod above")
		}
		dir = filepath.Dir(dir)
	}
	found := filepath.Join(dir, "..", "shared", "corpus", name)
	if _, err := os.Stat(found); err != nil {
		tb.Skip("without ../shared/corpus")
	}
	return found
}

// pdfsIn lists the PDF files below a folder of the corpus.
func pdfsIn(tb testing.TB, name string) []string {
	tb.Helper()
	var found []string
	err := filepath.WalkDir(corpus(tb, name), func(name string, entry os.DirEntry, err error) error {
		if err == nil && strings.EqualFold(filepath.Ext(name), ".pdf") {
			found = append(found, name)
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return found
}
