package web_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
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
