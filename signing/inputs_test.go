package signing_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/signing"
	"congvan/signing/pdf"
)

// TestInputsAreSignedWithoutLossOrRefused signs every file of the shared inputs three times, by three kinds of key, and
// prints what became of it (go test ./signing -run Inputs -v).
func TestInputsAreSignedWithoutLossOrRefused(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	root := shared(t, "corpus/inputs")
	files, err := filepath.Glob(filepath.Join(root, "*", "*.pdf"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no inputs in %s: %v", root, err)
	}
	first := w.order(certstest.Leader(t, w.authority, certs.ECDSAP256), signing.LevelT)
	second := w.order(certstest.Seal(t, w.authority, certs.RSA4096), signing.LevelLTA)
	second.Appearance = &signing.Appearance{Page: -1, X: 1, Y: 1, Width: 12, Height: 12, Image: redSeal()}
	third := w.order(certstest.Seal(t, w.authority, certs.RSA2048), signing.LevelB)
	third.PSS = true
	outcomes := make([]string, len(files))
	t.Cleanup(func() { printInputs(t, outcomes) })
	for i, path := range files {
		name, _ := filepath.Rel(root, path)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			document, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			code := signThrice(t, name, document, w, []signing.Order{first, second, third})
			outcomes[i] = fmt.Sprintf("%-62s %-30s %s", name, classOf(document), code)
		})
	}
}

func printInputs(t *testing.T, outcomes []string) {
	t.Helper()
	counts := map[string]int{}
	for _, outcome := range outcomes {
		t.Log(outcome)
		counts[outcome[strings.LastIndex(outcome, " ")+1:]]++
	}
	t.Logf("%d files: %v", len(outcomes), counts)
	if counts[""] == 0 && counts["signed"] < len(outcomes)*9/10 {
		t.Errorf("only %d of %d inputs were signed", counts["signed"], len(outcomes))
	}
}

// signThrice gives "signed", or the code with which the file was refused at the first order.
func signThrice(t *testing.T, name string, document []byte, w workshop, orders []signing.Order) string {
	t.Helper()
	for n, order := range orders {
		next, code := signInput(t, name, document, order)
		if code == pdf.ErrOutsidePage.Code() { // the page is smaller than a seal
			order.Appearance = nil
			next, code = signInput(t, name, document, order)
		}
		if code != "" {
			if n > 0 {
				t.Errorf("%s: refused after %d signatures: %s", name, n, code)
			}
			return code
		}
		compareInput(t, name, document, next)
		document = next
	}
	examineInput(t, name, document, w)
	return "signed"
}

// signInput signs, or gives the code of the refusal.
func signInput(t *testing.T, name string, document []byte, order signing.Order) (next []byte, code string) {
	t.Helper()
	signed, err := signing.SignPDF(t.Context(), bytes.NewReader(document), int64(len(document)), order)
	if err == nil {
		if signed.Pending != "" {
			t.Errorf("%s: %s is pending: %v", name, signed.Pending, signed.Owed)
		}
		return whole(t, document, signed), ""
	}
	if code = signing.RefusalCode(err); code == "" || signed.Tail != nil {
		t.Errorf("%s: an error without a code: %v", name, err)
	}
	return nil, code
}

