package web

import (
	"context"
	"strings"

	"github.com/gin-gonic/gin"

	"congvan/api"
	"congvan/exchange"
	"congvan/exchange/recall"
)

// noticeView is a banner.
type noticeView struct {
	Text, Reason string
	Class        string // of the banner; empty: something is wrong
}

// linkView is another document that this one names, or that names this one.
type linkView struct{ Kind, Text, Link string }

func (s *Screens) desk() *recall.Desk { return &recall.Desk{Gateway: s.config.Gateway} }

// takeBack recalls a document from those of its recipients that are ticked, or all, for the reason in the form.
func (s *Screens) takeBack(
	c *gin.Context,
) func(context.Context, exchange.Actor, exchange.DocumentID) (exchange.Document, error) {
	return func(ctx context.Context, who exchange.Actor, id exchange.DocumentID) (exchange.Document, error) {
		order := recall.Order{Reason: c.PostForm("reason")}
		for _, office := range c.PostFormArray("office") {
			order.Offices = append(order.Offices, exchange.OfficeID(office))
		}
		return s.desk().Recall(ctx, who, id, order)
	}
}

// recallReplies are the buttons with which a clerk answers that a document is asked back.
func recallReplies(lang api.Lang, base string) []actionView {
	return []actionView{
		{Link: base + "give", Text: word(lang, "give_back")},
		{Link: base + "keep", Text: word(lang, "keep"), Reason: true, Danger: true},
	}
}

// recallState adds to the state of a recipient how far the recall has come, with the reason that was given.
func recallState(lang api.Lang, recipient exchange.Progress) string {
	state := recipient.Recall()
	if state == "" {
		return ""
	}
	text := "; " + status(lang, state)
	for _, receipt := range recipient.Receipts {
		if receipt.Status == state && state != exchange.RecallRequested && receipt.Reason != "" {
			text = "; " + status(lang, state) + ": " + api.ReasonWords(receipt.Reason, lang)
		}
	}
	return text
}

// askedBack puts the banner of a recall on top.
func (v *documentView) askedBack(lang api.Lang, arrival exchange.Arrival) {
	switch arrival.Recall() { //nolint:exhaustive // there are no others of a recall
	case exchange.RecallRequested:
		notice := noticeView{Text: word(lang, "asked_back")}
		for _, receipt := range arrival.Receipts {
			if receipt.Status == exchange.RecallRequested {
				notice.Reason = receipt.Reason
			}
		}
		v.Notices = append(v.Notices, notice)
	case exchange.RecallAccepted:
		v.Notices = append(v.Notices, noticeView{Text: word(lang, "given_back")})
	}
}

// links reads what the document answers, replaces or copies; on a fault the page is shown without.
func (s *Screens) links(c *gin.Context, id exchange.DocumentID) []recall.Link {
	links, err := s.desk().Links(c.Request.Context(), actor(c), id)
	if err != nil {
		return nil
	}
	return links
}

// link lists the other documents, and puts a banner on one that was replaced.
func (v *documentView) link(lang api.Lang, links []recall.Link) {
	for _, link := range links {
		key := "link_" + string(link.Kind)
		if !link.Names {
			key += "_by"
		}
		view := linkView{Kind: word(lang, key), Text: word(lang, "unknown_one")}
		if link.Known {
			view.Text = strings.TrimSpace(link.Header.Numbering.String() + " " + link.Header.Subject)
			view.Link = "/outbox/" + string(link.Document)
		}
		if link.Arrival != "" {
			view.Link = "/inbox/" + string(link.Arrival)
		}
		v.Links = append(v.Links, view)
		if link.Kind == exchange.Replaces && !link.Names {
			v.Notices = append(v.Notices, noticeView{Text: word(lang, "replaced"), Reason: view.Text})
		}
	}
}
