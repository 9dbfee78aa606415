package certs_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"congvan/certs"
	"congvan/certs/cms"
)

const (
	clientSecret = "bi-mat-cua-phan-mem"
	remotePIN    = "20262026"
	remoteOTP    = "778899"
)

// csc is a signing service that speaks version 2 of the API of the Cloud Signature Consortium. Its fields say what it
// is like; by default it tells the truth, unlocks by PIN and one-time password and answers at once.
type csc struct {
	identity certs.Identity
	signs    crypto.Signer // the key that really signs; nil: the identity's
	algo     []string      // nil: what fits the key
	mode     string        // of authorisation; empty: explicit
	status   string        // of the key; empty: enabled
	ids      []string      // nil: one
	async    bool          // answers when asked again
	handle   bool          // authorises when asked again
	polls    int           // how often it says "not yet"
	refuses  bool          // the signer does
	plain    bool          // ECDSA as r‖s
	loseSAD  bool          // forgets what it authorised
	tokens   int           // how many calls a token is good for; 0: all
	fails    map[string]http.HandlerFunc

	mutex   sync.Mutex // guards what follows
	issued  int
	used    int
	granted map[string]string // SAD to hash
	pending map[string]map[string]any
	left    int
	calls   []string
}

func (c *csc) serve(t *testing.T) certs.RemoteKey {
	t.Helper()
	c.left, c.granted, c.pending = c.polls, map[string]string{}, map[string]map[string]any{}
	server := httptest.NewUnstartedServer(c)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that do not trust it are part of the tests
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return certs.RemoteKey{
		URL: server.URL + "/csc/v2", ClientID: "congvan", ClientSecret: clientSecret, PIN: remotePIN,
		Ask: func(_ context.Context, question certs.RemoteQuestion) (string, error) {
			if question.ID != "OTP" || question.Label != "Mã OTP" {
				return "", fmt.Errorf("asked for %+v", question)
			}
			return remoteOTP, nil
		},
		Patience: time.Minute, Poll: time.Millisecond,
		Outbound: certs.Outbound{Allow: []string{"127.0.0.1"}, Roots: roots},
	}
}

func (c *csc) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	method, _ := strings.CutPrefix(r.URL.Path, "/csc/v2/")
	c.calls = append(c.calls, method)
	if fail := c.fails[method]; fail != nil {
		fail(w, r)
		return
	}
	if method == "oauth2/token" {
		c.token(w, r)
		return
	}
	c.used++
	if r.Header.Get("Authorization") != fmt.Sprintf("Bearer token-%d", c.issued) || c.tokens > 0 && c.used > c.tokens {
		say(w, http.StatusUnauthorized, cscError("invalid_token", "The access token provided is expired"))
		return
	}
	var asked map[string]any
	if r.Method != http.MethodPost || json.NewDecoder(r.Body).Decode(&asked) != nil {
		say(w, http.StatusBadRequest, cscError("invalid_request", "Malformed request"))
		return
	}
	methods := map[string]func(map[string]any) (int, any){
		"info": c.info, "credentials/list": c.list, "credentials/info": c.credential,
		"credentials/authorize": c.authorize, "credentials/authorizeCheck": c.authorizeCheck,
		"signatures/signHash": c.signHash, "signatures/signPolling": c.signPolling,
	}
	if methods[method] == nil {
		say(w, http.StatusNotFound, cscError("invalid_request", "Unknown method"))
		return
	}
	status, answer := methods[method](asked)
	say(w, status, answer)
}

