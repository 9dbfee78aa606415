package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"congvan/api"
	"congvan/exchange"
)

// part is a part of a form.
type part struct{ field, file, content string }

func formOf(parts ...part) (io.Reader, string) {
	var buffer bytes.Buffer
	form := multipart.NewWriter(&buffer)
	for _, p := range parts {
		var w io.Writer
		if p.file == "" {
			w, _ = form.CreateFormField(p.field)
		} else {
			w, _ = form.CreateFormFile(p.field, p.file)
		}
		io.WriteString(w, p.content)
	}
	form.Close()
	return &buffer, form.FormDataContentType()
}

func draftJSON(change func(*api.Draft)) string {
	d := draft("H42.09")
	if change != nil {
		change(&d)
	}
	data, err := json.Marshal(d)
	if err != nil {
		panic(err)
	}
	return string(data)
}

func TestWhatIsWrongIsToldWithACodeAndASentenceInBothLanguages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	url := w.commune.people.URL + "/api/v1"
	clerk := w.commune.token(t, "Trần Thị Bình", commune, exchange.Clerk)
	admin := w.commune.token(t, "Quản trị", commune, exchange.Administrator)
	pdf := string(letter())
	whole := func(change func(*api.Draft)) []part {
		return []part{{"document", "", draftJSON(change)}, {"file", "a.pdf", pdf}}
	}
	for _, c := range []struct {
		name         string
		method, path string
		token        string
		body         string // or
		form         []part
		mediaType    string
		status       int
		code         string
	}{
		{"no token", "GET", "/documents", "", "", nil, "", 401, "token.missing"},
		{"a wrong token", "GET", "/documents", "cvt_wrong", "", nil, "", 401, "token.invalid"},
		{"no such address", "GET", "/nothing", clerk, "", nil, "", 404, "request.no_route"},
		{"another method", "PUT", "/documents", clerk, "", nil, "", 405, "request.no_method"},
		{"no right", "GET", "/documents", admin, "", nil, "", 403, "access.denied"},
		{"no such document", "GET", "/documents/01ARZ3NDEKTSV4RRFFQ69G5FAV", clerk, "", nil, "", 404, "document.not_found"},
		{"no such arrival", "GET", "/inbox/01ARZ3NDEKTSV4RRFFQ69G5FAV", clerk, "", nil, "", 404, "arrival.not_found"},
		{"a page too long", "GET", "/documents?limit=500", clerk, "", nil, "", 400, "request.invalid"},
		{"a page of words", "GET", "/documents?limit=ten", clerk, "", nil, "", 400, "request.invalid"},
		{"a false cursor", "GET", "/documents?after=xyz", clerk, "", nil, "", 400, "page.cursor"},
		{"not a form", "POST", "/documents", clerk, "x", nil, "text/plain", 415, "request.media_type"},
		{"no draft", "POST", "/documents", clerk, "", []part{{"file", "a.pdf", pdf}}, "", 400, "request.part_order"},
		{"no file", "POST", "/documents", clerk, "", whole(nil)[:1], "", 400, "request.part_order"},
		{
			"a part after the file", "POST", "/documents", clerk, "",
			append(whole(nil), part{"attachment", "b.pdf", pdf}), "", 400, "request.part_order",
		},
		{
			"a strange part", "POST", "/documents", clerk, "",
			[]part{{"document", "", draftJSON(nil)}, {"other", "b", "x"}},
			"", 400, "request.part_order",
		},
		{
			"a draft that is no JSON", "POST", "/documents", clerk, "",
			[]part{{"document", "", "{"}, {"file", "a.pdf", pdf}},
			"", 400, "request.invalid",
		},
		{
			"an unknown key", "POST", "/documents", clerk, "",
			[]part{{"document", "", `{"secrecy":"none","number":12}`}, {"file", "a.pdf", pdf}},
			"", 400, "request.invalid",
		},
		{
			"an unknown recipient", "POST", "/documents", clerk, "",
			whole(func(d *api.Draft) { d.Recipients = []string{"H99.99"} }), "", 400, "recipient.unknown",
		},
		{
			"a state secret", "POST", "/documents", clerk, "",
			whole(func(d *api.Draft) { d.Secrecy = "mật" }), "", 400, "secrecy.refused",
		},
		{"a state secret by its mark, with an attachment", "POST", "/documents", clerk, "", []part{
			{"document", "", draftJSON(func(d *api.Draft) { d.Subject = "MẬT: kế hoạch" })},
			{"attachment", "b.pdf", pdf},
			{"file", "a.pdf", pdf},
		}, "", 400, "secrecy.refused"},
		{
			"an empty file", "POST", "/documents", clerk, "",
			[]part{{"document", "", draftJSON(nil)}, {"file", "a.pdf", ""}},
			"", 400, "file.empty",
		},
		{
			"a file that is no PDF", "POST", "/documents", clerk, "",
			[]part{{"document", "", draftJSON(nil)}, {"file", "a.pdf", "hello"}},
			"", 400, "document.not_pdf",
		},
		{
			"a truncated PDF", "POST", "/documents", clerk, "",
			[]part{{"document", "", draftJSON(nil)}, {"file", "a.pdf", pdf[:len(pdf)/2]}},
			"", 400, "pdf.truncated",
		},
		{"a program", "POST", "/documents", clerk, "", []part{
			{"document", "", draftJSON(nil)}, {"attachment", "b.exe", "MZ\x90\x00 program"}, {"file", "a.pdf", pdf},
		}, "", 400, "file.executable"},
		{
			"a name with a folder", "POST", "/documents", clerk, "",
			whole(func(d *api.Draft) { d.FileName = "../../etc/passwd" }), "", 400, "file.name",
		},
		{"an empty verification", "POST", "/verify", clerk, "", nil, "application/pdf", 400, "file.empty"},
		{
			"a refusal without reason", "POST", "/inbox/x/refuse", clerk, `{"reason":"không"}`, nil,
			"application/json", 400, "arrival.reason",
		},
		{
			"a refusal that is no JSON", "POST", "/inbox/x/refuse", clerk, `{"reason":`, nil,
			"application/json", 400, "request.invalid",
		},
		{
			"a status that cannot be reported", "POST", "/inbox/x/status", clerk, `{"status":"13"}`, nil,
			"application/json", 400, "request.invalid",
		},
		{
			"a token for ever", "POST", "/tokens", admin,
			`{"name":"x","role":"clerk","expires_at":"2126-01-01T00:00:00Z"}`, nil, "application/json", 400, "token.life",
		},
		{
			"a role that is none", "POST", "/tokens", admin, `{"name":"x","role":"king"}`, nil,
			"application/json", 400, "request.invalid",
		},
		{"a token that is none", "DELETE", "/tokens/abc", admin, "", nil, "", 404, "token.unknown"},
		{"a code that is none", "GET", "/problems/no.such", "", "", nil, "", 404, "problem.unknown"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			details := map[string]string{}
			for _, lang := range []string{"vi", "en"} {
				var body io.Reader = strings.NewReader(c.body)
				mediaType := c.mediaType
				if c.form != nil {
					body, mediaType = formOf(c.form...)
				}
				request := newRequest(t, c.method, url+c.path, c.token, body)
				request.Header.Set("Accept-Language", lang+",x;q=0.3")
				if mediaType != "" {
					request.Header.Set("Content-Type", mediaType)
				}
				response, answer := ask(t, request)
				problem := wantProblem(t, response, answer, c.status, c.code)
				details[lang] = problem.Detail
				if problem.Detail != api.Sentence(c.code, api.Lang(lang)) {
					t.Errorf("detail in %s: %q", lang, problem.Detail)
				}
				if c.status == 401 && response.Header.Get("WWW-Authenticate") == "" {
					t.Error("401 without WWW-Authenticate")
				}
			}
			if details["vi"] == details["en"] {
				t.Errorf("one language only: %q", details["vi"])
			}
		})
	}
}

func TestARefusedSubmissionLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clerk := w.commune.client(t, "Trần Thị Bình", commune, exchange.Clerk)
	attachment := []byte("%PDF-1.7 phụ lục chưa ai thấy")
	refused := submission("H42.09")
	refused.Draft.Subject = "MẬT: kế hoạch"
	refused.Attachments = []api.NamedFile{{Name: "phụ lục.pdf", Content: bytes.NewReader(attachment)}}
	_, err := clerk.Submit(t.Context(), refused)
	wantCode(t, err, exchange.Invalid, "secrecy.refused")
	held, err := w.commune.gateway.Blobs.Has(t.Context(), []exchange.Digest{digestOf(attachment), digestOf(letter())})
	must(t, err)
	for digest, kept := range held {
		if kept {
			t.Errorf("%s of a secret was kept", digest)
		}
	}
	page, err := clerk.Documents(t.Context(), exchange.Page{})
	if err != nil || len(page.Items) != 0 {
		t.Errorf("documents %+v, %v", page, err)
	}
}

func TestAttachmentsComeBesideTheFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clerk := w.commune.client(t, "Trần Thị Bình", commune, exchange.Clerk)
	with := submission("H42.09")
	appendix := []byte("PK\x03\x04 bảng tính")
	with.Attachments = []api.NamedFile{{Name: "Phụ lục 1.xlsx", Content: bytes.NewReader(appendix)}}
	document, err := clerk.Submit(t.Context(), with)
	if err != nil || len(document.Attachments) != 1 {
		t.Fatalf("%+v, %v", document, err)
	}
	var got bytes.Buffer
	if _, err := clerk.Content(t.Context(), document.ID, document.Attachments[0].Digest, &got); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), appendix) {
		t.Errorf("got %q", got.Bytes())
	}
	_, err = clerk.Content(t.Context(), document.ID, digestOf([]byte("another")), io.Discard)
	wantCode(t, err, exchange.NotFound, "file.unknown")
}

