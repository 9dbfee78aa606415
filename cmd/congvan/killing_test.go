package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"congvan/api"
	"congvan/exchange"
	"congvan/storage/audit"
	"congvan/storage/storagetest"
)

// theProgram is the program as it is shipped: without the race detector it starts fast.
var theProgram = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "congvan-program")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "congvan")
	build := exec.CommandContext(context.Background(), "go", "build", "-trimpath", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // .ci/run has built all of it like this
	output, err := build.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, output)
	}
	return path, nil
})

// victim is one process that is killed and started again.
type victim struct {
	program string // that is run; empty: this one, as it is shipped
	config  string
	listen  string
	child   *exec.Cmd
	said    bytes.Buffer
	starts  []time.Duration // how long it took to answer
}

func (v *victim) start(t *testing.T) {
	t.Helper()
	program, err := theProgram()
	if err != nil {
		t.Fatal(err)
	}
	if v.program != "" {
		program = v.program
	}
	v.said.Reset()
	v.child = exec.CommandContext(context.Background(), program, "serve", "--config", v.config)
	v.child.Stderr = &v.said
	begun := time.Now()
	if err := v.child.Start(); err != nil {
		t.Fatal(err)
	}
	for {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", v.listen)
		if err == nil {
			_ = conn.Close()
			break
		}
		if time.Since(begun) > patience {
			t.Fatalf("%s does not start: %s", v.config, v.said.String())
		}
		time.Sleep(5 * time.Millisecond)
	}
	v.starts = append(v.starts, time.Since(begun))
}

func (v *victim) kill() {
	_ = v.child.Process.Kill()
	_ = v.child.Wait() // it says that it was killed
}

// massacre is two gateways at work while their processes are killed.
type massacre struct {
	t       *testing.T
	seed    uint64
	random  *rand.Rand
	world   *world
	configs map[exchange.NodeID]Config
	victims map[exchange.NodeID][]*victim
	staff   map[exchange.NodeID][]people // by instance
	mutex   sync.Mutex
	// issued are the documents that were acknowledged as sent, and from where; guarded by mutex.
	issued map[exchange.DocumentID]exchange.NodeID
	ending chan struct{}
}

// newMassacre furnishes a commune and a district. change may change the configuration of the commune's instances, and
// says how many there are.
func newMassacre(t *testing.T, instances int, change func(n int, config *Config)) *massacre {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("CONGVAN_KILL_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	p := program{
		in: strings.NewReader(""), out: io.Discard, err: io.Discard, getenv: os.Getenv, now: time.Now, ourselves: theProgram,
	}
	cast := places()[:2]
	cast[0].rsa, cast[1].above = false, nil
	world, err := buildWorld(t.Context(), p, t.TempDir(), "", cast)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = world.close() })
	m := &massacre{
		t: t, seed: seed, random: rand.New(rand.NewPCG(seed, 0)), world: world,
		configs: map[exchange.NodeID]Config{}, victims: map[exchange.NodeID][]*victim{},
		staff: map[exchange.NodeID][]people{}, issued: map[exchange.DocumentID]exchange.NodeID{},
		ending: make(chan struct{}),
	}
	t.Logf("seed %d", seed)
	for _, here := range cast {
		config, err := loadConfig(world.configs[here.node])
		if err != nil {
			t.Fatal(err)
		}
		count := 1
		if here.node == "commune" {
			count = instances
		}
		m.furnish(p, here, config, count, change)
	}
	return m
}

func (m *massacre) furnish(p program, here *place, config Config, count int, change func(int, *Config)) {
	m.t.Helper()
	var staff people
	for n := range count {
		own := config
		if here.node == "commune" {
			change(n, &own)
		}
		path := filepath.Join(m.world.dir, fmt.Sprintf("%s-%d.yaml", here.node, n))
		if err := own.write(path); err != nil {
			m.t.Fatal(err)
		}
		if n == 0 {
			m.configs[here.node] = own
			opened, err := openNode(m.t.Context(), p, own, slog.New(slog.DiscardHandler))
			if err != nil {
				m.t.Fatal(err)
			}
			if staff, err = employ(m.t.Context(), p, opened, here); err != nil {
				m.t.Fatal(err)
			}
			if err := opened.close(); err != nil {
				m.t.Fatal(err)
			}
		}
		url := "http://" + own.Listen
		m.staff[here.node] = append(m.staff[here.node], people{
			clerk:  api.NewClient(url, staff.secrets[exchange.Clerk], api.English, nil),
			leader: api.NewClient(url, staff.secrets[exchange.Leader], api.English, nil),
		})
		m.victims[here.node] = append(m.victims[here.node], &victim{config: path, listen: own.Listen})
	}
}

