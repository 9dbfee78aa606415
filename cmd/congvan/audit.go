package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"congvan/exchange"
	"congvan/storage"
	"congvan/storage/audit"
)

// auditCommand checks the records of gateways against themselves and each other, without trusting what wrote them. Its
// exit code is 0 when they agree and 1 when they do not.
type auditCommand struct {
	Deep     bool     `help:"${help_audit_deep}"`
	JSON     bool     `name:"json" help:"${help_json}"`
	Gateways []string `arg:"" help:"${help_audit_gateways}"`
}

// Run prints a line for each check of each gateway, and what it found.
func (c auditCommand) Run(ctx context.Context, p program) (err error) {
	var gateways []audit.Gateway
	var open []io.Closer
	defer func() { err = errors.Join(err, closeAll(open)) }()
	for _, name := range c.Gateways {
		gateway, opened, err := openAudited(ctx, name)
		open = append(open, opened...)
		if err != nil {
			return err
		}
		gateways = append(gateways, gateway)
	}
	results, err := audit.Run(ctx, gateways, c.Deep)
	if err != nil {
		return failure(exchange.Unavailable, "audit.unreadable", "", err)
	}
	if c.JSON {
		err = printJSON(p.out, results)
	} else {
		err = printAudit(p, results)
	}
	if err == nil && !audit.Sound(results) {
		return exit(exitFailed)
	}
	return err
}

// openAudited opens what a word of the command line names: a configuration file, then files are looked at too, or
// records alone, a SQLite file or a DSN.
func openAudited(ctx context.Context, name string) (audit.Gateway, []io.Closer, error) {
	gateway, dsn := audit.Gateway{Name: withoutSecret(name)}, name
	var open []io.Closer
	switch extension := filepath.Ext(name); {
	case extension == ".yaml" || extension == ".yml":
		config, err := loadConfig(name)
		if err != nil {
			return gateway, nil, err
		}
		gateway.Name, dsn = string(config.Node), config.Records
		blobs, err := openBlobs(ctx, filepath.Join(config.Data, "blobs"), config.Blobs, filepath.Join(config.Data, "spool"))
		if err != nil {
			return gateway, nil, err
		}
		open = append(open, blobs)
		gateway.Check = func(ctx context.Context, digest string, deep bool) error {
			return checkKept(ctx, blobs, exchange.Digest(digest), deep)
		}
	case !strings.Contains(name, "://") && !strings.HasPrefix(name, "sqlite:"):
		dsn = "sqlite:" + name
	}
	if strings.HasPrefix(dsn, "sqlite:") {
		gateway.Pages = sqlitePages
	}
	db, err := storage.OpenReading(ctx, dsn)
	if err != nil {
		return gateway, open, err
	}
	gateway.DB = db
	return gateway, append(open, db), nil
}

// sqlitePages lists what SQLite finds damaged in its file. It has no check sums: what changed inside a text is found by
// the other checks, as far as the text is sealed, logged or held twice.
const sqlitePages = "select integrity_check from pragma_integrity_check where integrity_check <> 'ok'"

// checkKept looks whether bytes are there; deep, it reads them to the end, where the store checks their digest.
func checkKept(ctx context.Context, blobs exchange.Blobs, digest exchange.Digest, deep bool) error {
	if !deep {
		kept, err := blobs.Has(ctx, []exchange.Digest{digest})
		if err == nil && !kept[digest] {
			err = exchange.Errorf(exchange.NotFound, "blob.not_found", "%s", digest)
		}
		return err
	}
	blob, err := blobs.Open(ctx, digest)
	if err != nil {
		return err
	}
	defer done(blob)
	_, err = io.Copy(io.Discard, io.NewSectionReader(blob, 0, blob.Size()))
	return err
}

// printAudit writes the table and under it the findings.
func printAudit(p program, results []audit.Result) error {
	table := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	for i, column := range []string{"gateway", "check", "looked", "open", "faults"} {
		if i > 0 {
			fmt.Fprint(table, "\t")
		}
		fmt.Fprint(table, p.say.word("audit_"+column))
	}
	fmt.Fprintln(table)
	for _, result := range results {
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%d\n", result.Gateway, p.say.word("audit_check_"+result.Check),
			result.Looked, result.Open, result.Faults)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, result := range results {
		for _, found := range result.First {
			fmt.Fprintf(p.out, "✗ %s · %s · %s: %s\n", result.Gateway, p.say.word("audit_check_"+result.Check),
				found.Subject, found.Detail)
		}
	}
	verdict := "audit_sound"
	if !audit.Sound(results) {
		verdict = "audit_unsound"
	}
	_, err := fmt.Fprintln(p.out, p.say.word(verdict))
	return err
}
