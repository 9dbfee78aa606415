package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"

	"congvan/exchange"
)

// call is what is known of one request while it is answered. It belongs to the request's goroutine.
type call struct {
	id    string
	lang  Lang
	actor *exchange.Actor // nil until somebody is known
	peer  exchange.NodeID // the gateway that asks, on the wire
	body  *guardedBody    // nil when there is none
	cause error           // that was answered as a problem, for the log
	began time.Time
}

type callKey struct{}

// callOf gives the call that a context belongs to; one of its own when it belongs to none, as in a test.
func callOf(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{lang: Vietnamese}
}

// ActorOf gives the actor on whose behalf the request of this context is answered, once it is known who asks.
func ActorOf(ctx context.Context) (exchange.Actor, bool) {
	if actor := callOf(ctx).actor; actor != nil {
		return *actor, true
	}
	return exchange.Actor{}, false
}

// LanguageOf gives the language that the request of this context asks for.
func LanguageOf(ctx context.Context) Lang { return callOf(ctx).lang }

// enter is the first and the last thing that happens to every request: it gets an id and the headers that every answer
// has, a panic becomes a problem, and one line in the log says how it ended. No content and no secret is logged.
func (d *door) enter(c *gin.Context) {
	request := &call{id: newRequestID(), lang: Language(c.GetHeader("Accept-Language")), began: d.now()}
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), callKey{}, request))
	header := c.Writer.Header()
	header.Set("X-Request-Id", request.id)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Vary", "Accept-Language")
	request.body = guardBody(c.Writer, c.Request, d.limits.Body, d.limits.Pace)
	defer d.leave(c, request)
	c.Next()
}

func (d *door) leave(c *gin.Context, request *call) {
	if thrown := recover(); thrown != nil {
		d.caught(c, request, thrown)
	}
	request.body.leave(c.Writer.Flush)
	d.record(c, request)
}

// caught answers for a program that is broken. When an answer has begun, the connection is cut instead: half an answer
// must not look like a whole one.
func (d *door) caught(c *gin.Context, request *call, thrown any) {
	err, isError := thrown.(error)
	if isError && c.Request.Context().Err() != nil {
		request.cause = exchange.Errorf(exchange.Unavailable, codeCancelled, "%w", err)
		c.Abort()
		return
	}
	d.log.LogAttrs(c.Request.Context(), slog.LevelError, "panic",
		slog.String("request_id", request.id), slog.Any("thrown", thrown), slog.String("stack", string(debug.Stack())))
	request.cause = fmt.Errorf("panic: %v", thrown)
	if c.Writer.Written() {
		d.record(c, request)
		panic(http.ErrAbortHandler)
	}
	d.refuse(c, request.cause)
}

// refuse answers with the problem that err is, and ends the request.
func (d *door) refuse(c *gin.Context, err error) {
	problem := d.problem(c.Request.Context(), err)
	if !c.Writer.Written() && problem.Status != statusCancelled {
		if err := problem.write(c.Writer); err != nil && problem.cause == nil {
			problem.cause = err
		}
	}
	c.Abort()
}

// problem makes err presentable to whoever asked, and keeps it for the log.
func (*door) problem(ctx context.Context, err error) *Problem {
	request := callOf(ctx)
	switch cause := request.body.failed(); {
	case cause != nil && exchange.KindOf(cause) != exchange.Internal:
		err = cause // whatever failed afterwards failed because the body could not be read
	case ctx.Err() != nil && !errors.Is(err, context.DeadlineExceeded):
		err = exchange.Errorf(exchange.Unavailable, codeCancelled, "%w", err)
	case cause != nil:
		err = exchange.Errorf(exchange.Invalid, codeRequestInvalid, "read the body: %w", cause)
	}
	problem := NewProblem(err, request.lang)
	problem.RequestID = request.id
	request.cause = problem.cause
	return problem
}

// record writes the one line about the request.
func (d *door) record(c *gin.Context, request *call) {
	level, status := slog.LevelInfo, c.Writer.Status()
	attributes := []slog.Attr{
		slog.String("request_id", request.id),
		slog.String("method", c.Request.Method),
		slog.String("route", c.FullPath()),
		slog.String("peer", c.RemoteIP()),
		slog.Int64("millis", d.now().Sub(request.began).Milliseconds()),
		slog.Int("bytes", max(c.Writer.Size(), 0)),
	}
	if request.actor != nil {
		attributes = append(attributes,
			slog.String("office", string(request.actor.Office)), slog.String("role", string(request.actor.Role)))
	}
	if request.peer != "" {
		attributes = append(attributes, slog.String("node", string(request.peer)))
	}
	if request.cause != nil {
		code := exchange.CodeOf(request.cause)
		attributes = append(attributes, slog.String("code", code), slog.String("cause", request.cause.Error()))
		switch {
		case code == codeCancelled:
			level, status = slog.LevelDebug, statusCancelled
		case exchange.KindOf(request.cause) == exchange.Internal:
			level = slog.LevelError
		}
	}
	attributes = append(attributes, slog.Int("status", status))
	d.log.LogAttrs(c.Request.Context(), level, "request", attributes...)
}

func newRequestID() string {
	var id [12]byte
	_, _ = rand.Read(id[:]) // never fails: crypto/rand ends the process when there is no randomness
	return hex.EncodeToString(id[:])
}
