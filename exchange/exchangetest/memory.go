package exchangetest

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"congvan/exchange"
)

// Memory keeps records in maps. A transaction works on a copy; an error leaves nothing behind. It is what the
// simulation stores in, where ten thousand crashes must not cost an fsync each; the engines pass storage/storagetest
// instead.
type Memory struct {
	mutex sync.Mutex
	// facts is guarded by mutex.
	facts Facts
}

// Facts are what the double keeps. An update replaces them and never changes them.
type Facts struct {
	Documents  map[exchange.DocumentID]exchange.Document
	order      []exchange.DocumentID
	Numbers    map[string]exchange.Numbering
	Messages   map[exchange.MessageID]exchange.Message
	Deliveries []exchange.Delivery
	Acks       map[int64]exchange.Acknowledgement
	Arrivals   map[exchange.ArrivalID]exchange.Arrival
	inbox      []exchange.ArrivalID
	Receipts   []exchange.Receipt
	Entries    []exchange.Entry
	endorsed   []exchange.Endorsement
	witnessed  map[exchange.NodeID]exchange.Witnessed
	Leaves     []tlog.Hash
	sessionFacts
	noticeFacts
	directoryFacts
	inheritedFacts
	refusalFacts
	transferFacts
	midstates map[exchange.Digest]exchange.Midstates
}

// NewMemory is empty.
func NewMemory() *Memory {
	return &Memory{facts: Facts{
		Documents: map[exchange.DocumentID]exchange.Document{}, Numbers: map[string]exchange.Numbering{},
		Messages: map[exchange.MessageID]exchange.Message{}, Acks: map[int64]exchange.Acknowledgement{},
		Arrivals: map[exchange.ArrivalID]exchange.Arrival{}, witnessed: map[exchange.NodeID]exchange.Witnessed{},
		sessionFacts: sessionFacts{
			map[exchange.SessionID]exchange.Session{}, map[exchange.Digest]exchange.SessionLink{},
		},
		noticeFacts:    noticeFacts{heeded: map[string]bool{}, Withdrawn: map[exchange.ArrivalID]bool{}},
		transferFacts:  transferFacts{map[exchange.ArrivalID][]exchange.Transfer{}},
		inheritedFacts: inheritedFacts{closedRegisters: map[exchange.Register]exchange.BookEnd{}},
		midstates:      map[exchange.Digest]exchange.Midstates{},
	}}
}

func (f Facts) clone() *Facts {
	f.Documents, f.Numbers, f.Messages = maps.Clone(f.Documents), maps.Clone(f.Numbers), maps.Clone(f.Messages)
	f.Acks, f.Arrivals, f.witnessed = maps.Clone(f.Acks), maps.Clone(f.Arrivals), maps.Clone(f.witnessed)
	f.midstates = maps.Clone(f.midstates)
	f.order, f.Deliveries, f.inbox = slices.Clip(f.order), slices.Clip(f.Deliveries), slices.Clip(f.inbox)
	f.Receipts, f.Entries, f.Leaves = slices.Clip(f.Receipts), slices.Clip(f.Entries), slices.Clip(f.Leaves)
	f.endorsed = slices.Clip(f.endorsed)
	f.sessionFacts, f.noticeFacts = f.sessionFacts.clone(), f.noticeFacts.clone()
	f.directoryFacts, f.inheritedFacts = f.directoryFacts.clone(), f.inheritedFacts.clone()
	f.refusalFacts = f.refusalFacts.clone()
	f.transferFacts = f.transferFacts.clone()
	return &f
}

