package exchange_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"congvan/exchange"
)

// halves divides the work between two instances, until one of them dies and the other owns all.
type halves struct {
	mutex sync.Mutex
	// dead and told are guarded by mutex.
	dead [2]bool
	told []string
}

type half struct {
	*halves
	which int
}

func (h half) Own(key string) bool {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.dead[h.which] {
		return false
	}
	return h.dead[1-h.which] || int(key[len(key)-1])%2 == h.which
}

func (h half) Tell(hint string) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.told = append(h.told, hint)
}

// Two instances of the province's gateway share its records; each does its half, and when one dies in the middle the
// other does both. The lines have room for doubles, and there are none where it counts.
func TestTwoInstancesDoEverythingOnceAndOneGoesOnAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSimulation(t, 1, weather{})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		offices := s.addStar(8)
		work := &halves{}
		for which := range 2 {
			gateway := s.Gateway(t, provinceNode, lossy{s, wire{World: s.World, From: provinceNode}})
			gateway.Random, gateway.Shards = s, half{work, which}
			s.Gateways[provinceNode] = gateway
			running, end := context.WithCancel(ctx)
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				gateway.Run(running)
			}()
			s.running[provinceNode] = &process{cancel: end, ended: ended}
			if which == 0 {
				time.AfterFunc(90*time.Second, func() {
					end()
					<-ended
					work.mutex.Lock()
					work.dead[0] = true
					work.mutex.Unlock()
					s.Gateways[provinceNode].Gained()
				})
			}
		}
		for _, office := range offices {
			s.boot(ctx, exchange.NodeID(office))
		}
		for n := range 6 {
			wanted := draft(append(slices.Clone(offices), interior)...)
			wanted.ID = id(n)
			s.Write(t, provinceNode, province, wanted)
			time.Sleep(30 * time.Second)
		}
		time.Sleep(10 * time.Second)
		for _, office := range offices {
			if came := len(s.Inbox(t, exchange.NodeID(office), office)); came != 6 {
				t.Errorf("%d of 6 letters at %s", came, office)
			}
		}
		if !s.Idle(t) || !s.judged() {
			t.Error("something is owed or not judged")
		}
		if !slices.Contains(work.told, "owed") || !slices.Contains(work.told, "arrived") {
			t.Errorf("told only %v", work.told)
		}
		cancel()
		for node := range s.Gateways {
			s.kill(node)
		}
	})
}

// What is not this instance's is left alone, however much of it there is.
func TestAnInstanceLeavesTheWorkOfOthersAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, straight)
	gateway := w.Gateways[provinceNode]
	gateway.Shards = half{&halves{dead: [2]bool{true, false}}, 0}
	w.Issue(t, provinceNode, province, interior)
	if err := gateway.DeliverNow(t.Context()); err != nil { // what a person asks for is done at once
		t.Fatal(err)
	}
	if judged, err := gateway.Judge(t.Context()); judged != 0 || err != nil {
		t.Errorf("%d judged, %v", judged, err)
	}
	gateway.Shards = nil
	if judged, err := gateway.Judge(t.Context()); judged != 1 || err != nil {
		t.Errorf("%d judged, %v", judged, err)
	}
}
