// Package web answers: what do clerks, leaders and archivists see, and with which click do they act?
//
// The screens are rendered on the server and work without script. They call the same functions of package exchange as
// the API does, so that rights and log entries are the same; nothing is decided here.
package web

import (
	"context"
	"embed"
	"errors"
	"html/template"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"congvan/api"
	"congvan/archive"
	"congvan/exchange"
	"congvan/exchange/evidence"
	"congvan/exchange/expiry"
	"congvan/exchange/handover"
	"congvan/exchange/remind"
	"congvan/exchange/roll"
	"congvan/pages"
)

//go:embed static templates
var files embed.FS

// Config is what the screens are made of.
type Config struct {
	Gateway  *exchange.Gateway
	Archive  *archive.Keeper
	Notary   *evidence.Notary
	Pages    *pages.Renderer
	Reports  *api.Reporter
	Reminder *remind.Reminder
	Desk     *handover.Desk
	Roll     *roll.Roll
	Tokens   Tokens
	// Authenticate gives who holds an access token; see api.Server.
	Authenticate func(ctx context.Context, secret string) (exchange.Actor, error)
	// Expiries gives the ends of the certificates that the gateway rests on, as far as they are known.
	Expiries func() []expiry.End
	Log      *slog.Logger
	Secure   bool // people reach the screens by https: cookies are only sent there
	Demo     bool // a notice says that certificates are for trying out
}

// Tokens makes, lists and revokes access tokens; see api.Server.
type Tokens interface {
	ListTokens(ctx context.Context, actor exchange.Actor) ([]api.Token, error)
	IssueToken(
		ctx context.Context, actor, holder exchange.Actor, until time.Time,
	) (api.NewTokenAnswer, error)
	RevokeToken(ctx context.Context, actor exchange.Actor, id exchange.Digest) error
}

// Screens are the pages that people see.
type Screens struct {
	config    Config
	templates map[string]*template.Template
	static    http.Handler
	gate      turnstile
}

// New reads the templates; it fails only when the program was built wrongly.
func New(config Config) (*Screens, error) {
	s := &Screens{config: config, templates: map[string]*template.Template{}}
	functions := template.FuncMap{"list": func(values ...any) []any { return values }}
	for _, name := range []string{
		"login", "list", "document", "token", "verify", "changes", "check", "deadlines", "ontime", "problem", "compose",
		"mailboxes", "directory",
	} {
		page, err := template.New(name).Funcs(functions).ParseFS(files,
			"templates/layout.html", "templates/parts.html", "templates/"+name+".html")
		if err != nil {
			return nil, err
		}
		s.templates[name] = page
	}
	static, err := fs.Sub(files, "static")
	if err != nil {
		return nil, err
	}
	s.static = http.StripPrefix("/static/", http.FileServerFS(static))
	return s, nil
}

// Mount puts the screens on an engine, beside the API.
func (s *Screens) Mount(engine *gin.Engine) {
	open := engine.Group("/", s.protect, s.chooseLanguage)
	open.GET("/", func(c *gin.Context) { c.Redirect(http.StatusSeeOther, "/inbox") })
	open.GET("/static/*file", func(c *gin.Context) { s.static.ServeHTTP(c.Writer, c.Request) })
	open.GET("/login", s.showLogin)
	open.POST("/login", s.login)
	open.POST("/logout", s.logout)
	open.GET(api.CheckPath+":attestation", s.check)
	open.POST(api.CheckPath+":attestation", s.compareWithReport)

	known := open.Group("/", s.known)
	known.GET("/inbox", s.inbox)
	known.GET("/inbox/:id", s.arrival)
	known.GET("/inbox/:id/page/:page", s.arrivalPage)
	known.GET("/inbox/:id/content", s.arrivalContent)
	known.GET("/inbox/:id/report.pdf", s.arrivalReport)
	known.GET("/inbox/:id/report.xml", s.arrivalETSI)
	known.GET("/inbox/:id/verdict.json", s.arrivalBundle)
	known.GET("/inbox/:id/changes", s.arrivalChanges)
	known.POST("/inbox/:id/:act", s.actOnArrival)
	known.GET("/outbox", s.outbox)
	known.GET("/outbox/:id", s.document)
	known.GET("/outbox/:id/page/:page", s.documentPage)
	known.GET("/outbox/:id/content", s.documentContent)
	known.POST("/outbox/:id/token", s.beginToken)
	known.GET("/outbox/:id/token/:session", s.token)
	known.POST("/outbox/:id/token/:session", s.uploadToken)
	known.GET("/outbox/:id/report.pdf", s.documentReport)
	known.POST("/outbox/:id/:act", s.actOnDocument)
	known.GET("/evidence/:id", s.evidence)
	if s.config.Reminder != nil {
		known.GET("/deadlines", s.deadlines)
		known.GET("/reports/on-time", s.onTime)
		known.GET("/reports/on-time/items", s.behind)
	}
	known.GET("/compose", s.showCompose)
	known.POST("/compose", s.compose)
	if s.config.Desk != nil {
		known.GET("/mailboxes", s.mailboxes)
		known.POST("/mailboxes/:act", s.actOnMailbox)
	}
	if s.config.Roll != nil {
		known.GET("/directory", s.directory)
		known.POST("/directory/diff", s.compareDirectory)
		known.POST("/directory/approve", s.approveDirectory)
	}
	known.GET("/verify", s.showVerify)
	known.POST("/verify", s.verify)
	known.POST("/verify/report.pdf", s.verifyReport)
}

