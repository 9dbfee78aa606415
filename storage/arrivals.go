package storage

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"congvan/exchange"
)

const codeNoArrival = "arrival.not_found"

const arrivalColumns = "a.id, a.office, a.document, a.header, a.arrived_at, f.at, s.at, j.at, j.verdict, j.report"

// Of several judgements the last counts.
const arrivalSource = " from arrival a left join filed f on f.arrival = a.id " +
	"left join shown s on s.arrival = a.id left join judgement j " +
	"on j.arrival = a.id and j.ordinal = (select max(l.ordinal) from judgement l where l.arrival = a.id)"

// AddArrival records an arrival with its receipts, or gives the arrival of the same document at the same office. An
// id that another arrival has is the Conflict arrival.known.
func (t *transaction) AddArrival(
	ctx context.Context, arrival exchange.Arrival,
) (stored exchange.Arrival, known bool, err error) {
	header, err := jsonOf(arrival.Header)
	if err != nil {
		return exchange.Arrival{}, false, err
	}
	var seq int64
	added, err := t.insert(ctx, &seq, "insert into arrival (seq, id, office, document, header, arrived_at, replies_to) "+
		"values ((select coalesce(max(seq), 0) + 1 from arrival), $1, $2, $3, $4, $5, $6) "+
		"on conflict do nothing returning seq",
		string(arrival.ID), string(arrival.Office), string(arrival.Document), header, micros(arrival.ArrivedAt),
		string(arrival.Header.RepliesTo))
	if err != nil {
		return exchange.Arrival{}, false, err
	}
	if !added {
		return t.sameArrival(ctx, arrival)
	}
	if err := t.completeArrival(ctx, seq, arrival); err != nil {
		return exchange.Arrival{}, false, err
	}
	return asStored(arrival), false, nil
}

// asStored gives a new arrival as a later read will give it, without reading it: the header, which was read from JSON
// when its seal was opened, would be read from the same once more.
func asStored(arrival exchange.Arrival) exchange.Arrival {
	arrival.ArrivedAt = moment(micros(arrival.ArrivedAt))
	arrival.Judgement, arrival.FiledAt, arrival.ShownAt = nil, time.Time{}, time.Time{}
	arrival.Receipts = slices.Clone(arrival.Receipts)
	for i, receipt := range arrival.Receipts {
		arrival.Receipts[i].At = moment(micros(receipt.At))
	}
	return arrival
}

func (t *transaction) sameArrival(
	ctx context.Context, arrival exchange.Arrival,
) (stored exchange.Arrival, known bool, err error) {
	found, err := t.arrivals(ctx, "select "+arrivalColumns+arrivalSource+" where a.document = $1 and a.office = $2",
		[]any{string(arrival.Document), string(arrival.Office)})
	if err == nil && len(found) == 0 {
		err = conflict("arrival.known", arrival.ID)
	}
	if err != nil {
		return exchange.Arrival{}, false, err
	}
	return found[0], true, nil
}

func (t *transaction) completeArrival(ctx context.Context, seq int64, arrival exchange.Arrival) error {
	for _, receipt := range arrival.Receipts {
		if err := t.AddReceipt(ctx, receipt); err != nil {
			return err
		}
	}
	if _, err := t.exec(ctx, "insert into unjudged (arrival) values ($1)", string(arrival.ID)); err != nil {
		return err
	}
	t.index(arrivalText, seq, arrival.Office, arrivalWords(arrival, exchange.Numbering{}))
	return nil
}

// Arrival gives an arrival of the office with all its facts.
func (t *transaction) Arrival(
	ctx context.Context, office exchange.OfficeID, id exchange.ArrivalID,
) (exchange.Arrival, error) {
	found, err := t.arrivals(ctx, "select "+arrivalColumns+arrivalSource+" where a.id = $1 and a.office = $2",
		[]any{string(id), string(office)})
	if err == nil && len(found) == 0 {
		err = notFound(codeNoArrival, id)
	}
	if err != nil {
		return exchange.Arrival{}, err
	}
	return found[0], nil
}

// Arrivals gives a page of the arrivals of an office.
func (t *transaction) Arrivals(
	ctx context.Context, office exchange.OfficeID, page exchange.Page,
) ([]exchange.Arrival, error) {
	numbers, err := t.pageOf(ctx, "arrival", arrivalText, office, page)
	if err != nil || len(numbers) == 0 {
		return nil, err
	}
	places, args := among(numbers)
	return t.arrivals(ctx, "select "+arrivalColumns+arrivalSource+" where a.seq in "+places+" order by a.seq desc", args)
}

// Unjudged gives arrivals without judgement, as the index unjudged has them, the oldest first. What else is known of
// them is not read: an arrival without judgement is not filed, and nobody judges its receipts.
func (t *transaction) Unjudged(ctx context.Context, limit int) ([]exchange.Arrival, error) {
	return collect(ctx, t, "select a.id, a.office, a.document, a.header, a.arrived_at from unjudged u "+
		"join arrival a on a.id = u.arrival order by u.arrival limit $1", []any{int64(limit)},
		func(row scanner) (arrival exchange.Arrival, err error) {
			err = row.Scan(&arrival.ID, &arrival.Office, &arrival.Document, jsonColumn{&arrival.Header},
				timeColumn{&arrival.ArrivedAt})
			return arrival, err
		})
}

