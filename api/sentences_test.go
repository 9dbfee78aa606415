package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"congvan/api"
	"congvan/exchange"
	"congvan/signing"
)

// catalogue reads the sentences as any program can.
func catalogue(t *testing.T) []api.ProblemWords {
	t.Helper()
	server := httptest.NewServer(api.New(api.Config{
		Gateway: &exchange.Gateway{}, Log: discard(), Now: now,
	}).Handler())
	defer server.Close()
	response, body := ask(t, newRequest(t, http.MethodGet, server.URL+"/api/v1/problems", "", nil))
	var list struct {
		Items []api.ProblemWords `json:"items"`
	}
	if err := json.Unmarshal(body, &list); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%d %v", response.StatusCode, err)
	}
	return list.Items
}

// nextStep finds a word that tells a reader of Vietnamese what to do, or that nothing is to be done.
var nextStep = regexp.MustCompile(`(?i)hãy|nên |cần |đừng|không cần|xin |tự gửi|đó không phải|không phải`)

func TestSentencesAreWholeInBothLanguages(t *testing.T) {
	t.Parallel()
	words := catalogue(t)
	if len(words) < 250 {
		t.Fatalf("only %d sentences", len(words))
	}
	for _, w := range words {
		label := strings.HasPrefix(w.Code, "kind.") || strings.HasPrefix(w.Code, "act.") ||
			strings.HasPrefix(w.Code, "verdict.") || strings.HasPrefix(w.Code, "change.") ||
			strings.HasPrefix(w.Code, "check.") || strings.HasPrefix(w.Code, "rule.") ||
			strings.HasPrefix(w.Code, "headline.") || strings.HasPrefix(w.Code, "explain.") ||
			strings.HasPrefix(w.Code, "deadline.") ||
			strings.HasPrefix(w.Code, "paper.") || strings.HasPrefix(w.Code, "pictures.")
		if w.Vietnamese == "" || w.English == "" || w.Vietnamese == w.English {
			t.Errorf("%s: %q, %q", w.Code, w.Vietnamese, w.English)
		}
		if !strings.ContainsFunc(w.Vietnamese, func(r rune) bool { return r > unicode.MaxASCII }) {
			t.Errorf("%s: not Vietnamese: %q", w.Code, w.Vietnamese)
		}
		if strings.ContainsAny(w.English, "ăâđêôơưàáảãạ") && !strings.Contains(w.English, "QĐ") {
			t.Errorf("%s: not English: %q", w.Code, w.English)
		}
		if label {
			continue
		}
		for _, text := range []string{w.Vietnamese, w.English} {
			if !strings.HasSuffix(text, ".") || !unicode.IsUpper([]rune(text)[0]) || strings.Contains(text, "  ") {
				t.Errorf("%s: not a sentence: %q", w.Code, text)
			}
		}
		if !nextStep.MatchString(w.Vietnamese) {
			t.Errorf("%s: says nothing of what to do next: %q", w.Code, w.Vietnamese)
		}
	}
}

func TestACodeOfALaterVersionIsStillASentence(t *testing.T) {
	t.Parallel()
	if got := api.Sentence("later.code", api.Vietnamese); !strings.Contains(got, "later.code") ||
		api.HasSentence("later.code") {
		t.Errorf("%q", got)
	}
}

func TestTheLanguageIsTheOneAskedForMost(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]api.Lang{
		"":                           api.Vietnamese,
		"vi":                         api.Vietnamese,
		"en":                         api.English,
		"en-GB,en;q=0.9,vi;q=0.8":    api.English,
		"vi-VN,vi;q=0.9,en;q=0.8":    api.Vietnamese,
		"fr, en;q=0.5":               api.English,
		"fr":                         api.Vietnamese,
		"*":                          api.Vietnamese,
		"vi;q=0.1, en;q=0.2":         api.English,
		"en;q=0":                     api.Vietnamese,
		"en;q=abc":                   api.Vietnamese,
		"EN ; q = 0.4":               api.English,
		strings.Repeat("en;q=2,", 9): api.Vietnamese,
	} {
		if got := api.Language(header); got != want {
			t.Errorf("%q gives %s, want %s", header, got, want)
		}
	}
}

// judged is an error that carries the report it comes from.
type judged struct {
	error
	report signing.Report
}

func (j judged) SignatureReport() signing.Report { return j.report }
func (j judged) Unwrap() error                   { return j.error }

func TestEveryKindOfErrorHasItsStatus(t *testing.T) {
	t.Parallel()
	for kind, status := range map[exchange.ErrorKind]int{
		exchange.Internal: 500, exchange.Invalid: 400, exchange.Denied: 403, exchange.NotFound: 404,
		exchange.Conflict: 409, exchange.Untrusted: 422, exchange.Unavailable: 503,
	} {
		problem := api.NewProblem(exchange.Errorf(kind, "document.not_found", "x"), api.Vietnamese)
		if problem.Status != status || problem.Title != api.Sentence("kind."+string(kind), api.Vietnamese) ||
			!api.HasSentence("kind."+string(kind)) {
			t.Errorf("%s: %d %q", kind, problem.Status, problem.Title)
		}
		if retry := problem.GetHeaders().Get("Retry-After"); (retry != "") != (status == 503) {
			t.Errorf("%s: Retry-After %q", kind, retry)
		}
	}
	err := judged{exchange.Errorf(exchange.Untrusted, "document.signature_failed", "x"), signing.Report{Verdict: "failed"}}
	if problem := api.NewProblem(err, api.English); problem.Report == nil || problem.Report.Verdict != signing.Failed {
		t.Errorf("no report: %+v", problem)
	}
	if problem := api.NewProblem(http.ErrBodyNotAllowed, api.English); problem.Code != "internal" || problem.Status != 500 {
		t.Errorf("%+v", problem)
	}
}