func TestListsArePagedByCursorAndSearchedWithoutDiacritics(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clerk := w.commune.client(t, "Trần Thị Bình", commune, exchange.Clerk)
	for i := range 5 {
		one := submission("H42.09")
		one.Draft.Subject = fmt.Sprintf("Báo cáo số %d", i)
		one.File.Content = bytes.NewReader(letter(fmt.Sprint(i)))
		_, err := clerk.Submit(t.Context(), one)
		must(t, err)
	}
	var subjects []string
	for page := (exchange.Page{Limit: 2}); ; {
		list, err := clerk.Documents(t.Context(), page)
		must(t, err)
		for _, document := range list.Items {
			subjects = append(subjects, document.Subject)
		}
		if list.Next == "" {
			break
		}
		page.After = list.Next
	}
	if want := "[Báo cáo số 4 Báo cáo số 3 Báo cáo số 2 Báo cáo số 1 Báo cáo số 0]"; fmt.Sprint(subjects) != want {
		t.Errorf("pages gave %v", subjects)
	}
	found, err := clerk.Documents(t.Context(), exchange.Page{Search: "bao cao 3"})
	if err != nil || len(found.Items) != 1 || found.Items[0].Subject != "Báo cáo số 3" {
		t.Errorf("search gave %+v, %v", found.Items, err)
	}
}

