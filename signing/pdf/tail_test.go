package pdf_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"congvan/signing/pdf"
)

// grown signs with an empty place and gives the longer document.
func grown(t *testing.T, data []byte, spec pdf.SignatureSpec) ([]byte, pdf.Tail, string) {
	t.Helper()
	spec.Room = max(spec.Room, 100)
	spec.Values = pdf.Dict{"Type": pdf.Name("Sig"), "SubFilter": pdf.Name("ETSI.CAdES.detached")}
	tail, field, err := pdf.SignatureTail(open(t, data), spec)
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := pdf.SignatureTail(open(t, data), spec)
	if err != nil || !bytes.Equal(again.Bytes, tail.Bytes) {
		t.Fatalf("the same order gave other bytes: %v", err)
	}
	out := append(bytes.Clone(data), tail.Bytes...)
	if doc := open(t, out); doc.Repaired() || doc.Root() != open(t, data).Root() {
		t.Fatal("the tail does not continue the document")
	}
	return out, tail, field
}

// changed are the numbers of the objects that the newest revision brings.
func changed(doc *pdf.Document) []int {
	var numbers []int
	for _, entry := range doc.Sections()[0].Entries {
		numbers = append(numbers, int(entry.Number))
	}
	return numbers
}

func TestWhatIsWrittenReadsTheSame(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		want := randomObject(random, 4)
		f := simple("")
		f.object(5, string(pdf.Append(nil, want)))
		got, err := open(t, f.table("")).Object(pdf.Ref{Number: 5})
		if err != nil {
			t.Fatalf("%v: %s", err, pdf.Append(nil, want))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s\n%s", diff, pdf.Append(nil, want))
		}
	}
}

func randomObject(random *rand.Rand, depth int) pdf.Object {
	blob := func() string {
		text := make([]byte, random.IntN(12))
		for i := range text {
			text[i] = byte(1 + random.IntN(255))
		}
		return string(text)
	}
	kind := random.IntN(8)
	if depth == 0 {
		kind = random.IntN(6)
	}
	switch kind {
	case 0:
		return random.IntN(2) == 0
	case 1:
		return random.Int64() - math.MaxInt64/2
	case 2:
		return math.Round(random.NormFloat64()*1e6)/1e4 + 0.00005
	case 3:
		return pdf.Name("N" + blob())
	case 4:
		return pdf.String(blob())
	case 5:
		return pdf.Ref{Number: 1 + random.IntN(9), Generation: random.IntN(3)}
	case 6:
		array := pdf.Array{}
		for range random.IntN(5) {
			array = append(array, randomObject(random, depth-1))
		}
		return array
	default:
		dict := pdf.Dict{}
		for range random.IntN(5) {
			dict[pdf.Name("K"+blob())] = randomObject(random, depth-1)
		}
		return dict
	}
}

func TestTheKindOfCrossReferenceIsKept(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		data []byte
		kind pdf.SectionKind
	}{
		"table":  {simple("").table("/ID[<00><01>]/Info 4 0 R"), pdf.TableSection},
		"stream": {compressed(), pdf.StreamSection}, "hybrid": {hybrid(), pdf.TableSection},
		"revisions": {twoRevisions(), pdf.TableSection},
	} {
		old := open(t, tc.data)
		previous, _ := old.LastXRef()
		data, _, _ := grown(t, tc.data, pdf.SignatureSpec{})
		data, _, _ = grown(t, data, pdf.SignatureSpec{})
		doc := open(t, data)
		if _, kind := doc.LastXRef(); kind != tc.kind {
			t.Errorf("%s: kind %d instead of %d", name, kind, tc.kind)
		}
		trailer := doc.Trailer()
		if trailer["XRefStm"] != nil || doc.Sections()[1].Trailer["Prev"] != previous {
			t.Errorf("%s: trailer %v", name, trailer)
		}
		if size, _ := trailer["Size"].(int64); size != int64(doc.HighestObject())+1 {
			t.Errorf("%s: /Size %d, highest object %d", name, size, doc.HighestObject())
		}
		ids, _ := trailer["ID"].(pdf.Array)
		before, _ := old.Trailer()["ID"].(pdf.Array)
		if len(ids) != 2 || len(before) == 2 && (cmp.Diff(ids[0], before[0]) != "" || cmp.Diff(ids[1], before[1]) == "") {
			t.Errorf("%s: /ID %v after %v", name, ids, before)
		}
		if cmp.Diff(trailer["Info"], old.Trailer()["Info"]) != "" {
			t.Errorf("%s: /Info %v", name, trailer["Info"])
		}
		if signatures, err := doc.Signatures(); err != nil || len(signatures) != 2 {
			t.Errorf("%s: %d signatures: %v", name, len(signatures), err)
		}
	}
}