func say(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

func cscError(code, description string) map[string]any {
	return map[string]any{"error": code, "error_description": description}
}

func (c *csc) token(w http.ResponseWriter, r *http.Request) {
	if r.PostFormValue("grant_type") != "client_credentials" || r.PostFormValue("client_id") != "congvan" ||
		r.PostFormValue("client_secret") != clientSecret {
		say(w, http.StatusBadRequest, cscError("invalid_client", "Client authentication failed"))
		return
	}
	c.issued++
	c.used = 0
	say(w, http.StatusOK, map[string]any{
		"access_token": fmt.Sprintf("token-%d", c.issued), "token_type": "Bearer", "expires_in": 3600,
	})
}

func (c *csc) info(map[string]any) (int, any) {
	return http.StatusOK, map[string]any{
		"specs": "2.0.0.2", "name": "Dịch vụ thử", "asynchronousOperationMode": c.async,
		"methods": []string{"credentials/list", "credentials/info", "credentials/authorize", "signatures/signHash"},
	}
}

func (c *csc) list(asked map[string]any) (int, any) {
	if user, given := asked["userID"]; given && user != "079123" {
		return http.StatusBadRequest, cscError("invalid_request", "Invalid parameter userID")
	}
	if c.ids != nil {
		return http.StatusOK, map[string]any{"credentialIDs": c.ids}
	}
	return http.StatusOK, map[string]any{"credentialIDs": []string{"GX0112348"}}
}

func (c *csc) credential(asked map[string]any) (int, any) {
	if asked["credentialID"] != "GX0112348" {
		return http.StatusBadRequest, cscError("invalid_request", "Invalid parameter credentialID")
	}
	var chain []string
	for _, certificate := range append([]*x509.Certificate{c.identity.Certificate}, c.identity.Chain...) {
		chain = append(chain, base64.StdEncoding.EncodeToString(certificate.Raw))
	}
	algo := []string{"1.2.840.113549.1.1.1", "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.10"}
	if _, ok := c.identity.Certificate.PublicKey.(*ecdsa.PublicKey); ok {
		algo = []string{"1.2.840.10045.4.3.2", "1.2.840.10045.4.3.4"}
	}
	if c.algo != nil {
		algo = c.algo
	}
	return http.StatusOK, map[string]any{
		"key":  map[string]any{"status": orElse(c.status, "enabled"), "algo": algo, "len": 2048},
		"cert": map[string]any{"status": "valid", "certificates": chain},
		"auth": map[string]any{"mode": orElse(c.mode, "explicit"), "expression": "PIN AND OTP", "objects": []any{
			map[string]any{"type": "Password", "id": "PIN", "format": "N", "label": "PIN"},
			map[string]any{"type": "Password", "id": "OTP", "format": "N", "label": "Mã OTP"},
		}},
		"multisign": 1,
	}
}

func orElse(value, other string) string {
	if value == "" {
		return other
	}
	return value
}

func (c *csc) authorize(asked map[string]any) (int, any) {
	if orElse(c.mode, "explicit") == "explicit" {
		want := []any{
			map[string]any{"id": "PIN", "value": remotePIN}, map[string]any{"id": "OTP", "value": remoteOTP},
		}
		given, _ := asked["authData"].([]any)
		switch {
		case len(given) != 2 || !cmp.Equal(given[0], want[0]):
			return http.StatusBadRequest, cscError("invalid_pin", "The PIN is invalid")
		case !cmp.Equal(given[1], want[1]):
			return http.StatusBadRequest, cscError("invalid_otp", "The OTP is invalid")
		}
	}
	hashes, _ := asked["hashes"].([]any)
	if asked["numSignatures"] != 1.0 || len(hashes) != 1 || asked["hashAlgorithmOID"] == nil {
		return http.StatusBadRequest, cscError("invalid_request", "Invalid parameter hashes")
	}
	if c.handle {
		c.pending["handle-1"] = asked
		return http.StatusAccepted, map[string]any{"handle": "handle-1"}
	}
	return c.grant(asked)
}

func (c *csc) grant(asked map[string]any) (int, any) {
	sad := fmt.Sprintf("SAD-%d", len(c.granted))
	if !c.loseSAD {
		c.granted[sad] = asked["hashes"].([]any)[0].(string)
	}
	return http.StatusOK, map[string]any{"SAD": sad, "expiresIn": 300}
}

// decided says whether the signer has; else what the service answers.
func (c *csc) decided() (status int, answer any) {
	if c.left > 0 {
		c.left--
		return http.StatusBadRequest, cscError("invalid_request", "The previous asynchronous signature request has been"+
			" accepted for processing, but the processing has not yet been completed.")
	}
	if c.refuses {
		return http.StatusBadRequest, cscError("access_denied", "The user denied the request")
	}
	return 0, nil
}

func (c *csc) authorizeCheck(asked map[string]any) (int, any) {
	waiting, ok := c.pending[fmt.Sprint(asked["handle"])]
	if !ok {
		return http.StatusBadRequest, cscError("invalid_request", "Invalid parameter handle")
	}
	if status, answer := c.decided(); status != 0 {
		return status, answer
	}
	return c.grant(waiting)
}

func (c *csc) signHash(asked map[string]any) (int, any) {
	hashes, _ := asked["hashes"].([]any)
	sad := fmt.Sprint(asked["SAD"])
	if len(hashes) != 1 || c.granted[sad] != hashes[0] {
		return http.StatusBadRequest, cscError("invalid_request", "Invalid parameter SAD")
	}
	delete(c.granted, sad)
	if asked["operationMode"] == "A" {
		c.pending["response-1"] = asked
		return http.StatusAccepted, map[string]any{"responseID": "response-1"}
	}
	if c.refuses {
		return http.StatusBadRequest, cscError("access_denied", "The user denied the request")
	}
	return c.sign(asked)
}

func (c *csc) signPolling(asked map[string]any) (int, any) {
	waiting, ok := c.pending[fmt.Sprint(asked["responseID"])]
	if !ok || asked["requestID"] != asked["responseID"] {
		return http.StatusBadRequest, cscError("invalid_request", "Invalid parameter responseID")
	}
	if status, answer := c.decided(); status != 0 {
		return status, answer
	}
	return c.sign(waiting)
}

func (c *csc) sign(asked map[string]any) (int, any) {
	hashes := map[any]crypto.Hash{
		"2.16.840.1.101.3.4.2.1": crypto.SHA256, "2.16.840.1.101.3.4.2.2": crypto.SHA384,
		"2.16.840.1.101.3.4.2.3": crypto.SHA512,
	}
	digest, _ := base64.StdEncoding.DecodeString(asked["hashes"].([]any)[0].(string))
	hash := hashes[asked["hashAlgorithmOID"]]
	var options crypto.SignerOpts = hash
	if asked["signAlgo"] == "1.2.840.113549.1.1.10" {
		text, _ := asked["signAlgoParams"].(string)
		salt, err := saltLength(text, hash)
		if err != nil {
			return http.StatusBadRequest, cscError("invalid_request", "Invalid parameter signAlgoParams: "+err.Error())
		}
		options = &rsa.PSSOptions{SaltLength: salt, Hash: hash}
	}
	signer := c.identity.Signer
	if c.signs != nil {
		signer = c.signs
	}
	value, err := signer.Sign(rand.Reader, digest, options)
	if err != nil {
		return http.StatusBadRequest, cscError("invalid_request", "Invalid parameter hashes")
	}
	if c.plain {
		var numbers struct{ R, S *big.Int }
		if _, err := asn1.Unmarshal(value, &numbers); err == nil {
			value = append(numbers.R.FillBytes(make([]byte, 32)), numbers.S.FillBytes(make([]byte, 32))...)
		}
	}
	return http.StatusOK, map[string]any{"signatures": []string{base64.StdEncoding.EncodeToString(value)}}
}

// saltLength reads RSASSA-PSS-params by rules of its own.
func saltLength(text string, hash crypto.Hash) (int, error) {
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return 0, err
	}
	var parameters struct {
		Hash pkix.AlgorithmIdentifier `asn1:"explicit,tag:0"`
		MGF  struct {
			Algorithm asn1.ObjectIdentifier
			Hash      pkix.AlgorithmIdentifier
		} `asn1:"explicit,tag:1"`
		Salt int `asn1:"explicit,tag:2"`
	}
	if rest, err := asn1.Unmarshal(der, &parameters); err != nil || len(rest) > 0 {
		return 0, fmt.Errorf("unreadable: %w", err)
	}
	oid := map[crypto.Hash]string{
		crypto.SHA256: "2.16.840.1.101.3.4.2.1", crypto.SHA384: "2.16.840.1.101.3.4.2.2",
		crypto.SHA512: "2.16.840.1.101.3.4.2.3",
	}[hash]
	if parameters.Hash.Algorithm.String() != oid || parameters.MGF.Hash.Algorithm.String() != oid ||
		parameters.MGF.Algorithm.String() != "1.2.840.113549.1.1.8" {
		return 0, errors.New("another hash")
	}
	return parameters.Salt, nil
}

