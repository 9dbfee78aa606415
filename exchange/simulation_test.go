package exchange_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"congvan/certs"
	"congvan/exchange"
	"congvan/exchange/checkpoint"
	"congvan/exchange/exchangetest"
	"congvan/signing"
)

// weather is how bad the world is while a simulation runs.
type weather struct {
	loss    float64       // share of calls that are lost, half of them after they were carried out
	faults  float64       // share of updates that are lost, half of them after they were carried out
	crashes int           // of gateways
	outage  time.Duration // of every line, at some time
	skew    time.Duration // most that a clock is wrong
	letters int
	recalls bool // of most letters, by their senders, sooner or later
	forgets bool // the province's gateway does not know an office of its own for a while, and refuses
}

// simulation is a world in which much goes wrong, all of it decided by a seed.
type simulation struct {
	*world
	t       *testing.T
	seed    uint64
	weather weather
	start   time.Time
	mutex   sync.Mutex
	// The fields below are guarded by mutex.
	random      *rand.Rand
	down        map[[2]exchange.NodeID]time.Time // a line, and until when it is down
	answers     map[string][]byte                // the first receipt for a frame and office at a gateway
	checkpoints map[exchange.NodeID][]logHead
	running     map[exchange.NodeID]*process
	carried     int
	calm        bool
	seen        map[exchange.ArrivalID]bool // by anybody
	withdrawn   int                         // unseen
	struck      *exchange.Directory         // how the province's gateway has it for a while
	resent      int
	refused     int
	judges      *recalling
}

// recalling judges every file once, with the real engine: at its second gateway it is the same file.
type recalling struct {
	examiner
	mutex sync.Mutex
	// reports are guarded by mutex.
	reports map[[sha256.Size]byte]signing.Report
}

func (r *recalling) Examine(
	ctx context.Context, file io.ReaderAt, size int64, at time.Time,
) (signing.Report, error) {
	content, err := io.ReadAll(io.NewSectionReader(file, 0, size))
	if err != nil {
		return signing.Report{}, err
	}
	digest := sha256.Sum256(content)
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if report, known := r.reports[digest]; known {
		return report, nil
	}
	report, err := r.examiner.Examine(ctx, file, size, at)
	if err == nil {
		r.reports[digest] = report
	}
	return report, err
}

type logHead struct {
	size int64
	root exchange.Digest
}

// process is a gateway that runs, until it is killed.
type process struct {
	cancel context.CancelFunc
	ended  chan struct{}
}

// Read makes the simulation the source of randomness of its gateways.
func (s *simulation) Read(p []byte) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for i := range p {
		p[i] = byte(s.random.Uint32())
	}
	return len(p), nil
}

func (s *simulation) chance(share float64) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return !s.calm && s.random.Float64() < share
}

func (s *simulation) below(n int) int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.random.IntN(n)
}

func (s *simulation) upTo(most time.Duration) time.Duration {
	if most <= 0 {
		return 0
	}
	return time.Duration(s.below(int(most)))
}

// lossy is a line on which calls are slow, get lost, or are carried out and their answers get lost.
type lossy struct {
	s    *simulation
	wire wire
}

func (l lossy) Carry(
	ctx context.Context, to exchange.Node, frames []exchange.Frame, blobs []exchange.Digest,
) ([]exchange.Answer, error) {
	time.Sleep(time.Millisecond + l.s.upTo(200*time.Millisecond))
	if l.s.isDown(l.wire.From, to.ID) || l.s.chance(l.s.weather.loss/2) {
		return nil, exchange.Errorf(exchange.Unavailable, "peer.unreachable", "lost before")
	}
	if len(blobs) > 0 && l.s.chance(l.s.weather.loss/4) {
		blobs = blobs[1:] // the line was cut in the middle, and somebody forgot
	}
	answers, err := l.wire.Carry(ctx, to, frames, blobs)
	if err != nil {
		return nil, exchange.Errorf(exchange.Unavailable, "peer.unreachable", "%w", err)
	}
	l.s.witness(to.ID, answers)
	time.Sleep(time.Millisecond)
	if l.s.isDown(l.wire.From, to.ID) || l.s.chance(l.s.weather.loss/2) {
		return nil, exchange.Errorf(exchange.Unavailable, "peer.unreachable", "lost after")
	}
	return answers, nil
}

