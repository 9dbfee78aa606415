package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"congvan/api"
	"congvan/exchange"
	"congvan/storage"
	"congvan/storage/audit"
)

// The load of the link: every 50 ms one document to fifteen offices behind the other gateway, 300 copies a second.
const (
	offerEvery   = 50 * time.Millisecond
	offerOffices = 15
)

// outage is for how long the link is down: a few seconds each time, and as the variable says for a longer run.
func outage(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("CONGVAN_LINK_DOWN")
	if text == "" {
		return 6 * time.Second
	}
	down, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return down
}

// space is a network of its own in this machine. What runs in it reaches only its own loopback and the link.
type space struct {
	name string
	file *os.File
}

// newSpace makes a network namespace, which is removed with the test. Only root can.
func newSpace(t *testing.T, name string) space {
	t.Helper()
	ip(t, "netns", "add", name)
	t.Cleanup(func() { ip(t, "netns", "del", name) })
	ip(t, "-n", name, "link", "set", "dev", "lo", "up")
	file, err := os.Open(filepath.Join("/var/run/netns", name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return space{name: name, file: file}
}

func ip(t *testing.T, args ...string) {
	t.Helper()
	output, err := exec.CommandContext(context.Background(), "ip", args...).CombinedOutput()
	for _, refusal := range []string{"Operation not permitted", "Operation not supported", "Unknown device type"} {
		if strings.Contains(string(output), refusal) { // api/peer_faults_test.go cuts lines on such a machine, too
			t.Skipf("the kernel of this machine gives no networks of one's own: ip %s: %s", strings.Join(args, " "), output)
		}
	}
	if err != nil {
		t.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, output)
	}
}

// within does something on a thread that is in the space for so long. A socket stays where it was made.
func (s space) within(do func() error) error {
	setns, known := map[string]uintptr{"amd64": 308, "arm64": 268}[runtime.GOARCH]
	if !known {
		return errors.ErrUnsupported
	}
	runtime.LockOSThread()
	outside, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return err
	}
	defer func() { _ = outside.Close() }()
	if _, _, failed := syscall.RawSyscall(setns, s.file.Fd(), syscall.CLONE_NEWNET, 0); failed != 0 {
		return failed
	}
	err = do()
	if _, _, failed := syscall.RawSyscall(setns, outside.Fd(), syscall.CLONE_NEWNET, 0); failed != 0 {
		return failed // the thread ends with its goroutine, because it stays locked
	}
	runtime.UnlockOSThread()
	return err
}

// client calls addresses of the space.
func (s space) client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (conn net.Conn, err error) {
			err = s.within(func() error {
				conn, err = new(net.Dialer).DialContext(ctx, network, address)
				return err
			})
			return conn, err
		},
	}}
}

// island is a gateway as a process of its own in a space of its own.
type island struct {
	space
	place  *place
	config string
	url    string
	staff  people
	audit  audit.Gateway
}

// newIslands furnishes two gateways, the second with so many offices more, and joins their spaces by a line.
func newIslands(t *testing.T) (islands [2]*island, line space, offices []string) {
	t.Helper()
	if os.Getuid() != 0 {
		missing(t, "only root can make network namespaces")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		missing(t, "iproute2 is not installed: no ip")
	}
	p := program{in: strings.NewReader(""), out: io.Discard, err: io.Discard, getenv: os.Getenv, now: time.Now}
	cast := places()[:2]
	cast[0].rsa, cast[1].above = false, nil
	world, err := buildWorld(t.Context(), p, t.TempDir(), "", cast)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = world.close() })
	for i, here := range cast {
		islands[i] = &island{
			space: newSpace(t, fmt.Sprintf("congvan-%d-%d", os.Getpid(), i)), place: here, config: world.configs[here.node],
		}
	}
	line = newLine(t, islands[0].space, islands[1].space)
	for _, here := range islands {
		here.bringAuthority(t, world)
	}
	return islands, line, settleOn(t, islands)
}

