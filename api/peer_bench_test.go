package api_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"congvan/exchange"
	"congvan/signing"
)

// BenchmarkExchange measures what a document costs from its sending until it is judged and its receipt is durable at
// both ends, over the real wire, records and blobs. The examination itself, which happens in worker processes, is left
// out: every file is found to be like one that was examined before.
func BenchmarkExchange(b *testing.B) {
	w := newWorld(b)
	known := w.likeness(b)
	w.commune.gateway.Examiner, w.province.gateway.Examiner = known, known
	for _, senders := range []int{1, 64} {
		b.Run(strconv.Itoa(senders), func(b *testing.B) { w.benchmark(b, senders, department) })
	}
}

// BenchmarkFanOut measures the same of one document to a thousand offices, for each of them.
func BenchmarkFanOut(b *testing.B) {
	const offices = 1000
	w := newWorld(b)
	var to []exchange.OfficeID
	for i := range offices {
		id := fmt.Sprintf("don-vi-%04d", i)
		to = append(to, exchange.OfficeID(id))
		w.file.Offices = append(w.file.Offices, office(to[i], "Đơn vị "+id, fmt.Sprintf("H43.%d", i), "cong-tinh"))
	}
	directory, err := exchange.NewDirectory(w.file)
	must(b, err)
	w.directory = directory
	known := w.likeness(b)
	w.commune.gateway.Examiner, w.province.gateway.Examiner = known, known
	w.benchmark(b, 1, to...)
}

// benchmark sends b.N documents to the offices, so many at once.
func (w *world) benchmark(b *testing.B, senders int, to ...exchange.OfficeID) {
	b.Helper()
	ids := make([]exchange.DocumentID, b.N)
	trips := &trips{open: map[exchange.DocumentID]*trip{}, at: map[exchange.ArrivalID]exchange.DocumentID{}}
	for i := range ids {
		ids[i] = w.sealed(b, to...)
		trips.open[ids[i]] = &trip{done: make(chan struct{}), open: 2 * len(to)}
	}
	records := map[*node]exchange.Records{}
	ctx, cancel := context.WithCancel(b.Context())
	var running, sending sync.WaitGroup
	for _, n := range []*node{w.commune, w.province} {
		records[n] = n.gateway.Records
		n.gateway.Records = noted{n.gateway.Records, trips}
		running.Go(func() { n.gateway.Run(ctx) })
	}
	defer func() {
		cancel()
		running.Wait()
		for n := range records {
			n.gateway.Records = records[n]
		}
	}()
	clerk := exchange.Actor{Name: "Trần Thị Bình", Office: commune, Role: exchange.Clerk}
	before := spent(b)
	b.ResetTimer()
	var next atomic.Int64
	for range senders {
		sending.Go(func() {
			for i := next.Add(1) - 1; i < int64(b.N); i = next.Add(1) - 1 {
				if _, err := w.commune.gateway.Send(ctx, clerk, ids[i]); err != nil {
					b.Error(err)
					return
				}
				<-trips.open[ids[i]].done
			}
		})
	}
	sending.Wait()
	b.StopTimer()
	b.ReportMetric(float64((spent(b)-before).Microseconds())/float64(b.N*len(to)), "cpu-µs/office")
}

