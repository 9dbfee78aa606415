package pdf_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"congvan/signing/pdf"
)

func TestValuesAreReadAsTheStandardWritesThem(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want pdf.Object
	}{
		{"12", int64(12)},
		{"-12", int64(-12)},
		{"+7", int64(7)},
		{"4.", 4.0},
		{"-.5", -0.5},
		{"--3.5", -3.5},
		{"99999999999999999999", 1e20},
		{"true", true},
		{"/A#20b", pdf.Name("A b")},
		{"/A#zz", pdf.Name("A#zz")},
		{"/", pdf.Name("")},
		{`(a\(b(c)\)\\\n\101\7)`, pdf.String("a(b(c))\\\nA\a")},
		{"(a\\\r\nb\rc)", pdf.String("ab\nc")},
		{"<48 65 6C6C6>", pdf.String("Hell`")},
		{"[1 0 R 2 3 R 4]", pdf.Array{pdf.Ref{Number: 1}, pdf.Ref{Number: 2, Generation: 3}, int64(4)}},
		{"[1 2 3]", pdf.Array{int64(1), int64(2), int64(3)}},
		{"<</A/B/C<</D null>>%comment\n/E[]>>", pdf.Dict{"A": pdf.Name("B"), "C": pdf.Dict{}, "E": pdf.Array{}}},
		{"<</A 1/A 2>>", pdf.Dict{"A": int64(2)}},
	}
	for _, test := range tests {
		f := simple("")
		f.object(9, test.text)
		got, err := open(t, f.table("")).Object(pdf.Ref{Number: 9})
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", test.text, err, diff)
		}
	}
}

func TestAKeyThatComesTwiceIsAmbiguousOnlyWithTwoMeanings(t *testing.T) {
	t.Parallel()
	f := simple("")
	f.object(8, "<</A 1/A 1.0>>")
	f.object(9, "<</B<</A 1/A 2>>>>")
	doc := open(t, f.table(""))
	for number, want := range map[int][]pdf.Name{8: nil, 9: {"A"}} {
		ref := pdf.Ref{Number: number}
		if _, err := doc.Object(ref); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, doc.Ambiguous(ref)); diff != "" {
			t.Errorf("object %d: %s", number, diff)
		}
	}
}

func TestFiltersAreUndone(t *testing.T) {
	t.Parallel()
	const text = "Công văn số 12/UBND, ngày 2 tháng 9"
	png := "\x02" + text[:8] + "\x02" + minus(text[8:16], text[:8]) + "\x01" + lefts(text[16:24]) + "\x00" + text[24:32]
	tests := []struct{ name, entries, data, want string }{
		{"none", "", text, text},
		{"Flate", "/Filter/FlateDecode", deflated(text), text},
		{"Flate without its check sum", "/Filter/FlateDecode", deflated(text)[:len(deflated(text))-4], text},
		{"ASCIIHex", "/Filter/ASCIIHexDecode", fmt.Sprintf("%x >", text), text},
		{"ASCII85", "/Filter[/A85]", "87cUR D]i,\"Ebo80~>", "Hello World!"},
		{"ASCII85 with zeros", "/Filter/ASCII85Decode", "z!!~>", "\x00\x00\x00\x00\x00"},
		{"RunLength", "/Filter/RunLengthDecode", "\x02abc\xfed\x80", "abcddd"},
		{"LZW", "/Filter/LZWDecode", "\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01", "-----A---B"},
		{"two layers", "/Filter[/ASCIIHexDecode/FlateDecode]", fmt.Sprintf("%x>", deflated(text)), text},
		{"PNG rows", "/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 8>>", deflated(png), text[:32]},
		{
			"TIFF rows", "/Filter/FlateDecode/DecodeParms<</Predictor 2/Columns 4>>",
			deflated("\x01\x01\x01\x01\x05\xff\xff\xff"), "\x01\x02\x03\x04\x05\x04\x03\x02",
		},
	}
	for _, test := range tests {
		f := simple("")
		f.stream(9, test.entries, test.data)
		doc := open(t, f.table(""))
		stream, err := doc.Stream(pdf.Ref{Number: 9})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := doc.Decode(stream); err != nil || string(got) != test.want {
			t.Errorf("%s: %q, %v; want %q", test.name, got, err, test.want)
		}
	}
}

