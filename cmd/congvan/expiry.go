package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"congvan/certs"
	"congvan/exchange"
	"congvan/exchange/expiry"
)

const (
	// watchEvery is how often the ends of certificates are looked at: the log says each once a day.
	watchEvery = time.Hour
	// watchKeysEvery is how often remote services are asked that did not answer.
	watchKeysEvery = time.Minute
)

// watch knows when the certificates end that a gateway rests on, and says so in time.
type watch struct {
	fixed    []expiry.End // of what was read at the start
	keys     *keyring
	stampers []string // addresses of time-stamp authorities
	now      func() time.Time
	log      *slog.Logger

	mutex sync.Mutex
	// found, asked and said are guarded by mutex.
	found map[string]expiry.End // of time-stamp authorities, by address
	asked exchange.Date         // the day on which they were asked
	said  map[expiry.End]string // the day and step that were logged last
}

func newWatch(config Config, node certs.Identity, anchors certs.Anchors, keys *keyring) *watch {
	w := &watch{
		keys:     keys,
		stampers: config.TimestampAuthorities, found: map[string]expiry.End{}, said: map[expiry.End]string{},
	}
	w.fixed = append(w.fixed, expiry.End{
		What: expiry.Node, Name: string(config.Node), Until: node.Certificate.NotAfter.UTC(),
	})
	for _, anchor := range anchors.List() {
		w.fixed = append(w.fixed, anchorExpiry(anchor))
	}
	return w
}

// list gives what ends when. Anchors that have ended are left out: they stay for the documents of their time.
func (w *watch) list() []expiry.End {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	var all []expiry.End
	for _, each := range w.fixed {
		if each.What != expiry.Anchor || each.Days(w.now()) >= 0 {
			all = append(all, each)
		}
	}
	all = append(all, w.keys.expiries()...)
	for _, address := range w.stampers {
		if found, known := w.found[address]; known {
			all = append(all, found)
		}
	}
	return all
}

// run looks until the context ends.
func (w *watch) run(ctx context.Context) {
	look, retry := time.NewTimer(0), time.NewTicker(watchKeysEvery)
	defer look.Stop()
	defer retry.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
			w.look(ctx)
			look.Reset(watchEvery)
		case <-retry.C:
			w.keys.retry(ctx)
		}
	}
}

// look asks the time-stamp authorities once a day for one stamp each, which shows their certificate, and says in the
// log what ends within 30 days: each once a day, and again when it comes to another step.
func (w *watch) look(ctx context.Context) {
	today := exchange.Today(w.now())
	w.mutex.Lock()
	ask := w.asked != today
	w.asked = today
	w.mutex.Unlock()
	if ask {
		w.askStampers(ctx)
	}
	for _, each := range w.list() {
		code := each.Warning(w.now())
		if code == "" || !w.saying(each, string(today)+code) {
			continue
		}
		about := []slog.Attr{
			slog.String("code", code), slog.String("what", string(each.What)), slog.String("name", each.Name),
			slog.String("office", string(each.Office)),
		}
		if each.Fault != "" {
			w.log.LogAttrs(ctx, slog.LevelWarn, "key cannot be reached", about...)
			continue
		}
		w.log.LogAttrs(ctx, slog.LevelWarn, "certificate ends",
			append(about, slog.Time("until", each.Until), slog.Int("days", each.Days(w.now())))...)
	}
}

// saying notes what is about to be said, and says whether it is new.
func (w *watch) saying(about expiry.End, what string) bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	fresh := w.said[about] != what
	w.said[about] = what
	return fresh
}

func (w *watch) askStampers(ctx context.Context) {
	for _, address := range w.stampers {
		signer, _, err := stampOnce(ctx, address, w.now())
		if err != nil {
			if ctx.Err() == nil {
				w.log.LogAttrs(ctx, slog.LevelWarn, "cannot ask for a time stamp",
					slog.String("address", address), slog.Any("error", err))
			}
			continue
		}
		w.mutex.Lock()
		w.found[address] = expiry.End{
			What: expiry.TimestampAuthority, Name: holderOf(signer), Until: signer.NotAfter.UTC(),
		}
		w.mutex.Unlock()
	}
}
