package main

import (
	"bytes"
	"testing"
	"time"

	"congvan/certs"
	"congvan/signing"
)

func TestAWorkerJudgesAsThisProcessDoes(t *testing.T) {
	t.Parallel()
	letter, err := demoFiles.ReadFile("demo/letter.pdf")
	if err != nil {
		t.Fatal(err)
	}
	pool := newWorkers(1, certs.Anchors{}, nil, theProgram)
	defer done(pool)
	at := time.Now()
	hand, _, err := pool.take()
	if err != nil {
		t.Fatal(err)
	}
	got, err := pool.examine(t.Context(), hand, bytes.NewReader(letter), int64(len(letter)), at)
	if err != nil {
		t.Fatal(err)
	}
	pool.give(hand)
	want, err := signing.Examine(t.Context(), bytes.NewReader(letter), int64(len(letter)), signing.Policy{At: at})
	if err != nil {
		t.Fatal(err)
	}
	if got.SHA256 != want.SHA256 || got.Verdict != want.Verdict || got.Verdict != signing.Unsigned {
		t.Errorf("the worker says %v, this process %v", got, want)
	}
}

// A file that kills its worker gets a report that says so, and the next file is judged as if nothing had been.
func TestADeadWorkerIsAReportAndNoOutage(t *testing.T) {
	t.Parallel()
	pool := newWorkers(1, certs.Anchors{}, nil, theProgram)
	defer done(pool)
	pool.start = func(ourselves itself) (*worker, error) {
		hand, err := startWorker(ourselves)
		if err == nil {
			hand.end()
		}
		return hand, err
	}
	expect(t, pool, costlyCode)
	pool.start = startWorker
	expect(t, pool, "")
}

// A worker that died while it waited says nothing about the next file.
func TestAnIdleWorkersDeathIsNotBlamedOnTheNextFile(t *testing.T) {
	t.Parallel()
	pool := newWorkers(1, certs.Anchors{}, nil, theProgram)
	defer done(pool)
	hand, _, err := pool.take()
	if err != nil {
		t.Fatal(err)
	}
	hand.end()
	pool.give(hand)
	expect(t, pool, "")
}

// expect has the letter judged, with this error in its report.
func expect(t *testing.T, pool *workers, want string) {
	t.Helper()
	letter, err := demoFiles.ReadFile("demo/letter.pdf")
	if err != nil {
		t.Fatal(err)
	}
	report, err := pool.Examine(t.Context(), bytes.NewReader(letter), int64(len(letter)), time.Now())
	if err != nil || report.Error != want || report.SHA256 == "" {
		t.Errorf("error %q, not %q: %v", report.Error, want, err)
	}
}

// The worker reads a file larger than one block through its parent, and finds the same as this process.
func TestALargeFileIsReadThroughTheParent(t *testing.T) {
	t.Parallel()
	letter, err := demoFiles.ReadFile("demo/letter.pdf")
	if err != nil {
		t.Fatal(err)
	}
	large := append(bytes.Clone(letter), bytes.Repeat([]byte("%congvan\n"), 400_000)...)
	pool := newWorkers(1, certs.Anchors{}, nil, theProgram)
	defer done(pool)
	at := time.Now()
	got, err := pool.Examine(t.Context(), bytes.NewReader(large), int64(len(large)), at)
	if err != nil {
		t.Fatal(err)
	}
	want, err := signing.Examine(t.Context(), bytes.NewReader(large), int64(len(large)), signing.Policy{At: at})
	if err != nil || got.SHA256 != want.SHA256 || got.Error != want.Error {
		t.Errorf("the worker says %v, this process %v, %v", got, want, err)
	}
}
