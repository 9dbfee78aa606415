package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // to damage records

	"congvan/storage/audit"
	"congvan/storage/storagetest"
)

// audited runs the command, and gives the results and the exit code.
func audited(t *testing.T, args ...string) ([]audit.Result, int) {
	t.Helper()
	var out, complaints bytes.Buffer
	p := program{out: &out, err: &complaints, getenv: func(string) string { return "" }, now: time.Now}
	code := run(t.Context(), p, append([]string{"audit", "--json"}, args...))
	var results []audit.Result
	if err := json.Unmarshal(out.Bytes(), &results); err != nil {
		t.Fatalf("%v: %s%s", err, out.String(), complaints.String())
	}
	return results, code
}

// toldStory tells the demonstration once and gives its folder.
func toldStory(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, place := range auditedPlaces {
		if err := os.MkdirAll(filepath.Join(dir, place), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	var complaints bytes.Buffer
	p := program{
		in: strings.NewReader(""), out: &bytes.Buffer{}, err: &complaints, getenv: os.Getenv, now: time.Now,
		ourselves: theProgram,
	}
	if code := run(t.Context(), p, []string{"demo", "--once", "--json", "--data", dir}); code != exitDone {
		t.Fatalf("demo: %d %s", code, complaints.String())
	}
	return dir
}

var auditedPlaces = []string{"commune", "district", "province"}

func recordsOf(dir string) []string {
	var paths []string
	for _, place := range auditedPlaces {
		paths = append(paths, filepath.Join(dir, place, "congvan.db"))
	}
	return paths
}

// withdrawOne withdraws the first arrival, and tellOne says so in a receipt.
const (
	withdrawOne = "insert into withdrawn (arrival, at) select id, arrived_at from arrival where seq = 1"
	tellOne     = "insert into receipt select seq + 1000, id || 'x', document, content, office, node, '15', " +
		"'recall.withdrawn_unseen', 0, by_whom, at, log_size, sealed, for_office, arrival, from_node, message, " +
		"after_refusal from receipt where status = '01' " +
		"and (document, office) in (select document, office from arrival where seq = 1)"
)

// digestHere is the SHA-256 of a zero byte.
const digestHere = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"

// damages are what is done to the records of a gateway, and which check must see it at which gateway.
var damages = map[string]struct {
	place, seen, check string
	statements         []string
}{
	"a delivery is lost": {"commune", "commune", audit.Deliveries, []string{
		"delete from acknowledgement where delivery = (select min(id) from delivery where message in " +
			"(select document from issued))",
		"delete from delivery where id = (select min(id) from delivery where message in (select document from issued))",
	}},
	"an answer is lost": {"commune", "commune", audit.Answers, []string{
		"delete from acknowledgement where delivery = (select min(delivery) from acknowledgement)",
	}},
	"what was answered is owed": {"commune", "commune", audit.Answers, []string{
		"insert into owed (node, rank, delivery) select node, -lane, id from delivery limit 1",
	}},
	"a document arrives twice": {"province", "province", audit.Arrivals, []string{
		"create table other as select * from arrival",
		"insert into other (seq, id, office, document, header, arrived_at, replies_to) " +
			"select seq + 1000, id || 'x', office, document, header, arrived_at, replies_to from arrival limit 1",
		"drop table arrival", "alter table other rename to arrival",
	}},
	"an arrival is lost": {"province", "province", audit.Receipts, []string{
		"delete from arrival where seq = (select min(seq) from arrival)",
	}},
	"an arrival names other bytes": {"province", "province", audit.Receipts, []string{
		`update arrival set header = json_set(header, '$.main.digest', 'ff')`,
	}},
	"a receipt is forgotten by who made it": {"province", "commune", audit.Receipts, []string{
		"delete from receipt where status = '03'",
	}},
	"a receipt has other bytes at the sender": {"commune", "commune", audit.Receipts, []string{
		"update receipt set sealed = x'00' where status = '03'",
	}},
	"a receipt did not come back": {"commune", "province", audit.Returned, []string{
		"delete from receipt where status = '03'",
	}},
	"an answer is another receipt": {"commune", "commune", audit.Duplicates, []string{
		"update acknowledgement set receipt = x'00'",
	}},
	"a message was changed on the way": {"province", "province", audit.Messages, []string{
		"update message set sealed = x'00' where kind = 'document'",
	}},
	"accepted and refused": {"commune", "commune", audit.Verdicts, []string{
		"insert into receipt select seq + 1000, id || 'x', document, content, office, node, '02', 'r', 0, by_whom, at, " +
			"log_size, sealed, for_office, arrival, from_node, message, after_refusal from receipt where status = '03'",
	}},
	"arrived and undelivered": {"commune", "commune", audit.Verdicts, []string{
		"insert into receipt select seq + 1000, id || 'x', document, content, office, node, 'undeliverable', 'r', 0, " +
			"by_whom, at, log_size, sealed, for_office, arrival, from_node, message, after_refusal from receipt " +
			"where status = '01'",
	}},
	"arrived and refused at the door": {"commune", "commune", audit.Verdicts, []string{
		"insert into receipt select seq + 1000, id || 'x', document, '', office, node, 'undeliverable', 'r', 0, " +
			"by_whom, at, log_size, sealed, for_office, arrival, 'commune', 'ff', after_refusal from receipt " +
			"where status = '01'",
		"insert into delivery select id + 1000, message, to_office, node, lane, at from delivery",
		"insert into owed select node, -lane, id from delivery where id > 1000",
	}},
	"a refusal that nobody gave": {"commune", "commune", audit.Receipts, []string{
		"insert into receipt select seq + 1000, id || 'x', document, '', office, node, 'undeliverable', 'r', 0, " +
			"by_whom, at, log_size, sealed, for_office, arrival, 'commune', 'ff', 'r' from receipt where status = '01'",
	}},
	"a refusal that the log does not have": {"province", "province", audit.Receipts, []string{
		"insert into refusal values ('m', 'o', 'd', '', 'i', 'c', 1, x'00')",
	}},
	"taken and refused for the same question": {"province", "province", audit.Verdicts, []string{
		"insert into refusal select document, office, '" + digestHere + "', '', 'i', 'c', 1, x'00' from receipt " +
			"where status = '01' and node = (select node from receipt where status = '01' limit 1) limit 1",
		"update message set sealed = x'00' where kind = 'document'",
	}},
	"what was withdrawn unseen was shown": {"province", "province", audit.Unseen, []string{
		withdrawOne, tellOne, "delete from log where leaf_index = 2",
	}},
	"the log has that it was shown": {"province", "province", audit.Unseen, []string{
		withdrawOne, tellOne, "delete from shown",
	}},
	"what was withdrawn unseen was handed over": {"province", "province", audit.Unseen, []string{
		withdrawOne, tellOne, "delete from shown",
		`update log set leaf = replace(leaf, 'arrival.shown', 'arrival.handed_over') where leaf_index = 2`,
		`update log set leaf = replace(leaf, 'arrival.accepted', 'arrival.judged')`,
		`update log set leaf = replace(leaf, 'arrival.filed', 'arrival.judged')`,
	}},
	"what was withdrawn unseen was accepted": {"province", "province", audit.Unseen, []string{
		withdrawOne, tellOne, "delete from shown",
		"update receipt set status = '03' where seq = (select max(seq) from receipt where status = '01')",
		`update log set leaf = replace(leaf, 'arrival.', 'other.')`,
	}},
	"nobody was told that it was withdrawn": {"province", "province", audit.Unseen, []string{
		withdrawOne, "delete from shown", `update log set leaf = replace(leaf, 'arrival.', 'other.')`,
		"delete from receipt where status <> '01'",
	}},
	"it was not withdrawn though it is said": {"province", "province", audit.Unseen, []string{tellOne}},
	"what is nowhere is marked as handed on": {"province", "province", audit.Transfers, []string{
		"insert into transferred select id, 'nobody', 'commune', 0 from arrival limit 1",
		`update log set leaf = '{"at":"","act":"arrival.taken_over","detail":{"peer":"commune","heir":"nobody",` +
			`"arrival":"' || (select arrival from transferred) || '"}}' where leaf_index = 1`,
	}},
	"the log does not have what is marked as handed on": {"province", "province", audit.Transfers, []string{
		"insert into transferred select id, 'nobody', 'elsewhere', 0 from arrival limit 1",
	}},
	"a number is missing": {"commune", "commune", audit.Registers, []string{
		"update numbering set number = number + 1 where direction = 'outgoing'",
	}},
	"a number has no document": {"commune", "commune", audit.Registers, []string{
		"insert into numbering select 'nobody', office, direction, book, year, number + 1, notation, on_date " +
			"from numbering where number = (select max(number) from numbering where direction = 'outgoing') limit 1",
	}},
	"a line of the log was changed": {"district", "district", audit.Tree, []string{
		"update log set leaf = replace(leaf, '\"at\"', '\"At\"') where leaf_index = 1",
	}},
	"a line of the log is gone": {"district", "district", audit.Tree, []string{"delete from log where leaf_index = 1"}},
	"a hash of the log was changed": {"district", "district", audit.Tree, []string{
		"update log_hash set hash = x'00' where id = 2",
	}},
	"the end of the log is gone": {"commune", "commune", audit.Receipts, []string{"delete from log where leaf_index > 2"}},
	"another log than was witnessed": {"district", "district", audit.Witnesses, []string{
		"insert into witnessed values (1000, 'province', 1, 'ff', x'00', 0)",
	}},
	"an arrival that nobody judges": {"province", "province", audit.Judging, []string{"delete from judgement"}},
}

func TestAnAuditFindsEveryDamage(t *testing.T) {
	t.Parallel()
	dir := toldStory(t)
	results, code := audited(t, recordsOf(dir)...)
	if code != exitDone {
		t.Fatalf("exit %d for records that are well: %+v", code, faulty(results))
	}
	looked := map[string]int64{}
	for _, result := range results {
		looked[result.Check] += result.Looked
	}
	for check, count := range looked {
		if count == 0 && !slices.Contains([]string{audit.Witnesses, audit.Unseen, audit.Transfers}, check) {
			t.Errorf("%s looked at nothing", check)
		}
	}
	t.Run("of files", func(t *testing.T) {
		t.Parallel()
		lookAtFiles(t, dir)
	})
	t.Run("of the disk", func(t *testing.T) {
		t.Parallel()
		flipBits(t, dir)
	})
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			copied := t.TempDir()
			for i, path := range recordsOf(dir) {
				copyRecords(t, path, filepath.Join(copied, auditedPlaces[i]))
			}
			harm(t, recordsOf(copied)[slices.Index(auditedPlaces, damage.place)], damage.statements)
			results, code := audited(t, recordsOf(copied)...)
			seen := recordsOf(copied)[slices.Index(auditedPlaces, damage.seen)]
			found := slices.ContainsFunc(results, func(result audit.Result) bool {
				return result.Check == damage.check && result.Gateway == seen && result.Faults > 0
			})
			if code != exitFailed || !found {
				t.Errorf("exit %d, found %+v", code, faulty(results))
			}
		})
	}
}