func TestOneKeyIsOneDocument(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	clerk := w.commune.client(t, "Trần Thị Bình", commune, exchange.Clerk)
	keyed := func(change func(*api.Submission)) (api.Document, error) {
		s := submission("H42.09")
		s.Key = "clerk-7/001"
		if change != nil {
			change(&s)
		}
		return clerk.Submit(ctx, s)
	}
	_, err := keyed(func(s *api.Submission) { s.Draft.Recipients = []string{"H99"} })
	wantCode(t, err, exchange.Invalid, "recipient.unknown")
	first, err := keyed(nil)
	must(t, err)
	again, err := keyed(nil)
	must(t, err)
	if again.ID != first.ID || !again.CreatedAt.Equal(first.CreatedAt) {
		t.Errorf("the same key gave %s and %s", first.ID, again.ID)
	}
	_, err = keyed(func(s *api.Submission) { s.File.Content = bytes.NewReader(letter("another")) })
	wantCode(t, err, exchange.Conflict, "request.key_reused")
	_, err = keyed(func(s *api.Submission) { s.Draft.Subject = "Khác" })
	wantCode(t, err, exchange.Conflict, "request.key_reused")
	_, err = keyed(func(s *api.Submission) { s.Key = strings.Repeat("x", 129) })
	wantCode(t, err, exchange.Invalid, "request.invalid")
	other, err := keyed(func(s *api.Submission) { s.Key = "clerk-7/002" })
	if err != nil || other.ID == first.ID {
		t.Errorf("another key gave %s, %v", other.ID, err)
	}
	page, err := clerk.Documents(ctx, exchange.Page{})
	if err != nil || len(page.Items) != 2 {
		t.Errorf("%d documents, %v", len(page.Items), err)
	}
}

func TestOneKeyAtTheSameMomentIsOneDocument(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clerk := w.commune.client(t, "Trần Thị Bình", commune, exchange.Clerk)
	ids := make(chan exchange.DocumentID, 8)
	for range cap(ids) {
		go func() {
			s := submission("H42.09")
			s.Key = "at-once"
			document, err := clerk.Submit(t.Context(), s)
			if err != nil {
				t.Errorf("submit: %v", err)
			}
			ids <- document.ID
		}()
	}
	first := <-ids
	for range cap(ids) - 1 {
		if id := <-ids; id != first {
			t.Errorf("ids %s and %s", first, id)
		}
	}
}

func TestTokensAreMadeShownOnceAndRevoked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	admin := w.commune.client(t, "Quản trị", commune, exchange.Administrator)
	made, err := admin.CreateToken(ctx, "Trần Thị Bình", exchange.Clerk, timeZero)
	must(t, err)
	if !strings.HasPrefix(made.Secret, "cvt_") || made.ID != api.HashToken(made.Secret) || made.ExpiresAt == nil {
		t.Errorf("token %+v", made)
	}
	clerk := api.NewClient(w.commune.people.URL, made.Secret, api.Vietnamese, nil)
	self, err := clerk.Self(ctx)
	if err != nil || self.Name != "Trần Thị Bình" || self.Office.Name != communeName || self.Role != exchange.Clerk {
		t.Errorf("self %+v, %v", self, err)
	}
	must(t, admin.RevokeToken(ctx, made.ID))
	must(t, admin.RevokeToken(ctx, made.ID))
	_, err = clerk.Self(ctx)
	wantCode(t, err, exchange.Denied, "token.revoked")
	if log := w.commune.log.String(); strings.Contains(log, made.Secret) {
		t.Error("the secret is in the log")
	}
}

func TestAnyFileIsJudgedAndNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clerk := w.commune.client(t, "Trần Thị Bình", commune, exchange.Clerk)
	report, err := clerk.Verify(t.Context(), bytes.NewReader(letter("a stranger's")))
	if err != nil || report.Verdict != "unsigned" || report.SHA256 != string(digestOf(letter("a stranger's"))) {
		t.Errorf("report %+v, %v", report, err)
	}
	large := append(letter(), bytes.Repeat([]byte("\n% filling"), 1<<18)...)
	report, err = clerk.Verify(t.Context(), bytes.NewReader(large))
	if err != nil || report.Size != int64(len(large)) {
		t.Errorf("report on a large file %+v, %v", report, err)
	}
	held, err := w.commune.gateway.Blobs.Has(t.Context(), []exchange.Digest{digestOf(large)})
	if err != nil || held[digestOf(large)] {
		t.Errorf("kept: %v, %v", held, err)
	}
	body, mediaType := formOf(part{"file", "Thư mời.pdf", string(letter())})
	request := newRequest(t, http.MethodPost, w.commune.people.URL+"/api/v1/verify",
		w.commune.token(t, "x", commune, exchange.Archivist), body)
	request.Header.Set("Content-Type", mediaType)
	response, answer := ask(t, request)
	if response.StatusCode != http.StatusOK || !bytes.Contains(answer, []byte(`"file":"Thư mời.pdf"`)) {
		t.Errorf("%d %s", response.StatusCode, answer)
	}
}

