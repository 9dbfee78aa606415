package handover

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"log/slog"
	"sync"
	"time"

	"congvan/exchange"
)

const (
	pushEvery    = time.Second
	pushAtOnce   = 20
	pushLease    = 5 * time.Minute // longer than pushAtOnce calls that each take all the time they may
	firstBackoff = time.Second
	longBackoff  = 15 * time.Minute

	codeDeclined = "mailbox.declined"
)

// Run pushes what is due into webhooks and folders, and takes in what lies in folders, until ctx ends. Each mailbox has
// a goroutine of its own while something is due in it: a slow system holds up nobody else. It waits for all of them.
func (d *Desk) Run(ctx context.Context) {
	var under sync.Map // Holder: being pushed
	var work sync.WaitGroup
	defer work.Wait()
	ticker := time.NewTicker(pushEvery)
	defer ticker.Stop()
	for {
		for _, mailbox := range d.due(ctx) {
			of := Holder{mailbox.Office, mailbox.System}
			if _, busy := under.LoadOrStore(of, true); busy {
				continue
			}
			work.Go(func() {
				defer under.Delete(of)
				d.warn(ctx, of, d.Push(ctx, of))
			})
		}
		d.takeIn(ctx, &under, &work)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (d *Desk) due(ctx context.Context) []exchange.Mailbox {
	var due []exchange.Mailbox
	err := d.Gateway.Records.View(ctx, func(tx exchange.Tx) (err error) {
		now := d.Gateway.Now().UTC()
		if due, err = tx.DueMailboxes(ctx, now); err != nil {
			return err
		}
		further, err := d.dueOfHeirs(ctx, tx, now)
		due = append(due, further...)
		return err
	})
	d.warn(ctx, Holder{}, err)
	return due
}

func (d *Desk) warn(ctx context.Context, of Holder, err error) {
	if err != nil && ctx.Err() == nil {
		d.Gateway.Log.LogAttrs(ctx, slog.LevelWarn, "mailbox stands still", slog.String("office", string(of.Office)),
			slog.String("system", string(of.System)), slog.Any("error", err))
	}
}

// Push hands over what is due in one mailbox until nothing is or something fails; a failure is kept with the moment of
// the next attempt, which is later each time, up to a quarter of an hour, and never given up.
func (d *Desk) Push(ctx context.Context, of Holder) error {
	for {
		mailbox, err := d.mailbox(ctx, of)
		if err != nil || mailbox.Trouble.Next.After(d.Gateway.Now()) {
			return err
		}
		events, err := d.take(ctx, of, Ask{Most: pushAtOnce, Lease: pushLease})
		if err != nil || len(events) == 0 {
			return err
		}
		if err := d.pushAll(ctx, mailbox, events); err != nil {
			return err
		}
	}
}

// pushAll hands the events over one after the other. An event that the system declines waits by itself, and with it
// what is later of the same document; any other failure is the system's, and ends the attempt.
func (d *Desk) pushAll(ctx context.Context, mailbox exchange.Mailbox, events []Occurrence) error {
	of := Holder{mailbox.Office, mailbox.System}
	behind := map[exchange.DocumentID]bool{} // a declined event of the same document
	var declined error
	for i, event := range events {
		if behind[event.Data.Document] {
			if err := d.release(ctx, of, event, time.Duration(0)); err != nil {
				return err
			}
			continue
		}
		failed := d.pushOne(ctx, mailbox, event)
		switch {
		case failed == nil:
			continue
		case exchange.CodeOf(failed) != codeDeclined:
			return d.giveBack(context.WithoutCancel(ctx), mailbox, events[i:], failed)
		}
		behind[event.Data.Document], declined = true, failed
		if err := d.release(ctx, of, event, longBackoff); err != nil {
			return err
		}
	}
	if mailbox.Trouble.Failures > 0 || declined != nil {
		return d.settle(ctx, mailbox, declined)
	}
	return nil
}

// pushOne hands one event over and records that.
func (d *Desk) pushOne(ctx context.Context, mailbox exchange.Mailbox, event Occurrence) (err error) {
	of := Holder{mailbox.Office, mailbox.System}
	if mailbox.Order.Folder {
		err = d.drop(ctx, of, event)
	} else {
		err = d.post(ctx, mailbox, event)
	}
	if err != nil {
		return err
	}
	return d.acknowledge(ctx, of, []string{event.ID})
}

// giveBack ends the leases of events that were not handed over, and keeps why.
func (d *Desk) giveBack(ctx context.Context, mailbox exchange.Mailbox, events []Occurrence, failed error) error {
	for _, event := range events {
		if err := d.release(ctx, Holder{mailbox.Office, mailbox.System}, event, 0); err != nil {
			return err
		}
	}
	return d.settle(ctx, mailbox, failed)
}

// release ends the lease of an event that was not handed over: it can be given again after a while, of which the first
// attempts take only a part.
func (d *Desk) release(ctx context.Context, of Holder, event Occurrence, most time.Duration) error {
	index, err := indexOf(d.Gateway.Node, event.ID)
	if err != nil {
		return err
	}
	return d.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		pending, err := tx.Pending(ctx, of.Office, of.System, mostPending)
		if err != nil {
			return err
		}
		for _, one := range pending {
			if one.Index != index {
				continue
			}
			if one.Until = (time.Time{}); most > 0 {
				one.Until = d.Gateway.Now().UTC().Add(min(most, backoff(one.Tries)))
			}
			return tx.SetPending(ctx, of.Office, of.System, one)
		}
		return nil
	})
}

// settle keeps what came of the last attempt, and gives it back. What the system declines holds up
// nothing else.
func (d *Desk) settle(ctx context.Context, mailbox exchange.Mailbox, failed error) error {
	trouble := exchange.Trouble{}
	if failed != nil {
		now := d.Gateway.Now().UTC()
		trouble = exchange.Trouble{
			Code: exchange.CodeOf(failed), Detail: detailOf(failed), Failures: mailbox.Trouble.Failures + 1, At: now,
			Next: now.Add(backoff(mailbox.Trouble.Failures)),
		}
		if trouble.Code == codeDeclined {
			trouble.Failures, trouble.Next, failed = 0, time.Time{}, nil
		}
	}
	err := d.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		return tx.SetTrouble(ctx, mailbox.Office, mailbox.System, trouble)
	})
	if err != nil {
		return err
	}
	return failed
}

// detailOf is the cause in a few words, for the administrator.
func detailOf(err error) string {
	text := []rune(err.Error())
	return string(text[:min(len(text), 300)])
}

// backoff doubles from a second to a quarter of an hour, less up to a half, so that systems that fell together are not
// called together.
func backoff(failures int) time.Duration {
	long := min(longBackoff, firstBackoff<<min(failures, 20))
	var random [2]byte
	_, _ = rand.Read(random[:]) // never fails
	return long - time.Duration(binary.BigEndian.Uint16(random[:]))*(long/2)>>16
}
