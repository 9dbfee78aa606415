package certs_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"congvan/certs"
)

func TestTokenAddressesAreReadAsWritten(t *testing.T) {
	t.Parallel()
	zero, nine := uint64(0), uint64(9)
	for text, want := range map[string]certs.TokenURI{
		"pkcs11:": {},
		"pkcs11:token=M%E1%BB%99t%20Hai;object=K%3B1;type=private;id=%A1%00%FF?module-path=/usr/lib/a%20b.so": {
			Token: "Một Hai", Object: "K;1", ID: []byte{0xA1, 0, 0xFF}, ModulePath: "/usr/lib/a b.so",
		},
		"PKCS11:slot-id=0;serial=12:34;manufacturer=A;model=B;x-muscle=1": {
			Slot: &zero, Serial: "12:34", Manufacturer: "A", Model: "B",
		},
		"pkcs11:slot-id=9?module-path=/m.so&x-other=%00": {Slot: &nine, ModulePath: "/m.so"},
	} {
		got, err := certs.ParseTokenURI(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
		again, err := certs.ParseTokenURI(got.String())
		if err != nil || cmp.Diff(got, again) != "" {
			t.Errorf("%s is written as %s, which is read as %+v (%v)", text, got, again, err)
		}
	}
}

func TestTokenAddressesThatCannotBeUsedAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "pkcs", "pkcs12:token=a", "file:///a", "pkcs11:token", "pkcs11:token=", "pkcs11:token=%ZZ", "pkcs11:token=%FF",
		"pkcs11:token=a%00b", "pkcs11:token=a;token=b", "pkcs11:token=a;", "pkcs11:slot-id=-1", "pkcs11:slot-id=a",
		"pkcs11:type=cert", "pkcs11:library-version=3", "pkcs11:nonsense=1", "pkcs11:?module-path=softhsm.so",
		"pkcs11:?module-name=p11", "pkcs11:?pin-value=1234", "pkcs11:?pin-source=/a", "pkcs11:?token=a",
		"pkcs11:?module-path=/a&module-path=/b", "pkcs11:object=" + strings.Repeat("a", 5000),
	} {
		if got, err := certs.ParseTokenURI(text); !errors.Is(err, certs.ErrTokenURI) {
			t.Errorf("%.40q is read as %+v (%v)", text, got, err)
		} else if certs.KeyCode(err) != "token.bad_address" {
			t.Errorf("%.40q: code %q", text, certs.KeyCode(err))
		} else if strings.Contains(err.Error(), "1234") {
			t.Errorf("the PIN is told: %v", err)
		}
	}
}

func FuzzTokenURI(f *testing.F) {
	f.Add("pkcs11:token=a;slot-id=1;object=%20;id=%01?module-path=/x")
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := certs.ParseTokenURI(text)
		if err != nil {
			return
		}
		written := parsed.String()
		if len(written) > 4096 {
			return // escapes are longer than what they stand for
		}
		again, err := certs.ParseTokenURI(written)
		if err != nil || cmp.Diff(parsed, again) != "" {
			t.Fatalf("%q is written as %q, which is read as %+v (%v)", text, written, again, err)
		}
	})
}

func TestEveryErrorOfKeysElsewhereHasItsOwnCode(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, code := range certs.Codes() {
		if seen[code] || !strings.Contains(code, ".") {
			t.Errorf("code %q is doubled or has no family", code)
		}
		seen[code] = true
	}
	if certs.KeyCode(errors.New("another")) != "" || certs.KeyCode(nil) != "" {
		t.Error("a foreign error has a code")
	}
}
