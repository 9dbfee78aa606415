package certs_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/big"
	"strings"
	"testing"

	"congvan/certs"
	"congvan/certs/certstest"
)

func TestAPrivateKeyIsNeverPrintedOrLogged(t *testing.T) {
	t.Parallel()
	for _, kind := range []certs.KeyKind{certs.RSA2048, certs.ECDSAP256} {
		identity := certstest.Make(t, certstest.Spec{Name: "Nguyễn Văn An", Key: kind})
		held := struct {
			Identity certs.Identity `json:"identity"`
			Width    float64        `json:"width"`
		}{identity, 3}
		var logged bytes.Buffer
		for _, handler := range []slog.Handler{slog.NewJSONHandler(&logged, nil), slog.NewTextHandler(&logged, nil)} {
			logger := slog.New(handler)
			logger.Info("a", slog.Any("identity", identity), slog.Any("held", held), slog.Any("pointer", &held))
		}
		encoded, err := json.Marshal(held)
		if err != nil {
			t.Fatal(err)
		}
		text := logged.String() + string(encoded) + fmt.Sprintf("%v %+v %#v %s %v %+v %#v %q", identity, identity, identity,
			identity, held, held, held, []certs.Identity{identity})
		for _, secret := range secrets(t, identity) {
			for _, form := range []string{secret.String(), secret.Text(16), string(secret.Bytes())} {
				if strings.Contains(text, form) {
					t.Fatalf("kind %d: the private key is in the text", kind)
				}
			}
		}
		if !strings.Contains(text, "Nguyễn Văn An") {
			t.Errorf("kind %d: the certificate is not named: %s", kind, text)
		}
	}
}

// secrets are the numbers that nobody may see.
func secrets(t *testing.T, identity certs.Identity) []*big.Int {
	t.Helper()
	switch key := identity.Signer.(type) {
	case *rsa.PrivateKey:
		return append([]*big.Int{key.D}, key.Primes...)
	case *ecdsa.PrivateKey:
		raw, err := key.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		return []*big.Int{new(big.Int).SetBytes(raw)}
	default:
		t.Fatalf("%T", identity.Signer)
		return nil
	}
}
