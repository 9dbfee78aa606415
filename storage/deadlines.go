package storage

import (
	"context"
	"time"

	"congvan/exchange"
)

// Watch puts what came since the last call on the list of what is watched.
func (t *transaction) Watch(ctx context.Context, now time.Time, limit int) (int, error) {
	watched := 0
	for side, table := range map[exchange.Direction]string{
		exchange.Outgoing: "document", exchange.Incoming: "arrival",
	} {
		count, err := t.watchPart(ctx, side, table, now, limit)
		if err != nil {
			return 0, err
		}
		watched += count
	}
	return watched, nil
}

// watchPart takes the next rows of one table. The seq of a row is the order in which it was committed, so that none is
// passed over.
func (t *transaction) watchPart(
	ctx context.Context, side exchange.Direction, table string, now time.Time, limit int,
) (int, error) {
	var from, until int64
	if _, err := t.one(ctx, "select seq from watched_until where side = $1", []any{string(side)}, &from); err != nil {
		return 0, err
	}
	next := " from " + table + " where seq > $1 order by seq limit $2"
	_, err := t.one(ctx, "select coalesce(max(seq), 0) from (select seq"+next+") part",
		[]any{from, int64(limit)}, &until)
	if err != nil || until == 0 {
		return 0, err
	}
	rows, err := t.exec(ctx, "insert into watched (subject, side, office, look_at, due) "+
		"select id, $1, office, $2, 0 from "+table+" where seq > $3 and seq <= $4 on conflict (subject) do nothing",
		string(side), micros(now), from, until)
	if err != nil {
		return 0, err
	}
	_, err = t.exec(ctx, "insert into watched_until (side, seq) values ($1, $2) "+
		"on conflict (side) do update set seq = excluded.seq", string(side), until)
	return int(rows), err
}

const watchedColumns = "side, subject, office, look_at, due"

func scanWatched(row scanner) (watched exchange.Watched, err error) {
	err = row.Scan(&watched.Side, &watched.Subject, &watched.Office, timeColumn{&watched.LookAt}, timeColumn{&watched.Due})
	return watched, err
}

// DueWatched gives what is to be looked at.
func (t *transaction) DueWatched(ctx context.Context, now time.Time, limit int) ([]exchange.Watched, error) {
	return collect(ctx, t, "select "+watchedColumns+" from watched where look_at <= $1 order by look_at, subject limit $2",
		[]any{micros(now), int64(limit)}, scanWatched)
}

// Rewatch sets when something is looked at next.
func (t *transaction) Rewatch(ctx context.Context, watched exchange.Watched) error {
	if watched.LookAt.IsZero() {
		_, err := t.exec(ctx, "delete from watched where subject = $1", watched.Subject)
		return err
	}
	_, err := t.exec(ctx, "update watched set look_at = $2, due = $3 where subject = $1",
		watched.Subject, micros(watched.LookAt), micros(watched.Due))
	return err
}

// WatchedBy gives what an office has to do, the most pressing first.
func (t *transaction) WatchedBy(
	ctx context.Context, office exchange.OfficeID, after exchange.Watched, limit int,
) ([]exchange.Watched, error) {
	return collect(ctx, t, "select "+watchedColumns+" from watched "+
		"where office = $1 and due > 0 and (due, subject) > ($2, $3) order by due, subject limit $4",
		[]any{string(office), micros(after.Due), after.Subject, int64(limit)}, scanWatched)
}

// AddReminded records a reminder once.
func (t *transaction) AddReminded(ctx context.Context, reminded exchange.Reminded) (bool, error) {
	return t.add(ctx, "insert into reminded (subject, duty, step, side, document, office, due, at) "+
		"values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (subject, duty, step) do nothing",
		reminded.Subject, reminded.Duty, reminded.Step, string(reminded.Side), string(reminded.Document),
		string(reminded.Office), micros(reminded.Due), micros(reminded.At))
}

