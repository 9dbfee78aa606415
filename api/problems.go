package api

import (
	"maps"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"congvan/exchange"
)

// ProblemWords is what is to be said about a code, in both languages.
type ProblemWords struct {
	Code       string `json:"code"`
	Vietnamese string `json:"vi"`
	English    string `json:"en"`
}

// listProblems answers with the whole catalogue, for programs that show errors by themselves.
func (*Server) listProblems(c *gin.Context) {
	codes := slices.Sorted(maps.Keys(catalogue))
	words := make([]ProblemWords, len(codes))
	for i, code := range codes {
		words[i] = wordsFor(code)
	}
	c.JSON(http.StatusOK, gin.H{"items": words})
}

// readProblem answers for the type of a problem document.
func (s *Server) readProblem(c *gin.Context) {
	code := c.Param("code")
	if !HasSentence(code) {
		s.refuse(c, exchange.Errorf(exchange.NotFound, codeProblemUnknown, "%.80q", code))
		return
	}
	c.JSON(http.StatusOK, wordsFor(code))
}

func wordsFor(code string) ProblemWords {
	return ProblemWords{Code: code, Vietnamese: Sentence(code, Vietnamese), English: Sentence(code, English)}
}
