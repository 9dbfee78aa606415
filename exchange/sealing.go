package exchange

import (
	"runtime"
	"sync"
)

// sealing seals statements of several callers with one signature, as a disk's flush makes the writes of several
// durable: who comes while a signature is made joins those who wait for the next. Nobody waits for company, and one
// alone is sealed by itself.
type sealing struct {
	mutex sync.Mutex
	// turn and next are guarded by mutex.
	turn chan struct{} // holds one token while somebody seals
	next *sealGroup    // may still be joined; nil: there is none
}

// sealGroup are statements that are sealed together.
type sealGroup struct {
	statements [][]byte
	done       chan struct{} // closed when the two below are set
	sealed     [][]byte
	err        error
}

// mostTogether is how many documents are sealed together: so many go in one batch.
const mostTogether = MaxFrames

// sealAlong seals the statement with those of others that are at the same point.
func (g *Gateway) sealAlong(statement []byte) ([]byte, error) {
	group, place, turn := g.sealing.join(statement)
	if place > 0 {
		<-group.done
		return group.of(place)
	}
	turn <- struct{}{}
	runtime.Gosched() // those that are ready to run and on their way here come along
	group.sealed, group.err = g.sealTogether(g.sealing.begin(group))
	<-turn
	close(group.done)
	return group.of(place)
}

// join puts the statement into the next group. Who is the first in it seals for all, in turn with other groups.
func (s *sealing) join(statement []byte) (group *sealGroup, place int, turn chan struct{}) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.turn == nil {
		s.turn = make(chan struct{}, 1)
	}
	if s.next == nil || len(s.next.statements) == mostTogether {
		s.next = &sealGroup{done: make(chan struct{})}
	}
	s.next.statements = append(s.next.statements, statement)
	return s.next, len(s.next.statements) - 1, s.turn
}

// begin gives the statements of a group, which nobody joins any more.
func (s *sealing) begin(group *sealGroup) [][]byte {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.next == group {
		s.next = nil
	}
	return group.statements
}

func (s *sealGroup) of(place int) ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	return s.sealed[place], nil
}
