package main

import (
	"crypto/x509"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/exchange"
	"congvan/exchange/expiry"
)

// site is the folder of a gateway whose keys and authorities a test makes.
type site struct {
	dir       string
	config    Config
	authority *certs.Authority
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{dir: t.TempDir(), authority: certstest.NewAuthority(t, time.Now)}
	s.config = defaultConfig()
	s.config.Data = s.dir
	s.config.AllowedAddresses = []string{"127.0.0.1"}
	s.config = s.config.resolved(s.dir)
	node, err := s.authority.Node("cong-xa")
	if err != nil {
		t.Fatal(err)
	}
	if err := writeKey(s.config.Identity, node); err != nil {
		t.Fatal(err)
	}
	w := &world{authority: s.authority}
	if err := w.writeAnchors(s.dir); err != nil {
		t.Fatal(err)
	}
	return s
}

// key issues and configures the key of a leader.
func (s *site) key(t *testing.T, name string, until time.Time) certs.Identity {
	t.Helper()
	order := certs.Order{Key: certs.ECDSAP256, Until: until}
	order.Subject.CommonName = name
	identity := certstest.Issue(t, s.authority, order)
	file := filepath.Join(s.dir, "key"+identity.Certificate.SerialNumber.Text(16))
	entry := OfficeKey{Office: "xa", Leader: name, KeyFile: KeyFile{File: file, PasswordFile: file + ".secret"}}
	if err := writeKey(entry.KeyFile, identity); err != nil {
		t.Fatal(err)
	}
	s.config.Keys = append(s.config.Keys, entry)
	return identity
}

// run writes the configuration and runs a certs command with it.
func (s *site) run(t *testing.T, args ...string) outcome {
	t.Helper()
	path := filepath.Join(s.dir, "congvan.yaml")
	if err := s.config.write(path); err != nil {
		t.Fatal(err)
	}
	return command(t, nil, append([]string{"--lang", "en", "certs", args[0], "-c", path}, args[1:]...)...)
}

// check gives what certs check says of the certificates of a kind.
func (s *site) check(t *testing.T, what expiry.Kind, args ...string) (int, []checked) {
	t.Helper()
	got := s.run(t, append([]string{"check", "--json"}, args...)...)
	var found []checked
	for line := range strings.Lines(got.out) {
		var one checked
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatalf("%q: %v (%s)", line, err, got.err)
		}
		if one.What == what {
			found = append(found, one)
		}
	}
	return got.code, found
}

func TestCheckWarnsInSteps(t *testing.T) {
	t.Parallel()
	for days, want := range map[int]struct {
		code   int
		health health
		reason string
	}{
		31: {0, healthGood, ""},
		29: {2, healthWarning, "certificate.ends_in_30_days"},
		14: {2, healthWarning, "certificate.ends_in_15_days"},
		6:  {2, healthWarning, "certificate.ends_in_7_days"},
		-1: {1, healthBroken, "certificate.ended"},
	} {
		s := newSite(t)
		until := time.Now().Add(time.Duration(days)*24*time.Hour + time.Hour)
		if days < 0 {
			until = time.Now().Add(-time.Minute)
		}
		s.key(t, "Nguyễn Văn An", until)
		code, found := s.check(t, expiry.Leader)
		if code != want.code || len(found) != 1 || found[0].Health != want.health ||
			want.reason != "" && !slices.Contains(found[0].Reasons, want.reason) {
			t.Errorf("%d days: exit %d, %+v", days, code, found)
		}
	}
}

