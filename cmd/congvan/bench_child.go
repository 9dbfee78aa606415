package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// child runs a case of ours in a process of its own, and gives what it found with the time of the whole process.
func (b *bench) child(ctx context.Context, spec benchSpec) (benchResult, error) {
	var result benchResult
	self, err := b.program.ourselves()
	if err != nil {
		return result, err
	}
	text, err := json.Marshal(spec)
	if err != nil {
		return result, err
	}
	whole, out, err := b.process(ctx, self, "--lang=en", "bench", "case", string(text))
	if err != nil {
		return result, err
	}
	if err := json.Unmarshal(out, &result); err != nil {
		return result, fmt.Errorf("case %s: %w", spec.Do, err)
	}
	if result.Seconds == 0 {
		result.Seconds = whole.Seconds
	}
	result.CPUSeconds = whole.CPUSeconds
	return result, nil
}

// errOutOfTime says that the time of the run was over.
var errOutOfTime = errors.New("out of time")

// process runs a program to its end and measures it: time, time of the processor, and memory where Linux tells it.
func (b *bench) process(ctx context.Context, name string, args ...string) (benchResult, []byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, max(b.left(), time.Millisecond), errOutOfTime)
	defer cancel()
	var out, complaint bytes.Buffer
	process := exec.CommandContext(ctx, name, args...) //nolint:gosec // ourselves, or a program that is named here
	process.Stdout, process.Stderr = &out, &complaint
	started := b.program.now()
	if err := process.Start(); err != nil {
		return benchResult{}, nil, fmt.Errorf("start %s: %w", name, err)
	}
	stop, peak := make(chan struct{}), make(chan float64)
	go func() { peak <- watchPeak(process.Process.Pid, stop) }()
	err := process.Wait()
	took := b.program.now().Sub(started)
	close(stop)
	result := benchResult{Count: 1, Seconds: took.Seconds(), PeakMiB: <-peak}
	if ctx.Err() != nil {
		return result, nil, context.Cause(ctx)
	}
	if err != nil {
		return result, nil, fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(complaint.String()))
	}
	state := process.ProcessState
	result.CPUSeconds = (state.UserTime() + state.SystemTime()).Seconds()
	return result, out.Bytes(), nil
}

// watchPeak looks at a process until it is told to stop.
func watchPeak(process int, stop <-chan struct{}) float64 {
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	most := 0.0
	for {
		most = max(most, peakOf(strconv.Itoa(process)))
		select {
		case <-stop:
			return most
		case <-ticker.C:
		}
	}
}

// measured is one side of a comparison of whole processes.
type measured func(ctx context.Context) (benchResult, error)

// longRound is how long a round of two processes may take to be done again: what takes longer differs less by chance.
const longRound = 8 // seconds

// against runs two processes in turns and compares the best time of each, and all processor time.
func (b *bench) against(ctx context.Context, rounds int, ours, other measured) (benchRow, error) {
	var row benchRow
	var cpu [2]float64
	for range rounds {
		mine, err := ours(ctx)
		if err != nil {
			return row, err
		}
		theirs, err := other(ctx)
		if err != nil {
			return row, err
		}
		row.Count = mine.Count
		row.Seconds, row.BesideSeconds = least(row.Seconds, mine.Seconds), least(row.BesideSeconds, theirs.Seconds)
		row.PeakMiB, row.BesidePeakMiB = max(row.PeakMiB, mine.PeakMiB), max(row.BesidePeakMiB, theirs.PeakMiB)
		cpu[0], cpu[1] = cpu[0]+mine.CPUSeconds, cpu[1]+theirs.CPUSeconds
		round := mine.Seconds + theirs.Seconds
		if round > longRound || b.left() < time.Duration(2*float64(time.Second)*round) {
			break
		}
	}
	if cpu[0] > 0 && cpu[1] > 0 {
		row.CPURatio = cpu[0] / cpu[1]
	}
	return row, nil
}

func least(known, next float64) float64 {
	if known == 0 {
		return next
	}
	return min(known, next)
}

// compare adds the row of a comparison, or says why there is none: no time is left, or the other program failed.
func (b *bench) compare(ctx context.Context, what, beside string, ours, other measured) error {
	b.progress(what + " / " + beside)
	if b.left() < time.Second {
		return b.leaveOut(what, beside, "bench_no_time")
	}
	row, err := b.against(ctx, 3, ours, other)
	row.Case, row.Beside = what, beside
	return b.settle(ctx, row, err)
}

// settle adds a row, or says why there is none.
func (b *bench) settle(ctx context.Context, row benchRow, err error) error {
	var failed *exec.ExitError
	switch {
	case errors.Is(err, errOutOfTime):
		return b.leaveOut(row.Case, row.Beside, "bench_no_time")
	case errors.As(err, &failed) && failed.ExitCode() != 1 && ctx.Err() == nil: // a signal, or the end of its memory
		return b.leaveOut(row.Case, row.Beside, "bench_peer_failed")
	case err != nil:
		return err
	}
	return b.add(row)
}

// hashing is the bare limit of every work on a large file: reading it and hashing it.
func (b *bench) hashing(path string) (name string, do measured) {
	program, err := exec.LookPath("openssl")
	if err != nil {
		return "sha256", func(ctx context.Context) (benchResult, error) {
			return b.child(ctx, benchSpec{Do: caseHash, File: path})
		}
	}
	return "openssl dgst -sha256", b.peer(program, "dgst", "-sha256", path)
}

// peer is another program at the same work.
func (b *bench) peer(program string, args ...string) measured {
	return func(ctx context.Context) (benchResult, error) {
		result, _, err := b.process(ctx, program, args...)
		return result, err
	}
}

// ours is a case of ours as one side of a comparison.
func (b *bench) ours(spec benchSpec) measured {
	return func(ctx context.Context) (benchResult, error) { return b.child(ctx, spec) }
}
