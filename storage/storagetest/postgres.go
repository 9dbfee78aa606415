package storagetest

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// PostgreSQL is a server of a test, in a folder of its own, reached through a socket in that folder.
type PostgreSQL struct {
	home     string
	programs string // where initdb and pg_ctl are
	schemas  atomic.Int64
}

// StartPostgreSQL starts a server that stops when the test ends. With durable, it flushes what it commits, as a real
// one does. The test is skipped when PostgreSQL is not installed, unless peers are required.
func StartPostgreSQL(tb testing.TB, durable bool) *PostgreSQL {
	tb.Helper()
	programs, found := postgresPrograms()
	if !found {
		Missing(tb, "PostgreSQL is not installed: no initdb")
	}
	home, err := os.MkdirTemp("", "pg") //nolint:usetesting // a socket's path must be short
	ok(tb, err)
	server := &PostgreSQL{home: home, programs: programs}
	tb.Cleanup(func() { ok(tb, os.RemoveAll(home)) })
	server.own(tb)
	server.run(tb, "initdb", "--no-sync", "--auth=trust", "--username=congvan", "--encoding=UTF8", "--locale=C.UTF-8",
		"--pgdata="+server.data())
	settings := "listen_addresses = ''\nunix_socket_directories = '" + home + "'\nmax_connections = 400\n"
	if !durable {
		settings += "fsync = off\n"
	}
	config, err := os.OpenFile(filepath.Join(server.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	ok(tb, err)
	_, err = config.WriteString(settings)
	ok(tb, err)
	ok(tb, config.Close())
	tb.Cleanup(func() { server.stop(tb) })
	server.Start(tb)
	return server
}

func postgresPrograms() (dir string, found bool) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), true
	}
	versions, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // a constant pattern: no error
	if len(versions) == 0 {
		return "", false
	}
	slices.Sort(versions)
	return filepath.Dir(versions[len(versions)-1]), true
}

func (p *PostgreSQL) data() string { return filepath.Join(p.home, "data") }

// own gives the folder to the user postgres when we are root: PostgreSQL refuses to run as root.
func (p *PostgreSQL) own(tb testing.TB) {
	tb.Helper()
	if os.Geteuid() != 0 {
		return
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		Missing(tb, "PostgreSQL cannot run as root, and there is no user postgres")
	}
	uid, err := strconv.Atoi(account.Uid)
	ok(tb, err)
	ok(tb, os.Chown(p.home, uid, -1))
	ok(tb, os.Chmod(p.home, 0o755))
}

// Start starts the server again after Kill.
func (p *PostgreSQL) Start(tb testing.TB) {
	tb.Helper()
	p.run(tb, "pg_ctl", "start", "--wait", "--timeout=300", "--silent", "--pgdata="+p.data(),
		"--log="+filepath.Join(p.home, "log"))
}

// Kill ends the server as a power cut would end its processes: SIGKILL to the first of them, and the others follow.
func (p *PostgreSQL) Kill(tb testing.TB) {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join(p.data(), "postmaster.pid"))
	ok(tb, err)
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	ok(tb, err)
	server, err := os.FindProcess(pid)
	ok(tb, err)
	ok(tb, server.Kill())
	for server.Signal(syscall.Signal(0)) == nil {
		runtime.Gosched()
	}
}

func (p *PostgreSQL) stop(tb testing.TB) {
	tb.Helper()
	if _, err := os.Stat(filepath.Join(p.data(), "postmaster.pid")); err == nil {
		p.run(tb, "pg_ctl", "stop", "--mode=immediate", "--wait", "--timeout=300", "--silent", "--pgdata="+p.data())
	}
}

// run runs a program of PostgreSQL to its end.
func (p *PostgreSQL) run(tb testing.TB, program string, args ...string) {
	tb.Helper()
	command := append([]string{filepath.Join(p.programs, program)}, args...)
	if os.Geteuid() == 0 {
		command = append([]string{"runuser", "-u", "postgres", "--"}, command...)
	}
	// The clean-up runs after tb.Context has ended.
	run := exec.CommandContext(context.WithoutCancel(tb.Context()), command[0], command[1:]...)
	run.Dir = p.home
	// A file, not a pipe: the server inherits it and outlives the program.
	output, err := os.Create(filepath.Join(p.home, "output"))
	ok(tb, err)
	run.Stdout, run.Stderr = output, output
	if err := run.Run(); err != nil {
		said, _ := os.ReadFile(output.Name())
		logged, _ := os.ReadFile(filepath.Join(p.home, "log"))
		tb.Fatalf("%s: %v\n%s\n%s", program, err, bytes.TrimSpace(said), bytes.TrimSpace(logged))
	}
	ok(tb, output.Close())
}

// Fresh gives the DSN of a schema that nobody used before.
func (p *PostgreSQL) Fresh(tb testing.TB) string {
	tb.Helper()
	schema := fmt.Sprintf("test%d", p.schemas.Add(1))
	db, err := sql.Open("pgx", p.dsn("public"))
	ok(tb, err)
	_, err = db.ExecContext(tb.Context(), "create schema "+schema)
	ok(tb, err)
	ok(tb, db.Close())
	return p.dsn(schema)
}

func (p *PostgreSQL) dsn(schema string) string {
	query := url.Values{"host": {p.home}, "search_path": {schema}}
	return "postgres://congvan@/postgres?" + query.Encode()
}
