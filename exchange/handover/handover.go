// Package handover answers: which document systems of an office have to learn of what happened, and have they?
//
// A mailbox belongs to one system of one office. What it hands over are the lines of the gateway's log that concern
// that office, in their order, each with an id that never changes: there is no second truth that could disagree with
// the first. A line is given with a lease; when it is not acknowledged in time it is given again, to anybody of the
// same system. Systems pull, or are called by a signed webhook, or find files in a folder; all three stand on the same
// leases. The package knows nothing of HTTP servers, SQL or tokens.
package handover

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"time"

	"congvan/exchange"
)

const (
	// MostEvents is how many events are given at once.
	MostEvents = 100
	// LongestLease is how long an event may stay with one who does not acknowledge it.
	LongestLease = time.Hour
	// LongestWait is how long a system may wait for something to happen.
	LongestWait = 30 * time.Second

	defaultLease = 5 * time.Minute
	lookEvery    = 500 * time.Millisecond // while somebody waits
	readAtOnce   = 200                    // lines of the log
	mostPending  = 1000                   // given and not acknowledged, in one mailbox
)

// Desk (bàn giao nhận) hands over what happens at a gateway to the document systems of its offices. Its fields are set
// once, before use; all methods may be called by several goroutines, and by several instances on the same records.
type Desk struct {
	Gateway *exchange.Gateway
	Client  *http.Client      // for webhooks: it must refuse addresses inside the house; nil: there are none
	Key     []byte            // 32 bytes that seal the secrets of webhooks
	Folders map[Holder]Folder // by mailbox
	// Sentence says to people in Vietnamese what a code means, in the files beside what cannot be handed in.
	Sentence func(code string) string
}

// Holder is whose a mailbox is.
type Holder struct {
	Office exchange.OfficeID
	System exchange.System
}

// Folder is a folder of this machine that stands for a mailbox; the operator orders it in the configuration.
type Folder struct {
	Path  string
	Order exchange.MailboxOrder
}

// Ask is how much a system wants, and for how long.
type Ask struct {
	Most  int           // events, 1 to MostEvents
	Lease time.Duration // 0: five minutes
	Wait  time.Duration // for something to happen
}

var systemForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// ValidSystem says whether a system may have this name: Invalid mailbox.name.
func ValidSystem(system exchange.System) error {
	if !systemForm.MatchString(string(system)) {
		return exchange.Errorf(exchange.Invalid, "mailbox.name", "system %.60q", system)
	}
	return nil
}

// holder says that the actor speaks for the system. Nobody learns which systems others have.
func holder(actor exchange.Actor, system exchange.System) (Holder, error) {
	if err := actor.May(exchange.ActTake); err != nil {
		return Holder{}, err
	}
	if actor.Name != string(system) {
		return Holder{}, exchange.Errorf(exchange.NotFound, "mailbox.not_found", "%s is not %s", actor.Name, system)
	}
	return Holder{actor.Office, system}, nil
}

// Lease gives the next events to the system that the actor speaks for, in the order in which they happened. They are
// given again when they are not acknowledged in time. Events about one document are never with two at once. Errors:
// Invalid mailbox.ask; NotFound mailbox.not_found; Conflict mailbox.pushed.
func (d *Desk) Lease(
	ctx context.Context, actor exchange.Actor, system exchange.System, ask Ask,
) ([]Occurrence, error) {
	to, err := holder(actor, system)
	if err != nil {
		return nil, err
	}
	if ask.Lease == 0 {
		ask.Lease = defaultLease
	}
	if ask.Most < 1 || ask.Most > MostEvents || ask.Lease < time.Second || ask.Lease > LongestLease ||
		ask.Wait < 0 || ask.Wait > LongestWait {
		return nil, exchange.Errorf(exchange.Invalid, "mailbox.ask", "%+v", ask)
	}
	mailbox, err := d.mailbox(ctx, to)
	if err != nil {
		return nil, err
	}
	if mailbox.Order.URL != "" || mailbox.Order.Folder {
		return nil, exchange.Errorf(exchange.Conflict, "mailbox.pushed", "%s", system)
	}
	return d.await(ctx, to, ask)
}

