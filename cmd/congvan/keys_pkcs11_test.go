//go:build pkcs11 && (linux || darwin) && (amd64 || arm64)

package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/exchange"
	"congvan/signing"
)

// A real module, SoftHSM2, which finds its tokens through the environment.
func TestATokenNamedInTheConfigurationSignsAndSeals(t *testing.T) {
	util, module := certstest.SoftHSM(t)
	const label, pin = "Một Cửa", "202600"
	s := newSite(t)
	tool := func(args ...string) {
		t.Helper()
		if out, err := exec.CommandContext(t.Context(), util, args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v: %s", args, err, out)
		}
	}
	tool("--init-token", "--free", "--label", label, "--so-pin", "12345678", "--pin", pin)
	secret := filepath.Join(s.dir, "pin")
	if err := os.WriteFile(secret, []byte(pin+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	put := func(holder certs.Identity, id, leader string) {
		t.Helper()
		der, err := x509.MarshalPKCS8PrivateKey(holder.Signer)
		if err != nil {
			t.Fatal(err)
		}
		key := filepath.Join(t.TempDir(), "key.pem")
		if err := os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		tool("--import", key, "--token", label, "--label", "khoa"+id, "--id", id, "--pin", pin)
		certstest.StoreCertificates(t, module, label, pin, holder.Certificate)
		s.config.Keys = append(s.config.Keys, OfficeKey{
			KeyFile: KeyFile{
				File: "pkcs11:token=M%E1%BB%99t%20C%E1%BB%ADa;object=khoa" + id + "?module-path=" + module, PasswordFile: secret,
			},
			Office: "xa", Leader: leader,
		})
	}
	person, err := s.authority.Leader("Nguyễn Văn An", "Chủ tịch", "UBND xã", certs.RSA2048)
	if err != nil {
		t.Fatal(err)
	}
	stamp, err := s.authority.Seal("UBND xã", certs.ECDSAP256)
	if err != nil {
		t.Fatal(err)
	}
	put(person, "01", "Nguyễn Văn An")
	put(stamp, "02", "")
	s.config.TimestampAuthorities, s.config.Level = []string{s.authority.TimestampURL()}, signing.LevelT
	s.config.SigningRealms = map[certs.Realm]exchange.RevocationRule{certs.Test: exchange.RevocationOff}
	path := filepath.Join(s.dir, "congvan.yaml")
	if err := s.config.write(path); err != nil {
		t.Fatal(err)
	}
	if s.config, err = loadConfig(path); err != nil {
		t.Fatal(err)
	}
	n := s.open(t)
	letter, err := demoFiles.ReadFile("demo/letter.pdf")
	if err != nil {
		t.Fatal(err)
	}
	clerk := exchange.Actor{Name: "Trần Thị Bình", Office: "xa", Role: exchange.Clerk}
	document, err := n.outgoing().Submit(t.Context(), clerk, exchange.Draft{
		Kind: "CV", Subject: "Trích yếu", Secrecy: exchange.NotSecret, FileName: "letter.pdf",
		Signatory:  exchange.Signatory{Name: "Nguyễn Văn An", Position: "Chủ tịch"},
		Recipients: []exchange.OfficeID{"tinh"},
	}, bytes.NewReader(letter))
	if err != nil {
		t.Fatal(err)
	}
	leader := exchange.Actor{Name: "Nguyễn Văn An", Office: "xa", Role: exchange.Leader}
	if document, err = n.outgoing().Sign(t.Context(), leader, document.ID); err != nil {
		t.Fatal(err)
	}
	if document, err = n.outgoing().Seal(t.Context(), clerk, document.ID); err != nil {
		t.Fatal(err)
	}
	blob, err := n.gateway.Blobs.Open(t.Context(), document.Current().Digest)
	if err != nil {
		t.Fatal(err)
	}
	defer done(blob)
	report, err := n.gateway.Examiner.Examine(t.Context(), blob, blob.Size(), n.gateway.Now())
	if err != nil || report.Verdict != signing.Passed || len(report.Signatures) != 2 {
		t.Errorf("%v %s %+v", err, report.Verdict, report.Signatures)
	}
}
