package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"congvan/api"
	"congvan/exchange"
	"congvan/signing"
)

// documentView is one document: its verdict first, its pages, its facts, what can be done, what happened.
type documentView struct {
	Verdict    verdictView
	Problem    string
	Notices    []noticeView // what must be seen before anything else: recalls and replacements
	Subject    string
	Pages      []pageView
	Facts      []factView
	Digest     exchange.Digest
	Download   string
	Report     string // link to the judgement on paper; empty while there is none
	ETSI       string // link to the same for other programs; empty without evidence
	Bundle     string // link to what the verdict rests on; empty without evidence
	Changes    string // link to what changed after signing; empty: nothing, or it is shown here
	Pictures   picturesView
	Actions    []actionView
	Rules      []checkView // of law, on the signatures together
	Signatures []signatureView
	Links      []linkView
	Recipients []recipientView
	Timeline   []eventView
	Evidence   string   // link to the evidence file
	Choice     *chooser // of further recipients; nil while nobody can be added
	Standing   *standingView
}

type pageView struct {
	Link, Alt     string
	Width, Height int // pixels of A4, so that the page does not jump while images come
}

type factView struct{ Name, Value string }

type actionView struct {
	Link, Text             string
	Other                  bool          // another way to do what the button before it does
	Reason, Filing, Danger bool          // what the form asks for, and whether it is a refusal
	Choose, Some           bool          // it asks for further recipients; for some of those that there are
	Form                   exchange.Kind // of copy
}

type recipientView struct {
	Office, State, At string
	Parked            bool   // the way stands still until somebody looks
	Proof             string // who refused, when, and whether that is signed
	ID                exchange.OfficeID
	Instead           *insteadView // nil: there is nothing to be done
	TakenBack         bool
}

type eventView struct{ Text, Detail, At string }

// pagesShown is how many pages of a document are shown at once; the original can always be downloaded.
const pagesShown = 40

// arrival shows a document that came.
func (s *Screens) arrival(c *gin.Context) { s.showArrival(c, http.StatusOK, "") }

func (s *Screens) showArrival(c *gin.Context, code int, problem string) {
	ctx, who := c.Request.Context(), actor(c)
	arrival, err := s.reading().Arrival(ctx, who, exchange.ArrivalID(c.Param("id")))
	if err != nil {
		s.fail(c, err)
		return
	}
	header, lang := arrival.Header, lang(c)
	view := documentView{
		Problem: problem, Subject: header.Subject, Digest: header.Main.Digest,
		Download: "/inbox/" + string(arrival.ID) + "/content", Verdict: summary(lang, "waiting", signing.Report{}, nil),
	}
	var judged signing.Report
	if arrival.Judgement != nil {
		report, err := arrival.Judgement.Examined()
		if err != nil {
			s.fail(c, err)
			return
		}
		judged = report
		view.Verdict = summary(lang, arrival.Judgement.Verdict, report, arrival.Judgement.Findings())
		view.Signatures = signatures(lang, report)
		view.Report = "/inbox/" + string(arrival.ID) + "/report.pdf"
		if arrival.Judgement.Bundle() != "" {
			view.ETSI, view.Bundle = "/inbox/"+string(arrival.ID)+"/report.xml", "/inbox/"+string(arrival.ID)+"/verdict.json"
		}
		if api.Pictured(report) {
			view.Changes = "/inbox/" + string(arrival.ID) + "/changes"
		}
		view.Rules = ruleChecks(lang, arrival.Judgement.Rules())
	}
	view.Facts = facts(lang, header)
	view.addFact(word(lang, "arrived"), shown(arrival.ArrivedAt))
	view.ended(s, lang, arrival)
	view.addFact(word(lang, "entered"), enteredAs(arrival))
	view.addFact(word(lang, "state"), stateOf(lang, arrival))
	view.Actions = arrivalActions(lang, who, arrival)
	view.Timeline, view.Evidence = s.timeline(c, arrival.Document), evidenceLink(arrival.Document)
	view.askedBack(lang, arrival)
	if err := view.lacking(s, c, arrival); err != nil {
		s.fail(c, err)
		return
	}
	view.link(lang, s.links(c, arrival.Document))
	view.Standing = s.standing(c, arrival.Document)
	if blob, err := s.arrivalBlob(c); err == nil {
		view.Pages = s.pagesOf(c, "/inbox/"+string(arrival.ID), blob)
		if view.Changes != "" && grave(judged) {
			view.Pictures = s.pictures(c, blob, judged)
			view.Changes = ""
		}
		blob.Close()
	}
	s.render(c, code, "document", page{Title: header.Subject, Here: "inbox", View: view})
}

// document shows a document of one's own office.
func (s *Screens) document(c *gin.Context) { s.showDocument(c, http.StatusOK, "") }