// await takes what is there, or waits for something for as long as was asked.
func (d *Desk) await(ctx context.Context, to Holder, ask Ask) ([]Occurrence, error) {
	end := d.Gateway.Now().Add(ask.Wait)
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		events, err := d.take(ctx, to, ask)
		if err != nil || len(events) > 0 || !d.Gateway.Now().Before(end) {
			return events, err
		}
		select {
		case <-ctx.Done():
			return nil, nil
		case <-ticker.C:
		}
	}
}

// take leases what is to be given now. It looks before it takes its turn among the writers.
func (d *Desk) take(ctx context.Context, to Holder, ask Ask) ([]Occurrence, error) {
	due := false
	now := d.Gateway.Now().UTC()
	err := d.Gateway.Records.View(ctx, func(tx exchange.Tx) (err error) {
		due, err = d.isDue(ctx, tx, to, now)
		return err
	})
	if err != nil || !due {
		return nil, err
	}
	var taken *taking
	err = d.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		mailbox, err := tx.Mailbox(ctx, to.Office, to.System)
		if err != nil || mailbox.Order.Paused {
			return err
		}
		taken = &taking{
			tx: tx, mailbox: mailbox, most: ask.Most, now: now, until: now.Add(ask.Lease), gateway: d.Gateway,
			sources: d.Gateway.Sources(to.Office), busy: map[exchange.DocumentID]bool{},
		}
		return taken.run(ctx)
	})
	if err != nil || taken == nil {
		return nil, err
	}
	return taken.given, nil
}

func (d *Desk) isDue(ctx context.Context, tx exchange.Tx, to Holder, now time.Time) (bool, error) {
	mailbox, err := tx.Mailbox(ctx, to.Office, to.System)
	if err != nil || mailbox.Order.Paused {
		return false, err
	}
	news, err := occurrences(ctx, tx, d.Gateway.Sources(to.Office), mailbox.Position, 1)
	if err != nil || len(news) > 0 {
		return len(news) > 0, err
	}
	pending, err := tx.Pending(ctx, to.Office, to.System, mostPending)
	return slices.ContainsFunc(pending, func(p exchange.Pending) bool { return !p.Until.After(now) }), err
}

// taking is one lease under way, in its transaction.
type taking struct {
	tx      exchange.Tx
	mailbox exchange.Mailbox
	most    int
	now     time.Time
	until   time.Time
	gateway *exchange.Gateway
	sources []exchange.OfficeID          // of whose documents the system is told
	busy    map[exchange.DocumentID]bool // of which an earlier event is with somebody
	pending int
	given   []Occurrence
}

func (t *taking) run(ctx context.Context) error {
	if err := t.again(ctx); err != nil {
		return err
	}
	for len(t.given) < t.most && t.pending < mostPending {
		entries, err := occurrences(ctx, t.tx, t.sources, t.mailbox.Position, readAtOnce)
		if err != nil || len(entries) == 0 {
			return err
		}
		if err := t.look(ctx, entries); err != nil {
			return err
		}
	}
	return nil
}

// again gives what was given before and is not acknowledged, or had to wait.
func (t *taking) again(ctx context.Context) error {
	pending, err := t.tx.Pending(ctx, t.mailbox.Office, t.mailbox.System, mostPending)
	if err != nil {
		return err
	}
	t.pending = len(pending)
	for _, one := range pending {
		if one.Until.After(t.now) || t.busy[one.Document] || len(t.given) == t.most {
			t.busy[one.Document] = true // whatever is later of the same document waits for it
			continue
		}
		event, err := t.reread(ctx, one.Index)
		if err != nil {
			return err
		}
		if err := t.give(ctx, one, event); err != nil {
			return err
		}
	}
	return nil
}

func (t *taking) reread(ctx context.Context, index int64) (Occurrence, error) {
	entry, err := entryAt(ctx, t.tx, index)
	if err != nil {
		return Occurrence{}, err
	}
	event, _, err := eventOf(ctx, t.tx, t.teller(), entry)
	return event, err
}

// give gives an event to the system, which thereby is shown the arrival that it is about. Of what was withdrawn before
// anybody saw it, nobody is told.
func (t *taking) give(ctx context.Context, one exchange.Pending, event Occurrence) error {
	err := t.show(ctx, event)
	if exchange.CodeOf(err) == "arrival.withdrawn" {
		one.Until, one.Tries = t.now, one.Tries+1 // as if it had been given and taken over
		if err := t.tx.SetPending(ctx, t.mailbox.Office, t.mailbox.System, one); err != nil {
			return err
		}
		_, err = t.tx.HandOver(ctx, t.mailbox.Office, t.mailbox.System, one.Index, t.now)
		return err
	}
	if err != nil {
		return err
	}
	one.Until, one.Tries = t.until, one.Tries+1
	t.given = append(t.given, event)
	return t.tx.SetPending(ctx, t.mailbox.Office, t.mailbox.System, one)
}

