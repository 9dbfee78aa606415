package api

import (
	"sync"
	"time"

	"congvan/exchange"
)

// Limits are what keeps one caller from hurting the others. A zero field takes its default.
type Limits struct {
	Concurrent int           // requests with work to do at the same moment, of everybody; 256
	PerOffice  int           // of one office; 64
	Waiting    int           // requests of document systems at the same moment; 4096, PerOffice of one office
	Judging    int           // files that are verified at the same moment; 8, half of them for one office
	Body       int64         // bytes of a body that carries no file; 256 KiB
	Headers    int           // bytes of a request's head; 64 KiB
	Pace       time.Duration // in which 4 KiB of a body must come; 20 s
}

func (l Limits) orDefaults() Limits {
	setDefault(&l.Concurrent, 256)
	setDefault(&l.PerOffice, 64)
	setDefault(&l.Waiting, 4096)
	setDefault(&l.Judging, 8)
	setDefault(&l.Body, 256<<10)
	setDefault(&l.Headers, 64<<10)
	setDefault(&l.Pace, 20*time.Second)
	return l
}

func setDefault[T comparable](value *T, otherwise T) {
	var zero T
	if *value == zero {
		*value = otherwise
	}
}

// places counts the requests under way, in all and for each guest: an office, or a gateway.
type places[Guest comparable] struct {
	most, each int
	mutex      sync.Mutex
	// taken and by are guarded by mutex.
	taken int
	by    map[Guest]int
}

func newPlaces[Guest comparable](most, each int) *places[Guest] {
	return &places[Guest]{most: most, each: each, by: map[Guest]int{}}
}

// take gives a place and the way to give it back, or an error of kind Unavailable when there is none: nobody waits in a
// queue for one.
func (p *places[Guest]) take(guest Guest) (release func(), err error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.taken >= p.most || p.by[guest] >= p.each {
		return nil, exchange.Errorf(exchange.Unavailable, codeTooManyRequests,
			"%d of %d places taken, %d of %d by %v", p.taken, p.most, p.by[guest], p.each, guest)
	}
	p.taken++
	p.by[guest]++
	return func() { p.release(guest) }, nil
}

// free says how many of all places are free.
func (p *places[Guest]) free() (free, most int) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.most - p.taken, p.most
}

func (p *places[Guest]) release(guest Guest) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.taken--
	if p.by[guest]--; p.by[guest] == 0 {
		delete(p.by, guest)
	}
}
