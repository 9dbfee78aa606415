package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
)

// deliveries wants a message and a delivery for each recipient of each issued document.
func (a auditing) deliveries(ctx context.Context) error {
	const issued = "select d.id, d.recipients, m.kind from issued i join document d on d.id = i.document " +
		"left join message m on m.id = i.document"
	return each(ctx, a.DB, issued, func(rows *sql.Rows) error {
		var id, list string
		var kind sql.NullString
		if err := rows.Scan(&id, &list, &kind); err != nil {
			return err
		}
		var recipients []string
		if err := json.Unmarshal([]byte(list), &recipients); err != nil {
			a.result.fault(id, "its recipients cannot be read: %v", err)
			return nil
		}
		if kind.String != "document" {
			a.result.fault(id, "issued without a message")
		}
		for _, office := range recipients {
			a.result.Looked++
			owed, err := one(ctx, a.DB, "select 1 from delivery where message = $1 and to_office = $2 limit 1",
				[]any{id, office}, new(int))
			if err != nil {
				return err
			}
			if !owed {
				a.result.fault(id, "issued to %s, and never owed to it", office)
			}
		}
		return nil
	})
}

// receipt is a row of the table, as far as it is compared.
type receipt struct {
	id, document, content, office, node, status string
	from                                        string // of a refusal at a door: who brought the document
	size                                        int64
	sealed                                      []byte
}

const receiptColumns = "select r.id, r.document, r.content, r.office, r.node, r.status, r.log_size, r.sealed, " +
	"r.from_node from receipt r "

func (r *receipt) fields() []any {
	return []any{&r.id, &r.document, &r.content, &r.office, &r.node, &r.status, &r.size, &r.sealed, &r.from}
}

// receipts wants a leaf of the log for what was made here, and for what was made elsewhere the same row there.
func (a auditing) receipts(ctx context.Context) error {
	if err := a.refusals(ctx); err != nil {
		return err
	}
	return each(ctx, a.DB, receiptColumns, func(rows *sql.Rows) error {
		var made receipt
		if err := rows.Scan(made.fields()...); err != nil {
			return err
		}
		a.result.Looked++
		there := a.at(made.node)
		switch {
		case made.from != "" && there != nil:
			return a.refusedAt(ctx, *there, made)
		case made.node == a.node:
			return a.ownReceipt(ctx, made)
		case there == nil:
			return nil
		}
		var original receipt
		found, err := one(ctx, there.DB, receiptColumns+"where r.id = $1", []any{made.id}, original.fields()...)
		switch {
		case err != nil:
			return err
		case !found:
			a.result.fault(made.document, "%s knows nothing of its receipt %s (%s, %s)", there.Name, made.id, made.office,
				made.status)
		case !bytes.Equal(original.sealed, made.sealed) || original.content != made.content ||
			original.document != made.document || original.office != made.office || original.status != made.status:
			a.result.fault(made.document, "receipt %s is another at %s", made.id, there.Name)
		}
		return nil
	})
}

// ownReceipt wants the leaf of the act that a receipt of this gateway states, and the arrival.
func (a auditing) ownReceipt(ctx context.Context, made receipt) error {
	act, found, err := a.actOf(ctx, made)
	if err != nil {
		return err
	}
	if !found {
		a.result.fault(made.document, "the log has no leaf for receipt %s (%s, %s)", made.id, made.office, made.status)
		return nil
	}
	if made.status != "01" {
		return nil
	}
	if act.Detail.Digest != made.content {
		a.result.fault(made.document, "the log has other bytes than receipt %s", made.id)
	}
	var header string
	found, err = one(ctx, a.DB, "select header from arrival where document = $1 and office = $2",
		[]any{made.document, made.office}, &header)
	if err != nil {
		return err
	}
	var named struct {
		Main struct {
			Digest string `json:"digest"`
		} `json:"main"`
	}
	switch {
	case !found:
		a.result.fault(made.document, "receipt %s says that it arrived at %s, and it is not there", made.id, made.office)
	case json.Unmarshal([]byte(header), &named) != nil || named.Main.Digest != made.content:
		a.result.fault(made.document, "what arrived at %s has other bytes than receipt %s", made.office, made.id)
	}
	return nil
}

