package main

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"congvan/exchange"
)

// A clerk sees by when what must be done and how long each hop took, and prints who was in time; each number leads to
// what stands behind it, and the command line counts the same.
func TestAClerkSeesDeadlinesAndReportsOnTime(t *testing.T) {
	t.Parallel()
	stage, id := delivered(t)
	clerk := stage.logIn(t, "province")
	list, _ := clerk.get(t, "/inbox")
	link := arrivalLink.FindString(list)
	today := string(exchange.Today(time.Now()))
	period := "from=" + today + "&to=" + today
	for path, wants := range map[string][]string{
		link:                         {"Thời hạn", "Tiếp nhận hoặc trả lại văn bản đến", "đến nơi nhận", "còn trong hạn"},
		"/reports/on-time?" + period: {"Tỷ lệ đúng hạn", "outcome=running", "Chưa khai báo lịch nghỉ", "Trung vị"},
		"/reports/on-time":           {"Báo cáo đúng hạn"},
		"/deadlines":                 {"Thời hạn"},
		"/reports/on-time/items?" + period + "&duty=receive&outcome=running": {link, "thử mất điện"},
	} {
		page, response := clerk.get(t, path)
		for _, want := range wants {
			if response.status != http.StatusOK || !strings.Contains(page, strings.ReplaceAll(want, "&", "&amp;")) {
				t.Errorf("%s: %d, lacks %q:\n%.3000s", path, response.status, want, page)
			}
		}
		if strings.Contains(page, "style=") || strings.Contains(page, "<script") {
			t.Errorf("%s carries script or style of its own", path)
		}
	}
	sender := stage.logIn(t, "commune")
	page, _ := sender.get(t, "/outbox/"+string(id))
	for _, want := range []string{"Phát hành sau khi ký", "Hiện đang giữ", "cấp số"} {
		if !strings.Contains(page, want) {
			t.Errorf("the sender's page lacks %q", want)
		}
	}
	for _, path := range []string{"/reports/on-time?from=x&to=y", "/deadlines?after=x"} {
		if _, response := clerk.get(t, path); response.status != http.StatusUnprocessableEntity &&
			response.status != http.StatusBadRequest {
			t.Errorf("%s: %d", path, response.status)
		}
	}
	countsTheSame(t, stage, today)
}

func countsTheSame(t *testing.T, stage *theatre, today string) {
	t.Helper()
	secret := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(secret, []byte(stage.staff["province"].secrets[exchange.Clerk]), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{"--csv", "--json", "--lang=vi"} {
		var out, complaint bytes.Buffer
		p := stage.program
		p.out, p.err = &out, &complaint
		code := run(t.Context(), p, []string{
			"report", "on-time", "--server", stage.urls["province"], "--token-file", secret,
			"--from", today, "--to", today, form,
		})
		if code != exitDone {
			t.Fatalf("%s: exit %d: %s", form, code, complaint.String())
		}
		want := map[string]string{
			"--json": `"duty":"receive"`, "--lang=vi": "còn trong hạn 1",
		}[form]
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s lacks %q:\n%s", form, want, out.String())
		}
		if form != "--csv" {
			continue
		}
		lines, err := csv.NewReader(&out).ReadAll()
		if err != nil || !slices.ContainsFunc(lines, func(line []string) bool {
			return slices.Equal(line, []string{"duty", "receive", "", "running", "1"})
		}) {
			t.Errorf("the table: %v, %v", lines, err)
		}
	}
}
