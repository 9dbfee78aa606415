package pdf_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"congvan/signing/pdf"
)

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// solid is a PNG of one colour, the left half transparent when asked.
func solid(t *testing.T, w, h int, half bool) *pdf.Picture {
	t.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			if !half || x >= w/2 {
				picture.SetNRGBA(x, y, color.NRGBA{R: 255, A: 255})
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return prepared(t, out.Bytes())
}

func prepared(t *testing.T, data []byte) *pdf.Picture {
	t.Helper()
	picture, err := pdf.NewPicture(data)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

func TestAPictureIsReadOrRefused(t *testing.T) {
	t.Parallel()
	var wide bytes.Buffer
	if err := png.Encode(&wide, image.NewGray(image.Rect(0, 0, 24_000_001, 1))); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"nothing": nil, "another kind": []byte("GIF89a"), "half a PNG": wide.Bytes()[:wide.Len()/2],
		"too many pixels": wide.Bytes(), "too many bytes": make([]byte, 9<<20),
	} {
		if picture, err := pdf.NewPicture(data); !errors.Is(err, pdf.ErrImage) || picture != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// drawn is the first page as poppler draws it, at 72 dots an inch.
func drawn(t *testing.T, data []byte) image.Image {
	t.Helper()
	pdftoppm := tool(t, "pdftoppm")
	path := filepath.Join(t.TempDir(), "page.pdf")
	write(t, path, data)
	out, err := exec.Command(pdftoppm, "-r", "72", "-png", "-cropbox", "-singlefile", path,
		strings.TrimSuffix(path, ".pdf")).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Fatalf("%v: %s", err, out)
	}
	picture, err := png.Decode(bytes.NewReader(read(t, strings.TrimSuffix(path, ".pdf")+".png")))
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

// redBox is the smallest box around everything red.
func redBox(picture image.Image) image.Rectangle {
	var box image.Rectangle
	for y := picture.Bounds().Min.Y; y < picture.Bounds().Max.Y; y++ {
		for x := picture.Bounds().Min.X; x < picture.Bounds().Max.X; x++ {
			if r, g, _, _ := picture.At(x, y).RGBA(); r > 0xc000 && g < 0x6000 {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box
}

func TestPlacesAreMillimetresOfThePageAsItIsDisplayed(t *testing.T) {
	t.Parallel()
	for _, rotate := range []int{0, 90, 180, 270, -90} {
		for _, boxes := range []string{"/MediaBox[0 0 400 600]", "/MediaBox[-50 -60 600 800]/CropBox[400 640 0 40]"} {
			for _, corner := range []bool{false, true} {
				f := newFile()
				f.object(1, "<</Type/Catalog/Pages 2 0 R>>")
				f.object(2, fmt.Sprintf("<</Type/Pages/Kids[3 0 R]/Count 1/Rotate %d%s>>", rotate, boxes))
				f.object(3, "<</Type/Page/Parent 2 0 R>>")
				data, _, _ := grown(t, f.table(""), pdf.SignatureSpec{Widget: &pdf.Widget{
					X: 20, Y: 10, Width: 40, Height: 20, FromTopRight: corner, Image: solid(t, 200, 100, true),
				}})
				picture := drawn(t, data)
				mm := 72 / 25.4
				// The right half of the image is red: upright, it is at the right of its box.
				left, bottom := 20*mm+20*mm, 10*mm
				if corner {
					left = float64(picture.Bounds().Dx()) - 20*mm - 20*mm
					bottom = float64(picture.Bounds().Dy()) - 10*mm - 20*mm
				}
				want := [4]float64{
					left, float64(picture.Bounds().Dy()) - bottom - 20*mm, left + 20*mm,
					float64(picture.Bounds().Dy()) - bottom,
				}
				got := redBox(picture)
				for i, v := range []int{got.Min.X, got.Min.Y, got.Max.X, got.Max.Y} {
					if math.Abs(float64(v)-want[i]) > 2 {
						t.Errorf("rotated by %d, %s, from the corner %v: drawn at %v instead of %.0f", rotate, boxes, corner, got, want)
						break
					}
				}
			}
		}
	}
}

const vietnamese = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵdđ"

func TestVietnameseIsShownFoundAndEmbedded(t *testing.T) {
	t.Parallel()
	text := vietnamese + " " + strings.ToUpper(vietnamese) + " 0123456789 .,;:/-()+“”–…"
	for name, form := range map[string]norm.Form{"composed": norm.NFC, "decomposed": norm.NFD} {
		data, _, _ := grown(t, simple("").table(""), pdf.SignatureSpec{Widget: &pdf.Widget{
			X: 10, Y: 10, Width: 180, Height: 60, Lines: []string{form.String(text)},
		}})
		path := filepath.Join(t.TempDir(), "text.pdf")
		write(t, path, data)
		out, err := exec.Command(tool(t, "pdftotext"), path, "-").CombinedOutput()
		if found := strings.Join(strings.Fields(string(out)), ""); err != nil || found != strings.ReplaceAll(text, " ", "") {
			t.Errorf("%s: %v: found %q", name, err, found)
		}
		fonts, err := exec.Command(tool(t, "pdffonts"), path).CombinedOutput()
		if err != nil || !strings.Contains(string(fonts), "CID TrueType      Identity-H       yes yes yes") {
			t.Errorf("%s: %v: %s", name, err, fonts)
		}
		if mutool, err := exec.Command(tool(t, "mutool"), "draw", "-F", "txt", path).CombinedOutput(); err != nil ||
			!strings.Contains(string(mutool), "ốồ") && !strings.Contains(string(mutool), "ồố") ||
			strings.Contains(string(mutool), "error") {
			t.Errorf("%s: mutool: %v: %s", name, err, mutool)
		}
		if len(data) > 60<<10 {
			t.Errorf("%s: %d bytes for one line of text", name, len(data))
		}
	}
}

func TestArchivalDocumentsStayArchival(t *testing.T) {
	t.Parallel()
	archival := func(part int, intent string) []byte {
		f := simple("")
		f.object(1, "<</Type/Catalog/Pages 2 0 R/Metadata 5 0 R"+intent+">>")
		f.stream(5, "/Type/Metadata/Subtype/XML", fmt.Sprintf(`<x:xmpmeta xmlns:x="adobe:ns:meta/">`+
			`<rdf:Description xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" pdfaid:part="%d" pdfaid:conformance="B"/></x:xmpmeta>`, part))
		return f.table("/ID[<00><00>]")
	}
	intent := "/OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)>>]"
	for name, tc := range map[string]struct {
		data         []byte
		soft, device bool
	}{
		"ordinary": {simple("").table(""), true, true},
		"PDF/A-1":  {archival(1, intent), false, false}, "PDF/A-1 without intent": {archival(1, ""), false, false},
		"PDF/A-2": {archival(2, intent), true, false}, "PDF/A-2 without intent": {archival(2, ""), false, false},
		"PDF/A-3": {archival(3, intent), true, false},
	} {
		data, tail, _ := grown(t, tc.data, pdf.SignatureSpec{Widget: &pdf.Widget{
			X: 10, Y: 10, Width: 60, Height: 20, Image: solid(t, 40, 20, true), Lines: []string{"Nguyễn Văn An"},
		}})
		text := string(tail.Bytes)
		if strings.Contains(text, "/SMask") != tc.soft || strings.Contains(text, "/Group") {
			t.Errorf("%s: soft mask %v", name, !tc.soft)
		}
		if strings.Contains(text, "/DeviceRGB") != tc.device || strings.Contains(text, "/CalRGB") == tc.device {
			t.Errorf("%s: device colours %v", name, !tc.device)
		}
		for _, key := range []string{"/FontFile2", "/CIDSet", "/ToUnicode", "/CIDToGIDMap /Identity", "/F 132"} {
			if !strings.Contains(text, key) {
				t.Errorf("%s: no %s", name, key)
			}
		}
		picture := drawn(t, data)
		if box := redBox(picture); box.Dx() < 10 || box.Dx() > 40 {
			t.Errorf("%s: the image is drawn in %v", name, box)
		}
	}
}

func TestJPEGImagesAreKeptAsTheyAre(t *testing.T) {
	t.Parallel()
	for name, picture := range map[string]image.Image{
		"colour": image.NewYCbCr(image.Rect(0, 0, 40, 20), image.YCbCrSubsampleRatio420),
		"gray":   image.NewGray(image.Rect(0, 0, 40, 20)),
	} {
		var photo bytes.Buffer
		if err := jpeg.Encode(&photo, picture, nil); err != nil {
			t.Fatal(err)
		}
		data, tail, _ := grown(t, simple("").table(""), pdf.SignatureSpec{Widget: &pdf.Widget{
			Width: 40, Height: 20,
			Image: prepared(t, photo.Bytes()),
		}})
		if !bytes.Contains(tail.Bytes, photo.Bytes()) {
			t.Errorf("%s: the file was written anew", name)
		}
		drawn(t, data)
	}
}

// textForm is a page with text fields of several styles.
func textForm() []byte {
	f := simple("")
	f.object(1, "<</Type/Catalog/Pages 2 0 R/AcroForm<<"+
		"/Fields[5 0 R 6 0 R 7 0 R 8 0 R 10 0 R]/DA(/Helv 10 Tf 0 0 1 rg)/Q 1>>>>")
	f.object(3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots[5 0 R 6 0 R 7 0 R 9 0 R]>>")
	f.object(5, "<</FT/Tx/T(line)/Type/Annot/Subtype/Widget/F 4/Rect[50 700 300 720]"+
		"/MK<</BC[1 0 0]/BG[0.9]>>/RV(rich)/MaxLen 30>>")
	f.object(6, "<</FT/Tx/Ff 4096/T(lines)/Type/Annot/Subtype/Widget/F 4/Rect[50 600 200 680]/DA(/Helv 0 Tf 0 g)>>")
	f.object(7, "<</FT/Tx/Ff 16777216/MaxLen 8/T(comb)/Type/Annot/Subtype/Widget/F 4/Rect[50 550 210 570]/MK<</R 0>>>>")
	f.object(8, "<</FT/Tx/T(parent)/Kids[9 0 R]>>")
	f.object(9, "<</Parent 8 0 R/Type/Annot/Subtype/Widget/F 4/Rect[300 300 320 500]/MK<</R 90>>>>")
	f.object(10, "<</FT/Btn/T(button)>>")
	return f.table("")
}

func TestFieldsOfEveryStyleAreFilled(t *testing.T) {
	t.Parallel()
	values := map[string]string{
		"line": "Hải Hậu (Ninh Bình)", "lines": "Dòng thứ nhất khá dài để phải xuống hàng\nDòng hai", "comb": "12345678",
		"parent": "Chữ đứng",
	}
	data, _, _ := grown(t, textForm(), pdf.SignatureSpec{Fill: values})
	doc := open(t, data)
	fields, err := doc.Fields()
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range fields {
		want, filled := values[field.Name]
		if text := doc.Text(field.Value).Text(); filled && text != want {
			t.Errorf("%s is %q", field.Name, text)
		}
		if field.Dict["RV"] != nil {
			t.Errorf("%s keeps its rich text", field.Name)
		}
	}
	path := filepath.Join(t.TempDir(), "form.pdf")
	write(t, path, data)
	out, err := exec.Command(tool(t, "pdftotext"), path, "-").CombinedOutput()
	found := strings.Join(strings.Fields(string(out)), " ")
	for _, want := range []string{"Hải Hậu (Ninh Bình)", "Dòng hai", "Chữ đứng", "1"} {
		if err != nil || !strings.Contains(found, want) {
			t.Errorf("%q is not seen: %v: %q", want, err, found)
		}
	}
	if out, err := exec.Command(tool(t, "qpdf"), "--check", path).CombinedOutput(); err != nil {
		t.Errorf("%s", out)
	}
	for name, tc := range map[string]struct {
		field, value string
		want         error
	}{
		"too many characters": {"comb", "123456789", pdf.ErrFieldValue},
		"two lines in one":    {"line", "a\nb", pdf.ErrFieldValue},
		"another kind":        {"button", "x", pdf.ErrFieldKind},
		"no such letter":      {"line", "漢", pdf.ErrFontLacks},
		"much too long":       {"lines", strings.Repeat("rất dài ", 900), pdf.ErrTextTooLong},
	} {
		_, _, err := pdf.SignatureTail(open(t, textForm()),
			pdf.SignatureSpec{Room: 9, Fill: map[string]string{tc.field: tc.value}})
		if !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPreparedFieldsAreEmptyAndNamedOnce(t *testing.T) {
	t.Parallel()
	fields := []pdf.TextField{
		{Name: "so", Label: "Số văn bản", X: 30, Y: 250, Width: 20, Height: 7, FontSize: 13, Align: 1, MaxLength: 8},
		{Name: "ngay", Page: -1, X: 100, Y: 250, Width: 80, Height: 7},
	}
	tail, err := pdf.FieldsTail(open(t, simple("").table("")), fields)
	if err != nil {
		t.Fatal(err)
	}
	data := append(simple("").table(""), tail.Bytes...)
	found, err := open(t, data).Fields()
	if err != nil || len(found) != 2 || found[0].Name != "so" || found[1].Type != "Tx" || len(found[1].Widgets) != 1 {
		t.Fatalf("%+v: %v", found, err)
	}
	if _, err := pdf.FieldsTail(open(t, data), fields[:1]); !errors.Is(err, pdf.ErrFieldName) {
		t.Errorf("the same name again: %v", err)
	}
	twice := append(fields[:1:1], fields[0])
	if _, err := pdf.FieldsTail(open(t, simple("").table("")), twice); !errors.Is(err, pdf.ErrFieldName) {
		t.Errorf("the same name twice: %v", err)
	}
	if _, err := pdf.FieldsTail(open(t, simple("").table("")), nil); !errors.Is(err, pdf.ErrNothingToExtend) {
		t.Errorf("no field: %v", err)
	}
	if _, err := pdf.FieldsTail(open(t, signedOnce()), fields); !errors.Is(err, pdf.ErrAlreadySigned) {
		t.Errorf("a signed document: %v", err)
	}
}
