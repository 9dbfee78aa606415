package storage_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"congvan/exchange"
	"congvan/storage"
	"congvan/storage/storagetest"
)

// rowsFlag sizes BenchmarkSearch: go test -bench Search ./storage -rows 1000000.
var rowsFlag = flag.Int("rows", 20_000, "documents in BenchmarkSearch")

func eachEngine(b *testing.B, bench func(b *testing.B, records *storage.Records, settle func())) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) {
		bench(b, openSQLite(b, filepath.Join(b.TempDir(), "congvan.db")), func() {})
	})
	b.Run("postgres", func(b *testing.B) {
		dsn := storagetest.StartPostgreSQL(b, true).Fresh(b)
		bench(b, openRecords(b, dsn), func() { execute(b, dsn, "vacuum analyze") }) // as the server does by itself in time
	})
}

// BenchmarkArrivals measures what a receiving gateway writes for one document: message, arrival, receipt, its own
// message and delivery, and a line of the log. 64 callers at a time, durable.
func BenchmarkArrivals(b *testing.B) {
	eachEngine(b, func(b *testing.B, records *storage.Records, _ func()) {
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
	eachEngine(b, func(b *testing.B, records *storage.Records, _ func()) {
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
	eachEngine(b, func(b *testing.B, records *storage.Records, _ func()) {
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

// syllables are what the subjects of BenchmarkSearch are made of, the common ones first.
const syllables = "về việc quyết định thông báo kế hoạch công tác phòng chống thiên tai tỉnh xã phường uỷ ban " +
	"nhân dân sở giáo dục đào tạo y tế xây dựng giao thông vận tải nông nghiệp môi trường đất đai " +
	"thu hồi bồi thường hỗ trợ tái định cư dự án đầu tư công trình đường cầu trường học bệnh viện " +
	"chợ khu dân tộc thiểu số văn hoá thể thao du lịch khoa học nghệ chuyển đổi số tài chính ngân " +
	"sách nhà nước cán bộ viên chức tuyển dụng khen thưởng kỷ luật thanh tra kiểm đảng đoàn hội " +
	"nông phụ nữ cựu chiến binh mặt trận tổ quốc bầu cử quốc phòng an ninh trật tự phòng cháy " +
	"chữa"

// BenchmarkSearch measures pages of 50 out of many documents, for words that are common, rare, and both.
func BenchmarkSearch(b *testing.B) {
	eachEngine(b, func(b *testing.B, records *storage.Records, settle func()) {
		b.Helper()
		fill(b, records, *rowsFlag)
		settle()
		for _, question := range []string{
			"", "uỷ ban nhân dân", "thu hoi dat", "quyet dinh 4711", "k", "u b n d", "nguyen thi hoang 99999",
			"thong bao tuyen dung vien chuc giao duc", "khongco uỷ ban",
		} {
			b.Run(strings.ReplaceAll(question, " ", "_"), func(b *testing.B) {
				var times []time.Duration
				for b.Loop() {
					started := time.Now()
					err := records.View(b.Context(), func(tx exchange.Tx) error {
						page := exchange.Page{Limit: 50, Search: question}
						_, err := tx.Documents(b.Context(), storagetest.Commune, page)
						return err
					})
					if err != nil {
						b.Fatal(err)
					}
					times = append(times, time.Since(started))
				}
				slices.Sort(times)
				b.ReportMetric(float64(times[len(times)*95/100].Microseconds())/1000, "p95-ms")
			})
		}
	})
}

// fill writes documents of one office, with subjects in which some words are common and others rare.
func fill(tb testing.TB, records *storage.Records, count int) {
	tb.Helper()
	all := strings.Fields(syllables)
	random := rand.New(rand.NewPCG(1, 2))
	started := time.Now()
	for first := 0; first < count; first += 1000 {
		err := records.Update(tb.Context(), func(tx exchange.Tx) error {
			for n := first; n < min(first+1000, count); n++ {
				var subject []string
				for range 16 {
					place := random.Float64()
					subject = append(subject, all[int(place*place*float64(len(all)))])
				}
				document := storagetest.Document(storagetest.Commune, n)
				document.Subject = strings.Join(subject, " ") + fmt.Sprintf(" %d", n)
				document.Signatory.Name = fmt.Sprintf("Nguyễn Thị Hoàng %d", n%5000)
				if err := tx.AddDocument(tb.Context(), document); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
	tb.Logf("%d documents in %.1f s", count, time.Since(started).Seconds())
}