// newLine joins two spaces by a line that is cut in the middle: behind two switches, so that neither end sees it. It
// gives the space in which the line is.
func newLine(t *testing.T, ends ...space) space {
	t.Helper()
	line := newSpace(t, fmt.Sprintf("congvan-%d-line", os.Getpid()))
	ip(t, "-n", line.name, "link", "add", "name", "line", "type", "veth", "peer", "name", "enil")
	for i, end := range ends {
		number := strconv.Itoa(i)
		middle := []string{"line", "enil"}[i]
		ip(t, "-n", line.name, "link", "add", "name", "switch"+number, "type", "bridge")
		ip(t, "-n", line.name, "link", "add", "name", "port"+number, "type", "veth",
			"peer", "name", "link", "netns", end.name)
		ip(t, "-n", line.name, "link", "set", "dev", "switch"+number, "up")
		for _, device := range []string{"port" + number, middle} {
			ip(t, "-n", line.name, "link", "set", "dev", device, "master", "switch"+number, "up")
		}
		ip(t, "-n", end.name, "address", "add", linkAddress(i)+"/30", "dev", "link")
		ip(t, "-n", end.name, "link", "set", "dev", "link", "up")
	}
	return line
}

func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CONGVAN_REQUIRE_PEERS") == "1" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// linkAddress is an address for measurements between machines (RFC 2544).
func linkAddress(i int) string { return fmt.Sprintf("198.18.0.%d", i+1) }

