package handover_test

import (
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"congvan/exchange"
	"congvan/exchange/handover"
	"congvan/storage"
	"congvan/storage/storagetest"
)

// diary is a document system that keeps the ids it has worked on, as the documentation asks of it.
type diary struct {
	mutex sync.Mutex
	// worked and order are guarded by mutex.
	worked map[string]int
	order  map[exchange.DocumentID][]string // of types, as worked on first
}

func (d *diary) work(events []handover.Occurrence) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	for _, event := range events {
		if d.worked[event.ID]++; d.worked[event.ID] == 1 {
			d.order[event.Data.Document] = append(d.order[event.Data.Document], event.Type)
		}
	}
}

// manyWorkers lets workers of one system take from two instances on the same records; half of them die before they
// acknowledge, and a quarter before they work.
func manyWorkers(t *testing.T, dsn string) {
	t.Helper()
	g := newGate(t)
	desks := make([]*handover.Desk, 2)
	for i := range desks {
		records, err := storage.OpenRecords(t.Context(), dsn)
		ok(t, err)
		t.Cleanup(func() { ok(t, records.Close()) })
		desks[i] = &handover.Desk{Gateway: &exchange.Gateway{
			Directory: func() *exchange.Directory { return &exchange.Directory{} },
			Node:      "xa-1", Records: records, Blobs: g.gateway.Blobs, Now: g.gateway.Now,
		}}
	}
	g.gateway, g.desk = desks[0].Gateway, desks[0]
	g.define(t, commune, "ioffice", exchange.MailboxOrder{})
	const documents = 24
	for range documents {
		g.judged(t, g.arrive(t, commune))
	}
	random := rand.New(rand.NewPCG(8, 10))
	book := &diary{worked: map[string]int{}, order: map[exchange.DocumentID][]string{}}
	actor := system(commune, "ioffice")
	for range 60 {
		var workers sync.WaitGroup
		for worker := range 4 {
			fate := random.IntN(4)
			workers.Go(func() {
				desk := desks[worker%2]
				events, err := desk.Lease(t.Context(), actor, "ioffice", handover.Ask{Most: 3})
				if err != nil || fate == 0 {
					reportError(t, err)
					return
				}
				book.work(events)
				if fate == 1 || len(events) == 0 {
					return
				}
				reportError(t, desk.Acknowledge(t.Context(), actor, "ioffice", ids(events)))
			})
		}
		workers.Wait()
		g.clock = g.clock.Add(5 * time.Minute)
	}
	if left := g.lease(t, commune, "ioffice", 100); len(left) != 0 {
		t.Errorf("left after all rounds: %s", told(left))
	}
	if len(book.worked) != 2*documents {
		t.Errorf("%d events were worked on, not %d", len(book.worked), 2*documents)
	}
	for document, types := range book.order {
		if len(types) != 2 || types[0] != "arrival.received" || types[1] != "arrival.judged" {
			t.Errorf("%s: %v", document, types)
		}
	}
}

func reportError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func TestWorkersThatDieLoseNothingOnSQLite(t *testing.T) {
	t.Parallel()
	manyWorkers(t, "sqlite:"+filepath.Join(t.TempDir(), "records.db"))
}

func TestWorkersThatDieLoseNothingOnPostgreSQLWithTwoInstances(t *testing.T) {
	t.Parallel()
	manyWorkers(t, storagetest.StartPostgreSQL(t, false).Fresh(t))
}
