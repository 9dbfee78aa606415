package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"congvan/api"
	"congvan/certs"
	"congvan/exchange"
	"congvan/storage/audit"
)

// relayLine is a line between two processes that can be cut in the middle: then nothing gets through, what was open
// hangs, new calls are heard by nobody, and neither end is told. When the line is back, what was open before is gone.
type relayLine struct {
	mutex sync.Mutex
	// back and open are guarded by mutex; back is closed while the line is in order.
	back chan struct{}
	open map[net.Conn]bool
}

// newRelayLine listens on one address and forwards to another until the test ends.
func newRelayLine(t *testing.T, from, to string) *relayLine {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", from)
	if err != nil {
		t.Fatal(err)
	}
	line := &relayLine{back: make(chan struct{}), open: map[net.Conn]bool{}}
	close(line.back)
	var work sync.WaitGroup
	work.Go(func() {
		for {
			near, err := listener.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil {
				work.Go(func() { line.join(near, to) })
			}
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		line.restore()
		line.reset()
		work.Wait()
	})
	return line
}

func (l *relayLine) whole() <-chan struct{} {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.back
}

func (l *relayLine) join(near net.Conn, to string) {
	defer func() { _ = near.Close() }()
	<-l.whole()
	far, err := new(net.Dialer).DialContext(context.Background(), "tcp", to)
	if err != nil {
		return
	}
	defer func() { _ = far.Close() }()
	l.mutex.Lock()
	l.open[near], l.open[far] = true, true
	l.mutex.Unlock()
	var both sync.WaitGroup
	both.Go(func() { l.forward(far, near) })
	both.Go(func() { l.forward(near, far) })
	both.Wait()
	l.mutex.Lock()
	defer l.mutex.Unlock()
	delete(l.open, near)
	delete(l.open, far)
}

func (l *relayLine) forward(to, from net.Conn) {
	defer func() { _, _ = to.Close(), from.Close() }()
	for buffer := make([]byte, 16<<10); ; {
		n, err := from.Read(buffer)
		<-l.whole()
		if err == nil {
			_, err = to.Write(buffer[:n])
		}
		if err != nil {
			return
		}
	}
}

func (l *relayLine) cut() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.back = make(chan struct{})
}

// restore ends the cut.
func (l *relayLine) restore() {
	l.reset()
	l.mutex.Lock()
	defer l.mutex.Unlock()
	select {
	case <-l.back:
	default:
		close(l.back)
	}
}

func (l *relayLine) reset() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for conn := range l.open {
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
	}
}

