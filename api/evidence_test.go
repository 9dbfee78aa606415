package api_test

import (
	"bytes"
	"net/http"
	"testing"

	"congvan/exchange"
	"congvan/signing"
)

// What a judgement rests on comes out of the gateway as it was kept, for whoever wants to judge again elsewhere.
func TestTheEvidenceOfAJudgementIsGivenAsItWasKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, arrival := w.issued(t)
	clerk := w.province.token(t, "Lê Văn Cường", department, exchange.Clerk)
	url := w.province.people.URL + "/api/v1/inbox/" + string(arrival)
	response, data := ask(t, newRequest(t, http.MethodGet, url+"/evidence", clerk, nil))
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("%d %s: %.300s", response.StatusCode, response.Header.Get("Content-Type"), data)
	}
	bundle, err := signing.DecodeBundle(bytes.NewReader(data))
	must(t, err)
	judged, err := w.province.client(t, "Lê Văn Cường", department, exchange.Clerk).Report(t.Context(), arrival)
	must(t, err)
	if digestOf(data) != judged.Evidence || len(judged.Rules) != 5 || bundle.Report.SHA256 != judged.SHA256 {
		t.Errorf("the evidence %s is not that of the report: %s, rules %v", digestOf(data), judged.Evidence, judged.Rules)
	}
	response, text := ask(t, newRequest(t, http.MethodGet, url+"/report/etsi", clerk, nil))
	var want bytes.Buffer
	must(t, bundle.WriteETSI(&want))
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "application/xml" ||
		!bytes.Equal(text, want.Bytes()) {
		t.Errorf("%d %s: %.300s", response.StatusCode, response.Header.Get("Content-Type"), text)
	}
}