func minus(row, before string) string {
	out := []byte(row)
	for i := range out {
		out[i] -= before[i]
	}
	return string(out)
}

func lefts(row string) string {
	out := []byte(row)
	for i := len(out) - 1; i > 0; i-- {
		out[i] -= out[i-1]
	}
	return string(out)
}

func TestImagesAreNotDecoded(t *testing.T) {
	t.Parallel()
	f := simple("")
	f.stream(9, "/Filter/DCTDecode", "jpeg")
	doc := open(t, f.table(""))
	stream, err := doc.Stream(pdf.Ref{Number: 9})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := doc.Decode(stream); !errors.Is(err, pdf.ErrFilter) {
		t.Errorf("%v", err)
	}
	if raw, err := io.ReadAll(doc.RawStream(stream)); err != nil || string(raw) != "jpeg" {
		t.Errorf("raw %q, %v", raw, err)
	}
}

func TestEveryRevisionIsSeenAsItWas(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{"tables": twoRevisions(), "streams": compressed()} {
		doc := open(t, data)
		revisions, err := doc.Revisions()
		if err != nil || len(revisions) != 2 {
			t.Fatalf("%s: %d revisions, %v", name, len(revisions), err)
		}
		if end := revisions[1].EndLine; end != int64(len(data)) {
			t.Errorf("%s: ends at %d of %d", name, end, len(data))
		}
		before, err := doc.AsOf(revisions[0].End)
		if err != nil {
			t.Fatal(err)
		}
		now, was := contents(t, doc), contents(t, before)
		if now == was || !strings.Contains(was, "before") && !strings.Contains(was, "text") {
			t.Errorf("%s: %q, before %q", name, now, was)
		}
		if _, err := doc.AsOf(revisions[0].End - 1); err == nil {
			t.Errorf("%s: a revision ends where none does", name)
		}
	}
}

func contents(t *testing.T, doc *pdf.Document) string {
	t.Helper()
	page, err := doc.Page(1)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := doc.Stream(page.Dict["Contents"])
	if err != nil {
		t.Fatal(err)
	}
	data, err := doc.Decode(stream)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestARevisionDoesNotReachBeyondItsEnd(t *testing.T) {
	t.Parallel()
	f := simple("")
	f.offsets[9] = 100_000 // an object that is not there yet
	f.highest = 9
	first := len(f.table(""))
	f.WriteString(strings.Repeat("%\n", (100_000-f.Len())/2))
	f.WriteString(strings.Repeat("\n", 100_000-f.Len()))
	f.object(9, "(appended)")
	delete(f.offsets, 9)
	f.object(4, "(other)")
	doc := open(t, f.table(""))
	if value, err := doc.Object(pdf.Ref{Number: 9}); !errors.Is(err, pdf.ErrForward) {
		t.Errorf("the newest revision reads %v, %v", value, err)
	}
	before, err := doc.AsOf(int64(first))
	if err != nil {
		t.Fatal(err)
	}
	if value, err := before.Object(pdf.Ref{Number: 9}); err == nil {
		t.Errorf("the signed revision reads %v", value)
	}
}

func TestHiddenObjectsOfAHybridAreFound(t *testing.T) {
	t.Parallel()
	doc := open(t, hybrid())
	dict, err := doc.Dict(pdf.Ref{Number: 9})
	if err != nil || dict["Hidden"] != true {
		t.Errorf("%v, %v", dict, err)
	}
	if _, kind := doc.LastXRef(); kind != pdf.HybridSection {
		t.Errorf("kind %v", kind)
	}
}

func TestADamagedFileIsReadButSaysSo(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{
		"no startxref":  bytes.ReplaceAll(twoRevisions(), []byte("startxref"), []byte("startxxxx")),
		"wrong offsets": bytes.Replace(simple("text").table(""), []byte("%PDF-1.7\n"), []byte("%PDF-1.7\n%inserted\n"), 1),
		"cut short":     simple("text").table("")[:300],
	} {
		doc, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		count, err := doc.PageCount()
		if !doc.Repaired() || doc.Damage() == nil || count != 1 || err != nil {
			t.Errorf("%s: repaired %v, %d pages, %v", name, doc.Repaired(), count, err)
		}
		if revisions, err := doc.Revisions(); len(revisions) != 0 || err != nil {
			t.Errorf("%s: a repaired file has %d revisions, %v", name, len(revisions), err)
		}
	}
}

func TestFilesThatAreNoneAreRefusedWithACode(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                      "pdf.not_a_pdf",
		"PK\x03\x04 zip":        "pdf.not_a_pdf",
		"%PDF-1.7\n":            "pdf.truncated",
		"%PDF-1.7\n1 0 obj<<>>": "pdf.truncated",
	} {
		_, err := pdf.Open(strings.NewReader(text), int64(len(text)))
		if pdf.Code(err) != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	limits := pdf.DefaultLimits()
	limits.FileBytes = 100
	data := signedOnce()
	if _, err := pdf.OpenLimited(bytes.NewReader(data), int64(len(data)), limits); pdf.Code(err) != "pdf.too_large" {
		t.Errorf("%v", err)
	}
}

func TestTheReaderBelowIsToBlameForItsErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk")
	if _, err := pdf.Open(failing{broken}, 1000); !errors.Is(err, broken) || pdf.Code(err) != "" {
		t.Errorf("%v", err)
	}
}

