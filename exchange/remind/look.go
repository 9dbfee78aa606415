package remind

import (
	"context"
	"time"

	"congvan/exchange"
)

const longestPage = 200

// Task (việc đang có hạn) is a document or an arrival with a clock that runs.
type Task struct {
	Side     exchange.Direction
	Subject  string            // a DocumentID or ArrivalID
	Office   exchange.OfficeID // whose it is: the actor's, or one that ended and whose documents that one keeps
	Document exchange.DocumentID
	Number   string
	Title    string // trích yếu
	Urgency  exchange.Urgency
	Clock    Clock
	Outcome  Outcome
}

// Tasks lists what the actor's office has to do by a day, the most pressing first: one task for each clock that runs.
// A page has at most limit documents, 1 to 200; next is where the following one goes on, and zero after the last. What
// happened in the last hour may be missing here; the document's own page has it. What an office that ended left undone
// is among them for who keeps its documents.
func (r *Reminder) Tasks(
	ctx context.Context, actor exchange.Actor, after exchange.Watched, limit int,
) (tasks []Task, next exchange.Watched, err error) {
	if err := mayRead(actor, limit); err != nil {
		return nil, next, err
	}
	err = r.Gateway.Records.View(ctx, func(tx exchange.Tx) error {
		list, err := r.watchedBy(ctx, tx, actor.Office, after, limit)
		if err != nil {
			return err
		}
		if len(list) == limit {
			next = list[limit-1]
		}
		for _, watched := range list {
			about, err := r.read(ctx, tx, watched.Side, watched.Office, watched.Subject)
			if err != nil {
				return err
			}
			tasks = append(tasks, about.tasks(r.now())...)
		}
		return nil
	})
	return tasks, next, err
}

func mayRead(actor exchange.Actor, limit int) error {
	if limit < 1 || limit > longestPage {
		return exchange.Errorf(exchange.Invalid, "page.limit", "limit %d, 1 to 200", limit)
	}
	return actor.May(exchange.ActRead)
}

func (s subject) tasks(now time.Time) []Task {
	var tasks []Task
	for _, clock := range s.clocks {
		if clock.Runs() {
			tasks = append(tasks, s.task(clock, now))
		}
	}
	return tasks
}

func (s subject) task(clock Clock, now time.Time) Task {
	return Task{
		Side: s.side, Subject: s.id, Office: s.office, Document: s.document, Number: s.number, Title: s.title,
		Urgency: s.urgency, Clock: clock, Outcome: clock.Outcome(now),
	}
}

// mostNotices is how many reminders are looked at for a notice.
const mostNotices = 20

// Notices lists the tasks of which the actor's office was reminded since yesterday and that are still to be done, at
// most twenty, the newest reminder first.
func (r *Reminder) Notices(ctx context.Context, actor exchange.Actor) ([]Task, error) {
	if err := actor.May(exchange.ActRead); err != nil {
		return nil, err
	}
	var tasks []Task
	err := r.Gateway.Records.View(ctx, func(tx exchange.Tx) error {
		since := exchange.Today(r.now()).AddDays(-1).Start()
		list, err := r.reminders(ctx, tx, actor.Office, since)
		if err != nil {
			return err
		}
		seen := map[[2]string]bool{}
		for _, reminded := range list {
			key := [2]string{reminded.Subject, reminded.Duty}
			if seen[key] {
				continue
			}
			seen[key] = true
			left, err := r.left(ctx, tx, reminded)
			if err != nil {
				return err
			}
			tasks = append(tasks, left...)
		}
		return nil
	})
	return tasks, err
}

// left gives the task that was reminded of, while it is to be done.
func (r *Reminder) left(ctx context.Context, tx exchange.Tx, reminded exchange.Reminded) ([]Task, error) {
	about, err := r.read(ctx, tx, reminded.Side, reminded.Office, reminded.Subject)
	if err != nil {
		return nil, err
	}
	var left []Task
	for _, task := range about.tasks(r.now()) {
		if string(task.Clock.Duty) == reminded.Duty {
			left = append(left, task)
		}
	}
	return left, nil
}

