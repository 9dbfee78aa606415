package api_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"congvan/api"
	"congvan/exchange"
	"congvan/exchange/handover"
	"congvan/exchange/roll"
	"congvan/exchange/session"
)

// openTo says which roles may use a route; "everybody" needs no token at all. {document} and {arrival} stand for ids of
// the department, {token} for one of its tokens. Every route has a row: a new one without fails the test.
var matrix = []struct {
	method, path string
	roles        string
	body         string // JSON; "form" for a file
}{
	{"GET", "/health", "everybody", ""},
	{"GET", "/ready", "everybody", ""},
	{"GET", "/problems", "everybody", ""},
	{"GET", "/problems/:code", "everybody", ""},
	{"GET", "/openapi.json", "everybody", ""},
	{"GET", "/openapi.yaml", "everybody", ""},
	{"GET", "/me", "clerk leader archivist administrator system", ""},
	{"GET", "/offices", "clerk leader archivist administrator system", ""},
	{"POST", "/verify", "clerk leader archivist administrator", "form"},
	{"POST", "/documents", "clerk leader", "form"},
	{"GET", "/documents", "clerk leader archivist", ""},
	{"GET", "/documents/:id", "clerk leader archivist", ""},
	{"GET", "/documents/:id/content", "clerk leader archivist", ""},
	{"GET", "/documents/:id/timeline", "clerk leader archivist", ""},
	{"GET", "/documents/:id/receipts", "clerk leader archivist", ""},
	{"GET", "/documents/:id/explanation", "clerk leader archivist", ""},
	{"GET", "/documents/:id/evidence", "clerk leader archivist", ""},
	{"POST", "/documents/:id/sign", "leader", ""},
	{"POST", "/documents/:id/seal", "clerk", ""},
	{"POST", "/documents/:id/send", "clerk", ""},
	{"POST", "/documents/:id/copy", "clerk", `{"form":"SY"}`},
	{"POST", "/documents/:id/resend", "clerk", ""},
	{"POST", "/documents/:id/recall", "clerk", `{"reason":"Gửi nhầm bản dự thảo"}`},
	{"GET", "/documents/:id/links", "clerk leader archivist", ""},
	{"POST", "/inbox/:id/recall", "clerk", `{"agree":true}`},
	{"POST", "/documents/:id/recipients", "clerk", `{"recipients":["H42"]}`},
	{"GET", "/withdrawn", "clerk leader archivist", ""},
	{"GET", "/parked", "clerk leader archivist", ""},
	{"POST", "/documents/:id/file", "clerk archivist", `{"dossier":"HS-1","retention":"06"}`},
	{"GET", "/inbox", "clerk leader archivist", ""},
	{"GET", "/inbox/:id", "clerk leader archivist", ""},
	{"GET", "/inbox/:id/content", "clerk leader archivist", ""},
	{"GET", "/inbox/:id/report", "clerk leader archivist", ""},
	{"GET", "/inbox/:id/report.pdf", "clerk leader archivist", ""},
	{"GET", "/inbox/:id/changes", "clerk leader archivist", ""},
	{"GET", "/inbox/:id/changes/:page", "clerk leader archivist", ""},
	{"GET", "/documents/:id/report.pdf", "clerk leader archivist", ""},
	{"POST", "/verify/report.pdf", "clerk leader archivist administrator", "form"},
	{"GET", "/inbox/:id/report/etsi", "clerk leader archivist", ""},
	{"GET", "/inbox/:id/evidence", "clerk leader archivist", ""},
	{"POST", "/inbox/:id/accept", "clerk", ""},
	{"POST", "/inbox/:id/refuse", "clerk", `{"reason":"Văn bản gửi nhầm cơ quan nhận"}`},
	{"POST", "/inbox/:id/status", "clerk", `{"status":"04"}`},
	{"POST", "/inbox/:id/copy", "clerk", `{"form":"SY"}`},
	{"POST", "/inbox/:id/file", "clerk archivist", `{"dossier":"HS-1","retention":"06"}`},
	{"POST", "/signing-sessions", "leader", `{"step":"signed","way":"value","documents":["{document}"]}`},
	{"GET", "/signing-sessions/:id", "clerk leader archivist", ""},
	{"GET", "/signing-sessions/:id/content?document={document}", "clerk leader", ""},
	{"POST", "/signing-sessions/:id/links", "clerk leader", `{"document":"{document}"}`},
	{"POST", "/signing-sessions/:id/finish", "clerk leader", `{"documents":[{"id":"{document}","signature":"AAAA"}]}`},
	{"GET", "/signing-links/:secret/document.pdf", "everybody", ""},
	{"POST", "/signing-links/:secret", "everybody", "form"},
	{"GET", "/tokens", "administrator", ""},
	{"POST", "/tokens", "administrator", `{"name":"Phạm Thị Dung","role":"clerk"}`},
	{"DELETE", "/tokens/:id", "administrator", ""},
	{"GET", "/metrics", "administrator", ""},
	{"GET", "/deadlines", "clerk leader archivist", ""},
	{"GET", "/documents/:id/deadlines", "clerk leader archivist", ""},
	{"GET", "/reports/on-time?from=2026-03-01&to=2026-03-31", "clerk leader archivist", ""},
	{
		"GET", "/reports/on-time/items?from=2026-03-01&to=2026-03-31&duty=receive&outcome=running",
		"clerk leader archivist", "",
	},
	{"POST", "/revocation", "administrator", "form"},
	{"POST", "/mailbox/:system/lease", "system", `{"minutes":1}`},
	{"GET", "/mailbox/:system/events/:event/content", "system", ""},
	{"POST", "/mailbox/:system/ack", "system", `{"events":["{event}"]}`},
	{"GET", "/mailboxes", "administrator", ""},
	{"PUT", "/mailboxes/:system", "administrator", "{}"},
	{"POST", "/mailboxes/:system/rotate", "administrator", "{}"},
	{"POST", "/mailboxes/:system/ping", "administrator", ""},
	{"GET", "/directory", "administrator", ""},
	{"POST", "/directory/diff", "administrator", "form"},
	{"POST", "/directory/approve?digest=la", "administrator", "form"},
	{"POST", "/directory/records", "administrator", `{"records":["AQ=="]}`},
}

