package certs

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"congvan/certs/cms"
)

// defaultProfile is the profile of MySign for signing on the phone.
const defaultProfile = "adss:ras:profile:001"

// mySign speaks to Viettel MySign (vtss/service). A login gives a token for one user; the signer confirms in the app.
type mySign struct {
	key     RemoteKey
	service *remoteService
}

func newMySign(key RemoteKey, service *remoteService) *mySign {
	if key.Profile == "" {
		key.Profile = defaultProfile
	}
	signer := &mySign{key: key, service: service}
	service.login = signer.login
	return signer
}

func (s *mySign) client(more map[string]any) map[string]any {
	more["client_id"], more["client_secret"] = s.key.ClientID, s.key.ClientSecret
	return more
}

// login obtains a token for the user.
func (s *mySign) login(ctx context.Context) (string, error) {
	asked := s.client(map[string]any{"user_id": s.key.User, "profile_id": s.key.Profile})
	body, err := json.Marshal(asked)
	if err != nil {
		return "", fmt.Errorf("login: %w", err)
	}
	var answer struct {
		Token string `json:"access_token"`
	}
	question := remoteQuestion{"vtss/service/ras/v1/login", "application/json", string(body), ""}
	if err := s.service.post(ctx, question, &answer); err != nil {
		return "", err
	}
	if answer.Token == "" {
		return "", fmt.Errorf("%w: no token", ErrRemoteLogin)
	}
	return answer.Token, nil
}

// certificates finds the key by its credential id, or the only one of the user.
func (s *mySign) certificates(ctx context.Context) ([]*x509.Certificate, error) {
	asked := s.client(map[string]any{
		"user_id": s.key.User, "profile_id": s.key.Profile, "certificates": "chain", "certInfo": true, "authInfo": true,
	})
	var list []struct {
		ID  string `json:"credential_id"`
		Key struct {
			Status string `json:"status"`
		} `json:"key"`
		Cert struct {
			Certificates []string `json:"certificates"`
		} `json:"cert"`
	}
	if err := s.service.call(ctx, "vtss/service/certificates/info", asked, &list); err != nil {
		return nil, err
	}
	var found [][]string
	for _, one := range list {
		usable := one.Key.Status == "" || one.Key.Status == "enabled"
		if usable && (s.key.Credential == "" || one.ID == s.key.Credential) {
			found = append(found, one.Cert.Certificates)
			s.key.Credential = one.ID
		}
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%w: the user has %d", ErrRemoteCredential, len(found))
	}
	return certificatesOf(found[0])
}

func (s *mySign) start(ctx context.Context, scheme cms.Scheme, digest []byte) (string, error) {
	algorithm := "1.2.840.113549.1.1.1"
	if scheme.Algorithm == cms.ECDSA {
		algorithm = "1.2.840.10045.2.1"
	}
	asked := s.client(map[string]any{
		"credentialID": s.key.Credential, "numSignatures": 1, "async": 1,
		"documents": []any{map[string]any{"document_id": rand.Text(), "document_name": "congvan"}},
		"hash":      []string{base64.StdEncoding.EncodeToString(digest)},
		"hashAlgo":  oid(digestOID(scheme.Hash)), "signAlgo": algorithm,
	})
	var answer struct {
		Transaction string `json:"transactionId"`
	}
	if err := s.service.call(ctx, "vtss/service/signHash", asked, &answer); err != nil {
		return "", err
	}
	if answer.Transaction == "" {
		return "", fmt.Errorf("signHash: %w: %w: no transaction", ErrRemoteAnswer, ErrAnswer)
	}
	return answer.Transaction, nil
}

func (s *mySign) poll(ctx context.Context, transaction string) ([]byte, error) {
	var answer struct {
		Status     string   `json:"status"`
		Message    string   `json:"message"`
		Signatures []string `json:"signatures"`
	}
	asked := map[string]any{"transactionId": transaction}
	if err := s.service.call(ctx, "vtss/service/requests/status", asked, &answer); err != nil {
		return nil, err
	}
	kind := fmt.Errorf("%w: %w", ErrRemoteAnswer, ErrAnswer)
	switch message := strings.ToLower(answer.Message); {
	case answer.Status == "1":
		return decided(answer.Signatures)
	case answer.Status == "0":
		kind = errPending
	case strings.Contains(message, "reject"), strings.Contains(message, "denied"), strings.Contains(message, "từ chối"):
		kind = ErrRemoteRefused
	case strings.Contains(message, "expire"), strings.Contains(message, "timeout"), strings.Contains(message, "hết hạn"):
		kind = ErrRemoteUnconfirmed
	}
	return nil, fmt.Errorf("requests/status: %w: status %q: %.200q", kind, answer.Status, answer.Message)
}
