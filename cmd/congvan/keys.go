package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"golang.org/x/term"

	"congvan/certs"
	"congvan/exchange"
	"congvan/signing"
)

// openKeyFile opens a key whose password is in a file.
func openKeyFile(file KeyFile) (certs.Identity, error) {
	password, err := secretIn(file.PasswordFile)
	if err != nil {
		return certs.Identity{}, err
	}
	return openIdentity(file.File, password)
}

// secretIn reads the first line of a file; no file holds no secret.
func secretIn(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	return firstLine(path)
}

// open opens the key wherever it is kept: in a file, a token, or at a remote service.
func (k OfficeKey) open(ctx context.Context, outbound certs.Outbound) (certs.Identity, error) {
	if !isAddress(k.File) {
		return openKeyFile(k.KeyFile)
	}
	password, err := secretIn(k.PasswordFile)
	if err != nil {
		return certs.Identity{}, err
	}
	secret, err := secretIn(k.SecretFile)
	if err != nil {
		return certs.Identity{}, err
	}
	identity, err := keyElsewhere{k.File, password, "", secret, outbound}.open(ctx)
	switch {
	case errors.Is(err, certs.ErrRemoteUnavailable):
		return identity, failure(exchange.Unavailable, codeOf(err), k.File, err)
	case err != nil:
		return identity, failure(exchange.Invalid, codeOf(err), k.File, err)
	}
	return identity, nil
}

// isAddress says that a key is not in a file.
func isAddress(text string) bool {
	return strings.HasPrefix(text, tokenScheme) || strings.HasPrefix(text, remoteScheme)
}

const (
	tokenScheme  = "pkcs11:"
	remoteScheme = "remote:"
)

// keyElsewhere is a key in a token or at a remote service, with what opens it.
type keyElsewhere struct {
	address, password string
	token, secret     string // of this program, at a remote service
	outbound          certs.Outbound
}

func (k keyElsewhere) open(ctx context.Context) (certs.Identity, error) {
	if strings.HasPrefix(k.address, tokenScheme) {
		return certs.OpenToken(ctx, k.address, k.password)
	}
	key, err := certs.ParseRemoteURI(k.address)
	if err != nil {
		return certs.Identity{}, err
	}
	key.PIN, key.Token, key.ClientSecret, key.Outbound = k.password, k.token, k.secret, k.outbound
	return certs.OpenRemote(ctx, key)
}

// openKey opens a key for the sign command: a file, a token (pkcs11:…) or a remote service (remote:…). The password or
// PIN comes from a file, the environment, or a prompt.
func (p program) openKey(ctx context.Context, path, passwordFile string) (certs.Identity, error) {
	password, given := p.getenv("CONGVAN_KEY_PASSWORD"), false
	if passwordFile != "" {
		line, err := firstLine(passwordFile)
		if err != nil {
			return certs.Identity{}, err
		}
		password, given = line, true
	}
	identity, err := p.openAny(ctx, path, password)
	if !errors.Is(err, certs.ErrPassword) || given || password != "" {
		return identity, err
	}
	input, ok := p.in.(*os.File)
	if !ok || !term.IsTerminal(int(input.Fd())) {
		return identity, err
	}
	fmt.Fprint(p.err, p.say.word("ask_password"))
	typed, readErr := term.ReadPassword(int(input.Fd()))
	fmt.Fprintln(p.err)
	if readErr != nil {
		return identity, fmt.Errorf("read password: %w", readErr)
	}
	return p.openAny(ctx, path, string(typed))
}

// openAny opens a key wherever it is kept. A key at a remote service proves who asks by CONGVAN_REMOTE_TOKEN or
// CONGVAN_REMOTE_SECRET.
func (p program) openAny(ctx context.Context, address, password string) (certs.Identity, error) {
	if !isAddress(address) {
		return openIdentity(address, password)
	}
	return keyElsewhere{
		address, password, p.getenv("CONGVAN_REMOTE_TOKEN"), p.getenv("CONGVAN_REMOTE_SECRET"), certs.Outbound{},
	}.open(ctx)
}

func openIdentity(path, password string) (certs.Identity, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return certs.Identity{}, err
	}
	identity, err := certs.OpenIdentity(data, password)
	if err != nil {
		return identity, failure(exchange.Invalid, cmp.Or(certs.Code(err), "key.unreadable"), path, err)
	}
	return identity, nil
}

// openPicture makes the image of a signature ready, once for all the signatures that show it.
func openPicture(path string) (*signing.Picture, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	picture, err := signing.NewPicture(data)
	if err != nil {
		return nil, failure(exchange.Invalid, signing.RefusalCode(err), path, err)
	}
	return picture, nil
}

func firstLine(path string) (string, error) {
	data, err := os.ReadFile(path)
	line, _, _ := strings.Cut(string(data), "\n")
	return strings.TrimSuffix(line, "\r"), err
}

// withoutSecret hides the password of an address.
func withoutSecret(address string) string {
	parsed, err := url.Parse(address)
	if err != nil || parsed.User == nil {
		return address
	}
	return parsed.Redacted()
}
