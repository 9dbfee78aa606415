// Package audit answers: do the records of several gateways agree, and with themselves? It reads them with SQL of
// its own and shares no code with what wrote them, so that a fault there is not repeated here. It does not know the
// rules of the domain, and judges no signature: only that nothing acknowledged is lost, nothing is doubled, and nobody
// has rewritten anything.
//
// Facts are only ever added, so that gateways may be at work while they are audited: what one claims of another is
// looked for there after the claim was read.
package audit

import (
	"context"
	"database/sql"
	"fmt"
)

// Gateway is what is audited of one gateway.
type Gateway struct {
	Name string  // as it is to be called in the report
	DB   *sql.DB // its records
	// Check looks whether the bytes with this SHA-256 are kept, and, when deep, reads them; nil: files are not looked at.
	Check func(ctx context.Context, digest string, deep bool) error
	// Pages is the question to the database what of its own pages does not hold together, a text for each; empty where the
	// server looks after them. It is asked when deep.
	Pages string
	node  string // that seals its receipts; empty when the records do not tell
}

// The checks, in the order of the report. The numbers are those of the invariants in docs/testing.md.
const (
	Pages      = "pages"      // the database is what was written into it
	Deliveries = "deliveries" // I1: an issued document is owed, or was, to each recipient
	Answers    = "answers"    // I2: a delivery has one answer, or is owed still
	Arrivals   = "arrivals"   // I3: a document is at an office once, with its receipt
	Receipts   = "receipts"   // I4: what the sender holds is what the receiver made, and the receiver's log has it
	Returned   = "returned"   // I4: what the receiver made reaches the sender, or is owed still
	Duplicates = "duplicates" // I5: an answer is the receipt, byte for byte
	Messages   = "messages"   // I5: what came is what was sent, byte for byte
	Verdicts   = "verdicts"   // I6: never both accepted and refused, or arrived and undelivered
	Unseen     = "unseen"     // I9: what was withdrawn unseen was never shown, handed over or acted on
	Transfers  = "transfers"  // I3: what a closed office left open is handed on once, and is where it is marked to be
	Registers  = "registers"  // no gap, no number twice, none without its document
	Tree       = "tree"       // I7: the log's leaves give its hashes and roots
	Witnesses  = "witnesses"  // I7: what neighbours have signed is a beginning of the log
	Judging    = "judging"    // what has no judgement waits for one
	Files      = "files"      // I10: the bytes that are named are there
)

var names = []string{
	Pages, Deliveries, Answers, Arrivals, Receipts, Returned, Duplicates, Messages, Verdicts, Unseen, Transfers, Registers,
	Tree, Witnesses, Judging, Files,
}

// Result is what one check found at one gateway.
type Result struct {
	Gateway string    `json:"gateway"`
	Check   string    `json:"check"`
	Looked  int64     `json:"looked"`             // at so many things
	Open    int64     `json:"open"`               // are on their way still, which is no fault
	Faults  int64     `json:"faults"`             // found
	First   []Finding `json:"findings,omitempty"` // of them
}

// Finding is one violation.
type Finding struct {
	Subject string `json:"subject"` // a document, a delivery, a register, …
	Detail  string `json:"detail"`
}

// mostFindings is how many findings of one check are named.
const mostFindings = 20

func (r *Result) fault(subject any, format string, args ...any) {
	if r.Faults++; len(r.First) < mostFindings {
		r.First = append(r.First, Finding{Subject: fmt.Sprint(subject), Detail: fmt.Sprintf(format, args...)})
	}
}

// Run makes all checks at all gateways. Files are read when deep. An error means that something could not be read.
func Run(ctx context.Context, gateways []Gateway, deep bool) ([]Result, error) {
	for i := range gateways {
		node, err := nodeOf(ctx, gateways[i].DB)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", gateways[i].Name, err)
		}
		gateways[i].node = node
	}
	var results []Result
	for _, gateway := range gateways {
		made, err := auditing{Gateway: gateway, all: gateways, deep: deep}.run(ctx)
		if err != nil {
			return nil, err
		}
		results = append(results, made...)
	}
	return results, nil
}

// run makes all checks at one gateway.
func (a auditing) run(ctx context.Context) ([]Result, error) {
	var results []Result
	damaged := false
	for _, name := range names {
		if name == Files && a.Check == nil || name == Pages && (a.Pages == "" || !a.deep) {
			continue
		}
		a.result = &Result{Gateway: a.Name, Check: name}
		err := a.check(ctx)
		if err != nil && damaged && ctx.Err() == nil { // that it cannot be read is what was to be found out
			a.result.fault(name, "%v", err)
			err = nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", a.Name, name, err)
		}
		damaged = damaged || name == Pages && a.result.Faults > 0
		results = append(results, *a.result)
	}
	return results, nil
}

// Sound says whether no violation was found.
func Sound(results []Result) bool {
	for _, result := range results {
		if result.Faults > 0 {
			return false
		}
	}
	return true
}

// auditing is one check at one gateway.
type auditing struct {
	Gateway
	all    []Gateway
	deep   bool
	result *Result
}

func (a auditing) check(ctx context.Context) error {
	switch a.result.Check {
	case Pages:
		return a.pages(ctx)
	case Deliveries:
		return a.deliveries(ctx)
	case Receipts:
		return a.receipts(ctx)
	case Returned:
		return a.returned(ctx)
	case Messages:
		return a.messages(ctx)
	case Transfers:
		return a.transfers(ctx)
	case Tree:
		return a.tree(ctx)
	case Witnesses:
		return a.witnesses(ctx)
	case Files:
		return a.files(ctx)
	case Verdicts:
		if err := a.refusedHere(ctx); err != nil {
			return err
		}
		return a.plain(ctx)
	default:
		return a.plain(ctx)
	}
}

// nodeOf finds out whose records these are: of the gateway that issued what was issued here, received what arrived
// here, or carried on what was not.
func nodeOf(ctx context.Context, db *sql.DB) (string, error) {
	var node string
	for _, question := range []string{
		"select m.origin from issued i join message m on m.id = i.document limit 1",
		"select r.node from arrival a join receipt r on r.document = a.document and r.office = a.office " +
			"where r.status = '01' order by a.seq desc limit 1",
		"select node from receipt where status = 'carried' and document not in (select document from issued) limit 1",
	} {
		found, err := one(ctx, db, question, nil, &node)
		if found || err != nil {
			return node, err
		}
	}
	return "", nil
}

// at gives the audited gateway of that name, or nil.
func (a auditing) at(node string) *Gateway {
	for i := range a.all {
		if node != "" && a.all[i].node == node {
			return &a.all[i]
		}
	}
	return nil
}

// each calls do for every row, which scan reads.
func each(ctx context.Context, db *sql.DB, text string, do func(rows *sql.Rows) error, args ...any) error {
	rows, err := db.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err says it
	for rows.Next() {
		if err := do(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// one reads at most one row.
func one(ctx context.Context, db *sql.DB, text string, args []any, into ...any) (bool, error) {
	rows, err := db.QueryContext(ctx, text, args...)
	if err != nil {
		return false, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err says it
	if !rows.Next() {
		return false, rows.Err()
	}
	return true, rows.Scan(into...)
}