func (s *simulation) isDown(a, b exchange.NodeID) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return time.Now().Before(s.down[[2]exchange.NodeID{a, b}]) || s.running[b] == nil
}

// witness wants every answer for a copy to carry the same receipt, byte for byte (I5).
func (s *simulation) witness(node exchange.NodeID, answers []exchange.Answer) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.carried += len(answers)
	for _, answer := range answers {
		if len(answer.Receipt) == 0 {
			continue
		}
		key := fmt.Sprint(node, " ", answer.ID, " ", answer.To, " ", s.answerKey(answer))
		if first, known := s.answers[key]; known && !bytes.Equal(first, answer.Receipt) {
			s.t.Errorf("seed %d: %s was answered with two receipts", s.seed, key)
		}
		s.answers[key] = answer.Receipt
	}
}

// unsteady loses updates.
type unsteady struct {
	exchange.Records
	s *simulation
}

func (u unsteady) Update(ctx context.Context, fn func(tx exchange.Tx) error) error {
	if u.s.chance(u.s.weather.faults / 2) {
		return errLost
	}
	err := u.Records.Update(ctx, fn)
	if err == nil && u.s.chance(u.s.weather.faults/2) {
		return errLost
	}
	return err
}

func newSimulation(t *testing.T, seed uint64, weather weather) *simulation {
	t.Helper()
	s := &simulation{
		t: t, seed: seed, weather: weather, start: time.Now(), random: rand.New(rand.NewPCG(seed, 0)),
		down: map[[2]exchange.NodeID]time.Time{}, answers: map[string][]byte{},
		checkpoints: map[exchange.NodeID][]logHead{}, running: map[exchange.NodeID]*process{},
		seen: map[exchange.ArrivalID]bool{},
		judges: &recalling{
			examiner: examiner{Anchors: people(t).Authority.Anchors()}, reports: map[[sha256.Size]byte]signing.Report{},
		},
	}
	s.world = newWorld(t, func(w *world, node exchange.NodeID) exchange.Carrier {
		return lossy{s, wire{World: w.World, From: node}}
	})
	return s
}

// boot starts a gateway over the records and blobs that it left.
func (s *simulation) boot(ctx context.Context, node exchange.NodeID) {
	skew := s.upTo(2*s.weather.skew) - s.weather.skew
	gateway := s.Gateway(s.t, node, lossy{s, wire{World: s.World, From: node}})
	gateway.Random, gateway.Records, gateway.Examiner = s, unsteady{s.Memories[node], s}, s.judges
	gateway.Now = func() time.Time { return noon.Add(time.Since(s.start) + skew) }
	gateway.Directory = func() *exchange.Directory { return s.view(node) }
	ctx, cancel := context.WithCancel(ctx)
	started := &process{cancel: cancel, ended: make(chan struct{})}
	s.mutex.Lock()
	s.Gateways[node], s.running[node] = gateway, started
	s.mutex.Unlock()
	go func() {
		defer close(started.ended)
		gateway.Run(ctx)
	}()
}

func (s *simulation) kill(node exchange.NodeID) {
	s.mutex.Lock()
	running := s.running[node]
	s.running[node] = nil
	s.mutex.Unlock()
	if running != nil {
		running.cancel()
		<-running.ended
	}
}

// at is the gateway as it runs now.
func (s *simulation) at(node exchange.NodeID) *exchange.Gateway {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.Gateways[node]
}

// stubborn does a thing until it succeeds; what can never succeed is a fault.
func (s *simulation) stubborn(what string, do func() error) {
	for {
		err := do()
		if err == nil {
			return
		}
		if exchange.KindOf(err) != exchange.Unavailable {
			s.t.Errorf("seed %d: %s: %v", s.seed, what, err)
			return
		}
		time.Sleep(time.Second + s.upTo(5*time.Second))
	}
}

