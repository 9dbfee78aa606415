package certs

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/youmark/pkcs8"
)

// maxKDFWork bounds what opening an encrypted key may cost: iterations of PBKDF2, bytes of memory of scrypt.
const (
	maxKDFIterations = 10_000_000
	maxKDFMemory     = 256 << 20
)

// OpenPEM opens a key and its certificates from PEM: both in one input, or the certificates and the key in two. The key
// may be plain or encrypted PKCS#8, PKCS#1 or SEC 1, also encrypted in the manner of RFC 1423. The errors are those of
// [OpenPKCS12].
func OpenPEM(data []byte, password string, more ...[]byte) (identity Identity, err error) {
	defer catch(&err)
	var heap []*x509.Certificate
	var keys []any
	for _, input := range append([][]byte{data}, more...) {
		if len(input) > maxKeyFile {
			return Identity{}, fmt.Errorf("open PEM: %d bytes: %w", len(input), ErrUnreadable)
		}
		for block, rest := pem.Decode(input); block != nil; block, rest = pem.Decode(rest) {
			key, certificate, err := openBlock(block, password)
			if err != nil {
				return Identity{}, fmt.Errorf("open PEM: %s: %w", block.Type, err)
			}
			if key != nil {
				keys = append(keys, key)
			}
			if certificate != nil {
				heap = append(heap, certificate)
			}
		}
	}
	return firstThatFits(keys, heap)
}

func firstThatFits(keys []any, heap []*x509.Certificate) (Identity, error) {
	err := fmt.Errorf("open PEM: %w", ErrNoKey)
	for _, key := range keys {
		var identity Identity
		if identity, err = assemble(key, heap); err == nil {
			return identity, nil
		}
	}
	return Identity{}, err
}

// openBlock reads one PEM block: a key, a certificate, or neither when it is something else.
func openBlock(block *pem.Block, password string) (key any, certificate *x509.Certificate, err error) {
	der := block.Bytes
	switch block.Type {
	case "CERTIFICATE", "X509 CERTIFICATE":
		certificate, err = x509.ParseCertificate(der)
		return nil, certificate, unreadable(err)
	case "ENCRYPTED PRIVATE KEY":
		key, err = openPKCS8(der, password)
		return key, nil, err
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(der)
		return key, nil, unreadable(err)
	case "RSA PRIVATE KEY", "EC PRIVATE KEY":
		key, err = openClassic(block, password)
		return key, nil, err
	default:
		return nil, nil, nil
	}
}

func unreadable(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrUnreadable, err)
}

// openClassic reads PKCS#1 and SEC 1 keys, which OpenSSL of old wrote, encrypted or not.
func openClassic(block *pem.Block, password string) (any, error) {
	der := block.Bytes
	encrypted := x509.IsEncryptedPEMBlock(block) //nolint:staticcheck // RFC 1423 is weak, but such files are in use
	if encrypted {
		var err error
		//nolint:staticcheck // as above
		if der, err = x509.DecryptPEMBlock(block, []byte(password)); err != nil {
			return nil, classicError(err)
		}
	}
	key, err := parseClassic(block.Type, der)
	if err != nil && encrypted {
		return nil, ErrPassword // the padding of a wrong password looks right once in 256 times
	}
	return key, unreadable(err)
}

func classicError(err error) error {
	if errors.Is(err, x509.IncorrectPasswordError) {
		return ErrPassword
	}
	return unreadable(err)
}

func parseClassic(kind string, der []byte) (any, error) {
	if kind == "EC PRIVATE KEY" {
		return x509.ParseECPrivateKey(der)
	}
	return x509.ParsePKCS1PrivateKey(der)
}

func openPKCS8(der []byte, password string) (any, error) {
	if err := affordable(der); err != nil {
		return nil, err
	}
	if password == "" {
		return nil, ErrPassword
	}
	key, err := pkcs8.ParsePKCS8PrivateKey(der, []byte(password))
	switch {
	case err == nil:
		return key, nil
	case err.Error() == "pkcs8: incorrect password":
		return nil, ErrPassword
	default:
		return nil, unreadable(err)
	}
}

// The parameters of PBES2 (RFC 8018, appendix A.4).
type encryptedKey struct {
	Algorithm struct {
		Algorithm asn1.ObjectIdentifier
		Scheme    struct {
			Derivation pkix.AlgorithmIdentifier
			Encryption pkix.AlgorithmIdentifier
		}
	}
	Data []byte
}

type scryptCost struct {
	Salt                []byte
	Cost, Block, Degree int
	KeyLength           int `asn1:"optional"`
}

type pbkdf2Cost struct {
	Salt       asn1.RawValue
	Iterations int
	KeyLength  int                      `asn1:"optional"`
	Function   pkix.AlgorithmIdentifier `asn1:"optional"`
}

// affordable refuses key files whose password derivation would take the machine down.
func affordable(der []byte) error {
	var outer encryptedKey
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		return unreadable(err)
	}
	if len(outer.Data) == 0 || len(outer.Data)%8 != 0 {
		return fmt.Errorf("%w: encrypted data of %d bytes", ErrUnreadable, len(outer.Data))
	}
	parameters := outer.Algorithm.Scheme.Derivation.Parameters.FullBytes
	var scrypt scryptCost
	if _, err := asn1.Unmarshal(parameters, &scrypt); err == nil && scrypt.Block > 0 {
		if scrypt.Cost > maxKDFMemory/128 || scrypt.Block > 64 || scrypt.Degree > 64 ||
			scrypt.Cost*scrypt.Block > maxKDFMemory/128 {
			return fmt.Errorf("%w: scrypt is too costly", ErrUnreadable)
		}
		return nil
	}
	var pbkdf2 pbkdf2Cost
	if _, err := asn1.Unmarshal(parameters, &pbkdf2); err != nil {
		return unreadable(err)
	}
	if pbkdf2.Iterations > maxKDFIterations {
		return fmt.Errorf("%w: %d iterations of PBKDF2", ErrUnreadable, pbkdf2.Iterations)
	}
	return nil
}

// EncodePEM gives the certificates as PEM, in the order given.
func EncodePEM(certificates ...*x509.Certificate) []byte {
	var encoded bytes.Buffer
	for _, certificate := range certificates {
		block := &pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw}
		_ = pem.Encode(&encoded, block) // a bytes.Buffer takes everything
	}
	return encoded.Bytes()
}
