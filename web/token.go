package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"congvan/api"
	"congvan/exchange"
	"congvan/exchange/session"
)

// pluginPolicy lets the page of a signing tool run our own script and talk to the tool on the same desk, and nothing
// else.
const pluginPolicy = policy + "; script-src 'self'; connect-src wss://127.0.0.1:8987"

// tokenView is the page on which a person signs with a token on the desk: by the signing tool, or by hand.
type tokenView struct {
	Problem, Subject, Back, Here, Expires string
	File                                  string // the attachment that is signed now; empty: the document itself
	Next                                  string // where to go when it is signed
	Attachment                            int
	Verb, Number, Date                    string // what the tool is asked
	Links                                 api.SessionLinks
}

// verb is what the tool (VGCASignService) calls the signing of a part.
func verb(step exchange.Step, document exchange.Document, part exchange.PartID) string {
	switch {
	case part.Attachment != 0:
		return "SignAppendix"
	case document.CopyOf != nil:
		return "SignCopy"
	case step == exchange.StepSealed:
		return "SignIssued"
	}
	return "SignApproved"
}

// tokenAction is the button that leads to the signing tool, where a signature is the document's next step.
func tokenAction(lang api.Lang, document exchange.Document) actionView {
	return actionView{Link: "/outbox/" + string(document.ID) + "/token", Text: word(lang, "token_sign"), Other: true}
}

// nextSignature is the signature that the document is waiting for.
func nextSignature(document exchange.Document) exchange.Step {
	if document.Step() == exchange.StepSubmitted && document.CopyOf == nil {
		return exchange.StepSigned
	}
	return exchange.StepSealed
}

func (s *Screens) sessions() session.Desk { return session.Desk{Gateway: s.config.Gateway} }

// beginToken begins a session for the signing tool and leads to its page.
func (s *Screens) beginToken(c *gin.Context) {
	ctx, who, id := c.Request.Context(), actor(c), exchange.DocumentID(c.Param("id"))
	document, err := s.reading().Document(ctx, who, id)
	if err != nil {
		s.fail(c, err)
		return
	}
	session, err := s.sessions().Begin(ctx, who, session.Order{
		Step: nextSignature(document), Way: exchange.ByUpload, Documents: []exchange.DocumentID{id},
	})
	s.acted(c, "/outbox/"+string(id)+"/token/"+string(session.ID), err, s.showDocument)
}

func (s *Screens) token(c *gin.Context) { s.showToken(c, http.StatusOK, "") }

// showToken shows the page for the file that is to be signed next, with a fresh pair of links: their secrets are kept
// nowhere.
func (s *Screens) showToken(c *gin.Context, code int, problem string) {
	ctx, who := c.Request.Context(), actor(c)
	id, sessionID := exchange.DocumentID(c.Param("id")), exchange.SessionID(c.Param("session"))
	document, err := s.reading().Document(ctx, who, id)
	session, known := s.sessions().Find(ctx, who, sessionID)
	part, _ := session.Next(id)
	links, refused := s.sessions().Link(ctx, who, sessionID, part)
	if exchange.KindOf(refused) == exchange.Conflict && refused != nil {
		s.acted(c, "", refused, s.showDocument)
		return
	}
	for _, err := range []error{err, known, refused} {
		if err != nil {
			s.fail(c, err)
			return
		}
	}
	back := "/outbox/" + string(id)
	view := tokenView{
		Problem: problem, Subject: document.Subject, Back: back, Here: back + "/token/" + string(sessionID), Next: back,
		Attachment: part.Attachment, Expires: shown(links.ExpiresAt), Verb: verb(session.Step, document, part),
		Links: api.ShownLinks(links), Number: document.Numbering.String(), Date: issuedDate(document.Numbering.Date),
	}
	if part.Attachment != 0 { // the next one follows
		view.File, view.Next = part.Of(document).Name, view.Here
	}
	c.Header("Content-Security-Policy", pluginPolicy)
	s.render(c, code, "token", page{Title: document.Subject, Here: "outbox", View: view})
}

// issuedDate writes a day as the tool reads it; empty when there is none.
func issuedDate(date exchange.Date) string {
	day, err := time.Parse(time.DateOnly, string(date))
	if err != nil {
		return ""
	}
	return day.Format("2006-01-02") + "T00:00:00+07:00"
}

// uploadToken takes the signed file from a form: for those whose tool does not talk to browsers.
func (s *Screens) uploadToken(c *gin.Context) {
	id, session := exchange.DocumentID(c.Param("id")), exchange.SessionID(c.Param("session"))
	next := "/outbox/" + string(id)
	err := api.AllowBody(c.Request, s.config.Gateway.MaxFile+formOverhead)
	if err == nil {
		file, missing := api.UploadedFile(c.Request)
		if err = missing; err == nil {
			part := exchange.PartID{Document: id}
			if part.Attachment, _ = strconv.Atoi(c.Query("attachment")); part.Attachment != 0 {
				next += "/token/" + string(session) // where the next one follows
			}
			_, err = s.sessions().FinishUpload(c.Request.Context(), actor(c), session, part, file)
		}
	}
	s.acted(c, next, err, s.showToken)
}
