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

// slowLine is a line on which batches are long under way.
type slowLine struct {
	mutex sync.Mutex
	// What follows is guarded by mutex.
	under, most int
	sizes       []int
	carried     map[exchange.MessageID]int
}

func (l *slowLine) Carry(
	_ context.Context, _ exchange.Node, frames []exchange.Frame, _ []exchange.Digest,
) ([]exchange.Answer, error) {
	l.begin(frames)
	time.Sleep(time.Second)
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.under--
	var answers []exchange.Answer
	for _, frame := range frames {
		answers = append(answers, exchange.Answer{ID: frame.ID, To: frame.To[0], Outcome: exchange.Taken})
	}
	return answers, nil
}

func (l *slowLine) begin(frames []exchange.Frame) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.under++
	if len(frames) == 0 {
		return // a greeting
	}
	l.most = max(l.most, l.under)
	l.sizes = append(l.sizes, len(frames))
	for _, frame := range frames {
		l.carried[frame.ID]++
	}
}

// owe puts receipts into the commune's queue; a receipt needs no proof from who takes it.
func (w *world) owe(t *testing.T, from, count int) {
	t.Helper()
	err := w.Memories[communeNode].Update(t.Context(), func(tx exchange.Tx) error {
		for n := range count {
			made := exchange.MessageID(id(from + n))
			_, _, err := tx.AddMessage(t.Context(), exchange.Message{
				ID: made, Kind: exchange.ReceiptMessage, Origin: communeNode, Sealed: []byte("r"), At: noon,
			})
			if err != nil {
				return err
			}
			if err := tx.AddDeliveries(t.Context(), []exchange.Delivery{
				{Message: made, To: district, Node: districtNode, At: noon},
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFullBatchesGoAbreastAndNothingGoesTwice(t *testing.T) {
	t.Parallel()
	line := &slowLine{carried: map[exchange.MessageID]int{}}
	w := newWorld(t, func(*world, exchange.NodeID) exchange.Carrier { return line })
	const count = 4*exchange.MaxFrames + 9
	w.owe(t, 1, count)
	synctest.Test(t, func(t *testing.T) {
		w.Now = time.Now
		began := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var running sync.WaitGroup
		running.Go(func() { w.Gateways[communeNode].Deliver(ctx) })
		for !w.Idle(t) && time.Since(began) < time.Minute {
			time.Sleep(10 * time.Millisecond)
		}
		cancel()
		running.Wait()
	})
	if line.most != 3 {
		t.Errorf("%d batches were under way at once", line.most)
	}
	slices.Sort(line.sizes)
	if want := []int{9, 64, 64, 64, 64}; !slices.Equal(line.sizes, want) {
		t.Errorf("batches of %v frames, want %v: beside another goes only a full one", line.sizes, want)
	}
	if len(line.carried) != count {
		t.Errorf("%d of %d messages were carried", len(line.carried), count)
	}
	for message, times := range line.carried {
		if times != 1 {
			t.Errorf("%s was carried %d times", message, times)
		}
	}
}
