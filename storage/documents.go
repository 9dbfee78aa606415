package storage

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"congvan/exchange"
)

const codeNoDocument = "document.not_found"

const documentColumns = "d.seq, d.id, d.office, d.kind, d.subject, d.unit, d.urgency, d.secrecy, d.signatory, " +
	"d.recipients, d.placement, d.replies_to, d.due_on, d.attachments, d.created_at, d.created_by, " +
	"d.copy_of, d.replaces, " + numberingColumns + ", i.at"

const numberingColumns = "n.office, n.direction, n.book, n.year, n.number, n.notation, n.on_date"

const documentSource = " from document d left join numbering n on n.subject = d.id " +
	"left join issued i on i.document = d.id"

// AddDocument records a document and its versions. A known id is the Conflict document.known.
func (t *transaction) AddDocument(ctx context.Context, document exchange.Document) error {
	var texts [6]string // of the columns that are JSON
	for i, value := range []any{
		document.Signatory, document.Recipients, document.Attachments, document.Placement, document.CopyOf,
		document.Replaces,
	} {
		text, err := jsonOf(value)
		if err != nil {
			return err
		}
		texts[i] = text
	}
	var seq int64
	added, err := t.insert(ctx, &seq, "insert into document (seq, id, office, kind, subject, urgency, secrecy, "+
		"signatory, recipients, replies_to, due_on, attachments, created_at, created_by, unit, placement, copy_of, "+
		"replaces) "+
		"values ((select coalesce(max(seq), 0) + 1 from document), "+
		"$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) "+
		"on conflict (id) do nothing returning seq",
		string(document.ID), string(document.Office), string(document.Kind), document.Subject, int64(document.Urgency),
		string(document.Secrecy), texts[0], texts[1], string(document.RepliesTo), string(document.DueOn), texts[2],
		micros(document.CreatedAt), document.CreatedBy, document.Unit, texts[3], texts[4], texts[5])
	if err != nil {
		return err
	}
	if !added {
		return conflict("document.known", document.ID)
	}
	if err := t.addVersions(ctx, document.ID, document.Versions); err != nil {
		return err
	}
	t.indexDocument(documentRow{document, seq})
	return nil
}

// addVersions records all versions of a document that has none yet.
func (t *transaction) addVersions(ctx context.Context, id exchange.DocumentID, versions []exchange.Version) error {
	all := make([][]any, len(versions))
	for i, version := range versions {
		columns, err := columnsOf(version)
		if err != nil {
			return err
		}
		all[i] = append([]any{string(id), int64(i)}, columns...)
	}
	return t.insertRows(ctx, "insert into version (document, ordinal, "+versionColumns+") values ", all)
}

// Document gives a document of the office with all its facts.
func (t *transaction) Document(
	ctx context.Context, office exchange.OfficeID, id exchange.DocumentID,
) (exchange.Document, error) {
	found, err := t.documentRows(ctx, "select "+documentColumns+documentSource+" where d.id = $1 and d.office = $2",
		[]any{string(id), string(office)})
	if err == nil && len(found) == 0 {
		err = notFound(codeNoDocument, id)
	}
	if err != nil {
		return exchange.Document{}, err
	}
	t.read = found[0]
	return found[0].Document, nil
}

// Documents gives a page of the documents of an office.
func (t *transaction) Documents(
	ctx context.Context, office exchange.OfficeID, page exchange.Page,
) ([]exchange.Document, error) {
	numbers, err := t.pageOf(ctx, "document", documentText, office, page)
	if err != nil || len(numbers) == 0 {
		return nil, err
	}
	places, args := among(numbers)
	return t.documents(ctx,
		"select "+documentColumns+documentSource+" where d.seq in "+places+" order by d.seq desc", args)
}

// documents reads documents with their versions.
func (t *transaction) documents(ctx context.Context, text string, args []any) ([]exchange.Document, error) {
	rows, err := t.documentRows(ctx, text, args)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	found := make([]exchange.Document, len(rows))
	for i, row := range rows {
		found[i] = row.Document
	}
	return found, nil
}

// documentRow is a document with its sequence number.
type documentRow struct {
	exchange.Document
	seq int64
}

