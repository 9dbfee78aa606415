package web

import (
	"bytes"
	"encoding/base64"
	"html/template"
	"image"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"congvan/api"
	"congvan/exchange"
	"congvan/signing"
)

// picturesView is what changed after signing, page by page.
type picturesView struct {
	Summary, Signer string
	Missing         string // what stands in the place of a page of the signed revision that is not there
	Pages           []changedView
}

// changedView is a page as it was signed and as it is; a picture is empty when that revision has no such page.
type changedView struct {
	Page            string
	Signed, Current template.URL
}

// picturesPolicy lets a page show pictures that stand in it: what was drawn for it is kept nowhere.
const picturesPolicy = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; " +
	"frame-ancestors 'none'; base-uri 'none'"

// grave says whether what was done after signing must be seen without asking for it. Further signatures and prepared
// fields are what documents are made of.
func grave(report signing.Report) bool {
	if api.BrokenSignature(report) >= 0 {
		return true
	}
	switch api.WorstModification(report) {
	case signing.ModifiedAnnotation, signing.ModifiedForbidden, signing.ModifiedUnknown:
		return true
	case signing.ModifiedNone, signing.ModifiedLTV, signing.ModifiedFormFill:
	}
	return false
}

// pictures draws what changed. A page without pictures is still the page: what goes wrong is logged.
func (s *Screens) pictures(c *gin.Context, file io.ReaderAt, report signing.Report) picturesView {
	found, err := s.config.Reports.Pictures(c.Request.Context(), actor(c), file, report, 0)
	if err != nil {
		if !isGone(c) {
			s.config.Log.LogAttrs(c, slog.LevelWarn, "draw changes", slog.Any("error", err))
		}
		return picturesView{}
	}
	view := picturesView{
		Summary: found.Summary(lang(c)), Signer: found.Signer, Missing: api.Sentence(found.Missing(), lang(c)),
	}
	for _, difference := range found.Changed {
		before, after := difference.Marked()
		if before == nil && after == nil {
			break // only the first ones have pictures
		}
		view.Pages = append(view.Pages, changedView{
			Page: strconv.Itoa(difference.Page), Signed: inPlace(before), Current: inPlace(after),
		})
	}
	if len(view.Pages) > 0 {
		c.Header("Content-Security-Policy", picturesPolicy)
	}
	return view
}

// inPlace writes a picture so that it can stand in the page itself.
func inPlace(picture image.Image) template.URL {
	if picture == nil {
		return ""
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, picture); err != nil {
		return ""
	}
	//nolint:gosec // base64 of our own picture
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(out.Bytes()))
}

// changesView is the screen of what changed in an arrival after signing.
type changesView struct {
	Verdict  verdictView
	Pictures picturesView
	Back     string
}

func (s *Screens) arrivalChanges(c *gin.Context) {
	id := exchange.ArrivalID(c.Param("id"))
	arrival, err := s.reading().Arrival(c.Request.Context(), actor(c), id)
	if err != nil {
		s.fail(c, err)
		return
	}
	if arrival.Judgement == nil {
		c.Redirect(http.StatusSeeOther, "/inbox/"+string(id))
		return
	}
	report, err := arrival.Judgement.Examined()
	if err != nil {
		s.fail(c, err)
		return
	}
	blob, err := s.arrivalBlob(c)
	if err != nil {
		s.fail(c, err)
		return
	}
	defer blob.Close()
	view := changesView{
		Verdict:  summary(lang(c), arrival.Judgement.Verdict, report, arrival.Judgement.Findings()),
		Pictures: s.pictures(c, blob, report), Back: "/inbox/" + string(id),
	}
	view.Verdict.Checks = nil
	s.render(c, http.StatusOK, "changes", page{Title: arrival.Header.Subject, Here: "inbox", View: view})
}

func (s *Screens) arrivalReport(c *gin.Context) {
	s.paper(c)(s.config.Reports.Arrival(
		c.Request.Context(), actor(c), exchange.ArrivalID(c.Param("id")), lang(c)))
}

// arrivalETSI saves the report by ETSI TS 119 102-2, for other programs.
func (s *Screens) arrivalETSI(c *gin.Context) {
	text, err := api.ReadETSI(c.Request.Context(), s.config.Gateway, actor(c), exchange.ArrivalID(c.Param("id")))
	s.save(c, "phieu-kiem-tra.xml", "application/xml", text, err)
}

// arrivalBundle saves what the verdict rests on, to judge the file again from it alone.
func (s *Screens) arrivalBundle(c *gin.Context) {
	data, err := api.ReadBundle(c.Request.Context(), s.config.Gateway, actor(c), exchange.ArrivalID(c.Param("id")))
	s.save(c, "can-cu-kiem-tra.json", "application/json", data, err)
}

func (s *Screens) save(c *gin.Context, name, mediaType string, content []byte, err error) {
	if err != nil {
		s.fail(c, err)
		return
	}
	c.Header("Content-Disposition", api.Disposition(name))
	c.Data(http.StatusOK, mediaType, content)
}

func (s *Screens) documentReport(c *gin.Context) {
	s.paper(c)(s.config.Reports.Document(
		c.Request.Context(), actor(c), exchange.DocumentID(c.Param("id")), lang(c)))
}

// paper answers with a judgement on paper.
func (s *Screens) paper(c *gin.Context) func([]byte, error) {
	return func(paper []byte, err error) {
		s.save(c, api.PaperName, "application/pdf", paper, err)
	}
}
