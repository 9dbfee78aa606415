//go:build pkcs11 && (linux || darwin) && (amd64 || arm64)

package certs

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"

	"congvan/certs/cms"
)

// maxTokenKeys is how many keys of a token are tried when the address names none.
const maxTokenKeys = 16

// Tokens holds the modules through which keys in tokens are used: a module is started once for all its keys, and ended
// when the last of them is closed. The zero value is ready. It may be used by several goroutines.
type Tokens struct {
	mutex   sync.Mutex // guards modules
	modules map[string]*tokenModule
}

type tokenModule struct {
	*cryptoki
	open map[*tokenSigner]bool
}

// Open opens a key; see [OpenToken]. For a second key of the same token the PIN is not checked again, as the program is
// logged in already: that is so by the standard.
func (t *Tokens) Open(ctx context.Context, key TokenKey) (Identity, error) {
	address, err := ParseTokenURI(key.URI)
	if err != nil {
		return Identity{}, err
	}
	if address.ModulePath == "" {
		return Identity{}, fmt.Errorf("%w: it names no module-path", ErrTokenURI)
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	module := t.modules[address.ModulePath]
	if module == nil {
		loaded, err := loadModule(address.ModulePath)
		if err != nil {
			return Identity{}, fmt.Errorf("open token: %w", err)
		}
		module = &tokenModule{loaded, map[*tokenSigner]bool{}}
	}
	identity, signer, err := module.identity(ctx, address, key)
	if err != nil {
		if len(module.open) == 0 {
			err = errors.Join(err, tokenError(module.finalize(nil)))
		}
		return Identity{}, fmt.Errorf("open token: %w", err)
	}
	signer.release = func() error { return t.release(address.ModulePath, signer) }
	module.open[signer] = true
	if t.modules == nil {
		t.modules = map[string]*tokenModule{}
	}
	t.modules[address.ModulePath] = module
	return identity, nil
}

// release forgets a signer whose session is closed, and ends its module when it was the last.
func (t *Tokens) release(path string, signer *tokenSigner) error {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	module := t.modules[path]
	if module == nil || !module.open[signer] {
		return nil
	}
	delete(module.open, signer)
	if len(module.open) > 0 {
		return nil
	}
	delete(t.modules, path)
	return tokenError(module.finalize(nil))
}

// Close closes every key that is still open, which logs out. The Tokens may be used again afterwards.
func (t *Tokens) Close() error {
	t.mutex.Lock()
	var open []*tokenSigner
	for _, module := range t.modules {
		for signer := range module.open {
			open = append(open, signer)
		}
	}
	t.mutex.Unlock()
	var err error
	for _, signer := range open {
		err = errors.Join(err, signer.Close())
	}
	return err
}

func (m *tokenModule) identity(ctx context.Context, at TokenURI, key TokenKey) (Identity, *tokenSigner, error) {
	slot, ownPINPad, err := m.slot(at)
	if err != nil {
		return Identity{}, nil, err
	}
	if err := ctx.Err(); err != nil {
		return Identity{}, nil, err
	}
	opened := session{module: m.cryptoki}
	if err := tokenError(m.openSession(slot, ckfSerialSession, nil, nil, &opened.handle)); err != nil {
		return Identity{}, nil, err
	}
	identity, signer, err := opened.identity(ctx, at, key, ownPINPad)
	if err != nil {
		return Identity{}, nil, errors.Join(err, tokenError(m.closeSession(opened.handle)))
	}
	return identity, signer, nil
}

// slot finds the one token that fits the address.
func (m *tokenModule) slot(at TokenURI) (slot uintptr, ownPINPad bool, err error) {
	slots, err := m.slots()
	if err != nil {
		return 0, false, err
	}
	var fitting []uintptr
	for _, candidate := range slots {
		info := &ckTokenInfo{}
		if tokenError(m.tokenInfo(candidate, info)) != nil || !fits(at, candidate, info) {
			continue
		}
		fitting = append(fitting, candidate)
		ownPINPad = info.flags&ckfOwnPINPad != 0
	}
	switch len(fitting) {
	case 0:
		return 0, false, fmt.Errorf("%w among %d", ErrTokenAbsent, len(slots))
	case 1:
		return fitting[0], ownPINPad, nil
	default:
		return 0, false, fmt.Errorf("%w: %d tokens", ErrTokenAmbiguous, len(fitting))
	}
}

func fits(at TokenURI, slot uintptr, info *ckTokenInfo) bool {
	const initialised = 0x400
	same := func(wanted string, field []byte) bool { return wanted == "" || wanted == padded(field) }
	return info.flags&initialised != 0 && (at.Slot == nil || *at.Slot == uint64(slot)) &&
		same(at.Token, info.label[:]) && same(at.Manufacturer, info.manufacturer[:]) &&
		same(at.Model, info.model[:]) && same(at.Serial, info.serial[:])
}

func (s session) identity(
	ctx context.Context, at TokenURI, key TokenKey, ownPINPad bool,
) (Identity, *tokenSigner, error) {
	if err := s.logIn(ckuUser, key.PIN, ownPINPad); err != nil {
		return Identity{}, nil, err
	}
	keys, err := s.keys(at)
	if err != nil {
		return Identity{}, nil, err
	}
	certificates, err := s.certificates()
	if err != nil {
		return Identity{}, nil, err
	}
	heap := append(certificates, key.Certificates...)
	if len(heap) == 0 {
		return Identity{}, nil, ErrNoCertificate
	}
	var found []Identity
	for _, handle := range keys {
		if err := ctx.Err(); err != nil {
			return Identity{}, nil, err
		}
		identity, err := s.match(handle, key.PIN, heap)
		if errors.Is(err, ErrKeyMismatch) {
			continue
		}
		if err != nil {
			return Identity{}, nil, err
		}
		found = append(found, identity)
	}
	switch len(found) {
	case 0:
		return Identity{}, nil, ErrKeyMismatch
	case 1:
		signer, _ := found[0].Signer.(*tokenSigner)
		return found[0], signer, nil
	default:
		return Identity{}, nil, fmt.Errorf("%w: %d keys; name object or id", ErrTokenAmbiguous, len(found))
	}
}

// logIn gives the PIN to the token. Without a PIN the token may ask for it on its own keys.
func (s session) logIn(user uintptr, pin string, ownPINPad bool) error {
	if pin == "" && !ownPINPad {
		return fmt.Errorf("%w: %w: none was given", ErrTokenPIN, ErrPassword)
	}
	const alreadyLoggedIn = 0x100
	var first *byte
	secret := []byte(pin)
	defer clear(secret)
	if len(secret) > 0 {
		first = &secret[0]
	}
	rv := s.module.login(s.handle, user, first, uintptr(len(secret)))
	if rv == alreadyLoggedIn {
		return nil
	}
	return tokenError(rv)
}

func (s session) keys(at TokenURI) ([]uintptr, error) {
	template := []ckAttribute{numberAttribute(ckaClass, ckoPrivateKey)}
	if at.Object != "" {
		template = append(template, bytesAttribute(ckaLabel, []byte(at.Object)))
	}
	if len(at.ID) > 0 {
		template = append(template, bytesAttribute(ckaID, at.ID))
	}
	keys, err := s.objects(template)
	switch {
	case err != nil:
		return nil, err
	case len(keys) == 0:
		return nil, ErrNoKey
	case len(keys) > maxTokenKeys:
		return nil, fmt.Errorf("%w: %d keys; name object or id", ErrTokenAmbiguous, len(keys))
	}
	return keys, nil
}

// certificates gives those on the token; what cannot be read as a certificate is passed over.
func (s session) certificates() ([]*x509.Certificate, error) {
	objects, err := s.objects([]ckAttribute{
		numberAttribute(ckaClass, ckoCertificate), numberAttribute(ckaCertificateType, ckcX509),
	})
	if err != nil {
		return nil, err
	}
	var found []*x509.Certificate
	for _, object := range objects {
		der, err := s.attribute(object, ckaValue)
		if err != nil {
			return nil, err
		}
		if certificate, err := x509.ParseCertificate(der); err == nil {
			found = append(found, certificate)
		}
	}
	return found, nil
}

// match finds the certificate of a key. Labels and identifiers on tokens are what somebody typed: the key signs random
// bytes, and the certificate is the one that verifies them. Of several, as after a renewal, it is the youngest.
func (s session) match(key uintptr, pin string, heap []*x509.Certificate) (Identity, error) {
	signer, err := s.signer(key, pin)
	if err != nil {
		return Identity{}, err
	}
	challenge := make([]byte, crypto.SHA256.Size())
	_, _ = rand.Read(challenge) // never fails (crypto/rand)
	var value []byte
	var fitting []*x509.Certificate
	for _, certificate := range heap {
		scheme, err := cms.SchemeFor(certificate.PublicKey, cms.Policy{Hash: crypto.SHA256})
		if err != nil || (scheme.Algorithm == cms.ECDSA) != (signer.kind == ckkEC) {
			continue
		}
		if value == nil {
			if value, err = signer.value(scheme, challenge); err != nil {
				return Identity{}, err
			}
		}
		if _, err := checkValue(certificate.PublicKey, scheme, challenge, value); err == nil {
			fitting = append(fitting, certificate)
		}
	}
	if len(fitting) == 0 {
		return Identity{}, ErrKeyMismatch
	}
	leaf := slices.MaxFunc(fitting, func(a, b *x509.Certificate) int { return a.NotBefore.Compare(b.NotBefore) })
	signer.public = leaf.PublicKey
	return Identity{Signer: signer, Certificate: leaf, Chain: chainAbove(leaf, heap)}, nil
}

func (s session) signer(key uintptr, pin string) (*tokenSigner, error) {
	kind, err := s.attribute(key, ckaKeyType)
	if err != nil {
		return nil, err
	}
	signer := &tokenSigner{session: s, key: key, kind: unavailable}
	if len(kind) == 8 {
		signer.kind = uintptr(binary.NativeEndian.Uint64(kind))
	}
	if signer.kind != ckkRSA && signer.kind != ckkEC {
		return nil, ErrKeyMismatch
	}
	always, err := s.attribute(key, ckaAlwaysAuthenticate)
	if err != nil {
		return nil, err
	}
	if bytes.Equal(always, []byte{1}) {
		signer.always, signer.pin = true, pin
	}
	return signer, nil
}
