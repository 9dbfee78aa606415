package signing_test

import (
	"bytes"
	"fmt"
	"maps"
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

// combination is a way to sign an input three times.
type combination struct {
	name   string
	key    certs.KeyKind
	pss    bool
	level  signing.Level
	mutool bool // 1.21 does not know RSA-PSS
	orders []signing.Order
}

func combinations(t *testing.T, w workshop) []combination {
	t.Helper()
	var all []combination
	for _, kind := range []struct {
		name   string
		key    certs.KeyKind
		pss    bool
		mutool bool
	}{
		{"RSA-4096", certs.RSA4096, false, true},
		{"P-256", certs.ECDSAP256, false, true},
		{"PSS", certs.RSA2048, true, false},
	} {
		leader, seal := certstest.Leader(t, w.authority, kind.key), certstest.Seal(t, w.authority, kind.key)
		for _, level := range []signing.Level{signing.LevelB, signing.LevelLTA} {
			made := combination{
				name: kind.name + " " + string(level), key: kind.key, pss: kind.pss, level: level, mutool: kind.mutool,
			}
			for n, identity := range []certs.Identity{leader, seal, leader} {
				order := w.order(identity, level)
				order.PSS = kind.pss
				if n == 1 {
					order.Appearance = &signing.Appearance{Page: -1, X: 1, Y: 1, Width: 12, Height: 12, Image: redSeal()}
				}
				made.orders = append(made.orders, order)
			}
			all = append(all, made)
		}
	}
	return all
}

// trial is one input signed three times by one combination; outcome is "signed" or the code of a refusal.
type trial struct {
	path, class string
	by          combination
	outcome     string
}

// TestInputsAreSignedWithoutLossOrRefused signs the files of the shared inputs three times and prints what became of
// them (go test ./signing -run Inputs -v). Every class of file meets every combination of key and level; with
// CONGVAN_INPUTS=all every file does.
func TestInputsAreSignedWithoutLossOrRefused(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("each file is signed for itself: the race detector would only make it slow")
	}
	w := newWorkshop(t)
	root := shared(t, "corpus/inputs")
	files, err := filepath.Glob(filepath.Join(root, "*", "*.pdf"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no inputs in %s: %v", root, err)
	}
	trials := planned(t, files, combinations(t, w), os.Getenv("CONGVAN_INPUTS") == "all")
	t.Cleanup(func() { printInputs(t, trials, len(files)) })
	for i := range trials {
		trial := &trials[i]
		name, _ := filepath.Rel(root, trial.path)
		t.Run(name+" "+trial.by.name, func(t *testing.T) {
			t.Parallel()
			document, err := os.ReadFile(trial.path)
			if err != nil {
				t.Fatal(err)
			}
			trial.outcome = signThrice(t, document, w, trial.by)
		})
	}
}

// planned gives every class each combination at least once and every file at least one.
func planned(t *testing.T, files []string, by []combination, all bool) []trial {
	t.Helper()
	classes := map[string][]string{}
	for _, path := range files {
		document, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		class := classOf(document)
		classes[class] = append(classes[class], path)
	}
	var trials []trial
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		members := classes[class]
		count := max(len(members), len(by))
		if all {
			count = len(members) * len(by)
		}
		for n := range count {
			turn := n/len(by)/len(members) + n // the next round begins with another file
			trials = append(trials, trial{path: members[turn%len(members)], class: class, by: by[n%len(by)]})
			if all {
				trials[len(trials)-1].path = members[n/len(by)]
			}
		}
	}
	return trials
}

