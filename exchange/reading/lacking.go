package reading

import (
	"context"

	"congvan/exchange"
)

// Lacking says of arrivals that the actor was given which came without what they answer or replace, and what of that
// has not come yet. Those that lack nothing are not in the map.
func (d Desk) Lacking(
	ctx context.Context, actor exchange.Actor, arrivals ...exchange.Arrival,
) (map[exchange.ArrivalID][]exchange.DocumentID, error) {
	if err := actor.May(exchange.ActRead); err != nil {
		return nil, err
	}
	lacking := map[exchange.ArrivalID][]exchange.DocumentID{}
	for _, arrival := range arrivals {
		if len(arrival.Header.After) == 0 { // mostly
			continue
		}
		var ids []exchange.DocumentID
		err := d.Gateway.Records.View(ctx, func(tx exchange.Tx) error {
			var err error
			ids, err = d.Gateway.Lacking(ctx, tx, arrival)
			return err
		})
		if err != nil {
			return nil, err
		}
		if len(ids) > 0 {
			lacking[arrival.ID] = ids
		}
	}
	return lacking, nil
}

// LackingOf is [Desk.Lacking] for the arrival of a document, which is not shown with it. NotFound arrival.not_found.
func (d Desk) LackingOf(
	ctx context.Context, actor exchange.Actor, id exchange.DocumentID,
) ([]exchange.DocumentID, error) {
	if err := actor.May(exchange.ActRead); err != nil {
		return nil, err
	}
	var lacking []exchange.DocumentID
	err := d.Gateway.Records.View(ctx, func(tx exchange.Tx) error {
		arrival, err := d.Gateway.FindArrivalOf(ctx, tx, actor.Office, id)
		if err == nil {
			lacking, err = d.Gateway.Lacking(ctx, tx, arrival)
		}
		return err
	})
	return lacking, err
}
