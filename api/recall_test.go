package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"congvan/api"
	"congvan/exchange"
)

// say asks a gateway in JSON. Whoever gives a problem to be filled wants one, and all others do not.
func (n *node) say(t *testing.T, what, token, body string, answer any) {
	t.Helper()
	method, path, _ := strings.Cut(what, " ")
	request := newRequest(t, method, n.people.URL+"/api/v1"+path, token, strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	response, got := ask(t, request)
	if _, wanted := answer.(*api.Problem); wanted != (response.StatusCode >= http.StatusBadRequest) {
		t.Fatalf("%s: %d %s", what, response.StatusCode, got)
	}
	must(t, json.Unmarshal(got, answer))
}

func TestARecallGoesOverTheWireAndBothAnswersComeBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	clerk := w.commune.client(t, "Trần Thị Bình", commune, exchange.Clerk)
	leader := w.commune.client(t, leaderName, commune, exchange.Leader)
	document, err := clerk.Submit(ctx, submission(string(department), string(province)))
	must(t, err)
	_, err = leader.Sign(ctx, document.ID)
	must(t, err)
	_, err = clerk.Seal(ctx, document.ID)
	must(t, err)
	_, err = clerk.Send(ctx, document.ID)
	must(t, err)
	must(t, w.commune.gateway.DeliverNow(ctx))
	receiver := w.province.client(t, "Lê Văn Cường", department, exchange.Clerk)
	inbox, err := receiver.Inbox(ctx, exchange.Page{}) // the department sees it, the province's own office does not
	must(t, err)
	arrival := inbox.Items[0]

	ours := w.commune.token(t, "Trần Thị Bình", commune, exchange.Clerk)
	theirs := w.province.token(t, "Lê Văn Cường", department, exchange.Clerk)
	others := w.province.token(t, "Phạm Thị Dung", province, exchange.Clerk)
	path := "/documents/" + string(document.ID)
	var problem api.Problem
	w.commune.say(t, "POST "+path+"/recall", ours, `{"reason":"nhầm"}`, &problem)
	if problem.Code != "recall.reason" {
		t.Errorf("problem %+v", problem)
	}
	w.commune.say(t, "POST "+path+"/recall", ours, `{"reason":"Phát hành nhầm bản dự thảo"}`, &document)
	must(t, w.commune.gateway.DeliverNow(ctx))
	must(t, w.province.gateway.DeliverNow(ctx))

	var traces api.TracePage
	w.province.say(t, "GET /withdrawn", others, "", &traces)
	if len(traces.Items) != 1 || traces.Items[0].Reason != "Phát hành nhầm bản dự thảo" {
		t.Errorf("traces of the office that had not looked: %+v", traces)
	}
	w.province.say(t, "GET /withdrawn", theirs, "", &traces)
	if len(traces.Items) != 0 {
		t.Errorf("traces of the office that had looked: %+v", traces)
	}
	w.province.say(t, "POST /inbox/"+string(traceOf(t, w, others))+"/accept", others, "", &problem)
	if problem.Code != "arrival.withdrawn" {
		t.Errorf("problem %+v", problem)
	}
	w.province.say(t, "POST /inbox/"+string(arrival.ID)+"/recall", theirs,
		`{"agree":false,"reason":"Đã thi hành xong văn bản"}`, &arrival)
	if arrival.Recall != exchange.RecallRefused {
		t.Errorf("recall %q", arrival.Recall)
	}
	must(t, w.province.gateway.DeliverNow(ctx))
	timeline, err := clerk.Timeline(ctx, document.ID)
	must(t, err)
	for _, progress := range timeline.Recipients {
		want := exchange.RecallAccepted
		if progress.Office.Office == department {
			want = exchange.RecallRefused
		}
		if progress.Recall != want || !strings.Contains(progress.Words, ";") {
			t.Errorf("%s: recall %q, %q", progress.Office.Name, progress.Recall, progress.Words)
		}
	}
}

// traceOf gives the id of what was withdrawn from an office.
func traceOf(t *testing.T, w *world, token string) exchange.ArrivalID {
	t.Helper()
	var traces api.TracePage
	w.province.say(t, "GET /withdrawn", token, "", &traces)
	return traces.Items[0].Arrival
}

func TestALinkIsShownAtBothDocuments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	document, _ := w.issued(t)
	token := w.commune.token(t, "Trần Thị Bình", commune, exchange.Clerk)
	var copied api.Document
	w.commune.say(t, "POST /documents/"+string(document)+"/copy", token, `{"form":"SY","recipients":["H42"]}`,
		&copied)
	w.commune.say(t, "POST /documents/"+string(copied.ID)+"/send", token, "", &copied)
	var links api.LinkList
	w.commune.say(t, "GET /documents/"+string(document)+"/links", token, "", &links)
	if len(links.Items) != 1 || links.Items[0].Document != copied.ID || links.Items[0].Names ||
		links.Items[0].Kind != exchange.Copies || links.Items[0].Number != copied.Number {
		t.Errorf("links %+v", links.Items)
	}
}

func TestAStatusThatIsNotKnownIsShownWithItsCode(t *testing.T) {
	t.Parallel()
	for act, want := range map[string]string{
		"receipt.07": "Mã trạng thái khác (07)", "receipt.03": api.Sentence("act.receipt.03", api.Vietnamese),
	} {
		if got := api.ActWords(act, api.Vietnamese); got != want {
			t.Errorf("%s: %q", act, got)
		}
	}
}