// printInputs prints a row for each class, with the trials that were signed three times of those that were tried.
func printInputs(t *testing.T, trials []trial, files int) {
	t.Helper()
	type cell struct{ tried, signed int }
	rows, columns, refused := map[string]map[string]cell{}, map[string]bool{}, map[string]int{}
	signed := 0
	for _, trial := range trials {
		if rows[trial.class] == nil {
			rows[trial.class] = map[string]cell{}
		}
		counted := rows[trial.class][trial.by.name]
		counted.tried++
		if trial.outcome == "signed" {
			counted.signed++
			signed++
		} else {
			refused[trial.class+": "+trial.outcome]++
		}
		rows[trial.class][trial.by.name], columns[trial.by.name] = counted, true
	}
	names := slices.Sorted(maps.Keys(columns))
	t.Logf("%-32s %s", "class of file, trials signed/tried", strings.Join(names, " | "))
	for _, class := range slices.Sorted(maps.Keys(rows)) {
		var cells []string
		for _, name := range names {
			counted := rows[class][name]
			cells = append(cells, fmt.Sprintf("%*s", len(name), fmt.Sprintf("%d/%d", counted.signed, counted.tried)))
		}
		t.Logf("%-34s %s", class, strings.Join(cells, " | "))
	}
	for _, reason := range slices.Sorted(maps.Keys(refused)) {
		t.Logf("refused: %s: %d", reason, refused[reason])
	}
	t.Logf("%d files, %d trials, %d signed three times", files, len(trials), signed)
	if len(trials) >= files && signed < len(trials)*3/5 {
		t.Errorf("only %d of %d trials were signed", signed, len(trials))
	}
}

// signThrice gives "signed", or the code with which the file was refused at the first order.
func signThrice(t *testing.T, document []byte, w workshop, by combination) string {
	t.Helper()
	before := seenBy(t, document, by.mutool)
	for n, order := range by.orders {
		next, code := signInput(t, document, order)
		if code == pdf.ErrOutsidePage.Code() { // the page is smaller than a seal
			order.Appearance = nil
			next, code = signInput(t, document, order)
		}
		if code != "" {
			if n > 0 {
				t.Errorf("refused after %d signatures: %s", n, code)
			}
			return code
		}
		after := seenBy(t, next, by.mutool)
		compareStructure(t, document, next)
		compareSeen(t, before, after, order.Level)
		document, before = next, after
	}
	ours := examineInput(t, document, w)
	opensslAcceptsOurs(t, document, w, ours)
	return "signed"
}

// signInput signs, or gives the code of the refusal.
func signInput(t *testing.T, document []byte, order signing.Order) (next []byte, code string) {
	t.Helper()
	signed, err := signing.SignPDF(t.Context(), bytes.NewReader(document), int64(len(document)), order)
	if err == nil {
		if signed.Pending != "" {
			t.Errorf("%s is pending: %v", signed.Pending, signed.Owed)
		}
		return whole(t, document, signed), ""
	}
	if code = signing.RefusalCode(err); code == "" || signed.Tail != nil {
		t.Errorf("an error without a code: %v", err)
	}
	return nil, code
}

// seen is what other programs say of a document.
type seen struct {
	warnings []string // of qpdf
	verdicts []string // of pdfsig
	good     int      // signatures whose bytes mutool finds intact
}

func seenBy(t *testing.T, document []byte, mutool bool) seen {
	t.Helper()
	path := file(t, "input.pdf", document)
	found := seen{warnings: qpdfWarnings(t, path), verdicts: popplerVerdicts(t, path), good: -1}
	if mutool {
		out, _ := run(t, peer(t, "mutool"), "sign", "-v", path)
		found.good = strings.Count(out, "The signature is valid but") + strings.Count(out,
			"The document is unchanged since signing")
	}
	return found
}

// compareSeen wants no new warning, no other word about the signatures that were there, and a good one about the new.
func compareSeen(t *testing.T, before, after seen, level signing.Level) {
	t.Helper()
	if len(after.warnings) > len(before.warnings) {
		t.Errorf("qpdf warned %d times and now %d:\n%s", len(before.warnings), len(after.warnings),
			strings.Join(after.warnings, "\n"))
	}
	added := 1
	if level == signing.LevelLTA { // the document time stamp is listed as well
		added = 2
	}
	if len(after.verdicts) != len(before.verdicts)+added {
		t.Errorf("pdfsig saw %d signatures and now %d", len(before.verdicts), len(after.verdicts))
	}
	rest := slices.Clone(after.verdicts)
	for _, verdict := range append(slices.Clone(before.verdicts), "Signature is Valid.") {
		at := slices.Index(rest, verdict)
		if at < 0 {
			t.Errorf("pdfsig said %q and now %q", before.verdicts, after.verdicts)
			return
		}
		rest = slices.Delete(rest, at, at+1)
	}
	if before.good >= 0 && after.good <= before.good {
		t.Errorf("mutool found %d signatures good and now %d", before.good, after.good)
	}
}

