package storagetest

import (
	"context"
	"testing"

	"congvan/exchange"
)

func refusalsListed(t *testing.T, s *story) {
	t.Helper()
	var deliveries []exchange.Delivery
	for n := 1; n <= 5; n++ {
		office := Commune
		if n == 5 {
			office = Province
		}
		document := Document(office, n)
		s.add(t, document)
		s.update(t, func(ctx context.Context, tx exchange.Tx) error {
			_, _, err := tx.AddMessage(ctx, exchange.Message{
				ID: exchange.MessageID(document.ID), Kind: exchange.DocumentMessage, Sealed: []byte("s"), At: Start(),
			})
			return err
		})
		deliveries = append(deliveries, exchange.Delivery{Message: exchange.MessageID(document.ID), To: "to", Node: "a"})
	}
	s.owe(t, deliveries...)
	outcomes := []exchange.Outcome{exchange.Rejected, exchange.Taken, exchange.Clash, exchange.Taken, exchange.Rejected}
	for i, delivery := range s.owed(t, "a", 10) {
		s.update(t, func(ctx context.Context, tx exchange.Tx) error {
			return tx.Acknowledge(ctx, delivery.ID, exchange.Acknowledgement{Outcome: outcomes[i], Code: "c", At: Start()})
		})
	}
	s.update(t, func(ctx context.Context, tx exchange.Tx) error {
		return tx.AddReceipt(ctx, Receipt("to", 4, exchange.Undeliverable))
	})
	list := func(office exchange.OfficeID, page exchange.Page) (ids []exchange.DocumentID) {
		s.view(t, func(ctx context.Context, tx exchange.Tx) (err error) {
			ids, err = tx.Refusals(ctx, office, page)
			return err
		})
		return ids
	}
	id := func(n int) exchange.DocumentID { return Document(Commune, n).ID }
	equal(t, "newest first", list(Commune, exchange.Page{Limit: 10}), []exchange.DocumentID{id(4), id(3), id(1)})
	first := list(Commune, exchange.Page{Limit: 2})
	equal(t, "first page", first, []exchange.DocumentID{id(4), id(3)})
	rest := list(Commune, exchange.Page{Limit: 2, After: string(first[1])})
	equal(t, "second page", rest, []exchange.DocumentID{id(1)})
	equal(t, "of another office", list(Province, exchange.Page{Limit: 10}), []exchange.DocumentID{id(5)})
}