func TestASizeThatIsTooSmallIsMendedAndNumbersAreNotUsedAgain(t *testing.T) {
	t.Parallel()
	data := bytes.Replace(simple("").table(""), []byte("/Size 5"), []byte("/Size 3"), 1)
	data, _, _ = grown(t, data, pdf.SignatureSpec{})
	doc := open(t, data)
	if size, _ := doc.Trailer()["Size"].(int64); size != int64(doc.HighestObject())+1 || slices.Contains(changed(doc), 4) {
		t.Errorf("/Size %d, objects %v", size, changed(doc))
	}
}

func TestOnlyFormPageAndCatalogAreTouched(t *testing.T) {
	t.Parallel()
	known := func(data []byte, highest int) []int {
		doc := open(t, data)
		return slices.DeleteFunc(changed(doc), func(n int) bool { return n > highest })
	}
	first, _, _ := grown(t, simple("").table(""), pdf.SignatureSpec{})
	if got := known(first, 4); !slices.Equal(got, []int{1, 3}) {
		t.Errorf("the first signature touches %v", got)
	}
	highest := open(t, first).HighestObject()
	second, _, _ := grown(t, first, pdf.SignatureSpec{})
	form, err := open(t, first).Form()
	if err != nil || form.Ref == (pdf.Ref{}) {
		t.Fatalf("the form is no object of its own: %v", err)
	}
	if got := known(second, highest); !slices.Equal(got, []int{3, form.Ref.Number}) {
		t.Errorf("the second signature touches %v", got)
	}
	f := simple("")
	f.object(1, "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R>>")
	f.object(3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595.27559055 841.88976378]/Annots 7 0 R>>")
	f.object(5, "<</SigFlags 3/Fields 6 0 R/DR<</Font<<>>>>/XFA(x)>>")
	f.object(6, "[]")
	f.object(7, "[]")
	indirect, _, _ := grown(t, f.table(""), pdf.SignatureSpec{})
	if got := known(indirect, 7); !slices.Equal(got, []int{6, 7}) {
		t.Errorf("with lists of their own, %v are touched", got)
	}
}

func TestGenerationsAndForeignEntriesSurvive(t *testing.T) {
	t.Parallel()
	f := newFile()
	f.offsets[1] = f.Len()
	f.WriteString("1 7 obj\n<</Type/Catalog/Pages 2 0 R/StructTreeRoot 4 0 R/AcroForm 5 0 R/Lang(vi)>>\nendobj\n")
	f.object(2, "<</Type/Pages/Kids[3 0 R]/Count 1>>")
	f.object(3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595.27559055 841.88976378]/Tabs/S"+
		"/Annots[<</Type/Annot/Subtype/Link>>]>>")
	f.object(4, "<</Type/StructTreeRoot>>")
	f.object(5, "<</Fields[6 0 R]/DR<</Font<</Helv 9 0 R>>>>/DA(/Helv 0 Tf)/NeedAppearances true/XFA[(a)(b)]/CO[6 0 R]>>")
	f.object(6, "<</FT/Tx/T(a)/V(b)/Kids[7 0 R]>>")
	f.object(7, "<</Subtype/Widget/Rect[0 0 9 9]/Parent 6 0 R>>")
	start := f.Len()
	fmt.Fprintf(f, "xref\n0 1\n0000000000 65535 f \n")
	for _, number := range slices.Sorted(maps.Keys(f.offsets)) {
		generation := 0
		if number == 1 {
			generation = 7
		}
		fmt.Fprintf(f, "%d 1\n%010d %05d n \n", number, f.offsets[number], generation)
	}
	fmt.Fprintf(f, "trailer\n<</Root 1 7 R/Size 8/Foreign(kept)>>\nstartxref\n%d\n%%%%EOF", start)
	old := open(t, f.Bytes())
	data, _, _ := grown(t, f.Bytes(), pdf.SignatureSpec{Certify: 2})
	doc := open(t, data)
	if doc.Root() != (pdf.Ref{Number: 1, Generation: 7}) ||
		cmp.Diff(doc.Trailer()["Foreign"], old.Trailer()["Foreign"]) != "" {
		t.Errorf("trailer %v", doc.Trailer())
	}
	for _, ref := range []pdf.Ref{{Number: 1, Generation: 7}, {Number: 3}, {Number: 5}, {Number: 6}, {Number: 7}} {
		before, _ := old.Dict(ref)
		after, err := doc.Dict(ref)
		if err != nil {
			t.Fatal(err)
		}
		for key, value := range before {
			if key != "Annots" && key != "Fields" && cmp.Diff(value, after[key]) != "" {
				t.Errorf("%v: /%s was %v and is %v", ref, key, value, after[key])
			}
		}
	}
	page, _ := doc.Dict(pdf.Ref{Number: 3})
	if annotations, _ := doc.Array(page["Annots"]); len(annotations) != 2 {
		t.Errorf("annotations %v", annotations)
	}
}

