package sheet_test

import (
	"bytes"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"congvan/sheet"
)

func example() sheet.Sheet {
	picture := image.NewRGBA(image.Rect(0, 0, 595, 842))
	for i := range picture.Pix {
		picture.Pix[i] = 0xff
	}
	return sheet.Sheet{
		Lang: "vi", Title: "Phiếu kiểm tra chữ ký số", About: "Số 12/QĐ-UBND", PageWord: "Trang số",
		At:       time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC),
		Headline: sheet.Headline{Tone: sheet.Bad, Text: "Nguyễn Văn Ân đã ký – KHÔNG HỢP LỆ", Lines: []string{"ẬỘỮỶẵ"}},
		Code:     &sheet.Code{Address: "https://example.vn/check/" + strings.Repeat("x", 150), Caption: "Quét mã"},
		Footer:   "congvan",
		Sections: []sheet.Section{
			{Title: "Sáu nội dung", Rows: []sheet.Row{
				{Tone: sheet.Good, Mark: "Đạt", Name: "Nội dung đúng như lúc ký", Text: "Mọi chữ ký đều đạt."},
				{Tone: sheet.Bad, Mark: "Không đạt", Name: "Chứng thư", Text: strings.Repeat("Chứng thư đã hết hạn. ", 40)},
			}},
			{Title: "Hình ảnh", Pairs: []sheet.Pair{
				{Title: "Trang 1", Left: picture, Right: picture}, {Title: "Trang 2", Left: picture, Missing: "Không có"},
			}},
		},
	}
}

func TestTheSameSheetGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	first, err := sheet.Draw(example())
	if err != nil {
		t.Fatal(err)
	}
	again, err := sheet.Draw(example())
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("%d bytes and %d bytes, %v", len(first), len(again), err)
	}
}

func TestEveryWordCanBeReadFromThePaper(t *testing.T) {
	t.Parallel()
	text := textOf(t, example())
	for _, want := range []string{
		"Phiếu kiểm tra chữ ký số", "Nguyễn Văn Ân đã ký – KHÔNG HỢP LỆ", "ẬỘỮỶẵ",
		"Đạt", "Không đạt", "Trang số 1/", "Không có",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not on the paper:\n%s", want, text)
		}
	}
}

// Names of certificates and files are foreign: nothing in them breaks the paper.
func TestForeignLettersDoNotBreakThePaper(t *testing.T) {
	t.Parallel()
	for _, foreign := range []string{
		"", "\x00\x01\x02", "😀 𝔘𝔫𝔦", "\xff\xfe", strings.Repeat("x", 5000), "漢字 ไทย", "\u202egpj.exe", "(a)\\)\n\r(b",
		"e\u0302\u0301",
	} {
		page := example()
		page.About, page.Headline.Text, page.Footer = foreign, foreign, foreign
		page.Sections[0].Title, page.Sections[0].Mark = foreign, foreign
		page.Sections[0].Rows[0] = sheet.Row{Mark: foreign, Name: foreign, Text: foreign}
		if _, err := sheet.Draw(page); err != nil {
			t.Errorf("%.20q: %v", foreign, err)
		}
	}
}

func TestAnAddressThatDoesNotFitIntoACodeIsAnError(t *testing.T) {
	t.Parallel()
	page := example()
	page.Code.Address = strings.Repeat("x", 5000)
	if _, err := sheet.Draw(page); err == nil {
		t.Error("a sheet without its code was drawn")
	}
}

// textOf reads the words of a sheet with Debian's pdftotext, when it is there.
func textOf(t *testing.T, page sheet.Sheet) string {
	t.Helper()
	drawn, err := sheet.Draw(page)
	if err != nil {
		t.Fatal(err)
	}
	program, err := exec.LookPath("pdftotext")
	if err != nil {
		if os.Getenv("CONGVAN_REQUIRE_PEERS") == "1" {
			t.Fatal("pdftotext is not here")
		}
		t.Skip("pdftotext is not here")
	}
	path := filepath.Join(t.TempDir(), "sheet.pdf")
	if err := os.WriteFile(path, drawn, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), program, "-layout", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