// prepare gives documents that only wait to be sent.
func prepare(t *testing.T, staff people, here *place, count int, offices []string) []exchange.DocumentID {
	t.Helper()
	letter, err := demoFiles.ReadFile("demo/letter.pdf")
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]exchange.DocumentID, count)
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(8)
	for n := range ids {
		group.Go(func() error {
			document, err := staff.clerk.Submit(ctx, api.Submission{
				Draft: api.Draft{
					Kind: "CV", Subject: "V/v thử đứt đường truyền", Secrecy: exchange.NotSecret, Recipients: offices,
					Signatory: exchange.Signatory{Name: here.leader, Position: here.position},
					Placement: &exchange.Placement{Page: 1, X: 120, Y: 60, Number: &exchange.Spot{X: 30, Y: 250}},
				},
				File: api.NamedFile{Name: "letter.pdf", Content: bytes.NewReader(letter)},
			})
			if err == nil {
				_, err = staff.leader.Sign(ctx, document.ID)
			}
			if err == nil {
				_, err = staff.clerk.Seal(ctx, document.ID)
			}
			ids[n] = document.ID
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	return ids
}

// storm is two gateways as processes, of which one sends and the other receives. The commune is behind a line that can
// be cut.
type storm struct {
	*massacre
	from, to *place
	line     *relayLine
	receiver *victim
	sender   *victim
	audits   map[exchange.NodeID]audit.Gateway
	rate     int // documents a second
	down     time.Duration
}

// newStorm lasts a few seconds each time, with a few documents a second; CONGVAN_LINK_DOWN=20s CONGVAN_LINK_RATE=300 is
// the long form. change may change the configuration of the commune.
func newStorm(t *testing.T, change func(config *Config)) *storm {
	t.Helper()
	s := &storm{rate: 10, down: 2 * time.Second, audits: map[exchange.NodeID]audit.Gateway{}}
	if os.Getenv("CONGVAN_LINK_DOWN") != "" {
		s.down = outage(t)
	}
	if text := os.Getenv("CONGVAN_LINK_RATE"); text != "" {
		rate, err := strconv.Atoi(text)
		if err != nil || rate < 1 {
			t.Fatalf("CONGVAN_LINK_RATE=%s: %v", text, err)
		}
		s.rate = rate
	}
	s.massacre = newMassacre(t, 1, func(_ int, config *Config) {
		behind := freeFor(t)
		s.line = newRelayLine(t, config.PeerListen, behind)
		config.PeerListen = behind
		change(config)
	})
	s.to, s.from = s.world.places[0], s.world.places[1]
	s.receiver, s.sender = s.victims["commune"][0], s.victims["district"][0]
	for _, victim := range []*victim{s.receiver, s.sender} {
		victim.start(t)
		t.Cleanup(victim.kill)
	}
	for _, here := range s.world.places {
		gateway, open, err := openAudited(t.Context(), s.victims[here.node][0].config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = closeAll(open) })
		s.audits[here.node] = gateway
	}
	return s
}

func unchanged(*Config) {}

// count asks the records of a gateway for a number.
func (s *storm) count(node exchange.NodeID, question string) (count int) {
	s.t.Helper()
	if err := s.audits[node].DB.QueryRowContext(s.t.Context(), question).Scan(&count); err != nil {
		s.t.Fatal(err)
	}
	return count
}

// offer sends documents in their time, and stops when there are no more.
func (s *storm) offer(ids []exchange.DocumentID) {
	ticker := time.NewTicker(time.Second / time.Duration(s.rate))
	defer ticker.Stop()
	var sending errgroup.Group
	sending.SetLimit(64) // a machine that cannot carry the rate is not drowned
	for _, id := range ids {
		<-ticker.C
		sending.Go(func() error {
			sent := s.stubborn("send", s.from.node, func(staff people) error {
				_, err := staff.clerk.Send(context.Background(), id)
				return err
			})
			s.mutex.Lock()
			defer s.mutex.Unlock()
			if sent {
				s.issued[id] = s.from.node
			}
			return nil
		})
	}
	_ = sending.Wait() // what failed was said
}

const arrivalsThere = "select count(*) from arrival"

// during sends documents before, while and after something happens, and measures.
func (s *storm) during(what string, begin, end func()) {
	s.t.Helper()
	const around = 500 * time.Millisecond
	count := int((s.down + 2*around).Seconds() * float64(s.rate))
	ids := prepare(s.t, s.staff[s.from.node][0], s.from, count, []string{s.to.code})
	after := int(around.Seconds() * float64(s.rate)) // that are sent when it has ended, however long that took
	had := s.count(s.to.node, arrivalsThere)
	begun := time.Now()
	var took time.Duration
	var offering sync.WaitGroup
	offering.Go(func() {
		s.offer(ids[after:])
		took = time.Since(begun)
	})
	time.Sleep(around)
	begin()
	time.Sleep(s.down)
	before := s.count(s.to.node, arrivalsThere)
	end()
	back := time.Now()
	offering.Go(func() { s.offer(ids[:after]) })
	until(s.t, "the first delivery after "+what, func() bool { return s.count(s.to.node, arrivalsThere) > before })
	first := time.Since(back)
	offering.Wait()
	until(s.t, "everything is there after "+what, func() bool {
		return s.count(s.from.node, "select count(*) from owed") == 0 && s.count(s.to.node, arrivalsThere) == had+count
	})
	s.t.Logf("%s for %v: %d documents, %.0f a second; %d were there at its end, the next %v after it, all %v after it",
		what, s.down, count, float64(count-after)/took.Seconds(), before-had, first.Round(time.Millisecond),
		time.Since(back).Round(time.Millisecond))
}

// signal sends a signal to a process.
func (s *storm) signal(to *victim, signal syscall.Signal) {
	s.t.Helper()
	if err := to.child.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
}

// A line that is cut where neither end sees it, and either process stopped as by a machine that hangs: documents go on
// being sent, and none is lost or doubled.
func TestACutLineAndStoppedProcessesLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	s := newStorm(t, unchanged)
	s.during("the line cut", s.line.cut, s.line.restore)
	s.during("the receiver stopped",
		func() { s.signal(s.receiver, syscall.SIGSTOP) }, func() { s.signal(s.receiver, syscall.SIGCONT) })
	s.settle()
}