// Reminders gives the reminders of an office, the newest first.
func (t *transaction) Reminders(
	ctx context.Context, office exchange.OfficeID, since time.Time, limit int,
) ([]exchange.Reminded, error) {
	return collect(ctx, t, "select side, subject, document, office, duty, step, due, at from reminded "+
		"where office = $1 and at >= $2 order by at desc, subject desc, duty, step limit $3",
		[]any{string(office), micros(since), int64(limit)},
		func(row scanner) (reminded exchange.Reminded, err error) {
			err = row.Scan(&reminded.Side, &reminded.Subject, &reminded.Document, &reminded.Office, &reminded.Duty,
				&reminded.Step, timeColumn{&reminded.Due}, timeColumn{&reminded.At})
			return reminded, err
		})
}

// DocumentsIn gives documents in the order in which they were handed in.
func (t *transaction) DocumentsIn(ctx context.Context, span exchange.Span) ([]exchange.Document, error) {
	return t.documents(ctx, "select "+documentColumns+documentSource+
		" where d.office = $1 and (d.created_at, d.id) > ($2, $3) and d.created_at < $4 "+
		"order by d.created_at, d.id limit $5", spanArgs(span))
}

// ArrivalsIn gives arrivals in the order in which they came.
func (t *transaction) ArrivalsIn(ctx context.Context, span exchange.Span) ([]exchange.Arrival, error) {
	return collect(ctx, t, "select id, office, document, header, arrived_at from arrival "+
		"where office = $1 and (arrived_at, id) > ($2, $3) and arrived_at < $4 "+
		"and not exists (select 1 from withdrawn w where w.arrival = arrival.id) order by arrived_at, id limit $5",
		spanArgs(span), func(row scanner) (arrival exchange.Arrival, err error) {
			err = row.Scan(&arrival.ID, &arrival.Office, &arrival.Document, jsonColumn{&arrival.Header},
				timeColumn{&arrival.ArrivedAt})
			return arrival, err
		})
}

func spanArgs(span exchange.Span) []any {
	return []any{string(span.Office), micros(span.From), span.After, micros(span.To), int64(span.Limit)}
}

// Statements gives what receipts say.
func (t *transaction) Statements(
	ctx context.Context, office exchange.OfficeID, documents []exchange.DocumentID,
) ([]exchange.Statement, error) {
	if len(documents) == 0 {
		return nil, nil
	}
	in, args := amongIDs(documents)
	condition := "document in " + in
	if office != "" {
		args = append(args, string(office))
		mine := placeholders(len(args), 1)
		condition += " and (office = " + mine + " and arrival = '' or for_office = " + mine + ")"
	}
	return collect(ctx, t, "select document, office, for_office, node, status, reason, at from receipt where "+condition+
		" order by seq", args, func(row scanner) (statement exchange.Statement, err error) {
		err = row.Scan(&statement.Document, &statement.Office, &statement.For, &statement.Node, &statement.Status,
			&statement.Reason, timeColumn{&statement.At})
		return statement, err
	})
}

// Answers gives the answers to documents, in no order: sorted, the arrivals would be sought by their time.
func (t *transaction) Answers(
	ctx context.Context, office exchange.OfficeID, documents []exchange.DocumentID,
) ([]exchange.DatedAnswer, error) {
	if len(documents) == 0 {
		return nil, nil
	}
	in, args := amongIDs(documents)
	args = append(args, string(office))
	mine := placeholders(len(args), 1)
	issued, err := collect(ctx, t, "select d.replies_to, d.office, i.at from document d "+
		"join issued i on i.document = d.id where d.replies_to in "+in+" and d.replies_to <> '' and d.office = "+mine,
		args, func(row scanner) (answer exchange.DatedAnswer, err error) {
			err = row.Scan(&answer.To, &answer.By, timeColumn{&answer.At})
			return answer, err
		})
	if err != nil {
		return nil, err
	}
	arrived, err := collect(ctx, t, "select replies_to, header, arrived_at from arrival where replies_to in "+in+
		" and replies_to <> '' and office = "+mine, args,
		func(row scanner) (answer exchange.DatedAnswer, err error) {
			var header struct {
				From exchange.OfficeID `json:"from"`
			}
			err = row.Scan(&answer.To, jsonColumn{&header}, timeColumn{&answer.At})
			answer.By = header.From
			return answer, err
		})
	return append(issued, arrived...), err
}

func amongIDs(documents []exchange.DocumentID) (string, []any) {
	ids := make([]string, len(documents))
	for i, id := range documents {
		ids[i] = string(id)
	}
	return among(ids)
}
