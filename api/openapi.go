package api

import (
	"cmp"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
)

const problemMedia = "application/problem+json"

// summaries say in one line what each operation does.
var summaries = map[string]string{ //nolint:gosec // words about tokens, and no token
	"submitDocument":     "Hand in a document with its file (trình)",
	"listDocuments":      "List the office's outgoing documents, newest first",
	"readDocument":       "Read one outgoing document",
	"readContent":        "Fetch a file of an outgoing document: the main file as it stands now, a version, an attachment",
	"readTimeline":       "Read what happened to a document and how far each recipient is",
	"listReceipts":       "List the signed receipts about a document",
	"readEvidence":       "Fetch what proves a document's way off-line (hồ sơ bằng chứng)",
	"signDocument":       "Sign as the competent person (ký)",
	"sealDocument":       "Take the number and apply the office's seal (cấp số, đóng dấu)",
	"sendDocument":       "Issue: every recipient is owed the document from now on (ban hành)",
	"listArrivals":       "List the office's incoming documents, newest first",
	"readArrival":        "Read one incoming document",
	"readArrived":        "Fetch a file of an incoming document: the main file or an attachment",
	"readReport":         "Read how the signatures of an incoming document were judged",
	"acceptArrival":      "Accept: enter into the register of incoming documents (tiếp nhận, vào sổ)",
	"refuseArrival":      "Refuse with a reason, which reaches the sender (từ chối tiếp nhận)",
	"advanceArrival":     "Report how the work on it goes: assigned, in progress, completed",
	"fileDocument":       "Hand over the original to the archive (nộp lưu)",
	"fileArrival":        "Hand over an accepted document to the archive (nộp lưu)",
	"verifyFile":         "Have the signatures of any file judged; the file is not kept",
	"listOffices":        "Search the directory of offices",
	"createToken":        "Make a token; its secret is told once",
	"revokeToken":        "Revoke a token at once",
	"readMetrics":        "Read the figures of this gateway, for Prometheus",
	"importRevocation":   "Bring a revocation list (CRL) or an OCSP response by hand, for sites without the Internet",
	"describeYourself":   "Read on whose behalf the token speaks",
	"readBundle":         "Read what the judgement of an incoming document rests on, to judge it again from it alone",
	"beginSession":       "Begin to sign with a key elsewhere: on one or several documents, for 15 minutes",
	"readSession":        "Read how far a signing session is, and what its key is to sign",
	"finishSession":      "Put what the key made into the documents of a signing session",
	"linkSession":        "Make the two addresses by which a signing tool takes a document out and brings it back",
	"readSessionContent": "Fetch everything that the signature of a document in a signing session covers",
	"copyDocument":       "Make a copy of an issued document, numbered and sealed (sao y, trích sao; sao lục of a sao y)",
	"copyArrival":        "Make a copy of an accepted arrival, numbered and sealed (sao y, trích sao; sao lục of a sao y)",
	"resendDocument":     "Owe it again to those recipients only to whom the way stands still (gửi lại)",
	"listParked":         "List documents that do not get through to some recipient, with the reasons",
	"printArrival":       "Read the judgement of an incoming document as a signed PDF, for people",
	"printDocument":      "Judge an outgoing document as it stands, as a signed PDF",
	"printFile":          "Have any file judged and get a signed PDF; the file is not kept",
	"listChanges":        "List the pages of an incoming document that look different from what was signed",
	"drawChange":         "Draw such a page as it was signed or as it is, changed areas boxed",
	"explainDocument":    "Read in whole sentences where a document is and what it waits for",
	"readETSI":           "Read that judgement as an XML report by ETSI TS 119 102-2",
	"recallDocument":     "Take an issued document back from some or all recipients (thu hồi, lấy lại)",
	"answerRecall":       "Agree to give an incoming document back, or refuse with a reason (15, 16)",
	"readLinks":          "Read what a document answers, replaces or copies, and what does so to it",
	"listWithdrawn":      "List what was withdrawn from the office before anybody had seen it",
	"listDeadlines":      "List what the office has to do by a day, the most pressing first",
	"readDeadlines":      "Read a document's deadlines, the time per hop, who holds it, and drafts to urge or apologise",
	"reportOnTime":       "Count who was early, on time and late in a period, with times per hop (báo cáo đúng hạn)",
	"listOnTime":         "List the documents behind one number of that report",
	"readDirectory":      "Read how the directory stands: signed log or plain file, its head, its warnings, all of it",
	"compareDirectory":   "Compare a file with the directory; nothing is changed (đối chiếu)",
	"approveDirectory":   "Bring in a file whose difference was seen, where there is no signed log (phê duyệt)",
	"publishDirectory":   "Put records that an authority has sealed at the end of the directory's log",
	"leaseEvents":        "Be given the next events of the own mailbox for some minutes (nhận)",
	"acknowledgeEvents":  "Say that events were taken over: they are not given again",
	"readEventContent":   "Fetch a file of the document that an event is about",
	"listMailboxes":      "List the mailboxes of the office's document systems, and what stands still",
	"orderMailbox":       "Order what a document system is given, and how; the secret of a webhook is told once",
	"rotateSecret":       "Give a webhook a new secret, which is told once; the old one signs for a while too",
	"pingWebhook":        "Call a webhook at once, with an event that says nothing",
	"addRecipients":      "Send an issued document to further recipients, or to others in the place of one (cập nhật)",
	"listTokens":         "List the tokens of the own office, without their secrets",
}

