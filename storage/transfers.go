package storage

import (
	"context"

	"congvan/exchange"
)

// unfinished says of an arrival a that something is left to do with it.
const unfinished = "not exists (select 1 from filed f where f.arrival = a.id) " +
	"and not exists (select 1 from withdrawn w where w.arrival = a.id) " +
	"and not exists (select 1 from receipt r where r.document = a.document and r.status in ('02', '06', '15') " +
	"and (r.office = a.office and r.arrival = '' or r.arrival = a.id)) " +
	"and not exists (select 1 from document d join issued i on i.document = d.id " +
	"where d.office = a.office and d.replies_to = a.document and d.replies_to <> '')"

// Unfinished gives what an office left open and is not transferred yet.
func (t *transaction) Unfinished(
	ctx context.Context, at exchange.Estate, after exchange.ArrivalID, limit int,
) ([]exchange.Arrival, error) {
	return t.arrivals(ctx, "select "+arrivalColumns+arrivalSource+" where a.office = $1 and a.id > $2 and "+unfinished+
		" and not exists (select 1 from transferred t where t.arrival = a.id and (t.heir = $3 or t.node <> $4)) "+
		"order by a.id limit $5",
		[]any{string(at.Office), string(after), string(at.Heir), string(at.Here), int64(limit)})
}

// AddTransfer records a transfer once.
func (t *transaction) AddTransfer(ctx context.Context, transfer exchange.Transfer) (bool, error) {
	return t.add(ctx, "insert into transferred (arrival, heir, node, at) values ($1, $2, $3, $4) "+
		"on conflict (arrival, heir) do nothing",
		string(transfer.Arrival), string(transfer.Heir), string(transfer.Node), micros(transfer.At))
}
