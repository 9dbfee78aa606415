package web

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"congvan/api"
	"congvan/exchange"
)

// composeView is the form with which a document is handed in.
type composeView struct {
	Problem string
	Kinds   []factView
	Choice  *chooser
	Draft   exchange.Draft // as typed before
	Offered []factView     // degrees of urgency
}

func (s *Screens) showCompose(c *gin.Context) {
	s.composeAgain(c, http.StatusOK, "", exchange.Draft{Kind: "CV"})
}

func (s *Screens) composeAgain(c *gin.Context, status int, problem string, draft exchange.Draft) {
	view := composeView{Problem: problem, Choice: s.choose(c), Draft: draft}
	for _, kind := range exchange.Kinds() {
		if !kind.IsCopy() {
			view.Kinds = append(view.Kinds, factView{string(kind), kind.Name()})
		}
	}
	for degree := exchange.Ordinary; degree <= exchange.ExpressTimed; degree++ {
		name := word(lang(c), "urgency_none")
		if degree != exchange.Ordinary {
			name = urgency(lang(c), degree)
		}
		view.Offered = append(view.Offered, factView{strconv.Itoa(int(degree)), name})
	}
	s.show(c, status, "compose", "compose", view)
}

// compose hands in the document of the form, and shows it, or the form again with what was wrong.
func (s *Screens) compose(c *gin.Context) {
	if err := api.AllowBody(c.Request, s.config.Gateway.MaxFile+formOverhead); err != nil {
		s.fail(c, err)
		return
	}
	draft, err := s.draft(c)
	var document exchange.Document
	if err == nil {
		document, err = s.submit(c, draft)
	}
	if err != nil {
		problem := api.NewProblem(err, lang(c))
		s.composeAgain(c, problem.Status, problem.Detail, draft)
		return
	}
	c.Redirect(http.StatusSeeOther, "/outbox/"+string(document.ID))
}

func (s *Screens) submit(c *gin.Context, draft exchange.Draft) (exchange.Document, error) {
	file, header, err := c.Request.FormFile("file")
	if err != nil {
		return exchange.Document{}, exchange.Errorf(exchange.Invalid, "request.invalid", "read the form: %w", err)
	}
	defer file.Close()
	draft.FileName = header.Filename
	return s.outgoing().Submit(c.Request.Context(), actor(c), draft, file)
}

// draft reads the form. What was typed is given back with the error.
func (s *Screens) draft(c *gin.Context) (exchange.Draft, error) {
	draft := exchange.Draft{
		Kind: exchange.Kind(c.PostForm("kind")), Subject: c.PostForm("subject"), Unit: c.PostForm("unit"),
		Secrecy: exchange.NotSecret, DueOn: exchange.Date(c.PostForm("due_on")), Groups: chosenGroups(c),
		Signatory: exchange.Signatory{
			Name: c.PostForm("signer"), Position: c.PostForm("position"), Capacity: exchange.Capacity(c.PostForm("capacity")),
		},
	}
	degree, err := strconv.Atoi(c.DefaultPostForm("urgency", "0"))
	if err != nil {
		return draft, exchange.Errorf(exchange.Invalid, "draft.urgency", "urgency %q", c.PostForm("urgency"))
	}
	draft.Urgency = exchange.Urgency(degree)
	if draft.Recipients, err = s.offices(c.PostForm("to")); err != nil {
		return draft, err
	}
	draft.Except, err = s.offices(c.PostForm("except"))
	return draft, err
}
