package storage_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"congvan/exchange"
	"congvan/storage"
	"congvan/storage/storagetest"
)

// childVariable makes this test program one that writes until it is killed.
const childVariable = "CONGVAN_STORAGE_CHILD"

func TestMain(m *testing.M) {
	if what, where, found := strings.Cut(os.Getenv(childVariable), " "); found {
		err := errors.New("no such child")
		switch what {
		case "records":
			err = writeRecords(context.Background(), where, os.Stdout)
		case "blobs":
			err = writeBlobs(context.Background(), where, os.Stdout)
		case "open":
			err = openAndWait(context.Background(), where)
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// register is where the documents of the crash tests get their numbers.
var register = exchange.Register{Office: storagetest.Commune, Direction: exchange.Outgoing, Book: "VB", Year: 2026}

// crash is one document, its number, its deliveries of which one is acknowledged, its arrival, and a line of the log,
// in one update.
func crash(ctx context.Context, records exchange.Records, id exchange.DocumentID) error {
	return records.Update(ctx, func(tx exchange.Tx) error {
		document := storagetest.Document(storagetest.Commune, 1)
		document.ID = id
		if err := tx.AddDocument(ctx, document); err != nil {
			return err
		}
		if _, err := tx.TakeNumber(ctx, register, string(id), "", "2026-03-02"); err != nil {
			return err
		}
		if err := deliver(ctx, tx, exchange.MessageID(id)); err != nil {
			return err
		}
		_, err := tx.AppendLog(ctx, exchange.Entry{
			At: storagetest.Start(), Act: "x", Office: storagetest.Commune, Document: id,
		})
		return err
	})
}

func deliver(ctx context.Context, tx exchange.Tx, id exchange.MessageID) error {
	if _, _, err := tx.AddMessage(ctx, exchange.Message{ID: id, At: storagetest.Start()}); err != nil {
		return err
	}
	err := tx.AddDeliveries(ctx, []exchange.Delivery{
		{Message: id, To: "a", Node: "node-a"}, {Message: id, To: "b", Node: "node-b", Lane: exchange.Urgent},
	})
	if err != nil {
		return err
	}
	states, err := tx.Deliveries(ctx, id)
	if err != nil {
		return err
	}
	if err := tx.Acknowledge(ctx, states[1].ID, exchange.Acknowledgement{Outcome: exchange.Taken}); err != nil {
		return err
	}
	arrival := storagetest.Arrival(storagetest.Province, 1)
	arrival.ID, arrival.Document, arrival.Receipts = exchange.ArrivalID(id), exchange.DocumentID(id), nil
	if _, _, err := tx.AddArrival(ctx, arrival); err != nil || len(id)%2 == 0 {
		return err
	}
	return tx.AddJudgement(ctx, arrival.ID, exchange.Judgement{Verdict: "passed"})
}

// indexesAgree checks that the indexes are what the facts say.
func indexesAgree(t *testing.T, dsn string) {
	t.Helper()
	row := "seq"
	if strings.HasPrefix(dsn, "sqlite:") {
		row = "rowid"
	}
	db := rawSQL(t, dsn)
	for index, facts := range map[string]string{
		"select delivery from owed": "select id from delivery d " +
			"where not exists (select 1 from acknowledgement a where a.delivery = d.id)",
		"select arrival from unjudged": "select id from arrival a " +
			"where not exists (select 1 from judgement j where j.arrival = a.id)",
		"select " + row + " from document_words": "select seq from document",
		"select " + row + " from arrival_words":  "select seq from arrival",
	} {
		var missing, extra, there int
		err := db.QueryRowContext(t.Context(), fmt.Sprintf("select (select count(*) from (%[2]s except %[1]s) missing), "+
			"(select count(*) from (%[1]s except %[2]s) extra), (select count(*) from (%[1]s) there)", index, facts)).
			Scan(&missing, &extra, &there)
		if err != nil || missing > 0 || extra > 0 || there == 0 {
			t.Errorf("%s: %d rows, %d missing, %d too many: %v", index, there, missing, extra, err)
		}
	}
}

// writeRecords writes documents from several goroutines for ever, and says each that is acknowledged.
func writeRecords(ctx context.Context, dsn string, say io.Writer) error {
	records, err := storage.OpenRecords(ctx, dsn)
	if err != nil {
		return err
	}
	return writeForEver(say, func(writer, n int) (string, error) {
		id := fmt.Sprintf("%d-%d-%d", os.Getpid(), writer, n)
		return id, crash(ctx, records, exchange.DocumentID(id))
	})
}

// writeBlobs puts blobs from several goroutines for ever, and says each that is acknowledged.
func writeBlobs(ctx context.Context, dir string, say io.Writer) error {
	folder, err := storage.OpenFolder(dir)
	if err != nil {
		return err
	}
	return writeForEver(say, func(writer, n int) (string, error) {
		content := storagetest.Bytes(uint64(n), 100+n*997%40_000)
		content = fmt.Appendf(content, "%d-%d-%d", os.Getpid(), writer, n)
		digest, _, err := folder.Put(ctx, bytes.NewReader(content), "", 1<<20)
		return string(digest), err
	})
}

func writeForEver(say io.Writer, write func(writer, n int) (string, error)) error {
	failed := make(chan error)
	for writer := range 8 {
		go func() {
			for n := 0; ; n++ {
				id, err := write(writer, n)
				if err == nil {
					_, err = fmt.Fprintln(say, id) // one write: lines of several goroutines do not mix
				}
				if err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	return <-failed
}

// killed runs the child until it has acknowledged so much, kills it, and gives all that it acknowledged.
func killed(t *testing.T, child string, enough int) (acknowledged []string) {
	t.Helper()
	run := exec.CommandContext(t.Context(), os.Args[0])
	run.Env = append(os.Environ(), childVariable+"="+child)
	run.Stderr = os.Stderr
	output, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewReader(output); ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // a line without end was not acknowledged
		}
		if acknowledged = append(acknowledged, strings.TrimSpace(line)); len(acknowledged) == enough {
			if err := run.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := run.Wait(); err == nil || len(acknowledged) < enough {
		t.Fatalf("the child ended by itself after %d: %v", len(acknowledged), err)
	}
	return acknowledged
}

const rounds = 6

func TestAcknowledgedRecordsSurviveKill(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		surviveKills(t, "sqlite:"+filepath.Join(t.TempDir(), "congvan.db"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		surviveKills(t, storagetest.StartPostgreSQL(t, false).Fresh(t))
	})
}

func surviveKills(t *testing.T, dsn string) {
	t.Helper()
	random := rand.New(rand.NewPCG(11, 23))
	var acknowledged []string
	for range rounds {
		acknowledged = append(acknowledged, killed(t, "records "+dsn, 20+random.IntN(150))...)
		records := openRecords(t, dsn)
		whole(t, records, acknowledged)
		indexesAgree(t, dsn)
		if err := records.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d kills, %d documents acknowledged", rounds, len(acknowledged))
}

// whole checks that all that was acknowledged is there, and that nothing is there by halves.
func whole(t *testing.T, records exchange.Records, acknowledged []string) {
	t.Helper()
	err := records.View(t.Context(), func(tx exchange.Tx) error {
		for _, id := range acknowledged {
			if _, err := tx.Document(t.Context(), storagetest.Commune, exchange.DocumentID(id)); err != nil {
				return err
			}
		}
		all := everyDocument(t, tx)
		numbers := map[int]bool{}
		for _, document := range all {
			numbers[document.Numbering.Number] = true
			entries, err := tx.Entries(t.Context(), storagetest.Commune, document.ID)
			if err != nil || len(entries) != 1 {
				t.Errorf("document %s has %d lines of the log: %v", document.ID, len(entries), err)
			}
		}
		for number := range len(all) {
			if !numbers[number+1] {
				t.Errorf("number %d of %d is missing", number+1, len(all))
			}
		}
		size, _, err := tx.LogHead(t.Context())
		if int(size) != len(all) {
			t.Errorf("%d documents, %d lines of the log", len(all), size)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func everyDocument(t *testing.T, tx exchange.Tx) (all []exchange.Document) {
	t.Helper()
	page := exchange.Page{Limit: 200}
	for {
		documents, err := tx.Documents(t.Context(), storagetest.Commune, page)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, documents...)
		if len(documents) < page.Limit {
			return all
		}
		page.After = string(documents[len(documents)-1].ID)
	}
}

func TestAcknowledgedBlobsSurviveKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(42, 7))
	total := 0
	for range rounds {
		acknowledged := killed(t, "blobs "+dir, 20+random.IntN(200))
		total += len(acknowledged)
		folder := openFolder(t, dir)
		for _, digest := range acknowledged {
			if err := folder.Verify(t.Context(), exchange.Digest(digest)); err != nil {
				t.Errorf("%s: %v", digest, err)
			}
		}
		if staged, _ := filepath.Glob(filepath.Join(dir, "staging", "put-*")); len(staged) > 0 {
			t.Errorf("%d staged files were not swept", len(staged))
		}
		if err := folder.Close(); err != nil {
			t.Fatal(err)
		}
	}
	everyBlobIsWhole(t, dir)
	t.Logf("%d kills, %d blobs acknowledged", rounds, total)
}

// hurried lets many callers with little time wait for a server that is not there: each gets an answer.
func hurried(t *testing.T, records exchange.Records) {
	t.Helper()
	var callers sync.WaitGroup
	for n := range 60 {
		callers.Go(func() {
			ctx, done := context.WithTimeout(t.Context(), time.Duration(n)*100*time.Microsecond)
			defer done()
			if err := crash(ctx, records, "never"); exchange.KindOf(err) != exchange.Unavailable {
				t.Errorf("without a server an update gave %v", err)
			}
		})
	}
	callers.Wait()
}

// everyBlobIsWhole checks that also what was not acknowledged is whole when it has a name.
func everyBlobIsWhole(t *testing.T, dir string) {
	t.Helper()
	places := storagetest.Places(t, dir)
	if len(places) == 0 {
		t.Fatal("no blobs")
	}
	for digest, place := range places {
		content, err := os.ReadFile(place.Path)
		if err != nil || storagetest.Sum(content[place.At:place.At+place.Size]) != digest {
			t.Errorf("%s holds other bytes: %v", digest, err)
		}
	}
}

func TestAcknowledgedRecordsSurviveTheDeathOfTheServer(t *testing.T) {
	t.Parallel()
	server := storagetest.StartPostgreSQL(t, true)
	records := openRecords(t, server.Fresh(t))
	var mu sync.Mutex // guards acknowledged and failures
	var acknowledged []string
	failures := 0
	for round := range 3 {
		enough := make(chan struct{}, 1)
		var writers sync.WaitGroup
		for writer := range 8 {
			writers.Go(func() {
				for n := 0; ; n++ {
					id := strconv.Itoa(round) + "-" + strconv.Itoa(writer) + "-" + strconv.Itoa(n)
					err := crash(t.Context(), records, exchange.DocumentID(id))
					mu.Lock()
					if err == nil {
						acknowledged = append(acknowledged, id)
					} else {
						failures++
					}
					if len(acknowledged) >= (round+1)*100 {
						select {
						case enough <- struct{}{}:
						default:
						}
					}
					mu.Unlock()
					if err != nil {
						if exchange.KindOf(err) != exchange.Unavailable {
							t.Errorf("got %v", err)
						}
						return
					}
				}
			})
		}
		<-enough
		server.Kill(t)
		writers.Wait()
		err := records.View(t.Context(), func(tx exchange.Tx) error {
			_, err := tx.OwedNodes(t.Context())
			return err
		})
		if exchange.CodeOf(err) != "storage.unavailable" {
			t.Errorf("without a server a view gave %v", err)
		}
		hurried(t, records)
		server.Start(t)
		whole(t, records, acknowledged) // the same records go on
	}
	t.Logf("3 deaths, %d acknowledged, %d unavailable", len(acknowledged), failures)
}