func remoteMessage(t *testing.T, identity certs.Identity, policy cms.Policy) error {
	t.Helper()
	scheme, err := cms.SchemeFor(identity.Certificate.PublicKey, policy)
	if err != nil {
		t.Fatal(err)
	}
	content := []byte("Công văn số 1")
	der, err := cms.Sign(identity.Signer, cms.Draft{
		Scheme: scheme, Certificate: identity.Certificate, Chain: identity.Chain, Content: content,
	})
	if err != nil {
		return err
	}
	message, err := cms.Parse(der)
	if err != nil {
		return err
	}
	digest := scheme.ContentHash().New()
	digest.Write(content)
	_, err = message.Signers[0].Verify(identity.Certificate, digest.Sum(nil))
	return err
}

func TestRemoteKeysSignWhatCMSVerifies(t *testing.T) {
	t.Parallel()
	rsaKey, ecKey := threeStoreys(t, certs.RSA2048), threeStoreys(t, certs.ECDSAP256)
	for name, service := range map[string]*csc{
		"RSA":                  {identity: rsaKey},
		"RSA, hash beside":     {identity: rsaKey, algo: []string{"1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10"}},
		"EC":                   {identity: ecKey},
		"EC, numbers":          {identity: ecKey, plain: true, algo: []string{"1.2.840.10045.2.1"}},
		"on the phone":         {identity: rsaKey, async: true, polls: 7, mode: "implicit"},
		"authorised later":     {identity: ecKey, handle: true, polls: 3, mode: "implicit"},
		"both later":           {identity: ecKey, handle: true, async: true, polls: 3},
		"token of three calls": {identity: ecKey, tokens: 3},
		"token, on the phone":  {identity: ecKey, tokens: 2, async: true, polls: 5},
		"no answer in between": {identity: ecKey, async: true, polls: 1, fails: failOnce("signatures/signPolling", 503)},
		"too many in between":  {identity: ecKey, async: true, polls: 1, fails: failOnce("signatures/signPolling", 429)},
		"authorised, line broke": {
			identity: ecKey, handle: true, polls: 1, fails: failOnce("credentials/authorizeCheck", 502),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key := service.serve(t)
			identity, err := certs.OpenRemote(t.Context(), key)
			if err != nil {
				t.Fatal(err)
			}
			sameIdentity(t, identity, service.identity)
			policies := []cms.Policy{{}, {PSS: true}, {PSS: true, Hash: crypto.SHA512}}
			for _, policy := range policies {
				if err := remoteMessage(t, identity, policy); err != nil {
					t.Errorf("%+v: %v", policy, err)
				}
			}
			if _, err := certs.SealKey(identity, []byte("x")); !errors.Is(err, certs.ErrNotExportable) {
				t.Errorf("a remote key was put in a file: %v", err)
			}
		})
	}
}

