package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"congvan/exchange"
)

// The outbox that is drained: so many documents, each to so many offices behind one gateway.
const (
	drainDocuments      = 20
	drainDocumentsQuick = 2
	drainRecipients     = 1000
)

// outbox is what is drained.
type outbox struct {
	*exchangeBench
	row     benchRow
	count   int // of documents
	offices []exchange.OfficeID
	bare    time.Duration // of one document over PostgreSQL
	trips   []*travel
}

// drain fills an outbox over PostgreSQL while nothing is carried, and measures how long it takes until everything is
// there, judged, with its receipts durable at both ends. Each gateway has a database of its own on one server.
func (e *exchangeBench) drain(ctx context.Context) (err error) {
	box := outbox{exchangeBench: e, count: drainDocuments, offices: e.left[:min(drainRecipients, len(e.left))]}
	if e.command.Quick {
		box.count = drainDocumentsQuick
	}
	box.count = min(box.count, len(e.letters))
	box.row = benchRow{Case: fmt.Sprintf("%d × %d", box.count, len(box.offices)), Beside: overPostgres}
	programs := postgresPrograms()
	switch {
	case programs == "":
		return e.leaveOut(box.row.Case, overPostgres, "bench_no_peer")
	case box.count == 0 || len(box.offices) == 0 || e.bench.left() < 5*time.Second:
		return e.leaveOut(box.row.Case, overPostgres, "bench_no_time")
	}
	e.begin("drain")
	server, err := startPostgres(ctx, programs, e.dir)
	if err != nil {
		return e.notStarted(box.row.Case, overPostgres, err)
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	databases := map[exchange.NodeID]string{}
	var all []string
	for _, here := range e.places {
		dsn, err := server.database(ctx, string(here.node))
		if err != nil {
			return e.notStarted(box.row.Case, overPostgres, err)
		}
		databases[here.node] = dsn
		all = append(all, dsn)
	}
	if box.bare, err = e.bare(ctx, overPostgres, all); err != nil {
		return err
	}
	return e.pair(ctx, func(config *Config) { config.Records = databases[config.Node] }, box.measure)
}

func (o *outbox) measure(ctx context.Context) error {
	o.begin("drain")
	if err := o.fill(ctx); err != nil {
		return err
	}
	stop, err := o.profile()
	if err != nil {
		return err
	}
	if err := errors.Join(o.running(ctx, o.empty), stop()); err != nil {
		return err
	}
	if err := o.wide(ctx); err != nil {
		return err
	}
	return o.allPassed()
}

// fill sends every document while nothing is carried.
func (o *outbox) fill(ctx context.Context) error {
	for i := range o.count {
		id, _, err := o.issued(ctx, i, o.offices)
		if err != nil {
			return err
		}
		o.trips = append(o.trips, o.travels.expect(id, len(o.offices)))
	}
	return nil
}

// wide tells how long it takes until one document is owed to all offices; it is not carried any more.
func (o *outbox) wide(ctx context.Context) error {
	_, took, err := o.issued(ctx, 0, o.left)
	if err != nil {
		return err
	}
	accepted := sample{spent: took, each: []time.Duration{took}}
	return o.add(accepted.row(fmt.Sprintf("1 → %d", len(o.left)), overPostgres, o.bare))
}

// issued takes a letter in, seals and sends it, and gives how long the sending took.
func (o *outbox) issued(
	ctx context.Context, i int, offices []exchange.OfficeID,
) (id exchange.DocumentID, took time.Duration, err error) {
	if id, err = o.submit(ctx, i, offices...); err != nil {
		return "", 0, err
	}
	if _, err = o.from.outgoing().Seal(ctx, o.clerk, id); err != nil {
		return "", 0, err
	}
	started := o.program.now()
	_, err = o.from.gateway.Send(ctx, o.clerk, id)
	return id, o.program.now().Sub(started), err
}

// empty waits until everything is there.
func (o *outbox) empty(ctx context.Context) error {
	started := o.program.now()
	timer := time.NewTimer(o.bench.left())
	defer timer.Stop()
	for _, trip := range o.trips {
		select {
		case <-trip.done:
		case <-timer.C:
			return o.leaveOut(o.row.Case, overPostgres, "bench_no_time")
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	count := o.count * len(o.offices)
	row := o.row
	row.Case += " " + o.program.say.word("bench_all_there")
	row.Count, row.Seconds = count, o.program.now().Sub(started).Seconds()/float64(count)
	row.BesideSeconds = o.bare.Seconds()
	return o.add(row)
}