// Standing is how a document stands: its clocks, its way, and who holds it now.
type Standing struct {
	Document exchange.DocumentID
	Side     exchange.Direction // of the actor's office
	Office   exchange.OfficeID  // as in [Task]
	Subject  string             // a DocumentID or ArrivalID
	Number   string
	Title    string
	From     exchange.OfficeID // that issued it, or is to
	Clocks   []Clock
	Way      []Hop // out of the office, or from there to ours
	Copies   []Copy
	Holder   *Holder // of a document that is not issued yet, or of our copy; nil: nobody, it is done
}

// Copy is how one recipient's copy of an issued document stands.
type Copy struct {
	Office exchange.OfficeID
	Way    []Hop
	Holder *Holder // nil: nobody, it is done
}

// mostCopies is how many recipients one answer tells of.
const mostCopies = 500

// Standing tells how a document of the actor's office stands, outgoing or arrived there, of at most 500 recipients.
// NotFound: arrival.not_found.
func (r *Reminder) Standing(
	ctx context.Context, actor exchange.Actor, id exchange.DocumentID,
) (standing Standing, err error) {
	if err := actor.May(exchange.ActRead); err != nil {
		return standing, err
	}
	err = r.Gateway.Records.View(ctx, func(tx exchange.Tx) error {
		document, err := r.Gateway.FindDocument(ctx, tx, actor.Office, id)
		switch {
		case err == nil:
			standing, err = r.sent(ctx, tx, document)
			return err
		case exchange.KindOf(err) != exchange.NotFound:
			return err
		}
		arrival, err := r.Gateway.FindArrivalOf(ctx, tx, actor.Office, id)
		if err != nil {
			return err
		}
		standing, err = r.came(ctx, tx, arrival)
		return err
	})
	return standing, err
}

func (r *Reminder) came(ctx context.Context, tx exchange.Tx, arrival exchange.Arrival) (Standing, error) {
	subjects, err := r.incoming(ctx, tx, arrival.Office, []exchange.Arrival{arrival})
	if err != nil {
		return Standing{}, err
	}
	standing := standingOf(subjects[0])
	standing.From = arrival.Header.From
	standing.Holder = r.holder(standing.Way, standing.From)
	return standing, nil
}

func (r *Reminder) sent(ctx context.Context, tx exchange.Tx, document exchange.Document) (Standing, error) {
	documents := []exchange.Document{document}
	subjects, err := r.outgoing(ctx, tx, document.Office, documents)
	if err != nil {
		return Standing{}, err
	}
	document = documents[0]
	standing := standingOf(subjects[0])
	standing.From = document.Office
	if document.IssuedAt.IsZero() {
		standing.Holder = r.holder(standing.Way, document.Office)
		return standing, nil
	}
	about, err := tx.Statements(ctx, "", []exchange.DocumentID{document.ID})
	if err != nil {
		return Standing{}, err
	}
	of := byAddressee(about)
	start := hop{Sent, document.Office, r.Gateway.Node, document.IssuedAt}
	for _, office := range document.Recipients[:min(mostCopies, len(document.Recipients))] {
		way := copyOf(of[office], office).way(office, start)
		standing.Copies = append(standing.Copies, Copy{office, way, r.holder(way, document.Office)})
	}
	return standing, nil
}

func standingOf(about subject) Standing {
	return Standing{
		Document: about.document, Side: about.side, Office: about.office, Subject: about.id, Number: about.number,
		Title:  about.title,
		Clocks: about.clocks, Way: about.way,
	}
}

func (r *Reminder) holder(way []Hop, issuer exchange.OfficeID) *Holder {
	held, is := holder(way, issuer, r.Gateway.Node)
	if !is {
		return nil
	}
	return &held
}
