// Command congvan is the gateway for signed official documents: it signs, verifies, exchanges and keeps them.
//
// This package is the only one that reads the clock, the environment and the command line, prints, and ends the
// process. It wires the others together; a command is a file.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/term"
)

// program is what a command sees of the world around it.
type program struct {
	in        io.Reader
	out, err  io.Writer
	getenv    func(string) string
	now       func() time.Time
	terminal  bool               // err is a terminal: progress is shown
	failpoint func(point string) // nil but in tests that end the process between two steps
	say       speech
}

// childVariable is for tests only. It tells the test binary, started again by itself, to be this program; where it is
// a path, the program there is started instead: as it is shipped it starts faster.
const childVariable = "CONGVAN_TEST_CHILD"

// ourselves is the program that is started as a worker, as the second engine, or for a benchmark.
func ourselves() (string, error) {
	if path := os.Getenv(childVariable); filepath.IsAbs(path) {
		return path, nil
	}
	return os.Executable()
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, program{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv, now: time.Now,
		terminal: term.IsTerminal(int(os.Stderr.Fd())),
	}, os.Args[1:])
	stop()
	os.Exit(code)
}
