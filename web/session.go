package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"congvan/api"
	"congvan/exchange"
)

const (
	actorKey     = "congvan.actor"
	langCookie   = "congvan-lang"
	sessionHours = 10
	yearSeconds  = 365 * 24 * 60 * 60
)

// cookieName binds the cookie to this host where the screens are reached by https (RFC 6265bis, __Host-).
func (s *Screens) cookieName() string {
	if s.config.Secure {
		return "__Host-congvan"
	}
	return "congvan"
}

func (s *Screens) setCookie(c *gin.Context, name, value string, seconds int) {
	//nolint:gosec // Secure is set wherever the screens are reached by https
	http.SetCookie(c.Writer, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: seconds,
		HttpOnly: true, Secure: s.config.Secure, SameSite: http.SameSiteLaxMode,
	})
}

// chooseLanguage keeps the language that a link asked for.
func (s *Screens) chooseLanguage(c *gin.Context) {
	if chosen := c.Query("lang"); chosen == string(api.English) || chosen == string(api.Vietnamese) {
		s.setCookie(c, langCookie, chosen, yearSeconds)
	}
}

// known lets only those in whose access token holds now, and sends others to the login page.
func (s *Screens) known(c *gin.Context) {
	secret, err := c.Cookie(s.cookieName())
	if err == nil {
		var who exchange.Actor
		if who, err = s.config.Authenticate(c.Request.Context(), secret); err == nil {
			c.Set(actorKey, who)
			return
		}
	}
	if exchange.KindOf(err) == exchange.Unavailable {
		s.fail(c, err)
	} else {
		c.Redirect(http.StatusSeeOther, "/login")
	}
	c.Abort()
}

// actor is who is logged in; nobody on the login page.
func actor(c *gin.Context) exchange.Actor {
	who, _ := c.Get(actorKey)
	known, _ := who.(exchange.Actor)
	return known
}

// lang is the language chosen by a link, now or before. Vietnamese is spoken unless another is asked for: what a
// browser was installed with says little about its clerk.
func lang(c *gin.Context) api.Lang {
	if chosen := c.Query("lang"); chosen == string(api.English) || chosen == string(api.Vietnamese) {
		return api.Lang(chosen)
	}
	chosen, _ := c.Cookie(langCookie) // absent: Vietnamese
	return api.Language(chosen)
}

type loginView struct{ Problem string }

func (s *Screens) showLogin(c *gin.Context) { s.show(c, http.StatusOK, "login", "login", loginView{}) }

// login exchanges a token for a cookie that holds it; the token itself is the session and ends when it is revoked.
func (s *Screens) login(c *gin.Context) {
	secret := c.PostForm("token")
	who, err := s.config.Authenticate(c.Request.Context(), secret)
	if err != nil {
		problem := api.NewProblem(err, lang(c))
		s.show(c, problem.Status, "login", "login", loginView{Problem: problem.Detail})
		return
	}
	s.setCookie(c, s.cookieName(), secret, sessionHours*60*60)
	landing := "/inbox"
	if who.May(exchange.ActRead) != nil {
		landing = "/verify"
	}
	c.Redirect(http.StatusSeeOther, landing)
}

func (s *Screens) logout(c *gin.Context) {
	s.setCookie(c, s.cookieName(), "", -1)
	c.Redirect(http.StatusSeeOther, "/login")
}
