package storage

import (
	"context"
	"time"

	"congvan/exchange"
)

// Owing lists documents that were not issued and whose last version owes a level.
func (t *transaction) Owing(
	ctx context.Context, after exchange.DocumentID, limit int,
) ([]exchange.Document, error) {
	return t.documents(ctx, "select "+documentColumns+documentSource+" where i.at is null and d.id > $1 and d.id in ("+
		"select v.document from version v where v.owed <> '' and v.ordinal = "+
		"(select max(l.ordinal) from version l where l.document = v.document)) order by d.id limit $2",
		[]any{string(after), int64(limit)})
}

// AddKept records the next file that the archive keeps.
func (t *transaction) AddKept(ctx context.Context, kept exchange.Kept) error {
	file, err := jsonOf(kept.File)
	if err != nil {
		return err
	}
	added, err := t.add(ctx, "insert into kept (office, document, ordinal, file, level, at) "+
		"values ($1, $2, $3, $4, $5, $6) on conflict (office, document, ordinal) do nothing",
		string(kept.Office), string(kept.Document), int64(kept.Ordinal), file, string(kept.Level), micros(kept.At))
	if err != nil {
		return err
	}
	if !added {
		return conflict("archive.kept_before", kept.Document)
	}
	return t.Postpone(ctx, kept.Office, kept.Document, kept.Due)
}

// Postpone sets when the last kept file is due; what is never due has no row in the index.
func (t *transaction) Postpone(
	ctx context.Context, office exchange.OfficeID, document exchange.DocumentID, due time.Time,
) error {
	if due.IsZero() {
		_, err := t.exec(ctx, "delete from kept_due where office = $1 and document = $2", string(office), string(document))
		return err
	}
	_, err := t.exec(ctx, "insert into kept_due (office, document, due) values ($1, $2, $3) "+
		"on conflict (office, document) do update set due = excluded.due",
		string(office), string(document), micros(due))
	return err
}

const keptColumns = "select k.office, k.document, k.ordinal, k.file, k.level, k.at, u.due from kept k " +
	"left join kept_due u on u.office = k.office and u.document = k.document "

// Kept lists the kept files of a document, oldest first; only the last one can be due.
func (t *transaction) Kept(
	ctx context.Context, office exchange.OfficeID, document exchange.DocumentID,
) ([]exchange.Kept, error) {
	list, err := collect(ctx, t, keptColumns+"where k.office = $1 and k.document = $2 order by k.ordinal",
		[]any{string(office), string(document)}, scanKept)
	for i := range len(list) - 1 {
		list[i].Due = time.Time{}
	}
	return list, err
}

// KeptDue lists what is due.
func (t *transaction) KeptDue(ctx context.Context, at time.Time, limit int) ([]exchange.Kept, error) {
	return collect(ctx, t, keptColumns+"where u.due <= $1 and k.ordinal = (select max(l.ordinal) from kept l "+
		"where l.office = k.office and l.document = k.document) order by u.due, k.office, k.document limit $2",
		[]any{micros(at), int64(limit)}, scanKept)
}

func scanKept(row scanner) (kept exchange.Kept, err error) {
	err = row.Scan(&kept.Office, &kept.Document, &kept.Ordinal, jsonColumn{&kept.File}, &kept.Level,
		timeColumn{&kept.At}, timeColumn{&kept.Due})
	return kept, err
}
