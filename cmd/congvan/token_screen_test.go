package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1" // the handshake of RFC 6455 names it; nothing is protected by it
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"congvan/api"
	"congvan/certs"
	"congvan/exchange"
	"congvan/signing"
)

// unsigned hands in a document of the commune that waits for its leader.
func (s *theatre) unsigned(t *testing.T) exchange.DocumentID {
	t.Helper()
	letter, err := demoFiles.Open("demo/letter.pdf")
	if err != nil {
		t.Fatal(err)
	}
	commune := s.world.places[0]
	document, err := s.staff["commune"].clerk.Submit(t.Context(), api.Submission{
		Draft: api.Draft{
			Kind: "CV", Subject: "V/v ký bằng USB token", Secrecy: exchange.NotSecret, Recipients: []string{"H40"},
			Signatory: exchange.Signatory{Name: commune.leader, Position: commune.position},
		},
		File: api.NamedFile{Name: "letter.pdf", Content: letter},
	})
	if err != nil {
		t.Fatal(err)
	}
	return document.ID
}

// leaderAt opens the screens of the commune for its leader.
func (s *theatre) leaderAt(t *testing.T) browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := browser{&http.Client{Jar: jar}, s.urls["commune"]}
	b.post(t, "/login", url.Values{"token": {s.staff["commune"].secrets[exchange.Leader]}})
	return b
}

// usb is the leader's token: a key that no gateway holds.
func (s *theatre) usb(t *testing.T) certs.Identity {
	t.Helper()
	commune := s.world.places[0]
	identity, err := s.world.authority.Leader(commune.leader, commune.position, commune.name, certs.ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	return identity
}

// signAlone is what a signing tool does by itself.
func (s *theatre) signAlone(ctx context.Context, document []byte, holder certs.Identity) ([]byte, error) {
	stamper, err := certs.NewTSA(certs.Timestamping{URLs: []string{s.world.authority.TimestampURL()}, Now: time.Now})
	if err != nil {
		return nil, err
	}
	signed, err := signing.SignPDF(ctx, bytes.NewReader(document), int64(len(document)), signing.Order{
		Identity: holder, Level: signing.LevelT, Stamper: stamper, At: time.Now(),
	})
	return append(bytes.Clone(document), signed.Tail...), err
}

// uploadForm is the form that brings a signed file back.
func uploadForm(file []byte) (body *bytes.Buffer, contentType string, err error) {
	body = &bytes.Buffer{}
	form := multipart.NewWriter(body)
	part, err := form.CreateFormFile("uploadfile", "letter.pdf")
	if err != nil {
		return nil, "", err
	}
	if _, err := part.Write(file); err != nil {
		return nil, "", err
	}
	return body, form.FormDataContentType(), form.Close()
}

var (
	tokenPage    = regexp.MustCompile(`/outbox/[0-9A-Z]{26}/token/[0-9A-Z]{26}`)
	downloadLink = regexp.MustCompile(`/api/v1/signing-links/[A-Za-z0-9_-]{43}/document\.pdf`)
)

func TestALeaderSignsByDownloadingAndUploading(t *testing.T) {
	t.Parallel()
	stage := openTheatre(t)
	stage.start(t, "")
	id := stage.unsigned(t)
	leader := stage.leaderAt(t)
	page, status := leader.post(t, "/outbox/"+string(id)+"/token", nil)
	here, link := tokenPage.FindString(page), downloadLink.FindString(page)
	if status != http.StatusOK || here == "" || link == "" || !strings.Contains(page, "Cắm USB token") {
		t.Fatalf("%d %s", status, page)
	}
	_, response := leader.get(t, here)
	policy := response.header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "script-src 'self'; connect-src wss://127.0.0.1:8987") {
		t.Errorf("policy %q", policy)
	}
	if _, response := leader.get(t, "/outbox/"+string(id)); strings.Contains(
		response.header.Get("Content-Security-Policy"), "script-src") {
		t.Error("another page may run scripts")
	}
	document, _ := leader.get(t, link)
	signed, err := stage.signAlone(t.Context(), []byte(document), stage.usb(t))
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		document: "Tệp tải lên không bắt đầu bằng đúng văn bản đã giao",
		"":       "Tệp tải lên không bắt đầu bằng đúng văn bản đã giao",
	} {
		if page := leader.upload(t, here, []byte(file)); !strings.Contains(page, want) {
			t.Errorf("an unsigned file: no %q in\n%s", want, page)
		}
	}
	if page := leader.upload(t, here, signed); !strings.Contains(page, "lãnh đạo đã ký") {
		t.Errorf("not signed:\n%s", page)
	}
	if page, _ := leader.get(t, here); !strings.Contains(page, "Phiên ký này đã hoàn tất") {
		t.Errorf("a finished session does not say so:\n%s", page)
	}
	page, _ = stage.logIn(t, "commune").post(t, "/outbox/"+string(id)+"/token", nil)
	for _, want := range []string{`data-verb="SignIssued"`, `data-number="01/UBND"`, `data-date="20`} {
		if !strings.Contains(page, want) {
			t.Errorf("the tool that seals is not told %s:\n%s", want, page)
		}
	}
}

