package api_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"congvan/api"
	"congvan/certs"
	"congvan/exchange"
	"congvan/exchange/reading"
	"congvan/signing"
)

// call asks the commune's gateway in JSON and reads the answer.
func (w *world) call(t *testing.T, what, token string, body, answer any) {
	t.Helper()
	text, err := json.Marshal(body)
	must(t, err)
	method, path, _ := strings.Cut(what, " ")
	request := newRequest(t, method, w.commune.people.URL+"/api/v1"+path, token, bytes.NewReader(text))
	request.Header.Set("Content-Type", "application/json")
	if key, ok := answer.(*keyed); ok {
		request.Header.Set("Idempotency-Key", key.key)
		answer = &key.session
	}
	response, got := ask(t, request)
	if response.StatusCode >= http.StatusBadRequest {
		t.Fatalf("%s: %d %s", what, response.StatusCode, got)
	}
	must(t, json.Unmarshal(got, answer))
}

// keyed is a session that is begun with an Idempotency-Key.
type keyed struct {
	key     string
	session api.SigningSession
}

// finished is the answer to the end of a session.
type finished struct {
	Documents []api.SessionResult `json:"documents"`
}

// outside is a world whose commune has signers with keys of their own.
type outside struct {
	*world
	leaderToken, clerkToken string
	leader, seal            certs.Identity
}

func newOutside(t *testing.T) *outside {
	t.Helper()
	w := newWorld(t)
	o := &outside{
		world:       w,
		leaderToken: w.commune.token(t, leaderName, commune, exchange.Leader),
		clerkToken:  w.commune.token(t, "Trần Thị Bình", commune, exchange.Clerk),
	}
	var err error
	o.leader, err = w.authority.Leader(leaderName, "Chủ tịch", communeName, certs.RSA2048)
	must(t, err)
	o.seal, err = w.authority.Seal(communeName, certs.ECDSAP256)
	must(t, err)
	return o
}

func (o *outside) submit(t *testing.T, lines ...string) exchange.DocumentID {
	t.Helper()
	document, err := o.commune.client(t, "Trần Thị Bình", commune, exchange.Clerk).Submit(t.Context(), api.Submission{
		Draft: draft("H42.09"), File: api.NamedFile{Name: "Báo cáo.pdf", Content: bytes.NewReader(letter(lines...))},
	})
	must(t, err)
	return document.ID
}

// begin begins a session twice with one key, and wants one session.
func (o *outside) begin(
	t *testing.T, step exchange.Step, holder certs.Identity, ids ...exchange.DocumentID,
) api.SigningSession {
	t.Helper()
	order := api.SessionOrder{Step: step, Way: exchange.ByUpload, Documents: ids}
	if holder.Certificate != nil {
		order.Way, order.Certificate = exchange.ByValue, holder.Certificate.Raw
		for _, certificate := range holder.Chain {
			order.Chain = append(order.Chain, certificate.Raw)
		}
	}
	first := keyed{key: fmt.Sprintf("ky-%s-%s-%s", step, order.Way, ids[0])}
	again := first
	o.call(t, "POST /signing-sessions", o.token(step), order, &first)
	o.call(t, "POST /signing-sessions", o.token(step), order, &again)
	if first.session.ID != again.session.ID || first.session.State != "open" ||
		!first.session.ExpiresAt.Equal(first.session.CreatedAt.Add(15*time.Minute)) {
		t.Fatalf("begun %+v, then %+v", first.session, again.session)
	}
	return first.session
}

func (o *outside) token(step exchange.Step) string {
	if step == exchange.StepSealed {
		return o.clerkToken
	}
	return o.leaderToken
}

func (o *outside) finish(t *testing.T, session api.SigningSession, values ...api.SessionValue) []api.SessionResult {
	t.Helper()
	var answer finished
	o.call(t, "POST /signing-sessions/"+string(session.ID)+"/finish", o.token(session.Step),
		map[string]any{"documents": values}, &answer)
	return answer.Documents
}

