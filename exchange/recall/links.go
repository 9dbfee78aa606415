package recall

import (
	"context"
	"time"

	"congvan/exchange"
	"congvan/exchange/reading"
)

// Link is that two documents name each other, as one of them sees it.
type Link struct {
	Kind     exchange.TieKind
	Names    bool                // this document names the other; else the other names this one
	Document exchange.DocumentID // the other
	Known    bool                // the office has it, sent or received; else nothing but the id is said
	Arrival  exchange.ArrivalID  // when it came from another office
	Header   exchange.Header     // of the other, as far as it is known: sender, number, subject, kind
}

// Links lists the documents that the actor's document or arrival names, and those of the actor's office that name it:
// what it answers and what answers it, what replaces it, what it is a copy of. A replacement counts only when it was
// issued by the office that had issued the old document. Arrivals among them are shown with it. Errors: NotFound
// document.not_found.
func (d *Desk) Links(ctx context.Context, actor exchange.Actor, id exchange.DocumentID) ([]Link, error) {
	if err := actor.May(exchange.ActRead); err != nil {
		return nil, err
	}
	var links []Link
	err := d.Gateway.Records.View(ctx, func(tx exchange.Tx) error {
		own, err := d.lookUp(ctx, tx, actor.Office, id)
		if err != nil {
			return err
		}
		if !own.Known {
			return exchange.Errorf(exchange.NotFound, "document.not_found", "document %q", id)
		}
		links, err = d.linked(ctx, tx, actor.Office, own)
		return err
	})
	if err != nil {
		return nil, err
	}
	return d.shown(ctx, actor, links)
}

func (d *Desk) linked(
	ctx context.Context, tx exchange.Tx, office exchange.OfficeID, own Link,
) ([]Link, error) {
	ties, err := tx.Ties(ctx, own.Document)
	if err != nil {
		return nil, err
	}
	var links []Link
	for _, tie := range ties {
		names, other := tie.Source == own.Document, tie.Target
		if !names {
			other = tie.Source
		}
		link, err := d.lookUp(ctx, tx, office, other)
		if err != nil {
			return nil, err
		}
		link.Kind, link.Names = tie.Kind, names
		foreign := tie.Kind == exchange.Replaces && link.Known && link.Header.From != own.Header.From
		if !foreign && (link.Known || names) { // what others say among each other is no concern of this office
			links = append(links, link)
		}
	}
	return links, nil
}

// lookUp finds what the office has by this id.
func (d *Desk) lookUp(
	ctx context.Context, tx exchange.Tx, office exchange.OfficeID, id exchange.DocumentID,
) (Link, error) {
	document, err := d.Gateway.FindDocument(ctx, tx, office, id)
	if err == nil {
		return Link{Document: id, Known: true, Header: exchange.Header{
			ID: id, From: document.Office, Kind: document.Kind, Subject: document.Subject, Numbering: document.Numbering,
		}}, nil
	}
	if exchange.KindOf(err) != exchange.NotFound {
		return Link{}, err
	}
	arrival, err := d.Gateway.FindArrivalOf(ctx, tx, office, id)
	if err != nil && exchange.KindOf(err) != exchange.NotFound {
		return Link{}, err
	}
	if arrival.ID == "" || arrival.Withdrawn() {
		return Link{Document: id}, nil
	}
	return Link{Document: id, Known: true, Arrival: arrival.ID, Header: arrival.Header}, nil
}

// shown records that the arrivals among the links are shown now. What was withdrawn meanwhile is not known any more.
func (d *Desk) shown(ctx context.Context, actor exchange.Actor, links []Link) ([]Link, error) {
	for i, link := range links {
		if link.Arrival == "" {
			continue
		}
		_, err := reading.Desk{Gateway: d.Gateway}.Arrival(ctx, actor, link.Arrival)
		switch {
		case exchange.CodeOf(err) == "arrival.withdrawn":
			links[i] = Link{Kind: link.Kind, Names: link.Names, Document: link.Document}
		case err != nil:
			return nil, err
		}
	}
	return links, nil
}

// Trace (dấu vết) is what is left of an arrival that was withdrawn before it was shown: that it came and went, and why.
// Nothing of its content.
type Trace struct {
	Arrival     exchange.ArrivalID
	Document    exchange.DocumentID
	From        exchange.OfficeID
	Number      string // số và ký hiệu
	ArrivedAt   time.Time
	WithdrawnAt time.Time
	Reason      string // of the office that issued it
}

// Withdrawn lists what was withdrawn from the actor's office before it was shown to anybody, newest first.
func (d *Desk) Withdrawn(ctx context.Context, actor exchange.Actor, page exchange.Page) ([]Trace, error) {
	if err := page.Check(actor); err != nil {
		return nil, err
	}
	var traces []Trace
	err := d.Gateway.Records.View(ctx, func(tx exchange.Tx) error {
		arrivals, err := tx.Withdrawn(ctx, actor.Office, page)
		if err != nil {
			return err
		}
		traces = make([]Trace, len(arrivals))
		for i, arrival := range arrivals {
			if traces[i], err = traceOf(ctx, tx, arrival); err != nil {
				return err
			}
		}
		return nil
	})
	return traces, err
}

func traceOf(ctx context.Context, tx exchange.Tx, arrival exchange.Arrival) (Trace, error) {
	trace := Trace{
		Arrival: arrival.ID, Document: arrival.Document, From: arrival.Header.From,
		Number: arrival.Header.Numbering.String(), ArrivedAt: arrival.ArrivedAt,
	}
	for _, receipt := range arrival.Receipts {
		if receipt.Status == exchange.RecallAccepted {
			trace.WithdrawnAt = receipt.At
		}
	}
	notices, err := tx.Notices(ctx, arrival.Document)
	for _, notice := range notices {
		if notice.From == arrival.Header.From && notice.Status == exchange.RecallRequested {
			trace.Reason = notice.Reason
		}
	}
	return trace, err
}
