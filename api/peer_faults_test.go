package api_test

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"congvan/api"
	"congvan/exchange"
	"congvan/exchange/outgoing"
	"congvan/storage"
)

// proxy is a bad line between two gateways: it forwards bytes, and can be cut, hang, crawl, or break after so many.
type proxy struct {
	listener net.Listener
	target   string
	cut      atomic.Bool  // nothing gets through, and what was open is reset
	hang     atomic.Bool  // half-open: what comes is swallowed, nobody is told
	slow     atomic.Bool  // a little at a time
	left     atomic.Int64 // bytes until the line breaks; negative: it does not
	carried  atomic.Int64 // bytes towards the target
	mutex    sync.Mutex
	open     map[net.Conn]bool // guarded by mutex
	work     sync.WaitGroup
}

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p := &proxy{listener: listener, target: strings.TrimPrefix(target, "https://"), open: map[net.Conn]bool{}}
	p.left.Store(-1)
	p.work.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			p.work.Go(func() { p.serve(conn) })
		}
	})
	t.Cleanup(func() {
		p.cut.Store(true)
		listener.Close()
		p.reset()
		p.work.Wait()
	})
	return p
}

func (p *proxy) url() string { return "https://" + p.listener.Addr().String() }

func (p *proxy) serve(near net.Conn) {
	defer near.Close()
	far, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer far.Close()
	if !p.enter(near, far) {
		return
	}
	var both sync.WaitGroup
	both.Go(func() { p.forward(far, near, &p.carried) })
	both.Go(func() { p.forward(near, far, new(atomic.Int64)) })
	both.Wait()
	p.mutex.Lock()
	defer p.mutex.Unlock()
	delete(p.open, near)
	delete(p.open, far)
}

func (p *proxy) enter(conns ...net.Conn) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.cut.Load() {
		return false
	}
	for _, conn := range conns {
		p.open[conn] = true
	}
	return true
}

// reset breaks whatever is open, with a TCP reset.
func (p *proxy) reset() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for conn := range p.open {
		_ = conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
	}
	clear(p.open)
}

func (p *proxy) forward(to, from net.Conn, count *atomic.Int64) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 16<<10)
	swallow := false
	for {
		part := buffer
		if p.slow.Load() {
			part = buffer[:1<<10]
			time.Sleep(5 * time.Millisecond)
		}
		n, err := from.Read(part)
		if err != nil {
			return
		}
		if swallow = swallow || p.hang.Load(); swallow {
			continue // also when new connections get through again: this one has been forgotten on the way
		}
		if left := p.left.Load(); left >= 0 {
			if p.left.Add(-int64(n)) < 0 {
				p.cut.Store(true)
				p.reset()
				return
			}
		}
		count.Add(int64(n))
		if _, err := to.Write(part[:n]); err != nil {
			return
		}
	}
}

// behind makes the province reachable through the proxy only.
func (w *world) behind(t *testing.T) *proxy {
	t.Helper()
	line := newProxy(t, w.province.entry.URL)
	w.province.entry.URL = line.url()
	w.file.Nodes[1].URL = line.url()
	directory, err := exchange.NewDirectory(w.file)
	must(t, err)
	w.directory = directory
	return line
}

