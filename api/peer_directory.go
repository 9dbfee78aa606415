package api

import (
	"context"
	"fmt"

	"github.com/gin-gonic/gin"

	"congvan/exchange"
	"congvan/exchange/roll"
)

var _ roll.Line = (*PeerCarrier)(nil)

const (
	pathDirectory = wireBase + "/dir"
	maxDirQuery   = 32 << 10 // bytes: two signed heads fit
	maxDirList    = 4096     // records, or hashes of a proof, of one answer; what is too many for it, package roll refuses
)

// Directory asks another gateway for what it has of the directory's log.
func (p *PeerCarrier) Directory(
	ctx context.Context, to exchange.Node, question roll.Question,
) (roll.Answer, error) {
	line, err := p.line(to)
	if err != nil {
		return roll.Answer{}, err
	}
	var answer roll.Answer
	read := bounded{maxAnswerBody, object(map[string]piece{
		"head": one(&answer.Head), "size": one(&answer.Size), "root": one(&answer.Root),
		"records": list(&answer.Records, maxDirList, codePeerAnswer, plain),
		"proof":   list(&answer.Proof, maxDirList, codePeerAnswer, plain),
	})}
	if err := line.ask(ctx, pathDirectory, question, read); err != nil {
		return roll.Answer{}, fmt.Errorf("directory of %s: %w", to.ID, err)
	}
	return answer, nil
}

// directory answers another gateway that asks for the directory's log.
func (s *PeerServer) directory(c *gin.Context, node exchange.NodeID) (any, error) {
	var question roll.Question
	if err := decode(c.Request.Body, one(&question)); err != nil {
		return nil, err
	}
	return s.config.Roll.Answer(c.Request.Context(), node, question)
}