var seats = []struct {
	node   exchange.NodeID
	office exchange.OfficeID
}{{communeNode, commune}, {districtNode, district}, {provinceNode, province}, {provinceNode, interior}}

// post issues one letter from somewhere to one or two others.
func (s *simulation) post(ctx context.Context, n int) {
	from := seats[s.below(len(seats))]
	if s.weather.forgets {
		from = seats[0]
	}
	wanted := draft()
	wanted.ID, wanted.Urgency = id(n), exchange.Urgency(s.below(5))
	for _, seat := range seats {
		if seat.office != from.office && (s.below(2) == 0 || len(wanted.Recipients) == 0) {
			wanted.Recipients = append(wanted.Recipients, seat.office)
		}
	}
	s.stubborn("submit", func() error {
		_, err := desk(s.at(from.node)).Submit(ctx, clerk(from.office), wanted, bytes.NewReader(pdf(s.t)))
		return err
	})
	s.stubborn("sign", func() error {
		_, err := desk(s.at(from.node)).Sign(ctx, leader(from.office), wanted.ID)
		return err
	})
	s.stubborn("issue", func() error {
		_, err := exchangetest.Issue(ctx, s.at(from.node), clerk(from.office), wanted.ID)
		return err
	})
	if s.weather.recalls && s.below(4) > 0 {
		s.regret(ctx, from.node, from.office, wanted)
	}
}

