package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"congvan/api"
	"congvan/exchange"
)

// demoCommand lets a newcomer watch real documents travel: three gateways in one process, each with its own folder,
// database, files, keys and log, talking mutual TLS on loopback.
type demoCommand struct {
	Once bool   `help:"${help_once}"`
	JSON bool   `name:"json" help:"${help_json}"`
	File string `help:"${help_demo_file}"`
	Data string `help:"${help_demo_data}"`
	S3   string `name:"s3" help:"${help_demo_s3}"`
}

// patience is how long one document may take to all its recipients before the demonstration says that it failed.
const patience = 3 * time.Minute // an old machine that does much beside needs one

// demo is the demonstration while it runs.
type demo struct {
	program program
	command demoCommand
	world   *world
	nodes   map[exchange.NodeID]*node
	people  map[exchange.NodeID]people
	facts   demoFacts
}

// people are the clients of those who work at one place: each acts with a token of one role.
type people struct {
	clerk, leader *api.Client
	secrets       map[exchange.Role]string
}

// Run builds the world, tells the story and, unless once, stays up until it is interrupted.
func (c demoCommand) Run(ctx context.Context, p program) (err error) {
	if c.File != "" {
		file, _, err := openInput(c.File)
		if err != nil {
			return err
		}
		done(file)
	}
	dir, remove, err := c.folder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	d := &demo{program: p, command: c, nodes: map[exchange.NodeID]*node{}, people: map[exchange.NodeID]people{}}
	d.note("demo_start", dir)
	if d.world, err = buildWorld(ctx, p, dir, c.S3, places()); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.world.close()) }()
	if err := d.openNodes(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.closeNodes()) }()

	ctx, end := context.WithCancel(ctx)
	group, running := errgroup.WithContext(ctx)
	for _, node := range d.nodes {
		group.Go(func() error { return node.run(running) })
	}
	err = d.tell(running)
	if err == nil && !c.Once {
		d.note("demo_stays", "")
		<-running.Done()
	}
	end()
	return errors.Join(err, group.Wait())
}

// folder gives the data folder, and what removes it when it was a temporary one.
func (c demoCommand) folder() (dir string, remove func() error, err error) {
	if c.Data != "" {
		if dir, err = filepath.Abs(c.Data); err != nil {
			return "", nil, err
		}
		return dir, func() error { return nil }, os.MkdirAll(dir, 0o700)
	}
	dir, err = os.MkdirTemp("", "congvan-demo-")
	return dir, func() error { return os.RemoveAll(dir) }, err
}

// openNodes starts each gateway from its configuration file, as serve would, and gives its people their tokens.
func (d *demo) openNodes(ctx context.Context) error {
	for _, here := range d.world.places {
		config, err := loadConfig(d.world.configs[here.node])
		if err != nil {
			return err
		}
		logger := newLogger(d.program.err, slog.LevelError)
		opened, err := openNode(ctx, d.program, config, logger.With(slog.String("node", string(here.node))))
		if err != nil {
			return errors.Join(err, d.closeNodes())
		}
		d.nodes[here.node] = opened
		if d.people[here.node], err = employ(ctx, d.program, opened, here); err != nil {
			return errors.Join(err, d.closeNodes())
		}
	}
	return nil
}

func (d *demo) closeNodes() error {
	var err error
	for _, node := range d.nodes {
		err = errors.Join(err, node.close())
	}
	return err
}

// employ gives the leader, the clerk and the archivist of a place their access tokens.
func employ(ctx context.Context, p program, n *node, here *place) (people, error) {
	staff := people{secrets: map[exchange.Role]string{}}
	for role, name := range map[exchange.Role]string{
		exchange.Leader: here.leader, exchange.Clerk: "Văn thư", exchange.Archivist: "Lưu trữ",
	} {
		actor := exchange.Actor{Name: name, Office: here.office, Role: role}
		secret, token := api.NewToken(actor, p.now(), p.now().AddDate(0, 1, 0))
		err := n.gateway.Records.Update(ctx, func(tx exchange.Tx) error { return tx.AddToken(ctx, token) })
		if err != nil {
			return staff, err
		}
		staff.secrets[role] = secret
	}
	staff.clerk = api.NewClient(n.url(), staff.secrets[exchange.Clerk], p.say.lang, nil)
	staff.leader = api.NewClient(n.url(), staff.secrets[exchange.Leader], p.say.lang, nil)
	return staff, nil
}

// tell issues the documents and prints what happened to each.
func (d *demo) tell(ctx context.Context) error {
	commune, district, province := d.world.places[0], d.world.places[1], d.world.places[2]
	stories := []story{
		{
			from: commune, to: []*place{district, province}, kind: "BC", name: "letter.pdf", embedded: "demo/letter.pdf",
			subject: "Báo cáo kết quả ứng dụng chữ ký số năm 2024",
		},
		{
			from: province, to: []*place{district, commune}, kind: "CV", name: "scanned.pdf", embedded: "demo/scanned.pdf",
			subject: "V/v tổng hợp kết quả gửi, nhận văn bản điện tử", urgency: exchange.Urgent,
		},
	}
	if d.command.File != "" {
		stories = append(stories, story{
			from: commune, to: []*place{district, province}, kind: "CV", path: d.command.File,
			subject: "V/v gửi văn bản kèm theo",
		})
	}
	for _, story := range stories {
		facts, err := d.send(ctx, story)
		if err != nil {
			return failure(exchange.KindOf(err), demoCode(err), story.subject, err)
		}
		d.facts.Documents = append(d.facts.Documents, facts)
		d.print(facts)
	}
	for _, here := range d.world.places {
		d.facts.Screens = append(d.facts.Screens, screenFacts{
			Office: here.name, URL: d.nodes[here.node].url() + "/login", Tokens: d.people[here.node].secrets,
		})
	}
	return d.printEnd()
}

// demoCode keeps a code that says more than that the demonstration failed.
func demoCode(err error) string {
	if code := codeOf(err); code != "internal" {
		return code
	}
	return "demo.failed"
}

// note says something on the way, to people only.
func (d *demo) note(word, about string) {
	if !d.command.JSON {
		fmt.Fprintln(d.program.out, d.program.say.word(word), about)
	}
}

func (d *demo) printEnd() error {
	if d.command.JSON {
		encoder := json.NewEncoder(d.program.out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(d.facts)
	}
	out := d.program.out
	for _, screen := range d.facts.Screens {
		fmt.Fprintf(out, "%s: %s\n", screen.Office, screen.URL)
		for _, role := range []exchange.Role{exchange.Clerk, exchange.Leader, exchange.Archivist} {
			fmt.Fprintf(out, "  %-9s %s\n", role, screen.Tokens[role])
		}
	}
	return nil
}

// open opens the story's file: one that is built in, or the person's own.
func (s story) open() (io.ReadCloser, error) {
	if s.path != "" {
		file, _, err := openInput(s.path)
		return file, err
	}
	return demoFiles.Open(s.embedded)
}
