package api

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"congvan/exchange"
)

// The server's own time-outs. A body has no time-out but a pace: see Limits.Pace.
const (
	headerTimeout = 5 * time.Second
	idleTimeout   = 60 * time.Second
	farewell      = 10 * time.Second // for requests under way when the server is asked to end
)

// door is what both servers have in common: how a request comes in, how it is answered when it is refused, and what is
// written down about it.
type door struct {
	log    *slog.Logger
	now    func() time.Time
	limits Limits
}

// engine gives a gin engine that trusts nobody's word about who is asking, and answers in problems.
func (d *door) engine() *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false
	engine.ContextWithFallback = true
	_ = engine.SetTrustedProxies(nil) // nil cannot be wrong
	engine.Use(d.enter)
	engine.NoRoute(func(c *gin.Context) {
		d.refuse(c, exchange.Errorf(exchange.NotFound, codeNoRoute, "no such address"))
	})
	engine.NoMethod(func(c *gin.Context) {
		d.refuse(c, exchange.Errorf(exchange.Invalid, codeNoMethod, "%s is not for this address", c.Request.Method))
	})
	return engine
}

// serve answers what comes through the listener until the context ends, and then lets what is under way come to its end
// for a while. With a configuration for TLS, the connections are encrypted.
func (d *door) serve(ctx context.Context, listener net.Listener, handler http.Handler, secure *tls.Config) error {
	server := &http.Server{
		Handler:           handler,
		TLSConfig:         secure,
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    d.limits.Headers,
		ErrorLog:          slog.NewLogLogger(d.log.Handler(), slog.LevelDebug),
		BaseContext:       func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	ended := make(chan error, 1)
	go func() {
		if secure == nil {
			ended <- server.Serve(listener)
			return
		}
		ended <- server.ServeTLS(listener, "", "")
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	err := server.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	if ended := <-ended; !errors.Is(ended, http.ErrServerClosed) {
		return ended
	}
	return err
}
