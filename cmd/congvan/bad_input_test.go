package main

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"congvan/api"
	"congvan/certs"
	"congvan/exchange"
)

// troubles is what the table of bad input needs: files that are wrong, keys that are wrong, and a gateway.
type troubles struct {
	dir   string
	files map[string]string
}

func prepareTroubles(t *testing.T) troubles {
	t.Helper()
	dir := t.TempDir()
	letter, err := demoFiles.ReadFile("demo/letter.pdf")
	if err != nil {
		t.Fatal(err)
	}
	made := troubles{dir: dir, files: map[string]string{}}
	write := func(name string, data []byte) {
		made.files[name] = filepath.Join(dir, name)
		if err := os.WriteFile(made.files[name], data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("letter.pdf", letter)
	write("empty.pdf", nil)
	write("text.pdf", []byte("Kính gửi: đây không phải là PDF.\n"))
	write("truncated.pdf", letter[:len(letter)/2])

	authority, err := certs.NewAuthority(certs.Setting{URL: "http://127.0.0.1:1", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	for name, until := range map[string]time.Time{"good.p12": {}, "expired.p12": time.Now().Add(-time.Minute)} {
		identity, err := authority.Issue(certs.Order{
			Subject: pkix.Name{CommonName: "Nguyễn Văn An"}, Use: certs.UseSigning, Until: until,
		})
		if err != nil {
			t.Fatal(err)
		}
		data, err := pkcs12.Modern.Encode(identity.Signer, identity.Certificate, []*x509.Certificate{}, "mật khẩu")
		if err != nil {
			t.Fatal(err)
		}
		write(name, data)
	}
	write("right.secret", []byte("mật khẩu\n"))
	write("wrong.secret", []byte("123456\n"))
	return made
}

// Every mistake a person can make gets a stable code, a sentence that says what to do, an exit code that is not zero,
// and leaves nothing behind.
func TestBadInputIsAnsweredWithASentenceAndACode(t *testing.T) {
	t.Parallel()
	bad := prepareTroubles(t)
	out := filepath.Join(bad.dir, "out.pdf")
	sign := func(key, secret, in string) []string {
		return []string{"sign", "--key", bad.files[key], "--password-file", bad.files[secret], bad.files[in], out}
	}
	none := filepath.Join(bad.dir, "none")
	verify := func(args ...string) []string { return append([]string{"verify", "--offline"}, args...) }
	nowhere := []string{"inbox", "--server", "http://127.0.0.1:1", "--token-file", bad.files["right.secret"]}
	cases := map[string]struct {
		args []string
		exit int
		code string
	}{
		"verify an empty file":        {verify(bad.files["empty.pdf"]), exitUsage, "file.empty"},
		"verify what is no PDF":       {verify(bad.files["text.pdf"]), exitUsage, "file.unsupported"},
		"verify a truncated PDF":      {verify(bad.files["truncated.pdf"]), exitUsage, "pdf."},
		"verify what is not there":    {verify(none), exitUsage, "file.not_found"},
		"verify at no moment":         {verify("--at", "yesterday", bad.files["letter.pdf"]), exitUsage, "usage.wrong"},
		"sign an empty file":          {sign("good.p12", "right.secret", "empty.pdf"), exitFailed, "file.empty"},
		"sign a truncated PDF":        {sign("good.p12", "right.secret", "truncated.pdf"), exitFailed, "pdf."},
		"sign with a wrong password":  {sign("good.p12", "wrong.secret", "letter.pdf"), exitFailed, "key.wrong_password"},
		"sign with an expired one":    {sign("expired.p12", "right.secret", "letter.pdf"), exitFailed, "certificate.expired"},
		"sign with no key":            {sign("text.pdf", "right.secret", "letter.pdf"), exitFailed, "key."},
		"an unknown command":          {[]string{"sing"}, exitUsage, "usage.wrong"},
		"a configuration not there":   {[]string{"serve", "--config", none}, exitFailed, "config.missing"},
		"demo with a file not there":  {[]string{"demo", "--once", "--file", none}, exitFailed, "file.not_found"},
		"a gateway that is not there": {nowhere, exitFailed, "server.unreachable"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := command(t, nil, c.args...)
			said := got.out + got.err
			if got.code != c.exit || !strings.Contains(said, "["+c.code) {
				t.Errorf("exit %d, not %d; code %q not in:\n%s", got.code, c.exit, c.code, said)
			}
			english := command(t, map[string]string{"CONGVAN_LANG": "en"}, c.args...)
			if english.out+english.err == said {
				t.Errorf("the same in both languages: %s", said)
			}
			if strings.Contains(said, "Có lỗi mang mã") {
				t.Errorf("the code has no sentence: %s", said)
			}
			if found, _ := exists(out); found {
				t.Error("something was written")
			}
		})
	}
}

func TestAGatewayRefusesWhatMayNotBeSent(t *testing.T) {
	t.Parallel()
	bad := prepareTroubles(t)
	stage := openTheatre(t)
	stage.start(t, "")
	secret := filepath.Join(bad.dir, "clerk.token")
	if err := os.WriteFile(secret, []byte(stage.staff["commune"].secrets[exchange.Clerk]+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	send := func(file string, more ...string) []string {
		return append([]string{
			"send", "--server", stage.urls["commune"], "--token-file", secret, "--subject", "V/v thử",
			"--signer", "Nguyễn Văn An", bad.files[file],
		}, more...)
	}
	cases := map[string]struct {
		args []string
		code string
	}{
		"an unknown recipient":  {send("letter.pdf", "--to", "H99.99"), "recipient.unknown"},
		"a secret":              {send("letter.pdf", "--to", "H40", "--secrecy", "mật"), "secrecy.refused"},
		"no PDF":                {send("text.pdf", "--to", "H40"), "document.not_pdf"},
		"a truncated PDF":       {send("truncated.pdf", "--to", "H40"), "pdf."},
		"an unsigned document":  {send("letter.pdf", "--to", "H40"), "seal.no_leader_signature"},
		"a token that is wrong": {send("letter.pdf", "--to=H40", "--token-file", bad.files["right.secret"]), "token.invalid"},
	}
	for name, c := range cases {
		got := command(t, nil, c.args...)
		said := strings.Contains(got.err, "["+c.code) && !strings.Contains(got.err, "Có lỗi mang mã")
		if got.code != exitFailed || !said {
			t.Errorf("%s: exit %d, code %q not in:\n%s", name, got.code, c.code, got.err)
		}
	}
	list, err := stage.staff["commune"].clerk.Documents(t.Context(), exchange.Page{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, document := range list.Items {
		if document.Step != exchange.StepSubmitted || document.Number != "" {
			t.Errorf("%s is %s with number %q", document.ID, document.Step, document.Number)
		}
	}
}

func TestAPortThatIsTakenIsNamed(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer done(listener)
	free, err := freeAddress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"listen: " + listener.Addr().String() + "\n",
		"listen: " + free + "\npeer_listen: " + free + "\n", // taken by itself
	} {
		config := filepath.Join(t.TempDir(), "congvan.yaml")
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got := command(t, nil, "serve", "--config", config)
		if got.code != exitFailed || !strings.Contains(got.err, "[port.taken]") {
			t.Errorf("exit %d: %s", got.code, got.err)
		}
	}
}

func TestEveryWordIsThereInBothLanguages(t *testing.T) {
	t.Parallel()
	for key, pair := range words {
		if pair[0] == "" || pair[1] == "" || pair[0] == pair[1] {
			t.Errorf("%s: %q, %q", key, pair[0], pair[1])
		}
	}
	for _, lang := range []api.Lang{api.Vietnamese, api.English} {
		got := command(t, map[string]string{"CONGVAN_LANG": string(lang)}, "--help")
		if got.code != exitDone || !strings.Contains(got.out, speech{lang}.word("help_config")) {
			t.Errorf("%s: exit %d\n%s", lang, got.code, got.out)
		}
	}
}