func (s *Server) humaConfig() huma.Config {
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title:       "congvan",
				Version:     s.config.Version,
				Description: description,
			},
			Servers: []*huma.Server{{URL: base}},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"token": {Type: "http", Scheme: "bearer", Description: "A token that the administrator gave"},
				},
			},
		},
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{s.present},
	}
}

const description = `The gateway for official documents (công văn): submit, sign, number, seal, send, receive, accept.

Every request but those for health and this document carries a token: "Authorization: Bearer cvt_...". Errors are
problem documents (RFC 9457) whose "code" is stable and whose "detail" says what to do next, in Vietnamese or, with
"Accept-Language: en", in English; all codes are listed at /problems. What is worth trying again says so by status 429
or 503 and the header Retry-After. Lists are paged: pass "next" of one page as "after" for the next.`

// problems are the answers that every operation may give.
var problems = []int{
	http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests,
	http.StatusInternalServerError, http.StatusServiceUnavailable,
}

func (s *Server) operation(r route) huma.Operation {
	schema := s.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	responses := map[string]*huma.Response{}
	refuse := func(status int) {
		responses[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status),
			Content:     map[string]*huma.MediaType{problemMedia: {Schema: schema}},
		}
	}
	for _, status := range problems {
		refuse(status)
	}
	if strings.Contains(r.path, "{") {
		refuse(http.StatusNotFound)
	}
	if r.method != http.MethodGet {
		refuse(http.StatusConflict)
		refuse(http.StatusRequestEntityTooLarge)
		refuse(http.StatusUnprocessableEntity)
	}
	return huma.Operation{
		OperationID:     r.id,
		Method:          r.method,
		Path:            r.path,
		Summary:         summaries[r.id],
		Tags:            []string{strings.Split(r.path, "/")[1]},
		DefaultStatus:   r.status,
		Responses:       responses,
		Security:        []map[string][]string{{"token": {}}},
		MaxBodyBytes:    cmp.Or(r.body, s.limits.Body) + 1, // ours speaks first, see guardedBody
		BodyReadTimeout: -1,                                // it has a pace instead
		Middlewares:     huma.Middlewares{s.guard(r)},
	}
}

