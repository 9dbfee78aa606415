package exchange

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

const (
	// reconcileEvery is how often the records are asked what is owed, whether somebody woke the loop or not: another
	// instance may have written it.
	reconcileEvery = time.Second
	// carryTimeout ends an attempt that hangs; what arrived is answered as duplicate the next time.
	carryTimeout = 10 * time.Minute
	greetTimeout = 5 * time.Second
)

// Run runs the delivery loop, the judging loop, and where the directory says so the pulling loop, until ctx ends, and
// waits for them.
func (g *Gateway) Run(ctx context.Context) {
	var group sync.WaitGroup
	group.Go(func() { g.Deliver(ctx) })
	group.Go(func() { g.judgeLoop(ctx) })
	group.Go(func() { g.pullLoop(ctx) })
	group.Wait()
}

// Reachable says that the gateway has been heard of: what is owed to it is tried at once.
func (g *Gateway) Reachable(id NodeID) {
	if g.ready().heard(id) {
		g.wakeDelivery()
	}
	if !g.ownsWay(id) {
		g.tell(hintReachable + string(id))
	}
}

// Deliver brings what is owed to other gateways and to offices here until ctx ends, and waits for what it started. A
// gateway that cannot be reached is tried again for ever, and gateways do not wait for each other.
func (g *Gateway) Deliver(ctx context.Context) {
	loops := g.ready()
	loops.expect(g.neighbours())
	var workers sync.WaitGroup
	defer workers.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	var asked time.Time
	var last view
	for fresh := true; ; fresh = false {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-loops.retry:
		case <-loops.delivery:
			fresh = true
		}
		if now := g.Now(); fresh || now.Sub(asked) >= reconcileEvery {
			last = g.retarget(ctx, last)
			g.reconcile(ctx)
			asked = now
		}
		due, sleep := loops.claim(g.Now(), g.ownsWay)
		for _, id := range due {
			workers.Go(func() { g.serve(ctx, id) })
		}
		timer.Reset(sleep)
	}
}

// view is the directory on a day.
type view struct {
	directory *Directory
	day       Date
}

// retarget is done when the directory has changed, and every day: offices end at midnight.
func (g *Gateway) retarget(ctx context.Context, last view) view {
	now := view{g.Directory(), g.today()}
	if now == last {
		return last
	}
	err := g.Retarget(ctx)
	if err != nil && ctx.Err() == nil {
		g.Log.LogAttrs(ctx, slog.LevelError, "cannot bring what is owed to offices that ended elsewhere",
			slog.Any("error", err))
	}
	if err != nil {
		return last
	}
	return now
}

// reconcile asks the records to whom something is owed: that is the truth, what woke the loop is only a hint.
func (g *Gateway) reconcile(ctx context.Context) {
	owed, err := g.owedNodes(ctx)
	if err != nil {
		if ctx.Err() == nil {
			g.Log.LogAttrs(ctx, slog.LevelError, "cannot read what is owed", slog.Any("error", err))
		}
		return
	}
	g.ready().owe(owed)
}

// DeliverNow tries once to bring everything that is owed, one gateway after the other, and gives the first error.
func (g *Gateway) DeliverNow(ctx context.Context) error {
	owed, err := g.owedNodes(ctx)
	if err != nil {
		return err
	}
	for _, id := range owed {
		for more := true; more; {
			var batch batch
			if batch, err = g.nextBatch(ctx, id, window{}, nil); err != nil {
				return err
			}
			if more = len(batch.frames) > 0; more {
				if err := g.send(ctx, batch); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// neighbours are the gateways next to this one on the tree, which are greeted at the start: they may have waited.
func (g *Gateway) neighbours() (uplink NodeID, below []NodeID) {
	own, err := g.Directory().Node(g.Node)
	if err != nil {
		return "", nil
	}
	for _, node := range g.Directory().Nodes() {
		if node.Uplink == g.Node && !node.Pulls {
			below = append(below, node.ID)
		}
	}
	return own.Uplink, below
}

// owedNodes gives the gateways that something must be brought to.
func (g *Gateway) owedNodes(ctx context.Context) ([]NodeID, error) {
	var owed []NodeID
	err := g.Records.View(ctx, func(tx Tx) error {
		var err error
		owed, err = tx.OwedNodes(ctx)
		return err
	})
	directory := g.Directory()
	// Those that pull come and ask. What is owed to one that is no more waits for [Gateway.Retarget].
	return slices.DeleteFunc(owed, func(id NodeID) bool {
		node, err := directory.Node(id)
		return err != nil || node.Pulls && id != g.Node
	}), err
}

// serve writes to one gateway until nothing is owed to it or it fails. A gateway that failed before is greeted first:
// two hundred bytes tell that it is still away.
func (g *Gateway) serve(ctx context.Context, id NodeID) {
	var err error
	if greet, _ := g.ready().standing(id); greet {
		if err = g.greet(ctx, id); err == nil {
			g.ready().greeted(id, g.Now())
		}
	}
	if err == nil {
		service := service{gateway: g, id: id, away: map[int64]bool{}}
		err = service.run(ctx)
	}
	failures := g.ready().rest(id, err, g.Now(), g.random())
	// A gateway may be away for days: its failures are told ever more seldom.
	if err != nil && ctx.Err() == nil && failures&(failures-1) == 0 {
		g.Log.LogAttrs(ctx, slog.LevelWarn, "gateway not reached",
			slog.String("peer", string(id)), slog.Int("failures", failures), slog.Any("error", err))
	}
}

func (g *Gateway) greet(ctx context.Context, id NodeID) error {
	if id == g.Node {
		return nil
	}
	node, err := g.Directory().Node(id)
	if err != nil {
		return err
	}
	bounded, cancel := context.WithTimeout(ctx, greetTimeout)
	defer cancel()
	_, err = g.Carrier.Carry(bounded, node, nil, nil)
	return err
}
