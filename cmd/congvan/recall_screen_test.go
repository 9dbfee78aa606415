package main

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"congvan/exchange"
	"congvan/storage/audit"
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

// A document that nobody has looked at is withdrawn at once, and the auditors find that nobody was shown it.
func TestWhatIsWithdrawnBeforeAnybodyLookedIsUnseenInTheRecords(t *testing.T) {
	t.Parallel()
	stage := openTheatre(t)
	end := stage.start(t, "")
	defer end()
	clerk := stage.staff["commune"].clerk
	id := stage.submit(t, stage.staff["commune"])
	if _, err := clerk.Seal(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, err := clerk.Send(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	count := func(place, question string) (count int) {
		gateway, open, err := openAudited(t.Context(), stage.world.configs[exchange.NodeID(place)])
		if err == nil {
			err = gateway.DB.QueryRowContext(t.Context(), question).Scan(&count)
		}
		if err = errors.Join(err, closeAll(open)); err != nil {
			t.Fatal(err)
		}
		return count
	}
	for _, place := range []string{"district", "province"} {
		until(t, "it is judged at "+place, func() bool { return count(place, "select count(*) from judgement") == 1 })
	}
	ours := stage.logIn(t, "commune")
	page, status := ours.post(t, "/outbox/"+string(id)+"/recall", url.Values{"reason": {"Phát hành nhầm bản dự thảo"}})
	if status != http.StatusOK {
		t.Fatalf("recall: %d\n%s", status, page)
	}
	until(t, "both have said that it was withdrawn", func() bool {
		return count("commune", "select count(*) from receipt where status = '15'") == 2
	})
	results, code := audited(t, stage.world.configs["commune"], stage.world.configs["district"],
		stage.world.configs["province"])
	if code != exitDone {
		t.Errorf("exit %d: %+v", code, faulty(results))
	}
	for _, result := range results {
		if result.Check == audit.Unseen && result.Gateway != "commune" && result.Looked != 1 {
			t.Errorf("%+v", result)
		}
	}
}

// waitFor loads a page until it says something.
func (b browser) waitFor(t *testing.T, path, want string) (page string) {
	t.Helper()
	until(t, path+" says "+want, func() bool {
		page, _ = b.get(t, path)
		return strings.Contains(page, want)
	})
	return page
}