func TestCheckFindsWhatCannotBeUsed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	revoked := s.key(t, "Nguyễn Văn An", time.Now().AddDate(1, 0, 0))
	if err := s.authority.Revoke(revoked.Certificate, time.Now().Add(-time.Hour), 1); err != nil {
		t.Fatal(err)
	}
	s.key(t, "Trần Thị Bình", time.Now().AddDate(1, 0, 0))
	s.config.Keys[1].Leader = "Lê Minh Châu"
	s.key(t, "Phạm Thị Dung", time.Now().AddDate(1, 0, 0))
	s.config.Keys[2].File += ".gone"
	s.key(t, "Đỗ Văn Em", time.Now().AddDate(1, 0, 0))
	if err := os.Chmod(s.config.Keys[3].PasswordFile, 0o644); err != nil {
		t.Fatal(err)
	}
	liar := certstest.Stamper(t, certstest.Stamping{
		Signer: stampingIdentity(t, s.authority), Now: time.Now, WrongNonce: true,
	})
	s.config.TimestampAuthorities = []string{s.authority.TimestampURL(), liar, certstest.Down(t)}
	code, keys := s.check(t, expiry.Leader)
	_, stampers := s.check(t, expiry.TimestampAuthority)
	reasons := [][]string{}
	for _, each := range append(keys, stampers...) {
		reasons = append(reasons, each.Reasons)
	}
	want := [][]string{
		{"certificate.revoked"},
		{"sign.wrong_holder"},
		{"file.not_found"},
		{"key.open_to_others"},
		{},
		{"timestamp.wrong_nonce"},
		{"timestamp.unavailable"},
	}
	if code != exitFailed || !slices.EqualFunc(reasons, want, slices.Equal[[]string]) {
		t.Errorf("exit %d, %q", code, reasons)
	}
}

func stampingIdentity(t *testing.T, authority *certs.Authority) certs.Identity {
	t.Helper()
	order := certs.Order{Use: certs.UseTimestamping}
	order.Subject.CommonName = "TSA"
	return certstest.Issue(t, authority, order)
}

func TestAnImportedListServesASiteWithoutTheInternet(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	identity := s.key(t, "Nguyễn Văn An", time.Now().AddDate(1, 0, 0))
	code, found := s.check(t, expiry.Leader, "--offline")
	if code != 2 || found[0].Health != healthWarning {
		t.Errorf("before: exit %d, %+v", code, found)
	}
	s.config.SigningRealms = map[certs.Realm]exchange.RevocationRule{certs.Test: exchange.RevocationRequired}
	if code, _ = s.check(t, expiry.Leader, "--offline"); code != exitFailed {
		t.Errorf("before, where it is required: exit %d", code)
	}
	lists := []string{}
	for i, certificate := range []*x509.Certificate{identity.Certificate, s.authority.Issuing()} {
		path := filepath.Join(s.dir, string(rune('a'+i))+".crl")
		if err := os.WriteFile(path, fetched(t, s.authority, certificate.CRLDistributionPoints[0]), 0o600); err != nil {
			t.Fatal(err)
		}
		lists = append(lists, path)
	}
	if got := s.run(t, append([]string{"import"}, lists...)...); got.code != 0 || strings.Count(got.out, ": kept") != 2 {
		t.Errorf("import: exit %d\n%s%s", got.code, got.out, got.err)
	}
	if code, found = s.check(t, expiry.Leader, "--offline"); code != 0 || found[0].Health != healthGood {
		t.Errorf("after: exit %d, %+v", code, found)
	}
	letter := filepath.Join(s.dir, "letter.crl")
	if err := os.WriteFile(letter, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := s.run(t, "import", letter); got.code == 0 || !strings.Contains(got.err, "revocation.import_unreadable") {
		t.Errorf("import of a letter: exit %d, %s", got.code, got.err)
	}
}

// fetched is what the authority answers, without a line to it.
func fetched(t *testing.T, authority *certs.Authority, url string) []byte {
	t.Helper()
	recorder := httptest.NewRecorder()
	authority.Handler().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody))
	if recorder.Code != http.StatusOK {
		t.Fatalf("%s: %d", url, recorder.Code)
	}
	return recorder.Body.Bytes()
}

func TestAnAnchorIsRemovedAloneFromItsFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	one, other := certstest.Root(t, "Một").Certificate, certstest.Root(t, "Hai").Certificate
	if err := os.MkdirAll(filepath.Join(folder, "public"), 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "public", "both.pem")
	if err := os.WriteFile(path, certs.EncodePEM(one, other), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, each := range []struct {
		certificate *x509.Certificate
		left        int
	}{{one, 1}, {other, 0}} {
		got := command(t, nil, "certs", "remove", "--anchors", folder, "--yes", fingerprint(each.certificate)[:12])
		files, err := certs.ListAnchorFiles(os.DirFS(folder))
		if got.code != 0 || err != nil || len(files) != each.left {
			t.Errorf("exit %d, %d files, %v\n%s", got.code, len(files), err, got.err)
		}
	}
}
