package pdf_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"congvan/signing/pdf"
)

// examine asks a document everything there is to ask, as a judge of a foreign file does.
func examine(data []byte) error {
	doc, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return err
	}
	var first error
	note := func(err error) {
		if first == nil {
			first = err
		}
	}
	_, err = doc.PageCount()
	note(err)
	_, err = doc.Page(1)
	note(err)
	_, err = doc.Fields()
	note(err)
	signatures, err := doc.Signatures()
	note(err)
	for _, signature := range signatures {
		note(signature.Err)
	}
	_, err = doc.DSS()
	note(err)
	_, err = doc.OrphanSignatures()
	note(err)
	revisions, err := doc.Revisions()
	note(err)
	for _, revision := range revisions {
		view, err := doc.AsOf(revision.End)
		note(err)
		if err == nil {
			_, err = view.Signatures()
			note(err)
		}
	}
	for number := range min(doc.HighestObject()+1, 50_000) {
		entry, ok := doc.Entry(number)
		if !ok {
			continue
		}
		object, err := doc.Object(pdf.Ref{Number: number, Generation: int(entry.Generation)})
		note(err)
		if stream, ok := object.(*pdf.Stream); ok {
			_, err := doc.Decode(stream)
			note(err)
		}
	}
	return first
}

// measured runs a function and samples how much the heap grows beyond what it was.
func measured(do func()) (took time.Duration, peak uint64) {
	runtime.GC()
	var start, now runtime.MemStats
	runtime.ReadMemStats(&start)
	done := make(chan struct{})
	go func() {
		defer close(done)
		started := time.Now()
		do()
		took = time.Since(started)
	}()
	for running := true; running; {
		select {
		case <-done:
			running = false
		case <-time.After(2 * time.Millisecond):
		}
		runtime.ReadMemStats(&now)
		if now.HeapAlloc > start.HeapAlloc {
			peak = max(peak, now.HeapAlloc-start.HeapAlloc)
		}
	}
	return took, peak
}

// longest is how long one file may keep the reader busy.
const longest = 2 * time.Second * slower

// calmly takes the time again, when it was too long, in case the machine was busy with something else.
func calmly(took time.Duration, do func()) time.Duration {
	for tries := 0; took > longest && tries < 3; tries++ {
		started := time.Now()
		do()
		took = min(took, time.Since(started))
	}
	return took
}

func TestKillersAreRefusedCheaply(t *testing.T) {
	killers := []struct {
		name string
		data func() []byte
		code string // of the fault that is told; empty when the file is harmless to this reader
	}{
		{"table from object 400,000,000", tableFromFar, "pdf.too_complex"},
		{"table of 90,000,000 objects", tableOfMany, "pdf.too_complex"},
		{"table longer than the file", tableLongerThanFile, "pdf.damaged_xref"},
		{"object stream inside itself", objectStreamInItself, "pdf.damaged_xref"},
		{"object streams inside each other", objectStreamsInEachOther, "pdf.damaged_xref"},
		{"3 MB of nested arrays", func() []byte { return nested("[", 3<<20) }, "pdf.too_complex"},
		{"3 MB of nested dictionaries", func() []byte { return nested("<</A", 3<<20/4) }, "pdf.too_complex"},
		{"nested arrays in an object stream", nestedInObjectStream, "pdf.too_complex"},
		{"cross-reference stream of 2^40 objects", xrefStreamOfMany, "pdf.too_complex"},
		{"widths of 2^62 bytes", xrefStreamOfWideRows, "pdf.damaged_xref"},
		{"object stream of 20,000 objects", objectStreamOfMany, ""},
		{"3,000 pairs in /ByteRange", manyPairs, ""},
		{"inflate bomb", func() []byte { return bomb(1) }, "pdf.too_complex"},
		{"inflate bomb in three layers", func() []byte { return bomb(3) }, "pdf.too_complex"},
		{"many inflate bombs", manyBombs, "pdf.too_complex"},
		{"a hundred filters", hundredFilters, "pdf.damaged_stream"},
		{"/Prev to itself", prevToItself, ""},
		{"/Prev forwards", prevForwards, ""},
		{"100,000 sections", manySections, "pdf.too_complex"},
		{"page tree with a loop", pageLoop, "pdf.damaged_pages"},
		{"page tree 10,000 deep", deepPages, "pdf.too_complex"},
		{"page tree that doubles at every step", doublingPages, "pdf.damaged_pages"},
		{"field tree with a loop", fieldLoop, ""},
		{"field tree that doubles at every step", doublingFields, ""},
		{"field tree 10,000 deep", deepFields, "pdf.too_complex"},
		{"a length that needs itself", lengthLoop, ""},
		{"references in a ring", referenceRing, "pdf.too_complex"},
		{"a million objects without an end", openObjects, ""},
		{"a million times \"obj\"", manyTimes("1 0 obj "), ""},
		{"a million times \"trailer\"", manyTimes("trailer<<"), ""},
		{"a million times \"stream\"", manyTimes("1 0 obj<</Length 9>>stream\n"), ""},
		{"a million times \"startxref\"", manyTimes("startxref\n9\n"), ""},
		{"a million times \"/ByteRange\"", manyByteRanges, ""},
		{"a string without an end", func() []byte { return nested("(", 4<<20) }, ""},
		{"a name of 40 MB", func() []byte { return nested("/"+strings.Repeat("n", 40<<20), 1) }, "pdf.too_complex"},
		{
			"an array of 4,000,000 numbers", func() []byte { return nested("[ "+strings.Repeat("1 ", 4_000_000), 1) },
			"pdf.too_complex",
		},
	}
	for _, killer := range killers {
		t.Run(killer.name, func(t *testing.T) {
			data := killer.data()
			var err error
			took, peak := measured(func() { err = examine(data) })
			took = min(took, calmly(took, func() { _ = examine(data) }))
			t.Logf("%d bytes: %v, %d MiB: %v", len(data), took.Round(time.Microsecond), peak>>20, err)
			if err != nil && pdf.Code(err) == "" || strings.Contains(fmt.Sprint(err), "cannot be read") {
				t.Errorf("no fault of this package: %v", err)
			}
			if killer.code != "" && pdf.Code(err) != killer.code {
				t.Errorf("code %q, want %q", pdf.Code(err), killer.code)
			}
			if took > longest {
				t.Errorf("took %v", took)
			}
			if peak > 256<<20 {
				t.Errorf("needed %d MiB", peak>>20)
			}
		})
	}
}

