package signing_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"congvan/signing"
	"congvan/signing/pdf"
)

// disagreements are the files about which we say something else than the project they come from, with the reason.
var disagreements = map[string]string{
	"pades-signed-annot-added.pdf": "two FreeText annotations were added to a document that is not certified: " +
		"a receiving office cannot tell them from the text, so only DocMDP permission 3 allows them (DSS warns only)",
	"pades-5-signatures-and-1-document-timestamp.pdf": "the last update has /Prev 0, so that the file only opens " +
		"after repair; what follows the first signatures cannot be compared (qpdf finds no page; stated integrity: fail)",
	"pades-multiple-pages-annots-overlap.pdf": "signatures whose appearances overlap: DSS warns of it; a seal over " +
		"a signature is what Decree 30/2020 asks for, and nothing else changed",
	"pades-signed-filled-form.pdf": "form fields were filled in after an approval signature that locks nothing: " +
		"DSS warns that the page looks different; filling in is reported as such",
}

// row is a line of the manifest that states what happened after signing.
type row struct{ file, stated string }

func statedModifications(t *testing.T) (string, []row) {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(root, "..", "shared", "corpus", "signing")
	manifest, err := os.ReadFile(filepath.Join(folder, "manifest.tsv"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("without ../shared/corpus")
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(manifest)), "\n")
	column := -1
	for i, name := range strings.Split(lines[0], "\t") {
		if name == "exp_modification" {
			column = i
		}
	}
	var rows []row
	for _, line := range lines[1:] {
		cells := strings.Split(line, "\t")
		if len(cells) > column && cells[column] != "" && strings.HasSuffix(cells[0], ".pdf") {
			rows = append(rows, row{cells[0], cells[column]})
		}
	}
	return folder, rows
}

func TestModificationsOfStrangersFilesAreTold(t *testing.T) {
	t.Parallel()
	folder, rows := statedModifications(t)
	var forbidden, flagged, allowed, wronglyFlagged, elsewhere int
	for _, row := range rows {
		ours, told := worstModification(t, filepath.Join(folder, row.file))
		bad := ours == signing.ModifiedForbidden || ours == signing.ModifiedUnknown
		agree := true
		switch {
		case strings.HasPrefix(row.stated, "clean"), strings.HasPrefix(row.stated, "allowed"):
			allowed++
			if agree = !bad; bad {
				wronglyFlagged++
			}
		case strings.HasPrefix(row.stated, "forbidden"), strings.HasPrefix(row.stated, "undefined-changes"),
			strings.HasPrefix(row.stated, "signature-dictionary-inconsistent"):
			forbidden++
			if agree = bad; bad {
				flagged++
			} else {
				t.Errorf("%s is stated as %s and not flagged", row.file, row.stated)
			}
		case strings.HasPrefix(row.stated, "visual-change"):
			agree = bad
		default: // what is wrong with the byte range is told by the coverage
			elsewhere++
		}
		t.Logf("%-34.34s %-10s %s", row.stated, ours, row.file)
		if agree {
			continue
		}
		reason := disagreements[filepath.Base(row.file)]
		t.Logf("  disagreement: %s\n    %s", reason, strings.Join(told, "\n    "))
		if reason == "" {
			t.Errorf("%s: stated %s, ours %s, and nobody said why", row.file, row.stated, ours)
		}
	}
	t.Logf("forbidden: %d of %d flagged; allowed: %d of %d flagged; %d judged by coverage instead",
		flagged, forbidden, wronglyFlagged, allowed, elsewhere)
	if wronglyFlagged*100 > allowed*4 {
		t.Errorf("%d of %d allowed modifications are flagged", wronglyFlagged, allowed)
	}
}

// worstModification is the worst that is said about any signature of a file.
func worstModification(t *testing.T, name string) (worst signing.Modification, told []string) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	worst = signing.ModifiedNone
	doc, err := pdf.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return signing.ModifiedUnknown, []string{err.Error()}
	}
	signatures, err := doc.Signatures()
	if err != nil {
		return signing.ModifiedUnknown, []string{err.Error()}
	}
	severity := []signing.Modification{
		signing.ModifiedNone, signing.ModifiedLTV, signing.ModifiedFormFill, signing.ModifiedAnnotation,
		signing.ModifiedUnknown, signing.ModifiedForbidden,
	}
	for _, signature := range signatures {
		end := int64(0)
		if n := len(signature.ByteRange); n >= 2 {
			end = signature.ByteRange[n-2] + signature.ByteRange[n-1]
		}
		grade, changes, err := signing.Classify(doc, signature, end)
		told = append(told, fmt.Sprintf("%s: %s %v", signature.Field, grade, err))
		for _, change := range changes {
			told = append(told, fmt.Sprintf("  %s %s %.120s", change.Grade, change.Code, change.Object))
		}
		if at(severity, grade) > at(severity, worst) {
			worst = grade
		}
	}
	return worst, told
}

func at(severity []signing.Modification, grade signing.Modification) int {
	for i, known := range severity {
		if known == grade {
			return i
		}
	}
	return len(severity)
}
