package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"congvan/certs"
	"congvan/exchange"
	"congvan/signing"
	"congvan/storage"
)

// letterStuffing makes a letter that the leader has signed at B-T about 32 KiB long. In bytes.
const letterStuffing = 9 << 10

// sample is what a stage showed: how many were done, in which time, and the time of each.
type sample struct {
	spent time.Duration
	each  []time.Duration
}

func (s sample) row(what string, beside string, bare time.Duration) benchRow {
	row := benchRow{Case: what, Beside: beside, Count: len(s.each)}
	if len(s.each) == 0 {
		row.LeftOut = "bench_no_time"
		return row
	}
	row.Seconds = s.spent.Seconds() / float64(len(s.each))
	row.BesideSeconds = bare.Seconds()
	sorted := slices.Sorted(slices.Values(s.each))
	row.P50, row.P99 = milliseconds(sorted[len(sorted)/2]), milliseconds(sorted[len(sorted)*99/100])
	return row
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// begin says which stage begins.
func (e *exchangeBench) begin(stage string) {
	e.stage = stage
	e.progress(e.program.say.word("bench_" + stage))
}

// closed does the work of every number below count with so many workers, each beginning the next when it is done with
// one, until the time given to it is over.
func (e *exchangeBench) closed(count int, budget time.Duration, do func(i int) error) (_ sample, err error) {
	stop, err := e.profile()
	if err != nil {
		return sample{}, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	return e.loop(count, budget, do)
}

// profile begins the processor profile of the stage, if profiles are wanted, and gives what ends it.
func (e *exchangeBench) profile() (stop func() error, err error) {
	if e.command.Profiles == "" {
		return profile("")
	}
	return profile(filepath.Join(e.command.Profiles, "exchange-"+e.stage+".pprof"))
}

func (e *exchangeBench) loop(count int, budget time.Duration, do func(i int) error) (sample, error) {
	var group errgroup.Group
	var next atomic.Int64
	var mutex sync.Mutex
	var result sample // guarded by mutex
	began := e.program.now()
	until := began.Add(min(budget, e.bench.left()))
	for range min(e.command.Workers, count) {
		group.Go(func() error {
			for e.program.now().Before(until) {
				i := int(next.Add(1)) - 1
				if i >= count {
					return nil
				}
				started := e.program.now()
				if err := do(i); err != nil {
					return err
				}
				mutex.Lock()
				result.each = append(result.each, e.program.now().Sub(started))
				mutex.Unlock()
			}
			return nil
		})
	}
	err := group.Wait()
	result.spent = e.program.now().Sub(began)
	return result, err
}

// prepare makes the letters and has the leader sign each, outside any gateway.
func (e *exchangeBench) prepare(ctx context.Context) error {
	e.begin("preparing")
	from := e.places[0]
	leader, err := e.world.authority.Leader(from.leader, from.position, from.name, certs.ECDSAP256)
	if err != nil {
		return err
	}
	order, err := benchOrder(e.program, leader, signing.LevelT, e.world.authority.TimestampURL())
	if err != nil {
		return err
	}
	e.letters = make([][]byte, e.command.Documents)
	_, err = e.closed(len(e.letters), e.bench.left()/6, func(i int) error {
		document := letter(letterStuffing, i)
		signed, err := signing.SignPDF(ctx, bytes.NewReader(document), int64(len(document)), order)
		e.letters[i] = append(document, signed.Tail...)
		return err
	})
	e.letters = slices.DeleteFunc(e.letters, func(letter []byte) bool { return letter == nil })
	return err
}

// What our figures stand beside: the bare limit of keeping a document.
const (
	overSQLite   = "SQLite + fsync"
	overPostgres = "PostgreSQL + fsync"
)

// bareFiles are the databases of the bare limit over SQLite.
func (e *exchangeBench) bareFiles() []string {
	return []string{"sqlite:" + filepath.Join(e.dir, "bare-a.db"), "sqlite:" + filepath.Join(e.dir, "bare-b.db")}
}

// bare is the bare limit of keeping a document: its bytes in a file that is durable, and one commit in the database of
// each end.
func (e *exchangeBench) bare(ctx context.Context, what string, databases []string) (time.Duration, error) {
	e.begin("bare")
	var ends []exchange.Records
	for _, database := range databases {
		records, err := storage.OpenRecords(ctx, database)
		if err != nil {
			return 0, err
		}
		defer done(records)
		ends = append(ends, records)
	}
	result, err := e.closed(len(e.letters), e.bench.left()/10, func(i int) error {
		if err := writeDurable(e.dir, fmt.Sprintf("bare-%d", i), e.letters[i]); err != nil {
			return err
		}
		for _, end := range ends {
			err := end.Update(ctx, func(tx exchange.Tx) error {
				_, err := tx.AppendLog(ctx, exchange.Entry{At: e.program.now().UTC(), Act: "bench"})
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || len(result.each) == 0 {
		return 0, err
	}
	bare := result.spent / time.Duration(len(result.each))
	return bare, e.add(result.row(what, "–", 0))
}

func writeDurable(dir, name string, content []byte) (err error) {
	file, err := os.CreateTemp(dir, "part-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Rename(file.Name(), filepath.Join(dir, name))) }()
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.Write(content); err != nil {
		return err
	}
	return file.Sync()
}

// issue measures what happens before a document leaves: taken in and judged, then numbered and sealed.
func (e *exchangeBench) issue(ctx context.Context, bare time.Duration) ([]exchange.DocumentID, error) {
	count := len(e.letters) * 3 / 4 // the others go the whole way
	ids := make([]exchange.DocumentID, count)
	say := e.program.say
	e.begin("submit")
	submitted, err := e.closed(count, e.bench.left()/5, func(i int) (err error) {
		ids[i], err = e.submit(ctx, i, e.places[1].office)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := e.add(submitted.row(say.word("bench_submit"), overSQLite, bare)); err != nil {
		return nil, err
	}
	ids = slices.DeleteFunc(ids, func(id exchange.DocumentID) bool { return id == "" })
	e.begin("seal")
	sealed := make([]exchange.DocumentID, len(ids))
	result, err := e.closed(len(ids), e.bench.left()/4, func(i int) error {
		document, err := e.from.outgoing().Seal(ctx, e.clerk, ids[i])
		sealed[i] = document.ID
		return err
	})
	if err != nil {
		return nil, err
	}
	sealed = slices.DeleteFunc(sealed, func(id exchange.DocumentID) bool { return id == "" })
	return sealed, e.add(result.row(say.word("bench_seal"), overSQLite, bare))
}

func (e *exchangeBench) submit(ctx context.Context, i int, to ...exchange.OfficeID) (exchange.DocumentID, error) {
	from := e.places[0]
	document, err := e.from.outgoing().Submit(ctx, e.clerk, exchange.Draft{
		Kind: "CV", Subject: fmt.Sprintf("V/v đo tốc độ %d", i), Unit: "VP", Secrecy: exchange.NotSecret,
		Signatory:  exchange.Signatory{Name: from.leader, Position: from.position, Capacity: exchange.OnBehalf},
		Recipients: to, FileName: "cong-van.pdf",
	}, bytes.NewReader(e.letters[i]))
	return document.ID, err
}

// travel sends a document and waits until it is complete: judged there, its signed receipt durable at both ends.
func (e *exchangeBench) travel(ctx context.Context, id exchange.DocumentID, offices int) (*travel, error) {
	trip := e.travels.expect(id, offices)
	if _, err := e.from.gateway.Send(ctx, e.clerk, id); err != nil {
		return nil, err
	}
	select {
	case <-trip.done:
		return trip, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// carry measures sealed documents: as many as go through, then so many a second, then documents the whole way, whose
// row it gives.
func (e *exchangeBench) carry(ctx context.Context, bare time.Duration, sealed []exchange.DocumentID) (benchRow, error) {
	var none benchRow
	say := e.program.say
	half := len(sealed) / 2
	e.begin("send")
	result, err := e.closed(half, e.bench.left()/3, func(i int) error {
		_, err := e.travel(ctx, sealed[i], 1)
		return err
	})
	if err != nil {
		return none, err
	}
	if err := e.add(result.row(say.word("bench_send"), overSQLite, bare)); err != nil {
		return none, err
	}
	what := fmt.Sprintf("%s, %d/s", say.word("bench_send"), e.command.Rate)
	e.progress(what)
	if result, err = e.openLoop(ctx, sealed[half:]); err != nil {
		return none, err
	}
	if err := e.add(result.row(what, overSQLite, bare)); err != nil {
		return none, err
	}
	e.begin("whole")
	first := len(e.letters) * 3 / 4
	result, err = e.closed(len(e.letters)-first, e.bench.left()/2, func(i int) error {
		id, err := e.submit(ctx, first+i, e.places[1].office)
		if err != nil {
			return err
		}
		if _, err := e.from.outgoing().Seal(ctx, e.clerk, id); err != nil {
			return err
		}
		_, err = e.travel(ctx, id, 1)
		return err
	})
	if err != nil {
		return none, err
	}
	whole := result.row(say.word("bench_whole"), overSQLite, bare)
	return whole, e.add(whole)
}

// openLoop begins documents at a fixed rate, whether those before are done or not; each one's time counts from when it
// was due to begin.
func (e *exchangeBench) openLoop(ctx context.Context, sealed []exchange.DocumentID) (sample, error) {
	result := sample{each: make([]time.Duration, len(sealed))}
	group, ctx := errgroup.WithContext(ctx)
	began := e.program.now()
	for i, id := range sealed {
		due := began.Add(time.Duration(i) * time.Second / time.Duration(e.command.Rate))
		time.Sleep(due.Sub(e.program.now()))
		group.Go(func() error {
			trip, err := e.travel(ctx, id, 1)
			if err == nil {
				result.each[i] = trip.at.Sub(due)
			}
			return err
		})
	}
	err := group.Wait()
	result.spent = e.program.now().Sub(began)
	return result, err
}

// fanOut measures how long it takes until one document is owed to very many offices, and then until all have it.
func (e *exchangeBench) fanOut(ctx context.Context, bare time.Duration) error {
	what := fmt.Sprintf("1 → %d", len(e.left))
	e.progress(what)
	if len(e.letters) == 0 || e.bench.left() < 2*time.Second {
		return e.leaveOut(what, overSQLite, "bench_no_time")
	}
	id, err := e.submit(ctx, 0, e.left...)
	if err != nil {
		return err
	}
	if _, err := e.from.outgoing().Seal(ctx, e.clerk, id); err != nil {
		return err
	}
	trip := e.travels.expect(id, len(e.left))
	started := e.program.now()
	if _, err := e.from.gateway.Send(ctx, e.clerk, id); err != nil {
		return err
	}
	accepted := e.program.now().Sub(started)
	all := sample{spent: accepted, each: []time.Duration{accepted}}
	if err := e.add(all.row(what, overSQLite, bare)); err != nil {
		return err
	}
	what += " " + e.program.say.word("bench_all_there")
	timer := time.NewTimer(e.bench.left())
	defer timer.Stop()
	select {
	case <-trip.done:
		all = sample{spent: trip.at.Sub(started), each: []time.Duration{trip.at.Sub(started)}}
		row := all.row(what, overSQLite, bare*time.Duration(len(e.left)))
		row.Count = len(e.left)
		row.PerSecond = float64(len(e.left)) / row.Seconds
		return e.add(row)
	case <-timer.C:
		return e.leaveOut(what, overSQLite, "bench_no_time")
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
