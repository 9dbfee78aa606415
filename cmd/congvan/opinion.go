package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"

	"congvan/api"
	"congvan/exchange"
	"congvan/signing"
)

// opinionCommand asks the second engine about the file on standard input. It is for this program only: the engine can
// be made to use all memory, so that it runs in a process of its own, under limits.
type opinionCommand struct{}

// largestOpinion is how large a file may be that the second engine is asked about: it holds it in memory many times.
const largestOpinion = 32 << 20

// Run prints the opinion as JSON.
func (opinionCommand) Run(p program) error {
	if err := limitMemory(workerHardMemory); err != nil {
		return err
	}
	document, err := io.ReadAll(io.LimitReader(p.in, largestOpinion))
	if err != nil {
		return err
	}
	return json.NewEncoder(p.out).Encode(signing.SecondOpinion(document))
}

// printOpinion asks the second engine about a file and prints where it differs from the report, and why ours holds.
func (c *verifyCommand) printOpinion(ctx context.Context, p program, path string, report signing.Report) error {
	opinion, err := askOpinion(ctx, path, p.ourselves)
	if err != nil {
		return err
	}
	disagreements := report.Disagreements(opinion)
	if c.JSON {
		return printJSON(p.out, map[string]any{"file": path, "opinion": opinion, "disagreements": disagreements})
	}
	if len(disagreements) == 0 {
		fmt.Fprintf(p.out, "  %s: %s\n", opinion.Engine, p.say.word("opinion_agrees"))
	}
	for _, point := range disagreements {
		fmt.Fprintf(p.out, "  %s: %s — %s [%s]\n", opinion.Engine, point.Signer,
			api.Sentence(point.Code, p.say.lang), point.Code)
	}
	if len(disagreements) > 0 && opinion.Detail != "" {
		fmt.Fprintf(p.out, "    %s: %q\n", opinion.Engine, opinion.Detail)
	}
	return nil
}

// askOpinion runs the engine. An engine that dies has no opinion, which is told like a breakdown.
func askOpinion(ctx context.Context, path string, ourselves itself) (signing.Opinion, error) {
	broken := signing.Opinion{Engine: "pdfsign", Error: "opinion.engine_panicked"}
	file, size, err := openInput(path)
	if err != nil || size > largestOpinion {
		return broken, err
	}
	defer done(file)
	self, err := ourselves()
	if err != nil {
		return broken, exchange.Errorf(exchange.Unavailable, workerMissing, "%w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, examineTime)
	defer cancel()
	engine := exec.CommandContext(ctx, self, "opinion") //nolint:gosec // ourselves
	engine.Env = []string{}
	engine.Stdin = file
	out, err := engine.Output()
	var opinion signing.Opinion
	if errors.Join(err, json.NewDecoder(bytes.NewReader(out)).Decode(&opinion)) != nil {
		return broken, nil
	}
	return opinion, nil
}
