// Package api answers: how do programs, and other gateways, talk to this gateway over HTTP, and what are people told?
//
// It is the JSON face of [exchange.Gateway] under /api/v1, described by an OpenAPI 3.1 document that it serves itself;
// both ends of the wire between gateways; and the one catalogue of sentences for people. It caps and streams what comes
// in, finds out who asks, and turns errors into problem documents. It decides nothing: rights are asked of
// [exchange.Actor.May], documents are the gateway's. It knows nothing of signatures, of SQL or of where bytes are kept.
package api

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"congvan/archive"
	"congvan/certs"
	"congvan/exchange"
	"congvan/exchange/evidence"
	"congvan/exchange/expiry"
	"congvan/exchange/handover"
	"congvan/exchange/remind"
	"congvan/exchange/roll"
)

// base is where version 1 of the interface lives.
const base = "/api/v1"

// Config is what a server is made of.
type Config struct {
	Gateway  *exchange.Gateway
	Notary   *evidence.Notary // nil: no evidence is exported
	Desk     *handover.Desk   // nil: nothing is handed over to document systems
	Roll     *roll.Roll       // nil: there are no routes for the directory as a whole
	Reminder *remind.Reminder // nil: there are no routes about deadlines
	Archive  *archive.Keeper  // nil: there is none, and no routes that hand over to it
	Reports  *Reporter        // nil: there are none for people, and no routes that give them
	Version  string           // of the program, as the OpenAPI document names it
	Log      *slog.Logger
	Now      func() time.Time
	Limits   Limits
	// Expiries gives the ends of the certificates that the gateway rests on, as far as they are known; nil: none are.
	Expiries func() []expiry.End
	// Import keeps revocation data that an administrator brings; nil: there is no route for it.
	Import func(ctx context.Context, data []byte) (certs.Imported, error)
	TLS    *tls.Config // nil: without encryption, for loopback or behind a proxy
}

// Server is the door for people's programs and, through [Server.Mount], for their browsers.
type Server struct {
	door
	gateway *exchange.Gateway
	config  Config
	places  *places[exchange.OfficeID]
	waiting *places[exchange.OfficeID] // document systems, which wait for something to happen
	judging *places[exchange.OfficeID] // verification of foreign files, which costs more than the rest
	metrics *metrics
	routes  *gin.Engine
	huma    huma.API
}

// New makes a server. It answers nothing before [Server.Serve], or before its [Server.Handler] is served.
func New(config Config) *Server {
	limits := config.Limits.orDefaults()
	s := &Server{
		door:    door{log: config.Log, now: config.Now, limits: limits},
		gateway: config.Gateway,
		config:  config,
		places:  newPlaces[exchange.OfficeID](limits.Concurrent, limits.PerOffice),
		waiting: newPlaces[exchange.OfficeID](limits.Waiting, limits.PerOffice),
		judging: newPlaces[exchange.OfficeID](limits.Judging, (limits.Judging+1)/2),
	}
	s.metrics = newMetrics(expiryCollector{s})
	s.routes = s.engine()
	s.routes.Use(s.measure)
	s.describe()
	return s
}

// Handler gives the handler of everything that is mounted, with its limits but for those of the listener.
func (s *Server) Handler() http.Handler { return s.routes }

// Mount adds routes beside /api/v1, such as the screens. They share the log, the request ids, the limits of bodies (see
// [AllowBody]) and the answer to a panic. It is called before the server serves.
func (s *Server) Mount(mount func(*gin.Engine)) { mount(s.routes) }

// Serve answers until the context ends, and then lets what is under way come to its end for a while. It owns the
// listener.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	return s.serve(ctx, listener, s.routes, s.config.TLS)
}

// AllowBody raises the limit of the request's body from Limits.Body to so many bytes, for a route that takes a file. An
// error of kind Invalid, request.too_large, says that more is claimed to come; nothing has been read then.
func AllowBody(r *http.Request, most int64) error { return callOf(r.Context()).body.limit(most) }

// Refuse answers with the problem document that err stands for, and writes it into the log, for routes that are mounted
// beside ours and have no better answer.
func (s *Server) Refuse(c *gin.Context, err error) { s.refuse(c, err) }

// Problem makes err presentable to whoever asks in the context, and keeps it for the log.
func (s *Server) Problem(ctx context.Context, err error) *Problem { return s.problem(ctx, err) }
