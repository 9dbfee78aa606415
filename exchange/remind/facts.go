package remind

import (
	"cmp"
	"context"
	"slices"
	"time"

	"congvan/exchange"
)

// subject is a document or an arrival of an office with its clocks.
type subject struct {
	side     exchange.Direction
	id       string
	document exchange.DocumentID
	office   exchange.OfficeID
	urgency  exchange.Urgency
	clocks   []Clock
	done     bool // no further clock can start
	number   string
	title    string
	refused  bool   // an arrival that was sent back
	reason   string // why
	at       time.Time
	way      []Hop
}

// read derives the clocks of a subject from the facts as they stand.
func (r *Reminder) read(
	ctx context.Context, tx exchange.Tx, side exchange.Direction, office exchange.OfficeID, id string,
) (subject, error) {
	if side == exchange.Incoming {
		arrival, err := tx.Arrival(ctx, office, exchange.ArrivalID(id))
		if err != nil {
			return subject{}, err
		}
		arrivals := []exchange.Arrival{arrival}
		subjects, err := r.incoming(ctx, tx, office, arrivals)
		if err != nil {
			return subject{}, err
		}
		return subjects[0], nil
	}
	document, err := tx.Document(ctx, office, exchange.DocumentID(id))
	if err != nil {
		return subject{}, err
	}
	subjects, err := r.outgoing(ctx, tx, office, []exchange.Document{document})
	if err != nil {
		return subject{}, err
	}
	return subjects[0], nil
}

// incoming derives the clocks of arrivals at one office.
func (r *Reminder) incoming(
	ctx context.Context, tx exchange.Tx, office exchange.OfficeID, arrivals []exchange.Arrival,
) ([]subject, error) {
	ids := make([]exchange.DocumentID, len(arrivals))
	for i, arrival := range arrivals {
		ids[i] = arrival.Document
	}
	about, answers, err := r.said(ctx, tx, office, office, ids)
	if err != nil {
		return nil, err
	}
	list := make([]subject, len(arrivals))
	for i, arrival := range arrivals {
		header := arrival.Header
		copied := copyOf(about[arrival.Document], office)
		copied.arrived = arrival.ArrivedAt // by this gateway's own clock
		answered := answers.by(arrival.Document, office)
		list[i] = subject{
			side: exchange.Incoming, id: string(arrival.ID), document: arrival.Document, office: office,
			urgency: header.Urgency, number: header.Numbering.String(), title: header.Subject,
			clocks: r.Setting.copyClocks(copied, office, header.Urgency, header.DueOn, answered),
			done:   !copied.decided().IsZero(), refused: !copied.refused.IsZero(), reason: copied.reason,
			at:  arrival.ArrivedAt,
			way: copied.way(office, hop{Sent, header.From, header.Node, header.IssuedAt}),
		}
	}
	return list, nil
}

// outgoing derives the clocks of documents of one office.
func (r *Reminder) outgoing(
	ctx context.Context, tx exchange.Tx, office exchange.OfficeID, documents []exchange.Document,
) ([]subject, error) {
	if err := r.extend(ctx, tx, documents); err != nil {
		return nil, err
	}
	ids := make([]exchange.DocumentID, len(documents))
	for i, document := range documents {
		ids[i] = document.ID
	}
	about, answers, err := r.said(ctx, tx, "", office, ids)
	if err != nil {
		return nil, err
	}
	list := make([]subject, len(documents))
	for i, document := range documents {
		signed, numbered, err := signedAt(ctx, tx, document)
		if err != nil {
			return nil, err
		}
		list[i] = subject{
			side: exchange.Outgoing, id: string(document.ID), document: document.ID, office: office,
			urgency: document.Urgency, number: document.Numbering.String(), title: document.Subject,
			done: !document.IssuedAt.IsZero(), at: document.CreatedAt, way: outWay(document, signed, numbered),
		}
		if clock, runs := r.Setting.clock(Issue, signed, document.Urgency); runs && document.CopyOf == nil {
			clock.Office, clock.Ended = office, document.IssuedAt
			list[i].clocks = append(list[i].clocks, clock)
		}
		waits := r.Setting.awaited(document, about[document.ID], answers)
		list[i].clocks = append(list[i].clocks, waits...)
	}
	return list, nil
}

// extend puts those among the recipients who were added after sending.
func (r *Reminder) extend(ctx context.Context, tx exchange.Tx, documents []exchange.Document) error {
	for i, document := range documents {
		if document.IssuedAt.IsZero() {
			continue
		}
		added, err := r.Gateway.Additions(ctx, tx, document)
		if err != nil {
			return err
		}
		for _, notice := range added {
			for _, office := range notice.To {
				if !slices.Contains(documents[i].Recipients, office) {
					documents[i].Recipients = append(slices.Clip(documents[i].Recipients), office)
				}
			}
		}
	}
	return nil
}

// signedAt says when the competent person signed: here, or before the document was handed in, as the log has it.
func signedAt(
	ctx context.Context, tx exchange.Tx, document exchange.Document,
) (signed, numbered time.Time, err error) {
	for _, version := range document.Versions {
		if version.Step == exchange.StepSigned {
			signed = version.At
		}
	}
	entries, err := tx.Entries(ctx, document.Office, document.ID)
	for _, entry := range entries {
		switch entry.Act {
		case "document.signed_elsewhere":
			if signed.IsZero() {
				signed = document.CreatedAt
			}
		case "document.numbered":
			numbered = entry.At
		}
	}
	return signed, numbered, err
}