// bringAuthority lets the authority answer in the space under the address that its certificates name.
func (s *island) bringAuthority(t *testing.T, w *world) {
	t.Helper()
	address, err := url.Parse(w.authority.TimestampURL())
	if err != nil {
		t.Fatal(err)
	}
	err = s.within(func() error {
		listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address.Host)
		if err == nil {
			go w.server.Serve(listener) // it ends when the world is closed
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// settleOn moves the gateways to the link, in the directory too, adds offices to the second, and employs people.
func settleOn(t *testing.T, islands [2]*island) (offices []string) {
	t.Helper()
	var directory exchange.DirectoryFile
	for i, here := range islands {
		config, err := loadConfig(here.config)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			data, err := os.ReadFile(config.Directory)
			if err == nil {
				err = json.Unmarshal(data, &directory)
			}
			if err != nil {
				t.Fatal(err)
			}
			for n := range offerOffices {
				offices = append(offices, fmt.Sprintf("H41.%02d", n))
				directory.Offices = append(directory.Offices, exchange.Office{
					ID: exchange.OfficeID(offices[n]), Level: "province", Notation: "DV",
					Codes: []exchange.Code{{Scheme: exchange.QD20, Code: offices[n]}},
					Names: []exchange.Name{{Name: "Đơn vị thử " + offices[n]}},
					Hosts: []exchange.Host{{Node: islands[1].place.node}},
				})
			}
		}
		_, port, err := net.SplitHostPort(config.PeerListen)
		if err != nil {
			t.Fatal(err)
		}
		config.PeerListen = net.JoinHostPort(linkAddress(i), port)
		for n := range directory.Nodes {
			if directory.Nodes[n].ID == here.place.node {
				directory.Nodes[n].URL = "https://" + config.PeerListen
			}
		}
		if err := config.write(here.config); err != nil {
			t.Fatal(err)
		}
		here.url = "http://" + config.Listen
		here.employ(t, config.Records)
	}
	data, err := json.Marshal(directory)
	for _, here := range islands {
		if err == nil {
			err = os.WriteFile(filepath.Join(filepath.Dir(here.config), "directory.json"), data, 0o600)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return offices
}

// employ gives a leader and a clerk their tokens.
func (s *island) employ(t *testing.T, dsn string) {
	t.Helper()
	records, err := storage.OpenRecords(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = records.Close() }()
	for role, client := range map[exchange.Role]**api.Client{
		exchange.Leader: &s.staff.leader, exchange.Clerk: &s.staff.clerk,
	} {
		name := map[exchange.Role]string{exchange.Leader: s.place.leader, exchange.Clerk: "Văn thư"}[role]
		actor := exchange.Actor{Name: name, Office: s.place.office, Role: role}
		secret, token := api.NewToken(actor, time.Now(), time.Now().AddDate(0, 1, 0))
		err := records.Update(t.Context(), func(tx exchange.Tx) error { return tx.AddToken(t.Context(), token) })
		if err != nil {
			t.Fatal(err)
		}
		*client = api.NewClient(s.url, secret, api.English, s.client())
	}
}

// start runs the gateway in its space until the test ends.
func (s *island) start(t *testing.T) {
	t.Helper()
	shipped, err := theProgram()
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	child := exec.CommandContext(context.Background(), "ip", "netns", "exec", s.name, shipped, "serve", "-c", s.config)
	child.Stderr = &said
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = child.Process.Kill() // ip has become the gateway
		_ = child.Wait()
	})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := await(ctx, func() (bool, bool, error) {
		_, err := s.staff.clerk.Self(ctx)
		return true, err == nil, nil
	}); err != nil {
		t.Fatalf("%s does not start: %v: %s", s.place.node, err, said.String())
	}
	gateway, open, err := openAudited(t.Context(), s.config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = closeAll(open) })
	s.audit = gateway
}

// count asks the records of the gateway for a number.
func (s *island) count(t *testing.T, question string, args ...any) (count int) {
	t.Helper()
	if err := s.audit.DB.QueryRowContext(t.Context(), question, args...).Scan(&count); err != nil {
		t.Fatal(err)
	}
	return count
}

// Two gateways, each in a network of its own, while the link between them is down and documents go on being sent:
// nothing is lost or doubled, and soon after the link is back, the documents go on.
func TestALinkThatIsDownLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	islands, line, offices := newIslands(t)
	from, to := islands[0], islands[1]
	to.start(t)
	from.start(t)
	down := outage(t)
	ids := prepare(t, from.staff, from.place, int((down+2*time.Second)/offerEvery), offices)

	var offering sync.WaitGroup
	offering.Go(func() {
		ticker := time.NewTicker(offerEvery)
		defer ticker.Stop()
		var sending sync.WaitGroup
		for _, id := range ids {
			<-ticker.C
			sending.Go(func() {
				if _, err := from.staff.clerk.Send(context.Background(), id); err != nil {
					t.Errorf("send %s: %v", id, err)
				}
			})
		}
		sending.Wait()
	})
	time.Sleep(time.Second)
	const arrivals = "select count(*) from arrival"
	ip(t, "-n", line.name, "link", "set", "dev", "line", "down")
	time.Sleep(down)
	before := to.count(t, arrivals)
	ip(t, "-n", line.name, "link", "set", "dev", "line", "up")
	back := time.Now()
	until(t, "the first delivery after the link is back", func() bool { return to.count(t, arrivals) > before })
	first := time.Since(back)
	offering.Wait()
	until(t, "nothing is owed", func() bool {
		return from.count(t, "select count(*) from owed") == 0 && to.count(t, arrivals) == len(ids)*len(offices)
	})
	drained := time.Since(back)
	until(t, "everything is judged, and all is told", func() bool {
		const open = "select (select count(*) from owed) + (select count(*) from unjudged)"
		return from.count(t, open) == 0 && to.count(t, open) == 0
	})
	t.Logf("link down for %v, %d copies were there before; the first after %v, all %d after %v",
		down, before, first.Round(time.Millisecond), len(ids)*len(offices), drained.Round(time.Millisecond))

	results, err := audit.Run(t.Context(), []audit.Gateway{from.audit, to.audit}, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range results {
		if result.Faults > 0 || result.Open > 0 {
			t.Errorf("%+v", result)
		}
	}
	for _, id := range ids {
		here := from.count(t, "select count(*) from receipt where document = $1 and status = '01'", string(id))
		there := to.count(t, "select count(distinct office) from arrival where document = $1", string(id))
		all := to.count(t, "select count(*) from arrival where document = $1", string(id))
		if here != len(offices) || there != len(offices) || all != len(offices) {
			t.Errorf("%s: %d receipts, at %d offices, %d times", id, here, there, all)
		}
	}
}
