package certs

import (
	"context"
	"crypto"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"congvan/certs/cms"
)

// SignHash lets the service sign a digest: the key is unlocked for this digest, the signer confirms where the service
// wants it so, and the value is verified against the certificate before it is given away. It waits as long as the
// context lets it; [ErrRemoteUnconfirmed] comes back when its time is over. Calling it again asks the signer again.
func (s *RemoteSigner) SignHash(ctx context.Context, digest []byte, options crypto.SignerOpts) ([]byte, error) {
	value, err := s.signHash(ctx, digest, options)
	if err != nil {
		return nil, fmt.Errorf("sign with remote key: %w", err)
	}
	return value, nil
}

func (s *RemoteSigner) signHash(ctx context.Context, digest []byte, options crypto.SignerOpts) ([]byte, error) {
	scheme, err := valueScheme(s.Public(), digest, options)
	if err != nil {
		return nil, err
	}
	asked, err := s.request(scheme, digest)
	if err != nil {
		return nil, err
	}
	sad, err := s.authorise(ctx, asked)
	if err != nil {
		return nil, err
	}
	if sad != "" {
		asked["SAD"] = sad
	}
	if s.async {
		asked["operationMode"] = "A"
	}
	var answer remoteSignatures
	if err := s.service.call(ctx, "signatures/signHash", asked, &answer); err != nil {
		return nil, err
	}
	for id := answer.ResponseID; len(answer.Signatures) == 0 && id != ""; {
		answer = remoteSignatures{}
		// Version 2.0 names the parameter requestID, later versions responseID; what is unknown is to be passed over.
		polled := map[string]any{"responseID": id, "requestID": id}
		if err := s.await(ctx, "signatures/signPolling", polled, &answer); err != nil {
			return nil, err
		}
	}
	if len(answer.Signatures) != 1 {
		return nil, fmt.Errorf("%w: %w: %d signatures", ErrRemoteAnswer, ErrAnswer, len(answer.Signatures))
	}
	value, err := base64.StdEncoding.DecodeString(answer.Signatures[0])
	if err != nil {
		return nil, fmt.Errorf("%w: %w: signature: %w", ErrRemoteAnswer, ErrAnswer, err)
	}
	return checkValue(s.Public(), scheme, digest, value)
}

type remoteSignatures struct {
	Signatures []string `json:"signatures"`
	ResponseID string   `json:"responseID"`
}

// request is what signatures/signHash is asked, but for the authorisation.
func (s *RemoteSigner) request(scheme cms.Scheme, digest []byte) (map[string]any, error) {
	algorithm, err := s.algorithm(scheme)
	if err != nil {
		return nil, err
	}
	asked := map[string]any{
		"credentialID": s.key.Credential, "hashes": []string{base64.StdEncoding.EncodeToString(digest)},
		"hashAlgorithmOID": oid(digestOID(scheme.Hash)), "signAlgo": algorithm,
	}
	if scheme.Algorithm == cms.RSAPSS {
		parameters, err := pssParametersOf(scheme)
		if err != nil {
			return nil, err
		}
		asked["signAlgoParams"] = base64.StdEncoding.EncodeToString(parameters)
	}
	return asked, nil
}

// algorithm picks among those that the key offers: the exact one, else that of the key with the hash beside it.
func (s *RemoteSigner) algorithm(scheme cms.Scheme) (string, error) {
	last := map[crypto.Hash]int{crypto.SHA256: 0, crypto.SHA384: 1, crypto.SHA512: 2}[scheme.Hash]
	var fitting []string
	switch scheme.Algorithm {
	case cms.RSAPKCS1:
		fitting = []string{fmt.Sprintf("1.2.840.113549.1.1.%d", 11+last), "1.2.840.113549.1.1.1"}
	case cms.RSAPSS:
		fitting = []string{oidPSS}
	case cms.ECDSA:
		fitting = []string{fmt.Sprintf("1.2.840.10045.4.3.%d", 2+last), "1.2.840.10045.2.1"}
	case cms.UnknownAlgorithm, cms.DSA, cms.Ed25519, cms.Ed448:
	}
	for _, oid := range fitting {
		if slices.Contains(s.info.Key.Algo, oid) {
			return oid, nil
		}
	}
	return "", fmt.Errorf("%w: %v is not among %.200q", ErrRemoteAlgorithm, scheme, s.info.Key.Algo)
}

