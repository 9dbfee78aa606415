package certs

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"congvan/certs/cms"
)

// What can be wrong with a key that lives in a token (PKCS #11). Callers compare with errors.Is.
var (
	// ErrNoTokenSupport means that this program was built without support for tokens (build tag pkcs11).
	ErrNoTokenSupport = errors.New("this program was built without support for tokens")
	// ErrTokenURI means that the text is no pkcs11: address, or one that asks for what is not supported.
	ErrTokenURI = errors.New("unusable pkcs11 address")
	// ErrTokenModule means that the module of the token's maker cannot be loaded or started.
	ErrTokenModule = errors.New("the PKCS #11 module cannot be used")
	// ErrTokenAbsent means that no token that is plugged in fits the address.
	ErrTokenAbsent = errors.New("no such token is present")
	// ErrTokenAmbiguous means that several tokens or keys fit the address.
	ErrTokenAmbiguous = errors.New("several tokens or keys fit the address")
	// ErrTokenPIN means that the PIN is wrong or missing; such an error is [ErrPassword] too. Tokens lock after a few.
	ErrTokenPIN = errors.New("wrong PIN")
	// ErrTokenLocked means that the PIN is locked, and must be unlocked with the tools of the token's maker.
	ErrTokenLocked = errors.New("the PIN is locked")
	// ErrTokenGone means that the token was pulled out or reset since it was opened: open it again, with the PIN.
	ErrTokenGone = errors.New("the token was removed or closed")
	// ErrTokenFault means that the token or its module reported something else, which the message names.
	ErrTokenFault = errors.New("the token reports a fault")
	// ErrSignatureValue means that a token or a service gave a signature that its certificate does not verify.
	ErrSignatureValue = errors.New("the signature is not by the key of the certificate")
)

// TokenKey says which key of which token is to be opened.
type TokenKey struct {
	URI string // RFC 7512, with module-path: pkcs11:token=…;object=…?module-path=/usr/lib/….so
	PIN string // empty: the token asks for it itself, when it has keys of its own to type it
	// Certificates are searched beside those on the token, for tokens that hold only keys.
	Certificates []*x509.Certificate
}

// OpenToken opens a key in a token for one use of the program. The PIN is not kept, unless the token demands it for
// each signature. The identity's Signer is an [io.Closer], which logs out and must be closed; it may be used by
// several goroutines, which take turns. The context is looked at before each step: a step itself cannot be broken off.
// For several keys use one [Tokens]. The errors are those of this file, [ErrNoKey], [ErrNoCertificate] and
// [ErrKeyMismatch].
func OpenToken(ctx context.Context, uri, pin string) (Identity, error) {
	var tokens Tokens
	return tokens.Open(ctx, TokenKey{URI: uri, PIN: pin})
}

// valueScheme names the scheme that a [crypto.Signer] is asked for by its options, so that the value can be verified
// before it is given away. Only what may make new signatures is taken.
func valueScheme(public crypto.PublicKey, digest []byte, options crypto.SignerOpts) (cms.Scheme, error) {
	scheme := cms.Scheme{Hash: options.HashFunc()}
	switch public.(type) {
	case *rsa.PublicKey:
		scheme.Algorithm = cms.RSAPKCS1
		if pss, ok := options.(*rsa.PSSOptions); ok {
			scheme.Algorithm, scheme.SaltLen = cms.RSAPSS, pss.SaltLength
			if pss.SaltLength == rsa.PSSSaltLengthEqualsHash {
				scheme.SaltLen = scheme.Hash.Size()
			}
		}
	case *ecdsa.PublicKey:
		scheme.Algorithm = cms.ECDSA
	default:
		return cms.Scheme{}, fmt.Errorf("%w: key %T", cms.ErrUnsupported, public)
	}
	if !slices.Contains([]crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512}, scheme.Hash) {
		return cms.Scheme{}, fmt.Errorf("%w: hash %d", cms.ErrUnsupported, scheme.Hash)
	}
	if len(digest) != scheme.Hash.Size() || scheme.SaltLen < 0 || scheme.Algorithm == cms.RSAPSS && scheme.SaltLen == 0 {
		return cms.Scheme{}, fmt.Errorf("%w: %v of %d bytes", cms.ErrUnsupported, scheme, len(digest))
	}
	return scheme, nil
}

// checkValue gives the value in the form that Go uses, once the public key has verified it. ECDSA values come as the
// two numbers side by side from tokens, and as ASN.1 or so from services.
func checkValue(public crypto.PublicKey, scheme cms.Scheme, digest, value []byte) ([]byte, error) {
	err := scheme.VerifyInput(public, digest, value)
	if err == nil {
		return value, nil
	}
	if key, ok := public.(*ecdsa.PublicKey); ok {
		plain := plainToASN1(key, value)
		if plain != nil && scheme.VerifyInput(public, digest, plain) == nil {
			return plain, nil
		}
	}
	return nil, fmt.Errorf("%w: %w", ErrSignatureValue, err)
}

// plainToASN1 gives the ASN.1 of an ECDSA value r‖s; nil when the length is another.
func plainToASN1(key *ecdsa.PublicKey, value []byte) []byte {
	size := (key.Params().N.BitLen() + 7) / 8
	if len(value) != 2*size {
		return nil
	}
	der, err := asn1.Marshal(struct{ R, S *big.Int }{
		new(big.Int).SetBytes(value[:size]), new(big.Int).SetBytes(value[size:]),
	})
	if err != nil {
		return nil
	}
	return der
}
