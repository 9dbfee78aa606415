package exchange

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Entry is one line of a gateway's log (nhật ký): who did what, when, about which document. Its JSON bytes are a leaf
// of the gateway's Merkle log, written in the same transaction as the act.
type Entry struct {
	Index    int64             `json:"-"`   // given by Records
	At       time.Time         `json:"at"`  // UTC
	Act      string            `json:"act"` // stable, such as document.sealed
	Actor    string            `json:"actor,omitempty"`
	Office   OfficeID          `json:"office,omitempty"`
	Document DocumentID        `json:"document,omitempty"`
	Detail   map[string]string `json:"detail,omitempty"` // digests, numbers, peers; never content
}

// Note writes into the log what an administrator did to the gateway itself, and not to a document.
func (g *Gateway) Note(ctx context.Context, actor Actor, act string, detail map[string]string) error {
	if err := actor.May(ActManage); err != nil {
		return err
	}
	return g.Records.Update(ctx, func(tx Tx) error {
		_, err := tx.AppendLog(ctx, Entry{At: g.now(), Act: act, Actor: actor.Name, Office: actor.Office, Detail: detail})
		return err
	})
}

// Checkpoint gives the size and root of the log, signed by the gateway: a note as of golang.org/x/mod/sumdb/note whose
// text is "congvan/" and the gateway's id, the size, and the root in base64. Who keeps one can prove later that nothing
// before it was changed.
func (g *Gateway) Checkpoint(ctx context.Context) ([]byte, error) {
	var size int64
	var root Digest
	err := g.Records.View(ctx, func(tx Tx) error {
		var err error
		size, root, err = tx.LogHead(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	hash, err := hex.DecodeString(string(root))
	if err != nil {
		return nil, Errorf(Internal, "internal", "root of the log: %w", err)
	}
	signer, err := newNoteKey(g.Node, g.Identity.Certificate)
	if err != nil {
		return nil, err
	}
	signer.signer = g.Identity.Signer
	text := fmt.Sprintf("%s\n%d\n%s\n", signer.name, size, base64.StdEncoding.EncodeToString(hash))
	return note.Sign(&note.Note{Text: text}, signer)
}

// OpenCheckpoint checks a checkpoint of the gateway with one of its certificates, and gives the size and root that it
// states. Error: Untrusted checkpoint.invalid.
func OpenCheckpoint(node NodeID, certificate *x509.Certificate, signed []byte) (size int64, root Digest, err error) {
	key, err := newNoteKey(node, certificate)
	if err != nil {
		return 0, "", err
	}
	opened, err := note.Open(signed, note.VerifierList(key))
	if err != nil {
		return 0, "", Errorf(Untrusted, "checkpoint.invalid", "open: %w", err)
	}
	var origin, encoded string
	if _, err := fmt.Sscanf(opened.Text, "%s\n%d\n%s\n", &origin, &size, &encoded); err != nil || origin != key.name {
		return 0, "", Errorf(Untrusted, "checkpoint.invalid", "text of %q: %v", origin, err)
	}
	hash, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(hash) != sha256.Size || size < 0 {
		return 0, "", Errorf(Untrusted, "checkpoint.invalid", "size %d, root %q", size, encoded)
	}
	return size, Digest(hex.EncodeToString(hash)), nil
}

// noteKey signs and verifies notes with the key of a gateway. It hashes with SHA-256 and writes ECDSA as ASN.1.
type noteKey struct {
	name   string
	hash   uint32
	public *ecdsa.PublicKey
	signer crypto.Signer
}

func newNoteKey(node NodeID, certificate *x509.Certificate) (*noteKey, error) {
	public, ok := certificate.PublicKey.(*ecdsa.PublicKey)
	if !ok {
		return nil, Errorf(Invalid, "checkpoint.key", "the key of %s is %T, not ECDSA", node, certificate.PublicKey)
	}
	sum := sha256.Sum256(certificate.RawSubjectPublicKeyInfo)
	return &noteKey{name: "congvan/" + string(node), hash: binary.BigEndian.Uint32(sum[:4]), public: public}, nil
}

// Name is the name in the signature line.
func (k *noteKey) Name() string { return k.name }

// KeyHash is the first four bytes of the SHA-256 of the public key.
func (k *noteKey) KeyHash() uint32 { return k.hash }

// Sign signs the text of a note.
func (k *noteKey) Sign(message []byte) ([]byte, error) {
	sum := sha256.Sum256(message)
	return k.signer.Sign(rand.Reader, sum[:], crypto.SHA256)
}

// Verify checks a signature of the text of a note.
func (k *noteKey) Verify(message, signature []byte) bool {
	sum := sha256.Sum256(message)
	return ecdsa.VerifyASN1(k.public, sum[:], signature)
}
