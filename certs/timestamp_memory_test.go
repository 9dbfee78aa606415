package certs_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
)

// The certificates of an authority are read once and come back with every token: what is forged beside them, at the
// same address and under the same name, is refused as if nothing had been remembered.
func TestAnAuthorityThatIsRememberedVouchesForNobodyElse(t *testing.T) {
	t.Parallel()
	root := certstest.Root(t, "Root")
	named := func(adjust certstest.Spec) certs.Identity {
		adjust.Name, adjust.Issuer, adjust.Key = "TSA", &root, certs.RSA2048
		return certstest.Make(t, adjust)
	}
	honest := named(certstest.Spec{Adjust: certstest.ForStamps(true)})
	for name, test := range map[string]struct {
		lie  certstest.Stamping
		want error
	}{
		"a spoilt signature": {certstest.Stamping{Signer: honest, BadSignature: true}, certs.ErrTimestampBadSignature},
		"a namesake that may not stamp": {
			certstest.Stamping{Signer: named(certstest.Spec{})}, certs.ErrTimestampWrongSigner,
		},
		"a namesake that has expired": {
			certstest.Stamping{Signer: named(certstest.Spec{
				Adjust: certstest.ForStamps(true), Until: certstest.Noon.Add(-hour),
			})}, certs.ErrTimestampExpired,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answers := make(chan http.Handler, 3)
			for _, stamping := range []certstest.Stamping{{Signer: honest}, test.lie, {Signer: honest}} {
				stamping.Now = certstest.At(certstest.Noon)
				to, err := url.Parse(certstest.Stamper(t, stamping))
				if err != nil {
					t.Fatal(err)
				}
				answers <- httputil.NewSingleHostReverseProxy(to)
			}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				(<-answers).ServeHTTP(w, r)
			}))
			t.Cleanup(server.Close)
			client, err := certs.NewTSA(certs.Timestamping{
				URLs: []string{server.URL}, Now: certstest.At(certstest.Noon),
				Outbound: certs.Outbound{Timeout: time.Minute},
			})
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range []error{nil, test.want, nil} {
				if _, err := stamp(t, client); !errors.Is(err, want) || (err == nil) != (want == nil) {
					t.Errorf("stamp %d: %v, want %v", i, err, want)
				}
			}
		})
	}
}
