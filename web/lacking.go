package web

import (
	"github.com/gin-gonic/gin"

	"congvan/api"
	"congvan/exchange"
)

// lacking puts a banner on an arrival that came without what it answers or replaces, until that has come.
func (v *documentView) lacking(s *Screens, c *gin.Context, arrival exchange.Arrival) error {
	found, err := s.reading().Lacking(c.Request.Context(), actor(c), arrival)
	if lacking := api.LackingOf(found[arrival.ID], lang(c)); lacking != nil {
		v.Notices = append(v.Notices, noticeView{
			Text: word(lang(c), "lacking_banner"), Reason: lacking.Text, Class: "indeterminate",
		})
	}
	return err
}
