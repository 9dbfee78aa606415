package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"congvan/api"
	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/exchange"
	"congvan/exchange/expiry"
)

func TestARemoteKeyWhoseServiceAnswersLaterWorksWithoutARestart(t *testing.T) {
	t.Parallel()
	for _, flavour := range []string{certs.FlavourSmartCA, certs.FlavourMySign} {
		t.Run(flavour, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			identity, err := s.authority.Leader("Nguyễn Văn An", "Chủ tịch", "UBND xã", certs.RSA2048)
			if err != nil {
				t.Fatal(err)
			}
			phone := &certstest.Phone{Identity: identity, Closed: 2}
			outbound := s.remote(t, flavour, phone)
			s.config.Keys[0].Width = 30
			now := time.Now()
			ring, err := openKeyring(t.Context(), s.config.Keys, outbound, func() time.Time { return now })
			if err != nil {
				t.Fatalf("the gateway does not start: %v", err)
			}
			for _, later := range []time.Duration{0, askAgain - time.Second, time.Second} { // the last asks, in vain
				now = now.Add(later)
				key, err := ring.Leader(t.Context(), "xa", "Nguyễn Văn An")
				if exchange.KindOf(err) != exchange.Unavailable || exchange.CodeOf(err) != "remote.unavailable" ||
					key.WidthMM != 30 || key.Identity.Signer != nil {
					t.Errorf("while the service is out of order: %+v %v", key, err)
				}
			}
			want := expiry.End{
				What: expiry.Leader, Name: "Nguyễn Văn An", Office: "xa", Fault: "remote.unavailable",
			}
			if shown := ring.expiries(); len(shown) != 1 || shown[0] != want {
				t.Errorf("%+v", shown)
			}
			now = now.Add(openTime + askAgain)
			ring.retry(t.Context())
			key, err := ring.Leader(t.Context(), "xa", "Nguyễn Văn An")
			if err != nil {
				t.Fatalf("the service answers again: %v", err)
			}
			digest := sha256.Sum256([]byte("văn bản"))
			if _, err := key.Identity.Signer.Sign(nil, digest[:], crypto.SHA256); err != nil {
				t.Error(err)
			}
			if shown := ring.expiries(); shown[0].Fault != "" || !shown[0].Until.Equal(identity.Certificate.NotAfter) {
				t.Errorf("%+v", shown)
			}
			phone.Closed = 1 // out of order while the gateway runs
			for _, fault := range []string{"remote.unavailable", ""} {
				now = now.Add(probeEvery)
				ring.retry(t.Context())
				if shown := ring.expiries(); shown[0].Fault != fault {
					t.Errorf("asked later it says %+v, want %q", shown, fault)
				}
				if _, err := ring.Leader(t.Context(), "xa", "Nguyễn Văn An"); err != nil {
					t.Errorf("a key that is open is not given any more: %v", err)
				}
			}
		})
	}
}

func TestASilentServiceDoesNotHoldUpTheStart(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0") // takes calls, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer done(listener)
	s := newSite(t)
	s.absent(t, "https://"+listener.Addr().String()+"/csc/v2", "")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	ring, err := openKeyring(ctx, s.config.Keys, s.config.outbound(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Seal(t.Context(), "xa"); exchange.CodeOf(err) != "remote.unavailable" {
		t.Errorf("%v", err)
	}
}

// absent configures a key by CSC version 2 at a service that is not there.
func (s *site) absent(t *testing.T, address, leader string) {
	t.Helper()
	secret := filepath.Join(s.dir, "bi-mat")
	if err := os.WriteFile(secret, []byte("bí mật\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.config.Keys = append(s.config.Keys, OfficeKey{
		KeyFile: KeyFile{File: "remote:" + address + "?client=cong&credential=1"}, Office: "xa", Leader: leader,
		SecretFile: secret,
	})
}

func TestAGatewayServesWhileAKeyOfItsOfficeCannotBeReached(t *testing.T) {
	t.Parallel()
	closed := httptest.NewTLSServer(http.NotFoundHandler())
	closed.Close()
	s := newSite(t)
	s.absent(t, closed.URL+"/csc/v2", "Nguyễn Văn An")
	n := s.open(t)
	actor := exchange.Actor{Name: "Nguyễn Văn An", Office: "xa", Role: exchange.Leader}
	letter, err := demoFiles.ReadFile("demo/letter.pdf")
	if err != nil {
		t.Fatal(err)
	}
	clerk := exchange.Actor{Name: "x", Office: "xa", Role: exchange.Clerk}
	document, err := n.outgoing().Submit(t.Context(), clerk, exchange.Draft{
		Kind: "CV", Subject: "Trích yếu", Urgency: 0, Secrecy: exchange.NotSecret,
		Signatory: exchange.Signatory{Name: "Nguyễn Văn An", Position: "Chủ tịch"}, Recipients: []exchange.OfficeID{"tinh"},
		FileName: "letter.pdf",
	}, bytes.NewReader(letter))
	if err != nil {
		t.Fatal(err)
	}
	_, err = n.outgoing().Sign(t.Context(), actor, document.ID)
	if exchange.KindOf(err) != exchange.Unavailable || exchange.CodeOf(err) != "remote.unavailable" {
		t.Errorf("signing with a key that cannot be reached: %v", err)
	}
	sentence := api.Sentence("remote.unavailable", api.Vietnamese)
	if page := pageOf(t, n, "/inbox"); !strings.Contains(page, "chưa dùng được khoá của «Nguyễn Văn An»: "+sentence) {
		t.Errorf("no banner:\n%s", page)
	}
	ready := pageOf(t, n, "/api/v1/ready")
	if !strings.Contains(ready, `"keys":"key.away"`) || !strings.Contains(ready, `"status":"ok"`) ||
		!strings.Contains(ready, "Hiện không liên lạc được một khoá ký") {
		t.Errorf("ready says %s", ready)
	}
	if figures := pageOf(t, n, "/api/v1/metrics"); strings.Contains(figures, `what="leader"`) {
		t.Error("a certificate that is not known has days left")
	}
}
