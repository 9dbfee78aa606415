// Package transfer answers: who goes on with what an office that ended has left open?
//
// When who keeps its documents is at the same gateway, the log says so for each open arrival, and with it the document
// systems of that office are told. When it is at another gateway, the arrival is handed on there in a signed notice,
// with the document as it was sealed and what was said about it, until the other gateway proves that it is there. What
// is done with stays where it is. The package knows nothing of storage, HTTP or screens.
package transfer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"congvan/exchange"
)

const (
	// again is how long the other gateway has to answer before the same is handed on once more.
	again  = 6 * time.Hour
	atOnce = 100 // arrivals looked at together
)

// Mover (người bàn giao) hands on. Its methods may be called by several instances.
type Mover struct {
	Gateway *exchange.Gateway
}

// Run looks now, and then every so often, until the context ends.
func (m *Mover) Run(ctx context.Context, every time.Duration) {
	exchange.Every(ctx, every, func() {
		if _, err := m.Look(ctx); err != nil && ctx.Err() == nil {
			m.Gateway.Log.LogAttrs(ctx, slog.LevelError, "cannot hand on what offices that ended have left",
				slog.Any("error", err))
		}
	})
}

// Look hands on what is to be handed on now, and says how much that was. Called again it finds nothing, until an answer
// has been out for hours. An arrival that cannot be handed on holds up no other.
func (m *Mover) Look(ctx context.Context) (int, error) {
	count := 0
	var failed error
	for _, estate := range m.Gateway.Estates() {
		handed, err := m.settle(ctx, estate)
		count, failed = count+handed, errors.Join(failed, err)
	}
	return count, failed
}

// settle hands on what one office has left, page by page.
func (m *Mover) settle(ctx context.Context, estate exchange.Estate) (count int, failed error) {
	for after := exchange.ArrivalID(""); ctx.Err() == nil; {
		var left []exchange.Arrival
		err := m.Gateway.Records.View(ctx, func(tx exchange.Tx) (err error) {
			left, err = tx.Unfinished(ctx, estate, after, atOnce)
			return err
		})
		if err != nil {
			return count, err
		}
		for _, arrival := range left {
			done, err := m.hand(ctx, estate, arrival)
			if err != nil {
				failed = errors.Join(failed, fmt.Errorf("hand on %s of %s: %w", arrival.ID, estate.Office, err))
			}
			if done {
				count++
			}
		}
		if len(left) < atOnce {
			return count, failed
		}
		after = left[len(left)-1].ID
	}
	return count, failed
}

// hand hands on one arrival in a transaction, and says whether there was anything to do.
func (m *Mover) hand(ctx context.Context, estate exchange.Estate, found exchange.Arrival) (done bool, err error) {
	err = m.Gateway.Commit(ctx, func(tx exchange.Tx) error {
		done = false
		arrival, err := tx.Arrival(ctx, estate.Office, found.ID) // it may have changed since
		if err != nil || arrival.Status() != found.Status() || arrival.Recall() != found.Recall() {
			return err
		}
		if estate.Host == estate.Here {
			done, err = m.here(ctx, tx, estate, arrival)
			return err
		}
		done, err = m.there(ctx, tx, estate, arrival)
		return err
	})
	return done && err == nil, err
}

// here says once in the log that the heir goes on.
func (m *Mover) here(
	ctx context.Context, tx exchange.Tx, estate exchange.Estate, arrival exchange.Arrival,
) (bool, error) {
	at := m.now()
	fresh, err := tx.AddTransfer(ctx, exchange.Transfer{
		Arrival: arrival.ID, Heir: estate.Heir, Node: estate.Here, At: at,
	})
	if err != nil || !fresh {
		return false, err
	}
	_, err = tx.AppendLog(ctx, exchange.Entry{
		At: at, Act: exchange.ActInherited, Office: estate.Heir, Document: arrival.Document,
		Detail: m.detail(estate, arrival),
	})
	return true, err
}

// there sends the notice, unless one is out.
func (m *Mover) there(
	ctx context.Context, tx exchange.Tx, estate exchange.Estate, arrival exchange.Arrival,
) (bool, error) {
	said, err := tx.Notices(ctx, arrival.Document)
	if err != nil {
		return false, err
	}
	for _, notice := range said {
		if notice.Status != exchange.Transferred || notice.From != estate.Office || notice.Goal != estate.Host {
			continue
		}
		out, err := m.out(ctx, tx, notice)
		if err != nil || out {
			return false, err
		}
	}
	handed, err := m.pack(ctx, tx, arrival, said)
	if err != nil {
		return false, err
	}
	_, err = m.Gateway.Notify(ctx, tx, exchange.Notice{
		Document: arrival.Document, Content: arrival.Header.Main.Digest, From: estate.Office, To: addressed(arrival),
		Status: exchange.Transferred, Goal: estate.Host, Handed: &handed,
	}, exchange.Entry{Act: "arrival.transferred", Detail: m.detail(estate, arrival)})
	return err == nil, err
}

// out says whether a notice is on its way still, or was sent so lately that its answer may be.
func (m *Mover) out(ctx context.Context, tx exchange.Tx, notice exchange.Notice) (bool, error) {
	if m.now().Sub(notice.At) < again {
		return true, nil
	}
	states, err := tx.Deliveries(ctx, notice.ID)
	for _, state := range states {
		if state.Acknowledgement == nil {
			return true, err
		}
	}
	return false, err
}

// pack gathers what goes with the document: what was stated about it here, and what its issuing office said since.
func (m *Mover) pack(
	ctx context.Context, tx exchange.Tx, arrival exchange.Arrival, said []exchange.Notice,
) (exchange.Handed, error) {
	message, err := tx.Message(ctx, exchange.MessageID(arrival.Document))
	if err != nil {
		return exchange.Handed{}, err
	}
	if _, err := exchange.OpenHeader(m.Gateway.Directory(), message.Sealed); err != nil {
		return exchange.Handed{}, err // its gateway is no more, and no other could check the seal
	}
	handed := exchange.Handed{Header: message.Sealed, Shown: arrival.ShownAt}
	for _, receipt := range arrival.Receipts {
		if receipt.Node == m.Gateway.Node {
			handed.Receipts = append(handed.Receipts, receipt.Sealed)
		}
	}
	for _, notice := range said {
		if notice.Goal != "" {
			continue
		}
		message, err := tx.Message(ctx, notice.ID)
		if err != nil {
			return exchange.Handed{}, err
		}
		handed.Notices = append(handed.Notices, message.Sealed)
	}
	return handed, nil
}

// addressed lists the offices that the document was addressed to when it came: the one at which it is, or those that
// had ended before and whose heir that was.
func addressed(arrival exchange.Arrival) []exchange.OfficeID {
	var offices []exchange.OfficeID
	for _, receipt := range arrival.Receipts {
		if receipt.Status != exchange.Arrived {
			continue
		}
		if receipt.For != "" {
			offices = append(offices, receipt.For)
		} else {
			offices = append(offices, arrival.Office)
		}
	}
	return offices
}

func (m *Mover) detail(estate exchange.Estate, arrival exchange.Arrival) map[string]string {
	detail := m.Gateway.Directory().Succession(estate.Office, estate.Heir, exchange.Today(m.now()))
	detail["arrival"], detail["digest"] = string(arrival.ID), string(arrival.Header.Main.Digest)
	detail["peer"], detail["status"] = string(estate.Host), string(arrival.Status())
	return detail
}

func (m *Mover) now() time.Time { return m.Gateway.Now().UTC().Truncate(time.Millisecond) }
