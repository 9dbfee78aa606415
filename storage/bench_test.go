package storage_test

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"congvan/exchange"
	"congvan/storage"
	"congvan/storage/storagetest"
)

func eachEngine(b *testing.B, bench func(b *testing.B, records *storage.Records)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) {
		bench(b, openSQLite(b, filepath.Join(b.TempDir(), "congvan.db")))
	})
	b.Run("postgres", func(b *testing.B) {
		bench(b, openRecords(b, storagetest.StartPostgreSQL(b, true).Fresh(b)))
	})
}

// BenchmarkArrivals measures what a receiving gateway writes for one document: message, arrival, receipt, its own
// message and delivery, and a line of the log. 64 callers at a time, durable.
func BenchmarkArrivals(b *testing.B) {
	eachEngine(b, func(b *testing.B, records *storage.Records) {
		b.Helper()
		var last atomic.Int64
		sealed := bytes.Repeat([]byte{7}, 2000)
		b.SetParallelism(32)
		b.RunParallel(func(each *testing.PB) {
			for each.Next() {
				n := int(last.Add(1))
				if err := records.Update(b.Context(), func(tx exchange.Tx) error {
					return takeIn(b.Context(), tx, n, sealed)
				}); err != nil {
					b.Error(err)
				}
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "documents/s")
	})
}

func takeIn(ctx context.Context, tx exchange.Tx, n int, sealed []byte) error {
	arrival := storagetest.Arrival(storagetest.Commune, n)
	arrival.Receipts[0].Sealed = sealed
	id := exchange.MessageID(arrival.Document)
	if _, _, err := tx.AddMessage(ctx, exchange.Message{ID: id, Sealed: sealed, At: arrival.ArrivedAt}); err != nil {
		return err
	}
	if _, _, err := tx.LogHead(ctx); err != nil {
		return err
	}
	if _, _, err := tx.AddArrival(ctx, arrival); err != nil {
		return err
	}
	answer := exchange.Message{ID: id + "r", Kind: exchange.ReceiptMessage, Sealed: sealed, At: arrival.ArrivedAt}
	if _, _, err := tx.AddMessage(ctx, answer); err != nil {
		return err
	}
	if err := tx.AddDeliveries(ctx, []exchange.Delivery{{Message: answer.ID, Node: "node-a", At: answer.At}}); err != nil {
		return err
	}
	_, err := tx.AppendLog(ctx, exchange.Entry{
		At: arrival.ArrivedAt, Act: "arrival.taken", Office: arrival.Office, Document: arrival.Document,
	})
	return err
}

// BenchmarkOne measures one caller alone: the time until one small update is durable.
func BenchmarkOne(b *testing.B) {
	eachEngine(b, func(b *testing.B, records *storage.Records) {
		b.Helper()
		for n := 0; b.Loop(); n++ {
			err := records.Update(b.Context(), func(tx exchange.Tx) error {
				_, err := tx.AppendLog(b.Context(), exchange.Entry{At: storagetest.Start(), Act: "x"})
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkFanOut measures the issuing of one document to 10,000 offices behind 1,000 gateways.
func BenchmarkFanOut(b *testing.B) {
	eachEngine(b, func(b *testing.B, records *storage.Records) {
		b.Helper()
		deliveries := make([]exchange.Delivery, 10_000)
		for n := 0; b.Loop(); n++ {
			id := exchange.MessageID(fmt.Sprint(n))
			for i := range deliveries {
				deliveries[i] = exchange.Delivery{
					Message: id, To: exchange.OfficeID(fmt.Sprint(i)), Node: exchange.NodeID(fmt.Sprint(i % 1000)),
					At: storagetest.Start(),
				}
			}
			err := records.Update(b.Context(), func(tx exchange.Tx) error {
				if _, _, err := tx.AddMessage(b.Context(), exchange.Message{ID: id}); err != nil {
					return err
				}
				return tx.AddDeliveries(b.Context(), deliveries)
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}
