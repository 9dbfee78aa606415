package signing_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"congvan/certs"
	"congvan/certs/certstest"
	"congvan/signing"
)

func TestDetachedSignaturesAreAcceptedByOpenSSL(t *testing.T) {
	t.Parallel()
	openssl := peer(t, "openssl")
	w := newWorkshop(t)
	content := []byte(strings.Repeat("Phụ lục kèm theo Quyết định số 15/QĐ-UBND\n", 1000))
	for _, kind := range []certs.KeyKind{certs.RSA3072, certs.ECDSAP256, certs.ECDSAP384} {
		for _, level := range []signing.Level{signing.LevelB, signing.LevelT} {
			made, err := signing.SignDetached(t.Context(), bytes.NewReader(content),
				w.order(certstest.Seal(t, w.authority, kind), level))
			if err != nil || made.Level != level || made.Pending != "" || made.SHA256 != sum256(content) {
				t.Fatalf("kind %d: %s %q: %v", kind, made.Level, made.Pending, err)
			}
			out, err := run(t, openssl, "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in",
				file(t, "s.p7s", made.Bytes),
				"-content", file(t, "phuluc.xlsx", content), "-out", os.DevNull,
				"-CAfile", file(t, "root.pem", certs.EncodePEM(w.authority.Root())), "-purpose", "any",
				"-attime", fmt.Sprint(w.at.Unix()))
			if err != nil {
				t.Errorf("kind %d %s: %v\n%s", kind, level, err, out)
			}
		}
	}
}

func TestADetachedSignatureWithoutItsTimeStampIsPending(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	order := w.order(certstest.Seal(t, w.authority, certs.ECDSAP256), signing.LevelT)
	order.Stamper = certstest.Client(t, certstest.Down(t))
	made, err := signing.SignDetached(t.Context(), strings.NewReader("x"), order)
	if err != nil || made.Level != signing.LevelB || made.Pending != signing.LevelT || made.Owed == nil {
		t.Errorf("%s, pending %q: %v", made.Level, made.Pending, err)
	}
	order.Level = signing.LevelLTA
	if _, err := signing.SignDetached(t.Context(), strings.NewReader("x"), order); !errors.Is(err, signing.ErrLevel) {
		t.Errorf("error %v", err)
	}
}

func pemKey(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}