// run runs the loops of a gateway until the test ends.
func (n *node) run(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() { n.gateway.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
}

// send issues a document of the commune for the department.
func (w *world) send(t *testing.T, files ...exchange.File) exchange.DocumentID {
	t.Helper()
	ctx, gateway := t.Context(), w.commune.gateway
	clerk := exchange.Actor{Name: "Trần Thị Bình", Office: commune, Role: exchange.Clerk}
	draft := draft()
	desk := outgoing.Desk{Gateway: gateway}
	document, err := desk.Submit(ctx, clerk, exchange.Draft{
		Kind: draft.Kind, Subject: draft.Subject, Unit: draft.Unit, Secrecy: draft.Secrecy, Signatory: draft.Signatory,
		Recipients: []exchange.OfficeID{department}, FileName: "a.pdf", Attachments: files,
	}, bytes.NewReader(letter()))
	must(t, err)
	_, err = desk.Sign(ctx, exchange.Actor{Name: leaderName, Office: commune, Role: exchange.Leader}, document.ID)
	must(t, err)
	_, err = desk.Seal(ctx, clerk, document.ID)
	must(t, err)
	_, err = gateway.Send(ctx, clerk, document.ID)
	must(t, err)
	return document.ID
}

// attach keeps so many random bytes at the commune.
func (w *world) attach(t *testing.T, size int) exchange.File {
	t.Helper()
	content := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{7}).Read(content) // never fails
	clerk := exchange.Actor{Name: "Trần Thị Bình", Office: commune, Role: exchange.Clerk}
	file, err := outgoing.Desk{Gateway: w.commune.gateway}.Keep(t.Context(), clerk, "ban-do.bin", bytes.NewReader(content))
	must(t, err)
	return file
}

// settled waits until every document is at the department, once, with the same receipt at both ends.
func (w *world) settled(t *testing.T, documents []exchange.DocumentID) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Minute)
	for _, id := range documents {
		for len(w.arrivedReceipts(t, id)) == 0 {
			if time.Now().After(deadline) {
				t.Fatalf("no receipt for %s after five minutes", id)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	arrivals := w.arrivals(t)
	if len(arrivals) != len(documents) {
		t.Errorf("%d arrivals of %d documents", len(arrivals), len(documents))
	}
	for _, id := range documents {
		here, there := w.arrivedReceipts(t, id), arrivals[id].Receipts
		if len(here) != 1 || len(there) == 0 || !bytes.Equal(here[0].Sealed, there[0].Sealed) {
			t.Errorf("%s: %d receipts here, %d there, or not the same", id, len(here), len(there))
		}
	}
}

func (w *world) arrivedReceipts(t *testing.T, id exchange.DocumentID) (arrived []exchange.Receipt) {
	t.Helper()
	must(t, w.commune.gateway.Records.View(t.Context(), func(tx exchange.Tx) error {
		receipts, err := tx.Receipts(t.Context(), id)
		for _, receipt := range receipts {
			if receipt.Status == exchange.Arrived {
				arrived = append(arrived, receipt)
			}
		}
		return err
	}))
	return arrived
}

func (w *world) arrivals(t *testing.T) map[exchange.DocumentID]exchange.Arrival {
	t.Helper()
	found := map[exchange.DocumentID]exchange.Arrival{}
	must(t, w.province.gateway.Records.View(t.Context(), func(tx exchange.Tx) error {
		page := exchange.Page{Limit: 200}
		for {
			arrivals, err := tx.Arrivals(t.Context(), department, page)
			if err != nil || len(arrivals) == 0 {
				return err
			}
			for _, arrival := range arrivals {
				if _, doubled := found[arrival.Document]; doubled {
					t.Errorf("%s arrived twice", arrival.Document)
				}
				found[arrival.Document] = arrival
				page.After = string(arrival.ID)
			}
		}
	}))
	return found
}

// tally is the calling half of a gateway, and counts what was answered.
type tally struct {
	*api.PeerCarrier
	mutex sync.Mutex
	// taken, again and first are guarded by mutex; first is when something was taken since [tally.mark].
	taken, again int
	first        time.Time
}

func (c *tally) Carry(
	ctx context.Context, to exchange.Node, frames []exchange.Frame, blobs []exchange.Digest,
) ([]exchange.Answer, error) {
	answers, err := c.PeerCarrier.Carry(ctx, to, frames, blobs)
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, answer := range answers {
		if answer.Outcome == exchange.Taken {
			c.taken++
		}
		if answer.Outcome == exchange.Duplicate {
			c.again++
		}
		if c.first.IsZero() {
			c.first = time.Now()
		}
	}
	return answers, err
}

// mark begins to count anew, and gives what was counted.
func (c *tally) mark() (taken, again int) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	taken, again = c.taken, c.again
	c.taken, c.again, c.first = 0, 0, time.Time{}
	return taken, again
}

// after says how long after a moment something was taken first; it waits for that.
func (c *tally) after(t *testing.T, moment time.Time) time.Duration {
	t.Helper()
	for deadline := moment.Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		c.mutex.Lock()
		first := c.first
		c.mutex.Unlock()
		if !first.IsZero() {
			return first.Sub(moment).Round(time.Millisecond)
		}
	}
	t.Fatal("nothing was taken for two minutes after the line was back")
	return 0
}