// compareStructure wants every page, every field and every entry of the form to be there still.
func compareStructure(t *testing.T, before, after []byte) {
	t.Helper()
	old, now := openPDF(t, before), openPDF(t, after)
	oldPages, _ := old.PageCount()
	if pages, err := now.PageCount(); err != nil || pages != oldPages {
		t.Errorf("%d pages became %d: %v", oldPages, pages, err)
	}
	oldFields, _ := old.Fields()
	fields, err := now.Fields()
	if err != nil {
		t.Error(err)
	}
	for _, field := range oldFields {
		same := func(f pdf.Field) bool {
			return f.Name == field.Name && f.Ref == field.Ref && f.Type == field.Type && len(f.Widgets) == len(field.Widgets)
		}
		if !slices.ContainsFunc(fields, same) {
			t.Errorf("field %q was lost", field.Name)
		}
	}
	oldForm, _ := old.Form()
	form, _ := now.Form()
	for key := range oldForm.Dict {
		if form.Dict[key] == nil {
			t.Errorf("/%s of the form was lost", key)
		}
	}
}

// examineInput asks our own strict examiner about the signatures made here, none of which may be taken for an attack on
// another, and gives their fields.
func examineInput(t *testing.T, document []byte, w workshop) []string {
	t.Helper()
	report, err := signing.Examine(t.Context(), bytes.NewReader(document), int64(len(document)),
		signing.Policy{At: w.at, Anchors: w.authority.Anchors(), Revocation: w.evidence})
	if err != nil {
		t.Fatal(err)
	}
	var ours []string
	approvals := 0
	for _, s := range report.Signatures {
		stamp := s.Kind == signing.KindTimestamp
		if !strings.Contains(s.Issuer, w.authority.Issuing().Subject.CommonName) && !stamp {
			continue
		}
		ours = append(ours, s.Field)
		if !stamp {
			approvals++
		}
		if s.Indication != signing.TotalPassed {
			t.Errorf("%s: %s %s, modification %s, reasons %v, %v", s.Field, s.Indication, s.SubIndication,
				s.Modification, s.Reasons, s.Changes)
		}
	}
	if approvals != 3 {
		t.Errorf("the examiner finds %d of our signatures", approvals)
	}
	return ours
}

// opensslAcceptsOurs verifies the signatures and document time stamps made here, with their chains, by openssl.
func opensslAcceptsOurs(t *testing.T, document []byte, w workshop, ours []string) {
	t.Helper()
	signatures, err := openPDF(t, document).Signatures()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range signatures {
		switch {
		case !slices.Contains(ours, s.Field):
		case s.SubFilter == "ETSI.RFC3161":
			opensslAcceptsStamp(t, document, s, w)
		default:
			opensslAcceptsOne(t, document, s, w.authority, w.at)
		}
	}
}

func opensslAcceptsStamp(t *testing.T, document []byte, s pdf.SignatureDict, w workshop) {
	t.Helper()
	out, err := run(t, peer(t, "openssl"), "ts", "-verify", "-token_in", "-in", file(t, "token.der", s.Contents),
		"-data", file(t, "content", covered(document, s)),
		"-CAfile", file(t, "root.pem", certs.EncodePEM(w.authority.Root())), "-attime", fmt.Sprint(w.at.Unix()))
	if err != nil {
		t.Errorf("openssl on the time stamp %s: %v\n%s", s.Field, err, out)
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
