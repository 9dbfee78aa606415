package api_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"congvan/api"
	"congvan/exchange"
)

func TestFilesAreToBeSavedAndNeverShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clerk := w.commune.token(t, "Trần Thị Bình", commune, exchange.Clerk)
	document, err := api.NewClient(w.commune.people.URL, clerk, api.English, nil).Submit(t.Context(), submission("H42.09"))
	must(t, err)
	url := w.commune.people.URL + "/api/v1/documents/" + string(document.ID) + "/content"

	response, whole := ask(t, newRequest(t, http.MethodGet, url, clerk, nil))
	for name, want := range map[string]string{
		"Content-Type":            "application/pdf",
		"Content-Disposition":     `attachment; filename="B_o c_o.pdf"; filename*=UTF-8''B%C3%A1o%20c%C3%A1o.pdf`,
		"Content-Security-Policy": "sandbox; default-src 'none'",
		"X-Content-Type-Options":  "nosniff",
		"Cache-Control":           "private, no-cache",
		"Etag":                    `"` + string(document.File.Digest) + `"`,
		"Accept-Ranges":           "bytes",
	} {
		if got := response.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if !bytes.Equal(whole, letter()) {
		t.Errorf("%d bytes, want %d", len(whole), len(letter()))
	}

	request := newRequest(t, http.MethodGet, url, clerk, nil)
	request.Header.Set("Range", "bytes=5-9")
	if response, part := ask(t, request); response.StatusCode != http.StatusPartialContent ||
		!bytes.Equal(part, whole[5:10]) {
		t.Errorf("range: %d %q", response.StatusCode, part)
	}
	request = newRequest(t, http.MethodGet, url, clerk, nil)
	request.Header.Set("Range", "bytes=99999999-")
	response, answer := ask(t, request)
	wantProblem(t, response, answer, http.StatusRequestedRangeNotSatisfiable, "request.range")
	request = newRequest(t, http.MethodGet, url, clerk, nil)
	request.Header.Set("If-None-Match", `"`+string(document.File.Digest)+`"`)
	if response, answer := ask(t, request); response.StatusCode != http.StatusNotModified || len(answer) > 0 {
		t.Errorf("not modified: %d, %d bytes", response.StatusCode, len(answer))
	}
}

func TestNamesOfFilesEscapeNowhere(t *testing.T) {
	t.Parallel()
	names := map[string]string{
		"a.pdf":                     "a.pdf",
		"Quyết định.pdf":            "Quy%E1%BA%BFt%20%C4%91%E1%BB%8Bnh.pdf",
		"../../etc/passwd":          "_.._etc_passwd",
		`..\..\boot.ini`:            "_.._boot.ini",
		"C:\\x.pdf":                 "C__x.pdf",
		"a\r\nSet-Cookie: x=1.pdf":  "aSet-Cookie_%20x%3D1.pdf",
		"a\x00b.pdf":                "ab.pdf",
		"x\u202efdp.exe":            "xfdp.exe",
		`a"b.pdf`:                   "a%22b.pdf",
		"":                          "file",
		"...":                       "file",
		"\xff\xfe.pdf":              "_.pdf",
		"a\u2028b\u200b.pdf":        "ab.pdf",
		"100%.pdf; filename=x.html": "100%25.pdf%3B%20filename%3Dx.html",
	}
	for name, want := range names {
		got := api.Disposition(name)
		plain, extended, found := strings.Cut(got, `"; filename*=UTF-8''`)
		if !found || extended != want {
			t.Errorf("%q became %q, want %q", name, extended, want)
		}
		plain = strings.TrimPrefix(plain, `attachment; filename="`)
		if strings.ContainsAny(plain, "/\\\"%;\r\n\x00") || plain == "" {
			t.Errorf("%q has the plain name %q", name, plain)
		}
	}
}
