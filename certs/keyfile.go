package certs

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/crypto/argon2"
)

// ErrNotExportable means that the key lives in a token or a service and cannot be sealed into a file.
var ErrNotExportable = errors.New("the key cannot leave where it lives")

// sealedType is the PEM type of a sealed key file.
const sealedType = "CONGVAN SEALED KEY"

// sealHead stands in front of the ciphertext and is authenticated with it, so that nobody can make it cheaper.
type sealHead struct {
	Version uint8
	Passes  uint32 // of Argon2id
	Memory  uint32 // of Argon2id, in KiB
	Threads uint8
	Salt    [16]byte
	Nonce   [12]byte
}

const (
	sealVersion   = 1
	sealPasses    = 4
	sealMemory    = 32 << 10 // KiB: with sealPasses about a tenth of a second
	sealThreads   = 1
	mostPasses    = 64
	mostMemory    = 256 << 10 // KiB
	sealKeyLength = 32
)

// sealedContent is what is encrypted.
type sealedContent struct {
	Key          []byte   // PKCS#8
	Certificates [][]byte // leaf first
}

// SealKey gives a file that holds the identity's key and certificates, encrypted under the secret (Argon2id and
// AES-256-GCM). Two calls never give the same bytes. ErrNotExportable comes back for a key of a token or a service.
func SealKey(identity Identity, secret []byte) ([]byte, error) {
	key, err := x509.MarshalPKCS8PrivateKey(identity.Signer)
	if err != nil {
		return nil, fmt.Errorf("seal key: %w: %w", ErrNotExportable, err)
	}
	if identity.Certificate == nil || !belongs(identity.Certificate, identity.Signer) {
		return nil, fmt.Errorf("seal key: %w", ErrKeyMismatch)
	}
	content := sealedContent{Key: key, Certificates: [][]byte{identity.Certificate.Raw}}
	for _, certificate := range identity.Chain {
		content.Certificates = append(content.Certificates, certificate.Raw)
	}
	plain, err := asn1.Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("seal key: %w", err)
	}
	defer clear(plain)
	defer clear(key)
	head := sealHead{Version: sealVersion, Passes: sealPasses, Memory: sealMemory, Threads: sealThreads}
	_, _ = rand.Read(head.Salt[:])  // never fails (crypto/rand)
	_, _ = rand.Read(head.Nonce[:]) // likewise
	aead, err := head.cipher(secret)
	if err != nil {
		return nil, fmt.Errorf("seal key: %w", err)
	}
	encoded := head.encode()
	sealed := aead.Seal(bytes.Clone(encoded), head.Nonce[:], plain, encoded)
	return pem.EncodeToMemory(&pem.Block{Type: sealedType, Bytes: sealed}), nil
}

// OpenSealedKey opens a file made by [SealKey]. A wrong secret and a file that was tampered with are both ErrPassword:
// they cannot be told apart. Anything else that is wrong is ErrUnreadable.
func OpenSealedKey(data, secret []byte) (Identity, error) {
	head, sealed, err := readSealed(data)
	if err != nil {
		return Identity{}, fmt.Errorf("open sealed key: %w", err)
	}
	aead, err := head.cipher(secret)
	if err != nil {
		return Identity{}, fmt.Errorf("open sealed key: %w", err)
	}
	plain, err := aead.Open(nil, head.Nonce[:], sealed, head.encode())
	if err != nil {
		return Identity{}, fmt.Errorf("open sealed key: %w", ErrPassword)
	}
	defer clear(plain)
	identity, err := openContent(plain)
	if err != nil {
		return Identity{}, fmt.Errorf("open sealed key: %w", err)
	}
	return identity, nil
}

func isSealed(data []byte) bool {
	return bytes.Contains(data, []byte("-----BEGIN "+sealedType+"-----"))
}

func readSealed(data []byte) (head sealHead, sealed []byte, err error) {
	if len(data) > maxKeyFile {
		return head, nil, ErrUnreadable
	}
	block, _ := pem.Decode(data)
	if block == nil || block.Type != sealedType {
		return head, nil, fmt.Errorf("%w: not a sealed key", ErrUnreadable)
	}
	reader := bytes.NewReader(block.Bytes)
	if err := binary.Read(reader, binary.BigEndian, &head); err != nil {
		return head, nil, fmt.Errorf("%w: cut short", ErrUnreadable)
	}
	if head.Version != sealVersion {
		return head, nil, fmt.Errorf("%w: version %d", ErrUnreadable, head.Version)
	}
	tooMuch := head.Passes > mostPasses || head.Memory > mostMemory
	if tooMuch || head.Passes == 0 || head.Memory == 0 || head.Threads == 0 {
		return head, nil, fmt.Errorf("%w: Argon2id parameters out of bounds", ErrUnreadable)
	}
	return head, block.Bytes[len(block.Bytes)-reader.Len():], nil
}

func (h sealHead) encode() []byte {
	encoded, err := binary.Append(nil, binary.BigEndian, h)
	if err != nil {
		panic("sealHead has a field without fixed size") // a broken program, not input
	}
	return encoded
}

func (h sealHead) cipher(secret []byte) (cipher.AEAD, error) {
	key := argon2.IDKey(secret, h.Salt[:], h.Passes, h.Memory, h.Threads, sealKeyLength)
	defer clear(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func openContent(plain []byte) (Identity, error) {
	var content sealedContent
	if _, err := asn1.Unmarshal(plain, &content); err != nil {
		return Identity{}, unreadable(err)
	}
	key, err := x509.ParsePKCS8PrivateKey(content.Key)
	if err != nil {
		return Identity{}, unreadable(err)
	}
	heap := make([]*x509.Certificate, 0, len(content.Certificates))
	for _, der := range content.Certificates {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return Identity{}, unreadable(err)
		}
		heap = append(heap, certificate)
	}
	return assemble(key, heap)
}

// WriteKeyFile writes a key file that only its owner may read (0600). It is durable on return, and a crash leaves
// either the old file or the new one whole. May be called twice.
func WriteKeyFile(path string, data []byte) error {
	folder := filepath.Dir(path)
	file, err := os.CreateTemp(folder, "."+filepath.Base(path)+".*") // 0600 by contract of CreateTemp
	if err != nil {
		return fmt.Errorf("write key file %s: %w", path, err)
	}
	defer os.Remove(file.Name()) //nolint:errcheck // gone already when all went well
	_, err = file.Write(data)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err == nil {
		err = syncFolder(folder)
	}
	if err != nil {
		return fmt.Errorf("write key file %s: %w", path, err)
	}
	return nil
}

func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil // folders cannot be synchronised there, and need not be
	}
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