type failing struct{ err error }

func (f failing) ReadAt([]byte, int64) (int, error) { return 0, f.err }

func TestPagesInheritAndAreFoundByNumber(t *testing.T) {
	t.Parallel()
	f := newFile()
	f.object(1, "<</Type/Catalog/Pages 2 0 R>>")
	f.object(2, "<</Type/Pages/Kids[3 0 R 6 0 R]/Count 4/MediaBox[0 0 595 842]/Rotate -90/Resources<</A 1>>>>")
	f.object(3, "<</Type/Pages/Parent 2 0 R/Kids[4 0 R 5 0 R]/Count 2/Rotate 180>>")
	f.object(4, "<</Type/Page/Parent 3 0 R/Contents 41 0 R>>")
	f.object(5, "<</Type/Page/Parent 3 0 R/CropBox[1 1 9 9]/Rotate 0>>")
	f.object(6, "<</Type/Pages/Parent 2 0 R/Kids[7 0 R 8 0 R]/Count 2>>")
	f.object(7, "<</Type/Page/Parent 6 0 R>>")
	f.object(8, "<</Type/Page/Parent 6 0 R>>")
	doc := open(t, f.table(""))
	pages, err := doc.Pages()
	if err != nil || len(pages) != 4 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	for i, want := range []struct{ number, rotate, crop int }{{4, 180, 595}, {5, 0, 9}, {7, 270, 595}, {8, 270, 595}} {
		page, err := doc.Page(i + 1)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(pages[i], page); diff != "" {
			t.Errorf("page %d: %s", i+1, diff)
		}
		if page.Ref.Number != want.number || page.Rotate != want.rotate || page.CropBox[2] != int64(want.crop) {
			t.Errorf("page %d: %+v", i+1, page)
		}
	}
	if last, err := doc.Page(-1); err != nil || last.Ref.Number != 8 {
		t.Errorf("last page %v, %v", last.Ref, err)
	}
	for _, number := range []int{0, 5, -5} {
		if _, err := doc.Page(number); !errors.Is(err, pdf.ErrNoPage) {
			t.Errorf("page %d: %v", number, err)
		}
	}
}