// policy lets a page load its own style and images and nothing else: no script, no frame, no other host.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; " +
	"frame-ancestors 'none'; base-uri 'none'"

// protect sets the headers of every page and refuses forms that come from other sites.
func (s *Screens) protect(c *gin.Context) {
	header := c.Writer.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
	if err := http.NewCrossOriginProtection().Check(c.Request); err != nil {
		s.fail(c, exchange.Errorf(exchange.Denied, "access.cross_site", "%w", err))
		c.Abort()
	}
}

// page is what every template is given.
type page struct {
	Lang       api.Lang
	Title      string
	Here       string
	Actor      exchange.Actor
	OfficeName string
	Reads      bool
	Submits    bool
	Manages    bool
	Demo       bool
	Ending     []string // what is to be said of certificates that end soon
	View       any
}

// Word gives a word of the screens in the page's language.
func (p page) Word(key string) string { return word(p.Lang, key) }

// Retentions lists the retention periods, the shortest first.
func (p page) Retentions() []factView {
	var list []factView
	periods := []archive.Retention{
		archive.TenYears, archive.TwentyYears, archive.ThirtyYears, archive.FiftyYears, archive.SeventyYears,
		archive.Permanent,
	}
	for _, period := range periods {
		text := word(p.Lang, "permanent")
		if years, _ := period.Years(); years > 0 {
			text = strconv.Itoa(years) + " " + word(p.Lang, "years")
		}
		list = append(list, factView{string(period), text})
	}
	return list
}

// show renders a page. What fails half-way can only be logged: the head has gone.
func (s *Screens) show(c *gin.Context, status int, name, here string, view any) {
	s.render(c, status, name, page{Here: here, Title: word(lang(c), here), View: view})
}

func (s *Screens) render(c *gin.Context, status int, name string, p page) {
	p.Lang, p.Demo = lang(c), s.config.Demo
	p.Actor = actor(c)
	p.Reads, p.Submits = p.Actor.May(exchange.ActRead) == nil, p.Actor.May(exchange.ActSubmit) == nil
	p.Manages = p.Actor.May(exchange.ActManage) == nil
	if p.Actor.Office != "" {
		p.OfficeName = s.officeName(p.Actor.Office)
		p.Ending = s.ending(p.Lang, p.Actor.Office)
	}
	c.Header("Content-Type", "text/html; charset=utf-8")
	c.Status(status)
	if err := s.templates[name].ExecuteTemplate(c.Writer, "layout", p); err != nil && !isGone(c) {
		s.config.Log.LogAttrs(c, slog.LevelError, "render page", slog.String("page", name), slog.Any("error", err))
	}
}

// fail shows the sentence of an error on a page of its own, with the status the API would give.
func (s *Screens) fail(c *gin.Context, err error) {
	problem := api.NewProblem(err, lang(c))
	if problem.Status >= http.StatusInternalServerError {
		s.config.Log.LogAttrs(c, slog.LevelError, "answer page", slog.Any("error", err))
	}
	s.render(c, problem.Status, "problem", page{Title: problem.Title, View: problem.Detail})
}

func isGone(c *gin.Context) bool { return c.Request.Context().Err() != nil }

func (s *Screens) officeName(id exchange.OfficeID) string {
	return s.config.Gateway.Directory().NameOf(id, exchange.Today(s.config.Gateway.Now()))
}

// shown writes a moment as people here read it.
func shown(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return exchange.InVietnam(at).Format("02/01/2006 15:04:05")
}

// blobFile is an open stored file with what it is called.
type blobFile struct {
	exchange.Blob
	file exchange.File
}

func (b blobFile) reader() *io.SectionReader { return io.NewSectionReader(b, 0, b.Size()) }

// drawPage answers with the image of one page.
func (s *Screens) drawPage(c *gin.Context, open func(*gin.Context) (blobFile, error)) {
	number, err := pageNumber(c.Param("page"))
	if err != nil {
		s.fail(c, err)
		return
	}
	blob, err := open(c)
	if err != nil {
		s.fail(c, err)
		return
	}
	defer blob.Close()
	image, err := s.config.Pages.PNG(c.Request.Context(), blob, blob.Size(), number, pageDPI)
	switch {
	case err == nil:
		c.Header("Cache-Control", "private, max-age=3600") // the bytes never change
		c.Data(http.StatusOK, "image/png", image)
	case errors.Is(err, pages.ErrNoPage):
		s.fail(c, exchange.Errorf(exchange.NotFound, "page.not_found", "%w", err))
	default:
		s.fail(c, exchange.Errorf(exchange.Invalid, "page.not_drawn", "%w", err))
	}
}
