package api

import (
	"context"
	"fmt"

	"github.com/gin-gonic/gin"

	"congvan/exchange"
	"congvan/exchange/evidence"
)

var _ evidence.Line = (*PeerCarrier)(nil)

// Countersign asks a neighbour to sign a checkpoint as its witness. Every error is of kind Unavailable: what a
// neighbour says against a log stands in its own log, and its word alone stops nothing here.
func (p *PeerCarrier) Countersign(
	ctx context.Context, to exchange.Node, question evidence.Question,
) (evidence.Answer, error) {
	line, err := p.line(to)
	if err != nil {
		return evidence.Answer{}, err
	}
	var answer evidence.Answer
	if err := line.ask(ctx, pathWitness, question, bounded{maxTold, one(&answer)}); err != nil {
		return evidence.Answer{}, fmt.Errorf("checkpoint to %s: %w", to.ID, err)
	}
	return answer, nil
}

// witness signs the checkpoint of a neighbour.
func (s *PeerServer) witness(c *gin.Context, node exchange.NodeID) (any, error) {
	var question evidence.Question
	if err := decode(c.Request.Body, one(&question)); err != nil {
		return nil, err
	}
	return s.config.Notary.Witness(c.Request.Context(), node, question)
}