// failOnce lets a method fail the first time.
func failOnce(method string, status int) map[string]http.HandlerFunc {
	fails := map[string]http.HandlerFunc{}
	fails[method] = func(w http.ResponseWriter, _ *http.Request) {
		delete(fails, method)
		w.WriteHeader(status)
	}
	return fails
}

func answering(method, contentType, body string) map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{method: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write([]byte(body))
	}}
}

func TestRemoteSignaturesAreRefusedWithAReason(t *testing.T) {
	t.Parallel()
	rsaKey, ecKey := threeStoreys(t, certs.RSA2048), threeStoreys(t, certs.ECDSAP256)
	stranger := threeStoreys(t, certs.ECDSAP256)
	vast := `{"signatures":["` + strings.Repeat("A", 300<<10) + `"]}`
	const sign, unlock = "signatures/signHash", "credentials/authorize"
	for name, test := range map[string]struct {
		service *csc
		change  func(*certs.RemoteKey)
		want    error
		code    string
	}{
		"signer refuses": {
			&csc{identity: ecKey, refuses: true}, nil, certs.ErrRemoteRefused, "remote.refused",
		},
		"signer refuses later": {
			&csc{identity: ecKey, refuses: true, async: true, polls: 2},
			nil, certs.ErrRemoteRefused, "remote.refused",
		},
		"signer does not unlock": {
			&csc{identity: ecKey, refuses: true, handle: true}, nil, certs.ErrRemoteRefused, "remote.refused",
		},
		"signer never confirms": {
			&csc{identity: ecKey, async: true, polls: 1 << 30},
			brief, certs.ErrRemoteUnconfirmed, "remote.unconfirmed",
		},
		"signer never unlocks": {
			&csc{identity: ecKey, handle: true, polls: 1 << 30},
			brief, certs.ErrRemoteUnconfirmed, "remote.unconfirmed",
		},
		"authorisation forgotten": {
			&csc{identity: ecKey, loseSAD: true}, nil, certs.ErrRemoteUnauthorised, "remote.unauthorised",
		},
		"wrong PIN": {
			&csc{identity: ecKey},
			func(k *certs.RemoteKey) { k.PIN = "1" }, certs.ErrRemoteUnauthorised, "remote.unauthorised",
		},
		"wrong one-time password": {
			&csc{identity: ecKey}, answerOTP("1"), certs.ErrRemoteUnauthorised, "remote.unauthorised",
		},
		"nobody to ask": {
			&csc{identity: ecKey},
			func(k *certs.RemoteKey) { k.Ask = nil }, certs.ErrPassword, "remote.unauthorised",
		},
		"browser wanted": {
			&csc{identity: ecKey, mode: "oauth2code"}, nil, certs.ErrRemoteMode, "remote.mode",
		},
		"unknown mode": {
			&csc{identity: ecKey, mode: "smoke signals"}, nil, certs.ErrRemoteMode, "remote.mode",
		},
		"RSA for EC": {
			&csc{identity: ecKey, algo: []string{"1.2.840.113549.1.1.11"}},
			nil, certs.ErrRemoteAlgorithm, "remote.algorithm",
		},
		"only SHA-1": {
			&csc{identity: rsaKey, algo: []string{"1.2.840.113549.1.1.5"}},
			nil, certs.ErrRemoteAlgorithm, "remote.algorithm",
		},
		"another key signs": {
			&csc{identity: ecKey, signs: stranger.Signer}, nil, certs.ErrSignatureValue, "key.wrong_signature",
		},
		"another key, numbers": {
			&csc{identity: ecKey, signs: stranger.Signer, plain: true},
			nil, certs.ErrSignatureValue, "key.wrong_signature",
		},
		"another key, later": {
			&csc{identity: rsaKey, signs: ecKey.Signer, async: true},
			nil, certs.ErrSignatureValue, "key.wrong_signature",
		},
		"vast answer": {
			&csc{identity: ecKey, fails: answering(sign, "application/json", vast)},
			nil, certs.ErrAnswer, "remote.unusable_answer",
		},
		"vast error": {
			&csc{identity: ecKey, fails: vastError(sign)}, nil, certs.ErrAnswer, "remote.unusable_answer",
		},
		"page instead of answer": {
			&csc{identity: ecKey, fails: answering(sign, "text/html", "<html>")},
			nil, certs.ErrAnswer, "remote.unusable_answer",
		},
		"no JSON": {
			&csc{identity: ecKey, fails: answering(sign, "application/json", "{")},
			nil, certs.ErrAnswer, "remote.unusable_answer",
		},
		"no signature": {
			&csc{identity: ecKey, fails: answering(sign, "application/json", "{}")},
			nil, certs.ErrAnswer, "remote.unusable_answer",
		},
		"two signatures": {
			&csc{identity: ecKey, fails: answering(sign, "application/json", `{"signatures":["AA==","AA=="]}`)},
			nil, certs.ErrAnswer, "remote.unusable_answer",
		},
		"no base64": {
			&csc{identity: ecKey, fails: answering(sign, "application/json", `{"signatures":["?"]}`)},
			nil, certs.ErrAnswer, "remote.unusable_answer",
		},
		"empty signature": {
			&csc{identity: ecKey, fails: answering(sign, "application/json", `{"signatures":[""]}`)},
			nil, certs.ErrSignatureValue, "key.wrong_signature",
		},
		"no authorisation": {
			&csc{identity: ecKey, fails: answering(unlock, "application/json", "{}")},
			nil, certs.ErrAnswer, "remote.unusable_answer",
		},
		"out of order": {
			&csc{identity: ecKey, fails: failOnce(sign, 500)},
			nil, certs.ErrRemoteUnavailable, "remote.unavailable",
		},
		"not yet, at once": {
			&csc{identity: ecKey, fails: notYet(sign)}, nil, certs.ErrRemoteAnswer, "remote.unusable_answer",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key := test.service.serve(t)
			if test.change != nil {
				test.change(&key)
			}
			identity, err := certs.OpenRemote(t.Context(), key)
			if err != nil {
				t.Fatal(err)
			}
			digest := sha256Of("văn bản")
			value, err := identity.Signer.Sign(rand.Reader, digest, crypto.SHA256)
			if !errors.Is(err, test.want) || certs.KeyCode(err) != test.code || value != nil {
				t.Errorf("%v (%s), want %v (%s)", err, certs.KeyCode(err), test.want, test.code)
			}
			noSecrets(t, err)
		})
	}
}

