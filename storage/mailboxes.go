package storage

import (
	"context"
	"time"

	"congvan/exchange"
)

// SetMailbox records a mailbox as it is from now on; where it stands is taken only when it is new.
func (t *transaction) SetMailbox(ctx context.Context, mailbox exchange.Mailbox) error {
	orders, err := jsonOf(mailbox.Order)
	if err != nil {
		return err
	}
	secrets, err := jsonOf(mailbox.Secrets)
	if err != nil {
		return err
	}
	pushed := int64(0)
	if (mailbox.Order.URL != "" || mailbox.Order.Folder) && !mailbox.Order.Paused {
		pushed = 1
	}
	trouble := mailbox.Trouble
	_, err = t.exec(ctx, "insert into mailbox (office, system, orders, secrets, pushed, position, created_at, "+
		"handed_at, code, detail, failures, failed_at, next_at) "+
		"values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict (office, system) do update set "+
		"orders = excluded.orders, secrets = excluded.secrets, pushed = excluded.pushed",
		string(mailbox.Office), string(mailbox.System), orders, secrets, pushed, mailbox.Position,
		micros(mailbox.CreatedAt), micros(mailbox.HandedAt), trouble.Code, trouble.Detail, int64(trouble.Failures),
		micros(trouble.At), micros(trouble.Next))
	return err
}

const mailboxColumns = "m.office, m.system, m.orders, m.secrets, m.position, m.created_at, m.handed_at, m.code, " +
	"m.detail, m.failures, m.failed_at, m.next_at"

func scanMailbox(row scanner) (m exchange.Mailbox, err error) {
	err = row.Scan(&m.Office, &m.System, jsonColumn{&m.Order}, jsonColumn{&m.Secrets}, &m.Position,
		timeColumn{&m.CreatedAt}, timeColumn{&m.HandedAt}, &m.Trouble.Code, &m.Trouble.Detail, &m.Trouble.Failures,
		timeColumn{&m.Trouble.At}, timeColumn{&m.Trouble.Next})
	return m, err
}

// Mailbox gives a mailbox of the office.
func (t *transaction) Mailbox(
	ctx context.Context, office exchange.OfficeID, system exchange.System,
) (exchange.Mailbox, error) {
	found, err := collect(ctx, t, "select "+mailboxColumns+" from mailbox m where m.office = $1 and m.system = $2",
		[]any{string(office), string(system)}, scanMailbox)
	if err != nil {
		return exchange.Mailbox{}, err
	}
	if len(found) == 0 {
		return exchange.Mailbox{}, notFound("mailbox.not_found", system)
	}
	return found[0], nil
}

// Mailboxes lists the mailboxes of an office by name.
func (t *transaction) Mailboxes(ctx context.Context, office exchange.OfficeID) ([]exchange.Mailbox, error) {
	return collect(ctx, t, "select "+mailboxColumns+" from mailbox m where m.office = $1 order by m.system",
		[]any{string(office)}, scanMailbox)
}

// DueMailboxes lists mailboxes into which something is to be pushed now.
func (t *transaction) DueMailboxes(ctx context.Context, now time.Time) ([]exchange.Mailbox, error) {
	found, err := collect(ctx, t, "select "+mailboxColumns+" from mailbox m where m.pushed = 1 and m.next_at <= $1 "+
		"and (exists (select 1 from log l where l.office = m.office and l.leaf_index >= m.position) "+
		"or exists (select 1 from mailbox_pending p where p.office = m.office and p.system = m.system "+
		"and p.until <= $2)) order by m.office, m.system", []any{micros(now), micros(now)}, scanMailbox)
	for i := range found {
		found[i].Secrets = nil
	}
	return found, err
}