// write issues a letter in weather in which every step succeeds.
func (s *simulation) write(
	ctx context.Context, node exchange.NodeID, office exchange.OfficeID, wanted exchange.Draft,
) exchange.Document {
	gateway := s.at(node)
	if _, err := desk(gateway).Submit(ctx, clerk(office), wanted, bytes.NewReader(pdf(s.t))); err != nil {
		s.t.Fatal(err)
	}
	if _, err := desk(gateway).Sign(ctx, leader(office), wanted.ID); err != nil {
		s.t.Fatal(err)
	}
	document, err := exchangetest.Issue(ctx, gateway, clerk(office), wanted.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	return document
}

// decide lets a clerk accept or refuse what came, and report on what was accepted.
func (s *simulation) decide(ctx context.Context) {
	seat := seats[s.below(len(seats))]
	gateway, actor := s.at(seat.node), clerk(seat.office)
	arrivals, err := reader(gateway).Arrivals(ctx, actor, exchange.Page{Limit: 200})
	if err != nil || len(arrivals) == 0 {
		return
	}
	s.look(arrivals)
	arrival := arrivals[s.below(len(arrivals))]
	if arrival.Recall() == exchange.RecallRequested && s.below(2) == 0 {
		s.reply(ctx, seat.node, actor, arrival)
		return
	}
	status, reject := arrival.Status(), s.below(4) == 0
	switch {
	case status == exchange.Arrived && reject:
		_, err = decider(gateway).Refuse(ctx, actor, arrival.ID, "không đúng thẩm quyền giải quyết")
	case status == exchange.Arrived:
		_, err = decider(gateway).Accept(ctx, actor, arrival.ID)
	case status == exchange.Accepted:
		_, err = decider(gateway).Report(ctx, actor, arrival.ID, exchange.InProgress)
	case status == exchange.InProgress:
		_, err = decider(gateway).Report(ctx, actor, arrival.ID, exchange.Completed)
	}
	if err != nil && exchange.KindOf(err) != exchange.Unavailable && !recalled(err) && !s.weather.forgets {
		s.t.Errorf("seed %d: decide: %v", s.seed, err)
	}
}

// notice keeps a checkpoint of a gateway, as a neighbour would (I7).
func (s *simulation) notice(ctx context.Context, node exchange.NodeID) {
	signed, err := checkpoint.Of(ctx, s.at(node))
	if err != nil {
		s.t.Errorf("seed %d: checkpoint: %v", s.seed, err)
		return
	}
	size, root, err := checkpoint.Open(node, people(s.t).Nodes[node].Certificate, signed)
	if err != nil {
		s.t.Errorf("seed %d: checkpoint: %v", s.seed, err)
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.checkpoints[node] = append(s.checkpoints[node], logHead{size, root})
}

// run lets everything happen, then makes the weather calm and waits until nothing is owed.
func (s *simulation) run() {
	nodes := []exchange.NodeID{communeNode, districtNode, provinceNode}
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	for _, node := range nodes {
		s.boot(ctx, node)
	}
	length := s.weather.outage + 20*time.Minute
	var people sync.WaitGroup
	for n := range s.weather.letters {
		people.Go(func() {
			time.Sleep(s.upTo(length))
			s.post(ctx, n)
		})
	}
	people.Go(func() {
		for range 10 * s.weather.letters {
			time.Sleep(s.upTo(length / time.Duration(5*s.weather.letters)))
			s.decide(ctx)
			s.notice(ctx, nodes[s.below(len(nodes))])
		}
	})
	for range s.weather.crashes {
		people.Go(func() {
			time.Sleep(s.upTo(length))
			node := nodes[s.below(len(nodes))]
			s.kill(node)
			time.Sleep(s.upTo(time.Minute))
			s.kill(node) // another crash may have started it meanwhile
			s.boot(ctx, node)
		})
	}
	people.Go(func() { s.cut(nodes, length) })
	if s.weather.forgets {
		people.Go(func() { s.forget(ctx, length) })
	}
	people.Wait()
	s.mutex.Lock()
	s.calm = true
	clear(s.down)
	s.mutex.Unlock()
	for range 600 {
		time.Sleep(time.Second)
		if s.weather.forgets {
			s.resend(ctx)
		}
		if s.Idle(s.t) && s.judged() {
			break
		}
	}
	for _, node := range nodes {
		s.kill(node)
	}
	s.check()
}

// cut takes every line down once, each way by itself.
func (s *simulation) cut(nodes []exchange.NodeID, length time.Duration) {
	for _, a := range nodes {
		for _, b := range nodes {
			time.Sleep(s.upTo(length / 20))
			s.mutex.Lock()
			s.down[[2]exchange.NodeID{a, b}] = time.Now().Add(s.weather.outage)
			s.mutex.Unlock()
		}
	}
}

func (s *simulation) judged() bool {
	for _, memory := range s.Memories {
		for _, arrival := range memory.Facts().Arrivals {
			if arrival.Judgement == nil {
				return false
			}
		}
	}
	return true
}

// check asks the invariants of everything that is left.
func (s *simulation) check() {
	if !s.Idle(s.t) || !s.judged() {
		s.t.Errorf("seed %d: something is owed or not judged in calm weather", s.seed)
	}
	issued := 0
	for node, memory := range s.Memories {
		for _, document := range memory.Facts().Documents {
			issued++
			s.checkDocument(node, document)
		}
		for register, numbers := range registers(memory.Facts()) {
			slices.Sort(numbers)
			for i, number := range numbers {
				if number != i+1 {
					s.t.Errorf("seed %d: register %+v has the numbers %v", s.seed, register, numbers)
					break
				}
			}
		}
		s.checkLog(node, memory)
	}
	if issued != s.weather.letters {
		s.t.Errorf("seed %d: %d of %d letters were issued", s.seed, issued, s.weather.letters)
	}
}

func registers(facts exchangetest.Facts) map[exchange.Register][]int {
	books := map[exchange.Register][]int{}
	for _, numbering := range facts.Numbers {
		books[numbering.Register] = append(books[numbering.Register], numbering.Number)
	}
	return books
}

// checkDocument follows one document from its sender to every recipient (I1 to I6, I10).
func (s *simulation) checkDocument(node exchange.NodeID, document exchange.Document) {
	fault := func(format string, args ...any) {
		s.t.Helper()
		s.t.Errorf("seed %d: %s: "+format, append([]any{s.seed, document.ID}, args...)...)
	}
	facts := s.Memories[node].Facts()
	if document.IssuedAt.IsZero() {
		fault("is not issued")
	}
	for _, office := range document.Recipients {
		owed := 0
		for _, delivery := range facts.Deliveries {
			if delivery.Message == exchange.MessageID(document.ID) && delivery.To == office {
				owed++
				if _, done := facts.Acks[delivery.ID]; !done {
					fault("delivery to %s has no answer", office)
				}
			}
		}
		if owed != 1 && !s.weather.forgets {
			fault("%d deliveries to %s", owed, office)
		}
		s.checkCopy(fault, node, document, office)
	}
}

// checkCopy compares one copy at its recipient with what the sender knows of it.
func (s *simulation) checkCopy(
	fault func(string, ...any), node exchange.NodeID, document exchange.Document, office exchange.OfficeID,
) {
	host, err := s.Directory.Load().Host(office, exchange.Today(noon))
	if err != nil {
		s.t.Fatal(err)
	}
	there := s.Memories[host].Facts()
	var arrivals []exchange.Arrival
	for _, arrival := range there.Arrivals {
		if arrival.Document == document.ID && arrival.Office == office {
			arrivals = append(arrivals, arrival)
		}
	}
	if len(arrivals) != 1 {
		fault("%d arrivals at %s", len(arrivals), office)
		return
	}
	main := arrivals[0].Header.Main.Digest
	if _, kept := s.Shelves[host].Blobs()[main]; !kept || main != document.Versions[len(document.Versions)-1].File.Digest {
		fault("the bytes at %s are not those that were sent", office)
	}
	about := func(facts exchangetest.Facts) map[exchange.MessageID]exchange.Receipt {
		found := map[exchange.MessageID]exchange.Receipt{}
		for _, receipt := range facts.Receipts {
			if receipt.Document == document.ID && receipt.Office == office && receipt.Node == host &&
				receipt.Status != exchange.Carried && !receipt.AtDoor() {
				found[receipt.ID] = receipt
			}
		}
		return found
	}
	s.checkRecall(fault, arrivals[0], there)
	s.checkRefusals(fault, node, document.ID, office)
	made, came := about(there), about(s.Memories[node].Facts())
	if len(made) != len(came) || len(made) == 0 {
		fault("%s made %d receipts, %d came back", office, len(made), len(came))
	}
	for id, receipt := range came {
		if !bytes.Equal(made[id].Sealed, receipt.Sealed) || receipt.Content != main {
			fault("receipt %s of %s is not the one that was made", receipt.Status, office)
		}
		if receipt.Status == exchange.Undeliverable {
			fault("%s has it, and it is said to be undeliverable", office)
		}
	}
}

// checkLog wants every checkpoint that was ever given out to be of a prefix of the log (I7).
func (s *simulation) checkLog(node exchange.NodeID, memory *exchangetest.Memory) {
	roots := map[int64]exchange.Digest{}
	stored := map[int64]tlog.Hash{}
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		list := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			list[i] = stored[index]
		}
		return list, nil
	})
	for i := range int64(len(memory.Facts().Leaves)) + 1 {
		root, err := tlog.TreeHash(i, reader)
		if err != nil {
			s.t.Fatal(err)
		}
		roots[i] = exchange.Digest(hex.EncodeToString(root[:]))
		if i == int64(len(memory.Facts().Leaves)) {
			break
		}
		hashes, err := tlog.StoredHashesForRecordHash(i, memory.Facts().Leaves[i], reader)
		if err != nil {
			s.t.Fatal(err)
		}
		for j, hash := range hashes {
			stored[tlog.StoredHashIndex(0, i)+int64(j)] = hash
		}
	}
	for _, seen := range s.checkpoints[node] {
		if roots[seen.size] != seen.root {
			s.t.Errorf("seed %d: the log of %s is not the one whose checkpoint of %d entries was seen", s.seed, node, seen.size)
		}
	}
}

