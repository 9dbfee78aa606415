package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"congvan/exchange"
	"congvan/exchange/remind"
)

// Clock is one duty of an office towards a document, and how it stands.
type Clock struct {
	Duty    remind.Duty    `json:"duty" enum:"issue,answers,receive,decide,present,answer"`
	Name    string         `json:"name" doc:"The duty in the language asked for"`
	Basis   string         `json:"basis" doc:"The law, or where the day is written"`
	Since   time.Time      `json:"since" doc:"UTC"`
	Due     time.Time      `json:"due" doc:"The last moment that is in time, UTC"`
	Sure    bool           `json:"sure" doc:"False while the holidays of a year concerned were not stated"`
	Ended   *time.Time     `json:"ended,omitempty" doc:"UTC; absent while it runs"`
	Outcome remind.Outcome `json:"outcome" enum:"early,on_time,late,running,unknown"`
	Words   string         `json:"words" doc:"The outcome in the language asked for"`
	Waiting []OfficeName   `json:"waiting,omitempty" doc:"Who has not answered"`
}

// Task is a document or an arrival with a clock.
type Task struct {
	Side     exchange.Direction  `json:"side" enum:"outgoing,incoming"`
	Subject  string              `json:"subject" doc:"The id under /documents or /inbox"`
	Office   OfficeName          `json:"office" doc:"Whose it is: the own, or a closed one of its keeping"`
	Document exchange.DocumentID `json:"document"`
	Number   string              `json:"number"`
	Title    string              `json:"title" doc:"Trích yếu"`
	Urgency  exchange.Urgency    `json:"urgency"`
	Clock    Clock               `json:"clock"`
}

// TaskPage is a part of a list of tasks.
type TaskPage struct {
	Items []Task `json:"items"`
	Next  string `json:"next,omitempty" doc:"The cursor of the next page; absent on the last"`
}

// DocumentDeadlines is a document's clocks, its way, and who holds it.
type DocumentDeadlines struct {
	Document exchange.DocumentID `json:"document"`
	Office   OfficeName          `json:"office" doc:"Whose it is: the own, or a closed one of its keeping"`
	Clocks   []Clock             `json:"clocks"`
	Way      []Hop               `json:"way"`
	Holder   *Holder             `json:"holder,omitempty" doc:"Absent when it is issued, or done"`
	Copies   []StandingCopy      `json:"copies" doc:"For the issuing office: each recipient, 500 at most"`
	Urging   string              `json:"urging,omitempty" doc:"A draft in Vietnamese: công văn đôn đốc"`
	Apology  string              `json:"apology,omitempty" doc:"A draft in Vietnamese: thư xin lỗi và hẹn lại ngày"`
}

// StandingCopy is how one recipient's copy stands.
type StandingCopy struct {
	Office OfficeName `json:"office"`
	Way    []Hop      `json:"way"`
	Holder *Holder    `json:"holder,omitempty" doc:"Absent when it is done"`
}

// Hop is a stage that was reached.
type Hop struct {
	Stage   remind.Stage    `json:"stage"`
	Name    string          `json:"name" doc:"The stage in the language asked for"`
	Office  *OfficeName     `json:"office,omitempty"`
	Node    exchange.NodeID `json:"node,omitempty"`
	At      time.Time       `json:"at" doc:"UTC"`
	Seconds int64           `json:"seconds" doc:"Since the stage before"`
}

// Holder says who holds a document now.
type Holder struct {
	Office  *OfficeName     `json:"office,omitempty"`
	Node    exchange.NodeID `json:"node,omitempty" doc:"The gateway that holds it"`
	Since   time.Time       `json:"since" doc:"UTC"`
	Seconds int64           `json:"seconds" doc:"For so long now"`
}

type standingOutput struct{ Body DocumentDeadlines }

type taskPageOutput struct{ Body TaskPage }

