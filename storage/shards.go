package storage

import (
	"context"
	"errors"
	"hash/fnv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// shardCount is how many parts the work of one gateway has. Instances of all versions must agree on it.
	shardCount = 64
	// balanceEvery is how often an instance looks who else is there and what is free. It also shows the server that
	// it lives: one that is silent for longestSilence loses its session, and with it its shards.
	balanceEvery   = time.Second
	longestSilence = "4s"
	// mostHints is how many hints wait to be told; more than these are lost.
	mostHints = 256
)

// Shards divides the work of a gateway among the instances that share its records, as exchange.Shards says. On
// PostgreSQL a shard is an advisory lock that the session of [Shards.Run] holds: the server frees it the moment the
// session ends, whatever became of the instance. A SQLite file has one instance, which owns everything.
type Shards struct {
	dsn   string        // of PostgreSQL; empty: everything is owned
	owned atomic.Uint64 // a bit for each shard
	mutex sync.Mutex
	hints map[string]bool // not told yet; guarded by mutex
	fresh chan struct{}   // holds one token when there are hints
}

// Shards gives the division of the work on these records. Nothing is owned before Run runs, but on SQLite.
func (r *Records) Shards() *Shards {
	shards := &Shards{hints: map[string]bool{}, fresh: make(chan struct{}, 1)}
	if r.engine.shared {
		shards.dsn = r.engine.dsn
	}
	return shards
}

// Own says whether the work with this key is this instance's now.
func (s *Shards) Own(key string) bool {
	if s.dsn == "" {
		return true
	}
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(key)) // never fails
	return s.owned.Load()&(1<<(sum.Sum32()%shardCount)) != 0
}

// Tell gives a hint to the other instances; it does not wait.
func (s *Shards) Tell(hint string) {
	if s.dsn == "" {
		return
	}
	s.mutex.Lock()
	if len(s.hints) < mostHints {
		s.hints[hint] = true
	}
	s.mutex.Unlock()
	select {
	case s.fresh <- struct{}{}:
	default:
	}
}

// Run takes a fair share of the work and holds it until ctx ends. It calls hear with the hints of other instances, and
// gained when more of the work has become this instance's. While the server cannot be reached nothing is owned, and
// fault is told why.
func (s *Shards) Run(ctx context.Context, hear func(hint string), gained func(), fault func(error)) {
	if s.dsn == "" {
		return
	}
	var telling sync.WaitGroup
	telling.Go(func() { s.tellLoop(ctx) })
	defer telling.Wait()
	for ctx.Err() == nil {
		err := s.hold(ctx, hear, gained)
		s.owned.Store(0)
		if ctx.Err() != nil {
			return
		}
		fault(err)
		pause(ctx, balanceEvery/2)
	}
}

func pause(ctx context.Context, length time.Duration) {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// hold owns shards on one session until it breaks.
func (s *Shards) hold(ctx context.Context, hear func(string), gained func()) error {
	holder, err := openShardSession(ctx, s.dsn)
	if err != nil {
		return err
	}
	defer holder.close(ctx)
	for {
		owned, err := holder.balance(ctx)
		if err != nil {
			return err
		}
		if before := s.owned.Swap(owned); owned&^before != 0 {
			gained()
		}
		if err := holder.listen(ctx, hear); err != nil {
			return err
		}
	}
}

// tellLoop tells the hints on a session of its own, which is opened when it is needed.
func (s *Shards) tellLoop(ctx context.Context) {
	var conn *pgx.Conn
	defer func() {
		if conn != nil {
			closeConn(ctx, conn)
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.fresh:
		}
		if conn = s.tellAll(ctx, conn, s.waiting()); conn == nil {
			pause(ctx, balanceEvery) // hints are lost meanwhile; the reconcile finds what they were about
		}
		pause(ctx, 5*time.Millisecond) // many become one
	}
}

func (s *Shards) waiting() map[string]bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	hints := s.hints
	s.hints = map[string]bool{}
	return hints
}

// tellAll gives the session, or nil when it broke.
func (s *Shards) tellAll(ctx context.Context, conn *pgx.Conn, hints map[string]bool) *pgx.Conn {
	bounded, cancel := context.WithTimeout(ctx, balanceEvery)
	defer cancel()
	if conn == nil {
		opened, err := pgx.Connect(bounded, s.dsn)
		if err != nil {
			return nil
		}
		conn = opened
	}
	for hint := range hints {
		if _, err := conn.Exec(bounded, "select pg_notify("+shardChannel+", $1)", hint); err != nil {
			closeConn(ctx, conn)
			return nil
		}
	}
	return conn
}

func closeConn(ctx context.Context, conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), balanceEvery)
	defer cancel()
	_ = conn.Close(ctx) // the server ends the session in any case
}

// isPause says whether a wait ended because its time was over.
func isPause(err error) bool { return errors.Is(err, context.DeadlineExceeded) }
