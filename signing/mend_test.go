package signing_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/signing"
	"congvan/signing/pdf"
)

// damages are what happens to files on their way: each leaves every object whole.
func damages() map[string]func([]byte) []byte {
	return map[string]func([]byte) []byte{
		"the offset of the table is wrong": func(data []byte) []byte {
			at := bytes.LastIndex(data, []byte("startxref\n")) + len("startxref\n")
			return append(bytes.Clone(data[:at]), append([]byte("7"), data[at:]...)...)
		},
		"the end is missing": func(data []byte) []byte {
			return bytes.Clone(data[:bytes.LastIndex(data, []byte("endobj"))+len("endobj")])
		},
		"a line was put in after the header": func(data []byte) []byte {
			at := bytes.IndexByte(data, '\n') + 1
			return append(bytes.Clone(data[:at]), append([]byte("%added\n"), data[at:]...)...)
		},
	}
}

func TestADamagedUnsignedDocumentIsMendedAndSigned(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	order := w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelT)
	for what, damage := range damages() {
		broken := damage(blank(3))
		if !openPDF(t, broken).Repaired() {
			t.Errorf("%s: it is not damaged", what)
		}
		first, _ := sign(t, broken, order)
		second, _ := sign(t, first, order)
		examined(t, second, w, signing.LevelT)
		peersAccept(t, second, 2, true, true)
		opensslAccepts(t, second, w.authority, w.at)
		if pages, err := openPDF(t, second).PageCount(); err != nil || pages != 3 {
			t.Errorf("%s: %d pages, %v", what, pages, err)
		}
	}
}

// TestDamagedInputsAreMendedOrRefused breaks the last offset of every unsigned file of the shared inputs.
func TestDamagedInputsAreMendedOrRefused(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	order := w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelB)
	files, err := filepath.Glob(filepath.Join(shared(t, "corpus/inputs"), "*", "*.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	mended, refused := 0, 0
	for _, path := range files {
		document, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := pdf.Open(bytes.NewReader(document), int64(len(document)))
		if err != nil || doc.Repaired() || doc.Encrypted() || bytes.Contains(document, []byte("/ByteRange")) {
			continue
		}
		broken := bytes.Clone(document)
		at := bytes.LastIndex(broken, []byte("startxref")) + len("startxref")
		for i := at; i < len(broken) && broken[i] != '%'; i++ {
			if broken[i] >= '0' && broken[i] <= '9' {
				broken[i] = '9'
			}
		}
		signed, err := signing.SignPDF(t.Context(), bytes.NewReader(broken), int64(len(broken)), order)
		if err != nil {
			if signing.RefusalCode(err) != pdf.ErrRepaired.Code() {
				t.Errorf("%s: %v", path, err)
			}
			t.Logf("refused: %s: %v", filepath.Base(path), err)
			refused++
			continue
		}
		mended++
		checkMended(t, w, document, whole(t, broken, signed))
	}
	t.Logf("%d mended and signed, %d refused", mended, refused)
	if mended == 0 {
		t.Error("nothing was mended")
	}
}

func checkMended(t *testing.T, w workshop, before, after []byte) {
	t.Helper()
	compareStructure(t, before, after)
	examined(t, after, w, signing.LevelB)
	path := file(t, "mended.pdf", after)
	if warnings := qpdfWarnings(t, path); len(warnings) > len(qpdfWarnings(t, file(t, "whole.pdf", before))) {
		t.Errorf("qpdf warns: %v", warnings)
	}
	if verdicts := popplerVerdicts(t, path); !slices.Equal(verdicts, []string{"Signature is Valid."}) {
		t.Errorf("pdfsig says %q", verdicts)
	}
}

func TestWhatCannotBeMendedBeyondDoubtIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	order := w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelB)
	wrong := damages()["the offset of the table is wrong"]
	signed, _ := sign(t, blank(1), order)
	twice := bytes.Replace(blank(1), []byte("xref\n0"), []byte("3 0 obj\n<</Type/Page>>\nendobj\nxref\n0"), 1)
	for name, document := range map[string][]byte{
		"signed before":               wrong(signed),
		"an object is there twice":    wrong(twice),
		"a page is missing":           wrong(bytes.Replace(blank(2), []byte("4 0 obj"), []byte("9 0 obj"), 1)),
		"the pages are not so many":   wrong(bytes.Replace(blank(2), []byte("/Count 2"), []byte("/Count 3"), 1)),
		"something before the header": append([]byte("From: a\n"), wrong(blank(1))...),
	} {
		_, err := signing.SignPDF(t.Context(), bytes.NewReader(document), int64(len(document)), order)
		if signing.RefusalCode(err) != pdf.ErrRepaired.Code() {
			t.Errorf("%s: %v", name, err)
		}
	}
	damaged := wrong(blank(1))
	_, err := signing.Prepare(t.Context(), bytes.NewReader(damaged), int64(len(damaged)), order)
	if signing.RefusalCode(err) != pdf.ErrRepaired.Code() {
		t.Errorf("for a key elsewhere: %v", err)
	}
}
