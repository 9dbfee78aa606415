package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Two clerks at two gateways that run: one asks for a document back, the other sees the banner and gives it back.
func TestARecallIsAskedAndAnsweredOnTheScreens(t *testing.T) {
	t.Parallel()
	stage, id := delivered(t)
	theirs := stage.logIn(t, "province")
	list, _ := theirs.get(t, "/inbox")
	link := arrivalLink.FindString(list)
	ours := stage.logIn(t, "commune")
	out := "/outbox/" + string(id)
	if page, status := ours.post(t, out+"/recall", url.Values{"reason": {"ngắn"}}); status != http.StatusBadRequest {
		t.Errorf("a recall without a real reason: %d\n%s", status, page)
	}
	reason := "Phát hành nhầm bản dự thảo"
	if page, status := ours.post(t, out+"/recall", url.Values{"reason": {reason}}); status != http.StatusOK {
		t.Fatalf("recall: %d\n%s", status, page)
	}
	page := theirs.waitFor(t, link, "CƠ QUAN GỬI YÊU CẦU LẤY LẠI")
	for _, want := range []string{reason, "Đồng ý trả lại", "Từ chối trả lại"} {
		if !strings.Contains(page, want) {
			t.Errorf("the receiver does not see %q", want)
		}
	}
	if page, status := theirs.post(t, link+"/give", nil); status != http.StatusOK ||
		!strings.Contains(page, "KHÔNG CÒN DÙNG") || strings.Contains(page, link+"/accept") {
		t.Errorf("giving back: %d\n%s", status, page)
	}
	ours.waitFor(t, out, "đồng ý lấy lại")
}

// waitFor loads a page until it says something.
func (b browser) waitFor(t *testing.T, path, want string) string {
	t.Helper()
	for range 200 {
		page, _ := b.get(t, path)
		if strings.Contains(page, want) {
			return page
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("%s never says %q", path, want)
	return ""
}