var roles = []exchange.Role{
	exchange.Clerk, exchange.Leader, exchange.Archivist, exchange.Administrator, exchange.DocumentSystem,
}

// secretSubject is what nobody but the department and the commune may see.
const secretSubject = "V/v báo cáo tình hình chuyển đổi số"

func TestNoRouteTellsAnythingToOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(config *api.Config) {
		now := config.Gateway.Directory()
		config.Roll = &roll.Roll{
			Gateway: config.Gateway, File: exchange.DirectoryFile{Nodes: now.Nodes(), Offices: now.Offices("", 9)},
		}
		must(t, config.Roll.Open(t.Context()))
	})
	event := w.mailboxOf(t, department)
	_, arrival := w.issued(t)
	owner := w.province.client(t, "Lê Văn Cường", department, exchange.Clerk)
	document, err := owner.Submit(t.Context(), submission("H42"))
	must(t, err)
	secret := w.province.token(t, "Người nghỉ việc", department, exchange.Clerk)
	cells := cells{t: t, world: w, ids: map[string]string{
		"documents": string(document.ID), "inbox": string(arrival), "tokens": string(api.HashToken(secret)),
		"problems": "internal", "event": event(),
	}}
	cells.ids["signing-sessions"], cells.ids["signing-links"] = w.takenOut(t, document.ID)
	rows := map[string]bool{}
	for _, row := range matrix {
		path, _, _ := strings.Cut(row.path, "?")
		rows[row.method+" /api/v1"+path] = true
		cells.ask(row.method, row.path, row.body, row.roles)
	}
	for _, route := range w.province.server.Handler().(*gin.Engine).Routes() {
		if !rows[route.Method+" "+route.Path] {
			t.Errorf("%s %s has no row in the matrix", route.Method, route.Path)
		}
	}
	t.Logf("%d cells", cells.count)
	if cells.count < 250 {
		t.Errorf("only %d cells", cells.count)
	}
}

// mailboxOf gives an office of the province's gateway a mailbox, and the way to the first event in it.
func (w *world) mailboxOf(t *testing.T, office exchange.OfficeID) (first func() string) {
	t.Helper()
	manager := exchange.Actor{Name: "Quản trị", Office: office, Role: exchange.Administrator}
	_, _, err := w.province.desk.Define(t.Context(), manager, "ioffice", exchange.MailboxOrder{})
	must(t, err)
	return func() string {
		system := exchange.Actor{Name: "ioffice", Office: office, Role: exchange.DocumentSystem}
		events, err := w.province.desk.Lease(t.Context(), system, "ioffice", handover.Ask{Most: 1})
		must(t, err)
		return events[0].ID
	}
}

