package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"congvan/api"
	"congvan/certs"
	"congvan/exchange"
	"congvan/signing"
)

// verifyCommand judges files. Its exit code is a contract: 0 all passed, 1 some failed, 2 some indeterminate and none
// failed, 3 unsigned or unreadable input or wrong usage.
type verifyCommand struct {
	Anchors string   `help:"${help_anchors}"`
	At      string   `help:"${help_at}"`
	Offline bool     `help:"${help_offline}"`
	JSON    bool     `name:"json" help:"${help_json}"`
	Content string   `help:"${help_content}"`
	Allow   []string `help:"${help_allow}"`
	Config  string   `short:"c" help:"${help_verify_config}"`
	Second  bool     `name:"second-opinion" help:"${help_second_opinion}"`
	evidenceFlags
	Report string   `help:"${help_report}"`
	Key    string   `help:"${help_report_key}"`
	Secret string   `name:"password-file" help:"${help_password_file}"`
	Files  []string `arg:"" help:"${help_files}"`
}

// largestInput is how much of standard input is taken, in bytes.
const largestInput = 1 << 30

// Run judges every file and prints a line for each, also for those that cannot be read.
func (c *verifyCommand) Run(ctx context.Context, p program) error {
	policy, kept, err := c.policy(ctx, p)
	if err != nil {
		return err
	}
	defer done(kept)
	files, err := expand(c.Files)
	if err != nil {
		return err
	}
	if policy, err = c.take(p, policy, len(files)); err != nil {
		return err
	}
	if c.Report != "" && len(files) != 1 {
		return usageError(fmt.Errorf("--report is for one file, not for %d", len(files)))
	}
	pool := newWorkers(runtime.GOMAXPROCS(0), policy.Anchors, policy.Revocation, p.ourselves)
	defer done(pool)
	pool.setup.Evidence = c.kept()
	worst, bar := exitDone, c.progress(p, len(files))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	err = inOrder(runtime.GOMAXPROCS(0), files, func(path string) (signing.Report, error) {
		return c.examine(ctx, p, pool, path, policy)
	}, func(path string, report signing.Report, err error) error {
		if err == nil {
			report, err = c.answer(ctx, p, path, report)
			err = errors.Join(bar.Clear(), err)
		}
		if err := errors.Join(err, bar.Add(1)); err != nil {
			cancel()
			return err
		}
		worst = worse(worst, report)
		return nil
	})
	if err := errors.Join(err, bar.Clear()); err != nil {
		return err
	}
	if worst != exitDone {
		return exit(worst)
	}
	return nil
}

// answer prints what was found in one file, and does what else was asked for. It gives the report that counts for the
// exit code.
func (c *verifyCommand) answer(
	ctx context.Context, p program, path string, report signing.Report,
) (signing.Report, error) {
	var err error
	shown := report
	if c.past != nil {
		report, err = c.again(p, report)
	} else {
		err = errors.Join(c.print(p, report), c.writeReport(ctx, p, path, report))
	}
	if err == nil {
		err = c.write(shown)
	}
	if err != nil || c.past != nil || !c.Second || path == "-" {
		return report, err
	}
	return report, c.printOpinion(ctx, p, path, report)
}

// policy says how to judge: against a folder of anchors, or as a gateway does, with what it has kept of revocation. The
// caller closes what was opened for it.
func (c *verifyCommand) policy(ctx context.Context, p program) (policy signing.Policy, kept io.Closer, err error) {
	kept = io.NopCloser(nil)
	policy = signing.Policy{At: p.now(), RequireRevocation: true, Verifier: verifier()}
	if c.At != "" {
		at, err := time.Parse(time.RFC3339, c.At)
		if err != nil {
			return policy, kept, usageError(err)
		}
		policy.At = at
	}
	if c.Config != "" {
		return c.asGateway(ctx, p, policy)
	}
	if c.Anchors != "" {
		if policy.Anchors, err = loadAnchors(c.Anchors); err != nil {
			return policy, kept, err
		}
	}
	if c.Offline {
		return policy, kept, nil
	}
	fetcher, err := certs.NewFetcher(certs.Fetching{
		Now: p.now, Anchors: policy.Anchors, Outbound: certs.Outbound{Allow: c.Allow},
	})
	if err != nil {
		return policy, kept, usageError(err)
	}
	policy.Revocation = fetcher
	return policy, kept, nil
}

// asGateway judges as the gateway of a configuration would. Off-line, what it has kept still counts.
func (c *verifyCommand) asGateway(
	ctx context.Context, p program, policy signing.Policy,
) (signing.Policy, io.Closer, error) {
	config, err := loadConfig(c.Config)
	if err != nil {
		return policy, io.NopCloser(nil), err
	}
	if policy.Anchors, err = loadAnchors(cmp.Or(c.Anchors, config.Anchors)); err != nil {
		return policy, io.NopCloser(nil), err
	}
	config.AllowedAddresses = append(config.AllowedAddresses, c.Allow...)
	fetcher, kept, err := config.openKept(ctx, p, policy.Anchors, c.Offline)
	if err != nil {
		return policy, io.NopCloser(nil), err
	}
	policy.Revocation = fetcher
	return policy, kept, nil
}