// The gateways get new keys while documents travel: the new certificate stands in the directory beside the old one
// before it is used, and what the old one signed stays good.
func TestNewKeysOfBothGatewaysUnderTrafficLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	s := newStorm(t, unchanged)
	fresh := s.announceKeys()
	s.during("new keys at both", func() {
		for _, victim := range []*victim{s.receiver, s.sender} { // they learn the new certificates
			victim.kill()
			victim.start(t)
		}
		for node, identity := range fresh {
			if err := writeKey(s.configs[node].Identity, identity); err != nil {
				t.Fatal(err)
			}
		}
	}, func() {
		for _, victim := range []*victim{s.receiver, s.sender} {
			victim.kill()
			victim.start(t)
		}
	})
	s.settle()
	for node, question := range map[exchange.NodeID]string{
		"district": "select sealed from message where origin = 'district'",
		"commune":  "select sealed from receipt where node = 'commune'",
	} {
		if old, with := s.sealedWith(node, question, fresh); !old || !with {
			t.Errorf("%s sealed with the old key: %t, with the new one: %t", node, old, with)
		}
	}
}

// sealedWith says whether a gateway has sealed with its old key and with its new one: a seal names its certificate.
func (s *storm) sealedWith(
	node exchange.NodeID, question string, keys map[exchange.NodeID]certs.Identity,
) (old, fresh bool) {
	s.t.Helper()
	rows, err := s.audits[node].DB.QueryContext(s.t.Context(), question)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var sealed []byte
		if err := rows.Scan(&sealed); err != nil {
			s.t.Fatal(err)
		}
		if bytes.Contains(sealed, keys[node].Certificate.Raw) {
			fresh = true
		} else {
			old = true
		}
	}
	if err := rows.Err(); err != nil {
		s.t.Fatal(err)
	}
	return old, fresh
}

// announceKeys makes new keys for both gateways, and adds their certificates to the directories.
func (s *storm) announceKeys() map[exchange.NodeID]certs.Identity {
	s.t.Helper()
	fresh := map[exchange.NodeID]certs.Identity{}
	for _, here := range s.world.places {
		identity, err := s.world.authority.Node(string(here.node))
		if err != nil {
			s.t.Fatal(err)
		}
		fresh[here.node] = identity
	}
	for _, config := range s.configs {
		data, err := os.ReadFile(config.Directory)
		if err != nil {
			s.t.Fatal(err)
		}
		file, err := exchange.ReadDirectoryFile(data)
		if err != nil {
			s.t.Fatal(err)
		}
		for i, node := range file.Nodes {
			file.Nodes[i].Certificates = append(node.Certificates, fresh[node.ID].Certificate.Raw)
		}
		if data, err = json.Marshal(file); err == nil {
			err = os.WriteFile(config.Directory, data, 0o600)
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
	return fresh
}
