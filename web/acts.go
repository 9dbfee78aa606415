package web

import (
	"context"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"congvan/api"
	"congvan/archive"
	"congvan/exchange"
	"congvan/exchange/decide"
	"congvan/exchange/outgoing"
	"congvan/exchange/recall"
)

// arrivalActions are what this person may do with the arrival now.
func arrivalActions(lang api.Lang, who exchange.Actor, arrival exchange.Arrival) []actionView {
	base := "/inbox/" + string(arrival.ID) + "/"
	var actions []actionView
	given := arrival.Recall() == exchange.RecallAccepted
	if arrival.Status() == exchange.Arrived && !given && who.May(exchange.ActDecide) == nil {
		actions = append(actions,
			actionView{Link: base + "accept", Text: word(lang, "accept")},
			actionView{Link: base + "refuse", Text: word(lang, "refuse"), Reason: true, Danger: true})
	}
	if arrival.Recall() == exchange.RecallRequested && who.May(exchange.ActDecide) == nil {
		actions = append(actions, recallReplies(lang, base)...)
	}
	taken := arrival.Status() >= exchange.Accepted && arrival.Usable() == nil
	if taken && arrival.FiledAt.IsZero() && who.May(exchange.ActFile) == nil {
		actions = append(actions, actionView{Link: base + "file", Text: word(lang, "file"), Filing: true})
	}
	if taken && who.May(exchange.ActSeal) == nil {
		actions = append(actions, copyAction(lang, base, arrival.Header.Kind)...)
	}
	return actions
}

// documentActions are what this person may do with the document now: its next step.
func documentActions(lang api.Lang, who exchange.Actor, document exchange.Document) []actionView {
	next := map[exchange.Step]struct {
		path string
		act  exchange.Act
	}{
		exchange.StepSubmitted: {"sign", exchange.ActSign},
		exchange.StepSigned:    {"seal", exchange.ActSeal},
		exchange.StepNumbered:  {"seal", exchange.ActSeal},
		exchange.StepSealed:    {"send", exchange.ActSend},
	}[document.Step()]
	if document.CopyOf != nil && document.Step() == exchange.StepSubmitted {
		next.path, next.act = "seal", exchange.ActSeal // the office alone signs a copy
	}
	if next.path == "send" && len(document.Recipients) == 0 {
		next.path = ""
	}
	base := "/outbox/" + string(document.ID) + "/"
	var actions []actionView
	if next.path != "" && who.May(next.act) == nil {
		actions = append(actions, actionView{Link: base + next.path, Text: word(lang, next.path)})
		if next.act != exchange.ActSend {
			actions = append(actions, tokenAction(lang, document))
		}
	}
	copied := document.CopyOf != nil && document.Step() == exchange.StepSealed
	if (copied || document.Step() == exchange.StepIssued) && who.May(exchange.ActSeal) == nil {
		actions = append(actions, copyAction(lang, base, document.Kind)...)
	}
	if document.Step() == exchange.StepIssued && who.May(exchange.ActSend) == nil {
		actions = append(actions,
			actionView{Link: base + "recipients", Text: word(lang, "add_recipients"), Choose: true},
			actionView{Link: base + "recall", Text: word(lang, "take_back"), Reason: true, Danger: true, Some: true})
	}
	return actions
}

// actOnArrival does what a button on an arrival says, and shows the arrival again.
func (s *Screens) actOnArrival(c *gin.Context) {
	decisions, who, id := decide.Desk{Gateway: s.config.Gateway}, actor(c), exchange.ArrivalID(c.Param("id"))
	var err error
	switch ctx := c.Request.Context(); c.Param("act") {
	case "accept":
		_, err = decisions.Accept(ctx, who, id)
	case "refuse":
		_, err = decisions.Refuse(ctx, who, id, c.PostForm("reason"))
	case "give":
		_, err = s.desk().Answer(ctx, who, id, recall.Reply{Agree: true})
	case "keep":
		_, err = s.desk().Answer(ctx, who, id, recall.Reply{Reason: c.PostForm("reason")})
	case "copy":
		s.copied(c, outgoing.CopyDraft{Arrival: id}, s.showArrival)
		return
	case "file":
		filing := archive.Filing{Dossier: c.PostForm("dossier"), Retention: archive.Retention(c.PostForm("retention"))}
		_, err = s.config.Archive.Take(ctx, who, id, filing)
	default:
		err = exchange.Errorf(exchange.NotFound, "request.no_route", "no act %q", c.Param("act"))
	}
	s.acted(c, "/inbox/"+string(id), err, s.showArrival)
}

