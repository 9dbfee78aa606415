package api_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"congvan/api"
	"congvan/archive"
	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/exchange"
	"congvan/exchange/evidence"
	"congvan/exchange/handover"
	"congvan/exchange/remind"
	"congvan/pages"
	"congvan/signing"
	"congvan/storage"
)

// The offices and people of the world: a commune with a gateway of its own, and a province whose gateway also hosts a
// department.
const (
	commune    = exchange.OfficeID("xa-hai-hau")
	department = exchange.OfficeID("so-noi-vu")
	province   = exchange.OfficeID("tinh-ninh-binh")

	communeName = "UBND xã Hải Hậu"
	leaderName  = "Nguyễn Văn An"
)

// world is two gateways that talk to each other over the real wire, with real keys, records and blobs.
type world struct {
	authority *certs.Authority
	stamper   certs.Stamper
	directory *exchange.Directory
	file      exchange.DirectoryFile // of which the directory is made
	commune   *node
	province  *node
}

// node is one gateway with both of its servers.
type node struct {
	gateway     *exchange.Gateway
	desk        *handover.Desk
	server      *api.Server
	people      *httptest.Server
	peers       *api.PeerServer
	carrier     *api.PeerCarrier
	certificate tls.Certificate
	entry       exchange.Node
	log         *lockedBuffer
	accepted    atomic.Int64 // connections of other gateways
	uploads     string       // folder
}

type worldOption func(*api.Config)

func newWorld(tb testing.TB, options ...worldOption) *world {
	tb.Helper()
	w := &world{}
	handler := &latecomer{}
	trust := httptest.NewServer(handler)
	tb.Cleanup(trust.Close)
	authority, err := certs.NewAuthority(certs.Setting{URL: trust.URL, Now: time.Now})
	must(tb, err)
	handler.Handler = authority.Handler()
	w.authority = authority
	w.stamper, err = certs.NewTSA(certs.Timestamping{URLs: []string{authority.TimestampURL()}, Now: time.Now})
	must(tb, err)

	communeLine, communeEntry, communeKey := w.line(tb, "cong-xa")
	provinceLine, provinceEntry, provinceKey := w.line(tb, "cong-tinh")
	communeEntry.Uplink = "cong-tinh"
	w.file = exchange.DirectoryFile{
		Nodes: []exchange.Node{communeEntry, provinceEntry},
		Offices: []exchange.Office{
			office(commune, communeName, "H42.25.11", "cong-xa"),
			office(department, "Sở Nội vụ tỉnh Ninh Bình", "H42.09", "cong-tinh"),
			office(province, "UBND tỉnh Ninh Bình", "H42", "cong-tinh"),
		},
	}
	w.directory, err = exchange.NewDirectory(w.file)
	must(tb, err)
	w.commune = w.start(tb, communeLine, communeEntry, communeKey, options)
	w.province = w.start(tb, provinceLine, provinceEntry, provinceKey, options)
	return w
}

// renderer is one for all tests, with the compiled PDFium of all packages: compiling it takes longer than most tests.
var renderer = sync.OnceValue(func() *pages.Renderer {
	return pages.New(2, filepath.Join(os.TempDir(), "congvan-test-cache", "congvan"))
})

// latecomer is a handler that is set after its server has an address.
type latecomer struct{ http.Handler }

func office(id exchange.OfficeID, name, code string, host exchange.NodeID) exchange.Office {
	return exchange.Office{
		ID: id, Level: "commune", Notation: "UBND",
		Names: []exchange.Name{{Name: name}},
		Codes: []exchange.Code{{Scheme: exchange.QD20, Code: code}},
		Hosts: []exchange.Host{{Node: host}},
	}
}

// line opens the listener of a gateway and issues its key: the directory names both.
func (w *world) line(tb testing.TB, id exchange.NodeID) (net.Listener, exchange.Node, certs.Identity) {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(tb, err)
	identity, err := w.authority.Node(string(id))
	must(tb, err)
	return listener, exchange.Node{
		ID: id, URL: "https://" + listener.Addr().String(), Certificates: [][]byte{identity.Certificate.Raw},
	}, identity
}