// Occurrences lists the lines of the log that concern the office from this one on, oldest first.
func (t *transaction) Occurrences(
	ctx context.Context, office exchange.OfficeID, from int64, limit int,
) ([]exchange.Entry, error) {
	return collect(ctx, t, "select leaf_index, leaf from log where office = $1 and leaf_index >= $2 "+
		"order by leaf_index limit $3", []any{string(office), from, int64(limit)},
		func(row scanner) (entry exchange.Entry, err error) {
			var index int64
			err = row.Scan(&index, jsonColumn{&entry})
			entry.Index = index
			return entry, err
		})
}

// MoveMailbox records that all lines before the position were looked at.
func (t *transaction) MoveMailbox(
	ctx context.Context, office exchange.OfficeID, system exchange.System, position int64,
) error {
	_, err := t.exec(ctx, "update mailbox set position = $1 where office = $2 and system = $3",
		position, string(office), string(system))
	return err
}

// Pending lists what was given and not acknowledged, oldest first.
func (t *transaction) Pending(
	ctx context.Context, office exchange.OfficeID, system exchange.System, limit int,
) ([]exchange.Pending, error) {
	return collect(ctx, t, "select leaf_index, document, until, tries from mailbox_pending "+
		"where office = $1 and system = $2 order by leaf_index limit $3",
		[]any{string(office), string(system), int64(limit)}, func(row scanner) (p exchange.Pending, err error) {
			err = row.Scan(&p.Index, &p.Document, timeColumn{&p.Until}, &p.Tries)
			return p, err
		})
}

// SetPending records that a line was given until then, or has to wait.
func (t *transaction) SetPending(
	ctx context.Context, office exchange.OfficeID, system exchange.System, pending exchange.Pending,
) error {
	_, err := t.exec(ctx, "insert into mailbox_pending (office, system, leaf_index, document, until, tries) "+
		"values ($1, $2, $3, $4, $5, $6) on conflict (office, system, leaf_index) do update set "+
		"until = excluded.until, tries = excluded.tries",
		string(office), string(system), pending.Index, string(pending.Document), micros(pending.Until),
		int64(pending.Tries))
	return err
}

// HandOver records that the system has acknowledged a line that it was given.
func (t *transaction) HandOver(
	ctx context.Context, office exchange.OfficeID, system exchange.System, index int64, at time.Time,
) (done bool, err error) {
	done, err = t.exists(ctx, "select 1 from handed_over where office = $1 and system = $2 and leaf_index = $3",
		string(office), string(system), index)
	if err != nil {
		return false, err
	}
	given, err := t.exec(ctx, "delete from mailbox_pending "+
		"where office = $1 and system = $2 and leaf_index = $3 and tries > 0", string(office), string(system), index)
	if err != nil || done {
		return done, err
	}
	if given == 0 {
		return false, notFound("mailbox.not_offered", index)
	}
	_, err = t.exec(ctx, "insert into handed_over (office, system, leaf_index, at) values ($1, $2, $3, $4)",
		string(office), string(system), index, micros(at))
	if err != nil {
		return false, err
	}
	_, err = t.exec(ctx, "update mailbox set handed_at = $1 where office = $2 and system = $3",
		micros(at), string(office), string(system))
	return false, err
}

// Offered says whether the system was ever given a line.
func (t *transaction) Offered(
	ctx context.Context, office exchange.OfficeID, system exchange.System, index int64,
) (bool, error) {
	return t.exists(ctx, "select 1 from handed_over where office = $1 and system = $2 and leaf_index = $3 union all "+
		"select 1 from mailbox_pending where office = $4 and system = $5 and leaf_index = $6 and tries > 0 limit 1",
		string(office), string(system), index, string(office), string(system), index)
}

// SetTrouble records what came of the last attempt to push.
func (t *transaction) SetTrouble(
	ctx context.Context, office exchange.OfficeID, system exchange.System, trouble exchange.Trouble,
) error {
	_, err := t.exec(ctx, "update mailbox set code = $1, detail = $2, failures = $3, failed_at = $4, next_at = $5 "+
		"where office = $6 and system = $7", trouble.Code, trouble.Detail, int64(trouble.Failures),
		micros(trouble.At), micros(trouble.Next), string(office), string(system))
	return err
}
