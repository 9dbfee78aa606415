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
	until := s.now().UTC().Add(tokenLife)
	if in.Body.ExpiresAt != nil {
		until = in.Body.ExpiresAt.UTC()
	}
	made, err := s.IssueToken(ctx, actor, exchange.Actor{Name: in.Body.Name, Role: in.Body.Role}, until)
	if err != nil {
		return nil, err
	}
	return &createTokenOutput{made}, nil
}

// IssueToken makes a token until a moment, at most 730 days from now, for somebody of the administrator's own office.
// Errors: Denied access.denied; Invalid token.life, mailbox.name.
func (s *Server) IssueToken(
	ctx context.Context, actor, holder exchange.Actor, until time.Time,
) (NewTokenAnswer, error) {
	if err := actor.May(exchange.ActManage); err != nil {
		return NewTokenAnswer{}, err
	}
	now := s.now().UTC()
	if !until.After(now) || until.After(now.Add(longestLife)) {
		return NewTokenAnswer{}, exchange.Errorf(exchange.Invalid, codeTokenLife, "until %v", until)
	}
	if holder.Role == exchange.DocumentSystem {
		if err := handover.ValidSystem(exchange.System(holder.Name)); err != nil {
			return NewTokenAnswer{}, err
		}
	}
	holder.Office = actor.Office
	secret, token := NewToken(holder, now, until)
	err := s.gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		if err := tx.AddToken(ctx, token); err != nil {
			return err
		}
		return s.logToken(ctx, tx, actor, "token.created", token)
	})
	if err != nil {
		return NewTokenAnswer{}, err
	}
	return NewTokenAnswer{Token: shownToken(token), Secret: secret}, nil
}

// mostTokens is how many tokens a list has.
const mostTokens = 500

type tokensOutput struct {
	Body struct {
		Items []Token `json:"items" doc:"The newest first, 500 at most"`
	}
}

func (s *Server) listTokens(ctx context.Context, actor exchange.Actor, _ *struct{}) (*tokensOutput, error) {
	tokens, err := s.ListTokens(ctx, actor)
	if err != nil {
		return nil, err
	}
	out := &tokensOutput{}
	out.Body.Items = orEmpty(tokens)
	return out, nil
}

// ListTokens lists the tokens of the administrator's own office, never a secret, the newest first. Error: Denied
// access.denied.
func (s *Server) ListTokens(ctx context.Context, actor exchange.Actor) ([]Token, error) {
	if err := actor.May(exchange.ActManage); err != nil {
		return nil, err
	}
	var views []Token
	err := s.gateway.Records.View(ctx, func(tx exchange.Tx) error {
		found, err := tx.Tokens(ctx, actor.Office, mostTokens)
		views = make([]Token, len(found))
		for i, token := range found {
			views[i] = shownToken(token)
		}
		return err
	})
	return views, err
}

type revokeTokenInput struct {
	ID exchange.Digest `path:"id" maxLength:"64" doc:"The SHA-256 of the secret"`
}

func (s *Server) revokeToken(ctx context.Context, actor exchange.Actor, in *revokeTokenInput) (*struct{}, error) {
	return nil, s.RevokeToken(ctx, actor, in.ID)
}

// RevokeToken revokes a token of the administrator's own office. Asked again it changes nothing. Errors: Denied
// access.denied; NotFound token.unknown.
func (s *Server) RevokeToken(ctx context.Context, actor exchange.Actor, id exchange.Digest) error {
	if err := actor.May(exchange.ActManage); err != nil {
		return err
	}
	return s.gateway.Records.Update(ctx, func(tx exchange.Tx) error {
		token, err := tx.Token(ctx, id)
		switch {
		case err != nil && exchange.KindOf(err) != exchange.NotFound:
			return err
		case err != nil || token.Office != actor.Office:
			return exchange.Errorf(exchange.NotFound, codeTokenUnknown, "no token %.64q of %s", id, actor.Office)
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
