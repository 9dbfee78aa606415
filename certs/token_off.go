//go:build !pkcs11 || !(linux || darwin) || !(amd64 || arm64)

package certs

import (
	"context"
	"fmt"
)

// Tokens would hold the modules through which keys in tokens are used. In this program it holds none.
type Tokens struct{}

// Open always gives [ErrNoTokenSupport], or [ErrTokenURI] for an address that no program could use: a module is loaded
// into the process, which a static executable cannot do. Build with the tag pkcs11 for Linux or macOS.
func (*Tokens) Open(_ context.Context, key TokenKey) (Identity, error) {
	if _, err := ParseTokenURI(key.URI); err != nil {
		return Identity{}, err
	}
	return Identity{}, fmt.Errorf("open token: %w", ErrNoTokenSupport)
}

// Close has nothing to close.
func (*Tokens) Close() error { return nil }