func sha256Of(text string) []byte {
	hash := crypto.SHA256.New()
	hash.Write([]byte(text))
	return hash.Sum(nil)
}

func brief(key *certs.RemoteKey) { key.Patience = 300 * time.Millisecond }

func answerOTP(value string) func(*certs.RemoteKey) {
	return func(key *certs.RemoteKey) {
		key.Ask = func(context.Context, certs.RemoteQuestion) (string, error) { return value, nil }
	}
}

func vastError(method string) map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{method: func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(strings.Repeat(" ", 1<<20)))
	}}
}

func notYet(method string) map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{method: func(w http.ResponseWriter, _ *http.Request) {
		say(w, http.StatusBadRequest, cscError("authorization_pending", ""))
	}}
}

func noSecrets(t *testing.T, err error) {
	t.Helper()
	for _, secret := range []string{clientSecret, remotePIN, remoteOTP, "token-", "SAD-"} {
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("%q is told: %v", secret, err)
		}
	}
}

func TestRemoteKeysAreOpenedOrRefused(t *testing.T) {
	t.Parallel()
	own := threeStoreys(t, certs.ECDSAP256)
	redirect := map[string]http.HandlerFunc{"oauth2/token": func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/csc/v2/info", http.StatusTemporaryRedirect)
	}}
	badChain := `{"key":{"status":"enabled","algo":[]},"cert":{"certificates":["AAAA"]}}`
	noChain := `{"key":{"status":"enabled","algo":[]},"cert":{"certificates":[]}}`
	for name, test := range map[string]struct {
		service *csc
		change  func(*certs.RemoteKey)
		want    error // nil: is opened
	}{
		"named": {
			&csc{identity: own}, func(k *certs.RemoteKey) { k.Credential = "GX0112348" }, nil,
		},
		"of a user": {
			&csc{identity: own}, func(k *certs.RemoteKey) { k.User = "079123" }, nil,
		},
		"base with slash": {
			&csc{identity: own}, func(k *certs.RemoteKey) { k.URL += "/" }, nil,
		},
		"of another user": {
			&csc{identity: own}, func(k *certs.RemoteKey) { k.User = "1" }, certs.ErrRemoteAnswer,
		},
		"named wrongly": {
			&csc{identity: own}, func(k *certs.RemoteKey) { k.Credential = "B" }, certs.ErrRemoteCredential,
		},
		"several": {
			&csc{identity: own, ids: []string{"A", "B"}}, nil, certs.ErrRemoteCredential,
		},
		"none": {
			&csc{identity: own, ids: []string{}}, nil, certs.ErrRemoteCredential,
		},
		"disabled": {
			&csc{identity: own, status: "disabled"}, nil, certs.ErrRemoteCredential,
		},
		"wrong secret": {
			&csc{identity: own}, func(k *certs.RemoteKey) { k.ClientSecret = "x" }, certs.ErrRemoteLogin,
		},
		"no secret": {
			&csc{identity: own}, func(k *certs.RemoteKey) { k.ClientSecret = "" }, certs.ErrRemoteLogin,
		},
		"stale token": {
			&csc{identity: own}, func(k *certs.RemoteKey) { k.Token = "old" }, certs.ErrRemoteLogin,
		},
		"without TLS": {
			&csc{identity: own}, func(k *certs.RemoteKey) { k.URL = "http" + k.URL[5:] }, certs.ErrRemoteURI,
		},
		"inside the house": {
			&csc{identity: own}, func(k *certs.RemoteKey) { k.Outbound.Allow = nil }, certs.ErrForbiddenAddress,
		},
		"unknown TLS": {
			&csc{identity: own},
			func(k *certs.RemoteKey) { k.Outbound.Roots = x509.NewCertPool() }, certs.ErrRemoteUnavailable,
		},
		"redirected": {
			&csc{identity: own, fails: redirect}, nil, certs.ErrRemoteAnswer,
		},
		"bad certificate": {
			&csc{identity: own, fails: answering("credentials/info", "application/json", badChain)},
			nil, certs.ErrRemoteAnswer,
		},
		"no certificate": {
			&csc{identity: own, fails: answering("credentials/info", "application/json", noChain)},
			nil, certs.ErrNoCertificate,
		},
		"no token in it": {
			&csc{identity: own, fails: answering("oauth2/token", "application/json", "{}")},
			nil, certs.ErrRemoteAnswer,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key := test.service.serve(t)
			if test.change != nil {
				test.change(&key)
			}
			identity, err := certs.OpenRemote(t.Context(), key)
			noSecrets(t, err)
			if test.want == nil {
				if err != nil {
					t.Fatal(err)
				}
				sameIdentity(t, identity, own)
				return
			}
			if !errors.Is(err, test.want) || identity.Signer != nil {
				t.Errorf("%v, want %v", err, test.want)
			}
			if name == "redirected" && len(test.service.calls) != 1 {
				t.Errorf("the secret went where the service redirected: %v", test.service.calls)
			}
		})
	}
}

