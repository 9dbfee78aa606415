package storage

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"congvan/exchange"
)

// engine is all that differs between the two databases. Every other statement is the same text for both.
type engine struct {
	name       string // also the folder of its migrations
	dialect    goose.Dialect
	driver     string
	dsn        string
	prepare    func() error                // before the first connection; may be nil
	reading    []string                    // once, for a session that reads
	writing    []string                    // once, for a session that writes
	beginWrite []string                    // a transaction that is alone: it sees all committed before it
	patience   time.Duration               // with one statement; 0: no end
	beginRead  string                      // a transaction that sees one consistent state
	group      int                         // the most updates in one transaction
	shared     bool                        // by several instances of one gateway
	arrays     string                      // adds deliveries given as arrays; empty when the database has none
	few        string                      // the same, and owes them, in one journey: slower for many
	migrating  string                      // held while migrating; empty when the database needs none
	index      string                      // statement that writes the words of a row of the index named %s
	match      string                      // asks the index named %s
	matchFrom  string                      // the same, only for rows from a number on
	walk       string                      // finds the same by reading rows one by one
	reads      bool                        // match asks the index for its last argument alone, and reads what that finds
	enough     float64                     // rows that a search may read one by one after it has asked the index
	query      func(words []string) string // for all of them
	code       func(err error) string      // of a fault of the database; empty: not known
}

// sqliteEngine is a file of this machine. synchronous=FULL flushes the write-ahead log at every commit.
func sqliteEngine(path string) engine {
	settings := url.Values{"_txlock": {"immediate"}, "_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "temp_store(MEMORY)",
		"cache_size(-4000)", "wal_autocheckpoint(4000)", "journal_size_limit(67108864)",
	}}
	return engine{
		name:       "sqlite",
		dialect:    goose.DialectSQLite3,
		driver:     "sqlite",
		dsn:        sqliteURI(path) + "?" + settings.Encode(),
		prepare:    func() error { return makeFile(path) },
		reading:    []string{"pragma query_only = 1"},
		beginWrite: []string{"begin immediate"},
		beginRead:  "begin",
		group:      256,
		index:      "insert or replace into %s (rowid, words) values ($1, $2)",
		match:      sqliteMatch,
		matchFrom:  sqliteFrom,
		walk:       sqliteFrom,
		enough:     500,
		query:      sqliteQuery,
		code:       sqliteCode,
	}
}

// Statements that find words. PostgreSQL reads rows in their order or asks its index as it is told, not as it guesses:
// "seq + 0" is no column that is indexed, ts_match_vq is an @@ that no index answers, and "offset 0" keeps conditions
// apart. The question is parsed once for all rows. FTS5 always goes through its index, the newest first, and stops when
// it has enough.
const (
	postgresWalk = "select seq from (select seq, words from %s where seq < $3 and seq >= $5 order by seq desc offset 0) " +
		"newest where words @@ (select $2::text::tsquery) order by seq desc limit $4"
	postgresMatch = "select seq from %s where words @@ (select $5::text::tsquery) and seq + 0 < $3 " +
		"and ts_match_vq(words, (select $2::text::tsquery)) order by seq + 0 desc limit $4"
	postgresFrom = "select seq from %s where words @@ (select $6::text::tsquery) and seq + 0 < $3 and seq >= $5 " +
		"and ts_match_vq(words, (select $2::text::tsquery)) order by seq + 0 desc limit $4"
	sqliteMatch = "select rowid from %[1]s where %[1]s match $2 and rowid < $3 order by rowid desc limit $4"
	sqliteFrom  = "select rowid from %[1]s where %[1]s match $2 and rowid < $3 and rowid >= $5 " +
		"order by rowid desc limit $4"
)

const postgresArrays = "unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[]) " +
	"with ordinality as given (m, o, h, l, a, n)"