// arrivals reads arrivals and then their receipts.
func (t *transaction) arrivals(ctx context.Context, text string, args []any) ([]exchange.Arrival, error) {
	found, err := collect(ctx, t, text, args, scanArrival)
	if err != nil {
		return nil, err
	}
	for part := range slices.Chunk(found, longestPage) {
		documents := make([]string, len(part))
		for i, arrival := range part {
			documents[i] = string(arrival.Document)
		}
		in, args := among(documents)
		receipts, err := t.receipts(ctx, "document in "+in, args)
		if err != nil {
			return nil, err
		}
		give(part, receipts)
	}
	return found, nil
}

// give adds to each arrival its receipts: those of its document and office, and those of an heir about what it
// inherited.
func give(arrivals []exchange.Arrival, receipts []exchange.Receipt) {
	type place struct {
		document exchange.DocumentID
		office   exchange.OfficeID
	}
	places, named := make(map[place]int, len(arrivals)), make(map[exchange.ArrivalID]int, len(arrivals))
	for i, arrival := range arrivals {
		places[place{arrival.Document, arrival.Office}], named[arrival.ID] = i, i
	}
	for _, receipt := range receipts {
		i, ok := places[place{receipt.Document, receipt.Office}]
		if receipt.Arrival != "" {
			i, ok = named[receipt.Arrival]
		}
		if ok {
			arrivals[i].Receipts = append(arrivals[i].Receipts, receipt)
		}
	}
}

func scanArrival(row scanner) (arrival exchange.Arrival, err error) {
	var judgement exchange.Judgement
	var verdict sql.NullString
	err = row.Scan(&arrival.ID, &arrival.Office, &arrival.Document, jsonColumn{&arrival.Header},
		timeColumn{&arrival.ArrivedAt}, timeColumn{&arrival.FiledAt}, timeColumn{&arrival.ShownAt},
		timeColumn{&judgement.At}, &verdict, &judgement.Report)
	if err == nil && verdict.Valid {
		judgement.Verdict = verdict.String
		judgement.Report = orNil(judgement.Report)
		arrival.Judgement = &judgement
	}
	return arrival, err
}

// AddJudgement records what an examination found. An arrival may be judged again: the last judgement counts, the
// earlier ones are kept.
func (t *transaction) AddJudgement(
	ctx context.Context, id exchange.ArrivalID, judgement exchange.Judgement,
) error {
	added, err := t.add(ctx, "insert into judgement (arrival, ordinal, at, verdict, report) "+
		"select a.id, (select count(*) from judgement j where j.arrival = a.id), $2, $3, $4 from arrival a where a.id = $1",
		string(id), micros(judgement.At), judgement.Verdict, binary(judgement.Report))
	if err != nil {
		return err
	}
	if !added {
		return notFound(codeNoArrival, id)
	}
	_, err = t.exec(ctx, "delete from unjudged where arrival = $1", string(id))
	return err
}

// MarkFiled records that the archive took the arrival. Asked again it changes nothing.
func (t *transaction) MarkFiled(ctx context.Context, id exchange.ArrivalID, at time.Time) error {
	known, err := t.exists(ctx, "select 1 from arrival where id = $1", string(id))
	if err != nil {
		return err
	}
	if !known {
		return notFound(codeNoArrival, id)
	}
	_, err = t.exec(ctx, "insert into filed (arrival, at) values ($1, $2) on conflict (arrival) do nothing",
		string(id), micros(at))
	return err
}

const receiptColumns = "id, document, content, office, node, status, reason, number, by_whom, at, log_size, sealed, " +
	"for_office, arrival, from_node, message, after_refusal"

// AddReceipt records a receipt. A known id changes nothing.
func (t *transaction) AddReceipt(ctx context.Context, receipt exchange.Receipt) error {
	_, err := t.exec(ctx, "insert into receipt (seq, "+receiptColumns+") "+
		"values ((select coalesce(max(seq), 0) + 1 from receipt), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "+
		"$14, $15, $16, $17) on conflict (id) do nothing",
		string(receipt.ID), string(receipt.Document), string(receipt.Content), string(receipt.Office),
		string(receipt.Node), string(receipt.Status), receipt.Reason, int64(receipt.Number), receipt.By,
		micros(receipt.At), receipt.LogSize, binary(receipt.Sealed), string(receipt.For),
		string(receipt.Arrival), string(receipt.From), string(receipt.Message), string(receipt.After))
	return err
}

// Receipts gives all receipts about a document, in the order in which they were recorded.
func (t *transaction) Receipts(ctx context.Context, document exchange.DocumentID) ([]exchange.Receipt, error) {
	return t.receipts(ctx, "document = $1", []any{string(document)})
}

func (t *transaction) receipts(ctx context.Context, condition string, args []any) ([]exchange.Receipt, error) {
	return collect(ctx, t, "select "+receiptColumns+" from receipt where "+condition+" order by seq", args,
		func(row scanner) (receipt exchange.Receipt, err error) {
			err = row.Scan(&receipt.ID, &receipt.Document, &receipt.Content, &receipt.Office, &receipt.Node,
				&receipt.Status, &receipt.Reason, &receipt.Number, &receipt.By, timeColumn{&receipt.At},
				&receipt.LogSize, &receipt.Sealed, &receipt.For, &receipt.Arrival,
				&receipt.From, &receipt.Message, &receipt.After)
			receipt.Sealed = orNil(receipt.Sealed)
			return receipt, err
		})
}
