package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"congvan/api"
	"congvan/storage"
)

// loadEvery is how old what is known of the load may be.
const loadEvery = time.Second

// load knows what the gateway has left, for the credit that it gives to others.
type load struct {
	data    string // on this disk
	records *storage.Records
	now     func() time.Time
	log     *slog.Logger
	mutex   sync.Mutex
	// at and last are guarded by mutex.
	at   time.Time
	last api.Load
}

// read looks at the disk and the records, at most once a second. What cannot be read lowers nothing: whoever brings
// something will be told when it cannot be kept.
func (l *load) read(ctx context.Context) api.Load {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	now := l.now()
	if !l.at.IsZero() && now.Sub(l.at) < loadEvery {
		return l.last
	}
	l.at, l.last = now, api.Load{Disk: freeShare(l.data)}
	waiting, err := l.records.Waiting(ctx, api.MaxWaiting)
	if err != nil {
		l.log.LogAttrs(ctx, slog.LevelWarn, "what waits cannot be counted", slog.Any("error", err))
	}
	l.last.Waiting = waiting
	return l.last
}
