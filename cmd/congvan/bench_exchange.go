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

// Run opens the gateways and measures every stage.
func (c benchExchange) Run(ctx context.Context, p program) (err error) {
	if c.Workers < 1 || c.Rate < 1 {
		return usageError(errors.New("--workers and --rate are at least 1"))
	}
	b, err := startBench(p, "exchange", c.benchFlags)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	e := &exchangeBench{bench: b, command: c.sized(), travels: newTravels(p.now)}
	if err := e.build(ctx); err != nil {
		return err
	}
	running, end := context.WithCancel(ctx)
	group, running := errgroup.WithContext(running)
	defer func() {
		end()
		err = errors.Join(err, group.Wait(), e.to.close(), e.from.close())
	}()
	for _, node := range []*node{e.from, e.to} {
		group.Go(func() error { return node.run(running) })
	}
	return e.measure(running)
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

// build writes two offices with their gateways, and many more offices that the second gateway hosts, and opens both.
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
	if err := e.addOffices(); err != nil {
		return err
	}
	if e.from, err = e.openNode(ctx, from); err != nil {
		return err
	}
	if e.to, err = e.openNode(ctx, to); err != nil {
		return errors.Join(err, e.from.close())
	}
	return nil
}

func (e *exchangeBench) openNode(ctx context.Context, here *place) (*node, error) {
	config, err := loadConfig(e.world.configs[here.node])
	if err != nil {
		return nil, err
	}
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

// measure runs the stages one after the other: those that need many documents share what was prepared.
func (e *exchangeBench) measure(ctx context.Context) error {
	if err := e.prepare(ctx); err != nil {
		return err
	}
	bare, err := e.bare(ctx)
	if err != nil {
		return err
	}
	sealed, err := e.issue(ctx, bare)
	if err != nil {
		return err
	}
	if err := e.carry(ctx, bare, sealed); err != nil {
		return err
	}
	if err := e.fanOut(ctx, bare); err != nil {
		return err
	}
	if _, bad := e.travels.passed(); bad > 0 {
		return failure(exchange.Untrusted, "demo.not_passed", fmt.Sprint(bad), nil)
	}
	return e.leaveOut(e.program.say.word("bench_whole"), "SMTP + S/MIME", "bench_no_smtp")
}