// takenOut begins a session for a signing tool on the department's document and gives its id and its download link.
func (w *world) takenOut(t *testing.T, document exchange.DocumentID) (id, secret string) {
	t.Helper()
	leader := exchange.Actor{Name: leaderName, Office: department, Role: exchange.Leader}
	sessions := session.Desk{Gateway: w.province.gateway}
	begun, err := sessions.Begin(t.Context(), leader, session.Order{
		Step: exchange.StepSigned, Way: exchange.ByUpload, Documents: []exchange.DocumentID{document},
	})
	must(t, err)
	links, err := sessions.Link(t.Context(), leader, begun.ID, exchange.PartID{Document: document})
	must(t, err)
	return string(begun.ID), links.Download
}

// asker is somebody of an office, or nobody.
type asker struct {
	role   exchange.Role
	office exchange.OfficeID
}

type cells struct {
	t     *testing.T
	world *world
	ids   map[string]string // by the first part of the path
	count int
}

func (c *cells) ask(method, path, body, allowed string) {
	c.t.Helper()
	needsID := strings.Contains(path, ":")
	family := strings.Split(path, "/")[1]
	fill := strings.NewReplacer(":system", "ioffice", ":event", c.ids["event"], "{event}", c.ids["event"],
		":id", c.ids[family], ":code", c.ids[family], ":secret", c.ids[family],
		"{document}", c.ids["documents"], ":page", "1")
	filled, body := fill.Replace(path), fill.Replace(body)
	c.cell(method, filled, body, asker{}, wantFor(allowed, "", false))
	for _, role := range roles {
		for _, office := range []exchange.OfficeID{department, province} {
			foreign := needsID && office != department && family != "mailboxes" // of which everybody has own ones
			c.cell(method, filled, body, asker{role, office}, wantFor(allowed, role, foreign))
		}
	}
}

// wantFor says which status is right; 0 is any that answers the request itself.
func wantFor(allowed string, role exchange.Role, foreign bool) int {
	switch {
	case allowed == "everybody":
		return http.StatusOK
	case role == "":
		return http.StatusUnauthorized
	case !slices.Contains(strings.Fields(allowed), string(role)):
		return http.StatusForbidden
	case foreign:
		return http.StatusNotFound
	default:
		return 0
	}
}

func (c *cells) cell(method, path, body string, who asker, want int) {
	role, office := who.role, who.office
	c.t.Helper()
	c.count++
	token := ""
	if role != "" {
		holder := "Người thử " + fmt.Sprint(c.count)
		if role == exchange.DocumentSystem {
			holder = "ioffice"
		}
		token = c.world.province.token(c.t, holder, office, role)
	}
	content, mediaType := bodyFor(path, body)
	request := newRequest(c.t, method, c.world.province.people.URL+"/api/v1"+path, token, content)
	if mediaType != "" {
		request.Header.Set("Content-Type", mediaType)
	}
	response, answer := ask(c.t, request)
	name := fmt.Sprintf("%s %s as %s of %s", method, path, role, office)
	switch got := response.StatusCode; {
	case want != 0 && got != want:
		c.t.Errorf("%s: status %d, want %d: %.200s", name, got, want, answer)
	case want == 0 && slices.Contains([]int{401, 403, 404, 405, 429, 500, 503}, got) && !excused(answer):
		c.t.Errorf("%s: status %d: %.300s", name, got, answer)
	}
	if office == department && want == 0 {
		return
	}
	for _, secret := range []string{secretSubject, c.ids["documents"], c.ids["inbox"]} {
		if bytes.Contains(answer, []byte(secret)) {
			c.t.Errorf("%s: the answer tells %q", name, secret)
		}
	}
}

// excused knows the refusals that come from the document and not from the route: the department has no keys here, and
// the directory no signed log.
func excused(answer []byte) bool {
	for _, code := range []string{
		"directory.not_keeper", "key.not_found", "sign.not_signatory", "document.numbered", "session.not_yours",
	} {
		if bytes.Contains(answer, []byte(`"`+code+`"`)) {
			return true
		}
	}
	return false
}

// bodyFor gives the body of a row: JSON, a form with a document, or the bytes of a file.
func bodyFor(path, body string) (io.Reader, string) {
	switch {
	case body == "form" && path == "/documents":
		var buffer bytes.Buffer
		form := multipart.NewWriter(&buffer)
		part, _ := form.CreateFormField("document")
		io.WriteString(part, `{"kind":"CV","subject":"Thử","secrecy":"none",`+
			`"signatory":{"name":"Nguyễn Văn An","position":""},"recipients":["H42.25.11"]}`)
		part, _ = form.CreateFormFile("file", "a.pdf")
		part.Write(letter())
		form.Close()
		return &buffer, form.FormDataContentType()
	case body == "form":
		return bytes.NewReader(letter()), "application/pdf"
	case body != "":
		return strings.NewReader(body), "application/json"
	default:
		return nil, ""
	}
}