func TestFieldsInheritAndHaveTheirWidgets(t *testing.T) {
	t.Parallel()
	f := withForm("<</Fields[4 0 R 7 0 R]>>")
	f.object(4, "<</T(unit)/FT/Tx/Ff 1/V(cha)/Kids[5 0 R 6 0 R]>>")
	f.object(5, "<</T(code)/Parent 4 0 R/V(con)/Rect[0 0 1 1]/Subtype/Widget>>")
	f.object(6, "<</T(choice)/Parent 4 0 R/FT/Btn/Kids[8 0 R 9 0 R]>>")
	f.object(7, "<</T(sign)/FT/Sig/Rect[0 0 1 1]/Subtype/Widget/P 3 0 R>>")
	f.object(8, "<</Parent 6 0 R/Rect[0 0 1 1]/Subtype/Widget>>")
	f.object(9, "<</Parent 6 0 R/Rect[0 0 1 1]/Subtype/Widget>>")
	fields, err := open(t, f.table("")).Fields()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, field := range fields {
		got = append(got, fmt.Sprintf("%s %s %d %s %d", field.Name, field.Type, field.Flags, field.Value, len(field.Widgets)))
	}
	want := []string{"unit.code Tx 1 con 1", "unit.choice Btn 1 cha 2", "sign Sig 0 %!s(<nil>) 1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestASignatureIsReadWithItsPlaceInTheFile(t *testing.T) {
	t.Parallel()
	data := signedOnce()
	signatures, err := open(t, data).Signatures()
	if err != nil || len(signatures) != 1 {
		t.Fatalf("%d signatures, %v", len(signatures), err)
	}
	s := signatures[0]
	if got := string(data[s.ContentsAt:s.ContentsTo]); got != "<3000>" {
		t.Errorf("contents at %d to %d: %q", s.ContentsAt, s.ContentsTo, got)
	}
	if s.Err != nil || s.Field != "Signature1" || s.SubFilter != "ETSI.CAdES.detached" || s.Reason != "Á" ||
		s.Certification() != 2 || s.Lock == nil || !s.Lock.Locks("name") || s.Lock.Locks("other") {
		t.Errorf("%+v", s)
	}
	if diff := cmp.Diff([]int64{0, 1, 2, 3}, s.ByteRange); diff != "" {
		t.Error(diff)
	}
}

func TestASignatureThatCannotBeReadIsNotLeftOut(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"no dictionary":      "(text)",
		"no byte range":      "<</Contents<00>>>",
		"odd byte range":     "<</Contents<00>/ByteRange[0 1 /two 3]>>",
		"no contents":        "<</ByteRange[0 1 2 3]>>",
		"contents are twice": "<</Contents<00>/Contents<01>/ByteRange[0 1 2 3]>>",
		"damaged":            "<</Contents<0",
	} {
		f := withForm("<</Fields[4 0 R]>>")
		f.object(4, "<</FT/Sig/T(S)/V 5 0 R>>")
		f.object(5, value)
		signatures, err := open(t, f.table("")).Signatures()
		if err != nil || len(signatures) != 1 || signatures[0].Err == nil {
			t.Errorf("%s: %+v, %v", name, signatures, err)
		}
	}
}

