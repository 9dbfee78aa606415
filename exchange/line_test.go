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
		w.now = func() time.Time { return noon.Add(time.Since(began)) }
		gateway := w.gateways[communeNode]
		w.issue(t, communeNode, commune, district)
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
		if away := w.now().Sub(line.Since); away < 59*time.Minute || line.Next.Before(w.now().Add(-time.Second)) {
			t.Errorf("away for %v, next attempt at %v", away, line.Next)
		}
		cancel()
		<-ended
	})
}