// seeds is how many simulations run: a few each time, and as many as the variable says in CI.
func seeds(t *testing.T, few int) int {
	t.Helper()
	if text := os.Getenv("CONGVAN_SEEDS"); text != "" {
		many, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return many
	}
	return few
}

func TestNothingIsLostOrDoubledInBadWeather(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]weather{
		"lossy":     {loss: 0.4, letters: 6, skew: 5 * time.Minute},
		"regretted": {loss: 0.4, faults: 0.1, crashes: 3, outage: 20 * time.Minute, letters: 6, recalls: true},
		"forgetful": {loss: 0.2, faults: 0.1, crashes: 3, letters: 6, forgets: true},
		"faulty":    {loss: 0.1, faults: 0.2, letters: 5},
		"crashing":  {loss: 0.2, crashes: 8, letters: 5},
		"cut off":   {loss: 0.1, outage: 40 * time.Minute, letters: 6},
		"all of it": {loss: 0.3, faults: 0.1, crashes: 5, outage: 20 * time.Minute, skew: 5 * time.Minute, letters: 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			many := seeds(t, 20)
			carried, withdrawn, refused := 0, 0, 0
			for seed := range uint64(many) {
				synctest.Test(t, func(t *testing.T) {
					s := newSimulation(t, seed, bad)
					s.run()
					carried += s.carried
					withdrawn += s.withdrawn
					refused += s.refused
				})
				if t.Failed() {
					t.Fatalf("seed %d fails in weather %q %+v", seed, name, bad)
				}
			}
			if bad.recalls && withdrawn == 0 {
				t.Error("nothing was ever withdrawn unseen: the simulation shows nothing")
			}
			if bad.forgets && refused == 0 {
				t.Error("nothing was ever refused: the simulation shows nothing")
			}
			t.Logf("%d seeds from 0, %d answers, %d withdrawn unseen, %d refused", many, carried, withdrawn, refused)
		})
	}
}

