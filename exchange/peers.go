package exchange

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"sync"
	"time"
)

const (
	// maxConcurrent is how many gateways are written to at once. Those that failed before have places of their own, so
	// that they cannot keep out the others; they are greeted first, which costs little.
	maxConcurrent = 32
	maxGreeted    = 128
	firstWait     = time.Second
	longestWait   = 15 * time.Minute
	// greetingBudget bounds how often gateways that are away are greeted, all together: a few of them are tried every
	// second and a half, three thousand once a minute.
	greetingBudget = 20 * time.Millisecond
	shortestLimit  = 1500 * time.Millisecond
	// greetEvery is how long the uplink may be silent before it is greeted: who notices that the line is down also
	// notices when it is back.
	greetEvery = time.Minute
)

// loops is what the running loops share with those who wake them.
type loops struct {
	once     sync.Once
	delivery chan struct{} // holds one token when there may be something to deliver
	retry    chan struct{} // holds one token when a gateway is to be tried again at some time
	judge    chan struct{}
	mutex    sync.Mutex
	// peers, resting, uplink and changed are guarded by mutex.
	peers   map[NodeID]*peer
	resting map[int64]rest // deliveries
	uplink  NodeID
	changed chan struct{} // closed when there may be something for those that pull
}

// peer is what the delivery loop remembers of a gateway. It is not kept: after a restart everybody is tried at once.
type peer struct {
	busy      bool
	owed      bool      // something, when the records were asked last
	greet     bool      // before anything else is sent
	spoke     time.Time // when it was reached last
	failures  int       // in a row
	since     time.Time // of the first of them
	reason    string    // the code of the last
	wait      time.Duration
	notBefore time.Time
	part      window // what of the queue is tried
}

// window is a part of a queue. A batch that fails although its gateway answers may hold one message that cannot be
// carried; then messages go one by one, and one that fails alone is left out until all others have gone. Whenever
// something gets through, twice as many are tried together.
type window struct {
	most int // messages at once; 0: as many as fit
	skip int
}

func (g *Gateway) ready() *loops {
	g.loops.once.Do(func() {
		g.loops.delivery, g.loops.retry = make(chan struct{}, 1), make(chan struct{}, 1)
		g.loops.judge = make(chan struct{}, 1)
		g.loops.peers, g.loops.changed = map[NodeID]*peer{}, make(chan struct{})
	})
	return &g.loops
}

func wake(loop chan struct{}) {
	select {
	case loop <- struct{}{}:
	default:
	}
}

func (g *Gateway) wakeJudge() {
	wake(g.ready().judge)
	g.tell(hintArrived)
}

func (g *Gateway) wakeDelivery() {
	g.ready().announce()
	g.tell(hintOwed)
}

// announce wakes all who wait for something to deliver.
func (l *loops) announce() {
	wake(l.delivery)
	l.mutex.Lock()
	defer l.mutex.Unlock()
	close(l.changed)
	l.changed = make(chan struct{})
}

// news gives a channel that is closed when there may be something new to deliver.
func (l *loops) news() <-chan struct{} {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.changed
}

// peer gives the state of a gateway; the caller holds the mutex.
func (l *loops) peer(id NodeID) *peer {
	state, known := l.peers[id]
	if !known {
		state = &peer{}
		l.peers[id] = state
	}
	return state
}

// expect marks the neighbours to be greeted.
func (l *loops) expect(uplink NodeID, below []NodeID) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.uplink = uplink
	for _, id := range below {
		l.peer(id).greet = true
	}
	if uplink != "" {
		l.peer(uplink).greet = true
	}
}

// owe notes to whom something is owed.
func (l *loops) owe(ids []NodeID) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for _, state := range l.peers {
		state.owed = false
	}
	for _, id := range ids {
		l.peer(id).owed = true
	}
}

// heard ends the waiting for a gateway that was away, and says whether there was one.
func (l *loops) heard(id NodeID) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	state, known := l.peers[id]
	if !known || state.notBefore.IsZero() {
		return false
	}
	state.notBefore, state.wait = time.Time{}, 0
	return true
}

