package storage_test

import (
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"congvan/exchange"
	"congvan/storage"
	"congvan/storage/storagetest"
)

// rowsFlag sizes BenchmarkSearch: go test -run xxx -bench Search ./storage -rows 1000000 -timeout 50m.
var rowsFlag = flag.Int("rows", 20_000, "documents in BenchmarkSearch")

// syllables are what the subjects of BenchmarkSearch are made of, the common ones first.
const syllables = "về việc quyết định thông báo kế hoạch công tác phòng chống thiên tai tỉnh xã phường uỷ ban " +
	"nhân dân sở giáo dục đào tạo y tế xây dựng giao thông vận tải nông nghiệp môi trường đất đai " +
	"thu hồi bồi thường hỗ trợ tái định cư dự án đầu tư công trình đường cầu trường học bệnh viện " +
	"chợ khu dân tộc thiểu số văn hoá thể thao du lịch khoa học nghệ chuyển đổi số tài chính ngân " +
	"sách nhà nước cán bộ viên chức tuyển dụng khen thưởng kỷ luật thanh tra kiểm đảng đoàn hội " +
	"nông phụ nữ cựu chiến binh mặt trận tổ quốc bầu cử quốc phòng an ninh trật tự phòng cháy " +
	"chữa"

// questions are of every kind: nothing asked, words that are common, rare, both, or nowhere, with diacritics and
// without, one letter, and words that only the old half has.
var questions = []string{
	"", "uỷ ban nhân dân", "thu hoi dat", "quyet dinh 4711", "k", "u b n d", "nguyen thi hoang 99999",
	"thong bao tuyen dung vien chuc giao duc", "khongco uỷ ban", "covid", "covid uỷ ban nhân dân",
}

// BenchmarkSearch measures pages of 50 out of many documents.
func BenchmarkSearch(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) {
		dsn := "sqlite:" + filepath.Join(b.TempDir(), "congvan.db")
		records := openRecords(b, dsn)
		fillSQLite(b, dsn, *rowsFlag)
		searches(b, records)
	})
	b.Run("postgres", func(b *testing.B) {
		dsn := storagetest.StartPostgreSQL(b, true).Fresh(b)
		records := openRecords(b, dsn)
		fillPostgres(b, dsn, *rowsFlag)
		execute(b, dsn, "vacuum analyze") // as the server does by itself in time
		searches(b, records)
	})
}

func searches(b *testing.B, records *storage.Records) {
	b.Helper()
	for _, question := range questions {
		b.Run(strings.ReplaceAll(question, " ", "_"), func(b *testing.B) {
			var times []time.Duration
			for b.Loop() {
				started := time.Now()
				err := records.View(b.Context(), func(tx exchange.Tx) error {
					_, err := tx.Documents(b.Context(), storagetest.Commune, exchange.Page{Limit: 50, Search: question})
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
}

// subjects gives documents of one office, in whose subjects some words are common and others rare.
func subjects(count int, each func(document exchange.Document, words string)) {
	all := strings.Fields(syllables)
	random := rand.New(rand.NewPCG(1, 2))
	for n := 1; n <= count; n++ {
		var subject []string
		for range 16 {
			place := random.Float64()
			subject = append(subject, all[int(place*place*float64(len(all)))])
		}
		if n < count/2 && n%2 == 0 {
			subject = append(subject, "covid")
		}
		document := storagetest.Document(storagetest.Commune, n)
		document.Subject = strings.Join(subject, " ") + fmt.Sprintf(" %d", n)
		document.Signatory.Name = fmt.Sprintf("Nguyễn Thị Hoàng %d", n%5000)
		each(document, storage.DocumentWords(document))
	}
}

const filledColumns = "seq, id, office, kind, subject, urgency, secrecy, signatory, recipients, replies_to, due_on, " +
	"attachments, created_at, created_by, unit, placement"

func filledRow(seq int64, document exchange.Document) []any {
	return []any{
		seq, string(document.ID), string(document.Office), string(document.Kind), document.Subject, int64(0), "none",
		`{"name":"` + document.Signatory.Name + `"}`, "[]", "", "", "[]", document.CreatedAt.UnixMicro(), "", "", "null",
	}
}

// fillPostgres copies documents into the tables, as a restored backup would.
func fillPostgres(b *testing.B, dsn string, count int) {
	b.Helper()
	started := time.Now()
	conn, err := rawSQL(b, dsn).Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	execAll(b, conn, "create temp table given (seq bigint, words text)")
	var rows, found [][]any
	flush := func() {
		err := conn.Raw(func(driver any) error {
			pg := driver.(*stdlib.Conn).Conn()
			_, err := pg.CopyFrom(b.Context(), pgx.Identifier{"document"}, strings.Split(filledColumns, ", "),
				pgx.CopyFromRows(rows))
			if err == nil {
				_, err = pg.CopyFrom(b.Context(), pgx.Identifier{"given"}, []string{"seq", "words"}, pgx.CopyFromRows(found))
			}
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		rows, found = rows[:0], found[:0]
	}
	seq := int64(0)
	subjects(count, func(document exchange.Document, words string) {
		seq++
		rows, found = append(rows, filledRow(seq, document)), append(found, []any{seq, words})
		if len(rows) == 10_000 {
			flush()
		}
	})
	flush()
	b.Logf("%d documents in %.1f s", count, time.Since(started).Seconds())
	execAll(b, conn, "insert into document_words select seq, array_to_tsvector(string_to_array(words, ' ')) from given",
		"drop table given")
	b.Logf("indexed after %.1f s", time.Since(started).Seconds())
}

func fillSQLite(b *testing.B, dsn string, count int) {
	b.Helper()
	started := time.Now()
	conn, err := rawSQL(b, dsn).Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	execAll(b, conn, "pragma synchronous = off")
	execAll(b, conn, "begin")
	document, err := conn.PrepareContext(b.Context(),
		"insert into document ("+filledColumns+") values ("+strings.Repeat("?, ", 15)+"?)")
	if err != nil {
		b.Fatal(err)
	}
	defer document.Close()
	words, err := conn.PrepareContext(b.Context(), "insert into document_words (rowid, words) values (?, ?)")
	if err != nil {
		b.Fatal(err)
	}
	defer words.Close()
	seq := int64(0)
	subjects(count, func(given exchange.Document, found string) {
		seq++
		if _, err := document.ExecContext(b.Context(), filledRow(seq, given)...); err != nil {
			b.Fatal(err)
		}
		if _, err := words.ExecContext(b.Context(), seq, found); err != nil {
			b.Fatal(err)
		}
		if seq%20_000 == 0 {
			execAll(b, conn, "commit", "begin")
		}
	})
	execAll(b, conn, "commit")
	b.Logf("%d documents in %.1f s", count, time.Since(started).Seconds())
}

func execAll(b *testing.B, conn *sql.Conn, statements ...string) {
	b.Helper()
	for _, statement := range statements {
		if _, err := conn.ExecContext(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
}
