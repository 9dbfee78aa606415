package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// childVariable tells the test binary, started again by itself, to be the program; its value is where the program is as
// it is shipped, which is started for workers.
const childVariable = "CONGVAN_TEST_CHILD"

// TestMain lets the test binary be the real program in a process of its own, which ends itself by SIGKILL at a point
// that the test names.
func TestMain(m *testing.M) {
	shipped, child := os.LookupEnv(childVariable)
	if !child {
		if err := shareCaches(); err != nil {
			panic(err)
		}
		os.Exit(m.Run())
	}
	os.Exit(run(context.Background(), program{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv, now: time.Now,
		ourselves: func() (string, error) { return shipped, nil },
		failpoint: func(point string) {
			if point == os.Getenv("CONGVAN_TEST_KILL_AT") {
				kill()
			}
		},
	}, os.Args[1:]))
}

// shareCaches lets all gateways of all tests use one compiled PDFium, as the tests of other packages do: compiling it
// takes longer than most tests. Go keeps its own cache: building all of the program anew takes longer still.
func shareCaches() error {
	built, err := exec.CommandContext(context.Background(), "go", "env", "GOCACHE").Output()
	if err != nil {
		return err
	}
	return errors.Join(os.Setenv("GOCACHE", strings.TrimSpace(string(built))),
		os.Setenv("XDG_CACHE_HOME", filepath.Join(os.TempDir(), "congvan-test-cache")))
}

func kill() {
	process, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = process.Kill()
	}
	if err != nil {
		panic(err)
	}
	select {} // until the signal is there
}

// The stories in testdata run the program as it is shipped; a clerk could follow them.
func TestStories(t *testing.T) {
	t.Parallel()
	shipped, err := theProgram()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_CACHE_HOME", os.Getenv("XDG_CACHE_HOME"))
			env.Setenv("PATH", filepath.Dir(shipped)+string(filepath.ListSeparator)+env.Getenv("PATH"))
			letter, err := demoFiles.ReadFile("demo/letter.pdf")
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(env.WorkDir, "letter.pdf"), letter, 0o600)
		},
	})
}

// outcome is what a person sees of a command.
type outcome struct {
	code     int
	out, err string
}

// command runs the program in this process.
func command(t *testing.T, env map[string]string, args ...string) outcome {
	t.Helper()
	var out, err bytes.Buffer
	p := program{
		in: strings.NewReader(""), out: &out, err: &err, now: time.Now,
		getenv: func(key string) string { return env[key] }, ourselves: theProgram,
	}
	code := run(t.Context(), p, args)
	return outcome{code, out.String(), err.String()}
}
