package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"congvan/api"
	"congvan/exchange"
)

func TestACopyIsAskedForInOneCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	document, _ := w.issued(t)
	ask := func(body string) (int, api.Document) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
			w.commune.people.URL+"/api/v1/documents/"+string(document)+"/copy", strings.NewReader(body))
		must(t, err)
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", "Bearer "+w.commune.token(t, "Văn thư", commune, exchange.Clerk))
		response, err := http.DefaultClient.Do(request)
		must(t, err)
		defer response.Body.Close()
		var copied api.Document
		must(t, json.NewDecoder(response.Body).Decode(&copied))
		return response.StatusCode, copied
	}
	status, copied := ask(`{"form":"SY"}`)
	if status != http.StatusOK || copied.CopyOf == nil || copied.CopyOf.Document != document ||
		copied.Step != exchange.StepSealed || !strings.HasPrefix(copied.Number, "01/SY") {
		t.Errorf("%d: %+v", status, copied)
	}
	if status, _ := ask(`{"form":"TS"}`); status < 400 || status > 499 {
		t.Errorf("an excerpt without a file: %d", status)
	}
}
