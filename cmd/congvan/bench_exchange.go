package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"congvan/exchange"
)

// benchExchange measures two gateways in one process that talk mutual TLS on loopback, each with its own SQLite
// database and folder of files, everything durable before it is acknowledged. The stages of a document are measured
// apart, because making signatures and carrying documents cost different things, and then together.
type benchExchange struct {
	benchFlags
	Workers   int `default:"64" help:"${help_bench_workers}"`
	Documents int `help:"${help_bench_documents}"`
	FanOut    int `help:"${help_bench_fan_out}"`
	Rate      int `default:"200" help:"${help_bench_rate}"`
}

// exchangeBench is the benchmark while it runs.
type exchangeBench struct {
	*bench
	command  benchExchange
	places   []*place
	from, to *node
	travels  *travels
	letters  [][]byte
	stage    string // what is being measured
	clerk    exchange.Actor
	left     []exchange.OfficeID // further offices for the fan-out, all at the second gateway
}

// Run opens the gateways and measures every stage; then the same letters as mail, and a full outbox over PostgreSQL.
func (c benchExchange) Run(ctx context.Context, p program) (err error) {
	if c.Workers < 1 || c.Rate < 1 {
		return usageError(errors.New("--workers and --rate are at least 1"))
	}
	collectSeldom(p) // as a gateway that serves
	b, err := startBench(p, "exchange", c.benchFlags)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	e := &exchangeBench{bench: b, command: c.sized(), travels: newTravels(p.now)}
	if err := e.build(ctx); err != nil {
		return err
	}
	if err := e.prepare(ctx); err != nil {
		return err
	}
	var whole benchRow
	err = e.pair(ctx, func(*Config) {}, func(ctx context.Context) error {
		return e.running(ctx, func(ctx context.Context) (err error) {
			whole, err = e.measure(ctx)
			return err
		})
	})
	if err != nil {
		return err
	}
	if err := e.besideMail(ctx, whole); err != nil {
		return err
	}
	return e.drain(ctx)
}

// pair opens both gateways, lets do use them, and closes them.
func (e *exchangeBench) pair(ctx context.Context, change func(*Config), do func(context.Context) error) (err error) {
	if e.from, err = e.openNode(ctx, e.places[0], change); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.from.close()) }()
	if e.to, err = e.openNode(ctx, e.places[1], change); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.to.close()) }()
	return do(ctx)
}

// running lets both gateways carry and judge while do is at work.
func (e *exchangeBench) running(ctx context.Context, do func(context.Context) error) (err error) {
	running, end := context.WithCancel(ctx)
	group, running := errgroup.WithContext(running)
	defer func() {
		end()
		err = errors.Join(err, group.Wait())
	}()
	for _, node := range []*node{e.from, e.to} {
		group.Go(func() error { return node.run(running) })
	}
	return do(running)
}

// sized fills in how much is sent.
func (c benchExchange) sized() benchExchange {
	documents, recipients := 1200, 10_000
	if c.Quick {
		documents, recipients = 90, 1000
	}
	if c.Documents == 0 {
		c.Documents = documents
	}
	if c.FanOut == 0 {
		c.FanOut = recipients
	}
	return c
}

// build writes two offices with their gateways, and many more offices that the second gateway hosts.
func (e *exchangeBench) build(ctx context.Context) error {
	e.progress(e.program.say.word("bench_building"))
	to := &place{
		node: "province", office: "tinh", level: "province", name: "Uỷ ban nhân dân tỉnh thử", code: "H40",
		leader: "Lê Minh Châu", position: "Chủ tịch", seal: "demo/seal-province.png",
	}
	from := &place{
		node: "commune", office: "xa", level: "commune", name: "Uỷ ban nhân dân xã thử", code: "H40.12",
		above: to, leader: "Nguyễn Văn An", position: "Chủ tịch", seal: "demo/seal-commune.png",
	}
	e.places = []*place{from, to}
	e.clerk = exchange.Actor{Name: "Văn thư", Office: from.office, Role: exchange.Clerk}
	var err error
	if e.world, err = buildWorld(ctx, e.program, e.dir, "", e.places); err != nil {
		return err
	}
	return e.addOffices()
}

func (e *exchangeBench) openNode(ctx context.Context, here *place, change func(*Config)) (*node, error) {
	config, err := loadConfig(e.world.configs[here.node])
	if err != nil {
		return nil, err
	}
	change(&config)
	opened, err := openNode(ctx, e.program, config, newLogger(e.program.err, slog.LevelError))
	if err != nil {
		return nil, err
	}
	opened.gateway.Records = watched{Records: opened.gateway.Records, travels: e.travels}
	return opened, nil
}

// addOffices writes the offices of the fan-out into both directories.
func (e *exchangeBench) addOffices() error {
	to := e.places[1]
	for _, here := range e.places {
		path := filepath.Join(e.dir, string(here.node), "directory.json")
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var file exchange.DirectoryFile
		if err := json.Unmarshal(data, &file); err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		e.left = e.left[:0]
		for i := range e.command.FanOut {
			id := exchange.OfficeID(fmt.Sprintf("don-vi-%05d", i))
			e.left = append(e.left, id)
			file.Offices = append(file.Offices, exchange.Office{
				ID: id, Level: to.level, Notation: "DV",
				Codes: []exchange.Code{{Scheme: exchange.QD20, Code: fmt.Sprintf("H41.%05d", i)}},
				Names: []exchange.Name{{Name: fmt.Sprintf("Đơn vị thử %05d", i)}},
				Hosts: []exchange.Host{{Node: to.node}},
			})
		}
		if data, err = json.Marshal(file); err != nil {
			return fmt.Errorf("encode %s: %w", path, err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// measure runs the stages one after the other: those that need many documents share what was prepared. It gives the
// row of the whole way.
func (e *exchangeBench) measure(ctx context.Context) (whole benchRow, err error) {
	bare, err := e.bare(ctx, overSQLite, e.bareFiles())
	if err != nil {
		return whole, err
	}
	sealed, err := e.issue(ctx, bare)
	if err != nil {
		return whole, err
	}
	if whole, err = e.carry(ctx, bare, sealed); err != nil {
		return whole, err
	}
	if err := e.fanOut(ctx, bare); err != nil {
		return whole, err
	}
	return whole, e.allPassed()
}

// allPassed is an error when a judgement was another than passed: figures about failures would say nothing.
func (e *exchangeBench) allPassed() error {
	if _, bad := e.travels.passed(); bad > 0 {
		return failure(exchange.Untrusted, "demo.not_passed", fmt.Sprint(bad), nil)
	}
	return nil
}
