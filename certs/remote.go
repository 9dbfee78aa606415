package certs

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// What can be wrong with a key that lives in a remote signing service. Callers compare with errors.Is.
var (
	// ErrRemoteURI means that the text is no remote: address.
	ErrRemoteURI = errors.New("unusable address of a remote signing service")
	// ErrRemoteLogin means that the service does not know this program: the token or the client secret is wrong.
	ErrRemoteLogin = errors.New("the remote signing service refuses the login")
	// ErrRemoteCredential means that the account has no such key, that it has several, or that the key is disabled.
	ErrRemoteCredential = errors.New("no usable key at the remote signing service")
	// ErrRemoteMode means that the key can only be unlocked in a way that this program does not know.
	ErrRemoteMode = errors.New("the key cannot be unlocked by this program")
	// ErrRemoteAlgorithm means that the service does not sign with the algorithm that is asked for.
	ErrRemoteAlgorithm = errors.New("the remote key does not offer this algorithm")
	// ErrRemoteUnauthorised means that PIN, one-time password or authorisation (SAD) was not accepted.
	ErrRemoteUnauthorised = errors.New("the remote key was not unlocked")
	// ErrRemoteRefused means that the signer said no.
	ErrRemoteRefused = errors.New("the signer refused")
	// ErrRemoteUnconfirmed means that the signer did not confirm in time.
	ErrRemoteUnconfirmed = errors.New("the signer did not confirm in time")
	// ErrRemoteUnavailable means that the service cannot be reached or is out of order; it may be later.
	ErrRemoteUnavailable = errors.New("the remote signing service is not available")
	// ErrRemoteAnswer means that the service answered what cannot be used; such an error is [ErrAnswer] too.
	ErrRemoteAnswer = errors.New("unusable answer of the remote signing service")
)

const (
	// defaultPatience is how long a signer is given to confirm on the phone: 24 times 10 seconds are usual.
	defaultPatience = 4 * time.Minute
	defaultPoll     = 3 * time.Second
)

// RemoteKey says which key of which signing service is to be opened: by the API of the Cloud Signature Consortium,
// version 2, or by that of its flavour. The secrets are sent to the service only, over TLS, and never to where it
// redirects.
type RemoteKey struct {
	URL        string // base, https://host/csc/v2
	Credential string // empty: the only one of the account; of SmartCA, the serial number of the certificate
	User       string // user of the service, when the login is that of a program; may be empty
	Flavour    string // empty: CSC 2; [FlavourSmartCA], [FlavourMySign]
	Profile    string // of MySign; empty: the usual one

	Token        string // an access token (OAuth 2.0, Bearer) when one is at hand; else the two that obtain it:
	ClientID     string
	ClientSecret string

	PIN string // for keys that are unlocked by one
	// Ask gives what else unlocks the key, such as a one-time password; nil when nobody can be asked.
	Ask func(ctx context.Context, question RemoteQuestion) (string, error)
	// Patience is how long Sign waits for the signer to confirm; zero is 4 minutes. SignHash waits as its context says.
	Patience time.Duration
	Poll     time.Duration // between two questions whether the signer has confirmed; zero is 3 seconds
	Outbound Outbound
}

// RemoteQuestion is what a service wants to know from the signer to unlock a key.
type RemoteQuestion struct {
	ID          string // "PIN", "OTP" or the service's own name
	Label       string // the service's words, which are foreign; may be empty
	Description string // likewise
}

// ParseRemoteURI reads the address remote:https://host/csc/v2?credential=ID&user=ID&client=ID, for other services with
// flavour=smartca or flavour=mysign&profile=ID. The secrets are not part of it, as addresses are shown and logged: a
// password or an unknown parameter is refused. The error is [ErrRemoteURI].
func ParseRemoteURI(text string) (RemoteKey, error) {
	address, ok := strings.CutPrefix(text, "remote:")
	parsed, err := url.Parse(address)
	if !ok || err != nil || len(text) > maxTokenURI {
		return RemoteKey{}, fmt.Errorf("%w: it is not remote: with a URL", ErrRemoteURI)
	}
	key := RemoteKey{}
	query, err := url.ParseQuery(parsed.RawQuery)
	if err != nil {
		return RemoteKey{}, fmt.Errorf("%w: its query cannot be read", ErrRemoteURI)
	}
	for name, values := range query {
		field := map[string]*string{
			"credential": &key.Credential, "user": &key.User, "client": &key.ClientID, "flavour": &key.Flavour,
			"profile": &key.Profile,
		}[name]
		if field == nil || len(values) != 1 {
			return RemoteKey{}, fmt.Errorf("%w: parameter %q", ErrRemoteURI, name)
		}
		*field = values[0]
	}
	parsed.RawQuery = ""
	key.URL = parsed.String()
	if !slices.Contains([]string{"", FlavourSmartCA, FlavourMySign}, key.Flavour) {
		return RemoteKey{}, fmt.Errorf("%w: flavour %q", ErrRemoteURI, key.Flavour)
	}
	return key, checkRemoteURL(key.URL)
}

