// Package reading answers: what may an office see of the documents that it has, and what is noted when it does?
//
// Who reads sees what is of the own office and of those whose documents it keeps. An arrival is shown with being given,
// which is a fact that a recall goes by; who opened which file is in the log before the first byte is given. The
// package knows nothing of storage, HTTP or screens.
package reading

import (
	"context"
	"slices"
	"time"

	"congvan/exchange"
)

// Desk is where an office reads. All methods may be called by several goroutines.
type Desk struct {
	Gateway *exchange.Gateway
}

// now is the moment in UTC, as precise as records keep it.
func (d Desk) now() time.Time { return d.Gateway.Now().UTC().Truncate(time.Millisecond) }

// Document gives a document of the actor's office, or of a closed one whose documents it keeps.
func (d Desk) Document(ctx context.Context, actor exchange.Actor, id exchange.DocumentID) (exchange.Document, error) {
	if err := actor.May(exchange.ActRead); err != nil {
		return exchange.Document{}, err
	}
	var document exchange.Document
	err := d.Gateway.Records.View(ctx, func(tx exchange.Tx) error {
		var err error
		document, err = d.Gateway.FindDocument(ctx, tx, actor.Office, id)
		return err
	})
	return document, err
}

// Documents lists documents of the actor's office (văn bản đi), newest first.
func (d Desk) Documents(ctx context.Context, actor exchange.Actor, page exchange.Page) ([]exchange.Document, error) {
	if err := page.Check(actor); err != nil {
		return nil, err
	}
	office, page, err := d.listed(actor, page)
	if err != nil {
		return nil, err
	}
	var documents []exchange.Document
	err = d.Gateway.Records.View(ctx, func(tx exchange.Tx) error {
		var err error
		documents, err = tx.Documents(ctx, office, page)
		return err
	})
	return documents, err
}

// Arrival gives an arrival at the actor's office, which is shown with it; see [exchange.Gateway.Show].
func (d Desk) Arrival(ctx context.Context, actor exchange.Actor, id exchange.ArrivalID) (exchange.Arrival, error) {
	if err := actor.May(exchange.ActRead); err != nil {
		return exchange.Arrival{}, err
	}
	found, err := d.show(ctx, actor, func(tx exchange.Tx) ([]exchange.Arrival, error) {
		arrival, err := d.Gateway.FindArrival(ctx, tx, actor.Office, id)
		return []exchange.Arrival{arrival}, err
	})
	if err != nil {
		return exchange.Arrival{}, err
	}
	return found[0], nil
}

// Arrivals lists arrivals at the actor's office (văn bản đến), newest first; they are shown with it. Those that were
// withdrawn before are not among them; those at closed offices whose documents it keeps are, unless the page asks for
// one source.
func (d Desk) Arrivals(ctx context.Context, actor exchange.Actor, page exchange.Page) ([]exchange.Arrival, error) {
	if err := page.Check(actor); err != nil {
		return nil, err
	}
	office, page, err := d.listed(actor, page)
	if err != nil {
		return nil, err
	}
	return d.show(ctx, actor, func(tx exchange.Tx) ([]exchange.Arrival, error) { return tx.Arrivals(ctx, office, page) })
}

// show reads arrivals and records those that are shown for the first time; mostly there are none.
func (d Desk) show(
	ctx context.Context, actor exchange.Actor, read func(tx exchange.Tx) ([]exchange.Arrival, error),
) ([]exchange.Arrival, error) {
	var arrivals []exchange.Arrival
	err := d.Gateway.Records.View(ctx, func(tx exchange.Tx) error {
		var err error
		arrivals, err = read(tx)
		return err
	})
	fresh := func(arrival exchange.Arrival) bool { return arrival.ShownAt.IsZero() }
	if err != nil || !slices.ContainsFunc(arrivals, fresh) {
		return arrivals, err
	}
	err = d.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		var err error
		if arrivals, err = read(tx); err != nil {
			return err
		}
		for i := range arrivals {
			if err := d.Gateway.Show(ctx, tx, actor, &arrivals[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return arrivals, nil
}

// listed says of which office a list is, and which others are listed with it. Error: Denied access.denied for a source
// whose documents the office does not keep.
func (d Desk) listed(actor exchange.Actor, page exchange.Page) (exchange.OfficeID, exchange.Page, error) {
	sources := d.Gateway.Sources(actor.Office)
	switch {
	case page.Source == "":
		page.Inherited = sources[1:]
		return actor.Office, page, nil
	case slices.Contains(sources, page.Source):
		return page.Source, page, nil
	}
	return "", page, exchange.Errorf(exchange.Denied, "access.denied", "%s does not keep the documents of %s",
		actor.Office, page.Source)
}