// compareInput asks peers and our reader what changed.
func compareInput(t *testing.T, name string, before, after []byte) {
	t.Helper()
	old, now := openPDF(t, before), openPDF(t, after)
	oldPages, _ := old.PageCount()
	if pages, err := now.PageCount(); err != nil || pages != oldPages {
		t.Errorf("%s: %d pages became %d: %v", name, oldPages, pages, err)
	}
	oldFields, _ := old.Fields()
	fields, err := now.Fields()
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	for _, field := range oldFields {
		same := func(f pdf.Field) bool {
			return f.Name == field.Name && f.Ref == field.Ref && f.Type == field.Type && len(f.Widgets) == len(field.Widgets)
		}
		if !slices.ContainsFunc(fields, same) {
			t.Errorf("%s: field %q was lost", name, field.Name)
		}
	}
	oldForm, _ := old.Form()
	form, _ := now.Form()
	for key := range oldForm.Dict {
		if form.Dict[key] == nil {
			t.Errorf("%s: /%s of the form was lost", name, key)
		}
	}
	oldPath, path := file(t, "before.pdf", before), file(t, "after.pdf", after)
	oldWarnings, warnings := qpdfWarnings(t, oldPath), qpdfWarnings(t, path)
	if len(warnings) > len(oldWarnings) {
		t.Errorf("%s: qpdf warned %d times and now %d:\n%s", name, len(oldWarnings), len(warnings),
			strings.Join(warnings, "\n"))
	}
	oldVerdicts, verdicts := popplerVerdicts(t, oldPath), popplerVerdicts(t, path)
	if len(verdicts) <= len(oldVerdicts) {
		t.Errorf("%s: pdfsig saw %d signatures and now %d", name, len(oldVerdicts), len(verdicts))
	}
	for _, verdict := range oldVerdicts {
		if at := slices.Index(verdicts, verdict); at < 0 {
			t.Errorf("%s: pdfsig said %q and now %q", name, oldVerdicts, verdicts)
		} else {
			verdicts = slices.Delete(verdicts, at, at+1)
		}
	}
	if !slices.Contains(verdicts, "Signature is Valid.") {
		t.Errorf("%s: pdfsig says of the new signature %q", name, verdicts)
	}
}

// examineInput asks our own strict examiner about the signatures made here: none may be taken for an attack on another.
func examineInput(t *testing.T, name string, document []byte, w workshop) {
	t.Helper()
	report, err := signing.Examine(t.Context(), bytes.NewReader(document), int64(len(document)),
		signing.Policy{At: w.at, Anchors: w.authority.Anchors(), Revocation: w.evidence})
	if err != nil {
		t.Fatal(err)
	}
	ours := 0
	for _, s := range report.Signatures {
		if !strings.Contains(s.Issuer, w.authority.Issuing().Subject.CommonName) {
			continue
		}
		ours++
		if s.Indication != signing.TotalPassed {
			t.Errorf("%s: %s: %s %s, modification %s, reasons %v, %v", name, s.Field, s.Indication, s.SubIndication,
				s.Modification, s.Reasons, s.Changes)
		}
	}
	if ours < 3 {
		t.Errorf("%s: the examiner finds %d of our signatures", name, ours)
	}
}

func qpdfWarnings(t *testing.T, path string) []string {
	t.Helper()
	out, _ := run(t, peer(t, "qpdf"), "--check", path)
	var warnings []string
	for line := range strings.Lines(out) {
		if strings.Contains(line, "WARNING") || strings.Contains(line, "ERROR") {
			warnings = append(warnings, strings.TrimSpace(line))
		}
	}
	return warnings
}

// classOf names the classes of a file in a few words.
func classOf(document []byte) string {
	doc, err := pdf.Open(bytes.NewReader(document), int64(len(document)))
	if err != nil {
		return "unreadable"
	}
	var words []string
	add := func(is bool, word string) {
		if is {
			words = append(words, word)
		}
	}
	_, kind := doc.LastXRef()
	signatures, _ := doc.Signatures()
	fields, _ := doc.Fields()
	add(doc.Repaired(), "damaged")
	add(kind == pdf.TableSection, "table")
	add(kind == pdf.StreamSection, "stream")
	add(kind == pdf.HybridSection, "hybrid")
	add(bytes.Contains(document[:min(1024, len(document))], []byte("/Linearized")), "linearized")
	add(doc.Encrypted(), "encrypted")
	add(len(fields) > 0, "form")
	add(len(signatures) > 0, fmt.Sprintf("signed %d times", len(signatures)))
	return strings.Join(words, " ")
}
