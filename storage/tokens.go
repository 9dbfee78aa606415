package storage

import (
	"context"
	"database/sql"
	"fmt"

	"congvan/exchange"
)

// AddToken records an API token. A known token is the Conflict token.known, unless this one is revoked: then the
// known one is revoked, once and for all.
func (t *transaction) AddToken(ctx context.Context, token exchange.Token) error {
	added, err := t.add(ctx, "insert into token (hash, name, office, role, created_at, expires_at) "+
		"values ($1, $2, $3, $4, $5, $6) on conflict (hash) do nothing",
		string(token.Hash), token.Name, string(token.Office), string(token.Role),
		micros(token.CreatedAt), micros(token.ExpiresAt))
	if err != nil {
		return err
	}
	if token.RevokedAt.IsZero() {
		if !added {
			return conflict("token.known", token.Name)
		}
		return nil
	}
	_, err = t.exec(ctx, "insert into token_revoked (hash, at) values ($1, $2) on conflict (hash) do nothing",
		string(token.Hash), micros(token.RevokedAt))
	return err
}

const (
	heldColumns = "t.hash, t.name, t.office, t.role, t.created_at, t.expires_at, r.at"
	heldSource  = " from token t left join token_revoked r on r.hash = t.hash"
)

func scanToken(row scanner) (token exchange.Token, err error) {
	err = row.Scan(&token.Hash, &token.Name, &token.Office, &token.Role,
		timeColumn{&token.CreatedAt}, timeColumn{&token.ExpiresAt}, timeColumn{&token.RevokedAt})
	return token, err
}

// Token gives the token of which this is the SHA-256.
func (t *transaction) Token(ctx context.Context, hash exchange.Digest) (exchange.Token, error) {
	found, err := collect(ctx, t, "select "+heldColumns+heldSource+" where t.hash = $1", []any{string(hash)}, scanToken)
	if err == nil && len(found) == 0 {
		err = &exchange.Error{Kind: exchange.NotFound, Code: "token.not_found", Err: sql.ErrNoRows}
	}
	if err != nil {
		return exchange.Token{}, err
	}
	return found[0], nil
}

// Tokens lists the tokens of an office, the newest first.
func (t *transaction) Tokens(ctx context.Context, office exchange.OfficeID, limit int) ([]exchange.Token, error) {
	return collect(ctx, t, "select "+heldColumns+heldSource+" where t.office = $1 "+
		"order by t.created_at desc, t.hash limit $2", []any{string(office), int64(limit)}, scanToken)
}

// Remember records the answer to a keyed request, or gives the first answer. The key with another request is the
// Conflict request.key_reused.
func (t *transaction) Remember(
	ctx context.Context, key exchange.RequestKey, answer []byte,
) (stored []byte, known bool, err error) {
	added, err := t.add(ctx, "insert into request (office, key, request, answer) values ($1, $2, $3, $4) "+
		"on conflict (office, key) do nothing",
		string(key.Office), key.Key, string(key.Request), binary(answer))
	if err != nil || added {
		return answer, false, err
	}
	var request exchange.Digest
	found, err := t.one(ctx, "select request, answer from request where office = $1 and key = $2",
		[]any{string(key.Office), key.Key}, &request, &stored)
	if err != nil {
		return nil, false, err
	}
	if !found {
		return nil, false, fmt.Errorf("request %q is neither new nor known", key.Key)
	}
	if request != key.Request {
		return nil, false, conflict("request.key_reused", key.Key)
	}
	return stored, true, nil
}
