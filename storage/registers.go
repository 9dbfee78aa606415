package storage

import (
	"context"

	"congvan/exchange"
)

// TakeNumber gives the register's next number to the subject. Updates run one after the other, so the highest number
// that is recorded is the last that was given, and what fails gives its number back.
func (t *transaction) TakeNumber(
	ctx context.Context, register exchange.Register, subject, notation string, on exchange.Date,
) (exchange.Numbering, error) {
	document, fresh := t.unnumbered(subject)
	if !fresh {
		known, found, err := t.numbering(ctx, subject)
		if err != nil || found {
			return known, err
		}
	}
	var number int64
	added, err := t.insert(ctx, &number, "insert into numbering "+
		"(subject, office, direction, book, year, number, notation, on_date) "+
		"select $1, $2, $3, $4, $5, coalesce(max(number), 0) + 1, $6, $7 from numbering "+
		"where office = $2 and direction = $3 and book = $4 and year = $5 returning number",
		subject, string(register.Office), string(register.Direction), register.Book, int64(register.Year),
		notation, string(on))
	if err != nil || !added {
		return exchange.Numbering{}, err
	}
	taken := exchange.Numbering{Register: register, Number: int(number), Notation: notation, Date: on}
	if fresh {
		document.Numbering = taken
		t.indexDocument(document)
		return taken, nil
	}
	return taken, t.indexNumbered(ctx, subject, taken)
}

// unnumbered gives the document when it was read last in this transaction and had no number then. Now it is to get one,
// and what was read is of no more use.
func (t *transaction) unnumbered(subject string) (documentRow, bool) {
	document := t.read
	t.read = documentRow{}
	return document, t.alone && string(document.ID) == subject && document.Numbering.Number == 0
}

func (t *transaction) numbering(ctx context.Context, subject string) (exchange.Numbering, bool, error) {
	var stored exchange.Numbering
	found, err := t.one(ctx, "select office, direction, book, year, number, notation, on_date from numbering "+
		"where subject = $1", []any{subject}, &stored.Register.Office, &stored.Register.Direction,
		&stored.Register.Book, &stored.Register.Year, &stored.Number, &stored.Notation, &stored.Date)
	return stored, found, err
}

// indexNumbered makes the document or arrival be found by the number it was given.
func (t *transaction) indexNumbered(ctx context.Context, subject string, taken exchange.Numbering) error {
	documents, err := t.documentRows(ctx, "select "+documentColumns+documentSource+" where d.id = $1", []any{subject})
	if err != nil {
		return err
	}
	if len(documents) > 0 {
		t.indexDocument(documents[0])
		return nil
	}
	arrivals, err := t.arrivals(ctx, "select "+arrivalColumns+arrivalSource+" where a.id = $1", []any{subject})
	if err != nil || len(arrivals) == 0 {
		return err
	}
	seq, err := t.seqOf(ctx, "arrival", subject)
	if err != nil {
		return err
	}
	t.index(arrivalText, seq, arrivals[0].Office, arrivalWords(arrivals[0], taken))
	return nil
}

func (t *transaction) indexDocument(document documentRow) {
	t.index(documentText, document.seq, document.Office, documentWords(document.Document))
}

func (t *transaction) seqOf(ctx context.Context, table, id string) (int64, error) {
	var seq int64
	_, err := t.one(ctx, "select seq from "+table+" where id = $1", []any{id}, &seq)
	return seq, err
}
