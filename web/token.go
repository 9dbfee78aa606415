package web

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"congvan/api"
	"congvan/exchange"
)

// pluginPolicy lets the page of a signing tool run our own script and talk to the tool on the same desk, and nothing
// else.
const pluginPolicy = policy + "; script-src 'self'; connect-src wss://127.0.0.1:8987"

// tokenView is the page on which a person signs with a token on the desk: by the signing tool, or by hand.
type tokenView struct {
	Problem, Subject, Back, Here, Expires string
	Verb, Number, Date                    string // what the tool is asked
	Links                                 api.SessionLinks
}

// verbs are what the tool (VGCASignService) calls the two steps.
var verbs = map[exchange.Step]string{exchange.StepSigned: "SignApproved", exchange.StepSealed: "SignIssued"}

// tokenAction is the button that leads to the signing tool, where a signature is the document's next step.
func tokenAction(lang api.Lang, document exchange.Document) actionView {
	return actionView{Link: "/outbox/" + string(document.ID) + "/token", Text: word(lang, "token_sign"), Other: true}
}

// nextSignature is the signature that the document is waiting for.
func nextSignature(document exchange.Document) exchange.Step {
	if document.Step() == exchange.StepSubmitted {
		return exchange.StepSigned
	}
	return exchange.StepSealed
}

// beginToken begins a session for the signing tool and leads to its page.
func (s *Screens) beginToken(c *gin.Context) {
	ctx, who, id := c.Request.Context(), actor(c), exchange.DocumentID(c.Param("id"))
	document, err := s.config.Gateway.Document(ctx, who, id)
	if err != nil {
		s.fail(c, err)
		return
	}
	session, err := s.config.Gateway.BeginSession(ctx, who, exchange.SessionOrder{
		Step: nextSignature(document), Way: exchange.ByUpload, Documents: []exchange.DocumentID{id},
	})
	s.acted(c, "/outbox/"+string(id)+"/token/"+string(session.ID), err, s.showDocument)
}

func (s *Screens) token(c *gin.Context) { s.showToken(c, http.StatusOK, "") }

// showToken shows the page with a fresh pair of links: their secrets are kept nowhere.
func (s *Screens) showToken(c *gin.Context, code int, problem string) {
	ctx, who, gateway := c.Request.Context(), actor(c), s.config.Gateway
	id, sessionID := exchange.DocumentID(c.Param("id")), exchange.SessionID(c.Param("session"))
	links, err := gateway.LinkSession(ctx, who, sessionID, id)
	if exchange.KindOf(err) == exchange.Conflict && err != nil {
		s.acted(c, "", err, s.showDocument)
		return
	}
	document, found := gateway.Document(ctx, who, id)
	session, known := gateway.Session(ctx, who, sessionID)
	for _, err := range []error{err, found, known} {
		if err != nil {
			s.fail(c, err)
			return
		}
	}
	back := "/outbox/" + string(id)
	view := tokenView{
		Problem: problem, Subject: document.Subject, Back: back, Here: back + "/token/" + string(sessionID),
		Expires: shown(links.ExpiresAt), Verb: verbs[session.Step], Links: api.ShownLinks(links),
		Number: document.Numbering.String(), Date: issuedDate(document.Numbering.Date),
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
	id := exchange.DocumentID(c.Param("id"))
	err := api.AllowBody(c.Request, s.config.Gateway.MaxFile+formOverhead)
	if err == nil {
		file, missing := api.UploadedFile(c.Request)
		if err = missing; err == nil {
			session := exchange.SessionID(c.Param("session"))
			_, err = s.config.Gateway.FinishUpload(c.Request.Context(), actor(c), session, id, file)
		}
	}
	s.acted(c, "/outbox/"+string(id), err, s.showToken)
}