// act is an entry of the log, as far as receipts are compared with it.
type act struct {
	Act    string `json:"act"`
	Detail struct {
		Digest  string `json:"digest"`
		Receipt string `json:"receipt"`
	} `json:"detail"`
}

// actOf finds the entry of the act that a receipt states. That of an arrival names the receipt, which was sealed
// before; other receipts name the size of the log with the entry in it; that of a relay stands for all offices. An
// entry that cannot be read is found by the check of the tree.
func (a auditing) actOf(ctx context.Context, made receipt) (found act, there bool, err error) {
	const leaves = "select leaf_index, leaf from log where document = $1 and office = $2"
	office, sum := made.office, sha256.Sum256(made.sealed)
	if made.status == "carried" {
		office = ""
	}
	err = each(ctx, a.DB, leaves, func(rows *sql.Rows) error {
		var index int64
		var leaf string
		if err := rows.Scan(&index, &leaf); err != nil {
			return err
		}
		var entry act
		readable := json.Unmarshal([]byte(leaf), &entry) == nil
		names := entry.Detail.Receipt == hex.EncodeToString(sum[:]) ||
			index == made.size-1 && entry.Detail.Receipt == "" ||
			made.status == "carried" && entry.Act == "message.relayed" && index >= made.size-1
		if readable && names {
			found, there = entry, true
		}
		return nil
	}, made.document, office)
	return found, there, err
}

// returned wants what was stated here about a document to be at the gateway that issued it, or on the way there.
func (a auditing) returned(ctx context.Context) error {
	text := receiptColumns + "where r.status <> 'carried'"
	return each(ctx, a.DB, text, func(rows *sql.Rows) error {
		var made receipt
		if err := rows.Scan(made.fields()...); err != nil {
			return err
		}
		if made.node != a.node {
			return nil
		}
		var origin string
		if _, err := one(ctx, a.DB, "select origin from message where id = $1", []any{made.document}, &origin); err != nil {
			return err
		}
		issuer := a.at(origin)
		if issuer == nil || origin == a.node {
			return nil
		}
		a.result.Looked++
		way, err := a.onItsWay(ctx, made, *issuer) // first: it may arrive meanwhile
		if err != nil {
			return err
		}
		there, err := one(ctx, issuer.DB, "select 1 from receipt where id = $1", []any{made.id}, new(int))
		switch {
		case err != nil || there:
			return err
		case way:
			a.result.Open++
		default:
			a.result.fault(made.document, "receipt %s (%s, %s) is not at %s and not on its way", made.id, made.office,
				made.status, issuer.Name)
		}
		return nil
	})
}

// onItsWay says whether somebody still owes the receipt, or has given it to a gateway that is not audited.
func (a auditing) onItsWay(ctx context.Context, made receipt, issuer Gateway) (bool, error) {
	waits, err := one(ctx, issuer.DB, "select 1 from owed o join delivery d on d.id = o.delivery "+
		"where d.message = $1 and d.to_office = $2", []any{made.document, made.office}, new(int))
	if waits || err != nil {
		return waits, err
	}
	for _, gateway := range a.all {
		on := false
		err := each(ctx, gateway.DB, "select d.node, o.delivery from delivery d "+
			"left join owed o on o.delivery = d.id where d.message = $1", func(rows *sql.Rows) error {
			var node string
			var owed sql.NullInt64
			err := rows.Scan(&node, &owed)
			on = on || owed.Valid || a.at(node) == nil
			return err
		}, made.id)
		if err != nil || on {
			return on, err
		}
	}
	return false, nil
}

// messages wants every message that another gateway made to have the bytes that it has there.
func (a auditing) messages(ctx context.Context) error {
	return each(ctx, a.DB, "select id, origin, sealed from message", func(rows *sql.Rows) error {
		var id, origin string
		var sealed, original []byte
		if err := rows.Scan(&id, &origin, &sealed); err != nil {
			return err
		}
		a.result.Looked++
		there := a.at(origin)
		if there == nil || origin == a.node {
			return nil
		}
		found, err := one(ctx, there.DB, "select sealed from message where id = $1", []any{id}, &original)
		switch {
		case err != nil:
			return err
		case !found:
			a.result.fault(id, "%s is said to have made it, and knows nothing of it", there.Name)
		case !bytes.Equal(original, sealed):
			a.result.fault(id, "its bytes are others at %s", there.Name)
		}
		return nil
	})
}
