package api

import (
	"slices"
	"strings"

	"congvan/signing"
)

// HeadlineText is the first thing that people read of a judgement.
type HeadlineText struct {
	Text     string               // who signed, whether it holds, whether it was changed after signing
	Modified signing.Modification // the worst that was done after any signature
}

// Headline puts a report into one sentence: "Nguyễn Văn An đã ký – HỢP LỆ – không bị sửa sau khi ký". The verdict is
// the report's own, or what the law makes of it.
func Headline(report signing.Report, verdict signing.Verdict, lang Lang) HeadlineText {
	var who []string
	broken := false
	for _, signature := range report.Signatures {
		if signature.Kind == signing.KindSignature && signature.Signer != "" && !slices.Contains(who, signature.Signer) {
			who = append(who, signature.Signer)
		}
		broken = broken || signature.Integrity == signing.Broken
	}
	worst := WorstModification(report)
	words := Sentence("verdict."+string(verdict), lang)
	if len(report.Signatures) == 0 {
		return HeadlineText{words, worst}
	}
	parts := []string{words, Sentence("headline."+string(worst), lang)}
	if broken {
		parts[1] = Sentence("headline.broken", lang)
	}
	if len(who) > 0 {
		signed := Sentence("headline.signed", lang)
		parts = append([]string{strings.Join(who, "; ") + " " + signed}, parts...)
	}
	return HeadlineText{strings.Join(parts, " – "), worst}
}

// WorstModification is the gravest of what was done to the file after its signatures.
func WorstModification(report signing.Report) signing.Modification {
	rank := []signing.Modification{
		signing.ModifiedNone, signing.ModifiedLTV, signing.ModifiedFormFill, signing.ModifiedAnnotation,
		signing.ModifiedUnknown, signing.ModifiedForbidden,
	}
	worst := signing.ModifiedNone
	for _, signature := range report.Signatures {
		if slices.Index(rank, signature.Modification) > slices.Index(rank, worst) {
			worst = signature.Modification
		}
	}
	return worst
}

// Reasons lists, each once, the stable codes of why a file is not plainly valid: what the law does not find, what is
// wrong with the file, and the reasons of every signature that does not pass.
func Reasons(report signing.Report, findings []string) []string {
	codes := slices.Clone(findings)
	if report.Error != "" {
		codes = append(codes, report.Error)
	}
	for _, signature := range report.Signatures {
		if signature.Indication != signing.TotalPassed {
			codes = append(codes, signature.Reasons...)
		}
	}
	var once []string
	for _, code := range codes {
		if !slices.Contains(once, code) {
			once = append(once, code)
		}
	}
	return once
}
