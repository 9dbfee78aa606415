package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
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
)

func TestTheLogSaysEachEndOnceADayAndStep(t *testing.T) {
	t.Parallel()
	now := certstest.Noon
	clock := func() time.Time { return now }
	authority := certstest.NewAuthority(t, clock)
	order := certs.Order{Use: certs.UseTimestamping, Until: now.AddDate(0, 0, 20)}
	stamper := certstest.Stamper(t, certstest.Stamping{Signer: certstest.Issue(t, authority, order), Now: clock})
	node, err := authority.Node("cong-xa")
	if err != nil {
		t.Fatal(err)
	}
	seal := certstest.Issue(t, authority, certs.Order{Until: now.AddDate(0, 0, 16)})
	ring := &keyring{seals: map[exchange.OfficeID]*heldKey{
		"xa": {entry: OfficeKey{Office: "xa"}, key: exchange.Key{Identity: seal}},
	}}
	ended := certs.Anchor{Certificate: certstest.Root(t, "CA cũ").Certificate, Until: now.AddDate(-1, 0, 0)}
	anchors := authority.Anchors().With(certs.NewAnchors(ended))
	w := newWatch(Config{Node: "cong-xa", TimestampAuthorities: []string{stamper}}, node, anchors, ring)
	var lines bytes.Buffer
	w.now, w.log = clock, slog.New(slog.NewJSONHandler(&lines, nil))
	for _, each := range []struct {
		later time.Duration
		want  []string // what is said, in order
	}{
		{0, []string{"seal certificate.ends_in_30_days", "timestamp_authority certificate.ends_in_30_days"}},
		{time.Hour, nil},
		{23 * time.Hour, []string{
			"seal certificate.ends_in_30_days", "timestamp_authority certificate.ends_in_30_days",
		}},
		{time.Minute, []string{"seal certificate.ends_in_15_days"}},
		{24 * time.Hour * 20, []string{"seal certificate.ended", "timestamp_authority certificate.ended"}},
	} {
		now = now.Add(each.later)
		lines.Reset()
		w.look(t.Context())
		var said []string
		for line := range strings.Lines(lines.String()) {
			var entry struct {
				Msg  string `json:"msg"`
				What string `json:"what"`
				Code string `json:"code"`
			}
			if err := json.Unmarshal([]byte(line), &entry); err != nil {
				t.Fatal(err)
			}
			if entry.Msg == "certificate ends" {
				said = append(said, entry.What+" "+entry.Code)
			}
		}
		if strings.Join(said, ", ") != strings.Join(each.want, ", ") {
			t.Errorf("at %v: %q, want %q", now, said, each.want)
		}
	}
}

// open starts the gateway of the site, for one office, without serving.
func (s *site) open(t *testing.T) *node {
	t.Helper()
	identity, err := openKeyFile(s.config.Identity)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(exchange.DirectoryFile{
		Nodes: []exchange.Node{
			{ID: s.config.Node, URL: "https://127.0.0.1:1", Certificates: [][]byte{identity.Certificate.Raw}},
		},
		Offices: []exchange.Office{{
			ID: "xa", Level: "commune", Notation: "UBND", Names: []exchange.Name{{Name: "UBND xã"}},
			Hosts: []exchange.Host{{Node: s.config.Node}},
		}, {
			ID: "tinh", Level: "province", Notation: "UBND", Names: []exchange.Name{{Name: "UBND tỉnh"}},
			Hosts: []exchange.Host{{Node: s.config.Node}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "directory.json"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	s.config.Listen, s.config.PeerListen = "127.0.0.1:0", "localhost:0"
	p := program{now: time.Now, getenv: func(string) string { return "" }, ourselves: theProgram}
	opened, err := openNode(t.Context(), p, s.config, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := opened.close(); err != nil {
			t.Error(err)
		}
	})
	return opened
}

func TestTheScreensAndTheFiguresTellOfACertificateThatEnds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.key(t, "Nguyễn Văn An", time.Now().Add(5*24*time.Hour))
	n := s.open(t)
	if page := pageOf(t, n, "/inbox"); !strings.Contains(page, "Chứng thư của người ký «Nguyễn Văn An»") ||
		!strings.Contains(page, "7 ngày tới") {
		t.Errorf("no banner:\n%s", page)
	}
	figures := pageOf(t, n, "/api/v1/metrics")
	if want := `congvan_certificate_days_left{name="Nguyễn Văn An",office="xa",what="leader"} 4`; !strings.Contains(
		figures, want) {
		t.Errorf("no figure %s", want)
	}
	ready := pageOf(t, n, "/api/v1/ready")
	if !strings.Contains(ready, `"certificates":"certificate.ends_in_7_days"`) {
		t.Errorf("ready says %s", ready)
	}
}

// pageOf asks the gateway as an administrator of the figures, and as a clerk of all else.
func pageOf(t *testing.T, n *node, path string) string {
	t.Helper()
	role := exchange.Clerk
	if strings.HasSuffix(path, "/metrics") {
		role = exchange.Administrator
	}
	secret, token := api.NewToken(exchange.Actor{Name: "x", Office: "xa", Role: role}, time.Now(), time.Time{})
	err := n.records.Update(t.Context(), func(tx exchange.Tx) error { return tx.AddToken(t.Context(), token) })
	if err != nil {
		t.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
	request.Header.Set("Authorization", "Bearer "+secret)
	request.AddCookie(&http.Cookie{Name: "congvan", Value: secret})
	n.server.Handler().ServeHTTP(recorder, request)
	return recorder.Body.String()
}