func tableFromFar() []byte {
	f := simple("")
	start := f.Len()
	fmt.Fprintf(f, "xref\n400000000 1\n0000000009 00000 n \n")
	f.finish(start, "")
	return f.Bytes()
}

func tableOfMany() []byte {
	f := simple("")
	start := f.Len()
	fmt.Fprintf(f, "xref\n0 90000000\n0000000009 00000 n \n")
	f.finish(start, "")
	return f.Bytes()
}

func tableLongerThanFile() []byte {
	f := newFile()
	start := f.Len()
	fmt.Fprintf(f, "xref\n0 900000\n0000000009 00000 n \n")
	f.finish(start, "")
	return f.Bytes()
}

func objectStreamInItself() []byte {
	f := newFile()
	f.stream(5, "/Type/ObjStm/N 2/First 8", "1 0 5 30<</Type/Catalog/Pages 1 0 R>>  <<>>")
	delete(f.offsets, 5)
	return f.xrefStream(6, contained{1, 5, 0}, contained{5, 5, 1})
}

func objectStreamsInEachOther() []byte {
	f := newFile()
	return f.xrefStream(6, contained{1, 4, 0}, contained{4, 5, 0}, contained{5, 4, 0})
}

func nested(open string, times int) []byte {
	f := simple("")
	f.object(5, strings.Repeat(open, times))
	return f.table("/Info 5 0 R")
}

func nestedInObjectStream() []byte {
	f := newFile()
	f.packed(5, "/Type/ObjStm/N 1/First 4", "1 0 "+strings.Repeat("[", 10_000))
	return f.xrefStream(6, contained{1, 5, 0})
}

func xrefStreamOfMany() []byte {
	f := newFile()
	start := f.Len()
	f.packed(1, "/Type/XRef/W[0 0 1]/Root 1 0 R/Size 1099511627776", "x")
	fmt.Fprintf(f, "startxref\n%d\n%%%%EOF\n", start)
	return f.Bytes()
}

func xrefStreamOfWideRows() []byte {
	f := newFile()
	start := f.Len()
	f.packed(1, "/Type/XRef/W[4611686018427387904 4611686018427387904 1]/Root 1 0 R/Size 3", "x")
	fmt.Fprintf(f, "startxref\n%d\n%%%%EOF\n", start)
	return f.Bytes()
}

func objectStreamOfMany() []byte {
	const many = 20_000
	f := simple("")
	var header, body strings.Builder
	var inside []contained
	for i := range many {
		fmt.Fprintf(&header, "%d %d ", 100+i, body.Len())
		fmt.Fprintf(&body, "<</Value %d>> ", i)
		inside = append(inside, contained{100 + i, 5, i})
	}
	f.packed(5, fmt.Sprintf("/Type/ObjStm/N %d/First %d", many, header.Len()), header.String()+body.String())
	return f.xrefStream(6, inside...)
}

