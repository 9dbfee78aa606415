package api

import (
	"context"
	"net/http"
	"time"

	"congvan/exchange"
	"congvan/exchange/handover"
)

// describeMailbox adds what a document system may do: take over what is in its own mailbox.
func (s *Server) describeMailbox() {
	if s.config.Desk == nil {
		return
	}
	take, manage := exchange.ActTake, exchange.ActManage
	add(s, route{"leaseEvents", http.MethodPost, "/mailbox/{system}/lease", take, 200, 0}, s.leaseEvents)
	add(s, route{"acknowledgeEvents", http.MethodPost, "/mailbox/{system}/ack", take, 204, 0}, s.acknowledgeEvents)
	add(s, route{"readEventContent", http.MethodGet, "/mailbox/{system}/events/{event}/content", take, 200, 0},
		s.readEventContent)

	add(s, route{"listMailboxes", http.MethodGet, "/mailboxes", manage, 200, 0}, s.listMailboxes)
	add(s, route{"orderMailbox", http.MethodPut, "/mailboxes/{system}", manage, 200, 0}, s.orderMailbox)
	add(s, route{"rotateSecret", http.MethodPost, "/mailboxes/{system}/rotate", manage, 200, 0}, s.rotateSecret)
	add(s, route{"pingWebhook", http.MethodPost, "/mailboxes/{system}/ping", manage, 204, 0}, s.pingWebhook)
}

type leaseInput struct {
	System exchange.System `path:"system" maxLength:"40" doc:"Whose token this is"`
	Body   struct {
		Most    int `json:"most,omitempty" minimum:"1" maximum:"100" default:"20" doc:"Events"`
		Minutes int `json:"minutes,omitempty" minimum:"1" maximum:"60" default:"5" doc:"For which they are given"`
		Wait    int `json:"wait,omitempty" minimum:"0" maximum:"30" doc:"Seconds, for something to happen"`
	}
}

// EventList is what a system is given.
type EventList struct {
	Items []handover.Occurrence `json:"items" doc:"In their order; an id given again is the same event"`
}

type leaseOutput struct{ Body EventList }

func (s *Server) leaseEvents(ctx context.Context, actor exchange.Actor, in *leaseInput) (*leaseOutput, error) {
	ask := handover.Ask{
		Most: in.Body.Most, Lease: time.Duration(in.Body.Minutes) * time.Minute,
		Wait: time.Duration(in.Body.Wait) * time.Second,
	}
	events, err := s.config.Desk.Lease(ctx, actor, in.System, ask)
	if err != nil {
		return nil, err
	}
	return &leaseOutput{EventList{orEmpty(events)}}, nil
}

type acknowledgeInput struct {
	System exchange.System `path:"system" maxLength:"40" doc:"Whose token this is"`
	Body   struct {
		Events []string `json:"events" minItems:"1" maxItems:"100" doc:"Ids of events that were taken over"`
	}
}

func (s *Server) acknowledgeEvents(
	ctx context.Context, actor exchange.Actor, in *acknowledgeInput,
) (*struct{}, error) {
	return nil, s.config.Desk.Acknowledge(ctx, actor, in.System, in.Body.Events)
}

type eventContentInput struct {
	System exchange.System `path:"system" maxLength:"40" doc:"Whose token this is"`
	Event  string          `path:"event" maxLength:"100" doc:"The id of an event that it was given"`
	Digest exchange.Digest `query:"digest" maxLength:"64" doc:"Of an attachment; else the main file"`
}

func (s *Server) readEventContent(
	ctx context.Context, actor exchange.Actor, in *eventContentInput,
) (*contentOutput, error) {
	blob, file, err := s.config.Desk.Open(ctx, actor, in.System, in.Event, in.Digest)
	if err != nil {
		return nil, err
	}
	return s.content(file, blob), nil //nolint:contextcheck // the answer brings its own
}

// Mailbox is the way by which a document system of an office learns what happens.
type Mailbox struct {
	System  exchange.System `json:"system"`
	Topics  []string        `json:"topics,omitempty" doc:"arrival, judgement, decision, recall, status; absent: all"`
	Kinds   []exchange.Kind `json:"kinds,omitempty" doc:"Absent: all"`
	Units   []string        `json:"units,omitempty" doc:"That drafted what it is about; absent: all"`
	URL     string          `json:"url,omitempty" doc:"Of the webhook (Standard Webhooks); absent: the system pulls"`
	Folder  bool            `json:"folder,omitempty" doc:"Ordered in the configuration"`
	Paused  bool            `json:"paused,omitempty"`
	Pending int             `json:"pending" doc:"Events that were given and are not acknowledged, at most 1000"`
	Handed  *time.Time      `json:"handed_at,omitempty" doc:"UTC; when something was acknowledged last"`
	Trouble *Trouble        `json:"trouble,omitempty" doc:"Absent when the last attempt went well"`
	Secret  string          `json:"secret,omitempty" doc:"Of the webhook; told this once"`
}