func TestAListOfAnnotationsThatPagesShareIsNotSharedByTheWidget(t *testing.T) {
	t.Parallel()
	f := newFile()
	f.object(1, "<</Type/Catalog/Pages 2 0 R>>")
	f.object(2, "<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2/MediaBox[0 0 595 842]>>")
	f.object(3, "<</Type/Page/Parent 2 0 R/Annots 5 0 R>>")
	f.object(4, "<</Type/Page/Parent 2 0 R/Annots 5 0 R>>")
	f.object(5, "[6 0 R]")
	f.object(6, "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]>>")
	data, _, _ := grown(t, f.table(""), pdf.SignatureSpec{Widget: &pdf.Widget{
		Page: 2, Width: 20, Height: 9,
		Lines: []string{"Ký"},
	}})
	doc := open(t, data)
	pages, err := doc.Pages()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{1, 2} {
		if annotations, _ := doc.Array(pages[i].Dict["Annots"]); len(annotations) != want {
			t.Errorf("page %d has annotations %v", i+1, annotations)
		}
	}
}

func TestAPageInAnObjectStreamIsWrittenAsAnObject(t *testing.T) {
	t.Parallel()
	data, _, _ := grown(t, compressed(), pdf.SignatureSpec{})
	doc := open(t, data)
	for _, number := range []int{1, 3} {
		if entry, ok := doc.Entry(number); !ok || entry.Kind != pdf.FileEntry {
			t.Errorf("object %d: %+v", number, entry)
		}
	}
	if count, err := doc.PageCount(); err != nil || count != 1 {
		t.Errorf("%d pages: %v", count, err)
	}
}

func TestTheTailReadsBehindItsOriginalAndTakesOneValue(t *testing.T) {
	t.Parallel()
	data := simple("").table("")
	out, tail, field := grown(t, data, pdf.SignatureSpec{Room: 110})
	if err := tail.Put(make([]byte, 111)); !errors.Is(err, pdf.ErrRoom) || !bytes.Equal(out[len(data):], tail.Bytes) {
		t.Errorf("too long a value: %v", err)
	}
	value := bytes.Repeat([]byte("0123456789a"), 10)
	if err := tail.Put(value); err != nil || tail.Room() != len(value) {
		t.Fatal(err)
	}
	signatures, err := open(t, append(bytes.Clone(data), tail.Bytes...)).Signatures()
	if err != nil || len(signatures) != 1 || !bytes.Equal(signatures[0].Contents, value) || signatures[0].Field != field {
		t.Fatalf("%+v: %v", signatures, err)
	}
	from, to := tail.Start+int64(tail.From), tail.Start+int64(tail.To)
	if want := []int64{0, from, to, tail.Size() - to}; !slices.Equal(signatures[0].ByteRange, want) {
		t.Errorf("byte range %v instead of %v", signatures[0].ByteRange, want)
	}
	whole := append(bytes.Clone(data), tail.Bytes...)
	extended := tail.Extended(bytes.NewReader(data))
	for _, at := range []int64{0, int64(len(data)) - 3, int64(len(data)), tail.Size() - 2, tail.Size(), tail.Size() + 9} {
		piece := make([]byte, 7)
		n, err := extended.ReadAt(piece, at)
		want := whole[min(at, tail.Size()):min(at+7, tail.Size())]
		if !bytes.Equal(piece[:n], want) || (n < 7) != errors.Is(err, io.EOF) {
			t.Errorf("at %d: %q, %v", at, piece[:n], err)
		}
	}
}