func (b browser) upload(t *testing.T, path string, file []byte) string {
	t.Helper()
	body, contentType, err := uploadForm(file)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.base+path, body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	page, _ := b.do(t, request)
	return page
}

// plugin is a signing tool that listens on the desk as VGCASignService does: it takes one message over a WebSocket,
// fetches the document, signs it with the token, brings it back and answers.
type plugin struct {
	stage *theatre
	usb   certs.Identity
	said  chan string
}

func (p plugin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	conn, stream, err := http.NewResponseController(w).Hijack()
	if err != nil {
		p.said <- err.Error()
		return
	}
	defer done(conn)
	fmt.Fprintf(stream, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Accept: %s\r\n\r\n", base64.StdEncoding.EncodeToString(sum[:]))
	if err := stream.Flush(); err != nil {
		p.said <- err.Error()
		return
	}
	answer := `{"Status":0}`
	message, err := frame(stream.Reader)
	if err == nil {
		err = p.sign(r.Context(), r.URL.Path, message)
	}
	if err != nil {
		answer = fmt.Sprintf(`{"Status":500,"Message":%q}`, err)
	}
	p.said <- answer
	_, _ = stream.Write(append([]byte{0x81, byte(len(answer))}, answer...))
	_ = stream.Flush()
	_, _ = io.Copy(io.Discard, stream) // until the page has heard it
}

// frame reads one masked text frame (RFC 6455, 5.2).
func frame(from *bufio.Reader) ([]byte, error) {
	head := make([]byte, 2)
	if _, err := io.ReadFull(from, head); err != nil {
		return nil, err
	}
	size := uint64(head[1] & 0x7f)
	if size == 126 {
		long := make([]byte, 2)
		if _, err := io.ReadFull(from, long); err != nil {
			return nil, err
		}
		size = uint64(binary.BigEndian.Uint16(long))
	}
	masked := make([]byte, 4+size)
	if _, err := io.ReadFull(from, masked); err != nil {
		return nil, err
	}
	for i := range masked[4:] {
		masked[4+i] ^= masked[i%4]
	}
	return masked[4:], nil
}

func (p plugin) sign(ctx context.Context, verb string, message []byte) error {
	var asked struct {
		Upload   string `json:"FileUploadHandler"`
		Download string `json:"FileName"`
	}
	if err := json.Unmarshal(message, &asked); err != nil || verb != "/SignApproved" {
		return fmt.Errorf("%s %s: %w", verb, message, err)
	}
	document, err := exchanged(ctx, http.MethodGet, asked.Download, "", http.NoBody)
	if err != nil {
		return err
	}
	signed, err := p.stage.signAlone(ctx, document, p.usb)
	if err != nil {
		return err
	}
	body, contentType, err := uploadForm(signed)
	if err != nil {
		return err
	}
	text, err := exchanged(ctx, http.MethodPost, asked.Upload, contentType, body)
	var answer struct {
		Status bool `json:"Status"`
	}
	if err == nil && (json.Unmarshal(text, &answer) != nil || !answer.Status) {
		err = fmt.Errorf("answer %s", text)
	}
	return err
}

// exchanged asks without cookie or token, and reads the answer.
func exchanged(ctx context.Context, method, address, contentType string, body io.Reader) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", contentType)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer done(response.Body)
	return io.ReadAll(response.Body)
}