func (w *world) start(
	tb testing.TB, line net.Listener, entry exchange.Node, identity certs.Identity, options []worldOption,
) *node {
	tb.Helper()
	dir := tb.TempDir()
	records, err := storage.OpenRecords(tb.Context(), "sqlite:"+filepath.Join(dir, "congvan.db"))
	must(tb, err)
	blobs, err := storage.OpenFolder(filepath.Join(dir, "blobs"))
	must(tb, err)
	n := &node{
		entry: entry, log: &lockedBuffer{}, certificate: certificate(identity), uploads: filepath.Join(dir, "uploads"),
	}
	uploads, err := storage.OpenPartials(n.uploads, 256<<20, time.Hour, time.Now)
	must(tb, err)
	logger := slog.New(slog.NewJSONHandler(n.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	n.carrier = api.NewPeerCarrier(entry.ID, n.certificate, blobs, time.Now)
	n.gateway = &exchange.Gateway{
		Node: entry.ID, Identity: identity, Directory: func() *exchange.Directory { return w.directory },
		Records: records, Blobs: blobs, Carrier: n.carrier, Keys: w.keys(tb), Examiner: examiner{w.authority.Anchors()},
		Rules:   exchange.SigningRules{Anchors: w.authority.Anchors(), Realms: exchange.DefaultRealms()},
		Stamper: w.stamper, Now: time.Now, Log: logger, MaxFile: 64 << 20,
	}
	config := api.Config{
		Notary:  &evidence.Notary{Gateway: n.gateway, Line: n.carrier},
		Gateway: n.gateway, Version: "test", Log: logger, Now: time.Now,
		Import:  certstest.Fetcher(tb, w.authority.Anchors(), time.Now).Import,
		Archive: &archive.Keeper{Records: records, Blobs: blobs, Now: time.Now},
	}
	setting, err := remind.Default()
	must(tb, err)
	config.Reminder = &remind.Reminder{Gateway: n.gateway, Setting: setting}
	n.desk = &handover.Desk{Gateway: n.gateway, Client: http.DefaultClient, Key: make([]byte, 32)}
	config.Desk = n.desk
	config.Reports = api.NewReporter(api.Reports{
		Gateway: n.gateway, Pages: renderer(), Version: "test", Address: "https://example.vn",
	})
	for _, option := range options {
		option(&config)
	}
	n.server = api.New(config)
	n.people = httptest.NewServer(n.server.Handler())
	n.peers = api.NewPeerServer(api.PeerConfig{
		Gateway: n.gateway, Certificate: n.certificate, Log: logger, Now: time.Now, Uploads: uploads,
	})
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	served := make(chan error, 1)
	go func() { served <- n.peers.Serve(ctx, countingListener{line, &n.accepted}) }()
	tb.Cleanup(func() {
		n.people.Close()
		n.carrier.Close()
		cancel()
		if err := <-served; err != nil {
			tb.Errorf("serve peers: %v", err)
		}
		must(tb, records.Close())
	})
	return n
}

func certificate(identity certs.Identity) tls.Certificate {
	return tls.Certificate{
		Certificate: [][]byte{identity.Certificate.Raw}, PrivateKey: identity.Signer, Leaf: identity.Certificate,
	}
}

// examiner judges against the world's own authority.
type examiner struct{ anchors certs.Anchors }

func (e examiner) Examine(
	ctx context.Context, file io.ReaderAt, size int64, at time.Time,
) (signing.Report, error) {
	return signing.Examine(ctx, file, size, signing.Policy{At: at, Anchors: e.anchors})
}

// keyring holds one leader and the seals of all offices.
type keyring struct {
	leader certs.Identity
	seals  map[exchange.OfficeID]certs.Identity
}

func (w *world) keys(tb testing.TB) keyring {
	tb.Helper()
	leader, err := w.authority.Leader(leaderName, "Chủ tịch", communeName, certs.ECDSAP256)
	must(tb, err)
	seal, err := w.authority.Seal(communeName, certs.ECDSAP256)
	must(tb, err)
	return keyring{leader, map[exchange.OfficeID]certs.Identity{commune: seal}}
}

func (k keyring) Seal(_ context.Context, office exchange.OfficeID) (exchange.Key, error) {
	seal, held := k.seals[office]
	if !held {
		return exchange.Key{}, exchange.Errorf(exchange.NotFound, "key.not_found", "seal of %s", office)
	}
	return exchange.Key{Identity: seal}, nil
}

func (k keyring) Leader(_ context.Context, office exchange.OfficeID, name string) (exchange.Key, error) {
	if office != commune || name != leaderName {
		return exchange.Key{}, exchange.Errorf(exchange.NotFound, "key.not_found", "key of %s", name)
	}
	return exchange.Key{Identity: k.leader}, nil
}

// token puts a token into the records of a gateway and gives its secret.
func (n *node) token(t *testing.T, name string, office exchange.OfficeID, role exchange.Role) string {
	t.Helper()
	secret, token := api.NewToken(exchange.Actor{Name: name, Office: office, Role: role}, time.Now(), time.Time{})
	must(t, n.gateway.Records.Update(t.Context(), func(tx exchange.Tx) error { return tx.AddToken(t.Context(), token) }))
	return secret
}

func (n *node) client(t *testing.T, name string, office exchange.OfficeID, role exchange.Role) *api.Client {
	t.Helper()
	return api.NewClient(n.people.URL, n.token(t, name, office, role), api.English, nil)
}

// issued brings a document of the commune to the department and has it judged there.
func (w *world) issued(t *testing.T) (exchange.DocumentID, exchange.ArrivalID) {
	t.Helper()
	ctx := t.Context()
	clerk := w.commune.client(t, "Trần Thị Bình", commune, exchange.Clerk)
	leader := w.commune.client(t, leaderName, commune, exchange.Leader)
	document, err := clerk.Submit(ctx, submission("H42.09"))
	must(t, err)
	_, err = leader.Sign(ctx, document.ID)
	must(t, err)
	_, err = clerk.Seal(ctx, document.ID)
	must(t, err)
	_, err = clerk.Send(ctx, document.ID)
	must(t, err)
	must(t, w.commune.gateway.DeliverNow(ctx))
	_, err = w.province.gateway.Judge(ctx)
	must(t, err)
	arrivals, err := w.province.client(t, "Lê Văn Cường", department, exchange.Clerk).Inbox(ctx, exchange.Page{})
	must(t, err)
	if len(arrivals.Items) == 0 {
		t.Fatal("nothing arrived")
	}
	return document.ID, arrivals.Items[0].ID
}

func draft(recipients ...string) api.Draft {
	return api.Draft{
		Kind: exchange.Letter, Subject: "V/v báo cáo tình hình chuyển đổi số", Unit: "VP", Secrecy: exchange.NotSecret,
		Signatory:  exchange.Signatory{Name: leaderName, Position: "Chủ tịch", Capacity: exchange.OnBehalf},
		Recipients: recipients,
	}
}

func submission(recipients ...string) api.Submission {
	return api.Submission{
		Draft: draft(recipients...),
		File:  api.NamedFile{Name: "Báo cáo.pdf", Content: bytes.NewReader(letter())},
	}
}

// letter is a PDF of one page.
func letter(lines ...string) []byte {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetCreationDate(time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC))
	pdf.SetModificationDate(time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC))
	pdf.AddPage()
	pdf.SetFont("Helvetica", "", 12)
	for i, line := range append([]string{"UY BAN NHAN DAN XA HAI HAU"}, lines...) {
		pdf.Text(30, 30+float64(i)*8, line)
	}
	var out bytes.Buffer
	if err := pdf.Output(&out); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// reply is an answer that was read to its end.
type reply struct {
	StatusCode int
	Header     http.Header
}

// ask sends a request as it stands and gives the answer with its body.
func ask(t *testing.T, request *http.Request) (*reply, []byte) {
	t.Helper()
	response, err := http.DefaultTransport.RoundTrip(request)
	must(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(t, err)
	return &reply{response.StatusCode, response.Header}, body
}

func newRequest(t *testing.T, method, url, token string, body io.Reader) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, body)
	must(t, err)
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	return request
}