func TestWhatCannotBeExtendedIsRefused(t *testing.T) {
	t.Parallel()
	damaged := bytes.Replace(simple("").table(""), []byte("startxref\n"), []byte("startxref\n9"), 1)
	for name, tc := range map[string]struct {
		data []byte
		spec pdf.SignatureSpec
		want error
	}{
		"encrypted":             {simple("").table("/Encrypt<</Filter/Standard>>"), pdf.SignatureSpec{}, pdf.ErrEncrypted},
		"damaged":               {damaged, pdf.SignatureSpec{}, pdf.ErrRepaired},
		"certification after":   {signedOnce(), pdf.SignatureSpec{Certify: 2}, pdf.ErrCertifyNotFirst},
		"field that is locked":  {signedOnce(), pdf.SignatureSpec{Fill: map[string]string{"name": "x"}}, pdf.ErrFieldLocked},
		"field of another kind": {signedOnce(), pdf.SignatureSpec{Field: "name"}, pdf.ErrFieldKind},
		"field that is signed":  {signedOnce(), pdf.SignatureSpec{Field: "Signature1"}, pdf.ErrFieldSigned},
		"field below another":   {signedOnce(), pdf.SignatureSpec{Field: "name.x"}, pdf.ErrFieldName},
		"field that is not": {
			simple("").table(""),
			pdf.SignatureSpec{Fill: map[string]string{"x": "y"}},
			pdf.ErrNoField,
		},
		"page that is not": {simple("").table(""), pdf.SignatureSpec{Widget: &pdf.Widget{Page: 9}}, pdf.ErrNoPage},
		"wider than the page": {
			simple("").table(""),
			pdf.SignatureSpec{Widget: &pdf.Widget{Width: 300, Height: 9}},
			pdf.ErrOutsidePage,
		},
		"infinitely wide": {simple("").table(""), pdf.SignatureSpec{Widget: &pdf.Widget{
			Width:  math.Inf(1),
			Height: 9,
		}}, pdf.ErrOutsidePage},
		"of no known width": {simple("").table(""), pdf.SignatureSpec{Widget: &pdf.Widget{
			Width:  math.NaN(),
			Height: 9,
		}}, pdf.ErrOutsidePage},
		"at no known place": {simple("").table(""), pdf.SignatureSpec{Widget: &pdf.Widget{
			X: math.NaN(), Width: 9,
			Height: 9,
		}}, pdf.ErrOutsidePage},
	} {
		tail, _, err := pdf.SignatureTail(open(t, tc.data), tc.spec)
		if !errors.Is(err, tc.want) || tail.Bytes != nil || pdf.Code(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEvidenceIsStoredOnce(t *testing.T) {
	t.Parallel()
	pieces := func(names ...string) (list [][]byte) {
		for _, name := range names {
			list = append(list, []byte(name))
		}
		return list
	}
	data := signedOnce()
	for _, step := range []struct {
		certs, ocsps, crls [][]byte
		want               error
	}{
		{pieces("certificate", "new", "new"), nil, pieces("list", "other list"), nil},
		{pieces("certificate", "new"), nil, pieces("other list"), pdf.ErrNothingToExtend},
		{nil, pieces("answer"), nil, nil},
	} {
		tail, err := pdf.EvidenceTail(open(t, data), step.certs, step.ocsps, step.crls)
		if !errors.Is(err, step.want) {
			t.Fatal(err)
		}
		data = append(data, tail.Bytes...)
	}
	stored, err := open(t, data).DSS()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(pieces("certificate", "new"), stored.Certs); diff != "" || len(stored.CRLs) != 2 ||
		len(stored.OCSPs) != 1 {
		t.Errorf("%+v", stored)
	}
	if len(stored.VRI) != 1 {
		t.Errorf("the evidence for single signatures was lost: %+v", stored.VRI)
	}
	fresh, err := pdf.EvidenceTail(open(t, simple("").table("")), pieces("c"), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if stored, err = open(t, append(simple("").table(""), fresh.Bytes...)).DSS(); err != nil || len(stored.Certs) != 1 {
		t.Errorf("%+v: %v", stored, err)
	}
}

// TestStrangersFilesGrowWithoutNewWarnings extends every file of the corpus that can be opened.
func TestStrangersFilesGrowWithoutNewWarnings(t *testing.T) {
	t.Parallel()
	qpdf := tool(t, "qpdf")
	refused := map[string]int{}
	files := pdfsIn(t, "inputs")
	for _, name := range files {
		data := read(t, name)
		doc, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			refused[pdf.Code(err)]++
			continue
		}
		tail, _, err := pdf.SignatureTail(doc, pdf.SignatureSpec{
			Room: 100, Values: pdf.Dict{"Type": pdf.Name("Sig")},
			Widget: &pdf.Widget{Page: -1, X: 1, Y: 1, Width: 8, Height: 4, Lines: []string{"Ký"}},
		})
		if err != nil {
			refused[pdf.Code(err)]++
			continue
		}
		path := filepath.Join(t.TempDir(), "grown.pdf")
		write(t, path, append(data, tail.Bytes...))
		before, _ := exec.Command(qpdf, "--check", name).CombinedOutput()
		after, _ := exec.Command(qpdf, "--check", path).CombinedOutput()
		if strings.Count(string(after), "WARNING") > strings.Count(string(before), "WARNING") {
			t.Errorf("%s: %s", name, after)
		}
	}
	t.Logf("of %d files refused: %v", len(files), refused)
	for code, count := range refused {
		if code == "" || count > 10 {
			t.Errorf("%d files are refused with code %q", count, code)
		}
	}
}
