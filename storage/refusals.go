package storage

import (
	"context"

	"congvan/exchange"
)

// AddRefusals records refusals. A question that has its answer keeps it.
func (t *transaction) AddRefusals(ctx context.Context, refusals []exchange.Refusal) error {
	for _, refusal := range refusals {
		_, err := t.exec(ctx, "insert into refusal (message, office, digest, after_refusal, id, code, leaf, sealed) "+
			"values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (message, office, digest, after_refusal) do nothing",
			string(refusal.Asked), string(refusal.Office), string(refusal.Message), string(refusal.After),
			string(refusal.ID), refusal.Code, refusal.Leaf, binary(refusal.Sealed))
		if err != nil {
			return err
		}
	}
	return nil
}

// RefusalsOf gives the refusals of messages, in no order.
func (t *transaction) RefusalsOf(ctx context.Context, messages []exchange.MessageID) ([]exchange.Refusal, error) {
	if len(messages) == 0 {
		return nil, nil
	}
	ids := make([]string, len(messages))
	for i, id := range messages {
		ids[i] = string(id)
	}
	in, args := among(ids)
	return collect(ctx, t, "select message, office, digest, after_refusal, id, code, leaf, sealed from refusal "+
		"where message in "+in, args,
		func(row scanner) (refusal exchange.Refusal, err error) {
			err = row.Scan(&refusal.Asked, &refusal.Office, &refusal.Message, &refusal.After, &refusal.ID, &refusal.Code,
				&refusal.Leaf, &refusal.Sealed)
			return refusal, err
		})
}

// RefusedAtDoors gives the receipts about documents with which gateways refused them at their doors.
func (t *transaction) RefusedAtDoors(
	ctx context.Context, documents []exchange.DocumentID,
) ([]exchange.Receipt, error) {
	if len(documents) == 0 {
		return nil, nil
	}
	in, args := amongIDs(documents)
	return t.receipts(ctx, "status = 'undeliverable' and from_node <> '' and document in "+in, args)
}
