//go:build pkcs11 && (linux || darwin) && (amd64 || arm64)

package certs

import (
	"crypto"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync"
	"unsafe"

	"congvan/certs/cms"
)

// tokenSigner is a key in a token that is logged in. Its private half never leaves the token.
type tokenSigner struct {
	mutex   sync.Mutex // guards session, which does one thing at a time, and closed
	session session
	closed  bool

	key     uintptr
	kind    uintptr // CKK_RSA or CKK_EC
	public  crypto.PublicKey
	always  bool   // the token wants the PIN for each signature (CKA_ALWAYS_AUTHENTICATE)
	pin     string // only when always
	release func() error
}

// maxSignatureValue is the longest value that a token may give: of RSA with 16384 bits.
const maxSignatureValue = 2048

// tokenHash is what a token must be told of a hash.
type tokenHash struct {
	prefix    string // DigestInfo of RFC 8017, 9.2, up to the digest, in hex: tokens sign what they are given
	hash, mgf uintptr
}

var tokenHashes = map[crypto.Hash]tokenHash{
	crypto.SHA256: {"3031300d060960864801650304020105000420", 0x250, 2},
	crypto.SHA384: {"3041300d060960864801650304020205000430", 0x260, 3},
	crypto.SHA512: {"3051300d060960864801650304020305000440", 0x270, 4},
}

// Public gives the key of the certificate.
func (t *tokenSigner) Public() crypto.PublicKey { return t.public }

// Sign lets the token sign a digest, and gives the value once it has been verified against the certificate's key.
func (t *tokenSigner) Sign(_ io.Reader, digest []byte, options crypto.SignerOpts) ([]byte, error) {
	scheme, err := valueScheme(t.public, digest, options)
	if err != nil {
		return nil, fmt.Errorf("sign with token: %w", err)
	}
	value, err := t.value(scheme, digest)
	if err != nil {
		return nil, fmt.Errorf("sign with token: %w", err)
	}
	value, err = checkValue(t.public, scheme, digest, value)
	if err != nil {
		return nil, fmt.Errorf("sign with token: %w", err)
	}
	return value, nil
}

// value gives what the token makes of a digest.
func (t *tokenSigner) value(scheme cms.Scheme, digest []byte) ([]byte, error) {
	mechanism, input, err := mechanismFor(scheme, digest)
	if err != nil {
		return nil, err
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.closed {
		return nil, ErrTokenGone
	}
	module := t.session.module
	if err := tokenError(module.signInit(t.session.handle, mechanism, t.key)); err != nil {
		return nil, err
	}
	if t.always {
		if err := t.session.logIn(ckuContextSpecific, t.pin, t.pin == ""); err != nil {
			return nil, err
		}
	}
	value := make([]byte, maxSignatureValue)
	room := uintptr(len(value))
	if err := tokenError(module.sign(t.session.handle, &input[0], uintptr(len(input)), &value[0], &room)); err != nil {
		return nil, err
	}
	return value[:min(int(room), len(value))], nil
}

func mechanismFor(scheme cms.Scheme, digest []byte) (*ckMechanism, []byte, error) {
	known, ok := tokenHashes[scheme.Hash]
	if !ok {
		return nil, nil, fmt.Errorf("%w: hash %d", cms.ErrUnsupported, scheme.Hash)
	}
	switch scheme.Algorithm {
	case cms.ECDSA:
		return &ckMechanism{kind: ckmECDSA}, digest, nil
	case cms.RSAPKCS1:
		prefix, err := hex.DecodeString(known.prefix)
		return &ckMechanism{kind: ckmRSAPKCS}, append(prefix, digest...), err
	case cms.RSAPSS:
		parameter := &ckPSS{known.hash, known.mgf, uintptr(scheme.SaltLen)}
		pointer := unsafe.Pointer(parameter) //nolint:gosec // PKCS #11 takes parameters by address
		return &ckMechanism{ckmRSAPSS, pointer, unsafe.Sizeof(*parameter)}, digest, nil
	case cms.UnknownAlgorithm, cms.DSA, cms.Ed25519, cms.Ed448:
	}
	return nil, nil, fmt.Errorf("%w: %v", cms.ErrUnsupported, scheme)
}

// Close ends the session, which logs out when it was the last. May be called twice.
func (t *tokenSigner) Close() error {
	t.mutex.Lock()
	closed := t.closed
	t.closed, t.pin = true, ""
	var err error
	if !closed {
		err = tokenError(t.session.module.closeSession(t.session.handle))
	}
	t.mutex.Unlock()
	if closed {
		return nil
	}
	if errors.Is(err, ErrTokenGone) {
		err = nil // what is gone needs no closing
	}
	if err = errors.Join(err, t.release()); err != nil {
		return fmt.Errorf("close token: %w", err)
	}
	return nil
}
