package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"congvan/api"
	"congvan/exchange"
)

// clicks is a person of an office at the screens of a gateway.
func clicks(t *testing.T, n *node, role exchange.Role) func(path string, form url.Values) (string, int) {
	t.Helper()
	secret, token := api.NewToken(exchange.Actor{Name: "Người thử", Office: "xa", Role: role}, time.Now(), time.Time{})
	if err := n.records.Update(t.Context(), func(tx exchange.Tx) error {
		return tx.AddToken(t.Context(), token)
	}); err != nil {
		t.Fatal(err)
	}
	return func(path string, form url.Values) (string, int) {
		method, body := http.MethodGet, ""
		if form != nil {
			method, body = http.MethodPost, form.Encode()
		}
		request := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Sec-Fetch-Site", "same-origin")
		request.AddCookie(&http.Cookie{Name: "congvan", Value: secret})
		recorder := httptest.NewRecorder()
		n.server.Handler().ServeHTTP(recorder, request)
		return recorder.Body.String(), recorder.Code
	}
}

func TestTheDirectoryIsBroughtInOnTheScreenOnlyAsItWasShown(t *testing.T) {
	t.Parallel()
	n := newSite(t).open(t)
	manager, clerk := clicks(t, n, exchange.Administrator), clicks(t, n, exchange.Clerk)
	data, err := os.ReadFile(n.config.Directory)
	if err != nil {
		t.Fatal(err)
	}
	office := regexp.MustCompile(`"name": ?"([^"]+)"`).FindStringSubmatch(string(data))[1]
	changed := url.Values{"content": {strings.Replace(string(data), office, office+" mới", 1)}}
	if _, status := clerk("/directory", nil); status != http.StatusForbidden {
		t.Errorf("a clerk: %d", status)
	}
	page, status := manager("/directory/diff", changed)
	if status != http.StatusOK || !strings.Contains(page, "Đổi tên") || !strings.Contains(page, office+" mới") {
		t.Fatalf("the difference: %d\n%s", status, page)
	}
	changed.Set("digest", strings.Repeat("0", 64))
	if page, status := manager("/directory/approve", changed); status != http.StatusConflict {
		t.Errorf("another digest: %d\n%s", status, page)
	}
	changed.Set("digest", regexp.MustCompile(`name="digest" value="([0-9a-f]{64})"`).FindStringSubmatch(page)[1])
	if page, status := manager("/directory/approve", changed); status != http.StatusOK ||
		!strings.Contains(page, "Đã cập nhật danh bạ") {
		t.Errorf("approved: %d\n%s", status, page)
	}
	if page, _ := manager("/directory?q="+url.QueryEscape(office), nil); !strings.Contains(page, office+" mới") {
		t.Errorf("it is not there:\n%s", page)
	}
}

func TestAMailboxIsMadeAndItsTokenToldOnceOnTheScreen(t *testing.T) {
	t.Parallel()
	n := newSite(t).open(t)
	manager, clerk := clicks(t, n, exchange.Administrator), clicks(t, n, exchange.Clerk)
	if _, status := clerk("/mailboxes", nil); status != http.StatusForbidden {
		t.Errorf("a clerk: %d", status)
	}
	if page, status := manager("/mailboxes/order", url.Values{"system": {"Có Dấu"}}); status != http.StatusBadRequest {
		t.Errorf("a wrong name: %d\n%s", status, page)
	}
	if page, status := manager("/mailboxes/order", url.Values{"system": {"ioffice"}}); status != http.StatusSeeOther {
		t.Errorf("ordered: %d\n%s", status, page)
	}
	page, status := manager("/mailboxes/token", url.Values{"system": {"ioffice"}})
	secret := regexp.MustCompile(`cvt_[\w-]+`).FindString(page)
	if status != http.StatusOK || secret == "" {
		t.Fatalf("the token: %d\n%s", status, page)
	}
	if actor, err := n.server.Authenticate(t.Context(), secret); err != nil || actor.Role != exchange.DocumentSystem ||
		actor.Office != "xa" || actor.Name != "ioffice" {
		t.Errorf("it is of %+v, %v", actor, err)
	}
	if page, _ := manager("/mailboxes", nil); strings.Contains(page, secret) || !strings.Contains(page, "chưa lần nào") {
		t.Errorf("afterwards:\n%s", page)
	}
	if _, status := manager("/mailboxes/pause", url.Values{"system": {"ioffice"}}); status != http.StatusSeeOther {
		t.Errorf("paused: %d", status)
	}
	id := string(api.HashToken(secret))
	if page, _ := manager("/mailboxes", nil); !strings.Contains(page, `value="`+id+`"`) {
		t.Errorf("the token cannot be revoked on the screen:\n%s", page)
	}
	manager("/mailboxes/revoke", url.Values{"id": {id}})
	if page, _ := manager("/mailboxes", nil); strings.Contains(page, `value="`+id+`"`) {
		t.Errorf("it can be revoked again:\n%s", page)
	}
	if _, err := n.server.Authenticate(t.Context(), secret); exchange.CodeOf(err) != "token.revoked" {
		t.Errorf("revoked: %v", err)
	}
}

func TestTheFormForHandingInKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	n := newSite(t).open(t)
	clerk, manager := clicks(t, n, exchange.Clerk), clicks(t, n, exchange.Administrator)
	form := url.Values{"kind": {"TB"}, "subject": {"Về việc thử"}, "to": {"khong co; H99"}, "signer": {"Nguyễn Văn An"}}
	page, status := clerk("/compose", form)
	for _, want := range []string{"Về việc thử", "khong co; H99", `value="TB" selected`, "role=\"alert\""} {
		if !strings.Contains(page, want) {
			t.Errorf("it does not say %q: %d\n%s", want, status, page)
		}
	}
	if page, _ := manager("/inbox", nil); strings.Contains(page, "/compose") {
		t.Error("an administrator is offered to hand in")
	}
}
