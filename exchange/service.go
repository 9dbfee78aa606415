package exchange

import (
	"context"
	"sync"
)

// mostAbreast is how many batches are on their way to one gateway at once: while one waits for the line or for a disk,
// the next are made ready.
const mostAbreast = 3

// service is the bringing of what is owed to one gateway, from when it is claimed until nothing is owed or it fails.
type service struct {
	gateway *Gateway
	id      NodeID
	workers sync.WaitGroup
	mutex   sync.Mutex
	// What follows is guarded by mutex.
	away  map[int64]bool // deliveries that are in a batch under way
	under int            // batches under way
	err   error          // the first; then no more go
}

func (s *service) run(ctx context.Context) error {
	s.workers.Go(func() { s.work(ctx) })
	s.workers.Wait()
	return s.err
}

func (s *service) work(ctx context.Context) {
	for {
		made, deliveries := s.take(ctx)
		if len(deliveries) == 0 {
			return
		}
		s.land(deliveries, s.send(ctx, made))
	}
}

func (s *service) send(ctx context.Context, made batch) error {
	bounded, cancel := context.WithTimeout(ctx, carryTimeout)
	defer cancel()
	err := s.gateway.send(bounded, made)
	s.gateway.ready().note(s.id, err, s.gateway.Now())
	return err
}

// take makes the next batch and gives it with the deliveries in it. Beside another one only a full batch goes, which
// costs least, and none while messages are tried one by one. With a full one it is looked whether there is another.
func (s *service) take(ctx context.Context) (made batch, deliveries []int64) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	_, part := s.gateway.ready().standing(s.id)
	alone := part != (window{})
	if s.err != nil || ctx.Err() != nil || !s.gateway.ownsWay(s.id) || alone && s.under > 0 {
		return batch{}, nil
	}
	made, s.err = s.gateway.nextBatch(ctx, s.id, part, s.away)
	if s.err != nil || s.under > 0 && !made.full {
		return batch{}, nil
	}
	for _, delivery := range made.deliveries {
		s.away[delivery.ID] = true
		deliveries = append(deliveries, delivery.ID)
	}
	if len(deliveries) == 0 {
		return batch{}, nil
	}
	if s.under++; made.full && !alone && s.under < mostAbreast {
		s.workers.Go(func() { s.work(ctx) })
	}
	return made, deliveries
}

// land ends a batch. What of it was not answered is owed again.
func (s *service) land(deliveries []int64, err error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.under--
	for _, delivery := range deliveries {
		delete(s.away, delivery)
	}
	if s.err == nil {
		s.err = err
	}
}
