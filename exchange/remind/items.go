package remind

import (
	"context"

	"congvan/exchange"
)

// Behind lists what stands behind one number of a [Report]: the documents whose clock of the duty has the outcome, at
// most limit of them, 1 to 200, oldest first, after a cursor. next is zero after the last. Errors: Invalid
// report.period, report.duty, page.limit.
func (r *Reminder) Behind(
	ctx context.Context, actor exchange.Actor, ask Question,
) (tasks []Task, next Cursor, err error) {
	if err := period(actor, ask.From, ask.To); err != nil {
		return nil, next, err
	}
	if err := mayRead(actor, ask.Limit); err != nil {
		return nil, next, err
	}
	side, known := sides[ask.Duty]
	if !known {
		return nil, next, exchange.Errorf(exchange.Invalid, "report.duty", "duty %q", ask.Duty)
	}
	from := start(ask.From)
	if !ask.After.At.IsZero() {
		from = ask.After
	}
	now := r.now()
	part := stretch{actor.Office, side, from, ask.To}
	err = r.each(ctx, part, func(about subject, _ sentFacts) bool {
		for _, clock := range about.clocks {
			if clock.Duty == ask.Duty && clock.Outcome(now) == ask.Outcome {
				tasks = append(tasks, about.task(clock, now))
			}
		}
		if len(tasks) < ask.Limit {
			return true
		}
		next = Cursor{about.at, about.id}
		return false
	})
	return tasks, next, err
}

// Question asks for what stands behind a number.
type Question struct {
	From, To exchange.Date
	Duty     Duty
	Outcome  Outcome
	After    Cursor
	Limit    int
}

// sides says whether a duty is about what the office sends or what came to it.
var sides = map[Duty]exchange.Direction{
	Issue: exchange.Outgoing, Answers: exchange.Outgoing,
	Receive: exchange.Incoming, Decide: exchange.Incoming, Present: exchange.Incoming, Answer: exchange.Incoming,
}