// stubborn asks one instance after the other until one answers; a refusal for good is a fault.
func (m *massacre) stubborn(what string, node exchange.NodeID, ask func(staff people) error) bool {
	deadline := time.Now().Add(5 * time.Minute)
	for try := 0; ; try++ {
		staff := m.staff[node]
		err := ask(staff[try%len(staff)])
		if err == nil {
			return true
		}
		if exchange.KindOf(err) != exchange.Unavailable {
			m.t.Errorf("%s: %v", what, err)
			return false
		}
		if time.Now().After(deadline) {
			m.t.Errorf("%s: not after five minutes: %v", what, err)
			return false
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// write issues letters from one place to the other until the end.
func (m *massacre) write(from *place, to string) {
	letter, err := demoFiles.ReadFile("demo/letter.pdf")
	if err != nil {
		m.t.Error(err)
		return
	}
	for !m.over() {
		id := exchange.DocumentID(ulid.Make().String())
		draft := api.Draft{
			ID: id, Kind: "CV", Subject: "V/v thử mất điện", Secrecy: exchange.NotSecret, Recipients: []string{to},
			Signatory: exchange.Signatory{Name: from.leader, Position: from.position},
			Placement: &exchange.Placement{Page: 1, X: 120, Y: 60, Number: &exchange.Spot{X: 30, Y: 250}},
		}
		ctx := context.Background()
		done := m.stubborn("submit", from.node, func(staff people) error {
			_, err := staff.clerk.Submit(ctx, api.Submission{
				Draft: draft, File: api.NamedFile{Name: "letter.pdf", Content: bytes.NewReader(letter)},
			})
			return err
		}) && m.stubborn("sign", from.node, func(staff people) error {
			_, err := staff.leader.Sign(ctx, id)
			return err
		}) && m.stubborn("seal", from.node, func(staff people) error {
			_, err := staff.clerk.Seal(ctx, id)
			return err
		}) && m.stubborn("send", from.node, func(staff people) error {
			_, err := staff.clerk.Send(ctx, id)
			return err
		})
		if !done {
			return
		}
		m.mutex.Lock()
		m.issued[id] = from.node
		m.mutex.Unlock()
	}
}

// take accepts what arrives until the end.
func (m *massacre) take(at exchange.NodeID) {
	ctx := context.Background()
	for n := 0; !m.over(); n++ {
		time.Sleep(50 * time.Millisecond)
		clerk := m.staff[at][n%len(m.staff[at])].clerk
		list, err := clerk.Inbox(ctx, exchange.Page{Limit: 20})
		if err != nil {
			continue
		}
		for _, arrival := range list.Items {
			if arrival.Status == exchange.Arrived {
				_, _ = clerk.Accept(ctx, arrival.ID) // lost or not: it is tried again with the next list
				break
			}
		}
	}
}

func (m *massacre) over() bool {
	select {
	case <-m.ending:
		return true
	default:
		return m.t.Failed()
	}
}

// run lets both places work, kills so many processes, and then asks the auditors.
func (m *massacre) run(kills int, alsoKill func(n int)) {
	m.t.Helper()
	var all []*victim
	for _, node := range []exchange.NodeID{"commune", "district"} {
		all = append(all, m.victims[node]...)
	}
	for _, victim := range all {
		victim.start(m.t)
		m.t.Cleanup(victim.kill)
	}
	commune, district := m.world.places[0], m.world.places[1]
	var working sync.WaitGroup
	for range 2 {
		working.Go(func() { m.write(commune, district.code) })
		working.Go(func() { m.write(district, commune.code) })
	}
	working.Go(func() { m.take("commune") })
	working.Go(func() { m.take("district") })
	begun := time.Now()
	for n := range kills {
		time.Sleep(time.Duration(m.random.IntN(400)) * time.Millisecond)
		victim := all[m.random.IntN(len(all))]
		victim.kill()
		alsoKill(n)
		victim.start(m.t)
		if m.t.Failed() {
			break
		}
	}
	took := time.Since(begun)
	close(m.ending)
	working.Wait()
	var starts time.Duration
	count := 0
	for _, victim := range all {
		for _, each := range victim.starts {
			starts += each
			count++
		}
	}
	m.t.Logf("seed %d: %d kills in %v, ready %v after a start on average, %d documents acknowledged",
		m.seed, kills, took.Round(time.Second), (starts / time.Duration(count)).Round(time.Millisecond), len(m.issued))
	m.settle()
}

// settle waits until nothing is owed and asks the auditors.
func (m *massacre) settle() {
	m.t.Helper()
	ctx := context.Background()
	var gateways []audit.Gateway
	for _, here := range m.world.places {
		gateway, open, err := openAudited(ctx, m.victims[here.node][0].config)
		if err != nil {
			m.t.Fatal(err)
		}
		defer func() { _ = closeAll(open) }()
		gateways = append(gateways, gateway)
	}
	deadline := time.Now().Add(5 * time.Minute)
	for _, gateway := range gateways {
		for waiting := 1; waiting > 0; {
			err := gateway.DB.QueryRowContext(ctx, "select (select count(*) from owed) + (select count(*) from unjudged)").
				Scan(&waiting)
			if err != nil || time.Now().After(deadline) {
				m.t.Fatalf("%s: %d are owed or not judged, %v", gateway.Name, waiting, err)
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	time.Sleep(time.Second) // what the second still owed to the first when the first was asked
	results, err := audit.Run(ctx, gateways, true)
	if err != nil {
		m.t.Fatal(err)
	}
	for _, result := range results {
		if result.Faults > 0 || result.Open > 0 {
			m.t.Errorf("seed %d: %+v", m.seed, result)
		}
	}
	for id, from := range m.issued {
		m.arrivedOnce(gateways, id, from)
	}
}

// arrivedOnce wants an acknowledged document to be at its recipient once, and the receipt of that at its sender.
func (m *massacre) arrivedOnce(gateways []audit.Gateway, id exchange.DocumentID, from exchange.NodeID) {
	m.t.Helper()
	for _, gateway := range gateways {
		question := "select count(*) from arrival where document = $1"
		if gateway.Name == string(from) {
			question = "select count(*) from receipt where document = $1 and status = '01'"
		}
		var count int
		err := gateway.DB.QueryRowContext(context.Background(), question, string(id)).Scan(&count)
		if err != nil || count != 1 {
			m.t.Errorf("seed %d: %s of %s is at %s %d times, %v", m.seed, id, from, gateway.Name, count, err)
		}
	}
}

// kills is how many processes a test kills: a few each time, and as many as the variable says for a long run.
func kills(t *testing.T, few int) int {
	t.Helper()
	if text := os.Getenv("CONGVAN_KILLS"); text != "" {
		many, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return many
	}
	return few
}

func TestKillingTwoGatewaysLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	newMassacre(t, 1, func(int, *Config) {}).run(kills(t, 6), func(int) {})
}

// Two instances of one gateway share PostgreSQL and a folder; the instances, the other gateway, and now and then
// PostgreSQL itself are killed.
func TestKillingInstancesAndPostgreSQLLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	server := storagetest.StartPostgreSQL(t, true)
	records, shared := server.Fresh(t), "folder:"+t.TempDir()
	instances := make([]string, 2)
	m := newMassacre(t, 2, func(n int, config *Config) {
		if n == 0 {
			instances[0] = freeFor(t)
			balance(t, config.PeerListen, instances)
		} else {
			config.Listen, instances[1] = freeFor(t), freeFor(t)
			config.Data = filepath.Join(config.Data, "other")
			config.SecondCopy = filepath.Join(config.Data, "second-copy")
		}
		config.PeerListen, config.Records, config.Blobs = instances[n], records, shared
	})
	m.run(kills(t, 6), func(n int) {
		if n%15 == 14 {
			server.Kill(t)
			server.Start(t)
		}
	})
}

func freeFor(t *testing.T) string {
	t.Helper()
	address, err := freeAddress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// balance listens on an address and gives each connection to the first instance that takes it, in turns.
func balance(t *testing.T, address string, instances []string) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	var open sync.WaitGroup
	t.Cleanup(func() { _ = listener.Close(); open.Wait() })
	open.Go(func() {
		for turn := 0; ; turn++ {
			conn, err := listener.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil {
				open.Go(func() { pass(conn, instances[turn%2], instances[1-turn%2]) })
			}
		}
	})
}

func pass(from net.Conn, goals ...string) {
	defer func() { _ = from.Close() }()
	for _, goal := range goals {
		to, err := new(net.Dialer).DialContext(context.Background(), "tcp", goal)
		if err != nil {
			continue
		}
		var back sync.WaitGroup
		back.Go(func() {
			_, _ = io.Copy(from, to)
			_ = from.Close()
		})
		_, _ = io.Copy(to, from)
		_ = to.Close()
		back.Wait()
		return
	}
}

// until waits for something that must come true.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Minute); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not after five minutes: %s", what)
		}
	}
}