// awaited starts the clock of the answers that the office asked for. Who sent the document back owes none.
func (s *Setting) awaited(
	document exchange.Document, about []exchange.Statement, answers answers,
) []Clock {
	clock, runs := s.clockUntil(Answers, document.IssuedAt, document.DueOn)
	if !runs {
		return nil
	}
	clock.Office = document.Office
	var last time.Time
	asked := 0
	copies := byAddressee(about)
	for _, recipient := range document.Recipients {
		answered := answers.by(document.ID, recipient)
		switch {
		case !answered.IsZero():
			asked++
			last = later(last, answered)
		case !copyOf(copies[recipient], recipient).gone():
			asked++
			clock.Waiting = append(clock.Waiting, recipient)
		}
	}
	if asked == 0 {
		return nil
	}
	if len(clock.Waiting) == 0 {
		clock.Ended = last
	}
	return []Clock{clock}
}

// copyFacts is what receipts say of one recipient's copy: when each was stated first.
type copyFacts struct {
	office    exchange.OfficeID
	node      exchange.NodeID   // that stated the arrival
	at        exchange.OfficeID // at which it arrived first
	carried   []exchange.Statement
	arrived   time.Time
	handed    exchange.Statement // arrived again, at who goes on for an office that ended
	accepted  time.Time
	refused   time.Time
	recalled  time.Time // given back to the sender, or withdrawn before anybody saw it
	reason    string
	assigned  time.Time
	working   time.Time
	completed time.Time
}

// copyOf reads what was stated about one office's copy.
func copyOf(about []exchange.Statement, office exchange.OfficeID) copyFacts {
	facts := copyFacts{office: office}
	for _, statement := range about {
		facts.take(statement)
	}
	return facts
}

// byAddressee groups statements by the office that the document was addressed to, which an heir may speak for.
func byAddressee(statements []exchange.Statement) map[exchange.OfficeID][]exchange.Statement {
	about, heirs := map[exchange.OfficeID][]exchange.Statement{}, map[exchange.OfficeID][]exchange.OfficeID{}
	for _, statement := range statements {
		addressee := cmp.Or(statement.For, statement.Office)
		about[addressee] = append(about[addressee], statement)
		if statement.For != "" && statement.Status == exchange.Arrived {
			heirs[statement.Office] = append(heirs[statement.Office], statement.For)
		}
	}
	for _, statement := range statements { // an heir decides once about what came to it for several
		for _, office := range heirs[statement.Office] {
			if statement.Status != exchange.Arrived && cmp.Or(statement.For, statement.Office) != office {
				about[office] = append(about[office], statement)
			}
		}
	}
	return about
}

func (f *copyFacts) take(statement exchange.Statement) {
	first := func(at *time.Time) {
		if at.IsZero() {
			*at = statement.At
		}
	}
	switch statement.Status {
	case exchange.Carried:
		f.carried = append(f.carried, statement)
	case exchange.Arrived:
		f.arrive(statement)
	case exchange.Refused:
		first(&f.refused)
		f.reason = statement.Reason
	case exchange.Accepted:
		first(&f.accepted)
	case exchange.Assigned:
		first(&f.assigned)
	case exchange.InProgress:
		first(&f.working)
	case exchange.Completed:
		first(&f.completed)
	case exchange.RecallAccepted:
		first(&f.recalled)
	case exchange.RecallRequested, exchange.RecallRefused, exchange.Undeliverable, exchange.RecipientsAdded,
		exchange.Transferred, exchange.TakenOver:
	}
}

// arrive notes where the copy came to first, and then to whom it was handed on.
func (f *copyFacts) arrive(statement exchange.Statement) {
	switch {
	case f.arrived.IsZero():
		f.arrived, f.node, f.at = statement.At, statement.Node, statement.Office
	case statement.Office != f.at && statement.For != "":
		f.handed = statement
	default:
		f.node = statement.Node
	}
}

// decided is when the copy was accepted or refused.
func (f copyFacts) decided() time.Time { return firstOf(f.accepted, f.refused) }

// gone says that nothing more is expected of the copy.
func (f copyFacts) gone() bool { return !f.refused.IsZero() || !f.recalled.IsZero() }

// firstOf gives the earliest moment that is one.
func firstOf(moments ...time.Time) time.Time {
	var first time.Time
	for _, at := range moments {
		if !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

// copyClocks starts the clocks of a copy that arrived at an office.
func (s *Setting) copyClocks(
	facts copyFacts, office exchange.OfficeID, urgency exchange.Urgency, dueOn exchange.Date, answered time.Time,
) []Clock {
	if !facts.recalled.IsZero() { // nothing is to be done with what was taken back
		return nil
	}
	var list []Clock
	add := func(clock Clock, runs bool, ended time.Time) {
		if runs {
			clock.Office, clock.Ended = office, ended
			list = append(list, clock)
		}
	}
	clock, runs := s.clock(Receive, facts.arrived, urgency)
	add(clock, runs, facts.decided())
	clock, runs = s.clockUntil(Decide, facts.arrived, dueOn)
	add(clock, runs, facts.decided())
	clock, runs = s.clock(Present, facts.accepted, urgency)
	add(clock, runs, firstOf(facts.assigned, facts.working, facts.completed))
	if facts.refused.IsZero() {
		clock, runs = s.clockUntil(Answer, facts.arrived, dueOn)
		add(clock, runs, answered)
	}
	return list
}