// wantProblem checks that an answer is a problem document with the status and the code, and a sentence of the
// catalogue.
func wantProblem(t *testing.T, response *reply, body []byte, status int, code string) api.Problem {
	t.Helper()
	var problem api.Problem
	if err := json.Unmarshal(body, &problem); err != nil {
		t.Fatalf("not a problem document: %v: %.200s", err, body)
	}
	if response.StatusCode != status || problem.Status != status || problem.Code != code {
		t.Fatalf("got %d %d %q (%s), want %d %q",
			response.StatusCode, problem.Status, problem.Code, problem.Detail, status, code)
	}
	if got := response.Header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("content type %q", got)
	}
	if !api.HasSentence(code) || problem.Detail == "" || problem.Title == "" || problem.RequestID == "" {
		t.Errorf("incomplete problem %+v", problem)
	}
	return problem
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func wantCode(t *testing.T, err error, kind exchange.ErrorKind, code string) {
	t.Helper()
	if err == nil || exchange.KindOf(err) != kind || exchange.CodeOf(err) != code {
		t.Fatalf("got %v (%s %s), want %s %s", err, exchange.KindOf(err), exchange.CodeOf(err), kind, code)
	}
}

// lockedBuffer is a buffer that goroutines share.
type lockedBuffer struct {
	mutex sync.Mutex
	// buffer is guarded by mutex.
	buffer bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.buffer.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.buffer.String()
}

// countingListener counts the connections that come in.
type countingListener struct {
	net.Listener
	accepted *atomic.Int64
}

func (l countingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		l.accepted.Add(1)
	}
	return conn, err
}

// timeZero is no moment at all.
var timeZero time.Time

func digestOf(data []byte) exchange.Digest {
	sum := sha256.Sum256(data)
	return exchange.Digest(hex.EncodeToString(sum[:]))
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func now() time.Time { return time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC) }
