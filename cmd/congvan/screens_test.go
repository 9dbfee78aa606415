package main

import (
	"bytes"
	"context"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"congvan/exchange"
)

// browser is a person at the screens of a place.
type browser struct {
	client *http.Client
	base   string
}

// logIn opens the screens of a place for its clerk.
func (s *theatre) logIn(t *testing.T, node exchange.NodeID) browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := browser{&http.Client{Jar: jar}, s.urls[node]}
	page, status := b.post(t, "/login", url.Values{"token": {s.staff[node].secrets[exchange.Clerk]}})
	if status != http.StatusOK || !strings.Contains(page, "Văn bản đến") {
		t.Fatalf("logging in: %d\n%s", status, page)
	}
	return b
}

// shown is what the browser got.
type shown struct {
	status int
	header http.Header
}

func (b browser) do(t *testing.T, request *http.Request) (string, shown) {
	t.Helper()
	response, err := b.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer done(response.Body)
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body), shown{response.StatusCode, response.Header}
}

func (b browser) get(t *testing.T, path string) (string, shown) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b.do(t, request)
}

func (b browser) post(t *testing.T, path string, form url.Values) (string, int) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	page, response := b.do(t, request)
	return page, response.status
}

var arrivalLink = regexp.MustCompile(`/inbox/[0-9A-Z]{26}`)

// delivered sends one document from the commune, seals it on the screens, and waits until it was judged.
func delivered(t *testing.T) (*theatre, exchange.DocumentID) {
	t.Helper()
	stage := openTheatre(t)
	stage.start(t, "")
	id := stage.submit(t, stage.staff["commune"])
	clerk := stage.logIn(t, "commune")
	page, _ := clerk.get(t, "/outbox/"+string(id))
	if !strings.Contains(page, "Cấp số và đóng dấu") {
		t.Fatalf("the clerk cannot seal:\n%s", page)
	}
	for _, act := range []string{"/seal", "/send"} {
		if page, status := clerk.post(t, "/outbox/"+string(id)+act, nil); status != http.StatusOK {
			t.Fatalf("%s: %d\n%s", act, status, page)
		}
	}
	stage.arrives(t, id)
	return stage, id
}

// A clerk sees the verdict first, then the pages; accepts with one button; and what is not the clerk's is not there.
func TestTheScreensShowTheVerdictFirstAndActOnOneClick(t *testing.T) {
	t.Parallel()
	stage, id := delivered(t)
	clerk := stage.logIn(t, "province")
	list, _ := clerk.get(t, "/inbox?q=thu+mat+dien")
	link := arrivalLink.FindString(list)
	if link == "" || !strings.Contains(list, "V/v thử mất điện") {
		t.Fatalf("the search without accents does not find it:\n%s", list)
	}
	page, response := clerk.get(t, link)
	verdict, subject := strings.Index(page, "CHỮ KÝ HỢP LỆ"), strings.Index(page, "<h1>")
	if verdict < 0 || subject < verdict {
		t.Errorf("the verdict is not first: %d, %d", verdict, subject)
	}
	if policy := response.header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("policy %q", policy)
	}
	if strings.Contains(page, "<script") || strings.Contains(page, "style=") {
		t.Error("the page carries script or style of its own")
	}
	image, _ := clerk.get(t, link+"/page/1.png")
	if _, err := png.Decode(strings.NewReader(image)); err != nil {
		t.Errorf("page 1: %v", err)
	}
	if _, response := clerk.get(t, link+"/page/2.png"); response.status != http.StatusNotFound {
		t.Errorf("page 2 of 1: %d", response.status)
	}
	if page, status := clerk.post(t, link+"/refuse", url.Values{"reason": {"ngắn"}}); status != http.StatusBadRequest {
		t.Errorf("a refusal without a real reason: %d\n%s", status, page)
	}
	if page, status := clerk.post(t, link+"/accept", nil); status != http.StatusOK ||
		!strings.Contains(page, "đã tiếp nhận") {
		t.Errorf("accepting: %d\n%s", status, page)
	}
	page, status := clerk.post(t, link+"/file", url.Values{"dossier": {"HS-01"}, "retention": {"05"}})
	if status != http.StatusOK || !strings.Contains(page, "đã lưu trữ") {
		t.Errorf("filing: %d\n%s", status, page)
	}
	page, status = clerk.post(t, link+"/copy", url.Values{"form": {"SY"}})
	if verdict := strings.Index(page, "CHỮ KÝ HỢP LỆ"); status != http.StatusOK || verdict < 0 ||
		!strings.Contains(page, "01/SY-UBND") || !strings.Contains(page, "Sao từ văn bản") {
		t.Errorf("copying: %d\n%s", status, page)
	}
	other := stage.logIn(t, "district")
	for _, path := range []string{link, link + "/content", "/outbox/" + string(id)} {
		if _, response := other.get(t, path); response.status != http.StatusNotFound {
			t.Errorf("another office gets %d for %s", response.status, path)
		}
	}
}