func (t *taking) show(ctx context.Context, event Occurrence) error {
	if event.Data.Arrival == "" {
		return nil
	}
	arrival, err := t.tx.Arrival(ctx, event.Data.Office, event.Data.Arrival)
	if err != nil {
		return err
	}
	system := exchange.Actor{Name: string(t.mailbox.System), Office: t.mailbox.Office, Role: exchange.DocumentSystem}
	return t.gateway.Show(ctx, t.tx, system, &arrival)
}

// look goes on in the log.
func (t *taking) look(ctx context.Context, entries []exchange.Entry) error {
	position := t.mailbox.Position
	for _, entry := range entries {
		if len(t.given) == t.most || t.pending == mostPending {
			break
		}
		if err := t.consider(ctx, entry); err != nil {
			return err
		}
		position = entry.Index + 1
	}
	t.mailbox.Position = position
	return t.tx.MoveMailbox(ctx, t.mailbox.Office, t.mailbox.System, position)
}

func (t *taking) consider(ctx context.Context, entry exchange.Entry) error {
	if _, known := topics[entry.Act]; !known {
		return nil
	}
	event, about, err := eventOf(ctx, t.tx, t.teller(), entry)
	if err != nil && exchange.KindOf(err) == exchange.NotFound {
		return nil // a line about a copy that was there already: the first one stands
	}
	if err != nil || !about.fits(t.mailbox.Order) {
		return err
	}
	t.pending++
	one := exchange.Pending{Index: entry.Index, Document: entry.Document}
	if t.busy[entry.Document] {
		return t.tx.SetPending(ctx, t.mailbox.Office, t.mailbox.System, one)
	}
	return t.give(ctx, one, event)
}

// Acknowledge records that the system has taken the events over; it is not given them again. Asked again it changes
// nothing, also when the lease was over meanwhile. Error: NotFound mailbox.not_offered, and then nothing is recorded.
func (d *Desk) Acknowledge(
	ctx context.Context, actor exchange.Actor, system exchange.System, ids []string,
) error {
	to, err := holder(actor, system)
	if err != nil {
		return err
	}
	return d.acknowledge(ctx, to, ids)
}

func (d *Desk) acknowledge(ctx context.Context, to Holder, ids []string) error {
	indexes := make([]int64, len(ids))
	for i, id := range ids {
		index, err := indexOf(d.Gateway.Node, id)
		if err != nil {
			return err
		}
		indexes[i] = index
	}
	now := d.Gateway.Now().UTC()
	return d.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		for _, index := range indexes {
			done, err := tx.HandOver(ctx, to.Office, to.System, index, now)
			if err != nil {
				return err
			}
			if done {
				continue
			}
			if err := logHandOver(ctx, tx, to, index, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// logHandOver writes that an arrival has reached the office's own system (ETSI EN 319 522-1: ContentHandover). Other
// events are about acts that the log has anyway.
func logHandOver(ctx context.Context, tx exchange.Tx, to Holder, index int64, now time.Time) error {
	entry, err := entryAt(ctx, tx, index)
	if err != nil || entry.Act != arrived && entry.Act != inherited {
		return err
	}
	detail := map[string]string{"arrival": entry.Detail["arrival"], "digest": entry.Detail["digest"]}
	of := whose(entry)
	if of != to.Office {
		detail["heir"] = string(to.Office)
	}
	_, err = tx.AppendLog(ctx, exchange.Entry{
		At: now, Act: "arrival.handed_over", Actor: string(to.System), Office: of, Document: entry.Document, Detail: detail,
	})
	return err
}

func (d *Desk) mailbox(ctx context.Context, of Holder) (exchange.Mailbox, error) {
	var mailbox exchange.Mailbox
	err := d.Gateway.Records.View(ctx, func(tx exchange.Tx) (err error) {
		mailbox, err = tx.Mailbox(ctx, of.Office, of.System)
		return err
	})
	return mailbox, err
}