// A real browser presses the button: with a tool on the desk the document is signed; without, the page says what to do.
func TestTheButtonOfTheTokenPageTalksToTheToolOnTheDesk(t *testing.T) {
	t.Parallel()
	chromium := peer(t, "chromium")
	stage := openTheatre(t)
	stage.start(t, "")
	leader := stage.leaderAt(t)
	tool := plugin{stage, stage.usb(t), make(chan string, 1)}
	desk := httptest.NewTLSServer(tool)
	defer desk.Close()
	id := stage.unsigned(t)
	page, _ := leader.post(t, "/outbox/"+string(id)+"/token", nil)
	here := tokenPage.FindString(page)

	nobody := "127.0.0.1:9" // discard: nobody listens there
	dom := pressed(t, chromium, leader, here, nobody)
	if !strings.Contains(dom, `data-say="absent" class="verdict failed">`) {
		t.Errorf("without the tool:\n%s", dom)
	}
	dom = pressed(t, chromium, leader, here, desk.Listener.Addr().String())
	select {
	case said := <-tool.said:
		if said != `{"Status":0}` {
			t.Errorf("the tool says %s", said)
		}
	default:
		t.Errorf("the tool was not called:\n%s", dom)
	}
	document, err := stage.staff["commune"].leader.Document(t.Context(), id)
	if err != nil || document.Step != exchange.StepSigned {
		t.Errorf("the document is %s, %v", document.Step, err)
	}
}

// pressing presses the button, and keeps the page from being complete until it has been decided what comes of it.
const pressing = `
const load = (path) => { const image = new Image(); image.src = path; document.body.append(image); };
load('/held');
new MutationObserver(() => {
  if (document.querySelector('[data-say]:not([data-say="waiting"]):not([hidden])')) { load('/decided'); }
}).observe(document.getElementById('tool'), {subtree: true, attributes: true});
document.querySelector('#tool button').click();
`

// pressed shows a page of a person in a browser, presses the button, and gives what is shown in the end. The address
// of the tool leads to the one given.
func pressed(t *testing.T, chromium string, who browser, path, tool string) string {
	t.Helper()
	target, err := url.Parse(who.base)
	if err != nil {
		t.Fatal(err)
	}
	forward := httputil.NewSingleHostReverseProxy(target)
	forward.ModifyResponse = func(response *http.Response) error {
		if !strings.HasSuffix(response.Request.URL.Path, "/sign.js") {
			return nil
		}
		script, err := io.ReadAll(response.Body)
		script = append(script, pressing...)
		response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(script)), int64(len(script))
		response.Header.Set("Content-Length", fmt.Sprint(len(script)))
		return err
	}
	decided, decide := context.WithCancel(t.Context())
	defer decide()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/held":
			select {
			case <-decided.Done():
			case <-r.Context().Done():
			}
			return
		case r.URL.Path == "/decided", strings.HasPrefix(path, r.URL.Path+"/"):
			decide()
		}
		if !strings.HasPrefix(r.URL.Path, "/api/") { // the tool sends no cookie
			for _, cookie := range who.client.Jar.Cookies(target) {
				r.AddCookie(cookie)
			}
		}
		forward.ServeHTTP(w, r)
	}))
	defer proxy.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	show := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
		"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--user-data-dir="+t.TempDir(), "--ignore-certificate-errors",
		"--host-resolver-rules=MAP 127.0.0.1:8987 "+tool, "--dump-dom", proxy.URL+path)
	dom, err := show.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, dom)
	}
	return string(dom)
}
