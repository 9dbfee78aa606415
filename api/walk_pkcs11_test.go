//go:build pkcs11

package api_test

import (
	"crypto/x509"
	"encoding/pem"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"congvan/certs"
)

// A real module, SoftHSM2, which finds its tokens through the environment.
func TestATokenPluggedIntoTheServerSignsAndSeals(t *testing.T) {
	util, err := exec.LookPath("softhsm2-util")
	const module = "/usr/lib/softhsm/libsofthsm2.so"
	if _, missing := os.Stat(module); err != nil || missing != nil {
		if os.Getenv("CONGVAN_REQUIRE_PEERS") == "1" {
			t.Fatal("softhsm2 is required and not found")
		}
		t.Skip("softhsm2 is not installed")
	}
	folder := t.TempDir()
	must(t, os.Mkdir(filepath.Join(folder, "tokens"), 0o700))
	config := filepath.Join(folder, "softhsm2.conf")
	must(t, os.WriteFile(config, []byte("directories.tokendir = "+filepath.Join(folder, "tokens")+"\n"), 0o600))
	t.Setenv("SOFTHSM2_CONF", config)
	run := func(args ...string) {
		t.Helper()
		if out, err := exec.CommandContext(t.Context(), util, args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v: %s", args, err, out)
		}
	}
	run("--init-token", "--free", "--label", "van-thu", "--so-pin", "12345678", "--pin", "202600")
	var tokens certs.Tokens
	t.Cleanup(func() { must(t, tokens.Close()) })
	w := newWorld(t)
	leader, seal := w.holders(t, certs.RSA2048)
	open := func(holder certs.Identity, label, id string) certs.Identity {
		der, err := x509.MarshalPKCS8PrivateKey(holder.Signer)
		must(t, err)
		key := filepath.Join(folder, label+".pem")
		must(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
		run("--import", key, "--token", "van-thu", "--label", label, "--id", id, "--pin", "202600")
		opened, err := tokens.Open(t.Context(), certs.TokenKey{
			URI: "pkcs11:token=van-thu;object=" + label + "?module-path=" + module, PIN: "202600",
			Certificates: append([]*x509.Certificate{holder.Certificate}, holder.Chain...),
		})
		must(t, err)
		t.Cleanup(func() { must(t, opened.Signer.(io.Closer).Close()) })
		return opened
	}
	w.walk(t, open(leader, "lanh-dao", "01"), open(seal, "con-dau", "02"))
}
