package storage

import (
	"context"
	"time"

	"congvan/exchange"
)

// AddNotice records a notice. A known id changes nothing.
func (t *transaction) AddNotice(ctx context.Context, notice exchange.Notice) error {
	content, err := jsonOf(notice)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, "insert into notice (seq, id, document, content) "+
		"values ((select coalesce(max(seq), 0) + 1 from notice), $1, $2, $3) on conflict (id) do nothing",
		string(notice.ID), string(notice.Document), content)
	return err
}

// Notices gives the notices about a document, in the order in which they were recorded.
func (t *transaction) Notices(ctx context.Context, document exchange.DocumentID) ([]exchange.Notice, error) {
	return collect(ctx, t, "select content from notice where document = $1 order by seq", []any{string(document)},
		func(row scanner) (notice exchange.Notice, err error) {
			err = row.Scan(jsonColumn{&notice})
			return notice, err
		})
}

// Heed records that a notice has had its effect at an office, once.
func (t *transaction) Heed(
	ctx context.Context, notice exchange.MessageID, office exchange.OfficeID,
) (heeded bool, err error) {
	added, err := t.add(ctx, "insert into heeded (notice, office) values ($1, $2) on conflict (notice, office) do nothing",
		string(notice), string(office))
	return err == nil && !added, err
}

// ArrivalOf gives the arrival of a document at an office with all its facts.
func (t *transaction) ArrivalOf(
	ctx context.Context, office exchange.OfficeID, document exchange.DocumentID,
) (exchange.Arrival, error) {
	found, err := t.arrivals(ctx, "select "+arrivalColumns+arrivalSource+" where a.document = $1 and a.office = $2",
		[]any{string(document), string(office)})
	if err == nil && len(found) == 0 {
		err = notFound(codeNoArrival, document)
	}
	if err != nil {
		return exchange.Arrival{}, err
	}
	return found[0], nil
}

// MarkShown records when an arrival was first shown, and to whom. Asked again it changes nothing.
func (t *transaction) MarkShown(ctx context.Context, id exchange.ArrivalID, at time.Time, by string) error {
	return t.mark(ctx, id, "insert into shown (arrival, at, by_whom) values ($1, $2, $3) on conflict (arrival) do nothing",
		string(id), micros(at), by)
}

// MarkWithdrawn takes an arrival out of the lists and out of what a search finds.
func (t *transaction) MarkWithdrawn(ctx context.Context, id exchange.ArrivalID, at time.Time) error {
	err := t.mark(ctx, id, "insert into withdrawn (arrival, at) values ($1, $2) on conflict (arrival) do nothing",
		string(id), micros(at))
	if err != nil {
		return err
	}
	seq, err := t.seqOf(ctx, "arrival", string(id))
	if err != nil {
		return err
	}
	t.indexed = append(t.indexed, indexed{index: arrivalText, seq: seq}) // without the office's word nobody finds it
	return nil
}

// mark records a fact about an arrival that is there.
func (t *transaction) mark(ctx context.Context, id exchange.ArrivalID, text string, args ...any) error {
	known, err := t.exists(ctx, "select 1 from arrival where id = $1", string(id))
	if err == nil && !known {
		err = notFound(codeNoArrival, id)
	}
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, text, args...)
	return err
}

// Withdrawn gives a page of the arrivals of an office that were withdrawn unseen, the newest first.
func (t *transaction) Withdrawn(
	ctx context.Context, office exchange.OfficeID, page exchange.Page,
) ([]exchange.Arrival, error) {
	before, err := t.cursor(ctx, "arrival", office, page.After)
	if err != nil {
		return nil, err
	}
	return t.arrivals(ctx, "select "+arrivalColumns+arrivalSource+" join withdrawn w on w.arrival = a.id "+
		"where a.office = $1 and a.seq < $2 order by a.seq desc limit $3",
		[]any{string(office), before, int64(min(page.Limit, longestPage))})
}

// AddTies records how documents name others. Known ones change nothing.
func (t *transaction) AddTies(ctx context.Context, ties []exchange.Tie) error {
	for _, tie := range ties {
		_, err := t.exec(ctx, "insert into tie (seq, kind, source, target, from_office) "+
			"values ((select coalesce(max(seq), 0) + 1 from tie), $1, $2, $3, $4) "+
			"on conflict (source, kind, target) do nothing",
			string(tie.Kind), string(tie.Source), string(tie.Target), string(tie.From))
		if err != nil {
			return err
		}
	}
	return nil
}

// Ties gives the ties from and to a document.
func (t *transaction) Ties(ctx context.Context, document exchange.DocumentID) ([]exchange.Tie, error) {
	return collect(ctx, t, "select kind, source, target, from_office from tie "+
		"where source = $1 or target = $1 order by seq",
		[]any{string(document)}, func(row scanner) (tie exchange.Tie, err error) {
			err = row.Scan(&tie.Kind, &tie.Source, &tie.Target, &tie.From)
			return tie, err
		})
}