// lookAtFiles wants existence to be looked at always, and every byte when asked.
func lookAtFiles(t *testing.T, dir string) {
	t.Helper()
	config := filepath.Join(dir, "commune", "congvan.yaml")
	if results, code := audited(t, "--deep", config); code != exitDone {
		t.Fatalf("exit %d: %+v", code, faulty(results))
	}
	places := storagetest.Places(t, filepath.Join(dir, "commune", "blobs"))
	if len(places) == 0 {
		t.Fatal("no files")
	}
	for _, place := range places { // one of them is no document's: all are changed
		storagetest.Flip(t, place)
	}
	if results, code := audited(t, config); code != exitDone {
		t.Errorf("exit %d: a shallow audit reads no file: %+v", code, faulty(results))
	}
	if _, code := audited(t, "--deep", config); code != exitFailed {
		t.Errorf("exit %d for changed files", code)
	}
	for _, place := range places {
		if err := os.Remove(place.Path); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	if _, code := audited(t, config); code != exitFailed {
		t.Errorf("exit %d for missing files", code)
	}
}

// flipBits turns one bit after the other in the file of records, as a disk does, and wants each to be found: in what a
// gateway sealed, in a line of the log, and in what holds the pages together.
func flipBits(t *testing.T, dir string) {
	t.Helper()
	for name, c := range map[string]struct {
		find  string // the bytes that are hit, or the table on whose first page they are
		past  int    // so many bytes behind their begin
		check string
	}{
		"in a sealed message":                {`"type":"congvan.document.1"`, 20, audit.Messages},
		"in a line of the log":               {`"act":"arrival.received"`, 10, audit.Tree},
		"in the kind of a page":              {"delivery", 0, audit.Pages},
		"in how many cells a page has":       {"delivery", 4, audit.Pages},
		"in where a page has its first cell": {"arrival", 8, audit.Pages},
	} {
		copied := t.TempDir()
		for i, path := range recordsOf(dir) {
			copyWhole(t, path, filepath.Join(copied, auditedPlaces[i]))
		}
		damaged := recordsOf(copied)[slices.Index(auditedPlaces, "province")]
		data, err := os.ReadFile(damaged)
		if err != nil {
			t.Fatal(err)
		}
		if c.check == audit.Pages {
			data[firstPage(t, damaged, c.find)+c.past] ^= 1
		} else {
			// Where pages were split, an old copy may be left that nobody reads: all are hit.
			flipped := slices.Clone([]byte(c.find))
			flipped[c.past] ^= 1
			data = bytes.ReplaceAll(data, []byte(c.find), flipped)
		}
		if err := os.WriteFile(damaged, data, 0o600); err != nil {
			t.Fatal(err)
		}
		results, code := audited(t, append([]string{"--deep"}, recordsOf(copied)...)...)
		found := slices.ContainsFunc(results, func(result audit.Result) bool {
			return result.Check == c.check && result.Faults > 0
		})
		if code != exitFailed || !found {
			t.Errorf("%s: exit %d, found %+v", name, code, faulty(results))
		}
	}
}

// firstPage is where the first page of a table is in the file.
func firstPage(t *testing.T, path, table string) (at int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	err = db.QueryRowContext(t.Context(),
		"select (rootpage - 1) * page_size from sqlite_schema, pragma_page_size where name = $1", table).Scan(&at)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// copyWhole copies a database into one file, without what is beside it.
func copyWhole(t *testing.T, from, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+from)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(t.Context(), "vacuum into $1", filepath.Join(dir, filepath.Base(from)))
	if err != nil {
		t.Fatal(err)
	}
}

func faulty(results []audit.Result) map[string][]audit.Finding {
	found := map[string][]audit.Finding{}
	for _, result := range results {
		if result.Faults > 0 {
			found[result.Gateway+" "+result.Check] = result.First
		}
	}
	return maps.Clone(found)
}

// copyRecords copies a database as it is after it was closed.
func copyRecords(t *testing.T, from, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(from + suffix)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(from)+suffix), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func harm(t *testing.T, path string, statements []string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=foreign_keys(0)")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	for _, statement := range statements {
		result, err := db.ExecContext(t.Context(), statement)
		if err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
		if changed, err := result.RowsAffected(); err == nil && changed == 0 && !strings.HasPrefix(statement, "create") &&
			!strings.HasPrefix(statement, "drop") && !strings.HasPrefix(statement, "alter") {
			t.Fatalf("%s changes nothing", statement)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
