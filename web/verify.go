package web

import (
	"errors"
	"mime/multipart"
	"net/http"

	"github.com/gin-gonic/gin"

	"congvan/api"
	"congvan/exchange"
	"congvan/signing"
)

// verifyView is the page to which any file can be given to have it judged.
type verifyView struct {
	Problem    string
	Name       string
	Digest     string
	Verdict    verdictView
	Signatures []signatureView
	Pictures   picturesView
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
	file, report, err := s.judgedFile(c)
	if err != nil {
		return verifyView{}, err
	}
	defer file.Close()
	return verifyView{
		Name: report.File, Digest: report.SHA256,
		Verdict:    summary(lang(c), string(report.Verdict), report, nil),
		Signatures: signatures(lang(c), report), Pictures: s.pictures(c, file, report),
	}, nil
}

// judgedFile is the file of the form with what was found of it. The caller closes it.
func (s *Screens) judgedFile(c *gin.Context) (multipart.File, signing.Report, error) {
	if err := api.AllowBody(c.Request, s.config.Gateway.MaxFile+formOverhead); err != nil {
		return nil, signing.Report{}, err
	}
	file, header, err := c.Request.FormFile("file")
	if err != nil {
		return nil, signing.Report{}, exchange.Errorf(exchange.Invalid, "request.invalid", "read the form: %w", err)
	}
	if header.Size == 0 {
		return nil, signing.Report{}, errors.Join(
			exchange.Errorf(exchange.Invalid, "file.empty", "%q", header.Filename), file.Close())
	}
	report, err := s.reading().Verify(c.Request.Context(), actor(c), file, header.Size)
	if err != nil {
		return nil, report, errors.Join(err, file.Close())
	}
	report.File = header.Filename
	return file, report, nil
}

// verifyReport judges the file of the form and gives the judgement on paper.
func (s *Screens) verifyReport(c *gin.Context) {
	file, report, err := s.judgedFile(c)
	if err != nil {
		problem := api.NewProblem(err, lang(c))
		s.show(c, problem.Status, "verify", "verify", verifyView{Problem: problem.Detail})
		return
	}
	defer file.Close()
	judged := api.Judged{Report: report, Verdict: report.Verdict, About: report.File}
	s.paper(c)(s.config.Reports.Paper(c.Request.Context(), actor(c), file, judged, lang(c)))
}
