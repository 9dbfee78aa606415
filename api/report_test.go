package api_test

import (
	"bytes"
	"encoding/json"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"congvan/api"
	"congvan/exchange"
	"congvan/signing"
)

func TestAJudgementOnPaperIsSignedByTheGateway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, arrival := w.issued(t)
	secret := w.province.token(t, "Lê Văn Cường", department, exchange.Clerk)
	for _, lang := range []string{"vi", "en"} {
		request := newRequest(t, http.MethodGet,
			w.province.people.URL+"/api/v1/inbox/"+string(arrival)+"/report.pdf", secret, nil)
		request.Header.Set("Accept-Language", lang)
		response, paper := ask(t, request)
		if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "application/pdf" {
			t.Fatalf("%d %s", response.StatusCode, response.Header.Get("Content-Type"))
		}
		report := w.examined(t, paper)
		if len(report.Signatures) != 1 || report.Signatures[0].Integrity != signing.Intact ||
			report.Signatures[0].Signer != "cong-tinh" || report.Signatures[0].Level != signing.LevelT ||
			report.Verdict == signing.Failed {
			t.Errorf("%s: the paper is %s: %+v", lang, report.Verdict, report.Signatures)
		}
		if !bytes.Contains(paper, []byte("https://example.vn/check/")) {
			t.Error("the paper does not lead to the page where it can be checked")
		}
	}
}

func TestTheOfficeThatIssuedGetsItsDocumentJudgedOnPaper(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	document, _ := w.issued(t)
	secret := w.commune.token(t, "Trần Thị Bình", commune, exchange.Clerk)
	response, paper := ask(t, newRequest(t, http.MethodGet,
		w.commune.people.URL+"/api/v1/documents/"+string(document)+"/report.pdf", secret, nil))
	if report := w.examined(t, paper); response.StatusCode != http.StatusOK || len(report.Signatures) != 1 {
		t.Errorf("%d, %d signatures", response.StatusCode, len(report.Signatures))
	}
}

func (w *world) examined(t *testing.T, file []byte) signing.Report {
	t.Helper()
	report, err := signing.Examine(t.Context(), bytes.NewReader(file), int64(len(file)),
		signing.Policy{At: time.Now(), Anchors: w.authority.Anchors()})
	must(t, err)
	return report
}

// The leader signed first, the office sealed afterwards: what the seal added is drawn.
func TestWhatWasAddedAfterSigningIsDrawn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, arrival := w.issued(t)
	secret := w.province.token(t, "Lê Văn Cường", department, exchange.Clerk)
	base := w.province.people.URL + "/api/v1/inbox/" + string(arrival) + "/changes"
	response, body := ask(t, newRequest(t, http.MethodGet, base, secret, nil))
	var changes api.Changes
	must(t, json.Unmarshal(body, &changes))
	if response.StatusCode != http.StatusOK || changes.Signer != leaderName || !changes.Whole || len(changes.Pages) != 1 ||
		changes.Pages[0].Page != 1 || len(changes.Pages[0].Areas) == 0 || changes.Summary == "" {
		t.Fatalf("%d %s", response.StatusCode, body)
	}
	pictures := map[string][]byte{}
	for _, revision := range []string{"signed", "current"} {
		_, picture := ask(t, newRequest(t, http.MethodGet, base+"/1?revision="+revision, secret, nil))
		if _, err := png.Decode(bytes.NewReader(picture)); err != nil {
			t.Errorf("%s: %v: %.80q", revision, err, picture)
		}
		pictures[revision] = picture
	}
	if bytes.Equal(pictures["signed"], pictures["current"]) {
		t.Error("both revisions look alike")
	}
	if response, _ := ask(t, newRequest(t, http.MethodGet, base+"/2", secret, nil)); response.StatusCode != http.StatusNotFound {
		t.Errorf("page 2 of 1: %d", response.StatusCode)
	}
}

func TestAnyFileCanBeJudgedOnPaper(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	secret := w.province.token(t, "Lê Văn Cường", department, exchange.Clerk)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "thư.pdf")
	must(t, err)
	_, err = part.Write(letter())
	must(t, err)
	must(t, form.Close())
	request := newRequest(t, http.MethodPost, w.province.people.URL+"/api/v1/verify/report.pdf", secret,
		io.Reader(&body))
	request.Header.Set("Content-Type", form.FormDataContentType())
	response, paper := ask(t, request)
	if report := w.examined(t, paper); response.StatusCode != http.StatusOK || len(report.Signatures) != 1 {
		t.Errorf("%d, %d signatures", response.StatusCode, len(report.Signatures))
	}
}

func TestTheHeadlineSaysWhoWhetherAndWhatAfterwards(t *testing.T) {
	t.Parallel()
	signature := func(signer string, grade signing.Modification, integrity signing.Integrity) signing.Signature {
		return signing.Signature{
			Kind: signing.KindSignature, Signer: signer, Modification: grade, Integrity: integrity,
		}
	}
	leader := signature(leaderName, signing.ModifiedFormFill, signing.Intact)
	seal := signature(communeName, signing.ModifiedNone, signing.Intact)
	forged := signature(communeName, signing.ModifiedForbidden, signing.Intact)
	broken := signature(communeName, signing.ModifiedNone, signing.Broken)
	for _, test := range []struct {
		verdict    signing.Verdict
		signatures []signing.Signature
		want       string
	}{
		{
			signing.Passed,
			[]signing.Signature{leader, seal},
			leaderName + "; " + communeName + " đã ký – HỢP LỆ – nội dung không bị sửa sau khi ký",
		},
		{
			signing.Failed,
			[]signing.Signature{forged},
			communeName + " đã ký – KHÔNG HỢP LỆ – ĐÃ BỊ SỬA SAU KHI KÝ",
		},
		{
			signing.Failed,
			[]signing.Signature{broken},
			communeName + " đã ký – KHÔNG HỢP LỆ – NỘI DUNG KHÔNG CÒN NHƯ LÚC KÝ",
		},
		{signing.Unsigned, nil, "CHƯA KÝ SỐ"},
	} {
		got := api.Headline(signing.Report{Signatures: test.signatures}, test.verdict, api.Vietnamese)
		if got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
	if got := api.Headline(signing.Report{Signatures: []signing.Signature{seal}}, signing.Passed, api.English); got !=
		communeName+" signed – VALID – not changed after signing" {
		t.Errorf("%q", got)
	}
}

func TestTheSixChecksTellWhoseSignatureDoesNotPass(t *testing.T) {
	t.Parallel()
	var good, bad signing.Signature
	good.Signer, bad.Signer = leaderName, communeName
	for _, criterion := range signing.Criteria() {
		good.Checks = append(good.Checks, signing.Check{Criterion: criterion, Result: signing.CheckPassed})
		bad.Checks = append(bad.Checks, signing.Check{Criterion: criterion, Result: signing.CheckPassed})
	}
	bad.Checks[1] = signing.Check{
		Criterion: signing.CheckStatus, Result: signing.CheckUnknown, Reason: "revocation.not_checked",
	}
	lines := api.CheckLines(signing.Report{Signatures: []signing.Signature{good, bad, bad}}, api.Vietnamese)
	if len(lines) != 6 {
		t.Fatalf("%d lines", len(lines))
	}
	for i, line := range lines {
		if i != 1 && (line.Result != signing.CheckPassed || line.Text != "") {
			t.Errorf("line %d: %+v", i, line)
		}
	}
	if got := lines[1]; got.Result != signing.CheckUnknown || strings.Count(got.Text, communeName) != 1 ||
		strings.Contains(got.Text, leaderName) {
		t.Errorf("%+v", got)
	}
}