func pssParametersOf(scheme cms.Scheme) ([]byte, error) {
	hash := pkix.AlgorithmIdentifier{
		Algorithm:  digestOID(scheme.Hash),
		Parameters: asn1.NullRawValue,
	}
	inner, err := asn1.Marshal(hash)
	if err != nil {
		return nil, fmt.Errorf("write parameters of %v: %w", scheme, err)
	}
	mask := pkix.AlgorithmIdentifier{
		Algorithm:  asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8}, // id-mgf1
		Parameters: asn1.RawValue{FullBytes: inner},
	}
	return asn1.Marshal(pssParameters{Hash: hash, MGF: mask, SaltLen: scheme.SaltLen, Trailer: 1})
}

// authorise unlocks the key for one digest (credentials/authorize) and gives the signature activation data, bound to
// the digest. It gives none where the access token is the authorisation.
func (s *RemoteSigner) authorise(ctx context.Context, signing map[string]any) (string, error) {
	asked := map[string]any{"numSignatures": 1}
	for _, name := range []string{"credentialID", "hashes", "hashAlgorithmOID"} {
		asked[name] = signing[name]
	}
	switch s.info.Auth.Mode {
	case "implicit":
	case "explicit":
		secrets, err := s.secrets(ctx)
		if err != nil {
			return "", err
		}
		asked["authData"] = secrets
	case "oauth2code", "oauth2token":
		if s.service.given {
			return "", nil
		}
		return "", fmt.Errorf("%w: it wants an access token that the signer obtained in a browser", ErrRemoteMode)
	default:
		return "", fmt.Errorf("%w: mode %.60q", ErrRemoteMode, s.info.Auth.Mode)
	}
	var answer struct {
		SAD    string `json:"SAD"`
		Handle string `json:"handle"`
	}
	if err := s.service.call(ctx, "credentials/authorize", asked, &answer); err != nil {
		return "", err
	}
	for handle := answer.Handle; answer.SAD == "" && handle != ""; {
		if err := s.await(ctx, "credentials/authorizeCheck", map[string]any{"handle": handle}, &answer); err != nil {
			return "", err
		}
	}
	if answer.SAD == "" {
		return "", fmt.Errorf("%w: %w: no SAD", ErrRemoteAnswer, ErrAnswer)
	}
	return answer.SAD, nil
}

type remoteSecret struct {
	ID    string `json:"id"`
	Value string `json:"value"`
}

// secrets gathers what unlocks the key: the PIN that is known, all else from the signer.
func (s *RemoteSigner) secrets(ctx context.Context) ([]remoteSecret, error) {
	var gathered []remoteSecret
	for _, object := range s.info.Auth.Objects {
		secret := remoteSecret{ID: object.ID}
		switch {
		case object.ID == "PIN" && s.key.PIN != "":
			secret.Value = s.key.PIN
		case s.key.Ask == nil:
			return nil, fmt.Errorf("%w: %w: %.60q is wanted", ErrRemoteUnauthorised, ErrPassword, object.ID)
		default:
			value, err := s.key.Ask(ctx, RemoteQuestion{object.ID, object.Label, object.Description})
			if err != nil {
				return nil, fmt.Errorf("ask for %.60q: %w", object.ID, err)
			}
			secret.Value = value
		}
		gathered = append(gathered, secret)
	}
	return gathered, nil
}

// await waits once and asks; an answer that says nothing yet leaves the value as it is. A poll that fails is no
// refusal: the signer may be confirming while the line is down, so only the context ends the wait.
func (s *RemoteSigner) await(ctx context.Context, method string, asked, answer any) error {
	poll := s.key.Poll
	if poll <= 0 {
		poll = defaultPoll
	}
	timer := time.NewTimer(poll)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ended(ctx)
	case <-timer.C:
	}
	err := s.service.call(ctx, method, asked, answer)
	if errors.Is(err, errPending) || errors.Is(err, ErrRemoteUnavailable) {
		return nil
	}
	return err
}
