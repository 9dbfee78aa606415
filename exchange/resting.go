package exchange

import (
	"slices"
	"time"
)

// rest is why a delivery is not tried again at once, although its gateway is well. It is not kept: after a restart
// everything is tried.
type rest struct {
	node  NodeID
	key   owedKey
	until time.Time
	after []MessageID // as soon as one of them has gone, it is tried again
}

// letRest leaves a delivery of the batch alone for a while.
func (b *batch) letRest(g *Gateway, delivery Delivery, why rest) {
	why.node, why.key = b.node.ID, owedKey{delivery.Message, delivery.To}
	b.resting[delivery.ID] = true
	g.ready().letRest(delivery.ID, why)
}

func (l *loops) letRest(delivery int64, why rest) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.resting == nil {
		l.resting = map[int64]rest{}
	}
	l.resting[delivery] = why
}

// rested gives the deliveries to a gateway that rest still.
func (l *loops) rested(node NodeID, now time.Time) map[int64]bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	var still map[int64]bool
	for delivery, why := range l.resting {
		switch {
		case !now.Before(why.until):
			delete(l.resting, delivery)
		case why.node == node:
			if still == nil {
				still = map[int64]bool{}
			}
			still[delivery] = true
		}
	}
	return still
}

// gone ends the rest of what waits for these messages, and says whether there was any.
func (l *loops) gone(messages []MessageID) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	found := false
	for delivery, why := range l.resting {
		if slices.ContainsFunc(why.after, func(id MessageID) bool { return slices.Contains(messages, id) }) {
			delete(l.resting, delivery)
			found = true
		}
	}
	return found
}

// rests says whether something rests that is owed to a gateway; the caller holds the mutex.
func (l *loops) rests(node NodeID) bool {
	for _, why := range l.resting {
		if why.node == node {
			return true
		}
	}
	return false
}