// spent is the processor time that this program has used.
func spent(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// sealed puts a document into the commune's records that waits to be sent.
func (w *world) sealed(b *testing.B, to ...exchange.OfficeID) exchange.DocumentID {
	b.Helper()
	g, ctx := w.commune.gateway, b.Context()
	content := make([]byte, 32<<10)
	id := exchange.DocumentID(ulid.Make().String())
	_, _ = mathrand.NewChaCha8(sha256.Sum256([]byte(id))).Read(content)
	digest, size, err := g.Blobs.Put(ctx, bytes.NewReader(content), "", g.MaxFile)
	must(b, err)
	file := exchange.File{Name: "cong-van.pdf", MediaType: "application/pdf", Digest: digest, Size: size}
	at := time.Now().UTC().Truncate(time.Millisecond)
	must(b, g.Records.Update(ctx, func(tx exchange.Tx) error {
		err := tx.AddDocument(ctx, exchange.Document{
			ID: id, Office: commune, Kind: exchange.Letter, Subject: "V/v đo tốc độ", Unit: "VP",
			Secrecy: exchange.NotSecret, Signatory: exchange.Signatory{Name: leaderName, Position: "Chủ tịch"},
			Recipients: to, CreatedAt: at, CreatedBy: "đo",
			Versions: []exchange.Version{{Step: exchange.StepSubmitted, File: file, At: at, By: "đo"}},
		})
		if err != nil {
			return err
		}
		register := exchange.Register{Office: commune, Direction: exchange.Outgoing, Book: "VB", Year: at.Year()}
		if _, err := tx.TakeNumber(ctx, register, string(id), "VP", exchange.Today(at)); err != nil {
			return err
		}
		return tx.AddVersion(ctx, id, exchange.Version{Step: exchange.StepSealed, File: file, At: at, By: "đo"})
	}))
	return id
}

// likeness finds every file to be like one that was examined, each with evidence of its own.
type likeness struct {
	report signing.Report
	count  atomic.Int64
}

func (l *likeness) Examine(
	_ context.Context, file io.ReaderAt, size int64, at time.Time,
) (signing.Report, error) {
	report, bundle := l.report, *l.report.Bundle
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(file, 0, size)); err != nil {
		return signing.Report{}, err
	}
	report.SHA256 = hex.EncodeToString(sum.Sum(nil))
	report.Size, report.JudgedAt = size, at
	bundle.Report.Size = l.count.Add(1)
	report.Bundle = &bundle
	return report, nil
}

// likeness examines a letter that its leader and its office have signed.
func (w *world) likeness(b *testing.B) *likeness {
	b.Helper()
	content := letter()
	keys := w.keys(b)
	for _, key := range []signing.Order{{Identity: keys.leader}, {Identity: keys.seals[commune]}} {
		key.Level, key.Stamper, key.At = signing.LevelT, w.stamper, time.Now()
		signed, err := signing.SignPDF(b.Context(), bytes.NewReader(content), int64(len(content)), key)
		must(b, err)
		content = append(content, signed.Tail...)
	}
	report, err := w.province.gateway.Examiner.Examine(
		b.Context(), bytes.NewReader(content), int64(len(content)), time.Now())
	must(b, err)
	return &likeness{report: report}
}

// trips knows which documents are under way.
type trips struct {
	mutex sync.Mutex
	// open and at are guarded by mutex.
	open map[exchange.DocumentID]*trip
	at   map[exchange.ArrivalID]exchange.DocumentID
}

type trip struct {
	open int // the judgement, the receipt
	done chan struct{}
}

// arrive notes of which document an arrival is, before it is durable: its judgement may be noted first.
func (t *trips) arrive(arrival exchange.Arrival) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.at[arrival.ID] = arrival.Document
}

func (t *trips) note(facts []any) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for _, fact := range facts {
		var id exchange.DocumentID
		switch fact := fact.(type) {
		case exchange.ArrivalID:
			id = t.at[fact]
		case exchange.Receipt:
			id = fact.Document
		}
		if open := t.open[id]; open != nil {
			if open.open--; open.open == 0 {
				close(open.done)
			}
		}
	}
}

// noted are records that tell what became durable.
type noted struct {
	exchange.Records
	trips *trips
}

func (n noted) Update(ctx context.Context, fn func(tx exchange.Tx) error) error {
	var facts []any
	err := n.Records.Update(ctx, func(tx exchange.Tx) error {
		facts = nil
		return fn(notedTx{tx, n.trips, &facts})
	})
	if err == nil {
		n.trips.note(facts)
	}
	return err
}

type notedTx struct {
	exchange.Tx
	trips *trips
	facts *[]any
}

func (n notedTx) AddArrival(
	ctx context.Context, arrival exchange.Arrival,
) (stored exchange.Arrival, known bool, err error) {
	n.trips.arrive(arrival)
	return n.Tx.AddArrival(ctx, arrival)
}

func (n notedTx) AddJudgement(ctx context.Context, id exchange.ArrivalID, judgement exchange.Judgement) error {
	*n.facts = append(*n.facts, id)
	return n.Tx.AddJudgement(ctx, id, judgement)
}

func (n notedTx) AddReceipt(ctx context.Context, receipt exchange.Receipt) error {
	*n.facts = append(*n.facts, receipt)
	return n.Tx.AddReceipt(ctx, receipt)
}
