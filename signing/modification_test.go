package signing_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"congvan/signing"
	"congvan/signing/pdf"
)

// office is a document with what attackers like to change, signed once. Later revisions come after it.
type office struct {
	bytes.Buffer
	offsets map[int]int
	last    int
	end     int64 // of the signed revision
}

// signedOffice is the document after its signature; reference goes into the signature dictionary, lock into its field.
func signedOffice(reference, lock string) *office {
	f := &office{offsets: map[int]int{}}
	f.WriteString("%PDF-1.7\n")
	f.object(1, catalogObject)
	f.object(2, "<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2/MediaBox[0 0 595 842]>>")
	f.object(3, pageObject)
	f.object(4, "<</Type/Page/Parent 2 0 R/Contents 7 0 R>>")
	f.stream(5, "", "BT /F1 12 Tf 100 700 Td (Kinh phi: 1.000.000 dong) Tj ET /Over Do")
	f.object(6, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding 20 0 R>>")
	f.stream(7, "", "BT (page two) Tj ET")
	f.object(8, "<</Fields[9 0 R 10 0 R 11 0 R 12 0 R 14 0 R]/SigFlags 3/DR<</Font<</F1 6 0 R>>>>>>")
	f.object(9, "<</FT/Sig/T(Signature1)/Subtype/Widget/Rect[10 10 110 60]/P 3 0 R/F 132/V 13 0 R"+
		"/AP<</N 15 0 R>>"+lock+">>")
	f.object(10, "<</FT/Sig/T(Signature2)/Subtype/Widget/Rect[0 0 0 0]/P 3 0 R/F 132>>")
	f.object(11, "<</FT/Tx/T(number)/Subtype/Widget/Rect[300 700 400 720]/P 3 0 R/F 4>>")
	f.object(12, "<</FT/Tx/T(amount)/Subtype/Widget/Rect[300 600 400 620]/P 3 0 R/F 4/V(1000)/AP<</N 16 0 R>>>>")
	f.object(13, "<</Type/Sig/SubFilter/ETSI.CAdES.detached/Contents<3000>/ByteRange[0 1 2 3]"+reference+">>")
	f.object(14, "<</FT/Btn/T(agreed)/Subtype/Widget/Rect[300 500 320 520]/P 3 0 R/F 4/V/Off/AS/Off"+
		"/AP<</N<</Off 17 0 R/Yes 18 0 R>>>>>>")
	f.stream(15, "/Subtype/Form/BBox[0 0 100 50]", "BT (signed by An) Tj ET")
	f.stream(16, "/Subtype/Form/BBox[0 0 100 20]", "BT (1000) Tj ET")
	f.stream(17, "/Subtype/Form/BBox[0 0 20 20]", "")
	f.stream(18, "/Subtype/Form/BBox[0 0 20 20]", "0 0 m 20 20 l S")
	f.object(19, linkObject)
	f.object(20, "<</Type/Encoding/Differences[65/A]>>")
	f.stream(21, "/Subtype/Form/BBox[0 0 595 842]/OC 22 0 R", "BT (hidden text) Tj ET")
	f.object(22, "<</Type/OCG/Name(layer)>>")
	f.object(23, "<</Title(first)/Dest[3 0 R/Fit]/Parent 24 0 R>>")
	f.object(24, "<</First 23 0 R/Last 23 0 R/Count 1>>")
	f.object(25, "<</Producer(congvan)>>")
	f.stream(26, "/Type/Metadata/Subtype/XML", "<x/>")
	f.object(27, "<</Private 16 0 R>>")
	f.revision("/Info 25 0 R")
	f.end = int64(f.Len())
	return f
}

const (
	catalogObject = "<</Type/Catalog/Pages 2 0 R/AcroForm 8 0 R/Outlines 24 0 R/Metadata 26 0 R" +
		"/OCProperties<</OCGs[22 0 R]/D<</OFF[22 0 R]>>>>/Names<</EmbeddedFiles<</Names[]>>>>>>"
	pageObject = "<</Type/Page/Parent 2 0 R/Contents 5 0 R/Annots[9 0 R 10 0 R 11 0 R 12 0 R 14 0 R 19 0 R]" +
		"/Resources<</Font<</F1 6 0 R>>/XObject<</Over 21 0 R>>>>>>"
	linkObject = "<</Type/Annot/Subtype/Link/Rect[10 800 50 820]/A<</S/URI/URI(https://congbao.example)>>>>"
)

func (f *office) object(number int, text string) {
	f.offsets[number] = f.Len()
	fmt.Fprintf(f, "%d 0 obj\n%s\nendobj\n", number, text)
}

func (f *office) stream(number int, entries, data string) {
	f.object(number, fmt.Sprintf("<<%s/Length %d>>stream\n%s\nendstream", entries, len(data), data))
}

// free marks an object as deleted.
func (f *office) free(number int) { f.offsets[number] = -1 }

func (f *office) revision(entries string) {
	start := f.Len()
	fmt.Fprintf(f, "xref\n")
	for _, number := range slices.Sorted(maps.Keys(f.offsets)) {
		if offset := f.offsets[number]; offset >= 0 {
			fmt.Fprintf(f, "%d 1\n%010d 00000 n \n", number, offset)
		} else {
			fmt.Fprintf(f, "%d 1\n0000000000 00001 f \n", number)
		}
	}
	if !strings.Contains(entries, "/Root") {
		entries += "/Root 1 0 R"
	}
	if f.last > 0 {
		entries += fmt.Sprintf("/Prev %d", f.last)
	}
	fmt.Fprintf(f, "trailer\n<</Size 99%s>>\nstartxref\n%d\n%%%%EOF\n", entries, start)
	f.last, f.offsets = start, map[int]int{}
}

func (f *office) classify(t *testing.T) (signing.Modification, []signing.Change) {
	t.Helper()
	doc, err := pdf.Open(bytes.NewReader(f.Bytes()), int64(f.Len()))
	if err != nil {
		t.Fatal(err)
	}
	signatures, err := doc.Signatures()
	if err != nil {
		t.Fatal(err)
	}
	for _, signature := range signatures {
		if signature.Field == "Signature1" {
			grade, changes, err := signing.Classify(doc, signature, f.end)
			if err != nil {
				t.Fatal(err)
			}
			return grade, changes
		}
	}
	return signing.ModifiedForbidden, nil // the signature itself is gone; the judge never gets here
}

const (
	noReference = ""
	docMDP      = "/Reference[<</TransformMethod/DocMDP/TransformParams<</P %d>>/Data 1 0 R>>]"
	fieldMDP    = "/Reference[<</TransformMethod/FieldMDP/TransformParams" +
		"<</Action/Include/Fields[(number)]>>/Data 1 0 R>>]"
	newSig   = "<</Type/Sig/SubFilter/ETSI.CAdES.detached/Contents<3001>/ByteRange[0 1 2 3]>>"
	newStamp = "<</Type/DocTimeStamp/SubFilter/ETSI.RFC3161/Contents<3002>/ByteRange[0 1 2 3]>>"
)

// edits are what may happen to a document after it was signed.
var edits = map[string]func(*office){
	"nothing": func(*office) {},
	"objects written again unchanged": func(f *office) {
		f.object(1, catalogObject)
		f.object(6, "<< /BaseFont /Helvetica /Type /Font % again\n /Subtype /Type1 /Encoding 20 0 R >>")
	},
	"new objects that nothing leads to": func(f *office) { f.stream(40, "", "BT (ghost) Tj ET") },
	"an unused object freed":            func(f *office) { f.free(27) },
	"evidence": func(f *office) {
		f.object(1, strings.Replace(catalogObject, "/Pages", "/DSS<</Certs[40 0 R]>>/Extensions<</ESIC<<>>>>/Pages", 1))
		f.stream(40, "", "certificate")
	},
	"metadata": func(f *office) {
		f.stream(26, "/Type/Metadata/Subtype/XML", "<y/>")
		f.object(25, "<</Producer(other)>>")
	},
	"a document time stamp": func(f *office) {
		f.object(8, "<</Fields[9 0 R 10 0 R 11 0 R 12 0 R 14 0 R 40 0 R]/SigFlags 3/DR<</Font<</F1 6 0 R>>>>>>")
		f.object(3, strings.Replace(pageObject, "19 0 R]", "19 0 R 40 0 R]", 1))
		f.object(40, "<</FT/Sig/T(Stamp)/Subtype/Widget/Rect[0 0 0 0]/P 3 0 R/V 41 0 R>>")
		f.object(41, newStamp)
	},
	"the empty field signed": func(f *office) {
		f.object(10, "<</FT/Sig/T(Signature2)/Subtype/Widget/Rect[0 0 0 0]/P 3 0 R/F 132/V 41 0 R/AP<</N 42 0 R>>>>")
		f.object(41, newSig)
		f.stream(42, "/Subtype/Form/BBox[0 0 9 9]", "")
	},
	"a new signature field": func(f *office) {
		f.object(8, "<</Fields[9 0 R 10 0 R 11 0 R 12 0 R 14 0 R 40 0 R]/SigFlags 3/DR<</Font<</F1 6 0 R>>>>>>")
		f.object(3, strings.Replace(pageObject, "19 0 R]", "19 0 R 40 0 R]", 1))
		f.object(40, "<</FT/Sig/T(Seal)/Subtype/Widget/Rect[300 100 400 200]/P 3 0 R/V 41 0 R>>")
		f.object(41, newSig)
	},
	"a new signature field over the whole page": func(f *office) {
		f.object(8, "<</Fields[9 0 R 10 0 R 11 0 R 12 0 R 14 0 R 40 0 R]/SigFlags 3/DR<</Font<</F1 6 0 R>>>>>>")
		f.object(3, strings.Replace(pageObject, "19 0 R]", "19 0 R 40 0 R]", 1))
		f.object(40, "<</FT/Sig/T(Seal)/Subtype/Widget/Rect[0 0 595 842]/P 3 0 R/V 41 0 R>>")
		f.object(41, newSig)
	},
	"a new signature field with an action": func(f *office) {
		f.object(8, "<</Fields[9 0 R 10 0 R 11 0 R 12 0 R 14 0 R 40 0 R]/SigFlags 3/DR<</Font<</F1 6 0 R>>>>>>")
		f.object(40, "<</FT/Sig/T(Seal)/Subtype/Widget/Rect[0 0 0 0]/AA<</E<</S/JavaScript/JS(app.alert)>>>>/V 41 0 R>>")
		f.object(41, newSig)
	},
	"a field filled in": func(f *office) {
		f.object(11, "<</FT/Tx/T(number)/Subtype/Widget/Rect[300 700 400 720]/P 3 0 R/F 4/V(45/UBND)/AP<</N 40 0 R>>>>")
		f.stream(40, "/Subtype/Form/BBox[0 0 100 20]", "BT (45/UBND) Tj ET")
	},
	"a box ticked": func(f *office) {
		f.object(14, "<</FT/Btn/T(agreed)/Subtype/Widget/Rect[300 500 320 520]/P 3 0 R/F 4/V/Yes/AS/Yes"+
			"/AP<</N<</Off 17 0 R/Yes 18 0 R>>>>>>")
	},
	"a remark beside the text":         remark("/FreeText", "400 300 500 320"),
	"a remark over the text":           remark("/FreeText", "100 690 300 720"),
	"a stamp over the text":            remark("/Stamp", "100 690 300 720"),
	"a highlight over the text":        remark("/Highlight", "100 690 300 720"),
	"a highlight that hides the text":  opaque("/Highlight", "0 0 99 99 re f"),
	"a highlight that feigns the text": opaque("/Highlight", "BT (9.000.000) Tj ET"),
	"a remark that runs a script": func(f *office) {
		f.object(3, strings.Replace(pageObject, "19 0 R]", "19 0 R 40 0 R]", 1))
		f.object(40, "<</Subtype/Link/Rect[0 0 9 9]/A<</S/JavaScript/JS(app.alert)>>>>")
	},
	"a remark taken away": func(f *office) { f.object(3, strings.Replace(pageObject, " 19 0 R]", "]", 1)) },
	"a link that leads elsewhere": func(f *office) {
		f.object(19, strings.Replace(linkObject, "congbao", "phishing", 1))
	},
	"page contents replaced": func(f *office) { f.stream(5, "", "BT (Kinh phi: 9.000.000.000 dong) Tj ET") },
	"page contents elsewhere": func(f *office) {
		f.object(3, strings.Replace(pageObject, "/Contents 5 0 R", "/Contents 40 0 R", 1))
		f.stream(40, "", "BT (Kinh phi: 9.000.000.000 dong) Tj ET")
	},
	"page contents added": func(f *office) {
		f.object(3, strings.Replace(pageObject, "/Contents 5 0 R", "/Contents[5 0 R 40 0 R]", 1))
		f.stream(40, "", "BT (000) Tj ET")
	},
	"page contents deleted": func(f *office) { f.free(5) },
	"a font replaced":       func(f *office) { f.object(6, "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>") },
	"an encoding replaced":  func(f *office) { f.object(20, "<</Type/Encoding/Differences[65/B]>>") },
	"an overlay removed":    func(f *office) { f.free(21) },
	"a layer shown": func(f *office) {
		f.object(1, strings.Replace(catalogObject, "/OFF[22 0 R]", "/OFF[]", 1))
	},
	"a layer taken from an overlay": func(f *office) {
		f.stream(21, "/Subtype/Form/BBox[0 0 595 842]", "BT (hidden text) Tj ET")
	},
	"a page added": func(f *office) {
		f.object(2, "<</Type/Pages/Kids[3 0 R 4 0 R 40 0 R]/Count 3/MediaBox[0 0 595 842]>>")
		f.object(40, "<</Type/Page/Parent 2 0 R/Contents 7 0 R>>")
	},
	"a page removed": func(f *office) {
		f.object(2, "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>")
	},
	"pages in another order": func(f *office) {
		f.object(2, "<</Type/Pages/Kids[4 0 R 3 0 R]/Count 2/MediaBox[0 0 595 842]>>")
	},
	"another page tree": func(f *office) {
		f.object(1, strings.Replace(catalogObject, "/Pages 2 0 R", "/Pages 40 0 R", 1))
		f.object(40, "<</Type/Pages/Kids[3 0 R 42 0 R]/Count 2/MediaBox[0 0 595 842]>>")
		f.object(42, "<</Type/Page/Parent 40 0 R/Contents 5 0 R>>")
	},
	"another page size": func(f *office) {
		f.object(2, "<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2/MediaBox[0 0 595 400]>>")
	},
	"a page turned": func(f *office) {
		f.object(3, strings.Replace(pageObject, "/Type/Page", "/Type/Page/Rotate 180", 1))
	},
	"another catalog": func(f *office) {
		f.object(40, "<</Type/Catalog/Pages 41 0 R/AcroForm 8 0 R>>")
		f.object(41, "<</Type/Pages/Kids[42 0 R]/Count 1>>")
		f.object(42, "<</Type/Page/Parent 41 0 R/MediaBox[0 0 595 842]>>")
		f.revision("/Root 40 0 R/Info 25 0 R")
	},
	"a script for opening": func(f *office) {
		f.object(1, strings.Replace(catalogObject, "/Pages", "/OpenAction<</S/JavaScript/JS(app.alert)>>/Pages", 1))
	},
	"a script by name": func(f *office) {
		script := "/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(x)>>]>>"
		f.object(1, strings.Replace(catalogObject, "/Names<<", script, 1))
	},
	"a script in a field": func(f *office) {
		f.object(11, "<</FT/Tx/T(number)/Subtype/Widget/Rect[300 700 400 720]/P 3 0 R/F 4/AA<</K<</S/JavaScript/JS(x)>>>>>>")
	},
	"a file attached": func(f *office) {
		file := "/EmbeddedFiles<</Names[(a)<</Type/Filespec>>]>>"
		f.object(1, strings.Replace(catalogObject, "/EmbeddedFiles<</Names[]>>", file, 1))
	},
	"an outline renamed": func(f *office) { f.object(23, "<</Title(other)/Dest[3 0 R/Fit]/Parent 24 0 R>>") },
	"a text field added": func(f *office) {
		f.object(8, "<</Fields[9 0 R 10 0 R 11 0 R 12 0 R 14 0 R 40 0 R]/SigFlags 3/DR<</Font<</F1 6 0 R>>>>>>")
		f.object(3, strings.Replace(pageObject, "19 0 R]", "19 0 R 40 0 R]", 1))
		f.object(40, "<</FT/Tx/T(extra)/Subtype/Widget/Rect[100 690 300 720]/P 3 0 R/V(9.000.000)>>")
	},
	"a widget that belongs to no field": func(f *office) {
		f.object(3, strings.Replace(pageObject, "19 0 R]", "19 0 R 40 0 R]", 1))
		f.object(40, "<</FT/Sig/Subtype/Widget/Rect[100 690 300 720]/AP<</N 16 0 R>>>>")
	},
	"a field moved": func(f *office) {
		f.object(12, "<</FT/Tx/T(amount)/Subtype/Widget/Rect[100 690 300 720]/P 3 0 R/F 4/V(1000)/AP<</N 16 0 R>>>>")
	},
	"a field hidden": func(f *office) {
		f.object(12, "<</FT/Tx/T(amount)/Subtype/Widget/Rect[300 600 400 620]/P 3 0 R/F 6/V(1000)/AP<</N 16 0 R>>>>")
	},
	"a field removed": func(f *office) {
		f.object(8, "<</Fields[9 0 R 10 0 R 11 0 R 14 0 R]/SigFlags 3/DR<</Font<</F1 6 0 R>>>>>>")
	},
	"a field that shows another value than it has": func(f *office) {
		f.object(12, "<</FT/Tx/T(amount)/Subtype/Widget/Rect[300 600 400 620]/P 3 0 R/F 4/V(1000)/AP<</N 40 0 R>>>>")
		f.stream(40, "/Subtype/Form/BBox[0 0 100 20]", "BT (9000) Tj ET")
	},
	"an appearance overwritten": func(f *office) { f.stream(16, "/Subtype/Form/BBox[0 0 100 20]", "BT (9000) Tj ET") },
	"a tick that shows another state": func(f *office) {
		f.stream(17, "/Subtype/Form/BBox[0 0 20 20]", "0 0 m 20 20 l S")
	},
	"the appearance of the signature replaced": func(f *office) {
		f.stream(15, "/Subtype/Form/BBox[0 0 100 50]", "BT (signed by Binh) Tj ET")
	},
	"the signature replaced": func(f *office) {
		f.object(13, "<</Type/Sig/SubFilter/ETSI.CAdES.detached/Contents<3000>/ByteRange[0 1 2 3]/Reason(other)>>")
	},
	"the signature removed": func(f *office) {
		f.object(9, "<</FT/Sig/T(Signature1)/Subtype/Widget/Rect[10 10 110 60]/P 3 0 R/F 132>>")
	},
	"rights granted": func(f *office) {
		f.object(1, strings.Replace(catalogObject, "/Pages", "/Perms<</UR3 40 0 R>>/Pages", 1))
		f.object(40, newSig)
	},
	"a key that comes twice": func(f *office) {
		f.object(11, "<</FT/Tx/T(number)/Subtype/Widget/Rect[300 700 400 720]/P 3 0 R/F 4/V(1)/V(2)>>")
	},
	"encryption": func(f *office) {
		f.object(40, "<</Filter/Other>>")
		f.revision("/Encrypt 40 0 R/Info 25 0 R")
	},
}

// remark adds an annotation of a kind at a place.
func remark(kind, rect string) func(*office) {
	return func(f *office) {
		f.object(3, strings.Replace(pageObject, "19 0 R]", "19 0 R 40 0 R]", 1))
		f.object(40, "<</Type/Annot/Subtype"+kind+"/Rect["+rect+"]/Contents(remark)>>")
	}
}

// opaque adds an annotation over the text that draws something itself.
func opaque(kind, drawing string) func(*office) {
	return func(f *office) {
		f.object(3, strings.Replace(pageObject, "19 0 R]", "19 0 R 40 0 R]", 1))
		f.object(40, "<</Type/Annot/Subtype"+kind+"/Rect[100 690 300 720]/AP<</N 41 0 R>>>>")
		f.stream(41, "/Subtype/Form/BBox[0 0 99 99]", drawing)
	}
}

func TestEveryEditAfterASignatureIsGraded(t *testing.T) {
	t.Parallel()
	const (
		none       = signing.ModifiedNone
		ltv        = signing.ModifiedLTV
		fill       = signing.ModifiedFormFill
		annotation = signing.ModifiedAnnotation
		forbidden  = signing.ModifiedForbidden
	)
	// For an approval signature, and for a certification with permission 1, 2 and 3. What is not here is forbidden.
	allowed := map[string][4]signing.Modification{
		"nothing":                           {none, none, none, none},
		"objects written again unchanged":   {none, none, none, none},
		"new objects that nothing leads to": {none, none, none, none},
		"an unused object freed":            {none, none, none, none},
		"evidence":                          {ltv, ltv, ltv, ltv},
		"metadata":                          {ltv, ltv, ltv, ltv},
		"a document time stamp":             {ltv, ltv, ltv, ltv},
		"the empty field signed":            {fill, forbidden, fill, fill},
		"a new signature field":             {fill, forbidden, fill, fill},
		"a field filled in":                 {fill, forbidden, fill, fill},
		"a box ticked":                      {fill, forbidden, fill, fill},
		"a remark beside the text":          {forbidden, forbidden, forbidden, annotation},
		"a highlight over the text":         {forbidden, forbidden, forbidden, annotation},
		"a remark taken away":               {forbidden, forbidden, forbidden, annotation},
		"a link that leads elsewhere":       {forbidden, forbidden, forbidden, annotation},
	}
	for name, edit := range edits {
		want, ok := allowed[name]
		if !ok {
			want = [4]signing.Modification{forbidden, forbidden, forbidden, forbidden}
		}
		for permission := range 4 {
			reference := noReference
			if permission > 0 {
				reference = fmt.Sprintf(docMDP, permission)
			}
			f := signedOffice(reference, "")
			edit(f)
			if len(f.offsets) > 0 {
				f.revision("/Info 25 0 R")
			}
			grade, changes := f.classify(t)
			if grade != want[permission] {
				t.Errorf("%s under permission %d: %s, want %s: %v", name, permission, grade, want[permission], changes)
			}
			for _, change := range changes {
				if !strings.HasPrefix(change.Code, "change.") || change.Object == "" || change.Grade == signing.ModifiedNone {
					t.Errorf("%s: %+v", name, change)
				}
			}
		}
	}
}

func TestLockedFieldsMustNotBeFilledIn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, reference, lock, edit string
		want                        signing.Modification
	}{
		{"the field that is locked", fieldMDP, "", "a field filled in", signing.ModifiedForbidden},
		{"another field", fieldMDP, "", "a box ticked", signing.ModifiedFormFill},
		{"all fields", "", "/Lock<</Action/All>>", "a box ticked", signing.ModifiedForbidden},
		{"all but this", "", "/Lock<</Action/Exclude/Fields[(number)]>>", "a field filled in", signing.ModifiedFormFill},
		{"all but another", "", "/Lock<</Action/Exclude/Fields[(agreed)]>>", "a field filled in", signing.ModifiedForbidden},
		{"a lock that allows nothing", "", "/Lock<</Action/Include/P 1>>", "a field filled in", signing.ModifiedForbidden},
		{"evidence in spite of a lock", "", "/Lock<</Action/All/P 1>>", "a document time stamp", signing.ModifiedLTV},
	} {
		f := signedOffice(test.reference, test.lock)
		edits[test.edit](f)
		f.revision("/Info 25 0 R")
		if grade, changes := f.classify(t); grade != test.want {
			t.Errorf("%s: %s, want %s: %v", test.name, grade, test.want, changes)
		}
	}
}

