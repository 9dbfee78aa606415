package api_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"congvan/api"
	"congvan/exchange"
)

func TestCreditFallsWithTheDiskAndTheQueueButIsNeverNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, c := range map[string]struct {
		load   api.Load
		frames int
	}{
		"room for all":               {api.Load{Disk: 1}, 63}, // one place of 256 is the hello's own
		"a tenth is enough":          {api.Load{Disk: 0.101, Waiting: 1000}, 63},
		"half of the last tenth":     {api.Load{Disk: 0.05}, 32},
		"no disk left":               {api.Load{Disk: 0}, 1},
		"four times as many wait":    {api.Load{Disk: 1, Waiting: 4000}, 16},
		"more than can be counted":   {api.Load{Disk: 1, Waiting: api.MaxWaiting}, 1},
		"the worse of both counts":   {api.Load{Disk: 0.05, Waiting: 64_000}, 1},
		"the other worse of the two": {api.Load{Disk: 0.0125, Waiting: 1250}, 8},
	} {
		peers := api.NewPeerServer(api.PeerConfig{
			Gateway: w.province.gateway, Certificate: w.province.certificate, Log: w.province.gateway.Log, Now: time.Now,
			Load: func(context.Context) api.Load { return c.load },
		})
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/x/1/hello", strings.NewReader("{}"))
		request.TLS = &tls.ConnectionState{
			Version: tls.VersionTLS13, PeerCertificates: []*x509.Certificate{w.commune.gateway.Identity.Certificate},
		}
		answer := httptest.NewRecorder()
		peers.Handler().ServeHTTP(answer, request)
		var hello api.Hello
		if err := json.Unmarshal(answer.Body.Bytes(), &hello); err != nil || hello.Credit == nil {
			t.Fatalf("%s: %d %s %v", name, answer.Code, answer.Body, err)
		}
		if hello.Credit.Frames != c.frames || hello.Credit.Bytes < exchange.MaxSealed {
			t.Errorf("%s: %+v", name, *hello.Credit)
		}
	}
}
