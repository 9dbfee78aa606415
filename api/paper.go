package api

import (
	"cmp"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"congvan/certs"
	"congvan/exchange"
	"congvan/sheet"
	"congvan/signing"
)

// Paper is a judgement as it is put on paper (phiếu kiểm tra chữ ký số), for people.
type Paper struct {
	Report   signing.Report
	Verdict  signing.Verdict      // the report's own, or what the law makes of it
	Findings []string             // stable codes: what the law asks of the signatures and does not find
	Rules    []exchange.RuleCheck // of law, on the signatures together; none for a file that is no document of ours
	About    string               // number and subject of the document; empty: the name of the file is all that is known
	Pictures Pictures             // what changed after signing, as far as it was compared
	Address  string               // of the public check page with the attestation; empty: there is none
	Signer   string               // who will sign the paper itself; empty: nobody
	Version  string               // of the program that judged
	Lang     Lang
}

// Draw makes the PDF, unsigned.
func (p Paper) Draw() ([]byte, error) {
	title := p.say("paper.title")
	page := sheet.Sheet{
		Lang: string(p.Lang), Title: title, About: cmp.Or(p.About, p.Report.File), At: p.Report.JudgedAt,
		Headline: p.headline(), Footer: "congvan " + p.Version + " · SHA-256 " + p.Report.SHA256,
		PageWord: p.say("paper.page"),
	}
	if p.Address != "" {
		page.Code = &sheet.Code{Address: p.Address, Caption: p.say("paper.scan")}
	}
	if len(p.Report.Signatures) > 0 {
		page.Sections = append(page.Sections, sheet.Section{Title: p.say("paper.checks"), Rows: p.checks()})
	}
	if rows := p.rules(); len(rows) > 0 {
		page.Sections = append(page.Sections, sheet.Section{Title: p.say("paper.rules"), Rows: rows})
	}
	if rows := p.reasons(); len(rows) > 0 {
		page.Sections = append(page.Sections, sheet.Section{Title: p.say("paper.reasons"), Rows: rows})
	}
	page.Sections = append(page.Sections, sheet.Section{Title: p.say("paper.file"), Rows: p.facts()})
	for i, signature := range p.Report.Signatures {
		page.Sections = append(page.Sections, p.signature(i, signature))
	}
	if section, any := p.pictures(); any {
		page.Sections = append(page.Sections, section)
	}
	return sheet.Draw(page)
}

func (p Paper) say(code string) string { return Sentence(code, p.Lang) }

// headline says in one sentence who signed, whether it holds, and whether it was changed after signing.
func (p Paper) headline() sheet.Headline {
	head := sheet.Headline{
		Tone: toneOf(p.Verdict), Text: Headline(p.Report, p.Verdict, p.Lang),
		Lines: []string{p.say("paper.judged_at") + " " + inVietnam(p.Report.JudgedAt)},
	}
	if slices.ContainsFunc(p.Report.Signatures, func(s signing.Signature) bool { return s.Realm == string(certs.Test) }) {
		head.Lines = append(head.Lines, p.say("paper.trial"))
	}
	return head
}

func toneOf(verdict signing.Verdict) sheet.Tone {
	switch verdict {
	case signing.Passed:
		return sheet.Good
	case signing.Failed:
		return sheet.Bad
	case signing.Indeterminate, signing.Unsigned:
		return sheet.Doubt
	}
	return sheet.Doubt
}

// reasons are why it is not plainly valid, each with what to do next.
func (p Paper) reasons() []sheet.Row {
	var rows []sheet.Row
	for _, code := range Reasons(p.Report, p.Findings) {
		rows = append(rows, sheet.Row{Text: p.say(code) + " [" + code + "]"})
	}
	return rows
}

func (p Paper) facts() []sheet.Row {
	rows := []sheet.Row{
		{Name: p.say("paper.name"), Text: p.Report.File},
		{Name: "SHA-256", Text: p.Report.SHA256},
		{Name: p.say("paper.size"), Text: grouped(p.Report.Size) + " byte"},
		{Name: p.say("paper.judged_at"), Text: inVietnam(p.Report.JudgedAt)},
		{Name: p.say("paper.verifier"), Text: "congvan " + p.Version},
		{Name: p.say("paper.signed_by"), Text: cmp.Or(p.Signer, p.say("paper.not_signed"))},
	}
	if p.Address == "" {
		rows = append(rows, sheet.Row{Name: p.say("paper.check_page"), Text: p.say("paper.no_check_page")})
	}
	return slices.DeleteFunc(rows, func(row sheet.Row) bool { return row.Text == "" })
}