// weather is a fault of the line, and its end.
type weather struct {
	name       string
	begin, end func(line *proxy)
	repeated   bool // it begins five times
}

// weathers are the faults of a line, each with a line in order behind it.
func weathers() []weather {
	nothing := func(*proxy) {}
	return []weather{
		{name: "in order", begin: nothing, end: nothing},
		{
			name: "cut", begin: func(p *proxy) { p.cut.Store(true); p.reset() },
			end: func(p *proxy) { p.cut.Store(false) },
		},
		{
			name: "hangs", begin: func(p *proxy) { p.hang.Store(true) },
			end: func(p *proxy) { p.hang.Store(false); p.reset() },
		},
		{
			name: "crawls", begin: func(p *proxy) { p.slow.Store(true) },
			end: func(p *proxy) { p.slow.Store(false) },
		},
		{name: "reset", begin: (*proxy).reset, end: nothing, repeated: true},
		{
			name: "breaks after 100 kB", begin: func(p *proxy) { p.left.Store(100_000) },
			end: func(p *proxy) { p.left.Store(-1); p.cut.Store(false) },
		},
	}
}

// A line that is cut, hangs, crawls and breaks while documents travel loses none and doubles none. CONGVAN_FAULTS=whole
// gives each fault the time that the house's own patience needs, twenty seconds and more, and offers three hundred
// documents a second; those for which the machine has no hand free are not written.
func TestABadLineLosesNothingAndDoublesNothing(t *testing.T) {
	t.Parallel()
	phase, pause, hands := 1200*time.Millisecond, 60*time.Millisecond, make(chan struct{}, 1)
	if os.Getenv("CONGVAN_FAULTS") == "whole" {
		phase, pause, hands = 20*time.Second, time.Second/300, make(chan struct{}, 16)
	}
	w := newWorld(t)
	line := w.behind(t)
	counted := &tally{PeerCarrier: w.commune.carrier}
	w.commune.gateway.Carrier = counted
	w.commune.run(t)
	w.province.run(t)
	var mutex sync.Mutex
	var documents []exchange.DocumentID // guarded by mutex
	var writing sync.WaitGroup
	for _, weather := range weathers() {
		counted.mark()
		offered, begun := 0, time.Now()
		weather.begin(line)
		again := begun.Add(phase / 5)
		for until := begun.Add(phase); time.Now().Before(until); time.Sleep(pause) {
			if weather.repeated && time.Now().After(again) {
				weather.begin(line)
				again = again.Add(phase / 5)
			}
			offered++
			select {
			case hands <- struct{}{}:
			default:
				continue
			}
			writing.Go(func() {
				defer func() { <-hands }()
				id := w.send(t)
				mutex.Lock()
				defer mutex.Unlock()
				documents = append(documents, id)
			})
		}
		taken, doubled := counted.mark()
		took := time.Since(begun).Seconds()
		weather.end(line)
		back := time.Now()
		writing.Go(func() { // so that there is something to carry
			id := w.send(t)
			mutex.Lock()
			defer mutex.Unlock()
			documents = append(documents, id)
		})
		t.Logf("%s: %d offered, %.0f copies a second, %d of them again; the first %v after the end",
			weather.name, offered, float64(taken)/took, doubled, counted.after(t, back))
	}
	writing.Wait()
	written := time.Now()
	w.drained(t)
	drained := time.Since(written).Round(time.Millisecond)
	w.settled(t, documents)
	t.Logf("%d documents; nothing was owed %v after the last was written", len(documents), drained)
}

