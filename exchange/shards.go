package exchange

import (
	"context"
	"strings"
	"time"
)

// Shards says which part of the common work is this instance's, when several instances of one gateway share its
// records. What two instances do at once for a moment is harmless: receivers answer a second delivery with the first
// receipt, and a second judgement is one more line. [Gateway.Shards] nil means that all work is this instance's.
type Shards interface {
	// Own says whether the work with this key is this instance's now. Work that is nobody's at this moment is
	// somebody's within five seconds, also when an instance dies.
	Own(key string) bool
	// Tell gives a hint to the other instances, which [Gateway.Hear] it. It does not wait, and a hint may be lost.
	Tell(hint string)
}

// The hints. What they say is found out without them within a second.
const (
	hintOwed      = "owed"       // something is to be delivered
	hintArrived   = "arrived"    // something is to be judged
	hintReachable = "reachable " // and the name of a gateway that was heard of
)

// Owns says whether work is this instance's, also for jobs of floors above that one instance should do at a time.
func (g *Gateway) Owns(key string) bool { return g.Shards == nil || g.Shards.Own(key) }

// ownsWay says whether this instance delivers to the gateway.
func (g *Gateway) ownsWay(id NodeID) bool { return g.Owns("deliver " + string(id)) }

// ownsJudging says whether this instance judges the copies of the document.
func (g *Gateway) ownsJudging(id DocumentID) bool { return g.Owns("judge " + string(id)) }

func (g *Gateway) tell(hint string) {
	if g.Shards != nil {
		g.Shards.Tell(hint)
	}
}

// Hear takes a hint of another instance. Unknown ones of a newer version mean nothing.
func (g *Gateway) Hear(hint string) {
	loops := g.ready()
	switch id, reachable := strings.CutPrefix(hint, hintReachable); {
	case hint == hintOwed:
		loops.announce()
	case hint == hintArrived:
		wake(loops.judge)
	case reachable && loops.heard(NodeID(id)):
		wake(loops.delivery)
	}
}

// Gained says that more of the work has become this instance's: it is looked for at once.
func (g *Gateway) Gained() {
	loops := g.ready()
	loops.announce()
	wake(loops.judge)
}

// Every does a job at once, and again when so long has passed, until ctx ends.
func Every(ctx context.Context, passed time.Duration, job func()) {
	ticker := time.NewTicker(passed)
	defer ticker.Stop()
	for ctx.Err() == nil {
		job()
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}