func TestByteRangesOutsideTheFormAreOrphans(t *testing.T) {
	t.Parallel()
	f := withForm("<</Fields[4 0 R]>>/Perms<</UR3 7 0 R>>")
	f.object(4, "<</FT/Sig/T(S)/V 5 0 R>>")
	f.object(5, "<</Contents<00>/ByteRange[0 1 2 3]>>")
	f.object(6, "<</Contents<00>/ByteRange[0 1 2 3]>>")
	f.object(7, "<</Contents<00>/ByteRange[0 1 2 3]>>")
	f.stream(8, "", "a copy of a file: /ByteRange[0 1 2 3]")
	f.table("")
	f.object(5, "<</Contents<01>/ByteRange[0 1 2 3]>>")
	orphans, err := open(t, f.table("")).OrphanSignatures()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, orphan := range orphans {
		got = append(got, fmt.Sprintf("%d %s", orphan.Ref.Number, orphan.Kind))
	}
	want := []string{"5 superseded", "6 unreferenced", "7 usage_rights", "0 embedded"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestByteRangesAreFoundHoweverTheBytesCome(t *testing.T) {
	t.Parallel()
	data := signedOnce()
	doc := open(t, data)
	for size := 1; size < 40; size++ {
		finder := &pdf.ByteRangeFinder{}
		for rest := data; len(rest) > 0; rest = rest[min(size, len(rest)):] {
			if _, err := finder.Write(rest[:min(size, len(rest))]); err != nil {
				t.Fatal(err)
			}
		}
		orphans, err := doc.Orphans(finder)
		if err != nil || len(orphans) != 0 || finder.Count() != 1 {
			t.Errorf("in pieces of %d: %d found, %v, %v", size, finder.Count(), orphans, err)
		}
	}
}

func TestTheSecurityStoreIsReadOnce(t *testing.T) {
	t.Parallel()
	evidence, err := open(t, signedOnce()).DSS()
	if err != nil {
		t.Fatal(err)
	}
	if len(evidence.Certs) != 1 || string(evidence.Certs[0]) != "certificate" || len(evidence.CRLs) != 1 ||
		len(evidence.VRI["00FF"].Certs) != 1 || evidence.Damaged != 0 {
		t.Errorf("%+v", evidence)
	}
}

func TestTextStringsAreDecoded(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain":                        "plain",
		"\xfe\xff\x1e\xa4\x00":         "Ấ",
		"\xfe\xff\x00\xd3\x01\x11":     "Óđ",
		"\xff\xfe\xd3\x00":             "Ó",
		"\xef\xbb\xbf\xc4\x90\xe1\xba": "ï»¿Ä’áº", // not UTF-8 after all
		"\xef\xbb\xbf\xc4\x90":         "Đ",
		"\x80\xa0\xe9":                 "•€é",
	} {
		if got := pdf.String(text).Text(); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// large is a file of a gigabyte that exists only in its head and its tail; between them are zeros inside a stream.
type large struct {
	head, tail []byte
	gap        int64
}

func (l large) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	for ; n < len(p); n++ {
		at := off + int64(n)
		switch {
		case at < int64(len(l.head)):
			p[n] = l.head[at]
		case at < int64(len(l.head))+l.gap:
			p[n] = 0
		case at < int64(len(l.head))+l.gap+int64(len(l.tail)):
			p[n] = l.tail[at-int64(len(l.head))-l.gap]
		default:
			return n, io.EOF
		}
	}
	return n, nil
}

func TestAGigabyteNeedsLittleMemory(t *testing.T) {
	const gap = 1 << 30
	f := simple("text")
	f.object(9, fmt.Sprintf("<</Length %d>>stream\n", gap))
	head := bytes.Clone(f.Bytes())
	head = head[:len(head)-len("\nendobj\n")]
	// The tail is laid out at its real offsets.
	start := len(head) + gap + len("\nendstream endobj\n")
	tail := fmt.Appendf(nil, "\nendstream endobj\nxref\n0 1\n0000000000 65535 f \n")
	for number, offset := range f.offsets {
		tail = fmt.Appendf(tail, "%d 1\n%010d 00000 n \n", number, offset)
	}
	tail = fmt.Appendf(tail, "trailer<</Root 1 0 R/Size 10>>\nstartxref\n%d\n%%%%EOF\n", start)
	file := large{head, tail, gap}
	size := int64(len(head)+len(tail)) + gap
	var doc *pdf.Document
	took, peak := measured(func() {
		var err error
		if doc, err = pdf.Open(file, size); err != nil {
			t.Error(err)
			return
		}
		stream, err := doc.Stream(pdf.Ref{Number: 9})
		if err != nil || stream.Length != gap {
			t.Errorf("%+v, %v", stream, err)
		}
		if count, err := doc.PageCount(); err != nil || count != 1 {
			t.Errorf("%d pages, %v", count, err)
		}
		if revisions, err := doc.Revisions(); err != nil || len(revisions) != 1 || revisions[0].EndLine != size {
			t.Errorf("%v, %v", revisions, err)
		}
	})
	runtime.KeepAlive(doc)
	t.Logf("%v, %d KiB", took, peak>>10)
	if peak > 20<<20 {
		t.Errorf("needed %d MiB", peak>>20)
	}
}

func TestContentBoxesAreWhereTextAndImagesAre(t *testing.T) {
	t.Parallel()
	f := newFile()
	f.object(1, "<</Type/Catalog/Pages 2 0 R>>")
	f.object(2, "<</Type/Pages/Kids[3 0 R]/Count 1>>")
	f.object(3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents[4 0 R 5 0 R]"+
		"/Resources<</XObject<</F 6 0 R/I 7 0 R>>>>>>")
	f.stream(4, "", "q 1 0 0 1 100 700 cm BT /F1 10 Tf 0 -20 Td (abcd) Tj T* [(ab) -1000 (cd)] TJ ET Q 0 0 9 9 re f")
	f.packed(5, "", "q 50 0 0 40 10 20 cm /I Do Q BI /W 1 /H 1 ID EIEIO EI /F Do")
	f.stream(6, "/Subtype/Form/Matrix[2 0 0 2 300 300]", "BT /F1 10 Tf 1 0 0 1 5 5 Tm (x) Tj ET")
	f.stream(7, "/Subtype/Image/Width 1/Height 1", "x")
	doc := open(t, f.table(""))
	page, err := doc.Page(1)
	if err != nil {
		t.Fatal(err)
	}
	got, err := doc.ContentBoxes(page)
	want := []pdf.Rect{
		{X0: 100, Y0: 678, X1: 120, Y1: 688},
		{X0: 100, Y0: 678, X1: 130, Y1: 688},
		{X0: 10, Y0: 20, X1: 60, Y1: 60},
		{X0: 0, Y0: 0, X1: 1, Y1: 1},
		{X0: 310, Y0: 306, X1: 320, Y1: 326},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestAFieldThatCannotBeReadMayBeASignature(t *testing.T) {
	t.Parallel()
	f := withForm("<</Fields[4 0 R 5 0 R]>>")
	f.object(4, "<</T(broken)/FT/Sig/V<<")
	f.object(5, "<</T(plain)/FT/Tx>>")
	doc := open(t, f.table(""))
	fields, err := doc.Fields()
	if err != nil || len(fields) != 2 || fields[0].Err == nil || fields[1].Err != nil {
		t.Errorf("%+v, %v", fields, err)
	}
	signatures, err := doc.Signatures()
	if err != nil || len(signatures) != 1 || signatures[0].FieldRef.Number != 4 ||
		!errors.Is(signatures[0].Err, pdf.ErrDamagedForm) {
		t.Errorf("%+v, %v", signatures, err)
	}
}

func TestAPageMayBeThereTwice(t *testing.T) {
	t.Parallel()
	f := newFile()
	f.object(1, "<</Type/Catalog/Pages 2 0 R>>")
	f.object(2, "<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>")
	f.object(3, "<</Type/Page/Parent 2 0 R>>")
	if count, err := open(t, f.table("")).PageCount(); count != 2 || err != nil {
		t.Errorf("%d pages, %v", count, err)
	}
}

func TestAnObjectMustNotEndBehindItsRevision(t *testing.T) {
	t.Parallel()
	f := simple("")
	f.offsets[9] = f.Len()
	f.highest = 9
	f.WriteString("9 0 obj (")
	first := len(f.table(""))
	f.WriteString(") endobj\n")
	f.object(8, "(other)")
	doc := open(t, f.table(""))
	if value, err := doc.Object(pdf.Ref{Number: 9}); !errors.Is(err, pdf.ErrForward) {
		t.Errorf("%v, %v", value, err)
	}
	if before, err := doc.AsOf(int64(first)); err != nil {
		t.Error(err)
	} else if value, err := before.Object(pdf.Ref{Number: 9}); err == nil {
		t.Errorf("the first revision reads %v", value)
	}
}