// documentRows reads documents and then their versions.
func (t *transaction) documentRows(ctx context.Context, text string, args []any) ([]documentRow, error) {
	found, err := collect(ctx, t, text, args, scanDocument)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	places := make(map[string]int, len(found))
	ids := make([]string, len(found))
	for i, document := range found {
		ids[i] = string(document.ID)
		places[ids[i]] = i
	}
	in, args := among(ids)
	err = t.each(ctx, "select document, step, file, attachments, owed, at, by_whom from version where document in "+in+
		" order by document, ordinal", args, func(row *sql.Rows) error {
		var document string
		var version exchange.Version
		err := row.Scan(&document, &version.Step, jsonColumn{&version.File}, jsonColumn{&version.Attachments},
			&version.Owed, timeColumn{&version.At}, &version.By)
		to := &found[places[document]]
		to.Versions = append(to.Versions, version)
		return err
	})
	return found, err
}

func scanDocument(row scanner) (document documentRow, err error) {
	var numbering nullNumbering
	err = row.Scan(slices.Concat([]any{
		&document.seq, &document.ID, &document.Office, &document.Kind, &document.Subject, &document.Unit,
		&document.Urgency, &document.Secrecy,
		jsonColumn{&document.Signatory},
		jsonColumn{&document.Recipients},
		jsonColumn{&document.Placement},
		&document.RepliesTo,
		&document.DueOn,
		jsonColumn{&document.Attachments},
		timeColumn{&document.CreatedAt},
		&document.CreatedBy,
		jsonColumn{&document.CopyOf},
		jsonColumn{&document.Replaces},
	}, numbering.fields(), []any{timeColumn{&document.IssuedAt}})...)
	document.Numbering = numbering.value()
	return document, err
}

// nullNumbering is a numbering that may not be there.
type nullNumbering struct {
	office, direction, book, notation, on sql.NullString
	year, number                          sql.NullInt64
}

// fields are where a row's numberingColumns go.
func (n *nullNumbering) fields() []any {
	return []any{&n.office, &n.direction, &n.book, &n.year, &n.number, &n.notation, &n.on}
}

func (n *nullNumbering) value() exchange.Numbering {
	return exchange.Numbering{
		Register: exchange.Register{
			Office:    exchange.OfficeID(n.office.String),
			Direction: exchange.Direction(n.direction.String),
			Book:      n.book.String,
			Year:      int(n.year.Int64),
		},
		Number:   int(n.number.Int64),
		Notation: n.notation.String,
		Date:     exchange.Date(n.on.String),
	}
}

// AddVersion records the next version of a document's main file.
func (t *transaction) AddVersion(ctx context.Context, id exchange.DocumentID, version exchange.Version) error {
	columns, err := columnsOf(version)
	if err != nil {
		return err
	}
	added, err := t.add(ctx, "insert into version (document, ordinal, "+versionColumns+") "+
		"select d.id, (select count(*) from version v where v.document = d.id), $2, $3, $4, $5, $6, $7 from document d "+
		"where d.id = $1", append([]any{string(id)}, columns...)...)
	if err == nil && !added {
		err = notFound(codeNoDocument, id)
	}
	return err
}

const versionColumns = "step, file, at, by_whom, attachments, owed"

// columnsOf gives the versionColumns of a version.
func columnsOf(version exchange.Version) ([]any, error) {
	file, err := jsonOf(version.File)
	if err != nil {
		return nil, err
	}
	attachments, err := jsonOf(version.Attachments)
	if err != nil {
		return nil, err
	}
	return []any{
		string(version.Step), file, micros(version.At), version.By, attachments, string(version.Owed),
	}, nil
}

// MarkIssued records that the document was issued. Once it was, it is the Conflict document.issued.
func (t *transaction) MarkIssued(ctx context.Context, id exchange.DocumentID, at time.Time) error {
	added, err := t.add(ctx, "insert into issued (document, at) select id, $2 from document where id = $1 "+
		"on conflict (document) do nothing", string(id), micros(at))
	if err != nil || added {
		return err
	}
	known, err := t.exists(ctx, "select 1 from document where id = $1", string(id))
	if err != nil {
		return err
	}
	if !known {
		return notFound(codeNoDocument, id)
	}
	return conflict("document.issued", id)
}