// examine judges one file. What cannot be opened is a report with an error, so that every file gets its line.
func (c *verifyCommand) examine(
	ctx context.Context, p program, pool *workers, path string, policy signing.Policy,
) (signing.Report, error) {
	examine := func(file io.ReaderAt, size int64) (signing.Report, error) {
		return pool.Examine(ctx, file, size, policy.At)
	}
	if c.Content != "" || policy.ContentDigests != nil {
		if c.Content != "" {
			content, err := os.Open(c.Content)
			if err != nil {
				return signing.Report{}, err
			}
			defer done(content)
			policy.Content = content
		}
		examine = func(file io.ReaderAt, size int64) (signing.Report, error) {
			return signing.Examine(ctx, file, size, policy)
		}
	}
	if path == "-" {
		data, err := io.ReadAll(io.LimitReader(p.in, largestInput))
		if err != nil {
			return signing.Report{}, fmt.Errorf("read standard input: %w", err)
		}
		report, err := examine(bytes.NewReader(data), int64(len(data)))
		report.File = path
		return report, err
	}
	file, size, err := openInput(path)
	if err != nil {
		return signing.Report{
			File: path, Verdict: signing.Unsigned, Error: codeOf(err), JudgedAt: policy.At, Signatures: []signing.Signature{},
		}, nil
	}
	defer done(file)
	report, err := examine(file, size)
	report.File = path
	return report, err
}

// worse keeps the exit code that matters most: failed, then unsigned or unreadable, then indeterminate.
func worse(code int, report signing.Report) int {
	rank := map[int]int{exitDone: 0, 2: 1, exitUsage: 2, exitFailed: 3}
	next := exitDone
	switch report.Verdict {
	case signing.Failed:
		next = exitFailed
	case signing.Indeterminate:
		next = 2
	case signing.Unsigned:
		next = exitUsage
	case signing.Passed:
	}
	if report.Error != "" && next != exitFailed {
		next = exitUsage
	}
	if rank[next] > rank[code] {
		return next
	}
	return code
}

func (c *verifyCommand) print(p program, report signing.Report) error {
	if c.JSON {
		return json.NewEncoder(p.out).Encode(report)
	}
	fmt.Fprintf(p.out, "%s: %s\n", report.File, p.say.word("verdict_"+string(report.Verdict)))
	if report.Error != "" {
		fmt.Fprintf(p.out, "  %s [%s]\n", api.Sentence(report.Error, p.say.lang), report.Error)
	}
	for _, signature := range report.Signatures {
		printSignature(p, signature)
	}
	return nil
}

// printSignature says who signed, whether it holds and whether the document was changed after it, then the six
// checks, then why.
func printSignature(p program, s signing.Signature) {
	fmt.Fprintf(p.out, "  %s: %s — %s; %s", p.say.word("kind_"+string(s.Kind)), s.Signer,
		p.say.word("indication_"+string(s.Indication)), p.say.word("modification_"+string(s.Modification)))
	if s.Timestamped {
		fmt.Fprintf(p.out, "; %s %s", p.say.word("signed_at"), inHanoi(s.BestSignatureTime))
	}
	fmt.Fprintf(p.out, " (%s, %s)\n", s.Format, s.Level)
	for _, check := range s.Checks {
		fmt.Fprintf(p.out, "    [%s] %s", api.Sentence("check."+string(check.Result), p.say.lang),
			api.Sentence(string(check.Criterion), p.say.lang))
		if check.Reason != "" {
			fmt.Fprintf(p.out, " [%s]", check.Reason)
		}
		fmt.Fprintln(p.out)
	}
	for _, reason := range s.Reasons {
		fmt.Fprintf(p.out, "    - %s [%s]\n", api.Sentence(reason, p.say.lang), reason)
	}
}

func inHanoi(moment string) string {
	at, err := time.Parse(time.RFC3339Nano, moment)
	if err != nil {
		return moment
	}
	return exchange.InVietnam(at).Format("02/01/2006 15:04:05 -07:00")
}

// expand turns folders into the files below them.
func expand(paths []string) ([]string, error) {
	var files []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil || !info.IsDir() {
			files = append(files, path) // one that is not there gets its line too
			continue
		}
		err = filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() {
				files = append(files, name)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", path, err)
		}
	}
	return files, nil
}

func loadAnchors(dir string) (certs.Anchors, error) {
	anchors, err := certs.LoadAnchors(os.DirFS(dir))
	if err != nil {
		return anchors, failure(exchange.Invalid, "anchors.unreadable", dir, err)
	}
	return anchors, nil
}
