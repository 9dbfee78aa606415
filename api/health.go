package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"congvan/exchange"
	"congvan/exchange/expiry"
)

// readiness is how long the store may take to say that it is there.
const readiness = 5 * time.Second

// health says that the program runs; no more than that, for whoever would start it again.
func (*Server) health(c *gin.Context) {
	c.JSON(http.StatusOK, gin.H{"status": "ok"})
}

// ready says whether requests can be answered, for whoever sends them here: the records and the blobs are asked.
func (s *Server) ready(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readiness)
	defer cancel()
	err := s.gateway.Records.View(ctx, func(tx exchange.Tx) error {
		_, _, err := tx.LogHead(ctx)
		return err
	})
	if err == nil {
		_, err = s.gateway.Blobs.Has(ctx, []exchange.Digest{emptyDigest})
	}
	if err != nil {
		s.refuse(c, err)
		return
	}
	answer := gin.H{"status": "ok", "node": s.gateway.Node, "version": s.config.Version}
	if code := s.endsSoonest(); code != "" {
		answer["certificates"] = code
	}
	if s.keyAway() {
		answer["keys"] = codeKeyAway
		answer["keys_sentence"] = Sentence(codeKeyAway, Language(c.GetHeader("Accept-Language")))
	}
	c.JSON(http.StatusOK, answer)
}

// endsSoonest gives the code of the certificate that ends first, when one ends soon; it does not say which, as anybody
// may ask.
func (s *Server) endsSoonest() string {
	if s.config.Expiries == nil {
		return ""
	}
	var first expiry.End
	for _, each := range s.config.Expiries() {
		if each.Fault == "" && (first.Until.IsZero() || each.Until.Before(first.Until)) {
			first = each
		}
	}
	if first.Until.IsZero() {
		return ""
	}
	return first.Warning(s.now())
}

// codeKeyAway says that a signing key cannot be reached now: all else works, so that the gateway is ready.
const codeKeyAway = "key.away"

// keyAway says whether there is such a key, and not which: anybody may ask.
func (s *Server) keyAway() bool {
	return s.config.Expiries != nil && slices.ContainsFunc(s.config.Expiries(), func(each expiry.End) bool {
		return each.Fault != ""
	})
}

// emptyDigest is the SHA-256 of no bytes: a question that any store can answer.
const emptyDigest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
