package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"congvan/api"
	"congvan/exchange"
)

// attestedView is the page that everybody who holds a report on paper can open: what the gateway attested of it, and
// nothing else of any document.
type attestedView struct {
	Verdict  verdictView
	Gateway  string
	Digest   exchange.Digest
	At       string
	Address  string
	Compared string // "same" or "other" when a file was given; else empty
	Problem  string
}

// How often one address may ask in a minute, and all together.
const (
	asksOfOne, asksOfAll       = 60, 1200
	uploadsOfOne, uploadsOfAll = 6, 60
)

// check shows what an attestation states.
func (s *Screens) check(c *gin.Context) {
	view, err := s.attested(c, "read ", asksOfOne, asksOfAll)
	if err != nil {
		s.fail(c, err)
		return
	}
	s.show(c, http.StatusOK, "check", "check", view)
}

// compareWithReport reads the file of the form for its digest, keeps nothing of it, and says whether it is the one that
// was judged.
func (s *Screens) compareWithReport(c *gin.Context) {
	view, err := s.attested(c, "file ", uploadsOfOne, uploadsOfAll)
	if err != nil {
		s.fail(c, err)
		return
	}
	digest, err := s.digestOfForm(c)
	if err != nil {
		problem := api.NewProblem(err, lang(c))
		view.Problem = problem.Detail
		s.show(c, problem.Status, "check", "check", view)
		return
	}
	view.Compared = "other"
	if digest == view.Digest {
		view.Compared = "same"
	}
	s.show(c, http.StatusOK, "check", "check", view)
}

func (s *Screens) attested(c *gin.Context, what string, one, all int) (attestedView, error) {
	if err := s.gate.pass(s.config.Gateway.Now(), what, c.RemoteIP(), [2]int{one, all}); err != nil {
		return attestedView{}, err
	}
	attestation, err := s.config.Notary.OpenAttestation(c.Param("attestation"))
	if err != nil {
		return attestedView{}, err
	}
	lang := lang(c)
	view := attestedView{
		Verdict: verdictView{
			Class: string(attestation.Verdict), Text: word(lang, "verdict_"+string(attestation.Verdict)),
		},
		Gateway: string(s.config.Gateway.Node), Digest: attestation.Digest, At: shown(attestation.JudgedAt),
		Address: c.Request.URL.Path,
	}
	if attestation.Verdict != "unsigned" {
		view.Verdict.Who = api.Sentence("headline."+string(attestation.Modified), lang)
	}
	return view, nil
}

// digestOfForm streams the file of the form through SHA-256; nothing of it is laid down.
func (s *Screens) digestOfForm(c *gin.Context) (exchange.Digest, error) {
	if err := api.AllowBody(c.Request, s.config.Gateway.MaxFile+formOverhead); err != nil {
		return "", err
	}
	form, err := c.Request.MultipartReader()
	if err != nil {
		return "", exchange.Errorf(exchange.Invalid, "request.invalid", "read the form: %w", err)
	}
	part, err := form.NextPart()
	if err != nil || part.FormName() != "file" {
		return "", exchange.Errorf(exchange.Invalid, "request.invalid", "the form has no file: %w", orEOF(err))
	}
	hash := sha256.New()
	size, err := io.Copy(hash, part)
	switch {
	case err != nil && exchange.KindOf(err) != exchange.Internal:
		return "", err
	case err != nil:
		return "", exchange.Errorf(exchange.Unavailable, "file.interrupted", "%w", err)
	case size == 0:
		return "", exchange.Errorf(exchange.Invalid, "file.empty", "%q", part.FileName())
	}
	return exchange.Digest(hex.EncodeToString(hash.Sum(nil))), nil
}

func orEOF(err error) error {
	if err == nil {
		return io.ErrUnexpectedEOF
	}
	return err
}

var errTurnstile = errors.New("too often")

// turnstile counts how often the public page is asked for in a minute, by whom. Its zero value is open.
type turnstile struct {
	mutex sync.Mutex
	// minute and asked are guarded by mutex.
	minute time.Time
	asked  map[string]int
}

// pass lets so many through in a minute: of one address, and of all. Error: Unavailable request.too_many.
func (t *turnstile) pass(now time.Time, what, address string, most [2]int) error {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if minute := now.Truncate(time.Minute); !minute.Equal(t.minute) || t.asked == nil {
		t.minute, t.asked = minute, map[string]int{}
	}
	if t.asked[what+address] >= most[0] || t.asked[what] >= most[1] { // the map holds at most as many as all may ask
		return exchange.Errorf(exchange.Unavailable, "request.too_many", "%w: %s", errTurnstile, address)
	}
	t.asked[what+address]++
	t.asked[what]++
	return nil
}
