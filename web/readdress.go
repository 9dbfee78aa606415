package web

import (
	"context"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"congvan/api"
	"congvan/exchange"
	"congvan/exchange/readdress"
)

// chooser is what a form offers for choosing recipients.
type chooser struct {
	To, Except string // as typed before
	Groups     []groupView
}

// groupView is a group of recipients that can be ticked.
type groupView struct {
	Value, Text string
	Count       int
	Chosen      bool
}

// choose offers the groups that the office may mean: every level, everywhere and below each office above its own, with
// at least two offices.
func (s *Screens) choose(c *gin.Context) *chooser {
	directory, today := s.config.Gateway.Directory(), exchange.Today(s.config.Gateway.Now())
	view := &chooser{To: c.PostForm("to"), Except: c.PostForm("except")}
	chosen := c.PostFormArray("group")
	const fewest = 2
	for _, level := range directory.Levels(today) {
		seen := map[int]bool{}
		for _, under := range append(directory.Above(actor(c).Office, today), "") {
			group := exchange.Group{Level: level, Under: under}
			members, err := directory.Expand([]exchange.Group{group}, []exchange.OfficeID{actor(c).Office}, today)
			if err != nil || len(members) < fewest || seen[len(members)] {
				continue
			}
			seen[len(members)] = true
			text := levelName(lang(c), level)
			if under != "" {
				text += " · " + s.officeName(under)
			}
			value := string(level) + "@" + string(under)
			view.Groups = append(view.Groups, groupView{value, text, len(members), slices.Contains(chosen, value)})
		}
	}
	return view
}

func levelName(lang api.Lang, level exchange.Level) string {
	key := "level_" + string(level)
	if _, known := words[key]; known {
		return word(lang, key)
	}
	return string(level)
}

// chosenGroups reads the groups that were ticked.
func chosenGroups(c *gin.Context) []exchange.Group {
	var groups []exchange.Group
	for _, value := range c.PostFormArray("group") {
		level, under, _ := strings.Cut(value, "@")
		groups = append(groups, exchange.Group{Level: exchange.Level(level), Under: exchange.OfficeID(under)})
	}
	return groups
}

// offices finds the offices of a text, parted by semicolons or lines: by id, by a code of today, or by a name that only
// one office has. Error: recipient.unknown with the words that name none or several.
func (s *Screens) offices(text string) ([]exchange.OfficeID, error) {
	var found []exchange.OfficeID
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '\n' || r == '\r' }) {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		office, err := s.office(part)
		if err != nil {
			return nil, err
		}
		found = append(found, office)
	}
	return found, nil
}

func (s *Screens) office(text string) (exchange.OfficeID, error) {
	directory, today := s.config.Gateway.Directory(), exchange.Today(s.config.Gateway.Now())
	office, err := directory.Recipient(exchange.OfficeID(text), today)
	if exchange.CodeOf(err) != "recipient.unknown" {
		return office.ID, err
	}
	if office, err = directory.Resolve(text, today); exchange.CodeOf(err) != "recipient.unknown" {
		return office.ID, err
	}
	const enough = 50
	named := slices.DeleteFunc(directory.Offices(text, enough), func(office exchange.Office) bool {
		return exchange.Fold(office.NameOn(today)) != exchange.Fold(text)
	})
	if len(named) != 1 {
		return "", err
	}
	office, err = directory.Recipient(named[0].ID, today)
	return office.ID, err
}

// addRecipients sends a document on to those in the form, in the place of one where the form says so.
func (s *Screens) addRecipients(
	c *gin.Context,
) func(context.Context, exchange.Actor, exchange.DocumentID) (exchange.Document, error) {
	return func(ctx context.Context, who exchange.Actor, id exchange.DocumentID) (exchange.Document, error) {
		offices, err := s.offices(c.PostForm("to"))
		if err != nil {
			return exchange.Document{}, err
		}
		except, err := s.offices(c.PostForm("except"))
		if err != nil {
			return exchange.Document{}, err
		}
		for _, heir := range c.PostFormArray("heir") {
			offices = append(offices, exchange.OfficeID(heir))
		}
		return (&readdress.Desk{Gateway: s.config.Gateway}).Add(ctx, who, id, readdress.Addition{
			Offices: offices, Groups: chosenGroups(c), Except: except, Instead: exchange.OfficeID(c.PostForm("instead")),
		})
	}
}

// sentInstead adds to the state of a recipient to whom the document goes in its place.
func (s *Screens) sentInstead(lang api.Lang, recipient exchange.Progress, state string) string {
	if len(recipient.Readdressed) == 0 {
		return state
	}
	instead := word(lang, "sent_instead") + ": " + s.named(recipient.Readdressed)
	if recipient.Status() == exchange.Refused {
		instead = state + "; " + instead
	}
	return instead
}

// insteadView is how a recipient that does not get the document can be replaced.
type insteadView struct {
	Link    string
	Instead exchange.OfficeID
	Heirs   []officeChoice // who has its duties today
	Again   bool           // it can also be sent again to the same, once what is wrong is mended
}

type officeChoice struct {
	Office exchange.OfficeID
	Name   string
}

// instead offers to address the document anew where it does not get through or was refused.
func (s *Screens) instead(c *gin.Context, id exchange.DocumentID, recipient exchange.Progress) *insteadView {
	stuck := recipient.Parked() != "" || recipient.Status() == exchange.Refused
	if !stuck || len(recipient.Readdressed) > 0 || recipient.TakenBack() || actor(c).May(exchange.ActSend) != nil {
		return nil
	}
	view := &insteadView{
		Link: "/outbox/" + string(id) + "/recipients", Instead: recipient.Office, Again: recipient.Parked() != "",
	}
	directory, today := s.config.Gateway.Directory(), exchange.Today(s.config.Gateway.Now())
	for _, heir := range directory.Living(recipient.Office, today) {
		if heir != recipient.Office {
			view.Heirs = append(view.Heirs, officeChoice{heir, s.officeName(heir)})
		}
	}
	return view
}

// parkedView is a document that does not get through to somebody.
type parkedView struct{ Link, Number, Subject, Offices string }

// parked lists what stands still, for the top of the outbox.
func (s *Screens) parked(c *gin.Context) []parkedView {
	const most = 20
	found, _, err := s.config.Gateway.Parked(c.Request.Context(), actor(c), exchange.Page{Limit: most})
	if err != nil {
		return nil // the list below is there all the same
	}
	var views []parkedView
	for _, parked := range found {
		offices := make([]exchange.OfficeID, len(parked.Recipients))
		for i, recipient := range parked.Recipients {
			offices[i] = recipient.Office
		}
		views = append(views, parkedView{
			"/outbox/" + string(parked.Document.ID) + "#recipients", parked.Document.Numbering.String(),
			parked.Document.Subject, s.named(offices),
		})
	}
	return views
}
