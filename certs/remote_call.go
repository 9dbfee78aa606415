package certs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// maxRemoteAnswer is the largest answer of a signing service that is read, in bytes: a chain of certificates.
const maxRemoteAnswer = 256 << 10

// remoteCredential is what a service says of a key (CSC 2, credentials/info).
type remoteCredential struct {
	Key struct {
		Status string   `json:"status"`
		Algo   []string `json:"algo"`
	} `json:"key"`
	Cert struct {
		Certificates []string `json:"certificates"`
	} `json:"cert"`
	Auth struct {
		Mode    string `json:"mode"`
		Objects []struct {
			Type        string `json:"type"`
			ID          string `json:"id"`
			Label       string `json:"label"`
			Description string `json:"description"`
		} `json:"objects"`
	} `json:"auth"`
}

// remoteFault is an error answer, in the words of the service.
type remoteFault struct {
	Code        string `json:"error"`
	Description string `json:"error_description"`
}

func (f *remoteFault) Error() string { return fmt.Sprintf("%.60q: %.200q", f.Code, f.Description) }

// call asks a method of the service. A token that is no longer good is obtained anew once.
func (r *remoteService) call(ctx context.Context, method string, asked, answer any) error {
	body, err := json.Marshal(asked)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	token, err := r.accessToken(ctx, "")
	if err != nil {
		return err
	}
	err = r.post(ctx, remoteQuestion{method, "application/json", string(body), token}, answer)
	if errors.Is(err, ErrRemoteLogin) && !r.given {
		if token, err = r.accessToken(ctx, token); err != nil {
			return err
		}
		err = r.post(ctx, remoteQuestion{method, "application/json", string(body), token}, answer)
	}
	return err
}

// accessToken gives a token other than the stale one, obtained by client credentials (RFC 6749, 4.4) where none is.
func (r *remoteService) accessToken(ctx context.Context, stale string) (string, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.token != "" && r.token != stale {
		return r.token, nil
	}
	if r.login != nil {
		var err error
		r.token, err = r.login(ctx)
		return r.token, err
	}
	if r.client == "" || r.secret == "" {
		return "", fmt.Errorf("%w: there is neither a token nor a client with its secret", ErrRemoteLogin)
	}
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {r.client}, "client_secret": {r.secret}, "scope": {"service"},
	}
	var answer struct {
		Token string `json:"access_token"`
		Type  string `json:"token_type"`
	}
	asked := remoteQuestion{"oauth2/token", "application/x-www-form-urlencoded", form.Encode(), ""}
	if err := r.post(ctx, asked, &answer); err != nil {
		return "", err
	}
	if answer.Token == "" || !strings.EqualFold(answer.Type, "bearer") {
		return "", fmt.Errorf("%w: %w: no Bearer token", ErrRemoteAnswer, ErrAnswer)
	}
	r.token = answer.Token
	return r.token, nil
}

type remoteQuestion struct {
	method, contentType, body, token string
}

// post asks and reads the answer into a value. What may be wrong is told apart by [faultOf].
func (r *remoteService) post(ctx context.Context, asked remoteQuestion, answer any) error {
	target := r.base + "/" + asked.method
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target, strings.NewReader(asked.body))
	if err != nil {
		return fmt.Errorf("%s: %w: %w", asked.method, ErrRemoteURI, err)
	}
	request.Header.Set("Content-Type", asked.contentType)
	request.Header.Set("Accept", "application/json")
	if asked.token != "" {
		request.Header.Set("Authorization", "Bearer "+asked.token)
	}
	response, err := r.outbound.client.Do(request)
	if err != nil {
		return fmt.Errorf("%s: %w", asked.method, unreachable(ctx, err))
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxRemoteAnswer+1))
	if err != nil {
		return fmt.Errorf("%s: %w", asked.method, unreachable(ctx, err))
	}
	if len(body) > maxRemoteAnswer {
		return fmt.Errorf("%s: %w: %w: %w", asked.method, ErrRemoteAnswer, ErrAnswer, errTooLarge)
	}
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusAccepted {
		return fmt.Errorf("%s: %w", asked.method, faultOf(response.StatusCode, body))
	}
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if kind != "application/json" {
		return fmt.Errorf("%s: %w: %w: content type %.60q", asked.method, ErrRemoteAnswer, ErrAnswer, kind)
	}
	if err := json.Unmarshal(body, answer); err != nil {
		return fmt.Errorf("%s: %w: %w: %w", asked.method, ErrRemoteAnswer, ErrAnswer, err)
	}
	return nil
}

// unreachable keeps apart an end of patience, an address that is not allowed, and a service that is not there.
func unreachable(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ended(ctx)
	case errors.Is(err, ErrForbiddenAddress):
		return err
	default:
		return fmt.Errorf("%w: %w", ErrRemoteUnavailable, err)
	}
}

// ended names why a context has ended.
func ended(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", ErrRemoteUnconfirmed, ctx.Err())
	}
	return ctx.Err()
}

// errPending means that the signer has not decided yet.
var errPending = errors.New("not decided yet")

// faultOf names an error answer. The codes are those of OAuth 2.0 and of CSC 2, whose signPolling says by the
// description alone that the signer has not decided yet.
func faultOf(status int, body []byte) error {
	fault := &remoteFault{}
	if json.Unmarshal(body, fault) != nil {
		fault = &remoteFault{}
	}
	about := strings.ToLower(fault.Description)
	kind := ErrRemoteAnswer
	switch {
	case strings.Contains(about, "not yet been completed"), fault.Code == "authorization_pending",
		fault.Code == "slow_down":
		kind = fmt.Errorf("%w: %w: %w", errPending, ErrRemoteAnswer, ErrAnswer)
	case fault.Code == "access_denied":
		kind = ErrRemoteRefused
	case fault.Code == "expired_token", fault.Code == "expired":
		kind = ErrRemoteUnconfirmed
	case fault.Code == "invalid_pin", fault.Code == "invalid_otp", strings.Contains(about, "invalid parameter sad"),
		strings.Contains(about, "expired sad"), strings.Contains(about, "sad expired"):
		kind = ErrRemoteUnauthorised
	case strings.Contains(about, "invalid parameter credentialid"):
		kind = ErrRemoteCredential
	case strings.Contains(about, "invalid parameter signalgo"):
		kind = ErrRemoteAlgorithm
	case status == http.StatusUnauthorized, status == http.StatusForbidden,
		fault.Code == "invalid_client", fault.Code == "invalid_token", fault.Code == "unauthorized_client":
		kind = ErrRemoteLogin
	case status >= http.StatusInternalServerError, status == http.StatusTooManyRequests:
		kind = ErrRemoteUnavailable
	default:
		return fmt.Errorf("%w: %w: HTTP status %d: %w", kind, ErrAnswer, status, fault)
	}
	return fmt.Errorf("%w: HTTP status %d: %w", kind, status, fault)
}
