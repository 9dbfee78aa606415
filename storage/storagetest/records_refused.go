package storagetest

import (
	"context"
	"slices"
	"strings"
	"testing"

	"congvan/exchange"
)

// refusalsKept wants each question to have the answer that was recorded first, and no other question's.
func refusalsKept(t *testing.T, s *story) {
	t.Helper()
	first := exchange.Refusal{
		Asked: "01FIRST", Office: Commune, Message: DigestOf(1), After: "01BEFORE", ID: "01ANSWER", Code: "some.code",
		Leaf: 7, Sealed: []byte{1, 2, 3},
	}
	filled(t, first)
	again, secret, other := first, first, first
	again.After, again.ID = "01ANSWER", "01SECOND"
	secret.Message, secret.ID = "", "01SECRET"
	other.Asked, other.ID = "01OTHER", "01ELSE"
	late := first
	late.ID, late.Code, late.Sealed = "01LATE", "another.code", []byte{4}
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		ok(t, tx.AddRefusals(ctx, []exchange.Refusal{first, again, secret, other}))
		return tx.AddRefusals(ctx, []exchange.Refusal{late})
	})
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		found, err := tx.RefusalsOf(ctx, []exchange.MessageID{first.Asked, "01NONE"})
		slices.SortFunc(found, func(a, b exchange.Refusal) int { return strings.Compare(string(a.ID), string(b.ID)) })
		equal(t, "refusals", found, []exchange.Refusal{first, again, secret})
		return err
	})
	atDoor, onWay := Receipt("to", 1, exchange.Undeliverable), Receipt("to", 2, exchange.Undeliverable)
	onWay.From = ""
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		ok(t, tx.AddReceipt(ctx, Receipt("to", 1, exchange.Arrived)))
		ok(t, tx.AddReceipt(ctx, atDoor))
		return tx.AddReceipt(ctx, onWay)
	})
	s.view(t, func(ctx context.Context, tx exchange.Tx) error {
		found, err := tx.RefusedAtDoors(ctx, []exchange.DocumentID{atDoor.Document, onWay.Document})
		equal(t, "refused at doors", found, []exchange.Receipt{atDoor})
		return err
	})
}
