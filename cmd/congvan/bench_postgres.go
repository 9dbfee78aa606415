package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// postgres is a PostgreSQL of the benchmark's own: durable, in a folder of its own, reached through a socket in it.
type postgres struct {
	programs string
	home     string
	server   *exec.Cmd
	log      *os.File
}

// postgresPrograms gives the folder of PostgreSQL's programs; empty when it is not installed.
func postgresPrograms() string {
	if path, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil { // the others may not be linked
			return filepath.Dir(real)
		}
	}
	versions, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // a constant pattern: no error
	if len(versions) == 0 {
		return ""
	}
	return filepath.Dir(slices.Max(versions))
}

// startPostgres makes a cluster under dir and starts its server.
func startPostgres(ctx context.Context, programs, dir string) (*postgres, error) {
	p := &postgres{programs: programs, home: filepath.Join(dir, "postgres")}
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // it runs as a user of its own
		return nil, err
	}
	if err := errors.Join(os.Mkdir(p.home, 0o755), chownTo("postgres", p.home)); err != nil { //nolint:gosec // as above
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "postgres.log"))
	if err != nil {
		return nil, err
	}
	p.log = log
	create, err := p.program(ctx, "initdb", "--no-sync", "--auth=trust", "--username=congvan", "--encoding=UTF8",
		"--locale=C.UTF-8", "--pgdata="+p.data())
	if err == nil {
		err = create.Run()
	}
	if err != nil {
		return nil, p.failed("initdb", err)
	}
	// The server ends with the benchmark, not with its context: what it keeps is removed afterwards.
	p.server, err = p.program(context.WithoutCancel(ctx), "postgres", "-D", p.data(), "-k", p.home,
		"-c", "listen_addresses=", "-c", "max_connections=100")
	if err == nil {
		err = p.server.Start()
	}
	if err != nil {
		return nil, p.failed("postgres", err)
	}
	return p, nil
}

func (p *postgres) data() string { return filepath.Join(p.home, "data") }

func (p *postgres) program(ctx context.Context, name string, args ...string) (*exec.Cmd, error) {
	process := exec.CommandContext(ctx, filepath.Join(p.programs, name), args...) //nolint:gosec // of PostgreSQL
	process.Dir, process.Stdout, process.Stderr = p.home, p.log, p.log
	return process, runAs(process, "postgres")
}

func (p *postgres) failed(what string, err error) error {
	said, _ := os.ReadFile(p.log.Name()) // only for the words
	return fmt.Errorf("%s: %w: %s", what, errors.Join(err, p.log.Close()), bytes.TrimSpace(said))
}

// database makes a database and gives its DSN. The first waits until the server answers.
func (p *postgres) database(ctx context.Context, name string) (string, error) {
	var err error
	for range 100 {
		create, failure := p.program(ctx, "createdb", "--host="+p.home, "--username=congvan", "--maintenance-db=postgres",
			name)
		if failure != nil {
			return "", failure
		}
		if err = create.Run(); err == nil {
			return "postgres://congvan@/" + name + "?" + url.Values{"host": {p.home}}.Encode(), nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return "", fmt.Errorf("createdb: %w", err)
}

// stop ends the server and waits for it.
func (p *postgres) stop() error {
	return errors.Join(p.server.Process.Signal(os.Interrupt), p.server.Wait(), p.log.Close())
}
