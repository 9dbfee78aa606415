package exchange

import (
	"context"
	"time"
)

// DeadlineRecords is the part of a transaction that package remind reads and writes. What is watched is an index, made
// from the facts; a [Reminded] is a fact.
type DeadlineRecords interface {
	// Watch puts at most limit documents and limit arrivals that came since it was called last on the list of those
	// watched, to be looked at from now on, and says how many.
	Watch(ctx context.Context, now time.Time, limit int) (int, error)
	// DueWatched lists what is to be looked at by now, of all offices, longest due first: for the reminding job only.
	DueWatched(ctx context.Context, now time.Time, limit int) ([]Watched, error)
	// Rewatch sets when it is looked at next and what is due; without LookAt it is watched no more.
	Rewatch(ctx context.Context, watched Watched) error
	// WatchedBy lists what the office has to do by a day, the most pressing first, after this one.
	WatchedBy(ctx context.Context, office OfficeID, after Watched, limit int) ([]Watched, error)
	// AddReminded records a reminder; false says that the same was given before.
	AddReminded(ctx context.Context, reminded Reminded) (bool, error)
	// Reminders lists reminders given to an office since a moment, newest first.
	Reminders(ctx context.Context, office OfficeID, since time.Time, limit int) ([]Reminded, error)

	// DocumentsIn and ArrivalsIn list what was handed in or arrived in a span, oldest first. Arrivals come without
	// receipts and judgement, and without those that were withdrawn.
	DocumentsIn(ctx context.Context, span Span) ([]Document, error)
	ArrivalsIn(ctx context.Context, span Span) ([]Arrival, error)
	// Statements lists what the receipts about the documents say, in the order in which they were recorded; with an
	// office, about its copies only, whoever states it now.
	Statements(ctx context.Context, office OfficeID, documents []DocumentID) ([]Statement, error)
	// Answers gives, in no order, the answers to the documents that the office issued, and that arrived at it.
	Answers(ctx context.Context, office OfficeID, documents []DocumentID) ([]DatedAnswer, error)
}

// Watched is a document or an arrival of an office with something left to do.
type Watched struct {
	Side    Direction
	Subject string // a DocumentID or ArrivalID
	Office  OfficeID
	LookAt  time.Time // when clocks are looked at next, UTC
	Due     time.Time // of the most pressing clock, as it stood last, UTC; zero: none runs
}

// Reminded (lời nhắc) is the fact that an office was reminded of a duty, once for each step.
type Reminded struct {
	Side     Direction
	Subject  string
	Document DocumentID
	Office   OfficeID
	Duty     string
	Step     string // such as before_2, on_day, after_1
	Due      time.Time
	At       time.Time
}

// Span is a part of what an office did or got: after From and, at that very moment, after the id; before To.
type Span struct {
	Office OfficeID
	From   time.Time
	After  string
	To     time.Time
	Limit  int
}

// Statement is what a receipt says, without its seal.
type Statement struct {
	Document DocumentID
	Office   OfficeID
	For      OfficeID // see [Receipt]
	Node     NodeID
	Status   Status
	Reason   string
	At       time.Time
}

// DatedAnswer is an answer (văn bản trả lời) to a document: by whom, and when it was issued, or arrived here.
type DatedAnswer struct {
	To DocumentID
	By OfficeID
	At time.Time
}
