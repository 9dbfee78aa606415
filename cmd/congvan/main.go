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
	ourselves itself
	say       speech
}

// itself tells where the program is that is started as a worker, as the second engine, or for a benchmark.
type itself func() (string, error)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, program{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv, now: time.Now,
		terminal: term.IsTerminal(int(os.Stderr.Fd())), ourselves: os.Executable,
	}, os.Args[1:])
	stop()
	os.Exit(code)
}
