package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"congvan/api"
	"congvan/certs"
	"congvan/exchange"
	"congvan/exchange/evidence"
)

// evidenceCommand exports what proves the way of a document, and checks it where no gateway is.
type evidenceCommand struct {
	Export evidenceExport `cmd:"" help:"${help_evidence_export}"`
	Check  evidenceCheck  `cmd:"" help:"${help_evidence_check}"`
}

type evidenceExport struct {
	gatewayFlags
	ID  exchange.DocumentID `arg:"" name:"id" help:"${help_document}"`
	Out string              `help:"${help_evidence_out}"`
}

// Run writes the evidence file and prints its name.
func (c evidenceExport) Run(ctx context.Context, p program) error {
	client, err := c.client(p)
	if err != nil {
		return err
	}
	out := c.Out
	if out == "" {
		out = api.EvidenceName(c.ID)
	}
	reader, writer := io.Pipe()
	defer reader.Close()
	go func() {
		_, err := client.Evidence(ctx, c.ID, writer)
		writer.CloseWithError(err)
	}()
	if err := writeWhole(out, reader); err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.out, out)
	return err
}

// evidenceCheck judges an evidence file without any gateway. Its exit code is that of verify: 0 proved, 1 forged or
// contradictory, 2 resting on something unknown, 3 no evidence file.
type evidenceCheck struct {
	Directory string   `help:"${help_evidence_directory}"`
	Anchors   string   `help:"${help_anchors}"`
	JSON      bool     `name:"json" help:"${help_json}"`
	Evidence  string   `arg:"" help:"${help_evidence_file}"`
	Files     []string `arg:"" optional:"" help:"${help_evidence_files}"`
}

// Run checks the file and prints what it proves.
func (c evidenceCheck) Run(p program) error {
	data, err := readLimited(c.Evidence, evidence.MaxFile)
	if err != nil {
		return err
	}
	trust, err := c.trust()
	if err != nil {
		return err
	}
	result, err := evidence.Check(data, trust)
	if err != nil {
		return usageError(err)
	}
	for _, path := range c.Files {
		content, err := readLimited(path, largestInput)
		if err != nil {
			return err
		}
		if !result.Covers(content) {
			result.Verdict, result.Faults = evidence.Disproof, append(result.Faults, "evidence.not_covered")
		}
	}
	if c.JSON {
		err = printJSON(p.out, result)
	} else {
		_, err = io.WriteString(p.out, proved(p, result, trust.Directory))
	}
	switch {
	case err != nil:
		return err
	case result.Verdict == evidence.Disproof:
		return exit(exitFailed)
	case result.Verdict == evidence.Unsure:
		return exit(2)
	}
	return nil
}

func (c evidenceCheck) trust() (evidence.Trust, error) {
	trust := evidence.Trust{Anchors: certs.NewAnchors()}
	if c.Directory != "" {
		data, err := os.ReadFile(c.Directory)
		if err != nil {
			return trust, err
		}
		if trust.Directory, err = exchange.LoadDirectory(data); err != nil {
			return trust, failure(exchange.Invalid, "directory.invalid", c.Directory, err)
		}
	}
	if c.Anchors == "" {
		return trust, nil
	}
	var err error
	trust.Anchors, err = loadAnchors(c.Anchors)
	return trust, err
}

// proved tells what the evidence proves, for people: the verdict first, then what was done, then what it rests on.
func proved(p program, result evidence.Result, directory *exchange.Directory) string {
	var text strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&text, format+"\n", args...) }
	line("%s", p.say.word("evidence_"+string(result.Verdict)))
	for _, code := range slices.Concat(result.Faults, result.Doubts) {
		line("  - %s [%s]", api.Sentence(code, p.say.lang), code)
	}
	if header := result.Header; header != nil {
		line("%s — %s — %s", header.Numbering, header.Subject, header.FromName)
		line("SHA-256 %s", header.Main.Digest)
	}
	for _, fact := range result.Facts {
		office := string(fact.Office)
		if directory != nil {
			office = directory.NameOf(fact.Office, exchange.Today(fact.At))
		}
		line("  %s  %s — %s%s [%s]", exchange.InVietnam(fact.At).Format("02/01/2006 15:04:05 -07:00"),
			api.Sentence("act."+fact.Act, p.say.lang), office, factDetail(p, fact), fact.Node)
	}
	witnesses := make([]string, len(result.Witnesses))
	for i, node := range result.Witnesses {
		witnesses[i] = string(node)
	}
	line("%s: %s, %d; %s: %s", p.say.word("evidence_log"), result.Node, result.LogSize,
		p.say.word("evidence_witnesses"), strings.Join(witnesses, ", "))
	if !result.StampedAt.IsZero() {
		line("%s %s — %s", p.say.word("evidence_stamped"),
			exchange.InVietnam(result.StampedAt).Format("02/01/2006 15:04:05 -07:00"), result.StampedBy)
	}
	if directory == nil {
		for _, key := range result.Keys {
			line("  %s: SHA-256 %s", key.Node, key.SHA256)
		}
	}
	return text.String()
}

func factDetail(p program, fact evidence.Fact) string {
	detail := ""
	if fact.Number > 0 {
		detail += fmt.Sprintf(", %s %d", p.say.word("evidence_number"), fact.Number)
	}
	if fact.By != "" {
		detail += ", " + fact.By
	}
	if fact.Reason != "" {
		detail += ": " + fact.Reason
	}
	return detail
}

// readLimited reads a whole file that must not be larger.
func readLimited(path string, most int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer done(file)
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(data)) > most {
		err = failure(exchange.Invalid, "evidence.too_large", path, nil)
	}
	return data, err
}