// checkRemoteURL demands TLS: PINs and tokens pass.
func checkRemoteURL(text string) error {
	parsed, err := url.Parse(text)
	if err != nil || parsed.Scheme != "https" || parsed.Host == "" || parsed.User != nil ||
		parsed.RawQuery != "" || parsed.Fragment != "" {
		return fmt.Errorf("%w: it must be an https address without password, query and fragment", ErrRemoteURI)
	}
	return nil
}

// RemoteSigner is a key at a remote signing service. It may be used by several goroutines. No value leaves it that the
// certificate does not verify.
type RemoteSigner struct {
	service     *remoteService
	key         RemoteKey
	certificate *x509.Certificate
	info        remoteCredential
	async       bool // the service waits for the signer without holding the line
}

// OpenRemote logs in to the service, finds the key and reads its certificates. The identity's Signer is a
// [*RemoteSigner], or of another flavour a [*HashSigner]. Nothing is signed and nobody is asked yet. The errors are
// those of this file, [ErrNoCertificate] and [ErrForbiddenAddress].
func OpenRemote(ctx context.Context, key RemoteKey) (Identity, error) {
	identity, err := openRemote(ctx, key)
	if err != nil {
		return Identity{}, fmt.Errorf("open remote key: %w", err)
	}
	return identity, nil
}

func openRemote(ctx context.Context, key RemoteKey) (Identity, error) {
	if err := checkRemoteURL(key.URL); err != nil {
		return Identity{}, err
	}
	guard, err := newOutbound(key.Outbound)
	if err != nil {
		return Identity{}, err
	}
	guard.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	service := &remoteService{
		outbound: guard, base: strings.TrimSuffix(key.URL, "/"), token: key.Token,
		client: key.ClientID, secret: key.ClientSecret, given: key.Token != "",
	}
	if key.Flavour != "" {
		return openHashService(ctx, key, service)
	}
	return openCSC(ctx, key, service)
}

func openCSC(ctx context.Context, key RemoteKey, service *remoteService) (_ Identity, err error) {
	signer := &RemoteSigner{key: key, service: service}
	var about struct {
		Asynchronous bool `json:"asynchronousOperationMode"`
	}
	if err := signer.service.call(ctx, "info", struct{}{}, &about); err != nil {
		return Identity{}, err
	}
	signer.async = about.Asynchronous
	if signer.key.Credential == "" {
		if signer.key.Credential, err = signer.onlyCredential(ctx); err != nil {
			return Identity{}, err
		}
	}
	asked := map[string]any{
		"credentialID": signer.key.Credential, "certificates": "chain", "certInfo": true, "authInfo": true,
	}
	if err := signer.service.call(ctx, "credentials/info", asked, &signer.info); err != nil {
		return Identity{}, err
	}
	return signer.identity()
}

func (s *RemoteSigner) onlyCredential(ctx context.Context) (string, error) {
	asked := map[string]any{"onlyValid": true}
	if s.key.User != "" {
		asked["userID"] = s.key.User
	}
	var list struct {
		IDs []string `json:"credentialIDs"`
	}
	if err := s.service.call(ctx, "credentials/list", asked, &list); err != nil {
		return "", err
	}
	if len(list.IDs) != 1 || list.IDs[0] == "" {
		return "", fmt.Errorf("%w: the account has %d", ErrRemoteCredential, len(list.IDs))
	}
	return list.IDs[0], nil
}

// identity reads the certificates that the service gave: the key's own comes first (CSC, credentials/info).
func (s *RemoteSigner) identity() (Identity, error) {
	if status := s.info.Key.Status; status != "enabled" {
		return Identity{}, fmt.Errorf("%w: its state is %q", ErrRemoteCredential, status)
	}
	var heap []*x509.Certificate
	for _, text := range s.info.Cert.Certificates {
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return Identity{}, fmt.Errorf("%w: %w: certificate: %w", ErrRemoteAnswer, ErrAnswer, err)
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return Identity{}, fmt.Errorf("%w: %w: certificate: %w", ErrRemoteAnswer, ErrAnswer, err)
		}
		heap = append(heap, certificate)
	}
	if len(heap) == 0 {
		return Identity{}, ErrNoCertificate
	}
	s.certificate = heap[0]
	return Identity{Signer: s, Certificate: heap[0], Chain: chainAbove(heap[0], heap)}, nil
}

// Public gives the key of the certificate.
func (s *RemoteSigner) Public() crypto.PublicKey { return s.certificate.PublicKey }

// Sign is [RemoteSigner.SignHash] for callers that have no context, as [crypto.Signer] wants it: it ends after
// RemoteKey.Patience, whatever happens.
func (s *RemoteSigner) Sign(_ io.Reader, digest []byte, options crypto.SignerOpts) ([]byte, error) {
	patience := s.key.Patience
	if patience <= 0 {
		patience = defaultPatience
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return s.SignHash(ctx, digest, options)
}

// remoteService speaks to one service.
type remoteService struct {
	outbound *outbound
	base     string
	client   string
	secret   string
	given    bool // the token was given: it cannot be renewed here
	// login obtains a token in a service's own way; nil: by client credentials.
	login func(ctx context.Context) (string, error)

	mutex sync.Mutex // guards token
	token string
}
