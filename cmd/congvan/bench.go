package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"
)

// benchCommand measures this program on this machine. What a machine can do differs, so that every figure stands
// beside a bare limit, or beside another program at the same work, measured in the same run.
type benchCommand struct {
	Sign     benchSign     `cmd:"" help:"${help_bench_sign}"`
	Verify   benchVerify   `cmd:"" help:"${help_bench_verify}"`
	Exchange benchExchange `cmd:"" help:"${help_bench_exchange}"`
	Case     benchCase     `cmd:"" hidden:""`
}

// benchFlags are those of every benchmark.
type benchFlags struct {
	Quick bool          `help:"${help_bench_quick}"`
	JSON  bool          `name:"json" help:"${help_json}"`
	Limit time.Duration `help:"${help_bench_limit}"` // 0: benchTime, benchTimeVerify or benchTimeQuick
	Data  string        `help:"${help_bench_data}"`
	// Profiles is a folder for processor profiles: one of each case that is measured as a rate, one of an exchange.
	Profiles string `help:"${help_bench_profiles}"`
}

// How long a run may take. What no time is left for is named as left out.
const (
	benchTime      = 150 * time.Second
	benchTimeQuick = 28 * time.Second
	// benchTimeVerify has room for programs that read a gigabyte once for each of its ten signatures.
	benchTimeVerify = 10 * time.Minute
)

// benchRow is one figure of ours beside one other.
type benchRow struct {
	Bench         string  `json:"bench"`
	Case          string  `json:"case"`
	Beside        string  `json:"beside"`
	Count         int     `json:"count"`          // operations of ours that were measured
	Seconds       float64 `json:"seconds"`        // of one operation of ours
	BesideSeconds float64 `json:"beside_seconds"` // of one operation of the other
	Ratio         float64 `json:"ratio"`          // of these two, or the median of pairs: below 1 we are the faster
	CPURatio      float64 `json:"cpu_ratio,omitempty"`
	PerSecond     float64 `json:"per_second"`
	P50           float64 `json:"p50_ms,omitempty"`
	P99           float64 `json:"p99_ms,omitempty"`
	PeakMiB       float64 `json:"peak_mib,omitempty"` // resident; not known on every system
	BesidePeakMiB float64 `json:"beside_peak_mib,omitempty"`
	LeftOut       string  `json:"left_out,omitempty"` // why there is no figure
}

// bench is one benchmark while it runs.
type bench struct {
	program program
	flags   benchFlags
	name    string
	dir     string
	end     time.Time
	world   *world
	table   *tabwriter.Writer
}

// startBench makes the folder of a benchmark, and begins to count its time.
func startBench(p program, name string, flags benchFlags) (*bench, error) {
	dir, err := os.MkdirTemp(flags.Data, "congvan-bench-")
	if err != nil {
		return nil, err
	}
	b := &bench{program: p, flags: flags, name: name, dir: dir}
	switch {
	case flags.Limit > 0:
		b.end = p.now().Add(flags.Limit)
	case flags.Quick:
		b.end = p.now().Add(benchTimeQuick)
	case name == "verify":
		b.end = p.now().Add(benchTimeVerify)
	default:
		b.end = p.now().Add(benchTime)
	}
	if !flags.JSON {
		b.table = tabwriter.NewWriter(p.out, 0, 8, 2, ' ', 0)
		fmt.Fprintln(p.out, p.say.word("bench_"+name))
		fmt.Fprintln(b.table, p.say.word("bench_head"))
	}
	return b, nil
}

// close removes everything that the benchmark made, and prints the table.
func (b *bench) close() error {
	var err error
	b.progress("")
	if b.table != nil {
		err = b.table.Flush()
	}
	if b.world != nil {
		err = errors.Join(err, b.world.close())
	}
	return errors.Join(err, os.RemoveAll(b.dir))
}

// left is the time that is left.
func (b *bench) left() time.Duration { return b.end.Sub(b.program.now()) }

// rateTime is for how long one of so many rates is measured, in seconds.
func (b *bench) rateTime(rates int) float64 {
	longest := 2.0
	if b.flags.Quick {
		longest = 0.4
	}
	return min(longest, b.left().Seconds()/float64(rates))
}

// progress says on a terminal what is being done.
func (b *bench) progress(doing string) {
	if b.program.terminal {
		fmt.Fprintf(b.program.err, "\r\x1b[K%s", doing)
	}
}

// add prints a row.
func (b *bench) add(row benchRow) error {
	row.Bench = b.name
	if row.Seconds > 0 && row.BesideSeconds > 0 && row.Ratio == 0 {
		row.Ratio = row.Seconds / row.BesideSeconds
	}
	if row.Seconds > 0 && row.PerSecond == 0 {
		row.PerSecond = 1 / row.Seconds
	}
	if b.table == nil {
		return json.NewEncoder(b.program.out).Encode(row)
	}
	cells := []string{row.Case, row.Beside}
	if row.LeftOut != "" {
		_, err := fmt.Fprintln(b.table, strings.Join(append(cells, "–", "–", b.program.say.word(row.LeftOut)), "\t"))
		return err
	}
	cells = append(cells, shortTime(row.Seconds), shortTime(row.BesideSeconds), figure("%.2f", row.Ratio),
		figure("%.2f", row.CPURatio), figure("%.0f", row.PerSecond), figure("%.0f", row.PeakMiB),
		figure("%.0f", row.BesidePeakMiB), figure("%.1f", row.P50), figure("%.1f", row.P99))
	_, err := fmt.Fprintln(b.table, strings.Join(cells, "\t"))
	return err
}

// leaveOut says that something was not measured, and why: the key of a sentence.
func (b *bench) leaveOut(what, beside, why string) error {
	return b.add(benchRow{Case: what, Beside: beside, LeftOut: why})
}

// notStarted leaves a comparison out because the other program cannot run here, and says why.
func (b *bench) notStarted(what, beside string, why error) error {
	b.progress("")
	_, err := fmt.Fprintln(b.program.err, why)
	return errors.Join(err, b.leaveOut(what, beside, "bench_peer_failed"))
}

func figure(format string, value float64) string {
	if value == 0 {
		return "–"
	}
	return fmt.Sprintf(format, value)
}

func shortTime(seconds float64) string {
	switch {
	case seconds <= 0:
		return "–"
	case seconds < 1e-3:
		return fmt.Sprintf("%.0f µs", seconds*1e6)
	case seconds < 1:
		return fmt.Sprintf("%.2f ms", seconds*1e3)
	default:
		return fmt.Sprintf("%.2f s", seconds)
	}
}
