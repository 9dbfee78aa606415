package remind

import (
	"cmp"
	"context"
	"slices"
	"time"

	"congvan/exchange"
)

// watchedBy lists what the office has to do by a day, for itself and for those whose documents it keeps, the most
// pressing first.
func (r *Reminder) watchedBy(
	ctx context.Context, tx exchange.Tx, office exchange.OfficeID, after exchange.Watched, limit int,
) ([]exchange.Watched, error) {
	var all []exchange.Watched
	for _, source := range r.Gateway.Sources(office) {
		list, err := tx.WatchedBy(ctx, source, after, limit)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	slices.SortFunc(all, func(a, b exchange.Watched) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Subject, b.Subject))
	})
	return all[:min(limit, len(all))], nil
}

// reminders lists those given since a moment to the office and to those whose documents it keeps, the newest first.
func (r *Reminder) reminders(
	ctx context.Context, tx exchange.Tx, office exchange.OfficeID, since time.Time,
) ([]exchange.Reminded, error) {
	var all []exchange.Reminded
	for _, source := range r.Gateway.Sources(office) {
		list, err := tx.Reminders(ctx, source, since, mostNotices)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	slices.SortStableFunc(all, func(a, b exchange.Reminded) int { return b.At.Compare(a.At) })
	return all[:min(mostNotices, len(all))], nil
}
