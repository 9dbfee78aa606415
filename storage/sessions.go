package storage

import (
	"context"
	"database/sql"
	"fmt"

	"congvan/exchange"
)

// AddSession records a signing session with its parts. A known id is the Conflict session.known.
func (t *transaction) AddSession(ctx context.Context, session exchange.Session) error {
	added, err := t.add(ctx, "insert into signing_session (id, office, step, way, by_whom, created_at, expires_at) "+
		"values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do nothing",
		string(session.ID), string(session.Office), string(session.Step), string(session.Way), session.By,
		micros(session.CreatedAt), micros(session.ExpiresAt))
	if err != nil {
		return err
	}
	if !added {
		return conflict("session.known", session.ID)
	}
	for i, part := range session.Parts {
		_, err := t.exec(ctx, "insert into signing_part (session, ordinal, document, version, prepared) "+
			"values ($1, $2, $3, $4, $5)",
			string(session.ID), int64(i), string(part.Document), string(part.Version), binary(part.Prepared))
		if err != nil {
			return err
		}
	}
	return nil
}

// Session gives a signing session of the office with the outcomes of its parts.
func (t *transaction) Session(
	ctx context.Context, office exchange.OfficeID, id exchange.SessionID,
) (exchange.Session, error) {
	session := exchange.Session{ID: id, Office: office}
	found, err := t.one(ctx, "select step, way, by_whom, created_at, expires_at from signing_session "+
		"where id = $1 and office = $2", []any{string(id), string(office)},
		&session.Step, &session.Way, &session.By, timeColumn{&session.CreatedAt}, timeColumn{&session.ExpiresAt})
	if err == nil && !found {
		err = notFound("session.not_found", id)
	}
	if err != nil {
		return exchange.Session{}, err
	}
	session.Parts, err = collect(ctx, t, "select p.document, p.version, p.prepared, o.given, o.result, o.at "+
		"from signing_part p left join signing_outcome o on o.session = p.session and o.document = p.document "+
		"where p.session = $1 order by p.ordinal", []any{string(id)}, scanPart)
	return session, err
}

func scanPart(row scanner) (part exchange.SessionPart, err error) {
	var given, result sql.NullString
	outcome := exchange.SessionOutcome{}
	err = row.Scan(&part.Document, &part.Version, &part.Prepared, &given, &result, timeColumn{&outcome.At})
	if len(part.Prepared) == 0 {
		part.Prepared = nil
	}
	if given.Valid {
		outcome.Given, outcome.Result = exchange.Digest(given.String), exchange.Digest(result.String)
		part.Outcome = &outcome
	}
	return part, err
}

// FinishSession records the outcome of one part, once: a second is the Conflict session.finished.
func (t *transaction) FinishSession(
	ctx context.Context, id exchange.SessionID, document exchange.DocumentID, outcome exchange.SessionOutcome,
) error {
	added, err := t.add(ctx, "insert into signing_outcome (session, document, given, result, at) "+
		"select session, document, $3, $4, $5 from signing_part where session = $1 and document = $2 "+
		"on conflict (session, document) do nothing",
		string(id), string(document), string(outcome.Given), string(outcome.Result), micros(outcome.At))
	if err != nil || added {
		return err
	}
	known, err := t.exists(ctx, "select 1 from signing_part where session = $1 and document = $2",
		string(id), string(document))
	if err != nil {
		return err
	}
	if !known {
		return notFound("session.no_such_document", fmt.Sprintf("%s in session %s", document, id))
	}
	return conflict("session.finished", id)
}

// AddSessionLinks records links by the SHA-256 of their secrets.
func (t *transaction) AddSessionLinks(ctx context.Context, links []exchange.SessionLink) error {
	for _, link := range links {
		_, err := t.exec(ctx, "insert into signing_link (hash, used_for, session, office, document) "+
			"values ($1, $2, $3, $4, $5)", string(link.Hash), string(link.Use), string(link.Session),
			string(link.Office), string(link.Document))
		if err != nil {
			return err
		}
	}
	return nil
}

// SessionLink gives the link of whose secret this is the SHA-256.
func (t *transaction) SessionLink(ctx context.Context, hash exchange.Digest) (exchange.SessionLink, error) {
	link := exchange.SessionLink{Hash: hash}
	found, err := t.one(ctx, "select used_for, session, office, document from signing_link where hash = $1",
		[]any{string(hash)}, &link.Use, &link.Session, &link.Office, &link.Document)
	if err == nil && !found {
		err = notFound("session.no_such_link", "link")
	}
	return link, err
}