// signature is the detail of one signature.
func (p Paper) signature(index int, s signing.Signature) sheet.Section {
	tone := map[signing.Indication]sheet.Tone{signing.TotalPassed: sheet.Good, signing.TotalFailed: sheet.Bad}
	shown, known := tone[s.Indication]
	if !known {
		shown = sheet.Doubt
	}
	var rows []sheet.Row
	add := func(code, text string) {
		if text != "" {
			rows = append(rows, sheet.Row{Name: p.say(code), Text: text})
		}
	}
	add("paper.signed_at", p.moments(s))
	holder, issuer := s.SignerSubject, s.Issuer
	if certificate, err := x509.ParseCertificate(s.Certificate); err == nil {
		holder, issuer = cmp.Or(nameOf(certificate.Subject), holder), cmp.Or(nameOf(certificate.Issuer), issuer)
	}
	add("paper.subject", holder)
	add("paper.issuer", issuer)
	add("paper.serial", s.Serial)
	add("paper.life", life(s.Certificate))
	add("paper.revocation", p.revocation(s))
	add("paper.level", joined(" · ", s.Format, string(s.Level), s.Profile, s.Algorithm))
	add("paper.after", p.modified(s))
	told := Reasons(p.Report, p.Findings)
	var reasons []string
	for _, code := range s.Reasons {
		text := "[" + code + "]" // its sentence stands above
		if !slices.Contains(told, code) {
			text = p.say(code) + " " + text
		}
		reasons = append(reasons, text)
	}
	add("paper.reason", strings.Join(reasons, " "))
	return sheet.Section{
		Title: fmt.Sprintf("%s %d: %s", p.say("paper.kind."+string(s.Kind)), index+1, cmp.Or(s.Signer, "?")),
		Tone:  shown, Mark: p.say("paper.mark." + string(s.Indication)), Rows: rows,
	}
}

// nameOf writes a name of a certificate by its values, the most telling first: a person, a position, an office. Types
// that only experts know are left out.
func nameOf(name pkix.Name) string {
	values := map[string]string{}
	for _, part := range name.Names {
		if text, ok := part.Value.(string); ok {
			values[part.Type.String()] = text
		}
	}
	const common, title, unit, organization = "2.5.4.3", "2.5.4.12", "2.5.4.11", "2.5.4.10"
	parts := []string{values[common], values[title], values[unit]}
	if !slices.Contains(parts, values[organization]) {
		parts = append(parts, values[organization])
	}
	return joined(", ", parts...)
}

// moments tells a proved time from one that is only claimed.
func (p Paper) moments(s signing.Signature) string {
	switch {
	case s.Timestamped:
		return shownMoment(s.BestSignatureTime) + " (" + p.say("paper.proved") + ")"
	case s.SigningTime != "":
		return shownMoment(s.SigningTime) + " (" + p.say("paper.claimed") + ")"
	}
	return ""
}

func (p Paper) revocation(s signing.Signature) string {
	if s.Revocation == "" {
		return ""
	}
	return p.say("paper.revocation." + s.Revocation)
}

// modified says what was added after the signature, thing by thing.
func (p Paper) modified(s signing.Signature) string {
	texts := []string{p.say("paper.modified." + string(s.Modification))}
	const most = 8 // a rewritten file has thousands
	for _, change := range s.Changes {
		if text := p.say(change.Code); !slices.Contains(texts, text) && len(texts) < most {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, " ")
}

func life(certificate []byte) string {
	parsed, err := x509.ParseCertificate(certificate)
	if err != nil {
		return ""
	}
	const day = "02/01/2006"
	return exchange.InVietnam(parsed.NotBefore).Format(day) + " – " + exchange.InVietnam(parsed.NotAfter).Format(day)
}

// joined puts between the parts that are there what separates them.
func joined(separator string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), separator)
}

// grouped writes a number as it is written here: 1.234.567.
func grouped(number int64) string {
	digits := strconv.FormatInt(number, 10)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "." + digits[at:]
	}
	return digits
}

func inVietnam(at time.Time) string {
	return exchange.InVietnam(at).Format("02/01/2006 15:04:05 -07:00")
}

// shownMoment writes a moment of a report as people here read it; what is no moment stays as it is.
func shownMoment(text string) string {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return text
	}
	return inVietnam(at)
}