func manyPairs() []byte {
	f := withForm("<</Fields[4 0 R]>>")
	f.object(4, "<</FT/Sig/T(S)/V 5 0 R>>")
	f.object(5, "<</Type/Sig/SubFilter/adbe.pkcs7.detached/Contents<00>/ByteRange["+
		strings.Repeat("0 1000000 ", 3000)+"]>>")
	f.stream(6, "", strings.Repeat("x", 1<<20))
	return f.table("")
}

func bomb(layers int) []byte {
	data := strings.Repeat("\x00", 100<<20)
	for range layers {
		data = deflated(data)
	}
	f := simple("")
	f.stream(5, "/Filter["+strings.Repeat("/FlateDecode", layers)+"]", data)
	return f.table("")
}

func manyBombs() []byte {
	data := deflated(strings.Repeat("\x00\x01\x02\x03 some more text", 2<<20))
	f := simple("")
	for i := range 300 {
		f.stream(5+i, "/Filter/FlateDecode", data)
	}
	return f.table("")
}

func hundredFilters() []byte {
	f := simple("")
	f.stream(5, "/Filter["+strings.Repeat("/ASCIIHexDecode", 100)+"]", "00")
	return f.table("")
}

func prevToItself() []byte {
	f := simple("")
	f.last = f.Len()
	return f.table("")
}

func prevForwards() []byte {
	f := simple("")
	f.last = f.Len() + 40
	return f.table("")
}

func manySections() []byte {
	f := simple("")
	for range 100_000 / 20 { // 5,000 sections are already more than the limit; each costs eighty bytes
		f.table("")
	}
	return f.Bytes()
}

func pageLoop() []byte {
	f := newFile()
	f.object(1, "<</Type/Catalog/Pages 2 0 R>>")
	f.object(2, "<</Type/Pages/Kids[3 0 R]/Count 1>>")
	f.object(3, "<</Type/Pages/Parent 2 0 R/Kids[2 0 R]/Count 1>>")
	return f.table("")
}

func deepPages() []byte {
	f := newFile()
	f.object(1, "<</Type/Catalog/Pages 2 0 R>>")
	for i := range 10_000 {
		f.object(2+i, fmt.Sprintf("<</Type/Pages/Kids[%d 0 R]/Count 1>>", 3+i))
	}
	return f.table("")
}

func doublingPages() []byte {
	f := newFile()
	f.object(1, "<</Type/Catalog/Pages 2 0 R>>")
	for i := range 60 {
		f.object(2+i, fmt.Sprintf("<</Type/Pages/Kids[%d 0 R %d 0 R]/Count 2>>", 3+i, 3+i))
	}
	f.object(62, "<</Type/Page>>")
	return f.table("")
}

func withForm(form string) *file {
	f := newFile()
	f.object(1, "<</Type/Catalog/Pages 2 0 R/AcroForm "+form+">>")
	f.object(2, "<</Type/Pages/Kids[3 0 R]/Count 1>>")
	f.object(3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>")
	return f
}

func fieldLoop() []byte {
	f := withForm("<</Fields[4 0 R]>>")
	f.object(4, "<</T(a)/Kids[5 0 R]>>")
	f.object(5, "<</T(b)/Parent 4 0 R/Kids[4 0 R]>>")
	return f.table("")
}

func doublingFields() []byte {
	f := withForm("<</Fields[4 0 R]>>")
	for i := range 60 {
		f.object(4+i, fmt.Sprintf("<</T(a)/Kids[%d 0 R %d 0 R]>>", 5+i, 5+i))
	}
	return f.table("")
}

func deepFields() []byte {
	f := withForm("<</Fields[4 0 R]>>")
	for i := range 10_000 {
		f.object(4+i, fmt.Sprintf("<</T(a)/Kids[%d 0 R]>>", 5+i))
	}
	return f.table("")
}

func lengthLoop() []byte {
	f := simple("")
	f.object(5, "<</Length 5 0 R>>stream\nabc\nendstream")
	f.object(6, "<</Length 7 0 R>>stream\nabc\nendstream")
	f.object(7, "<</Length 6 0 R>>stream\nabc\nendstream")
	return f.table("")
}

func referenceRing() []byte {
	f := withForm("5 0 R")
	f.object(5, "6 0 R")
	f.object(6, "5 0 R")
	return f.table("")
}

func openObjects() []byte {
	f := newFile()
	for i := range 100_000 {
		fmt.Fprintf(f, "%d 0 obj<</A ", i)
	}
	return f.Bytes()
}

func manyTimes(text string) func() []byte {
	return func() []byte {
		f := newFile()
		f.WriteString(strings.Repeat(text, 1_000_000))
		return f.Bytes()
	}
}

func manyByteRanges() []byte {
	f := simple("")
	f.stream(5, "", strings.Repeat("/ByteRange ", 1_000_000))
	return f.table("")
}
