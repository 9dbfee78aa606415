package main

import (
	"context"
	"sync"
	"time"

	"congvan/exchange"
	"congvan/signing"
)

// travels knows the documents on their way, and when what makes each complete is durable: the judgement at the
// receiving gateway and the signed receipt at the sending one.
type travels struct {
	now   func() time.Time
	mutex sync.Mutex
	// What follows is guarded by mutex.
	arrivals map[exchange.ArrivalID]exchange.DocumentID
	open     map[exchange.DocumentID]*travel
	verdicts map[string]int
}

// travel is one document on its way to so many offices.
type travel struct {
	judgements, receipts int // still to come
	done                 chan struct{}
	at                   time.Time // the end; set before done is closed
}

func newTravels(now func() time.Time) *travels {
	return &travels{
		now: now, arrivals: map[exchange.ArrivalID]exchange.DocumentID{},
		open: map[exchange.DocumentID]*travel{}, verdicts: map[string]int{},
	}
}

// expect begins to look out for a document.
func (t *travels) expect(id exchange.DocumentID, offices int) *travel {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	trip := &travel{judgements: offices, receipts: offices, done: make(chan struct{})}
	t.open[id] = trip
	return trip
}

// passed says how many judgements passed, and how many did not.
func (t *travels) passed() (good, bad int) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for verdict, count := range t.verdicts {
		if verdict == string(signing.Passed) {
			good += count
		} else {
			bad += count
		}
	}
	return good, bad
}

// arrive notes of which document an arrival is. It is told before the arrival is durable: its judgement may be durable
// before anybody could tell.
func (t *travels) arrive(arrival exchange.Arrival) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.arrivals[arrival.ID] = arrival.Document
}

// take notes what became durable.
func (t *travels) take(facts []fact) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for _, fact := range facts {
		id := fact.document
		if fact.verdict != "" {
			id = t.arrivals[fact.arrival]
			t.verdicts[fact.verdict]++
		}
		if trip := t.open[id]; trip != nil {
			t.note(id, trip, fact.verdict != "")
		}
	}
}

func (t *travels) note(id exchange.DocumentID, trip *travel, judged bool) {
	if judged {
		trip.judgements--
	} else {
		trip.receipts--
	}
	if trip.judgements == 0 && trip.receipts == 0 {
		trip.at = t.now()
		delete(t.open, id)
		close(trip.done)
	}
}

// fact is one thing that was written: the judgement of an arrival, or a receipt that was brought back.
type fact struct {
	document exchange.DocumentID
	arrival  exchange.ArrivalID
	verdict  string
}

// watched are records that tell what became durable.
type watched struct {
	exchange.Records
	travels *travels
}

// Update writes as the records do, and tells when it is durable.
func (w watched) Update(ctx context.Context, fn func(tx exchange.Tx) error) error {
	var facts []fact
	err := w.Records.Update(ctx, func(tx exchange.Tx) error {
		facts = facts[:0] // it may run more than once
		return fn(watchedTx{Tx: tx, travels: w.travels, facts: &facts})
	})
	if err == nil && len(facts) > 0 {
		w.travels.take(facts)
	}
	return err
}

type watchedTx struct {
	exchange.Tx
	travels *travels
	facts   *[]fact
}

// AddArrival records an arrival.
func (w watchedTx) AddArrival(
	ctx context.Context, arrival exchange.Arrival,
) (stored exchange.Arrival, known bool, err error) {
	w.travels.arrive(arrival)
	return w.Tx.AddArrival(ctx, arrival)
}

// AddJudgement records the judgement of an arrival.
func (w watchedTx) AddJudgement(ctx context.Context, id exchange.ArrivalID, judgement exchange.Judgement) error {
	err := w.Tx.AddJudgement(ctx, id, judgement)
	if err == nil {
		*w.facts = append(*w.facts, fact{arrival: id, verdict: judgement.Verdict})
	}
	return err
}

// AddReceipt records a receipt; what counts here is that of an arrival.
func (w watchedTx) AddReceipt(ctx context.Context, receipt exchange.Receipt) error {
	err := w.Tx.AddReceipt(ctx, receipt)
	if err == nil && receipt.Status == exchange.Arrived {
		*w.facts = append(*w.facts, fact{document: receipt.Document})
	}
	return err
}
