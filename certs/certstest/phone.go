package certstest

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"congvan/certs"
)

// What a signer does when the phone asks.
const (
	Confirms = ""
	Refuses  = "refuses"
	Ignores  = "ignores" // until the service gives up
	Breaks   = "breaks"  // the service's own key does
)

// Phone is a signing service whose signer confirms on a phone: VNPT SmartCA or Viettel MySign, as far as their
// interfaces for digests go. Its fields say what it is like; by default the signer confirms before the first question.
type Phone struct {
	Identity certs.Identity
	Signs    crypto.Signer // the key that really signs; nil: the identity's
	Polls    int           // how often it says that it waits for the signer
	Signer   string        // what the signer does in the end
	Down     int           // how many questions fail with 503 before it answers again, once something was signed
	Closed   int           // how many fail so at first
	Logins   int           // how many questions a login is good for (MySign); 0: all

	mutex   sync.Mutex // guards what follows
	pending map[string][]byte
	asked   int
	token   int
	used    int
}

const (
	phoneUser   = "079123456789"
	phoneClient = "doi-tac"
	phoneSecret = "mat-khau-doi-tac"
	phoneSerial = "540101"
)

// Serve answers over TLS until the test ends and gives what opens the key, with a serial number or credential.
func (p *Phone) Serve(tb testing.TB, flavour string) certs.RemoteKey {
	tb.Helper()
	p.pending = map[string][]byte{}
	mux := http.NewServeMux()
	base := ""
	if flavour == certs.FlavourSmartCA {
		base = "/sca/sp769"
		mux.HandleFunc("POST /sca/sp769/v1/credentials/get_certificate", p.partner(p.smartCertificates))
		mux.HandleFunc("POST /sca/sp769/v1/signatures/sign", p.partner(p.smartSign))
		mux.HandleFunc("POST /sca/sp769/v1/signatures/sign/{id}/status", p.smartStatus)
	} else {
		mux.HandleFunc("POST /vtss/service/ras/v1/login", p.myLogin)
		mux.HandleFunc("POST /vtss/service/certificates/info", p.bearer(p.myCertificates))
		mux.HandleFunc("POST /vtss/service/signHash", p.bearer(p.mySign))
		mux.HandleFunc("POST /vtss/service/requests/status", p.bearer(p.myStatus))
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mutex.Lock()
		defer p.mutex.Unlock()
		if p.Closed > 0 {
			p.Closed--
			http.Error(w, "bảo trì", http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	tb.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return certs.RemoteKey{
		URL: server.URL + base, Flavour: flavour, User: phoneUser, ClientID: phoneClient, ClientSecret: phoneSecret,
		Credential: phoneSerial, Patience: time.Minute, Poll: time.Millisecond,
		Outbound: certs.Outbound{Allow: []string{"127.0.0.1"}, Roots: roots},
	}
}

// Asked says how often the signer's phone was asked.
func (p *Phone) Asked() int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.asked
}

type question map[string]any

func read(r *http.Request) question {
	var asked question
	if json.NewDecoder(r.Body).Decode(&asked) != nil {
		return question{}
	}
	return asked
}

func say(w http.ResponseWriter, answer any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(answer)
}

// smart is the frame of SmartCA's answers.
func smart(w http.ResponseWriter, status int, message string, data any) {
	say(w, map[string]any{"status_code": status, "message": message, "data": data})
}

// partner lets in who knows the partner's password, which is part of every question to SmartCA.
func (*Phone) partner(answer func(http.ResponseWriter, question)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		asked := read(r)
		switch {
		case asked["sp_id"] != phoneClient || asked["sp_password"] != phoneSecret:
			smart(w, http.StatusUnauthorized, "Unauthorized", nil)
		case asked["user_id"] != phoneUser || asked["transaction_id"] == nil:
			smart(w, http.StatusNotFound, "USER_NOT_FOUND", nil)
		default:
			answer(w, asked)
		}
	}
}

func (p *Phone) smartCertificates(w http.ResponseWriter, asked question) {
	if asked["serial_number"] != phoneSerial && asked["serial_number"] != "" {
		smart(w, http.StatusOK, "SUCCESS", map[string]any{"user_certificates": []any{}})
		return
	}
	one := map[string]any{
		"service_type": "SMARTCA", "cert_status_code": "VALID", "serial_number": phoneSerial,
		"cert_data": base64.StdEncoding.EncodeToString(p.Identity.Certificate.Raw),
	}
	chain := map[string]any{}
	for i, name := range []string{"ca_cert", "root_cert"} {
		if i < len(p.Identity.Chain) {
			chain[name] = base64.StdEncoding.EncodeToString(p.Identity.Chain[i].Raw)
		}
	}
	one["chain_data"] = chain
	expired := map[string]any{"cert_status_code": "EXPIRED", "serial_number": "540100", "cert_data": "?"}
	smart(w, http.StatusOK, "SUCCESS", map[string]any{"user_certificates": []any{expired, one}})
}

func (p *Phone) smartSign(w http.ResponseWriter, asked question) {
	files, _ := asked["sign_files"].([]any)
	if len(files) != 1 || asked["serial_number"] != phoneSerial {
		smart(w, http.StatusBadRequest, "INVALID_PARAMETER", nil)
		return
	}
	file, _ := files[0].(map[string]any)
	text, _ := file["data_to_be_signed"].(string)
	digest, err := hex.DecodeString(text)
	if err != nil || len(digest) != 32 || file["sign_type"] != "hash" || file["doc_id"] == "" {
		smart(w, http.StatusBadRequest, "INVALID_DATA", nil)
		return
	}
	smart(w, http.StatusOK, "SUCCESS", map[string]any{"transaction_id": p.wait(digest), "tran_code": "1", "expired_in": 300})
}

// wait keeps a digest until the signer has decided.
func (p *Phone) wait(digest []byte) string {
	p.asked++
	id := fmt.Sprintf("giao-dich-%d", p.asked)
	p.pending[id] = digest
	return id
}

// down says whether this question fails.
func (p *Phone) down(w http.ResponseWriter) bool {
	if p.Down == 0 {
		return false
	}
	p.Down--
	w.WriteHeader(http.StatusServiceUnavailable)
	return true
}

// waits says whether the signer has not decided yet.
func (p *Phone) waits() bool {
	if p.Polls == 0 {
		return false
	}
	p.Polls--
	return true
}

func (p *Phone) value(digest []byte) string {
	signer := p.Identity.Signer
	if p.Signs != nil {
		signer = p.Signs
	}
	value, err := signer.Sign(rand.Reader, digest, crypto.SHA256)
	if err != nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(value)
}

func (p *Phone) smartStatus(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	digest, known := p.pending[id]
	nothing := map[string]any{"transaction_id": id, "signatures": nil}
	switch {
	case p.down(w):
	case !known:
		smart(w, http.StatusNotFound, "TRANSACTION_NOT_FOUND", nil)
	case p.waits():
		smart(w, http.StatusOK, "WAITING_FOR_SIGNER_CONFIRM", nothing)
	case p.Signer == Refuses:
		smart(w, http.StatusOK, "SIGNER_REJECTED", nothing)
	case p.Signer == Ignores:
		smart(w, http.StatusOK, "EXPIRED", nothing)
	case p.Signer == Breaks:
		smart(w, http.StatusOK, "SIGN_FAILED", nothing)
	default:
		signature := map[string]any{"doc_id": "1", "signature_value": p.value(digest), "timestamp_signature": nil}
		smart(w, http.StatusOK, "SUCCESS", map[string]any{"transaction_id": id, "signatures": []any{signature}})
	}
}

func (p *Phone) myLogin(w http.ResponseWriter, r *http.Request) {
	asked := read(r)
	if asked["client_id"] != phoneClient || asked["client_secret"] != phoneSecret || asked["user_id"] != phoneUser ||
		asked["profile_id"] != "adss:ras:profile:001" {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"error":"invalid_client","error_description":"Client authentication failed"}`))
		return
	}
	p.token++
	p.used = 0
	say(w, map[string]any{
		"access_token": fmt.Sprintf("the-%d", p.token), "token_type": "Bearer", "expires_in": "3600",
	})
}

// bearer lets in who has logged in, for as many questions as a login is good for.
func (p *Phone) bearer(answer func(http.ResponseWriter, question)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p.used++
		over := p.Logins > 0 && p.used > p.Logins
		if r.Header.Get("Authorization") != fmt.Sprintf("Bearer the-%d", p.token) || over {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`{"error":"invalid_token"}`))
			return
		}
		answer(w, read(r))
	}
}

func (p *Phone) myCertificates(w http.ResponseWriter, _ question) {
	var chain []string
	for _, certificate := range append([]*x509.Certificate{p.Identity.Certificate}, p.Identity.Chain...) {
		chain = append(chain, base64.StdEncoding.EncodeToString(certificate.Raw))
	}
	say(w, []any{map[string]any{
		"credential_id": phoneSerial, "key": map[string]any{"status": "enabled", "len": "2048"},
		"cert": map[string]any{"status": "valid", "certificates": chain}, "authMode": "explicit",
	}})
}

func (p *Phone) mySign(w http.ResponseWriter, asked question) {
	hashes, _ := asked["hash"].([]any)
	if len(hashes) != 1 || asked["credentialID"] != phoneSerial || asked["async"] != 1.0 ||
		asked["hashAlgo"] != "2.16.840.1.101.3.4.2.1" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	text, _ := hashes[0].(string)
	digest, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(digest) != 32 {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	say(w, map[string]any{"transactionId": p.wait(digest)})
}

func (p *Phone) myStatus(w http.ResponseWriter, asked question) {
	id, _ := asked["transactionId"].(string)
	digest, known := p.pending[id]
	switch {
	case p.down(w):
	case !known:
		w.WriteHeader(http.StatusBadRequest)
	case p.waits():
		say(w, map[string]any{"status": "0", "signatures": nil})
	case p.Signer == Refuses:
		say(w, map[string]any{"status": "2", "message": "Người dùng từ chối"})
	case p.Signer == Ignores:
		say(w, map[string]any{"status": "3", "message": "Request expired"})
	case p.Signer == Breaks:
		say(w, map[string]any{"status": "9", "message": "HSM"})
	default:
		value := p.value(digest)
		broken := strings.Join([]string{value[:20], value[20:]}, "\r\n") // as the service writes base64
		say(w, map[string]any{"status": "1", "signatures": []string{broken}})
	}
}