// actOnDocument does what a button on a document says, and shows the document again.
func (s *Screens) actOnDocument(c *gin.Context) {
	acts := map[string]func(context.Context, exchange.Actor, exchange.DocumentID) (exchange.Document, error){
		"sign": s.outgoing().Sign, "seal": s.outgoing().Seal, "send": s.config.Gateway.Send,
		"resend": s.config.Gateway.Resend, "recall": s.takeBack(c),
		"recipients": s.addRecipients(c),
	}
	id := exchange.DocumentID(c.Param("id"))
	if c.Param("act") == "copy" {
		s.copied(c, outgoing.CopyDraft{Document: id}, s.showDocument)
		return
	}
	act, known := acts[c.Param("act")]
	if !known {
		s.fail(c, exchange.Errorf(exchange.NotFound, "request.no_route", "no act %q", c.Param("act")))
		return
	}
	_, err := act(c.Request.Context(), actor(c), id)
	s.acted(c, "/outbox/"+string(id), err, s.showDocument)
}

// acted sends the browser back to the page, or shows the page with what went wrong.
func (s *Screens) acted(c *gin.Context, back string, err error, show func(*gin.Context, int, string)) {
	if err == nil {
		c.Redirect(http.StatusSeeOther, back)
		return
	}
	problem := api.NewProblem(err, lang(c))
	if problem.Status == http.StatusNotFound {
		s.fail(c, err)
		return
	}
	show(c, problem.Status, problem.Detail)
}

func (s *Screens) arrivalBlob(c *gin.Context) (blobFile, error) {
	blob, file, err := s.reading().OpenArrivalFile(
		c.Request.Context(), actor(c), exchange.ArrivalID(c.Param("id")), "")
	return blobFile{blob, file}, err
}

func (s *Screens) documentBlob(c *gin.Context) (blobFile, error) {
	blob, file, err := s.reading().OpenDocumentFile(
		c.Request.Context(), actor(c), exchange.DocumentID(c.Param("id")), "")
	return blobFile{blob, file}, err
}

func (s *Screens) arrivalPage(c *gin.Context)     { s.drawPage(c, s.arrivalBlob) }
func (s *Screens) documentPage(c *gin.Context)    { s.drawPage(c, s.documentBlob) }
func (s *Screens) arrivalContent(c *gin.Context)  { s.download(c, s.arrivalBlob) }
func (s *Screens) documentContent(c *gin.Context) { s.download(c, s.documentBlob) }

// download gives the original bytes, never to be run or framed by a browser.
func (s *Screens) download(c *gin.Context, open func(*gin.Context) (blobFile, error)) {
	blob, err := open(c)
	if err != nil {
		s.fail(c, err)
		return
	}
	defer blob.Close()
	header := c.Writer.Header()
	header.Set("Content-Type", blob.file.MediaType)
	header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": blob.file.Name}))
	header.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	header.Set("ETag", strconv.Quote(string(blob.file.Digest)))
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, blob.reader())
}

// pageNumber reads "3.png".
func pageNumber(text string) (int, error) {
	name, found := strings.CutSuffix(text, ".png")
	number, err := strconv.Atoi(name)
	if err != nil || !found || number < 1 {
		return 0, exchange.Errorf(exchange.NotFound, "page.not_found", "no page %q", text)
	}
	return number, nil
}

// pagesOf lists the images of a document's pages; none when it cannot be drawn, which the screen says.
func (s *Screens) pagesOf(c *gin.Context, base string, blob blobFile) []pageView {
	const width, height = 794, 1123 // A4 at 96 dpi
	count, err := s.config.Pages.Count(c.Request.Context(), blob, blob.Size())
	if err != nil {
		return nil
	}
	views := make([]pageView, 0, min(count, pagesShown))
	for number := 1; number <= min(count, pagesShown); number++ {
		text := strconv.Itoa(number)
		views = append(views, pageView{
			Link: base + "/page/" + text + ".png", Alt: word(lang(c), "page") + " " + text, Width: width, Height: height,
		})
	}
	return views
}
