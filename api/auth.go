package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"congvan/exchange"
)

// tokenPrefix begins every secret, so that a secret that was published by mistake is recognised by those who look.
const tokenPrefix = "cvt_"

// Authenticate says on whose behalf the bearer of the secret acts. Errors are of kind Denied: token.missing,
// token.invalid, token.expired, token.revoked; and of kind Unavailable when the records cannot be asked.
func (s *Server) Authenticate(ctx context.Context, secret string) (exchange.Actor, error) {
	if secret == "" {
		return exchange.Actor{}, exchange.Errorf(exchange.Denied, codeTokenMissing, "no token")
	}
	var token exchange.Token
	err := s.gateway.Records.View(ctx, func(tx exchange.Tx) (err error) {
		token, err = tx.Token(ctx, HashToken(secret))
		return err
	})
	switch now := s.now(); {
	case exchange.KindOf(err) == exchange.NotFound && err != nil:
		return exchange.Actor{}, exchange.Errorf(exchange.Denied, codeTokenInvalid, "no such token")
	case err != nil:
		return exchange.Actor{}, err
	case !token.RevokedAt.IsZero():
		return exchange.Actor{}, exchange.Errorf(exchange.Denied, codeTokenRevoked, "revoked at %v", token.RevokedAt)
	case !token.ExpiresAt.IsZero() && !now.Before(token.ExpiresAt):
		return exchange.Actor{}, exchange.Errorf(exchange.Denied, codeTokenExpired, "expired at %v", token.ExpiresAt)
	}
	return exchange.Actor{Name: token.Name, Office: token.Office, Role: token.Role}, nil
}

// NewToken makes a token for an actor, from now until a moment (zero: for ever), and the secret that is told once. The
// token is to be kept with Tx.AddToken; the secret is kept nowhere.
func NewToken(actor exchange.Actor, now, until time.Time) (secret string, token exchange.Token) {
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the process when there is no randomness
	secret = tokenPrefix + base64.RawURLEncoding.EncodeToString(random[:])
	return secret, exchange.Token{
		Hash:      HashToken(secret),
		Name:      actor.Name,
		Office:    actor.Office,
		Role:      actor.Role,
		CreatedAt: now.UTC(),
		ExpiresAt: until,
	}
}

// HashToken gives the digest under which a secret is known. The secret has 256 random bits, so that no salt and no slow
// hash is needed: there is nothing to guess.
func HashToken(secret string) exchange.Digest {
	sum := sha256.Sum256([]byte(secret))
	return exchange.Digest(hex.EncodeToString(sum[:]))
}

// bearer gives the token of an Authorization header (RFC 6750, 2.1); empty when there is none.
func bearer(r *http.Request) string {
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(secret)
}