// passes sends the document, and wants the recipient to judge it passed without a finding.
func (o *outside) passes(t *testing.T, ids ...exchange.DocumentID) {
	t.Helper()
	clerk := o.commune.client(t, "Trần Thị Bình", commune, exchange.Clerk)
	for _, id := range ids {
		_, err := clerk.Send(t.Context(), id)
		must(t, err)
	}
	must(t, o.commune.gateway.DeliverNow(t.Context()))
	_, err := o.province.gateway.Judge(t.Context())
	must(t, err)
	actor := exchange.Actor{Name: "Lê Văn Cường", Office: department, Role: exchange.Clerk}
	arrivals, err := reading.Desk{Gateway: o.province.gateway}.Arrivals(t.Context(), actor, exchange.Page{Limit: 10})
	must(t, err)
	if len(arrivals) != len(ids) {
		t.Fatalf("%d arrived of %d", len(arrivals), len(ids))
	}
	for _, arrival := range arrivals {
		if arrival.Judgement.Verdict != "passed" || len(arrival.Judgement.Findings()) > 0 {
			t.Errorf("judged %s %v: %s", arrival.Judgement.Verdict, arrival.Judgement.Findings(), arrival.Judgement.Report)
		}
	}
}

// The key is a token elsewhere: it is given what to sign, for two documents at once, and gives bare values back.
func TestATokenElsewhereSignsTwoDocumentsByTheirValues(t *testing.T) {
	t.Parallel()
	o := newOutside(t)
	ids := []exchange.DocumentID{o.submit(t), o.submit(t, "hai")}
	o.byValue(t, exchange.StepSigned, o.leader, ids)
	o.byValue(t, exchange.StepSealed, o.seal, ids)
	o.passes(t, ids...)
}

func (o *outside) byValue(t *testing.T, step exchange.Step, holder certs.Identity, ids []exchange.DocumentID) {
	t.Helper()
	session := o.begin(t, step, holder, ids...)
	var values []api.SessionValue
	for _, document := range session.Documents {
		if step == exchange.StepSealed && document.Number == "" {
			t.Errorf("%s is to be sealed without a number", document.ID)
		}
		value, err := holder.Signer.Sign(rand.Reader, document.Prepared.Hash, hashOf(t, document.Prepared.Algorithm))
		must(t, err)
		values = append(values, api.SessionValue{ID: document.ID, Signature: value})
	}
	wrong := slices.Clone(values)
	wrong[0].Signature = bytes.Clone(values[0].Signature)
	wrong[0].Signature[9] ^= 1
	partly := o.finish(t, session, wrong...)
	if partly[0].Problem == nil || partly[0].Problem.Code != "signature.not_ours" || partly[1].Document == nil {
		t.Errorf("one of two was wrong: %+v", partly)
	}
	for range 2 {
		for _, result := range o.finish(t, session, values...) {
			if result.Problem != nil || result.Document.Step != step {
				t.Errorf("%s: %+v", result.ID, result.Problem)
			}
		}
	}
	var state api.SigningSession
	o.call(t, "GET /signing-sessions/"+string(session.ID), o.token(step), nil, &state)
	if state.State != "finished" || state.Documents[0].Result == "" || state.Documents[0].Prepared != nil {
		t.Errorf("afterwards %+v", state)
	}
}

// The key belongs to a program that makes whole CMS objects: OpenSSL, over the bytes that the gateway gives out.
func TestOpenSSLSignsByAWholeObjectOverTheBytesItIsGiven(t *testing.T) {
	t.Parallel()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		if os.Getenv("CONGVAN_REQUIRE_PEERS") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	o := newOutside(t)
	id := o.submit(t)
	session := o.begin(t, exchange.StepSigned, o.leader, id)
	response, content := ask(t, newRequest(t, http.MethodGet, o.commune.people.URL+"/api/v1/signing-sessions/"+
		string(session.ID)+"/content?document="+string(id), o.leaderToken, nil))
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", response.StatusCode, content)
	}
	dir := t.TempDir()
	file := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, data, 0o600))
		return path
	}
	der, err := x509.MarshalPKCS8PrivateKey(o.leader.Signer)
	must(t, err)
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	made := filepath.Join(dir, "made.der")
	out, err := exec.CommandContext(t.Context(), openssl, "cms", "-sign", "-binary", "-cades", "-outform", "DER",
		"-in", file("content", content), "-signer", file("cert.pem", certs.EncodePEM(o.leader.Certificate)),
		"-inkey", file("key.pem", key), "-md", "sha256", "-out", made).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	object, err := os.ReadFile(made)
	must(t, err)
	results := o.finish(t, session, api.SessionValue{ID: id, CMS: object})
	if results[0].Problem != nil || results[0].Document.Step != exchange.StepSigned {
		t.Fatalf("%+v", results[0])
	}
	o.byValue(t, exchange.StepSealed, o.seal, []exchange.DocumentID{id, o.signed(t)})
	_, err = o.commune.client(t, "Trần Thị Bình", commune, exchange.Clerk).Send(t.Context(), id)
	must(t, err)
}

