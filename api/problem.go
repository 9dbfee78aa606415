package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"congvan/exchange"
	"congvan/signing"
)

// Codes of errors that arise in this package.
const (
	codeTokenMissing = "token.missing"
	codeTokenInvalid = "token.invalid"
	codeTokenExpired = "token.expired"
	codeTokenRevoked = "token.revoked"
	codeTokenUnknown = "token.unknown"
	codeTokenLife    = "token.life"

	codeRequestInvalid  = "request.invalid"
	codeRequestTooLarge = "request.too_large"
	codeRequestTooSlow  = "request.too_slow"
	codeTooManyRequests = "request.too_many"
	codeNoRoute         = "request.no_route"
	codeNoMethod        = "request.no_method"
	codeMediaType       = "request.media_type"
	codeNotAcceptable   = "request.not_acceptable"
	codeCancelled       = "request.cancelled"
	codePartOrder       = "request.part_order"
	codeKeyReused       = "request.key_reused"
	codeKeyInvalid      = "request.key_invalid"
	codeRangeInvalid    = "request.range"
	codeProblemUnknown  = "problem.unknown"
	codeNotJudged       = "arrival.not_judged"

	codeServerUnreachable = "server.unreachable"
	codeServerUnexpected  = "server.unexpected"
)

// statusCancelled is what the log says when the client went away before the answer; nobody receives it.
const statusCancelled = 499

// statusOfKind is the one map from what a caller can do to an HTTP status.
var statusOfKind = map[exchange.ErrorKind]int{
	exchange.Internal:    http.StatusInternalServerError,
	exchange.Invalid:     http.StatusBadRequest,
	exchange.Denied:      http.StatusForbidden,
	exchange.NotFound:    http.StatusNotFound,
	exchange.Conflict:    http.StatusConflict,
	exchange.Untrusted:   http.StatusUnprocessableEntity,
	exchange.Unavailable: http.StatusServiceUnavailable,
}

// statusOfCode refines it where HTTP has a word of its own that clients act upon.
var statusOfCode = map[string]int{
	codeTokenMissing:    http.StatusUnauthorized,
	codeTokenInvalid:    http.StatusUnauthorized,
	codeTokenExpired:    http.StatusUnauthorized,
	codeTokenRevoked:    http.StatusUnauthorized,
	codeRequestTooLarge: http.StatusRequestEntityTooLarge,
	"blob.too_large":    http.StatusRequestEntityTooLarge,
	"file.too_large":    http.StatusRequestEntityTooLarge,
	codeRequestTooSlow:  http.StatusRequestTimeout,
	codeTooManyRequests: http.StatusTooManyRequests,
	codeNoMethod:        http.StatusMethodNotAllowed,
	codeMediaType:       http.StatusUnsupportedMediaType,
	codeNotAcceptable:   http.StatusNotAcceptable,
	codeCancelled:       statusCancelled,
	codeRangeInvalid:    http.StatusRequestedRangeNotSatisfiable,
}

// retryAfter is how many seconds a client is asked to wait before it tries again.
const retryAfter = 5

// Problem is what a caller is told about an error: a problem document (RFC 9457). Code is stable and made for programs;
// Detail is made for people, in the language they asked for, and says what to do next.
type Problem struct {
	Type      string          `json:"type" doc:"Where this problem is described" format:"uri-reference"`
	Title     string          `json:"title" doc:"The kind of problem, in the language asked for"`
	Status    int             `json:"status" doc:"The HTTP status"`
	Detail    string          `json:"detail" doc:"What happened and what to do next, in the language asked for"`
	Code      string          `json:"code" doc:"The stable code of the problem"`
	RequestID string          `json:"request_id,omitempty" doc:"Tell it to the administrator: the log has it"`
	Faults    []Fault         `json:"faults,omitempty" doc:"What is wrong in the request, and where"`
	Report    *signing.Report `json:"report,omitempty" doc:"The judgement of the signatures that do not pass"`
	// Successors are whom to write to instead, when the office that was named has ended.
	Successors []exchange.Successor `json:"successors,omitempty" doc:"Who took over from an office that has ended"`
	cause      error
}

// Fault is one thing that is wrong in a request. It never repeats what was sent.
type Fault struct {
	Where   string `json:"where" doc:"Such as body.recipients[0]"`
	Message string `json:"message" doc:"In English, for programmers"`
}

// located is an error that is about one place in a request.
type located struct {
	error
	where string // such as document.recipients[0]
}

// Unwrap gives the error without the place.
func (l *located) Unwrap() error { return l.error }

// Error gives the code and the cause, for logs.
func (p *Problem) Error() string {
	if p.cause == nil {
		return p.Code
	}
	return p.cause.Error()
}

// Unwrap gives the cause.
func (p *Problem) Unwrap() error { return p.cause }

// GetStatus gives the HTTP status, as huma asks for it.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType gives the media type of the document, as huma asks for it.
func (*Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders gives the headers that belong to the status, as huma asks for them.
func (p *Problem) GetHeaders() http.Header {
	headers := http.Header{}
	switch p.Status {
	case http.StatusUnauthorized:
		headers.Set("WWW-Authenticate", `Bearer realm="congvan"`)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		headers.Set("Retry-After", strconv.Itoa(retryAfter))
	}
	return headers
}

// NewProblem says what err means to a caller: status, code, and a sentence in the language. The cause stays inside, for
// the log. An error that has no code is ours: "internal".
func NewProblem(err error, lang Lang) *Problem {
	err = named(err)
	code, kind := exchange.CodeOf(err), exchange.KindOf(err)
	problem := &Problem{
		Type:   problemType(code),
		Title:  Sentence("kind."+string(kind), lang),
		Status: statusOf(kind, code),
		Detail: Sentence(code, lang),
		Code:   code,
		cause:  err,
	}
	if at, ok := errors.AsType[*located](err); ok {
		problem.Faults = []Fault{{Where: at.where, Message: Sentence(code, English)}}
	}
	if closed, ok := errors.AsType[*exchange.Closed](err); ok {
		problem.Successors = closed.Successors
	}
	if judged, ok := errors.AsType[interface {
		error
		SignatureReport() signing.Report
	}](err); ok {
		report := judged.SignatureReport()
		problem.Report = &report
	}
	return problem
}

// named gives a code to the errors of the standard library that are about the request and not about us.
func named(err error) error {
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return exchange.Errorf(exchange.Invalid, codeRequestTooLarge, "body over %d bytes", tooLarge.Limit)
	}
	if _, known := errors.AsType[*exchange.Error](err); known {
		return err
	}
	switch {
	case errors.Is(err, context.Canceled):
		return exchange.Errorf(exchange.Unavailable, codeCancelled, "%w", err)
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return exchange.Errorf(exchange.Unavailable, codeRequestTooSlow, "%w", err)
	default:
		return err
	}
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && timeout.Timeout()
}

func statusOf(kind exchange.ErrorKind, code string) int {
	if status, refined := statusOfCode[code]; refined {
		return status
	}
	if status, known := statusOfKind[kind]; known {
		return status
	}
	return http.StatusInternalServerError
}

func problemType(code string) string { return base + "/problems/" + code }

// write answers with the problem, unless an answer has begun.
func (p *Problem) write(w http.ResponseWriter) error {
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	return json.NewEncoder(w).Encode(p)
}
