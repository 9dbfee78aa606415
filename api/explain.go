package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"congvan/exchange"
)

// Explanation says in whole sentences where a document is, and what it is waiting for.
type Explanation struct {
	Document   exchange.DocumentID `json:"document"`
	Paragraphs []Paragraph         `json:"paragraphs" doc:"One for each recipient, in the order of the document"`
}

// Paragraph is about one recipient, or about the document itself where there is none yet.
type Paragraph struct {
	Office OfficeName `json:"office"`
	Text   string     `json:"text"`
}

type explanationOutput struct{ Body Explanation }

func (s *Server) describeExplanation() {
	add(s, route{"explainDocument", http.MethodGet, "/documents/{id}/explanation", exchange.ActRead, 200, 0},
		s.explainDocument)
}

// Explain asks where a document is and what it is waiting for.
func (c *Client) Explain(ctx context.Context, id exchange.DocumentID) (Explanation, error) {
	return get[Explanation](ctx, c, "/documents/"+url.PathEscape(string(id))+"/explanation", nil)
}

func (s *Server) explainDocument(
	ctx context.Context, actor exchange.Actor, in *documentInput,
) (*explanationOutput, error) {
	lang := LanguageOf(ctx)
	explained := Explanation{Document: in.ID, Paragraphs: []Paragraph{}}
	document, err := s.reading().Document(ctx, actor, in.ID)
	switch {
	case exchange.KindOf(err) == exchange.NotFound:
		paragraph, err := s.explainArrived(ctx, actor, in.ID, lang)
		explained.Paragraphs = append(explained.Paragraphs, paragraph)
		return &explanationOutput{explained}, err
	case err != nil:
		return nil, err
	case document.IssuedAt.IsZero():
		explained.Paragraphs = append(explained.Paragraphs, Paragraph{
			Office: s.named(document.Office, exchange.Today(document.CreatedAt)),
			Text:   Sentence("explain.step."+string(document.Step()), lang),
		})
		return &explanationOutput{explained}, nil
	}
	recipients, err := s.reading().Recipients(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	lines := map[exchange.NodeID]exchange.Line{}
	for _, recipient := range recipients {
		if _, known := lines[recipient.Node]; !known && recipient.Acknowledgement == nil {
			if lines[recipient.Node], err = s.gateway.Line(ctx, recipient.Node); err != nil {
				return nil, err
			}
		}
		explained.Paragraphs = append(explained.Paragraphs, Paragraph{
			Office: s.named(recipient.Office, exchange.Today(recipient.OwedAt)),
			Text: s.explainWay(in.ID, recipient, lines[recipient.Node], lang) +
				s.explainInstead(recipient, lang) + s.explainHanded(recipient, lang),
		})
	}
	return &explanationOutput{explained}, nil
}

// explainArrived is for the office at which the document arrived: what happened last.
func (s *Server) explainArrived(
	ctx context.Context, actor exchange.Actor, id exchange.DocumentID, lang Lang,
) (Paragraph, error) {
	events, err := s.reading().Timeline(ctx, actor, id)
	if err != nil {
		return Paragraph{}, err
	}
	told := make([]string, 0, len(events))
	for _, event := range events {
		if event.Receipt == nil && !strings.HasPrefix(event.Act, "file.") {
			told = append(told, Sentence("act."+event.Act, lang)+" ("+clock(event.At)+")")
		}
	}
	text := strings.Join(told, "; ") + "."
	lacking, err := s.reading().LackingOf(ctx, actor, id)
	if lacking := LackingOf(lacking, lang); lacking != nil {
		text += " " + lacking.Text
	}
	return Paragraph{Office: s.named(actor.Office, exchange.Today(s.now())), Text: text}, err
}

// explainHanded says who holds the copy of a recipient that has ended, and how far that one has come with it.
func (s *Server) explainHanded(p exchange.Progress, lang Lang) string {
	last, handed := p.HandedTo()
	if !handed {
		return ""
	}
	said := exchange.Progress{}
	for _, receipt := range p.Receipts {
		if receipt.Office == last.Office {
			said.Receipts = append(said.Receipts, receipt)
		}
	}
	heir := s.named(last.Office, exchange.Today(s.now())).Name
	return " " + fmt.Sprintf(Sentence("explain.handed", lang), heir, last.Node, clock(last.At),
		Sentence("act.receipt."+string(said.Status()), lang))
}

// explainInstead says to whom the document goes in the place of a recipient.
func (s *Server) explainInstead(p exchange.Progress, lang Lang) string {
	if len(p.Readdressed) == 0 {
		return ""
	}
	names := make([]string, len(p.Readdressed))
	for i, office := range p.Readdressed {
		names[i] = s.named(office, exchange.Today(s.now())).Name
	}
	return " " + fmt.Sprintf(Sentence("explain.readdressed", lang), strings.Join(names, "; ")) + "."
}

// explainWay is explain for what may be held up at a gateway.
func (s *Server) explainWay(id exchange.DocumentID, p exchange.Progress, line exchange.Line, lang Lang) string {
	if p.Acknowledgement == nil && s.gateway.HeldUp(id, p.Office) {
		return fmt.Sprintf(Sentence("explain.held", lang), p.Node)
	}
	return explain(p, line, lang)
}

// explain says in a paragraph how far the document is with one recipient, why it is not further, and what will happen.
func explain(p exchange.Progress, line exchange.Line, lang Lang) string {
	say := func(code string, args ...any) string { return fmt.Sprintf(Sentence("explain."+code, lang), args...) }
	if p.Contradicted() {
		return say("contradicted")
	}
	if parked := p.Parked(); parked != "" {
		return say("parked", ParkedWords(parked, lang)) + " " + RefusalWords(p, lang)
	}
	if status := p.Status(); status != "" {
		text := Sentence("act.receipt."+string(status), lang) + receiptDetail(p.Receipts, status, say)
		switch status { //nolint:exhaustive // what else is done needs no more words
		case exchange.Carried:
			return text + " " + say("carried")
		case exchange.Arrived:
			return text + " " + say("arrived")
		}
		return text
	}
	switch {
	case p.Acknowledgement != nil:
		return say("brought", p.Node, clock(p.Acknowledgement.At))
	case line.Away:
		return say("away", p.Node, clock(line.Since), line.Failed, clock(line.Next), queue(line.Queue),
			Sentence(line.Reason, lang))
	default:
		return say("queued", p.Node, clock(p.OwedAt), queue(line.Queue))
	}
}

// receiptDetail is when, by whom and why, as the last receipt of the status says.
func receiptDetail(receipts []exchange.Receipt, status exchange.Status, say func(string, ...any) string) string {
	detail := "."
	for _, receipt := range receipts {
		if receipt.Status != status {
			continue
		}
		detail = " " + say("at", clock(receipt.At))
		if receipt.Number > 0 {
			detail += ", " + say("number", receipt.Number)
		}
		if receipt.By != "" {
			detail += ", " + receipt.By
		}
		if receipt.Reason != "" {
			detail += ": " + receipt.Reason
		}
		detail += "."
	}
	return detail
}

// queue is how many messages wait, as far as they were counted.
func queue(count int) string {
	if count >= exchange.MaxQueue {
		return fmt.Sprintf("%d+", exchange.MaxQueue)
	}
	return fmt.Sprint(count)
}

func clock(at time.Time) string { return exchange.InVietnam(at).Format("15:04 02/01/2006") }
