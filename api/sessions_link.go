package api

import (
	"errors"
	"io"
	"net/http"

	"github.com/gin-gonic/gin"

	"congvan/exchange"
)

// The addresses of links: the secret stands in the path, as signing tools send no header and no cookie. Tools know the
// kind of a file by the end of its address.
const (
	linkPath = "/signing-links/"
	linkFile = "/document.pdf"
)

// linkRoutes are for signing tools on a desk, such as the VGCA plug-in, that hold nothing but an address.
func (s *Server) linkRoutes(group *gin.RouterGroup) {
	group.GET(linkPath+":secret"+linkFile, s.downloadLinked)
	group.POST(linkPath+":secret", s.uploadLinked)
}

// downloadLinked gives out the document that is to be signed.
func (s *Server) downloadLinked(c *gin.Context) {
	release, err := s.places.take("")
	if err != nil {
		s.refuse(c, err)
		return
	}
	defer release()
	blob, file, err := s.sessions().OpenLinked(c.Request.Context(), c.Param("secret"))
	if err != nil {
		s.refuse(c, err)
		return
	}
	defer blob.Close()
	s.ServeFile(c, file, blob)
}

// uploadAnswer is what the tool reads, in its own words (VGCASignService): it shows Message to the person, and hands
// FileName and FileServer on to the page that called it.
type uploadAnswer struct {
	Status     bool   `json:"Status"`
	Message    string `json:"Message"`
	FileName   string `json:"FileName"`
	FileServer string `json:"FileServer"`
}

// uploadLinked takes the signed file. The tool reads only answers of status 200, so a refusal is told in its words too.
func (s *Server) uploadLinked(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	document, part, err := s.takeLinked(c)
	if err != nil {
		problem := s.problem(c.Request.Context(), err)
		if problem.Status != statusCancelled {
			c.JSON(http.StatusOK, uploadAnswer{Message: problem.Detail})
		}
		return
	}
	c.JSON(http.StatusOK, uploadAnswer{
		Status: true, Message: Sentence("session.uploaded", LanguageOf(c.Request.Context())),
		FileName: part.Of(document).Name, FileServer: base + "/documents/" + string(document.ID) + "/content",
	})
}

func (s *Server) takeLinked(c *gin.Context) (document exchange.Document, part exchange.PartID, err error) {
	release, err := s.places.take("")
	if err != nil {
		return document, part, err
	}
	defer release()
	if err := AllowBody(c.Request, s.gateway.MaxFile+formOverhead); err != nil {
		return document, part, err
	}
	file, err := UploadedFile(c.Request)
	if err != nil {
		return document, part, err
	}
	return s.sessions().FinishLinked(c.Request.Context(), c.Param("secret"), file)
}

// UploadedFile finds the part "uploadfile" of a form, to be read as it comes. Error: Invalid upload.no_file.
func UploadedFile(r *http.Request) (io.Reader, error) {
	form, err := r.MultipartReader()
	if err != nil {
		return nil, exchange.Errorf(exchange.Invalid, "upload.no_file", "%w", err)
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, exchange.Errorf(exchange.Invalid, "upload.no_file", "no part uploadfile")
		}
		if err != nil {
			return nil, exchange.Errorf(exchange.Invalid, codeRequestInvalid, "read the form: %w", err)
		}
		if part.FormName() == "uploadfile" {
			return part, nil
		}
	}
}
