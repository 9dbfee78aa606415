package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"congvan/exchange"
)

// describe lays out all routes: the interface on one screen. Those without an act are for everybody who is known; those
// under openRoutes are for everybody.
func (s *Server) describe() {
	group := s.routes.Group(base)
	s.huma = humagin.NewWithGroup(s.routes, group, s.humaConfig())
	file := s.gateway.MaxFile + formOverhead

	add(s, route{"submitDocument", http.MethodPost, "/documents", exchange.ActSubmit, 201, file}, s.submitDocument)
	add(s, route{"listDocuments", http.MethodGet, "/documents", exchange.ActRead, 200, 0}, s.listDocuments)
	add(s, route{"readDocument", http.MethodGet, "/documents/{id}", exchange.ActRead, 200, 0}, s.readDocument)
	add(s, route{"signDocument", http.MethodPost, "/documents/{id}/sign", exchange.ActSign, 200, 0}, s.signDocument)
	add(s, route{"sealDocument", http.MethodPost, "/documents/{id}/seal", exchange.ActSeal, 200, 0}, s.sealDocument)
	add(s, route{"sendDocument", http.MethodPost, "/documents/{id}/send", exchange.ActSend, 200, 0}, s.sendDocument)
	add(s, route{"copyDocument", http.MethodPost, "/documents/{id}/copy", exchange.ActSeal, 200, maxExcerpt},
		s.copyDocument)
	add(s, route{"resendDocument", http.MethodPost, "/documents/{id}/resend", exchange.ActSend, 200, 0}, s.resendDocument)
	add(s, route{"listParked", http.MethodGet, "/parked", exchange.ActRead, 200, 0}, s.listParked)
	add(s, route{"readContent", http.MethodGet, "/documents/{id}/content", exchange.ActRead, 200, 0}, s.readContent)
	add(s, route{"readTimeline", http.MethodGet, "/documents/{id}/timeline", exchange.ActRead, 200, 0}, s.readTimeline)
	add(s, route{"listReceipts", http.MethodGet, "/documents/{id}/receipts", exchange.ActRead, 200, 0}, s.listReceipts)

	add(s, route{"listArrivals", http.MethodGet, "/inbox", exchange.ActRead, 200, 0}, s.listArrivals)
	add(s, route{"readArrival", http.MethodGet, "/inbox/{id}", exchange.ActRead, 200, 0}, s.readArrival)
	add(s, route{"readArrived", http.MethodGet, "/inbox/{id}/content", exchange.ActRead, 200, 0}, s.readArrived)
	add(s, route{"readReport", http.MethodGet, "/inbox/{id}/report", exchange.ActRead, 200, 0}, s.readReport)
	add(s, route{"readBundle", http.MethodGet, "/inbox/{id}/evidence", exchange.ActRead, 200, 0}, s.readBundle)
	add(s, route{"readETSI", http.MethodGet, "/inbox/{id}/report/etsi", exchange.ActRead, 200, 0}, s.readETSI)
	add(s, route{"acceptArrival", http.MethodPost, "/inbox/{id}/accept", exchange.ActDecide, 200, 0}, s.acceptArrival)
	add(s, route{"refuseArrival", http.MethodPost, "/inbox/{id}/refuse", exchange.ActDecide, 200, 0}, s.refuseArrival)
	add(s, route{"advanceArrival", http.MethodPost, "/inbox/{id}/status", exchange.ActDecide, 200, 0}, s.advanceArrival)
	add(s, route{"copyArrival", http.MethodPost, "/inbox/{id}/copy", exchange.ActSeal, 200, maxExcerpt}, s.copyArrival)

	add(s, route{"verifyFile", http.MethodPost, "/verify", exchange.ActVerify, 200, file}, s.verifyFile)
	add(s, route{"listOffices", http.MethodGet, "/offices", "", 200, 0}, s.listOffices)
	add(s, route{"describeYourself", http.MethodGet, "/me", "", 200, 0}, s.describeYourself)
	add(s, route{"createToken", http.MethodPost, "/tokens", exchange.ActManage, 201, 0}, s.createToken)
	add(s, route{"listTokens", http.MethodGet, "/tokens", exchange.ActManage, 200, 0}, s.listTokens)
	add(s, route{"revokeToken", http.MethodDelete, "/tokens/{id}", exchange.ActManage, 204, 0}, s.revokeToken)
	add(s, route{"readMetrics", http.MethodGet, "/metrics", exchange.ActManage, 200, 0}, s.readMetrics)

	if s.config.Archive != nil {
		add(s, route{"fileDocument", http.MethodPost, "/documents/{id}/file", exchange.ActFile, 200, 0}, s.fileDocument)
		add(s, route{"fileArrival", http.MethodPost, "/inbox/{id}/file", exchange.ActFile, 200, 0}, s.fileArrival)
	}
	s.describeEvidence()
	s.describeExplanation()
	s.recallRoutes()
	s.describeReaddress()
	s.describeDeadlines()
	s.directoryRoutes()
	s.describeMailbox()
	if s.config.Import != nil {
		add(s, route{"importRevocation", http.MethodPost, "/revocation", exchange.ActManage, 200, importLimit},
			s.importRevocation)
	}
	s.sessionRoutes()
	if s.config.Reports != nil {
		s.addReports(file)
	}
	s.openRoutes(group)
	s.linkRoutes(group)
	s.finishOpenAPI()
}

// openRoutes are for everybody: they tell nothing about documents.
func (s *Server) openRoutes(group *gin.RouterGroup) {
	group.GET("/health", s.health)
	group.GET("/ready", s.ready)
	group.GET("/problems", s.listProblems)
	group.GET("/problems/:code", s.readProblem)
	group.GET("/openapi.json", s.openAPI("application/openapi+json", func() ([]byte, error) {
		return json.MarshalIndent(s.huma.OpenAPI(), "", " ")
	}))
	group.GET("/openapi.yaml", s.openAPI("application/openapi+yaml", func() ([]byte, error) {
		return s.huma.OpenAPI().YAML()
	}))
}

// route is one line of the interface.
type route struct {
	id     string // the operationId; its summary is in summaries
	method string
	path   string
	act    exchange.Act // that the actor must have the right to; empty: no right but to be known
	status int          // when all is well
	body   int64        // the most bytes that are taken; 0: Limits.Body
}

// add registers a route: guarded, described, and with errors answered as problems.
func add[In, Out any](s *Server, r route, answer func(context.Context, exchange.Actor, *In) (*Out, error)) {
	operation := s.operation(r)
	huma.Register(s.huma, operation, func(ctx context.Context, in *In) (*Out, error) {
		actor, _ := ActorOf(ctx) // known: the guard let it through
		out, err := answer(ctx, actor, in)
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return out, nil
	})
}
