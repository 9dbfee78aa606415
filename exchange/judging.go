package exchange

import (
	"context"
	"errors"
	"slices"
)

// unjudgedAtOnce is how many arrivals without judgement are read at once. One letter may have come to thousands of
// offices here: it is examined once for all that are read together.
const unjudgedAtOnce = 1024

// mostForeign is how many arrivals that other instances judge are read past, so that memory is bounded.
const mostForeign = 16 * unjudgedAtOnce

// judging is one run of [Gateway.Judge]: examiners work in parallel all the time, and whatever is ready when the last
// transaction ends is recorded in the next.
type judging struct {
	gateway *Gateway
	waiting chan []Arrival // of one document; closed when the run is over
	done    chan examined
	under   map[ArrivalID]bool // read and not recorded; what failed stays, to be read again by the next run
	open    int                // documents that were given out and have not come back
	count   int                // of arrivals judged
	foreign int                // waiting arrivals that are other instances', when they were read last
	failed  error              // of the examiner; then nothing more is given out
}

// examined is what an examiner says of one document, for all its arrivals.
type examined struct {
	arrivals  []Arrival
	judgement Judgement
	err       error
}

// until runs until nothing is without judgement. It has taken back all it gave out when it returns.
func (j *judging) until(ctx context.Context) error {
	more, err := true, error(nil)
	for {
		if more && err == nil && j.failed == nil && j.open <= judgedAtOnce/4 {
			more, err = false, j.give(ctx)
		}
		if j.open == 0 {
			return errors.Join(err, j.failed)
		}
		select {
		case first := <-j.done:
			more = true
			err = errors.Join(err, j.record(ctx, j.gather(first)))
		case <-j.gateway.ready().judge:
			more = true
		}
	}
}

// give reads what is without judgement and gives it to the examiners, as much as they have room for.
func (j *judging) give(ctx context.Context) error {
	var arrivals []Arrival
	err := j.gateway.Records.View(ctx, func(tx Tx) error {
		var err error
		arrivals, err = tx.Unjudged(ctx, len(j.under)+min(j.foreign, mostForeign)+unjudgedAtOnce)
		return err
	})
	if err != nil {
		return err
	}
	for _, group := range j.byDocument(j.own(arrivals)) {
		if j.open == judgedAtOnce {
			break
		}
		for _, arrival := range group {
			j.under[arrival.ID] = true
		}
		j.open++
		j.waiting <- group
	}
	return nil
}

// own gives the arrivals that this instance judges, and notes how many of the others stand in their way.
func (j *judging) own(arrivals []Arrival) []Arrival {
	all := len(arrivals)
	arrivals = slices.DeleteFunc(arrivals, func(arrival Arrival) bool { return !j.gateway.ownsJudging(arrival.Document) })
	j.foreign = all - len(arrivals)
	return arrivals
}

// byDocument groups the arrivals that are not given out yet, in order.
func (j *judging) byDocument(arrivals []Arrival) [][]Arrival {
	var groups [][]Arrival
	index := map[DocumentID]int{}
	for _, arrival := range arrivals {
		if j.under[arrival.ID] {
			continue
		}
		i, known := index[arrival.Document]
		if !known {
			i = len(groups)
			index[arrival.Document] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], arrival)
	}
	return groups
}

// gather takes whatever else is ready.
func (j *judging) gather(first examined) []examined {
	ready := []examined{first}
	for {
		j.open--
		select {
		case next := <-j.done:
			ready = append(ready, next)
		default:
			return ready
		}
	}
}

// record writes judgements in one transaction. The first failure of the examiner ends the run, after what could be
// judged is recorded.
func (j *judging) record(ctx context.Context, ready []examined) error {
	err := j.gateway.Records.Update(ctx, func(tx Tx) error {
		for _, found := range ready {
			if found.err != nil {
				continue
			}
			if err := found.record(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, found := range ready {
		if found.err != nil {
			j.failed = errors.Join(j.failed, found.err)
			continue
		}
		j.count += len(found.arrivals)
		for _, arrival := range found.arrivals {
			delete(j.under, arrival.ID)
		}
	}
	return nil
}

func (e examined) record(ctx context.Context, tx Tx) error {
	for _, arrival := range e.arrivals {
		if err := addJudgement(ctx, tx, arrival, e.judgement); err != nil {
			return err
		}
	}
	return nil
}

func addJudgement(ctx context.Context, tx Tx, arrival Arrival, judgement Judgement) error {
	if err := tx.AddJudgement(ctx, arrival.ID, judgement); err != nil {
		return err
	}
	_, err := tx.AppendLog(ctx, Entry{
		At: judgement.At, Act: "arrival.judged", Office: arrival.Office, Document: arrival.Document,
		Detail: map[string]string{
			"arrival": string(arrival.ID), "digest": string(arrival.Header.Main.Digest), "verdict": judgement.Verdict,
			"report": string(digestOf(judgement.Report)),
		},
	})
	return err
}