func TestTheRecipientThatIsWrongIsNamedByItsPlaceAndTheSuccessorsAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	district := office("huyen-hai-hau", "UBND huyện Hải Hậu", "H42.25", "cong-xa")
	district.Exists.To = "2025-06-30"
	district.Successors = []exchange.Successor{
		{Office: commune, Kind: "split", On: "2025-07-01", Basis: "NQ 202/2025/QH15"},
	}
	reformed, err := exchange.NewDirectory(exchange.DirectoryFile{
		Nodes: w.directory.Nodes(), Offices: append(w.directory.Offices("", 10), district),
	})
	must(t, err)
	w.province.gateway.Directory = func() *exchange.Directory { return reformed }
	clerk := w.province.token(t, "Lê Văn Cường", department, exchange.Clerk)
	for _, named := range []string{"huyen-hai-hau", "h42.25"} {
		body, mediaType := formOf(
			part{"document", "", draftJSON(func(d *api.Draft) { d.Recipients = []string{"H42", named} })},
			part{"file", "a.pdf", string(letter())})
		request := newRequest(t, http.MethodPost, w.province.people.URL+"/api/v1/documents", clerk, body)
		request.Header.Set("Content-Type", mediaType)
		response, answer := ask(t, request)
		problem := wantProblem(t, response, answer, http.StatusConflict, "recipient.closed")
		if len(problem.Successors) != 1 || problem.Successors[0].Office != commune {
			t.Errorf("%s: successors %+v", named, problem.Successors)
		}
		if len(problem.Faults) != 1 || problem.Faults[0].Where != "document.recipients[1]" {
			t.Errorf("%s: faults %+v", named, problem.Faults)
		}
	}
	offices, err := api.NewClient(w.province.people.URL, clerk, api.English, nil).Offices(t.Context(), "huyen hai hau")
	if err != nil || len(offices.Items) != 1 || !offices.Items[0].Closed || offices.Items[0].Living[0] != commune {
		t.Errorf("offices %+v, %v", offices, err)
	}
}

func TestNothingOfADraftIsLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clerk := w.commune.client(t, "Trần Thị Bình", commune, exchange.Clerk)
	full := submission("H42.09", "H42")
	full.Draft.ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
	full.Draft.Unit, full.Draft.Urgency, full.Draft.DueOn = "VP", exchange.Express, "2099-12-31"
	full.Draft.RepliesTo = "01BX5ZZKBKACTAV9WEVGEMMVRZ"
	full.Draft.Placement = &exchange.Placement{Page: 1, X: 100, Y: 50}
	_, err := clerk.Submit(t.Context(), full)
	must(t, err)
	got, err := clerk.Document(t.Context(), full.Draft.ID)
	must(t, err)
	want := full.Draft
	if got.ID != want.ID || got.Kind != want.Kind || got.Subject != want.Subject || got.Unit != want.Unit ||
		got.Urgency != want.Urgency || got.DueOn != want.DueOn || got.RepliesTo != want.RepliesTo ||
		got.Signatory != want.Signatory || len(got.Recipients) != 2 || got.File.Name != "Báo cáo.pdf" {
		t.Errorf("got %+v", got)
	}
}