func TestEditsDoNotHideEachOther(t *testing.T) {
	t.Parallel()
	f := signedOffice("", "")
	for _, name := range []string{"evidence", "page contents replaced", "a field filled in", "a document time stamp"} {
		edits[name](f)
		f.revision("/Info 25 0 R")
	}
	f.object(1, catalogObject) // what was added is taken away again
	f.revision("/Info 25 0 R")
	grade, changes := f.classify(t)
	var codes []string
	for _, change := range changes {
		codes = append(codes, change.Code)
	}
	if grade != signing.ModifiedForbidden || !slices.Contains(codes, "change.page_content") ||
		!slices.Contains(codes, "change.field_filled") || slices.Contains(codes, "change.evidence") {
		t.Errorf("%s: %v", grade, changes)
	}
}

func TestTheOldDocumentIsTheOneThatWasSigned(t *testing.T) {
	t.Parallel()
	// The update's /Prev leads to a forged copy of the first revision instead of the first revision itself.
	f := signedOffice("", "")
	signed := bytes.Clone(f.Bytes())
	f.stream(5, "", "BT (Kinh phi: 9.000.000.000 dong) Tj ET")
	copied := f.offsets[5]
	double := fmt.Appendf(nil, "5 1\n%010d 00000 n \n5 1\n", copied)
	forged := bytes.Replace(signed[f.last:], []byte("5 1\n"), double, 1)
	start := f.Len()
	f.Write(forged[:bytes.Index(forged, []byte("startxref"))])
	f.last, f.offsets = start, map[int]int{}
	f.object(25, "<</Producer(other)>>")
	f.revision("/Info 25 0 R")
	if grade, changes := f.classify(t); grade != signing.ModifiedForbidden {
		t.Errorf("%s: %v", grade, changes)
	}
}

