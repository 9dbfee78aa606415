// Package closing answers: which books are closed for good, and with which number?
//
// When an office has ended, its registers are closed (đóng sổ): the log of the gateway says the last number of each, so
// that none can be put in later. Its heir numbers in books of its own, from 01. The package knows nothing of storage.
package closing

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"congvan/exchange"
)

// Keeper closes the books. Its methods may be called by several instances.
type Keeper struct {
	Gateway *exchange.Gateway
}

// Run closes what is to be closed now, and then every so often, until the context ends.
func (k *Keeper) Run(ctx context.Context, every time.Duration) {
	exchange.Every(ctx, every, func() {
		if _, err := k.Close(ctx); err != nil && ctx.Err() == nil {
			k.Gateway.Log.LogAttrs(ctx, slog.LevelError, "cannot close the books of offices that ended",
				slog.Any("error", err))
		}
	})
}

// Close closes every register of offices that issue nothing any more, each with a line in the log, and says which those
// were. Called again it finds none.
func (k *Keeper) Close(ctx context.Context) ([]exchange.BookEnd, error) {
	var due []exchange.BookEnd
	err := k.Gateway.Records.View(ctx, func(tx exchange.Tx) (err error) {
		due, err = k.due(ctx, tx)
		return err
	})
	if err != nil || len(due) == 0 {
		return nil, err
	}
	var closed []exchange.BookEnd
	err = k.Gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		closed = nil
		due, err := k.due(ctx, tx) // another instance may have been quicker
		if err != nil {
			return err
		}
		for _, end := range due {
			added, err := tx.CloseRegister(ctx, end)
			if err != nil {
				return err
			}
			if !added {
				continue
			}
			closed = append(closed, end)
			if err := write(ctx, tx, end); err != nil {
				return err
			}
		}
		return nil
	})
	return closed, err
}

func (k *Keeper) due(ctx context.Context, tx exchange.Tx) ([]exchange.BookEnd, error) {
	directory, now := k.Gateway.Directory(), k.Gateway.Now().UTC().Truncate(time.Millisecond)
	open, err := tx.OpenRegisters(ctx)
	var due []exchange.BookEnd
	for _, end := range open {
		office, unknown := directory.Office(end.Register.Office)
		if unknown == nil && office.Ended(exchange.Today(now)) {
			end.At = now
			due = append(due, end)
		}
	}
	return due, err
}

func write(ctx context.Context, tx exchange.Tx, end exchange.BookEnd) error {
	_, err := tx.AppendLog(ctx, exchange.Entry{
		At: end.At, Act: "register.closed", Office: end.Register.Office, Detail: map[string]string{
			"direction": string(end.Register.Direction), "book": end.Register.Book,
			"year": strconv.Itoa(end.Register.Year), "last": strconv.Itoa(end.Last),
		},
	})
	return err
}
