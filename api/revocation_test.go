package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"congvan/certs"
	"congvan/exchange"
)

func TestAnAdministratorBringsARevocationList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	list := crlOf(t, w.authority)
	size := logSize(t, w.province)
	post := func(role exchange.Role, data []byte) (int, []byte) {
		token := w.province.token(t, "Phạm Thị Dung", department, role)
		request := newRequest(t, http.MethodPost, w.province.people.URL+"/api/v1/revocation", token, bytes.NewReader(data))
		response, body := ask(t, request)
		return response.StatusCode, body
	}
	status, body := post(exchange.Administrator, list)
	var found certs.Imported
	if err := json.Unmarshal(body, &found); err != nil || status != http.StatusOK || found.Kind != "crl" || found.Stale {
		t.Errorf("%d %s, %v", status, body, err)
	}
	if after := logSize(t, w.province); after != size+1 {
		t.Errorf("the log grew by %d entries", after-size)
	}
	status, body = post(exchange.Administrator, []byte("không phải danh sách"))
	if status != http.StatusBadRequest || !strings.Contains(string(body), "revocation.import_unreadable") {
		t.Errorf("%d %s", status, body)
	}
	if status, body = post(exchange.Clerk, list); status != http.StatusForbidden {
		t.Errorf("%d %s", status, body)
	}
}

// crlOf asks the authority for its list.
func crlOf(t *testing.T, authority *certs.Authority) []byte {
	t.Helper()
	identity, err := authority.Seal("UBND xã", certs.ECDSAP256)
	must(t, err)
	recorder := httptest.NewRecorder()
	address := identity.Certificate.CRLDistributionPoints[0]
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	authority.Handler().ServeHTTP(recorder, request)
	if recorder.Code != http.StatusOK {
		t.Fatalf("the authority gives no list: %d", recorder.Code)
	}
	return recorder.Body.Bytes()
}

func logSize(t *testing.T, n *node) int64 {
	t.Helper()
	var size int64
	must(t, n.gateway.Records.View(t.Context(), func(tx exchange.Tx) (err error) {
		size, _, err = tx.LogHead(t.Context())
		return err
	}))
	return size
}