func TestTheFirstLetterGoesWithinTwoSecondsAfterThreeDaysOffLine(t *testing.T) {
	t.Parallel()
	const pause, away = 3 * time.Hour, 73 * time.Hour
	synctest.Test(t, func(t *testing.T) {
		s := newSimulation(t, 1, weather{})
		ctx, cancel := context.WithCancel(t.Context())
		s.boot(ctx, communeNode)
		s.mutex.Lock()
		up := time.Now().Add(away)
		s.down[[2]exchange.NodeID{communeNode, districtNode}] = up
		s.down[[2]exchange.NodeID{districtNode, communeNode}] = up.Add(time.Hour)
		s.mutex.Unlock()
		for n := range 20 {
			wanted := draft(district)
			wanted.ID = id(n)
			s.write(ctx, communeNode, commune, wanted)
			time.Sleep(pause)
		}
		time.Sleep(time.Until(up.Add(-time.Minute)))
		s.boot(ctx, districtNode) // it greets nobody below it that it could reach: the line is down that way too
		time.Sleep(time.Until(up.Add(2 * time.Second)))
		if came := len(s.Inbox(t, districtNode, district)); came != 20 {
			t.Errorf("two seconds after the line came back %d of 20 letters have arrived", came)
		}
		cancel()
		s.kill(communeNode)
		s.kill(districtNode)
	})
}

func TestAGreetingEndsTheWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSimulation(t, 1, weather{})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s.boot(ctx, provinceNode)
		offices := s.addStar(100) // which are all away, so that each is tried only every two seconds
		wanted := draft(append(offices, district)...)
		wanted.ID = id(1)
		s.write(ctx, provinceNode, province, wanted)
		time.Sleep(time.Minute)
		s.mutex.Lock()
		s.running[districtNode] = &process{cancel: func() {}, ended: make(chan struct{})}
		s.mutex.Unlock()
		if _, err := s.at(provinceNode).Receive(ctx, districtNode, nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(500 * time.Millisecond)
		if came := len(s.Inbox(t, districtNode, district)); came != 1 {
			t.Errorf("half a second after the greeting %d letters have come", came)
		}
		s.kill(provinceNode)
	})
}

