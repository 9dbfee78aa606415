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
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"congvan/certs"
)

// Endorsement (xác nhận nhật ký) is a checkpoint of this gateway's log with what others say of it: neighbours have
// signed it too, after they had checked that it extends what they had signed before, and an authority has stamped its
// time. Nothing before it can be changed unnoticed.
type Endorsement struct {
	Size  int64     // of the log
	Note  []byte    // the checkpoint, signed by this gateway and its witnesses; see [OpenWitnessed]
	Stamp []byte    // an RFC 3161 token over the SHA-256 of Note; empty when none could be had
	At    time.Time // when it was made, UTC
}

// Witnessed is the last checkpoint of another gateway's log that this gateway has signed as its witness.
type Witnessed struct {
	Size int64
	Root Digest
	Note []byte    // as the other gateway had signed it
	At   time.Time // when it was shown, UTC
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
	return SignCheckpoint(g.Node, g.Identity, size, root)
}

// SignCheckpoint signs the size and root of a log as its origin, as [Gateway.Checkpoint] does for the gateway's own;
// [OpenCheckpoint] checks it. A log that is not a gateway's has an origin with a slash in it, which no gateway has.
func SignCheckpoint(origin NodeID, identity certs.Identity, size int64, root Digest) ([]byte, error) {
	hash, err := hex.DecodeString(string(root))
	if err != nil {
		return nil, Errorf(Internal, "internal", "root of the log: %w", err)
	}
	signer, err := newNoteKey(origin, identity.Certificate)
	if err != nil {
		return nil, err
	}
	signer.signer = identity.Signer
	text := fmt.Sprintf("%s\n%d\n%s\n", signer.name, size, base64.StdEncoding.EncodeToString(hash))
	return note.Sign(&note.Note{Text: text}, signer)
}

// Countersign adds this gateway's signature, as a witness, to a checkpoint of another gateway that it has checked.
func (g *Gateway) Countersign(origin NodeID, certificate *x509.Certificate, signed []byte) ([]byte, error) {
	key, err := newNoteKey(origin, certificate)
	if err != nil {
		return nil, err
	}
	opened, err := note.Open(signed, note.VerifierList(key))
	if err != nil {
		return nil, Errorf(Untrusted, "checkpoint.invalid", "open: %w", err)
	}
	signer, err := newNoteKey(g.Node, g.Identity.Certificate)
	if err != nil {
		return nil, err
	}
	signer.signer = g.Identity.Signer
	return note.Sign(&note.Note{Text: opened.Text, Sigs: opened.Sigs}, signer)
}

// Head is what a checkpoint states, and the other gateways that have signed it.
type Head struct {
	Size      int64
	Root      Digest
	Witnesses []NodeID
}

// OpenWitnessed checks the signatures on a checkpoint of the gateway, and gives the size and root that it states and
// the other gateways that have signed it. Signatures of gateways that are not among the nodes do not count; a wrong one
// of a node that is makes it all void. Error: Untrusted checkpoint.invalid.
func OpenWitnessed(nodes []Node, origin NodeID, signed []byte) (Head, error) {
	var keys []note.Verifier
	for _, node := range nodes {
		for _, der := range node.Certificates {
			certificate, err := x509.ParseCertificate(der)
			if err != nil {
				return Head{}, Errorf(Untrusted, "checkpoint.invalid", "certificate of %s: %w", node.ID, err)
			}
			if key, err := newNoteKey(node.ID, certificate); err == nil { // else it cannot have signed
				keys = append(keys, key)
			}
		}
	}
	opened, err := note.Open(signed, note.VerifierList(keys...))
	if err != nil {
		return Head{}, Errorf(Untrusted, "checkpoint.invalid", "open: %w", err)
	}
	var head Head
	own := false
	for _, signature := range opened.Sigs {
		if node := NodeID(strings.TrimPrefix(signature.Name, noteOrigin)); node == origin {
			own = true
		} else {
			head.Witnesses = append(head.Witnesses, node)
		}
	}
	if !own {
		return Head{}, Errorf(Untrusted, "checkpoint.invalid", "not signed by %s", origin)
	}
	head.Size, head.Root, err = readCheckpoint(opened.Text, noteOrigin+string(origin))
	return head, err
}

// MergeNotes puts the signatures of several copies of one checkpoint under one text; a copy with another text is left
// out. Nothing is checked: see [OpenWitnessed].
func MergeNotes(first []byte, others ...[]byte) []byte {
	text, signatures, found := strings.Cut(string(first), "\n\n")
	if !found {
		return first
	}
	for _, other := range others {
		otherText, lines, found := strings.Cut(string(other), "\n\n")
		if !found || otherText != text {
			continue
		}
		for line := range strings.Lines(lines) {
			if !strings.Contains(signatures, line) {
				signatures += line
			}
		}
	}
	return []byte(text + "\n\n" + signatures)
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
	return readCheckpoint(opened.Text, key.name)
}

func readCheckpoint(text, want string) (size int64, root Digest, err error) {
	var origin, encoded string
	if _, err := fmt.Sscanf(text, "%s\n%d\n%s\n", &origin, &size, &encoded); err != nil || origin != want {
		return 0, "", Errorf(Untrusted, "checkpoint.invalid", "text of %q: %v", origin, err)
	}
	hash, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(hash) != sha256.Size || size < 0 {
		return 0, "", Errorf(Untrusted, "checkpoint.invalid", "size %d, root %q", size, encoded)
	}
	return size, Digest(hex.EncodeToString(hash)), nil
}

// noteOrigin is what the names in checkpoints begin with.
const noteOrigin = "congvan/"

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
	return &noteKey{name: noteOrigin + string(node), hash: binary.BigEndian.Uint32(sum[:4]), public: public}, nil
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
