package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"congvan/api"
	"congvan/exchange"
)

// mailboxesView is how the document systems of an office get what happens.
type mailboxesView struct {
	Problem   string
	Secret    *secretView // told this once
	Mailboxes []mailboxView
	Tokens    []heldView
}

// heldView is an access token and whether it holds.
type heldView struct{ ID, Name, Role, Made, Until, Revoked string }

// secretView is a secret that is told once.
type secretView struct{ What, Secret, ID string }

type mailboxView struct {
	System               exchange.System
	Way, Waiting, Handed string
	URL, Trouble         string
	Pushed, Paused       bool
	Folder               bool // ordered in the configuration: nothing can be changed here
}

// tokenLife is how long a token made on the screen holds.
const tokenLife = 365 * 24 * time.Hour

func (s *Screens) mailboxes(c *gin.Context) { s.showMailboxes(c, http.StatusOK, mailboxesView{}) }

func (s *Screens) showMailboxes(c *gin.Context, status int, view mailboxesView) {
	list, pending, err := s.config.Desk.List(c.Request.Context(), actor(c))
	if err != nil {
		s.fail(c, err)
		return
	}
	for i, mailbox := range list {
		view.Mailboxes = append(view.Mailboxes, mailboxOf(lang(c), mailbox, pending[i]))
	}
	tokens, err := s.config.Tokens.ListTokens(c.Request.Context(), actor(c))
	if err != nil {
		s.fail(c, err)
		return
	}
	for _, token := range tokens {
		view.Tokens = append(view.Tokens, heldOf(lang(c), token))
	}
	s.show(c, status, "mailboxes", "mailboxes", view)
}

func mailboxOf(lang api.Lang, mailbox exchange.Mailbox, waiting int) mailboxView {
	order := mailbox.Order
	view := mailboxView{
		System: mailbox.System, URL: order.URL, Paused: order.Paused, Pushed: order.URL != "", Folder: order.Folder,
		Waiting: strconv.Itoa(waiting), Handed: shown(mailbox.HandedAt), Way: word(lang, "way_pull"),
	}
	switch {
	case order.Folder:
		view.Way = word(lang, "way_folder")
	case order.URL != "":
		view.Way = word(lang, "way_webhook")
	}
	if view.Handed == "" {
		view.Handed = word(lang, "never_handed")
	}
	if trouble := mailbox.Trouble; trouble.Code != "" {
		view.Trouble = api.Sentence(trouble.Code, lang) + " (" + trouble.Detail + ", " + shown(trouble.At) + ")"
	}
	return view
}

func heldOf(lang api.Lang, token api.Token) heldView {
	view := heldView{
		ID: string(token.ID), Name: token.Name, Role: word(lang, "role_"+string(token.Role)), Made: shown(token.CreatedAt),
	}
	if token.ExpiresAt != nil {
		view.Until = shown(*token.ExpiresAt)
	}
	if token.RevokedAt != nil {
		view.Revoked = shown(*token.RevokedAt)
	}
	return view
}

// actOnMailbox does what a button on a mailbox says, and shows the list with what came of it.
func (s *Screens) actOnMailbox(c *gin.Context) {
	acts := map[string]func(context.Context, *gin.Context) (*secretView, error){
		"order": s.orderMailbox, "pause": s.pauseMailbox, "token": s.mailboxToken, "revoke": s.revokeToken,
		"rotate": s.rotateSecret, "ping": s.pingWebhook,
	}
	act, known := acts[c.Param("act")]
	if !known {
		s.fail(c, exchange.Errorf(exchange.NotFound, "request.no_route", "no act %q", c.Param("act")))
		return
	}
	secret, err := act(c.Request.Context(), c)
	switch {
	case err != nil:
		problem := api.NewProblem(err, lang(c))
		s.showMailboxes(c, problem.Status, mailboxesView{Problem: problem.Detail})
	case secret != nil:
		s.showMailboxes(c, http.StatusOK, mailboxesView{Secret: secret}) // told once: nothing to come back to
	default:
		c.Redirect(http.StatusSeeOther, "/mailboxes")
	}
}

func systemOf(c *gin.Context) exchange.System { return exchange.System(c.PostForm("system")) }

func (s *Screens) orderMailbox(ctx context.Context, c *gin.Context) (*secretView, error) {
	order := exchange.MailboxOrder{URL: c.PostForm("url")}
	_, secret, err := s.config.Desk.Define(ctx, actor(c), systemOf(c), order)
	return secretOf(c, "webhook_secret", secret), err
}

// pauseMailbox stops the handing over, or lets it go on; nothing else of the order changes.
func (s *Screens) pauseMailbox(ctx context.Context, c *gin.Context) (*secretView, error) {
	list, _, err := s.config.Desk.List(ctx, actor(c))
	if err != nil {
		return nil, err
	}
	for _, mailbox := range list {
		if mailbox.System == systemOf(c) {
			mailbox.Order.Paused = !mailbox.Order.Paused
			_, _, err := s.config.Desk.Define(ctx, actor(c), mailbox.System, mailbox.Order)
			return nil, err
		}
	}
	return nil, exchange.Errorf(exchange.NotFound, "mailbox.not_found", "%s", systemOf(c))
}

// mailboxToken makes the token with which a system fetches what is in its mailbox.
func (s *Screens) mailboxToken(ctx context.Context, c *gin.Context) (*secretView, error) {
	until := s.config.Gateway.Now().UTC().Add(tokenLife)
	holder := exchange.Actor{Name: string(systemOf(c)), Role: exchange.DocumentSystem}
	made, err := s.config.Tokens.IssueToken(ctx, actor(c), holder, until)
	if err != nil {
		return nil, err
	}
	view := secretOf(c, "mailbox_token", made.Secret)
	view.ID = string(made.ID)
	return view, nil
}

func (s *Screens) revokeToken(ctx context.Context, c *gin.Context) (*secretView, error) {
	return nil, s.config.Tokens.RevokeToken(ctx, actor(c), exchange.Digest(c.PostForm("id")))
}

func (s *Screens) rotateSecret(ctx context.Context, c *gin.Context) (*secretView, error) {
	_, secret, err := s.config.Desk.Rotate(ctx, actor(c), systemOf(c), 0)
	return secretOf(c, "webhook_secret", secret), err
}

func (s *Screens) pingWebhook(ctx context.Context, c *gin.Context) (*secretView, error) {
	return nil, s.config.Desk.Ping(ctx, actor(c), systemOf(c))
}

func secretOf(c *gin.Context, key, secret string) *secretView {
	if secret == "" {
		return nil
	}
	what := word(lang(c), "webhook_secret")
	if key == "mailbox_token" {
		what = word(lang(c), "mailbox_token")
	}
	return &secretView{What: what + " " + string(systemOf(c)), Secret: secret}
}