// sqliteURI names a file so that no character of its path is taken for something else.
func sqliteURI(path string) string {
	path = filepath.ToSlash(path)
	if filepath.VolumeName(path) != "" {
		path = "/" + path // file:///C:/…
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath()
}

// makeFile makes the file for us alone when it is not there, and finds out early that it cannot be written.
func makeFile(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

// postgresEngine is a server shared by several gateways' instances. One advisory lock, of the schema, makes each
// group of updates alone: the log grows in the order of commits, registers have no gaps, and what a closure reads
// stays true until it is committed. A group ends with one flush, so that this costs less than flushing each update by
// itself.
func postgresEngine(dsn string) engine {
	return engine{
		name:     "postgres",
		dialect:  goose.DialectPostgres,
		driver:   "pgx",
		dsn:      dsn,
		patience: time.Minute,
		prepare:  func() error { return checkDSN(dsn) },
		// An instance that hangs must not stop the others.
		writing: []string{"set idle_in_transaction_session_timeout = '30s'"},
		beginWrite: []string{
			"begin isolation level read committed; select pg_advisory_xact_lock(20110521, hashtext(current_schema()))",
		},
		beginRead: "begin isolation level repeatable read read only",
		arrays: "insert into delivery (id, message, to_office, node, lane, at) " +
			"select $6::bigint + n, m, o, h, l, a from " + postgresArrays,
		few: "with made as (insert into delivery (id, message, to_office, node, lane, at) " +
			"select (select coalesce(max(id), 0) from delivery) + n, m, o, h, l, a from " + postgresArrays +
			" returning id, node, lane) insert into owed (node, rank, delivery) select node, -lane, id from made",
		shared:    true,
		group:     60, // more than 64 subtransactions make PostgreSQL's snapshots slow for everybody
		migrating: "select pg_advisory_lock(20110522, hashtext(current_schema()))",
		index: "insert into %s (seq, words) values ($1, array_to_tsvector(string_to_array($2, ' '))) " +
			"on conflict (seq) do update set words = excluded.words",
		match: postgresMatch, matchFrom: postgresFrom, walk: postgresWalk, reads: true, enough: 10_000,
		query: postgresQuery,
		code:  postgresCode,
	}
}

// checkDSN refuses a DSN that cannot be read, and keeps its secret out of the Error.
func checkDSN(dsn string) error {
	if _, err := pgx.ParseConfig(dsn); err != nil {
		return exchange.Errorf(exchange.Invalid, codeDSN, "the DSN of the records cannot be read")
	}
	return nil
}

func sqliteQuery(words []string) string { return joinWords(words, `"`, `"*`, " AND ") }

func postgresQuery(words []string) string { return joinWords(words, "'", "':*", " & ") }

// joinWords makes a question: what begins with an underscore is the office's and whole, so that its index entry is one.
func joinWords(words []string, before, after, and string) string {
	terms := make([]string, len(words))
	for i, word := range words {
		terms[i] = before + word + after
		if strings.HasPrefix(word, "_") {
			terms[i] = before + word + before
		}
	}
	return strings.Join(terms, and)
}

func sqliteCode(err error) string {
	fault, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return ""
	}
	if fault.Code() == sqlite3.SQLITE_IOERR_SHMSIZE { // no room for the index of the write-ahead log
		return codeFull
	}
	switch fault.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return codeFull
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return codeReadOnly
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return codeDamaged
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN,
		sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PROTOCOL:
		return codeUnavailable
	default:
		return ""
	}
}

// Classes and codes of PostgreSQL's errors (Appendix A of its manual).
func postgresCode(err error) string {
	fault, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		if _, network := errors.AsType[net.Error](err); network {
			return codeUnavailable
		}
		if _, connecting := errors.AsType[*pgconn.ConnectError](err); connecting {
			return codeUnavailable
		}
		return ""
	}
	switch {
	case fault.Code == "53100":
		return codeFull
	case fault.Code == "25006":
		return codeReadOnly
	case fault.Code == "40001", fault.Code == "40P01":
		return codeAgain
	case strings.HasPrefix(fault.Code, "XX"):
		return codeDamaged
	case strings.HasPrefix(fault.Code, "08"), strings.HasPrefix(fault.Code, "53"),
		strings.HasPrefix(fault.Code, "57"), strings.HasPrefix(fault.Code, "25P"), strings.HasPrefix(fault.Code, "28"):
		return codeUnavailable
	default:
		return ""
	}
}

// codeAgain marks a transaction that PostgreSQL gave up for another's sake. Update runs it again; callers never see
// it unless it fails every time.
const codeAgain = "storage.unavailable.again"

// fault makes an Error of what the database said.
func (e engine) fault(doing string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*exchange.Error](err); ok {
		return err
	}
	code := e.code(err)
	switch {
	case code == codeDamaged:
		return exchange.Errorf(exchange.Internal, code, "%s: %w", doing, err)
	case code == codeAgain:
		return &again{exchange.Errorf(exchange.Unavailable, codeUnavailable, "%s: %w", doing, err)}
	case code != "":
		return exchange.Errorf(exchange.Unavailable, code, "%s: %w", doing, err)
	case isStoreFault(err):
		return failed(doing, err)
	default:
		return exchange.Errorf(exchange.Internal, "internal", "%s: %w", doing, err)
	}
}

// isStoreFault says whether the store failed, and not the statement.
func isStoreFault(err error) bool {
	return isFull(err) || codeOf(err) == codeReadOnly || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || isCut(err)
}
