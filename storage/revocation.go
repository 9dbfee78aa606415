package storage

import (
	"context"
	"errors"
	"sync"
	"time"

	"congvan/exchange"
)

// Limits of what is kept about certificates.
const (
	mostKept      = 512 << 20 // bytes
	mostEntries   = 50_000
	mostInMemory  = 64 << 20            // bytes
	memoryTrusted = 10 * time.Second    // then the records are asked again: another instance may know better
	keptAfter     = 30 * 24 * time.Hour // the end of its use: older signatures are judged too
	trimEvery     = 64                  // entries that are written
	overhead      = 200                 // bytes of an entry in memory, about
)

// RevocationCache keeps what was learnt about certificates with the records: it outlives the process, and the instances
// of one gateway share it. It fits where package certs asks for a Cache, and may be used by several goroutines. What is
// over its limits is dropped, first what is old, last what somebody brought by hand.
type RevocationCache struct {
	records *Records
	now     func() time.Time
	most    int64 // bytes in the records

	mutex sync.Mutex
	// held, size and written are guarded by mutex.
	held    map[string]remembered
	size    int
	written int
}

// remembered is an answer of the records as at a moment; nil: there is none.
type remembered struct {
	value []byte
	at    time.Time
}

// NewRevocationCache gives a cache in the records, which the caller closes after the last use of it.
func NewRevocationCache(records *Records, now func() time.Time) *RevocationCache {
	return &RevocationCache{records: records, now: now, most: mostKept, held: map[string]remembered{}}
}

// Get gives what was put under the key, at most ten seconds late when another instance put it there. Records that
// cannot be asked hold nothing.
func (c *RevocationCache) Get(ctx context.Context, key string) ([]byte, bool) {
	if value, known := c.recall(key); known {
		return value, value != nil
	}
	var value []byte
	err := c.records.View(ctx, func(tx exchange.Tx) error {
		t, ours := tx.(*transaction)
		if !ours {
			return errForeign
		}
		_, err := t.one(ctx, "select value from revocation where key = $1", []any{key}, &value)
		return err
	})
	if err != nil {
		return nil, false
	}
	c.remember(key, value)
	return value, value != nil
}

// errForeign cannot be: the records make their transactions themselves.
var errForeign = errors.New("a transaction of other records")

// Put keeps the value. What could not be written is not there afterwards: who must know asks for it by Get.
func (c *RevocationCache) Put(ctx context.Context, key string, value []byte, until time.Time) {
	trim := c.due()
	now := c.now()
	err := c.records.Update(ctx, func(tx exchange.Tx) error {
		t, ours := tx.(*transaction)
		if !ours {
			return errForeign
		}
		_, err := t.exec(ctx, "insert into revocation (key, kept_at, useful_until, size, value) "+
			"values ($1, $2, $3, $4, $5) on conflict (key) do update set kept_at = excluded.kept_at, "+
			"useful_until = excluded.useful_until, size = excluded.size, value = excluded.value",
			key, micros(now), micros(until), int64(len(value)), binary(value))
		if err == nil && trim {
			err = t.trimRevocation(ctx, now, c.most)
		}
		return err
	})
	if err != nil {
		c.forget(key)
		return
	}
	c.remember(key, binary(value))
}

// trimRevocation deletes what is of no more use, and what is over the limits.
func (t *transaction) trimRevocation(ctx context.Context, now time.Time, most int64) error {
	_, err := t.exec(ctx, "delete from revocation where useful_until > 0 and useful_until < $1",
		micros(now.Add(-keptAfter)))
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, "delete from revocation where key in (select key from ("+
		"select key, sum(size) over ranks as total, row_number() over ranks as place from revocation "+
		"window ranks as (order by case when useful_until = 0 then 0 else 1 end, kept_at desc, key)"+
		") ranked where total > $1 or place > $2)", most, int64(mostEntries))
	return err
}

// due says whether it is time to look at the limits: at the first entry of a process, and now and then.
func (c *RevocationCache) due() bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.written++
	return c.written%trimEvery == 1
}

func (c *RevocationCache) recall(key string) (value []byte, known bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	entry, known := c.held[key]
	if known && c.now().Sub(entry.at).Abs() > memoryTrusted {
		return nil, false
	}
	return entry.value, known
}

func (c *RevocationCache) remember(key string, value []byte) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.size += len(value) + overhead
	if old, known := c.held[key]; known {
		c.size -= len(old.value) + overhead
	}
	if c.size > mostInMemory {
		clear(c.held)
		c.size = len(value) + overhead
	}
	c.held[key] = remembered{value, c.now()}
}

func (c *RevocationCache) forget(key string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if old, known := c.held[key]; known {
		c.size -= len(old.value) + overhead
		delete(c.held, key)
	}
}
