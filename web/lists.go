package web

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"congvan/api"
	"congvan/exchange"
	"congvan/exchange/reading"
)

const (
	rowsOfPage = 50
	pageDPI    = 96
)

// listView is the inbox or the outbox.
type listView struct {
	Search string
	Other  string // the heading of the column of the other office
	Rows   []rowView
	Next   string // link to older ones; empty at the end

	Notices []taskView // of what the office was reminded
	Sources []sourceView
	Parked  []parkedView // that does not get through to somebody
}

type rowView struct {
	Link, Number, Subject, Other, State, At, Urgency string
	Verdict                                          *markView
	Source                                           string // the closed office in whose name it is kept
	Unread                                           bool
	Lacking                                          bool // it came without what it answers or replaces
}

// sourceOf names the closed office in whose name an item is kept; empty for the own one.
func (s *Screens) sourceOf(c *gin.Context, office exchange.OfficeID) string {
	if office == actor(c).Office {
		return ""
	}
	return s.officeName(office)
}

// sourceView is an office whose items are in the list: the own one, and closed ones whose documents it keeps.
type sourceView struct {
	Office exchange.OfficeID
	Name   string
	Chosen bool
}

// sources are the offices by which the list can be narrowed; none when there is only one.
func (s *Screens) sources(c *gin.Context) []sourceView {
	offices := s.config.Gateway.Sources(actor(c).Office)
	if len(offices) < 2 {
		return nil
	}
	views := []sourceView{{Name: word(lang(c), "all_sources"), Chosen: c.Query("source") == ""}}
	for _, office := range offices {
		views = append(views, sourceView{office, s.officeName(office), c.Query("source") == string(office)})
	}
	return views
}

// markView is a verdict as a coloured word.
type markView struct{ Class, Text string }

func (s *Screens) inbox(c *gin.Context) {
	arrivals, err := s.reading().Arrivals(c.Request.Context(), actor(c), asked(c))
	if err != nil {
		s.fail(c, err)
		return
	}
	lacking, err := s.reading().Lacking(c.Request.Context(), actor(c), arrivals...)
	if err != nil {
		s.fail(c, err)
		return
	}
	view := listView{Search: c.Query("q"), Other: word(lang(c), "from"), Sources: s.sources(c)}
	if view.Search == "" && c.Query("after") == "" {
		view.Notices = s.notices(c)
	}
	for _, arrival := range arrivals {
		header, status := arrival.Header, arrival.Status()
		view.Rows = append(view.Rows, rowView{
			Link: "/inbox/" + string(arrival.ID), Number: header.Numbering.String(), Subject: header.Subject,
			Other: header.FromName, Source: s.sourceOf(c, cmp.Or(arrival.InheritedFrom(), arrival.Office)),
			At: shown(arrival.ArrivedAt), State: stateOf(lang(c), arrival),
			Urgency: urgency(lang(c), header.Urgency), Verdict: mark(lang(c), verdictOf(arrival)),
			Unread: status == exchange.Arrived, Lacking: len(lacking[arrival.ID]) > 0,
		})
	}
	if len(arrivals) == rowsOfPage {
		view.Next = older(c, string(arrivals[rowsOfPage-1].ID))
	}
	s.show(c, http.StatusOK, "list", "inbox", view)
}

func (s *Screens) outbox(c *gin.Context) {
	documents, err := s.reading().Documents(c.Request.Context(), actor(c), asked(c))
	if err != nil {
		s.fail(c, err)
		return
	}
	view := listView{Search: c.Query("q"), Other: word(lang(c), "to"), Sources: s.sources(c)}
	if view.Search == "" && c.Query("after") == "" {
		view.Parked = s.parked(c)
	}
	for _, document := range documents {
		at := document.CreatedAt
		if !document.IssuedAt.IsZero() {
			at = document.IssuedAt
		}
		view.Rows = append(view.Rows, rowView{
			Link: "/outbox/" + string(document.ID), Number: document.Numbering.String(), Subject: document.Subject,
			Other: s.named(document.Recipients), Source: s.sourceOf(c, document.Office), At: shown(at),
			State:   word(lang(c), "step_"+string(document.Step())),
			Urgency: urgency(lang(c), document.Urgency),
		})
	}
	if len(documents) == rowsOfPage {
		view.Next = older(c, string(documents[rowsOfPage-1].ID))
	}
	s.show(c, http.StatusOK, "list", "outbox", view)
}

func asked(c *gin.Context) exchange.Page {
	return exchange.Page{
		After: c.Query("after"), Search: c.Query("q"), Limit: rowsOfPage, Source: exchange.OfficeID(c.Query("source")),
	}
}

func older(c *gin.Context, after string) string {
	return "?" + url.Values{"q": {c.Query("q")}, "source": {c.Query("source")}, "after": {after}}.Encode()
}

// named lists at most three offices by name, and says how many more there are.
func (s *Screens) named(offices []exchange.OfficeID) string {
	const shownNames = 3
	names := []string{}
	for _, office := range offices[:min(shownNames, len(offices))] {
		names = append(names, s.officeName(office))
	}
	text := strings.Join(names, "; ")
	if more := len(offices) - len(names); more > 0 {
		text += " +" + strconv.Itoa(more)
	}
	return text
}

func stateOf(lang api.Lang, arrival exchange.Arrival) string {
	if !arrival.FiledAt.IsZero() {
		return word(lang, "status_filed")
	}
	if recalled := arrival.Recall(); recalled != "" && recalled != exchange.RecallRefused {
		return status(lang, recalled)
	}
	return status(lang, arrival.Status())
}

// status names a status; one that is not known is shown with its code.
func status(lang api.Lang, of exchange.Status) string {
	key := "status_" + string(of)
	if _, known := words[key]; known {
		return word(lang, key)
	}
	return api.ActWords("receipt."+string(of), lang)
}

func urgency(lang api.Lang, degree exchange.Urgency) string {
	if degree == exchange.Ordinary {
		return ""
	}
	return word(lang, "urgency_"+strconv.Itoa(int(degree)))
}

// verdictOf is the verdict's word: "waiting" until the arrival has been judged.
func verdictOf(arrival exchange.Arrival) string {
	if arrival.Judgement == nil {
		return "waiting"
	}
	return arrival.Judgement.Verdict
}

func mark(lang api.Lang, verdict string) *markView {
	return &markView{Class: verdict, Text: word(lang, "mark_"+verdict)}
}

func (s *Screens) reading() reading.Desk { return reading.Desk{Gateway: s.config.Gateway} }
