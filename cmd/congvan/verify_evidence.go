package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"congvan/exchange"
	"congvan/signing"
)

// evidenceFlags are about what a verdict rests on: kept for later, taken from before, or told to other programs.
type evidenceFlags struct {
	Evidence     string `help:"${help_keep_evidence}"`
	FromEvidence string `name:"from-evidence" help:"${help_from_evidence}"`
	ETSI         string `name:"etsi" help:"${help_etsi}"`

	past *signing.Bundle // what FromEvidence holds
}

// take reads the bundle from which a file is to be judged again, and gives the policy of then. A bundle is of one file.
// Where anchors are given too, the bundle may rest on no others: whoever made it may have chosen them.
func (f *evidenceFlags) take(p program, policy signing.Policy, files int) (signing.Policy, error) {
	if files != 1 && f.Evidence+f.FromEvidence+f.ETSI != "" {
		return policy, usageError(errors.New("evidence is of one file"))
	}
	if f.FromEvidence == "" {
		return policy, nil
	}
	file, err := os.Open(f.FromEvidence)
	if err != nil {
		return policy, failure(exchange.Invalid, codeOf(err), f.FromEvidence, err)
	}
	defer done(file)
	bundle, err := signing.DecodeBundle(file)
	if err != nil {
		return policy, failure(exchange.Invalid, evidenceCode(err), f.FromEvidence, err)
	}
	then, err := bundle.Replay(p.now())
	if err != nil {
		return policy, failure(exchange.Invalid, evidenceCode(err), f.FromEvidence, err)
	}
	for _, anchor := range then.Anchors.List() {
		if policy.Anchors.Len() > 0 && !policy.Anchors.Holds(anchor.Certificate) {
			name := anchor.Certificate.Subject.String()
			return policy, exchange.Errorf(exchange.Untrusted, "bundle.foreign_anchor", "%s", name)
		}
	}
	f.past = &bundle
	return then, nil
}

func evidenceCode(err error) string {
	for _, known := range []error{
		signing.ErrBundleUnreadable, signing.ErrBundleVersion, signing.ErrBundleTooLarge, signing.ErrNoBundle,
	} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return codeOf(err)
}

// kept says whether anybody wants to know what the verdict rests on.
func (f *evidenceFlags) kept() bool { return f.Evidence+f.ETSI != "" }

// write keeps what the verdict rests on.
func (f *evidenceFlags) write(report signing.Report) error {
	if !f.kept() {
		return nil
	}
	data, err := report.Bundle.Encode()
	if err == nil && f.Evidence != "" {
		err = os.WriteFile(f.Evidence, data, 0o600)
	}
	if err == nil && f.ETSI != "" {
		var text bytes.Buffer
		if err = report.Bundle.WriteETSI(&text); err == nil {
			err = os.WriteFile(f.ETSI, text.Bytes(), 0o600)
		}
	}
	if err != nil {
		return failure(exchange.Invalid, evidenceCode(err), report.File, err)
	}
	return nil
}

// judgedAgain is the JSON of a file judged from a bundle.
type judgedAgain struct {
	signing.Report
	Again struct {
		Verifier    string               `json:"verifier"` // of then
		Same        bool                 `json:"same"`
		Differences []signing.Difference `json:"differences"`
		Anchors     []signing.ObjectID   `json:"anchors"` // SHA-256 of the anchors that the bundle names
	} `json:"again"`
}

// again prints the report beside what was found then. A file that is not judged as it was then does not pass.
func (c *verifyCommand) again(p program, report signing.Report) (signing.Report, error) {
	differences, err := c.past.Compare(report)
	if err != nil {
		return report, err
	}
	shown := judgedAgain{Report: report}
	shown.Again.Verifier, shown.Again.Same, shown.Again.Differences = c.past.Verifier, len(differences) == 0, differences
	shown.Again.Anchors = []signing.ObjectID{}
	for _, anchor := range c.past.Anchors {
		shown.Again.Anchors = append(shown.Again.Anchors, anchor.Certificate)
	}
	if len(differences) > 0 && report.Verdict == signing.Passed {
		report.Verdict = signing.Indeterminate // for the exit code
	}
	if c.JSON {
		return report, json.NewEncoder(p.out).Encode(shown)
	}
	return report, errors.Join(c.print(p, shown.Report), c.printAgain(p, shown))
}

func (c *verifyCommand) printAgain(p program, shown judgedAgain) error {
	word := "again_same"
	if !shown.Again.Same {
		word = "again_differs"
	}
	_, err := fmt.Fprintf(p.out, "  %s %s (%s)\n", p.say.word(word),
		inHanoi(c.past.Report.JudgedAt.Format(time.RFC3339)), shown.Again.Verifier)
	for _, difference := range shown.Again.Differences {
		fmt.Fprintf(p.out, "    %s: %s → %s\n", difference.Path, difference.Then, difference.Now)
	}
	for _, anchor := range shown.Again.Anchors {
		fmt.Fprintf(p.out, "  %s %s\n", p.say.word("again_anchor"), anchor)
	}
	return err
}
