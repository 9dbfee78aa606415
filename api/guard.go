package api

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"congvan/exchange"
)

// guard lets a request through to its route when somebody known asks, who has the right, with a body that is not too
// large, while there is a place. All of it is decided before a byte of the body is read.
func (s *Server) guard(r route) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		c := humagin.Unwrap(ctx)
		release, err := s.admit(c, r)
		if err != nil {
			s.refuse(c, err)
			return
		}
		defer release()
		next(&answering{humaContext: ctx})
	}
}

func (s *Server) admit(c *gin.Context, r route) (release func(), err error) {
	request := callOf(c.Request.Context())
	actor, err := s.Authenticate(c.Request.Context(), bearer(c.Request))
	if err != nil {
		return nil, err
	}
	request.actor = &actor
	c.Header("Cache-Control", "no-store")
	if r.act != "" {
		if err := actor.May(r.act); err != nil {
			return nil, err
		}
	}
	if err := request.body.limit(cmp.Or(r.body, s.limits.Body)); err != nil {
		return nil, err
	}
	if r.act == exchange.ActTake {
		return s.waiting.take(actor.Office) // whoever waits must not keep an office's people from its gateway
	}
	return s.places.take(actor.Office)
}

// answering is a request that huma answers. Huma has a status of its own for what it finds wrong in a request; ours is
// put in its place.
type answering struct {
	humaContext
	status int // instead of any other, when it is not zero
}

// Unwrap gives the context below, as humagin asks for it.
func (a *answering) Unwrap() huma.Context { return a.humaContext }

// SetStatus sets the status of the answer.
func (a *answering) SetStatus(status int) {
	if a.status != 0 {
		status = a.status
	}
	a.humaContext.SetStatus(status)
}

// humaContext has a name other than that of its method Context, so that it can be embedded.
type humaContext = huma.Context

// codeOfStatus names what huma itself finds wrong.
var codeOfStatus = map[int]string{
	http.StatusBadRequest:            codeRequestInvalid,
	http.StatusUnprocessableEntity:   codeRequestInvalid,
	http.StatusRequestEntityTooLarge: codeRequestTooLarge,
	http.StatusUnsupportedMediaType:  codeMediaType,
	http.StatusRequestTimeout:        codeRequestTooSlow,
	http.StatusNotAcceptable:         codeNotAcceptable,
}

// present turns huma's own errors into problems. It never repeats what was sent.
func (s *Server) present(ctx huma.Context, _ string, value any) (any, error) {
	model, ok := value.(*huma.ErrorModel)
	if !ok {
		return value, nil
	}
	kind, code := exchange.Invalid, codeOfStatus[model.Status]
	if code == "" {
		kind, code = exchange.Internal, "internal"
	}
	problem := s.problem(ctx.Context(), exchange.Errorf(kind, code, "%s", model.Detail))
	for _, detail := range model.Errors {
		problem.Faults = append(problem.Faults, Fault{Where: detail.Location, Message: faultMessage(detail)})
	}
	if a, ok := ctx.(*answering); ok {
		a.status = problem.Status
	}
	for name, values := range problem.GetHeaders() {
		for _, value := range values {
			ctx.SetHeader(name, value)
		}
	}
	return problem, nil
}

// faultMessage keeps the rule that was broken and leaves out the value that broke it, which encoding/json quotes.
func faultMessage(detail *huma.ErrorDetail) string {
	message, _, _ := strings.Cut(detail.Message, "\n")
	if strings.HasPrefix(message, "invalid character") {
		return "not well-formed JSON"
	}
	return message
}
