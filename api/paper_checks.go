package api

import (
	"cmp"
	"slices"
	"strings"

	"congvan/sheet"
	"congvan/signing"
)

// CheckLine is one of the six checks that the law demands, over all signatures of a file.
type CheckLine struct {
	Result signing.Result // the worst
	Name   string
	Text   string // whose signatures do not pass it, and why; empty when all pass
}

// CheckLines gives the six checks for a file: one line each, whatever the number of its signatures. A file without
// signatures has none.
func CheckLines(report signing.Report, lang Lang) []CheckLine {
	var lines []CheckLine
	for _, criterion := range signing.Criteria() {
		line, found := lineOf(report, criterion, lang)
		if found {
			lines = append(lines, line)
		}
	}
	return lines
}

func lineOf(report signing.Report, criterion signing.Criterion, lang Lang) (line CheckLine, found bool) {
	line = CheckLine{Result: signing.CheckPassed, Name: Sentence(string(criterion), lang)}
	var reasons []string
	signers := map[string][]string{} // by the reason why they do not pass
	for _, signature := range report.Signatures {
		at := slices.IndexFunc(signature.Checks, func(c signing.Check) bool { return c.Criterion == criterion })
		if at < 0 {
			continue
		}
		found = true
		check := signature.Checks[at]
		if check.Result == signing.CheckPassed {
			continue
		}
		if line.Result != signing.CheckFailed {
			line.Result = check.Result
		}
		reasons = added(reasons, check.Reason)
		signers[check.Reason] = added(signers[check.Reason], signature.Signer)
	}
	var texts []string
	for _, reason := range reasons {
		texts = append(texts, joined(": ", strings.Join(signers[reason], ", "), Sentence(reason, lang)))
	}
	line.Text = strings.Join(texts, " ")
	return line, found
}

// added puts a text behind others when it is one and is not among them.
func added(texts []string, text string) []string {
	if text == "" || slices.Contains(texts, text) {
		return texts
	}
	return append(texts, text)
}

// checks are the six lines on paper.
func (p Paper) checks() []sheet.Row {
	var rows []sheet.Row
	for _, line := range CheckLines(p.Report, p.Lang) {
		rows = append(rows, p.line(line.Result, line.Name, cmp.Or(line.Text, p.say("paper.all_pass"))))
	}
	return rows
}

// rules are the lines of what the law asks of the signatures together.
func (p Paper) rules() []sheet.Row {
	var rows []sheet.Row
	for _, rule := range p.Rules {
		text := ""
		if rule.Reason != "" {
			text = p.say(rule.Reason)
		}
		rows = append(rows, p.line(rule.Result, p.say(string(rule.Rule)), text))
	}
	return rows
}

func (p Paper) line(result signing.Result, name, text string) sheet.Row {
	tones := map[signing.Result]sheet.Tone{signing.CheckPassed: sheet.Good, signing.CheckFailed: sheet.Bad}
	tone, known := tones[result]
	if !known {
		tone = sheet.Doubt
	}
	return sheet.Row{Tone: tone, Mark: p.say("check." + string(result)), Name: name, Text: text}
}