func TestAnUpdateThatIsNotBuiltOnTheSignedRevisionIsForbidden(t *testing.T) {
	t.Parallel()
	f := signedOffice("", "")
	first := f.last
	f.object(25, "<</Producer(other)>>")
	f.revision("/Info 25 0 R")
	f.end = int64(f.Len()) // as if the signature covered both revisions
	f.last = first
	f.object(25, "<</Producer(third)>>")
	f.revision("/Info 25 0 R")
	grade, changes := f.classify(t)
	if grade != signing.ModifiedForbidden || len(changes) != 1 || changes[0].Code != "change.object" {
		t.Errorf("%s: %v", grade, changes)
	}
}

func TestARevisionMustNotPromiseWhatComesAfterIt(t *testing.T) {
	t.Parallel()
	for name, ahead := range map[string]int{"behind its end": 2000, "across its end": 0} {
		f := signedOffice("", "")
		f.object(3, strings.Replace(pageObject, "/Contents 5 0 R", "/Contents 40 0 R", 1))
		place := f.Len() + ahead
		f.offsets[40] = place
		if ahead == 0 { // the object begins here; what follows is inside a string of its dictionary
			f.WriteString("40 0 obj <</Length 44/Ignored(")
		}
		f.revision("/Info 25 0 R")
		f.end = int64(f.Len())
		if ahead > 0 {
			f.WriteString(strings.Repeat("\n", place-f.Len()))
			f.WriteString("40 0 obj <</Length 44")
		} else {
			f.WriteString(")")
		}
		f.WriteString(">>stream\nBT (Kinh phi: 9.000.000.000 dong) Tj ET       \nendstream endobj\n")
		f.object(25, "<</Producer(other)>>")
		f.revision("/Info 25 0 R")
		if grade, changes := f.classify(t); grade != signing.ModifiedForbidden {
			t.Errorf("%s: %s: %v", name, grade, changes)
		}
	}
}
