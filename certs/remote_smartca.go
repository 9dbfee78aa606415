package certs

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"congvan/certs/cms"
)

// smartCA speaks to VNPT SmartCA (interface sp769, version 1). The partner's password is part of every question; the
// signer confirms in the SmartCA app.
type smartCA struct {
	key     RemoteKey
	service *remoteService
}

// smartCAAnswer is the frame of every answer: the status of HTTP says little.
type smartCAAnswer struct {
	Status  int             `json:"status_code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data"`
}

// ask asks a method and reads the data of the answer into a value, which stays as it is when there is none.
func (s *smartCA) ask(ctx context.Context, method string, asked map[string]any, data any) (smartCAAnswer, error) {
	body, err := json.Marshal(asked)
	if err != nil {
		return smartCAAnswer{}, fmt.Errorf("%s: %w", method, err)
	}
	var answer smartCAAnswer
	question := remoteQuestion{method, "application/json", string(body), ""}
	if err := s.service.post(ctx, question, &answer); err != nil {
		return answer, err
	}
	if len(answer.Data) > 0 && string(answer.Data) != "null" {
		if err := json.Unmarshal(answer.Data, data); err != nil {
			return answer, fmt.Errorf("%s: %w: %w: %w", method, ErrRemoteAnswer, ErrAnswer, err)
		}
	}
	return answer, nil
}

// fault names an answer that is none of those that were hoped for, by what the service says.
func (a smartCAAnswer) fault(method string) error {
	kind := fmt.Errorf("%w: %w", ErrRemoteAnswer, ErrAnswer)
	switch message := strings.ToUpper(a.Message); {
	case strings.Contains(message, "WAITING"), strings.Contains(message, "PENDING"):
		kind = errPending
	case strings.Contains(message, "EXPIRED"), strings.Contains(message, "TIMEOUT"):
		kind = ErrRemoteUnconfirmed
	case strings.Contains(message, "REJECT"), strings.Contains(message, "DENIED"):
		kind = ErrRemoteRefused
	case strings.Contains(message, "AUTHORIZE_KEY_FAILED"):
		kind = ErrRemoteUnauthorised
	case strings.Contains(message, "SIGN_FAILED"):
	case a.Status == http.StatusUnauthorized, a.Status == http.StatusForbidden:
		kind = ErrRemoteLogin
	case a.Status >= http.StatusInternalServerError && a.Status < 600:
		kind = ErrRemoteUnavailable
	}
	return fmt.Errorf("%s: %w: status_code %d: %.200q", method, kind, a.Status, a.Message)
}

func (s *smartCA) partner(more map[string]any) map[string]any {
	more["sp_id"], more["sp_password"], more["user_id"] = s.key.ClientID, s.key.ClientSecret, s.key.User
	more["transaction_id"] = rand.Text()
	return more
}

// certificates finds the key by its serial number, or the only one that is valid.
func (s *smartCA) certificates(ctx context.Context) ([]*x509.Certificate, error) {
	const method = "v1/credentials/get_certificate"
	var data struct {
		Certificates []struct {
			Status string `json:"cert_status_code"`
			Serial string `json:"serial_number"`
			Data   string `json:"cert_data"`
			Chain  struct {
				CA   string `json:"ca_cert"`
				Root string `json:"root_cert"`
			} `json:"chain_data"`
		} `json:"user_certificates"`
	}
	answer, err := s.ask(ctx, method, s.partner(map[string]any{"serial_number": s.key.Credential}), &data)
	if err != nil {
		return nil, err
	}
	if answer.Status != http.StatusOK {
		return nil, answer.fault(method)
	}
	var found [][]string
	for _, one := range data.Certificates {
		if one.Status != "" && one.Status != "VALID" || s.key.Credential != "" && one.Serial != s.key.Credential {
			continue
		}
		found = append(found, []string{one.Data, one.Chain.CA, one.Chain.Root})
		s.key.Credential = one.Serial
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%w: the account has %d", ErrRemoteCredential, len(found))
	}
	return certificatesOf(found[0])
}

// certificatesOf reads the certificates that are there; the first must be.
func certificatesOf(texts []string) ([]*x509.Certificate, error) {
	var heap []*x509.Certificate
	for i, text := range texts {
		if text == "" && i > 0 {
			continue
		}
		certificate, err := certificateOf(text)
		if err != nil {
			return nil, err
		}
		heap = append(heap, certificate)
	}
	if len(heap) == 0 {
		return nil, ErrNoCertificate
	}
	return heap, nil
}

func (s *smartCA) start(ctx context.Context, _ cms.Scheme, digest []byte) (string, error) {
	const method = "v1/signatures/sign"
	var data struct {
		Transaction string `json:"transaction_id"`
	}
	document := map[string]any{
		"data_to_be_signed": hex.EncodeToString(digest), "doc_id": rand.Text(), "file_type": "pdf", "sign_type": "hash",
	}
	asked := s.partner(map[string]any{
		"serial_number": s.key.Credential, "transaction_desc": "congvan", "sign_files": []any{document},
	})
	answer, err := s.ask(ctx, method, asked, &data)
	if err != nil {
		return "", err
	}
	if answer.Status != http.StatusOK || data.Transaction == "" {
		return "", answer.fault(method)
	}
	return data.Transaction, nil
}

func (s *smartCA) poll(ctx context.Context, transaction string) ([]byte, error) {
	method := "v1/signatures/sign/" + url.PathEscape(transaction) + "/status"
	var data struct {
		Signatures []struct {
			Value string `json:"signature_value"`
		} `json:"signatures"`
	}
	answer, err := s.ask(ctx, method, map[string]any{}, &data)
	if err != nil {
		return nil, err
	}
	if len(data.Signatures) == 0 {
		return nil, answer.fault(method)
	}
	values := make([]string, len(data.Signatures))
	for i, signature := range data.Signatures {
		values[i] = signature.Value
	}
	return decided(values)
}