// claim chooses the gateways that are served now among those that are this instance's, and says how long the loop may
// sleep when nobody wakes it.
func (l *loops) claim(now time.Time, own func(NodeID) bool) ([]NodeID, time.Duration) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if state, known := l.peers[l.uplink]; known && now.Sub(state.spoke) >= greetEvery {
		state.greet = true
	}
	var well, ill []NodeID
	sleep := reconcileEvery
	wellPlaces, illPlaces := maxConcurrent, maxGreeted
	for id, state := range l.peers {
		switch wait := state.notBefore.Sub(now); {
		case state.busy && state.failures > 0:
			illPlaces--
		case state.busy:
			wellPlaces--
		case !state.owed && !state.greet || !own(id):
		case wait > 0:
			sleep = min(sleep, wait)
		case state.failures > 0:
			ill = append(ill, id)
		default:
			well = append(well, id)
		}
	}
	chosen := append(l.first(well, wellPlaces), l.first(ill, illPlaces)...)
	for _, id := range chosen {
		l.peers[id].busy = true
	}
	return chosen, sleep
}

// first gives those that have waited longest, at most so many.
func (l *loops) first(ids []NodeID, most int) []NodeID {
	slices.SortFunc(ids, func(a, b NodeID) int {
		return cmp.Or(l.peers[a].notBefore.Compare(l.peers[b].notBefore), cmp.Compare(a, b))
	})
	return ids[:min(len(ids), max(0, most))]
}

func (l *loops) standing(id NodeID) (greet bool, part window) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	state := l.peer(id)
	return state.greet, state.part
}

func (l *loops) greeted(id NodeID, now time.Time) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	state := l.peer(id)
	state.greet, state.spoke = false, now
}

// note remembers how a batch went.
func (l *loops) note(id NodeID, err error, now time.Time) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	state := l.peer(id)
	switch {
	case err == nil:
		state.failures, state.spoke = 0, now
		if state.part.most *= 2; state.part.most >= MaxFrames {
			state.part.most = 0
		}
	case state.part.most == 1:
		state.part.skip++
	case state.part != (window{}) || state.failures > 0:
		state.part.most = 1
	}
}

// passed ends the leaving out when the end of the queue was reached.
func (l *loops) passed(id NodeID) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.peer(id).part = window{}
}

// rest ends the service of a gateway. After a failure it is left alone for a while (decorrelated jitter), and it is
// greeted before anything else. It gives the number of failures in a row.
func (l *loops) rest(id NodeID, err error, now time.Time, random io.Reader) int {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	state := l.peer(id)
	state.busy = false
	if err == nil {
		state.failures, state.wait, state.notBefore, state.owed = 0, 0, time.Time{}, false
		if !l.rests(id) { // what rests is owed, and would wake it for ever
			wake(l.delivery) // something may have come meanwhile
		}
		return 0
	}
	wake(l.retry)
	if state.failures++; state.failures == 1 {
		state.since = now
	}
	state.greet, state.reason = true, CodeOf(err)
	away := 0
	for _, other := range l.peers {
		if other.failures > 0 {
			away++
		}
	}
	limit := min(longestWait, max(shortestLimit, time.Duration(away)*greetingBudget))
	state.wait = min(limit, firstWait+jitter(2*max(state.wait, firstWait), random))
	if busy, asked := errors.AsType[*Busy](err); asked {
		state.wait = min(longestWait, max(state.wait, busy.After))
	}
	state.notBefore = now.Add(state.wait)
	return state.failures
}

// Line is how it stands with the way to another gateway, as the delivery loop has found it since this program started.
type Line struct {
	Away   bool      // the last attempt failed
	Since  time.Time // the first of the failed attempts in a row, UTC
	Failed int       // how many
	Reason string    // the code of the last
	Next   time.Time // attempt, UTC
	Queue  int       // messages owed to the gateway, counted up to MaxQueue
}

// MaxQueue is how far the messages owed to one gateway are counted.
const MaxQueue = 1000

// Line says how it stands with the way to another gateway.
func (g *Gateway) Line(ctx context.Context, id NodeID) (Line, error) {
	line := g.ready().line(id)
	err := g.Records.View(ctx, func(tx Tx) error {
		owed, err := tx.Owed(ctx, id, MaxQueue)
		line.Queue = len(owed)
		return err
	})
	return line, err
}

func (l *loops) line(id NodeID) Line {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	state, known := l.peers[id]
	if !known || state.failures == 0 {
		return Line{}
	}
	return Line{
		Away: true, Since: state.since.UTC(), Failed: state.failures, Reason: state.reason, Next: state.notBefore.UTC(),
	}
}

// jitter is a random length below most.
func jitter(most time.Duration, random io.Reader) time.Duration {
	var word [8]byte
	if _, err := io.ReadFull(random, word[:]); err != nil {
		return most / 2
	}
	return time.Duration(binary.BigEndian.Uint64(word[:]) % uint64(max(most, 1))) //nolint:gosec // below most
}
