package pdf_test

import (
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"congvan/signing/pdf"
)

// tool finds a program of the machine. Without it the test is skipped, unless CONGVAN_REQUIRE_PEERS=1.
func tool(t *testing.T, name string) string {
	t.Helper()
	found, err := exec.LookPath(name)
	if err != nil && os.Getenv("CONGVAN_REQUIRE_PEERS") == "1" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skip(err)
	}
	return found
}

func TestStrangersFilesOpenAndHaveTheirPages(t *testing.T) {
	t.Parallel()
	qpdf := tool(t, "qpdf")
	names := append(pdfsIn(t, "inputs"), pdfsIn(t, "signing")...)
	opened, repaired, encrypted, compared := 0, 0, 0, 0
	for _, name := range names {
		short := filepath.Base(name)
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = file.Close() })
		info, err := file.Stat()
		if err != nil {
			t.Fatal(err)
		}
		doc, err := pdf.Open(file, info.Size())
		if err != nil {
			t.Logf("refused   %s: %s", short, pdf.Code(err))
			if pdf.Code(err) == "" {
				t.Errorf("%s: no fault of this package: %v", short, err)
			}
			continue
		}
		opened++
		if doc.Repaired() {
			repaired++
			t.Logf("repaired  %s: %s", short, pdf.Code(doc.Damage()))
		}
		count, err := doc.PageCount()
		if doc.Encrypted() {
			encrypted++
			t.Logf("encrypted %s: %s", short, pdf.Code(err))
			continue
		}
		want, clean := pagesByQPDF(qpdf, name)
		if clean {
			compared++
		}
		if clean && (err != nil || count != want) {
			t.Errorf("%s: %d pages, qpdf says %d: %v", short, count, want, err)
		}
	}
	t.Logf("%d files: %d opened, %d of them repaired, %d encrypted; %d compared with qpdf",
		len(names), opened, repaired, encrypted, compared)
}

// pagesByQPDF is the number of pages of a file about which qpdf has nothing to complain.
func pagesByQPDF(qpdf, name string) (int, bool) {
	var out, complaints strings.Builder
	command := exec.Command(qpdf, "--show-npages", name)
	command.Stdout, command.Stderr = &out, &complaints
	err := command.Run()
	count, notNumber := strconv.Atoi(strings.TrimSpace(out.String()))
	return count, err == nil && notNumber == nil && complaints.Len() == 0
}

func TestEverySignatureOfStrangersIsFound(t *testing.T) {
	t.Parallel()
	for _, name := range pdfsIn(t, "signing") {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := pdf.Open(strings.NewReader(string(data)), int64(len(data)))
		if err != nil || doc.Encrypted() {
			continue
		}
		signatures, err := doc.Signatures()
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(name), err)
		}
		for _, s := range signatures {
			if s.Err != nil {
				t.Logf("%s %s: %v", filepath.Base(name), s.Field, s.Err)
				continue
			}
			if err := contentsAreThere(data, s); err != nil {
				t.Errorf("%s %s: %v", filepath.Base(name), s.Field, err)
			}
		}
	}
}

// contentsAreThere decodes the bytes of the file at the place where /Contents is said to be.
func contentsAreThere(data []byte, s pdf.SignatureDict) error {
	if s.ContentsAt < 0 {
		return fmt.Errorf("contents not located")
	}
	text := data[s.ContentsAt:s.ContentsTo]
	if text[0] != '<' || text[len(text)-1] != '>' {
		return fmt.Errorf("no brackets at %d and %d", s.ContentsAt, s.ContentsTo)
	}
	digits := strings.ToUpper(strings.Join(strings.Fields(string(text[1:len(text)-1])), ""))
	if len(digits)%2 == 1 {
		digits += "0"
	}
	if strings.ToUpper(hex.EncodeToString(s.Contents)) != digits {
		return fmt.Errorf("contents differ from the bytes in the file")
	}
	return nil
}
