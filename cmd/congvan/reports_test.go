package main

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var checkAddress = regexp.MustCompile(`/URI \((https?://[^/]+)(/check/[A-Za-z0-9_-]+)\)`)

// give posts a file as a form does.
func (b browser) give(t *testing.T, path string, content []byte) (string, shown) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "văn bản.pdf")
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.base+path, io.Reader(&body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", form.FormDataContentType())
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(t, request)
}

// A clerk prints the report; whoever holds it finds out, without an account, that the gateway made it, and whether a
// file is the one that was judged. Nothing of the document is told.
func TestWhoHoldsTheReportCanCheckItWithoutAnAccount(t *testing.T) {
	t.Parallel()
	stage, _ := delivered(t)
	clerk := stage.logIn(t, "province")
	list, _ := clerk.get(t, "/inbox")
	link := arrivalLink.FindString(list)
	showsWhatChanged(t, clerk, link)
	paper, response := clerk.get(t, link+"/report.pdf")
	if response.status != http.StatusOK || response.header.Get("Content-Type") != "application/pdf" {
		t.Fatalf("the report: %d\n%.300s", response.status, paper)
	}
	found := checkAddress.FindStringSubmatch(paper)
	if found == nil || found[1] != clerk.base {
		t.Fatalf("the report leads nowhere: %q", found)
	}
	stranger := browser{&http.Client{}, clerk.base}
	page, response := stranger.get(t, found[2])
	if response.status != http.StatusOK || !strings.Contains(page, "CHỮ KÝ HỢP LỆ") {
		t.Errorf("the check page: %d\n%s", response.status, page)
	}
	for _, secret := range []string{"thử mất điện", "Nguyễn Văn An", "UBND", "/inbox/"} {
		if strings.Contains(page, secret) {
			t.Errorf("the public page tells %q", secret)
		}
	}
	original, _ := clerk.get(t, link+"/content")
	if page, _ := stranger.give(t, found[2], []byte(original)); !strings.Contains(page, "ĐÚNG TỆP") {
		t.Errorf("the same file is not recognised:\n%s", page)
	}
	if page, _ := stranger.give(t, found[2], []byte(original+"\n")); !strings.Contains(page, "KHÁC TỆP") {
		t.Errorf("another file is taken for the same:\n%s", page)
	}
	for _, path := range []string{found[2][:40], found[2] + "A", "/check/x"} {
		if _, response := stranger.get(t, path); response.status != http.StatusNotFound {
			t.Errorf("%.30s…: %d", path, response.status)
		}
	}
	if _, response := stranger.get(t, link+"/report.pdf"); response.status == http.StatusOK &&
		response.header.Get("Content-Type") == "application/pdf" {
		t.Error("a stranger gets the report itself")
	}
	other := stage.logIn(t, "district")
	if elsewhere, err := url.Parse(other.base); err == nil {
		if _, response := (browser{stranger.client, "http://" + elsewhere.Host}).get(t, found[2]); response.status !=
			http.StatusNotFound {
			t.Errorf("another gateway vouches for it: %d", response.status)
		}
	}
	for range uploadsBeforeRefusal {
		_, response = stranger.give(t, found[2], []byte("x"))
	}
	if response.status != http.StatusServiceUnavailable && response.status != http.StatusTooManyRequests {
		t.Errorf("files can be given without end: %d", response.status)
	}
}

const uploadsBeforeRefusal = 20 // within at most two minutes, that is twice six

// What the seal added after the leader's signature is shown beside the revision that the leader signed.
func showsWhatChanged(t *testing.T, clerk browser, link string) {
	t.Helper()
	page, _ := clerk.get(t, link)
	for _, want := range []string{link + "/changes", link + "/report.pdf", "Sáu nội dung kiểm tra"} {
		if !strings.Contains(page, want) {
			t.Errorf("the document's screen lacks %q", want)
		}
	}
	original, _ := clerk.get(t, link+"/content")
	changes, response := clerk.get(t, link+"/changes")
	verified, _ := clerk.give(t, "/verify", []byte(original))
	for _, page := range []string{changes, verified} {
		if strings.Count(page, `src="data:image/png;base64,`) != 2 || !strings.Contains(page, "1 trang trông khác") {
			t.Errorf("the two revisions are not shown:\n%.2000s", page)
		}
	}
	if policy := response.header.Get("Content-Security-Policy"); !strings.Contains(policy, "img-src 'self' data:") ||
		!strings.Contains(policy, "default-src 'none'") {
		t.Errorf("policy %q", policy)
	}
	if paper, response := clerk.give(t, "/verify/report.pdf", []byte(original)); response.status != http.StatusOK ||
		!strings.HasPrefix(paper, "%PDF-") {
		t.Errorf("the report on a file: %d", response.status)
	}
}
