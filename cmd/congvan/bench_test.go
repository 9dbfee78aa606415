package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"congvan/certs"
	"congvan/signing"
)

// benchRows runs a benchmark and gives what it printed, by the work that was measured.
func benchRows(t *testing.T, args ...string) map[string]benchRow {
	t.Helper()
	// Not t.TempDir: what lies there the users of Postfix and PostgreSQL cannot reach.
	folder, err := os.MkdirTemp("", "bench") //nolint:usetesting // as said
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o711); err != nil {
		t.Fatal(err)
	}
	got := command(t, nil, append(args, "--json", "--quick", "--limit=10m", "--lang=en", "--data", folder)...)
	if got.code != exitDone {
		t.Fatalf("%v: exit %d\n%s", args, got.code, got.err)
	}
	rows := map[string]benchRow{}
	for line := range strings.Lines(got.out) {
		var row benchRow
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if _, twice := rows[row.Case+"/"+row.Beside]; twice {
			t.Errorf("%s beside %s is there twice", row.Case, row.Beside)
		}
		rows[row.Case+"/"+row.Beside] = row
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("files are left behind: %v %v", left, err)
	}
	return rows
}

// checkRow wants a figure that was measured beside another.
func checkRow(t *testing.T, rows map[string]benchRow, key string, least int) {
	t.Helper()
	row, found := rows[key]
	if !found || row.LeftOut != "" || row.Count < least || row.Seconds <= 0 || row.BesideSeconds <= 0 || row.Ratio <= 0 {
		t.Errorf("%s: %+v", key, row)
	}
}

func TestBenchSignMeasuresEveryKeyAndLevelBesideTheBareKey(t *testing.T) {
	t.Parallel()
	rows := benchRows(t, "bench", "sign", "--sizes", "page,1MB")
	if len(rows) != 16 {
		t.Errorf("%d rows", len(rows))
	}
	for _, key := range benchKeys {
		checkRow(t, rows, "page "+key.name+" B-B/key", 1)
		checkRow(t, rows, "page "+key.name+" B-T/key+tsa", 1)
		checkRow(t, rows, "1MB "+key.name+" B-B/hash+key", 1)
		checkRow(t, rows, "1MB "+key.name+" B-T/hash+key+tsa", 1)
	}
	for _, what := range []string{"page P-256 B-B", "page P-256 B-T", "1MB P-256 B-B", "1MB P-256 B-T"} {
		checkRow(t, rows, what+"/pdfsign", 1)
	}
}

func TestBenchVerifyFindsEverySignatureThatWasMade(t *testing.T) {
	t.Parallel()
	rows := benchRows(t, "bench", "verify", "--sizes", "page")
	checkRow(t, rows, "page P-256 B-LT/one key check", 1)
	checkRow(t, rows, "page × 1/pdfsign", 1)
	checkRow(t, rows, "page × 10/pdfsign", 10)
}

func TestBenchExchangeCountsEveryDocumentWithItsReceipt(t *testing.T) {
	t.Parallel()
	rows := benchRows(t, "bench", "exchange", "--documents", "16", "--fan-out", "40", "--workers", "4")
	const beside = "/SQLite + fsync"
	for key, count := range map[string]int{
		"submit, judged at the sender": 12, "number and seal": 12, "send → judged → receipt at both ends": 6,
		"send → judged → receipt at both ends, 200/s": 6, "the whole way": 4, "1 → 40": 1,
		"1 → 40 all there, with receipts": 40,
	} {
		checkRow(t, rows, key+beside, count)
		if got := rows[key+beside].Count; got != count {
			t.Errorf("%s: %d counted, not %d", key, got, count)
		}
	}
	checkMail(t, rows)
	drained := rows["2 × 40 all there, with receipts/PostgreSQL + fsync"]
	if postgresPrograms() == "" {
		if row := rows["2 × 40/PostgreSQL + fsync"]; row.LeftOut != "bench_no_peer" {
			t.Errorf("there is no PostgreSQL: %+v", row)
		}
	} else if drained.Count != 80 || drained.PerSecond <= 0 || drained.BesideSeconds <= 0 {
		t.Errorf("an outbox of 80: %+v in %v", drained, rows)
	} else {
		checkRow(t, rows, "1 → 40/PostgreSQL + fsync", 1)
	}
}

// checkMail wants the same letters as mail, where there is a Postfix that can be started; where peers are required,
// there must be one.
func checkMail(t *testing.T, rows map[string]benchRow) {
	t.Helper()
	beside := rows["the whole way/SMTP + S/MIME"]
	if !postfixHere() {
		if os.Getenv("CONGVAN_REQUIRE_PEERS") == "1" {
			t.Error("there is no Postfix that can be started")
		}
		if beside.LeftOut != "bench_no_smtp" || beside.BesideSeconds != 0 {
			t.Errorf("there is no mail: %+v", beside)
		}
		return
	}
	mail := rows["SMTP + S/MIME/–"]
	if mail.Count != 4 || mail.P99 <= 0 || beside.BesideSeconds != mail.Seconds || beside.Ratio <= 0 {
		t.Errorf("4 mails: %+v, beside %+v", mail, beside)
	}
}

func TestBenchRefusesASizeThatItCannotRead(t *testing.T) {
	t.Parallel()
	for _, size := range []string{"0MB", "7", "-1GB", "10TB", "99999GB"} {
		if got := command(t, nil, "bench", "sign", "--sizes="+size); got.code != exitUsage {
			t.Errorf("%s: exit %d", size, got.code)
		}
	}
}

// The documents of the benchmarks must be whole: figures about damaged ones would say nothing.
func TestBenchDocumentsHoldWhatWasSignedInThem(t *testing.T) {
	t.Parallel()
	authority, err := certs.NewAuthority(certs.Setting{URL: "http://127.0.0.1:1", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	identity, err := authority.Leader("Nguyễn Văn An", "Chủ tịch", "Xã", certs.ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	path := t.TempDir() + "/paper.pdf"
	if err := writePaper(path, 3<<20); err != nil {
		t.Fatal(err)
	}
	order := signing.Order{Identity: identity, Level: signing.LevelB, At: time.Now()}
	if err := addSignatures(t.Context(), path, 3, order); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	policy := signing.Policy{At: time.Now(), Anchors: authority.Anchors()}
	report, err := signing.Examine(t.Context(), bytes.NewReader(data), int64(len(data)), policy)
	if err != nil || report.Verdict != signing.Passed || len(report.Signatures) != 3 {
		t.Errorf("%v %s %d signatures", err, report.Verdict, len(report.Signatures))
	}
}
