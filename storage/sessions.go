package storage

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

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
		if part.Attachment != 0 {
			continue
		}
		_, err := t.exec(ctx, "insert into signing_part (session, ordinal, document, version, prepared) "+
			"values ($1, $2, $3, $4, $5)",
			string(session.ID), int64(i), string(part.Document), string(part.Version), binary(part.Prepared))
		if err != nil {
			return err
		}
	}
	return t.addSessionAttachments(ctx, session)
}

func (t *transaction) addSessionAttachments(ctx context.Context, session exchange.Session) error {
	for _, part := range session.Parts {
		if part.Attachment == 0 {
			continue
		}
		_, err := t.exec(ctx, "insert into signing_attachment (session, document, attachment, version, prepared) "+
			"values ($1, $2, $3, $4, $5)", string(session.ID), string(part.Document), int64(part.Attachment),
			string(part.Version), binary(part.Prepared))
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
	main, err := collect(ctx, t, "select p.document, 0, p.version, p.prepared, o.given, o.result, o.at "+
		"from signing_part p left join signing_outcome o on o.session = p.session and o.document = p.document "+
		"where p.session = $1 order by p.ordinal", []any{string(id)}, scanPart)
	if err != nil {
		return exchange.Session{}, err
	}
	attachments, err := collect(ctx, t, "select p.document, p.attachment, p.version, p.prepared, o.given, o.result, o.at "+
		"from signing_attachment p left join signing_attachment_outcome o on o.session = p.session "+
		"and o.document = p.document and o.attachment = p.attachment where p.session = $1 order by p.attachment",
		[]any{string(id)}, scanPart)
	for _, part := range main {
		for _, attachment := range attachments {
			if attachment.Document == part.Document {
				session.Parts = append(session.Parts, attachment)
			}
		}
		session.Parts = append(session.Parts, part)
	}
	return session, err
}

func scanPart(row scanner) (part exchange.SessionPart, err error) {
	var given, result sql.NullString
	outcome := exchange.SessionOutcome{}
	err = row.Scan(&part.Document, &part.Attachment, &part.Version, &part.Prepared, &given, &result,
		timeColumn{&outcome.At})
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
	ctx context.Context, id exchange.SessionID, part exchange.PartID, outcome exchange.SessionOutcome,
) error {
	insert, known := "insert into signing_outcome (session, document, given, result, at) "+
		"select session, document, $3, $4, $5 from signing_part where session = $1 and document = $2 "+
		"on conflict (session, document) do nothing",
		"select 1 from signing_part where session = $1 and document = $2"
	key := []any{string(id), string(part.Document)}
	values := []any{string(outcome.Given), string(outcome.Result), micros(outcome.At)}
	if part.Attachment != 0 {
		insert, known = "insert into signing_attachment_outcome (session, document, attachment, given, result, at) "+
			"select session, document, attachment, $4, $5, $6 from signing_attachment "+
			"where session = $1 and document = $2 and attachment = $3 "+
			"on conflict (session, document, attachment) do nothing",
			"select 1 from signing_attachment where session = $1 and document = $2 and attachment = $3"
		key = append(key, int64(part.Attachment))
	}
	added, err := t.add(ctx, insert, append(slices.Clone(key), values...)...)
	if err != nil || added {
		return err
	}
	found, err := t.exists(ctx, known, key...)
	if err != nil {
		return err
	}
	if !found {
		return notFound("session.no_such_document", fmt.Sprintf("%v in session %s", part, id))
	}
	return conflict("session.finished", id)
}

// ForgetPrepared takes out what was prepared for parts that are finished, or whose session has expired.
func (t *transaction) ForgetPrepared(ctx context.Context, at time.Time, limit int) (int, error) {
	main, err := t.exec(ctx, "update signing_part set prepared = $1 where (session, document) in ("+
		"select p.session, p.document from signing_part p join signing_session s on s.id = p.session "+
		"where length(p.prepared) > 0 and (s.expires_at <= $2 or exists (select 1 from signing_outcome o "+
		"where o.session = p.session and o.document = p.document)) limit $3)",
		binary(nil), micros(at), int64(limit))
	if err != nil || int(main) >= limit {
		return int(main), err
	}
	more, err := t.exec(ctx, "update signing_attachment set prepared = $1 where (session, document, attachment) in ("+
		"select p.session, p.document, p.attachment from signing_attachment p "+
		"join signing_session s on s.id = p.session where length(p.prepared) > 0 and (s.expires_at <= $2 "+
		"or exists (select 1 from signing_attachment_outcome o where o.session = p.session "+
		"and o.document = p.document and o.attachment = p.attachment)) limit $3)",
		binary(nil), micros(at), int64(limit)-main)
	return int(main + more), err
}

// AddSessionLinks records links by the SHA-256 of their secrets.
func (t *transaction) AddSessionLinks(ctx context.Context, links []exchange.SessionLink) error {
	for _, link := range links {
		_, err := t.exec(ctx, "insert into signing_link (hash, used_for, session, office, document, attachment) "+
			"values ($1, $2, $3, $4, $5, $6)", string(link.Hash), string(link.Use), string(link.Session),
			string(link.Office), string(link.Document), int64(link.Attachment))
		if err != nil {
			return err
		}
	}
	return nil
}

// SessionLink gives the link of whose secret this is the SHA-256.
func (t *transaction) SessionLink(ctx context.Context, hash exchange.Digest) (exchange.SessionLink, error) {
	link := exchange.SessionLink{Hash: hash}
	found, err := t.one(ctx, "select used_for, session, office, document, attachment from signing_link where hash = $1",
		[]any{string(hash)}, &link.Use, &link.Session, &link.Office, &link.Document, &link.Attachment)
	if err == nil && !found {
		err = notFound("session.no_such_link", "link")
	}
	return link, err
}
