package storage

import (
	"context"

	"congvan/exchange"
)

// Waiting says how many arrivals wait for their first judgement, counted up to most.
func (r *Records) Waiting(ctx context.Context, most int) (count int, err error) {
	err = r.View(ctx, func(tx exchange.Tx) error {
		own, ok := tx.(*transaction)
		if !ok {
			return errReading
		}
		_, err := own.one(ctx, "select count(*) from (select 1 from unjudged limit $1) waiting", []any{int64(most)}, &count)
		return err
	})
	return count, err
}