// hashOf is the hash in the name of an algorithm.
func hashOf(t *testing.T, algorithm string) crypto.Hash {
	t.Helper()
	for _, hash := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		if strings.HasSuffix(algorithm, hash.String()) && !strings.Contains(algorithm, "PSS") {
			return hash
		}
	}
	t.Fatalf("algorithm %q", algorithm)
	return 0
}

// signed is another document that its leader has signed with a key that the gateway holds.
func (o *outside) signed(t *testing.T) exchange.DocumentID {
	t.Helper()
	id := o.submit(t, "ba")
	_, err := o.commune.client(t, leaderName, commune, exchange.Leader).Sign(t.Context(), id)
	must(t, err)
	return id
}

// tool is a signing tool on a desk: it knows two addresses and sends neither cookie nor token.
type tool struct {
	*outside
	links api.SessionLinks
}

type toolAnswer struct {
	Status     bool   `json:"Status"`
	Message    string `json:"Message"`
	FileName   string `json:"FileName"`
	FileServer string `json:"FileServer"`
}

func (o *outside) tool(t *testing.T, step exchange.Step, id exchange.DocumentID) tool {
	t.Helper()
	session := o.begin(t, step, certs.Identity{}, id)
	held := tool{outside: o}
	o.call(t, "POST /signing-sessions/"+string(session.ID)+"/links", o.token(step),
		map[string]any{"document": id}, &held.links)
	return held
}

func (d tool) download(t *testing.T) []byte {
	t.Helper()
	response, content := ask(t, newRequest(t, http.MethodGet, d.commune.people.URL+d.links.Download, "", nil))
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "application/pdf" {
		t.Fatalf("download: %d %s", response.StatusCode, content)
	}
	return content
}

func (d tool) upload(t *testing.T, field string, file []byte) (toolAnswer, string) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile(field, "ký.pdf")
	must(t, err)
	_, err = part.Write(file)
	must(t, err)
	must(t, form.Close())
	request := newRequest(t, http.MethodPost, d.commune.people.URL+d.links.Upload, "", &body)
	request.Header.Set("Content-Type", form.FormDataContentType())
	response, text := ask(t, request)
	var answer toolAnswer
	if response.StatusCode != http.StatusOK || json.Unmarshal(text, &answer) != nil {
		t.Fatalf("upload: %d %s", response.StatusCode, text)
	}
	return answer, string(text)
}

// sign is what the tool does by itself: another update at the end of the file.
func (d tool) sign(t *testing.T, file []byte, holder certs.Identity) []byte {
	t.Helper()
	signed, err := signing.SignPDF(t.Context(), bytes.NewReader(file), int64(len(file)), signing.Order{
		Identity: holder, Level: signing.LevelT, Stamper: d.stamper, At: time.Now(),
	})
	must(t, err)
	return append(bytes.Clone(file), signed.Tail...)
}

func TestAToolOnADeskDownloadsSignsAndUploads(t *testing.T) {
	t.Parallel()
	o := newOutside(t)
	id := o.submit(t)
	for i, holder := range []certs.Identity{o.leader, o.seal} {
		desk := o.tool(t, []exchange.Step{exchange.StepSigned, exchange.StepSealed}[i], id)
		signed := desk.sign(t, desk.download(t), holder)
		for range 2 { // the same bytes again: the tool did not hear the answer
			answer, text := desk.upload(t, "uploadfile", signed)
			want := fmt.Sprintf(`{"Status":true,"Message":"Đã nhận văn bản đã ký. Hãy quay lại trang văn bản.",`+
				`"FileName":"Báo cáo.pdf","FileServer":"/api/v1/documents/%s/content"}`, id)
			if !answer.Status || text != want {
				t.Fatalf("answer %s, want %s", text, want)
			}
		}
	}
	o.passes(t, id)
}