func TestEveryOneOfTwoHundredCommunesGetsEveryLetterOnce(t *testing.T) {
	t.Parallel()
	const communes, letters = 200, 3
	synctest.Test(t, func(t *testing.T) {
		s := newSimulation(t, 200, weather{loss: 0.3})
		offices := s.addStar(communes)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s.boot(ctx, provinceNode)
		var people sync.WaitGroup
		for _, office := range offices {
			people.Go(func() {
				time.Sleep(s.upTo(30 * time.Minute)) // some communes come to work late
				s.boot(ctx, exchange.NodeID(office))
			})
		}
		for n := range letters {
			wanted := draft(offices...)
			wanted.ID = id(n)
			s.write(ctx, provinceNode, province, wanted)
			time.Sleep(10 * time.Minute)
		}
		people.Wait()
		s.mutex.Lock()
		s.calm = true
		s.mutex.Unlock()
		time.Sleep(time.Minute)
		for _, office := range offices {
			if came := len(s.Inbox(t, exchange.NodeID(office), office)); came != letters {
				t.Errorf("%d letters at %s", came, office)
			}
		}
		for n := range letters {
			progress, err := reader(s.at(provinceNode)).Recipients(ctx, clerk(province), id(n))
			if err != nil || len(progress) != communes {
				t.Fatalf("%d recipients, %v", len(progress), err)
			}
			for _, state := range progress {
				if state.Status() != exchange.Arrived || len(state.Receipts) != 1 {
					t.Errorf("%s: %v", state.Office, statuses(state.Receipts))
				}
			}
		}
		for node := range s.Gateways {
			s.kill(node)
		}
	})
}

// addStar adds communes with a gateway each, all reached through the province's.
func (s *simulation) addStar(count int) []exchange.OfficeID {
	file := threeTiers(s.t)
	s.Others = map[exchange.NodeID]certs.Identity{}
	var offices []exchange.OfficeID
	for n := range count {
		name := fmt.Sprintf("xa-%03d", n)
		identity, err := people(s.t).Authority.Node(name)
		if err != nil {
			s.t.Fatal(err)
		}
		node := exchange.NodeID(name)
		s.Others[node], s.Memories[node], s.Shelves[node] = identity, exchangetest.NewMemory(), exchangetest.NewShelf()
		offices = append(offices, exchange.OfficeID(name))
		file.Nodes = append(file.Nodes, exchange.Node{
			ID: node, URL: "https://127.0.0.1:1", Uplink: provinceNode, Certificates: [][]byte{identity.Certificate.Raw},
		})
		file.Offices = append(file.Offices, exchange.Office{
			ID: exchange.OfficeID(name), Level: "commune", Names: []exchange.Name{{Name: "UBND xã " + name}},
			Hosts: []exchange.Host{{Node: node}},
		})
	}
	directory, err := exchange.NewDirectory(file)
	if err != nil {
		s.t.Fatal(err)
	}
	s.Directory.Store(directory)
	return offices
}

func TestALetterThatCannotBeCarriedDoesNotHoldUpTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSimulation(t, 1, weather{})
		ctx, cancel := context.WithCancel(t.Context())
		s.boot(ctx, communeNode)
		s.mutex.Lock()
		s.down[[2]exchange.NodeID{communeNode, districtNode}] = time.Now().Add(time.Minute)
		s.mutex.Unlock()
		var lost exchange.Digest
		for n := range 5 {
			wanted := draft(district)
			wanted.ID = id(n)
			document := s.write(ctx, communeNode, commune, wanted)
			if n == 1 {
				lost = document.Current().Digest
			}
		}
		s.boot(ctx, districtNode)
		// The bytes of the second letter are gone: a disk lost them.
		data := s.Shelves[communeNode].Lose(lost)
		time.Sleep(3 * time.Minute)
		if came := len(s.Inbox(t, districtNode, district)); came != 4 {
			t.Errorf("%d of the 4 letters that are whole have arrived", came)
		}
		if _, _, err := s.Shelves[communeNode].Put(ctx, bytes.NewReader(data), lost, int64(len(data))); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if came := len(s.Inbox(t, districtNode, district)); came != 5 {
			t.Errorf("%d of 5 letters have arrived after the bytes were restored", came)
		}
		cancel()
		s.kill(communeNode)
		s.kill(districtNode)
	})
}

var _ io.Reader = (*simulation)(nil)
