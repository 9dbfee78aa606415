package main

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"congvan/certs"
	"congvan/exchange"
	"congvan/exchange/expiry"
)

// keyring holds the keys of the offices that a gateway signs for.
type keyring struct {
	seals   map[exchange.OfficeID]*heldKey
	leaders map[leader]*heldKey
}

type leader struct {
	office exchange.OfficeID
	name   string
}

const (
	// openTime is how long a remote service is given to answer when a key is opened.
	openTime = 10 * time.Second
	// askAgain is how long a remote service that did not answer is left alone.
	askAgain = 15 * time.Second
	// probeEvery is how often a remote service that answered is asked whether it still does.
	probeEvery = 5 * time.Minute
)

// openKeyring opens every key. One that cannot be opened ends the start, with its path or address, unless it is at a
// remote service that does not answer now: that one is opened when the service answers again.
func openKeyring(
	ctx context.Context, keys []OfficeKey, outbound certs.Outbound, now func() time.Time,
) (*keyring, error) {
	ring := &keyring{seals: map[exchange.OfficeID]*heldKey{}, leaders: map[leader]*heldKey{}}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0)) // a password costs a tenth of a second: the start waits for all of them
	for _, entry := range keys {
		held := &heldKey{entry: entry, outbound: outbound, now: now}
		if entry.Leader == "" {
			ring.seals[entry.Office] = held
		} else {
			ring.leaders[leader{entry.Office, entry.Leader}] = held
		}
		group.Go(func() error {
			if err := held.dress(); err != nil {
				return err
			}
			if _, err := held.open(ctx); err != nil && !errors.Is(err, certs.ErrRemoteUnavailable) {
				return err
			}
			return nil
		})
	}
	return ring, group.Wait()
}

// Seal gives the office's seal. While its service does not answer it is what is known without it, and the fault.
func (r *keyring) Seal(ctx context.Context, office exchange.OfficeID) (exchange.Key, error) {
	held, known := r.seals[office]
	if !known {
		return exchange.Key{}, exchange.Errorf(exchange.NotFound, "key.no_seal", "no seal of %s is held here", office)
	}
	return held.use(ctx)
}

// Leader gives the key of a competent person of the office, as [keyring.Seal] does.
func (r *keyring) Leader(ctx context.Context, office exchange.OfficeID, name string) (exchange.Key, error) {
	held, known := r.leaders[leader{office, name}]
	if !known {
		return exchange.Key{}, exchange.Errorf(
			exchange.NotFound, "key.no_leader", "no key of %q at %s is held here", name, office)
	}
	return held.use(ctx)
}

// retry asks the services again that did not answer, and from time to time those that did, whether they still do.
func (r *keyring) retry(ctx context.Context) {
	for _, held := range r.all() {
		if _, err := held.use(ctx); err == nil { // what is still wrong is told by expiries
			held.probe(ctx)
		}
	}
}

func (r *keyring) all() []*heldKey {
	var all []*heldKey
	for _, held := range r.seals {
		all = append(all, held)
	}
	for _, held := range r.leaders {
		all = append(all, held)
	}
	return all
}

// expiries gives the ends of the keys, and the faults of those that cannot be reached.
func (r *keyring) expiries() []expiry.End {
	var all []expiry.End
	for _, held := range r.all() {
		all = append(all, held.expiry())
	}
	slices.SortFunc(all, func(a, b expiry.End) int {
		return cmp.Or(cmp.Compare(a.Office, b.Office), cmp.Compare(a.What, b.What), cmp.Compare(a.Name, b.Name))
	})
	return all
}

// heldKey is one key of the configuration.
type heldKey struct {
	entry    OfficeKey
	outbound certs.Outbound
	now      func() time.Time

	mutex sync.Mutex
	// key, fault, again and away are guarded by mutex.
	key   exchange.Key
	fault error     // why the key is not open
	again time.Time // when its service may be asked again
	away  error     // why the service of an open key was silent when it was asked last; signing tries all the same
}

// dress gives the key its looks, which need no service.
func (h *heldKey) dress() (err error) {
	h.key = exchange.Key{Holder: h.entry.Holder, WidthMM: h.entry.Width, HeightMM: h.entry.Height}
	if h.entry.Image != "" {
		h.key.Image, err = openPicture(h.entry.Image)
	}
	return err
}

// use gives the key, and asks its service again when that did not answer. While one caller asks, the others are told
// the old fault and do not wait.
func (h *heldKey) use(ctx context.Context) (exchange.Key, error) {
	h.mutex.Lock()
	if h.fault == nil || h.now().Before(h.again) {
		defer h.mutex.Unlock()
		return h.key, h.fault
	}
	h.again = h.now().Add(openTime + askAgain)
	h.mutex.Unlock()
	return h.open(ctx)
}

func (h *heldKey) open(ctx context.Context) (exchange.Key, error) {
	asking, cancel := ctx, context.CancelFunc(func() {})
	if isAddress(h.entry.File) {
		asking, cancel = context.WithTimeout(ctx, openTime)
	}
	defer cancel()
	identity, err := h.ask(asking)
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.fault, h.again = err, h.now().Add(askAgain)
	if err == nil {
		h.key.Identity = identity
	}
	return h.key, err
}

// ask opens the key wherever it is kept. Nobody is asked to confirm anything: when time is over, the service is silent.
func (h *heldKey) ask(ctx context.Context) (certs.Identity, error) {
	identity, err := h.entry.open(ctx, h.outbound)
	if err != nil && ctx.Err() != nil {
		err = failure(exchange.Unavailable, "remote.unavailable", h.entry.File,
			errors.Join(certs.ErrRemoteUnavailable, ctx.Err()))
	}
	return identity, err
}

// probe asks the service of an open key whether it is there.
func (h *heldKey) probe(ctx context.Context) {
	h.mutex.Lock()
	due := strings.HasPrefix(h.entry.File, remoteScheme) && !h.now().Before(h.again)
	if due {
		h.again = h.now().Add(probeEvery)
	}
	h.mutex.Unlock()
	if !due {
		return
	}
	asking, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	_, err := h.ask(asking)
	if ctx.Err() != nil {
		return
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.away = err; err != nil {
		h.again = h.now().Add(askAgain)
	}
}

// expiry says when the certificate ends, or why it is not known.
func (h *heldKey) expiry() expiry.End {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	end := expiry.End{What: expiry.Seal, Office: h.entry.Office}
	if h.entry.Leader != "" {
		end.What = expiry.Leader
	}
	if fault := cmp.Or(h.fault, h.away); fault != nil {
		end.Name, end.Fault = cmp.Or(h.entry.Holder, h.entry.Leader, string(h.entry.Office)), codeOf(fault)
		return end
	}
	end.Name, end.Until = holderOf(h.key.Identity.Certificate), h.key.Identity.Certificate.NotAfter.UTC()
	return end
}
