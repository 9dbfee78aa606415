package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"congvan/signing"
)

// The second file is done before the first, and yet the first is told first.
func TestFilesAreToldInTheOrderInWhichTheyWereNamed(t *testing.T) {
	t.Parallel()
	second := make(chan struct{})
	var told []string
	err := inOrder(2, []string{"a", "b", "c"}, func(path string) (signing.Report, error) {
		switch path {
		case "a":
			<-second
		case "b":
			close(second)
		}
		return signing.Report{File: path}, nil
	}, func(path string, report signing.Report, err error) error {
		told = append(told, path+report.File)
		return err
	})
	if diff := cmp.Diff([]string{"aa", "bb", "cc"}, told); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestAfterAnAnswerThatCannotBePrintedNothingMoreIsTold(t *testing.T) {
	t.Parallel()
	broken := errors.New("standard output is gone")
	told := 0
	err := inOrder(2, make([]string, 100), func(string) (signing.Report, error) { return signing.Report{}, nil },
		func(string, signing.Report, error) error {
			told++
			return broken
		})
	if !errors.Is(err, broken) || told != 1 {
		t.Errorf("told %d times, %v", told, err)
	}
}

func TestProgressIsForTheTerminalAndLeavesTheAnswersAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	letter, err := demoFiles.ReadFile("demo/letter.pdf")
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"a.pdf", "b.pdf", "c.pdf", "d.pdf"}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), letter, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, terminal := range []bool{true, false} {
		var out, said bytes.Buffer
		code := run(t.Context(), program{
			in: strings.NewReader(""), out: &out, err: &said, now: time.Now, terminal: terminal,
			getenv: func(string) string { return "" }, ourselves: theProgram,
		}, []string{"verify", "--offline", "--json", dir})
		if code != exitUsage { // unsigned
			t.Errorf("exit %d\n%s", code, said.String())
		}
		if shown := strings.Contains(said.String(), "(3/4"); shown != terminal {
			t.Errorf("on a terminal: %v, but %q was said", terminal, said.String())
		}
		var got []string
		for line := range strings.Lines(out.String()) {
			var report signing.Report
			if err := json.Unmarshal([]byte(line), &report); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			got = append(got, filepath.Base(report.File))
		}
		if diff := cmp.Diff(names, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// The report is a signed PDF that we, poppler and qpdf accept, and says what was found.
func TestTheReportIsSignedAndOthersAcceptIt(t *testing.T) {
	t.Parallel()
	stage := openTheatre(t)
	place := filepath.Dir(stage.world.configs["province"])
	letter, err := demoFiles.ReadFile("demo/letter.pdf")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file, report := filepath.Join(dir, "letter.pdf"), filepath.Join(dir, "report.pdf")
	if err := os.WriteFile(file, letter, 0o600); err != nil {
		t.Fatal(err)
	}
	got := command(t, nil, "verify", "--offline", "--report", report, "--key", filepath.Join(place, "seal.key"),
		"--password-file", filepath.Join(place, "seal.secret"), file)
	if got.code != exitUsage {
		t.Fatalf("%+v", got)
	}
	got = command(t, nil, "verify", "--offline", "--json", "--anchors", filepath.Join(place, "anchors"), report)
	if !strings.Contains(got.out, `"integrity":"intact"`) || !strings.Contains(got.out, `"modification":"none"`) {
		t.Errorf("our own examiner says %+v", got)
	}
	if out := judgedBy(t, "pdfsig", report); !strings.Contains(out, "Signature is Valid") {
		t.Errorf("pdfsig: %s", out)
	}
	if out := judgedBy(t, "qpdf", "--check", report); !strings.Contains(out, "No syntax or stream encoding errors") {
		t.Errorf("qpdf: %s", out)
	}
	text := judgedBy(t, "pdftotext", report, "-")
	for _, want := range []string{"Phiếu kiểm tra chữ ký số", "CHƯA KÝ SỐ", "letter.pdf"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	if strings.Contains(text, dir) {
		t.Error("the report tells where the file lay")
	}
}

func judgedBy(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(context.WithoutCancel(t.Context()), peer(t, name), args...).CombinedOutput()
	if err != nil {
		t.Logf("%s: %v", name, err)
	}
	return string(out)
}

func TestAReportIsForOneFile(t *testing.T) {
	t.Parallel()
	got := command(t, nil, "verify", "--report", filepath.Join(t.TempDir(), "r.pdf"), "a", "b")
	if got.code != exitUsage || got.out != "" {
		t.Errorf("%+v", got)
	}
}