// Trouble is why a mailbox cannot be pushed at the moment.
type Trouble struct {
	Code     string     `json:"code"`
	Sentence string     `json:"sentence" doc:"In the language asked for"`
	Detail   string     `json:"detail,omitempty"`
	Failures int        `json:"failures" doc:"One after the other"`
	At       time.Time  `json:"at" doc:"UTC"`
	Next     *time.Time `json:"next,omitempty" doc:"UTC; when it is tried again"`
}

type mailboxesOutput struct {
	Body struct {
		Items []Mailbox `json:"items"`
	}
}

type mailboxOutput struct{ Body Mailbox }

func (s *Server) listMailboxes(ctx context.Context, actor exchange.Actor, _ *struct{}) (*mailboxesOutput, error) {
	mailboxes, pending, err := s.config.Desk.List(ctx, actor)
	if err != nil {
		return nil, err
	}
	out := &mailboxesOutput{}
	out.Body.Items = make([]Mailbox, len(mailboxes))
	for i, mailbox := range mailboxes {
		out.Body.Items[i] = shownMailbox(mailbox, LanguageOf(ctx))
		out.Body.Items[i].Pending = pending[i]
	}
	return out, nil
}

type orderInput struct {
	System exchange.System `path:"system" maxLength:"40" doc:"Small letters, digits and hyphens"`
	Body   struct {
		Topics []string        `json:"topics,omitempty" maxItems:"100" doc:"Such as arrival or status; absent: all"`
		Kinds  []exchange.Kind `json:"kinds,omitempty" maxItems:"100" doc:"Of documents; absent: all"`
		Units  []string        `json:"units,omitempty" maxItems:"100" doc:"That drafted what it is about; absent: all"`
		URL    string          `json:"url,omitempty" maxLength:"1000" doc:"Of the webhook; absent: the system pulls"`
		Paused bool            `json:"paused,omitempty" doc:"Nothing is handed over, and nothing is lost"`
	}
}

func (s *Server) orderMailbox(ctx context.Context, actor exchange.Actor, in *orderInput) (*mailboxOutput, error) {
	mailbox, secret, err := s.config.Desk.Define(ctx, actor, in.System, exchange.MailboxOrder{
		Topics: in.Body.Topics, Kinds: in.Body.Kinds, Units: in.Body.Units, URL: in.Body.URL, Paused: in.Body.Paused,
	})
	return mailboxTold(ctx, mailbox, secret, err)
}

type rotateInput struct {
	System exchange.System `path:"system" maxLength:"40" doc:"Of the own office"`
	Body   struct {
		Hours int `json:"overlap_hours,omitempty" minimum:"1" maximum:"168" default:"24" doc:"The old one signs too"`
	}
}

func (s *Server) rotateSecret(ctx context.Context, actor exchange.Actor, in *rotateInput) (*mailboxOutput, error) {
	overlap := time.Duration(in.Body.Hours) * time.Hour
	mailbox, secret, err := s.config.Desk.Rotate(ctx, actor, in.System, overlap)
	return mailboxTold(ctx, mailbox, secret, err)
}

type pingInput struct {
	System exchange.System `path:"system" maxLength:"40" doc:"Of the own office"`
}

func (s *Server) pingWebhook(ctx context.Context, actor exchange.Actor, in *pingInput) (*struct{}, error) {
	return nil, s.config.Desk.Ping(ctx, actor, in.System)
}

func mailboxTold(ctx context.Context, mailbox exchange.Mailbox, secret string, err error) (*mailboxOutput, error) {
	if err != nil {
		return nil, err
	}
	view := shownMailbox(mailbox, LanguageOf(ctx))
	view.Secret = secret
	return &mailboxOutput{view}, nil
}

func shownMailbox(mailbox exchange.Mailbox, lang Lang) Mailbox {
	order := mailbox.Order
	view := Mailbox{
		System: mailbox.System, Topics: order.Topics, Kinds: order.Kinds, Units: order.Units, URL: order.URL,
		Folder: order.Folder, Paused: order.Paused, Handed: moment(mailbox.HandedAt),
	}
	if trouble := mailbox.Trouble; trouble.Code != "" {
		view.Trouble = &Trouble{
			Code: trouble.Code, Sentence: Sentence(trouble.Code, lang), Detail: trouble.Detail,
			Failures: trouble.Failures, At: trouble.At, Next: moment(trouble.Next),
		}
	}
	return view
}
