package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"congvan/api"
	"congvan/exchange"
)

// verifyView is the page to which any file can be given to have it judged.
type verifyView struct {
	Problem    string
	Name       string
	Digest     string
	Verdict    verdictView
	Signatures []signatureView
}

// formOverhead is how much a form is larger than the file in it, in bytes.
const formOverhead = 64 << 10

func (s *Screens) showVerify(c *gin.Context) {
	s.show(c, http.StatusOK, "verify", "verify", verifyView{})
}

// verify judges the file of the form and keeps nothing of it.
func (s *Screens) verify(c *gin.Context) {
	view, err := s.judged(c)
	if err != nil {
		problem := api.NewProblem(err, lang(c))
		s.show(c, problem.Status, "verify", "verify", verifyView{Problem: problem.Detail})
		return
	}
	s.show(c, http.StatusOK, "verify", "verify", view)
}

func (s *Screens) judged(c *gin.Context) (verifyView, error) {
	if err := api.AllowBody(c.Request, s.config.Gateway.MaxFile+formOverhead); err != nil {
		return verifyView{}, err
	}
	file, header, err := c.Request.FormFile("file")
	if err != nil {
		return verifyView{}, exchange.Errorf(exchange.Invalid, "request.invalid", "read the form: %w", err)
	}
	defer file.Close()
	if header.Size == 0 {
		return verifyView{}, exchange.Errorf(exchange.Invalid, "file.empty", "%q", header.Filename)
	}
	report, err := s.config.Gateway.Verify(c.Request.Context(), actor(c), file, header.Size)
	if err != nil {
		return verifyView{}, err
	}
	return verifyView{
		Name: header.Filename, Digest: report.SHA256,
		Verdict:    summary(lang(c), string(report.Verdict), report, nil),
		Signatures: signatures(lang(c), report),
	}, nil
}