// finishOpenAPI writes down what huma must not know when a request comes in, or cannot know.
func (s *Server) finishOpenAPI() {
	document := s.huma.OpenAPI()
	for _, name := range []string{"ErrorModel", "ErrorDetail"} { // ours are Problem and Fault
		delete(document.Components.Schemas.Map(), name)
	}
	for _, item := range document.Paths {
		for _, operation := range []*huma.Operation{item.Get, item.Post, item.Put, item.Delete} {
			if operation != nil {
				s.finishOperation(operation)
			}
		}
	}
}

func (s *Server) finishOperation(operation *huma.Operation) {
	registry := s.huma.OpenAPI().Components.Schemas
	switch operation.OperationID {
	case "submitDocument":
		operation.RequestBody = form(map[string]*huma.Schema{
			"document":   registry.Schema(reflect.TypeFor[Draft](), true, "Draft"),
			"attachment": {Type: huma.TypeArray, Items: binary()},
			"file":       binary(),
		}, "document", "file")
		operation.RequestBody.Description = "The parts in this order: document, each attachment, file."
	case "printArrival", "printDocument", "drawChange":
		operation.Responses["200"].Content = printedContent(operation.OperationID)
	case "printFile":
		operation.Responses["200"].Content = printedContent(operation.OperationID)
		operation.RequestBody = form(map[string]*huma.Schema{"file": binary()}, "file")
	case "verifyFile":
		operation.RequestBody = form(map[string]*huma.Schema{"file": binary()}, "file")
		operation.RequestBody.Content["application/pdf"] = &huma.MediaType{Schema: binary()}
		operation.RequestBody.Content["application/octet-stream"] = &huma.MediaType{Schema: binary()}
	case "readReport":
		operation.Responses["200"].Content = map[string]*huma.MediaType{
			"application/json": {Schema: registry.Schema(reflect.TypeFor[JudgedReport](), true, "JudgedReport")},
		}
	case "readEvidence":
		operation.Responses["200"].Content = map[string]*huma.MediaType{
			"application/json": {Schema: &huma.Schema{Type: huma.TypeObject, Description: "signing.Bundle"}},
		}
	case "readETSI":
		operation.Responses["200"].Content = map[string]*huma.MediaType{
			"application/xml": {Schema: &huma.Schema{Type: huma.TypeString}},
		}
	case "readContent", "readArrived", "readEventContent":
		for _, status := range []string{"200", "206"} {
			operation.Responses[status] = &huma.Response{
				Description: "The bytes; with the header Range, a part of them",
				Content:     map[string]*huma.MediaType{"application/octet-stream": {Schema: binary()}},
			}
		}
	case "readSessionContent":
		operation.Responses["200"] = &huma.Response{
			Description: "The bytes", Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: binary()}},
		}
	case "readMetrics":
		operation.Responses["200"].Content = map[string]*huma.MediaType{"text/plain": {Schema: &huma.Schema{Type: "string"}}}
	}
}

func binary() *huma.Schema { return &huma.Schema{Type: huma.TypeString, Format: "binary"} }

func printedContent(operation string) map[string]*huma.MediaType {
	mediaType := "application/pdf"
	if operation == "drawChange" {
		mediaType = "image/png"
	}
	return map[string]*huma.MediaType{mediaType: {Schema: binary()}}
}

func form(parts map[string]*huma.Schema, required ...string) *huma.RequestBody {
	schema := &huma.Schema{Type: huma.TypeObject, Properties: parts, Required: required}
	return &huma.RequestBody{
		Required: true,
		Content:  map[string]*huma.MediaType{"multipart/form-data": {Schema: schema}},
	}
}

// openAPI serves the document, written once.
func (s *Server) openAPI(mediaType string, write func() ([]byte, error)) gin.HandlerFunc {
	written := sync.OnceValues(write)
	return func(c *gin.Context) {
		document, err := written()
		if err != nil {
			s.refuse(c, err)
			return
		}
		c.Data(http.StatusOK, mediaType, document)
	}
}
