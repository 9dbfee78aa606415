package api

import (
	"context"
	"time"

	"congvan/exchange"
	"congvan/exchange/handover"
)

// tokenLife is how long a token lives when nobody says, and longestLife the most.
const (
	tokenLife   = 90 * 24 * time.Hour
	longestLife = 730 * 24 * time.Hour
)

type createTokenInput struct {
	Body struct {
		Name      string        `json:"name" maxLength:"200" minLength:"1" doc:"A leader's: as certified"`
		Role      exchange.Role `json:"role" enum:"clerk,leader,archivist,administrator,system"`
		ExpiresAt *time.Time    `json:"expires_at,omitempty" doc:"At most 730 days from now; without it, 90 days"`
	}
}

// Token is an API token without its secret.
type Token struct {
	ID        exchange.Digest   `json:"id" doc:"The SHA-256 of the secret"`
	Name      string            `json:"name"`
	Office    exchange.OfficeID `json:"office"`
	Role      exchange.Role     `json:"role"`
	CreatedAt time.Time         `json:"created_at" doc:"UTC"`
	ExpiresAt *time.Time        `json:"expires_at,omitempty" doc:"UTC"`
	RevokedAt *time.Time        `json:"revoked_at,omitempty" doc:"UTC"`
}

// NewTokenAnswer is a token with its secret, which is told this once.
type NewTokenAnswer struct {
	Token
	Secret string `json:"secret" doc:"Told this once and kept nowhere"`
}

type createTokenOutput struct{ Body NewTokenAnswer }

// createToken makes a token for somebody of the administrator's own office.
func (s *Server) createToken(
	ctx context.Context, actor exchange.Actor, in *createTokenInput,
) (*createTokenOutput, error) {
	now := s.now().UTC()
	until := now.Add(tokenLife)
	if in.Body.ExpiresAt != nil {
		until = in.Body.ExpiresAt.UTC()
	}
	if !until.After(now) || until.After(now.Add(longestLife)) {
		return nil, exchange.Errorf(exchange.Invalid, codeTokenLife, "until %v", until)
	}
	if in.Body.Role == exchange.DocumentSystem {
		if err := handover.ValidSystem(exchange.System(in.Body.Name)); err != nil {
			return nil, err
		}
	}
	holder := exchange.Actor{Name: in.Body.Name, Office: actor.Office, Role: in.Body.Role}
	secret, token := NewToken(holder, now, until)
	err := s.gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		if err := tx.AddToken(ctx, token); err != nil {
			return err
		}
		return s.logToken(ctx, tx, actor, "token.created", token)
	})
	if err != nil {
		return nil, err
	}
	return &createTokenOutput{NewTokenAnswer{Token: shownToken(token), Secret: secret}}, nil
}

type revokeTokenInput struct {
	ID exchange.Digest `path:"id" maxLength:"64" doc:"The SHA-256 of the secret"`
}

// revokeToken revokes a token of the administrator's own office. Asked again it changes nothing.
func (s *Server) revokeToken(ctx context.Context, actor exchange.Actor, in *revokeTokenInput) (*struct{}, error) {
	return nil, s.gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		token, err := tx.Token(ctx, in.ID)
		switch {
		case err != nil && exchange.KindOf(err) != exchange.NotFound:
			return err
		case err != nil || token.Office != actor.Office:
			return exchange.Errorf(exchange.NotFound, codeTokenUnknown, "no token %.64q of %s", in.ID, actor.Office)
		case !token.RevokedAt.IsZero():
			return nil
		}
		token.RevokedAt = s.now().UTC()
		if err := tx.AddToken(ctx, token); err != nil {
			return err
		}
		return s.logToken(ctx, tx, actor, "token.revoked", token)
	})
}

// logToken writes the leaf: who gave which right to whom.
func (s *Server) logToken(
	ctx context.Context, tx exchange.Tx, actor exchange.Actor, act string, token exchange.Token,
) error {
	_, err := tx.AppendLog(ctx, exchange.Entry{
		At: s.now().UTC(), Act: act, Actor: actor.Name, Office: actor.Office,
		Detail: map[string]string{"token": string(token.Hash), "name": token.Name, "role": string(token.Role)},
	})
	return err
}

func shownToken(token exchange.Token) Token {
	return Token{
		ID: token.Hash, Name: token.Name, Office: token.Office, Role: token.Role, CreatedAt: token.CreatedAt,
		ExpiresAt: moment(token.ExpiresAt), RevokedAt: moment(token.RevokedAt),
	}
}
