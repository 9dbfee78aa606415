package certs

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxTokenURI is the longest address of a key that is read, in bytes.
const maxTokenURI = 4096

// TokenURI is the address of a key in a token (RFC 7512). Its zero fields ask for nothing.
type TokenURI struct {
	ModulePath   string // absolute path of the module of the token's maker
	Token        string // label of the token
	Manufacturer string
	Model        string
	Serial       string
	Slot         *uint64
	Object       string // label of the key
	ID           []byte // CKA_ID of the key
}

// ParseTokenURI reads a pkcs11: address. A PIN in it (pin-value, pin-source) is refused, as addresses are shown and
// logged. Attributes that this program cannot look at are refused too, or they would choose nothing; those of makers
// (x-…) are passed over, as RFC 7512, 2.3 allows. The error is [ErrTokenURI].
func ParseTokenURI(text string) (TokenURI, error) {
	var parsed TokenURI
	if len(text) > maxTokenURI || len(text) < len("pkcs11:") || !strings.EqualFold(text[:len("pkcs11:")], "pkcs11:") {
		return TokenURI{}, fmt.Errorf("%w: it does not begin with pkcs11: or is too long", ErrTokenURI)
	}
	path, query, _ := strings.Cut(text[len("pkcs11:"):], "?")
	seen := map[string]bool{}
	if err := eachAttribute(path, ";", seen, parsed.setPath); err != nil {
		return TokenURI{}, err
	}
	if err := eachAttribute(query, "&", seen, parsed.setQuery); err != nil {
		return TokenURI{}, err
	}
	return parsed, nil
}

func eachAttribute(list, separator string, seen map[string]bool, set func(name, value string) error) error {
	if list == "" {
		return nil
	}
	for _, part := range strings.Split(list, separator) {
		name, raw, ok := strings.Cut(part, "=")
		value, err := url.PathUnescape(raw)
		switch {
		case !ok || err != nil || value == "":
			return fmt.Errorf("%w: attribute %q has no value that can be read", ErrTokenURI, name)
		case strings.HasPrefix(name, "x-"):
			continue
		case seen[name]:
			return fmt.Errorf("%w: attribute %q comes twice", ErrTokenURI, name)
		case name != "id" && (!utf8.ValidString(value) || strings.ContainsRune(value, 0)):
			return fmt.Errorf("%w: attribute %q is no text", ErrTokenURI, name)
		}
		seen[name] = true
		if err := set(name, value); err != nil {
			return err
		}
	}
	return nil
}

func (u *TokenURI) setPath(name, value string) error {
	switch name {
	case "token":
		u.Token = value
	case "manufacturer":
		u.Manufacturer = value
	case "model":
		u.Model = value
	case "serial":
		u.Serial = value
	case "object":
		u.Object = value
	case "id":
		u.ID = []byte(value)
	case "slot-id":
		slot, err := strconv.ParseUint(value, 10, 64)
		if err != nil {
			return fmt.Errorf("%w: slot-id %q is no number", ErrTokenURI, value)
		}
		u.Slot = &slot
	case "type":
		if value != "private" {
			return fmt.Errorf("%w: type %q cannot sign", ErrTokenURI, value)
		}
	default:
		return fmt.Errorf("%w: attribute %q is not supported", ErrTokenURI, name)
	}
	return nil
}

func (u *TokenURI) setQuery(name, value string) error {
	switch name {
	case "module-path":
		if !filepath.IsAbs(value) {
			return fmt.Errorf("%w: module-path %q is not absolute", ErrTokenURI, value)
		}
		u.ModulePath = value
	case "pin-value", "pin-source":
		return fmt.Errorf("%w: a PIN does not belong in an address", ErrTokenURI)
	default:
		return fmt.Errorf("%w: attribute %q is not supported", ErrTokenURI, name)
	}
	return nil
}

// String writes the address so that [ParseTokenURI] reads the same again.
func (u TokenURI) String() string {
	var path []string
	add := func(name, value string) {
		if value != "" {
			path = append(path, name+"="+escapeAttribute(value))
		}
	}
	add("token", u.Token)
	add("manufacturer", u.Manufacturer)
	add("model", u.Model)
	add("serial", u.Serial)
	if u.Slot != nil {
		add("slot-id", strconv.FormatUint(*u.Slot, 10))
	}
	add("object", u.Object)
	add("id", string(u.ID))
	address := "pkcs11:" + strings.Join(path, ";")
	if u.ModulePath != "" {
		address += "?module-path=" + escapeAttribute(u.ModulePath)
	}
	return address
}

// escapeAttribute keeps only what is never reserved (RFC 3986, 2.3).
func escapeAttribute(value string) string {
	var out strings.Builder
	for _, b := range []byte(value) {
		plain := b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte("-._~", b) >= 0
		if plain {
			out.WriteByte(b)
		} else {
			fmt.Fprintf(&out, "%%%02X", b)
		}
	}
	return out.String()
}
