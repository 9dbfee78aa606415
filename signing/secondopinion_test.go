package signing_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/signing"
)

// opinionChild is the variable that makes the test binary the child in which the other engine runs.
const opinionChild = "CONGVAN_TEST_OPINION"

func TestTheSecondEngineSignsWhatItIsMeasuredBy(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	input, output := file(t, "in.pdf", blank(1)), filepath.Join(t.TempDir(), "out.pdf")
	signer := signing.SecondSigner{
		Identity: certstest.Leader(t, w.authority, certs.ECDSAP256), At: w.at, TSA: w.authority.TimestampURL(),
	}
	if err := signer.Sign(input, output); err != nil {
		t.Fatal(err)
	}
	document, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	report, err := signing.Examine(t.Context(), bytes.NewReader(document), int64(len(document)),
		signing.Policy{At: w.at, Anchors: w.authority.Anchors()})
	if err != nil || len(report.Signatures) != 1 || report.Signatures[0].Integrity != signing.Intact {
		t.Errorf("%v: %+v", err, report.Signatures)
	}
	if err := signer.Sign(file(t, "broken.pdf", []byte("%PDF-1.7 nothing")), output); err == nil {
		t.Error("a broken file was signed")
	}
}

func TestMain(m *testing.M) {
	if os.Getenv(opinionChild) == "" {
		os.Exit(m.Run())
	}
	document, err := io.ReadAll(os.Stdin)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(signing.SecondOpinion(document))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// otherOpinion asks the other engine in a child process that may use 1 GiB.
func otherOpinion(t *testing.T, document []byte) signing.Opinion {
	t.Helper()
	child := exec.CommandContext(t.Context(), "sh", "-c", `ulimit -v 2097152; exec "$0"`, os.Args[0])
	child.Env = append(os.Environ(), opinionChild+"=1")
	child.Stdin = bytes.NewReader(document)
	out, err := child.Output()
	if err != nil {
		t.Fatalf("child: %v", err)
	}
	var opinion signing.Opinion
	if err := json.Unmarshal(out, &opinion); err != nil {
		t.Fatal(err)
	}
	return opinion
}

func TestTheSecondOpinionMissesWhatOurReportTells(t *testing.T) {
	t.Parallel()
	v := newVictim(t, signing.LevelB)
	changed := map[int]string{4: "<</Length 40>>\nstream\nBT /F1 12 Tf 100 700 Td (9 ty dong) Tj ET    \nendstream"}
	for _, tc := range []struct {
		name string
		data []byte
		code string
	}{
		{"genuine", v.twice, ""},
		{"changed after signing", update(t, v.twice, changed, ""), "opinion.accepts_what_failed"},
		{"destroyed", transplanted(t, v.twice, signatureOf(t, v.twice, 1), nil), "opinion.misses_signature"},
		{"a table of 400,000,000 objects", []byte("%PDF-1.4\nxref\n400000000 1\n0000000000 65535 f\r\n" +
			"trailer\n<</Root 1 0 R/Size 400000001>>\nstartxref\n9\n%%EOF\n"), "opinion.refused"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			report := examine(t, tc.data, v.policy())
			opinion := otherOpinion(t, tc.data)
			found := report.Disagreements(opinion)
			if tc.code == "" && len(found) > 0 {
				t.Errorf("they differ: %+v\n%+v\n%s", found, opinion, summary(report))
			}
			if tc.code != "" && !slices.ContainsFunc(found, func(d signing.Disagreement) bool { return d.Code == tc.code }) {
				t.Errorf("no %s: %+v\n%+v\n%s", tc.code, found, opinion, summary(report))
			}
		})
	}
}
