package api

import (
	"slices"
	"strings"

	"congvan/signing"
)

// Headline puts a report into one sentence: "Nguyễn Văn An đã ký – HỢP LỆ – không bị sửa sau khi ký". The verdict is
// the report's own, or what the law makes of it.
func Headline(report signing.Report, verdict signing.Verdict, lang Lang) string {
	words := Sentence("verdict."+string(verdict), lang)
	if len(report.Signatures) == 0 {
		return words
	}
	parts := []string{words, Unchanged(report, lang)}
	if who := Signers(report); len(who) > 0 {
		parts = append([]string{strings.Join(who, "; ") + " " + Sentence("headline.signed", lang)}, parts...)
	}
	return strings.Join(parts, " – ")
}

// Signers names those who signed, each once, in the order of their signatures.
func Signers(report signing.Report) []string {
	var who []string
	for _, signature := range report.Signatures {
		if signature.Kind == signing.KindSignature && signature.Signer != "" && !slices.Contains(who, signature.Signer) {
			who = append(who, signature.Signer)
		}
	}
	return who
}

// Unchanged says in a few words whether the file was changed after its signatures.
func Unchanged(report signing.Report, lang Lang) string {
	if slices.ContainsFunc(report.Signatures, func(s signing.Signature) bool { return s.Integrity == signing.Broken }) {
		return Sentence("headline.broken", lang)
	}
	return Sentence("headline."+string(WorstModification(report)), lang)
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
