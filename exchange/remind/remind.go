// Package remind answers: what must an office do by when, who holds a document now, and who was in time?
//
// A [Calendar] knows working days and working hours, as the office states them. Duties with their periods are data
// ([Setting]); [Clock] values are derived from the facts of a document and never stored. A [Reminder] reminds the
// office concerned before and after a day that is due, each step once, and counts who was early, in time and late. The
// package knows nothing of words for people, and a year whose holidays nobody stated it calls unknown: in it nobody is
// late.
package remind

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"congvan/exchange"
)

const (
	// lookAgain and lookAgainUrgent are when a document is looked at again, at the latest: what happened to it since may
	// have started another clock.
	lookAgain       = time.Hour
	lookAgainUrgent = time.Minute

	watchedAtOnce = 200 // newly watched in one transaction
	lookedAtOnce  = 32  // looked at in one transaction
	mostBatches   = 200 // in one go, so that what was imported does not hold up the rest
)

// Reminder (nhắc việc) reminds offices of what is due and reports on it. Its fields are set once, before use; all
// methods may be called by several goroutines, and by several instances over the same records.
type Reminder struct {
	Gateway *exchange.Gateway
	Setting Setting
	// Tell is called with every reminder after it is durable, on the goroutine of [Reminder.Run]; nil: nobody is told
	// but the log. When the process ends between, the reminder stays a fact and is not told again.
	Tell func(ctx context.Context, reminded exchange.Reminded)

	mutex sync.Mutex
	// told is guarded by mutex.
	told map[Told]int
}

// Told says of what duty, at what kind of step, reminders were given.
type Told struct {
	Duty Duty
	Late bool // after the day that was due
}

// Told gives how many reminders this instance has given since it started.
func (r *Reminder) Told() map[Told]int {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	told := make(map[Told]int, len(r.told))
	for key, count := range r.told {
		told[key] = count
	}
	return told
}

// Run looks at once and then every so often until ctx ends.
func (r *Reminder) Run(ctx context.Context, every time.Duration) {
	exchange.Every(ctx, every, func() {
		if _, err := r.Look(ctx); err != nil && ctx.Err() == nil {
			r.Gateway.Log.LogAttrs(ctx, slog.LevelError, "cannot look at deadlines", slog.Any("error", err))
		}
	})
}

// Look looks at everything that is to be looked at now, gives the reminders that are due, and says how many. Called
// again at the same time it gives none.
func (r *Reminder) Look(ctx context.Context) (int, error) {
	for range mostBatches {
		count := 0
		err := r.Gateway.Records.Update(ctx, func(tx exchange.Tx) (err error) {
			count, err = tx.Watch(ctx, r.now(), watchedAtOnce)
			return err
		})
		if err != nil {
			return 0, err
		}
		if count == 0 {
			break
		}
	}
	told := 0
	for range mostBatches {
		given, more, err := r.lookOnce(ctx)
		if err != nil {
			return told, err
		}
		r.tell(ctx, given)
		if told += len(given); !more {
			break
		}
	}
	return told, nil
}

func (r *Reminder) now() time.Time { return r.Gateway.Now().UTC().Truncate(time.Millisecond) }

// lookOnce looks at the next few in one transaction, so that a clock that ended meanwhile reminds nobody.
func (r *Reminder) lookOnce(ctx context.Context) (given []exchange.Reminded, more bool, err error) {
	now := r.now()
	err = r.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		given = nil // it may run again
		list, err := tx.DueWatched(ctx, now, lookedAtOnce)
		if err != nil {
			return err
		}
		more = len(list) == lookedAtOnce
		for _, watched := range list {
			reminded, err := r.lookAt(ctx, tx, watched, now)
			if err != nil {
				return err
			}
			given = append(given, reminded...)
		}
		return nil
	})
	return given, more, err
}

// lookAt gives the reminders about one subject, and says when it is looked at next.
func (r *Reminder) lookAt(
	ctx context.Context, tx exchange.Tx, watched exchange.Watched, now time.Time,
) (given []exchange.Reminded, err error) {
	about, err := r.read(ctx, tx, watched.Side, watched.Office, watched.Subject)
	if exchange.KindOf(err) == exchange.NotFound {
		watched.LookAt = time.Time{}
		return nil, tx.Rewatch(ctx, watched)
	}
	if err != nil {
		return nil, err
	}
	watched.LookAt, watched.Due = now.Add(lookAgain), time.Time{}
	if about.urgency != exchange.Ordinary {
		watched.LookAt = now.Add(lookAgainUrgent)
	}
	for _, clock := range about.clocks {
		if !clock.Runs() {
			continue
		}
		watched.Due = firstOf(watched.Due, clock.Due)
		step, next := r.Setting.step(clock, now)
		watched.LookAt = firstOf(watched.LookAt, next)
		reminded, fresh, err := r.give(ctx, tx, about, clock, step)
		if err != nil {
			return nil, err
		}
		if fresh {
			given = append(given, reminded)
		}
	}
	if about.done && watched.Due.IsZero() {
		watched.LookAt = time.Time{}
	}
	return given, tx.Rewatch(ctx, watched)
}

// give records a reminder with its line in the log, once.
func (r *Reminder) give(
	ctx context.Context, tx exchange.Tx, about subject, clock Clock, step string,
) (exchange.Reminded, bool, error) {
	if step == "" {
		return exchange.Reminded{}, false, nil
	}
	reminded := exchange.Reminded{
		Side: about.side, Subject: about.id, Document: about.document, Office: about.office,
		Duty: string(clock.Duty), Step: step, Due: clock.Due, At: r.now(),
	}
	fresh, err := tx.AddReminded(ctx, reminded)
	if err != nil || !fresh {
		return reminded, false, err
	}
	_, err = tx.AppendLog(ctx, exchange.Entry{
		At: reminded.At, Act: "deadline.reminded", Office: about.office, Document: about.document,
		Detail: map[string]string{"duty": reminded.Duty, "step": step, "due": reminded.Due.Format(time.RFC3339)},
	})
	return reminded, true, err
}

// doneBy is who has to do what the office left undone: itself, or who keeps its documents since it ended.
func (r *Reminder) doneBy(office exchange.OfficeID) exchange.OfficeID {
	line := r.Gateway.Directory().Line(office, exchange.Today(r.now()))
	return line[len(line)-1]
}

func (r *Reminder) tell(ctx context.Context, given []exchange.Reminded) {
	for _, reminded := range given {
		late := reminded.At.After(reminded.Due)
		r.mutex.Lock()
		if r.told == nil {
			r.told = map[Told]int{}
		}
		r.told[Told{Duty(reminded.Duty), late}]++
		r.mutex.Unlock()
		r.Gateway.Log.LogAttrs(ctx, slog.LevelWarn, "deadline", slog.String("office", string(reminded.Office)),
			slog.String("keeper", string(r.doneBy(reminded.Office))),
			slog.String("document", string(reminded.Document)), slog.String("duty", reminded.Duty),
			slog.String("step", reminded.Step), slog.Time("due", reminded.Due), slog.Bool("late", late))
		if r.Tell != nil {
			r.Tell(ctx, reminded)
		}
	}
}