// Update runs fn on a copy, and keeps the copy when fn succeeds.
func (m *Memory) Update(ctx context.Context, fn func(tx exchange.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return exchange.Errorf(exchange.Unavailable, "storage.unavailable", "%w", err)
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	// The contract says that fn may run more than once: it does, and only the last run counts.
	if err := fn(&transaction{facts: m.facts.clone()}); err != nil {
		return err
	}
	next := m.facts.clone()
	if err := fn(&transaction{facts: next}); err != nil {
		return err
	}
	m.facts = *next
	return nil
}

// Facts gives what is kept now.
func (m *Memory) Facts() Facts {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.facts
}

// View runs fn on the facts as they stand.
func (m *Memory) View(ctx context.Context, fn func(tx exchange.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return exchange.Errorf(exchange.Unavailable, "storage.unavailable", "%w", err)
	}
	facts := m.Facts()
	return fn(&transaction{facts: &facts})
}

type transaction struct {
	exchange.Tx // what the tests do not use is nil and would panic
	facts       *Facts
}

func conflict(code string) error { return exchange.Errorf(exchange.Conflict, code, "it is there") }

func notFound(what string) error { return exchange.Errorf(exchange.NotFound, what, "there is none") }

func (t *transaction) AddDocument(_ context.Context, document exchange.Document) error {
	if _, known := t.facts.Documents[document.ID]; known {
		return conflict("document.known")
	}
	t.facts.Documents[document.ID] = document
	t.facts.order = append(t.facts.order, document.ID)
	return nil
}

func (t *transaction) Document(
	_ context.Context, office exchange.OfficeID, id exchange.DocumentID,
) (exchange.Document, error) {
	document, known := t.facts.Documents[id]
	if !known || document.Office != office {
		return exchange.Document{}, notFound("document.not_found")
	}
	document.Numbering = t.facts.Numbers[string(id)]
	document.Versions = slices.Clone(document.Versions)
	return document, nil
}

func (t *transaction) Documents(
	ctx context.Context, office exchange.OfficeID, page exchange.Page,
) ([]exchange.Document, error) {
	var list []exchange.Document
	for _, id := range slices.Backward(t.facts.order) {
		for _, source := range append([]exchange.OfficeID{office}, page.Inherited...) {
			if document, err := t.Document(ctx, source, id); err == nil && len(list) < page.Limit {
				list = append(list, document)
			}
		}
	}
	return list, nil
}

func (t *transaction) AddMidstates(_ context.Context, digest exchange.Digest, states exchange.Midstates) error {
	merged := maps.Clone(states)
	maps.Copy(merged, t.facts.midstates[digest])
	t.facts.midstates[digest] = merged
	return nil
}

func (t *transaction) Midstates(_ context.Context, digest exchange.Digest) (exchange.Midstates, error) {
	return t.facts.midstates[digest], nil
}

func (t *transaction) Owing(
	ctx context.Context, after exchange.DocumentID, limit int,
) ([]exchange.Document, error) {
	var list []exchange.Document
	for _, id := range slices.Sorted(maps.Keys(t.facts.Documents)) {
		document, err := t.Document(ctx, t.facts.Documents[id].Office, id)
		if err == nil && id > after && document.IssuedAt.IsZero() && len(list) < limit &&
			document.Versions[len(document.Versions)-1].Owed != "" {
			list = append(list, document)
		}
	}
	return list, nil
}

func (t *transaction) AddVersion(_ context.Context, id exchange.DocumentID, version exchange.Version) error {
	document, known := t.facts.Documents[id]
	if !known {
		return notFound("document.not_found")
	}
	document.Versions = append(slices.Clip(document.Versions), version)
	t.facts.Documents[id] = document
	return nil
}

func (t *transaction) TakeNumber(
	_ context.Context, register exchange.Register, subject, notation string, on exchange.Date,
) (exchange.Numbering, error) {
	if taken, known := t.facts.Numbers[subject]; known {
		return taken, nil
	}
	last := 0
	for _, taken := range t.facts.Numbers {
		if taken.Register == register {
			last = max(last, taken.Number)
		}
	}
	t.facts.Numbers[subject] = exchange.Numbering{Register: register, Number: last + 1, Notation: notation, Date: on}
	return t.facts.Numbers[subject], nil
}

func (t *transaction) MarkIssued(_ context.Context, id exchange.DocumentID, at time.Time) error {
	document := t.facts.Documents[id]
	if !document.IssuedAt.IsZero() {
		return conflict("document.issued")
	}
	document.IssuedAt = at
	t.facts.Documents[id] = document
	return nil
}
