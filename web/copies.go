package web

import (
	"github.com/gin-gonic/gin"

	"congvan/api"
	"congvan/exchange"
	"congvan/exchange/outgoing"
)

// copyAction is the button that makes a copy: of a true copy a sao lục, of anything else a sao y. An excerpt needs a
// file of its own and is asked for through the API.
func copyAction(lang api.Lang, base string, of exchange.Kind) []actionView {
	form := exchange.TrueCopy
	switch {
	case of == exchange.TrueCopy:
		form = exchange.CopyOfCopy
	case of.IsCopy():
		return nil
	}
	return []actionView{{Link: base + "copy", Text: word(lang, "copy_"+string(form)), Form: form}}
}

func (s *Screens) outgoing() outgoing.Desk { return outgoing.Desk{Gateway: s.config.Gateway} }

// copied makes the copy and shows it, so that the clerk sees block, number and verdict at once.
func (s *Screens) copied(c *gin.Context, draft outgoing.CopyDraft, show func(*gin.Context, int, string)) {
	draft.Form = exchange.Kind(c.PostForm("form"))
	document, err := s.outgoing().Copy(c.Request.Context(), actor(c), draft)
	s.acted(c, "/outbox/"+string(document.ID), err, show)
}
