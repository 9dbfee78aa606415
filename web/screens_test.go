package web_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"congvan/exchange"
	"congvan/exchange/exchangetest"
	"congvan/exchange/expiry"
	"congvan/pages"
	"congvan/web"
)

// screens serves the screens of a gateway; whoever asks is a clerk of the office.
func screens(t *testing.T, gateway *exchange.Gateway, office exchange.OfficeID) func(path string) string {
	t.Helper()
	renderer := pages.New(1, filepath.Join(os.TempDir(), "congvan-test-cache", "congvan"))
	t.Cleanup(func() {
		if err := renderer.Close(); err != nil {
			t.Error(err)
		}
	})
	shown, err := web.New(web.Config{
		Gateway: gateway, Pages: renderer, Log: gateway.Log,
		Authenticate: func(context.Context, string) (exchange.Actor, error) { return exchangetest.Clerk(office), nil },
		Expiries:     func() []expiry.End { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	shown.Mount(engine)
	server := httptest.NewServer(engine)
	t.Cleanup(server.Close)
	return func(path string) string {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.AddCookie(&http.Cookie{Name: "congvan", Value: "x"})
		answer, err := server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s, %v\n%s", path, answer.Status, err, body)
		}
		return string(body)
	}
}

// The list and the page of an arrival say that what it replaces is missing, in both languages, until that has come.
func TestAnArrivalWithoutItsPredecessorSaysSoUntilThatHasCome(t *testing.T) {
	t.Parallel()
	w := exchangetest.New(t, exchangetest.Straight)
	first := w.Issue(t, exchangetest.CommuneNode, exchangetest.Commune, exchangetest.District)
	wanted := exchangetest.Draft(exchangetest.District)
	wanted.Replaces = []exchange.DocumentID{first.ID}
	second := w.Write(t, exchangetest.CommuneNode, exchangetest.Commune, wanted)
	w.Now = func() time.Time { return exchangetest.Noon.Add(15 * time.Minute) }
	w.Bring(t, exchangetest.CommuneNode, exchangetest.DistrictNode, exchangetest.District, second.ID)
	arrival := w.Inbox(t, exchangetest.DistrictNode, exchangetest.District)[0]
	get := screens(t, w.Gateways[exchangetest.DistrictNode], exchangetest.District)
	pages := map[string]string{
		"/inbox":                       "Thiếu văn bản đi trước",
		"/inbox?lang=en":               "The one before is missing",
		"/inbox/" + string(arrival.ID): "đề nghị nơi gửi gửi lại văn bản kia",
		"/inbox/" + string(arrival.ID) + "?lang=en": "ask the sender to send the other one again",
	}
	for path, want := range pages {
		if !strings.Contains(get(path), want) {
			t.Errorf("%s does not say %q", path, want)
		}
	}
	w.Deliver(t)
	for path, gone := range pages {
		if strings.Contains(get(path), gone) {
			t.Errorf("%s still says %q", path, gone)
		}
	}
}

// unsigned is a line on which the statements get lost with which the other gateway refuses, as if it signed none.
type unsigned struct{ exchange.Carrier }

func (u unsigned) Carry(
	ctx context.Context, to exchange.Node, frames []exchange.Frame, blobs []exchange.Digest,
) ([]exchange.Answer, error) {
	answers, err := u.Carrier.Carry(ctx, to, frames, blobs)
	for i := range answers {
		answers[i].Receipt = nil
	}
	return answers, err
}

// The sender reads which gateway refused, why, and whether that is proved, and what can be done.
func TestTheSenderSeesWhoRefusedAtTheDoorAndWhetherItIsProved(t *testing.T) {
	t.Parallel()
	w := exchangetest.New(t, exchangetest.Straight)
	file := exchangetest.ThreeTiers(t)
	file.Offices = slices.DeleteFunc(file.Offices, func(o exchange.Office) bool {
		return o.ID == exchangetest.District
	})
	struck, err := exchange.NewDirectory(file)
	if err != nil {
		t.Fatal(err)
	}
	w.Gateways[exchangetest.DistrictNode].Directory = func() *exchange.Directory { return struck }
	gateway := w.Gateways[exchangetest.CommuneNode]
	proved := w.Issue(t, exchangetest.CommuneNode, exchangetest.Commune, exchangetest.District)
	w.Deliver(t)
	gateway.Carrier = unsigned{gateway.Carrier}
	not := w.Issue(t, exchangetest.CommuneNode, exchangetest.Commune, exchangetest.District)
	for _, after := range []time.Duration{0, 25 * time.Hour} {
		w.Now = func() time.Time { return exchangetest.Noon.Add(after) }
		if err := gateway.DeliverNow(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	get := screens(t, gateway, exchangetest.Commune)
	for id, wants := range map[exchange.DocumentID][]string{
		proved.ID: {
			"nêu lý do: «Không có nơi nhận này trong danh bạ",
			"Có bằng chứng: cổng " + string(exchangetest.DistrictNode), "Cổng tiếp theo từ chối: cần xem xét",
		},
		not.ID: {"từ chối suốt một ngày", "Không có bằng chứng: cổng " + string(exchangetest.DistrictNode)},
	} {
		page := get("/outbox/" + string(id))
		for _, want := range append(wants, "Khi đã khắc phục", "/resend", "Gửi cho cơ quan khác") {
			if !strings.Contains(page, want) {
				t.Errorf("it does not say %q", want)
			}
		}
		if strings.Contains(page, "Đã chuyển đến cổng tiếp theo") {
			t.Error("it says that what was refused was brought to the next gateway")
		}
	}
	if page := get("/outbox/" + string(proved.ID) + "?lang=en"); !strings.Contains(page, "Proved: gateway") {
		t.Error("it is not told in English")
	}
}