func TestAGivenTokenIsTheAuthorisation(t *testing.T) {
	t.Parallel()
	service := &csc{identity: threeStoreys(t, certs.ECDSAP256), mode: "oauth2code", issued: 7}
	key := service.serve(t)
	key.Token, key.ClientID, key.ClientSecret = "token-7", "", ""
	digest := sha256Of("văn bản")
	service.granted["<nil>"] = base64.StdEncoding.EncodeToString(digest) // the token was obtained for this digest
	identity, err := certs.OpenRemote(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := identity.Signer.Sign(rand.Reader, digest, crypto.SHA256); err != nil {
		t.Error(err)
	}
	if slices.Contains(service.calls, "credentials/authorize") {
		t.Errorf("authorised twice: %v", service.calls)
	}
}

func TestARemoteSignatureCanBeBrokenOff(t *testing.T) {
	t.Parallel()
	service := &csc{identity: threeStoreys(t, certs.ECDSAP256), async: true, polls: 1 << 30}
	ctx, cancel := context.WithCancel(t.Context())
	service.fails = map[string]http.HandlerFunc{"signatures/signPolling": func(w http.ResponseWriter, _ *http.Request) {
		cancel()
		w.WriteHeader(http.StatusServiceUnavailable)
	}}
	identity, err := certs.OpenRemote(t.Context(), service.serve(t))
	if err != nil {
		t.Fatal(err)
	}
	signer, ok := identity.Signer.(*certs.RemoteSigner)
	if !ok {
		t.Fatalf("signer %T", identity.Signer)
	}
	_, err = signer.SignHash(ctx, sha256Of("văn bản"), crypto.SHA256)
	if !errors.Is(err, context.Canceled) || certs.KeyCode(err) != "" {
		t.Errorf("%v (%s)", err, certs.KeyCode(err))
	}
}

func TestWeakRemoteSignaturesAreNotAskedFor(t *testing.T) {
	t.Parallel()
	service := &csc{identity: threeStoreys(t, certs.RSA2048)}
	identity, err := certs.OpenRemote(t.Context(), service.serve(t))
	if err != nil {
		t.Fatal(err)
	}
	before := len(service.calls)
	for _, test := range []struct {
		digest  []byte
		options crypto.SignerOpts
	}{
		{make([]byte, 20), crypto.SHA1},
		{make([]byte, 16), crypto.MD5},
		{make([]byte, 20), crypto.SHA256},
		{make([]byte, 32), crypto.Hash(0)},
		{make([]byte, 32), &rsa.PSSOptions{Hash: crypto.SHA256, SaltLength: rsa.PSSSaltLengthAuto}},
	} {
		if _, err := identity.Signer.Sign(rand.Reader, test.digest, test.options); !errors.Is(err, cms.ErrUnsupported) {
			t.Errorf("%d bytes with %v: %v", len(test.digest), test.options, err)
		}
	}
	if len(service.calls) != before {
		t.Errorf("the service was asked: %v", service.calls[before:])
	}
}

func TestRemoteAddressesAreReadAndSecretsRefused(t *testing.T) {
	t.Parallel()
	got, err := certs.ParseRemoteURI("remote:https://ky.example.vn/csc/v2?credential=GX%2F1&user=079&client=congvan")
	if err != nil {
		t.Fatal(err)
	}
	read := []string{got.URL, got.Credential, got.User, got.ClientID}
	if diff := cmp.Diff([]string{"https://ky.example.vn/csc/v2", "GX/1", "079", "congvan"}, read); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{
		"", "https://a.vn", "remote:", "remote:a.vn", "remote:http://a.vn", "remote:https://u:secret9@a.vn", "remote:https:///x",
		"remote:https://a.vn?pin=secret9", "remote:https://a.vn?secret=secret9", "remote:https://a.vn?user=a&user=b",
		"remote:https://a.vn#secret9", "remote:https://a.vn?user=%zz", "remote:https://a.vn/" + strings.Repeat("a", 5000),
	} {
		if key, err := certs.ParseRemoteURI(text); !errors.Is(err, certs.ErrRemoteURI) {
			t.Errorf("%.60q is read as %+v (%v)", text, key, err)
		} else if certs.KeyCode(err) != "remote.bad_address" || strings.Contains(err.Error(), "secret9") {
			t.Errorf("%.60q: %v (%s)", text, err, certs.KeyCode(err))
		}
	}
}