func (s *Screens) showDocument(c *gin.Context, code int, problem string) {
	ctx, who, lang := c.Request.Context(), actor(c), lang(c)
	document, err := s.reading().Document(ctx, who, exchange.DocumentID(c.Param("id")))
	if err != nil {
		s.fail(c, err)
		return
	}
	blob, err := s.documentBlob(c)
	if err != nil {
		s.fail(c, err)
		return
	}
	defer blob.Close()
	report, err := s.config.Gateway.Examiner.Examine(ctx, blob, blob.Size(), s.config.Gateway.Now())
	if err != nil {
		s.fail(c, err)
		return
	}
	view := documentView{
		Problem: problem, Subject: document.Subject, Digest: document.Current().Digest,
		Download: "/outbox/" + string(document.ID) + "/content", Report: "/outbox/" + string(document.ID) + "/report.pdf",
		Verdict: summary(lang, string(report.Verdict), report, nil), Signatures: signatures(lang, report),
		Facts: facts(lang, exchange.Header{
			Kind: document.Kind, Numbering: document.Numbering, Signatory: document.Signatory, Urgency: document.Urgency,
			DueOn: document.DueOn, FromName: s.officeName(document.Office),
		}),
		Actions: documentActions(lang, who, document), Timeline: s.timeline(c, document.ID),
	}
	if document.Step() == exchange.StepIssued {
		view.Choice = s.choose(c)
	}
	view.Evidence, view.Standing = evidenceLink(document.ID), s.standing(c, document.ID)
	view.link(lang, s.links(c, document.ID))
	if document.CopyOf != nil {
		view.addFact(word(lang, "copy_of"), document.CopyOf.Number)
	}
	view.addFact(word(lang, "state"), word(lang, "step_"+string(document.Step())))
	if grave(report) {
		view.Pictures = s.pictures(c, blob, report)
	}
	if view.Recipients, err = s.recipients(c, document); err != nil {
		s.fail(c, err)
		return
	}
	parked := func(recipient recipientView) bool { return recipient.Parked }
	if slices.ContainsFunc(view.Recipients, parked) && who.May(exchange.ActSend) == nil {
		view.Actions = append(view.Actions, actionView{
			Link: "/outbox/" + string(document.ID) + "/resend", Text: word(lang, "resend"),
		})
	}
	view.Pages = s.pagesOf(c, "/outbox/"+string(document.ID), blob)
	s.render(c, code, "document", page{Title: document.Subject, Here: "outbox", View: view})
}

// facts are what a document says of itself, what it does not say left out.
func facts(lang api.Lang, header exchange.Header) []factView {
	view := documentView{}
	view.addFact(word(lang, "number"), header.Numbering.String())
	view.addFact(word(lang, "kind"), header.Kind.Name())
	view.addFact(word(lang, "from"), header.FromName)
	view.addFact(word(lang, "issued"), header.Numbering.Date.Long())
	view.addFact(word(lang, "signatory"), signatory(header.Signatory))
	view.addFact(word(lang, "urgency"), urgency(lang, header.Urgency))
	view.addFact(word(lang, "due"), header.DueOn.Long())
	return view.Facts
}

func (v *documentView) addFact(name, value string) {
	if value != "" {
		v.Facts = append(v.Facts, factView{name, value})
	}
}

func signatory(person exchange.Signatory) string {
	if person.Position == "" {
		return person.Name
	}
	return fmt.Sprintf("%s, %s", person.Name, person.Position)
}

func enteredAs(arrival exchange.Arrival) string {
	for _, receipt := range arrival.Receipts {
		if receipt.Number > 0 {
			return strconv.Itoa(receipt.Number)
		}
	}
	return ""
}

// recipients says how far each recipient's copy has come.
func (s *Screens) recipients(c *gin.Context, document exchange.Document) ([]recipientView, error) {
	if document.IssuedAt.IsZero() {
		return nil, nil
	}
	list, err := s.reading().Recipients(c.Request.Context(), actor(c), document.ID)
	if err != nil {
		return nil, err
	}
	var views []recipientView
	for _, recipient := range list {
		view := recipientView{
			Office: s.officeName(recipient.Office), State: word(lang(c), "status_owed"), At: shown(recipient.OwedAt),
			ID: recipient.Office, Instead: s.instead(c, document.ID, recipient), TakenBack: recipient.TakenBack(),
		}
		for _, receipt := range recipient.Receipts {
			view.State, view.At = status(lang(c), recipient.Status()), shown(receipt.At)
			if receipt.Reason != "" && receipt.Status == recipient.Status() && receipt.Status != exchange.Undeliverable {
				view.State += ": " + receipt.Reason
			}
		}
		view.State += recallState(lang(c), recipient)
		if code := recipient.Parked(); code != "" {
			view.State, view.Parked = word(lang(c), "parked")+": "+api.ParkedWords(code, lang(c)), true
			view.Proof = api.RefusalWords(recipient, lang(c))
		}
		if recipient.Contradicted() {
			view.State = api.Sentence("explain.contradicted", lang(c))
		}
		view.State = s.sentInstead(lang(c), recipient, view.State)
		views = append(views, view)
	}
	return views, nil
}

func evidenceLink(id exchange.DocumentID) string { return "/evidence/" + string(id) }

// evidence saves what proves the way of a document.
func (s *Screens) evidence(c *gin.Context) {
	id := exchange.DocumentID(c.Param("id"))
	file, err := s.config.Notary.Export(c.Request.Context(), actor(c), id)
	s.save(c, api.EvidenceName(id), "application/json", file, err)
}

// timeline tells what happened; a document without one shows none.
func (s *Screens) timeline(c *gin.Context, id exchange.DocumentID) []eventView {
	events, err := s.reading().Timeline(c.Request.Context(), actor(c), id)
	if err != nil {
		return nil
	}
	var views []eventView
	for i, event := range events {
		if i > 0 && event.Act == events[i-1].Act && event.Actor == events[i-1].Actor {
			continue // each page that is looked at is an entry of the log
		}
		text := api.EventWords(event, lang(c))
		if event.Office != "" && event.Office != actor(c).Office {
			text = s.officeName(event.Office) + ": " + text
		}
		if event.Actor != "" {
			text += " (" + event.Actor + ")"
		}
		detail := event.Detail["digest"]
		if event.Receipt != nil {
			detail = event.Detail["receipt"]
		}
		views = append(views, eventView{Text: text, Detail: short(detail), At: shown(event.At)})
	}
	return views
}

// short is enough of a digest for the eye.
func short(digest string) string {
	const enough = 16
	return digest[:min(enough, len(digest))]
}