// drained waits until nothing is owed to the province.
func (w *world) drained(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(5 * time.Millisecond) {
		line, err := w.commune.gateway.Line(t.Context(), w.province.entry.ID)
		must(t, err)
		if line.Queue == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%+v after five minutes", line)
		}
	}
}

// An upload that is cut in the middle of a file goes on there, also at a gateway that was started anew meanwhile.
func TestAnUploadThatIsCutGoesOnInTheMiddleOfTheFile(t *testing.T) {
	t.Parallel()
	const size = 12 << 20
	w := newWorld(t)
	line := w.behind(t)
	id := w.send(t, w.attach(t, size))
	line.left.Store(7 << 20)
	if err := w.commune.gateway.DeliverNow(t.Context()); exchange.KindOf(err) != exchange.Unavailable {
		t.Fatalf("the line was cut, and it says %v", err)
	}
	first := line.carried.Load()
	kept, err := storage.OpenPartials(w.province.uploads, 256<<20, time.Hour, time.Now)
	must(t, err)
	digest := w.attach(t, size).Digest
	// What the other side has read when the line breaks takes a moment to be written.
	for offset := int64(0); offset < 4<<20; {
		offset, err = kept.Offset(w.commune.entry.ID, digest)
		must(t, err)
	}
	line.left.Store(-1)
	line.cut.Store(false)
	for until := time.Now().Add(patience); time.Now().Before(until); { // the cut connection may still hold the upload
		if err = w.commune.gateway.DeliverNow(t.Context()); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	must(t, err)
	w.settled(t, []exchange.DocumentID{id})
	if again := line.carried.Load() - first; again > size-3<<20 {
		t.Errorf("%d of %d bytes were sent again after %d had been", again, size, first)
	}
	if offset, err := kept.Offset(w.commune.entry.ID, digest); err != nil || offset != 0 {
		t.Errorf("%d bytes of the upload are left, %v", offset, err)
	}
}

// A gateway that nobody can call asks for what is owed to it, and may read that and nothing else.
func TestAGatewayThatCannotBeCalledPulls(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.file.Nodes[0].Uplink = ""
	w.file.Nodes[1].Uplink, w.file.Nodes[1].Pulls, w.file.Nodes[1].URL = "cong-xa", true, ""
	directory, err := exchange.NewDirectory(w.file)
	must(t, err)
	w.directory = directory
	secret := w.attach(t, 5000)
	documents := []exchange.DocumentID{w.send(t), w.send(t, w.attach(t, 3<<20))}
	must(t, w.commune.gateway.DeliverNow(t.Context())) // tries nobody
	w.province.run(t)
	w.commune.run(t)
	documents = append(documents, w.send(t))
	w.settled(t, documents)
	client := caller(&w.province.certificate, 0)
	response, err := client.Get(w.commune.entry.URL + "/x/1/blob/" + string(secret.Digest))
	must(t, err)
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusNotFound {
		t.Errorf("a file that is not owed: %d, %d bytes, %v", response.StatusCode, len(body), err)
	}
	for id, arrival := range w.arrivals(t) {
		for _, digest := range arrival.Header.Blobs() {
			held, err := w.province.gateway.Blobs.Has(t.Context(), []exchange.Digest{digest})
			if err != nil || !held[digest] {
				t.Errorf("%s: file %s is not there, %v", id, digest, err)
			}
		}
	}
}

func TestAHelloSaysHowMuchIsTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hello, err := w.commune.carrier.Greet(t.Context(), w.province.entry)
	must(t, err)
	if hello.Credit == nil || hello.Credit.Frames < 1 || hello.Credit.Frames > exchange.MaxFrames {
		t.Errorf("credit %+v", hello.Credit)
	}
}