func TestAToolThatCheatsIsToldWhyInItsOwnWords(t *testing.T) {
	t.Parallel()
	o := newOutside(t)
	id := o.submit(t)
	desk := o.tool(t, exchange.StepSigned, id)
	original := desk.download(t)
	honest := desk.sign(t, original, o.leader)
	altered := bytes.Clone(honest)
	altered[len(original)/2] ^= 1
	refused := func(name, field string, file []byte, code string) {
		t.Helper()
		answer, _ := desk.upload(t, field, file)
		want := toolAnswer{Message: api.Sentence(code, api.Vietnamese)}
		if answer != want {
			t.Errorf("%s: %+v, want %+v", name, answer, want)
		}
	}
	refused("another field", "file", honest, "upload.no_file")
	refused("an altered prefix", "uploadfile", altered, "upload.not_an_extension")
	refused("another signer", "uploadfile", desk.sign(t, original, o.seal), "sign.wrong_holder")
	refused("two signatures", "uploadfile", desk.sign(t, honest, o.leader), "upload.not_one_signature")
	if answer, text := desk.upload(t, "uploadfile", honest); !answer.Status {
		t.Fatal(text)
	}
	refused("a second upload", "uploadfile", desk.sign(t, original, o.leader), "session.finished")
	response, body := ask(t, newRequest(t, http.MethodGet, o.commune.people.URL+desk.links.Download, "", nil))
	wantProblem(t, response, body, http.StatusConflict, "session.finished")

	replayed := desk
	desk = o.tool(t, exchange.StepSigned, o.submit(t, "khác"))
	refused("a replay on another document", "uploadfile", honest, "upload.not_an_extension")
	desk.links.Upload = replayed.links.Download[:len(replayed.links.Download)-len("/document.pdf")]
	refused("a link for downloading", "uploadfile", honest, "session.no_such_link")
	for _, secret := range []string{replayed.links.Upload, filepath.Dir(replayed.links.Download)} {
		if strings.Contains(o.commune.log.String(), filepath.Base(secret)) {
			t.Error("the log tells the secret of a link")
		}
	}
}

// The attachments are parts of the session: each with what is to be signed, and with links of its own.
func TestASealElsewhereIsAskedForEachAttachmentFirst(t *testing.T) {
	t.Parallel()
	o := newOutside(t)
	clerk := o.commune.client(t, "Trần Thị Bình", commune, exchange.Clerk)
	submitted, err := clerk.Submit(t.Context(), api.Submission{
		Draft: draft("H42.09"), File: api.NamedFile{Name: "Báo cáo.pdf", Content: bytes.NewReader(letter())},
		Attachments: []api.NamedFile{{Name: "Phụ lục.pdf", Content: bytes.NewReader(letter("phu luc"))}},
	})
	must(t, err)
	id := submitted.ID
	_, err = o.commune.client(t, leaderName, commune, exchange.Leader).Sign(t.Context(), id)
	must(t, err)
	session := o.begin(t, exchange.StepSealed, o.seal, id)
	if len(session.Documents) != 2 || session.Documents[0].Attachment != 1 || session.Documents[0].Name != "Phụ lục.pdf" {
		t.Fatalf("%+v", session.Documents)
	}
	upload := o.begin(t, exchange.StepSealed, certs.Identity{}, id)
	desk := tool{outside: o}
	o.call(t, "POST /signing-sessions/"+string(upload.ID)+"/links", o.clerkToken,
		map[string]any{"document": id, "attachment": 1}, &desk.links)
	if answer, text := desk.upload(t, "uploadfile", desk.sign(t, desk.download(t), o.seal)); !answer.Status ||
		answer.FileName != "Phụ lục.pdf" {
		t.Errorf("the tool is told %s", text)
	}
	values := make([]api.SessionValue, len(session.Documents))
	for i, part := range session.Documents {
		value, err := o.seal.Signer.Sign(rand.Reader, part.Prepared.Hash, hashOf(t, part.Prepared.Algorithm))
		must(t, err)
		values[i] = api.SessionValue{ID: id, Attachment: part.Attachment, Signature: value}
	}
	for _, result := range o.finish(t, session, values...) {
		if result.Problem != nil {
			t.Errorf("%d: %+v", result.Attachment, result.Problem)
		}
	}
	o.passes(t, id)
}
