//go:build !pkcs11 || !(linux || darwin) || !(amd64 || arm64)

package certs_test

import (
	"errors"
	"testing"

	"congvan/certs"
)

func TestAProgramWithoutTokensSaysSo(t *testing.T) {
	t.Parallel()
	identity, err := certs.OpenToken(t.Context(), "pkcs11:token=a?module-path=/usr/lib/a.so", "1234")
	if !errors.Is(err, certs.ErrNoTokenSupport) || certs.KeyCode(err) != "token.unsupported" {
		t.Errorf("%v (%s)", err, certs.KeyCode(err))
	}
	if identity.Signer != nil || identity.Certificate != nil {
		t.Error("an identity came with the error")
	}
	if _, err := certs.OpenToken(t.Context(), "pkcs11:nonsense", ""); !errors.Is(err, certs.ErrTokenURI) {
		t.Errorf("bad address: %v", err)
	}
	var tokens certs.Tokens
	if err := tokens.Close(); err != nil {
		t.Error(err)
	}
}