func TestAnyFileCanBeDroppedAndJudged(t *testing.T) {
	t.Parallel()
	stage := openTheatre(t)
	clerk := stage.logIn(t, "province")
	letter, err := demoFiles.ReadFile("demo/letter.pdf")
	if err != nil {
		t.Fatal(err)
	}
	for word, content := range map[string][]byte{"KHÔNG CÓ CHỮ KÝ SỐ": letter, "class=\"verdict failed\"": nil} {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		part, err := form.CreateFormFile("file", "thư.pdf")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(content); err != nil {
			t.Fatal(err)
		}
		if err := form.Close(); err != nil {
			t.Fatal(err)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, clerk.base+"/verify", &body)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", form.FormDataContentType())
		if page, _ := clerk.do(t, request); !strings.Contains(page, word) {
			t.Errorf("no %q in:\n%s", word, page)
		}
	}
}

func TestFormsOfOtherSitesAndStrangersAreRefused(t *testing.T) {
	t.Parallel()
	stage := openTheatre(t)
	clerk := stage.logIn(t, "province")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, clerk.base+"/inbox/x/accept", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	if _, response := clerk.do(t, request); response.status != http.StatusForbidden {
		t.Errorf("a form of another site: %d", response.status)
	}
	stranger := browser{&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}, clerk.base}
	for _, path := range []string{"/inbox", "/outbox", "/verify", "/inbox/x/content"} {
		if _, response := stranger.get(t, path); response.header.Get("Location") != "/login" {
			t.Errorf("%s: a stranger gets %d", path, response.status)
		}
	}
}

// A real browser must be able to show every screen under its policy: nothing that a page needs may be refused.
func TestABrowserShowsTheScreens(t *testing.T) {
	t.Parallel()
	chromium := peer(t, "chromium")
	stage, _ := delivered(t)
	clerk := stage.logIn(t, "province")
	target, err := url.Parse(clerk.base)
	if err != nil {
		t.Fatal(err)
	}
	cookies := clerk.client.Jar.Cookies(target)
	forward := httputil.NewSingleHostReverseProxy(target)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, cookie := range cookies {
			r.AddCookie(cookie)
		}
		forward.ServeHTTP(w, r)
	}))
	defer proxy.Close()
	list, _ := clerk.get(t, "/inbox")
	for path, want := range map[string]string{
		"/login": "Mã truy cập", "/inbox": "V/v thử mất điện", "/outbox": "Văn bản đi", "/verify": "Thả tệp",
		arrivalLink.FindString(list): "CHỮ KÝ HỢP LỆ",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		show := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
			"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
			"--enable-logging=stderr", "--user-data-dir="+t.TempDir(), "--virtual-time-budget=5000", "--dump-dom",
			proxy.URL+path)
		var complaints bytes.Buffer
		show.Stderr = &complaints
		dom, err := show.Output()
		cancel()
		if err != nil || !strings.Contains(string(dom), want) {
			t.Errorf("%s: %v, no %q in\n%s", path, err, want, dom)
		}
		for line := range strings.Lines(complaints.String()) {
			if strings.Contains(line, "CONSOLE") {
				t.Errorf("%s: %s", path, line)
			}
		}
	}
}

// peer finds a program of another project. Where it must be there, its absence is a failure.
func peer(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("CONGVAN_REQUIRE_PEERS") == "1" {
		t.Fatalf("%s is not installed", name)
	}
	t.Skipf("%s is not installed", name)
	return ""
}
