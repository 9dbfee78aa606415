package certs

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"

	"software.sslmate.com/src/go-pkcs12"
)

// What can be wrong with a key that is opened. Callers compare with errors.Is.
var (
	// ErrPassword means that the password is wrong, or that one is needed and was not given.
	ErrPassword = errors.New("wrong password")
	// ErrNoKey means that there is no private key in what was given.
	ErrNoKey = errors.New("no private key")
	// ErrNoCertificate means that there is no certificate in what was given.
	ErrNoCertificate = errors.New("no certificate")
	// ErrKeyMismatch means that no certificate belongs to the private key.
	ErrKeyMismatch = errors.New("no certificate belongs to the private key")
	// ErrUnreadable means that the bytes are damaged, too large or of a kind this program cannot read.
	ErrUnreadable = errors.New("unreadable key or certificate")
)

// maxKeyFile is the largest key file that is opened, in bytes.
const maxKeyFile = 1 << 20

// OpenIdentity opens a key of any kind that is kept in a file: a container made by [SealKey], PEM or PKCS#12.
func OpenIdentity(data []byte, password string) (Identity, error) {
	switch {
	case isSealed(data):
		return OpenSealedKey(data, []byte(password))
	case bytes.Contains(data, []byte("-----BEGIN ")):
		return OpenPEM(data, password)
	default:
		return OpenPKCS12(data, password)
	}
}

// OpenPKCS12 opens a PKCS#12 file (.p12, .pfx), those of today (AES, SHA-2) and of old (3DES, RC2, SHA-1). The
// certificate is the one that belongs to the key, wherever it stands in the file; the chain is put in order. The errors
// are ErrPassword, ErrNoKey, ErrNoCertificate, ErrKeyMismatch and ErrUnreadable.
func OpenPKCS12(data []byte, password string) (identity Identity, err error) {
	defer catch(&err)
	if len(data) > maxKeyFile {
		return Identity{}, fmt.Errorf("open PKCS#12: %d bytes: %w", len(data), ErrUnreadable)
	}
	key, first, others, err := pkcs12.DecodeChain(data, password)
	if err != nil {
		return Identity{}, fmt.Errorf("open PKCS#12: %w", pkcs12Error(err))
	}
	return assemble(key, append([]*x509.Certificate{first}, others...))
}

// pkcs12Error names what the library reports; it has no errors of its own for a missing key or certificate.
func pkcs12Error(err error) error {
	switch {
	case errors.Is(err, pkcs12.ErrIncorrectPassword), errors.Is(err, pkcs12.ErrDecryption):
		return ErrPassword
	case err.Error() == "pkcs12: private key missing":
		return ErrNoKey
	case err.Error() == "pkcs12: certificate missing":
		return ErrNoCertificate
	default:
		return fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
}

// assemble makes an identity of a key and a heap of certificates.
func assemble(key any, heap []*x509.Certificate) (Identity, error) {
	signer, ok := key.(crypto.Signer)
	if !ok {
		return Identity{}, fmt.Errorf("a key of type %T cannot sign: %w", key, ErrUnreadable)
	}
	if len(heap) == 0 {
		return Identity{}, ErrNoCertificate
	}
	index := slices.IndexFunc(heap, func(certificate *x509.Certificate) bool { return belongs(certificate, signer) })
	if index < 0 {
		return Identity{}, ErrKeyMismatch
	}
	leaf := heap[index]
	return Identity{Signer: signer, Certificate: leaf, Chain: chainAbove(leaf, heap)}, nil
}

// belongs says whether the certificate names the signer's public key.
func belongs(certificate *x509.Certificate, signer crypto.Signer) bool {
	public, ok := certificate.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	return ok && public.Equal(signer.Public())
}

// chainAbove puts in order those certificates of the heap that stand above the leaf: its issuer first. Certificates
// that do not belong to the chain are left out.
func chainAbove(leaf *x509.Certificate, heap []*x509.Certificate) []*x509.Certificate {
	var chain []*x509.Certificate
	path := []*x509.Certificate{leaf}
	for last := leaf; len(path) < maxPathLength; last = path[len(path)-1] {
		index := slices.IndexFunc(heap, func(candidate *x509.Certificate) bool {
			return sameName(candidate.RawSubject, last.RawIssuer) && !onPath(path, candidate) &&
				signedBy(last, candidate) == nil
		})
		if index < 0 {
			break
		}
		path = append(path, heap[index])
		chain = append(chain, heap[index])
	}
	return chain
}

// catch turns a panic of a library that met damaged bytes into ErrUnreadable.
func catch(err *error) {
	if reason := recover(); reason != nil {
		*err = fmt.Errorf("%w: %v", ErrUnreadable, reason)
	}
}
