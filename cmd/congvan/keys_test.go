package main

import (
	"crypto"
	"crypto/sha256"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/exchange"
)

// remote configures a key at a signing service whose signer confirms on a phone.
func (s *site) remote(t *testing.T, flavour string, phone *certstest.Phone) certs.Outbound {
	t.Helper()
	identity, key := phone.Identity, phone.Serve(t, flavour)
	query := url.Values{
		"flavour": {flavour}, "user": {key.User}, "client": {key.ClientID}, "credential": {key.Credential},
	}
	file := filepath.Join(s.dir, "bi-mat-"+flavour)
	if err := os.WriteFile(file, []byte(key.ClientSecret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.config.Keys = append(s.config.Keys, OfficeKey{
		KeyFile: KeyFile{File: "remote:" + key.URL + "?" + query.Encode()}, Office: "xa", SecretFile: filepath.Base(file),
		Leader: identity.Certificate.Subject.CommonName,
	})
	s.config = s.config.resolved(s.dir)
	return key.Outbound
}

func TestAGatewayOpensKeysAtRemoteServices(t *testing.T) {
	t.Parallel()
	for _, flavour := range []string{certs.FlavourSmartCA, certs.FlavourMySign} {
		t.Run(flavour, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			leader, err := s.authority.Leader("Nguyễn Văn An", "Chủ tịch", "UBND xã", certs.RSA2048)
			if err != nil {
				t.Fatal(err)
			}
			outbound := s.remote(t, flavour, &certstest.Phone{Identity: leader})
			ring, err := openKeyring(t.Context(), s.config.Keys, outbound, time.Now)
			if err != nil {
				t.Fatal(err)
			}
			key, err := ring.Leader(t.Context(), "xa", "Nguyễn Văn An")
			if err != nil || !key.Identity.Certificate.Equal(leader.Certificate) {
				t.Fatalf("%+v, %v", key, err)
			}
			digest := sha256.Sum256([]byte("văn bản"))
			if _, err := key.Identity.Signer.Sign(nil, digest[:], crypto.SHA256); err != nil {
				t.Error(err)
			}
			s.checksRemote(t, outbound)
		})
	}
}

// checksRemote has certs check look at the key, as it is and with another secret.
func (s *site) checksRemote(t *testing.T, outbound certs.Outbound) {
	t.Helper()
	path := filepath.Join(s.dir, "congvan.yaml")
	if err := s.config.write(path); err != nil {
		t.Fatal(err)
	}
	p := program{now: time.Now}
	i, kept, err := certsCheck{Config: path, Offline: true}.open(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	defer done(kept)
	i.outbound = outbound
	if found := i.checkKey(t.Context(), i.config.Keys[0]); found.Health == healthBroken ||
		found.Name != "Nguyễn Văn An" || slices.Contains(found.Reasons, "key.open_to_others") {
		t.Errorf("%+v", found)
	}
	secret := i.config.Keys[0].SecretFile
	if err := os.WriteFile(secret, []byte("khác\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(secret, 0o644); err != nil {
		t.Fatal(err)
	}
	found := i.checkKey(t.Context(), i.config.Keys[0])
	if found.Health != healthBroken || !slices.Equal(found.Reasons, []string{"remote.login"}) {
		t.Errorf("with another secret: %+v", found)
	}
	_, err = openKeyring(t.Context(), i.config.Keys, outbound, time.Now)
	if exchange.CodeOf(err) != "remote.login" {
		t.Errorf("with another secret the gateway starts: %v", err)
	}
}
