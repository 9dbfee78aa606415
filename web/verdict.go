package web

import (
	"slices"
	"strings"
	"time"

	"congvan/api"
	"congvan/exchange"
	"congvan/signing"
)

// verdictView is the first line a clerk reads: who signed, whether it holds, whether it was changed after signing.
type verdictView struct {
	Class, Text, Who string
	Reasons          []string
	Checks           []checkView
}

type signatureView struct {
	Signer, Issuer, Class, Verdict, Format, Level, Changed, At string
	Reasons                                                    []string
	Checks                                                     []checkView
}

// checkView is one of the six checks: a mark, its name, and why it did not pass.
type checkView struct{ Class, Mark, Name, Reason string }

func checks(lang api.Lang, list []signing.Check) []checkView {
	views := make([]checkView, len(list))
	for i, check := range list {
		views[i] = checkView{
			Class: checkClass(check.Result), Mark: api.Sentence("check."+string(check.Result), lang),
			Name: api.Sentence(string(check.Criterion), lang),
		}
		if check.Reason != "" {
			views[i].Reason = api.Sentence(check.Reason, lang)
		}
	}
	return views
}

// summary puts a report, and what the law says to it, into one sentence and its reasons.
func summary(lang api.Lang, verdict string, report signing.Report, findings []string) verdictView {
	view := verdictView{Class: verdict, Text: word(lang, "verdict_"+verdict)}
	if who := api.Signers(report); len(who) > 0 {
		view.Who = word(lang, "signed_by") + " " + strings.Join(who, ", ") + " – " + api.Unchanged(report, lang) + "."
	}
	view.Reasons = sentences(lang, api.Reasons(report, findings))
	for _, line := range api.CheckLines(report, lang) {
		view.Checks = append(view.Checks, checkView{
			Class: checkClass(line.Result), Mark: api.Sentence("check."+string(line.Result), lang),
			Name: line.Name, Reason: line.Text,
		})
	}
	return view
}

// checkClass is the colour of a result, which is also said in words.
func checkClass(result signing.Result) string {
	switch result {
	case signing.CheckPassed:
		return "passed"
	case signing.CheckFailed:
		return "failed"
	case signing.CheckUnknown:
		return "indeterminate"
	}
	return "indeterminate"
}

func signatures(lang api.Lang, report signing.Report) []signatureView {
	var views []signatureView
	for _, signature := range report.Signatures {
		class := map[signing.Indication]string{
			signing.TotalPassed: "passed", signing.TotalFailed: "failed", signing.TotalIndetermined: "indeterminate",
		}[signature.Indication]
		views = append(views, signatureView{
			Signer: signature.Signer, Issuer: commonName(signature.Issuer), Class: class, Verdict: word(lang, "mark_"+class),
			Format: signature.Format, Level: string(signature.Level),
			Changed: word(lang, "modification_"+string(signature.Modification)),
			At:      shownText(signature.BestSignatureTime), Reasons: sentences(lang, signature.Reasons),
			Checks: checks(lang, signature.Checks),
		})
	}
	return views
}

// ruleChecks shows the rules of law like the checks of a signature.
func ruleChecks(lang api.Lang, rules []exchange.RuleCheck) []checkView {
	list := make([]signing.Check, len(rules))
	for i, rule := range rules {
		list[i] = signing.Check{Criterion: signing.Criterion(rule.Rule), Result: rule.Result, Reason: rule.Reason}
	}
	return checks(lang, list)
}

// commonName is the part of a distinguished name that people know an authority by.
func commonName(name string) string {
	for part := range strings.SplitSeq(name, ",") {
		if common, found := strings.CutPrefix(part, "CN="); found {
			return common
		}
	}
	return name
}

// sentences gives each code's sentence once.
func sentences(lang api.Lang, codes []string) []string {
	var texts []string
	for _, code := range codes {
		if text := api.Sentence(code, lang); !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts
}

func shownText(moment string) string {
	at, err := time.Parse(time.RFC3339Nano, moment)
	if err != nil {
		return moment
	}
	return shown(at)
}
