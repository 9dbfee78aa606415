package exchange_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"congvan/exchange"
)

// down is a line that is cut.
type down struct{}

func (down) Carry(context.Context, exchange.Node, []exchange.Frame, []exchange.Digest) ([]exchange.Answer, error) {
	return nil, exchange.Errorf(exchange.Unavailable, "peer.unreachable", "cut")
}

func TestItIsToldSinceWhenAGatewayIsAwayAndHowMuchWaits(t *testing.T) {
	t.Parallel()
	people(t) // keys are made outside the bubble
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(*world, exchange.NodeID) exchange.Carrier { return down{} })
		began := time.Now()
		w.Now = func() time.Time { return noon.Add(time.Since(began)) }
		gateway := w.Gateways[communeNode]
		w.Issue(t, communeNode, commune, district)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			gateway.Deliver(ctx)
		}()
		time.Sleep(time.Hour)
		line, err := gateway.Line(ctx, districtNode)
		if err != nil {
			t.Fatal(err)
		}
		if !line.Away || line.Failed < 3 || line.Queue != 1 || line.Reason != "peer.unreachable" {
			t.Errorf("the line is %+v", line)
		}
		if away := w.Now().Sub(line.Since); away < 59*time.Minute || line.Next.Before(w.Now().Add(-time.Second)) {
			t.Errorf("away for %v, next attempt at %v", away, line.Next)
		}
		cancel()
		<-ended
	})
}

// choking is a line whose other end answers, but fails whenever one message is among those that it is brought.
type choking struct {
	wire
	on    *exchange.DocumentID
	calls *int
}

func (c choking) Carry(
	ctx context.Context, to exchange.Node, frames []exchange.Frame, blobs []exchange.Digest,
) ([]exchange.Answer, error) {
	for _, frame := range frames {
		if exchange.DocumentID(frame.ID) == *c.on {
			return nil, exchange.Errorf(exchange.Unavailable, "peer.refused", "choked")
		}
	}
	if len(frames) > 0 {
		*c.calls++
	}
	return c.wire.Carry(ctx, to, frames, blobs)
}

func TestOneMessageThatCannotBeCarriedDoesNotMakeTheOthersGoOneByOne(t *testing.T) {
	t.Parallel()
	people(t)
	synctest.Test(t, func(t *testing.T) {
		var bad exchange.DocumentID
		calls := 0
		w := newWorld(t, func(w *world, node exchange.NodeID) exchange.Carrier {
			return choking{wire{World: w.World, From: node}, &bad, &calls}
		})
		began := time.Now()
		w.Now = func() time.Time { return noon.Add(time.Since(began)) }
		const letters = 40
		for i := range letters {
			if issued := w.Issue(t, communeNode, commune, district); i == letters/4 {
				bad = issued.ID
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			w.Gateways[communeNode].Deliver(ctx)
		}()
		time.Sleep(2 * time.Hour)
		if arrived := len(w.Inbox(t, districtNode, district)); arrived != letters-1 {
			t.Errorf("%d letters arrived, want %d", arrived, letters-1)
		}
		if calls > letters/2 {
			t.Errorf("%d batches for %d letters", calls, letters)
		}
		cancel()
		<-ended
	})
}
