package api_test

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/exchange"
)

// The walk-through of every kind of key that a gateway holds: the document is signed by its leader, numbered, sealed,
// sent, and judged by its recipient. Those of keys elsewhere are in session_test.go.

// walk lets the gateway of the commune sign and seal with these two keys.
func (w *world) walk(t *testing.T, leader, seal certs.Identity) {
	t.Helper()
	w.commune.gateway.Keys = keyring{leader, map[exchange.OfficeID]certs.Identity{commune: seal}}
	o := &outside{world: w}
	id := o.submit(t)
	_, err := w.commune.client(t, leaderName, commune, exchange.Leader).Sign(t.Context(), id)
	must(t, err)
	_, err = w.commune.client(t, "Trần Thị Bình", commune, exchange.Clerk).Seal(t.Context(), id)
	must(t, err)
	o.passes(t, id)
}

// holders issues the two certificates.
func (w *world) holders(t *testing.T, kind certs.KeyKind) (leader, seal certs.Identity) {
	t.Helper()
	leader, err := w.authority.Leader(leaderName, "Chủ tịch", communeName, kind)
	must(t, err)
	seal, err = w.authority.Seal(communeName, kind)
	must(t, err)
	return leader, seal
}

func TestAKeyInAFileSignsAndSeals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	leader, seal := w.holders(t, certs.RSA2048)
	reopen := func(identity certs.Identity) certs.Identity {
		sealed, err := certs.SealKey(identity, []byte("mật khẩu"))
		must(t, err)
		path := filepath.Join(t.TempDir(), "khoa.key")
		must(t, certs.WriteKeyFile(path, sealed))
		opened, err := certs.OpenIdentity(sealed, "mật khẩu")
		must(t, err)
		return opened
	}
	w.walk(t, reopen(leader), reopen(seal))
}

func TestAKeyAtACSCServiceSignsAndSeals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	leader, seal := w.holders(t, certs.ECDSAP256)
	open := func(holder certs.Identity) certs.Identity {
		opened, err := certs.OpenRemote(t.Context(), (&csc{identity: holder}).serve(t))
		must(t, err)
		return opened
	}
	w.walk(t, open(leader), open(seal))
}

func TestAKeyConfirmedOnThePhoneSignsAndSeals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	leader, seal := w.holders(t, certs.RSA2048)
	open := func(holder certs.Identity, flavour string) certs.Identity {
		phone := &certstest.Phone{Identity: holder, Polls: 3}
		opened, err := certs.OpenRemote(t.Context(), phone.Serve(t, flavour))
		must(t, err)
		return opened
	}
	w.walk(t, open(leader, certs.FlavourSmartCA), open(seal, certs.FlavourMySign))
}

func TestASignerWhoSaysNoOnThePhoneLeavesTheDocumentAsItWas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	leader, seal := w.holders(t, certs.RSA2048)
	for signer, code := range map[string]string{
		certstest.Refuses: "remote.refused", certstest.Ignores: "remote.unconfirmed",
	} {
		phone := &certstest.Phone{Identity: leader, Signer: signer}
		opened, err := certs.OpenRemote(t.Context(), phone.Serve(t, certs.FlavourSmartCA))
		must(t, err)
		w.commune.gateway.Keys = keyring{opened, map[exchange.OfficeID]certs.Identity{commune: seal}}
		id := (&outside{world: w}).submit(t)
		client := w.commune.client(t, leaderName, commune, exchange.Leader)
		if _, err = client.Sign(t.Context(), id); exchange.CodeOf(err) != code {
			t.Errorf("%s: %v", signer, err)
		}
		document, err := client.Document(t.Context(), id)
		if err != nil || document.Step != exchange.StepSubmitted {
			t.Errorf("%s: %s, %v", signer, document.Step, err)
		}
	}
}

// csc is a service of the Cloud Signature Consortium's interface, version 2, that unlocks by PIN and answers at once.
// What such services do otherwise is told in package certs.
type csc struct{ identity certs.Identity }

func (c *csc) serve(t *testing.T) certs.RemoteKey {
	t.Helper()
	server := httptest.NewTLSServer(c)
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return certs.RemoteKey{
		URL: server.URL, Token: "thẻ", Credential: "GX1", PIN: "2026", Patience: time.Minute,
		Outbound: certs.Outbound{Allow: []string{"127.0.0.1"}, Roots: roots},
	}
}

func (c *csc) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Hashes []string `json:"hashes"`
		SAD    string   `json:"SAD"`
		Auth   []struct {
			Value string `json:"value"`
		} `json:"authData"`
	}
	w.Header().Set("Content-Type", "application/json")
	if json.NewDecoder(r.Body).Decode(&asked) != nil || r.Header.Get("Authorization") != "Bearer thẻ" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	answer := map[string]any{}
	switch r.URL.Path {
	case "/info":
		answer["specs"] = "2.0.0.2"
	case "/credentials/info":
		var chain []string
		for _, certificate := range append([]*x509.Certificate{c.identity.Certificate}, c.identity.Chain...) {
			chain = append(chain, base64.StdEncoding.EncodeToString(certificate.Raw))
		}
		answer["key"] = map[string]any{"status": "enabled", "algo": []string{"1.2.840.10045.4.3.2"}}
		answer["cert"] = map[string]any{"certificates": chain}
		answer["auth"] = map[string]any{"mode": "explicit", "objects": []any{map[string]any{"id": "PIN"}}}
	case "/credentials/authorize":
		if len(asked.Auth) != 1 || asked.Auth[0].Value != "2026" || len(asked.Hashes) != 1 {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		answer["SAD"] = "cho " + asked.Hashes[0]
	case "/signatures/signHash":
		digest, err := base64.StdEncoding.DecodeString(asked.Hashes[0])
		if err != nil || asked.SAD != "cho "+asked.Hashes[0] {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		value, err := c.identity.Signer.Sign(rand.Reader, digest, crypto.SHA256)
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		answer["signatures"] = []string{base64.StdEncoding.EncodeToString(value)}
	default:
		w.WriteHeader(http.StatusNotFound)
		return
	}
	_ = json.NewEncoder(w).Encode(answer)
}