type tasksInput struct {
	After string `query:"after" maxLength:"100" doc:"The cursor of the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// describeDeadlines adds the routes when there is somebody who reminds.
func (s *Server) describeDeadlines() {
	if s.config.Reminder == nil {
		return
	}
	s.metrics.registry.MustRegister(reminderCollector{s.config.Reminder})
	add(s, route{"listDeadlines", http.MethodGet, "/deadlines", exchange.ActRead, 200, 0}, s.listDeadlines)
	add(s, route{"readDeadlines", http.MethodGet, "/documents/{id}/deadlines", exchange.ActRead, 200, 0},
		s.readDeadlines)
	add(s, route{"reportOnTime", http.MethodGet, "/reports/on-time", exchange.ActRead, 200, 0}, s.reportOnTime)
	add(s, route{"listOnTime", http.MethodGet, "/reports/on-time/items", exchange.ActRead, 200, 0}, s.listOnTime)
}

func (s *Server) listDeadlines(ctx context.Context, actor exchange.Actor, in *tasksInput) (*taskPageOutput, error) {
	at, id, err := ReadCursor(in.After)
	if err != nil {
		return nil, err
	}
	tasks, next, err := s.config.Reminder.Tasks(ctx, actor, exchange.Watched{Due: at, Subject: id}, in.Limit)
	if err != nil {
		return nil, err
	}
	return &taskPageOutput{TaskPage{s.tasks(tasks, LanguageOf(ctx)), WriteCursor(next.Due, next.Subject)}}, nil
}

// WriteCursor makes the cursor of a place in time; empty of none.
func WriteCursor(at time.Time, id string) string {
	if at.IsZero() {
		return ""
	}
	return strconv.FormatInt(at.UnixMicro(), 10) + "." + id
}

// ReadCursor reads what [WriteCursor] made. Error: Invalid request.invalid.
func ReadCursor(cursor string) (at time.Time, id string, err error) {
	if cursor == "" {
		return time.Time{}, "", nil
	}
	micros, id, _ := strings.Cut(cursor, ".")
	number, err := strconv.ParseInt(micros, 10, 64)
	if err != nil {
		return time.Time{}, "", exchange.Errorf(exchange.Invalid, codeRequestInvalid, "cursor %q", cursor)
	}
	return time.UnixMicro(number).UTC(), id, nil
}

func (s *Server) readDeadlines(ctx context.Context, actor exchange.Actor, in *documentInput) (*standingOutput, error) {
	found, err := s.config.Reminder.Standing(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	lang := LanguageOf(ctx)
	view := DocumentDeadlines{
		Document: found.Document, Office: s.named(found.Office, exchange.Today(s.now())), Clocks: []Clock{},
		Way: s.hops(found.Way, lang), Holder: s.holder(found.Holder),
		Copies: []StandingCopy{},
	}
	for _, clock := range found.Clocks {
		view.Clocks = append(view.Clocks, s.clock(clock, clock.Outcome(s.now()), lang))
	}
	for _, copied := range found.Copies {
		view.Copies = append(view.Copies, StandingCopy{
			s.named(copied.Office, exchange.Today(s.now())), s.hops(copied.Way, lang), s.holder(copied.Holder),
		})
	}
	view.Urging = Urging(found, s.gateway.Directory(), s.now())
	view.Apology = Apology(found, s.gateway.Directory(), s.now())
	return &standingOutput{view}, nil
}

func (s *Server) tasks(tasks []remind.Task, lang Lang) []Task {
	views := make([]Task, len(tasks))
	for i, task := range tasks {
		views[i] = Task{
			Side: task.Side, Subject: task.Subject, Office: s.named(task.Office, exchange.Today(s.now())),
			Document: task.Document, Number: task.Number, Title: task.Title, Urgency: task.Urgency,
			Clock: s.clock(task.Clock, task.Outcome, lang),
		}
	}
	return views
}

func (s *Server) clock(clock remind.Clock, outcome remind.Outcome, lang Lang) Clock {
	view := Clock{
		Duty: clock.Duty, Name: DeadlineLabel("duty", string(clock.Duty), lang), Basis: clock.Basis, Since: clock.Since,
		Due: clock.Due, Sure: clock.Sure, Ended: moment(clock.Ended), Outcome: outcome,
		Words: DeadlineLabel("outcome", string(outcome), lang),
	}
	for _, office := range clock.Waiting {
		view.Waiting = append(view.Waiting, s.named(office, exchange.Today(s.now())))
	}
	return view
}

func (s *Server) hops(way []remind.Hop, lang Lang) []Hop {
	views := make([]Hop, len(way))
	for i, hop := range way {
		views[i] = Hop{
			Stage: hop.Stage, Name: DeadlineLabel("stage", string(hop.Stage), lang), Office: s.officeOf(hop.Office, hop.At),
			Node: hop.Node, At: hop.At, Seconds: int64(hop.Took.Seconds()),
		}
	}
	return views
}

func (s *Server) officeOf(office exchange.OfficeID, at time.Time) *OfficeName {
	if office == "" {
		return nil
	}
	name := s.named(office, exchange.Today(at))
	return &name
}

func (s *Server) holder(held *remind.Holder) *Holder {
	if held == nil {
		return nil
	}
	return &Holder{
		Office: s.officeOf(held.Office, s.now()), Node: held.Node, Since: held.Since,
		Seconds: int64(max(0, s.now().Sub(held.Since)).Seconds()),
	}
}

// DeadlineLabel names a duty, an outcome, a stage or a leg of package remind.
func DeadlineLabel(kind, of string, lang Lang) string { return Sentence("deadline."+kind+"_"+of, lang) }

// Lasted writes a length of time as people say it.
func Lasted(took time.Duration, lang Lang) string {
	minutes := int(took.Round(time.Minute).Minutes())
	days, hours, minutes := minutes/(24*60), minutes/60%24, minutes%60
	words := map[Lang][3]string{Vietnamese: {"ngày", "giờ", "phút"}, English: {"d", "h", "min"}}[lang]
	switch {
	case days > 0:
		return fmt.Sprintf("%d %s %d %s", days, words[0], hours, words[1])
	case hours > 0:
		return fmt.Sprintf("%d %s %d %s", hours, words[1], minutes, words[2])
	default:
		return fmt.Sprintf("%d %s", minutes, words[2])
	}
}
