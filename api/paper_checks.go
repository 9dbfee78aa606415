package api

import (
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
		for _, check := range signature.Checks {
			if check.Criterion != criterion {
				continue
			}
			found = true
			if check.Result == signing.CheckPassed {
				continue
			}
			if line.Result == signing.CheckPassed || check.Result == signing.CheckFailed {
				line.Result = check.Result
			}
			if !slices.Contains(reasons, check.Reason) {
				reasons = append(reasons, check.Reason)
			}
			if signer := signature.Signer; signer != "" && !slices.Contains(signers[check.Reason], signer) {
				signers[check.Reason] = append(signers[check.Reason], signer)
			}
		}
	}
	var texts []string
	for _, reason := range reasons {
		texts = append(texts, joined(": ", strings.Join(signers[reason], ", "), Sentence(reason, lang)))
	}
	line.Text = strings.Join(texts, " ")
	return line, found
}

// checks are the six lines on paper.
func (p Paper) checks() []sheet.Row {
	tones := map[signing.Result]sheet.Tone{signing.CheckPassed: sheet.Good, signing.CheckFailed: sheet.Bad}
	var rows []sheet.Row
	for _, line := range CheckLines(p.Report, p.Lang) {
		tone, known := tones[line.Result]
		if !known {
			tone = sheet.Doubt
		}
		text := line.Text
		if text == "" {
			text = p.say("paper.all_pass")
		}
		rows = append(rows, sheet.Row{Tone: tone, Mark: p.say("check." + string(line.Result)), Name: line.Name, Text: text})
	}
	return rows
}
